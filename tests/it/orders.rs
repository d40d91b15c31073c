//! `bookplate orders` and `bookplate issue` as an author types them, on the file here and at an endpoint.

use super::cli::{Desk, Said};
use super::endpoint::{ADMIN, Endpoint, SECRET};
use bookplate::rehearse::{Purchase, Shop};

const SITE: [&str; 2] = ["--site", "site"];

/// A small shop with a key of its own, built, that names an endpoint.
pub(crate) fn shop() -> Desk {
    let key = bookplate::protocol::SiteKey::from_bytes([7; 32]).to_text().to_string();
    let yaml = "site: { id: small-shop, title: Small shop, url: \"https://example.com\" }\nkeys: { endpoint: \"https://keys.example.com/\" }\n\
                payments: { lemon_squeezy: { store: 10001 } }\n";
    let course =
        "---\nid: course\ntitle: Course\nprice: 19 USD\ncheckout: https://example.com/buy\nproducts: { lemon_squeezy: [40001] }\n---\n";
    let desk = Desk::shop()
        .file(".config/bookplate/small-shop.key", key)
        .file("site/bookplate.yaml", yaml)
        .file("site/content/course/index.md", course);
    desk.run(&["build", "site"]).fine();
    desk
}

fn run(desk: &Desk, arguments: &[&str]) -> Said {
    desk.run(&[arguments, &SITE].concat())
}

fn order(said: &Said) -> String {
    said.out.split_whitespace().find(|word| word.starts_with("manual:")).expect("an order").to_owned()
}

fn codes(said: &Said) -> Vec<String> {
    said.out.lines().filter_map(|line| line.trim().strip_prefix("code ")).map(|code| code.trim().to_owned()).collect()
}

#[test]
fn an_order_is_closed_opened_again_and_deleted_for_ever() {
    let desk = shop();
    let order = order(&run(&desk, &["issue", "course", "--to", "Ada Lovelace"]).fine());
    for (command, state) in [("revoke", "revoked"), ("restore", "active")] {
        assert!(run(&desk, &["orders", command, &order]).fine().out.contains(&format!("{order} is {state}")));
        assert!(run(&desk, &["orders", "show", &order]).fine().out.contains(state));
        let again = run(&desk, &["orders", command, &order]).fine().out;
        assert!(again.contains("already: nothing was changed"), "{again}");
    }
    let facts = run(&desk, &["orders", "show", &order]).fine().out;
    assert_eq!((facts.matches("by the author").count(), facts.contains("closed since")), (2, false), "{facts}");
    run(&desk, &["orders", "revoke", &order]).fine();
    assert!(run(&desk, &["orders", "show", &order]).fine().out.contains("closed since 20"));
    assert!(run(&desk, &["orders", "forget", &order]).fine().out.contains("deleted"));
    assert!(run(&desk, &["orders", "list"]).fine().out.contains("no orders yet"));
    run(&desk, &["orders", "show", &order]).refused(&["there is no order", &order]);
    let bytes = std::fs::read(desk.path(".local/state/bookplate/small-shop/orders.db")).expect("the database");
    assert!(!bytes.windows(5).any(|w| w == b"A. L."), "initials are left in the file");
    run(&desk, &["orders", "forget", "7"]).refused(&["7"]);
    run(&desk, &["orders", "forget", "lemon_squeezy:7000042"])
        .refused(&["there is no order `lemon_squeezy:7000042`", "nothing was deleted"]);
}

#[test]
fn several_readers_get_a_key_and_a_copy_each_on_one_order() {
    let desk = shop();
    let said = run(&desk, &["issue", "course", "--seats", "3", "--reason", "review"]).fine();
    let keys = codes(&said);
    assert_eq!((keys.len(), keys.iter().collect::<std::collections::BTreeSet<_>>().len()), (3, 3), "{}", said.out);
    assert!(said.out.contains("https://example.com/course/"), "{}", said.out);
    let endpoint = Endpoint::start(&desk, &[]);
    let copies: Vec<String> = keys.iter().map(|key| endpoint.unlock(key)["keyring"].as_str().expect("a keyring").to_owned()).collect();
    assert!(copies[0] != copies[1] && copies[1] != copies[2], "each reader has a copy of his own");
    assert!(run(&desk, &["orders", "show", &order(&said)]).fine().out.contains("copies 3"));
    run(&desk, &["orders", "revoke", &order(&said)]).fine();
    assert_eq!(endpoint.unlock(&keys[2])["error"], "revoked");
}

