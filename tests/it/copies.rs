//! What one order reads, and the lists of orders that say whose copies there are.

use std::fmt::Write as _;

use bookplate::protocol::{CourseId, Epoch, Keyring, OrderRef, Seat, SiteId, SiteKey, open_lesson};
use bookplate::site::{Kind, Mode, Seals};
use bookplate::template::Theme;
use bookplate::trace::{Copy, copy};

use crate::builder::{Site, YAML, assemble};
use crate::cli::Desk;

/// Paragraphs whose sentences have a carrier each, in different words.
pub fn marked(n: usize) -> String {
    (0..n).fold(String::new(), |mut text, i| {
        let _ = write!(text, "You do not need heron **number {i}** here. It costs {i} pounds & it's rare.\n\n- Plain item {i}.\n\n");
        text
    })
}

fn site() -> Site {
    let sealed = format!("---\nid: b\ntitle: B\naccess: premium\n---\n{}```rust\nfn main() {{\n    a < b;\n}}\n```\n", marked(30));
    Site::new()
        .file("content/c/index.md", "---\nid: c\ntitle: C\naccess: premium\n---\n")
        .file("content/c/01-a.md", format!("---\nid: a\ntitle: A\naccess: preview\n---\nFor all.\n\n<!-- paywall -->\n\n{}", marked(3)))
        .file("content/c/02-b.md", sealed)
}

#[test]
fn a_copy_is_what_its_keyring_opens_byte_by_byte() {
    let (read, key) = (site().read(), SiteKey::from_bytes([7; 32]));
    let seals = Seals { key: key.clone(), preview: false };
    let theme = Theme::with_overrides(&[]).expect("the theme");
    let built = assemble(read.edition(), &theme, Some(&seals), Mode::Preview).expect("a site");
    let (site, course) = (SiteId::parse("test").unwrap(), CourseId::parse("c").unwrap());
    for (order, seat) in [("manual:1", 0), ("manual:1", 1), ("lemon_squeezy:7000001", 0)] {
        let order: OrderRef = order.parse().unwrap();
        let params = copy::params(read.course());
        let keyring = Keyring::issue(&key, &site, &course, Epoch(1), params, &key.buyer(&site, &order, Seat(seat)), "");
        let files = built.outputs.iter().filter(|(_, output)| output.kind == Kind::Sealed);
        let mut opened: Vec<String> = files.map(|(_, output)| open_lesson(&keyring, &output.bytes).expect("it opens").html).collect();
        let copy = Copy::of(&key, &site, read.course(), &order, Seat(seat)).unwrap();
        let mut made: Vec<String> = read.course().lessons().into_iter().filter_map(|lesson| copy.opened(lesson)).collect();
        opened.sort();
        made.sort();
        assert_eq!(made, opened);
    }
}

#[test]
fn the_text_of_a_copy_has_the_wordings_that_it_opens() {
    let (read, key) = (site().read(), SiteKey::from_bytes([7; 32]));
    let (site, order) = (SiteId::parse("test").unwrap(), "manual:1".parse().unwrap());
    let copy = Copy::of(&key, &site, read.course(), &order, Seat(0)).unwrap();
    let lesson = read.lesson("c/b/");
    let (html, text) = (copy.opened(lesson).unwrap(), copy.text(lesson));
    let (mut own, mut others) = (0, 0);
    for sentence in &lesson.body.sealed.as_ref().unwrap().open_for_gate().sentences {
        let Some(other) = &sentence.other else { continue };
        assert!(text.contains(&sentence.text) != text.contains(&other.text), "{}", sentence.text);
        assert_eq!(text.contains(&other.text), html.contains(&other.html));
        *(if text.contains(&other.text) { &mut others } else { &mut own }) += 1;
    }
    assert!(own > 10 && others > 10, "{own} {others}");
    assert!(text.contains("    a < b;\n}\n") && text.contains("\n- Plain item 7.\n") && !text.contains("<p>"));
    assert!(copy.text(read.lesson("c/a/")).starts_with("For all.\n\n"));
}

/// A desk with a site of two courses and two orders for one of them.
fn desk() -> (Desk, [String; 2]) {
    let desk = Desk::new();
    let lesson = |id: &str| format!("---\nid: {id}\ntitle: T\naccess: premium\n---\n{}", marked(20).replace("heron", id));
    let site = site().yaml(YAML).file("content/d/index.md", "---\nid: d\ntitle: D\n---\n").file("content/d/01-x.md", lesson("x"));
    site.file("content/c/03-free.md", "---\nid: free\ntitle: F\naccess: free\n---\nOpen.\n").write(&desk.path("site"));
    desk.run(&["build", "site", "--preview-key"]).fine();
    let issue = || {
        let said = desk.run(&["issue", "c", "--site", "site", "--preview-key"]).fine().out;
        let line = said.lines().find_map(|line| line.strip_prefix("order            ")).expect("an order").to_owned();
        line.split_whitespace().next().expect("its name").to_owned()
    };
    let orders = [issue(), issue()];
    (desk, orders)
}

