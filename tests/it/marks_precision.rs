//! What a reader judges: carriers drawn from real courses, each in its sentence, beside the sentence in the other wording.
//!
//! `cargo test --test it marks_precision -- --ignored --nocapture` prints 200 of each course. `BOOKPLATE_SEED` draws others,
//! `BOOKPLATE_CORPORA` says where the courses are.

#![allow(clippy::print_stdout, reason = "prints what is to be read")]

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use bookplate::mark::{Options, Rules, weave};
use bookplate::markdown::{Carrier, InlineKind, Met, parse, sentence_texts, walk};

/// How many carriers a reader gets.
const DRAWN: usize = 200;

/// A sentence in both wordings, and where they differ.
struct Sentence {
    author: String,
    other: String,
    carriers: Vec<Carrier>,
}

#[test]
#[ignore = "prints carriers to be judged by a reader"]
fn carriers_of_the_rust_book() {
    show("rust-book", "en");
}

#[test]
#[ignore = "prints carriers to be judged by a reader"]
fn carriers_of_the_java_guide() {
    show("javaguide-zh", "zh-CN");
}

fn show(course: &str, language: &str) {
    let home = std::env::var_os("BOOKPLATE_CORPORA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpora"), PathBuf::from);
    let sentences: Vec<Sentence> = lessons(&home.join(course)).iter().flat_map(|lesson| sentences_of(lesson, language)).collect();
    let marked: Vec<&Sentence> = sentences.iter().filter(|s| !s.carriers.is_empty()).collect();
    let carriers: Vec<(&Sentence, &Carrier)> = marked.iter().flat_map(|m| m.carriers.iter().map(move |c| (*m, c))).collect();
    for (i, (sentence, carrier)) in draw(&carriers, DRAWN, seed()).into_iter().enumerate() {
        let (author, other) = (&sentence.author[carrier.author.clone()], &sentence.other[carrier.other.clone()]);
        println!("{}. {} [{author}] -> [{other}]", i + 1, carrier.rule);
        println!("   {}\n   {}", sentence.author, sentence.other);
    }
    let whole = |s: &Sentence| s.author.ends_with(['.', '!', '?', ':', '。', '！', '？', '；', '：', ')', '）']);
    println!("{course}: {} carriers", carriers.len());
    share("sentences", marked.len(), sentences.len());
    share("sentences with a stop", marked.iter().filter(|m| whole(m)).count(), sentences.iter().filter(|s| whole(s)).count());
}

/// Prints a share in percent.
fn share(of: &str, marked: usize, all: usize) {
    #[expect(clippy::cast_precision_loss, reason = "a percentage for reading")]
    let percent = 100.0 * marked as f64 / all.max(1) as f64;
    println!("  {marked} of {all} {of} have a carrier, {percent:.1} %");
}

/// The sentences of a lesson in both wordings.
fn sentences_of(lesson: &str, language: &str) -> Vec<Sentence> {
    let rules = Rules::of(1).expect("rules 1 are there for ever");
    let exclude = HashSet::new();
    let mut blocks = parse(lesson, 0).blocks;
    weave(&mut blocks, &Options { rules: &rules, language, lexical: true, typographic: false, exclude: &exclude });
    let mut found = Vec::new();
    walk(&blocks, &mut |met| {
        if let Met::Inline(inline) = met
            && let InlineKind::Sentence(inner) = &inline.kind
        {
            let (author, other, carriers) = sentence_texts(inner);
            found.push(Sentence { author, other, carriers });
        }
    });
    found
}

/// The Markdown files of a course without their front matter, in the order of their paths.
fn lessons(root: &Path) -> Vec<String> {
    let files = walkdir::WalkDir::new(root).sort_by_file_name().into_iter().filter_map(Result::ok);
    let pages = files.filter(|f| f.path().extension().is_some_and(|e| e == "md"));
    let texts = pages.filter_map(|f| std::fs::read_to_string(f.path()).ok());
    texts
        .map(|text| match text.strip_prefix("---\n").and_then(|rest| rest.split_once("\n---\n")) {
            Some((_, body)) => body.to_owned(),
            None => text,
        })
        .collect()
}

fn seed() -> u64 {
    std::env::var("BOOKPLATE_SEED").ok().and_then(|s| s.parse().ok()).unwrap_or(1)
}

/// The first `count` of a shuffle that hangs on `seed` alone (Fisher and Yates; words of a linear congruential generator).
fn draw<T: Copy>(from: &[T], count: usize, mut seed: u64) -> Vec<T> {
    let mut rest = from.to_vec();
    let count = count.min(rest.len());
    for i in 0..count {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let left = rest.len() - i;
        rest.swap(i, i + usize::try_from(seed >> 33).unwrap_or(0) % left);
    }
    rest.truncate(count);
    rest
}

#[test]
fn a_draw_hangs_on_its_seed_alone() {
    let numbers: Vec<u32> = (0..100).collect();
    assert_eq!(draw(&numbers, 5, 7), draw(&numbers, 5, 7));
    assert_ne!(draw(&numbers, 5, 7), draw(&numbers, 5, 8));
    assert_eq!(draw(&numbers, 200, 7).iter().collect::<HashSet<_>>().len(), 100);
}
