//! From a leak to the copy that it matches, with exact odds.
//!
//! [`evidence`] is what a leak shows of a course: a function of the leak and the lessons. No copy is looked at before it is fixed.

pub mod evidence;

pub use evidence::{Evidence, KeyKind, KeyReading, Reading};
