//! What a leak shows of each course: sentences found, carriers read, classes that somebody has levelled.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rayon::prelude::*;

use super::copy::params;
use super::evidence::{Evidence, KeyReading, Reading};
use super::keys::{KeyTable, SealedFiles};
use super::lattice::{Lattice, Shown};
use super::leak::Leak;
use super::locate::Index;
use crate::edition::{Class, Course, Edition, Lesson, Sentence};
use crate::protocol::primitives::sha256;
use crate::protocol::{Addresses, CourseId, IdError, LessonId, Params, SiteId, SiteKey};

/// Longest excerpt in bytes.
const EXCERPT: usize = 400;

/// A class counts as levelled if fewer of its carriers than this share of what chance would give have the rarer form of their pair.
const LEVELLED: f64 = 0.25;

/// So many rarer forms must be expected before anything is said about a class.
const EXPECTED: f64 = 8.0;

/// A sentence of the edition.
struct Known<'e> {
    course: usize,
    lesson: &'e Lesson,
    sentence: &'e Sentence,
}

/// A course as tracing needs it.
struct Plan<'e> {
    course: &'e Course,
    id: CourseId,
    params: Params,
    addresses: Addresses,
}

/// What was seen of one course: readings with the place of their sentence, and every carrier that was read.
#[derive(Default)]
struct Seen {
    readings: Vec<(usize, Reading)>,
    shown: Vec<Shown>,
}

/// An edition, ready for leaks to be held against it.
pub struct Examiner<'e> {
    plans: Vec<Plan<'e>>,
    known: Vec<Known<'e>>,
    index: Index,
    keys: Vec<KeyTable>,
}

impl<'e> Examiner<'e> {
    /// `sealed` are the sealed lesson files of the edition, for the keys of single sentences.
    ///
    /// # Errors
    /// The site's id cannot enter a derivation; nothing could be sealed under it either.
    pub fn new(edition: &'e Edition, key: &SiteKey, sealed: &SealedFiles<'_>) -> Result<Self, IdError> {
        let site = SiteId::parse(&edition.site.id)?;
        let plans: Vec<Plan<'_>> = edition.courses.iter().map(|course| plan(course, key, &site)).collect::<Result<_, _>>()?;
        let known = sentences(&plans);
        let index = Index::new(known.par_iter().map(|known| Lattice::of(known.sentence)).collect());
        let keys = plans.iter().map(|plan| KeyTable::new(key, &site, plan.course, plan.params, sealed)).collect();
        Ok(Self { plans, known, index, keys })
    }

    /// What a leak shows of each course, in the order of the edition; none where it shows nothing. A function of leak, edition and key:
    /// no copy is looked at.
    #[must_use]
    pub fn examine(&self, leak: &Leak) -> Vec<Evidence> {
        let mut all: Vec<Seen> = self.plans.iter().map(|_| Seen::default()).collect();
        for (file, text) in leak.texts() {
            for found in self.index.find(text) {
                let Some(known) = self.known.get(found.sentence).filter(|known| known.sentence.other.is_some()) else { continue };
                let (Some(plan), Some(seen)) = (self.plans.get(known.course), all.get_mut(known.course)) else { continue };
                let carriers: Vec<Shown> = found.fit.shown.into_iter().flatten().collect();
                if let Some(reading) = reading(plan, known, &carriers, file, excerpt(text, found.range)) {
                    seen.readings.push((found.sentence, reading));
                    seen.shown.extend(carriers);
                }
            }
        }
        let courses = self.plans.iter().zip(&self.keys).zip(all).enumerate();
        courses.filter_map(|(i, ((plan, keys), seen))| self.evidence(i, plan, keys.find(leak.bytes()), seen)).collect()
    }

    fn evidence(&self, course: usize, plan: &Plan<'_>, keys: Vec<KeyReading>, seen: Seen) -> Option<Evidence> {
        let Seen { mut readings, shown } = seen;
        if readings.is_empty() && keys.is_empty() {
            return None;
        }
        // A sentence that the leak holds twice keeps its order in the leak.
        readings.sort_by_key(|(sentence, _)| *sentence);
        Some(Evidence {
            course: plan.id.clone(),
            title: plan.course.title.get().clone(),
            params: plan.params,
            rules: plan.course.marks.rules.unwrap_or(0),
            marked: self.known.iter().filter(|known| known.course == course && known.sentence.other.is_some()).count(),
            readings: readings.into_iter().map(|(_, reading)| reading).collect(),
            keys,
            erased: levelled(&shown),
        })
    }
}

impl std::fmt::Debug for Examiner<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Examiner({} sentences)", self.known.len())
    }
}

