//! `bookplate orders reconcile` against a stand-in for the provider's API, which lists what its messages would have said.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use bookplate::rehearse::{Purchase, Shop, Signed, Standing, Subscription};
use serde_json::{Value, json};

use super::cli::{Desk, Said};
use super::endpoint::{ADMIN, Endpoint};
use super::orders::shop;

pub(crate) const API_KEY: &str = "api-key-of-the-tests-0123456789abc";
/// 2026-03-02T10:00:00Z.
const PAID: u64 = 1_772_445_600;

/// Lists, by their path, one object on a page.
type Lists = Arc<Mutex<Vec<(&'static str, Value)>>>;

/// A provider that knows what is put into its lists.
pub(crate) struct Provider {
    pub(crate) address: String,
    lists: Lists,
    _runtime: tokio::runtime::Runtime,
}

impl Provider {
    pub(crate) fn start() -> Self {
        let lists = Lists::default();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).expect("a port");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        let router = Router::new()
            .route("/v1/{list}", axum::routing::get(page))
            .route("/v1/license-keys/{id}", axum::routing::patch(switch_off))
            .with_state(Arc::clone(&lists));
        runtime.spawn(async move { axum::serve(listener, router).await });
        Self { address, lists, _runtime: runtime }
    }

    /// The object of a message stands in a list now, in the place of an older one.
    fn knows(&self, list: &'static str, signed: &Signed) {
        self.shows(list, serde_json::from_slice::<Value>(&signed.body).expect("JSON")["data"].clone());
    }

    /// An object stands in a list now, in the place of an older one.
    pub(crate) fn shows(&self, list: &'static str, object: Value) {
        let mut lists = self.lists.lock().expect("not poisoned");
        lists.retain(|(_, known)| known["id"] != object["id"] || known["type"] != object["type"]);
        lists.push((list, object));
    }

    fn reconcile(&self, desk: &Desk, key: &str) -> Said {
        let variables = [("BOOKPLATE_LEMON_SQUEEZY_API_KEY", key), ("BOOKPLATE_LEMON_SQUEEZY_API", self.address.as_str())];
        desk.run_with(&["orders", "reconcile", "--site", "site"], &variables)
    }
}

