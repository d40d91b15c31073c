//! What variables of the environment must look like: a value that is set and wrong is found by the build, not by the first buyer.

use crate::catalog::Catalog;
use crate::protocol::SiteKey;

/// Fewest characters of a secret that is made by chance.
const LONG: usize = 32;
/// Fewer different characters than this were not made by chance.
const VARIED: usize = 8;
/// Lemon Squeezy takes no longer signing secret, in characters.
const SIGNING: usize = 40;

/// What is wrong with the values of these variables, each as one line that repeats no value. Those that are not set are passed over.
#[must_use]
pub fn wrong(catalog: &Catalog, values: &[(&str, String)]) -> Vec<String> {
    let mut all = Vec::new();
    for (name, value) in values.iter().filter(|(_, value)| !value.trim().is_empty()) {
        let quoted = value.starts_with(['"', '\'']) || value.ends_with(['"', '\'']);
        let found =
            if quoted { Some("stands in quotes: the host takes them as part of it".to_owned()) } else { of(catalog, name, value.trim()) };
        all.extend(found.map(|found| format!("{name} {found}")));
    }
    for (at, (name, value)) in values.iter().enumerate() {
        let secret = |name: &str| name.ends_with("_SECRET") || name.ends_with("_TOKEN") || name.ends_with("_KEY");
        let twin = values.iter().take(at).find(|(other, same)| secret(other) && secret(name) && same.trim() == value.trim());
        if let Some((other, _)) = twin.filter(|_| !value.trim().is_empty()) {
            all.push(format!("{name} has the value of {other}: each needs one of its own"));
        }
    }
    all
}

/// What is wrong with one value.
fn of(catalog: &Catalog, name: &str, value: &str) -> Option<String> {
    match name {
        "BOOKPLATE_SITE_KEY" => site_key(catalog, value),
        "BOOKPLATE_LEMON_SQUEEZY_SECRET" => value.split(',').map(str::trim).filter(|one| !one.is_empty()).find_map(|one| match one {
            _ if is_api_key(one) => Some("holds an API key: it must be the signing secret of the webhook".into()),
            _ if one.chars().count() > SIGNING => Some(format!("is longer than the {SIGNING} characters that a webhook's secret may have")),
            _ => random(one),
        }),
        "BOOKPLATE_ADMIN_TOKEN" | "BOOKPLATE_REHEARSAL_SECRET" if is_api_key(value) => {
            Some("holds an API key of the provider: it must be a random text of its own".into())
        }
        "BOOKPLATE_ADMIN_TOKEN" | "BOOKPLATE_REHEARSAL_SECRET" => random(value),
        "BOOKPLATE_LEMON_SQUEEZY_API_KEY" => (!is_api_key(value))
            .then(|| "is no API key of Lemon Squeezy, which begins with `eyJ`: the secret of a webhook is another thing".into()),
        "BOOKPLATE_MODE" => (!matches!(value, "live" | "test")).then(|| "must be `live` or `test`".into()),
        _ => None,
    }
}

fn site_key(catalog: &Catalog, value: &str) -> Option<String> {
    match SiteKey::parse(value) {
        Err(_) => Some("does not hold a site key: it must be the whole line of the key file, `bookplate_site_key_v1_` and all".into()),
        Ok(key) if !catalog.is_under(&key) => {
            Some(format!("is another key ({}) than the one that this site is built with", key.fingerprint(&catalog.site)))
        }
        Ok(_) => None,
    }
}

/// A JSON web token, which is what the provider's API keys are: three parts, the first of which is an object.
fn is_api_key(value: &str) -> bool {
    value.starts_with("eyJ") && value.split('.').count() == 3
}

