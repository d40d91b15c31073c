//! From a leak to the order that it matches, through the command line: what an author types, and what he is told.

use bookplate::protocol::{CourseId, Epoch, Keyring, OrderRef, Params, Seat, SiteId, SiteKey};

use crate::builder::{Site, YAML};
use crate::cli::{Desk, Said};

/// A paragraph of sentences that can be worded in two ways, no two alike.
pub(crate) fn prose(seed: u32, sentences: usize) -> String {
    const NAMES: [&str; 16] = [
        "table",
        "borrower",
        "scheduler",
        "packet",
        "journal",
        "cursor",
        "garden",
        "lantern",
        "harbour",
        "compiler",
        "ledger",
        "signal",
        "bridge",
        "turbine",
        "archive",
        "pointer",
    ];
    const DEEDS: [&str; 16] = [
        "move", "copy", "drain", "repair", "paint", "measure", "publish", "forget", "compress", "divide", "balance", "inspect", "replace",
        "borrow", "carry", "trust",
    ];
    let mut state = seed;
    let mut pick = |words: [&'static str; 16]| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        words[(state >> 28) as usize]
    };
    let mut text = String::new();
    for i in 0..sentences {
        let (a, b, c, d) = (pick(NAMES), pick(DEEDS), pick(NAMES), pick(DEEDS));
        text.push_str(&format!("We do not {b} the {a} of the {c} {}, nor {d} {} {}. ", pick(NAMES), pick(DEEDS), pick(NAMES)));
        if i % 4 == 3 {
            text.push_str("\n\n");
        }
    }
    text
}

/// Sentences in a lesson: enough to name one of two copies that were merged, whatever the preview's key is (about 130 positions would
/// do in 95 of 100 cases).
const SENTENCES: usize = 200;

/// A built site of two lessons with enough marks for a verdict, and two orders.
pub(crate) fn desk() -> (Desk, [String; 2]) {
    let desk = Desk::new();
    let lesson = |id: &str, seed| format!("---\nid: {id}\ntitle: Lesson <{id}>\naccess: premium\n---\n{}", prose(seed, SENTENCES));
    Site::new()
        .yaml(YAML)
        .file("content/c/index.md", "---\nid: c\ntitle: Course\nprice: 9 USD\ncheckout: https://example.com/buy\n---\n")
        .file("content/c/01-one.md", lesson("one", 1))
        .file("content/c/02-two.md", lesson("two", 2))
        .write(&desk.path("site"));
    desk.run(&["build", "site", "--preview-key"]).fine();
    let issue = || {
        let said = desk.run(&["issue", "c", "--site", "site", "--preview-key"]).fine().out;
        let line = said.lines().find_map(|line| line.strip_prefix("order            ")).expect("an order").to_owned();
        line.split_whitespace().next().expect("its name").to_owned()
    };
    let orders = [issue(), issue()];
    (desk, orders)
}

/// What the holder of an order reads.
pub(crate) fn copy(desk: &Desk, order: &str) -> String {
    desk.run(&["copy", "--site", "site", "--preview-key", "--order", order]).fine().out
}

/// The desk with what the holder of an order reads in `leak.txt`.
pub(crate) fn leaked(desk: Desk, order: &str) -> Desk {
    let text = copy(&desk, order);
    desk.file("leak.txt", text)
}

#[track_caller]
pub(crate) fn trace(desk: &Desk, arguments: &[&str]) -> Said {
    desk.run(&[&["trace", "--site", "site", "--preview-key"], arguments].concat())
}

/// "No conclusion", and none of the orders anywhere.
#[track_caller]
fn nobody(said: Said, orders: &[String]) {
    let said = said.fine();
    assert!(said.out.to_lowercase().contains("no conclusion"), "{}", said.out);
    let ids = orders.iter().filter_map(|order| order.split_once(':')).map(|(_, id)| id);
    ids.for_each(|id| assert!(!said.out.contains(id) && !said.err.contains(id), "{}{}", said.out, said.err));
}

