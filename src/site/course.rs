//! What the pages of one course share: its lessons in order with their public names, the outline, the breadcrumbs.

use super::frame::Frames;
use super::seal::SealedCourse;
use crate::access::{Access, Public, public};
use crate::edition::{self, Inside, Lesson, Node, OutlineMode};
use crate::protocol::SealedFile;
use crate::template::{CourseLink, Entry, Fact, Link, Outline, Words};

/// One lesson as its page needs it.
pub(super) struct Item<'a> {
    pub(super) lesson: &'a Lesson,
    pub(super) file: Option<&'a SealedFile>,
    /// Chapters above it.
    pub(super) crumbs: Vec<Link>,
    /// Its title, unless the outline hides it.
    pub(super) title: Public<String>,
    pub(super) href: String,
}

/// One course as its pages need it.
pub(super) struct Course<'a> {
    pub(super) course: &'a edition::Course,
    pub(super) words: &'a Words,
    pub(super) items: Vec<Item<'a>>,
    pub(super) entries: Vec<Entry>,
    pub(super) outline: Outline,
    pub(super) href: String,
    /// Whether any sentence of it has two wordings, so that readers are to be told.
    pub(super) marked: bool,
}

impl<'a> Course<'a> {
    pub(super) fn new(frames: &Frames<'a>, course: &'a edition::Course, sealed: &'a SealedCourse) -> Self {
        let words = frames.words(&course.language);
        let href = frames.site().href(&course.url);
        let mut walk = Walk { frames, course, words, sealed, items: Vec::new() };
        let entries = walk.entries(&course.tree, &[]);
        let items = walk.items;
        let outline = Outline::draw(&entries, &href, words);
        Self { course, words, items, entries, outline, href, marked: sealed.marked }
    }

    pub(super) fn link(&self) -> CourseLink {
        CourseLink {
            id: self.course.id.clone(),
            lang: self.course.language.tag().to_owned(),
            title: self.course.title.clone(),
            href: self.href.clone(),
        }
    }

    /// The first lesson.
    pub(super) fn start(&self) -> Option<String> {
        self.items.first().map(|item| item.href.clone())
    }

    pub(super) fn has_sealed(&self) -> bool {
        self.items.iter().any(|item| item.file.is_some())
    }

    fn free(&self) -> u32 {
        self.items.iter().filter(|item| item.lesson.access == Access::Free).count() as u32
    }

    /// "4 lessons · 2 lessons free · 40 min"
    pub(super) fn facts(&self) -> Vec<Fact> {
        let minutes: u32 = self.items.iter().map(|item| item.lesson.minutes).sum();
        let time = if minutes < 120 { self.words.count("minutes", minutes) } else { self.words.count("hours", (minutes + 30) / 60) };
        let mut facts = vec![Fact::plain(self.words.count("lessons", self.items.len() as u32))];
        facts.extend(self.free_fact());
        facts.push(Fact::plain(time));
        facts
    }

    /// "19 USD · 2 lessons free"; "Free" for a course without anything sealed.
    pub(super) fn card_facts(&self) -> Vec<Fact> {
        if !self.has_sealed() {
            return vec![
                Fact::plain(self.words.count("lessons", self.items.len() as u32)),
                Fact { text: public(self.words.get("free").to_owned()), strong: true },
            ];
        }
        let price = self.course.price.as_ref().map(|price| Fact { text: public(price.to_string()), strong: true });
        price.into_iter().chain(self.free_fact()).collect()
    }

    fn free_fact(&self) -> Option<Fact> {
        let free = self.free();
        (self.has_sealed() && free > 0).then(|| Fact::plain(self.words.count("lessons_free", free)))
    }

    /// What is sealed in all lessons, and how many these are.
    pub(super) fn inside(&self) -> (u32, Inside) {
        let mut sum = Inside::default();
        let sealed = self.items.iter().filter(|item| item.file.is_some());
        let count = sealed.clone().count() as u32;
        for Inside { words, code_blocks, images, tables } in sealed.map(|item| item.lesson.inside) {
            sum.words += words;
            sum.code_blocks += code_blocks;
            sum.images += images;
            sum.tables += tables;
        }
        (count, sum)
    }
}

/// Walks the tree once, counting lessons in reading order.
struct Walk<'a, 'f> {
    frames: &'f Frames<'a>,
    course: &'a edition::Course,
    words: &'a Words,
    sealed: &'a SealedCourse,
    items: Vec<Item<'a>>,
}

impl<'a> Walk<'a, '_> {
    fn entries(&mut self, nodes: &'a [Node], crumbs: &[Link]) -> Vec<Entry> {
        let mut entries = Vec::new();
        for node in nodes {
            match node {
                Node::Lesson(lesson) => entries.extend(self.lesson(lesson, crumbs, None)),
                Node::Chapter { title, page, children, .. } => {
                    let mut below = crumbs.to_vec();
                    // a chapter has the title of its page, which a hidden outline does not tell
                    let hidden = page.as_ref().is_some_and(|page| self.hides(page));
                    if !hidden {
                        let href = page.as_ref().map(|page| self.frames.site().href(&page.url)).unwrap_or_default();
                        below.push(Link { title: title.clone(), href, current: false });
                    }
                    // the page of a chapter carries the chapter's title, which stands above it already
                    let overview = public(self.words.get("overview").to_owned());
                    let mut inner: Vec<Entry> = page.iter().filter_map(|page| self.lesson(page, crumbs, Some(&overview))).collect();
                    inner.extend(self.entries(children, &below));
                    if hidden {
                        entries.extend(inner);
                    } else if children.is_empty() {
                        entries.extend(inner.into_iter().map(|entry| retitled(entry, title)));
                    } else {
                        entries.push(Entry::Group { title: title.clone(), children: inner });
                    }
                }
            }
        }
        entries
    }

    /// True for a lesson of which the outline tells nothing.
    fn hides(&self, lesson: &Lesson) -> bool {
        self.course.outline == OutlineMode::Hidden && lesson.body.sealed.is_some()
    }

    fn lesson(&mut self, lesson: &'a Lesson, crumbs: &[Link], name: Option<&Public<String>>) -> Option<Entry> {
        let number = self.items.len();
        let file = self.sealed.lessons.get(number).and_then(Option::as_ref);
        let hidden = self.hides(lesson);
        let title = if hidden { public(self.words.get("sealed_lesson").to_owned()) } else { lesson.title.clone() };
        let href = self.frames.site().href(&lesson.url);
        self.items.push(Item { lesson, file, crumbs: crumbs.to_vec(), title, href: href.clone() });
        let headings = if file.is_some() && self.course.outline == OutlineMode::Full { lesson.headings.get().as_slice() } else { &[] };
        (!hidden).then(|| Entry::Lesson {
            number,
            title: name.unwrap_or(&lesson.short).clone(),
            href,
            sealed: file.is_some(),
            minutes: lesson.minutes,
            headings: headings.iter().filter(|h| h.level == 2).map(|h| public(h.text.clone())).collect(),
        })
    }
}

fn retitled(mut entry: Entry, to: &Public<String>) -> Entry {
    if let Entry::Lesson { title, .. } = &mut entry {
        *title = to.clone();
    }
    entry
}