async fn page(
    State(lists): State<Lists>,
    Path(list): Path<String>,
    Query(asked): Query<std::collections::BTreeMap<String, String>>,
    headers: HeaderMap,
) -> (StatusCode, [(header::HeaderName, &'static str); 1], String) {
    let json = [(header::CONTENT_TYPE, "application/vnd.api+json")];
    if headers.get("authorization").and_then(|v| v.to_str().ok()) != Some(&format!("Bearer {API_KEY}")) {
        return (StatusCode::UNAUTHORIZED, json, json!({ "errors": [] }).to_string());
    }
    let all: Vec<Value> =
        lists.lock().expect("not poisoned").iter().filter(|(of, _)| *of == list).map(|(_, object)| object.clone()).collect();
    let number: usize = asked.get("page[number]").and_then(|n| n.parse().ok()).unwrap_or(1);
    let product = |of: &&Value| {
        asked.get("filter[product_id]").is_some_and(|product| of["attributes"]["product_id"].as_u64() == product.parse().ok())
    };
    if list == "variants" {
        return (StatusCode::OK, json, json!({ "data": all.iter().filter(product).collect::<Vec<_>>() }).to_string());
    }
    let ours = asked.get("filter[store_id]").is_some_and(|store| store == "10001");
    let of_order =
        |object: &&Value| asked.get("filter[order_id]").is_some_and(|id| object["attributes"]["order_id"].as_u64() == id.parse().ok());
    let data: Vec<&Value> = all.iter().skip(number - 1).take(1).filter(|object| ours || of_order(object)).collect();
    (StatusCode::OK, json, json!({ "meta": { "page": { "currentPage": number, "lastPage": all.len() } }, "data": data }).to_string())
}

async fn switch_off(
    State(lists): State<Lists>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: String,
) -> ([(header::HeaderName, &'static str); 1], String) {
    let asked: Value = serde_json::from_str(&body).expect("JSON");
    assert!(headers.contains_key("authorization") && asked["data"]["attributes"]["disabled"] == true && asked["data"]["id"] == id.as_str());
    let mut lists = lists.lock().expect("not poisoned");
    let (_, object) = lists.iter_mut().find(|(list, object)| *list == "license-keys" && object["id"] == id.as_str()).expect("a key");
    object["attributes"]["disabled"] = json!(1);
    ([(header::CONTENT_TYPE, "application/vnd.api+json")], json!({ "data": object }).to_string())
}

#[test]
fn what_messages_lost_is_found_once() {
    let desk = shop();
    let provider = Provider::start();
    let at_provider = Shop::new("secret", 10_001).live();
    let once = Purchase::new(1_000_042, 40_001, 50_001, PAID);
    let monthly = Purchase::new(1_000_043, 40_001, 50_001, PAID);
    let test = Purchase::new(1_000_044, 40_001, 50_001, PAID);
    let foreign = Purchase::new(1_000_045, 40_999, 50_001, PAID);
    let until = |standing| Subscription { standing, renews_at: PAID, ends_at: Some(PAID + 9), updated_at: PAID + 5 };
    provider.knows("orders", &at_provider.order_created(&once));
    provider.knows("orders", &at_provider.order_created(&monthly));
    provider.knows("orders", &Shop::new("secret", 10_001).order_created(&test));
    provider.knows("orders", &at_provider.order_created(&foreign));
    provider.knows("license-keys", &at_provider.license_key_created(&once));
    provider.knows("subscriptions", &at_provider.subscription(&monthly, "subscription_updated", &until(Standing::Expired)));

    let said = provider.reconcile(&desk, API_KEY).fine();
    assert!(
        said.out.contains("lemon_squeezy:7000042  pending -> active") && said.out.contains("lemon_squeezy:7000043  pending -> expired"),
        "{}",
        said.out
    );
    assert!(said.out.contains("2 orders changed"), "{}", said.out);
    let list = desk.run(&["orders", "list", "--site", "site"]).fine().out;
    assert!(list.contains("7000042") && !list.contains("7000044") && !list.contains("7000045"), "{list}");
    assert!(desk.run(&["orders", "show", "1000042", "--site", "site"]).fine().out.contains("licence key"));
    assert!(provider.reconcile(&desk, API_KEY).fine().out.contains(" 0 orders changed"));

    provider.knows("orders", &at_provider.order_refunded(&once, 4900, PAID + 60));
    let said = provider.reconcile(&desk, API_KEY).fine().out;
    assert!(
        said.contains("lemon_squeezy:7000042  active -> refunded") && said.contains("1 licence keys of refunded orders switched off"),
        "{said}"
    );
    let said = provider.reconcile(&desk, API_KEY).fine().out;
    assert!(said.contains(" 0 orders changed") && !said.contains("switched off"), "{said}");
}

#[test]
fn a_key_that_is_refused_changes_nothing_and_is_not_shown() {
    let desk = shop();
    let provider = Provider::start();
    let said = provider.reconcile(&desk, "another-key-0123456789").refused(&["refuses the API key", "BOOKPLATE_LEMON_SQUEEZY_API_KEY"]);
    assert!(!said.err.contains("another-key"), "{}", said.err);
    provider.reconcile(&desk, "").refused(&["BOOKPLATE_LEMON_SQUEEZY_API_KEY is not set"]);
}

#[test]
fn what_an_endpoint_missed_is_told_to_it_from_elsewhere() {
    let desk = shop();
    let provider = Provider::start();
    let endpoint = Endpoint::start(&desk, &[("BOOKPLATE_DATABASE", "there.db")]);
    let at_provider = Shop::new("secret", 10_001).live();
    let once = Purchase::new(1_000_042, 40_001, 50_001, PAID);
    provider.knows("orders", &at_provider.order_created(&once));
    provider.knows("license-keys", &at_provider.license_key_created(&once));
    let reconcile = || {
        let variables = [
            ("BOOKPLATE_LEMON_SQUEEZY_API_KEY", API_KEY),
            ("BOOKPLATE_LEMON_SQUEEZY_API", provider.address.as_str()),
            ("BOOKPLATE_ADMIN_TOKEN", ADMIN),
        ];
        desk.run_with(&["orders", "reconcile", "--site", "site", "--endpoint", &endpoint.address], &variables).fine().out
    };
    assert!(reconcile().contains("lemon_squeezy:7000042  pending -> active"));
    assert!(endpoint.unlock(&once.licence_key())["keyring"].is_string());
    assert!(reconcile().contains(" 0 orders changed"));
    assert_eq!(endpoint.log().matches("a fact from the author").count(), 2, "what is known is not told again");
    assert!(desk.run(&["orders", "list", "--site", "site"]).fine().out.contains("no orders yet"));
}
