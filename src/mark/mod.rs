//! Sentences that can be worded in two ways.

pub mod lists;
