//! Nothing that opens anything, and nobody's name, stands in the log or in the database.

use std::io::Write;
use std::sync::{Arc, Mutex, OnceLock};

use axum::body::Body;
use axum::http::Request;
use bookplate::pay::Answer;
use bookplate::rehearse::{Shop, answer};
use bookplate::store::Sqlite;
use serde_json::json;
use tracing_subscriber::fmt::MakeWriter;

use super::bench::{ADMIN, Bench, NOW, SECRET, code, purchase, site_key};
use super::told::{licence_updated, subscription};

/// Everything that this process logs, at every level.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Log;
    fn make_writer(&'a self) -> Log {
        self.clone()
    }
}

fn log() -> &'static Log {
    static LOG: OnceLock<Log> = OnceLock::new();
    LOG.get_or_init(|| {
        let log = Log::default();
        let subscriber =
            tracing_subscriber::fmt().json().without_time().with_max_level(tracing::Level::TRACE).with_writer(log.clone()).finish();
        tracing::subscriber::set_global_default(subscriber).expect("no other subscriber in this process");
        log
    })
}

#[tokio::test]
async fn a_whole_rehearsal_leaves_no_secret_and_no_name() {
    let log = log();
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::with(|settings| {
        settings.store = Arc::new(Sqlite::open(&folder.path().join("orders.db")).unwrap());
        settings.api_key = Some("api-key-of-the-store-QQ".into());
    });
    let bought = purchase().named("Zaphod Quillfeather");
    let first = bench.bought(&bought).await;
    bench.stored(bench.shop.license_key_created(&bought)).await;
    let second = bench.licence(&bought.licence_key()).await;
    let lost = bookplate::rehearse::Purchase::new(1_000_088, 40_001, 50_001, NOW).named("Trillian Marchbanks");
    let known = bookplate::rehearse::Known { purchase: &lost, copy: 0, status: "active" };
    bench.licence(&lost.licence_key()).await;
    bench.provider.say(answer(&bench.shop, Some(&known)));
    let healed = bench.licence(&lost.licence_key()).await;
    assert_eq!([first.status, second.status, healed.status].map(|s| s.as_u16()), [200; 3]);
    let kept = bench.post("/devices", json!({"token": second.token(), "do": "lock"})).await.token();
    for token in [first.token(), kept.clone(), "bookplate_token_v1_QQnoRightTokenQQ".into()] {
        bench.refresh(&token, "ownership").await;
    }
    // Mistakes, too.
    bench.hook(&Shop::new("another-secret-entirely", 10_001).live().order_created(&bought)).await;
    bench.post("/unlock", json!({"claim": code().to_string(), "order": "not-the-reference"})).await;
    bench.post("/unlock", json!({"licence": "not-a-licence-at-all"})).await;
    bench
        .send(
            Request::get(format!("/ledger?token={ADMIN}")).header("authorization", format!("Bearer {ADMIN}")).body(Body::empty()).unwrap(),
        )
        .await;
    bench.send(Request::builder().method("QQANYWORDQQ").uri("/QQanyplaceQQ").body(Body::empty()).unwrap()).await;
    let personal = json!({ "user_name": "Ford Ickenham", "user_email": "ford@example.com", "card_last_four": "QQ42" });
    bench.stored(subscription(&bench.shop, "subscription_created", "active", 4, personal)).await;
    bench.stored(licence_updated(&bench.shop, "disabled", "CCCCCCCC-0000-4000-8000-0000000MADE0", 9)).await;
    bench.provider.say(Answer { status: 429, body: b"{}".to_vec() });
    bench.stored(bench.shop.order_refunded(&bought, 4900, NOW + 9)).await;
    bench.refresh(&kept, "ownership").await;
    let said = |word: &str| log.0.lock().unwrap().windows(word.len()).any(|w| w == word.as_bytes());
    let began = std::time::Instant::now();
    while !said("licence keys may still be on") {
        assert!(began.elapsed().as_secs() < 20, "the keys were not switched off");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }

    let mut places = vec![("the log", log.0.lock().unwrap().clone())];
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let path = entry.unwrap().path();
        places.push(("the database", std::fs::read(path).unwrap()));
    }
    let site_key = site_key().to_text().to_string();
    let secrets = [
        "Zaphod",
        "Quillfeather",
        "Trillian",
        "Marchbanks",
        "buyer@example.com",
        "@example.com",
        "not-the-reference",
        "not-a-licence-at-all",
        "bookplate_token_v1_",
        "QQnoRightTokenQQ",
        "another-secret-entirely",
        "api-key-of-the-store",
        "QQANYWORDQQ",
        "QQanyplaceQQ",
        "Ickenham",
        "QQ42",
        "0000000MADE0",
        "0000000made0",
        SECRET,
        ADMIN,
        &site_key,
    ];
    let mut forbidden: Vec<String> = secrets.iter().map(|s| (*s).to_owned()).collect();
    for text in [
        code().to_string(),
        bought.licence_key(),
        lost.licence_key(),
        bought.reference(),
        first.token(),
        second.token(),
        kept,
        healed.token(),
    ] {
        forbidden.extend([text.to_lowercase(), text.replace('-', ""), text]);
    }
    forbidden.extend([first.text("keyring"), second.text("keyring")]);
    for (place, bytes) in &places {
        for text in &forbidden {
            assert!(!bytes.windows(text.len()).any(|w| w == text.as_bytes()), "{place} holds `{text}`");
        }
    }
    // It was really looked at.
    for word in ["webhook", "opened", "healed", "refreshed", "token refused", "lemon_squeezy:7000042"] {
        assert!(places[0].1.windows(word.len()).any(|w| w == word.as_bytes()), "the log does not hold `{word}`");
    }
    assert!(places.iter().any(|(p, bytes)| *p == "the database" && bytes.windows(7).any(|w| w == b"7000042")));
}
