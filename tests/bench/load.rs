//! What the key endpoint carries: unlocks beside a bare axum route with an answer of the same size, webhooks, memory over time.
//!
//! The real program with SQLite, in a process of its own, under `wrk` (Debian package `wrk`) on the same machine. `BOOKPLATE_LOAD_SECONDS`
//! is the time of each measurement (default 10), `BOOKPLATE_LOAD_MINUTES` that of the last one, whose memory is printed (default 1).
#![allow(clippy::print_stdout)]

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use axum::Router;
use axum::routing::post;
use bookplate::protocol::SiteKey;
use bookplate::rehearse::{Purchase, Shop, Signed};

const SECRET: &str = "load-0123456789abcdef-load";
const CATALOG: &str = r#"{"version":1,"site":"load","origin":"https://example.com","base":"/","endpoint":"https://keys.example.com/",
    "courses":[{"id":"course","title":"Course","url":"course/","epochs":[1],"params":"2.2048.1",
    "products":[{"provider":"lemon_squeezy","store":10001,"product":40001}]}]}"#;
const NOW: u64 = 1_772_445_600;
/// Orders that are opened, in turn.
const ORDERS: u64 = 5_000;
/// Orders that are told of while webhooks are counted.
const MORE: u64 = 60_000;

/// Sends the lines of a file in turn: path, headers, body, apart by tabs.
const SCRIPT: &str = r#"
local requests, at = {}, 0
function init(arguments)
  for line in io.lines(arguments[1]) do
    local path, event, signature, body = line:match("^([^\t]*)\t([^\t]*)\t([^\t]*)\t(.*)$")
    local headers = { ["content-type"] = "application/json", ["x-event-name"] = event, ["x-signature"] = signature }
    requests[#requests + 1] = wrk.format("POST", path, headers, body)
  end
end
function request()
  at = at % #requests + 1
  return requests[at]
end


"#;

fn main() {
    let home = tempfile::tempdir().expect("a folder");
    let home = home.path();
    let seconds = number("BOOKPLATE_LOAD_SECONDS", 10);
    std::fs::write(home.join("catalog.json"), CATALOG).expect("a file");
    std::fs::write(home.join("script.lua"), SCRIPT).expect("a file");
    if Command::new("wrk").arg("-v").output().is_err() {
        println!("SKIPPED  load: no `wrk` (Debian package wrk)");
        return;
    }
    let server = Server::start(home);
    let shop = Shop::new(SECRET, 10_001).live();
    let purchase = |n: u64| Purchase::new(n, 40_001, 1, NOW);

    // What is opened later is told of first, which is not measured.
    let known: Vec<Signed> = (0..ORDERS).flat_map(|n| [shop.order_created(&purchase(n)), shop.license_key_created(&purchase(n))]).collect();
    let agent = ureq::Agent::new_with_defaults();
    for signed in &known {
        let hook = agent.post(format!("{}/webhooks/lemon_squeezy", server.address)).header("x-signature", &signed.signature);
        hook.header("x-event-name", signed.event).send(&signed.body[..]).expect("stored");
    }
    let asked = |n| format!(r#"{{"licence":"{}","course":"course","device":"load"}}"#, purchase(n).licence_key());
    let answer = agent.post(format!("{}/unlock", server.address)).header("content-type", "application/json").send(asked(0).as_bytes());
    let size = answer.expect("opened").body_mut().read_to_vec().expect("a body").len();

    let unlocks: String = (0..ORDERS).fold(String::new(), |mut all, n| {
        let _ = writeln!(all, "/unlock\t\t\t{}", asked(n));
        all
    });
    std::fs::write(home.join("unlocks"), unlocks).expect("a file");
    let bare = bare(size);
    let theirs = Load::of(home, &bare, "unlocks", 2, seconds);
    let ours = Load::of(home, &server.address, "unlocks", 2, seconds);
    println!("unlock: {ours}, {size} bytes each");
    println!("bare axum route, {size} bytes each: {theirs}");
    println!("ratio: {:.2} of the bare route's throughput, {:.1} times its p99", ours.a_second / theirs.a_second, ours.p99 / theirs.p99);

    // Every one is new: none is sent twice, unless there are more than this in the time.
    let webhooks: String = (ORDERS..ORDERS + MORE).map(|n| shop.order_created(&purchase(n))).fold(String::new(), |mut all, signed| {
        let body = String::from_utf8_lossy(&signed.body).into_owned();
        let _ = writeln!(all, "/webhooks/lemon_squeezy\t{}\t{}\t{body}", signed.event, signed.signature);
        all
    });
    std::fs::write(home.join("webhooks"), webhooks).expect("a file");
    println!("webhooks, each stored before its answer: {}", Load::of(home, &server.address, "webhooks", 1, seconds));

    let minutes = number("BOOKPLATE_LOAD_MINUTES", 1);
    println!("memory: {} MiB before", server.memory());
    for minute in 1..=minutes {
        let load = Load::of(home, &server.address, "unlocks", 2, 60);
        println!("memory: {} MiB after {minute} minutes of unlocks; {load}", server.memory());
    }
}

fn number(variable: &str, default: u64) -> u64 {
    std::env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// What `wrk` saw.
struct Load {
    a_second: f64,
    /// Milliseconds.
    p99: f64,
    /// Answers that were none of 2xx and 3xx.
    refused: u64,
}

impl std::fmt::Display for Load {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:.0} a second, p99 {:.1} ms, {} refused", self.a_second, self.p99, self.refused)
    }
}

impl Load {
    fn of(home: &Path, address: &str, requests: &str, threads: u32, seconds: u64) -> Self {
        let run = Command::new("wrk")
            .args(["-c", "32", "--latency", "-t", &threads.to_string(), "-d", &format!("{seconds}s"), "-s", "script.lua"])
            .args([address, "--", requests])
            .current_dir(home)
            .output()
            .expect("wrk runs");
        let said = String::from_utf8_lossy(&run.stdout).into_owned();
        let after = |name: &str| said.lines().find_map(|line| line.trim().strip_prefix(name)).map(|rest| rest.trim().to_owned());
        let milliseconds = |text: String| {
            let (number, factor) = match text.as_str() {
                t if t.ends_with("us") => (t.trim_end_matches("us").to_owned(), 0.001),
                t if t.ends_with("ms") => (t.trim_end_matches("ms").to_owned(), 1.0),
                t => (t.trim_end_matches('s').to_owned(), 1000.0),
            };
            number.parse::<f64>().expect("a number") * factor
        };
        Self {
            a_second: after("Requests/sec:").and_then(|n| n.parse().ok()).unwrap_or_else(|| panic!("{said}")),
            p99: milliseconds(after("99%").unwrap_or_else(|| panic!("{said}"))),
            refused: after("Non-2xx or 3xx responses:").map_or(0, |n| n.parse().expect("a number")),
        }
    }
}

/// Serves the same number of bytes for every request, in this process; its address.
fn bare(size: usize) -> String {
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime").block_on(async {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
            tell.send(format!("http://{}", listener.local_addr().expect("an address"))).expect("somebody listens");
            let route = Router::new().route("/unlock", post(move |_: axum::body::Bytes| async move { "x".repeat(size) }));
            axum::serve(listener, route).await.expect("it serves");
        });
    });
    told.recv().expect("an address")
}

struct Server {
    child: Child,
    address: String,
}

impl Server {
    fn start(home: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_bookplate"))
            .args(["keyserver", "--listen", "127.0.0.1:0", "--catalog", "catalog.json", "--database", "orders.db"])
            .args(["--calls-a-minute", "4000000000"])
            .current_dir(home)
            .env("BOOKPLATE_SITE_KEY", SiteKey::from_bytes([7; 32]).to_text().as_str())
            .env("BOOKPLATE_LEMON_SQUEEZY_SECRET", SECRET)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("piped")).read_line(&mut line).expect("a line");
        let address = line.split([' ', ',']).find(|word| word.starts_with("http://")).expect("an address").to_owned();
        Self { child, address }
    }

    /// Resident set in MiB; 0 where the system does not say.
    fn memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
        line.split_whitespace().next().and_then(|kib| kib.parse::<u64>().ok()).unwrap_or_default() / 1024
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
