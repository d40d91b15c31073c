//! What a course's author is shown of its marks: every carrier in its sentence, both wordings side by side, and what they prove.
//!
//! [`review()`] reads an edition; [`text()`] draws what it found for a terminal, [`page()`] as one self-contained HTML page, [`json()`] for programs.
//! All of it holds text that is for sale, in both wordings: it is for its author's eyes, and never a part of a site.

mod json;
mod page;
mod proof;
mod text;

use std::collections::BTreeSet;

use crate::code::Set;
use crate::diag::{Diagnostic, Diagnostics};
use crate::edition::{Carrier, Class, Course, Edition, Lesson};
use crate::mark::sentence_id;
use crate::protocol::{Addresses, CourseId, Params, SiteId, SiteKey};

pub use json::json;
pub use page::{PAGE_BEGIN, page};
pub use proof::{COPIES, Proof};
pub use text::text;

/// The marks of a site, course by course.
#[derive(Debug, Clone)]
pub struct Review {
    /// The title of the site.
    pub title: String,
    /// Courses with something for sale.
    pub courses: Vec<CourseReview>,
}

/// The marks of a course.
#[derive(Debug, Clone)]
pub struct CourseReview {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Its language, as a tag.
    pub language: String,
    /// Its own page, in which its settings stand, if there is one.
    pub source: Option<String>,
    /// Its code.
    pub params: Params,
    /// The number of its lists and segmenter; `None` if it is not marked.
    pub rules: Option<u32>,
    /// Sentences for sale.
    pub sentences: usize,
    /// Those in two wordings.
    pub marked: usize,
    /// Those that are alike for everybody, because they stand in public text too, or unmarked elsewhere in the course.
    pub common: Vec<String>,
    /// Lessons with something for sale, in reading order: all, or those that are to be shown.
    pub lessons: Vec<LessonReview>,
    /// What all carriers prove against somebody who passes the text on as it is.
    pub copied: Proof,
    /// What the declared alternatives alone prove against somebody who knows the public lists.
    pub declared: Proof,
}

/// The marks of a lesson.
#[derive(Debug, Clone)]
pub struct LessonReview {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Path of its source.
    pub source: String,
    /// Path of its page below the base.
    pub url: String,
    /// Sentences for sale.
    pub sentences: usize,
    /// Those in two wordings.
    pub marked: Vec<Marked>,
}

/// A sentence in two wordings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marked {
    /// By which its author leaves it out.
    pub id: String,
    /// The line of the source in which it begins, from 1.
    pub line: usize,
    /// Its position in the code. Secret.
    pub position: u32,
    /// The author's wording as plain text.
    pub author: String,
    /// The other one.
    pub other: String,
    /// The author's wording as HTML.
    pub author_html: String,
    /// The other one.
    pub other_html: String,
    /// Where they differ, in order.
    pub carriers: Vec<Carrier>,
}

/// Reads the marks of an edition. Positions hang on the key, wordings do not.
///
/// # Errors
/// When an id of site or course cannot be an id of the protocol.
pub fn review(edition: &Edition, key: &SiteKey) -> Result<Review, Diagnostics> {
    let mut problems = Diagnostics::new();
    let mut courses = Vec::new();
    for course in &edition.courses {
        let lessons: Vec<&Lesson> = course.lessons().into_iter().filter(|lesson| lesson.body.sealed.is_some()).collect();
        if lessons.is_empty() {
            continue;
        }
        let ids = (SiteId::parse(&edition.site.id), CourseId::parse(&course.id));
        match ids {
            (Ok(site), Ok(id)) => courses.push(course_review(course, &lessons, key, &site, &id)),
            (Err(e), _) | (_, Err(e)) => problems.push(Diagnostic::error("site/id", e.to_string()).in_file(course.dir.clone())),
        }
    }
    if problems.has_errors() { Err(problems) } else { Ok(Review { title: edition.site.title.clone(), courses }) }
}

fn course_review(course: &Course, lessons: &[&Lesson], key: &SiteKey, site: &SiteId, id: &CourseId) -> CourseReview {
    let marks = &course.marks;
    // settings are checked when they are read
    let params = Params::from_numbers(marks.collusion, marks.positions, marks.generation).unwrap_or_default();
    let addresses = Addresses::new(key, site, id, params.m);
    let common = lessons.iter().flat_map(|lesson| &lesson.body.common).map(|text| text.open_for_author().clone()).collect();
    let lessons: Vec<LessonReview> = lessons.iter().map(|lesson| lesson_review(lesson, &addresses)).collect();
    let (copied, declared) = proofs(params.set, &lessons);
    CourseReview {
        id: course.id.clone(),
        title: course.title.get().clone(),
        language: course.language.tag().to_owned(),
        source: course.intro_source.clone(),
        params,
        rules: marks.rules,
        sentences: lessons.iter().map(|lesson| lesson.sentences).sum(),
        marked: lessons.iter().map(|lesson| lesson.marked.len()).sum(),
        common,
        lessons,
        copied,
        declared,
    }
}

