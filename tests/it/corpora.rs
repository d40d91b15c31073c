//! Real courses, read as they are. They are looked for in `BOOKPLATE_CORPORA`, else in `../shared/corpora`; where they are missing, the
//! tests say SKIPPED and pass.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use bookplate::diag::{Diagnostics, Severity};
use bookplate::edition::{self, Edition, ReadOptions};
use bookplate::fs::read_tree;

struct Corpus {
    root: PathBuf,
    edition: Edition,
    found: Diagnostics,
}

/// Reads a corpus; `None` if it is not there.
fn corpus(name: &str) -> Option<Corpus> {
    let home = std::env::var_os("BOOKPLATE_CORPORA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpora"), PathBuf::from);
    let root = home.join(name);
    if !root.is_dir() {
        eprintln!("SKIPPED: {} is not there", root.display());
        return None;
    }
    let files = read_tree(&root, &[]).expect("the corpus is readable");
    let start = std::time::Instant::now();
    let (edition, found) = edition::read(files, &ReadOptions { root_name: name.into(), ..ReadOptions::default() });
    let edition = edition.unwrap_or_else(|| panic!("{}", found.render(3)));
    let lessons = edition.lessons().count();
    eprintln!(
        "{name}: {lessons} lessons, {} files, {:?}, warnings {:?}, notes {:?}",
        edition.files.len(),
        start.elapsed(),
        found.by_rule(Severity::Warning),
        found.by_rule(Severity::Note)
    );
    Some(Corpus { root, edition, found })
}

macro_rules! shared {
    ($($name:ident = $folder:literal;)*) => {
        $(static $name: LazyLock<Option<Corpus>> = LazyLock::new(|| corpus($folder));)*
    };
}
shared! {
    RUST_BOOK = "rust-book";
    LEARN_GO = "learn-go-with-tests";
    IOT_EN = "iot-en";
    SELF_LLM = "self-llm-zh";
    JAVAGUIDE = "javaguide-zh";
}

#[test]
fn debug_look() {
    for c in [&RUST_BOOK, &LEARN_GO, &IOT_EN, &SELF_LLM, &JAVAGUIDE] {
        if let Some(c) = &**c {
            eprintln!("{} {}", c.root.display(), c.found.render(3));
            let _ = &c.edition;
        }
    }
}
