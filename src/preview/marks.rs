//! The marks of each lesson for the author's eyes: `GET /-/marks/?page=/ownership/moving/`. They are no part of the site.

use std::collections::HashMap;

use axum::extract::{Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Shared;
use crate::review::{Marked, Review};

/// The marked sentences of each lesson in both wordings, by the path of its page.
#[derive(Default)]
pub struct Marks(HashMap<String, String>);

impl Marks {
    /// The marks of a site under `base` (`/`, or `/courses/`).
    #[must_use]
    pub fn of(review: &Review, base: &str) -> Self {
        let lessons = review.courses.iter().flat_map(|course| &course.lessons);
        let shown =
            lessons.map(|lesson| (format!("{base}{}", lesson.url), Value::from_iter(lesson.marked.iter().map(sentence)).to_string()));
        Self(shown.collect())
    }
}

fn sentence(marked: &Marked) -> Value {
    json!({
        "id": marked.id,
        "line": marked.line,
        "rules": marked.rules(),
        "html": [marked.author_html, marked.other_html],
        "author": marked.author_pieces(),
        "other": marked.other_pieces(),
    })
}

#[derive(Debug, Deserialize)]
pub(super) struct Wish {
    page: String,
}

/// The sentences of a page; a page without any has an empty list.
pub(super) async fn marks(State(shared): State<Shared>, Query(wish): Query<Wish>) -> Response {
    let marks = shared.pages().marks.0.get(&wish.page).cloned().unwrap_or_else(|| "[]".to_owned());
    let headers =
        [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store"), (header::X_CONTENT_TYPE_OPTIONS, "nosniff")];
    (StatusCode::OK, headers, marks).into_response()
}
