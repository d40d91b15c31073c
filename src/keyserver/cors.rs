//! Cross-origin calls: the site's pages may ask, nobody else's. No cookies, so no credentials.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

/// How long a browser may remember a preflight, in seconds.
const REMEMBER: HeaderValue = HeaderValue::from_static("600");

pub(super) async fn layer(State(state): State<super::State>, request: Request, next: Next) -> Response {
    let ours = HeaderValue::from_str(&state.shelf().catalog.origin).ok();
    let from_us = ours.filter(|ours| request.headers().get(header::ORIGIN) == Some(ours));
    let mut response = if *request.method() == Method::OPTIONS {
        let mut response = StatusCode::NO_CONTENT.into_response();
        if from_us.is_some() {
            preflight(response.headers_mut());
        }
        response
    } else {
        next.run(request).await
    };
    let headers = response.headers_mut();
    headers.insert(header::VARY, HeaderValue::from_static("origin"));
    if let Some(ours) = from_us {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, ours);
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("retry-after"));
    }
    response
}

fn preflight(headers: &mut HeaderMap) {
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("POST"));
    headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("content-type"));
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, REMEMBER);
}
