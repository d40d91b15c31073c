//! What a rendered passage is.

use std::ops::Range;

use super::document::Class;

/// A heading, for the list of contents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heading {
    /// 1 to 6.
    pub level: u8,
    /// The `id` in the HTML, unique in its lesson.
    pub id: String,
    /// Its plain text.
    pub text: String,
}

/// A rendered passage.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Prose {
    /// Compact HTML, ready to stand inside an `article`.
    pub html: String,
    /// The headings in it, in order.
    pub headings: Vec<Heading>,
    /// Its plain text, alt texts and code included, one line for each block: for the gate and for excerpts.
    pub text: String,
    /// Its sentences, in the order of the HTML; none where the tree has none. Very long ones are not among them.
    pub sentences: Vec<Sentence>,
}

/// A sentence of a rendered passage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentence {
    /// The bytes of [`Prose::html`] in which the author's wording stands.
    pub html: Range<usize>,
    /// The author's wording as plain text, white space collapsed.
    pub text: String,
    /// The line of the source in which it begins, from 1.
    pub line: usize,
    /// The other wording, if there is one.
    pub other: Option<Wording>,
}

/// The other wording of a sentence: every choice in it switched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wording {
    /// As HTML; the markup is that of the author's wording.
    pub html: String,
    /// As plain text, white space collapsed.
    pub text: String,
    /// Where the two differ.
    pub carriers: Vec<Carrier>,
}

/// A place in which the two wordings of a sentence differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carrier {
    /// Who says that both mean the same.
    pub class: Class,
    /// The pair that it comes from; empty for a declared one.
    pub rule: String,
    /// Bytes of [`Sentence::text`].
    pub author: Range<usize>,
    /// Bytes of [`Wording::text`].
    pub other: Range<usize>,
}
