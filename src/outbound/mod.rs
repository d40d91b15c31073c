//! The one HTTP client that performs the calls that `pay` describes.

use std::time::Duration;

use secrecy::ExposeSecret as _;
use ureq::typestate::WithBody;
use ureq::{Agent, RequestBuilder, http};

use crate::pay::{self, ANSWER_MAX, Answer, Body, Call};

mod licences;

pub use licences::{NotDisabled, disable_licences};

mod server;
mod web;

pub use server::Server;
pub use web::{Method, Net, Request, Response, Web};

/// The media type of Lemon Squeezy's API.
const JSON_API: &str = "application/vnd.api+json";

/// Longest that one call may take, from name resolution to the last byte.
const TIMEOUT: Duration = Duration::from_secs(8);

/// Nobody answered, be it a provider, an endpoint or a site: why. Says nothing about what was asked, nor of whom.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unreachable(pub &'static str);

/// Performs calls. Blocks: callers in async code use a thread that may.
pub trait Outbound: Send + Sync {
    /// Performs one call. Every status is an answer.
    fn call(&self, call: &Call) -> Result<Answer, Unreachable>;
}

/// Reaches nobody: for previews and tests, and where nothing may leave the machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct Closed;

impl Outbound for Closed {
    fn call(&self, _: &Call) -> Result<Answer, Unreachable> {
        Err(Unreachable("outgoing calls are switched off"))
    }
}

/// Answers by itself: a provider that is played, in previews and tests.
impl<F: Fn(&Call) -> Result<Answer, Unreachable> + Send + Sync> Outbound for F {
    fn call(&self, call: &Call) -> Result<Answer, Unreachable> {
        self(call)
    }
}

/// The network. Follows no redirects, reads at most [`ANSWER_MAX`] bytes, gives up after 8 seconds.
#[derive(Debug, Clone)]
pub struct Http {
    agent: Agent,
    base: String,
}

impl Http {
    /// For an address that somebody configured: `https`, or `http` on this machine, without a slash at its end. `None` for any other, which
    /// keys and codes must not be sent to.
    #[must_use]
    pub fn at(address: &str) -> Option<Self> {
        let address = address.trim_end_matches('/');
        let host = address.strip_prefix("http://").map(|rest| rest.split(['/', '?', '#']).next().unwrap_or_default());
        let here = host.filter(|host| !host.contains('@')).is_some_and(|host| {
            let name = if host.starts_with('[') { host } else { host.split(':').next().unwrap_or_default() };
            matches!(name, "127.0.0.1" | "localhost") || name == "[::1]" || name.starts_with("[::1]:")
        });
        let secure = address.strip_prefix("https://").is_some_and(|rest| !rest.is_empty());
        (secure || here).then(|| Self::new(address))
    }

    /// For a provider's address without a slash at its end. One that begins with `https:` is never spoken to in the clear.
    #[must_use]
    pub fn new(base: &str) -> Self {
        let config = Agent::config_builder()
            .https_only(base.starts_with("https:"))
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_global(Some(TIMEOUT))
            .user_agent(concat!("bookplate/", env!("CARGO_PKG_VERSION")))
            .accept("application/json")
            .build();
        Self { agent: config.into(), base: base.to_owned() }
    }
}

impl Outbound for Http {
    fn call(&self, call: &Call) -> Result<Answer, Unreachable> {
        let address = format!("{}{}", self.base, call.path);
        let bearer = call.bearer.as_ref().map(|key| format!("Bearer {}", key.expose_secret()));
        let sent = match (call.method, &call.body) {
            (pay::Method::Get, _) => with(self.agent.get(address), bearer).call(),
            (pay::Method::Post, body) => send(with(self.agent.post(address), bearer), body),
            (pay::Method::Patch, body) => send(with(self.agent.patch(address), bearer), body),
        };
        let mut answer = sent.map_err(|e| Unreachable(class(&e)))?;
        let status = answer.status().as_u16();
        if !is_json(answer.headers()) {
            return Ok(Answer { status, body: Vec::new() });
        }
        let body = answer.body_mut().with_config().limit(ANSWER_MAX as u64).read_to_vec().map_err(|e| Unreachable(class(&e)))?;
        Ok(Answer { status, body })
    }
}

/// With an API key, and then for the API that has one, which speaks JSON:API.
fn with<B>(request: RequestBuilder<B>, bearer: Option<String>) -> RequestBuilder<B> {
    match bearer {
        Some(bearer) => request.header("authorization", bearer).header("accept", JSON_API),
        None => request,
    }
}

fn send(request: RequestBuilder<WithBody>, body: &Body) -> Result<http::Response<ureq::Body>, ureq::Error> {
    match body {
        Body::None => request.send_empty(),
        Body::Form(form) => request.send_form(form.iter().map(|(name, value)| (*name, value.expose_secret()))),
        Body::Json(text) => request.content_type(JSON_API).send(text),
    }
}

/// False for what calls itself something else: the challenge page of a proxy is no answer of the provider's.
fn is_json(headers: &http::HeaderMap) -> bool {
    let Some(kind) = headers.get("content-type") else { return true };
    kind.to_str().is_ok_and(|kind| kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase().ends_with("json"))
}

/// An error's class. Its text could repeat what was sent, and is never logged.
fn class(error: &ureq::Error) -> &'static str {
    match error {
        ureq::Error::Timeout(_) => "timed out",
        ureq::Error::HostNotFound => "its name is not found",
        ureq::Error::ConnectionFailed | ureq::Error::Io(_) => "the connection failed",
        ureq::Error::BodyExceedsLimit(_) => "its answer is too long",
        ureq::Error::Tls(_) | ureq::Error::Rustls(_) => "its certificate is not trusted",
        _ => "the call failed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_go_to_https_or_nowhere_but_here() {
        for good in
            ["https://api.example.com", "https://api.example.com/", "http://127.0.0.1:4010", "http://localhost/x", "http://[::1]:80"]
        {
            assert!(Http::at(good).is_some(), "{good}");
        }
        for bad in [
            "",
            "https://",
            "http://api.example.com",
            "http://127.0.0.1.example.com",
            "http://localhost@example.com",
            "http://localhost:1@example.com",
            "ftp://127.0.0.1",
        ] {
            assert!(Http::at(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn only_json_is_read() {
        let of = |kind: &str| is_json(&[("content-type".parse().unwrap(), kind.parse().unwrap())].into_iter().collect());
        assert!(of("application/json") && of("application/vnd.api+json; charset=utf-8") && of("Application/JSON"));
        assert!(!of("text/html; charset=utf-8") && !of("") && is_json(&http::HeaderMap::new()));
    }
}
