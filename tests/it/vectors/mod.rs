//! The vectors of the protocol: files that every implementation walks, each with an expected result or failure class.
//!
//! `make` builds them all from fixed inputs; `BOOKPLATE_OVERWRITE=1 cargo test --test it vectors` writes them. `run` takes a file as it
//! lies there and holds this implementation against it; `tests/js/vectors.test.mjs` does the same for the browser.

mod fixed;
mod make;
mod make_lessons;
mod run;
mod schema;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use schema::Vector;

/// Folders of other rooms' vectors, which those rooms walk.
const ELSEWHERE: &[&str] = &["entitlements", "model"];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors")
}

/// Every file below `root` as (path with `/`, bytes), without the folders of other rooms.
fn files(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in walkdir::WalkDir::new(root).into_iter().filter_map(Result::ok).filter(|e| e.file_type().is_file()) {
        let path = entry.path().strip_prefix(root).unwrap().iter().map(|p| p.to_str().unwrap()).collect::<Vec<_>>().join("/");
        if !ELSEWHERE.iter().any(|room| path.starts_with(&format!("{room}/"))) {
            found.insert(path, std::fs::read(entry.path()).unwrap());
        }
    }
    found
}

/// Runs all vectors of a folder: how many, or every one that fails.
fn walk(files: &BTreeMap<String, Vec<u8>>) -> Result<usize, Vec<String>> {
    let (mut wrong, mut count, mut used) = (Vec::new(), 0, BTreeSet::new());
    for (path, bytes) in files.iter().filter(|(path, _)| !path.ends_with(".bin")) {
        count += 1;
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let mut read = |name: &str| {
            let whole = if name.contains('/') { name.to_owned() } else { format!("{folder}/{name}") };
            used.insert(whole.clone());
            files.get(&whole).cloned().ok_or(format!("`{whole}` is missing"))
        };
        let outcome = serde_json::from_slice::<Vector>(bytes).map_err(|e| e.to_string()).and_then(|vector| run::run(&vector, &mut read));
        if let Err(why) = outcome {
            wrong.push(format!("{path}: {why}"));
        }
    }
    wrong.extend(
        files.keys().filter(|path| path.ends_with(".bin") && !used.contains(*path)).map(|path| format!("{path}: no vector names it")),
    );
    if wrong.is_empty() { Ok(count) } else { Err(wrong) }
}

#[test]
fn every_vector_gives_its_result_or_its_failure_class() {
    match walk(&files(&folder())) {
        Ok(count) => assert!(count > 100, "only {count} vectors: is the folder whole?"),
        Err(wrong) => panic!("{}", wrong.join("\n")),
    }
}

#[test]
fn the_files_are_what_the_inputs_give() {
    let (made, found) = (make::all(), files(&folder()));
    if std::env::var_os("BOOKPLATE_OVERWRITE").is_some() {
        for path in found.keys().filter(|path| !made.contains_key(*path)) {
            std::fs::remove_file(folder().join(path)).unwrap();
        }
        for (path, bytes) in &made {
            std::fs::create_dir_all(folder().join(path).parent().unwrap()).unwrap();
            std::fs::write(folder().join(path), bytes).unwrap();
        }
        return;
    }
    let differ: Vec<_> = made.iter().filter(|(path, bytes)| found.get(*path) != Some(bytes)).map(|(path, _)| path).collect();
    let extra: Vec<_> = found.keys().filter(|path| !made.contains_key(*path)).collect();
    assert!(differ.is_empty() && extra.is_empty(), "other bytes: {differ:?}\nnot made here: {extra:?}\nBOOKPLATE_OVERWRITE=1 writes them");
}

#[test]
fn every_failure_class_of_a_binary_form_has_a_vector() {
    let mut seen = BTreeSet::new();
    for (_, bytes) in files(&folder()).iter().filter(|(path, _)| path.ends_with(".json")) {
        let value: serde_json::Value = serde_json::from_slice(bytes).unwrap();
        seen.extend(value["fails"].as_str().map(String::from));
    }
    let missing: Vec<_> = bookplate::protocol::OpenError::ALL.iter().map(|e| e.name()).filter(|name| !seen.contains(*name)).collect();
    assert!(missing.is_empty(), "no vector fails with {missing:?}");
}

#[test]
fn a_failing_vector_bears_its_class_in_its_name() {
    for (path, bytes) in files(&folder()).iter().filter(|(path, _)| path.ends_with(".json")) {
        let value: serde_json::Value = serde_json::from_slice(bytes).unwrap();
        let name = path.rsplit('/').next().unwrap();
        if let Some(class) = value["fails"].as_str() {
            assert!(name.strip_prefix(class).is_some_and(|rest| rest.starts_with(['-', '.'])), "{path} fails with {class}");
        }
    }
}

#[test]
fn the_specification_names_every_label_class_and_folder() {
    let page = std::fs::read_to_string(folder().join("../../content/reference/protocol.md")).unwrap();
    let mut names: BTreeSet<String> = bookplate::protocol::OpenError::ALL.iter().map(|e| e.name().to_owned()).collect();
    for (path, bytes) in files(&folder()).iter().filter(|(path, _)| path.ends_with(".json")) {
        names.extend(path.split_once('/').map(|(folder, _)| folder.to_owned()));
        if let Ok(Vector::Derivation { steps, .. }) = serde_json::from_slice(bytes) {
            let label = |step: schema::Step| if let schema::Op::Derive { label, .. } = step.op { Some(label) } else { None };
            names.extend(steps.into_iter().filter_map(label).filter(|label| label != "part"));
        }
        let value: serde_json::Value = serde_json::from_slice(bytes).unwrap();
        names.extend(value["fails"].as_str().map(String::from));
    }
    let missing: Vec<_> = names.iter().filter(|name| !page.contains(&format!("`{name}`"))).collect();
    assert!(missing.is_empty(), "content/reference/protocol.md does not name {missing:?}");
}

#[test]
fn a_file_of_an_unknown_kind_fails_and_so_does_one_that_nothing_names() {
    let with = |name: &str, text: &str| walk(&BTreeMap::from([(name.to_owned(), text.as_bytes().to_vec())])).unwrap_err().join("\n");
    assert!(with("x/new.json", r#"{"kind":"brand-new","shows":"?"}"#).contains("unknown variant"));
    assert!(with("x/new.toml", "kind = 1").contains("x/new.toml"));
    assert!(with("x/lonely.bin", "").contains("no vector names it"));
}
