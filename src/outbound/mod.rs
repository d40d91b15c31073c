//! The one HTTP client that performs the calls that `pay` describes.

use std::time::Duration;

use secrecy::ExposeSecret as _;
use ureq::Agent;

use crate::pay::{ANSWER_MAX, Answer, Call};

mod web;

pub use web::{Method, Net, Request, Response, Web};

/// Longest that one call may take, from name resolution to the last byte.
const TIMEOUT: Duration = Duration::from_secs(8);

/// The provider could not be reached. Says nothing about what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the provider cannot be reached: {0}")]
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
        let form = call.form.iter().map(|(name, value)| (*name, value.expose_secret()));
        let mut answer = self.agent.post(format!("{}{}", self.base, call.path)).send_form(form).map_err(|e| Unreachable(class(&e)))?;
        let status = answer.status().as_u16();
        let body = answer.body_mut().with_config().limit(ANSWER_MAX as u64).read_to_vec().map_err(|e| Unreachable(class(&e)))?;
        Ok(Answer { status, body })
    }
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
