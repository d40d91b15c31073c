//! The key schedule: from the site key to everything else. Every derivation of the specification's table stands here or beside the
//! file format that uses it, under its label.

use std::fmt;

use subtle::ConstantTimeEq as _;
use zeroize::{Zeroize, Zeroizing};

use super::id::{CourseId, Epoch, OrderRef, Seat, SiteId};
use super::params::Params;
use super::primitives::{Key, derive, first16, hex, sha256, stream, unhex, words};
use crate::code::Set;

/// What a written site key begins with: a name that scanners for leaked secrets can look for, and a version.
const TEXT_PREFIX: &str = "bookplate_site_key_v1_";

/// Length of one position key in bytes.
pub const POSITION_KEY: usize = 16;

/// Why a text is not a site key. The text itself is never repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SiteKeyError {
    /// It does not begin with `bookplate_site_key_v1_`.
    #[error("a site key begins with `{TEXT_PREFIX}`")]
    Prefix,
    /// Not 64 and 8 hexadecimal digits.
    #[error("a site key has 72 hexadecimal digits behind `{TEXT_PREFIX}`")]
    Form,
    /// A digit is wrong.
    #[error("the site key's checksum does not fit: a digit is wrong")]
    Checksum,
}

/// The secret of a site: whoever reads it can open every lesson and make any copy. Debug shows nothing; wiped when dropped.
#[derive(Clone)]
pub struct SiteKey([u8; 32]);

impl SiteKey {
    /// From 32 random bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Reads the text form; white space round it (the line break at the end of a file) is dropped.
    pub fn parse(text: &str) -> Result<Self, SiteKeyError> {
        let digits = text.trim().strip_prefix(TEXT_PREFIX).ok_or(SiteKeyError::Prefix)?;
        let mut all: [u8; 36] = unhex(digits).ok_or(SiteKeyError::Form)?;
        let mut key = Self([0; 32]);
        key.0.copy_from_slice(&all[..32]);
        let fits: bool = key.checksum().ct_eq(&all[32..]).into();
        all.zeroize();
        if fits { Ok(key) } else { Err(SiteKeyError::Checksum) }
    }

    /// The text form: `bookplate_site_key_v1_`, 64 hexadecimal digits of the key, 8 of its checksum.
    #[must_use]
    pub fn to_text(&self) -> Zeroizing<String> {
        let digits = Zeroizing::new(hex(&self.0));
        Zeroizing::new(format!("{TEXT_PREFIX}{}{}", *digits, hex(&self.checksum())))
    }

    /// The first 4 bytes of the SHA-256 of prefix and key.
    fn checksum(&self) -> [u8; 4] {
        let mut text = Zeroizing::new(TEXT_PREFIX.as_bytes().to_vec());
        text.extend_from_slice(&self.0);
        let [a, b, c, d, ..] = sha256(&text);
        [a, b, c, d]
    }

    /// `derive(site key, label, parts...)`.
    pub(crate) fn derive(&self, label: &str, parts: &[&[u8]]) -> Key {
        derive(&self.0, label, parts)
    }

    /// `derive(site key, "course", site, course, epoch, params)`.
    #[must_use]
    pub fn course(&self, site: &SiteId, course: &CourseId, epoch: Epoch, params: Params) -> CourseKey {
        let parts: [&[u8]; 4] = [site.as_bytes(), course.as_bytes(), &epoch.0.to_be_bytes(), &params.to_bytes()];
        CourseKey { key: self.derive("course", &parts), params }
    }

    /// First 16 bytes of `derive(site key, "buyer", site, provider, order id, seat)`.
    #[must_use]
    pub fn buyer(&self, site: &SiteId, order: &OrderRef, seat: Seat) -> BuyerId {
        let parts: [&[u8]; 4] = [site.as_bytes(), order.provider.as_str().as_bytes(), order.order_id.as_bytes(), &seat.0.to_be_bytes()];
        BuyerId(first16(&self.derive("buyer", &parts)))
    }

