//! `/facts`: what the author reads and writes of an endpoint that runs elsewhere.

use axum::body::Body;
use axum::http::Request;
use bookplate::keyserver::{FACTS_MAX, WEBHOOK_MAX};
use bookplate::store::Fact;
use serde_json::{Value, json};

use super::bench::{ADMIN, Bench, Got, NOW, purchase};

const ORDER: &str = "lemon_squeezy:7000042";
const QUERY: &str = "/facts?order=lemon_squeezy%3A7000042";

async fn ask(bench: &Bench, method: &str, path: &str, body: impl Into<Body>) -> Got {
    let request = Request::builder().method(method).uri(path).header("authorization", format!("Bearer {ADMIN}"));
    bench.send(request.body(body.into()).unwrap()).await
}

async fn facts(bench: &Bench, path: &str) -> Vec<Fact> {
    let got = ask(bench, "GET", path, "").await;
    assert_eq!((got.status.as_u16(), got.headers["content-type"].to_str().unwrap()), (200, "application/x-ndjson"));
    got.bytes.split(|b| *b == b'\n').filter(|line| !line.is_empty()).map(|line| serde_json::from_slice(line).expect("a fact")).collect()
}

/// A body of these words about the order, each a second after the one before.
fn words(words: &[&str]) -> String {
    let line = |(n, word): (u64, &&str)| json!({ "order": ORDER, "at": NOW + n, "kind": word }).to_string() + "\n";
    (1..).zip(words).map(line).collect()
}

fn inserted(words: &[&str]) -> Value {
    json!({ "inserted": words })
}

#[tokio::test]
async fn the_author_reads_facts_and_writes_them() {
    let bench = Bench::new();
    assert_eq!((facts(&bench, "/facts").await.len(), facts(&bench, QUERY).await.len()), (0, 0));
    let opened = bench.bought(&purchase()).await;
    bench.stored(bench.shop.order_created(&bookplate::rehearse::Purchase::new(1_000_043, 40_009, 50_009, NOW))).await;
    assert_eq!((facts(&bench, "/facts").await.len(), facts(&bench, QUERY).await.len()), (2, 1));
    assert_eq!(facts(&bench, QUERY).await[0].order.to_string(), ORDER);

    let got = ask(&bench, "POST", "/facts", words(&["revoked"])).await;
    assert_eq!((got.status.as_u16(), got.json()), (200, inserted(&["new"])));
    assert_eq!(bench.refresh(&opened.token(), "ownership").await.word(), "403 revoked");
    let got = ask(&bench, "POST", "/facts", format!("\n{}\r\n", words(&["revoked", "restored"]))).await;
    assert_eq!(got.json(), inserted(&["known", "new"]));
    assert_eq!(bench.refresh(&opened.token(), "ownership").await.status, 200);
    assert_eq!((facts(&bench, QUERY).await.len(), ask(&bench, "POST", "/facts", "").await.json()), (3, inserted(&[])));
    let head = ask(&bench, "HEAD", "/facts", "").await;
    assert_eq!((head.status.as_u16(), head.bytes.len(), head.headers["cache-control"].to_str().unwrap()), (200, 0, "no-store"));
}

#[tokio::test]
async fn an_order_is_forgotten_and_one_that_never_was_is_not() {
    let bench = Bench::new();
    let deleted = |was: bool| json!({ "deleted": was });
    assert_eq!(ask(&bench, "DELETE", QUERY, "").await.json(), deleted(false));
    let opened = bench.bought(&purchase()).await;
    assert_eq!(ask(&bench, "DELETE", QUERY, "").await.json(), deleted(true));
    assert_eq!(ask(&bench, "DELETE", QUERY, "").await.json(), deleted(false));
    assert_eq!(bench.refresh(&opened.token(), "ownership").await.word(), "403 revoked");
    assert_eq!(bench.hook(&bench.shop.order_created(&purchase())).await.word(), "200 ignored");
    assert_eq!(ask(&bench, "POST", "/facts", words(&["restored"])).await.json(), inserted(&["forgotten"]));
    assert_eq!(facts(&bench, "/facts").await, []);
}

#[tokio::test]
async fn one_bad_line_and_nothing_is_stored() {
    let bench = Bench::new();
    let good = words(&["revoked"]);
    for bad in ["{}", "null", "[1]", r#"{"order":"x","at":1,"kind":"revoked"}"#, r#"{"order":"manual:a","at":1,"kind":"other"}"#, "\u{b}"] {
        assert_eq!(ask(&bench, "POST", "/facts", format!("{good}{bad}\n")).await.word(), "400 malformed", "{bad:?}");
    }
    assert_eq!(ask(&bench, "POST", "/facts", [good.as_bytes(), b"\xff"].concat()).await.word(), "400 malformed");
    assert_eq!(ask(&bench, "POST", "/facts", words(&vec!["revoked"; FACTS_MAX + 1])).await.word(), "413 large");
    assert_eq!(ask(&bench, "POST", "/facts", " ".repeat(WEBHOOK_MAX + 1)).await.word(), "413 large");
    assert_eq!(facts(&bench, "/facts").await, []);
    assert_eq!(ask(&bench, "POST", "/facts", words(&vec!["revoked"; FACTS_MAX])).await.status, 200);
    for path in ["/facts?order=", "/facts?order=7000042", "/facts?order=a%ff:b", "/facts?order=a:b&order=a:c", "/facts?order=a%3ab%07c"] {
        for method in ["GET", "DELETE"] {
            assert_eq!(ask(&bench, method, path, "").await.word(), "400 malformed", "{method} {path}");
        }
    }
    assert_eq!(ask(&bench, "DELETE", "/facts", "").await.word(), "400 malformed");
}

#[tokio::test]
async fn nobody_else_reads_or_writes_facts() {
    let bench = Bench::new();
    let closed = Bench::with(|settings| settings.admin_token = None);
    for method in ["GET", "HEAD", "POST", "DELETE"] {
        for given in ["", "Bearer ", "Bearer x", ADMIN] {
            let request = || Request::builder().method(method).uri(QUERY).header("authorization", given).body(Body::from("{}")).unwrap();
            assert_eq!(
                (bench.send(request()).await.status, closed.send(request()).await.status.as_u16()),
                (axum::http::StatusCode::UNAUTHORIZED, 401)
            );
        }
    }
    assert!(bench.store.take().is_empty());
    let got = ask(&bench, "PUT", "/facts", "").await;
    assert_eq!((got.word().as_str(), got.headers["allow"].to_str().unwrap()), ("405 method", "GET,HEAD,POST,DELETE"));
    let cross = Request::get("/facts").header("authorization", format!("Bearer {ADMIN}")).header("origin", "https://example.com");
    assert!(!bench.send(cross.body(Body::empty()).unwrap()).await.headers.contains_key("access-control-allow-origin"));
}

#[tokio::test]
async fn the_author_is_not_held_up_by_readers_nor_answered_by_a_broken_store() {
    let bench = Bench::new();
    for n in 0..700 {
        bench.post("/unlock", json!({ "licence": n.to_string() })).await;
    }
    assert_eq!(bench.licence("x").await.word(), "429 wait");
    assert_eq!(ask(&bench, "GET", "/facts", "").await.status, 200);
    bench.store.broken.store(true, std::sync::atomic::Ordering::SeqCst);
    for (method, body) in [("GET", String::new()), ("POST", words(&["revoked"])), ("DELETE", String::new())] {
        assert_eq!(ask(&bench, method, QUERY, body).await.word(), "503 unavailable", "{method}");
    }
}
