//! Bodies of webhooks about subscriptions and their payments: the members of Lemon Squeezy's objects, in the order of captured deliveries.

use super::body::{dollars, envelope, time};
use super::php_json::{Json, object};
use super::{Purchase, Shop};

/// A subscription at one moment. Times are seconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subscription {
    /// Where it stands.
    pub standing: Standing,
    /// The next payment.
    pub renews_at: u64,
    /// The end, where there will be one.
    pub ends_at: Option<u64>,
    /// When this came to be.
    pub updated_at: u64,
}

/// The states of a subscription, in the provider's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Nothing was paid yet, and nothing has to be.
    OnTrial,
    /// Paid.
    Active,
    /// Paused, and gives nothing.
    PausedVoid,
    /// Paused, and goes on giving.
    PausedFree,
    /// A payment failed; the provider tries again.
    PastDue,
    /// All tries failed.
    Unpaid,
    /// Ends by itself.
    Cancelled,
    /// Ended.
    Expired,
}

impl Standing {
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Standing::OnTrial => ("on_trial", "On trial"),
            Standing::Active => ("active", "Active"),
            Standing::PausedVoid | Standing::PausedFree => ("paused", "Paused"),
            Standing::PastDue => ("past_due", "Past due"),
            Standing::Unpaid => ("unpaid", "Unpaid"),
            Standing::Cancelled => ("cancelled", "Cancelled"),
            Standing::Expired => ("expired", "Expired"),
        }
    }

    fn pause(self) -> Json {
        let mode = |mode: &'static str| object([("mode", mode.into()), ("resumes_at", Json::Null)]);
        match self {
            Standing::PausedVoid => mode("void"),
            Standing::PausedFree => mode("free"),
            _ => Json::Null,
        }
    }
}

/// A payment of a subscription. Times are seconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Payment {
    /// Which one, from 0: the first is made at the checkout.
    pub number: u32,
    /// False while it failed.
    pub paid: bool,
    /// Cents that were given back.
    pub refunded: i64,
    /// When it fell due.
    pub billed_at: u64,
    /// When this came to be.
    pub updated_at: u64,
}

/// `subscription_created`, `subscription_updated` and their like.
pub(super) fn subscription(shop: &Shop, purchase: &Purchase, event: &'static str, is: &Subscription) -> Json {
    let id = purchase.subscription_id();
    let created = time(purchase.paid_at);
    let (status, word) = is.standing.words();
    let item = object([
        ("id", (id + 1_000_000_000).into()),
        ("subscription_id", id.into()),
        ("price_id", 60_002_u64.into()),
        ("quantity", u64::from(purchase.quantity).into()),
        ("is_usage_based", false.into()),
        ("created_at", created.clone().into()),
        ("updated_at", created.clone().into()),
    ]);
    let own = |path: &str| format!("https://example-store.lemonsqueezy.com/{path}?expires=1772481604&signature={}", "0".repeat(64));
    let urls = object([
        ("update_payment_method", own(&format!("subscription/{id}/payment-details")).into()),
        ("customer_portal", own("billing").into()),
        ("customer_portal_update_subscription", own(&format!("billing/{id}/update")).into()),
    ]);
    let attributes = object([
        ("store_id", shop.store.into()),
        ("customer_id", 20_001_u64.into()),
        ("order_id", purchase.order_id().into()),
        ("order_item_id", (30_000 + purchase.order_number % 1_000_000).into()),
        ("product_id", purchase.product.into()),
        ("variant_id", purchase.variant.into()),
        ("product_name", "Example course".into()),
        ("variant_name", "Monthly".into()),
        ("user_name", purchase.name.as_str().into()),
        ("user_email", purchase.email.as_str().into()),
        ("status", status.into()),
        ("status_formatted", word.into()),
        ("card_brand", "visa".into()),
        ("card_last_four", "4242".into()),
        ("payment_processor", "stripe".into()),
        ("pause", is.standing.pause()),
        ("cancelled", matches!(is.standing, Standing::Cancelled | Standing::Expired).into()),
        ("trial_ends_at", if is.standing == Standing::OnTrial { time(is.renews_at).into() } else { Json::Null }),
        ("billing_anchor", 2_i64.into()),
        ("first_subscription_item", item),
        ("urls", urls),
        ("renews_at", time(is.renews_at).into()),
        ("ends_at", is.ends_at.map_or(Json::Null, |at| time(at).into())),
        ("created_at", created.into()),
        ("updated_at", time(is.updated_at).into()),
        ("test_mode", shop.test_mode.into()),
    ]);
    let related = ["store", "customer", "order", "order-item", "product", "variant", "subscription-items", "subscription-invoices"];
    envelope(shop, purchase, event, "subscriptions", id, attributes, &related)
}

/// `subscription_payment_success` and its like.
pub(super) fn payment(shop: &Shop, purchase: &Purchase, event: &'static str, is: &Payment) -> Json {
    let total = purchase.total;
    let (status, word) = match is.refunded {
        0 if is.paid => ("paid", "Paid"),
        0 => ("pending", "Pending"),
        cents if cents >= total => ("refunded", "Refunded"),
        _ => ("partial_refunded", "Partial refunded"),
    };
    let full = is.refunded >= total && is.refunded > 0;
    let invoice = format!(
        "https://app.lemonsqueezy.com/my-orders/{}/subscription-invoice/{}?expires=1772460004&signature={}",
        purchase.reference(),
        purchase.payment_id(is.number),
        "0".repeat(64)
    );
    let attributes = object([
        ("store_id", shop.store.into()),
        ("subscription_id", purchase.subscription_id().into()),
        ("customer_id", 20_001_u64.into()),
        ("user_name", purchase.name.as_str().into()),
        ("user_email", purchase.email.as_str().into()),
        ("billing_reason", if is.number == 0 { "initial" } else { "renewal" }.into()),
        ("card_brand", "visa".into()),
        ("card_last_four", "4242".into()),
        ("currency", "USD".into()),
        ("currency_rate", "1.00000000".into()),
        ("status", status.into()),
        ("status_formatted", word.into()),
        ("refunded", full.into()),
        ("refunded_at", if full { time(is.updated_at).into() } else { Json::Null }),
        ("subtotal", total.into()),
        ("discount_total", 0_i64.into()),
        ("tax", 0_i64.into()),
        ("tax_inclusive", false.into()),
        ("total", total.into()),
        ("refunded_amount", is.refunded.into()),
        ("subtotal_usd", total.into()),
        ("discount_total_usd", 0_i64.into()),
        ("tax_usd", 0_i64.into()),
        ("total_usd", total.into()),
        ("refunded_amount_usd", is.refunded.into()),
        ("subtotal_formatted", dollars(total).into()),
        ("discount_total_formatted", dollars(0).into()),
        ("tax_formatted", dollars(0).into()),
        ("total_formatted", dollars(total).into()),
        ("refunded_amount_formatted", dollars(is.refunded).into()),
        ("urls", object([("invoice_url", if is.paid { invoice.into() } else { Json::Null })])),
        ("created_at", time(is.billed_at).into()),
        ("updated_at", time(is.updated_at).into()),
        ("test_mode", shop.test_mode.into()),
    ]);
    let id = purchase.payment_id(is.number);
    envelope(shop, purchase, event, "subscription-invoices", id, attributes, &["store", "subscription", "customer"])
}
