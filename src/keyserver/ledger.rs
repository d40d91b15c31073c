//! `GET /ledger`: every order as one line of JSON, for `trace` and `report`. With the admin token only.

use axum::body::Body;
use axum::extract::State as Extract;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;
use subtle::ConstantTimeEq as _;

use super::answer::{Refusal, on_thread};
use super::state::State;
use crate::protocol::primitives::sha256;
use crate::protocol::{CourseId, OrderRef};
use crate::store::{self, OrderLine, OrdersError};

/// One line. Neither initials nor hashes would help who reads it; the display line is what the copy shows anyway.
#[derive(Serialize)]
struct Line {
    order: OrderRef,
    state: store::State,
    seats: u32,
    courses: Vec<CourseId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    product: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    variant: Option<u64>,
    number: Option<String>,
    display: String,
    currency: Option<String>,
    total: Option<i64>,
    refunded: i64,
    paid_at: u64,
    expires_at: Option<u64>,
    ended_at: Option<u64>,
    devices_30d: u32,
}

impl From<OrderLine> for Line {
    fn from(line: OrderLine) -> Self {
        let OrderLine { order, entitlement: e, courses, new_devices, ended_at } = line;
        let item = e.items.first();
        Self {
            order,
            state: e.state,
            seats: e.seats,
            courses,
            product: item.map(|item| item.product),
            variant: item.and_then(|item| item.variant),
            number: e.number,
            display: e.display,
            currency: e.currency,
            total: e.total,
            refunded: e.refunded,
            paid_at: e.paid_at,
            expires_at: e.expires_at,
            ended_at,
            devices_30d: new_devices,
        }
    }
}

pub(super) async fn handle(Extract(state): Extract<State>, headers: HeaderMap) -> Result<Response, Refusal> {
    if !is_admin(state.0.admin_token.as_ref(), &headers) {
        return Err(Refusal::Signature);
    }
    let text = on_thread(move || state.ledger()).await?;
    let mut response = Body::from(text.0).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-ndjson"));
    Ok(response)
}

/// Compared as hashes in constant time, so that not even the token's length shows.
fn is_admin(right: Option<&SecretString>, headers: &HeaderMap) -> bool {
    let given = headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok()).and_then(|v| v.strip_prefix("Bearer "));
    match (right.map(SecretString::expose_secret).filter(|right| !right.is_empty()), given) {
        (Some(right), Some(given)) => sha256(right.as_bytes()).ct_eq(&sha256(given.as_bytes())).into(),
        _ => false,
    }
}

impl State {
    fn ledger(&self) -> Result<String, Refusal> {
        let lines = store::list(&*self.0.store, &self.shelf().catalog, self.now()).map_err(|error| match error {
            OrdersError::Store(error) => Refusal::from(error),
            _ => Refusal::Unavailable,
        })?;
        let mut out = String::new();
        for line in lines {
            out.push_str(&serde_json::to_string(&Line::from(line)).map_err(|_| Refusal::Unavailable)?);
            out.push('\n');
        }
        Ok(out)
    }
}
