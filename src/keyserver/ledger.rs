//! `GET /ledger`: every order as one line of JSON, for `trace` and `report`. With the admin token only.

use axum::body::Body;
use axum::extract::State as Extract;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use secrecy::{ExposeSecret as _, SecretString};
use subtle::ConstantTimeEq as _;

use super::answer::{Refusal, on_thread};
use super::state::State;
use crate::protocol::primitives::sha256;
use crate::store::{self, LedgerLine, OrdersError};

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
            out.push_str(&serde_json::to_string(&LedgerLine::from(line)).map_err(|_| Refusal::Unavailable)?);
            out.push('\n');
        }
        Ok(out)
    }
}