fn random(value: &str) -> Option<String> {
    let length = value.chars().count();
    let kinds = value.chars().collect::<std::collections::BTreeSet<_>>().len();
    let remedy = "32 random characters, such as `openssl rand -hex 16` prints";
    if length < LONG {
        return Some(format!("has {length} characters and may be guessed: take {remedy}"));
    }
    (kinds < VARIED).then(|| format!("has only {kinds} different characters and may be guessed: take {remedy}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const API: &str = "eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9.eyJhdWQiOiI5NGQ1OWNlZi1kYmI4In0.c2lnbmF0dXJl";

    fn found(name: &str, value: &str) -> Vec<String> {
        let text = r#"{"version":1,"site":"s","origin":"https://example.com","base":"/","endpoint":null,"courses":[]}"#;
        wrong(&Catalog::from_json(text.as_bytes()).unwrap(), &[(name, value.to_owned())])
    }

    #[test]
    fn good_values_are_good() {
        let key = SiteKey::from_bytes([7; 32]).to_text().to_string();
        for (name, value) in [
            ("BOOKPLATE_SITE_KEY", format!(" {key}\n").as_str()),
            ("BOOKPLATE_LEMON_SQUEEZY_SECRET", "3f9c0e5d7a1b2c4d6e8f90a1b2c3d4e5,0f1e2d3c4b5a69788796a5b4c3d2e1f0"),
            ("BOOKPLATE_ADMIN_TOKEN", "3f9c0e5d7a1b2c4d6e8f90a1b2c3d4e5"),
            ("BOOKPLATE_LEMON_SQUEEZY_API_KEY", API),
            ("BOOKPLATE_MODE", "live"),
            ("BOOKPLATE_MODE", ""),
        ] {
            assert_eq!(found(name, value), [""; 0], "{name}");
        }
    }

    #[test]
    fn each_mistake_is_named_and_no_value_is_repeated() {
        for (name, value, part) in [
            ("BOOKPLATE_SITE_KEY", "bookplate_site_key_v1_0000", "whole line"),
            ("BOOKPLATE_LEMON_SQUEEZY_SECRET", "short secret", "12 characters"),
            ("BOOKPLATE_LEMON_SQUEEZY_SECRET", API, "API key"),
            ("BOOKPLATE_LEMON_SQUEEZY_SECRET", "0123456789abcdef0123456789abcdef,old", "3 characters"),
            ("BOOKPLATE_LEMON_SQUEEZY_SECRET", "0123456789abcdef0123456789abcdef0123456789abcdef", "40"),
            ("BOOKPLATE_ADMIN_TOKEN", "abababababababababababababababab", "only 2 different"),
            ("BOOKPLATE_ADMIN_TOKEN", "\"3f9c0e5d7a1b2c4d6e8f90a1b2c3d4e5\"", "quotes"),
            ("BOOKPLATE_LEMON_SQUEEZY_API_KEY", "3f9c0e5d7a1b2c4d6e8f90a1b2c3d4e5", "begins with `eyJ`"),
            ("BOOKPLATE_MODE", "production", "`live` or `test`"),
        ] {
            let found = found(name, value);
            assert!(found.len() == 1 && found[0].starts_with(name) && found[0].contains(part), "{found:?}");
            assert!(!found[0].contains(value), "{found:?}");
        }
    }

    #[test]
    fn another_sites_key_is_a_mistake() {
        let site = crate::protocol::SiteId::parse("s").unwrap();
        let (right, other) = (SiteKey::from_bytes([7; 32]), SiteKey::from_bytes([8; 32]));
        let text = r#"{"version":1,"site":"s","origin":"https://example.com","base":"/","endpoint":null,"courses":[]}"#;
        let catalog = Catalog { key: Some(right.fingerprint(&site)), ..Catalog::from_json(text.as_bytes()).unwrap() };
        let found = |key: &SiteKey| wrong(&catalog, &[("BOOKPLATE_SITE_KEY", key.to_text().to_string())]);
        assert_eq!((found(&right).len(), found(&other).len()), (0, 1));
    }

    #[test]
    fn one_value_for_two_purposes_is_a_mistake() {
        let text = r#"{"version":1,"site":"s","origin":"https://example.com","base":"/","endpoint":null,"courses":[]}"#;
        let catalog = Catalog::from_json(text.as_bytes()).unwrap();
        let same = "3f9c0e5d7a1b2c4d6e8f90a1b2c3d4e5".to_owned();
        let found = wrong(&catalog, &[("BOOKPLATE_LEMON_SQUEEZY_SECRET", same.clone()), ("BOOKPLATE_ADMIN_TOKEN", same)]);
        assert_eq!(found, ["BOOKPLATE_ADMIN_TOKEN has the value of BOOKPLATE_LEMON_SQUEEZY_SECRET: each needs one of its own"]);
    }
}
