//! Alternatives that the author declares, in comments that every Markdown renderer hides:
//! `<!--~ therefore => so; keep => hold -->` at the end of a block, a whole alternative paragraph on lines of its own below one, and
//! `<!--~keep-->`.

use std::ops::Range;

use super::Problem;
use super::segment::OBJECT;
use crate::markdown::{BlockKind, InlineKind, is_wide, parse};

/// How a declaration begins.
const OPEN: &str = "<!--~";

/// What a comment declares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Declaration {
    /// The block is worded in one way.
    Keep,
    /// Words of the block and what may stand for them.
    Pairs(Vec<Pair>),
    /// The whole paragraph in other words, as Markdown.
    Paragraph(String),
}

/// Words and what may stand for them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pair {
    /// As they stand in the block.
    pub(super) base: String,
    /// Which occurrence, from 1; without, there must be one alone.
    pub(super) nth: Option<usize>,
    /// The other words.
    pub(super) other: String,
}

/// True if raw HTML is a declaration, or looks as if it were meant as one.
pub(super) fn is_declaration(html: &str) -> bool {
    html.contains(OPEN)
}

/// Reads a comment. `own_line` says that it stands below its block, not at its end.
pub(super) fn read(html: &str, span: &Range<usize>, own_line: bool) -> Result<Declaration, Problem> {
    let wrong = |rule, message: String, hint: &str| Problem::new(rule, message, span.clone(), hint);
    let inner = html.trim().strip_prefix(OPEN).and_then(|rest| rest.strip_suffix("-->")).map(str::trim);
    let Some(inner) = inner.filter(|inner| !inner.contains("-->")) else {
        return Err(wrong(
            "marks/misplaced",
            "a declaration stands among other HTML".into(),
            "put it on a line of its own, or at the end of its paragraph",
        ));
    };
    if inner.eq_ignore_ascii_case("keep") {
        return Ok(Declaration::Keep);
    }
    if inner.is_empty() {
        return Err(wrong("marks/empty", "this declaration is empty".into(), "write `<!--~ therefore => so -->`, or take it out"));
    }
    if !inner.contains("=>") {
        if own_line {
            return Ok(Declaration::Paragraph(inner.to_owned()));
        }
        return Err(wrong(
            "marks/syntax",
            "a declaration at the end of a block has no `=>`".into(),
            "write `<!--~ therefore => so -->`; an alternative for the whole paragraph stands on a line of its own below it",
        ));
    }
    let mut pairs = Vec::new();
    for part in inner.split(';').map(str::trim).filter(|part| !part.is_empty()) {
        let Some((base, other)) = part.split_once("=>") else {
            return Err(wrong(
                "marks/syntax",
                format!("`{part}` has no `=>`"),
                "write each alternative as `base => other`, with `;` between",
            ));
        };
        pairs.push(pair(base.trim(), other.trim()).map_err(|(rule, message, hint)| wrong(rule, message, hint))?);
    }
    Ok(Declaration::Pairs(pairs))
}

fn pair(base: &str, other: &str) -> Result<Pair, (&'static str, String, &'static str)> {
    let (base, nth) = match base.rsplit_once('#') {
        Some((words, n)) if !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()) => (words.trim(), n.parse().ok().filter(|n| *n > 0)),
        _ => (base, None),
    };
    if base.is_empty() || other.is_empty() {
        return Err((
            "marks/empty",
            format!("`{base} => {other}` is empty on one side"),
            "words can be replaced, not added or dropped: take in a neighbour",
        ));
    }
    if base == other {
        return Err(("marks/same", format!("`{base}` stands for itself"), "write other words behind `=>`"));
    }
    match (words(base), words(other)) {
        (Some(base), Some(other)) => Ok(Pair { base, nth, other }),
        _ => Err((
            "marks/markup",
            format!("`{base} => {other}` holds markup"),
            "an alternative changes words, not markup: leave code, links and emphasis out",
        )),
    }
}

