//! Keyrings: what a buyer holds for one course and epoch.

use std::fmt;

use subtle::ConstantTimeEq as _;
use unicode_normalization::{UnicodeNormalization as _, is_nfc};
use zeroize::Zeroizing;

use super::error::OpenError;
use super::id::{CourseId, Epoch, SiteId};
use super::key::{BuyerId, CourseKey, POSITION_KEY, SiteKey, bit};
use super::limit;
use super::params::Params;
use super::primitives::sha256;
use super::wire::{Kind, Reader, Scope, expect_start, start};

/// Bytes of the checksum at the end.
const CHECKSUM: usize = 32;

/// One of the two keys of every position, the slots that they belong to, and the line that says whose copy it is. Secret: Debug shows
/// no key, and the keys are wiped when dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct Keyring {
    scope: Scope,
    display: String,
    slots: Vec<u8>,
    keys: Zeroizing<Vec<u8>>,
}

impl Keyring {
    /// Issues a copy's keyring. The display line is a stranger's text: control and direction characters are dropped, and it is cut to
    /// 127 bytes.
    #[must_use]
    pub fn issue(key: &SiteKey, site: &SiteId, course: &CourseId, epoch: Epoch, params: Params, buyer: &BuyerId, display: &str) -> Self {
        let course_key = key.course(site, course, epoch, params);
        let scope = Scope { site: site.clone(), course: course.clone(), epoch, params };
        Self::with(key, &course_key, scope, buyer, display)
    }

    fn with(key: &SiteKey, course_key: &CourseKey, scope: Scope, buyer: &BuyerId, display: &str) -> Self {
        let codeword = key.codeword(&scope.site, &scope.course, scope.params, buyer);
        let keys = course_key.positions().of(&codeword);
        Self { scope, display: clean(display), slots: codeword.as_bytes().to_vec(), keys }
    }

    /// What it is made for.
    #[must_use]
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// Whose copy it is, for people. Escape it wherever it is shown.
    #[must_use]
    pub fn display(&self) -> &str {
        &self.display
    }

    /// Key and slot of a position. A position behind the last counts modulo m.
    #[must_use]
    pub fn key(&self, position: u32) -> (&[u8; POSITION_KEY], bool) {
        const NONE: &[u8; POSITION_KEY] = &[0; POSITION_KEY];
        let position = self.scope.params.m.of(position);
        let (keys, _) = self.keys.as_chunks::<POSITION_KEY>();
        (keys.get(position as usize).unwrap_or(NONE), bit(&self.slots, position))
    }

    /// The bytes: start, scope, display line (u8 length and 127 bytes, so that all keyrings of a course are equally long), m/8 bytes of
    /// slot bits, 16m bytes of keys, SHA-256 of all before.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let mut out = Zeroizing::new(start(Kind::Keyring));
        out.reserve_exact(400 + limit::DISPLAY + self.slots.len() + self.keys.len() + CHECKSUM);
        self.scope.push(&mut out);
        out.push(self.display.len() as u8);
        out.extend_from_slice(self.display.as_bytes());
        let filled = out.len() + limit::DISPLAY - self.display.len();
        out.resize(filled, 0);
        out.extend_from_slice(&self.slots);
        out.extend_from_slice(&self.keys);
        let checksum = sha256(&out);
        out.extend_from_slice(&checksum);
        out
    }

    /// Reads a keyring. The checksum comes first, so that an accident is called one.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, OpenError> {
        let (inside, checksum) = bytes.split_last_chunk::<CHECKSUM>().ok_or(OpenError::Truncated)?;
        if !bool::from(sha256(inside).ct_eq(checksum)) {
            return Err(OpenError::Checksum);
        }
        let mut reader = Reader::new(inside);
        expect_start(&mut reader, Kind::Keyring)?;
        let scope = Scope::read(&mut reader)?;
        let n = usize::from(reader.u8()?);
        let (display, filling) = reader.bytes(limit::DISPLAY)?.split_at_checked(n).ok_or(OpenError::Header)?;
        let display = std::str::from_utf8(display).map_err(|_| OpenError::Header)?;
        if display.chars().any(char::is_control) || !is_nfc(display) || filling.iter().any(|b| *b != 0) {
            return Err(OpenError::Header);
        }
        let m = scope.params.m.len();
        let slots = reader.bytes(m / 8)?.to_vec();
        let keys = Zeroizing::new(reader.bytes(POSITION_KEY * m)?.to_vec());
        if !reader.rest().is_empty() {
            return Err(OpenError::Trailing);
        }
        Ok(Self { scope, display: display.to_owned(), slots, keys })
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keyring({}, {}, ..)", self.scope.course, self.scope.epoch)
    }
}

/// A display line that every reader accepts.
fn clean(text: &str) -> String {
    let kept = |c: &char| !c.is_control() && !matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let mut out: String = text.chars().filter(kept).nfc().collect();
    while out.len() > limit::DISPLAY {
        out.pop();
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn issue(display: &str) -> Keyring {
        let (site, course) = (SiteId::parse("site").unwrap(), CourseId::parse("course").unwrap());
        Keyring::issue(&SiteKey::from_bytes([7; 32]), &site, &course, Epoch(1), Params::default(), &BuyerId([1; 16]), display)
    }

    #[test]
    fn comes_back_as_it_was() {
        for display in ["", "order …0042, T. B.", "订单 …0042"] {
            let keyring = issue(display);
            assert_eq!(Keyring::from_bytes(&keyring.to_bytes()), Ok(keyring));
        }
    }

    #[test]
    fn all_keyrings_of_a_course_are_equally_long() {
        assert_eq!(issue("").to_bytes().len(), issue(&"x".repeat(500)).to_bytes().len());
    }

    #[test]
    fn a_strangers_line_is_made_harmless_to_layouts() {
        assert_eq!(issue("a\u{202e}b\r\nc\u{0}e\u{301}").display(), "abcé");
        assert_eq!(issue(&"é".repeat(100)).display().len(), 126);
    }

    #[test]
    fn debug_shows_no_key() {
        assert_eq!(format!("{:?}", issue("T. B.")), "Keyring(course, 1, ..)");
    }
}
