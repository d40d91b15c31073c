//! Tokens: what a device keeps so that it need not show its code again.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use subtle::ConstantTimeEq as _;

use super::error::OpenError;
use super::id::{OrderId, OrderRef, Provider, Seat, SiteId};
use super::key::SiteKey;
use super::limit;
use super::primitives::{Key, hmac};
use super::wire::{Reader, push_short};

/// What a written token begins with: scanners for leaked secrets can look for it.
const PREFIX: &str = "bookplate_token_v1_";

/// Bytes of the code at the end.
const MAC: usize = 32;

/// How long a token lasts, in seconds: 400 days.
pub const TOKEN_LIFETIME: u64 = 400 * 86_400;

/// How far a token may come from the future, in seconds: clocks of endpoints differ.
pub const TOKEN_SKEW: u64 = 300;

/// Why a token is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum TokenError {
    /// Longer than any token.
    #[error("too long for a token")]
    Length,
    /// It does not begin with `bookplate_token_v1_`.
    #[error("not a token")]
    Prefix,
    /// Not base64url without padding.
    #[error("not a token: bad encoding")]
    Encoding,
    /// The code does not fit: changed, or made under another site key or for another site.
    #[error("forged")]
    Forged,
    /// The code fits, but the fields do not: made by a broken program.
    #[error("malformed")]
    Malformed,
    /// Of another site.
    #[error("made for another site")]
    Site,
    /// Issued more than [`TOKEN_SKEW`] seconds from now.
    #[error("not yet valid")]
    Early,
    /// Over.
    #[error("expired")]
    Expired,
}

impl TokenError {
    /// The failure class: the same word in every implementation and in the vectors.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            TokenError::Length => "length",
            TokenError::Prefix => "prefix",
            TokenError::Encoding => "encoding",
            TokenError::Forged => "forged",
            TokenError::Malformed => "malformed",
            TokenError::Site => "site",
            TokenError::Early => "early",
            TokenError::Expired => "expired",
        }
    }
}

/// A device's right to the keyrings of an order's seat. The text form is a bearer secret; these fields are not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// The site.
    pub site: SiteId,
    /// Random, to tell devices apart.
    pub id: [u8; 16],
    /// The order.
    pub order: OrderRef,
    /// Which of its copies.
    pub seat: Seat,
    /// Seconds since 1970.
    pub issued_at: u64,
    /// Seconds since 1970.
    pub expires_at: u64,
}

impl Token {
    /// A token that lasts [`TOKEN_LIFETIME`] from `now` (seconds since 1970).
    #[must_use]
    pub fn new(site: SiteId, id: [u8; 16], order: OrderRef, seat: Seat, now: u64) -> Self {
        Self { site, id, order, seat, issued_at: now, expires_at: now.saturating_add(TOKEN_LIFETIME) }
    }

    /// The text form: `bookplate_token_v1_` and base64url of fields and code.
    ///
    /// Fields: site, 16 bytes of id, provider, order id, u32 seat, u64 issued at, u64 expires at; texts with a u8 length. The code is
    /// HMAC-SHA256(derive(site key, "token", site), prefix || fields).
    #[must_use]
    pub fn mint(&self, key: &SiteKey) -> String {
        let mut bytes = Vec::with_capacity(400);
        push_short(&mut bytes, self.site.as_bytes());
        bytes.extend_from_slice(&self.id);
        push_short(&mut bytes, self.order.provider.as_str().as_bytes());
        push_short(&mut bytes, self.order.order_id.as_bytes());
        bytes.extend_from_slice(&self.seat.0.to_be_bytes());
        bytes.extend_from_slice(&self.issued_at.to_be_bytes());
        bytes.extend_from_slice(&self.expires_at.to_be_bytes());
        let mac = hmac(&token_key(key, &self.site), &[PREFIX.as_bytes(), &bytes]);
        bytes.extend_from_slice(&mac);
        format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes))
    }

    /// Verifies a token of this site at `now` (seconds since 1970): the code first, in constant time, and only then what it says.
    pub fn verify(key: &SiteKey, site: &SiteId, text: &str, now: u64) -> Result<Self, TokenError> {
        if text.len() > limit::TOKEN {
            return Err(TokenError::Length);
        }
        let encoded = text.strip_prefix(PREFIX).ok_or(TokenError::Prefix)?;
        let bytes = URL_SAFE_NO_PAD.decode(encoded).map_err(|_| TokenError::Encoding)?;
        let (fields, mac) = bytes.split_last_chunk::<MAC>().ok_or(TokenError::Forged)?;
        let right = hmac(&token_key(key, site), &[PREFIX.as_bytes(), fields]);
        if !bool::from(right.ct_eq(mac)) {
            return Err(TokenError::Forged);
        }
        let token = Self::read(fields).map_err(|_| TokenError::Malformed)?;
        match () {
            () if token.site != *site => Err(TokenError::Site),
            () if token.issued_at > now.saturating_add(TOKEN_SKEW) => Err(TokenError::Early),
            () if token.expires_at <= now => Err(TokenError::Expired),
            () => Ok(token),
        }
    }

    fn read(fields: &[u8]) -> Result<Self, OpenError> {
        let mut reader = Reader::new(fields);
        let site = SiteId::parse(reader.id()?).map_err(|_| OpenError::Header)?;
        let id = *reader.array()?;
        let provider = Provider::parse(reader.id()?).map_err(|_| OpenError::Header)?;
        let order_id = OrderId::parse(reader.id()?).map_err(|_| OpenError::Header)?;
        let seat = Seat(reader.u32()?);
        let (issued_at, expires_at) = (reader.u64()?, reader.u64()?);
        if !reader.rest().is_empty() {
            return Err(OpenError::Trailing);
        }
        Ok(Self { site, id, order: OrderRef { provider, order_id }, seat, issued_at, expires_at })
    }
}

