//! The locked panel: what it says, and the facts for the reader in `data-bookplate`.

use serde::Serialize;

use super::catalog::sold;
use super::frame::Frames;
use super::seal;
use crate::access::{Public, public};
use crate::edition::{Course, Inside, Language, Plate, Site};
use crate::protocol::SealedFile;
use crate::template::{Lock, Words};

/// What the reader knows about a page. All of it is public.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Data<'a> {
    v: u32,
    site: &'a str,
    base: &'a str,
    course: Option<&'a str>,
    course_title: Option<&'a str>,
    lesson: Option<String>,
    file: Option<String>,
    sha256: Option<String>,
    epoch: Option<u32>,
    params: Option<String>,
    endpoint: Option<&'a str>,
    #[serde(rename = "static")]
    keys: String,
    checkout: Option<&'a str>,
    /// What stands above the opened lesson; `{copy}` is whose copy it is.
    plate: &'a str,
    lang: &'a str,
    courses: Vec<CourseData<'a>>,
}

#[derive(Serialize)]
struct CourseData<'a> {
    id: &'a str,
    title: &'a str,
    url: String,
    epoch: u32,
}

/// The texts of a panel.
pub(super) struct Texts {
    /// Whether copies of the course differ.
    pub(super) marked: bool,
    pub(super) title: String,
    pub(super) about: Option<Public<String>>,
    pub(super) sentence: Option<String>,
    pub(super) inside: Option<String>,
}

/// The panel of a lesson (with its sealed file), of a course, or of no course (`thanks/`).
pub(super) fn lock(frames: &Frames<'_>, language: &Language, course: Option<&Course>, file: Option<&SealedFile>, texts: Texts) -> Lock {
    let site = frames.site();
    let words = frames.words(language);
    let plate = match course.map(|c| &c.marks.plate) {
        None | Some(Plate::Theme) => words.get("plate"),
        Some(Plate::Words(words)) => words,
        Some(Plate::Off) => words.get("plate_off"),
    };
    let courses = frames.edition.courses.iter().filter(|c| sold(c));
    let data = Data {
        v: 1,
        site: &site.id,
        base: &site.base,
        course: course.map(|c| c.id.as_str()),
        course_title: course.map(|c| c.title.get().as_str()),
        lesson: file.map(|f| f.name.to_string()),
        file: file.map(|f| site.href(&seal::path(&f.name))),
        sha256: file.map(|f| f.sha256.iter().map(|b| format!("{b:02x}")).collect()),
        epoch: course.map(|c| c.epoch),
        params: course.map(|c| seal::params(c).to_string()),
        endpoint: site.endpoint.as_deref(),
        keys: site.href("keys/"),
        checkout: course.and_then(|c| c.checkout.as_deref()),
        plate,
        lang: language.tag(),
        courses: courses.map(|c| CourseData { id: &c.id, title: c.title.get(), url: site.href(&c.url), epoch: c.epoch }).collect(),
    };
    Lock {
        // texts and numbers: nothing here can fail to be written
        data: serde_json::to_string(&data).unwrap_or_default(),
        title: public(texts.title),
        about: texts.about,
        sentence: texts.sentence.map(public),
        inside: texts.inside.map(public),
        notice: course.filter(|_| texts.marked).map(|c| site.href(&copies(site, &c.language))),
        signed: course.is_none_or(|c| c.marks.plate != Plate::Off),
        price: course.and_then(|c| c.price.as_ref()).map(ToString::to_string),
        checkout: course.and_then(|c| c.checkout.clone()),
        endpoint: site.endpoint.is_some(),
        // A schedule is often late, rarely by more than itself; and hosts keep "not found" for ten minutes.
        wait: site.refresh.map(|minutes| words.get("wait").replace("{n}", &(2 * minutes + 10).to_string())),
    }
}

/// The page about marked copies in a language: `copies/` in the site's.
pub(super) fn copies(site: &Site, language: &Language) -> String {
    if *language == site.language { "copies/".to_owned() } else { format!("copies/{}/", language.tag()) }
}

/// "1,240 words, 5 code examples and 2 pictures; ..."
pub(super) fn inside(words: &Words, inside: &Inside, lessons: Option<u32>) -> Option<String> {
    let counted = [("code_blocks", inside.code_blocks), ("images", inside.images), ("tables", inside.tables)];
    let lessons = lessons.map(|n| words.count("lessons", n));
    let text = (inside.words > 0).then(|| words.count("words", inside.words));
    let items: Vec<String> =
        lessons.into_iter().chain(text).chain(counted.into_iter().filter(|(_, n)| *n > 0).map(|(key, n)| words.count(key, n))).collect();
    (!items.is_empty()).then(|| words.get("inside").replace("{list}", &words.list(&items)))
}
