//! Lemon Squeezy: signed webhooks, the public licence API, and the main API under an API key.
//!
//! Its webhooks have no timestamp and no delivery id that can be relied on; only status 200 counts as success; after three retries
//! (about 5 s, 25 s, 125 s) an event is gone. Documented at docs.lemonsqueezy.com/help/webhooks and /api/license-api.

pub mod api;
pub mod export;
mod licence_api;
mod object;
mod signature;
mod variants;
mod webhook;

pub use licence_api::{is_key_shaped, meaning, validate};
pub use signature::{sign, verify};
pub use variants::has_licence_keys;
pub use webhook::read;

/// What its orders have before the colon, and its segment in the webhook's address.
pub const PROVIDER: &str = "lemon_squeezy";

/// The header of the signature.
pub const SIGNATURE: &str = "x-signature";

/// Where its APIs are.
pub const API: &str = "https://api.lemonsqueezy.com";

/// Calls to the licence API that one minute allows, all buyers together.
pub const CALLS_A_MINUTE: u32 = 60;

mod field {
    //! Fields of a body whose types differ between the documents, the official SDK's types and real captures: read by meaning.

    use serde_json::Value;

    /// The largest whole number that every reader of JSON holds exactly: 2^53 - 1 (RFC 8259, section 6).
    const LARGEST: i64 = (1 << 53) - 1;

    /// A whole number of at most 2^53 - 1, however JSON writes it (`1000`, `1000.0`, `1e3`), or a text of digits that is one. A larger one
    /// is none: other readers would take it for its neighbour.
    pub(super) fn number(value: &Value) -> Option<i64> {
        let number = match value {
            Value::Number(n) => n.as_i64().or_else(|| n.as_f64().and_then(whole)),
            Value::String(s) => s.parse().ok(),
            _ => None,
        };
        number.filter(|n| (-LARGEST..=LARGEST).contains(n))
    }

    #[allow(clippy::cast_possible_truncation, reason = "whole, and small enough")]
    fn whole(n: f64) -> Option<i64> {
        (n.fract() == 0.0 && n.abs() <= LARGEST as f64).then_some(n as i64)
    }

    /// A number that is an id.
    pub(super) fn id(value: &Value) -> Option<u64> {
        number(value).and_then(|n| u64::try_from(n).ok())
    }

    /// An id as text: 1 to 16 digits.
    pub(super) fn id_text(value: &Value) -> Option<String> {
        id(value).map(|n| n.to_string())
    }

    /// `true`, 1 or `"true"`; everything else is no.
    pub(super) fn yes(value: &Value) -> bool {
        match value {
            Value::Bool(b) => *b,
            Value::Number(_) => number(value) == Some(1),
            Value::String(s) => s == "true" || s == "1",
            _ => false,
        }
    }

    /// A text of at most 256 bytes; longer ones are not what we look for.
    pub(super) fn text(value: &Value) -> Option<&str> {
        value.as_str().filter(|s| s.len() <= 256)
    }

    /// Seconds since 1970 of an ISO 8601 time.
    pub(super) fn time(value: &Value) -> Option<u64> {
        micros(value).map(|micros| micros / 1_000_000)
    }

    /// Microseconds since 1970 of an ISO 8601 time, below 2^53, so that JavaScript's numbers hold them.
    pub(super) fn micros(value: &Value) -> Option<u64> {
        let stamp: jiff::Timestamp = text(value)?.parse().ok()?;
        u64::try_from(stamp.as_microsecond()).ok().map(|micros| micros.min((1 << 53) - 1))
    }
}
