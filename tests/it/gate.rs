//! The gate on real courses: it finds what was put there, and nothing that was not.

#![allow(clippy::print_stderr, reason = "a test that is skipped says so")]

use std::path::Path;

use bookplate::diag::Severity;
use bookplate::fs::read_tree;
use bookplate::gate;
use bookplate::protocol::SiteKey;
use bookplate::site::{Kind, Mode, Seals};
use bookplate::template::Theme;

use crate::builder::{Built, Site, YAML, assemble};

/// The course `folder` of the corpora as a course of a shop, every second lesson free; `None`, saying so, if it is not there.
fn half_sold(folder: &str) -> Option<(Site, Built)> {
    let home = std::env::var_os("BOOKPLATE_CORPORA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpora"), std::path::PathBuf::from);
    let root = home.join(folder);
    if !root.is_dir() {
        eprintln!("SKIPPED: {} is not there", root.display());
        return None;
    }
    let mut site = Site::new().yaml(YAML).file("content/book/index.md", "---\nid: book\ntitle: The book\naccess: premium\n---\n");
    for (number, (path, bytes)) in read_tree(&root, &[]).expect("readable").into_iter().enumerate() {
        let free = number % 2 == 0 && path.ends_with(".md") && !path.ends_with("SUMMARY.md") && !bytes.starts_with(b"---");
        let bytes = if free { [b"---\naccess: free\n---\n".as_slice(), &bytes].concat() } else { bytes };
        if path != "index.md" {
            site = site.file(&format!("content/book/{path}"), bytes);
        }
    }
    // Extracts miss pictures, which a sealed lesson must not; and a site is stricter than the bare folders that these courses are.
    for _ in 0..4 {
        for d in site.read().found.iter().filter(|d| d.severity == Severity::Error) {
            let source = d.place.as_ref().map(|p| p.path.clone()).expect("a place");
            let picture = d.message.split('`').nth(1).filter(|_| d.rule == "image/missing-sealed");
            let picture = picture.map(|name| resolve(source.rsplit_once('/').map_or("", |(folder, _)| folder), name));
            site = match picture.filter(|path| !site.files().iter().any(|(have, _)| have == path)) {
                Some(path) => site.file(&path, noise(&path)),
                None => site.without(&source),
            };
        }
    }
    let read = site.read();
    let edition = read.edition();
    let errors: Vec<String> = read.rules(Severity::Error);
    assert!(errors.is_empty(), "{errors:?}");
    let seals = Seals { key: SiteKey::from_bytes([3; 32]), preview: true };
    let built =
        assemble(edition, &Theme::folio().expect("folio"), Some(&seals), Mode::Preview).unwrap_or_else(|p| panic!("{}", p.render(3)));
    Some((site, built))
}

/// Words alone, in lower case.
fn folded(text: &str) -> String {
    text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect::<Vec<_>>().join(" ").to_lowercase()
}

/// Bytes that stand nowhere else.
fn noise(name: &str) -> Vec<u8> {
    let seed = name.bytes().fold(7_u32, |h, b| h.wrapping_mul(31).wrapping_add(u32::from(b)));
    (0..3000_u32).map(|i| ((i ^ seed).wrapping_mul(2_654_435_761) >> 11) as u8).collect()
}

fn resolve(folder: &str, name: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').collect();
    for part in name.split('/') {
        match part {
            ".." => _ = parts.pop(),
            "" | "." => {}
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[test]
fn real_courses_half_for_sale_have_no_findings_that_are_none() {
    for folder in ["rust-book/src", "learn-go-with-tests", "self-llm-zh"] {
        let Some((_, built)) = half_sold(folder) else { continue };
        let report = gate::check(built.outputs.bytes(), &built.passages);
        eprintln!("{folder}: {} runs, {} public, {} files, {} bytes", report.runs, report.public_runs, report.files, report.bytes);
        assert!(report.findings.is_empty(), "{folder}: {}", report.findings.render(3));
        assert!(report.runs > 10_000 && built.figures.sealed_lessons > 10, "{folder}: {:?}", built.figures);
    }
}

#[test]
fn every_sealed_lesson_of_a_real_course_is_found_when_eight_words_of_it_leak() {
    let Some((site, built)) = half_sold("rust-book/src") else { return };
    let read = site.read();
    let open: Vec<String> = read.edition().lessons().filter_map(|(_, l)| l.body.open.as_ref()).map(|p| folded(&p.get().text)).collect();
    let page = built.outputs.iter().find(|(_, o)| o.kind == Kind::Page).expect("a page").1;
    let mut tried = 0;
    for (_, lesson) in read.edition().lessons() {
        let Some(sealed) = &lesson.body.sealed else { continue };
        let text = &sealed.open_for_gate().text;
        // eight plain words from the middle of the lesson
        let plain = |words: &Vec<&str>| words.len() == 8 && words.iter().all(|w| w.chars().all(|c| c.is_ascii_alphabetic()));
        let starts = text.lines().map(|line| line.split_whitespace().skip(3).take(8).collect());
        let Some(words) = starts.filter(plain).nth(1) else { continue };
        if open.iter().any(|text| text.contains(&folded(&words.join(" ")))) {
            continue;
        }
        let leak = format!("{}<p>{}</p>", String::from_utf8_lossy(&page.bytes), words.join(" "));
        let report = gate::check([("index.html", leak.as_bytes())], &built.passages);
        tried += 1;
        assert!(!report.findings.is_empty(), "{}: {words:?}", lesson.source);
    }
    assert!(tried > 20, "only {tried} lessons had a plain sentence");
}
