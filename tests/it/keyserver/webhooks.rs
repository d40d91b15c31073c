//! What providers send.

use std::sync::atomic::Ordering;

use axum::body::Body;
use axum::http::Request;
use bookplate::keyserver::{Mode, WEBHOOK_MAX};
use bookplate::pay::lemon_squeezy::sign;
use bookplate::rehearse::{Purchase, Shop, Signed};
use bookplate::store::{self, Facts as _};

use super::bench::{Bench, NOW, SECRET, delivery, purchase};

#[tokio::test]
async fn another_way_to_write_the_path_is_another_path() {
    let bench = Bench::new();
    let signed = bench.shop.order_created(&purchase());
    for path in ["/webhooks/lemon%5fsqueezy", "/webhooks/lemon%5Fsqueezy", "/webhooks/Lemon_Squeezy", "/%77ebhooks/lemon_squeezy"] {
        let request = Request::post(path).header("x-signature", &signed.signature).body(Body::from(signed.body.clone())).unwrap();
        assert_eq!(bench.send(request).await.word(), "404 unknown", "{path}");
    }
    assert_eq!(bench.hook(&signed).await.word(), "200 stored");
}

#[tokio::test]
async fn a_purchase_is_stored_once() {
    let bench = Bench::new();
    let signed = bench.shop.order_created(&purchase());
    assert_eq!(bench.hook(&signed).await.word(), "200 stored");
    assert_eq!(bench.hook(&signed).await.word(), "200 duplicate");
    assert_eq!(bench.hook(&bench.shop.license_key_created(&purchase())).await.word(), "200 stored");
    assert_eq!(bench.hook(&bench.shop.order_refunded(&purchase(), 4900, NOW + 9)).await.word(), "200 stored");
    assert_eq!(bench.store.orders().unwrap().len(), 1);
}

