//! The objects of Lemon Squeezy, as webhooks and its API show them: `{ "type", "id", "attributes" }`. The types of members differ between
//! its documents, its own client and real deliveries, so that they are read by their meaning, and what is not needed may be anything.

use secrecy::SecretString;
use serde_json::Value;

use super::field;
use crate::pay::{
    Initials, Invoice, Item, Licence, LicenceStatus, Order, Pause, PauseMode, Status, Subscription, SubscriptionStatus, WebhookError,
};

/// Most copies that one order gives; a larger quantity counts as this.
const QUANTITY_MAX: i64 = 10_000;

/// An order. `custom` is what came through the checkout link, which only webhooks know.
pub(super) fn order(data: &Value, test_mode: bool, custom: &Value) -> Result<Order, WebhookError> {
    let is = &data["attributes"];
    let item = &is["first_order_item"];
    let total = field::number(&is["total"]).unwrap_or_default();
    let refunded = field::number(&is["refunded_amount"]).unwrap_or_default();
    let status = paid(is, total, refunded);
    let times = times(is, status);
    Ok(Order {
        id: id(data)?,
        test_mode: test_mode || field::yes(&is["test_mode"]),
        item: Item { store: store(is)?, product: product(item)?, variant: field::id(&item["variant_id"]) },
        quantity: quantity(item),
        status,
        number: field::id_text(&is["order_number"]),
        reference: field::text(&is["identifier"]).map(str::to_owned),
        claim: field::text(&custom["claim"]).map(str::to_owned),
        initials: Initials::of(is["user_name"].as_str().unwrap_or_default()),
        currency: field::text(&is["currency"]).filter(|c| c.len() == 3 && c.bytes().all(|b| b.is_ascii_uppercase())).map(str::to_owned),
        total,
        refunded,
        paid_at: times.created,
        at: times.at,
        updated: times.updated,
    })
}

/// A licence key. A status that we do not know is good: it is no reason to close what was paid.
pub(super) fn licence(data: &Value, test_mode: bool) -> Result<Licence, WebhookError> {
    let is = &data["attributes"];
    let times = times(is, Status::Paid);
    Ok(Licence {
        id: id(data)?,
        order: order_id(is)?,
        test_mode: test_mode || field::yes(&is["test_mode"]),
        item: Item { store: store(is)?, product: product(is)?, variant: field::id(&is["variant_id"]) },
        key: SecretString::from(field::text(&is["key"]).ok_or(WebhookError::Malformed("no `key`"))?),
        status: match is["status"].as_str() {
            _ if field::yes(&is["disabled"]) => LicenceStatus::Disabled,
            Some("disabled") => LicenceStatus::Disabled,
            Some("expired") => LicenceStatus::Expired,
            Some("inactive") => LicenceStatus::Inactive,
            _ => LicenceStatus::Active,
        },
        expires_at: field::time(&is["expires_at"]),
        at: times.at,
        updated: times.updated,
    })
}

/// A subscription; `None` if its status is a word that we do not know: then what was known before counts.
pub(super) fn subscription(data: &Value, test_mode: bool) -> Result<Option<Subscription>, WebhookError> {
    let is = &data["attributes"];
    let times = times(is, Status::Paid);
    let status = match is["status"].as_str().unwrap_or_default() {
        "on_trial" => SubscriptionStatus::OnTrial,
        "active" => SubscriptionStatus::Active,
        "past_due" => SubscriptionStatus::PastDue,
        "paused" => SubscriptionStatus::Paused,
        "unpaid" => SubscriptionStatus::Unpaid,
        "cancelled" => SubscriptionStatus::Cancelled,
        "expired" => SubscriptionStatus::Expired,
        _ => return Ok(None),
    };
    Ok(Some(Subscription {
        id: id(data)?,
        order: order_id(is)?,
        test_mode: test_mode || field::yes(&is["test_mode"]),
        item: Item { store: store(is)?, product: product(is)?, variant: field::id(&is["variant_id"]) },
        quantity: quantity(&is["first_subscription_item"]),
        status,
        renews_at: field::time(&is["renews_at"]),
        ends_at: field::time(&is["ends_at"]),
        pause: (status == SubscriptionStatus::Paused).then(|| pause(&is["pause"])),
        at: times.at,
        updated: times.updated,
    }))
}

/// A payment of a subscription.
pub(super) fn invoice(data: &Value, test_mode: bool) -> Result<Invoice, WebhookError> {
    let is = &data["attributes"];
    let total = field::number(&is["total"]).unwrap_or_default();
    let status = paid(is, total, field::number(&is["refunded_amount"]).unwrap_or_default());
    let times = times(is, status);
    Ok(Invoice {
        id: id(data)?,
        subscription: field::id_text(&is["subscription_id"]).ok_or(WebhookError::Malformed("no `subscription_id`"))?,
        test_mode: test_mode || field::yes(&is["test_mode"]),
        status,
        billed_at: times.created,
        at: times.at,
        updated: times.updated,
    })
}

/// By amounts: `refunded` stays false and `status` may say `paid` after a partial refund, and a full one is told in three ways. A partial
/// refund is another word for an order than for an invoice.
fn paid(is: &Value, total: i64, refunded: i64) -> Status {
    match is["status"].as_str().unwrap_or_default() {
        "fraudulent" => Status::Fraudulent,
        "refunded" => Status::Refunded,
        _ if field::yes(&is["refunded"]) || (total > 0 && refunded >= total) => Status::Refunded,
        "paid" | "partial_refund" | "partial_refunded" => Status::Paid,
        _ => Status::Open,
    }
}

/// What does not say that it gives everything gives nothing.
fn pause(is: &Value) -> Pause {
    let mode = if is["mode"].as_str() == Some("free") { PauseMode::Free } else { PauseMode::Void };
    Pause { mode, resumes_at: field::time(&is["resumes_at"]) }
}

struct Times {
    /// Seconds.
    created: u64,
    /// Seconds.
    at: u64,
    /// Microseconds.
    updated: u64,
}

fn times(is: &Value, status: Status) -> Times {
    let created = field::micros(&is["created_at"]).unwrap_or_default();
    let updated = field::micros(&is["updated_at"]).unwrap_or(created);
    let ended = field::time(&is["refunded_at"]).filter(|_| status > Status::Paid);
    Times { created: created / 1_000_000, at: ended.unwrap_or(updated / 1_000_000), updated }
}

fn id(data: &Value) -> Result<String, WebhookError> {
    field::id_text(&data["id"]).ok_or(WebhookError::Malformed("no `data.id`"))
}

fn order_id(is: &Value) -> Result<String, WebhookError> {
    field::id_text(&is["order_id"]).ok_or(WebhookError::Malformed("no `order_id`"))
}

fn store(is: &Value) -> Result<u64, WebhookError> {
    field::id(&is["store_id"]).ok_or(WebhookError::Malformed("no `store_id`"))
}

fn product(is: &Value) -> Result<u64, WebhookError> {
    field::id(&is["product_id"]).ok_or(WebhookError::Malformed("no `product_id`"))
}

fn quantity(item: &Value) -> u32 {
    field::number(&item["quantity"]).unwrap_or(1).clamp(1, QUANTITY_MAX) as u32
}
