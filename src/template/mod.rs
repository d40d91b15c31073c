//! The theme: templates, words, style and script. Templates are compiled once and get typed contexts of public text.
//!
//! A site overrides single files of the built-in theme under `themes/<name>/`, by their names; further templates and further files
//! (fonts, pictures, named relative to the style sheet) may stand beside them.

mod colour;
mod contexts;
mod cover;
mod escape;
mod outline;
mod words;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;
use tera::{Context, Tera};

use crate::access::Public;
use crate::diag::{Diagnostic, Diagnostics};

pub use colour::{Colour, accent_style};
pub use contexts::{Card, CourseLink, CoursePage, DoorPage, Fact, Frame, HeadingLink, HomePage, LessonPage, Link, Lock, PlainPage, Slot};
pub use cover::{INKS, cover};
pub use escape::escape;
pub use outline::{Entry, Outline, contents};
pub use words::Words;

/// The files of folio, by their names below `themes/folio/`.
const FOLIO: &[(&str, &str)] = &[
    ("404.html", include_str!("../../themes/folio/404.html")),
    ("base.html", include_str!("../../themes/folio/base.html")),
    ("course.html", include_str!("../../themes/folio/course.html")),
    ("folio.css", include_str!("../../themes/folio/folio.css")),
    ("home.html", include_str!("../../themes/folio/home.html")),
    ("lesson.html", include_str!("../../themes/folio/lesson.html")),
    ("lock.html", include_str!("../../themes/folio/lock.html")),
    ("page.html", include_str!("../../themes/folio/page.html")),
    ("page.js", include_str!("../../themes/folio/page.js")),
    ("strings/en.yaml", include_str!("../../themes/folio/strings/en.yaml")),
    ("strings/zh.yaml", include_str!("../../themes/folio/strings/zh.yaml")),
    ("thanks.html", include_str!("../../themes/folio/thanks.html")),
];

/// The style sheet among the files of a theme.
pub const CSS: &str = "folio.css";
/// The script of every page among the files of a theme.
pub const JS: &str = "page.js";

/// Which page is rendered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Template {
    /// The home page of a site.
    Home,
    /// A course's own page.
    Course,
    /// A lesson.
    Lesson,
    /// A page outside the courses.
    Page,
    /// Where the checkout leads back to.
    Thanks,
    /// What the host shows for unknown addresses.
    Missing,
}

impl Template {
    fn name(self) -> &'static str {
        match self {
            Template::Home => "home.html",
            Template::Course => "course.html",
            Template::Lesson => "lesson.html",
            Template::Page => "page.html",
            Template::Thanks => "thanks.html",
            Template::Missing => "404.html",
        }
    }
}

/// A theme, ready to render.
pub struct Theme {
    tera: Tera,
    words: BTreeMap<String, Words>,
    /// Files that pages load: (name, content).
    files: Vec<(String, Arc<[u8]>)>,
    sources: Vec<Public<String>>,
}

impl std::fmt::Debug for Theme {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Theme({} files)", self.files.len())
    }
}

impl Theme {
    /// The built-in theme.
    ///
    /// # Errors
    /// None, as long as the tests pass.
    pub fn folio() -> Result<Self, Diagnostics> {
        Self::with_overrides(&[])
    }

    /// The built-in theme with the site's own files over it, given as (name below the theme's folder, content).
    ///
    /// # Errors
    /// Templates and tables of words that cannot be read, all at once.
    pub fn with_overrides(overrides: &[(String, Arc<[u8]>)]) -> Result<Self, Diagnostics> {
        let mut all: BTreeMap<&str, Arc<[u8]>> = FOLIO.iter().map(|(name, text)| (*name, Arc::from(text.as_bytes()))).collect();
        all.extend(overrides.iter().map(|(name, bytes)| (name.as_str(), Arc::clone(bytes))));
        let mut problems = Diagnostics::new();
        let (mut templates, mut tables, mut files, mut sources) = (Vec::new(), BTreeMap::new(), Vec::new(), Vec::new());
        for (name, bytes) in all {
            let table = name.strip_prefix("strings/").and_then(|n| n.strip_suffix(".yaml"));
            let template = name.ends_with(".html");
            match std::str::from_utf8(&bytes) {
                // what the site lays over the theme is its author's, and is searched like every other output
                Ok(text) if FOLIO.contains(&(name, text)) => sources.push(crate::access::public(text.to_owned())),
                Ok(_) => {}
                Err(_) if table.is_some() || template => {
                    problems.push(problem(name, "is not UTF-8").hint("save it as UTF-8"));
                    continue;
                }
                Err(_) => {}
            }
            let text = String::from_utf8_lossy(&bytes);
            if let Some(language) = table {
                match serde_yaml::from_str::<BTreeMap<String, String>>(&text) {
                    Ok(table) => {
                        // an own table may leave out what the built-in one of that language has
                        let mut whole = built_in(name);
                        whole.extend(table);
                        tables.insert(language.to_owned(), whole);
                    }
                    Err(e) => problems.push(problem(name, &e.to_string()).hint("write one `key: text` on each line")),
                }
            } else if template {
                templates.push((name.to_owned(), text.into_owned()));
            } else {
                files.push((name.to_owned(), bytes));
            }
        }
        let mut tera = Tera::default();
        if let Err(e) = tera.add_raw_templates(templates.iter().map(|(name, text)| (name.as_str(), text.as_str()))) {
            problems.push(mistake(&e, &templates).hint("correct the template, or remove it to use the built-in one"));
        }
        if problems.has_errors() {
            return Err(problems);
        }
        let english = Words::new(tables.remove("en").unwrap_or_default(), None);
        let mut words: BTreeMap<String, Words> = tables.into_iter().map(|(tag, table)| (tag, Words::new(table, Some(&english)))).collect();
        words.insert("en".to_owned(), english);
        Ok(Self { tera, words, files, sources })
    }

