//! Sentences that must be alike in all copies: they stand in public text, or unmarked elsewhere in the course.

use std::collections::HashSet;

use unicode_normalization::UnicodeNormalization as _;

use crate::markdown::{Block, BlockKind, Inline, InlineKind, Met, collapsed, inline_text, sentence_texts, walk};
use crate::protocol::primitives::sha256;

use super::Rules;
use super::flat::Flat;

/// The texts of sentences, by their digests.
#[derive(Debug, Default, Clone)]
pub struct Common(HashSet<[u8; 32]>);

impl Common {
    /// Adds a sentence.
    pub fn insert(&mut self, text: &str) {
        self.0.insert(digest(text));
    }

    /// True if the sentence is there, in whatever normal form and spacing.
    #[must_use]
    pub fn contains(&self, text: &str) -> bool {
        self.0.contains(&digest(text))
    }

    /// Adds all sentences of another set.
    pub fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }
}

fn digest(text: &str) -> [u8; 32] {
    let normal: String = text.nfc().collect();
    sha256(collapsed(&normal).as_bytes())
}

/// Every sentence of `blocks` that stands there in one wording: those of text that was never woven, headings, and woven ones without a
/// carrier.
#[must_use]
pub fn addresses(blocks: &[Block], rules: &Rules) -> Common {
    let mut common = Common::default();
    leaves(blocks, &mut |inlines| {
        if inlines.iter().any(|i| matches!(i.kind, InlineKind::Sentence(_))) {
            for inline in inlines {
                if let InlineKind::Sentence(inner) = &inline.kind {
                    let (author, _, carriers) = sentence_texts(inner);
                    if carriers.is_empty() {
                        common.insert(&author);
                    }
                }
            }
            return;
        }
        let flat = Flat::of(inlines);
        for range in (rules.segment)(&flat.text, &flat.solid) {
            let mut sentence = Vec::new();
            flat.slice(inlines, range, &mut sentence);
            common.insert(&sentence_texts(&sentence).0);
        }
    });
    walk(blocks, &mut |met| {
        if let Met::Block(Block { kind: BlockKind::Heading { inlines, .. }, .. }) = met {
            common.insert(&inline_text(inlines));
        }
    });
    common
}

/// Takes the carriers out of every sentence of which either wording is common. Gives the texts of these sentences.
pub fn settle(blocks: &mut [Block], is_common: &dyn Fn(&str) -> bool) -> Vec<String> {
    let mut settled = Vec::new();
    leaves_mut(blocks, &mut |inlines| {
        for inline in inlines {
            let InlineKind::Sentence(inner) = &mut inline.kind else { continue };
            let (author, other, carriers) = sentence_texts(inner);
            if !carriers.is_empty() && (is_common(&author) || is_common(&other)) {
                without_choices(inner);
                settled.push(author);
            }
        }
    });
    settled
}

fn without_choices(inlines: &mut [Inline]) {
    for inline in inlines {
        match &mut inline.kind {
            InlineKind::Choice(choice) => inline.kind = InlineKind::Text(std::mem::take(&mut choice.author)),
            InlineKind::Emphasis(inner)
            | InlineKind::Strong(inner)
            | InlineKind::Strike(inner)
            | InlineKind::Link { inlines: inner, .. } => {
                without_choices(inner);
            }
            _ => {}
        }
    }
}

/// Calls `visit` for every run of text that is no heading.
fn leaves(blocks: &[Block], visit: &mut dyn FnMut(&[Inline])) {
    for block in blocks {
        match &block.kind {
            BlockKind::Paragraph(inlines) | BlockKind::Plain(inlines) => visit(inlines),
            BlockKind::Quote { blocks, .. } | BlockKind::Footnote { blocks, .. } => leaves(blocks, visit),
            BlockKind::List { items, .. } => items.iter().for_each(|item| leaves(&item.blocks, visit)),
            BlockKind::Table { head, rows, .. } => head.iter().chain(rows.iter().flatten()).for_each(|cell| visit(cell)),
            _ => {}
        }
    }
}

fn leaves_mut(blocks: &mut [Block], visit: &mut dyn FnMut(&mut [Inline])) {
    for block in blocks {
        match &mut block.kind {
            BlockKind::Paragraph(inlines) | BlockKind::Plain(inlines) => visit(inlines),
            BlockKind::Quote { blocks, .. } | BlockKind::Footnote { blocks, .. } => leaves_mut(blocks, visit),
            BlockKind::List { items, .. } => items.iter_mut().for_each(|item| leaves_mut(&mut item.blocks, visit)),
            BlockKind::Table { head, rows, .. } => head.iter_mut().chain(rows.iter_mut().flatten()).for_each(|cell| visit(cell)),
            _ => {}
        }
    }
}
