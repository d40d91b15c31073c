//! Real courses, read as they are. They are looked for in `BOOKPLATE_CORPORA`, else in `../shared/corpora`; where they are missing, the
//! tests say SKIPPED and pass.

#![allow(clippy::print_stderr, reason = "says what was skipped, and what was counted")]

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

/// Runs `check` on a corpus, if it is there.
fn with(corpus: &LazyLock<Option<Corpus>>, check: impl FnOnce(&Corpus)) {
    if let Some(corpus) = &**corpus {
        check(corpus);
    }
}

impl Corpus {
    /// Every `.md` on the disk that should have a page: below `src/` of an mdBook, without `SUMMARY.md`.
    fn markdown_on_disk(&self) -> BTreeSet<String> {
        let book = self.root.join("book.toml").exists();
        let listed = |entry: &walkdir::DirEntry| entry.depth() == 0 || !entry.file_name().to_string_lossy().starts_with('.');
        walkdir::WalkDir::new(&self.root)
            .into_iter()
            .filter_entry(listed)
            .map(|entry| entry.expect("readable").path().strip_prefix(&self.root).expect("below").to_string_lossy().into_owned())
            .filter(|path| path.ends_with(".md") && (!book || path.starts_with("src/")) && !path.ends_with("SUMMARY.md"))
            .collect()
    }

    /// Sources in reading order, the course's own page first.
    fn order(&self) -> Vec<&str> {
        let course = &self.edition.courses[0];
        course.intro_source.as_deref().into_iter().chain(course.lessons().into_iter().map(|l| l.source.as_str())).collect()
    }

    /// HTML and URL of every page by its source.
    fn pages(&self) -> BTreeMap<&str, (&str, &str)> {
        let course = &self.edition.courses[0];
        let mut pages: BTreeMap<&str, (&str, &str)> = BTreeMap::new();
        if let (Some(source), Some(prose)) = (&course.intro_source, &course.intro) {
            pages.insert(source, ("", &prose.get().html));
        }
        for lesson in course.lessons() {
            pages.insert(&lesson.source, (&lesson.url, lesson.body.open.as_ref().map_or("", |p| &p.get().html)));
        }
        pages
    }
}

#[test]
fn every_markdown_file_has_a_page_and_every_page_its_own_url() {
    for corpus in [&RUST_BOOK, &LEARN_GO, &IOT_EN, &SELF_LLM, &JAVAGUIDE] {
        with(corpus, |corpus| {
            let order = corpus.order();
            let pages: BTreeSet<String> = order.iter().map(|s| (*s).to_owned()).collect();
            assert_eq!(pages.len(), order.len(), "a page twice in {}", corpus.root.display());
            assert_eq!(pages, corpus.markdown_on_disk(), "{}", corpus.root.display());
            let urls: BTreeSet<String> = corpus.pages().values().map(|(url, _)| url.to_lowercase()).collect();
            assert_eq!(urls.len(), order.len());
        });
    }
}

#[test]
fn summaries_give_the_order() {
    for (corpus, folder) in [(&RUST_BOOK, "src/"), (&LEARN_GO, "")] {
        with(corpus, |corpus| {
            let summary = std::fs::read_to_string(corpus.root.join(format!("{folder}SUMMARY.md"))).expect("a summary");
            let listed: Vec<String> =
                summary.split("](").skip(1).filter_map(|s| Some(format!("{folder}{}", s.split_once(')')?.0))).collect();
            assert!(listed.len() > 40);
            let order: Vec<&str> = corpus.order().into_iter().filter(|path| listed.iter().any(|l| l == path)).collect();
            assert_eq!(order, listed);
        });
    }
}

/// The order of first mentions in `text`, of those names that it mentions as `](name` or `](./name`.
fn mentioned<'n>(text: &str, names: &[&'n str]) -> Vec<&'n str> {
    let at = |name: &&'n str| {
        let forms =
            [format!("]({name}"), format!("](./{name}")].map(|f| [format!("{f}.md"), format!("{f}/"), format!("{f})"), format!("{f}#")]);
        forms.iter().flatten().filter_map(|form| text.find(form.as_str())).min()
    };
    let mut found: Vec<(usize, &str)> = names.iter().filter_map(|name| Some((at(name)?, *name))).collect();
    found.sort_unstable();
    found.into_iter().map(|(_, name)| name).collect()
}

