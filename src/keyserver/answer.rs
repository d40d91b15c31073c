//! What clients are told: a small set of fixed texts. Details go to the log.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::json;

use crate::store::{State, StoreError};

/// Every answer that is not the thing asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// No paid order names this claim with this reference (yet).
    Pending,
    /// Not a request.
    Malformed,
    /// A wrong signature or admin token.
    Signature,
    /// Refunded in full, or fraudulent.
    Refunded,
    /// Out of time.
    Expired,
    /// Closed by the author, or deleted.
    Revoked,
    /// Another device locked this one out.
    Locked,
    /// No token of this site, or an old one.
    Token,
    /// The order does not contain this course.
    Course,
    /// No such licence; no such path.
    Unknown,
    /// Not with this method.
    Method,
    /// The body came too slowly.
    Slow,
    /// The body is too long.
    Large,
    /// Too many new devices; seconds to wait.
    Devices(u64),
    /// Too many calls; seconds to wait.
    Wait(u64),
    /// Provider or store unreachable; nothing was lost.
    Unavailable,
}

/// Seconds after which a claim that waits for its webhook is asked about again.
const PENDING: u64 = 3;

/// Seconds after which something unreachable is asked again.
const UNAVAILABLE: u64 = 10;

impl Refusal {
    fn parts(self) -> (StatusCode, &'static str, Option<u64>) {
        match self {
            Refusal::Pending => (StatusCode::ACCEPTED, "pending", Some(PENDING)),
            Refusal::Malformed => (StatusCode::BAD_REQUEST, "malformed", None),
            Refusal::Signature => (StatusCode::UNAUTHORIZED, "signature", None),
            Refusal::Refunded => (StatusCode::FORBIDDEN, "refunded", None),
            Refusal::Expired => (StatusCode::FORBIDDEN, "expired", None),
            Refusal::Revoked => (StatusCode::FORBIDDEN, "revoked", None),
            Refusal::Locked => (StatusCode::FORBIDDEN, "locked", None),
            Refusal::Token => (StatusCode::FORBIDDEN, "token", None),
            Refusal::Course => (StatusCode::FORBIDDEN, "course", None),
            Refusal::Unknown => (StatusCode::NOT_FOUND, "unknown", None),
            Refusal::Method => (StatusCode::METHOD_NOT_ALLOWED, "method", None),
            Refusal::Slow => (StatusCode::REQUEST_TIMEOUT, "slow", None),
            Refusal::Large => (StatusCode::PAYLOAD_TOO_LARGE, "large", None),
            Refusal::Devices(seconds) => (StatusCode::TOO_MANY_REQUESTS, "devices", Some(seconds)),
            Refusal::Wait(seconds) => (StatusCode::TOO_MANY_REQUESTS, "wait", Some(seconds)),
            Refusal::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "unavailable", Some(UNAVAILABLE)),
        }
    }

    /// What a state means for whoever asks to read; `None` where it opens.
    pub(super) fn of(state: State) -> Option<Self> {
        match state {
            State::Active => None,
            State::Pending => Some(Refusal::Pending),
            State::Expired => Some(Refusal::Expired),
            State::Refunded | State::Fraudulent => Some(Refusal::Refunded),
            State::Revoked => Some(Refusal::Revoked),
        }
    }
}

/// The store failed: the log says how, once, here.
impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        tracing::error!(error = %error, "the store failed");
        Refusal::Unavailable
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, word, retry) = self.parts();
        let member = if self == Refusal::Pending { "status" } else { "error" };
        let mut response = match retry {
            Some(seconds) => (status, Json(json!({ member: word, "retryAfter": seconds }))).into_response(),
            None => (status, Json(json!({ member: word }))).into_response(),
        };
        if let Some(seconds) = retry {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// An answer of a call.
pub(super) type Answer<T> = Result<Json<T>, Refusal>;

/// Runs what may block (the store, a provider call) where it may, and gives up waiting after a time.
pub(super) async fn on_thread<T: Serialize + Send + 'static>(work: impl FnOnce() -> Result<T, Refusal> + Send + 'static) -> Answer<T> {
    let work = tokio::task::spawn_blocking(work);
    match tokio::time::timeout(super::intake::WORK_TIME, work).await {
        Ok(Ok(out)) => out.map(Json),
        Ok(Err(_)) => {
            tracing::error!("a handler panicked");
            Err(Refusal::Unavailable)
        }
        Err(_) => {
            tracing::error!("a handler took too long");
            Err(Refusal::Unavailable)
        }
    }
}

pub(super) async fn no_path() -> Refusal {
    Refusal::Unknown
}

pub(super) async fn no_method() -> Refusal {
    Refusal::Method
}
