//! Bodies of webhooks. Everything that can be missing or differ in type is taken as missing: a purchase refused for a strange field is
//! a purchase lost, because after three retries Lemon Squeezy gives up.

use serde_json::Value;

use super::{field, object};
use crate::pay::{Meaning, Reading, Status, WebhookError};

/// Reads a body whose signature was verified. Of the documented events, `affiliate_activated` and `customer_updated` say nothing about
/// an order; these, and every event that we do not know, are ignored.
pub fn read(body: &[u8]) -> Result<Reading, WebhookError> {
    let body: Value = serde_json::from_slice(body).map_err(|_| WebhookError::Malformed("not JSON"))?;
    let name = body["meta"]["event_name"].as_str().ok_or(WebhookError::Malformed("no `meta.event_name`"))?;
    // Either place says so: a doubt is never real money.
    let (data, test_mode) = (&body["data"], field::yes(&body["meta"]["test_mode"]));
    let meaning = match name {
        "order_created" | "order_refunded" => Meaning::Order(object::order(data, test_mode, &body["meta"]["custom_data"])?),
        "license_key_created" | "license_key_updated" => Meaning::Licence(object::licence(data, test_mode)?),
        "subscription_created"
        | "subscription_updated"
        | "subscription_cancelled"
        | "subscription_resumed"
        | "subscription_expired"
        | "subscription_paused"
        | "subscription_unpaused" => object::subscription(data, test_mode)?.map_or(Meaning::Ignored, Meaning::Subscription),
        "subscription_payment_success"
        | "subscription_payment_failed"
        | "subscription_payment_recovered"
        | "subscription_payment_refunded" => match object::invoice(data, test_mode)? {
            // That a payment failed, the subscription says too, as `past_due`.
            invoice if invoice.status == Status::Open => Meaning::Ignored,
            invoice => Meaning::Invoice(invoice),
        },
        _ => Meaning::Ignored,
    };
    Ok(Reading { event: name.chars().filter(char::is_ascii_graphic).take(64).collect(), meaning })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pay::{LicenceStatus, Order, Pause, PauseMode};

    /// An order with the attributes `more` laid over a paid one.
    fn event(more: &str) -> Result<Reading, WebhookError> {
        let mut body = serde_json::json!({
            "meta": { "event_name": "order_created" },
            "data": { "id": "7", "attributes": {
                "store_id": 1, "total": 4900, "refunded_amount": 0, "status": "paid", "refunded": false,
                "first_order_item": { "product_id": 2, "variant_id": 3, "quantity": 1 }
            } }
        });
        let more: Value = serde_json::from_str(more).unwrap();
        for (key, value) in more.as_object().unwrap() {
            body["data"]["attributes"][key] = value.clone();
        }
        read(body.to_string().as_bytes())
    }

    #[track_caller]
    fn order_with(more: &str) -> Order {
        match event(more).unwrap().meaning {
            Meaning::Order(order) => order,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn refunds_are_decided_by_amounts() {
        for (more, want) in [
            ("{}", Status::Paid),
            (r#"{"refunded_amount":1500}"#, Status::Paid),
            (r#"{"refunded_amount":1500,"status":"partial_refund"}"#, Status::Paid),
            (r#"{"refunded_amount":4900}"#, Status::Refunded),
            (r#"{"refunded":true}"#, Status::Refunded),
            (r#"{"refunded":1}"#, Status::Refunded),
            (r#"{"refunded":null,"status":"refunded"}"#, Status::Refunded),
            (r#"{"status":"fraudulent"}"#, Status::Fraudulent),
            (r#"{"total":0}"#, Status::Paid),
            (r#"{"status":"pending"}"#, Status::Open),
            (r#"{"status":"failed"}"#, Status::Open),
            (r#"{"status":"never seen"}"#, Status::Open),
            (r#"{"status":null}"#, Status::Open),
        ] {
            assert_eq!(order_with(more).status, want, "{more}");
        }
    }

    #[test]
    fn strange_types_are_no_reason_to_lose_a_purchase() {
        let order = order_with(
            r#"{"order_number":"1000042","tax_rate":"20.00","tax_name":null,"user_name":null,"currency":7,"created_at":"soon","total":"4900"}"#,
        );
        assert_eq!((order.number.as_deref(), order.total, order.paid_at), (Some("1000042"), 4900, 0));
        assert_eq!((order.initials.as_str(), order.currency, order.claim), ("", None, None));
        assert_eq!(order_with(r#"{"first_order_item":{"product_id":"2","quantity":-3}}"#).quantity, 1);
    }

    #[test]
    fn numbers_are_whole_and_at_most_2_53_however_they_are_written() {
        for (total, want) in [
            ("1000", 1000),
            ("1000.0", 1000),
            ("1e3", 1000),
            ("\"1000\"", 1000),
            ("9007199254740991", 9_007_199_254_740_991),
            ("9007199254740992", 0),
            ("1e300", 0),
            ("\"9007199254740993\"", 0),
            ("\"1000.0\"", 0),
            ("10.5", 0),
        ] {
            assert_eq!(order_with(&format!(r#"{{"total":{total}}}"#)).total, want, "{total}");
        }
        assert_eq!(order_with(r#"{"store_id":1.0,"first_order_item":{"product_id":"2","variant_id":3e0}}"#).item.store, 1);
        assert!(event(r#"{"store_id":9007199254740993}"#).is_err() && order_with(r#"{"test_mode":1.0}"#).test_mode);
    }

    #[test]
    fn what_names_no_order_is_malformed() {
        for more in [r#"{"store_id":null}"#, r#"{"first_order_item":null}"#, r#"{"first_order_item":{"product_id":-1}}"#] {
            assert!(matches!(event(more), Err(WebhookError::Malformed(_))), "{more}");
        }
        for body in ["", "null", "[]", "{}", r#"{"meta":{"event_name":7}}"#, "{\"meta\":{}}", &"[".repeat(300)] {
            assert!(read(body.as_bytes()).is_err(), "{body}");
        }
    }

    #[test]
    fn other_events_are_ignored_and_their_names_kept_short() {
        let reading = read(format!(r#"{{"meta":{{"event_name":"a\nb{}"}}}}"#, "x".repeat(100)).as_bytes()).unwrap();
        assert_eq!((reading.event.len(), reading.meaning), (64, Meaning::Ignored));
    }

    #[test]
    fn a_status_that_we_do_not_know_closes_nothing() {
        let read_as = |event: &str, kind: &str, status: &str| {
            let is = serde_json::json!({ "store_id": 1, "order_id": 7, "product_id": 2, "key": "k", "status": status, "pause": { "mode": "void" } });
            let body = serde_json::json!({ "meta": { "event_name": event }, "data": { "type": kind, "id": "9", "attributes": is } });
            read(body.to_string().as_bytes()).unwrap().meaning
        };
        assert_eq!(read_as("subscription_updated", "subscriptions", "asleep"), Meaning::Ignored);
        let Meaning::Licence(key) = read_as("license_key_updated", "license-keys", "asleep") else { panic!() };
        assert_eq!(key.status, LicenceStatus::Active);
        let Meaning::Subscription(paused) = read_as("subscription_paused", "subscriptions", "paused") else { panic!() };
        assert_eq!(paused.pause, Some(Pause { mode: PauseMode::Void, resumes_at: None }));
        let Meaning::Subscription(active) = read_as("subscription_unpaused", "subscriptions", "active") else { panic!() };
        assert_eq!((active.pause, active.quantity), (None, 1));
    }

    #[test]
    fn a_doubtful_mode_is_test_mode() {
        assert!(order_with(r#"{"test_mode":true}"#).test_mode);
        assert!(!order_with("{}").test_mode);
    }
}
