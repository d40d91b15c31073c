//! Lists and segmenter under one number, so that a better list never re-cuts a course that is sold.

use std::ops::Range;

use super::lists::{List, Lists};
use super::segment;

/// The number that a course gets at its first build with marks.
pub const NEWEST: u32 = 1;

/// Cuts flat text into sentences; never inside the ranges.
type Segmenter = fn(&str, &[Range<usize>]) -> Vec<Range<usize>>;

/// Lists and segmenter of one number.
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    /// The number.
    pub number: u32,
    lists: &'static Lists,
    pub(super) segment: Segmenter,
}

impl Rules {
    /// The rules of that number, if this version knows them. Old numbers stay.
    #[must_use]
    pub fn of(number: u32) -> Option<Self> {
        Self::with(Lists::shipped(), number)
    }

    /// The rules of that number with other lists.
    #[must_use]
    pub fn with(lists: &'static Lists, number: u32) -> Option<Self> {
        lists.iter().any(|list| list.rules() == number).then_some(Self { number, lists, segment: segment::sentences })
    }

    /// The list for text in that language.
    #[must_use]
    pub fn list(&self, language: &str) -> Option<&'static List> {
        self.lists.of(language, self.number)
    }
}
