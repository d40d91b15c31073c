//! The outline of a course: drawn once, then written into each page with its own place marked.
//!
//! One sidebar per page, drawn anew, is what makes large sites slow, and one complete sidebar in each page makes them large. So every entry is drawn
//! once, a page copies the drawn text, and in a course of more than [`WHOLE`] lessons it copies only the neighbourhood of its own lesson.

use super::escape::escape;
use super::words::Words;
use crate::access::Public;

/// A course of at most this many lessons stands whole in each of its pages.
pub const WHOLE: usize = 150;

/// In larger courses, how many entries before and after the own one a list shows.
const NEAR: usize = 12;

/// Up to this many lessons all chapters stand open.
const ALL_OPEN: usize = 24;

/// An entry as `site` knows it.
#[derive(Debug, Clone)]
pub enum Entry {
    /// A chapter.
    Group {
        /// Its title.
        title: Public<String>,
        /// Its lessons; its own page comes first.
        children: Vec<Entry>,
    },
    /// A lesson.
    Lesson {
        /// Its number in the course, from 0.
        number: usize,
        /// What is shown.
        title: Public<String>,
        /// Its address.
        href: String,
        /// Whether a part of it is for sale.
        sealed: bool,
        /// Reading time in minutes.
        minutes: u32,
        /// Headings that the author shows although they are for sale.
        headings: Vec<Public<String>>,
    },
}

/// A drawn entry.
enum Drawn {
    Lesson { number: usize, link: String, rest: String },
    Group { head: String, stub: String, first: usize, last: usize, children: Vec<Drawn> },
}

impl Drawn {
    fn range(&self) -> (usize, usize) {
        match self {
            Drawn::Lesson { number, .. } => (*number, *number),
            Drawn::Group { first, last, .. } => (*first, *last),
        }
    }

    fn holds(&self, number: Option<usize>) -> bool {
        let (first, last) = self.range();
        number.is_some_and(|n| first <= n && n <= last)
    }
}

/// The drawn outline of one course.
pub struct Outline {
    entries: Vec<Drawn>,
    lessons: usize,
    more: String,
}

impl Outline {
    /// Draws every entry. `course` is the address of the course's page, where all lessons stand.
    #[must_use]
    pub fn draw(entries: &[Entry], course: &str, words: &Words) -> Self {
        let mut lessons = 0;
        let entries = entries.iter().filter_map(|entry| draw(entry, words, &mut lessons)).collect();
        let more = format!("<li><a href=\"{}\">{} …</a></li>\n", escape(course), escape(words.get("all_lessons")));
        Self { entries, lessons, more }
    }

    /// Appends the outline as it stands in the page of lesson `current`.
    pub fn write(&self, current: Option<usize>, out: &mut Vec<u8>) {
        self.write_list(&self.entries, current, out);
    }

    fn write_list(&self, entries: &[Drawn], current: Option<usize>, out: &mut Vec<u8>) {
        let put = |out: &mut Vec<u8>, text: &str| out.extend_from_slice(text.as_bytes());
        let near = if self.lessons > WHOLE {
            let own = entries.iter().position(|entry| entry.holds(current)).unwrap_or(0);
            own.saturating_sub(NEAR)..(own + NEAR + 1).min(entries.len())
        } else {
            0..entries.len()
        };
        put(out, "<ol>\n");
        if near.start > 0 {
            put(out, &self.more);
        }
        for entry in &entries[near.clone()] {
            match entry {
                Drawn::Lesson { number, link, rest } => {
                    put(out, link);
                    if current == Some(*number) {
                        put(out, " aria-current=\"page\"");
                    }
                    put(out, rest);
                }
                Drawn::Group { stub, .. } if self.lessons > WHOLE && !entry.holds(current) => put(out, stub),
                Drawn::Group { head, children, .. } => {
                    put(out, if self.lessons <= ALL_OPEN || entry.holds(current) { "<li><details open>" } else { "<li><details>" });
                    put(out, head);
                    self.write_list(children, current, out);
                    put(out, "</details></li>\n");
                }
            }
        }
        if near.end < entries.len() {
            put(out, &self.more);
        }
        put(out, "</ol>\n");
    }
}

