//! What every request meets first: limits on size and time; and what every answer gets last: its headers and its line in the log.

use std::time::{Duration, Instant};

use axum::body::Bytes;
use axum::extract::{FromRequest as _, MatchedPath, Request};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::answer::Refusal;
use super::state::State;

/// Longest time that the work for a request may take; a provider call ends before.
pub(super) const WORK_TIME: Duration = Duration::from_secs(15);

/// Longest text in a request, in bytes.
pub(super) const TEXT_MAX: usize = 256;

/// Reads a body of at most `limit` bytes, which must also be the route's `DefaultBodyLimit`. A longer one is refused by its
/// `Content-Length` before a byte is read.
pub(super) async fn body(state: &State, request: Request, limit: usize) -> Result<Bytes, Refusal> {
    let length = request.headers().get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()).and_then(|v| v.parse::<u64>().ok());
    if length.is_some_and(|length| length > limit as u64) {
        return Err(Refusal::Large);
    }
    match tokio::time::timeout(state.0.body_time, Bytes::from_request(request, &())).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(rejection)) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => Err(Refusal::Large),
        Ok(Err(_)) => Err(Refusal::Malformed),
        Err(_) => Err(Refusal::Slow),
    }
}

/// Reads a call's JSON.
pub(super) async fn call<T: DeserializeOwned>(state: &State, request: Request) -> Result<T, Refusal> {
    object(&body(state, request, super::CALL_MAX).await?)
}

/// Reads an object: whole, and only then its members. So a member that nobody asks for is refused, too, if it is no good, and of a member
/// that comes twice the last one counts, wherever the endpoint runs. A list is no object with its members in their order.
pub(super) fn object<T: DeserializeOwned>(json: &[u8]) -> Result<T, Refusal> {
    let members: Map<String, Value> = serde_json::from_slice(json).map_err(|_| Refusal::Malformed)?;
    serde_json::from_value(Value::Object(members)).map_err(|_| Refusal::Malformed)
}

/// A method as the log names it: a client may send any word of any length.
fn name(method: &Method) -> &'static str {
    let known = [
        Method::GET,
        Method::HEAD,
        Method::POST,
        Method::PUT,
        Method::DELETE,
        Method::OPTIONS,
        Method::PATCH,
        Method::TRACE,
        Method::CONNECT,
    ];
    let names = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "CONNECT"];
    known.iter().zip(names).find(|(known, _)| *known == method).map_or("other", |(_, name)| name)
}

/// The outermost layer. The log gets the route as it is written in the router, never the address as it was sent.
pub(super) async fn layer(request: Request, next: Next) -> Response {
    let started = Instant::now();
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str).to_owned();
    let method = name(request.method());
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    let (status, took) = (response.status().as_u16(), started.elapsed().as_millis());
    tracing::info!(method, route, status, took_ms = took as u64, "request");
    response
}
