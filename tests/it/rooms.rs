//! The rooms of ARCHITECTURE.md: which module may name which. Every path that begins with `crate::` is read and held against the table.

use std::collections::BTreeSet;
use std::path::Path;

/// Room, and the rooms that it may use.
pub(crate) const ROOMS: &[(&str, &[&str])] = &[
    ("diag", &[]),
    ("fs", &[]),
    ("access", &[]),
    ("code", &[]),
    ("protocol", &["code"]),
    ("catalog", &["protocol", "diag"]),
    ("manifest", &["protocol"]),
    ("highlight", &[]),
    ("config", &["diag", "access"]),
    ("content", &["config", "diag", "access"]),
    ("markdown", &["diag", "highlight"]),
    ("mark", &["markdown", "protocol", "diag"]),
    ("edition", &["config", "content", "markdown", "mark", "access", "diag"]),
    ("template", &["access", "diag"]),
    ("site", &["edition", "template", "protocol", "catalog", "manifest", "gate", "access", "diag"]),
    ("gate", &["access", "diag"]),
    ("review", &["edition", "mark", "code", "protocol", "access", "diag"]),
    ("trace", &["edition", "mark", "markdown", "code", "protocol", "catalog", "access", "diag"]),
    ("publish", &["fs", "diag"]),
    ("pay", &[]),
    ("store", &["pay", "catalog", "protocol"]),
    ("outbound", &["pay"]),
    ("deploy", &["catalog", "outbound", "pay", "store", "protocol"]),
    ("verify", &["manifest", "catalog", "gate", "outbound", "protocol"]),
    ("keyserver", &["protocol", "catalog", "pay", "store", "outbound"]),
    ("rehearse", &["pay", "protocol", "outbound"]),
    ("doctor", &["catalog", "protocol", "store"]),
    ("preview", &["site", "publish", "gate", "keyserver", "rehearse", "edition", "review", "fs", "diag"]),
];

/// Rooms that may look inside `Sealed`, by the method that they use.
const OPENERS: &[(&str, &[&str])] =
    &[("open_for_sealing", &["site"]), ("open_for_gate", &["gate", "site"]), ("open_for_author", &["review", "trace"])];

#[test]
fn rooms_use_only_what_their_row_names() {
    let mut wrong = Vec::new();
    for (file, room, text) in sources() {
        let row = ROOMS.iter().find(|(name, _)| *name == room);
        let Some((_, allowed)) = row else {
            if !["cli", "lib", "main"].contains(&room.as_str()) {
                wrong.push(format!("{file}: room `{room}` has no row"));
            }
            continue;
        };
        for used in crate_paths(&text) {
            if used != room && !allowed.contains(&used.as_str()) {
                wrong.push(format!("{file}: `{room}` may not use `{used}`"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn only_sealing_and_the_gate_open_sealed_text() {
    let mut wrong = Vec::new();
    for (file, room, text) in sources() {
        for (method, rooms) in OPENERS {
            if text.contains(&format!(".{method}(")) && room != "access" && !rooms.contains(&room.as_str()) {
                wrong.push(format!("{file}: `{room}` calls `{method}`"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_reader_of_paths_sees_groups_and_nesting() {
    let found = crate_paths("use crate::{diag::Diagnostic, fs};\nlet x = crate::site::build();\nuse crate::code;");
    assert_eq!(found, ["code", "diag", "fs", "site"].map(String::from).into());
}

/// Every source file as (path, room, text).
fn sources() -> Vec<(String, String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    for entry in walkdir::WalkDir::new(&root) {
        let entry = entry.expect("src is readable");
        if entry.path().extension().is_some_and(|e| e == "rs") {
            let path = entry.path().strip_prefix(&root).expect("below src");
            let room = path.iter().next().expect("a name").to_string_lossy().trim_end_matches(".rs").to_owned();
            found.push((path.display().to_string(), room, std::fs::read_to_string(entry.path()).expect("UTF-8")));
        }
    }
    assert!(found.len() > 15, "the sources were not found");
    found
}

/// The first segment behind each `crate::`, groups included.
fn crate_paths(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (at, _) in text.match_indices("crate::") {
        let rest = &text[at + "crate::".len()..];
        match rest.strip_prefix('{') {
            None => _ = found.insert(identifier(rest)),
            Some(group) => {
                let (mut depth, mut fresh) = (1, true);
                for (i, c) in group.char_indices() {
                    match c {
                        '{' => depth += 1,
                        '}' => depth -= 1,
                        ',' if depth == 1 => fresh = true,
                        c if fresh && depth == 1 && c.is_alphabetic() => {
                            found.insert(identifier(&group[i..]));
                            fresh = false;
                        }
                        _ => {}
                    }
                    if depth == 0 {
                        break;
                    }
                }
            }
        }
    }
    found
}

fn identifier(text: &str) -> String {
    text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}
