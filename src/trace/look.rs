//! What a reader does not see: letters of other alphabets that look like Latin ones, and characters that are not drawn.
//!
//! Both are folded away before a leak is held against lessons, on both sides alike, so that courses in Russian or Greek lose nothing but the
//! difference between letters that look the same. That a leak had them is told: they seldom get into a text by accident.

use unicode_normalization::char::is_combining_mark;

/// The Latin letter that a small letter looks like, or whose capital its capital looks like: Greek, Cyrillic, Armenian, and Latin letters of
/// phonetic alphabets. Source: Unicode Technical Standard #39, `confusables.txt`. Letters are compared without case, so one entry stands for
/// both; where small and capital letter look like two Latin ones (`η` like `n`, `Η` like `H`), the small one counts.
#[must_use]
pub fn latin(letter: char) -> Option<char> {
    Some(match letter {
        'а' | 'α' | 'ɑ' | 'ᴀ' => 'a',
        'в' | 'ь' | 'β' | 'ƅ' | 'ʙ' => 'b',
        'с' | 'ϲ' | 'ᴄ' => 'c',
        'ԁ' | 'ᴅ' => 'd',
        'е' | 'ҽ' | 'ε' | 'ᴇ' => 'e',
        'ք' => 'f',
        'ԍ' | 'ց' | 'ɡ' | 'ɢ' => 'g',
        'һ' | 'н' | 'հ' | 'ʜ' => 'h',
        'і' | 'ӏ' | 'ι' | 'ı' | 'ɩ' | 'ɪ' => 'i',
        'ј' | 'ϳ' | 'յ' | 'ᴊ' => 'j',
        'к' | 'κ' | 'ĸ' | 'ᴋ' => 'k',
        'ǀ' | 'ʟ' => 'l',
        'м' | 'μ' | 'ᴍ' => 'm',
        'п' | 'η' | 'π' | 'ո' | 'ռ' | 'ɴ' => 'n',
        'о' | 'ο' | 'σ' | 'ς' | 'օ' | 'ᴏ' => 'o',
        'р' | 'ρ' | 'ᴘ' => 'p',
        'ԛ' | 'գ' | 'զ' => 'q',
        'г' | 'ᴦ' | 'ʀ' => 'r',
        'ѕ' | 'ƽ' | 'ꜱ' => 's',
        'т' | 'τ' | 'ᴛ' => 't',
        'υ' | 'ս' | 'ʋ' | 'ᴜ' => 'u',
        'ѵ' | 'ν' | 'ᴠ' => 'v',
        'ѡ' | 'ԝ' | 'ω' | 'ա' | 'ᴡ' => 'w',
        'х' | 'χ' => 'x',
        'у' | 'ү' | 'γ' | 'ʏ' => 'y',
        'ζ' | 'ᴢ' => 'z',
        _ => return None,
    })
}

/// True for characters that nothing is drawn for: controls other than white space, and `Default_Ignorable_Code_Point` of the Unicode Character
/// Database (`DerivedCoreProperties.txt`): soft hyphens, joiners, marks of direction, fillers, selectors of variants, tags.
#[must_use]
pub fn unseen(c: char) -> bool {
    match c {
        ' '..='\u{7e}' | '\t'..='\r' => false,
        '\0'..='\u{9f}' => c != '\u{85}',
        '\u{ad}'
        | '\u{34f}'
        | '\u{61c}'
        | '\u{115f}'..='\u{1160}'
        | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}'
        | '\u{ffa0}'
        | '\u{fff0}'..='\u{fff8}'
        | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}' => true,
        _ => false,
    }
}

/// How many words of a text were changed so that no reader sees it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Disguise {
    /// Words of Latin letters in which letters of another alphabet stand for some.
    pub foreign: usize,
    /// Words with characters inside that are not drawn; soft hyphens, which typesetting puts in, do not count.
    pub unseen: usize,
}

impl Disguise {
    /// Counts the words of a text.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let mut all = Self::default();
        for word in text.split(|c: char| !(c.is_alphanumeric() || unseen(c) || is_combining_mark(c))) {
            if word.is_ascii() && !word.bytes().any(|b| b.is_ascii_control()) {
                continue;
            }
            let letters = |of: fn(char) -> bool| word.chars().filter(|c| of(*c)).count();
            // `μs` is a unit, and `αβ` are two names.
            let (plain, foreign) = (letters(|c| c.is_ascii_alphabetic()), letters(is_foreign));
            all.foreign += usize::from(plain > 0 && foreign > 0 && plain + foreign > 2);
            all.unseen += usize::from(word.trim_matches(unseen).chars().any(|c| unseen(c) && c != '\u{ad}'));
        }
        all
    }

    /// What is said of it, one sentence for each kind.
    #[must_use]
    pub fn sentences(self) -> Vec<String> {
        let words = |n: usize| if n == 1 { String::from("1 word") } else { format!("{n} words") };
        let mut all = Vec::new();
        if self.foreign > 0 {
            all.push(format!(
                "letters of another alphabet stand in {} for Latin letters that look like them, which seldom happens by accident; they are \
                 read as what they look like",
                words(self.foreign)
            ));
        }
        if self.unseen > 0 {
            all.push(format!(
                "characters that nobody sees stand inside {}, which seldom happens by accident; they are left out",
                words(self.unseen)
            ));
        }
        all
    }
}

/// A Greek, Cyrillic or Armenian letter that looks like a Latin one.
fn is_foreign(c: char) -> bool {
    ('\u{370}'..='\u{58f}').contains(&c) && c.to_lowercase().any(|c| latin(c).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_letter_looks_like_itself_and_all_are_small() {
        let all: Vec<char> = ('\0'..=char::MAX).filter(|c| latin(*c).is_some()).collect();
        assert!(all.len() > 90 && all.iter().all(|c| !c.is_ascii() && c.is_alphabetic() && !c.is_uppercase()), "{all:?}");
        assert!(all.iter().all(|c| latin(*c).is_some_and(|latin| latin.is_ascii_lowercase())));
    }

    #[test]
    fn disguised_words_are_counted_and_ordinary_ones_are_not() {
        let count = |text: &str| (Disguise::of(text).foreign, Disguise::of(text).unseen);
        assert_eq!(count("We will n\u{43e}t m\u{3bf}ve p\u{430}per."), (3, 0));
        assert_eq!(count("m\u{200b}o\u{1}ve th\u{1160}e"), (0, 2));
        let ordinary = "\u{feff}Мы пишем на Rust: 10 μs, naïve, hy\u{ad}phen, λόγος, αx. 文字\u{fe0f} end\u{200b} \u{200b}begin\r\n";
        assert_eq!(count(ordinary), (0, 0));
        assert!(Disguise::of(ordinary).sentences().is_empty() && Disguise::of("th\u{435} m\u{1}").sentences()[0].contains("in 1 word"));
    }
}