#[test]
fn an_export_is_what_trace_reads_and_says_the_same_here_and_at_the_endpoint() {
    let desk = shop();
    let first = order(&run(&desk, &["issue", "course"]).fine());
    let second = order(&run(&desk, &["issue", "course", "--seats", "2"]).fine());
    run(&desk, &["orders", "revoke", &first]).fine();
    let table = run(&desk, &["orders", "export", "--format", "csv"]).fine().out;
    assert!(table.starts_with("provider,order_id,seats,number,state,courses"), "{table}");
    assert!(table.contains(&format!("manual,{},2,,active,course", second.replace("manual:", ""))), "{table}");
    run(&desk, &["orders", "export", "--out", "orders.ndjson"]).fine();
    desk.run(&["orders", "export", "--format", "csv", "--out", "orders.csv", "--site", "site"]).fine();
    let lines = std::fs::read_to_string(desk.path("orders.ndjson")).expect("lines");
    let ended = |line: &str| serde_json::from_str::<serde_json::Value>(line).expect("JSON")["ended_at"].is_u64();
    assert_eq!(lines.lines().map(ended).collect::<Vec<_>>(), [true, false]);
    for orders in ["orders.ndjson", "orders.csv"] {
        desk.run(&["copy", "--order", &second, "--seat", "1", "--site", "site", "--orders", orders]).fine();
    }
    let endpoint = Endpoint::start(&desk, &[]);
    let away = |arguments: &[&str], token: &str| {
        let arguments = [arguments, &["--endpoint", &endpoint.address]].concat();
        desk.run_with(&arguments, &[("BOOKPLATE_ADMIN_TOKEN", token)])
    };
    assert_eq!(away(&["orders", "export"], ADMIN).fine().out, lines);
    assert!(away(&["orders", "show", &first], ADMIN).fine().out.contains("revoked"));
    away(&["orders", "list"], "another token").refused(&["refuses the token", "BOOKPLATE_ADMIN_TOKEN"]);
    away(&["orders", "list"], "").refused(&["BOOKPLATE_ADMIN_TOKEN is not set"]);
    desk.run_with(&["orders", "list", "--endpoint", "http://keys.example.com"], &[("BOOKPLATE_ADMIN_TOKEN", "x")]).refused(&["https://"]);
    let due = away(&["rotate", "--due", "--site", "site"], ADMIN).fine();
    assert!(due.out.contains("1 order taken back"), "{}", due.out);
}

#[test]
fn a_database_is_of_one_site_and_one_key() {
    let desk = shop();
    run(&desk, &["issue", "course"]).fine();
    let ours = ".local/state/bookplate/small-shop/orders.db";
    let catalog = std::fs::read_to_string(desk.path("site/out/catalog.json")).expect("the catalog");
    let desk = desk.file("other.json", catalog.replace("small-shop", "other-shop"));
    let other = ["orders", "list", "--catalog", "other.json", "--database", ours];
    desk.run(&other).refused(&[ours, "`small-shop`", "`other-shop`", "--database"]);
    // After a change of keys the old file is as good as lost for readers, and is not written into.
    let key = bookplate::protocol::SiteKey::from_bytes([8; 32]).to_text().to_string();
    let desk = desk.file(".config/bookplate/small-shop.key", key);
    desk.run(&["build", "site"]).fine();
    run(&desk, &["orders", "list"]).refused(&[ours, "under the key", "--database"]);
    run(&desk, &["orders", "list", "--database", "new.db"]).fine();
}

#[test]
fn a_name_is_no_address_to_listen_on() {
    shop().run(&["keyserver", "--site", "site", "--listen", "localhost"]).refused(&["127.0.0.1:4100"]);
}