/// The digest of everything that an edition brings to a verdict about a course: SHA-256 over lesson ids and both wordings of every
/// sentence, in reading order, each with its length as a u32.
#[must_use]
pub fn edition_digest(course: &Course) -> [u8; 32] {
    let mut all = Vec::new();
    let mut add = |text: &str| {
        all.extend_from_slice(&(text.len() as u32).to_be_bytes());
        all.extend_from_slice(text.as_bytes());
    };
    for lesson in course.lessons() {
        add(&lesson.id);
        for sentence in lesson.body.sealed.iter().flat_map(|prose| &prose.open_for_author().sentences) {
            add(&sentence.text);
            add(sentence.other.as_ref().map_or("", |other| &other.text));
        }
    }
    sha256(&all)
}

fn plan<'e>(course: &'e Course, key: &SiteKey, site: &SiteId) -> Result<Plan<'e>, IdError> {
    let (id, params) = (CourseId::parse(&course.id)?, params(course));
    let addresses = Addresses::new(key, site, &id, params.m);
    Ok(Plan { course, id, params, addresses })
}

/// Every sentence that is for sale, once in each course.
fn sentences<'e>(plans: &[Plan<'e>]) -> Vec<Known<'e>> {
    let mut known = Vec::new();
    for (course, plan) in plans.iter().enumerate() {
        let mut seen = HashMap::new();
        for lesson in plan.course.lessons() {
            let sealed = lesson.body.sealed.iter().flat_map(|prose| &prose.open_for_author().sentences);
            for sentence in sealed {
                if seen.insert(&sentence.text, ()).is_none() {
                    known.push(Known { course, lesson, sentence });
                }
            }
        }
    }
    known
}

fn reading(plan: &Plan<'_>, known: &Known<'_>, carriers: &[Shown], file: &str, excerpt: String) -> Option<Reading> {
    let address = plan.addresses.of(&known.sentence.text);
    // Carriers of a class that contradict each other say nothing.
    let slot = |class: Class| {
        let mut forms = carriers.iter().filter(|shown| shown.class == class).map(|shown| shown.author);
        let first = forms.next()?;
        forms.all(|form| form == first).then_some(first == address.author_slot)
    };
    Some(Reading {
        lesson: LessonId::parse(&known.lesson.id).ok()?,
        title: known.lesson.title.get().clone(),
        sentence: known.sentence.text.clone(),
        other: known.sentence.other.as_ref()?.text.clone(),
        excerpt,
        file: file.to_owned(),
        position: address.position,
        author_slot: address.author_slot,
        declared: slot(Class::Declared),
        lexical: slot(Class::Lexical),
        typographic: slot(Class::Typographic),
    })
}

/// The classes whose carriers all have one form. In a copy either form of a pair stands as often as the other, whatever the author
/// prefers: which of them is in which slot is a coin. Somebody who knows the public lists and brings all text to one form leaves almost
/// none of the other. Declared alternatives are in no list.
fn levelled(shown: &[Shown]) -> BTreeSet<Class> {
    let mut pairs: BTreeMap<(Class, &str), [u32; 2]> = BTreeMap::new();
    for shown in shown.iter().filter(|shown| shown.class != Class::Declared) {
        pairs.entry((shown.class, &shown.pair)).or_default()[usize::from(shown.first)] += 1;
    }
    let mut classes: BTreeMap<Class, (f64, f64)> = BTreeMap::new();
    for ((class, _), [a, b]) in pairs {
        let (rarer, expected) = classes.entry(class).or_default();
        *rarer += f64::from(a.min(b));
        *expected += expected_minority(a + b);
    }
    classes
        .into_iter()
        .filter(|(_, (rarer, expected))| *expected >= EXPECTED && *rarer < LEVELLED * expected)
        .map(|(class, _)| class)
        .collect()
}

/// How often the rarer side of `n` fair coins comes, on average: n/2 - n C(n-1, floor(n/2)) / 2^n (mean absolute deviation of the
/// binomial distribution, de Moivre).
fn expected_minority(n: u32) -> f64 {
    let mut middle = 1.0; // C(n-1, h) / 2^(n-1)
    let (top, h) = (n.saturating_sub(1), n / 2);
    for i in 0..top {
        middle *= 0.5;
        if i < h {
            middle *= f64::from(top - i) / f64::from(i + 1);
        }
    }
    f64::from(n) / 2.0 * (1.0 - middle)
}

fn excerpt(text: &str, range: std::ops::Range<usize>) -> String {
    let end = (range.start..=range.end.min(range.start + EXCERPT)).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(range.start);
    text.get(range.start..end).unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ")
}
