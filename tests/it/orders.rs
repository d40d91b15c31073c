//! `bookplate orders` and `bookplate issue` as an author types them, on the file here and at an endpoint.

use super::cli::{Desk, Said};
use super::endpoint::{ADMIN, Endpoint};

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
    }
    assert!(run(&desk, &["orders", "forget", &order]).fine().out.contains("deleted"));
    assert!(run(&desk, &["orders", "list"]).fine().out.contains("no orders yet"));
    run(&desk, &["orders", "show", &order]).refused(&["there is no order", &order]);
    let bytes = std::fs::read(desk.path(".local/state/bookplate/small-shop/orders.db")).expect("the database");
    assert!(!bytes.windows(5).any(|w| w == b"A. L."), "initials are left in the file");
    run(&desk, &["orders", "forget", "7"]).refused(&["7"]);
    assert!(run(&desk, &["orders", "forget", "lemon_squeezy:7000042"]).fine().out.contains("nothing was deleted"));
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
fn a_name_is_no_address_to_listen_on() {
    shop().run(&["keyserver", "--site", "site", "--listen", "localhost"]).refused(&["127.0.0.1:4100"]);
}
