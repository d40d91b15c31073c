//! The main API, for whoever has an API key of the store (`Authorization: Bearer`, JSON:API, 300 calls a minute): lists what webhooks
//! may have lost, and switches off licence keys. Documented at <https://docs.lemonsqueezy.com/api>.
//!
//! A list comes in pages of [`PAGE`]: call [`list`] for page 1, read it with [`shown`], go on with [`Page::next`] until that is `None`.
//! What is listed is read like the body of a webhook, so that it becomes the same facts; only a claim is in webhooks alone.

use secrecy::SecretString;
use serde_json::{Value, json};

use super::{field, object};
use crate::pay::{Answer, Body, Call, Meaning, Method, NoVerdict, Status, WebhookError};

/// Objects on one page: the most that the API gives.
pub const PAGE: u32 = 100;

/// What can be listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Orders, newest first. They can be listed by store only.
    Orders,
    /// Licence keys.
    LicenceKeys,
    /// Subscriptions.
    Subscriptions,
    /// Payments of subscriptions. They can be listed by store only.
    Invoices,
}

impl Kind {
    /// In the order in which they are read best: payments name a subscription that must be known.
    pub const ALL: [Kind; 4] = [Kind::Orders, Kind::LicenceKeys, Kind::Subscriptions, Kind::Invoices];

    fn path(self) -> &'static str {
        match self {
            Kind::Orders => "orders",
            Kind::LicenceKeys => "license-keys",
            Kind::Subscriptions => "subscriptions",
            Kind::Invoices => "subscription-invoices",
        }
    }
}

/// Of what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of<'a> {
    /// A store, by the provider's number.
    Store(u64),
    /// An order, by the provider's id; of licence keys and subscriptions only.
    Order(&'a str),
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// What is on it; never [`Meaning::Ignored`].
    pub shown: Vec<Meaning>,
    /// How many objects of it could not be read, or say nothing to us: payments not made, statuses that we do not know.
    pub skipped: u32,
    /// The page after it.
    pub next: Option<u32>,
}

/// Asks for one page, from 1.
#[must_use]
pub fn list(key: &SecretString, kind: Kind, of: Of<'_>, page: u32) -> Call {
    let (name, id) = match of {
        Of::Store(id) => ("store_id", id.to_string()),
        // Ids are digits; whatever else stands there does not leave the query.
        Of::Order(id) => ("order_id", id.chars().filter(char::is_ascii_digit).collect()),
    };
    let path = format!("/v1/{}?filter%5B{name}%5D={id}&page%5Bnumber%5D={page}&page%5Bsize%5D={PAGE}", kind.path());
    Call { method: Method::Get, path, bearer: Some(key.clone()), body: Body::None }
}

/// Reads one page. `test_mode` is the mode of the API key: it counts for objects that do not say theirs, as licence keys may not.
///
/// # Errors
/// Whatever is not a 200 with a list in it says nothing.
pub fn shown(kind: Kind, answer: &Answer, test_mode: bool) -> Result<Page, NoVerdict> {
    let none = NoVerdict { status: answer.status };
    let body = document(answer)?;
    let data = body["data"].as_array().ok_or(none)?;
    let read: Vec<Meaning> = data.iter().filter_map(|data| one(kind, data, test_mode).ok().flatten()).collect();
    let number = |member: &str| field::id(&body["meta"]["page"][member]).and_then(|n| u32::try_from(n).ok());
    let next = match (number("currentPage"), number("lastPage")) {
        (Some(current), Some(last)) if current < last && !data.is_empty() => Some(current + 1),
        _ => None,
    };
    let skipped = u32::try_from(data.len() - read.len()).unwrap_or(u32::MAX);
    Ok(Page { shown: read, skipped, next })
}

/// Switches off a licence key, by the provider's id of it. Its reader is told so the next time that he enters it.
#[must_use]
pub fn disable(key: &SecretString, licence: &str) -> Call {
    let licence: String = licence.chars().filter(char::is_ascii_digit).collect();
    let body = json!({ "data": { "type": "license-keys", "id": licence, "attributes": { "disabled": true } } });
    let path = format!("/v1/license-keys/{licence}");
    Call { method: Method::Patch, path, bearer: Some(key.clone()), body: Body::Json(body.to_string()) }
}