/// The children of each folder in reading order, as names without `.md`.
fn children<'o>(order: &[&'o str]) -> BTreeMap<&'o str, Vec<&'o str>> {
    let mut folders: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for path in order {
        for (at, _) in path.match_indices('/').chain([(path.len(), "")]) {
            let (folder, name) = path[..at].rsplit_once('/').unwrap_or(("", &path[..at]));
            let name = name.trim_end_matches(".md");
            let known = folders.entry(folder).or_default();
            if !name.eq_ignore_ascii_case("readme") && known.last() != Some(&name) {
                known.push(name);
            }
        }
    }
    folders
}

#[test]
fn numbers_give_the_order() {
    let number = |name: &str| name.split(|c: char| !c.is_ascii_digit()).next().and_then(|n| n.parse::<u32>().ok());
    for (corpus, at_least) in [(&IOT_EN, 6), (&SELF_LLM, 40)] {
        with(corpus, |corpus| {
            let order = corpus.order();
            let mut checked = 0;
            for (folder, names) in children(&order) {
                let numbers: Vec<u32> = names.iter().filter_map(|n| number(n)).collect();
                if numbers.len() > 1 && numbers.len() == names.len() {
                    assert!(numbers.is_sorted(), "{folder}: {names:?}");
                    checked += 1;
                }
            }
            assert!(checked >= at_least, "{checked} folders have numbers");
        });
    }
    with(&IOT_EN, |corpus| {
        let order = corpus.order();
        let top = &children(&order)[""];
        assert_eq!(top[..6], ["1-getting-started", "2-farm", "3-transport", "4-manufacturing", "5-retail", "6-consumer"]);
    });
}

#[test]
fn links_of_the_folders_page_give_the_order() {
    with(&JAVAGUIDE, |corpus| {
        let order = corpus.order();
        let mut checked = 0;
        for (folder, names) in children(&order) {
            let readme = corpus.root.join(folder).join("README.md");
            let Ok(text) = std::fs::read_to_string(readme) else { continue };
            let listed = mentioned(&text, &names);
            let got: Vec<&str> = names.iter().copied().filter(|n| listed.contains(n)).collect();
            assert_eq!(got, listed, "{folder}");
            checked += usize::from(listed.len() > 2);
        }
        assert!(checked > 15, "{checked} folders");
    });
}

/// What a reference that `refs/*.tsv` lists as ok stands for, found on the disk without our code.
fn on_disk(root: &Path, file: &str, target: &str) -> Option<String> {
    let path = target.split(['#', '?']).next()?;
    let decoded = percent_encoding::percent_decode_str(path).decode_utf8().ok()?;
    let here = if path.starts_with('/') { Path::new("") } else { Path::new(file).parent()? };
    for spelling in [path, &decoded] {
        let mut parts: Vec<String> = here.iter().map(|p| p.to_string_lossy().into_owned()).collect();
        for part in spelling.split('/') {
            match part {
                "" | "." => {}
                ".." => _ = parts.pop(),
                name => parts.push(name.to_owned()),
            }
        }
        let plain = parts.join("/");
        let stem = plain.trim_end_matches(".html");
        let forms = [plain.clone(), format!("{stem}.md"), format!("{plain}/README.md"), format!("{plain}/readme.md")];
        if let Some(form) = forms.into_iter().find(|p| root.join(p).is_file()) {
            return Some(form);
        }
    }
    None
}

/// True for `[label]: target` whose label nobody uses: no link.
fn is_unused_definition(file: &Path, target: &str) -> bool {
    let text = std::fs::read_to_string(file).expect("readable");
    let label = text.lines().find_map(|line| line.strip_suffix(target)?.strip_suffix(": "));
    // Labels are compared without case and may be broken over lines.
    let folded = |text: &str| text.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ");
    label.is_some_and(|label| label.starts_with('[') && folded(&text).matches(&folded(label)).count() == 1)
        && text.matches(target).count() == 1
}

