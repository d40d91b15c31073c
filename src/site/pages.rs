//! Every page of a site.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::course::{Course, Item};
use super::frame::{Frames, Head};
use super::lock::{self, Texts};
use crate::access::{Public, public};
use crate::diag::{Diagnostic, Diagnostics};
use crate::edition::{Language, OutlineMode, Page, Prose};
use crate::template::{
    Card, CoursePage, DoorPage, Fact, HeadingLink, HomePage, LessonPage, Link, Lock, PlainPage, Slot, Template, contents, cover, escape,
};

/// From this many headings on, a page lists them.
const LISTED: usize = 2;

/// A rendered page.
pub(super) struct Rendered<'a> {
    pub(super) path: String,
    /// Path of its source; `None` for pages that a site may replace.
    pub(super) source: Option<&'a str>,
    pub(super) bytes: Vec<u8>,
}

/// Renders all pages, in parallel.
pub(super) fn render<'a>(frames: &'a Frames<'a>, courses: &'a [Course<'a>]) -> Result<Vec<Rendered<'a>>, Diagnostics> {
    type Job<'j, 'a> = Box<dyn Fn() -> Result<Rendered<'a>, Diagnostic> + Send + Sync + 'j>;
    let mut jobs: Vec<Job<'_, 'a>> = Vec::new();
    for course in courses {
        jobs.push(Box::new(move || course_page(frames, course)));
        for number in 0..course.items.len() {
            jobs.push(Box::new(move || lesson_page(frames, course, number)));
        }
    }
    for page in &frames.edition.pages {
        jobs.push(Box::new(move || plain_page(frames, page)));
    }
    // the course of a bare folder is the home page itself
    if !courses.iter().any(|c| c.course.url.is_empty()) {
        jobs.push(Box::new(move || home_page(frames, courses)));
    }
    jobs.push(Box::new(move || missing_page(frames, courses)));
    if courses.iter().any(Course::has_sealed) {
        jobs.push(Box::new(move || thanks_page(frames, courses)));
    }
    let marked = courses.iter().filter(|c| c.marked).map(|c| &c.course.language);
    let languages: BTreeMap<&str, &'a Language> = marked.map(|language| (language.tag(), language)).collect();
    for language in languages.into_values() {
        jobs.push(Box::new(move || copies_page(frames, language)));
    }
    let (mut pages, mut problems) = (Vec::with_capacity(jobs.len()), Diagnostics::new());
    for result in jobs.par_iter().map(|job| job()).collect::<Vec<_>>() {
        match result {
            Ok(page) => pages.push(page),
            // a template that fails, fails on every page: once is enough
            Err(problem) if problems.iter().any(|p| p.message == problem.message) => {}
            Err(problem) => problems.push(problem),
        }
    }
    if problems.has_errors() { Err(problems) } else { Ok(pages) }
}

fn bytes(prose: Option<&Public<Prose>>) -> Public<&[u8]> {
    public(prose.map_or(&[][..], |prose| prose.get().html.as_bytes()))
}

fn index(url: &str) -> String {
    format!("{url}index.html")
}

fn home_page<'a>(frames: &Frames<'a>, courses: &[Course<'_>]) -> Result<Rendered<'a>, Diagnostic> {
    let site = frames.site();
    let home = frames.edition.home.as_ref();
    let title = home.map_or_else(|| public(site.title.clone()), |page| page.title.clone());
    let described = home.and_then(|page| page.description.clone()).or_else(|| site.description.clone().map(public));
    let cards = courses.iter().map(|c| Card {
        id: c.course.id.clone(),
        lang: c.course.language.tag().to_owned(),
        title: c.course.title.clone(),
        summary: c.course.summary.clone(),
        facts: c.card_facts(),
        href: c.href.clone(),
        start: c.start(),
        begin: c.words.get("start").to_owned(),
        image: c.course.cover.clone(),
        cover: cover(&c.course.id),
    });
    let head = Head { url: Some(String::new()), title: frames.joined(&title, &site.title), description: described, lock: false };
    let text = home.map(|page| &page.prose);
    let context = HomePage {
        page: frames.frame(&site.language, head),
        title,
        courses: cards.collect(),
        has_text: text.is_some_and(|prose| !prose.get().html.is_empty()),
        text: Slot::Text,
    };
    let bytes = frames.theme.render(Template::Home, site.language.tag(), &context, &[(Slot::Text, bytes(text))])?;
    Ok(Rendered { path: index(""), source: Some(home.map_or("content/index.md", |page| page.source.as_str())), bytes })
}

fn plain_page<'a>(frames: &Frames<'a>, page: &'a Page) -> Result<Rendered<'a>, Diagnostic> {
    let site = frames.site();
    let head = Head {
        url: Some(page.url.clone()),
        title: frames.joined(&page.title, &site.title),
        description: page.description.clone(),
        lock: false,
    };
    let context = PlainPage { page: frames.frame(&site.language, head), title: page.title.clone(), text: Slot::Text };
    let bytes = frames.theme.render(Template::Page, site.language.tag(), &context, &[(Slot::Text, bytes(Some(&page.prose)))])?;
    Ok(Rendered { path: index(&page.url), source: Some(&page.source), bytes })
}

fn course_page<'a>(frames: &Frames<'a>, course: &Course<'a>) -> Result<Rendered<'a>, Diagnostic> {
    let it = course.course;
    let words = course.words;
    let head = Head {
        url: Some(it.url.clone()),
        title: frames.joined(&it.title, &frames.site().title),
        description: it.description.clone().or_else(|| it.summary.clone()),
        lock: course.has_sealed(),
    };
    let (sealed, inside) = course.inside();
    let lock = (sealed > 0).then(|| {
        let texts = Texts {
            title: words.get("lock_course").to_owned(),
            about: None,
            sentence: Some(words.get("lock_sentence_course").to_owned()),
            inside: lock::inside(words, &inside, Some(sealed)),
            marked: course.marked,
        };
        lock::lock(frames, &it.language, Some(it), None, texts)
    });
    let context = CoursePage {
        page: frames.frame(&it.language, head),
        id: it.id.clone(),
        title: it.title.clone(),
        summary: it.summary.clone(),
        facts: course.facts(),
        start: course.start(),
        image: it.cover.clone(),
        cover: cover(&it.id),
        has_text: it.intro.as_ref().is_some_and(|prose| !prose.get().html.is_empty()),
        text: Slot::Text,
        contents: Slot::Contents,
        lock,
    };
    let contents = contents(&course.entries, words);
    let slots = [(Slot::Text, bytes(it.intro.as_ref())), (Slot::Contents, public(contents.as_bytes()))];
    let bytes = frames.theme.render(Template::Course, it.language.tag(), &context, &slots)?;
    Ok(Rendered { path: index(&it.url), source: Some(it.intro_source.as_deref().unwrap_or(&it.dir)), bytes })
}

fn lesson_page<'a>(frames: &Frames<'a>, course: &Course<'a>, number: usize) -> Result<Rendered<'a>, Diagnostic> {
    let item = &course.items[number];
    let lesson = item.lesson;
    let language = &course.course.language;
    let open = lesson.body.open.as_ref().filter(|prose| !prose.get().html.is_empty());
    let lock = item.file.map(|_| lesson_lock(frames, course, item, open.is_some()));
    let head = Head {
        url: Some(lesson.url.clone()),
        title: frames.joined(&item.title, course.course.title.get()),
        description: lesson.description.clone().or_else(|| lesson.summary.clone()),
        lock: lock.is_some(),
    };
    let neighbour = |item: &Item<'_>| Link { title: item.title.clone(), href: item.href.clone(), current: false };
    let mut crumbs = vec![Link { title: course.course.title.clone(), href: course.href.clone(), current: false }];
    crumbs.extend(item.crumbs.iter().cloned());
    let notice = lock.as_ref().and_then(|lock| lock.notice.clone());
    let context = LessonPage {
        page: frames.frame(language, head),
        course: course.link(),
        crumbs,
        title: item.title.clone(),
        facts: facts(course, item),
        lead: lesson.summary.clone().filter(|_| lock.is_some() && open.is_none()),
        has_text: open.is_some(),
        text: Slot::Text,
        outline: Slot::Outline,
        lock,
        previous: number.checked_sub(1).and_then(|n| course.items.get(n)).map(neighbour),
        next: course.items.get(number + 1).map(neighbour),
        headings: headings(course, item),
    };
    let mut outline = Vec::new();
    course.outline.write(Some(number), &mut outline);
    let slots = [(Slot::Text, bytes(open)), (Slot::Outline, public(outline.as_slice()))];
    let bytes = frames.theme.render(Template::Lesson, language.tag(), &context, &slots)?;
    if let Some(href) = notice {
        says_so(&bytes, course.words.get("notice"), &href, &lesson.source)?;
    }
    Ok(Rendered { path: index(&lesson.url), source: Some(&lesson.source), bytes })
}

fn lesson_lock(frames: &Frames<'_>, course: &Course<'_>, item: &Item<'_>, begins_open: bool) -> Lock {
    let words = course.words;
    let texts = Texts {
        title: words.get(if begins_open { "lock_rest" } else { "lock_whole" }).to_owned(),
        about: item.lesson.summary.clone().filter(|_| begins_open),
        sentence: Some(words.about("lock_sentence", course.course.title.get())),
        inside: lock::inside(words, &item.lesson.inside, None),
        marked: course.marked,
    };
    lock::lock(frames, &course.course.language, Some(course.course), item.file, texts)
}

/// Readers are told before they buy: a page that does not say that copies are worded for orders cannot have such copies.
fn says_so(page: &[u8], notice: &str, href: &str, source: &str) -> Result<(), Diagnostic> {
    let page = String::from_utf8_lossy(page);
    let linked = page.contains(&format!("href=\"{}\"", escape(href)));
    if linked && !notice.trim().is_empty() && page.contains(&*escape(notice)) {
        return Ok(());
    }
    let message = "the locked page does not say that copies are worded for their orders, so nothing may be marked";
    let hint = "keep `{{ t.notice }}` and its link to `{{ lock.notice }}` in `lock.html`, and `notice` among the theme's words; or write `marks: off`";
    Err(Diagnostic::error("marks/no-notice", message).in_file(source).hint(hint))
}

/// What marks are and what they prove, for readers.
fn copies_page<'a>(frames: &Frames<'a>, language: &'a Language) -> Result<Rendered<'a>, Diagnostic> {
    let words = frames.words(language);
    let title = public(words.get("copies_title").to_owned());
    let url = lock::copies(frames.site(), language);
    let head = Head { url: Some(url.clone()), title: frames.joined(&title, &frames.site().title), description: None, lock: false };
    let paragraphs = ["copies_what", "copies_proves", "copies_not", "copies_alike"];
    let html: String = paragraphs.iter().map(|key| format!("<p>{}</p>", escape(words.get(key)))).collect();
    let context = PlainPage { page: frames.frame(language, head), title, text: Slot::Text };
    let bytes = frames.theme.render(Template::Page, language.tag(), &context, &[(Slot::Text, public(html.as_bytes()))])?;
    Ok(Rendered { path: index(&url), source: None, bytes })
}

/// Reading time, and "Free" where not everything is.
fn facts(course: &Course<'_>, item: &Item<'_>) -> Vec<Fact> {
    let minutes = Fact::plain(course.words.count("minutes", item.lesson.minutes));
    let free = course.has_sealed() && item.file.is_none();
    std::iter::once(minutes).chain(free.then(|| Fact::plain(course.words.get("free").to_owned()))).collect()
}

/// The headings of the open part, and of the sealed part where the author shows them.
fn headings(course: &Course<'_>, item: &Item<'_>) -> Option<Vec<HeadingLink>> {
    let open = item.lesson.body.open.as_ref().map_or(&[][..], |prose| prose.get().headings.as_slice());
    let shown = if course.course.outline == OutlineMode::Full { item.lesson.headings.get().as_slice() } else { open };
    let links: Vec<HeadingLink> = shown
        .iter()
        .filter(|h| (2..=3).contains(&h.level))
        .map(|h| HeadingLink {
            level: h.level,
            id: public(h.id.clone()),
            text: public(h.text.clone()),
            open: open.iter().any(|o| o.id == h.id),
        })
        .collect();
    (links.len() >= LISTED).then_some(links)
}

fn thanks_page<'a>(frames: &Frames<'a>, courses: &[Course<'_>]) -> Result<Rendered<'a>, Diagnostic> {
    let language = &frames.site().language;
    let words = frames.words(language);
    let texts = Texts {
        title: words.get("lock_thanks").to_owned(),
        about: None,
        sentence: frames.site().endpoint.is_some().then(|| words.get("lock_sentence_thanks").to_owned()),
        inside: None,
        marked: false,
    };
    let lock = lock::lock(frames, language, None, None, texts);
    door(frames, courses, Template::Thanks, "thanks_title", Some(lock), "thanks/index.html")
}

fn missing_page<'a>(frames: &Frames<'a>, courses: &[Course<'_>]) -> Result<Rendered<'a>, Diagnostic> {
    door(frames, courses, Template::Missing, "missing_title", None, "404.html")
}

fn door<'a>(
    frames: &Frames<'a>,
    courses: &[Course<'_>],
    template: Template,
    title: &str,
    lock: Option<Lock>,
    path: &str,
) -> Result<Rendered<'a>, Diagnostic> {
    let site = frames.site();
    let title = public(frames.words(&site.language).get(title).to_owned());
    let head = Head { url: None, title: frames.joined(&title, &site.title), description: None, lock: lock.is_some() };
    let context = DoorPage { page: frames.frame(&site.language, head), courses: courses.iter().map(Course::link).collect(), lock };
    let bytes = frames.theme.render(template, site.language.tag(), &context, &[])?;
    Ok(Rendered { path: path.to_owned(), source: None, bytes })
}
