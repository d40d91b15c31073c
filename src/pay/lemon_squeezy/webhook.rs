//! Bodies of webhooks. Everything that can be missing or differ in type is taken as missing: a purchase refused for a strange field is
//! a purchase lost, because after three retries Lemon Squeezy gives up.

use secrecy::SecretString;
use serde_json::Value;

use super::field;
use crate::pay::{Initials, Item, Licence, Meaning, Order, Reading, Status, WebhookError};

/// Most copies that one order gives; a larger quantity counts as this.
const QUANTITY_MAX: i64 = 10_000;

/// Reads a body whose signature was verified.
pub fn read(body: &[u8]) -> Result<Reading, WebhookError> {
    let body: Value = serde_json::from_slice(body).map_err(|_| WebhookError::Malformed("not JSON"))?;
    let name = body["meta"]["event_name"].as_str().ok_or(WebhookError::Malformed("no `meta.event_name`"))?;
    let meaning = match name {
        "order_created" | "order_refunded" => Meaning::Order(order(&body)?),
        "license_key_created" => Meaning::Licence(licence(&body)?),
        _ => Meaning::Ignored,
    };
    Ok(Reading { event: name.chars().filter(char::is_ascii_graphic).take(64).collect(), meaning })
}

fn order(body: &Value) -> Result<Order, WebhookError> {
    let (data, is) = (&body["data"], &body["data"]["attributes"]);
    let item = &is["first_order_item"];
    let total = field::number(&is["total"]).unwrap_or_default();
    let refunded = field::number(&is["refunded_amount"]).unwrap_or_default();
    let created_at = field::time(&is["created_at"]).unwrap_or_default();
    let changed_at = field::time(&is["updated_at"]).unwrap_or(created_at);
    let status = status(is, total, refunded);
    let ended_at = field::time(&is["refunded_at"]).filter(|_| status > Status::Paid);
    Ok(Order {
        id: field::id_text(&data["id"]).ok_or(WebhookError::Malformed("no `data.id`"))?,
        test_mode: test_mode(body),
        item: Item {
            store: field::id(&is["store_id"]).ok_or(WebhookError::Malformed("no `store_id`"))?,
            product: field::id(&item["product_id"]).ok_or(WebhookError::Malformed("no `product_id`"))?,
            variant: field::id(&item["variant_id"]),
        },
        quantity: field::number(&item["quantity"]).unwrap_or(1).clamp(1, QUANTITY_MAX) as u32,
        status,
        number: field::id_text(&is["order_number"]),
        reference: field::text(&is["identifier"]).map(str::to_owned),
        claim: field::text(&body["meta"]["custom_data"]["claim"]).map(str::to_owned),
        initials: Initials::of(is["user_name"].as_str().unwrap_or_default()),
        currency: field::text(&is["currency"]).filter(|c| c.len() == 3 && c.bytes().all(|b| b.is_ascii_uppercase())).map(str::to_owned),
        total,
        refunded,
        paid_at: created_at,
        at: ended_at.unwrap_or(changed_at),
    })
}

/// By amounts: `refunded` stays false and `status` may say `paid` after a partial refund, and a full one is told in three ways.
fn status(is: &Value, total: i64, refunded: i64) -> Status {
    let word = is["status"].as_str().unwrap_or_default();
    match word {
        "fraudulent" => Status::Fraudulent,
        "refunded" => Status::Refunded,
        _ if field::yes(&is["refunded"]) || (total > 0 && refunded >= total) => Status::Refunded,
        "paid" | "partial_refund" => Status::Paid,
        _ => Status::Open,
    }
}

fn licence(body: &Value) -> Result<Licence, WebhookError> {
    let (data, is) = (&body["data"], &body["data"]["attributes"]);
    let created_at = field::time(&is["created_at"]).unwrap_or_default();
    Ok(Licence {
        id: field::id_text(&data["id"]).ok_or(WebhookError::Malformed("no `data.id`"))?,
        order: field::id_text(&is["order_id"]).ok_or(WebhookError::Malformed("no `order_id`"))?,
        test_mode: test_mode(body),
        item: Item {
            store: field::id(&is["store_id"]).ok_or(WebhookError::Malformed("no `store_id`"))?,
            product: field::id(&is["product_id"]).ok_or(WebhookError::Malformed("no `product_id`"))?,
            variant: field::id(&is["variant_id"]),
        },
        key: SecretString::from(field::text(&is["key"]).ok_or(WebhookError::Malformed("no `key`"))?),
        expires_at: field::time(&is["expires_at"]),
        at: field::time(&is["updated_at"]).unwrap_or(created_at),
    })
}

/// Either place says so: a doubt is never real money.
fn test_mode(body: &Value) -> bool {
    field::yes(&body["meta"]["test_mode"]) || field::yes(&body["data"]["attributes"]["test_mode"])
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn a_doubtful_mode_is_test_mode() {
        assert!(order_with(r#"{"test_mode":true}"#).test_mode);
        assert!(!order_with("{}").test_mode);
    }
}