/// Whether a key is switched off now. One that is gone opens nothing either.
///
/// # Errors
/// The answer does not say so.
pub fn disabled(answer: &Answer) -> Result<(), NoVerdict> {
    let none = NoVerdict { status: answer.status };
    if answer.status == 404 && serde_json::from_slice::<Value>(&answer.body).is_ok_and(|body| body["errors"].is_array()) {
        return Ok(());
    }
    let body = document(answer)?;
    let is = &body["data"]["attributes"];
    if field::yes(&is["disabled"]) || is["status"].as_str() == Some("disabled") { Ok(()) } else { Err(none) }
}

fn document(answer: &Answer) -> Result<Value, NoVerdict> {
    let none = NoVerdict { status: answer.status };
    if answer.status == 200 { serde_json::from_slice(&answer.body).map_err(|_| none) } else { Err(none) }
}

fn one(kind: Kind, data: &Value, test_mode: bool) -> Result<Option<Meaning>, WebhookError> {
    let test_mode = test_mode && data["attributes"]["test_mode"].is_null();
    Ok(match kind {
        Kind::Orders => Some(Meaning::Order(object::order(data, test_mode, &Value::Null)?)),
        Kind::LicenceKeys => Some(Meaning::Licence(object::licence(data, test_mode)?)),
        Kind::Subscriptions => object::subscription(data, test_mode)?.map(Meaning::Subscription),
        Kind::Invoices => Some(object::invoice(data, test_mode)?).filter(|told| told.status != Status::Open).map(Meaning::Invoice),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(status: u16, body: &str) -> Result<Page, NoVerdict> {
        shown(Kind::LicenceKeys, &Answer { status, body: body.into() }, true)
    }

    fn keys(more: &str) -> String {
        let key = r#"{"id":"80001","attributes":{"store_id":1,"order_id":7,"product_id":2,"key":"k","status":"active"}}"#;
        format!(r#"{{"data":[{key},{{"id":null}}]{more}}}"#)
    }

    #[test]
    fn a_list_is_asked_for_with_encoded_brackets_and_the_key_stays_out_of_sight() {
        let key = SecretString::from("api-key");
        let call = list(&key, Kind::LicenceKeys, Of::Order("7000001&x=1"), 2);
        assert_eq!(call.path, "/v1/license-keys?filter%5Border_id%5D=70000011&page%5Bnumber%5D=2&page%5Bsize%5D=100");
        assert!(!format!("{call:?}").contains("api-key"));
        assert_eq!(disable(&key, "../80001").path, "/v1/license-keys/80001");
    }

    #[test]
    fn pages_follow_each_other_to_the_last_one() {
        let at = |current, last| page(200, &keys(&format!(r#","meta":{{"page":{{"currentPage":{current},"lastPage":{last}}}}}"#))).unwrap();
        assert_eq!((at(1, 3).next, at(3, 3).next, at(9, 3).next), (Some(2), None, None));
        assert_eq!((page(200, &keys("")).unwrap().next, at(1, 3).shown.len(), at(1, 3).skipped), (None, 1, 1));
        // A list that never ends is ended by an empty page.
        assert_eq!(page(200, r#"{"data":[],"meta":{"page":{"currentPage":1,"lastPage":9}}}"#).unwrap().next, None);
    }

    #[test]
    fn what_does_not_say_its_mode_has_the_mode_of_the_key() {
        let Meaning::Licence(key) = &page(200, &keys("")).unwrap().shown[0] else { panic!() };
        assert!(key.test_mode);
        let live = keys("").replace("\"store_id\"", "\"test_mode\":false,\"store_id\"");
        let Meaning::Licence(key) = &page(200, &live).unwrap().shown[0] else { panic!() };
        assert!(!key.test_mode);
    }

    #[test]
    fn only_an_answer_is_an_answer() {
        for (status, body) in
            [(429, "{}"), (500, "{}"), (401, r#"{"errors":[]}"#), (200, "<html>"), (200, ""), (200, "{}"), (503, r#"{"data":[]}"#)]
        {
            assert_eq!(page(status, body), Err(NoVerdict { status }), "{status} {body}");
        }
        let off = |status, body: &str| disabled(&Answer { status, body: body.into() });
        for good in [r#"{"data":{"attributes":{"disabled":1}}}"#, r#"{"data":{"attributes":{"status":"disabled"}}}"#] {
            assert_eq!(off(200, good), Ok(()));
        }
        assert_eq!(off(404, r#"{"errors":[{"status":"404"}]}"#), Ok(()));
        for (status, body) in
            [(404, "<html>"), (200, r#"{"data":{"attributes":{"disabled":0}}}"#), (429, r#"{"data":{"attributes":{"disabled":1}}}"#)]
        {
            assert_eq!(off(status, body), Err(NoVerdict { status }));
        }
    }
}
