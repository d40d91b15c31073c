//! A whole paragraph in other words: the author's alternative laid over the paragraph above it.

use std::ops::Range;

use crate::markdown::{Block, BlockKind, Choice, Class, Inline, InlineKind, parse};

/// A paragraph with the words of another one as choices, if both have the same markup and differ.
pub(super) fn reworded(inlines: &[Inline], other: &str) -> Option<Vec<Inline>> {
    let blocks = parse(other, 0).blocks;
    let [Block { kind: BlockKind::Paragraph(other), .. }] = blocks.as_slice() else { return None };
    let mut differs = false;
    let out = pair_up(&runs(inlines), &runs(other), &mut differs)?;
    differs.then_some(out)
}

/// Text and line ends that touch become one text, so that two paragraphs can be held against each other.
fn runs(inlines: &[Inline]) -> Vec<Inline> {
    let mut out: Vec<Inline> = Vec::new();
    for inline in inlines {
        let text = match &inline.kind {
            InlineKind::Text(text) => text.as_str(),
            InlineKind::SoftBreak => "\n",
            _ => {
                out.push(inline.clone());
                continue;
            }
        };
        match out.last_mut() {
            Some(Inline { kind: InlineKind::Text(before), .. }) => before.push_str(text),
            _ => out.push(Inline { kind: InlineKind::Text(text.to_owned()), span: inline.span.clone() }),
        }
    }
    out
}

fn pair_up(a: &[Inline], b: &[Inline], differs: &mut bool) -> Option<Vec<Inline>> {
    if a.len() != b.len() {
        return None;
    }
    let mut out = Vec::new();
    for (a, b) in a.iter().zip(b) {
        let mut nested = |a: &[Inline], b: &[Inline]| pair_up(&runs(a), &runs(b), differs);
        let kind = match (&a.kind, &b.kind) {
            (InlineKind::Text(a_text), InlineKind::Text(b_text)) => {
                text_pair(a_text, b_text, &a.span, differs, &mut out)?;
                continue;
            }
            (InlineKind::Emphasis(a), InlineKind::Emphasis(b)) => InlineKind::Emphasis(nested(a, b)?),
            (InlineKind::Strong(a), InlineKind::Strong(b)) => InlineKind::Strong(nested(a, b)?),
            (InlineKind::Strike(a), InlineKind::Strike(b)) => InlineKind::Strike(nested(a, b)?),
            (InlineKind::Link { target, title, inlines }, InlineKind::Link { target: t, title: u, inlines: other })
                if target == t && title == u =>
            {
                InlineKind::Link { target: target.clone(), title: title.clone(), inlines: nested(inlines, other)? }
            }
            (a, b) if a == b => a.clone(),
            _ => return None,
        };
        out.push(Inline { kind, span: a.span.clone() });
    }
    Some(out)
}

/// One run of text in two wordings; the white space at its edges belongs to both.
fn text_pair(a: &str, b: &str, span: &Range<usize>, differs: &mut bool, out: &mut Vec<Inline>) -> Option<()> {
    let push = |text: &str, out: &mut Vec<Inline>| {
        if !text.is_empty() {
            out.push(Inline { kind: InlineKind::Text(text.to_owned()), span: span.clone() });
        }
    };
    let (inner_a, inner_b) = (a.trim(), b.trim());
    let collapsed = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    if collapsed(inner_a) == collapsed(inner_b) {
        push(a, out);
        return Some(());
    }
    let edges = |text: &str| (text.starts_with(char::is_whitespace), text.ends_with(char::is_whitespace));
    if inner_a.is_empty() || inner_b.is_empty() || edges(a) != edges(b) {
        return None;
    }
    *differs = true;
    push(&a[..a.len() - a.trim_start().len()], out);
    let choice = Choice { author: inner_a.to_owned(), other: collapsed(inner_b), class: Class::Declared, rule: String::new() };
    out.push(Inline { kind: InlineKind::Choice(choice), span: span.clone() });
    push(&a[a.trim_end().len()..], out);
    Some(())
}