fn lesson_review(lesson: &Lesson, addresses: &Addresses) -> LessonReview {
    let sealed = lesson.body.sealed.as_ref().map(|prose| prose.open_for_author());
    let sentences = sealed.map(|prose| prose.sentences.as_slice()).unwrap_or_default();
    let marked = sentences.iter().filter_map(|sentence| {
        let other = sentence.other.as_ref()?;
        Some(Marked {
            id: sentence_id(&sentence.text),
            line: sentence.line,
            position: addresses.of(&sentence.text).position,
            author: sentence.text.clone(),
            other: other.text.clone(),
            author_html: sealed?.html.get(sentence.html.clone())?.to_owned(),
            other_html: other.html.clone(),
            carriers: other.carriers.clone(),
        })
    });
    LessonReview {
        id: lesson.id.clone(),
        title: lesson.title.get().clone(),
        source: lesson.source.clone(),
        url: lesson.url.clone(),
        sentences: sentences.len(),
        marked: marked.collect(),
    }
}

fn proofs(set: Set, lessons: &[LessonReview]) -> (Proof, Proof) {
    let classes: BTreeSet<Class> = lessons.iter().flat_map(|l| &l.marked).flat_map(|m| &m.carriers).map(|c| c.class).collect();
    let all: Vec<BTreeSet<u32>> = lessons.iter().map(LessonReview::positions).collect();
    let declared: Vec<BTreeSet<u32>> = lessons.iter().map(LessonReview::declared_positions).collect();
    (Proof::of(set, &all, classes.len()), Proof::of(set, &declared, classes.len()))
}

impl LessonReview {
    /// The different positions of its marked sentences.
    #[must_use]
    pub fn positions(&self) -> BTreeSet<u32> {
        self.marked.iter().map(|marked| marked.position).collect()
    }

    /// The different positions of its sentences with an alternative that the author wrote.
    #[must_use]
    pub fn declared_positions(&self) -> BTreeSet<u32> {
        self.marked.iter().filter(|marked| marked.carriers.iter().any(|c| c.class == Class::Declared)).map(|m| m.position).collect()
    }
}

impl Marked {
    /// The author's wording in pieces; true for the words of a carrier.
    #[must_use]
    pub fn author_pieces(&self) -> Vec<(&str, bool)> {
        pieces(&self.author, self.carriers.iter().map(|carrier| carrier.author.clone()))
    }

    /// The other wording in pieces.
    #[must_use]
    pub fn other_pieces(&self) -> Vec<(&str, bool)> {
        pieces(&self.other, self.carriers.iter().map(|carrier| carrier.other.clone()))
    }

    /// The ids of its pairs, each once; `declared` where the author wrote the alternative.
    #[must_use]
    pub fn rules(&self) -> Vec<&str> {
        let mut rules: Vec<&str> = Vec::new();
        for carrier in &self.carriers {
            let rule = if carrier.rule.is_empty() { class(carrier.class) } else { &carrier.rule };
            if !rules.contains(&rule) {
                rules.push(rule);
            }
        }
        rules
    }
}

/// The share of `part` in `whole`, in percent.
fn percent(part: usize, whole: usize) -> usize {
    (part * 100 + whole / 2) / whole.max(1)
}

/// The name of a class.
fn class(class: Class) -> &'static str {
    match class {
        Class::Declared => "declared",
        Class::Lexical => "lexical",
        Class::Typographic => "typographic",
    }
}

/// `text` cut at the carriers: each piece, and whether it is one. Wrong ranges would give the text uncut, never a panic.
fn pieces(text: &str, carriers: impl Iterator<Item = std::ops::Range<usize>>) -> Vec<(&str, bool)> {
    let (mut out, mut at) = (Vec::new(), 0);
    for range in carriers {
        if let (Some(before), Some(words)) = (text.get(at..range.start), text.get(range.clone())) {
            out.extend([(before, false), (words, true)]);
            at = range.end;
        }
    }
    out.push((text.get(at..).unwrap_or_default(), false));
    out.retain(|(piece, _)| !piece.is_empty());
    out
}
