//! Sentences that can be worded in two ways: the tree of a passage with its marked sentences.
//!
//! [`weave()`] finds sentences and their carriers (declared by the author, lexical from a list, typographic) and puts both into the tree;
//! [`settle()`] takes the carriers out of sentences that have to be alike for everybody. Which wording a copy gets is decided by keys, see
//! [`crate::protocol::Addresses`], never here. Lists and segmenter have one number, [`Rules`].

pub mod lists;

mod common;
mod declared;
mod flat;
mod reworded;
mod rules;
mod segment;
mod weave;

use std::collections::HashSet;
use std::ops::Range;

use crate::markdown::Class;
use crate::protocol::primitives::{hex, sha256};

use lists::Apostrophe;

pub use common::{Common, addresses, settle};
pub use rules::{NEWEST, Rules};
pub use weave::{strip, weave};

/// What is wrong with a declaration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Its rule, such as `marks/base-missing`.
    pub rule: &'static str,
    /// What is wrong.
    pub message: String,
    /// Bytes of the source.
    pub span: Range<usize>,
    /// What to do.
    pub hint: String,
}

impl Problem {
    fn new(rule: &'static str, message: String, span: Range<usize>, hint: &str) -> Self {
        Self { rule, message, span, hint: hint.to_owned() }
    }
}

/// How a course is marked.
#[derive(Debug, Clone)]
pub struct Options<'a> {
    /// Lists and segmenter.
    pub rules: &'a Rules,
    /// The language of the text, as a tag.
    pub language: &'a str,
    /// Use the list of words of that language.
    pub lexical: bool,
    /// Use rules about signs.
    pub typographic: bool,
    /// Ids of pairs and sentences that the author does not want.
    pub exclude: &'a HashSet<String>,
}

impl Options<'_> {
    /// The carriers of one sentence that lists and rules find, the stronger class first. `apostrophe` is that of the passage; `free`
    /// says whether a range may be reworded at all.
    fn carriers(&self, sentence: &str, apostrophe: Apostrophe, free: &dyn Fn(&Range<usize>) -> bool) -> Vec<(Class, lists::Match<'_>)> {
        let may = |found: &lists::Match<'_>| !self.exclude.contains(found.pair) && free(&found.range);
        let list = self.rules.list(self.language).filter(|_| self.lexical);
        let lexical = list.map(|list| list.carriers_where(sentence, apostrophe, &may)).unwrap_or_default();
        let mut signs = if self.typographic { lists::typographic(sentence) } else { Vec::new() };
        signs.retain(may);
        let classed = |class| move |found| (class, found);
        lexical.into_iter().map(classed(Class::Lexical)).chain(signs.into_iter().map(classed(Class::Typographic))).collect()
    }
}

/// The id under which reviews show a sentence, and by which the author leaves it out: `s-` and the first 8 digits of the SHA-256 of its
/// text.
#[must_use]
pub fn sentence_id(text: &str) -> String {
    format!("s-{}", &hex(&sha256(text.as_bytes()))[..8])
}
