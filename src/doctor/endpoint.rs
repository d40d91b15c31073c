//! The key endpoint from outside.

use serde_json::Value;

use super::Check;

/// Seconds that two clocks may differ: more than a slow answer takes.
const NEAR: u64 = 30;
/// Seconds from which tokens and refunds are judged wrongly.
const FAR: u64 = 300;

/// What `GET /health` says; `None` if nobody answers.
#[must_use]
pub fn health(told: Option<(u16, &Value)>) -> Vec<Check> {
    const THING: &str = "key endpoint";
    const REMEDY: &str = "look at its log; `keys: endpoint` in bookplate.yaml must be the address below which its calls lie";
    let Some((status, body)) = told else { return vec![Check::error(THING, "does not answer", REMEDY)] };
    let version = body["version"].as_str().filter(|v| v.len() < 40 && v.bytes().all(|b| b.is_ascii_graphic())).unwrap_or("?");
    if status == 503 {
        return vec![Check::error(
            THING,
            "cannot reach its store",
            "look at its log, and at the disk or the service that holds the orders",
        )];
    }
    if status != 200 || body["status"] != "ok" {
        return vec![Check::error(THING, format!("answered {status} to GET /health"), REMEDY)];
    }
    let mode = match body["mode"].as_str() {
        Some("live") => Check::ok("mode", "live"),
        Some("test") => Check::warning("mode", "test: orders of real money are ignored", "set BOOKPLATE_MODE=live where the shop sells"),
        _ => Check::warning("mode", "not told", "update the key endpoint"),
    };
    vec![Check::ok(THING, format!("version {version}, store reachable")), mode]
}

/// A site without one.
#[must_use]
pub fn no_endpoint() -> Check {
    Check::ok("key endpoint", "none: keyrings lie beside the site")
}

/// What an unsigned message to the webhook's address is answered: 401 is right.
#[must_use]
pub fn webhook(status: Option<u16>) -> Check {
    const THING: &str = "webhook";
    match status {
        Some(401) => Check::ok(THING, "reachable, and refuses what is not signed"),
        Some(404) => Check::error(
            THING,
            "404: no webhook secret is set there, or the address is another",
            "set BOOKPLATE_LEMON_SQUEEZY_SECRET at the endpoint to the signing secret of the webhook",
        ),
        Some(200) => Check::error(THING, "takes a message without a signature", "that is no key endpoint of ours: look at the address"),
        Some(status) => Check::error(THING, format!("answered {status} to an unsigned message, not 401"), "look at the endpoint's log"),
        None => Check::error(THING, "does not answer", "the payment provider cannot reach it either"),
    }
}

/// The endpoint's clock (its `Date` header) against ours, both in seconds since 1970.
#[must_use]
pub fn clock(theirs: Option<u64>, ours: u64) -> Check {
    const THING: &str = "clock";
    let Some(theirs) = theirs else {
        return Check::warning(THING, "the endpoint tells no date", "let the proxy in front of it pass the Date header");
    };
    let apart = theirs.abs_diff(ours);
    let value = format!("the endpoint's differs by {apart} s from this machine's");
    match apart {
        0..=NEAR => Check::ok(THING, value),
        _ if apart < FAR => Check::warning(THING, value, "set both by NTP"),
        _ => Check::error(THING, value, "set both by NTP: expiry and refunds are judged by it"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Level;
    use super::*;
    use serde_json::json;

    #[test]
    fn health_is_read_and_a_test_endpoint_is_named() {
        let levels = |status, body: Value| health(Some((status, &body))).iter().map(|check| check.level).collect::<Vec<_>>();
        assert_eq!(levels(200, json!({"status": "ok", "version": "1", "mode": "live"})), [Level::Ok, Level::Ok]);
        assert_eq!(levels(200, json!({"status": "ok", "version": "1", "mode": "test"})), [Level::Ok, Level::Warning]);
        assert_eq!(levels(503, json!({"status": "down"})), [Level::Error]);
        assert_eq!(levels(200, json!("<html>")), [Level::Error]);
        assert_eq!(health(None)[0].level, Level::Error);
    }

    #[test]
    fn only_401_is_right_for_an_unsigned_message() {
        let level = |status| webhook(status).level;
        assert_eq!(
            (level(Some(401)), level(Some(200)), level(Some(404)), level(None)),
            (Level::Ok, Level::Error, Level::Error, Level::Error)
        );
    }

    #[test]
    fn clocks_may_differ_a_little() {
        let level = |theirs| clock(Some(theirs), 1000).level;
        assert_eq!((level(1000), level(970), level(1060), level(1400)), (Level::Ok, Level::Ok, Level::Warning, Level::Error));
        assert_eq!(clock(None, 1000).level, Level::Warning);
    }
}
