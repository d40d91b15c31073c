//! A run of inlines as one plain text, with the way back.

use std::ops::Range;

use super::segment::{LINE, NOTE, OBJECT};
use crate::markdown::{Inline, InlineKind, is_wide};

/// The text of a run of inlines. Every byte of it belongs to one top-level inline.
pub(super) struct Flat {
    /// Text as it is; a line end in the source is `\n`; what is no text is one sign.
    pub(super) text: String,
    /// Where each top-level inline stands in the text.
    parts: Vec<Range<usize>>,
    /// Ranges that cannot be cut: emphasis and links as wholes.
    pub(super) solid: Vec<Range<usize>>,
    /// Ranges in which nothing is ever reworded by a list: quotations, math, what stands between HTML tags.
    closed: Vec<Range<usize>>,
}

impl Flat {
    pub(super) fn of(inlines: &[Inline]) -> Self {
        let (mut text, mut parts, mut solid, mut tags) = (String::new(), Vec::new(), Vec::new(), Vec::new());
        for inline in inlines {
            let start = text.len();
            push(inline, &mut text);
            if text.len() == start {
                text.push(OBJECT);
            }
            match &inline.kind {
                InlineKind::Text(_) | InlineKind::SoftBreak | InlineKind::HardBreak => {}
                InlineKind::Html(_) => tags.push(start..text.len()),
                _ => solid.push(start..text.len()),
            }
            parts.push(start..text.len());
        }
        let mut closed = quotations(&text);
        if let (Some(first), Some(last)) = (tags.first(), tags.last()) {
            closed.push(first.start..last.end);
        }
        solid.extend(tags);
        Self { text, parts, solid, closed }
    }

    /// True if the range lies in plain text alone.
    pub(super) fn is_words(&self, range: &Range<usize>) -> bool {
        !self.solid.iter().any(|s| s.start < range.end && range.start < s.end) && !self.text[range.clone()].contains([OBJECT, NOTE, LINE])
    }

    /// True if the range touches a quotation, math, or text between HTML tags.
    pub(super) fn is_closed(&self, range: &Range<usize>) -> bool {
        self.closed.iter().any(|c| c.start < range.end && range.start < c.end)
    }

    /// Appends the inlines of a range. What is no text must lie in it as a whole.
    pub(super) fn slice(&self, inlines: &[Inline], range: Range<usize>, out: &mut Vec<Inline>) {
        for (inline, part) in inlines.iter().zip(&self.parts) {
            let (start, end) = (part.start.max(range.start), part.end.min(range.end));
            if start >= end {
                continue;
            }
            let kind = match &inline.kind {
                InlineKind::Text(text) if text.is_empty() => continue,
                InlineKind::Text(_) => InlineKind::Text(self.text[start..end].to_owned()),
                kind => kind.clone(),
            };
            out.push(Inline { kind, span: inline.span.clone() });
        }
    }

    /// The words of a range as the page shows them: a line end between characters that are written without spaces is nothing.
    pub(super) fn shown(&self, range: &Range<usize>) -> String {
        let text = &self.text[range.clone()];
        let mut out = String::with_capacity(text.len());
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            let glued = c == '\n' && out.chars().next_back().is_some_and(is_wide) && chars.peek().copied().is_some_and(is_wide);
            if !glued {
                out.push(c);
            }
        }
        out
    }

    /// The bytes of the source round a range.
    pub(super) fn span(&self, inlines: &[Inline], range: &Range<usize>) -> Range<usize> {
        let mut met =
            inlines.iter().zip(&self.parts).filter(|(_, part)| part.start < range.end && range.start < part.end).map(|(i, _)| &i.span);
        let Some(first) = met.next() else { return 0..0 };
        first.start..met.next_back().map_or(first.end, |last| last.end)
    }
}

fn push(inline: &Inline, text: &mut String) {
    match &inline.kind {
        InlineKind::Text(t) => text.push_str(t),
        InlineKind::SoftBreak => text.push('\n'),
        InlineKind::HardBreak => text.push(LINE),
        InlineKind::Note(_) => text.push(NOTE),
        InlineKind::Emphasis(inner) | InlineKind::Strong(inner) | InlineKind::Strike(inner) | InlineKind::Link { inlines: inner, .. } => {
            inner.iter().for_each(|i| push(i, text));
        }
        InlineKind::Code(_) | InlineKind::Image { .. } | InlineKind::Html(_) | InlineKind::Sentence(_) | InlineKind::Choice(_) => {
            text.push(OBJECT)
        }
    }
}

/// Text between quotation marks, and math between dollar signs.
fn quotations(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for (open, close) in [('“', '”'), ('「', '」'), ('『', '』'), ('«', '»'), ('《', '》'), ('"', '"'), ('＂', '＂')] {
        let mut from = 0;
        while let Some(start) = text[from..].find(open).map(|i| from + i) {
            let inner = start + open.len_utf8();
            // One without an end closes all that follows: better a carrier too few.
            let end = text[inner..].find(close).map_or(text.len(), |i| inner + i + close.len_utf8());
            found.push(start..end);
            from = end;
        }
    }
    let dollars: Vec<usize> = text.match_indices('$').map(|(i, _)| i).collect();
    if let (Some(first), Some(last), true) = (dollars.first(), dollars.last(), dollars.len() > 1) {
        found.push(*first..*last + 1);
    }
    found
}
