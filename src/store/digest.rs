//! Keyed hashes of everything that would open something: licence keys, order references, devices, tokens.
//!
//! HMAC-SHA256 under `derive(site key, "store", site)`. Who steals the database alone cannot test a list of licence keys against it, nor
//! recognise a buyer whose receipt he holds; plain SHA-256 would allow both. Claims are kept as the protocol's claim hash, which is made
//! from 125 random bits and travels in the open anyway.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::protocol::primitives::{Key, hex, hmac, unhex};
use crate::protocol::{ClaimHash, SiteId, SiteKey};

/// A keyed hash, 32 bytes; 64 hexadecimal digits as text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Digest([u8; 32]);

impl Digest {
    /// From its bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl From<ClaimHash> for Digest {
    fn from(claim: ClaimHash) -> Self {
        Self(*claim.as_bytes())
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> Self {
        hex(&digest.0)
    }
}

impl TryFrom<String> for Digest {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        unhex(&text).map(Self).ok_or("a digest has 64 lower-case hexadecimal digits")
    }
}

impl fmt::Debug for Digest {
    /// The first four bytes: enough to compare, not to use.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({}..)", hex(&self.0[..4]))
    }
}

/// Makes digests for one site.
pub struct Digests(Key);

impl Digests {
    /// For this site under this key.
    #[must_use]
    pub fn new(key: &SiteKey, site: &SiteId) -> Self {
        Self(key.derive("store", &[site.as_str().as_bytes()]))
    }

    /// Of a licence key, as typed: white space round it and case do not count.
    #[must_use]
    pub fn licence(&self, key: &str) -> Digest {
        self.of("licence", key.trim().to_ascii_lowercase().as_bytes())
    }

    /// Of an order reference, as typed.
    #[must_use]
    pub fn reference(&self, reference: &str) -> Digest {
        self.of("reference", reference.trim().to_ascii_lowercase().as_bytes())
    }

    /// Of a device's random id.
    #[must_use]
    pub fn device(&self, id: &[u8]) -> Digest {
        self.of("device", id)
    }

    /// Of a token's random id.
    #[must_use]
    pub fn token(&self, id: &[u8]) -> Digest {
        self.of("token", id)
    }

    fn of(&self, label: &str, bytes: &[u8]) -> Digest {
        Digest(hmac(&self.0, &[label.as_bytes(), &[0], bytes]))
    }
}

impl fmt::Debug for Digests {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Digests(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_type_does_not_matter_and_what_it_is_for_does() {
        let digests = Digests::new(&SiteKey::from_bytes([1; 32]), &SiteId::parse("s").unwrap());
        assert_eq!(digests.licence(" 00AB "), digests.licence("00ab"));
        assert_ne!(digests.licence("x"), digests.reference("x"));
        assert_ne!(digests.licence("x"), Digests::new(&SiteKey::from_bytes([1; 32]), &SiteId::parse("t").unwrap()).licence("x"));
        assert_ne!(digests.licence("x"), Digests::new(&SiteKey::from_bytes([2; 32]), &SiteId::parse("s").unwrap()).licence("x"));
    }
}