#[test]
fn orders_of_an_endpoint_are_worked_on_from_elsewhere() {
    let desk = shop();
    let there = desk.path("there.db").display().to_string();
    let endpoint = Endpoint::start(&desk, &[("BOOKPLATE_DATABASE", &there)]);
    let away = |arguments: &[&str]| {
        let arguments = [arguments, &["--endpoint", &endpoint.address, "--site", "site"]].concat();
        desk.run_with(&arguments, &[("BOOKPLATE_ADMIN_TOKEN", ADMIN)])
    };
    let given = away(&["issue", "course", "--seats", "2", "--to", "Ada Lovelace"]).fine();
    let (order, keys) = (order(&given), codes(&given));
    assert!(keys.len() == 2 && endpoint.unlock(&keys[1])["keyring"].is_string(), "{}", given.out);
    let here = run(&desk, &["orders", "list"]).fine();
    assert!(here.out.contains("no orders yet") && here.err.contains("--endpoint https://keys.example.com/"), "{}", here.err);
    assert!(
        !given.err.contains("is written into")
            && run(&desk, &["issue", "course"]).fine().err.contains("--endpoint https://keys.example.com/")
    );
    let said = away(&["orders", "show", &order]).fine().out;
    assert!(said.contains("given (gift), copies: 2") && said.contains("licence key 2: good") && said.contains("A. L."), "{said}");
    assert!(away(&["orders", "revoke", &order]).fine().out.contains("is revoked"));
    assert!(away(&["orders", "revoke", &order]).fine().out.contains("revoked already"));
    assert_eq!(endpoint.unlock(&keys[0])["error"], "revoked");
    assert!(away(&["orders", "restore", &order]).fine().out.contains("is active"));
    assert!(endpoint.unlock(&keys[0])["keyring"].is_string());
    away(&["orders", "forget", "manual:nobody"]).refused(&["there is no order `manual:nobody`"]);
    assert!(away(&["orders", "forget", &order]).fine().out.contains("is deleted"));
    away(&["orders", "show", &order]).refused(&["there is no order"]);
    away(&["orders", "restore", &order]).refused(&["there is no order"]);
    assert!(endpoint.unlock(&keys[0])["keyring"].is_null());
    let class = codes(&away(&["issue", "course", "--seats", "500"]).fine());
    assert!(class.len() == 500 && endpoint.unlock(&class[499])["keyring"].is_string());
    assert!(!endpoint.log().contains("Ada") && !endpoint.log().contains(&keys[0]), "{}", endpoint.log());
    away(&["issue", "course", "--static", "keys"]).refused(&["--static", "--endpoint"]);
}

#[test]
fn an_order_at_an_endpoint_is_found_by_its_number() {
    let desk = shop();
    let endpoint = Endpoint::start(&desk, &[("BOOKPLATE_DATABASE", "there.db")]);
    let server = bookplate::outbound::Server::new(&endpoint.address).expect("this machine");
    let signed = Shop::new(SECRET, 10_001).live().order_created(&Purchase::new(1_000_042, 40_001, 50_001, 1_772_445_600));
    let letter = server.post("webhooks/lemon_squeezy", signed.body.clone()).header("x-event-name", signed.event);
    assert_eq!(server.send(&letter.header("x-signature", signed.signature)).expect("an answer").status, 200);
    let away = |arguments: &[&str], token: &str| {
        let arguments = [arguments, &["--endpoint", &endpoint.address, "--site", "site"]].concat();
        desk.run_with(&arguments, &[("BOOKPLATE_ADMIN_TOKEN", token)])
    };
    assert!(away(&["orders", "revoke", "1000042"], ADMIN).fine().out.contains("lemon_squeezy:7000042 is revoked"));
    assert!(away(&["orders", "show", "1000042"], ADMIN).fine().out.contains("paid: product 40001"));
    away(&["orders", "revoke", "1000043"], ADMIN).refused(&["there is no order `1000043`"]);
    away(&["orders", "revoke", "1000042"], "another token").refused(&["refuses the token"]);
    away(&["issue", "course"], "").refused(&["BOOKPLATE_ADMIN_TOKEN is not set"]);
    drop(endpoint);
    desk.run_with(
        &["orders", "show", "lemon_squeezy:1", "--endpoint", "http://127.0.0.1:9", "--site", "site"],
        &[("BOOKPLATE_ADMIN_TOKEN", ADMIN)],
    )
    .refused(&["no answer from http://127.0.0.1:9"]);
}

