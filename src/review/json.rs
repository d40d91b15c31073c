//! A review for programs.

use serde_json::{Value, json};

use super::{CourseReview, LessonReview, Marked, Proof, Review, class};

/// A review as one JSON object.
#[must_use]
pub fn json(review: &Review) -> Value {
    json!({ "site": review.title, "courses": review.courses.iter().map(course).collect::<Vec<_>>() })
}

fn course(course: &CourseReview) -> Value {
    json!({
        "id": course.id,
        "title": course.title,
        "language": course.language,
        "rules": course.rules,
        "params": course.params,
        "sentences": course.sentences,
        "marked": course.marked,
        "share": share(course.marked, course.sentences),
        "common": course.common,
        "copied": proof(&course.copied),
        "declared": proof(&course.declared),
        "lessons": course.lessons.iter().map(lesson).collect::<Vec<_>>(),
    })
}

fn lesson(lesson: &LessonReview) -> Value {
    json!({
        "id": lesson.id,
        "title": lesson.title,
        "source": lesson.source,
        "sentences": lesson.sentences,
        "share": share(lesson.marked.len(), lesson.sentences),
        "positions": lesson.positions().len(),
        "declared_positions": lesson.declared_positions().len(),
        "marked": lesson.marked.iter().map(marked).collect::<Vec<_>>(),
    })
}

/// Positions stay out: they are secret, and no program needs them.
fn marked(marked: &Marked) -> Value {
    let carriers = marked.carriers.iter().map(|carrier| {
        json!({
            "class": class(carrier.class),
            "pair": Some(&carrier.rule).filter(|rule| !rule.is_empty()),
            "author": marked.author.get(carrier.author.clone()),
            "other": marked.other.get(carrier.other.clone()),
        })
    });
    json!({
        "id": marked.id,
        "line": marked.line,
        "author": marked.author,
        "other": marked.other,
        "carriers": carriers.collect::<Vec<_>>(),
    })
}

fn proof(proof: &Proof) -> Value {
    json!({
        "sentence": proof.sentence(),
        "positions": proof.positions,
        "needed": proof.needed,
        "missing": proof.missing(),
        "any_lessons": proof.any,
        "lessons_alone": proof.alone,
        "merged_copies": proof.merged,
    })
}

/// The share of `part` in `whole`, from 0 to 1, to four digits.
fn share(part: usize, whole: usize) -> f64 {
    (part as f64 / whole.max(1) as f64 * 10_000.0).round() / 10_000.0
}
