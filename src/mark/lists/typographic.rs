//! Typographic carriers: marks that a linter changes without leaving a trace, so they are off by default and never the only evidence.
//!
//! They belong to no language. Each is exchanged only in the form that both styles of print know; what could be code, a file name or
//! arithmetic is left alone: a mark beside a U+FFFC, a slash or an underscore, `...` that is not the end of a word.

use super::Match;
use super::tokens::{OBJECT, is_han};

/// The ids of the pairs.
pub const TYPOGRAPHIC: [&str; 4] = ["typo.apostrophe", "typo.dash", "typo.ellipsis", "typo.spacing"];

/// The typographic carriers of one sentence, from left to right, not overlapping.
#[must_use]
pub fn typographic(flat: &str) -> Vec<Match<'static>> {
    let mut found = Vec::new();
    let mut end = 0;
    for (at, c) in flat.char_indices() {
        let place = Place { before: flat[..at].chars().next_back(), text: &flat[at..] };
        let carrier = match c {
            _ if at < end => None,
            '\'' | '’' => place.apostrophe(c),
            '.' | '…' => place.ellipsis(c),
            ' ' | '—' => place.dash().or_else(|| place.space_taken_away()),
            _ => None,
        };
        let carrier = carrier.or_else(|| if at < end { None } else { place.space_put_in(c) });
        if let Some((pair, len, other)) = carrier {
            end = at + len;
            found.push(Match { range: at..end, other, pair });
        }
    }
    found
}

/// Id, length in bytes, other wording.
type Carrier = (&'static str, usize, String);

/// The text that begins at a character, and the character before it.
struct Place<'t> {
    before: Option<char>,
    text: &'t str,
}

impl Place<'_> {
    fn behind(&self, len: usize) -> Option<char> {
        self.text[len..].chars().next()
    }

    /// Between two letters: `don't` and `don’t`. Names such as `O'Reilly` count too; `'tis` and `dogs'` do not.
    fn apostrophe(&self, c: char) -> Option<Carrier> {
        let letter = |c: Option<char>| c.is_some_and(|c| c.is_alphabetic() && !is_han(c));
        let other = if c == '\'' { "’" } else { "'" };
        (letter(self.before) && letter(self.behind(c.len_utf8()))).then(|| (TYPOGRAPHIC[0], c.len_utf8(), other.to_owned()))
    }

    /// Three points behind a lower-case letter and before a space or the end. Chinese has `……` of its own.
    fn ellipsis(&self, c: char) -> Option<Carrier> {
        let (len, other) = if c == '…' { (c.len_utf8(), "...") } else { (3, "…") };
        let whole = c == '…' || self.text.starts_with("...");
        let stands = self.before.is_some_and(|c| c.is_lowercase() && !is_han(c));
        (whole && stands && self.behind(len).is_none_or(|c| c == ' ')).then(|| (TYPOGRAPHIC[2], len, other.to_owned()))
    }

    /// An em dash without spaces, or one between spaces, between two words of small letters.
    fn dash(&self) -> Option<Carrier> {
        let (len, other) = if self.text.starts_with(" — ") { (" — ".len(), "—") } else { ("—".len(), " — ") };
        let small = |c: Option<char>| c.is_some_and(char::is_lowercase);
        let whole = self.text.starts_with(" — ") || self.text.starts_with('—');
        (whole && small(self.before) && small(self.behind(len))).then(|| (TYPOGRAPHIC[1], len, other.to_owned()))
    }

    /// The space between a Han character and a Latin word.
    fn space_taken_away(&self) -> Option<Carrier> {
        (self.text.starts_with(' ') && meet(self.before, self.behind(1))).then(|| (TYPOGRAPHIC[3], 1, String::new()))
    }

    /// The character behind a place where that space is missing, with the space before it.
    fn space_put_in(&self, c: char) -> Option<Carrier> {
        meet(self.before, Some(c)).then(|| (TYPOGRAPHIC[3], c.len_utf8(), format!(" {c}")))
    }
}

/// Whether a Han character and a Latin letter stand beside each other. Digits are left out: 3月 and 第1章 are set solid everywhere.
fn meet(left: Option<char>, right: Option<char>) -> bool {
    let latin = |c: char| c.is_ascii_alphabetic();
    match (left, right) {
        (Some(OBJECT), _) | (_, Some(OBJECT)) => false,
        (Some(left), Some(right)) => is_han(left) && latin(right) || latin(left) && is_han(right),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The sentence with every typographic carrier exchanged.
    fn exchanged(sentence: &str) -> String {
        let mut text = sentence.to_owned();
        for found in typographic(sentence).into_iter().rev() {
            text.replace_range(found.range, &found.other);
        }
        text
    }

    #[test]
    fn each_pair_is_exchanged_in_both_directions() {
        for (one, other) in [
            ("We don't copy.", "We don’t copy."),
            ("And so on...", "And so on…"),
            ("A list—sorted or not—is small.", "A list — sorted or not — is small."),
            ("使用 Git 管理代码", "使用Git管理代码"),
        ] {
            assert_eq!(exchanged(one), other);
            assert_eq!(exchanged(other), one);
        }
    }

    #[test]
    fn what_could_be_code_or_quotation_is_left_alone() {
        for sentence in
            ["The range 1...5 ends.", "Dogs' tails and 'tis", "第3章", "\u{FFFC} 的", "等等……", "pages 3—5", "a....b", "No. ...and"]
        {
            assert_eq!(exchanged(sentence), sentence);
        }
    }

    #[test]
    fn carriers_stand_in_order_and_do_not_overlap() {
        let found = typographic("在 Rust里don't用A类 B — yes—no...");
        assert!(found.is_sorted_by_key(|m| m.range.start));
        assert!(found.windows(2).all(|w| w[0].range.end <= w[1].range.start));
    }
}
