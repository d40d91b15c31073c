//! The provider's licence API, as far as a rehearsal needs it: what `POST /v1/licenses/validate` answers.

use super::{Purchase, Shop};
use crate::pay::Answer;

/// A licence key that the provider knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known<'a> {
    /// Its order.
    pub purchase: &'a Purchase,
    /// Which of the order's keys, from 0.
    pub copy: u32,
    /// `inactive`, `active`, `expired` or `disabled`.
    pub status: &'static str,
}

/// What the provider answers when asked about a key; `None` for one that it does not know.
#[must_use]
pub fn answer(shop: &Shop, known: Option<&Known<'_>>) -> Answer {
    let Some(Known { purchase, copy, status }) = known else {
        return Answer { status: 404, body: br#"{"valid":false,"error":"license_key not found."}"#.to_vec() };
    };
    let error = match *status {
        "expired" => Some("This license key has expired."),
        "disabled" => Some("This license key is disabled."),
        _ => None,
    };
    let body = serde_json::json!({
        "valid": error.is_none(),
        "error": error,
        "license_key": {
            "id": purchase.licence_id(*copy), "status": status, "key": purchase.licence_key_of(*copy), "activation_limit": 3,
            "activation_usage": 0, "created_at": "2026-03-02T10:00:00.000000Z", "expires_at": null, "test_mode": shop.test_mode,
        },
        "instance": null,
        "meta": {
            "store_id": shop.store, "order_id": purchase.order_id(), "order_item_id": 30001, "product_id": purchase.product,
            "product_name": "Example course", "variant_id": purchase.variant, "variant_name": "Default", "customer_id": 20001,
            "customer_name": purchase.name, "customer_email": purchase.email,
        },
    });
    Answer { status: 200, body: body.to_string().into_bytes() }
}
