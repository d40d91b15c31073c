//! What must not be found: sealed text as a set of runs, with phrases, file bytes and keys beside it.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::hash::BuildHasherDefault;
use std::sync::Arc;

use rayon::prelude::*;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::needles::Needles;
use super::views;
use super::words::{self, Spread, Word};
use crate::access::{Public, Sealed};

/// Kinds of findings, as their messages say them.
pub(super) const RUN: &str = "a passage";
pub(super) const HEADING: &str = "a heading";
pub(super) const ALT: &str = "an alternative text";
pub(super) const FILE_NAME: &str = "the name of a file";
pub(super) const BYTES: &str = "bytes of a file";
pub(super) const SECRET: &str = "key bytes";

/// A short sealed text that is looked for as a whole.
#[derive(Debug, Clone)]
pub enum Phrase<'a> {
    /// A heading, as plain text.
    Heading(Sealed<&'a str>),
    /// The alternative text of an image.
    Alt(Sealed<&'a str>),
    /// The name of an image or download, without folders.
    FileName(Sealed<&'a str>),
}

/// What is for sale in one lesson.
#[derive(Debug, Clone)]
pub struct SealedSource<'a> {
    /// How findings name it: the path of its source.
    pub lesson: &'a str,
    /// The HTML that is sealed.
    pub html: Sealed<&'a str>,
    /// The other wordings of its sentences, as HTML.
    pub others: Vec<Sealed<&'a str>>,
    /// Its headings, alternative texts and file names.
    pub phrases: Vec<Phrase<'a>>,
    /// Its images and downloads.
    pub files: Vec<Sealed<&'a [u8]>>,
}

/// What everybody may read. Runs that stand here are not searched for.
#[derive(Debug, Clone)]
pub enum PublicSource<'a> {
    /// Markup.
    Html(Public<&'a str>),
    /// Titles, settings, templates, scripts.
    Text(Public<&'a str>),
    /// A public image or download.
    Bytes(Public<&'a [u8]>),
    /// A public drawing, listing or other file of text. What it repeats is public, unless it repeats most of a lesson: then it is a copy of it.
    File(Public<&'a str>),
}

/// Bytes that open something.
#[derive(Clone)]
pub struct Secret {
    /// What they are, for the message.
    pub name: Arc<str>,
    /// The bytes: at least 8. Those of 32 and more are searched for in every form and alignment; shorter ones, of which there are thousands,
    /// raw, in hexadecimal, and in Base64 that begins with them.
    pub bytes: Zeroizing<Vec<u8>>,
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({})", self.name)
    }
}

type Runs<V> = HashMap<u64, V, BuildHasherDefault<Spread>>;

#[derive(Clone)]
struct Known {
    words: Vec<u64>,
    /// File names must stand there letter by letter: `2.png` is not `2, PNG`.
    literal: Option<String>,
    lesson: usize,
    what: &'static str,
}

/// Everything sealed, ready to be searched for. Holds hashes, never text that is longer than a heading.
#[derive(Clone, Default)]
pub struct Passages {
    lessons: Vec<String>,
    runs: Runs<u32>,
    /// Most runs of an output are none of ours: these bits say so without a look into the large table.
    run_bits: Vec<u64>,
    /// By the hash of the first word.
    phrases: Runs<Vec<Known>>,
    first_words: Vec<u64>,
    whole_files: HashMap<(usize, [u8; 32]), usize>,
    needles: Needles,
    secrets: Vec<Arc<str>>,
    skipped: usize,
}

impl fmt::Debug for Passages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Passages({} runs of {} lessons)", self.runs.len(), self.lessons.len())
    }
}

/// The first word of a phrase, and its number among those that begin with that word.
type PhraseId = (u64, usize);

const FIRST_WORD_BITS: usize = 1 << 16;
const RUN_BITS: usize = 1 << 21;

/// Word and bit of a hash in [`Passages::run_bits`].
fn run_bit(run: u64) -> (usize, u64) {
    let bit = (run >> 43) as usize % RUN_BITS;
    (bit / 64, 1 << (bit % 64))
}

impl Passages {
    /// Reads what is sealed, and leaves out what public sources contain.
    #[must_use]
    pub fn new(sealed: &[SealedSource<'_>], public: &[PublicSource<'_>], secrets: &[Secret]) -> Self {
        let mut passages = Self { lessons: sealed.iter().map(|s| s.lesson.to_owned()).collect(), ..Self::default() };
        let read: Vec<(Vec<u64>, Vec<Known>)> = sealed.par_iter().enumerate().map(|(lesson, source)| read_lesson(lesson, source)).collect();
        passages.runs.reserve(read.iter().map(|(runs, _)| runs.len()).sum());
        for (lesson, (runs, phrases)) in read.into_iter().enumerate() {
            for run in runs {
                passages.runs.entry(run).or_insert(lesson as u32);
            }
            for phrase in phrases {
                passages.add_phrase(phrase);
            }
        }
        if !passages.runs.is_empty() {
            passages.run_bits = vec![0; RUN_BITS / 64];
            for run in passages.runs.keys() {
                let (word, bit) = run_bit(*run);
                passages.run_bits[word] |= bit;
            }
        }
        passages.forget_public_text(public);
        for (lesson, source) in sealed.iter().enumerate() {
            for file in &source.files {
                passages.add_file(lesson, file.open_for_gate());
            }
        }
        for source in public {
            if let PublicSource::Bytes(bytes) = source {
                passages.needles.forget_found_in(bytes.get());
                passages.whole_files.remove(&(bytes.get().len(), Sha256::digest(bytes.get()).into()));
            }
        }
        for secret in secrets {
            let owner = passages.lessons.len() + passages.secrets.len();
            if secret.bytes.len() < 32 {
                passages.needles.add_forms_alone(&secret.bytes, owner);
            } else {
                passages.needles.add_all_forms(&secret.bytes, owner);
            }
            passages.secrets.push(Arc::clone(&secret.name));
        }
        passages
    }

    /// Runs that are searched for.
    #[must_use]
    pub fn runs(&self) -> usize {
        self.runs.len()
    }

    /// Runs that are left out because public sources contain them.
    #[must_use]
    pub fn public_runs(&self) -> usize {
        self.skipped
    }

    /// True if nothing is sealed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lessons.is_empty() && self.secrets.is_empty()
    }

    /// The lesson, or the secret, of a finding.
    pub(super) fn lesson(&self, number: usize) -> &str {
        let secret = number.checked_sub(self.lessons.len());
        self.lessons.get(number).map(String::as_str).or_else(|| self.secrets.get(secret?).map(|name| &**name)).unwrap_or("?")
    }

    /// The lesson of a sealed run.
    fn run(&self, run: u64) -> Option<usize> {
        let (word, bit) = run_bit(run);
        (self.run_bits.get(word)? & bit != 0).then(|| self.runs.get(&run)).flatten().map(|lesson| *lesson as usize)
    }

    fn add_phrase(&mut self, phrase: Known) {
        let Some(first) = phrase.words.first().copied() else { return };
        if self.first_words.is_empty() {
            self.first_words = vec![0; FIRST_WORD_BITS / 64];
        }
        let bit = first as usize % FIRST_WORD_BITS;
        self.first_words[bit / 64] |= 1 << (bit % 64);
        let known = self.phrases.entry(first).or_default();
        if !known.iter().any(|k| k.words == phrase.words && k.literal == phrase.literal) {
            known.push(phrase);
        }
    }

    fn forget_public_text(&mut self, public: &[PublicSource<'_>]) {
        if self.runs.is_empty() && self.phrases.is_empty() {
            return;
        }
        let mut of_lesson: HashMap<u32, usize> = HashMap::new();
        self.runs.values().for_each(|lesson| *of_lesson.entry(*lesson).or_default() += 1);
        let found: Vec<(HashSet<u64>, HashSet<PhraseId>)> = public
            .par_iter()
            .map(|source| {
                let (mut runs, mut phrases) = (HashSet::new(), HashSet::new());
                let mut read = |text: &str| {
                    let mut words = Vec::new();
                    words::read(text, &mut words);
                    words::runs(&words, |run, _, _| {
                        if self.run(run).is_some() {
                            runs.insert(run);
                        }
                    });
                    self.each_phrase(text, &words, |first, index, _| _ = phrases.insert((first, index)));
                };
                match source {
                    PublicSource::Html(html) => views::each_text("a.html", html.get().as_bytes(), &mut read),
                    PublicSource::Text(text) => views::each_text("a.txt", text.get().as_bytes(), &mut read),
                    PublicSource::File(text) => views::each_text("a.html", text.get().as_bytes(), &mut read),
                    PublicSource::Bytes(_) => {}
                }
                if matches!(source, PublicSource::File(_)) && self.holds_a_lesson(&runs, &of_lesson) {
                    return Default::default();
                }
                (runs, phrases)
            })
            .collect();
        let mut phrases = HashSet::new();
        for (runs, more) in found {
            phrases.extend(more);
            self.skipped += runs.into_iter().filter(|run| self.runs.remove(run).is_some()).count();
        }
        for (first, known) in &mut self.phrases {
            let mut index = 0;
            known.retain(|_| {
                index += 1;
                !phrases.contains(&(*first, index - 1))
            });
        }
    }

    /// True if more than half of the runs of a lesson are among `runs`.
    fn holds_a_lesson(&self, runs: &HashSet<u64>, of_lesson: &HashMap<u32, usize>) -> bool {
        let mut held: HashMap<u32, usize> = HashMap::new();
        runs.iter().filter_map(|run| self.runs.get(run)).for_each(|lesson| *held.entry(*lesson).or_default() += 1);
        held.iter().any(|(lesson, n)| n * 2 > of_lesson.get(lesson).copied().unwrap_or(0))
    }

    /// Calls `found` with each known phrase: its first word, its index there, and the index of the word where it stands.
    fn each_phrase(&self, text: &str, words: &[Word], mut found: impl FnMut(u64, usize, usize)) {
        if self.first_words.is_empty() {
            return;
        }
        for (at, word) in words.iter().enumerate() {
            let bit = word.hash as usize % FIRST_WORD_BITS;
            if self.first_words[bit / 64] & (1 << (bit % 64)) == 0 {
                continue;
            }
            for (index, known) in self.phrases.get(&word.hash).into_iter().flatten().enumerate() {
                if stands_at(known, text, words, at) {
                    found(word.hash, index, at);
                }
            }
        }
    }

    pub(super) fn find_in_text(&self, text: &str, note: &mut impl FnMut(usize, &'static str, &str)) {
        let mut words = Vec::with_capacity(text.len() / 6);
        words::read(text, &mut words);
        let shown = |at: usize| words.get(at).and_then(|w| text.get(w.start as usize..)).unwrap_or("");
        words::runs(&words, |run, first, _| {
            if let Some(lesson) = self.run(run) {
                note(lesson, RUN, shown(first));
            }
        });
        self.each_phrase(text, &words, |first, index, at| {
            if let Some(known) = self.phrases.get(&first).and_then(|known| known.get(index)) {
                note(known.lesson, known.what, shown(at));
            }
        });
    }

    pub(super) fn find_in_bytes(&self, bytes: &[u8], note: &mut impl FnMut(usize, &'static str, &str)) {
        self.needles.find(bytes, |owner| note(owner, if owner < self.lessons.len() { BYTES } else { SECRET }, ""));
        if self.whole_files.keys().any(|(length, _)| *length == bytes.len())
            && let Some(lesson) = self.whole_files.get(&(bytes.len(), Sha256::digest(bytes).into()))
        {
            note(*lesson, BYTES, "");
        }
    }

    /// Remembers a sealed file by its hash and by three pieces from its inside, where formats have no common text.
    fn add_file(&mut self, lesson: usize, bytes: &[u8]) {
        const PIECE: usize = 48;
        if bytes.is_empty() {
            return;
        }
        self.whole_files.insert((bytes.len(), Sha256::digest(bytes).into()), lesson);
        for quarter in 1..=3 {
            let start = bytes.len() / 4 * quarter;
            let Some(piece) = bytes.get(start..start + PIECE) else { continue };
            let different: HashSet<u8> = piece.iter().copied().collect();
            if different.len() >= PIECE / 3 {
                self.needles.add(piece.to_vec(), lesson);
                self.needles.add_base64(piece, lesson);
            }
        }
    }
}

fn stands_at(known: &Known, text: &str, words: &[Word], at: usize) -> bool {
    let Some(here) = words.get(at..at + known.words.len()) else { return false };
    if here.iter().map(|w| w.hash).ne(known.words.iter().copied()) {
        return false;
    }
    match (&known.literal, here.first(), here.last()) {
        (Some(literal), Some(first), Some(last)) => text.get(first.start as usize..last.end as usize) == Some(literal.as_str()),
        (None, _, _) => true,
        _ => false,
    }
}

/// The runs and phrases of one lesson.
fn read_lesson(lesson: usize, source: &SealedSource<'_>) -> (Vec<u64>, Vec<Known>) {
    let mut runs = Vec::new();
    let mut phrases = Vec::new();
    let (seen, _) = views::html(source.html.open_for_gate());
    read_text(&seen, &mut runs);
    for other in source.others.iter().map(Sealed::open_for_gate).filter(|other| !other.is_empty()) {
        read_text(&views::html(other).0, &mut runs);
    }
    if runs.is_empty() {
        phrases.extend(phrase(lesson, HEADING, seen.trim()));
    }
    for known in &source.phrases {
        let (what, text) = match known {
            Phrase::Heading(text) => (HEADING, text.open_for_gate()),
            Phrase::Alt(text) => (ALT, text.open_for_gate()),
            Phrase::FileName(text) => (FILE_NAME, text.open_for_gate()),
        };
        if what != FILE_NAME {
            read_text(text, &mut runs);
        }
        phrases.extend(phrase(lesson, what, text));
    }
    for file in &source.files {
        // a download that is text is for sale sentence by sentence
        match std::str::from_utf8(file.open_for_gate()) {
            Ok(text) if text.trim_start().starts_with('<') => read_text(&views::html(text).0, &mut runs),
            Ok(text) => read_text(text, &mut runs),
            Err(_) => {}
        }
    }
    (runs, phrases)
}

fn read_text(text: &str, runs: &mut Vec<u64>) {
    let mut words = Vec::new();
    words::read(text, &mut words);
    words::runs(&words, |run, _, _| runs.push(run));
}

/// A phrase that says something: two words and ten letters, or five characters; a file name of five letters.
fn phrase(lesson: usize, what: &'static str, text: &str) -> Option<Known> {
    let mut words = Vec::new();
    words::read(text, &mut words);
    let (first, last) = (words.first()?, words.last()?);
    let text = text.get(first.start as usize..last.end as usize)?;
    let letters = text.chars().filter(|c| c.is_alphanumeric()).count();
    let weight: u32 = words.iter().map(|w| w.weight).sum();
    let enough = match what {
        FILE_NAME => text.contains('.') && text.chars().count() >= 5,
        _ => (words.len() >= 2 && letters >= 10 && weight >= 4) || weight >= 5 && words.iter().all(|w| w.weight == 1),
    };
    let literal = (what == FILE_NAME).then(|| text.to_owned());
    enough.then(|| Known { words: words.iter().map(|w| w.hash).collect(), literal, lesson, what })
}