pub(crate) fn json(said: &Said) -> serde_json::Value {
    serde_json::from_str(&said.out).expect("one JSON object")
}

#[test]
fn a_leak_names_the_order_that_it_was_copied_from() {
    let (desk, [a, b]) = desk();
    let desk = leaked(desk, &b);
    let said = trace(&desk, &["leak.txt"]).fine();
    assert!(said.out.contains(&format!("Matching copy: {b}, copy 0")) && !said.out.contains(&a), "{}", said.out);
    for part in ["1 on this leak", "SHA-256", "never to a person", "can make any copy", "changes nobody's access"] {
        assert!(said.out.contains(part), "{part} is not in {}", said.out);
    }
    let again = trace(&desk, &["leak.txt", "--json"]).fine();
    let told = json(&again);
    assert_eq!((told["verdict"].as_str(), told["run"].as_u64(), told["again"].as_bool()), (Some("match"), Some(1), Some(true)));
    assert_eq!(told["courses"][0]["matches"][0]["order"], b);
    assert!(!again.out.contains(&a) && told["courses"][0]["thresholds"].is_null(), "{}", again.out);
}

#[test]
fn a_text_made_of_two_copies_names_no_third() {
    let (desk, [a, b]) = desk();
    let (one, two) = (copy(&desk, &a), copy(&desk, &b));
    let halves = one.lines().zip(two.lines()).enumerate().map(|(i, (one, two))| if i % 4 < 2 { one } else { two });
    let third = desk.run(&["issue", "c", "--site", "site", "--preview-key"]).fine().out;
    let desk = desk.file("leak.md", halves.collect::<Vec<_>>().join("\n"));
    let told = json(&trace(&desk, &["leak.md", "--json"]).fine());
    let matches = told["courses"][0]["matches"].as_array().expect("a list");
    assert!(!matches.is_empty(), "{told}");
    assert!(matches.iter().all(|m| m["order"] == a || m["order"] == b) && !third.contains(matches[0]["order"].as_str().unwrap()));
}

