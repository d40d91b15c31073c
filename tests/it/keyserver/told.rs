//! Signed events about purchase 1000042 that the rehearsed shop has no purchase for, with the members that are read.

use bookplate::pay::lemon_squeezy::sign;
use bookplate::rehearse::{Shop, Signed};
use serde_json::{Value, json};

use super::bench::{NOW, SECRET};

/// When something happens, in seconds after [`NOW`], as the provider writes it.
pub(super) fn time(after: u64) -> String {
    jiff::Timestamp::from_second(i64::try_from(NOW + after).expect("soon")).expect("a time").to_string()
}

/// An event in the mode and the store of the bench's shop.
pub(super) fn event(shop: &Shop, name: &'static str, kind: &str, id: u64, more: Value) -> Signed {
    let mut attributes =
        json!({ "store_id": shop.store(), "order_id": 7_000_042, "product_id": 40_001, "variant_id": 50_001, "created_at": time(0) });
    attributes.as_object_mut().expect("members").extend(more.as_object().expect("members").clone());
    let data = json!({ "type": kind, "id": id.to_string(), "attributes": attributes });
    let body = json!({ "meta": { "test_mode": false, "event_name": name }, "data": data }).to_string().into_bytes();
    Signed { event: name, signature: sign(&SECRET.into(), &body), body }
}

/// The licence key with the provider's id 80001 of the purchase, changed some seconds after it was paid.
pub(super) fn licence_updated(shop: &Shop, status: &str, key: &str, after: u64) -> Signed {
    let id = bookplate::rehearse::Purchase::new(1_000_042, 0, 0, 0).licence_id(0);
    event(shop, "license_key_updated", "license-keys", id, json!({ "key": key, "status": status, "updated_at": time(after) }))
}

/// Subscription 90001, changed some seconds after it began.
pub(super) fn subscription(shop: &Shop, name: &'static str, status: &str, after: u64, more: Value) -> Signed {
    let mut members = json!({ "status": status, "updated_at": time(after), "renews_at": time(30 * 86_400) });
    members.as_object_mut().expect("members").extend(more.as_object().expect("members").clone());
    event(shop, name, "subscriptions", 90_001, members)
}

/// A payment of subscription 90001, made and changed so many seconds after it began.
pub(super) fn payment(shop: &Shop, name: &'static str, status: &str, id: u64, made: u64, after: u64) -> Signed {
    let more = json!({ "subscription_id": 90_001, "status": status, "refunded": status == "refunded", "total": 900,
        "refunded_amount": if status == "refunded" { 900 } else { 0 }, "created_at": time(made), "updated_at": time(after) });
    event(shop, name, "subscription-invoices", id, more)
}
