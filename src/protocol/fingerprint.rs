//! Which site key a catalog or a database belongs to.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::id::SiteId;
use super::key::SiteKey;
use super::primitives::{hex, unhex};

/// The first 8 bytes of `derive(site key, "fingerprint", site)`. Public: it tells two keys apart and says nothing about either.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Fingerprint([u8; 8]);

/// Not 16 lower-case hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a key's fingerprint is 16 lower-case hexadecimal digits")]
pub struct FingerprintError;

impl SiteKey {
    /// The fingerprint of this key, for one site.
    #[must_use]
    pub fn fingerprint(&self, site: &SiteId) -> Fingerprint {
        let [a, b, c, d, e, f, g, h, ..] = *self.derive("fingerprint", &[site.as_bytes()]);
        Fingerprint([a, b, c, d, e, f, g, h])
    }
}

impl Fingerprint {
    /// Reads its digits.
    ///
    /// # Errors
    /// They are not 16 lower-case hexadecimal digits.
    pub fn parse(digits: &str) -> Result<Self, FingerprintError> {
        unhex(digits).map(Self).ok_or(FingerprintError)
    }
}

impl TryFrom<String> for Fingerprint {
    type Error = FingerprintError;

    fn try_from(digits: String) -> Result<Self, Self::Error> {
        Self::parse(&digits)
    }
}

impl From<Fingerprint> for String {
    fn from(fingerprint: Fingerprint) -> Self {
        hex(&fingerprint.0)
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_sites_have_their_own() {
        let (one, other) = (SiteId::parse("one").unwrap(), SiteId::parse("other").unwrap());
        let of = |byte, site| SiteKey::from_bytes([byte; 32]).fingerprint(site);
        assert_eq!(of(7, &one), of(7, &one));
        assert!(of(7, &one) != of(8, &one) && of(7, &one) != of(7, &other));
        let digits = of(7, &one).to_string();
        assert_eq!((digits.len(), Fingerprint::parse(&digits)), (16, Ok(of(7, &one))));
        for wrong in ["", &digits[1..], &digits.to_uppercase().replace(|c: char| c.is_ascii_digit(), "A"), "0123456789abcdeg"] {
            assert_eq!(Fingerprint::parse(wrong), Err(FingerprintError), "{wrong}");
        }
    }
}
