//! What a leak shows of a course: sentences in one of their wordings, keys, and from them one symbol for each position.

use std::collections::BTreeSet;

use crate::code::{Hypothesis, Symbols};
use crate::edition::Class;
use crate::protocol::{CourseId, LessonId, Params};

/// What a leak shows of a course. Blind: a function of leak and edition, the same whoever is tested.
#[derive(Debug, Clone)]
pub struct Evidence {
    /// The course.
    pub course: CourseId,
    /// Its title.
    pub title: String,
    /// Its code.
    pub params: Params,
    /// The number of its lists and segmenter.
    pub rules: u32,
    /// Sentences in two wordings in the edition.
    pub marked: usize,
    /// The sentences that were found, by their place in the course; one that the leak holds twice is there twice.
    pub readings: Vec<Reading>,
    /// The keys that were found.
    pub keys: Vec<KeyReading>,
    /// Classes of carriers that look as if somebody had brought them all to one form: they count nowhere.
    pub erased: BTreeSet<Class>,
}

/// A marked sentence that stands in the leak.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// Where it is for sale.
    pub lesson: LessonId,
    /// The title of that lesson.
    pub title: String,
    /// The author's wording.
    pub sentence: String,
    /// The other wording.
    pub other: String,
    /// As the leak words it, at most a few hundred bytes.
    pub excerpt: String,
    /// The name of the file in which it stands.
    pub file: String,
    /// Its position in the code.
    pub position: u32,
    /// The slot of the author's wording; true is slot 1.
    pub author_slot: bool,
    /// For each class, the slot that its carriers show; `None` if none can be read, or they contradict each other.
    pub declared: Option<bool>,
    /// See [`Reading::declared`].
    pub lexical: Option<bool>,
    /// See [`Reading::declared`].
    pub typographic: Option<bool>,
}

/// A key of one of the two slots of a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeyReading {
    /// Which key.
    pub what: KeyKind,
    /// Of that epoch.
    pub epoch: u32,
    /// The position.
    pub position: u32,
    /// The slot that it opens.
    pub slot: bool,
}

/// Where a leaked key comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum KeyKind {
    /// The key of a position, as a keyring holds it.
    Position,
    /// The key of one wording of one sentence in one file.
    Pair,
    /// What takes a share out of a row of a file's gate.
    Gate,
}

impl Evidence {
    /// The symbols of each hypothesis, narrowest first. Within a sentence the strongest class that can be read speaks; keys count in each.
    #[must_use]
    pub fn symbols(&self) -> Vec<(Hypothesis, Symbols)> {
        use Class::{Declared, Lexical, Typographic};
        let classes: [(Hypothesis, &[Class]); 3] = [
            (Hypothesis::Declared, &[Declared]),
            (Hypothesis::Lexical, &[Declared, Lexical]),
            (Hypothesis::All, &[Declared, Lexical, Typographic]),
        ];
        let merged = |believed: &[Class]| {
            let keys = self.keys.iter().map(|key| (key.position, key.slot));
            let shown = |reading: &Reading| {
                let mut classes = believed.iter().filter(|class| !self.erased.contains(class));
                classes.find_map(|class| reading.slot(*class)).map(|slot| (reading.position, slot))
            };
            Symbols::merge(self.params.m.len(), keys.chain(self.readings.iter().filter_map(shown)))
        };
        classes.map(|(hypothesis, believed)| (hypothesis, merged(believed))).into()
    }

    /// The different positions of which something was found, readable or not.
    #[must_use]
    pub fn positions(&self) -> usize {
        let found = self.readings.iter().map(|r| r.position).chain(self.keys.iter().map(|k| k.position));
        found.collect::<BTreeSet<u32>>().len()
    }
}

impl Reading {
    /// The slot that the carriers of a class show.
    #[must_use]
    pub fn slot(&self, class: Class) -> Option<bool> {
        match class {
            Class::Declared => self.declared,
            Class::Lexical => self.lexical,
            Class::Typographic => self.typographic,
        }
    }
}
