//! Real courses as premium courses, and what a copy of them reads.

use std::collections::HashSet;
use std::ops::Range;
use std::path::PathBuf;

use bookplate::edition::{self, Edition, ReadOptions};
use bookplate::protocol::{Addresses, BuyerId, Codeword, CourseId, OrderRef, Params, Seat, SiteId, SiteKey};

/// A course and the key that it is sold under.
pub struct Course {
    pub edition: Edition,
    pub key: SiteKey,
    pub site: SiteId,
    pub id: CourseId,
    pub params: Params,
    /// The lessons in reading order.
    pub lessons: Vec<Vec<Piece>>,
}

/// A sentence, or what stands between sentences.
#[derive(Debug, Clone)]
pub struct Piece {
    pub author: String,
    pub mark: Option<Mark>,
    /// Begins a paragraph.
    pub first: bool,
}

/// What a sentence in two wordings carries.
#[derive(Debug, Clone)]
pub struct Mark {
    pub position: u32,
    pub author_slot: bool,
    pub carriers: Vec<Carrier>,
}

/// A place where the wordings differ.
#[derive(Debug, Clone)]
pub struct Carrier {
    /// It comes from a list that everybody can read.
    pub public: bool,
    /// Bytes of the author's wording.
    pub at: Range<usize>,
    pub other: String,
}

impl Course {
    /// A course of the corpora, everything in it for sale; `None` where the corpora are missing. `change` may edit every Markdown file.
    pub fn load(corpus: &str, below: &str, language: &str, settings: &str, change: impl Fn(String) -> String) -> Option<Self> {
        let root = corpora().join(corpus).join(below);
        if !root.is_dir() {
            return None;
        }
        let yaml = format!("site:\n  id: site\n  title: Site\n  url: https://example.com/\n  language: {language}\n{settings}");
        let index = "---\nid: course\naccess: premium\n---\n# A course\n";
        let mut files = vec![("bookplate.yaml".to_owned(), yaml.into_bytes()), ("content/c/index.md".to_owned(), index.into())];
        let mut seen = HashSet::new();
        for entry in walkdir::WalkDir::new(&root).sort_by_file_name() {
            let entry = entry.expect("the corpora are readable");
            let path = entry.path().strip_prefix(&root).expect("below").to_string_lossy().into_owned();
            // Two names that differ in case have one address.
            let known = !seen.insert(path.to_lowercase());
            if entry.file_type().is_file() && !known && !path.eq_ignore_ascii_case("index.md") && path != "README.md" {
                let bytes = std::fs::read(entry.path()).expect("the corpora are readable");
                let bytes = match String::from_utf8(bytes) {
                    Ok(text) if path.ends_with(".md") => change(without_pictures(body(&text))).into_bytes(),
                    Ok(text) => text.into_bytes(),
                    Err(binary) => binary.into_bytes(),
                };
                files.push((format!("content/c/{path}"), bytes));
            }
        }
        let (edition, found) = edition::read(files, &ReadOptions::default());
        let edition = edition.unwrap_or_else(|| panic!("{}", found.render(3)));
        let (site, id) = (SiteId::parse("site").expect("an id"), CourseId::parse("course").expect("an id"));
        let course = edition.courses.first().expect("a course");
        let marks = &course.marks;
        let params = Params::from_numbers(marks.collusion, marks.positions, marks.generation).expect("parameters");
        let key = SiteKey::from_bytes([9; 32]);
        let addresses = Addresses::new(&key, &site, &id, params.m);
        let lessons =
            course.lessons().into_iter().filter_map(|lesson| Some(pieces(lesson.body.sealed.as_ref()?.open_for_author(), &addresses)));
        let lessons = lessons.collect();
        Some(Self { key, site, id, params, lessons, edition })
    }

