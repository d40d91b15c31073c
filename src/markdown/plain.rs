//! Plain text and counts.

use super::document::{Block, BlockKind, Inline, InlineKind, Met, walk, walk_inlines};
use super::raw_html;

/// The plain text of inlines: code without back-ticks, alternative texts, no tags.
#[must_use]
pub fn inline_text(inlines: &[Inline]) -> String {
    let mut out = String::new();
    push_inlines(inlines, &mut out);
    out
}

fn push_inlines(inlines: &[Inline], out: &mut String) {
    walk_inlines(inlines, &mut |met| {
        if let Met::Inline(inline) = met {
            push(inline, out);
        }
    });
}

fn push(inline: &Inline, out: &mut String) {
    match &inline.kind {
        InlineKind::Text(text) | InlineKind::Code(text) => out.push_str(text),
        InlineKind::Choice(choice) => out.push_str(&choice.author),
        InlineKind::SoftBreak | InlineKind::HardBreak => out.push(' '),
        InlineKind::Html(html) => out.push_str(&raw_html::text(html)),
        _ => {}
    }
}

/// The plain text of blocks, one line for each block of text; code, alternative texts and the text of raw HTML included.
#[must_use]
pub fn plain_text(blocks: &[Block]) -> String {
    let mut out = String::new();
    write(blocks, &mut out);
    out
}

fn write(blocks: &[Block], out: &mut String) {
    for block in blocks {
        match &block.kind {
            BlockKind::Paragraph(inlines) | BlockKind::Plain(inlines) | BlockKind::Heading { inlines, .. } => {
                push_inlines(inlines, out);
                out.push('\n');
            }
            BlockKind::Code { text, .. } => {
                out.push_str(text);
                out.push('\n');
            }
            BlockKind::Html(html) => {
                out.push_str(&raw_html::text(html));
                out.push('\n');
            }
            BlockKind::Quote { blocks, .. } | BlockKind::Footnote { blocks, .. } => write(blocks, out),
            BlockKind::List { items, .. } => items.iter().for_each(|item| write(&item.blocks, out)),
            BlockKind::Table { head, rows, .. } => {
                for cell in head.iter().chain(rows.iter().flatten()) {
                    push_inlines(cell, out);
                    out.push('\n');
                }
            }
            BlockKind::Rule | BlockKind::Paywall => {}
        }
    }
}

/// What a passage holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Words of text outside code blocks; every Han, kana or Hangul character counts as one.
    pub words: u32,
    /// Lines of code.
    pub code_lines: u32,
    /// Code blocks.
    pub code_blocks: u32,
    /// Pictures.
    pub images: u32,
    /// Tables.
    pub tables: u32,
}

/// Counts what `blocks` hold.
#[must_use]
pub fn count(blocks: &[Block]) -> Counts {
    let mut counts = Counts::default();
    walk(blocks, &mut |met| match met {
        Met::Block(block) => match &block.kind {
            BlockKind::Code { text, .. } => {
                counts.code_blocks += 1;
                counts.code_lines += u32::try_from(text.lines().count()).unwrap_or(u32::MAX);
            }
            BlockKind::Table { .. } => counts.tables += 1,
            BlockKind::Html(html) => counts.images += raw_html::images(html),
            _ => {}
        },
        Met::Inline(inline) => match &inline.kind {
            InlineKind::Text(text) | InlineKind::Code(text) => counts.words += words(text),
            InlineKind::Choice(choice) => counts.words += words(&choice.author),
            InlineKind::Image { .. } => counts.images += 1,
            InlineKind::Html(html) => counts.images += raw_html::images(html),
            _ => {}
        },
    });
    counts
}

fn words(text: &str) -> u32 {
    let (mut n, mut inside) = (0, false);
    for c in text.chars() {
        // Most text is one of these two, and asking for the properties of other characters is slow.
        let wide = !c.is_ascii() && is_wide(c);
        let letter = if wide {
            !matches!(c, '\u{3000}'..='\u{303f}' | '\u{ff00}'..='\u{ff0f}' | '\u{ff1a}'..='\u{ff20}')
        } else {
            c.is_alphanumeric()
        };
        if letter && (wide || !inside) {
            n += 1;
        }
        inside = letter && !wide || inside && matches!(c, '\'' | '’' | '_' | '-');
    }
    n
}

/// Han, kana, Hangul and their punctuation: written without spaces, or read character by character.
pub fn is_wide(c: char) -> bool {
    matches!(c, '\u{2e80}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ff65}' | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;

    #[test]
    fn words_of_two_scripts_are_counted() {
        assert_eq!(words("it's a well-known fact"), 4);
        assert_eq!(words("借用 Rust 的值"), 5);
    }

    #[test]
    fn plain_text_holds_everything_that_is_read() {
        let text = "# T `c`\n\n![alt](a.png) &amp; <b title=\"tip\">x</b>\n\n```\ncode\n```\n\n| a |\n|---|\n| b |\n";
        let got = plain_text(&parse(text, 0).blocks);
        for want in ["T c\n", "alt & ", "x", "code", "a\n", "b\n"] {
            assert!(got.contains(want), "{want} is not in {got}");
        }
    }
}
