//! What the holder of one copy reads.

use super::plain;
use crate::edition::{Course, Lesson, Prose};
use crate::protocol::{Addresses, Codeword, CourseId, IdError, OrderRef, Params, Seat, SiteId, SiteKey};

/// The code of a course.
#[must_use]
pub fn params(course: &Course) -> Params {
    let marks = &course.marks;
    // settings are checked when they are read
    Params::from_numbers(marks.collusion, marks.positions, marks.generation).unwrap_or_default()
}

/// One copy of a course.
#[derive(Debug)]
pub struct Copy {
    addresses: Addresses,
    codeword: Codeword,
}

impl Copy {
    /// The copy of an order's seat.
    ///
    /// # Errors
    /// The course's id cannot enter a derivation; nothing could be sealed under it either.
    pub fn of(key: &SiteKey, site: &SiteId, course: &Course, order: &OrderRef, seat: Seat) -> Result<Self, IdError> {
        let (id, params) = (CourseId::parse(&course.id)?, params(course));
        let codeword = key.codeword(site, &id, params, &key.buyer(site, order, seat));
        Ok(Self { addresses: Addresses::new(key, site, &id, params.m), codeword })
    }

    /// The sealed part of a lesson as it opens for this copy, byte by byte; `None` where nothing is sealed.
    #[must_use]
    pub fn opened(&self, lesson: &Lesson) -> Option<String> {
        lesson.body.sealed.as_ref().map(|prose| self.worded(prose.open_for_author()))
    }

    /// All that the holder of this copy reads of a lesson, as HTML: what everybody reads, and behind it the sealed part.
    #[must_use]
    pub fn html(&self, lesson: &Lesson) -> String {
        let open = lesson.body.open.as_ref().map_or("", |prose| &prose.get().html);
        format!("{open}{}", self.opened(lesson).unwrap_or_default())
    }

    /// [`Copy::html`] as plain text.
    #[must_use]
    pub fn text(&self, lesson: &Lesson) -> String {
        plain::text(&self.html(lesson))
    }

    fn worded(&self, prose: &Prose) -> String {
        let (mut html, mut at) = (String::with_capacity(prose.html.len()), 0);
        for sentence in &prose.sentences {
            let Some(other) = &sentence.other else { continue };
            let address = self.addresses.of(&sentence.text);
            if self.codeword.slot(address.position) != address.author_slot {
                html.push_str(prose.html.get(at..sentence.html.start).unwrap_or_default());
                html.push_str(&other.html);
                at = sentence.html.end;
            }
        }
        html.push_str(prose.html.get(at..).unwrap_or_default());
        html
    }
}