/// The words that Markdown reads, if it reads nothing but words.
fn words(markdown: &str) -> Option<String> {
    let blocks = parse(markdown, 0).blocks;
    let [only] = blocks.as_slice() else { return None };
    match &only.kind {
        BlockKind::Paragraph(inlines) => match inlines.as_slice() {
            [inline] => match &inline.kind {
                InlineKind::Text(text) => Some(text.clone()),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    }
}

/// Where `pair` stands in the flat text of its block.
pub(super) fn place(pair: &Pair, flat: &str, span: &Range<usize>) -> Result<Range<usize>, Problem> {
    let found: Vec<Range<usize>> = flat.char_indices().filter_map(|(at, _)| occurs(flat, at, &pair.base).map(|end| at..end)).collect();
    let base = &pair.base;
    let wrong = |rule, message: String, hint: String| Err(Problem::new(rule, message, span.clone(), &hint));
    let nth = match (found.len(), pair.nth) {
        (0, _) => {
            let rest: String = flat.chars().filter(|c| *c != OBJECT).collect();
            let hint = if occurs_anywhere(&rest, base) {
                "markup stands between its words: leave it out"
            } else {
                "write the words as they stand in this block; markup in them is not found"
            };
            return wrong("marks/base-missing", format!("`{base}` does not occur in this block"), hint.into());
        }
        (1, None) => 1,
        (n, None) => {
            return wrong(
                "marks/base-twice",
                format!("`{base}` occurs {n} times in this block"),
                format!("say which: `{base}#1 => {}`", pair.other),
            );
        }
        (_, Some(nth)) => nth,
    };
    match found.get(nth - 1) {
        Some(range) => Ok(range.clone()),
        None => {
            wrong("marks/base-missing", format!("`{base}` occurs {} times in this block, not {nth}", found.len()), "count again".into())
        }
    }
}

fn occurs_anywhere(flat: &str, base: &str) -> bool {
    flat.char_indices().any(|(at, _)| occurs(flat, at, base).is_some())
}

/// The end of `base` if it stands at `at`, as whole words. White space in it is any white space; a line end between characters that are
/// written without spaces is nothing.
fn occurs(flat: &str, at: usize, base: &str) -> Option<usize> {
    let mut rest = flat[at..].chars().peekable();
    let mut end = at;
    let mut last: Option<char> = flat[..at].chars().next_back();
    let first = base.chars().next()?;
    if joined(last, Some(first)) {
        return None;
    }
    let mut wanted = base.chars().peekable();
    while let Some(want) = wanted.next() {
        if want.is_whitespace() {
            while wanted.next_if(|c| c.is_whitespace()).is_some() {}
            let mut any = false;
            while let Some(c) = rest.next_if(|c| c.is_whitespace()) {
                end += c.len_utf8();
                any = true;
            }
            if !any {
                return None;
            }
            last = Some(' ');
            continue;
        }
        if end > at && last.is_some_and(is_wide) && is_wide(want) {
            while let Some(c) = rest.next_if_eq(&'\n') {
                end += c.len_utf8();
            }
        }
        if rest.next()? != want {
            return None;
        }
        end += want.len_utf8();
        last = Some(want);
    }
    (!joined(last, rest.peek().copied())).then_some(end)
}

/// True if two characters are of one word.
fn joined(a: Option<char>, b: Option<char>) -> bool {
    let letter = |c: Option<char>| c.is_some_and(|c| (c.is_alphanumeric() || c == '_') && !is_wide(c));
    letter(a) && letter(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(html: &str) -> Vec<Pair> {
        match read(html, &(0..1), false) {
            Ok(Declaration::Pairs(pairs)) => pairs,
            other => panic!("{other:?}"),
        }
    }

    fn rule(html: &str, own_line: bool) -> &'static str {
        read(html, &(0..1), own_line).err().map_or("fine", |p| p.rule)
    }

    #[test]
    fn comments_declare_pairs_paragraphs_and_keep() {
        let two = pairs("<!--~ therefore => so; keep#2 => hold on to -->");
        assert_eq!((two[0].base.as_str(), two[0].nth, two[0].other.as_str()), ("therefore", None, "so"));
        assert_eq!((two[1].base.as_str(), two[1].nth, two[1].other.as_str()), ("keep", Some(2), "hold on to"));
        assert_eq!(read("<!--~keep-->", &(0..1), false), Ok(Declaration::Keep));
        assert_eq!(read("<!--~ So we *cache* it. -->\n", &(0..1), true), Ok(Declaration::Paragraph("So we *cache* it.".into())));
    }

    #[test]
    fn mistakes_have_names() {
        assert_eq!(rule("<!--~ a => -->", false), "marks/empty");
        assert_eq!(rule("<!--~ -->", false), "marks/empty");
        assert_eq!(rule("<!--~ a => a -->", false), "marks/same");
        assert_eq!(rule("<!--~ a => *b* -->", false), "marks/markup");
        assert_eq!(rule("<!--~ other words -->", false), "marks/syntax");
        assert_eq!(rule("<!--~ a => b --><br>", false), "marks/misplaced");
    }

    #[test]
    fn a_base_occurs_once_as_whole_words() {
        let at = |html: &str, flat: &str| place(&pairs(html)[0], flat, &(0..1)).map_err(|p| p.rule);
        assert_eq!(at("<!--~ so => thus -->", "also so it is"), Ok(5..7));
        assert_eq!(at("<!--~ keep one => hold one -->", "We keep\none copy"), Ok(3..11));
        assert_eq!(at("<!--~ 借用检查 => 检查借用 -->", "先借用\n检查再说"), Ok(3..16));
        assert_eq!(at("<!--~ a => b -->", "a or a"), Err("marks/base-twice"));
        assert_eq!(at("<!--~ a#2 => b -->", "a or a"), Ok(5..6));
        assert_eq!(at("<!--~ a#3 => b -->", "a or a"), Err("marks/base-missing"));
        assert_eq!(at("<!--~ the table => it -->", "the \u{fffc} table"), Err("marks/base-missing"));
    }
}
