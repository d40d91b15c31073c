//! Lost webhooks, and a provider that has its own troubles.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::body::Bytes;
use axum::http::StatusCode;
use axum::routing::post;
use bookplate::outbound::{Http, Outbound as _};
use bookplate::pay::{Answer, lemon_squeezy};
use bookplate::rehearse::{Known, Purchase, Shop, answer};
use bookplate::store::Facts as _;

use super::bench::{Bench, NOW, SECRET, purchase};
use super::told::licence_updated;

fn known<'a>(purchase: &'a Purchase, status: &'static str) -> Known<'a> {
    Known { purchase, copy: 0, status }
}

fn says(status: u16, body: &str) -> Answer {
    Answer { status, body: body.into() }
}

#[tokio::test]
async fn a_lost_purchase_heals_by_its_licence_key() {
    let bench = Bench::new();
    bench.provider.say(answer(&bench.shop, Some(&known(&purchase(), "inactive"))));
    let got = bench.licence(&purchase().licence_key()).await;
    assert_eq!((got.status.as_u16(), got.text("display")), (200, "order …0042, T. B.".into()));
    assert_eq!(bench.store.take(), ["find", "facts", "facts", "insert", "insert", "facts", "admit"]);
    bench.licence(&purchase().licence_key()).await;
    assert_eq!(bench.provider.calls(), 1);
    // Spaces and hyphens do not count.
    for typed in [purchase().licence_key().replace('-', " "), purchase().licence_key().replace('-', "")] {
        assert_eq!(bench.licence(&typed).await.status, 200, "{typed}");
    }
    assert_eq!(bench.provider.calls(), 1);
    // The webhooks come after all, and then the refund.
    bench.stored(bench.shop.order_created(&purchase())).await;
    assert!(bench.open(&purchase()).await.keyring() == got.keyring());
    bench.stored(bench.shop.order_refunded(&purchase(), 4900, NOW + 9)).await;
    assert_eq!(bench.licence(&purchase().licence_key()).await.word(), "403 refunded");
    assert_eq!(bench.provider.calls(), 1);
}

#[tokio::test]
async fn a_licence_whose_purchase_was_lost_is_asked_about() {
    let bench = Bench::new();
    bench.stored(bench.shop.license_key_created(&purchase())).await;
    assert_eq!(bench.licence(&purchase().licence_key()).await.word(), "503 unavailable");
    bench.provider.say(answer(&bench.shop, Some(&known(&purchase(), "active"))));
    assert_eq!(bench.licence(&purchase().licence_key()).await.status, 200);
}

