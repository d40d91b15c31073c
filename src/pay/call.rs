//! Calls to a provider, as values: what is asked, and what came back.

use std::fmt;

use secrecy::SecretString;

/// A call to a provider. `Debug` shows its method and path, which hold no secret.
#[derive(Clone)]
pub struct Call {
    /// How.
    pub method: Method,
    /// Path and query below the provider's address, with a leading slash. Nothing secret stands in it.
    pub path: String,
    /// Sent as `Authorization: Bearer`.
    pub bearer: Option<SecretString>,
    /// What is sent.
    pub body: Body,
}

/// The methods that are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Asks with a body.
    Post,
    /// Changes.
    Patch,
}

/// What a call sends.
#[derive(Clone)]
pub enum Body {
    /// Nothing.
    None,
    /// As `application/x-www-form-urlencoded`.
    Form(Vec<(&'static str, SecretString)>),
    /// As `application/vnd.api+json`.
    Json(String),
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Call({:?} {})", self.method, self.path)
    }
}

/// What came back: the status and at most [`ANSWER_MAX`] bytes.
#[derive(Clone)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// The body; empty where it calls itself something else than JSON, as the page of a proxy does.
    pub body: Vec<u8>,
}

/// Longest answer that is read, in bytes: a hundred orders with all that hangs on them.
pub const ANSWER_MAX: usize = 1 << 20;

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Answer({}, {} bytes)", self.status, self.body.len())
    }
}

/// The answer was none: a rate limit, a server error, a challenge page. Says nothing about what was asked and never removes anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the provider gave no verdict (status {status})")]
pub struct NoVerdict {
    /// HTTP status.
    pub status: u16,
}
