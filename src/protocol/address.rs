//! Where a sentence is addressed: a keyed hash of its text says at which position of the code it stands, and which wording is in which slot.

use std::fmt;

use unicode_normalization::UnicodeNormalization as _;
use zeroize::Zeroizing;

use super::id::{CourseId, SiteId};
use super::key::SiteKey;
use super::params::Positions;
use super::primitives::{Key, hmac, sha256};

/// The addresses of a course's sentences. They depend on neither epoch nor code parameters, but for the number of positions.
pub struct Addresses {
    key: Key,
    m: Positions,
}

/// The address of a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Address {
    /// Its position, below m.
    pub position: u32,
    /// The slot of the author's wording; true is slot 1.
    pub author_slot: bool,
    /// Sealed as a pair even if it has one wording alone: one sentence of sixteen, so that a pair does not mean a carrier.
    pub decoy: bool,
}

impl Addresses {
    /// `derive(site key, "address", site, course)`.
    #[must_use]
    pub fn new(key: &SiteKey, site: &SiteId, course: &CourseId, m: Positions) -> Self {
        Self { key: key.derive("address", &[site.as_bytes(), course.as_bytes()]), m }
    }

    /// The address of a sentence, given the author's wording as plain text.
    ///
    /// h = HMAC-SHA256(address key, SHA-256(text)); position = first u32 mod m; slot of the author's wording = bit 0 of byte 4; decoy if the
    /// low four bits of byte 5 are zero. The text is brought to NFC here, its white space collapsed and trimmed.
    #[must_use]
    pub fn of(&self, text: &str) -> Address {
        let normal: String = text.nfc().collect();
        let text = Zeroizing::new(normal.split_whitespace().collect::<Vec<_>>().join(" "));
        let [a, b, c, d, coin, decoy, ..] = hmac(&self.key, &[&sha256(text.as_bytes())]);
        Address { position: self.m.of(u32::from_be_bytes([a, b, c, d])), author_slot: coin & 1 == 1, decoy: decoy & 15 == 0 }
    }
}

impl fmt::Debug for Addresses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Addresses(..)")
    }
}
