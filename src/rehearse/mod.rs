//! The provider's side of a sale: what Lemon Squeezy sends when somebody buys, and when the money goes back.
//!
//! Bodies are written as the provider writes them (member order, `\/`, `\uXXXX`, `meta` first), because the endpoint verifies raw
//! bytes; they are deterministic in what goes in. The test shop of the preview stands on this room, and so do tests.

mod body;

use secrecy::SecretString;

use crate::pay::lemon_squeezy::sign;

pub use body::Purchase;

/// A webhook, ready to be posted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// Header `X-Event-Name`; not authenticated, for logs.
    pub event: &'static str,
    /// Header `X-Signature`: HMAC-SHA256 of the body in lower-case hex.
    pub signature: String,
    /// The body, to the byte.
    pub body: Vec<u8>,
}

/// A shop in test mode.
#[derive(Debug)]
pub struct Shop {
    secret: SecretString,
    store: u64,
}

impl Shop {
    /// A shop with its number and its webhook secret.
    pub fn new(secret: impl Into<String>, store: u64) -> Self {
        Self { secret: SecretString::from(secret.into()), store }
    }

    /// Somebody has paid.
    #[must_use]
    pub fn order_created(&self, purchase: &Purchase) -> Signed {
        self.sign("order_created", body::order(self.store, "order_created", purchase, 0, purchase.at))
    }

    /// `amount` (in the currency's smallest unit, all refunds together) went back at `now`, seconds since 1970.
    #[must_use]
    pub fn order_refunded(&self, purchase: &Purchase, amount: u64, now: u64) -> Signed {
        self.sign("order_refunded", body::order(self.store, "order_refunded", purchase, amount, now))
    }

    /// The licence key that the buyer finds in the mail.
    #[must_use]
    pub fn license_key_created(&self, purchase: &Purchase) -> Signed {
        self.sign("license_key_created", body::licence_key(self.store, purchase))
    }

    fn sign(&self, event: &'static str, body: String) -> Signed {
        let body = body.into_bytes();
        Signed { event, signature: sign(&self.secret, &body), body }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pay::lemon_squeezy::{read, verify};
    use crate::pay::{Meaning, Status};

    fn shop() -> Shop {
        Shop::new("a-secret", 10_001)
    }

    fn purchase() -> Purchase {
        Purchase::new(1_000_042, 40_001, 50_001, 1_772_445_600).named("王 \"Ada\" \\ Löwe").claimed(Some("ab".repeat(32)))
    }

    fn order(signed: &Signed) -> crate::pay::Order {
        verify(&[SecretString::from("a-secret")], &signed.body, Some(&signed.signature)).expect("signed");
        match read(&signed.body).expect("readable").meaning {
            Meaning::Order(order) => order,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_purchase_reads_back_as_it_was_made() {
        let read = order(&shop().order_created(&purchase()));
        assert_eq!((read.status, read.item.store, read.item.product, read.item.variant), (Status::Paid, 10_001, 40_001, Some(50_001)));
        assert_eq!(read.number.as_deref(), Some("1000042"));
        assert!(read.test_mode);
    }

    #[test]
    fn a_refund_is_full_only_when_all_went_back() {
        let part = order(&shop().order_refunded(&purchase(), 1_500, 1_772_800_000));
        let full = order(&shop().order_refunded(&purchase(), 4_900, 1_772_800_000));
        assert_eq!((part.status, full.status), (Status::Paid, Status::Refunded));
    }

    #[test]
    fn bodies_have_the_provider_s_bytes() {
        let body = String::from_utf8(shop().order_created(&purchase()).body).expect("UTF-8");
        assert!(body.is_ascii() && body.starts_with("{\"meta\":{\"test_mode\":true"), "{body}");
        assert!(body.contains("https:\\/\\/") && body.contains("\\u738b \\\"Ada\\\" \\\\ L\\u00f6we"), "{body}");
    }

    #[test]
    fn a_licence_key_names_its_order() {
        let signed = shop().license_key_created(&purchase());
        let Meaning::Licence(licence) = read(&signed.body).expect("readable").meaning else { panic!("no licence") };
        assert_eq!(licence.order, purchase().order_id());
    }
}
