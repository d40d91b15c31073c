//! The two plain texts of a sentence.

use std::ops::Range;

use super::document::{Inline, InlineKind};
use super::plain::is_wide;
use super::prose::Carrier;
use super::raw_html;

/// The author's and the other wording of a sentence as plain text, being written side by side.
#[derive(Default)]
struct Texts {
    author: Collapsed,
    other: Collapsed,
    carriers: Vec<Carrier>,
}

/// The author's wording of a sentence as plain text, the other one, and where they differ.
#[must_use]
pub fn sentence_texts(inlines: &[Inline]) -> (String, String, Vec<Carrier>) {
    let mut texts = Texts::default();
    texts.inlines(inlines);
    (texts.author.text, texts.other.text, texts.carriers)
}

impl Texts {
    fn inlines(&mut self, inlines: &[Inline]) {
        for (i, inline) in inlines.iter().enumerate() {
            match &inline.kind {
                InlineKind::Text(text) | InlineKind::Code(text) => self.both(text),
                InlineKind::Html(html) => self.both(&raw_html::text(html)),
                InlineKind::SoftBreak => {
                    let after = inlines.get(i + 1).and_then(first_char);
                    if !(self.author.text.chars().next_back().is_some_and(is_wide) && after.is_some_and(is_wide)) {
                        self.both(" ");
                    }
                }
                InlineKind::HardBreak => self.both(" "),
                InlineKind::Emphasis(inner)
                | InlineKind::Strong(inner)
                | InlineKind::Strike(inner)
                | InlineKind::Sentence(inner)
                | InlineKind::Link { inlines: inner, .. }
                | InlineKind::Image { alt: inner, .. } => self.inlines(inner),
                InlineKind::Choice(choice) => {
                    let (author, other) = (self.author.piece(&choice.author), self.other.piece(&choice.other));
                    self.carriers.push(Carrier { class: choice.class, rule: choice.rule.clone(), author, other });
                }
                InlineKind::Note(_) => {}
            }
        }
    }

    fn both(&mut self, text: &str) {
        self.author.push(text);
        self.other.push(text);
    }
}

/// Text whose white space is collapsed while it is written.
#[derive(Default)]
struct Collapsed {
    text: String,
    space: bool,
}

impl Collapsed {
    fn push(&mut self, text: &str) {
        for c in text.chars() {
            if c.is_whitespace() {
                self.space = !self.text.is_empty();
            } else {
                self.settle();
                self.text.push(c);
            }
        }
    }

    /// Writes the space that is due.
    fn settle(&mut self) {
        if std::mem::take(&mut self.space) {
            self.text.push(' ');
        }
    }

    /// Writes a text that begins and ends with something visible, and says where it stands.
    fn piece(&mut self, text: &str) -> Range<usize> {
        self.settle();
        let start = self.text.len();
        self.push(text);
        start..self.text.len()
    }
}

/// `text` with its white space collapsed and trimmed.
#[must_use]
pub fn collapsed(text: &str) -> String {
    let mut out = Collapsed::default();
    out.push(text);
    out.text
}

/// The character with which an inline begins on the page.
pub(super) fn first_char(inline: &Inline) -> Option<char> {
    match &inline.kind {
        InlineKind::Text(text) => text.chars().next(),
        InlineKind::Choice(choice) => choice.author.chars().next(),
        InlineKind::Sentence(inner) => inner.first().and_then(first_char),
        _ => None,
    }
}
