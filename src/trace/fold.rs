//! Text as letters: what survives markup, hard wraps, other quotes and dashes, lost accents, and a change of case.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// Letters and digits of a text, each with the byte of the text at which it begins. Compatibility forms are unfolded (Unicode NFKD),
/// accents dropped, letters in lower case; white space, punctuation, symbols and format characters are gone.
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
    for part in std::iter::once(c).nfkd() {
        if part.is_alphanumeric() && !is_combining_mark(part) {
            part.to_lowercase().filter(|c| c.is_alphanumeric()).for_each(&mut *push);
        }
    }
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
        assert_eq!(folded("但是，ＨＴＴＰ 不\n过。"), "但是http不过");
    }

    #[test]
    fn every_letter_knows_its_byte() {
        let letters = Letters::of("é, ﬁ x");
        assert_eq!((letters.chars, letters.at), (vec!['e', 'f', 'i', 'x'], vec![0, 4, 4, 8]));
    }
}