#[test]
fn copy_prints_the_lessons_that_an_order_opens() {
    let (desk, [a, b]) = desk();
    let copy =
        |order: &str, more: &[&str]| desk.run(&[&["copy", "--site", "site", "--preview-key", "--order", order], more].concat()).fine().out;
    let (all_a, all_b) = (copy(&a, &[]), copy(&b, &[]));
    assert!(all_a != all_b && all_a.starts_with("For all.") && !all_a.contains(" x "), "{all_a}");
    let one = copy(&a, &["b"]);
    assert!(all_a.ends_with(&one));
    for name in ["c/b/", "/c/b", "https://example.com/c/b/index.html", "content/c/02-b.md", "./site/content/c/02-b.md"] {
        assert_eq!(copy(&a, &[name]), one, "{name}");
    }
    assert!(copy(&a, &["b", "--format", "html"]).starts_with("<p>You d"));
    assert_eq!(copy(&a, &["free"]), "Open.\n");
}

#[test]
fn a_copy_that_nobody_has_is_not_printed() {
    let (desk, [a, _]) = desk();
    let copy = |more: &[&str]| desk.run(&[&["copy", "--site", "site", "--preview-key"], more].concat());
    copy(&["--order", "manual:nobody"]).refused(&["no order `manual:nobody`", "preview.db", "--order list", "--orders"]);
    copy(&["--order", "nobody"]).refused(&["`--order nobody`", "PROVIDER:ID".to_lowercase().split(':').next().unwrap_or_default()]);
    copy(&["--order", &a, "--seat", "1"]).refused(&["no copy 1"]);
    copy(&["--order", &a, "fre"]).refused(&["no lesson `fre`", "did you mean `free`?"]);
    copy(&["--order", &a, "quite something else"]).refused(&["its id, its address"]);
    copy(&["--order", &a, "x"]).refused(&["does not open the course `d`"]);
    desk.run(&["copy", "--site", "site", "--order", &a]).refused(&["orders.db` does not exist", "--orders FILE", "--preview-key"]);
    desk.run(&["copy", "--site", "site/content", "--order", &a]).refused(&["no bookplate.yaml", "--site DIR"]);
}

#[test]
fn orders_come_from_every_kind_of_list() {
    let (desk, [a, _]) = desk();
    let id = a.split_once(':').expect("an id").1;
    let ledger = format!("{{\"order\":\"{a}\",\"state\":\"refunded\",\"seats\":1,\"courses\":[\"c\"]}}\n");
    let desk = desk
        .file("ledger.ndjson", ledger)
        .file("orders.csv", format!("provider,order_id\nmanual,{id}\n"))
        .file("squeezy.csv", "id,store_id,identifier,order_number,status\n7000001,1,abc,12,refunded\n")
        .file("numbers.csv", "identifier,order_number,status\nabc,12,paid\n")
        .file("uuid.csv", "id,order_number\n104e18a2-d755,12\n")
        .file("broken.csv", "provider,order_id\nmanual,a\nmanual,\nNo,b\n")
        .file("broken.ndjson", "{\"order\":\"manual:a\"}\n{\"order\":7}\n")
        .file("other.csv", "name,price\na,1\n")
        .file("latin.csv", b"provider,order_id\nmanual,a\nmanual,\xe9\n")
        .file("empty.csv", "");
    let from = |file: &str, order: &str| desk.run(&["copy", "b", "--site", "site", "--preview-key", "--orders", file, "--order", order]);
    let want = desk.run(&["copy", "b", "--site", "site", "--preview-key", "--order", &a]).fine().out;
    for file in ["ledger.ndjson", "orders.csv", ".local/state/bookplate/test/preview.db"] {
        assert_eq!(from(file, &a).fine().out, want, "{file}");
    }
    from("squeezy.csv", "lemon_squeezy:7000001").fine();
    from("numbers.csv", &a).refused(&["numbers.csv:1", "by their number", "order_id"]);
    from("uuid.csv", &a).refused(&["uuid.csv:2:1", "104e18a2-d755", "whole numbers"]);
    from("broken.csv", "manual:a").refused(&["broken.csv:3:1", "broken.csv:4:1", "`No` is no provider"]);
    from("broken.ndjson", "manual:a").refused(&["broken.ndjson:2:"]);
    from("other.csv", &a).refused(&["other.csv:1", "`provider` and `order_id`", "Lemon Squeezy"]);
    from("latin.csv", "manual:a").refused(&["latin.csv:3", "UTF-8"]);
    from("empty.csv", &a).refused(&["the file is empty"]);
    from("missing.csv", &a).refused(&["missing.csv"]);
}
