//! Requests to any address, as values: what a browser or a provider would send to a site, and all of what comes back.

use std::time::Duration;

use ureq::Agent;
use ureq::config::ConfigBuilder;
use ureq::http;
use ureq::typestate::AgentScope;

use super::{TIMEOUT, Unreachable, class};

/// The methods that sites and key endpoints know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Read.
    Get,
    /// Send a body.
    Post,
    /// Remove.
    Delete,
    /// What a browser asks before it calls another origin.
    Options,
}

impl Method {
    /// As it is sent.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Delete => "DELETE",
            Method::Options => "OPTIONS",
        }
    }
}

/// One request. Debug shows method and address alone: headers and body may hold secrets.
#[derive(Clone)]
pub struct Request {
    /// What to do.
    pub method: Method,
    /// The whole address, `https://...` or `http://...`.
    pub url: String,
    /// Further headers, names in lower case.
    pub headers: Vec<(&'static str, String)>,
    /// Sent with `POST` alone.
    pub body: Vec<u8>,
    /// Longest body that is read of the response, in bytes; a longer one is an error.
    pub most: u64,
    /// Longest that it may take, from name resolution to the last byte.
    pub within: Duration,
}

/// Longest response body that is read unless a request says otherwise, in bytes.
const MOST: u64 = 1024 * 1024;

impl Request {
    /// `GET url`.
    #[must_use]
    pub fn get(url: impl Into<String>) -> Self {
        Self { method: Method::Get, url: url.into(), headers: Vec::new(), body: Vec::new(), most: MOST, within: TIMEOUT }
    }

    /// `POST url` with a body of JSON.
    #[must_use]
    pub fn post_json(url: impl Into<String>, body: impl Into<Vec<u8>>) -> Self {
        let json = Self { method: Method::Post, body: body.into(), ..Self::get(url) };
        json.header("content-type", "application/json")
    }

    /// `DELETE url`.
    #[must_use]
    pub fn delete(url: impl Into<String>) -> Self {
        Self { method: Method::Delete, ..Self::get(url) }
    }

    /// `OPTIONS url`.
    #[must_use]
    pub fn options(url: impl Into<String>) -> Self {
        Self { method: Method::Options, ..Self::get(url) }
    }

    /// With one more header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// With more time, or less.
    #[must_use]
    pub fn within(mut self, time: Duration) -> Self {
        self.within = time;
        self
    }

    /// With another limit for the response, in bytes.
    #[must_use]
    pub fn at_most(mut self, bytes: u64) -> Self {
        self.most = bytes;
        self
    }
}

impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.method.name(), self.url)
    }
}

/// What came back, whatever the status.
#[derive(Debug, Clone, Default)]
pub struct Response {
    /// HTTP status.
    pub status: u16,
    /// Headers in the order in which they came, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body, as it was sent.
    pub body: Vec<u8>,
}

impl Response {
    /// The value of a header; several of one name are joined by `, ` (RFC 9110, section 5.2).
    #[must_use]
    pub fn header(&self, name: &str) -> Option<String> {
        let values: Vec<&str> = self.headers.iter().filter(|(found, _)| found == name).map(|(_, value)| value.as_str()).collect();
        (!values.is_empty()).then(|| values.join(", "))
    }
}

/// Performs requests. Blocks.
pub trait Web: Send + Sync {
    /// Performs one request. Follows no redirect; every status is a response.
    ///
    /// # Errors
    /// When nothing came back, or more than was asked for.
    fn send(&self, request: &Request) -> Result<Response, Unreachable>;
}

/// A web that is played, in tests.
impl<F: Fn(&Request) -> Result<Response, Unreachable> + Send + Sync> Web for F {
    fn send(&self, request: &Request) -> Result<Response, Unreachable> {
        self(request)
    }
}

/// The network. Gives up after 8 seconds, unless a request says otherwise.
#[derive(Debug, Clone)]
pub struct Net(Agent);

impl Default for Net {
    fn default() -> Self {
        Self(config().build().into())
    }
}

impl Net {
    /// With a new connection for every request: one that a server broke off does not spoil the next.
    #[must_use]
    pub fn anew() -> Self {
        Self(config().max_idle_connections(0).build().into())
    }
}

fn config() -> ConfigBuilder<AgentScope> {
    Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .timeout_global(Some(TIMEOUT))
        // A slow host may take its time to refuse a body by its length: who sends it nevertheless may lose the answer.
        .timeout_await_100(Some(TIMEOUT / 2))
        .user_agent(concat!("bookplate/", env!("CARGO_PKG_VERSION")))
}

impl Web for Net {
    fn send(&self, request: &Request) -> Result<Response, Unreachable> {
        let mut built = http::Request::builder().method(request.method.name()).uri(&request.url);
        for (name, value) in &request.headers {
            // Bytes beyond ASCII are sent as they are: what a server makes of them is its affair.
            built =
                built.header(*name, http::HeaderValue::from_bytes(value.as_bytes()).map_err(|_| Unreachable("a header cannot be sent"))?);
        }
        let unfit = |_| Unreachable("the address or a header cannot be sent");
        let failed = |e: ureq::Error| Unreachable(class(&e));
        let time = Some(request.within);
        let mut answer = match request.method {
            Method::Post => {
                let built = built.body(request.body.clone()).map_err(unfit)?;
                self.0.run(self.0.configure_request(built).timeout_global(time).build())
            }
            Method::Get | Method::Delete | Method::Options => {
                let built = built.body(()).map_err(unfit)?;
                self.0.run(self.0.configure_request(built).timeout_global(time).build())
            }
        }
        .map_err(failed)?;
        let headers = answer.headers().iter();
        let headers = headers.map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()));
        let headers = headers.collect();
        let body = answer.body_mut().with_config().limit(request.most).read_to_vec().map_err(failed)?;
        Ok(Response { status: answer.status().as_u16(), headers, body })
    }
}
