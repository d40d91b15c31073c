//! A review as one page that needs nothing else: to be read through at a desk, and thrown away.

use std::fmt::Write as _;

use super::text::{figures, lesson_figures};
use super::{CourseReview, LessonReview, Marked, Review};

const STYLE: &str = include_str!("page.css");

/// Nothing is loaded and nothing runs.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// How every such page begins.
pub const PAGE_BEGIN: &str = "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta name=\"generator\" content=\"bookplate marks\">\n";

/// A review as one self-contained HTML page.
#[must_use]
pub fn page(review: &Review) -> String {
    let mut out = String::new();
    let title = escape(&format!("Marks of {}", review.title));
    let _ = write!(
        out,
        "{PAGE_BEGIN}<meta charset=\"utf-8\">\n<meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<meta name=\"robots\" content=\"noindex\">\n<title>{title}</title>\n\
         <style>\n{STYLE}</style>\n</head>\n<body>\n<header><h1>{title}</h1>\n\
         <p>For the author alone: this page holds what is for sale, in both wordings. Left what you wrote, right the other wording; \
         which of the two a reader gets is decided by the order. Leave out a pair or a sentence by its id, in <code>bookplate.yaml</code> \
         or above the course: <code>marks: {{ exclude: [en.do-not, s-1a2b3c4d] }}</code></p>\n"
    );
    index(&mut out, review);
    out.push_str("</header>\n<main>\n");
    for (nth, course) in review.courses.iter().enumerate() {
        course_part(&mut out, course, nth);
    }
    if review.courses.is_empty() {
        out.push_str("<p>Nothing is for sale, so nothing is marked.</p>\n");
    }
    out.push_str("</main>\n</body>\n</html>\n");
    out
}

/// Links to the lessons: a lesson that is linked to stands alone.
fn index(out: &mut String, review: &Review) {
    out.push_str("<nav aria-label=\"Lessons\"><a href=\"#all\" id=\"all\">All lessons</a>\n");
    for (nth, course) in review.courses.iter().enumerate() {
        let _ = write!(out, "<div lang=\"{}\"><b>{}</b><ul>", escape(&course.language), escape(&course.title));
        for (at, lesson) in course.lessons.iter().enumerate() {
            let _ = write!(out, "<li><a href=\"#{nth}-{at}\">{}</a> {}</li>", escape(&lesson.title), lesson.marked.len());
        }
        out.push_str("</ul></div>\n");
    }
    out.push_str("</nav>\n");
}

fn course_part(out: &mut String, course: &CourseReview, nth: usize) {
    let _ = writeln!(out, "<h2 lang=\"{}\">{}</h2>", escape(&course.language), escape(&course.title));
    for line in figures(course) {
        let _ = writeln!(out, "<p>{}</p>", escape(&line));
    }
    let common = &course.common;
    if !common.is_empty() {
        let _ = write!(out, "<details><summary>Alike for everybody</summary><ul lang=\"{}\">", escape(&course.language));
        for text in common {
            let _ = write!(out, "<li>{}</li>", escape(text));
        }
        out.push_str("</ul></details>\n");
    }
    for (at, lesson) in course.lessons.iter().enumerate() {
        lesson_part(out, course, lesson, &format!("{nth}-{at}"));
    }
}

fn lesson_part(out: &mut String, course: &CourseReview, lesson: &LessonReview, id: &str) {
    let language = escape(&course.language);
    let _ = writeln!(
        out,
        "<section id=\"{id}\"><h3><span lang=\"{language}\">{}</span> <small>{}</small></h3>",
        escape(&lesson.title),
        escape(&lesson.source)
    );
    if course.rules.is_some() {
        let _ = writeln!(out, "<p>{}.</p>", escape(&lesson_figures(course, lesson)));
    }
    for marked in &lesson.marked {
        sentence(out, marked, &language);
    }
    out.push_str("</section>\n");
}

fn sentence(out: &mut String, marked: &Marked, language: &str) {
    let rules: Vec<String> = marked.rules().into_iter().map(|rule| format!("<code>{}</code>", escape(rule))).collect();
    let _ = write!(out, "<article><p class=\"id\"><code>{}</code> line {} {}</p>", escape(&marked.id), marked.line, rules.join(" "));
    for wording in [marked.author_pieces(), marked.other_pieces()] {
        let _ = write!(out, "<p lang=\"{language}\">");
        for (piece, carrier) in wording {
            let piece = escape(piece);
            out.push_str(&if carrier { format!("<mark>{piece}</mark>") } else { piece });
        }
        out.push_str("</p>");
    }
    out.push_str("</article>\n");
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}
