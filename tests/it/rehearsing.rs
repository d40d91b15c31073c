//! Rehearsals: what the played provider sends is what the real one sends, and a whole shop ends as specified.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};

use bookplate::outbound::Server;
use bookplate::protocol::{Code, CourseId, SiteId};
use bookplate::rehearse::{Payment, Purchase, Row, Shop, Signed, Stage, Standing, Subscription, play, scenes};
use serde_json::Value;

use super::endpoint::{ADMIN, Endpoint, SECRET};
use super::orders::shop as desk;
use super::payments::{folder, json};

/// Signs the rehearsals of these tests.
const REHEARSAL: &str = "rehearsal-secret-of-tests-012345";
/// 2026-03-02T10:00:00Z.
const PAID: u64 = 1_772_445_600;
const DAY: u64 = 86_400;

/// Each recorded body, and the one that is played in its place.
fn pairs() -> Vec<(&'static str, Signed)> {
    let shop = Shop::new("secret", 10_001);
    let once = Purchase::new(1_000_001, 40_001, 50_001, PAID);
    let monthly = Purchase::new(1_000_010, 40_002, 50_002, PAID).at_price(900);
    let sub = |event, standing, ends_at| {
        shop.subscription(&monthly, event, &Subscription { standing, renews_at: PAID + 30 * DAY, ends_at, updated_at: PAID + 4 })
    };
    let pay = |event, number, paid, refunded| {
        shop.payment(&monthly, event, &Payment { number, paid, refunded, billed_at: PAID, updated_at: PAID + 4 })
    };
    vec![
        ("order_created", shop.order_created(&once)),
        ("order_created_pending", shop.order_pending(&once)),
        ("order_refunded_full", shop.order_refunded(&once, 4900, PAID + DAY)),
        ("order_refunded_partial", shop.order_refunded(&once, 1500, PAID + DAY)),
        ("order_refunded_fraudulent", shop.order_fraudulent(&once, PAID + DAY)),
        ("license_key_created", shop.license_key_created(&once)),
        ("subscription_created", sub("subscription_created", Standing::Active, None)),
        ("subscription_created_on_trial", sub("subscription_created", Standing::OnTrial, None)),
        ("subscription_updated", sub("subscription_updated", Standing::Active, None)),
        ("subscription_updated_past_due", sub("subscription_updated", Standing::PastDue, None)),
        ("subscription_cancelled", sub("subscription_cancelled", Standing::Cancelled, Some(PAID))),
        ("subscription_expired", sub("subscription_expired", Standing::Expired, Some(PAID))),
        ("subscription_payment_success_initial", pay("subscription_payment_success", 0, true, 0)),
        ("subscription_payment_success_renewal", pay("subscription_payment_success", 1, true, 0)),
        ("subscription_payment_failed", pay("subscription_payment_failed", 1, false, 0)),
        ("subscription_payment_refunded_full", pay("subscription_payment_refunded", 0, true, 900)),
        ("subscription_payment_refunded_partial_no_custom_data", pay("subscription_payment_refunded", 0, true, 400)),
    ]
}

/// Every leaf by its path. Custom data are the shop's own.
fn leaves(value: &Value, path: &str, out: &mut BTreeMap<String, Value>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members.iter().filter(|(name, _)| *name != "custom_data") {
                leaves(member, &format!("{path}.{name}"), out);
            }
        }
        leaf => _ = out.insert(path.to_owned(), leaf.clone()),
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "text",
        Value::Array(_) | Value::Object(_) => "more",
    }
}

/// Members whose values say what happened; the others are ids, times, names and addresses.
const TELLING: [&str; 16] = [
    "test_mode",
    "event_name",
    "type",
    "status",
    "status_formatted",
    "refunded",
    "refunded_amount",
    "total",
    "subtotal",
    "cancelled",
    "billing_reason",
    "quantity",
    "currency",
    "refunded_amount_formatted",
    "total_formatted",
    "disabled",
];

