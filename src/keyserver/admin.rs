//! The author's calls: only with the admin token.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use secrecy::{ExposeSecret as _, SecretString};
use subtle::ConstantTimeEq as _;

use super::answer::Refusal;
use super::state::State;
use crate::protocol::primitives::sha256;

impl State {
    /// Refuses who does not have the token, and everybody where none is configured.
    pub(super) fn admin(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        if is_admin(self.0.admin_token.as_ref(), headers) { Ok(()) } else { Err(Refusal::Signature) }
    }
}

/// Compared as hashes in constant time, so that not even the token's length shows.
fn is_admin(right: Option<&SecretString>, headers: &HeaderMap) -> bool {
    let given = headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok()).and_then(|v| v.strip_prefix("Bearer "));
    match (right.map(SecretString::expose_secret).filter(|right| !right.is_empty()), given) {
        (Some(right), Some(given)) => sha256(right.as_bytes()).ct_eq(&sha256(given.as_bytes())).into(),
        _ => false,
    }
}

/// Lines of JSON as an answer.
pub(super) fn ndjson(lines: String) -> Response {
    let mut response = Body::from(lines).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-ndjson"));
    response
}
