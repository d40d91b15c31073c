//! The bodies, written member by member in the provider's order.

use jiff::Timestamp;

/// Seconds that the provider takes from the order to the webhook's snapshot of it.
const SETTLING: u64 = 4;

/// A purchase as the provider knows it. Ids follow from the order number, so that the same purchase always gives the same bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Purchase {
    /// The number that the buyer's mail names.
    pub order_number: u64,
    /// Product.
    pub product: u64,
    /// Its variant.
    pub variant: u64,
    /// How many.
    pub quantity: u32,
    /// In cents.
    pub total: u64,
    /// The buyer's name, as typed at the checkout.
    pub name: String,
    /// The claim hash of the checkout link.
    pub claim: Option<String>,
    /// When it was paid, seconds since 1970.
    pub at: u64,
}

impl Purchase {
    /// One piece for 49.00 USD, by a buyer without a claim.
    #[must_use]
    pub fn new(order_number: u64, product: u64, variant: u64, at: u64) -> Self {
        Self { order_number, product, variant, quantity: 1, total: 4_900, name: "Test Buyer".into(), claim: None, at }
    }

    /// With the name of the buyer.
    #[must_use]
    pub fn named(mut self, name: &str) -> Self {
        name.clone_into(&mut self.name);
        self
    }

    /// With the claim hash that came through the checkout link.
    #[must_use]
    pub fn claimed(mut self, claim: Option<String>) -> Self {
        self.claim = claim;
        self
    }

    /// The provider's id of the order.
    #[must_use]
    pub fn order_id(&self) -> String {
        (6_000_000 + self.order_number).to_string()
    }

    /// The order reference (`identifier`) that only the paying browser and the receipt get.
    #[must_use]
    pub fn reference(&self) -> String {
        format!("aaaaaaaa-0000-4000-8000-{:012}", self.order_number)
    }

    /// The licence key in the buyer's mail.
    #[must_use]
    pub fn licence_key(&self) -> String {
        format!("00000000-0000-4000-8000-{:012X}", self.order_number * 7_919)
    }
}

/// `order_created` and `order_refunded` carry the same snapshot of the order.
pub(super) fn order(store: u64, event: &str, purchase: &Purchase, refunded: u64, now: u64) -> String {
    let Purchase { order_number, product, variant, quantity, total, name, at, .. } = purchase;
    let id = purchase.order_id();
    let reference = purchase.reference();
    let full = refunded >= *total && refunded > 0;
    let (status, status_formatted) = match (full, refunded) {
        (true, _) => ("refunded", "Refunded"),
        (false, 0) => ("paid", "Paid"),
        (false, _) => ("partial_refund", "Partial refund"),
    };
    let refunded_at = if full { text(&time(now)) } else { "null".into() };
    let created = text(&time(*at));
    let updated = text(&time(now + SETTLING));
    let receipt =
        text(&format!("https://app.lemonsqueezy.com/my-orders/{reference}?expires={}&signature={}", now + 86_400, "0".repeat(64)));
    let attributes = format!(
        "{{\"store_id\":{store},\"customer_id\":20001,\"identifier\":{identifier},\"order_number\":{order_number},\"user_name\":{name},\
         \"user_email\":\"buyer@example.com\",\"currency\":\"USD\",\"currency_rate\":\"1.00000000\",\"subtotal\":{total},\"setup_fee\":0,\
         \"discount_total\":0,\"tax\":0,\"total\":{total},\"refunded_amount\":{refunded},\"subtotal_usd\":{total},\"setup_fee_usd\":0,\
         \"discount_total_usd\":0,\"tax_usd\":0,\"total_usd\":{total},\"refunded_amount_usd\":{refunded},\"tax_name\":\"Sales Tax\",\
         \"tax_rate\":0,\"tax_inclusive\":false,\"status\":\"{status}\",\"status_formatted\":\"{status_formatted}\",\"refunded\":{full},\
         \"refunded_at\":{refunded_at},\"total_formatted\":{total_formatted},\"refunded_amount_formatted\":{refunded_formatted},\
         \"first_order_item\":{{\"id\":{item},\"order_id\":{id},\"product_id\":{product},\"variant_id\":{variant},\"price_id\":60001,\
         \"product_name\":\"Test product\",\"variant_name\":\"Default\",\"price\":{total},\"quantity\":{quantity},\"created_at\":{created},\
         \"updated_at\":{created},\"test_mode\":true}},\"urls\":{{\"receipt\":{receipt}}},\"created_at\":{created},\"updated_at\":{updated},\
         \"test_mode\":true}}",
        identifier = text(&reference),
        name = text(name),
        total_formatted = text(&dollars(*total)),
        refunded_formatted = text(&dollars(refunded)),
        item = item(purchase),
    );
    envelope(event, purchase, "orders", &id, &attributes, &["store", "customer", "order-items", "license-keys"])
}