#[test]
fn played_bodies_are_recorded_bodies_field_by_field() {
    let Some(folder) = folder() else { return };
    let mut wrong = Vec::new();
    for (name, signed) in pairs() {
        let (mut recorded, mut played) = (BTreeMap::new(), BTreeMap::new());
        leaves(&json(folder.join(format!("{name}.json"))), "", &mut recorded);
        leaves(&serde_json::from_slice(&signed.body).expect("JSON"), "", &mut played);
        for (path, value) in &recorded {
            let Some(ours) = played.get(path) else {
                // What is null there may be an object here.
                if *value != Value::Null || !played.keys().any(|known| known.starts_with(&format!("{path}."))) {
                    wrong.push(format!("{name}{path} is missing"));
                }
                continue;
            };
            let telling = TELLING.contains(&path.rsplit('.').next().unwrap_or_default());
            if kind(value) != kind(ours) && *value != Value::Null && *ours != Value::Null || telling && value != ours {
                wrong.push(format!("{name}{path} is {ours}, recorded was {value}"));
            }
        }
        for path in played.keys().filter(|path| !recorded.contains_key(*path)) {
            let above = |path: &str| path.rsplit_once('.').is_some_and(|(above, _)| recorded.get(above) == Some(&Value::Null));
            if !above(path) {
                wrong.push(format!("{name}{path} is not recorded"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_whole_shop_ends_as_specified_and_leaves_no_secret_behind() {
    let desk = desk();
    let variables = [("BOOKPLATE_MODE", "test"), ("BOOKPLATE_REHEARSAL_SECRET", REHEARSAL)];
    let endpoint = Endpoint::start(&desk, &variables);
    let said = desk.run_with(&["rehearse", &endpoint.address, "--site", "site"], &variables[1..]).fine();
    let steps: usize = scenes().iter().map(|scene| scene.acts.len()).sum();
    assert!(said.out.contains(&format!("{steps} steps, {steps} as expected")), "{}", said.out);
    // Once more on the same store: other orders, the same table.
    let again = desk.run_with(&["rehearse", &endpoint.address, "--site", "site"], &variables[1..]).fine();
    assert_eq!(said.out, again.out);

    let log = endpoint.log();
    let folder = desk.path(".local/state/bookplate/small-shop");
    let mut places = vec![("log", log.clone().into_bytes())];
    for entry in std::fs::read_dir(folder).expect("state") {
        places.push(("store", std::fs::read(entry.expect("a file").path()).expect("bytes")));
    }
    let key = bookplate::protocol::SiteKey::from_bytes([7; 32]).to_text().to_string();
    let secrets = [
        SECRET,
        ADMIN,
        REHEARSAL,
        &key,
        "@example.com",
        "Test Buyer",
        "BBBBBBBB-0000",
        "bbbbbbbb-0000",
        "aaaaaaaa-0000",
        "no such code",
        "bookplate_token_v1_",
    ];
    for (place, bytes) in &places {
        for secret in secrets {
            assert!(!bytes.windows(secret.len()).any(|w| w == secret.as_bytes()), "the {place} holds `{secret}`");
        }
    }
    for word in ["webhook", "opened", "refreshed", "lemon_squeezy:"] {
        assert!(log.contains(word), "the log does not hold `{word}`");
    }
}

#[test]
fn a_live_endpoint_refuses_to_be_rehearsed() {
    let desk = desk();
    let secret = ("BOOKPLATE_REHEARSAL_SECRET", REHEARSAL);
    let endpoint = Endpoint::start(&desk, &[secret]);
    let said = desk.run_with(&["rehearse", &endpoint.address, "--site", "site"], &[secret]).refused(&["is live", "nothing was played"]);
    let row = said.out.lines().find(|line| line.contains("refuses the orders of a rehearsal")).expect("a row");
    assert_eq!(row.matches("401 signature").count(), 2, "{row}");
    assert!(desk.run(&["orders", "list", "--site", "site"]).fine().out.contains("no orders yet"));
    desk.run(&["rehearse", &endpoint.address, "--site", "site"]).refused(&["BOOKPLATE_REHEARSAL_SECRET is not set"]);
    desk.run_with(&["rehearse", "http://127.0.0.1:9", "--site", "site"], &[secret]).refused(&["no answer"]);
}

#[test]
fn an_endpoint_that_answers_otherwise_is_told_by_the_table() {
    let (theirs, ours) = (desk(), desk());
    let course = std::fs::read_to_string(theirs.path("site/content/course/index.md")).expect("the course");
    let theirs = theirs.file("site/content/course/index.md", course.replace("40001", "40002"));
    theirs.run(&["build", "site"]).fine();
    let variables = [("BOOKPLATE_MODE", "test"), ("BOOKPLATE_REHEARSAL_SECRET", REHEARSAL)];
    let endpoint = Endpoint::start(&theirs, &variables);
    let said = ours.run_with(&["rehearse", &endpoint.address, "--site", "site"], &variables[1..]).refused(&["not as specified"]);
    assert!(said.out.contains("200 ignored") && said.out.contains("<- differs"), "another product: {}", said.out);
}

#[test]
fn an_endpoint_with_another_secret_is_told_so_and_nothing_is_played() {
    let desk = desk();
    let endpoint =
        Endpoint::start(&desk, &[("BOOKPLATE_MODE", "test"), ("BOOKPLATE_REHEARSAL_SECRET", "quite-another-secret-0123456789ab")]);
    let said = desk.run_with(&["rehearse", &endpoint.address, "--site", "site"], &[("BOOKPLATE_REHEARSAL_SECRET", REHEARSAL)]);
    let said = said.refused(&["another one, or none", "BOOKPLATE_REHEARSAL_SECRET"]);
    assert!(said.out.contains("401 signature   <- differs") && said.out.contains("1 steps, 0 as expected"), "{}", said.out);
}

/// Plays the first scene against something at an address that is no endpoint. Tells the rows and the seconds waited.
fn played(address: &str) -> (Vec<Row>, Vec<u64>) {
    let server = Server::new(address).expect("this machine");
    let (site, course) = (SiteId::parse("s").expect("an id"), CourseId::parse("c").expect("an id"));
    let stage = Stage { shop: Shop::new("secret", 1), site, course, product: 2, variant: 3, first: 2_000_000_000, now: PAID };
    let waited = std::sync::Mutex::new(Vec::new());
    let rows =
        play(&server, &|seconds| waited.lock().expect("whole").push(seconds), &stage, 0, &scenes()[0], &[Code::from_random([1; 16])]);
    (rows, waited.into_inner().expect("whole"))
}

/// Answers the requests that come in by their number, each on a connection of its own; `None` breaks the connection off.
fn stand_in(answer: fn(usize) -> Option<&'static str>) -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    std::thread::spawn(move || {
        for (number, stream) in listener.incoming().enumerate() {
            let mut stream = BufReader::new(stream.expect("a connection"));
            let Some(answer) = answer(number) else { continue };
            let mut length = 0;
            for line in stream.by_ref().lines().map(|line| line.expect("a line").to_lowercase()).take_while(|line| !line.is_empty()) {
                length = line.strip_prefix("content-length: ").map_or(length, |n| n.parse().expect("a number"));
            }
            stream.read_exact(&mut vec![0; length]).expect("the body");
            let body = "{\"status\":\"stored\"}";
            write!(stream.get_mut(), "HTTP/1.1 {answer}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len())
                .expect("sent");
        }
    });
    address
}

#[test]
fn who_asks_for_time_gets_it() {
    let (rows, waited) = played(&stand_in(|number| Some(if number % 2 == 0 { "429 Busy\r\nretry-after: 7" } else { "200 OK" })));
    assert!(rows.iter().all(|row| row.seen == "200 stored") && rows.len() == scenes()[0].acts.len(), "{rows:?}");
    assert_eq!(waited, vec![7; rows.len()]);
}

#[test]
fn silence_is_a_row_and_twice_is_the_end() {
    let (rows, _) = played(&stand_in(|number| (number % 2 == 1 && number < 4).then_some("200 OK")));
    let silent: Vec<bool> = rows.iter().map(|row| row.seen.starts_with("no answer: ")).collect();
    assert_eq!(silent, [true, false, true, false, true, true], "the scene ends: {rows:?}");
}