#[test]
fn what_no_copy_wrote_names_nobody() {
    let (desk, orders) = desk();
    let draft = format!("{}{}", prose(1, SENTENCES), prose(2, SENTENCES));
    let desk = desk
        .file("draft.md", draft)
        .file("strange.txt", prose(77, 200))
        .file("chinese.txt", "我们不移动表，但是可以复制它。例如，这样做很快。\n".repeat(50))
        .file("binary.bin", (0..20_000u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect::<Vec<_>>());
    for leak in ["draft.md", "strange.txt", "chinese.txt", "binary.bin"] {
        nobody(trace(&desk, &[leak]), &orders);
        nobody(trace(&desk, &[leak, "--json"]), &orders);
        nobody(trace(&desk, &[leak, "--arbiter"]), &orders);
    }
}

#[test]
fn a_leaked_keyring_names_its_copy() {
    let (desk, [_, b]) = desk();
    let key = std::fs::read_to_string(desk.path(".local/state/bookplate/test/preview.key")).expect("the preview key");
    let (key, site, course) = (SiteKey::parse(&key).unwrap(), SiteId::parse("test").unwrap(), CourseId::parse("c").unwrap());
    let buyer = key.buyer(&site, &b.parse::<OrderRef>().unwrap(), Seat(0));
    let keyring = Keyring::issue(&key, &site, &course, Epoch(1), Params::default(), &buyer, "order");
    let desk = desk.file("keyring.bin", &*keyring.to_bytes());
    let said = trace(&desk, &["keyring.bin"]).fine();
    assert!(said.out.contains(&format!("Matching copy: {b}, copy 0")), "{}", said.out);
}

#[test]
fn a_report_is_one_page_and_is_not_written_where_it_could_be_published() {
    let (desk, [_, b]) = desk();
    let desk = leaked(desk, &b).file("repository/.git/HEAD", "");
    desk.run(&["build", "site", "--preview-key", "--out", "out"]).fine();
    trace(&desk, &["leak.txt", "--report", "report.html"]).fine();
    let page = std::fs::read_to_string(desk.path("report.html")).expect("a page");
    assert!(page.contains(&b) && page.contains("&lt;one&gt;") && !page.contains("<script") && !page.contains("://"), "{page}");
    for (place, why) in [
        ("site/out/report.html", "folder of the site"),
        ("site/report.html", "folder of the site"),
        ("repository/r.html", "git"),
        ("out/deep/r.html", "output of a build"),
    ] {
        trace(&desk, &["leak.txt", "--report", place]).refused(&[place, why]);
        assert!(!desk.path(place).exists());
    }
    for told in ["Made", "bookplate 0.", "not the chance that the holder"] {
        assert!(page.contains(told), "{told} is not in {page}");
    }
    let arbiter = trace(&desk, &["leak.txt", "--arbiter"]).fine().out;
    assert!(arbiter.contains("marks.generation") && arbiter.contains("codeword") && arbiter.contains("symbols lexical"), "{arbiter}");
}

/// A report replaces an earlier report, and nothing else.
#[test]
fn a_report_never_costs_the_author_a_file() {
    let (desk, [a, b]) = desk();
    let csv = [&a, &b].iter().fold(String::from("provider,order_id\n"), |csv, order| csv + &order.replace(':', ",") + "\n");
    let desk = leaked(desk, &b)
        .file("orders.csv", csv)
        .file("notes.html", "<!doctype html>\n<html lang=\"en\">\n<p>mine")
        .file("empty", "")
        .file("folder/a", "");
    let report = |place: &str| trace(&desk, &["leak.txt", "--orders", "orders.csv", "--report", place]);
    let read = |path: &str| std::fs::read(desk.path(path)).expect("a file");
    report("report.html").fine();
    report("report.html").fine();
    for (place, why) in [
        ("leak.txt", "read by this run"),
        ("./orders.csv", "read by this run"),
        ("notes.html", "no earlier page"),
        ("empty", "no earlier page"),
        (".local/state/bookplate/test/report.html", "keys and orders are kept"),
        (".local/state/bookplate/test/preview.key", "keys and orders are kept"),
        (".config/bookplate/new.html", "no folder"),
        ("none/report.html", "make it first"),
        ("/dev/full", "no regular file"),
        ("site/../folder", "no regular file"),
    ] {
        let before = desk.path(place).is_file().then(|| read(place));
        report(place).refused(&[why, "choose another place"]);
        assert_eq!(desk.path(place).is_file().then(|| read(place)), before, "{place}");
    }
    assert!(!desk.path("none").exists());
    desk.run(&["marks", "site", "--preview-key", "--html", "report.html"]).refused(&["no earlier page"]);
    desk.run(&["marks", "site", "--preview-key", "--html", "marks.html"]).fine();
    desk.run(&["marks", "site", "--preview-key", "--html", "marks.html"]).fine();
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("leak.txt", desk.path("link.html")).expect("a link");
        report("link.html").refused(&["read by this run"]);
        std::os::unix::fs::symlink("report.html", desk.path("other.html")).expect("a link");
        report("other.html").refused(&["no regular file"]);
        trace(&desk, &["report.html", "--report", "other.html"]).refused(&["read by this run"]);
    }
}

#[test]
fn another_list_of_copies_is_another_run() {
    let (desk, [a, b]) = desk();
    let csv =
        |orders: &[&String]| orders.iter().fold(String::from("provider,order_id\n"), |csv, order| csv + &order.replace(':', ",") + "\n");
    let desk = leaked(desk, &b).file("all.csv", csv(&[&a, &b])).file("a.csv", csv(&[&a]));
    let run = |orders: &str| json(&trace(&desk, &["leak.txt", "--json", "--orders", orders]).fine());
    assert_eq!([run("all.csv")["run"].as_u64(), run("a.csv")["run"].as_u64(), run("all.csv")["run"].as_u64()], [Some(1), Some(2), Some(1)]);
    assert_eq!(run("a.csv")["verdict"], "no conclusion");
    let desk = desk.file(".local/state/bookplate/test/preview-trace.log", "{\"at\":");
    trace(&desk, &["leak.txt"]).refused(&["preview-trace.log:1:1", "restore the file"]);
}