fn draw(entry: &Entry, words: &Words, lessons: &mut usize) -> Option<Drawn> {
    match entry {
        Entry::Lesson { number, title, href, sealed, .. } => {
            *lessons += 1;
            let link = format!("<li><a href=\"{}\"{}", escape(href), class(*sealed, words));
            Some(Drawn::Lesson { number: *number, link, rest: format!(">{}</a></li>\n", escape(title.get())) })
        }
        Entry::Group { title, children } => {
            let children: Vec<Drawn> = children.iter().filter_map(|child| draw(child, words, lessons)).collect();
            let (first, last) = (children.first()?.range().0, children.last()?.range().1);
            let href = first_href(entry)?;
            Some(Drawn::Group {
                head: format!("<summary>{}</summary>\n", escape(title.get())),
                stub: format!("<li><a href=\"{}\">{}</a></li>\n", escape(href), escape(title.get())),
                first,
                last,
                children,
            })
        }
    }
}

fn first_href(entry: &Entry) -> Option<&str> {
    match entry {
        Entry::Lesson { href, .. } => Some(href),
        Entry::Group { children, .. } => children.iter().find_map(first_href),
    }
}

/// The class that draws a lock, with the words that say so.
fn class(sealed: bool, words: &Words) -> String {
    if sealed { format!(" class=\"sealed\" title=\"{}\"", escape(words.get("for_sale"))) } else { String::new() }
}

/// The contents of a course for its own page: every lesson with its reading time and its lock.
#[must_use]
pub fn contents(entries: &[Entry], words: &Words) -> String {
    let mut out = String::new();
    contents_list(entries, words, any_sealed(entries), &mut out);
    out
}

fn any_sealed(entries: &[Entry]) -> bool {
    entries.iter().any(|entry| match entry {
        Entry::Lesson { sealed, .. } => *sealed,
        Entry::Group { children, .. } => any_sealed(children),
    })
}

fn contents_list(entries: &[Entry], words: &Words, mixed: bool, out: &mut String) {
    out.push_str("<ol>\n");
    for entry in entries {
        match entry {
            Entry::Lesson { title, href, sealed, minutes, headings, .. } => {
                out.push_str(&format!(
                    "<li><a class=\"row\" href=\"{}\"><span class=\"name\"><span{}>{}</span></span>",
                    escape(href),
                    class(*sealed, words),
                    escape(title.get())
                ));
                if mixed && !sealed {
                    out.push_str(&format!("<small>{}</small>", escape(words.get("free"))));
                }
                out.push_str(&format!("<small>{}</small></a>", words.count("minutes", *minutes)));
                if !headings.is_empty() {
                    let list: Vec<_> = headings.iter().map(|h| escape(h.get())).collect();
                    out.push_str(&format!("<p class=\"inner\">{}</p>", list.join(" · ")));
                }
                out.push_str("</li>\n");
            }
            Entry::Group { children, .. } if children.is_empty() => {}
            Entry::Group { title, children } => {
                out.push_str(&format!("<li><p class=\"group\">{}</p>\n", escape(title.get())));
                contents_list(children, words, mixed, out);
                out.push_str("</li>\n");
            }
        }
    }
    out.push_str("</ol>\n");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::public;

    fn lesson(number: usize) -> Entry {
        Entry::Lesson {
            number,
            title: public(format!("L<{number}>")),
            href: format!("/c/{number}/"),
            sealed: number % 2 == 1,
            minutes: 3,
            headings: Vec::new(),
        }
    }

    fn words() -> Words {
        Words::new(std::collections::BTreeMap::new(), None)
    }

    fn written(entries: &[Entry], current: usize) -> String {
        let mut out = Vec::new();
        Outline::draw(entries, "/c/", &words()).write(Some(current), &mut out);
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn marks_the_current_lesson_alone_and_escapes_titles() {
        let text = written(&[lesson(0), lesson(1), lesson(2)], 1);
        assert_eq!(text.matches("aria-current").count(), 1);
        assert!(text.contains("<a href=\"/c/1/\" class=\"sealed\" title=\"for_sale\" aria-current=\"page\">L&lt;1&gt;</a>"), "{text}");
    }

    #[test]
    fn the_chapter_of_the_current_lesson_is_open() {
        let group = |range: std::ops::Range<usize>| Entry::Group { title: public("G".into()), children: range.map(lesson).collect() };
        let entries = [group(0..30), group(30..60), Entry::Group { title: public("empty".into()), children: vec![] }];
        let text = written(&entries, 31);
        assert_eq!((text.matches("<details>").count(), text.matches("<details open>").count()), (1, 1));
        assert!(!text.contains("empty"));
    }

    #[test]
    fn a_large_course_shows_the_neighbourhood() {
        let entries: Vec<Entry> = (0..2000).map(lesson).collect();
        let text = written(&entries, 1000);
        assert_eq!(text.matches("<li>").count(), 2 * NEAR + 1 + 2);
        assert_eq!(text.matches("href=\"/c/\"").count(), 2);
        assert_eq!(written(&entries, 0).matches("<li>").count(), NEAR + 1 + 1);
    }
}
