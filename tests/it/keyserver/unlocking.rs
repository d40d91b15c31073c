//! Claims and licence keys.

use bookplate::catalog::Catalog;
use bookplate::pay::manual::Reason;
use bookplate::protocol::{Code, Epoch, Keyring, Params, Seat, Token};
use bookplate::rehearse::Purchase;
use bookplate::store::{self, Present};
use serde_json::json;

use super::bench::{Bench, CATALOG, NOW, code, purchase, site, site_key};

#[tokio::test]
async fn claim_and_reference_open_the_course() {
    let bench = Bench::new();
    let got = bench.bought(&purchase()).await;
    assert_eq!((got.status.as_u16(), got.json()["courses"].clone()), (200, json!([{"course": "ownership", "epoch": 1}])));
    assert_eq!((got.text("display"), got.text("course")), ("order …0042, T. B.".into(), "ownership".into()));
    let buyer = site_key().buyer(&site(), &"lemon_squeezy:7000042".parse().unwrap(), Seat(0));
    let course = "ownership".parse().unwrap();
    assert!(got.keyring() == Keyring::issue(&site_key(), &site(), &course, Epoch(1), Params::default(), &buyer, "order …0042, T. B."));
    let token = Token::verify(&site_key(), &site(), &got.token(), NOW).unwrap();
    assert_eq!((token.order.to_string(), token.issued_at), ("lemon_squeezy:7000042".into(), NOW));
}

#[tokio::test]
async fn typed_forms_of_code_and_reference_are_forgiven() {
    let bench = Bench::new();
    bench.bought(&purchase()).await;
    let (claim, order) = (code().to_string().to_lowercase().replace('-', " "), format!(" {} ", purchase().reference().to_uppercase()));
    assert_eq!(bench.post("/unlock", json!({"claim": claim, "order": order})).await.status, 200);
}

