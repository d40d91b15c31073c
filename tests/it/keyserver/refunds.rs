//! After a refund the licence keys are switched off at the provider, behind the webhook's back.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bookplate::outbound::{Http, Unreachable, disable_licences};
use bookplate::pay::{Answer, Body, Call, Method};
use bookplate::store::{self};
use secrecy::ExposeSecret as _;
use serde_json::json;

use super::bench::{Bench, NOW, purchase};

/// The main API, played: two keys of the order on two pages, one of which is off already, and a stranger's.
#[derive(Default)]
struct Api(Mutex<Vec<String>>);

impl Api {
    fn answer(&self, call: &Call) -> Result<Answer, Unreachable> {
        assert_eq!(call.bearer.as_ref().map(|key| key.expose_secret()), Some("api-key"), "every call bears the key");
        let body = if let Body::Json(text) = &call.body { text.as_str() } else { "" };
        self.0.lock().unwrap().push(format!("{:?} {} {body}", call.method, call.path));
        if call.method == Method::Patch {
            return Ok(page(json!({ "data": { "type": "license-keys", "attributes": { "disabled": 1, "status": "disabled" } } })));
        }
        let key = |id: &str, order: u64, status: &str| {
            let is = json!({ "store_id": 10_001, "order_id": order, "product_id": 40_001, "key": "k", "status": status });
            json!({ "type": "license-keys", "id": id, "attributes": is })
        };
        let number = if call.path.contains("page%5Bnumber%5D=1&") { 1 } else { 2 };
        let data = if number == 1 {
            json!([key("80001", 7_000_042, "active"), key("80009", 7_000_099, "active")])
        } else {
            json!([key("80002", 7_000_042, "disabled"), key("80003", 7_000_042, "inactive")])
        };
        Ok(page(json!({ "meta": { "page": { "currentPage": number, "lastPage": 2 } }, "data": data })))
    }

    fn calls(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }

    /// The calls, once there are so many.
    fn after(&self, count: usize) -> Vec<String> {
        let began = Instant::now();
        while self.calls().len() < count {
            assert!(began.elapsed() < Duration::from_secs(20), "{:?}", self.calls());
            std::thread::sleep(Duration::from_millis(5));
        }
        self.calls()
    }
}

fn page(body: serde_json::Value) -> Answer {
    Answer { status: 200, body: body.to_string().into_bytes() }
}

fn with_api(answer: impl Fn(&Call) -> Result<Answer, Unreachable> + Send + Sync + 'static) -> Bench {
    Bench::with(|settings| {
        settings.api_key = Some("api-key".into());
        settings.outbound = Arc::new(answer);
    })
}

