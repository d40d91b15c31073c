//! From a leak to the copy that it matches, with exact odds; and what one copy reads.
//!
//! [`Leak::read`] takes markup and other wrappings away ([`unwrap`]) and finds what could be keys. [`Examiner`] says what is left of the marks of each course: [`fold`] makes
//! letters of text ([`look`] knows which look alike), [`locate`] finds where a sentence stands, [`lattice`] holds it in all its wordings against that place, [`keys`] knows
//! leaked keys. [`evidence`] is a function of leak and lessons, and no copy is looked at before it is fixed: [`commit`] fixes it together
//! with the list of [`copies`]; [`budget`] counts the run. Only then [`verdict`] computes codewords, and [`report`] says what became of it.
//! [`copy`] is the other direction: the wording that one order was given.

pub mod budget;
pub mod commit;
pub mod copies;
pub mod copy;
pub mod evidence;
pub mod fold;
pub mod keys;
pub mod lattice;
pub mod leak;
pub mod locate;
pub mod look;
pub mod plain;
pub mod report;
pub mod unwrap;
pub mod verdict;

mod extract;

pub use commit::Inputs;
pub use copies::Copies;
pub use copy::Copy;
pub use evidence::{Evidence, KeyKind, KeyReading, Reading};
pub use extract::{Examiner, edition_digest};
pub use leak::{Leak, LeakError, LeakFile};
pub use report::Report;
pub use verdict::Verdict;

#[cfg(test)]
mod tests;
