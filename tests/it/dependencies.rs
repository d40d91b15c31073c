//! The key server reaches nothing that could hold lesson text.

use std::process::Command;

/// Packages that parse, highlight or lay out text.
const CONTENT: &[&str] = &["pulldown-cmark", "tera", "syntect", "two-face", "onig", "imagesize", "serde-saphyr", "walkdir", "notify"];

#[test]
fn without_the_site_there_is_no_content_code() {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let tree = |more: &[&str]| {
        let mut command = Command::new(&cargo);
        command.args(["tree", "-e", "normal", "--prefix", "none", "--offline"]).args(more).current_dir(env!("CARGO_MANIFEST_DIR"));
        let out = command.output().expect("cargo runs");
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        String::from_utf8(out.stdout).expect("UTF-8")
    };
    let names = |tree: &str| tree.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect::<Vec<_>>();
    let (whole, server) = (names(&tree(&[])), names(&tree(&["--no-default-features"])));
    for name in CONTENT {
        assert!(whole.iter().any(|n| n == name), "`{name}` is not used at all: take it off this list");
        assert!(!server.iter().any(|n| n == name), "the key server reaches `{name}`");
    }
    assert!(server.iter().any(|n| n == "axum") && server.iter().any(|n| n == "rusqlite"));
}