    /// The words for a language tag: `zh` for `zh-Hant`, English for languages without a table.
    #[must_use]
    pub fn words(&self, tag: &str) -> &Words {
        let language = tag.split('-').next().unwrap_or(tag);
        let found = self.words.get(tag).or_else(|| self.words.get(language)).or_else(|| self.words.get("en"));
        found.unwrap_or_else(|| self.words.values().next().unwrap_or_else(|| unreachable!("a theme has English words")))
    }

    /// The files that pages load, with the accent (`#rrggbb`) in the style sheet.
    #[must_use]
    pub fn files(&self, accent: Option<&str>) -> Vec<(String, Arc<[u8]>)> {
        let mut files = self.files.clone();
        let style = files.iter_mut().find(|(name, _)| name == CSS);
        if let (Some(accent), Some((_, bytes))) = (accent.and_then(Colour::parse), style) {
            let text = String::from_utf8_lossy(bytes);
            let ground = |name: &str, nth: usize, otherwise: [u8; 3]| variable(&text, name, nth).unwrap_or(Colour(otherwise));
            let light = [ground("--bg", 0, [255; 3]), ground("--raised", 0, [255; 3])];
            let dark = [ground("--bg", 1, [0; 3]), ground("--raised", 1, [0; 3])];
            *bytes = Arc::from(format!("{text}\n{}", accent_style(accent, light, dark)).into_bytes());
        }
        files
    }

    /// Every file of the built-in theme that is in use: public by what it is.
    pub fn sources(&self) -> impl Iterator<Item = &Public<String>> {
        self.sources.iter()
    }

    /// Renders a page. What the template engine need not see, because it is large and final, is spliced into the slots.
    ///
    /// # Errors
    /// A template of the site that names what is not there.
    pub fn render(
        &self,
        template: Template,
        lang: &str,
        context: &impl Serialize,
        slots: &[(Slot, Public<&[u8]>)],
    ) -> Result<Vec<u8>, Diagnostic> {
        let failed = |e: tera::Error| {
            problem(template.name(), &e.to_string()).hint("correct the template in `themes/`, or remove it to use the built-in one")
        };
        let mut context = Context::from_serialize(context).map_err(failed)?;
        context.insert_value("t", self.words(lang).value());
        let text = self.tera.render(template.name(), &context).map_err(failed)?;
        Ok(splice(&text, slots))
    }
}

/// The built-in table of words under this name, if there is one.
fn built_in(name: &str) -> BTreeMap<String, String> {
    let text = FOLIO.iter().find(|(n, _)| *n == name).map_or("", |(_, text)| *text);
    serde_yaml::from_str(text).unwrap_or_default()
}

/// What keeps the templates from being compiled, at its place in the template that says so.
fn mistake(error: &tera::Error, templates: &[(String, String)]) -> Diagnostic {
    use tera::ErrorKind as Is;
    let said = error.to_string();
    let name = match error.kind() {
        Is::SyntaxError(report) | Is::RenderingError(report) => {
            let text = templates.iter().find(|(name, _)| name == report.filename()).map_or("", |(_, text)| text);
            return problem(report.filename(), report.message()).at(report.filename(), text, report.span().range.clone());
        }
        Is::CircularExtend { tpl, .. } | Is::CircularInclude { tpl, .. } => Some(tpl),
        Is::MissingParent { current, .. } => Some(current),
        // drawn already, with the name before the place
        _ => templates.iter().map(|(name, _)| name).find(|name| said.contains(&format!("--> {name}:"))),
    };
    let said = said.strip_prefix("error: ").unwrap_or(&said);
    match name {
        Some(name) => problem(name, said),
        None => Diagnostic::error("theme/template", format!("the templates of the theme: {said}")),
    }
}

fn problem(name: &str, message: &str) -> Diagnostic {
    Diagnostic::error("theme/template", format!("`{name}` of the theme: {}", message.trim_end())).in_file(name)
}

/// The value of the nth definition of a variable in a style sheet.
pub(crate) fn variable(css: &str, name: &str, nth: usize) -> Option<Colour> {
    let start = format!("{name}: ");
    let (at, _) = css.match_indices(&start).nth(nth)?;
    Colour::parse(css.get(at + start.len()..)?.split(';').next()?.trim())
}

fn splice(text: &str, slots: &[(Slot, Public<&[u8]>)]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + slots.iter().map(|(_, html)| html.get().len()).sum::<usize>());
    let mut rest = text;
    while let Some(at) = rest.find('\u{2}') {
        out.extend_from_slice(&rest.as_bytes()[..at]);
        rest = &rest[at..];
        match slots.iter().find(|(slot, _)| rest.starts_with(slot.mark())) {
            Some((slot, html)) => {
                out.extend_from_slice(html.get());
                rest = &rest[slot.mark().len()..];
            }
            None => rest = &rest[1..],
        }
    }
    out.extend_from_slice(rest.as_bytes());
    out
}

#[cfg(test)]
mod tests;