/// `derive(site key, "token", site)`: a token opens all courses of its order, so no course enters.
fn token_key(key: &SiteKey, site: &SiteId) -> Key {
    key.derive("token", &[site.as_bytes()])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token() -> Token {
        Token::new(SiteId::parse("site").unwrap(), [9; 16], "lemon_squeezy:7000001".parse().unwrap(), Seat(0), 1_700_000_000)
    }

    fn verify(text: &str, now: u64) -> Result<Token, TokenError> {
        Token::verify(&SiteKey::from_bytes([7; 32]), &SiteId::parse("site").unwrap(), text, now)
    }

    #[test]
    fn lasts_from_a_little_before_its_time_to_its_end() {
        let text = token().mint(&SiteKey::from_bytes([7; 32]));
        let start = token().issued_at;
        assert_eq!(verify(&text, start), Ok(token()));
        assert_eq!(verify(&text, start - TOKEN_SKEW), Ok(token()));
        assert_eq!(verify(&text, start - TOKEN_SKEW - 1), Err(TokenError::Early));
        assert_eq!(verify(&text, start + TOKEN_LIFETIME - 1), Ok(token()));
        assert_eq!(verify(&text, start + TOKEN_LIFETIME), Err(TokenError::Expired));
    }

    #[test]
    fn another_key_or_site_is_forged() {
        assert_eq!(verify(&token().mint(&SiteKey::from_bytes([8; 32])), 1_700_000_000), Err(TokenError::Forged));
        let other = Token { site: SiteId::parse("other").unwrap(), ..token() };
        assert_eq!(verify(&other.mint(&SiteKey::from_bytes([7; 32])), 1_700_000_000), Err(TokenError::Forged));
    }

    #[test]
    fn any_one_bit_flipped_is_refused() {
        let text = token().mint(&SiteKey::from_bytes([7; 32]));
        for i in 0..8 * text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[i / 8] ^= 1 << (i % 8);
            if let Ok(wrong) = String::from_utf8(bytes) {
                let error = verify(&wrong, 1_700_000_000).expect_err(&wrong);
                assert!(matches!(error, TokenError::Prefix | TokenError::Encoding | TokenError::Forged), "{wrong}: {error}");
            }
        }
    }

    #[test]
    fn one_text_for_each_token() {
        let text = token().mint(&SiteKey::from_bytes([7; 32]));
        assert_eq!(verify(&format!("{text}="), 1_700_000_000), Err(TokenError::Encoding));
        assert_eq!(verify(&format!("{text}\n"), 1_700_000_000), Err(TokenError::Encoding));
        assert_eq!(verify(&"x".repeat(2000), 1_700_000_000), Err(TokenError::Length));
        assert_eq!(verify("", 1_700_000_000), Err(TokenError::Prefix));
        assert_eq!(verify(PREFIX, 1_700_000_000), Err(TokenError::Forged));
    }
}
