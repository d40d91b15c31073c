//! The checked content of a site.

use std::sync::Arc;

use crate::access::{Access, Public, Sealed};
use crate::config::{Language, Marks, Price, Product, Site};
use crate::content::OutlineMode;
use crate::markdown::{Heading, Prose};

/// The checked content of a site at one moment.
#[derive(Debug, Clone)]
pub struct Edition {
    /// Settings.
    pub site: Site,
    /// `content/index.md`, the text of the home page.
    pub home: Option<Page>,
    /// Loose pages such as `content/about.md`.
    pub pages: Vec<Page>,
    /// Courses in their order; a bare folder is one with the empty url.
    pub courses: Vec<Course>,
    /// `static/` and the assets of public text, ready to be written.
    pub files: Vec<StaticFile>,
    /// Everything below `themes/<name>/` of the site's own theme, paths relative to that folder.
    pub theme_files: Vec<(String, Arc<[u8]>)>,
}

/// A page outside the courses.
#[derive(Debug, Clone)]
pub struct Page {
    /// Path of its source.
    pub source: String,
    /// Path below the base, not encoded, ends with `/`; empty for the home page.
    pub url: String,
    /// Its title.
    pub title: Public<String>,
    /// One sentence about it.
    pub description: Option<Public<String>>,
    /// Its text; pages are free.
    pub prose: Public<Prose>,
}

/// A course: what is sold.
#[derive(Debug, Clone)]
pub struct Course {
    /// Its id: 1 to 128 bytes, no control characters, unique in the site.
    pub id: String,
    /// Its folder in the sources; empty for a bare folder.
    pub dir: String,
    /// Path below the base, not encoded, such as `ownership/`; empty for a bare folder.
    pub url: String,
    /// Its title.
    pub title: Public<String>,
    /// One sentence about it.
    pub summary: Option<Public<String>>,
    /// Longer text for the page head.
    pub description: Option<Public<String>>,
    /// Its language, the site's unless it says otherwise.
    pub language: Language,
    /// What it costs.
    pub price: Option<Price>,
    /// Where *Buy* leads.
    pub checkout: Option<String>,
    /// What sells it.
    pub products: Vec<Product>,
    /// What the outline shows of sealed lessons.
    pub outline: OutlineMode,
    /// Key generation that it is sealed under, 1 at first.
    pub epoch: u32,
    /// Key generations that the endpoint serves: `epoch`, and beside it another one while keys rotate.
    pub epochs: Vec<u32>,
    /// When the keys of the newest generation were begun, seconds since 1970.
    pub rotated: Option<u64>,
    /// How it is marked; `rules` is the number that was used.
    pub marks: Marks,
    /// Picture for the home page: link with base, encoded.
    pub cover: Option<String>,
    /// The text of the course's own page (`index.md` or `README.md`).
    pub intro: Option<Public<Prose>>,
    /// Path of that text's source.
    pub intro_source: Option<String>,
    /// Chapters and lessons in reading order.
    pub tree: Vec<Node>,
}

/// A chapter or a lesson.
#[derive(Debug, Clone)]
pub enum Node {
    /// A group of lessons, perhaps with a page of its own.
    Chapter {
        /// Its title.
        title: Public<String>,
        /// Path of its page, if it has one.
        url: Option<String>,
        /// Its page; a lesson like others, first in reading order.
        page: Option<Box<Lesson>>,
        /// What it holds.
        children: Vec<Node>,
    },
    /// One page.
    Lesson(Box<Lesson>),
}

/// One page of a course.
#[derive(Debug, Clone)]
pub struct Lesson {
    /// Its id: from front matter, else the path in the course without prefixes; unique in the course.
    pub id: String,
    /// Path of its source.
    pub source: String,
    /// Path below the base, not encoded, ends with `/`.
    pub url: String,
    /// Its title.
    pub title: Public<String>,
    /// Its name in the outline: what `SUMMARY.md` calls it, else the title.
    pub short: Public<String>,
    /// For the page head.
    pub description: Option<Public<String>>,
    /// The public sentence of the locked page.
    pub summary: Option<Public<String>>,
    /// Who may read it.
    pub access: Access,
    /// Its text.
    pub body: Body,
    /// Headings that everybody may see: those of the open part; with [`OutlineMode::Full`] those of the sealed part too.
    pub headings: Public<Vec<Heading>>,
    /// Reading time of the whole lesson in minutes, at least 1.
    pub minutes: u32,
    /// What is in the sealed part (in all of it, where nothing is sealed).
    pub inside: Inside,
}

/// What a passage holds, as public numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Inside {
    /// Words; every Han character counts as one.
    pub words: u32,
    /// Code blocks.
    pub code_blocks: u32,
    /// Pictures.
    pub images: u32,
    /// Tables.
    pub tables: u32,
}

/// The text of a lesson, sorted by access.
#[derive(Debug, Clone, Default)]
pub struct Body {
    /// What everybody reads: all of a free lesson, the head of a preview.
    pub open: Option<Public<Prose>>,
    /// What is for sale: all of a premium lesson, the tail of a preview.
    pub sealed: Option<Sealed<Prose>>,
    /// The assets that only sealed text uses; `data-bookplate-asset="N"` in its HTML is an index into this list.
    pub sealed_assets: Vec<Sealed<SealedAsset>>,
    /// Sentences for sale that could be worded in two ways, and are alike for everybody because they stand in public text too, or unmarked
    /// elsewhere in the course.
    pub common: Vec<Sealed<String>>,
}

/// An image or a download that only sealed text uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedAsset {
    /// Path of its source: its identity, and a name that must not be published.
    pub source: String,
    /// Its content.
    pub bytes: Arc<[u8]>,
    /// Its media type.
    pub media_type: &'static str,
    /// The alt texts with which this lesson shows it.
    pub alt: Vec<String>,
}

/// A file that is written as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaticFile {
    /// Path below the base, not encoded.
    pub path: String,
    /// Path of its source.
    pub source: String,
    /// Its content.
    pub bytes: Arc<[u8]>,
    /// Its media type.
    pub media_type: &'static str,
}

impl Course {
    /// All lessons in reading order, chapter pages included.
    #[must_use]
    pub fn lessons(&self) -> Vec<&Lesson> {
        let mut found = Vec::new();
        collect(&self.tree, &mut found);
        found
    }
}

impl Edition {
    /// All lessons of all courses.
    pub fn lessons(&self) -> impl Iterator<Item = (&Course, &Lesson)> {
        self.courses.iter().flat_map(|c| c.lessons().into_iter().map(move |l| (c, l)))
    }
}

fn collect<'a>(nodes: &'a [Node], found: &mut Vec<&'a Lesson>) {
    for node in nodes {
        match node {
            Node::Lesson(lesson) => found.push(lesson),
            Node::Chapter { page, children, .. } => {
                found.extend(page.as_deref());
                collect(children, found);
            }
        }
    }
}