/// `license_key_created`.
pub(super) fn licence_key(store: u64, purchase: &Purchase) -> String {
    let key = purchase.licence_key();
    let short = key.get(key.len() - 12..).unwrap_or_default();
    let created = text(&time(purchase.at));
    let attributes = format!(
        "{{\"store_id\":{store},\"customer_id\":20001,\"order_id\":{},\"order_item_id\":{},\"product_id\":{},\"user_name\":{},\
         \"user_email\":\"buyer@example.com\",\"key\":{},\"key_short\":\"XXXX-{short}\",\"activation_limit\":null,\"instances_count\":0,\
         \"disabled\":0,\"status\":\"inactive\",\"status_formatted\":\"Inactive\",\"expires_at\":null,\"created_at\":{created},\
         \"updated_at\":{created},\"test_mode\":true}}",
        purchase.order_id(),
        item(purchase),
        purchase.product,
        text(&purchase.name),
        text(&key),
    );
    let id = (8_000_000 + purchase.order_number).to_string();
    envelope("license_key_created", purchase, "license-keys", &id, &attributes, &["store", "customer", "order", "product"])
}

fn envelope(event: &str, purchase: &Purchase, kind: &str, id: &str, attributes: &str, related: &[&str]) -> String {
    let custom = purchase.claim.as_ref().map(|claim| format!("\"custom_data\":{{\"claim\":{}}},", text(claim))).unwrap_or_default();
    let itself = format!("https://api.lemonsqueezy.com/v1/{kind}/{id}");
    let relationships = related.iter().map(|name| {
        let (to, of) = (text(&format!("{itself}/{name}")), text(&format!("{itself}/relationships/{name}")));
        format!("\"{name}\":{{\"links\":{{\"related\":{to},\"self\":{of}}}}}")
    });
    format!(
        "{{\"meta\":{{\"test_mode\":true,\"event_name\":\"{event}\",{custom}\"webhook_id\":\"00000000-0000-4000-8000-{:012}\"}},\
         \"data\":{{\"type\":\"{kind}\",\"id\":\"{id}\",\"attributes\":{attributes},\"relationships\":{{{}}},\"links\":{{\"self\":{}}}}}}}",
        purchase.order_number,
        relationships.collect::<Vec<_>>().join(","),
        text(&itself),
    )
}

fn item(purchase: &Purchase) -> u64 {
    3_000_000 + purchase.order_number
}

/// `2026-03-02T10:00:00.000000Z`
fn time(seconds: u64) -> String {
    let at = i64::try_from(seconds).ok().and_then(|s| Timestamp::from_second(s).ok()).unwrap_or(Timestamp::MAX);
    at.strftime("%Y-%m-%dT%H:%M:%S.000000Z").to_string()
}

fn dollars(cents: u64) -> String {
    format!("${}.{:02}", cents / 100, cents % 100)
}

/// A JSON string as PHP's `json_encode` writes it: `/` escaped, everything outside ASCII as UTF-16 escapes.
fn text(value: &str) -> String {
    let mut out = String::from("\"");
    for unit in value.encode_utf16() {
        match u8::try_from(unit) {
            Ok(b'"') => out.push_str("\\\""),
            Ok(b'\\') => out.push_str("\\\\"),
            Ok(b'/') => out.push_str("\\/"),
            Ok(b'\n') => out.push_str("\\n"),
            Ok(c @ 0x20..=0x7e) => out.push(char::from(c)),
            _ => out.push_str(&format!("\\u{unit:04x}")),
        }
    }
    out.push('"');
    out
}