#[tokio::test]
async fn every_claim_that_opens_nothing_gets_the_same_bytes_after_the_same_look_ups() {
    let bench = Bench::new();
    let begun = Purchase::new(1_000_077, 40_001, 50_001, NOW).claimed(Code::from_random([7; 16]).claim_hash(&site()).to_string());
    bench.stored(bench.shop.order_created(&purchase())).await;
    bench.stored(bench.shop.order_pending(&begun)).await;
    let (ours, reference) = (code().to_string(), purchase().reference());
    let mut typo = ours.clone();
    typo.replace_range(0..1, if ours.starts_with('0') { "1" } else { "0" });
    for (what, body) in [
        ("no reference", json!({"claim": ours})),
        ("empty reference", json!({"claim": ours, "order": ""})),
        ("wrong reference", json!({"claim": ours, "order": begun.reference()})),
        ("order id", json!({"claim": ours, "order": "7000042"})),
        ("order number", json!({"claim": ours, "order": "1000042"})),
        ("unknown code", json!({"claim": Code::from_random([8; 16]).to_string(), "order": reference})),
        ("not paid", json!({"claim": Code::from_random([7; 16]).to_string(), "order": begun.reference()})),
        ("typing mistake", json!({"claim": typo, "order": reference})),
        ("no code", json!({"claim": "hello", "order": reference})),
        ("empty code", json!({"claim": "", "order": reference})),
        ("the hash", json!({"claim": code().claim_hash(&site()).to_string(), "order": reference})),
    ] {
        bench.store.take();
        let got = bench.post("/unlock", body).await;
        assert_eq!(got.bytes, br#"{"retryAfter":3,"status":"pending"}"#[..], "{what}");
        assert_eq!((got.status.as_u16(), got.headers["retry-after"].to_str().unwrap()), (202, "3"), "{what}");
        assert_eq!(bench.store.take(), ["find", "facts"], "{what}");
    }
    assert_eq!(bench.open(&purchase()).await.status, 200);
}

#[tokio::test]
async fn unknown_and_malformed_licences_get_the_same_bytes_after_the_same_look_ups() {
    let bench = Bench::new();
    bench.provider.say(bookplate::rehearse::answer(&bench.shop, None));
    for key in [purchase().licence_key().as_str(), "", "x", "38b1460a-5104-4067-a91d-77b872934d5", &code().to_string()] {
        bench.store.take();
        let got = bench.licence(key).await;
        assert_eq!((got.status.as_u16(), &got.bytes[..]), (404, &br#"{"error":"unknown"}"#[..]), "{key}");
        assert_eq!(bench.store.take(), ["find", "facts"], "{key}");
    }
    assert_eq!(bench.provider.calls(), 1);
}

#[tokio::test]
async fn the_first_paid_order_that_names_a_claim_has_it() {
    let bench = Bench::new();
    let hash = code().claim_hash(&site()).to_string();
    let stranger = Purchase::new(1_000_001, 40_001, 50_001, NOW).claimed(hash.clone());
    // A stranger's link made the victim pay with the stranger's code: without the victim's reference it opens nothing.
    bench.stored(bench.shop.order_created(&purchase())).await;
    bench.stored(bench.shop.order_created(&stranger)).await;
    assert_eq!(bench.open(&stranger).await.word(), "202 pending");
    assert_eq!(bench.open(&purchase()).await.status, 200);
}

#[tokio::test]
async fn courses_follow_from_products_and_never_from_the_request() {
    let bench = Bench::new();
    bench.bought(&purchase()).await;
    let other = bench.post("/unlock", json!({"claim": code().to_string(), "order": purchase().reference(), "course": "moving"})).await;
    assert_eq!((other.status.as_u16(), other.json()["courses"].clone()), (200, json!([{"course": "ownership", "epoch": 1}])));
    let json = other.json();
    assert!(["course", "epoch", "keyring"].iter().all(|member| json.get(member).is_none()) && json["token"].is_string());
    let bundle = Purchase::new(1_000_050, 40_009, 50_009, NOW);
    bench.stored(bench.shop.order_created(&bundle)).await;
    bench.stored(bench.shop.license_key_created(&bundle)).await;
    let got = bench.post("/unlock", json!({"licence": bundle.licence_key(), "course": "moving"})).await;
    assert_eq!(got.json()["courses"], json!([{"course": "ownership", "epoch": 1}, {"course": "moving", "epoch": 1}]));
    assert_eq!(got.keyring().scope().course.as_str(), "moving");
}

#[tokio::test]
async fn a_licence_key_opens_on_another_device_whichever_webhook_came_first() {
    for first in [true, false] {
        let bench = Bench::new();
        let (order, key) = (bench.shop.order_created(&purchase()), bench.shop.license_key_created(&purchase()));
        let (a, b) = if first { (order, key) } else { (key, order) };
        bench.stored(a).await;
        bench.stored(b).await;
        let got = bench.licence(&format!(" {} ", purchase().licence_key().to_lowercase())).await;
        assert!(got.keyring() == bench.open(&purchase()).await.keyring());
    }
}

#[tokio::test]
async fn each_seat_has_its_own_copy() {
    let bench = Bench::new();
    let class = purchase().copies(3);
    bench.stored(bench.shop.order_created(&class)).await;
    for copy in [2, 0, 1] {
        bench.stored(bench.shop.license_key_of(&class, copy, None)).await;
    }
    let mut copies = Vec::new();
    for copy in 0..3 {
        copies.push(bench.licence(&class.licence_key_of(copy)).await);
    }
    let seats: Vec<u32> = copies.iter().map(|c| Token::verify(&site_key(), &site(), &c.token(), NOW).unwrap().seat.0).collect();
    assert_eq!(seats, [0, 1, 2]);
    assert!(copies[0].keyring() == bench.open(&class).await.keyring());
    assert!(copies[0].keyring() != copies[1].keyring() && copies[1].keyring() != copies[2].keyring());
    let again = bench.refresh(&copies[2].token(), "ownership").await;
    assert!(again.keyring() == copies[2].keyring());
}

#[tokio::test]
async fn a_closed_order_says_why() {
    for (cents, want) in [(4900, "403 refunded"), (1500, "200 -")] {
        let bench = Bench::new();
        bench.bought(&purchase()).await;
        bench.stored(bench.shop.order_refunded(&purchase(), cents, NOW + 1)).await;
        let got = bench.open(&purchase()).await;
        assert_eq!(got.word(), want);
    }
    let bench = Bench::new();
    let order = "lemon_squeezy:7000042".parse().unwrap();
    bench.stored(bench.shop.order_created(&purchase())).await;
    bench.stored(bench.shop.license_key_of(&purchase(), 0, Some(NOW + 100))).await;
    store::revoke(&*bench.store, &order, NOW).unwrap();
    assert_eq!(bench.open(&purchase()).await.word(), "403 revoked");
    store::restore(&*bench.store, &order, NOW).unwrap();
    assert_eq!(bench.open(&purchase()).await.status, 200);
    bench.pass(100);
    assert_eq!(bench.open(&purchase()).await.word(), "403 expired");
    bench.stored(bench.shop.order_fraudulent(&purchase(), NOW + 50)).await;
    assert_eq!(bench.licence(&purchase().licence_key()).await.word(), "403 refunded");
}

#[tokio::test]
async fn a_given_copy_opens_with_its_code_and_its_reference() {
    let bench = Bench::new();
    let catalog = Catalog::from_json(CATALOG.as_bytes()).unwrap();
    let claim = Some(code().claim_hash(&site()));
    let present = Present {
        courses: vec!["moving".parse().unwrap()],
        seats: 1,
        reason: Reason::Gift,
        name: "王小明".into(),
        claim,
        keys: Vec::new(),
    };
    let issued = store::issue(&*bench.store, &catalog, &present, [3; 16], NOW).unwrap();
    let ask = |order: String| bench.post("/unlock", json!({"claim": code().to_string(), "order": order}));
    assert_eq!(ask(issued.order.to_string()).await.word(), "202 pending");
    let got = ask(issued.order.order_id.to_string()).await;
    assert_eq!(got.json()["courses"], json!([{"course": "moving", "epoch": 1}]));
    assert!(got.text("display").ends_with(", 王"));
}

#[tokio::test]
async fn the_newest_epoch_is_served_and_a_request_names_none() {
    let bench = Bench::new();
    let first = bench.bought(&purchase()).await;
    let both = CATALOG.replacen("\"epochs\":[1]", "\"epochs\":[1,2]", 1);
    bench.state.replace_catalog(Catalog::from_json(both.as_bytes()).unwrap());
    let got = bench.post("/refresh", json!({"token": first.token(), "course": "ownership", "epoch": 1})).await;
    assert_eq!((got.json()["epoch"].clone(), got.keyring().scope().epoch), (json!(2), Epoch(2)));
    assert!(got.json().get("token").is_none());
}

#[tokio::test]
async fn what_is_no_request_is_400() {
    let bench = Bench::new();
    let long = "x".repeat(257);
    for body in [
        json!(null),
        json!([]),
        json!({}),
        json!({"order": "x"}),
        json!({"claim": "x", "licence": "x"}),
        json!({"claim": 7}),
        json!({ "claim": long }),
        json!({ "licence": long }),
        json!({"claim": "x", "order": long}),
        json!({"claim": "x", "course": ""}),
        json!({"claim": "x", "course": "a\nb"}),
        json!({"claim": "x", "device": "x".repeat(65)}),
        json!([null, null, "a licence", null, null]),
    ] {
        assert_eq!(bench.post("/unlock", body.clone()).await.word(), "400 malformed", "{body}");
    }
    assert_eq!(bench.post("/unlock", json!({"licence": "x".repeat(17_000)})).await.word(), "413 large");
    // Of a member that stands there twice the last one counts.
    let twice = |body: &'static str| bench.send(axum::http::Request::post("/unlock").body(axum::body::Body::from(body)).unwrap());
    assert_eq!(twice(r#"{"claim":"x","claim":7}"#).await.word(), "400 malformed");
    assert!(bench.store.take().is_empty());
    assert_eq!(twice(r#"{"claim":7,"claim":"x"}"#).await.word(), "202 pending");
    assert_eq!(bench.get("/unlock").await.word(), "405 method");
}
