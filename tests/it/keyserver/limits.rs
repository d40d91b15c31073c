//! Limits, headers, and the server on a real socket.

use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, Request};
use bookplate::keyserver::{WEBHOOK_MAX, serve};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::bench::{Bench, code, purchase};

#[tokio::test]
async fn only_the_sites_pages_may_ask_across_origins() {
    let bench = Bench::new();
    for (origin, allowed) in
        [("https://example.com", true), ("https://example.com.evil.net", false), ("null", false), ("http://example.com", false)]
    {
        for path in ["/unlock", "/refresh", "/devices"] {
            let preflight = Request::builder().method(Method::OPTIONS).uri(path).header("origin", origin);
            let preflight =
                preflight.header("access-control-request-method", "POST").header("access-control-request-headers", "content-type");
            let asked = bench.send(preflight.body(Body::empty()).unwrap()).await;
            let posted = bench.send(Request::post(path).header("origin", origin).body(Body::from("{}")).unwrap()).await;
            assert_eq!((asked.status.as_u16(), posted.status.as_u16()), (204, 400));
            for got in [&asked, &posted] {
                let allow = got.headers.get("access-control-allow-origin").map(|v| v.to_str().unwrap());
                assert_eq!(allow, allowed.then_some("https://example.com"), "{origin}");
                assert_eq!(
                    (&got.headers["vary"], &got.headers["cache-control"]),
                    (&"origin".parse().unwrap(), &"no-store".parse().unwrap())
                );
                assert!(!got.headers.contains_key("access-control-allow-credentials"));
            }
            let headers = ["access-control-allow-methods", "access-control-allow-headers"].map(|h| asked.headers.contains_key(h));
            assert_eq!(headers, [allowed; 2]);
        }
    }
    let ledger = bench.send(Request::get("/ledger").header("origin", "https://example.com").body(Body::empty()).unwrap()).await;
    assert!(!ledger.headers.contains_key("access-control-allow-origin"));
}

#[tokio::test]
async fn asking_for_one_thing_again_and_again_has_to_wait_and_others_do_not() {
    let bench = Bench::new();
    bench.bought(&purchase()).await;
    let wrong = json!({"claim": code().to_string()});
    let mut words = Vec::new();
    for _ in 0..60 {
        words.push(bench.post("/unlock", wrong.clone()).await.word());
    }
    assert!(words[..39].iter().all(|w| w == "202 pending") && words[40..].iter().all(|w| w == "429 wait"), "{words:?}");
    let got = bench.post("/unlock", wrong.clone()).await;
    assert_eq!((got.headers["retry-after"].to_str().unwrap(), got.json()), ("1", json!({"error": "wait", "retryAfter": 1})));
    assert_eq!(bench.post("/unlock", json!({"claim": "another"})).await.word(), "202 pending");
    bench.pass(1);
    assert_eq!(bench.post("/unlock", wrong).await.word(), "202 pending");
}

#[tokio::test]
async fn all_readers_together_have_a_limit_and_webhooks_pass() {
    let bench = Bench::new();
    let mut waited = 0;
    for n in 0..700 {
        waited += u32::from(bench.post("/unlock", json!({ "licence": n.to_string() })).await.word() == "429 wait");
    }
    assert_eq!(waited, 100);
    assert_eq!(bench.hook(&bench.shop.order_created(&purchase())).await.word(), "200 stored");
}

#[tokio::test]
async fn health_tells_the_version() {
    let bench = Bench::new();
    let want = json!({"status": "ok", "version": env!("CARGO_PKG_VERSION"), "store": true, "mode": "live", "key": true, "site": "two-small-courses"});
    assert_eq!(bench.get("/health").await.json(), want);
}

/// A running server, and what ends it.
async fn start(bench: &Bench) -> (SocketAddr, oneshot::Sender<()>, JoinHandle<io::Result<()>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (end, ended) = oneshot::channel();
    let shutdown = async move { drop(ended.await) };
    (address, end, tokio::spawn(serve(listener, bench.router(), shutdown)))
}

/// Sends bytes and reads until the server closes.
async fn talk(address: SocketAddr, bytes: &[u8]) -> String {
    let bytes = bytes.to_vec();
    let talk = tokio::task::spawn_blocking(move || {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(&bytes).unwrap();
        let mut out = Vec::new();
        // A server that refuses a body it has not read may reset the connection behind its answer.
        let _ = stream.read_to_end(&mut out);
        String::from_utf8_lossy(&out).into_owned()
    });
    talk.await.unwrap()
}

#[tokio::test]
async fn a_webhook_over_tcp_and_an_oversized_one() {
    let bench = Bench::new();
    let (address, end, server) = start(&bench).await;
    let signed = bench.shop.order_created(&purchase());
    let head = format!(
        "POST /webhooks/lemon_squeezy HTTP/1.1\r\nhost: x\r\nconnection: close\r\nx-signature: {}\r\ncontent-length: {}\r\n\r\n",
        signed.signature,
        signed.body.len()
    );
    let answer = talk(address, &[head.as_bytes(), &signed.body].concat()).await;
    assert!(answer.starts_with("HTTP/1.1 200 ") && answer.ends_with(r#"{"status":"stored"}"#), "{answer}");
    // Refused by its length alone: no byte of the body is sent.
    let head = format!("POST /webhooks/lemon_squeezy HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n", WEBHOOK_MAX + 1);
    let answer = talk(address, head.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    end.send(()).unwrap();
    server.await.unwrap().unwrap();
    assert!(TcpStream::connect(address).is_err());
}

#[tokio::test]
async fn a_body_that_does_not_come_is_given_up() {
    let bench = Bench::with(|settings| settings.body_time = Duration::from_millis(30));
    let (address, end, server) = start(&bench).await;
    let answer = talk(address, b"POST /unlock HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 100\r\n\r\n{\"claim\"").await;
    assert!(answer.starts_with("HTTP/1.1 408 ") && answer.ends_with(r#"{"error":"slow"}"#), "{answer}");
    end.send(()).unwrap();
    server.await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_waits_for_what_is_under_way() {
    let bench = Bench::new();
    let (address, end, server) = start(&bench).await;
    let signed = bench.shop.order_created(&purchase());
    let head = format!(
        "POST /webhooks/lemon_squeezy HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\nx-signature: {}\r\ncontent-length: {}\r\n\r\n",
        signed.signature,
        signed.body.len()
    );
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(&signed.body[..100]).unwrap();
    // The server says this when the handler begins to read the body.
    let mut go_on = [0; 25];
    stream.read_exact(&mut go_on).unwrap();
    assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");
    end.send(()).unwrap();
    stream.write_all(&signed.body[100..]).unwrap();
    let read = tokio::task::spawn_blocking(move || {
        let mut out = String::new();
        stream.read_to_string(&mut out).map(|_| out)
    });
    let out = read.await.unwrap().unwrap();
    assert!(out.ends_with(r#"{"status":"stored"}"#), "{out}");
    server.await.unwrap().unwrap();
    assert_eq!(bench.hook(&signed).await.word(), "200 duplicate");
}