#[test]
fn an_older_edition_is_traced_with_its_checkout() {
    let (desk, [_, b]) = desk();
    let leak = copy(&desk, &b);
    let old = std::fs::read_to_string(desk.path("site/content/c/01-one.md")).expect("a lesson");
    let desk = desk
        .file("leak.txt", leak)
        .file("old/bookplate.yaml", YAML)
        .file("old/content/c/index.md", "---\nid: c\ntitle: Course\n---\n")
        .file("old/content/c/01-one.md", old)
        .file("site/content/c/01-one.md", format!("---\nid: one\ntitle: One\naccess: premium\n---\n{}", prose(9, 60)))
        .file("site/content/c/02-two.md", format!("---\nid: two\ntitle: Two\naccess: premium\n---\n{}", prose(10, 60)));
    nobody(trace(&desk, &["leak.txt"]), std::slice::from_ref(&b));
    let said = trace(&desk, &["leak.txt", "--content", "old"]).fine();
    assert!(said.out.contains(&format!("Matching copy: {b}")), "{}", said.out);
}

#[test]
fn what_cannot_be_read_is_said_clearly() {
    let (desk, [_, b]) = desk();
    let desk = leaked(desk, &b)
        .file("empty.txt", " \n")
        .file("book.pdf", "%PDF-1.7 ...")
        .file("broken.ndjson", format!("{{\"order\":\"{b}\"}}\n{{\"order\":\"x\"}}\nnot json\n"))
        .file("gone.ndjson", format!("{{\"order\":\"{b}\",\"courses\":[\"gone\"]}}\n"))
        .file("folder/leak.txt", "x");
    trace(&desk, &["empty.txt"]).refused(&["`empty.txt` is empty"]);
    trace(&desk, &["leak.txt", "book.pdf"]).refused(&["`book.pdf`", "PDF"]);
    trace(&desk, &["folder"]).refused(&["`folder` is a folder"]);
    trace(&desk, &["missing.txt"]).refused(&["missing.txt"]);
    let said = trace(&desk, &["leak.txt", "--orders", "gone.ndjson"]).fine();
    assert!(
        said.out.contains("no copy of this course") && said.err.contains("do not have are not looked at: gone"),
        "{}{}",
        said.out,
        said.err
    );
    trace(&desk, &["leak.txt", "--orders", "broken.ndjson"]).refused(&["broken.ndjson:2:", "broken.ndjson:3:"]);
    desk.run(&["trace", "leak.txt", "--site", "folder", "--preview-key"]).refused(&["no bookplate.yaml", "--site DIR"]);
    desk.run(&["trace", "leak.txt", "--site", "site"]).refused(&["no site key", "--preview-key"]);
}

/// A leak that is far longer than any course, with a copy somewhere in it.
#[test]
fn a_copy_is_found_in_a_long_leak() {
    let (desk, [_, b]) = desk();
    // 5 MB; 50 in the long form.
    let lines = if std::env::var_os("BOOKPLATE_LONG").is_some() { 800_000 } else { 80_000 };
    let line = "Rain fell on the harbour, and nobody minded it much that year.\n";
    let mut leak = line.repeat(lines);
    leak.insert_str(line.len() * lines / 2, &format!("\n\n{}\n\n", copy(&desk, &b)));
    let desk = desk.file("leak.txt", leak);
    let said = trace(&desk, &["leak.txt"]).fine();
    assert!(said.out.contains(&format!("Matching copy: {b}")), "{}", said.out);
}
