//! What each template gets. Text from content is [`Public`]: sealed text cannot be put here.

use serde::{Serialize, Serializer};

use crate::access::Public;

/// A place for HTML that is too large to go through the template engine: the engine writes a mark, the text is spliced in behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slot {
    /// The text of the page.
    Text,
    /// The outline of the course.
    Outline,
    /// The contents of the course.
    Contents,
}

impl Slot {
    /// Control characters pass through escaping and stand in no text.
    pub(super) fn mark(self) -> &'static str {
        match self {
            Slot::Text => "\u{2}t\u{3}",
            Slot::Outline => "\u{2}o\u{3}",
            Slot::Contents => "\u{2}c\u{3}",
        }
    }
}

impl Serialize for Slot {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.mark())
    }
}

/// A link with its text.
#[derive(Debug, Clone, Serialize)]
pub struct Link {
    /// What is shown.
    pub title: Public<String>,
    /// Where it leads; empty for text that is no link.
    pub href: String,
    /// Whether it leads to this very page.
    pub current: bool,
}

/// A link to a course.
#[derive(Debug, Clone, Serialize)]
pub struct CourseLink {
    /// The course's id.
    pub id: String,
    /// Its language tag.
    pub lang: String,
    /// Its title.
    pub title: Public<String>,
    /// Where it leads.
    pub href: String,
}

/// One of the small facts below a title.
#[derive(Debug, Clone, Serialize)]
pub struct Fact {
    /// What is shown.
    pub text: Public<String>,
    /// Whether it stands out: a price.
    pub strong: bool,
}

impl Fact {
    /// A fact that does not stand out.
    #[must_use]
    pub fn plain(text: String) -> Self {
        Self { text: crate::access::public(text), strong: false }
    }
}

/// What every page has: `page` in templates.
#[derive(Debug, Clone, Serialize)]
pub struct Frame {
    /// Language tag of the page.
    pub lang: String,
    /// `rtl` for languages that are written from right to left, else `ltr`.
    pub dir: &'static str,
    /// For the window title.
    pub title: Public<String>,
    /// For the page head.
    pub description: Option<Public<String>>,
    /// The page's full address, where the site knows its own.
    pub canonical: Option<String>,
    /// True for pages that search engines should leave out.
    pub unlisted: bool,
    /// True for output of a throw-away key.
    pub preview: bool,
    /// Content security policy.
    pub policy: String,
    /// Address of the icon.
    pub icon: String,
    /// Address of the style sheet.
    pub css: String,
    /// Address of the small script of every page.
    pub js: String,
    /// Address of the reader, on pages with a lock.
    pub reader: Option<String>,
    /// Title of the site.
    pub site: String,
    /// Who made it.
    pub author: Option<String>,
    /// Address of the home page.
    pub home: String,
    /// Loose pages.
    pub pages: Vec<Link>,
}

/// The lock: what is for sale, and the facts that the reader needs.
#[derive(Debug, Clone, Serialize)]
pub struct Lock {
    /// JSON for `data-bookplate`.
    pub data: String,
    /// What is locked.
    pub title: Public<String>,
    /// What the lesson says about itself in public.
    pub about: Option<Public<String>>,
    /// What buying gives.
    pub sentence: Option<Public<String>>,
    /// What is inside.
    pub inside: Option<Public<String>>,
    /// Where the sentence about worded copies leads; none where nothing is marked.
    pub notice: Option<String>,
    /// Whether opened lessons say whose copy they are, on paper too.
    pub signed: bool,
    /// What it costs.
    pub price: Option<String>,
    /// Where *Buy* leads.
    pub checkout: Option<String>,
    /// Whether there is a key endpoint to ask. Without one only a code opens that the author sent, and no order is asked for.
    pub endpoint: bool,
    /// Where keyrings are made for orders from time to time: how long that may take.
    pub wait: Option<String>,
}

/// A course on the home page.
#[derive(Debug, Clone, Serialize)]
pub struct Card {
    /// The course's id.
    pub id: String,
    /// Its language tag.
    pub lang: String,
    /// Its title.
    pub title: Public<String>,
    /// One sentence.
    pub summary: Option<Public<String>>,
    /// Price, number of free lessons.
    pub facts: Vec<Fact>,
    /// Its own page.
    pub href: String,
    /// Its first lesson.
    pub start: Option<String>,
    /// "Start reading" in the language of the course.
    pub begin: String,
    /// The author's picture.
    pub image: Option<String>,
    /// The drawn cover, where there is no picture: SVG made by [`super::cover()`].
    pub cover: String,
}

/// `home.html`
#[derive(Debug, Clone, Serialize)]
pub struct HomePage {
    /// Frame.
    pub page: Frame,
    /// Heading.
    pub title: Public<String>,
    /// Covers.
    pub courses: Vec<Card>,
    /// Whether there is a text below them.
    pub has_text: bool,
    /// That text.
    pub text: Slot,
}

/// `course.html`
#[derive(Debug, Clone, Serialize)]
pub struct CoursePage {
    /// Frame.
    pub page: Frame,
    /// The course's id.
    pub id: String,
    /// Heading.
    pub title: Public<String>,
    /// One sentence.
    pub summary: Option<Public<String>>,
    /// Number of lessons, reading time.
    pub facts: Vec<Fact>,
    /// The first lesson.
    pub start: Option<String>,
    /// The author's picture.
    pub image: Option<String>,
    /// The drawn cover.
    pub cover: String,
    /// Whether there is a text.
    pub has_text: bool,
    /// The text of the course's own page.
    pub text: Slot,
    /// All lessons.
    pub contents: Slot,
    /// Price and *Buy*, if something is sealed.
    pub lock: Option<Lock>,
}

/// A heading in "on this page".
#[derive(Debug, Clone, Serialize)]
pub struct HeadingLink {
    /// 2 or 3.
    pub level: u8,
    /// Its anchor.
    pub id: Public<String>,
    /// Its text.
    pub text: Public<String>,
    /// Whether it stands in the open part; otherwise it is shown without a link.
    pub open: bool,
}

/// `lesson.html`
#[derive(Debug, Clone, Serialize)]
pub struct LessonPage {
    /// Frame.
    pub page: Frame,
    /// The course.
    pub course: CourseLink,
    /// From the course down to the chapter of the lesson.
    pub crumbs: Vec<Link>,
    /// Heading.
    pub title: Public<String>,
    /// Reading time, access.
    pub facts: Vec<Fact>,
    /// The public sentence of a locked page.
    pub lead: Option<Public<String>>,
    /// Whether there is open text.
    pub has_text: bool,
    /// The open text.
    pub text: Slot,
    /// The outline.
    pub outline: Slot,
    /// The lock, if the lesson has a sealed part.
    pub lock: Option<Lock>,
    /// The lesson before.
    pub previous: Option<Link>,
    /// The lesson after.
    pub next: Option<Link>,
    /// On this page; `None` where there is too little to list.
    pub headings: Option<Vec<HeadingLink>>,
}

/// `page.html`
#[derive(Debug, Clone, Serialize)]
pub struct PlainPage {
    /// Frame.
    pub page: Frame,
    /// Heading.
    pub title: Public<String>,
    /// Text.
    pub text: Slot,
}

/// `thanks.html` and `404.html`
#[derive(Debug, Clone, Serialize)]
pub struct DoorPage {
    /// Frame.
    pub page: Frame,
    /// The courses of the site.
    pub courses: Vec<CourseLink>,
    /// The lock, for codes, if anything is for sale.
    pub lock: Option<Lock>,
}
