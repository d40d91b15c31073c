//! Claim codes: 125 random bits that a person can copy by hand.
//!
//! Twenty-five characters of Crockford's base 32 and a check character, in groups of five: `ABCDE-FGHJK-MNPQR-STVWX-YZ012-3`. As key
//! material a code is its 25 upper-case characters.

use std::fmt;
use std::str::FromStr;

use subtle::ConstantTimeEq as _;
use unicode_normalization::UnicodeNormalization as _;
use zeroize::Zeroize;

use super::id::SiteId;
use super::primitives::{derive, hex};

/// Crockford's alphabet: no I, L, O, U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Characters of a code without its check character.
const LEN: usize = 25;

/// Longest text that is looked at, in UTF-16 units (what JavaScript counts).
const TEXT_MAX: usize = 256;

/// Why a text is not a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CodeError {
    /// Not 26 characters after spaces and hyphens are dropped.
    #[error("a code has 25 characters and a check character")]
    Length,
    /// A character that no code has.
    #[error("a code has no such character")]
    Character,
    /// The check character does not fit: a typing mistake.
    #[error("the check character does not fit: a character is wrong or two are swapped")]
    Check,
}

impl CodeError {
    /// The failure class: the same word in JavaScript and in the vectors.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            CodeError::Length => "length",
            CodeError::Character => "character",
            CodeError::Check => "check",
        }
    }
}

/// A claim code. A secret: it opens an order (with its reference) or a static keyring. Debug shows nothing of it; Display is the code.
#[derive(Clone)]
pub struct Code([u8; LEN]);

impl Code {
    /// The first 125 of 128 random bits.
    #[must_use]
    pub fn from_random(random: [u8; 16]) -> Self {
        let mut bits = u128::from_be_bytes(random) >> 3;
        let mut out = [0; LEN];
        for c in out.iter_mut().rev() {
            *c = ALPHABET[(bits & 31) as usize];
            bits >>= 5;
        }
        Self(out)
    }

    /// Reads what a person typed: forgives case, full-width forms, white space and hyphens, and reads O as 0, I and L as 1.
    pub fn parse(text: &str) -> Result<Self, CodeError> {
        if text.encode_utf16().nth(TEXT_MAX).is_some() {
            return Err(CodeError::Length);
        }
        let mut values = Vec::with_capacity(LEN + 1);
        for c in text.nfkc().filter(|c| !is_ignored(*c)) {
            values.push(value(c).ok_or(CodeError::Character)?);
        }
        let (found, check) = match values.split_last() {
            Some((check, found)) if found.len() == LEN => (found, *check),
            _ => return Err(CodeError::Length),
        };
        if check_value(found) != check {
            return Err(CodeError::Check);
        }
        let mut out = [0; LEN];
        for (c, v) in out.iter_mut().zip(found) {
            *c = ALPHABET[usize::from(*v)];
        }
        values.zeroize();
        Ok(Self(out))
    }

    /// The 25 upper-case ASCII characters, as key material.
    #[must_use]
    pub fn key_material(&self) -> &[u8] {
        &self.0
    }

    /// The hash that travels through the payment: `derive(code, "claim hash", site)`.
    #[must_use]
    pub fn claim_hash(&self, site: &SiteId) -> ClaimHash {
        ClaimHash(*derive(&self.0, "claim hash", &[site.as_bytes()]))
    }
}

/// `code.claim_hash(site)`, as a function.
#[must_use]
pub fn claim_hash(code: &Code, site: &SiteId) -> ClaimHash {
    code.claim_hash(site)
}

/// Dropped before reading: ASCII white space, hyphens and the like that chats and word processors put in.
fn is_ignored(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' ' | '-' | '\u{2000}'..='\u{2015}' | '\u{2212}' | '\u{feff}')
}

fn value(c: char) -> Option<u8> {
    let c = match c.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        c => c,
    };
    ALPHABET.iter().position(|a| char::from(*a) == c).map(|v| v as u8)
}

/// A weighted sum over GF(32) with x^5 + x^2 + 1 and weights a^25 .. a^1, a = x: any one wrong character and any two swapped ones
/// change it.
fn check_value(values: &[u8]) -> u8 {
    values.iter().fold(0, |sum, v| {
        let shifted = (sum ^ v) << 1;
        if shifted & 32 == 0 { shifted } else { shifted ^ 0x25 }
    })
}

impl Drop for Code {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl PartialEq for Code {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for Code {}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code(..)")
    }
}

/// Groups of five and the check character.
impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut values = [0; LEN];
        for (v, c) in values.iter_mut().zip(self.0) {
            *v = value(char::from(c)).unwrap_or_default();
        }
        for group in self.0.chunks(5) {
            for c in group {
                write!(f, "{}", char::from(*c))?;
            }
            f.write_str("-")?;
        }
        let check = check_value(&values);
        values.zeroize();
        write!(f, "{}", char::from(ALPHABET[usize::from(check & 31)]))
    }
}

impl FromStr for Code {
    type Err = CodeError;
    fn from_str(text: &str) -> Result<Self, CodeError> {
        Self::parse(text)
    }
}

/// What a checkout link carries of a code, and what the store keeps: 32 bytes, written as 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClaimHash([u8; 32]);

impl ClaimHash {
    /// Reads 64 lower-case hexadecimal digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        super::primitives::unhex(text).map(Self)
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for ClaimHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl fmt::Debug for ClaimHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ClaimHash({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code() -> Code {
        Code::from_random(*b"sixteen bytes \xff\xff")
    }

    #[test]
    fn forgives_what_people_do() {
        let text = code().to_string();
        assert_eq!(text.len(), 31);
        for form in [text.to_lowercase(), text.replace('-', ""), text.replace('-', " \u{2013} "), format!("\u{feff} {text}\r\n")] {
            assert_eq!(Code::parse(&form), Ok(code()), "{form}");
        }
        let wide: String = text.chars().map(|c| char::from_u32(c as u32 + 0xfee0).unwrap()).collect();
        assert_eq!(Code::parse(&wide), Ok(code()));
        let zeros = Code::from_random([0; 16]);
        assert_eq!(Code::parse("ooooo-OOOOO-00000-00000-00000-0"), Ok(zeros));
    }

    #[test]
    fn every_wrong_character_and_every_swap_is_seen() {
        let text: Vec<char> = code().to_string().replace('-', "").chars().collect();
        for i in 0..26 {
            for c in ALPHABET.iter().map(|c| char::from(*c)).filter(|c| *c != text[i]) {
                let mut wrong = text.clone();
                wrong[i] = c;
                assert_eq!(Code::parse(&wrong.iter().collect::<String>()), Err(CodeError::Check));
            }
            for k in (0..i).filter(|k| text[*k] != text[i]) {
                let mut wrong = text.clone();
                wrong.swap(i, k);
                assert_eq!(Code::parse(&wrong.iter().collect::<String>()), Err(CodeError::Check));
            }
        }
    }

    #[test]
    fn refuses_with_a_class() {
        assert_eq!(Code::parse(""), Err(CodeError::Length));
        assert_eq!(Code::parse("0000000000000000000000000"), Err(CodeError::Length));
        assert_eq!(Code::parse("UUUUU-00000-00000-00000-00000-0"), Err(CodeError::Character));
        assert_eq!(Code::parse("ı0000-00000-00000-00000-00000-0"), Err(CodeError::Character));
        assert_eq!(Code::parse(&"0".repeat(100_000)), Err(CodeError::Length));
    }

    #[test]
    fn debug_shows_no_code() {
        assert_eq!(format!("{:?}", code()), "Code(..)");
    }
}
