//! Whole sites against what is expected of them: `tests/golden/<case>/site` becomes `tests/golden/<case>/expected`.
//!
//! `BOOKPLATE_OVERWRITE=1 cargo test --test it golden::` writes the expectation anew; look at the difference before it is committed. Hashes of theme,
//! reader and sealed files change with every edit of those, so they stand as `HASH`; sealed files and files of the theme are listed, not kept.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use bookplate::edition::{self, ReadOptions};
use bookplate::fs::read_tree;
use bookplate::gate;
use bookplate::protocol::SiteKey;
use bookplate::site::{Kind, Mode, Seals};
use bookplate::template::Theme;

use crate::builder::assemble;

fn home() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

#[test]
fn shop() {
    case("shop");
}

#[test]
fn book() {
    case("book");
}

#[test]
fn every_case_is_run() {
    let mut cases: Vec<String> =
        std::fs::read_dir(home()).expect("cases").map(|e| e.expect("readable").file_name().to_string_lossy().into_owned()).collect();
    cases.sort();
    assert_eq!(cases, ["book", "shop"]);
}

#[track_caller]
fn case(name: &str) {
    let folder = home().join(name);
    let found = build(&folder.join("site"));
    let expected = folder.join("expected");
    if std::env::var_os("BOOKPLATE_OVERWRITE").is_some() {
        let _ = std::fs::remove_dir_all(&expected);
        for (path, text) in &found {
            let path = expected.join(path);
            std::fs::create_dir_all(path.parent().expect("below")).expect("a folder");
            std::fs::write(path, text).expect("written");
        }
        return;
    }
    let wanted: BTreeMap<String, String> = read_tree(&expected, &[])
        .expect("an expectation; BOOKPLATE_OVERWRITE=1 writes one")
        .into_iter()
        .map(|(path, bytes)| (path, String::from_utf8(bytes).expect("text")))
        .collect();
    let names = |files: &BTreeMap<String, String>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&found), names(&wanted), "{name}: files that are new, or expected and not made");
    for (path, text) in &found {
        if let Some((number, (is, want))) = text.lines().zip(wanted[path].lines()).enumerate().find(|(_, (is, want))| is != want) {
            panic!("{name}: {path}:{}\n  is   {is}\n  want {want}", number + 1);
        }
        assert_eq!(text, &wanted[path], "{name}: {path}");
    }
}

/// Pages, catalog and small text files of a site, and `files.txt` with all paths.
fn build(dir: &Path) -> BTreeMap<String, String> {
    let files = read_tree(dir, &[]).expect("a site");
    let (edition, found) = edition::read(files, &ReadOptions { root_name: "golden".into(), ..ReadOptions::default() });
    let edition = edition.unwrap_or_else(|| panic!("{}", found.render(9)));
    let theme = Theme::with_overrides(&edition.theme_files).unwrap_or_else(|p| panic!("{}", p.render(9)));
    let seals = Seals { key: SiteKey::from_bytes([5; 32]), preview: false };
    let built = assemble(&edition, &theme, Some(&seals), Mode::Build).unwrap_or_else(|p| panic!("{}", p.render(9)));
    let report = gate::check(built.outputs.bytes(), &built.passages);
    assert!(report.findings.is_empty(), "{}", report.findings.render(9));
    let mut kept = BTreeMap::new();
    let mut list = String::new();
    for (path, output) in built.outputs.iter() {
        let path = without_hashes(path.as_str());
        list.push_str(&format!("{:?} {} {path}\n", output.kind, output.media_type));
        if matches!(output.kind, Kind::Page | Kind::Catalog) {
            kept.insert(path, without_hashes(std::str::from_utf8(&output.bytes).expect("text")));
        }
    }
    kept.insert("files.txt".to_owned(), list);
    kept
}

/// The text with every hash as `HASH`: `/t.<12>/`, `/r.<12>/`, and the SHA-256 of sealed files.
fn without_hashes(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| c.is_ascii_hexdigit()) {
        let (before, here) = rest.split_at(at);
        out.push_str(before);
        let length = here.find(|c: char| !c.is_ascii_hexdigit()).unwrap_or(here.len());
        let folder = length == 12 && (out.ends_with("-/t.") || out.ends_with("-/r."));
        out.push_str(if folder || length == 64 { "HASH" } else { &here[..length] });
        rest = &here[length..];
    }
    out.push_str(rest);
    out
}
