//! From a leak to the copy that it matches, with exact odds; and what one copy reads.
//!
//! [`evidence`] is what a leak shows of a course: a function of the leak and the lessons. No copy is looked at before it is fixed.
//! [`copy`] is the other direction: the wording that one order was given.

pub mod copies;
pub mod copy;
pub mod evidence;
pub mod plain;

pub use copies::Copies;
pub use copy::Copy;
pub use evidence::{Evidence, KeyKind, KeyReading, Reading};