/// What an author says to an endpoint, with the token and more variables.
fn away(desk: &Desk, endpoint: &str, arguments: &[&str], more: &[(&str, &str)]) -> Said {
    let arguments = [arguments, &["--endpoint", endpoint]].concat();
    desk.run_with(&arguments, &[&[("BOOKPLATE_ADMIN_TOKEN", ADMIN)], more].concat())
}

#[test]
fn the_endpoint_of_another_site_is_refused_before_anything_is_stored() {
    let desk = shop();
    let endpoint = Endpoint::start(&desk, &[("BOOKPLATE_DATABASE", "there.db")]);
    let catalog = std::fs::read_to_string(desk.path("site/out/catalog.json")).expect("the catalog");
    let key = bookplate::protocol::SiteKey::from_bytes([7; 32]);
    let print = |site: &str| key.fingerprint(&site.parse().unwrap()).to_string();
    let other = catalog.replace("small-shop", "other-shop").replace(&print("small-shop"), &print("other-shop"));
    let desk = desk.file("other/out/catalog.json", other).file(".config/bookplate/other-shop.key", key.to_text().as_bytes());
    let order = order(&away(&desk, &endpoint.address, &["issue", "course", "--site", "site"], &[]).fine());
    for arguments in [&["issue", "course"][..], &["orders", "revoke", &order], &["orders", "forget", &order]] {
        let said = away(&desk, &endpoint.address, &[arguments, &["--site", "other"]].concat(), &[]);
        said.refused(&["the site `small-shop`", "`other-shop`", "nothing was stored", "--site DIR", "BOOKPLATE_CATALOG"]);
    }
    let list = away(&desk, &endpoint.address, &["orders", "list"], &[]).fine().out;
    assert!(list.lines().count() == 1 && list.contains("active"), "{list}");
}

#[test]
fn test_orders_do_not_get_into_a_live_endpoint() {
    let desk = shop();
    let endpoint = Endpoint::start(&desk, &[("BOOKPLATE_DATABASE", "there.db")]);
    let key = [("BOOKPLATE_LEMON_SQUEEZY_API_KEY", "key"), ("BOOKPLATE_LEMON_SQUEEZY_API", "http://127.0.0.1:9")];
    let said = away(&desk, &endpoint.address, &["orders", "reconcile", "--test-mode", "--site", "site"], &key);
    said.refused(&["the endpoint is live", "BOOKPLATE_MODE=test"]);
}

#[test]
fn orders_of_an_endpoint_are_closed_and_deleted_where_no_site_is() {
    let desk = shop();
    let endpoint = Endpoint::start(&desk, &[]);
    for _ in 0..2 {
        run(&desk, &["issue", "course", "--static", "site/static/keys"]).fine();
    }
    let list = away(&desk, &endpoint.address, &["orders", "list"], &[]).fine().out;
    let order = list.split_whitespace().find(|word| word.starts_with("manual:")).expect("an order");
    let here = [("BOOKPLATE_DATABASE", "unused.db")];
    let said = away(&desk, &endpoint.address, &["orders", "revoke", order], &here).fine();
    assert!(said.out.contains("is revoked") && said.err.lines().count() == 1 && said.err.contains("no catalog"), "{}", said.err);
    let said = away(&desk, &endpoint.address, &["orders", "forget", order], &here).fine();
    assert!(said.out.contains("is deleted") && said.err.lines().count() == 1, "{}", said.err);
    // Where the orders are known, the files of the deleted one are told from those of the other, and stay.
    let again = run(&desk, &["issue", "--again", "--static", "site/static/keys"]).fine().out;
    assert!(again.contains("1 more are of no order that is known here"), "{again}");
    assert_eq!(again.lines().filter(|line| line.ends_with(".bin")).count(), 1, "{again}");
}