#[tokio::test]
async fn a_key_of_another_shop_product_or_mode_is_unknown() {
    let bench = Bench::new();
    let elsewhere = Purchase::new(1_000_042, 49_999, 50_001, NOW);
    let (test, other) = (Shop::new(SECRET, 10_001), Shop::new(SECRET, 10_002).live());
    for (what, said) in [
        ("another shop", answer(&other, Some(&known(&purchase(), "active")))),
        ("test mode", answer(&test, Some(&known(&purchase(), "active")))),
        ("another product", answer(&bench.shop, Some(&known(&elsewhere, "active")))),
        ("another shop's expired", answer(&other, Some(&known(&purchase(), "expired")))),
        ("unknown", answer(&bench.shop, None)),
    ] {
        bench.pass(1000);
        bench.provider.say(said);
        let got = bench.licence(&purchase().licence_key()).await;
        assert_eq!((got.status.as_u16(), &got.bytes[..]), (404, &br#"{"error":"unknown"}"#[..]), "{what}");
    }
    assert!(bench.store.orders().unwrap().is_empty());
    assert_eq!(bench.provider.calls(), 5);
}

#[tokio::test]
async fn an_expired_or_disabled_key_says_so() {
    for (status, want) in [("expired", "403 expired"), ("disabled", "403 revoked")] {
        let bench = Bench::new();
        bench.provider.say(answer(&bench.shop, Some(&known(&purchase(), status))));
        assert_eq!(bench.licence(&purchase().licence_key()).await.word(), want);
    }
}

#[tokio::test]
async fn no_verdict_changes_nothing() {
    let bench = Bench::new();
    for said in [
        says(429, r#"{"message":"Too Many Attempts."}"#),
        says(422, r#"{"message":"The license key field is required.","errors":{}}"#),
        says(500, r#"{"valid":false,"error":"x"}"#),
        says(403, "<html>Just a moment...</html>"),
        says(200, "<html>Just a moment...</html>"),
    ] {
        bench.pass(1000);
        bench.provider.say(said);
        let got = bench.licence(&purchase().licence_key()).await;
        assert_eq!((got.word().as_str(), got.headers.contains_key("retry-after")), ("503 unavailable", true));
    }
    assert!(bench.store.orders().unwrap().is_empty());
    bench.pass(1000);
    bench.provider.say(answer(&bench.shop, Some(&known(&purchase(), "active"))));
    assert_eq!(bench.licence(&purchase().licence_key()).await.status, 200);
    // Whoever is in does not notice that the provider is down.
    bench.provider.say(says(503, ""));
    assert_eq!(bench.licence(&purchase().licence_key()).await.status, 200);
}

#[tokio::test]
async fn a_refusal_is_believed_for_two_minutes() {
    let bench = Bench::new();
    bench.provider.say(answer(&bench.shop, None));
    for _ in 0..5 {
        assert_eq!(bench.licence(&purchase().licence_key()).await.word(), "404 unknown");
    }
    assert_eq!(bench.provider.calls(), 1);
    // The webhook is not held up by what the provider said before.
    bench.stored(bench.shop.order_created(&purchase())).await;
    bench.stored(bench.shop.license_key_created(&purchase())).await;
    assert_eq!(bench.licence(&purchase().licence_key()).await.status, 200);
    let other = Purchase::new(5, 40_001, 50_001, NOW);
    bench.licence(&other.licence_key()).await;
    bench.pass(120);
    bench.licence(&other.licence_key()).await;
    assert_eq!(bench.provider.calls(), 3);
}

#[tokio::test]
async fn guessing_never_uses_more_calls_than_a_minute_has() {
    let bench = Bench::new();
    bench.provider.say(answer(&bench.shop, None));
    for second in 0..60 {
        for try_ in 0..8 {
            bench.licence(&Purchase::new(second * 8 + try_, 1, 1, 0).licence_key()).await;
        }
        bench.pass(1);
    }
    assert!((30..=40).contains(&bench.provider.calls()), "{}", bench.provider.calls());
    // Told that it is too much, it waits.
    bench.pass(600);
    bench.provider.say(says(429, "{}"));
    for n in 0..9 {
        bench.licence(&Purchase::new(9000 + n, 1, 1, 0).licence_key()).await;
    }
    assert!(bench.provider.calls() <= 41);
}

#[tokio::test]
async fn ten_thousand_guesses_leave_room_for_a_reader_whose_webhook_was_lost() {
    let bench = Bench::with(|settings| settings.calls_a_minute = 60_000);
    bench.provider.say(answer(&bench.shop, None));
    for guess in 0..10_000 {
        let got = bench.licence(&Purchase::new(guess, 1, 1, 0).licence_key()).await;
        assert!(matches!(got.status.as_u16(), 404 | 503), "{}", got.word());
        // In the midst of it, somebody enters the key from his mail, and does again what he is told.
        if guess == 5000 {
            assert_eq!(bench.licence(&purchase().licence_key()).await.word(), "503 unavailable");
        }
        if guess == 6700 {
            bench.provider.say(answer(&bench.shop, Some(&known(&purchase(), "active"))));
            assert_eq!(bench.licence(&purchase().licence_key()).await.status, 200);
            bench.provider.say(answer(&bench.shop, None));
        }
        if guess % 167 == 0 {
            bench.pass(1);
        }
    }
    assert!(bench.provider.calls() <= 60, "{}", bench.provider.calls());
}

#[tokio::test]
async fn a_key_that_was_renewed_or_switched_on_again_heals() {
    for (status, closed) in [("expired", "403 expired"), ("disabled", "403 revoked")] {
        let bench = Bench::new();
        let token = bench.bought(&purchase()).await.token();
        bench.stored(licence_updated(&bench.shop, status, &purchase().licence_key(), 9)).await;
        assert_eq!(bench.refresh(&token, "ownership").await.word(), closed);
        for silent in [says(429, "{}"), says(200, "<html>"), answer(&bench.shop, Some(&known(&purchase(), status)))] {
            bench.provider.say(silent);
            assert_eq!(bench.licence(&purchase().licence_key()).await.word(), closed);
        }
        bench.pass(200);
        bench.provider.say(answer(&bench.shop, Some(&known(&purchase(), "active"))));
        let calls = bench.provider.calls();
        assert_eq!(bench.licence(&purchase().licence_key()).await.status, 200);
        assert_eq!(bench.refresh(&token, "ownership").await.status, 200);
        bench.licence(&purchase().licence_key()).await;
        assert_eq!(bench.provider.calls(), calls + 1);
    }
}

#[tokio::test]
async fn no_silence_of_the_provider_closes_what_is_open() {
    let bench = Bench::new();
    let token = bench.bought(&purchase()).await.token();
    bench.stored(bench.shop.license_key_created(&purchase())).await;
    for silent in
        [says(429, r#"{"message":"Too Many Attempts."}"#), says(500, "{}"), says(503, "<html>"), says(200, "<html>"), says(200, "")]
    {
        bench.provider.say(silent);
        assert_eq!(bench.licence(&purchase().licence_key()).await.status, 200);
        assert_eq!(bench.refresh(&token, "ownership").await.status, 200);
        assert_eq!(bench.open(&purchase()).await.status, 200);
    }
    assert_eq!(bench.provider.calls(), 0);
}

/// The real client against a server on this machine that speaks the provider's shapes.
#[tokio::test(flavor = "multi_thread")]
async fn the_client_sends_a_form_and_reads_any_status() {
    let asked = Arc::new(AtomicU64::new(0));
    let counter = asked.clone();
    let validate = move |body: Bytes| async move {
        counter.fetch_add(1, Ordering::SeqCst);
        assert_eq!(&body[..], format!("license_key={}", purchase().licence_key()).as_bytes());
        let said = answer(&Shop::new(SECRET, 10_001), Some(&known(&purchase(), "active")));
        (StatusCode::from_u16(said.status).unwrap(), said.body)
    };
    let app = Router::new()
        .route("/v1/licenses/validate", post(validate))
        .route("/redirect/v1/licenses/validate", post(|| async { (StatusCode::FOUND, [("location", "/v1/licenses/validate")], "") }));
    let long = || async { ([("content-type", "application/json")], "x".repeat(2_000_000)) };
    let app = app.route("/long/v1/licenses/validate", post(long));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let server = tokio::spawn(async move { axum::serve(listener, app).await });
    let call = |base: String| {
        tokio::task::spawn_blocking(move || Http::new(&base).call(&lemon_squeezy::validate(purchase().licence_key().into())))
    };
    assert_eq!(call(base.clone()).await.unwrap().unwrap().status, 200);
    assert_eq!(call(format!("{base}/redirect")).await.unwrap().unwrap().status, 302);
    assert_eq!(call(format!("{base}/nothing")).await.unwrap().unwrap().status, 404);
    assert!(call(format!("{base}/long")).await.unwrap().is_err());
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    server.abort();
    let _ = server.await;
    assert!(call(base).await.unwrap().is_err());
}
