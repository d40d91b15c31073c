//! Leaks whose sources somebody tried to hide, leaks in odd wrappings, and places and names that would make `trace` do harm.

use crate::builder::YAML;
use crate::cli::Desk;
use crate::trace::{copy, desk, json, leaked, prose, trace};

/// The leak names its order, and what was done to it is told, on the terminal and in JSON.
#[track_caller]
fn named(desk: &Desk, file: &str, order: &str, told: &[&str]) {
    let said = trace(desk, &[file]).fine();
    assert!(said.out.contains(&format!("Matching copy: {order}, copy 0")), "{file}: {}", said.out);
    let notes = json(&trace(desk, &[file, "--json"]).fine())["notes"].to_string();
    for part in told {
        assert!(said.out.contains(part) && notes.contains(part), "{file}: no {part} in {}{notes}", said.out);
    }
}

#[test]
fn what_no_reader_sees_hides_no_copy() {
    let (desk, [_, b]) = desk();
    let text = copy(&desk, &b);
    let alike = |c: char| match c {
        'a' => '\u{430}',
        'e' => '\u{435}',
        'o' => '\u{3bf}',
        'p' => '\u{440}',
        'c' => '\u{441}',
        't' => '\u{442}',
        'W' => '\u{51c}',
        c => c,
    };
    let between = |noise: &str| {
        text.chars().flat_map(|c| [String::from(c), if c.is_alphabetic() { noise.into() } else { String::new() }]).collect::<String>()
    };
    let page = |noise: &str| format!("<p>{}</p><p></p>", text.replace(' ', &format!(" {noise} ")));
    let desk = desk
        .file("alike.txt", text.chars().map(alike).collect::<String>())
        .file("fillers.txt", between("\u{ffa0}"))
        .file("joiners.txt", between("\u{2060}\u{e0061}"))
        .file("controls.txt", between("\u{1}\u{7f}"))
        .file("noise.html", page("<i style=\"display:none\">harbour lamp</i>"))
        .file("class.html", format!("<style>.q{{font-size:0}}</style>{}", page("<b class=q>harbour</b>")))
        .file("template.html", page("<template>harbour</template>"));
    named(&desk, "alike.txt", &b, &["letters of another alphabet stand in"]);
    for unseen in ["fillers.txt", "joiners.txt", "controls.txt"] {
        named(&desk, unseen, &b, &["characters that nobody sees stand inside"]);
    }
    for hidden in ["noise.html", "class.html"] {
        named(&desk, hidden, &b, &["hidden element"]);
    }
    named(&desk, "template.html", &b, &[]);
}

#[test]
fn a_wrapped_leak_is_unwrapped() {
    use base64::Engine as _;
    let (desk, [_, b]) = desk();
    let text = copy(&desk, &b);
    let desk = desk
        .file("mail.txt", base64::engine::general_purpose::STANDARD.encode(&text))
        .file("page.json", serde_json::json!({ "lessons": [{ "body": text }] }).to_string())
        .file("wide.txt", text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>())
        .file("odd.txt", [text.as_bytes(), &b"\xff\xfe\x81 "[..].repeat(400)].concat())
        .file("book.rtf", "{\\rtf1 We do not}");
    named(&desk, "mail.txt", &b, &["taken out of base64"]);
    named(&desk, "page.json", &b, &["taken out of JSON"]);
    named(&desk, "wide.txt", &b, &["read as UTF-16"]);
    assert!(trace(&desk, &["odd.txt"]).fine().out.contains("not in UTF-8"));
    trace(&desk, &["book.rtf"]).refused(&["RTF", "save it as text"]);
}