    /// The biases of a course as thresholds: the words of `stream(derive(site key, "bias", site, course, params), 4m)`, mapped to the
    /// set. Secret. Nothing is derived for a set whose biases are public.
    #[must_use]
    pub fn thresholds(&self, site: &SiteId, course: &CourseId, params: Params) -> Zeroizing<Vec<u32>> {
        if !params.set.has_secret_biases() {
            return Zeroizing::new(vec![params.set.threshold(0); params.m.len()]);
        }
        let key = self.derive("bias", &[site.as_bytes(), course.as_bytes(), &params.to_bytes()]);
        Zeroizing::new(words(&stream(&key, 4 * params.m.len())).map(|word| params.set.threshold(word)).collect())
    }

    /// A copy's slot at each position: word j of `stream(derive(site key, "codeword", site, course, params, buyer id), 4m)` held
    /// against threshold j. It does not depend on the epoch, so that a rotation never shows a buyer the other wording.
    #[must_use]
    pub fn codeword(&self, site: &SiteId, course: &CourseId, params: Params, buyer: &BuyerId) -> Codeword {
        self.codewords(site, course, params).of(buyer)
    }

    /// The codewords of a course, for many copies: what they share is derived once.
    #[must_use]
    pub fn codewords<'a>(&'a self, site: &'a SiteId, course: &'a CourseId, params: Params) -> Codewords<'a> {
        Codewords { key: self, site, course, params, thresholds: self.thresholds(site, course, params) }
    }
}

/// The codewords of a course; see [`SiteKey::codewords`].
pub struct Codewords<'a> {
    key: &'a SiteKey,
    site: &'a SiteId,
    course: &'a CourseId,
    params: Params,
    thresholds: Zeroizing<Vec<u32>>,
}

impl Codewords<'_> {
    /// The codeword of a copy; see [`SiteKey::codeword`].
    #[must_use]
    pub fn of(&self, buyer: &BuyerId) -> Codeword {
        let parts: [&[u8]; 4] = [self.site.as_bytes(), self.course.as_bytes(), &self.params.to_bytes(), &buyer.0];
        let drawn = stream(&self.key.derive("codeword", &parts), 4 * self.params.m.len());
        // A million of them are drawn for a verdict: eight words make a byte, without a branch. m is a multiple of 8.
        let (words, _) = drawn.as_chunks::<32>();
        let (thresholds, _) = self.thresholds.as_chunks::<8>();
        Codeword { bits: words.iter().zip(thresholds).map(|(words, thresholds)| slots(words, thresholds)).collect() }
    }
}

impl fmt::Debug for Codewords<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Codewords(..)")
    }
}

/// Eight slots, the first in the highest bit, from eight big-endian words.
fn slots(words: &[u8; 32], thresholds: &[u32; 8]) -> u8 {
    let (words, _) = words.as_chunks::<4>();
    let mut byte = 0;
    for (word, threshold) in words.iter().zip(thresholds) {
        byte = byte << 1 | u8::from(Set::draws_slot_one(u32::from_be_bytes(*word), *threshold));
    }
    byte
}

impl Drop for SiteKey {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for SiteKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SiteKey(..)")
    }
}

/// The key of a course in one epoch, with the parameters that it was derived from. Builder and key endpoint hold it, no buyer.
#[derive(Clone)]
pub struct CourseKey {
    key: Key,
    params: Params,
}

impl CourseKey {
    /// The parameters that it was derived from.
    #[must_use]
    pub fn params(&self) -> Params {
        self.params
    }

    /// All position keys: `stream(derive(course key, "positions"), 32m)`.
    #[must_use]
    pub fn positions(&self) -> PositionKeys {
        PositionKeys(stream(&derive(&*self.key, "positions", &[]), 2 * POSITION_KEY * self.params.m.len()))
    }
}

impl fmt::Debug for CourseKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CourseKey({}, ..)", self.params)
    }
}

/// Both keys of every position.
pub struct PositionKeys(Zeroizing<Vec<u8>>);

impl PositionKeys {
    /// `K[position][slot]`: the 16 bytes at 32 * position + 16 * slot. A position behind the last counts modulo m.
    #[must_use]
    pub fn get(&self, position: u32, slot: bool) -> &[u8; POSITION_KEY] {
        const NONE: &[u8; POSITION_KEY] = &[0; POSITION_KEY];
        let (keys, _) = self.0.as_chunks::<POSITION_KEY>();
        let index = 2 * position as usize + usize::from(slot);
        // There are always keys: m is at least 64.
        keys.get(index % keys.len().max(1)).unwrap_or(NONE)
    }

