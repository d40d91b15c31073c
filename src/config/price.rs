//! What a course costs and which products of the payment provider sell it.

use std::fmt;

/// A price as the locked page shows it. Bookplate never computes with it: the provider's checkout is what counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Price {
    /// The amount as the author wrote it: digits, perhaps a point and two digits.
    pub amount: String,
    /// ISO 4217, three capital letters.
    pub currency: String,
}

impl Price {
    /// Reads `49 USD`, `49.00 USD` or `USD 49`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (a, b) = text.trim().split_once(char::is_whitespace)?;
        let (amount, currency) = if a.starts_with(|c: char| c.is_ascii_digit()) { (a, b.trim()) } else { (b.trim(), a) };
        let code = currency.len() == 3 && currency.bytes().all(|b| b.is_ascii_uppercase());
        let (whole, cents) = amount.split_once('.').unwrap_or((amount, "00"));
        let digits = |s: &str| !s.is_empty() && s.len() <= 9 && s.bytes().all(|b| b.is_ascii_digit());
        (code && digits(whole) && digits(cents) && cents.len() <= 3)
            .then(|| Self { amount: amount.to_owned(), currency: currency.to_owned() })
    }
}

impl fmt::Display for Price {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.amount, self.currency)
    }
}

/// A product of a payment provider that sells a course.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Product {
    /// Lower-case name of the provider: `lemon_squeezy`.
    pub provider: String,
    /// The provider's id of the product.
    pub product: u64,
    /// Only this variant of the product, if set.
    pub variant: Option<u64>,
}
