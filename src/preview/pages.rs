//! The built site, answered from memory, with the preview bar put in on the way out.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use percent_encoding::percent_decode_str;

use super::marks::Marks;

/// What goes in front of `</body>` of every page: nothing inline, the pages' policy forbids it.
const BAR: &str = r#"<script type="module" src="/-/preview/bar.js"></script>"#;

/// The bar's own files.
const BAR_FILES: &[(&str, &str, &str)] = &[
    ("bar.js", "text/javascript; charset=utf-8", include_str!("../web/preview/bar.js")),
    ("marks.js", "text/javascript; charset=utf-8", include_str!("../web/preview/marks.js")),
    ("bar.css", "text/css; charset=utf-8", include_str!("../web/preview/bar.css")),
    ("shop.css", "text/css; charset=utf-8", include_str!("../web/preview/shop.css")),
];

/// A built site by path.
pub struct Pages {
    base: String,
    files: HashMap<String, (String, Arc<[u8]>)>,
    /// For the author alone; none of the files.
    pub(super) marks: Marks,
}

impl Pages {
    /// A site under `base` (`/`, or `/courses/`) from its files: path below the base, media type, bytes.
    pub fn new(base: &str, files: impl IntoIterator<Item = (String, String, Arc<[u8]>)>) -> Self {
        Self {
            base: base.to_owned(),
            files: files.into_iter().map(|(path, media, bytes)| (path, (media, bytes))).collect(),
            marks: Marks::default(),
        }
    }

    /// With the marks of its lessons.
    #[must_use]
    pub fn with_marks(self, marks: Marks) -> Self {
        Self { marks, ..self }
    }

    /// Answers as a static host does: `index.html` for folders, a redirect to the folder where its slash is missing, `404.html`.
    pub(super) fn answer(&self, path: &str) -> Response {
        let decoded = percent_decode_str(path).decode_utf8_lossy();
        let Some(below) = decoded.strip_prefix(self.base.as_str()) else {
            let home = decoded == "/" || format!("{decoded}/") == self.base;
            return if home { see(&self.base) } else { self.missing() };
        };
        if let Some(found) = self.file(below, StatusCode::OK) {
            return found;
        }
        if below.is_empty() || below.ends_with('/') {
            return self.file(&format!("{below}index.html"), StatusCode::OK).unwrap_or_else(|| self.missing());
        }
        if self.files.contains_key(&format!("{below}/index.html")) { see(&format!("{path}/")) } else { self.missing() }
    }

    fn missing(&self) -> Response {
        self.file("404.html", StatusCode::NOT_FOUND).unwrap_or_else(|| super::text(StatusCode::NOT_FOUND, "not found"))
    }

    fn file(&self, path: &str, status: StatusCode) -> Option<Response> {
        let (media, bytes) = self.files.get(path)?;
        let body = if media.starts_with("text/html") { with_bar(bytes) } else { bytes.to_vec() };
        // Nothing may be kept: the next rebuild may be a second away.
        let headers = [(header::CONTENT_TYPE, media.as_str()), (header::CACHE_CONTROL, "no-store")];
        Some((status, headers, body).into_response())
    }
}

fn with_bar(page: &[u8]) -> Vec<u8> {
    const END: &[u8] = b"</body>";
    let end = page.windows(END.len()).rposition(|w| w == END).unwrap_or(page.len());
    [&page[..end], BAR.as_bytes(), &page[end..]].concat()
}

fn see(path: &str) -> Response {
    (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, path.to_owned())]).into_response()
}

/// `GET /-/preview/{file}`: the bar's script and style.
pub(super) async fn bar(Path(file): Path<String>) -> Response {
    match BAR_FILES.iter().find(|(name, ..)| *name == file) {
        Some((_, media, body)) => ([(header::CONTENT_TYPE, *media), (header::CACHE_CONTROL, "no-store")], *body).into_response(),
        None => super::text(StatusCode::NOT_FOUND, "not found"),
    }
}