#[tokio::test]
async fn a_full_refund_switches_off_the_keys_that_are_on() {
    let api = Arc::new(Api::default());
    let played = api.clone();
    let bench = with_api(move |call| played.answer(call));
    bench.bought(&purchase()).await;
    bench.stored(bench.shop.order_refunded(&purchase(), 100, NOW + 8)).await;
    let refund = bench.shop.order_refunded(&purchase(), 4900, NOW + 9);
    bench.stored(refund.clone()).await;
    let list = |page| format!("Get /v1/license-keys?filter%5Border_id%5D=7000042&page%5Bnumber%5D={page}&page%5Bsize%5D=100 ");
    let off =
        |id| format!(r#"Patch /v1/license-keys/{id} {{"data":{{"attributes":{{"disabled":true}},"id":"{id}","type":"license-keys"}}}}"#);
    assert_eq!(api.after(4), [list(1), off("80001"), list(2), off("80003")]);
    // Told once more, it is not done once more.
    assert_eq!((bench.hook(&refund).await.word().as_str(), api.calls().len()), ("200 duplicate", 4));
}

#[tokio::test]
async fn a_webhook_does_not_wait_for_it_nor_fail_with_it() {
    let (let_go, held) = std::sync::mpsc::channel::<()>();
    let held = Mutex::new(held);
    let bench = with_api(move |_| {
        let _ = held.lock().unwrap().recv_timeout(Duration::from_secs(20));
        Err(Unreachable("nobody answers"))
    });
    bench.bought(&purchase()).await;
    let began = Instant::now();
    bench.stored(bench.shop.order_refunded(&purchase(), 4900, NOW + 9)).await;
    assert!(began.elapsed() < Duration::from_secs(5), "it waited {:?}", began.elapsed());
    assert_eq!(bench.open(&purchase()).await.word(), "403 refunded");
    let_go.send(()).unwrap();
}

#[tokio::test]
async fn what_the_author_opened_again_keeps_its_keys() {
    let api = Arc::new(Api::default());
    let played = api.clone();
    let bench = with_api(move |call| played.answer(call));
    bench.bought(&purchase()).await;
    bench.pass(100);
    store::restore(&*bench.store, &"lemon_squeezy:7000042".parse().unwrap(), NOW + 100).unwrap();
    bench.stored(bench.shop.order_refunded(&purchase(), 4900, NOW + 9)).await;
    assert_eq!(bench.open(&purchase()).await.status, 200);
    std::thread::sleep(Duration::from_millis(100));
    assert!(api.calls().is_empty());
}

#[test]
fn no_verdict_is_an_error_and_never_half_a_success() {
    for (status, body) in [(429, "{}"), (401, r#"{"errors":[]}"#), (500, "{}"), (200, "<html>"), (200, "{}")] {
        let silent = move |_: &Call| Ok(Answer { status, body: body.into() });
        assert!(disable_licences(&silent, &"api-key".into(), "7000042").is_err(), "{status} {body}");
    }
    let none = |_: &Call| Ok(page(json!({ "data": [] })));
    assert_eq!(disable_licences(&none, &"api-key".into(), "7000042"), Ok(0));
}

/// The real client against a server on this machine that speaks the API's shapes.
#[tokio::test(flavor = "multi_thread")]
async fn the_client_bears_the_key_and_speaks_json_api() {
    use axum::http::{HeaderMap, StatusCode};
    use axum::routing::{get, patch};

    fn text(headers: &HeaderMap, name: &str) -> String {
        headers.get(name).map_or_else(String::new, |value| value.to_str().unwrap().to_owned())
    }
    const KIND: [(&str, &str); 1] = [("content-type", "application/vnd.api+json")];
    let seen = Arc::new(Mutex::new(Vec::new()));
    let (listed, switched) = (seen.clone(), seen.clone());
    let list = move |uri: axum::http::Uri, headers: HeaderMap| async move {
        listed.lock().unwrap().push(format!("{uri} {} {}", text(&headers, "authorization"), text(&headers, "accept")));
        let key = json!({ "id": "80001", "attributes": { "store_id": 1, "order_id": 7, "product_id": 2, "key": "k", "status": "active" } });
        (KIND, json!({ "data": [key] }).to_string())
    };
    let switch = move |headers: HeaderMap, body: String| async move {
        switched.lock().unwrap().push(format!("{} {} {body}", text(&headers, "authorization"), text(&headers, "content-type")));
        (KIND, json!({ "data": { "attributes": { "disabled": true } } }).to_string())
    };
    let challenge = || async { (StatusCode::OK, [("content-type", "text/html")], r#"{"data":[]}"#) };
    let app = axum::Router::new()
        .route("/v1/license-keys", get(list))
        .route("/v1/license-keys/80001", patch(switch))
        .route("/challenge/v1/license-keys", get(challenge));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let server = tokio::spawn(async move { axum::serve(listener, app).await });
    let disable = |base: String| tokio::task::spawn_blocking(move || disable_licences(&Http::at(&base).unwrap(), &"api-key".into(), "7"));
    assert_eq!(disable(base.clone()).await.unwrap(), Ok(1));
    assert!(disable(format!("{base}/challenge")).await.unwrap().is_err(), "a page that calls itself HTML is no list");
    let body = r#"{"data":{"attributes":{"disabled":true},"id":"80001","type":"license-keys"}}"#;
    assert_eq!(
        *seen.lock().unwrap(),
        [
            "/v1/license-keys?filter%5Border_id%5D=7&page%5Bnumber%5D=1&page%5Bsize%5D=100 Bearer api-key application/vnd.api+json"
                .to_owned(),
            format!("Bearer api-key application/vnd.api+json {body}"),
        ]
    );
    server.abort();
}
