//! Bodies of webhooks: the members of Lemon Squeezy's order and licence key objects, in the order of captured deliveries.

use super::php_json::{Json, object};
use super::{Purchase, Shop};

/// Where an order stands.
#[derive(Clone, Copy)]
pub(super) enum State {
    Pending,
    Paid,
    Refunded { cents: i64, at: u64 },
    Fraudulent { at: u64 },
}

/// What follows from a state: status, its word, cents refunded, whether in full, since when.
struct Money {
    status: &'static str,
    word: &'static str,
    refunded: i64,
    full: bool,
    at: Option<u64>,
}

impl State {
    fn money(self, total: i64) -> Money {
        let (status, word, refunded, full, at) = match self {
            State::Pending => ("pending", "Pending", 0, false, None),
            State::Paid => ("paid", "Paid", 0, false, None),
            State::Refunded { cents, at } if cents >= total => ("refunded", "Refunded", cents, true, Some(at)),
            State::Refunded { cents, at } => ("partial_refund", "Partial refund", cents, false, Some(at)),
            State::Fraudulent { at } => ("fraudulent", "Fraudulent", total, true, Some(at)),
        };
        Money { status, word, refunded, full, at }
    }
}

/// `order_created` and `order_refunded`.
pub(super) fn order(shop: &Shop, purchase: &Purchase, event: &'static str, state: State) -> Json {
    let Purchase { total, quantity, .. } = *purchase;
    let money = state.money(total);
    let id = purchase.order_id();
    let created = time(purchase.paid_at);
    let changed = time(money.at.map_or(purchase.paid_at + 4, |at| at + 1));
    let item = object([
        ("id", (30_000 + purchase.order_number % 1_000_000).into()),
        ("order_id", id.into()),
        ("product_id", purchase.product.into()),
        ("variant_id", purchase.variant.into()),
        ("price_id", 60_001_u64.into()),
        ("product_name", "Example course".into()),
        ("variant_name", "Default".into()),
        ("price", (total / i64::from(quantity.max(1))).into()),
        ("quantity", u64::from(quantity).into()),
        ("created_at", created.clone().into()),
        ("updated_at", created.clone().into()),
        ("test_mode", shop.test_mode.into()),
    ]);
    let receipt =
        format!("https://app.lemonsqueezy.com/my-orders/{}?expires=1772460004&signature={}", purchase.reference(), "0".repeat(64));
    let attributes = object([
        ("store_id", shop.store.into()),
        ("customer_id", 20_001_u64.into()),
        ("identifier", purchase.reference().into()),
        ("order_number", purchase.order_number.into()),
        ("user_name", purchase.name.as_str().into()),
        ("user_email", purchase.email.as_str().into()),
        ("currency", "USD".into()),
        ("currency_rate", "1.00000000".into()),
        ("subtotal", total.into()),
        ("setup_fee", 0_i64.into()),
        ("discount_total", 0_i64.into()),
        ("tax", 0_i64.into()),
        ("total", total.into()),
        ("refunded_amount", money.refunded.into()),
        ("subtotal_usd", total.into()),
        ("setup_fee_usd", 0_i64.into()),
        ("discount_total_usd", 0_i64.into()),
        ("tax_usd", 0_i64.into()),
        ("total_usd", total.into()),
        ("refunded_amount_usd", money.refunded.into()),
        ("tax_name", "Sales Tax".into()),
        ("tax_rate", 0_i64.into()),
        ("tax_inclusive", false.into()),
        ("status", money.status.into()),
        ("status_formatted", money.word.into()),
        ("refunded", money.full.into()),
        ("refunded_at", money.at.filter(|_| money.full).map_or(Json::Null, |at| time(at).into())),
        ("subtotal_formatted", dollars(total).into()),
        ("setup_fee_formatted", dollars(0).into()),
        ("discount_total_formatted", dollars(0).into()),
        ("tax_formatted", dollars(0).into()),
        ("total_formatted", dollars(total).into()),
        ("refunded_amount_formatted", dollars(money.refunded).into()),
        ("first_order_item", item),
        ("urls", object([("receipt", receipt.into())])),
        ("created_at", created.into()),
        ("updated_at", changed.into()),
        ("test_mode", shop.test_mode.into()),
    ]);
    let related = ["store", "customer", "order-items", "subscriptions", "license-keys", "discount-redemptions"];
    envelope(shop, purchase, event, "orders", id, attributes, &related)
}

/// `license_key_created`.
pub(super) fn licence(shop: &Shop, purchase: &Purchase, copy: u32, expires_at: Option<u64>) -> Json {
    let key = purchase.licence_key_of(copy);
    let short: String = key.chars().skip(24).collect();
    let created = time(purchase.paid_at);
    let attributes = object([
        ("store_id", shop.store.into()),
        ("customer_id", 20_001_u64.into()),
        ("order_id", purchase.order_id().into()),
        ("order_item_id", (30_000 + purchase.order_number % 1_000_000).into()),
        ("product_id", purchase.product.into()),
        ("user_name", purchase.name.as_str().into()),
        ("user_email", purchase.email.as_str().into()),
        ("key", key.into()),
        ("key_short", format!("XXXX-{short}").into()),
        ("activation_limit", 3_i64.into()),
        ("instances_count", 0_i64.into()),
        ("disabled", 0_i64.into()),
        ("status", "inactive".into()),
        ("status_formatted", "Inactive".into()),
        ("expires_at", expires_at.map_or(Json::Null, |at| time(at).into())),
        ("created_at", created.clone().into()),
        ("updated_at", created.into()),
    ]);
    let related = ["store", "customer", "order", "order-item", "product", "license-key-instances"];
    envelope(shop, purchase, "license_key_created", "license-keys", purchase.licence_id(copy), attributes, &related)
}

pub(super) fn envelope(
    shop: &Shop,
    purchase: &Purchase,
    event: &'static str,
    kind: &'static str,
    id: u64,
    attributes: Json,
    related: &[&'static str],
) -> Json {
    let own = format!("https://api.lemonsqueezy.com/v1/{kind}/{id}");
    let link = |name: &'static str| {
        let links = object([("related", format!("{own}/{name}").into()), ("self", format!("{own}/relationships/{name}").into())]);
        (name, object([("links", links)]))
    };
    let mut meta = vec![("test_mode", shop.test_mode.into()), ("event_name", event.into())];
    // Without custom data the member is missing, not empty.
    if let Some(claim) = &purchase.claim {
        meta.push(("custom_data", object([("claim", claim.as_str().into())])));
    }
    meta.push(("webhook_id", format!("00000000-0000-4000-8000-{:012}", id % 1_000_000_000_000).into()));
    let data = object([
        ("type", kind.into()),
        ("id", id.to_string().into()),
        ("attributes", attributes),
        ("relationships", Json::Object(related.iter().map(|name| link(name)).collect())),
        ("links", object([("self", own.clone().into())])),
    ]);
    object([("meta", Json::Object(meta)), ("data", data)])
}

/// `2026-03-02T10:00:00.000000Z`.
pub(super) fn time(seconds: u64) -> String {
    let stamp = i64::try_from(seconds).ok().and_then(|s| jiff::Timestamp::from_second(s).ok()).unwrap_or_default();
    stamp.strftime("%Y-%m-%dT%H:%M:%S.000000Z").to_string()
}

pub(super) fn dollars(cents: i64) -> String {
    format!("${}.{:02}", cents / 100, cents % 100)
}
