//! A key endpoint or a site by its address: secrets go to it encrypted, or stay on this machine.

use super::{Net, Request, Response, Unreachable, Web};

/// A server. Requests are named by their path.
#[derive(Debug, Clone)]
pub struct Server {
    net: Net,
    base: String,
}

impl Server {
    /// For an address with or without a slash at its end: `https:`, or `http:` on this machine, where nobody listens on the way.
    ///
    /// # Errors
    /// Any other address: tokens and keys would travel in the clear.
    pub fn new(address: &str) -> Result<Self, Unreachable> {
        // What stands before an `@` is a name and a password, and the host comes after it.
        let host = |rest: &str| rest.split(['/', '?', '#']).next().filter(|host| !host.contains('@')).unwrap_or_default().to_owned();
        let here =
            |host: &str| ["127.0.0.1", "localhost", "[::1]"].iter().any(|known| host == *known || host.starts_with(&format!("{known}:")));
        let plain = address.strip_prefix("http://").is_some_and(|rest| here(&host(rest)));
        if !plain && address.strip_prefix("https://").is_none_or(|rest| host(rest).is_empty()) {
            let named =
                address.split_once("://").is_some_and(|(_, rest)| rest.split(['/', '?', '#']).next().unwrap_or_default().contains('@'));
            return Err(Unreachable(match address {
                _ if named => "it names a user or a password before `@`, which are not sent: leave them out",
                _ if address.starts_with("http://") => {
                    "secrets would travel in the clear: use https:// (http:// is for this machine alone)"
                }
                _ => "it must begin with https:// (http:// on this machine alone)",
            }));
        }
        Ok(Self { net: Net::anew(), base: format!("{}/", address.trim_end_matches('/')) })
    }

    /// `GET`, of a path without a slash at its begin.
    #[must_use]
    pub fn get(&self, path: &str) -> Request {
        Request::get(format!("{}{path}", self.base))
    }

    /// `POST` of JSON.
    #[must_use]
    pub fn post(&self, path: &str, body: impl Into<Vec<u8>>) -> Request {
        Request::post_json(format!("{}{path}", self.base), body)
    }

    /// `DELETE`.
    #[must_use]
    pub fn delete(&self, path: &str) -> Request {
        Request::delete(format!("{}{path}", self.base))
    }

    /// Asks. Every status is an answer.
    ///
    /// # Errors
    /// No answer, or one that is too long.
    pub fn send(&self, request: &Request) -> Result<Response, Unreachable> {
        self.net.send(request)
    }
}

impl Response {
    /// The body as JSON; `Null` where it is none.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_never_travel_in_the_clear() {
        for good in
            ["https://keys.example.com", "https://keys.example.com/keys/", "http://127.0.0.1:4100/", "http://localhost", "http://[::1]:9"]
        {
            let server = Server::new(good).unwrap();
            assert_eq!(server.get("health").url, format!("{}/health", good.trim_end_matches('/')), "{good}");
        }
        assert!(Server::new("https://ada:pw@keys.example.com/").unwrap_err().0.contains("password"));
        assert!(Server::new("http://keys.example.com/@").unwrap_err().0.contains("in the clear"));
        for bad in [
            "http://keys.example.com",
            "http://127.0.0.1.example.com",
            "http://localhost.example",
            "keys.example.com",
            "",
            "https://",
            "file:///etc",
        ] {
            assert!(Server::new(bad).is_err(), "{bad}");
        }
    }
}
