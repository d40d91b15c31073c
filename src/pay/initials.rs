//! Of a buyer's name only the initials are kept: enough for the buyer to know his own copy, too little to know him by.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One set of initials such as `T. B.`, or the first character of a name in Han characters, Hangul or kana; empty if there is no letter.
/// It is a stranger's text all the same: whoever shows it escapes it.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Initials(String);

impl Initials {
    /// The initials of a name: of its first and its last word.
    #[must_use]
    pub fn of(name: &str) -> Self {
        let mut words = name.split(|c: char| c.is_whitespace() || c == '.').filter_map(|word| word.chars().find(|c| c.is_alphabetic()));
        let Some(first) = words.next() else { return Self::default() };
        if writes_names_as_one(first) {
            return Self(first.to_string());
        }
        let mut out = format!("{}.", upper(first));
        if let Some(last) = words.next_back() {
            out.push_str(&format!(" {}.", upper(last)));
        }
        Self(out)
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Initials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One upper-case character where there is one (`ß` stays).
fn upper(c: char) -> char {
    let mut upper = c.to_uppercase();
    match (upper.next(), upper.next()) {
        (Some(one), None) => one,
        _ => c,
    }
}

/// Han, Hangul, hiragana, katakana: the family name comes first and is mostly one character.
fn writes_names_as_one(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use super::Initials;

    #[test]
    fn two_letters_or_one_character_and_nothing_else() {
        for (name, want) in [
            ("Test Buyer", "T. B."),
            ("  ada   king  lovelace ", "A. L."),
            ("Prince", "P."),
            ("J. R. R. Tolkien", "J. T."),
            ("Jos\u{e9} \u{c1}lvarez", "J. \u{c1}."),
            ("王小明", "王"),
            ("김 철수", "김"),
            ("ßan tan", "ß. T."),
            ("", ""),
            ("12 34", ""),
            ("\u{202e}evil <b>", "E. B."),
            ("\"><script>alert(1)</script>", "S."),
            ("buyer@example.com", "B. C."),
        ] {
            assert_eq!(Initials::of(name).as_str(), want, "{name}");
        }
    }
}