#[test]
fn a_course_that_the_endpoint_does_not_serve_yet_is_told() {
    let desk = shop();
    let endpoint = Endpoint::start(&desk, &[("BOOKPLATE_DATABASE", "there.db")]);
    let catalog = std::fs::read_to_string(desk.path("site/out/catalog.json")).expect("the catalog");
    let mut new: serde_json::Value = serde_json::from_str(&catalog).expect("JSON");
    let mut course = new["courses"][0].clone();
    course["id"] = "second".into();
    new["courses"].as_array_mut().expect("courses").push(course);
    let desk = desk.file("new.json", new.to_string());
    let said = away(&desk, &endpoint.address, &["issue", "course", "second", "--catalog", "new.json"], &[]).fine();
    assert!(said.err.contains("does not serve the course `second`") && !said.err.contains("`course` yet"), "{}", said.err);
}

#[test]
fn tokens_that_cannot_be_sent_or_can_be_guessed_are_told() {
    let desk = shop();
    for bad in ["geheimes-Schlüsselwort", "first-line-of-it\nsecond"] {
        let keyserver = ["keyserver", "--site", "site", "--listen", "127.0.0.1:0"];
        let more = [("BOOKPLATE_ADMIN_TOKEN", bad), ("BOOKPLATE_LEMON_SQUEEZY_SECRET", SECRET)];
        desk.run_with(&keyserver, &more).refused(&["BOOKPLATE_ADMIN_TOKEN holds"]);
        let list = ["orders", "list", "--endpoint", "http://127.0.0.1:9"];
        desk.run_with(&list, &more).refused(&["BOOKPLATE_ADMIN_TOKEN cannot be sent"]);
    }
    let short = Endpoint::start(&desk, &[("BOOKPLATE_ADMIN_TOKEN", "short")]);
    assert!(short.log().contains("BOOKPLATE_ADMIN_TOKEN is shorter than 16"), "{}", short.log());
}

#[test]
fn an_address_that_cannot_be_asked_is_told_in_words_of_its_own() {
    let desk = shop();
    let said = |address: &str| away(&desk, address, &["orders", "list"], &[]);
    said("http://keys.example.com/").refused(&["in the clear"]);
    let named = said("https://ada:pw@keys.example.com/").refused(&["password before `@`"]);
    assert!(!named.err.contains("ada:pw") && !named.err.contains("provider"), "{}", named.err);
    said("http://127.0.0.1:9").refused(&["no answer from http://127.0.0.1:9: the connection failed", "= help: see that the endpoint runs"]);
}

/// An endpoint of this site that is healthy, and breaks off whatever is stored.
fn breaking() -> String {
    use std::io::{BufRead as _, BufReader, Write as _};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut line = String::new();
            let _ = BufReader::new(&stream).read_line(&mut line);
            if line.starts_with("GET /health") {
                let body = r#"{"status":"ok","site":"small-shop"}"#;
                let _ = write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len());
            }
        }
    });
    address
}

#[test]
fn an_order_that_may_have_been_stored_is_named() {
    let desk = shop();
    let said = away(&desk, &breaking(), &["issue", "course", "--site", "site"], &[]);
    let said = said.refused(&["it is not known whether", "manual:", "orders show manual:", "orders forget manual:", "--endpoint http://"]);
    assert!(!said.err.contains("no copy was made"), "{}", said.err);
}

#[test]
fn a_strangers_initials_do_not_speak_to_the_terminal() {
    let desk = shop();
    let endpoint = Endpoint::start(&desk, &[]);
    let order = order(&run(&desk, &["issue", "course", "--to", "Ada Lovelace"]).fine());
    let server = bookplate::outbound::Server::new(&endpoint.address).expect("this machine");
    let token = || ("authorization", format!("Bearer {ADMIN}"));
    let request = server.get("facts").header(token().0, token().1);
    let facts = String::from_utf8(server.send(&request).expect("an answer").body).expect("text");
    let forged = facts.replace(&order, "manual:forged").replace("A. L.", "\u{202e}.L .A");
    let request = server.post("facts", forged).header(token().0, token().1);
    assert_eq!(server.send(&request).expect("an answer").status, 200);
    let said = run(&desk, &["orders", "show", "manual:forged"]).fine().out;
    assert!(!said.contains('\u{202e}') && said.contains("\\u{202e}.L .A"), "{said}");
}
