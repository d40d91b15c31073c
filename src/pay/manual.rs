//! Orders that no provider made: gifts, review copies, bank transfers. The author is the provider, and his word is a fact like any other.

/// What such orders have before the colon.
pub const PROVIDER: &str = "manual";

/// Why the author gave a copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// A present.
    Gift,
    /// For a reviewer.
    Review,
    /// Paid past every provider.
    BankTransfer,
}

impl Reason {
    /// Every value.
    pub const ALL: [Reason; 3] = [Reason::Gift, Reason::Review, Reason::BankTransfer];

    /// As typed on a command line and stored.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Reason::Gift => "gift",
            Reason::Review => "review",
            Reason::BankTransfer => "bank_transfer",
        }
    }
}

/// An order id from random bytes: 26 characters of Crockford's base 32, never guessed, so that it is the order's reference too.
#[must_use]
pub fn order_id(random: [u8; 16]) -> String {
    const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    let mut bits = u128::from_be_bytes(random);
    let mut out = [0; 26];
    for c in out.iter_mut().rev() {
        *c = ALPHABET[(bits & 31) as usize];
        bits >>= 5;
    }
    out.iter().map(|b| char::from(*b)).collect()
}

/// A key that opens one copy by itself, from random bytes: in the form of a provider's licence keys, with 122 random bits (RFC 9562, 5.4).
#[must_use]
pub fn key(random: [u8; 16]) -> String {
    let mut bytes = random;
    bytes[6] = 0x40 | bytes[6] & 0x0f;
    bytes[8] = 0x80 | bytes[8] & 0x3f;
    let digits: String = bytes.iter().map(|b| format!("{b:02X}")).collect();
    [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]].join("-")
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_key_has_the_form_of_a_licence_key() {
        assert_eq!(super::key([0xff; 16]), "FFFFFFFF-FFFF-4FFF-BFFF-FFFFFFFFFFFF");
        assert!(crate::pay::lemon_squeezy::is_key_shaped(&super::key([1; 16]).into()));
    }

    #[test]
    fn an_order_id_has_all_bits_of_its_source() {
        assert_eq!(super::order_id([0; 16]), "0".repeat(26));
        assert_eq!(super::order_id([255; 16]), format!("7{}", "z".repeat(25)));
        assert_ne!(super::order_id([1; 16]), super::order_id([2; 16]));
    }
}
