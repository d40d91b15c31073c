//! The public licence API, which heals a lost webhook: `POST /v1/licenses/validate` without an instance, so that asking uses nothing up.
//!
//! Any shop's key validates there, so an answer proves nothing until store, product and mode were compared with ours.

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;

use super::field;
use crate::pay::{Answer, Body, Call, Initials, Item, Method, NoVerdict, Validated, Verdict};

/// True for the form of Lemon Squeezy's keys: 32 hexadecimal digits as 8-4-4-4-12. Nothing else goes upstream.
#[must_use]
pub fn is_key_shaped(key: &SecretString) -> bool {
    let bytes = key.expose_secret().as_bytes();
    let hyphen = |i: usize| matches!(i, 8 | 13 | 18 | 23);
    bytes.len() == 36 && bytes.iter().enumerate().all(|(i, b)| if hyphen(i) { *b == b'-' } else { b.is_ascii_hexdigit() })
}

/// Asks whether a key is good.
#[must_use]
pub fn validate(key: SecretString) -> Call {
    let body = Body::Form(vec![("license_key", key)]);
    Call { method: Method::Post, path: String::from("/v1/licenses/validate"), bearer: None, body }
}

/// The meaning of an answer. A verdict has a boolean `valid`, with 200, 400 or 404; whatever else comes is transport.
pub fn meaning(answer: &Answer) -> Result<Verdict, NoVerdict> {
    let none = NoVerdict { status: answer.status };
    if !matches!(answer.status, 200 | 400 | 404) {
        return Err(none);
    }
    let body: Value = serde_json::from_slice(&answer.body).map_err(|_| none)?;
    let valid = body["valid"].as_bool().ok_or(none)?;
    let key = &body["license_key"];
    if !key.is_object() {
        // Without a key in it, only the plain refusal of an unknown one is a verdict.
        return if !valid && body["error"].is_string() { Ok(Verdict::Unknown) } else { Err(none) };
    }
    let validated = Box::new(validated(key, &body["meta"]).ok_or(none)?);
    match (valid, key["status"].as_str()) {
        (true, _) => Ok(Verdict::Good(validated)),
        (false, Some("expired")) => Ok(Verdict::Expired(validated)),
        (false, Some("disabled")) => Ok(Verdict::Disabled(validated)),
        (false, _) => Err(none),
    }
}

fn validated(key: &Value, meta: &Value) -> Option<Validated> {
    Some(Validated {
        licence: field::id_text(&key["id"])?,
        order: field::id_text(&meta["order_id"])?,
        test_mode: field::yes(&key["test_mode"]),
        item: Item {
            store: field::id(&meta["store_id"])?,
            product: field::id(&meta["product_id"])?,
            variant: field::id(&meta["variant_id"]),
        },
        initials: Initials::of(meta["customer_name"].as_str().unwrap_or_default()),
        created_at: field::time(&key["created_at"]).unwrap_or_default(),
        expires_at: field::time(&key["expires_at"]),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(status: u16, body: &str) -> Result<Verdict, NoVerdict> {
        meaning(&Answer { status, body: body.as_bytes().to_vec() })
    }

    #[test]
    fn only_a_verdict_is_a_verdict() {
        for (status, body) in [
            (429, r#"{"message":"Too Many Attempts."}"#),
            (422, r#"{"message":"The license key field is required.","errors":{}}"#),
            (500, r#"{"valid":false,"error":"x"}"#),
            (429, r#"{"valid":false,"error":"x"}"#),
            (503, "<html>Just a moment...</html>"),
            (200, "<html>Just a moment...</html>"),
            (200, "{}"),
            (200, r#"{"valid":"no"}"#),
            (200, r#"{"valid":true}"#),
            (200, r#"{"valid":false}"#),
            (
                200,
                r#"{"valid":false,"error":"new state","license_key":{"id":1,"status":"asleep"},"meta":{"order_id":1,"store_id":1,"product_id":1}}"#,
            ),
        ] {
            assert_eq!(of(status, body), Err(NoVerdict { status }), "{status} {body}");
        }
        assert_eq!(of(404, r#"{"valid":false,"error":"license_key not found."}"#), Ok(Verdict::Unknown));
    }

    #[test]
    fn only_well_formed_keys_go_upstream() {
        let shaped = |s: &str| is_key_shaped(&SecretString::from(s));
        assert!(shaped("38b1460a-5104-4067-a91d-77b872934d51") && shaped("00000000-0000-4000-8000-00000000ABCD"));
        for bad in [
            "",
            "38b1460a",
            "38b1460a-5104-4067-a91d-77b872934d5",
            "38b1460a-5104-4067-a91d-77b872934d5g",
            "38b1460a05104-4067-a91d-77b872934d51",
        ] {
            assert!(!shaped(bad), "{bad}");
        }
    }
}
