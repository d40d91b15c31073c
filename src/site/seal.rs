//! Lessons and their assets into sealed files.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::{Mode, Seals};
use crate::diag::{Diagnostic, Diagnostics};
use crate::edition::{Course, Edition, Lesson, Prose};
use crate::protocol::{
    Addresses, AssetEntry, Chunk, CourseId, Epoch, LessonContent, LessonId, ObjectName, Params, SealError, SealedFile, Sealer, SiteId,
};

/// Quick enough for a preview that is rebuilt at every change.
const PREVIEW_LEVEL: u32 = 4;

/// All sealed files of a site.
pub(super) struct Sealed {
    /// In the order of the edition.
    pub(super) courses: Vec<SealedCourse>,
    /// Equal assets are one file.
    pub(super) assets: BTreeMap<ObjectName, Vec<u8>>,
    /// What opens them, for the gate.
    pub(super) asset_keys: Vec<AssetEntry>,
}

/// The sealed lessons of a course, in reading order; `None` where nothing is sealed.
#[derive(Default)]
pub(super) struct SealedCourse {
    pub(super) lessons: Vec<Option<SealedFile>>,
    /// Whether any sentence of it has two wordings.
    pub(super) marked: bool,
}

/// Where a sealed file lies below the base.
pub(super) fn path(name: &ObjectName) -> String {
    format!("-/sealed/{name}.bin")
}

/// Seals everything that is for sale.
pub(super) fn seal(edition: &Edition, seals: Option<&Seals>, mode: Mode) -> Result<Sealed, Diagnostics> {
    let mut all = Sealed { courses: Vec::new(), assets: BTreeMap::new(), asset_keys: Vec::new() };
    let mut problems = Diagnostics::new();
    for course in &edition.courses {
        let lessons = course.lessons();
        let Some(first) = lessons.iter().find(|l| l.body.sealed.is_some()) else {
            all.courses.push(SealedCourse { lessons: lessons.iter().map(|_| None).collect(), marked: false });
            continue;
        };
        let Some(seals) = seals else {
            problems.push(no_key(edition, course, first));
            continue;
        };
        let sealer = match sealer(edition, course, seals, mode) {
            Ok(sealer) => sealer,
            Err(problem) => {
                problems.push(problem);
                continue;
            }
        };
        let files: Vec<Result<Option<Made>, Diagnostic>> = lessons.par_iter().map(|lesson| lesson_file(&sealer, lesson)).collect();
        let mut sealed = SealedCourse { marked: lessons.iter().any(|lesson| is_marked(lesson)), ..SealedCourse::default() };
        for file in files {
            match file {
                Ok(Some(made)) => {
                    for (file, entry) in made.assets {
                        if all.assets.insert(file.name, file.bytes).is_none() {
                            all.asset_keys.push(entry);
                        }
                    }
                    sealed.lessons.push(Some(made.lesson));
                }
                Ok(None) => sealed.lessons.push(None),
                Err(problem) => problems.push(problem),
            }
        }
        all.courses.push(sealed);
    }
    if problems.has_errors() { Err(problems) } else { Ok(all) }
}

/// The code parameters of a course.
pub(super) fn params(course: &Course) -> Params {
    let marks = &course.marks;
    // settings are checked when they are read
    Params::from_numbers(marks.collusion, marks.positions, marks.generation).unwrap_or_default()
}

/// Whether a sentence of a lesson has two wordings.
fn is_marked(lesson: &Lesson) -> bool {
    let prose = lesson.body.sealed.as_ref().map(|prose| prose.open_for_sealing());
    prose.is_some_and(|prose| prose.sentences.iter().any(|sentence| sentence.other.is_some()))
}

/// A passage as common HTML and pairs: marked sentences, and one of sixteen of the others, worded alike.
fn chunks(prose: &Prose, addresses: &Addresses) -> Vec<Chunk> {
    let (mut chunks, mut at) = (Vec::new(), 0);
    for sentence in &prose.sentences {
        let author = &prose.html[sentence.html.clone()];
        let other = match &sentence.other {
            Some(other) => &other.html,
            None if addresses.of(&sentence.text).decoy => author,
            None => continue,
        };
        chunks.push(Chunk::Common(prose.html[at..sentence.html.start].to_owned()));
        chunks.push(Chunk::Pair { address: sentence.text.clone(), author: author.to_owned(), other: other.to_owned() });
        at = sentence.html.end;
    }
    chunks.push(Chunk::Common(prose.html[at..].to_owned()));
    chunks
}

struct Made {
    lesson: SealedFile,
    assets: Vec<(SealedFile, AssetEntry)>,
}

fn sealer(edition: &Edition, course: &Course, seals: &Seals, mode: Mode) -> Result<Sealer, Diagnostic> {
    let bad = |what: &str, e: &dyn std::fmt::Display| Diagnostic::error("site/id", format!("{what}: {e}")).in_file(course.dir.clone());
    let site = SiteId::parse(&edition.site.id).map_err(|e| bad("the site's id", &e))?;
    let id = CourseId::parse(&course.id).map_err(|e| bad("the course's id", &e))?;
    let sealer = Sealer::new(&seals.key, site, id, Epoch(course.epoch), params(course));
    Ok(if mode == Mode::Preview { sealer.level(PREVIEW_LEVEL) } else { sealer })
}

fn lesson_file(sealer: &Sealer, lesson: &Lesson) -> Result<Option<Made>, Diagnostic> {
    let Some(prose) = &lesson.body.sealed else { return Ok(None) };
    let refused = |e: SealError| {
        Diagnostic::error("site/limit", format!("`{}` cannot be sealed: {e}", lesson.source))
            .in_file(&lesson.source)
            .hint("split the lesson")
    };
    let id = LessonId::parse(&lesson.id).map_err(|e| {
        Diagnostic::error("site/id", format!("the lesson's id: {e}")).in_file(&lesson.source).hint("give it a shorter `id:`")
    })?;
    let prose = prose.open_for_sealing();
    let assets: Vec<(SealedFile, AssetEntry)> = lesson
        .body
        .sealed_assets
        .iter()
        .map(|asset| asset.open_for_sealing())
        .map(|asset| {
            sealer.asset(&asset.bytes, asset.media_type).map_err(|e| {
                let message = format!("`{}`, which `{}` uses, cannot be sealed: {e}", asset.source, lesson.source);
                let finding = Diagnostic::error("site/limit", message).in_file(&asset.source);
                finding.hint("make the file smaller, split it, or link to a place where buyers can download it")
            })
        })
        .collect::<Result<_, _>>()?;
    let entries: Vec<AssetEntry> = assets.iter().map(|(_, entry)| entry.clone()).collect();
    let chunks = chunks(prose, sealer.addresses());
    let file = sealer.lesson(&id, &LessonContent { chunks: &chunks, assets: &entries }).map_err(refused)?;
    Ok(Some(Made { lesson: file, assets }))
}

fn no_key(edition: &Edition, course: &Course, first: &Lesson) -> Diagnostic {
    let message = format!("the course `{}` has lessons for sale, and there is no key to seal them with", course.id);
    Diagnostic::error("site/no-key", message).in_file(&first.source).hint(format!(
        "set BOOKPLATE_SITE_KEY, or put the key into `bookplate/{}.key` in your configuration folder (`bookplate init` makes one); \
         to look at the site only, build it with --preview-key",
        edition.site.id
    ))
}
