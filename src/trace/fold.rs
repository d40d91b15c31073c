//! Text as letters: what survives markup, hard wraps, other quotes and dashes, lost accents, a change of case, and letters of another
//! alphabet that look the same.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use super::look::{latin, unseen};

/// Letters and digits of a text, each with the byte of the text at which it begins. Compatibility forms are unfolded (Unicode NFKD),
/// accents dropped, letters in lower case, and those that look like Latin ones are these ([`latin`]); white space, punctuation, symbols and
/// what nobody sees ([`unseen`]) are gone.
#[derive(Debug, Clone, Default)]
pub struct Letters {
    /// The letters.
    pub chars: Vec<char>,
    /// For each of them, where its character begins in the text.
    pub at: Vec<u32>,
}

impl Letters {
    /// The letters of a text of less than 4 GiB.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let mut letters = Self { chars: Vec::with_capacity(text.len()), at: Vec::with_capacity(text.len()) };
        for (at, c) in text.char_indices() {
            fold(c, &mut |letter| {
                letters.chars.push(letter);
                letters.at.push(at as u32);
            });
        }
        letters
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.chars.len()
    }

    /// True if there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.chars.is_empty()
    }
}

/// The letters of a text, without their places.
#[must_use]
pub fn letters(text: &str) -> Vec<char> {
    let mut out = Vec::with_capacity(text.len());
    text.chars().for_each(|c| fold(c, &mut |letter| out.push(letter)));
    out
}

fn fold(c: char, push: &mut dyn FnMut(char)) {
    if c.is_ascii() {
        if c.is_ascii_alphanumeric() {
            push(c.to_ascii_lowercase());
        }
        return;
    }
    if let Some(letter) = latin(c) {
        return push(letter);
    }
    for part in std::iter::once(c).nfkd() {
        if part.is_alphanumeric() && !is_combining_mark(part) && !unseen(part) {
            part.to_lowercase().filter(|c| c.is_alphanumeric()).for_each(|c| push(latin(c).unwrap_or(c)));
        }
    }
}

/// How signs between letters are compared: letters as in [`Letters`], white space collapsed, without what nobody sees.
#[must_use]
pub fn signs(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars().filter(|c| !unseen(*c) && !is_combining_mark(*c)) {
        let before = out.len();
        fold(c, &mut |letter| out.push(letter));
        if out.len() == before {
            out.push(c);
        }
    }
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// How much a letter says: a Han character about as much as three letters of an alphabet.
#[must_use]
pub fn weight(letter: char) -> usize {
    if ('\u{2e80}'..='\u{9fff}').contains(&letter) || letter >= '\u{20000}' { 3 } else { 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(text: &str) -> String {
        letters(text).into_iter().collect()
    }

    #[test]
    fn what_a_copy_loses_on_its_way_is_not_there() {
        let same = ["Don\u{2019}t  “stop”\u{200b} — naïve ﬁles!", "don't\n\"stop\" - naive files", "DON`T STOP-NAI\u{308}VE FI\u{ad}LES"];
        for text in same {
            assert_eq!(folded(text), "dontstopnaivefiles");
        }
        let unseen = "d\u{ffa0}on't \u{115f}s\u{1160}to\u{3164}p \u{e0041}na\u{2064}\u{1}ive\u{7f} files";
        assert_eq!(folded(unseen), "dontstopnaivefiles");
        assert_eq!(folded("D\u{43e}n't st\u{3bf}\u{440} n\u{430}\u{456}\u{475}\u{435} FIL\u{415}S"), "dontstopnaivefiles");
        assert_eq!(folded("МЫ НЕ ХОДИМ"), folded("мы не ходим"));
        assert_eq!(signs("d\u{43e}\u{200b} –\n\tX"), "do – x");
        assert_eq!(folded("但是，ＨＴＴＰ 不\n过。"), "但是http不过");
    }

    #[test]
    fn every_letter_knows_its_byte() {
        let letters = Letters::of("é, ﬁ x");
        assert_eq!((letters.chars, letters.at), (vec!['e', 'f', 'i', 'x'], vec![0, 4, 4, 8]));
    }
}