#[test]
fn a_report_for_a_holder_names_no_other() {
    let (desk, [a, b]) = desk();
    let lesson = |order: &str, lesson: &str| desk.run(&["copy", lesson, "--site", "site", "--preview-key", "--order", order]).fine().out;
    let both = lesson(&a, "one") + &lesson(&b, "two");
    let desk = desk.file("leak.txt", both);
    trace(&desk, &["leak.txt", "--report", "report.html"]).fine();
    let page = |name: &str| std::fs::read_to_string(desk.path(name)).expect("a page");
    let [whole, one, two] = ["report.html", "report-1.html", "report-2.html"].map(page);
    assert!(whole.contains(&a) && whole.contains(&b) && whole.contains("For the author alone"), "{whole}");
    for (page, other) in [(&one, &two), (&two, &one)] {
        let own = [&a, &b].into_iter().filter(|order| page.contains(*order)).collect::<Vec<_>>();
        assert!(own.len() == 1 && !other.contains(own[0]) && !page.contains("For the author alone"), "{page}");
    }
}

#[test]
fn parts_of_a_leak_share_its_counter() {
    let (desk, [a, b]) = desk();
    let (text, other) = (copy(&desk, &b), copy(&desk, &a));
    let half = text.split("\n\n").step_by(2).collect::<Vec<_>>().join("\n\n");
    let desk = desk.file("leak.txt", &text).file("half.txt", half).file("other.txt", other);
    let run = |leak: &str| json(&trace(&desk, &[leak, "--json"]).fine())["run"].as_u64();
    assert_eq!([run("leak.txt"), run("half.txt"), run("other.txt"), run("half.txt")], [Some(1), Some(2), Some(1), Some(2)]);
}

#[test]
fn names_write_no_lines() {
    let (desk, [_, b]) = desk();
    let name = "a\n  Matching copy: x\u{202e}.txt";
    let desk = leaked(desk, &b).file(name, "We do not move it.\n").file("e\nerror: y", "");
    let said = trace(&desk, &[name]).fine();
    assert!(said.out.contains("a\\u{a}  Matching copy: x\\u{202e}.txt") && !said.out.contains('\u{202e}'), "{}", said.out);
    for said in [trace(&desk, &["e\nerror: y"]), trace(&desk, &["missing\nerror: z"])] {
        let said = said.refused(&["\\u{a}error"]);
        assert_eq!(said.err.lines().filter(|line| line.starts_with("error")).count(), 1, "{}", said.err);
    }
}

#[cfg(unix)]
#[test]
fn only_files_are_read_and_a_full_disk_is_a_failure() {
    let (desk, [_, b]) = desk();
    for (leak, why) in [("/dev/zero", "no regular file"), ("-", "`standard input` is empty")] {
        trace(&desk, &[leak]).refused(&[why]);
    }
    trace(&desk, &["site/bookplate.yaml", "--orders", "/dev/zero"]).refused(&["no regular file"]);
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_bookplate"));
    command.args(["copy", "--site", "site", "--preview-key", "--order", &b]).current_dir(desk.path(".")).env("HOME", desk.path("."));
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").expect("the full device");
    let out = command.stdout(full).output().expect("it runs");
    assert!(out.status.code() == Some(1) && String::from_utf8_lossy(&out.stderr).contains("cannot write"), "{out:?}");
}

#[test]
fn another_site_and_a_lesson_in_its_place_are_told_from_a_site() {
    let (desk, [a, b]) = desk();
    let desk = leaked(desk, &b)
        .file("other/bookplate.yaml", YAML.replace("test", "elsewhere"))
        .file("bookplate.yaml", YAML)
        .file("content/c/index.md", "---\nid: c\ntitle: C\n---\n")
        .file("content/c/one.md", format!("---\nid: one\ntitle: One\naccess: premium\n---\n{}", prose(3, 4)));
    trace(&desk, &["leak.txt", "--content", "other"]).refused(&["`elsewhere`", "`test`", "--site DIR"]);
    desk.run(&["marks", "one", "--preview-key"]).refused(&["the first argument is the site", "bookplate marks . one"]);
    desk.run(&["marks", ".", "one", "--preview-key"]).fine();
    let listed = desk.run(&["copy", "--site", "site", "--preview-key", "--order", "list"]).fine().out;
    assert!(listed.lines().eq([a, b].iter().collect::<std::collections::BTreeSet<_>>()), "{listed}");
}