    /// The keys that a copy gets, one of each pair: 16m bytes.
    pub(crate) fn of(&self, codeword: &Codeword) -> Zeroizing<Vec<u8>> {
        let (pairs, _) = self.0.as_chunks::<{ 2 * POSITION_KEY }>();
        let mut out = Zeroizing::new(Vec::with_capacity(POSITION_KEY * pairs.len()));
        for (position, pair) in pairs.iter().enumerate() {
            let (zero, one) = pair.split_at(POSITION_KEY);
            out.extend_from_slice(if codeword.slot(position as u32) { one } else { zero });
        }
        out
    }
}

impl fmt::Debug for PositionKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PositionKeys(..)")
    }
}

/// The keyed hash of an order and a seat: what a copy is made for. Pseudonymous.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BuyerId(pub [u8; 16]);

impl fmt::Display for BuyerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

/// A copy's slot at each position; bit j is the bit of weight 128 >> (j mod 8) in byte j / 8.
#[derive(Clone, PartialEq, Eq)]
pub struct Codeword {
    bits: Vec<u8>,
}

impl Codeword {
    /// True for slot 1. A position behind the last is slot 0.
    #[must_use]
    pub fn slot(&self, position: u32) -> bool {
        bit(&self.bits, position)
    }

    /// m / 8 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bits
    }
}

impl fmt::Debug for Codeword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Codeword(..)")
    }
}

/// Bit `position`, counted from the most significant bit of the first byte.
pub(crate) fn bit(bits: &[u8], position: u32) -> bool {
    bits.get((position / 8) as usize).is_some_and(|byte| byte & (0x80 >> (position % 8)) != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> SiteKey {
        SiteKey::from_bytes([7; 32])
    }

    fn ids() -> (SiteId, CourseId) {
        (SiteId::parse("site").unwrap(), CourseId::parse("course").unwrap())
    }

    #[test]
    fn the_text_form_round_trips_and_sees_a_wrong_digit() {
        let text = key().to_text();
        assert_eq!(text.len(), TEXT_PREFIX.len() + 72);
        assert_eq!(SiteKey::parse(&format!("{}\n", *text)).unwrap().0, key().0);
        for i in TEXT_PREFIX.len()..text.len() {
            let mut wrong = text.as_bytes().to_vec();
            wrong[i] = if wrong[i] == b'0' { b'1' } else { b'0' };
            assert_eq!(SiteKey::parse(std::str::from_utf8(&wrong).unwrap()).err(), Some(SiteKeyError::Checksum));
        }
        assert_eq!(SiteKey::parse("").err(), Some(SiteKeyError::Prefix));
        assert_eq!(SiteKey::parse(&text[..text.len() - 1]).err(), Some(SiteKeyError::Form));
    }

    #[test]
    fn debug_shows_no_bytes() {
        let (site, course) = ids();
        let course_key = key().course(&site, &course, Epoch(1), Params::default());
        let shown = format!("{:?} {:?} {:?}", key(), course_key, course_key.positions());
        assert_eq!(shown, "SiteKey(..) CourseKey(2.2048.1, ..) PositionKeys(..)");
    }

    #[test]
    fn a_codeword_is_near_its_biases() {
        let (site, course) = ids();
        let buyer = BuyerId([1; 16]);
        for set in Set::ALL {
            let params = Params::from_numbers(set.number(), 65_536, 1).unwrap();
            let codeword = key().codeword(&site, &course, params, &buyer);
            let ones: u32 = codeword.as_bytes().iter().map(|b| b.count_ones()).sum();
            assert!(ones.abs_diff(32_768) < 800, "set {set}: {ones} of 65536");
        }
    }

    #[test]
    fn a_copy_gets_one_key_of_each_pair() {
        let (site, course) = ids();
        let params = Params::from_numbers(4, 64, 1).unwrap();
        let positions = key().course(&site, &course, Epoch(1), params).positions();
        let codeword = key().codeword(&site, &course, params, &BuyerId([1; 16]));
        let own = positions.of(&codeword);
        for j in 0..64 {
            assert_eq!(&own[16 * j as usize..][..16], positions.get(j, codeword.slot(j)));
        }
    }
}