    /// The order of that number, and its codeword.
    pub fn buyer(&self, number: usize) -> BuyerId {
        let order: OrderRef = format!("manual:{number}").parse().expect("an order");
        self.key.buyer(&self.site, &order, Seat(0))
    }

    pub fn codeword(&self, number: usize) -> Codeword {
        self.key.codeword(&self.site, &self.id, self.params, &self.buyer(number))
    }
}

impl Piece {
    /// With the other words at every carrier that `other` says.
    pub fn worded(&self, mut other: impl FnMut(&Mark, &Carrier) -> bool) -> String {
        let (mut text, mut at) = (String::new(), 0);
        if let Some(mark) = &self.mark {
            for carrier in mark.carriers.iter().filter(|carrier| other(mark, carrier)) {
                text.push_str(&self.author[at..carrier.at.start]);
                text.push_str(&carrier.other);
                at = carrier.at.end;
            }
        }
        text + &self.author[at..]
    }

    /// As a copy reads it.
    pub fn of(&self, codeword: &Codeword) -> String {
        self.worded(|mark, _| codeword.slot(mark.position) != mark.author_slot)
    }

    /// True if the author wrote an alternative himself.
    pub fn declared(&self) -> bool {
        self.mark.iter().flat_map(|mark| &mark.carriers).any(|carrier| !carrier.public)
    }
}

/// All Markdown of a corpus as it stands, one file behind the other; `None` where the corpora are missing.
pub fn corpus_text(corpus: &str) -> Option<String> {
    let root = corpora().join(corpus);
    let files = walkdir::WalkDir::new(&root).sort_by_file_name().into_iter().filter_map(Result::ok);
    let pages = files.filter(|file| file.path().extension().is_some_and(|e| e == "md"));
    let texts: Vec<String> = pages.filter_map(|file| std::fs::read_to_string(file.path()).ok()).collect();
    (!texts.is_empty()).then(|| texts.join("\n\n"))
}

fn corpora() -> PathBuf {
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/corpora");
    std::env::var_os("BOOKPLATE_CORPORA").map_or_else(beside, PathBuf::from)
}

/// A page without its front matter: other generators have keys of their own.
fn body(text: &str) -> &str {
    text.strip_prefix("---\n").and_then(|rest| rest.split_once("\n---\n")).map_or(text, |(_, body)| body)
}

/// The pictures of an extract are missing, which is an error where readers pay.
fn without_pictures(text: &str) -> String {
    text.replace("![", "[").replace("<img", "<span").replace(" src=\"", " title=\"")
}

fn pieces(prose: &edition::Prose, addresses: &Addresses) -> Vec<Piece> {
    let (mut pieces, mut at) = (Vec::new(), 0);
    for sentence in &prose.sentences {
        let gap = &prose.html[at..sentence.html.start];
        let block = ["<p", "<li", "<td", "<h", "<pre", "<dd", "<blockquote"].iter().any(|tag| gap.contains(tag));
        let text = text_of(gap);
        if !text.is_empty() {
            pieces.push(Piece { author: text, mark: None, first: block });
        }
        let address = addresses.of(&sentence.text);
        let mark = sentence.other.as_ref().map(|other| Mark {
            position: address.position,
            author_slot: address.author_slot,
            carriers: other.carriers.iter().map(|c| carrier(c, &other.text)).collect(),
        });
        pieces.push(Piece { author: sentence.text.clone(), mark, first: block });
        at = sentence.html.end;
    }
    pieces
}

fn carrier(carrier: &edition::Carrier, other: &str) -> Carrier {
    let public = carrier.class != edition::Class::Declared;
    Carrier { public, at: carrier.author.clone(), other: other[carrier.other.clone()].to_owned() }
}

/// What stands between tags.
fn text_of(html: &str) -> String {
    let mut out = String::new();
    for part in html.split('<') {
        out.push_str(part.split_once('>').map_or(part, |(_, text)| text));
    }
    out.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#39;", "'").replace("&amp;", "&").trim().to_owned()
}
