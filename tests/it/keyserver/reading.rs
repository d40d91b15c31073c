//! Devices that were let in: refreshing, listing, locking; the author's ledger.

use axum::body::Body;
use axum::http::Request;
use bookplate::catalog::Catalog;
use bookplate::keyserver::{Settings, State, router};
use bookplate::protocol::{SiteKey, TOKEN_LIFETIME};
use bookplate::rehearse::Purchase;
use bookplate::store::Memory;
use serde_json::{Value, json};

use super::bench::{ADMIN, Bench, CATALOG, NOW, code, purchase};

const DAY: u64 = 86_400;

#[tokio::test]
async fn a_token_gets_keyrings_until_the_refund() {
    let bench = Bench::new();
    let first = bench.bought(&purchase()).await;
    bench.pass(DAY);
    assert!(bench.refresh(&first.token(), "ownership").await.keyring() == first.keyring());
    assert_eq!(bench.refresh(&first.token(), "moving").await.word(), "403 course");
    bench.stored(bench.shop.order_refunded(&purchase(), 4900, NOW + DAY)).await;
    assert_eq!(bench.refresh(&first.token(), "ownership").await.word(), "403 refunded");
}

#[tokio::test]
async fn every_bad_token_gets_the_same_bytes_and_no_look_up() {
    let bench = Bench::new();
    let token = bench.bought(&purchase()).await.token();
    let stranger = Bench::with(|settings| settings.site_key = SiteKey::from_bytes([8; 32])).bought(&purchase()).await.token();
    let forged = format!("{}{}", &token[..token.len() - 2], if token.ends_with("AA") { "BB" } else { "AA" });
    bench.store.take();
    for bad in ["", "x", "bookplate_token_v1_", &token[..40], &forged, &stranger, &"x".repeat(10_000)] {
        for (path, body) in [("/refresh", json!({"token": bad, "course": "ownership"})), ("/devices", json!({ "token": bad }))] {
            let got = bench.post(path, body).await;
            assert_eq!((got.status.as_u16(), &got.bytes[..]), (403, &br#"{"error":"token"}"#[..]), "{path} {bad}");
        }
    }
    bench.pass(TOKEN_LIFETIME);
    assert_eq!(bench.refresh(&token, "ownership").await.bytes, br#"{"error":"token"}"#[..]);
    assert!(bench.store.take().is_empty());
    for body in [json!({}), json!({"token": 7, "course": "x"}), json!({"token": "x"}), json!({"token": "x", "course": ""})] {
        assert_eq!(bench.post("/refresh", body).await.word(), "400 malformed");
    }
    assert_eq!(bench.post("/devices", json!({"token": "x", "do": "burn"})).await.word(), "400 malformed");
}

#[tokio::test]
async fn an_old_token_is_renewed_on_the_way() {
    let bench = Bench::new();
    let token = bench.bought(&purchase()).await.token();
    bench.pass(199 * DAY);
    assert!(bench.refresh(&token, "ownership").await.json().get("token").is_none());
    bench.pass(2 * DAY);
    let renewed = bench.refresh(&token, "ownership").await.token();
    bench.pass(300 * DAY);
    assert_eq!(bench.refresh(&token, "ownership").await.word(), "403 token");
    assert_eq!(bench.refresh(&renewed, "ownership").await.status, 200);
}

#[tokio::test]
async fn a_lost_database_closes_nobodys_course() {
    let token = Bench::new().bought(&purchase()).await.token();
    assert_eq!(Bench::new().refresh(&token, "ownership").await.word(), "503 unavailable");
}

#[tokio::test]
async fn devices_are_listed_cleared_and_locked_out() {
    let bench = Bench::new();
    let first = bench.bought(&purchase()).await.token();
    bench.pass(10);
    let ask = |device: &str| json!({"claim": code().to_string(), "order": purchase().reference(), "device": device});
    let second = bench.post("/unlock", ask("11")).await.token();
    let devices = |token: &str, what: &str| bench.post("/devices", json!({"token": token, "do": what}));
    let list = devices(&second, "list").await.json();
    assert_eq!(list, json!({"devices": [{"first": NOW + 10, "last": NOW + 10, "this": true}, {"first": NOW, "last": NOW, "this": false}]}));
    let locked = devices(&second, "lock").await;
    assert_eq!(locked.json()["devices"].as_array().map(Vec::len), Some(1));
    // In the same second and ever after, one token alone is good.
    for (token, want) in [(&first, "403 locked"), (&second, "403 locked"), (&locked.token(), "200 -")] {
        assert_eq!(bench.refresh(token, "ownership").await.word(), want);
    }
    bench.pass(1);
    let back = bench.post("/unlock", ask("11")).await.token();
    assert_eq!(bench.refresh(&back, "ownership").await.status, 200);
    let cleared = devices(&back, "clear").await.json();
    assert_eq!(cleared["devices"].as_array().map(Vec::len), Some(1));
    assert_eq!(bench.refresh(&locked.token(), "ownership").await.status, 200);
}

#[tokio::test]
async fn who_shares_an_order_shares_neither_devices_nor_locks() {
    let bench = Bench::new();
    let class = purchase().copies(2);
    bench.stored(bench.shop.order_created(&class)).await;
    for copy in 0..2 {
        bench.stored(bench.shop.license_key_of(&class, copy, None)).await;
    }
    let key = |copy| class.licence_key_of(copy);
    let mine = bench.licence(&key(0)).await.token();
    let others = bench.licence(&key(1)).await.token();
    let devices = |token: &str, what: &str| bench.post("/devices", json!({"token": token, "do": what}));
    assert_eq!(devices(&mine, "list").await.json()["devices"].as_array().map(Vec::len), Some(1));
    let locked = devices(&mine, "lock").await.token();
    for (token, want) in [(&mine, "403 locked"), (&locked, "200 -"), (&others, "200 -")] {
        assert_eq!(bench.refresh(token, "ownership").await.word(), want);
    }
    assert_eq!(devices(&others, "list").await.json()["devices"].as_array().map(Vec::len), Some(1));
    for device in 0..30 {
        bench.pass(60);
        bench.post("/unlock", json!({"licence": key(0), "device": format!("{device:032x}")})).await;
    }
    let one_more = |copy| bench.post("/unlock", json!({"licence": key(copy), "device": "one more"}));
    assert_eq!([one_more(0).await.word(), one_more(1).await.word()], ["429 devices", "200 -"]);
    assert!(ledger(&bench).await[0]["devices_30d"] == 32);
}

#[tokio::test]
async fn the_thirty_first_new_device_in_thirty_days_waits() {
    let bench = Bench::new();
    bench.stored(bench.shop.order_created(&purchase())).await;
    let ask = |device: u64| {
        bench.pass(60);
        bench.post("/unlock", json!({"claim": code().to_string(), "order": purchase().reference(), "device": format!("{device:032x}")}))
    };
    for device in 0..30 {
        assert_eq!(ask(device).await.status, 200);
    }
    let got = ask(30).await;
    assert_eq!((got.word().as_str(), got.json()["retryAfter"].as_u64()), ("429 devices", Some(30 * DAY - 30 * 60)));
    assert_eq!(ask(7).await.status, 200);
    assert!(ledger(&bench).await[0]["devices_30d"] == 30);
    bench.pass(30 * DAY);
    assert_eq!(ask(30).await.status, 200);
}

async fn ledger(bench: &Bench) -> Vec<Value> {
    let request = Request::get("/ledger").header("authorization", format!("Bearer {ADMIN}")).body(Body::empty()).unwrap();
    let got = bench.send(request).await;
    assert_eq!((got.status.as_u16(), got.headers["content-type"].to_str().unwrap()), (200, "application/x-ndjson"));
    got.bytes.split(|b| *b == b'\n').filter(|line| !line.is_empty()).map(|line| serde_json::from_slice(line).unwrap()).collect()
}

#[tokio::test]
async fn the_ledger_has_a_line_for_each_order() {
    let bench = Bench::new();
    bench.bought(&purchase().copies(2)).await;
    let other = Purchase::new(1_000_043, 40_009, 50_009, NOW).at_price(9900);
    bench.stored(bench.shop.order_created(&other)).await;
    bench.stored(bench.shop.order_refunded(&other, 9900, NOW + 5)).await;
    let lines = ledger(&bench).await;
    let first = json!({"order": "lemon_squeezy:7000042", "state": "active", "seats": 2, "courses": ["ownership"], "product": 40001, "variant": 50001,
        "number": "1000042", "display": "order …0042, T. B.", "currency": "USD", "total": 4900, "refunded": 0, "paid_at": NOW, "expires_at": null, "ended_at": null,
        "devices_30d": 1});
    assert_eq!((&lines[0], lines.len()), (&first, 2));
    assert_eq!((&lines[1]["state"], &lines[1]["total"], &lines[1]["refunded"]), (&json!("refunded"), &json!(9900), &json!(9900)));
    assert_eq!(lines[1]["ended_at"], json!(NOW + 5));
}

#[tokio::test]
async fn nobody_else_reads_the_ledger() {
    let bench = Bench::new();
    let with = |value: &str| Request::get("/ledger").header("authorization", value).body(Body::empty()).unwrap();
    for value in ["", "Bearer ", "Bearer x", ADMIN, &format!("bearer {ADMIN}"), &format!("Bearer {ADMIN} ")] {
        assert_eq!(bench.send(with(value)).await.word(), "401 signature", "{value}");
    }
    assert_eq!(bench.get("/ledger").await.word(), "401 signature");
    for none in [None, Some("".into())] {
        let closed = Bench::with(|settings| settings.admin_token = none);
        assert_eq!(closed.send(with("Bearer ")).await.word(), "401 signature");
    }
    assert!(bench.store.take().is_empty());
}

#[test]
fn the_state_shows_nothing() {
    let settings =
        Settings::new(SiteKey::from_bytes([7; 32]), Catalog::from_json(CATALOG.as_bytes()).unwrap(), std::sync::Arc::new(Memory::new()));
    let state = State::new(settings);
    let _ = router(state.clone());
    assert_eq!(format!("{state:?}"), "State(..)");
}
