//! The content security policy of pages: in each page as a meta tag, and perhaps in a header.

use std::collections::BTreeMap;

use super::fetch::Fetched;
use super::row::{Report, Row};
use crate::catalog::Catalog;

const PART: &str = "headers";

/// How the policy stands in a page.
const META: &str = "<meta http-equiv=\"Content-Security-Policy\" content=\"";

/// Every page has its policy, and no header takes away what the reader needs.
pub(super) fn check(fetched: &[Fetched], catalog: Option<&Catalog>, report: &mut Report) {
    let endpoint = catalog.and_then(|c| origin(c.endpoint.as_deref()?));
    let pages: Vec<&Fetched> = fetched.iter().filter(|file| file.is_page() && file.came()).collect();
    let found = pages.iter().filter_map(|page| {
        let text = String::from_utf8_lossy(page.body.as_deref().unwrap_or_default());
        Some((page.path.clone(), fault(&meta(&text), endpoint)?))
    });
    report.many(PART, "policy in pages", "scripts of the site alone", pages.len(), found.collect());
    let narrowed: Vec<(String, String)> = pages.iter().filter_map(|page| Some((page.path.clone(), narrowed(page)?))).collect();
    if !narrowed.is_empty() {
        report.many(PART, "policy in the header", "nothing but what pages say", pages.len(), narrowed);
    }
    if pages.is_empty() {
        report.push(Row::failed(PART, "policy in pages", "scripts of the site alone", "no page came"));
    }
}

/// The policy in a page's meta tag, by directive.
fn meta(page: &str) -> BTreeMap<String, String> {
    let policy = page.split_once(META).and_then(|(_, rest)| rest.split('"').next()).unwrap_or_default();
    directives(&policy.replace("&#x27;", "'").replace("&#39;", "'"))
}

fn directives(policy: &str) -> BTreeMap<String, String> {
    let parts = policy.split(';').map(str::trim).filter(|part| !part.is_empty());
    parts
        .map(|part| {
            part.split_once(' ').map_or((part.to_owned(), String::new()), |(name, value)| (name.to_owned(), value.trim().to_owned()))
        })
        .collect()
}

/// What is wrong with a page's policy.
fn fault(policy: &BTreeMap<String, String>, endpoint: Option<&str>) -> Option<String> {
    if policy.is_empty() {
        return Some("no policy".to_owned());
    }
    for (name, wanted) in [("default-src", "'none'"), ("script-src", "'self'"), ("base-uri", "'none'")] {
        let value = policy.get(name).map_or("missing", String::as_str);
        if value != wanted {
            return Some(format!("{name} {value}"));
        }
    }
    if let Some(unsafe_word) = policy.values().flat_map(|value| value.split(' ')).find(|word| word.starts_with("'unsafe")) {
        return Some(unsafe_word.to_owned());
    }
    let connect = policy.get("connect-src").map_or("", String::as_str);
    match endpoint {
        Some(endpoint) if !connect.split(' ').any(|word| word == endpoint) => Some(format!("connect-src {connect}: not the endpoint")),
        _ => None,
    }
}

/// What a header forbids that the page needs: browsers obey both.
fn narrowed(page: &Fetched) -> Option<String> {
    let header = directives(&page.header("content-security-policy")?);
    let text = String::from_utf8_lossy(page.body.as_deref().unwrap_or_default());
    let ours = meta(&text);
    let other = header.iter().find(|(name, value)| ours.get(*name).is_some_and(|our| our != *value))?;
    Some(format!("{} {}", other.0, other.1))
}

/// Scheme and host of an address.
fn origin(address: &str) -> Option<&str> {
    let host = address.find("://")? + 3;
    let end = address.get(host..)?.find('/').map_or(address.len(), |at| host + at);
    address.get(..end)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self' https://keys.example.com; base-uri 'none'";

    fn of(policy: &str) -> Option<String> {
        fault(&meta(&format!("<head>{META}{}\">", policy.replace('\'', "&#39;"))), Some("https://keys.example.com"))
    }

    #[test]
    fn a_policy_that_lets_strangers_in_is_named() {
        assert_eq!(of(GOOD), None);
        for (from, to, want) in [
            ("script-src 'self'", "script-src 'self' https://cdn.example", "script-src"),
            ("default-src 'none'; ", "", "default-src missing"),
            ("style-src 'self'", "style-src 'unsafe-inline'", "'unsafe-inline'"),
            (" https://keys.example.com", "", "not the endpoint"),
            (GOOD, "", "no policy"),
        ] {
            let seen = of(&GOOD.replacen(from, to, 1)).unwrap_or_default();
            assert!(seen.contains(want), "{from} -> {to}: {seen}");
        }
    }
}
