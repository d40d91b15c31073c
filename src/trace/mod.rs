//! From a leak to the copy that it matches, with exact odds; and what one copy reads.
//!
//! [`evidence`] is what a leak shows of a course: a function of the leak and the lessons. [`commit`] fixes it together with the list of
//! [`copies`]; [`budget`] counts the run. Only then [`verdict`] computes codewords, and [`report`] says what became of it.
//! [`copy`] is the other direction: the wording that one order was given.

pub mod budget;
pub mod commit;
pub mod copies;
pub mod copy;
pub mod evidence;
pub mod plain;
pub mod report;
pub mod verdict;

pub use commit::Inputs;
pub use copies::Copies;
pub use copy::Copy;
pub use evidence::{Evidence, KeyKind, KeyReading, Reading};
pub use report::Report;
pub use verdict::Verdict;

#[cfg(test)]
mod tests;
