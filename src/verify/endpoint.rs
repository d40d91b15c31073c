//! The key endpoint: what it answers to calls that nobody paid for. Protocol, section "Key endpoint".

use crate::catalog::Catalog;
use crate::outbound::{Method, Request, Response, Web};

use super::row::{Report, Row};

const PART: &str = "endpoint";

/// A claim code that has the form of one and that nobody bought with, and a token that is none.
const CLAIM: &str = r#"{"claim":"00000-00000-00000-00000-00000-0","order":"00000000-0000-4000-8000-000000000000"}"#;
const TOKEN: &str = r#"{"token":"none"}"#;

/// A page of somebody else.
const STRANGER: &str = "https://stranger.example";

/// One call and its status. Statuses beside the first are as good: `doctor` says more about them.
struct Call {
    method: Method,
    path: &'static str,
    body: &'static str,
    what: &'static str,
    status: u16,
}

const CALLS: &[Call] = &[
    Call { method: Method::Post, path: "unlock", body: CLAIM, what: "unlock, a claim nobody paid for", status: 202 },
    Call { method: Method::Post, path: "unlock", body: "{}", what: "unlock, nothing named", status: 400 },
    Call { method: Method::Post, path: "unlock", body: "{", what: "unlock, no JSON", status: 400 },
    Call { method: Method::Get, path: "unlock", body: "", what: "unlock by GET", status: 405 },
    Call {
        method: Method::Post,
        path: "refresh",
        body: r#"{"token":"none","course":"none"}"#,
        what: "refresh, no token of ours",
        status: 403,
    },
    Call { method: Method::Post, path: "devices", body: TOKEN, what: "devices, no token of ours", status: 403 },
    Call { method: Method::Get, path: "ledger", body: "", what: "ledger without the admin token", status: 401 },
    Call { method: Method::Post, path: "webhooks/nobody", body: "{}", what: "webhook of an unknown provider", status: 404 },
    Call { method: Method::Get, path: "no-such-call", body: "", what: "an unknown path", status: 404 },
];

/// Longest body of a call, in bytes, and one more.
const TOO_LONG: usize = 16 * 1024 + 1;

/// Calls the endpoint as a stranger would, and as the site's own pages would.
pub(super) fn check(web: &dyn Web, address: &str, catalog: Option<&Catalog>, report: &mut Report) {
    health(web, address, report);
    for call in CALLS {
        let request = match call.method {
            Method::Post => Request::post_json(format!("{address}{}", call.path), call.body),
            Method::Get | Method::Delete | Method::Options => Request::get(format!("{address}{}", call.path)),
        };
        status(web, &request, call.what, call.status, report);
    }
    let long = vec![b' '; TOO_LONG];
    status(web, &Request::post_json(format!("{address}unlock"), long), "unlock, a body over 16 KiB", 413, report);
    let sells = |provider: &str| {
        catalog.is_some_and(|c| c.courses.iter().any(|course| course.products.iter().any(|p| p.provider.as_str() == provider)))
    };
    if sells("lemon_squeezy") {
        let forged = Request::post_json(format!("{address}webhooks/lemon_squeezy"), "{}").header("x-signature", "0".repeat(64));
        status(web, &forged, "webhook with a forged signature", 401, report);
    }
    if let Some(catalog) = catalog {
        cors(web, address, &catalog.origin, report);
    }
}

fn status(web: &dyn Web, request: &Request, what: &str, expected: u16, report: &mut Report) {
    let row = match web.send(request) {
        Ok(answer) if answer.status == expected => Row::good(PART, what, expected.to_string(), expected.to_string()),
        Ok(answer) => Row::failed(PART, what, expected.to_string(), answer.status.to_string()),
        Err(e) => Row::failed(PART, what, expected.to_string(), e.0),
    };
    report.push(row);
}

/// Up, with its store, and taking live orders.
fn health(web: &dyn Web, address: &str, report: &mut Report) {
    let (what, expected) = ("health", "200, store reachable, mode live");
    let row = match web.send(&Request::get(format!("{address}health"))) {
        Err(e) => Row::failed(PART, what, expected, e.0),
        Ok(answer) => {
            let said: serde_json::Value = serde_json::from_slice(&answer.body).unwrap_or_default();
            let (store, mode) = (said["store"].as_bool() == Some(true), said["mode"].as_str().unwrap_or("none"));
            let key = if said["key"].as_bool() == Some(false) { ", without the key of this site" } else { "" };
            let seen = format!("{}, store {}, mode {mode}{key}", answer.status, if store { "reachable" } else { "not reachable" });
            if answer.status == 200 && store && mode == "live" {
                Row::good(PART, what, expected, seen)
            } else {
                Row::failed(PART, what, expected, seen)
            }
        }
    };
    report.push(row);
}

/// The pages of the site may ask, nobody else's.
fn cors(web: &dyn Web, address: &str, ours: &str, report: &mut Report) {
    let allowed = |response: &Response| response.header("access-control-allow-origin");
    let preflight = |origin: &str| {
        let request = Request::options(format!("{address}unlock")).header("origin", origin);
        request.header("access-control-request-method", "POST").header("access-control-request-headers", "content-type")
    };
    let call = |origin: &str| Request::post_json(format!("{address}refresh"), TOKEN).header("origin", origin);
    for (what, request, expected) in [
        ("preflight from the site", preflight(ours), Some(ours)),
        ("call from the site", call(ours), Some(ours)),
        ("preflight from elsewhere", preflight(STRANGER), None),
        ("call from elsewhere", call(STRANGER), None),
    ] {
        let shown = |origin: Option<&str>| origin.map_or("no origin allowed".to_owned(), |origin| format!("{origin} allowed"));
        let row = match web.send(&request) {
            Err(e) => Row::failed(PART, what, shown(expected), e.0),
            Ok(answer) => {
                let seen = allowed(&answer);
                let row = if seen.as_deref() == expected { Row::good } else { Row::failed };
                row(PART, what.to_owned(), shown(expected), shown(seen.as_deref()))
            }
        };
        report.push(row);
    }
}
