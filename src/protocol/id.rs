//! Identifiers that enter derivations: sites, courses, lessons, orders. Parsed once, then right by type.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use unicode_normalization::is_nfc;

/// Longest id in bytes of UTF-8.
pub const ID_MAX: usize = 128;

/// Why a text is not an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// No text at all.
    #[error("an id may not be empty")]
    Empty,
    /// More than [`ID_MAX`] bytes.
    #[error("an id may have at most {ID_MAX} bytes of UTF-8")]
    Long,
    /// A control character, such as a line break.
    #[error("an id may not contain control characters")]
    Control,
    /// Not in Unicode normalisation form C, so that the same text could be written in two ways.
    #[error("an id must be in Unicode normalisation form C")]
    NotNfc,
    /// A provider is `[a-z0-9_-]{1,32}`.
    #[error("a provider is 1 to 32 of `a-z`, `0-9`, `_` and `-`")]
    Provider,
    /// An order reference is `provider:order id`.
    #[error("an order is written `provider:order id`")]
    Order,
}

/// The rule for every id: 1 to 128 bytes, NFC, no control characters.
pub(crate) fn check(text: &str) -> Result<(), IdError> {
    match text {
        "" => Err(IdError::Empty),
        t if t.len() > ID_MAX => Err(IdError::Long),
        t if t.chars().any(char::is_control) => Err(IdError::Control),
        t if !is_nfc(t) => Err(IdError::NotNfc),
        _ => Ok(()),
    }
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Parses 1 to 128 bytes of NFC text without control characters.
            pub fn parse(text: &str) -> Result<Self, IdError> {
                check(text).map(|()| Self(text.to_owned()))
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }

            pub(crate) fn as_bytes(&self) -> &[u8] {
                self.0.as_bytes()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                Self::parse(text)
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;
            fn try_from(text: String) -> Result<Self, IdError> {
                check(&text).map(|()| Self(text))
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }
    };
}

id! {
    /// A site: explicit in the configuration, never changed.
    SiteId
}
id! {
    /// A course: explicit in the configuration, never changed.
    CourseId
}
id! {
    /// A lesson within its course; survives renames.
    LessonId
}
id! {
    /// The provider's own id of an order, as text.
    OrderId
}

/// Key generation of a course; raised to lock out revoked copies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Epoch(pub u32);

/// One of the copies that hang on an order, from 0.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seat(pub u32);

impl fmt::Display for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Display for Seat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// A payment provider: `[a-z0-9_-]{1,32}`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Provider(String);

impl Provider {
    /// Parses `[a-z0-9_-]{1,32}`.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        let good = |b: u8| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-');
        if matches!(text.len(), 1..=32) && text.bytes().all(good) { Ok(Self(text.to_owned())) } else { Err(IdError::Provider) }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl FromStr for Provider {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        Self::parse(text)
    }
}

impl TryFrom<String> for Provider {
    type Error = IdError;
    fn try_from(text: String) -> Result<Self, IdError> {
        Self::parse(&text)
    }
}

impl From<Provider> for String {
    fn from(provider: Provider) -> String {
        provider.0
    }
}

/// An order, named by its provider: `lemon_squeezy:7000001`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct OrderRef {
    /// Who took the money.
    pub provider: Provider,
    /// The provider's id of the order.
    pub order_id: OrderId,
}

impl fmt::Display for OrderRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.provider, self.order_id)
    }
}

impl FromStr for OrderRef {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        let (provider, order_id) = text.split_once(':').ok_or(IdError::Order)?;
        Ok(Self { provider: Provider::parse(provider)?, order_id: OrderId::parse(order_id)? })
    }
}

impl TryFrom<String> for OrderRef {
    type Error = IdError;
    fn try_from(text: String) -> Result<Self, IdError> {
        text.parse()
    }
}

impl From<OrderRef> for String {
    fn from(order: OrderRef) -> String {
        order.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_bounded_normal_and_printable() {
        assert_eq!(SiteId::parse("借用").map(String::from), Ok("借用".into()));
        assert_eq!(SiteId::parse(""), Err(IdError::Empty));
        assert_eq!(SiteId::parse(&"a".repeat(129)), Err(IdError::Long));
        assert_eq!(SiteId::parse("a\nb"), Err(IdError::Control));
        assert_eq!(SiteId::parse("e\u{301}"), Err(IdError::NotNfc));
        assert!(SiteId::parse(&"é".repeat(64)).is_ok());
    }

    #[test]
    fn an_order_is_cut_at_its_first_colon() {
        let order: OrderRef = "manual:a:b".parse().unwrap();
        assert_eq!((order.provider.as_str(), order.order_id.as_str()), ("manual", "a:b"));
        assert_eq!(order.to_string(), "manual:a:b");
        assert_eq!("Manual:1".parse::<OrderRef>(), Err(IdError::Provider));
        assert_eq!("manual".parse::<OrderRef>(), Err(IdError::Order));
    }

    #[test]
    fn ids_are_checked_when_read_from_json() {
        assert!(serde_json::from_str::<CourseId>("\"a\\u0000\"").is_err());
        assert_eq!(serde_json::to_string(&CourseId::parse("rust-101").unwrap()).unwrap(), "\"rust-101\"");
    }
}
