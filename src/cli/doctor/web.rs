//! What host, endpoint and provider answer.

use std::collections::BTreeMap;

use crate::catalog::Catalog;
use crate::deploy::{Visibility, https_address, visibility};
use crate::doctor::{self, Check};
use crate::keyserver::system_clock;
use crate::outbound::{Net, Response, Server};
use crate::pay::lemon_squeezy;

/// The provider's address, where it is another one: for tests and stand-ins.
const API: &str = "BOOKPLATE_LEMON_SQUEEZY_API";

/// The endpoint's health, webhook and clock.
pub(super) fn endpoint(address: &str) -> Vec<Check> {
    let Ok(server) = Server::new(address) else { return doctor::health(None) };
    let Ok(health) = server.send(&server.get("health")) else { return doctor::health(None) };
    let mut checks = doctor::health(Some((health.status, &health.json())));
    let hook = server.send(&server.post("webhooks/lemon_squeezy", "{}")).ok();
    checks.push(doctor::webhook(hook.map(|told| told.status)));
    checks.push(doctor::clock(date(&health), system_clock()));
    checks
}

/// The headers of the site's first page.
pub(super) fn host(catalog: &Catalog) -> Vec<Check> {
    let told = Server::new(&format!("{}{}", catalog.origin, catalog.base)).and_then(|server| server.send(&server.get("")));
    match told {
        Ok(told) if told.status == 200 => doctor::headers(&told.headers, &String::from_utf8_lossy(&told.body)),
        other => vec![doctor::no_site(&catalog.origin, other.ok().map(|told| told.status))],
    }
}

/// Whether strangers can read a repository; `None` where its host is not known, or gives no clear answer.
pub(super) fn is_public(remote: &str) -> Option<bool> {
    match visibility(&Net::default(), &https_address(remote)?) {
        Visibility::Public => Some(true),
        Visibility::Private => Some(false),
        Visibility::Unknown(_) => None,
    }
}

/// Whether the products come with licence keys, by product: all variants that the catalog lists must. Or why nobody says so.
pub(super) fn licence_keys(catalog: &Catalog, key: Option<String>) -> BTreeMap<u64, Result<bool, String>> {
    let mut found = BTreeMap::new();
    let api = std::env::var(API).ok().filter(|api| !api.is_empty());
    let (Some(key), Ok(server)) = (key, Server::new(api.as_deref().unwrap_or(lemon_squeezy::API))) else { return found };
    for product in catalog.courses.iter().flat_map(|course| &course.products).filter(|p| p.provider.as_str() == lemon_squeezy::PROVIDER) {
        let request = server.get(&format!("v1/variants?filter%5Bproduct_id%5D={}", product.product));
        let told = server.send(&request.header("authorization", format!("Bearer {key}")).header("accept", "application/vnd.api+json"));
        let told = match told {
            Err(why) => Err(format!("the provider cannot be reached: {why}")),
            Ok(told) if told.status == 401 => Err("the provider refuses the API key".to_owned()),
            Ok(told) => lemon_squeezy::has_licence_keys(&told.json(), product.variant)
                .ok_or_else(|| format!("the provider answered {} and shows no such product or variant", told.status)),
        };
        // Of several variants of a product, the one that is wrong is told.
        if !matches!(found.get(&product.product), Some(Ok(false))) {
            found.insert(product.product, told);
        }
    }
    found
}

/// The `Date` of an answer, seconds since 1970 (RFC 9110, 5.6.7).
fn date(told: &Response) -> Option<u64> {
    let at = jiff::fmt::rfc2822::parse(&told.header("date")?).ok()?;
    u64::try_from(at.timestamp().as_second()).ok()
}
