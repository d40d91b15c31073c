//! After a refund the licence keys are switched off at the provider, behind the webhook's back.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bookplate::outbound::{Unreachable, disable_licences};
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
            return Ok(json(json!({ "data": { "type": "license-keys", "attributes": { "disabled": 1, "status": "disabled" } } })));
        }
        let key = |id: &str, order: u64, status: &str| {
            let is = json!({ "store_id": 10_001, "order_id": order, "product_id": 40_001, "key": "k", "status": status });
            json!({ "type": "license-keys", "id": id, "attributes": is })
        };
        let page = if call.path.contains("page%5Bnumber%5D=1&") { 1 } else { 2 };
        let data = if page == 1 {
            json!([key("80001", 7_000_042, "active"), key("80009", 7_000_099, "active")])
        } else {
            json!([key("80002", 7_000_042, "disabled"), key("80003", 7_000_042, "inactive")])
        };
        Ok(json(json!({ "meta": { "page": { "currentPage": page, "lastPage": 2 } }, "data": data })))
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

fn json(body: serde_json::Value) -> Answer {
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
    let none = |_: &Call| Ok(json(json!({ "data": [] })));
    assert_eq!(disable_licences(&none, &"api-key".into(), "7000042"), Ok(0));
}