#[tokio::test]
async fn of_the_same_webhook_many_times_at_once_one_is_stored() {
    let bench = Bench::new();
    let signed = bench.shop.order_created(&purchase());
    let mut all = tokio::task::JoinSet::new();
    for _ in 0..12 {
        let (router, request) = (bench.router(), delivery(&signed));
        all.spawn(async move {
            let response = tower::ServiceExt::oneshot(router, request).await.unwrap();
            axum::body::to_bytes(response.into_body(), 99).await.unwrap()
        });
    }
    let words = all.join_all().await;
    assert_eq!(words.iter().filter(|w| w.as_ref() == br#"{"status":"stored"}"#).count(), 1);
    assert_eq!(words.iter().filter(|w| w.as_ref() == br#"{"status":"duplicate"}"#).count(), 11);
}

#[tokio::test]
async fn both_secrets_of_a_rotation_fit_and_no_other() {
    let bench = Bench::new();
    for (secret, want) in [(SECRET, "200 stored"), ("previous-secret", "200 stored"), ("another", "401 signature"), ("", "401 signature")] {
        let number = 1_000_000 + secret.len() as u64;
        let signed = Shop::new(secret, 10_001).live().order_created(&Purchase::new(number, 40_001, 50_001, NOW));
        assert_eq!(bench.hook(&signed).await.word(), want, "{secret}");
    }
    assert_eq!(bench.store.orders().unwrap().len(), 2);
}

#[tokio::test]
async fn an_unsigned_body_is_refused_before_it_is_read_and_nothing_is_stored() {
    let bench = Bench::new();
    let signed = bench.shop.order_created(&purchase());
    let post = || Request::post("/webhooks/lemon_squeezy");
    let body = || Body::from(signed.body.clone());
    for request in [
        post().body(body()),
        post().header("x-signature", signed.signature.to_uppercase()).body(body()),
        post().header("x-signature", &signed.signature).header("x-signature", &signed.signature).body(body()),
        post().header("x-signature", &signed.signature).body(Body::from([&signed.body[..], b" "].concat())),
        post().header("x-signature", "f".repeat(64)).body(Body::from("not JSON at all")),
        post().header("x-signature", &signed.signature[..63]).body(body()),
        post().header("x-signature", [signed.signature.as_bytes(), b"0"].concat().as_slice()).body(body()),
        post().header("x-signature", [&signed.signature.as_bytes()[..62], "\u{e9}".as_bytes()].concat().as_slice()).body(body()),
        post().header("x-signature", &[0xFF; 64][..]).body(body()),
        post().header("x-signature", &signed.signature).body(Body::from(signed.body[..signed.body.len() - 1].to_vec())),
        post().header("x-signature", &signed.signature).body(Body::from(again(&signed.body))),
        post().header("x-signature", sign(&"".into(), &signed.body)).body(body()),
    ] {
        assert_eq!(bench.send(request.unwrap()).await.word(), "401 signature");
    }
    assert_eq!(bench.store.take(), [""; 0]);
}

/// The same JSON, read and written: equal to a reader, not to a signature.
fn again(body: &[u8]) -> Vec<u8> {
    serde_json::to_vec(&serde_json::from_slice::<serde_json::Value>(body).unwrap()).unwrap()
}

#[tokio::test]
async fn only_the_variant_that_is_sold_counts_and_a_key_that_names_none() {
    let variant = super::bench::CATALOG.replace("\"product\":40001}", "\"product\":40001,\"variant\":50001}");
    let bench = Bench::with(|settings| settings.catalog = bookplate::catalog::Catalog::from_json(variant.as_bytes()).unwrap());
    let other = Purchase::new(1_000_043, 40_001, 50_002, NOW);
    assert_eq!(bench.hook(&bench.shop.order_created(&other)).await.word(), "200 ignored");
    assert_eq!(bench.bought(&purchase()).await.status, 200);
    bench.stored(bench.shop.license_key_created(&purchase())).await;
    // A key of the other variant says so nowhere; without its order it opens nothing, and the provider is asked.
    bench.stored(bench.shop.license_key_created(&other)).await;
    let known = bookplate::rehearse::Known { purchase: &other, copy: 0, status: "active" };
    bench.provider.say(bookplate::rehearse::answer(&bench.shop, Some(&known)));
    assert_eq!(bench.licence(&other.licence_key()).await.word(), "404 unknown");
}

#[tokio::test]
async fn signed_but_unreadable_is_400() {
    let bench = Bench::new();
    for body in ["", "{", "[]", r#"{"meta":{"event_name":"order_created"}}"#] {
        let signed = Signed { event: "order_created", signature: sign(&SECRET.into(), body.as_bytes()), body: body.into() };
        assert_eq!(bench.hook(&signed).await.word(), "400 malformed", "{body}");
    }
}

#[tokio::test]
async fn the_wrong_path_method_or_provider_is_told_so() {
    let bench = Bench::new();
    assert_eq!(bench.get("/webhooks/lemon_squeezy").await.word(), "405 method");
    for path in ["/webhooks/stripe", "/webhooks", "/nothing"] {
        assert_eq!(bench.post(path, "".into()).await.word(), "404 unknown", "{path}");
    }
    let unconfigured = Bench::with(|settings| settings.lemon_squeezy.clear());
    assert_eq!(unconfigured.hook(&bench.shop.order_created(&purchase())).await.word(), "404 unknown");
}

#[tokio::test]
async fn what_is_not_ours_is_200_and_ignored() {
    let bench = Bench::new();
    let other_shop = Shop::new(SECRET, 10_002).live();
    for signed in [
        bench.shop.other_event(),
        Shop::new(SECRET, 10_001).order_created(&purchase()),
        Shop::new(SECRET, 10_001).license_key_created(&purchase()),
        other_shop.order_created(&purchase()),
        other_shop.license_key_created(&purchase()),
        bench.shop.order_created(&Purchase::new(1, 49_999, 50_001, NOW)),
    ] {
        assert_eq!(bench.hook(&signed).await.word(), "200 ignored");
    }
    assert!(bench.store.orders().unwrap().is_empty());
}

#[tokio::test]
async fn a_preview_takes_test_orders_and_no_real_ones() {
    let bench = Bench::with(|settings| settings.mode = Mode::Test);
    assert_eq!(bench.hook(&Shop::new(SECRET, 10_001).live().order_created(&purchase())).await.word(), "200 ignored");
    assert_eq!(bench.bought(&purchase()).await.status, 200);
}

#[tokio::test]
async fn too_long_is_refused_whether_or_not_it_says_how_long_it_is() {
    let bench = Bench::new();
    let long = vec![b' '; WEBHOOK_MAX + 1];
    let post = || Request::post("/webhooks/lemon_squeezy").header("x-signature", sign(&SECRET.into(), &long));
    let stream = Body::new(Body::from(long.clone()));
    for request in [post().header("content-length", long.len()).body(Body::from(long.clone())), post().body(stream)] {
        assert_eq!(bench.send(request.unwrap()).await.word(), "413 large");
    }
    let most = vec![b' '; WEBHOOK_MAX];
    let signed = Signed { event: "x", signature: sign(&SECRET.into(), &most), body: most };
    assert_eq!(bench.hook(&signed).await.word(), "400 malformed");
}

#[tokio::test]
async fn a_failing_store_is_503_and_the_next_delivery_is_stored() {
    let bench = Bench::new();
    let signed = bench.shop.order_created(&purchase());
    bench.store.broken.store(true, Ordering::SeqCst);
    assert_eq!(bench.hook(&signed).await.word(), "503 unavailable");
    assert_eq!(bench.get("/health").await.word(), "503 down");
    bench.store.broken.store(false, Ordering::SeqCst);
    assert_eq!(bench.hook(&signed).await.word(), "200 stored");
    assert_eq!(bench.get("/health").await.word(), "200 ok");
}

#[tokio::test]
async fn a_deleted_buyer_does_not_come_back() {
    let bench = Bench::new();
    let token = bench.bought(&purchase()).await.token();
    store::forget(&*bench.store, &"lemon_squeezy:7000042".parse().unwrap()).unwrap();
    assert_eq!(bench.hook(&bench.shop.order_refunded(&purchase(), 4900, NOW)).await.word(), "200 ignored");
    assert_eq!(bench.open(&purchase()).await.word(), "202 pending");
    assert_eq!(bench.refresh(&token, "ownership").await.word(), "403 revoked");
}

#[tokio::test]
async fn whoever_wants_to_know_is_told_of_every_change() {
    let told = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let bench = Bench::with(|settings| {
        let told = told.clone();
        settings.notify = Some(std::sync::Arc::new(move |notice| told.lock().unwrap().push(notice)));
    });
    let signed = bench.shop.order_created(&purchase());
    bench.hook(&signed).await;
    bench.hook(&signed).await;
    bench.hook(&bench.shop.order_refunded(&purchase(), 1, NOW + 1)).await;
    bench.hook(&bench.shop.order_refunded(&purchase(), 4900, NOW + 2)).await;
    let told = told.lock().unwrap();
    let lines: Vec<_> = told.iter().map(|n| (n.number.as_deref(), n.state.name(), n.courses.len())).collect();
    assert_eq!(lines, [(Some("1000042"), "active", 1), (Some("1000042"), "refunded", 1)]);
}
