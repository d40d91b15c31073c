//! Where sentences begin and end. Part of the numbered rules: a course that was marked once is always cut in the same way.
//!
//! A sentence ends behind `. ! ? …` with white space after it, or behind `。！？`, closing quotes and brackets included. It does not end
//! behind abbreviations, initials and numbers of lists, nor before a lower-case letter.

use std::ops::Range;

/// Stands in flat text for code, pictures, raw HTML and whatever else is no text.
pub(super) const OBJECT: char = '\u{fffc}';
/// Stands for a reference to a footnote, which belongs to the sentence before it.
pub(super) const NOTE: char = '\u{fffb}';
/// Stands for a line end on the page, where every sentence ends.
pub(super) const LINE: char = '\u{2028}';

/// Never the last word of a sentence.
const OPEN_ENDED: [&str; 18] =
    ["e.g", "i.e", "eg", "ie", "vs", "cf", "viz", "approx", "mr", "mrs", "ms", "dr", "prof", "st", "al", "ca", "resp", "incl"];

/// Never the last word before a number.
const BEFORE_NUMBER: [&str; 12] = ["fig", "figs", "no", "nos", "vol", "pp", "p", "ch", "sec", "eq", "ver", "v"];

/// Abbreviations that may end a sentence: they do where an upper-case letter follows.
const MAY_END: [&str; 12] = ["etc", "a.m", "p.m", "inc", "ltd", "co", "corp", "jr", "sr", "u.s", "u.k", "ph.d"];

/// The sentences of `flat`, without the white space around them. No cut is made inside a range of `solid`.
pub(super) fn sentences(flat: &str, solid: &[Range<usize>]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let (mut from, mut at) = (0, 0);
    while let Some(c) = flat[at..].chars().next() {
        let next = at + c.len_utf8();
        let end = match c {
            LINE => Some(next),
            '。' | '！' | '？' => Some(closed(flat, next)),
            '.' | '!' | '?' | '…' => latin_end(flat, from, at),
            _ => None,
        };
        match end {
            Some(end) if !solid.iter().any(|s| s.start < end && end < s.end) => {
                push(flat, from..end, &mut found);
                (from, at) = (end, end);
            }
            Some(end) => at = end,
            None => at = next,
        }
    }
    push(flat, from..flat.len(), &mut found);
    found
}

/// Keeps what says something.
fn push(flat: &str, range: Range<usize>, found: &mut Vec<Range<usize>>) {
    let edge = |c: char| c.is_whitespace() || c == LINE;
    let text = &flat[range.clone()];
    let start = range.start + (text.len() - text.trim_start_matches(edge).len());
    let end = range.start + text.trim_end_matches(edge).len();
    if start < end && flat[start..end].chars().any(char::is_alphanumeric) {
        found.push(start..end);
    }
}

/// The end of a sentence whose stop ends at `at`: further stops, closing quotes and brackets, and notes belong to it.
fn closed(flat: &str, at: usize) -> usize {
    let belongs = |c: char| {
        matches!(c, '。' | '！' | '？' | '.' | '!' | '?' | '…' | NOTE)
            || matches!(c, '"' | '\'' | '”' | '’' | ')' | ']' | '»' | '）' | '」' | '』' | '》' | '】' | '*')
    };
    at + flat[at..].len() - flat[at..].trim_start_matches(belongs).len()
}

/// The end of the sentence that the stop at `at` closes, if it closes one that begins at `from`.
fn latin_end(flat: &str, from: usize, at: usize) -> Option<usize> {
    let end = closed(flat, at);
    let after = &flat[end..];
    if !after.is_empty() && !after.starts_with(char::is_whitespace) && !after.starts_with(LINE) {
        return None;
    }
    let next = after.trim_start().chars().next();
    if next.is_some_and(char::is_lowercase) {
        return None;
    }
    let dots = &flat[at..end];
    if dots.starts_with("..") && next == Some(OBJECT) {
        return None;
    }
    if dots.starts_with('.') && !dots.starts_with("..") && next.is_some() {
        let word = last_word(&flat[from..at]);
        let small = word.to_lowercase();
        let initial = word.chars().count() == 1 && word.chars().all(char::is_uppercase) && word != "I";
        let number = word.chars().all(|c| c.is_ascii_digit()) && flat[from..at].trim() == word && !word.is_empty();
        let may_end = next.is_some_and(|c| c.is_uppercase() || c == OBJECT);
        let counted = BEFORE_NUMBER.contains(&small.as_str()) && next.is_some_and(|c| c.is_ascii_digit());
        if OPEN_ENDED.contains(&small.as_str()) || counted || initial || number || MAY_END.contains(&small.as_str()) && !may_end {
            return None;
        }
    }
    Some(end)
}

fn last_word(text: &str) -> &str {
    let start = text
        .rfind(|c: char| c.is_whitespace() || matches!(c, '(' | '[' | '"' | '“' | '‘' | '\'' | OBJECT))
        .map_or(0, |i| i + text[i..].chars().next().map_or(1, char::len_utf8));
    &text[start..]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(flat: &str) -> Vec<&str> {
        sentences(flat, &[]).into_iter().map(|r| &flat[r]).collect()
    }

    #[test]
    fn english_sentences_end_at_stops_before_a_capital() {
        assert_eq!(cut("It moves. Does it? Yes!  See \u{fffc}."), ["It moves.", "Does it?", "Yes!", "See \u{fffc}."]);
        assert_eq!(cut("Version 1.2.3 is out. Use it, e.g. in tests."), ["Version 1.2.3 is out.", "Use it, e.g. in tests."]);
        assert_eq!(cut("See Fig. 3 and J. Smith. 1. not here"), ["See Fig. 3 and J. Smith.", "1. not here"]);
        assert_eq!(
            cut("He said “no.” Then he left (at last.) And \u{fffc} too."),
            ["He said “no.”", "Then he left (at last.)", "And \u{fffc} too."]
        );
        assert_eq!(
            cut("Wait... what? Tables, lists, etc. are fine. Numbers, etc. Done."),
            ["Wait... what?", "Tables, lists, etc. are fine.", "Numbers, etc.", "Done."]
        );
        assert_eq!(cut("The value is `x`.\u{fffb} The next"), ["The value is `x`.\u{fffb}", "The next"]);
    }

    #[test]
    fn chinese_sentences_end_at_full_stops() {
        assert_eq!(cut("值被移动了。那么呢？“不行！”他说。"), ["值被移动了。", "那么呢？", "“不行！”", "他说。"]);
        assert_eq!(cut("第一，第二；第三：都行\u{2028}新的一行"), ["第一，第二；第三：都行", "新的一行"]);
    }

    #[test]
    fn solid_ranges_are_not_cut_and_nothing_is_said_by_signs() {
        let solid = 0..9;
        assert_eq!(sentences("One. Two. Three.", std::slice::from_ref(&solid)), [0..9, 10..16]);
        assert_eq!(cut(" … \u{fffc} "), Vec::<&str>::new());
    }
}
