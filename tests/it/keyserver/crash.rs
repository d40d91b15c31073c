//! The server is killed at a random moment, again and again, while webhooks stream in: what was answered 200 is in the state, once.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use bookplate::protocol::OrderRef;
use bookplate::rehearse::{Purchase, Shop, Signed};
use bookplate::store::Books;

use super::bench::{CATALOG, NOW, SECRET, site_key};

/// Streams of webhooks at once.
const STREAMS: u64 = 3;
/// Facts of an order: paid, its licence key, a partial refund.
const FACTS: usize = 3;

#[test]
#[allow(clippy::print_stdout)] // figures for `tests/long`
fn what_was_answered_is_in_the_state_once_whenever_the_server_is_killed() {
    let kills = if std::env::var_os("BOOKPLATE_LONG").is_some() { 200 } else { 10 };
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("catalog.json"), CATALOG).unwrap();
    let mut answered: BTreeMap<u64, usize> = BTreeMap::new();
    for kill in 0..kills {
        let mut server = Server::start(home.path());
        let (said, saying) = mpsc::channel();
        std::thread::scope(|streams| {
            for stream in 0..STREAMS {
                let (said, address) = (said.clone(), server.address.clone());
                streams.spawn(move || orders_from(1000 * (STREAMS * kill + stream), &address, &said));
            }
            // From the very first request to some dozens later; the spread is what matters, not the values.
            std::thread::sleep(Duration::from_millis(1 + kill * 37 % 113));
            server.kill();
        });
        drop(said);
        saying.iter().for_each(|number| *answered.entry(number).or_default() += 1);
    }
    let whole = answered.values().filter(|answers| **answers == FACTS).count();
    assert!(whole > 0, "no order was told of in full before a kill: the moments are too early");

    for (number, answers) in &answered {
        let facts = stored(home.path(), *number);
        assert!((*answers..=FACTS).contains(&facts), "order {number}: {answers} answered, {facts} stored");
    }
    // The provider sends again what it has no answer for, and sometimes what it has.
    let server = Server::start(home.path());
    for number in answered.keys() {
        for signed in events(*number) {
            assert_eq!(post(&server.address, &signed), Some(200));
        }
    }
    drop(server);
    for number in answered.keys() {
        assert_eq!(stored(home.path(), *number), FACTS, "order {number}");
    }
    println!("{kills} kills, {} orders told of before them, {whole} in full", answered.len());
}

/// How many facts of an order are in the state.
fn stored(home: &Path, number: u64) -> usize {
    let order: OrderRef = format!("lemon_squeezy:{}", Purchase::new(number, 40_001, 1, NOW).order_id()).parse().expect("an order");
    Books::open(&home.join("orders.db")).expect("the database").facts(&order).expect("facts").len()
}

/// Delivers order after order until the server is gone; says the number once for each webhook that was answered 200.
fn orders_from(first: u64, address: &str, said: &mpsc::Sender<u64>) {
    for number in first.. {
        for signed in events(number) {
            match post(address, &signed) {
                Some(200) => said.send(number).expect("somebody listens"),
                Some(status) => panic!("order {number}: {status}"),
                None => return,
            }
        }
    }
}

fn events(number: u64) -> [Signed; FACTS] {
    let (shop, purchase) = (Shop::new(SECRET, 10_001).live(), Purchase::new(number, 40_001, 1, NOW));
    [shop.order_created(&purchase), shop.license_key_created(&purchase), shop.order_refunded(&purchase, 100, NOW + 60)]
}

/// The status, or `None` where the server did not answer.
fn post(address: &str, signed: &Signed) -> Option<u16> {
    let sent = ureq::post(format!("{address}/webhooks/lemon_squeezy"))
        .config()
        .http_status_as_error(false)
        .build()
        .header("content-type", "application/json")
        .header("x-event-name", signed.event)
        .header("x-signature", &signed.signature)
        .send(&signed.body[..]);
    sent.ok().map(|answer| answer.status().as_u16())
}

/// The real program, in a process of its own. Dropping it kills it.
struct Server {
    child: Child,
    address: String,
}

impl Server {
    fn start(home: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_bookplate"))
            .args(["keyserver", "--listen", "127.0.0.1:0", "--catalog", "catalog.json", "--database", "orders.db"])
            .current_dir(home)
            .env_clear()
            .env("HOME", home)
            .env("BOOKPLATE_SITE_KEY", site_key().to_text().as_str())
            .env("BOOKPLATE_LEMON_SQUEEZY_SECRET", SECRET)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("piped")).read_line(&mut line).expect("a line");
        let address = line.split([' ', ',']).find(|word| word.starts_with("http://")).map(str::to_owned);
        let address = address.unwrap_or_else(|| panic!("no address in {line:?}"));
        Self { child, address }
    }

    /// `SIGKILL`: nothing is written after it.
    fn kill(&mut self) {
        self.child.kill().expect("it runs");
        self.child.wait().expect("it ends");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