fn href(path: &str) -> String {
    let site = edition::Site::bare(String::new(), String::new(), edition::Language::En);
    site.href(path).replace('&', "&amp;").replace('\'', "&#39;")
}

#[test]
fn every_reference_that_is_ok_on_the_disk_resolves() {
    for (corpus, name, at_least) in [
        (&RUST_BOOK, "rust-book", 185),
        (&LEARN_GO, "learn-go-with-tests", 80),
        (&IOT_EN, "iot-en", 380),
        (&SELF_LLM, "self-llm-zh", 560),
        (&JAVAGUIDE, "javaguide-zh", 1_690),
    ] {
        with(corpus, |corpus| {
            let table = corpus.root.with_file_name("refs").join(format!("{name}.refs.tsv"));
            let table = std::fs::read_to_string(table).expect("a table of references");
            let pages = corpus.pages();
            let assets: BTreeMap<&str, &str> = corpus.edition.files.iter().map(|f| (f.source.as_str(), f.path.as_str())).collect();
            let (mut resolved, mut wrong) = (0, Vec::new());
            for row in table.lines().skip(1) {
                let [file, kind, target, _, "ok"] = row.split('\t').collect::<Vec<_>>()[..] else { continue };
                let Some((_, html)) = pages.get(file) else { continue };
                if is_unused_definition(&corpus.root.join(file), target) {
                    continue;
                }
                let place = match on_disk(&corpus.root, file, target) {
                    Some(path) => pages.get(path.as_str()).map(|(url, _)| *url).or_else(|| assets.get(path.as_str()).copied()),
                    // A folder of pages without one of its own: any page in it.
                    None => Some("models/"),
                };
                let found = place.is_some_and(|place| {
                    let attribute = if kind == "image" { "src" } else { "href" };
                    html.contains(&format!("{attribute}=\"{}", href(place))) || target.contains('#') && html.contains("href=\"#")
                });
                if found {
                    resolved += 1;
                } else {
                    wrong.push(row);
                }
            }
            eprintln!("{name}: {resolved} references resolve, {} do not", wrong.len());
            assert!(wrong.is_empty() && resolved >= at_least, "{resolved}\n{}", wrong.join("\n"));
        });
    }
}

#[test]
fn sixteen_locales_are_read_whole() {
    let Some(corpus) = corpus("iot-16-locales") else { return };
    assert_eq!(corpus.order().len(), corpus.markdown_on_disk().len());
    assert!(corpus.order().len() > 2_100);
    assert!(!corpus.found.has_errors());
}

#[test]
fn a_real_course_for_sale_has_no_open_text() {
    let Some(corpus) = &*RUST_BOOK else { return };
    let mut files: Vec<(String, Vec<u8>)> = read_tree(&corpus.root.join("src"), &[]).expect("readable");
    // Pictures that the extract leaves out: missing ones are errors where readers pay.
    let missing = |d: &bookplate::diag::Diagnostic| {
        let target = d.message.split('`').nth(1).filter(|_| d.rule == "image/missing")?;
        Some((target.to_owned(), b"stand-in".to_vec()))
    };
    files.extend(corpus.found.iter().filter_map(missing));
    let mut files: Vec<(String, Vec<u8>)> = files.into_iter().map(|(path, bytes)| (format!("content/book/{path}"), bytes)).collect();
    files.push(("bookplate.yaml".into(), super::builder::YAML.into()));
    files.push(("content/book/index.md".into(), b"---\nid: book\naccess: premium\n---\n# The book\n".to_vec()));
    let start = std::time::Instant::now();
    let (edition, found) = edition::read(files, &ReadOptions::default());
    let edition = edition.unwrap_or_else(|| panic!("{}", found.render(3)));
    eprintln!("rust-book for sale: {:?}", start.elapsed());
    let lessons: Vec<_> = edition.lessons().map(|(_, lesson)| lesson).collect();
    assert_eq!(lessons.len(), corpus.order().len());
    assert!(lessons.iter().all(|l| l.body.open.is_none() && l.body.sealed.is_some() && l.headings.get().is_empty()));
    assert!(edition.files.is_empty() && lessons.iter().map(|l| l.body.sealed_assets.len()).sum::<usize>() >= 24);
}
