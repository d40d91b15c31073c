//! A review for a terminal.

use std::fmt::Write as _;

use super::proof::thousands;
use super::{CourseReview, LessonReview, Marked, Review, percent};

/// How many sentences that are alike for everybody are shown of a course.
const EXAMPLES: usize = 3;

/// Colours of a terminal, or none.
#[derive(Clone, Copy)]
struct Ink(bool);

/// A review as text. Carriers stand in brackets, in bold colour too where `colour` is true.
#[must_use]
pub fn text(review: &Review, colour: bool) -> String {
    let (mut out, ink) = (String::new(), Ink(colour));
    for course in &review.courses {
        course_text(&mut out, course, ink);
    }
    if review.courses.is_empty() {
        out.push_str("Nothing is for sale, so nothing is marked.\n");
    } else {
        out.push_str(
            "Leave out a pair or a sentence by its id, in bookplate.yaml or above the course:  marks: { exclude: [en.do-not, s-1a2b3c4d] }\n\
             Leave a block as it is:  <!--~keep--> at its end.   Add your own:  <!--~ therefore => so --> at the end of a paragraph.\n",
        );
    }
    out
}

fn course_text(out: &mut String, course: &CourseReview, ink: Ink) {
    let _ = writeln!(out, "{}  {}", ink.strong(&tame(&course.title)), ink.faint(&format!("course {}", tame(&course.id))));
    for line in figures(course) {
        let _ = writeln!(out, "  {line}");
    }
    let common = &course.common;
    for text in common.iter().take(EXAMPLES) {
        let _ = writeln!(out, "    {}", ink.faint(&tame(text)));
    }
    if common.len() > EXAMPLES {
        let _ = writeln!(out, "    {}", ink.faint(&format!("and {} more", common.len() - EXAMPLES)));
    }
    out.push('\n');
    for lesson in &course.lessons {
        lesson_text(out, course, lesson, ink);
    }
}

/// What is said of a course, one sentence a line.
pub(super) fn figures(course: &CourseReview) -> Vec<String> {
    let lessons = if course.copied.lessons == 1 { "1 lesson".to_owned() } else { format!("{} lessons", course.copied.lessons) };
    let Some(rules) = course.rules else { return vec![format!("{lessons} for sale, not marked: `marks: off`")] };
    let (all, marked) = (course.sentences, course.marked);
    let mut lines = vec![
        format!(
            "{} sentences in {lessons} for sale, {} of them marked ({} %), at {} of {} positions; rules {rules}",
            thousands(all),
            thousands(marked),
            percent(marked, all),
            thousands(course.copied.positions),
            thousands(course.params.m.len())
        ),
        format!("Against somebody who passes on the text as it is: {}.", course.copied.sentence()),
        format!("Against somebody who knows the public lists, declared alternatives alone: {}.", course.declared.sentence()),
    ];
    if course.copied.any.is_some_and(|any| any > 1) {
        lines.push(format!(
            "{} of {lessons} suffice alone, with {} different positions or more.",
            course.copied.alone, course.copied.needed
        ));
    }
    if course.copied.merged > 1 {
        lines.push(format!("If {} whole copies are merged, the course still names one of them at least.", course.copied.merged));
    }
    match course.common.len() {
        0 => {}
        1 => lines.push("1 sentence is alike for everybody: it stands in public text too, or unmarked in the course:".to_owned()),
        n => lines.push(format!("{n} sentences are alike for everybody: they stand in public text too, or unmarked in the course:")),
    }
    lines
}

/// What is said of a lesson.
pub(super) fn lesson_figures(course: &CourseReview, lesson: &LessonReview) -> String {
    let (positions, declared) = (lesson.positions().len(), lesson.declared_positions().len());
    let alone = if positions >= course.copied.needed { "enough" } else { "not enough" };
    format!(
        "{} sentences, {} marked ({} %); different positions: {positions}, by declared alternatives {declared}; {alone} to name a copy alone",
        lesson.sentences,
        lesson.marked.len(),
        percent(lesson.marked.len(), lesson.sentences),
    )
}

fn lesson_text(out: &mut String, course: &CourseReview, lesson: &LessonReview, ink: Ink) {
    let _ = writeln!(out, "  {}  {}", ink.strong(&tame(&lesson.title)), ink.faint(&tame(&lesson.source)));
    if course.rules.is_some() {
        let _ = writeln!(out, "  {}", lesson_figures(course, lesson));
    }
    out.push('\n');
    for marked in &lesson.marked {
        marked_text(out, marked, ink);
    }
}

fn marked_text(out: &mut String, marked: &Marked, ink: Ink) {
    let _ = writeln!(out, "    {}", ink.faint(&format!("{}  line {}  {}", marked.id, marked.line, tame(&marked.rules().join(", ")))));
    for wording in [marked.author_pieces(), marked.other_pieces()] {
        let drawn = wording.into_iter().map(|(piece, carrier)| if carrier { ink.carrier(&tame(piece)) } else { tame(piece) });
        let _ = writeln!(out, "      {}", drawn.collect::<String>());
    }
    out.push('\n');
}

/// Control characters would reach the terminal.
fn tame(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

impl Ink {
    fn paint(self, code: &str, text: &str) -> String {
        if self.0 { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    fn strong(self, text: &str) -> String {
        self.paint("1", text)
    }

    fn faint(self, text: &str) -> String {
        self.paint("2", text)
    }

    fn carrier(self, text: &str) -> String {
        self.paint("1;33", &format!("[{text}]"))
    }
}
