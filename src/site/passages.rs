//! What the gate must keep in, and what everybody may read anyway.

use std::sync::Arc;

use zeroize::Zeroizing;

use super::seal;
use super::support::READER;
use super::{Seals, catalog::sold};
use crate::access::{Public, public};
use crate::edition::{Edition, Lesson, Prose, StaticFile};
use crate::gate::{Passages, Phrase, PublicSource, SealedSource, Secret};
use crate::protocol::{AssetEntry, CourseId, Epoch, SiteId};
use crate::template::Theme;

pub(super) fn passages(edition: &Edition, theme: &Theme, seals: Option<&Seals>, asset_keys: &[AssetEntry]) -> Passages {
    let lessons: Vec<SealedSource<'_>> = edition.lessons().filter_map(|(_, lesson)| source(lesson)).collect();
    if lessons.is_empty() {
        return Passages::default();
    }
    let texts = public_texts(edition);
    let names: Vec<Public<String>> = shown(edition).map(|file| public(file.path.clone())).collect();
    let files: Vec<(bool, Public<Arc<[u8]>>)> =
        shown(edition).map(|file| (is_prose(&file.path), public(Arc::clone(&file.bytes)))).collect();
    let mut open: Vec<PublicSource<'_>> =
        public_prose(edition).map(|prose| PublicSource::Html(public(prose.get().html.as_str()))).collect();
    open.extend(texts.iter().chain(&names).chain(theme.sources()).map(|text| PublicSource::Text(public(text.get().as_str()))));
    open.extend(READER.iter().map(|(_, text)| PublicSource::Text(public(text.as_str()))));
    for (prose, bytes) in &files {
        // a drawing or a listing that public text shows is public word by word; prose behind a link may be what is for sale
        open.extend(std::str::from_utf8(bytes.get()).ok().filter(|_| !prose).map(|text| PublicSource::File(public(text))));
        open.push(PublicSource::Bytes(public(&**bytes.get())));
    }
    Passages::new(&lessons, &open, &secrets(edition, seals, asset_keys))
}

/// What is for sale in a lesson.
fn source(lesson: &Lesson) -> Option<SealedSource<'_>> {
    let prose = lesson.body.sealed.as_ref()?;
    let headings = prose.open_for_gate().headings.iter();
    let mut phrases: Vec<Phrase<'_>> = headings
        .enumerate()
        .map(|(i, _)| Phrase::Heading(prose.as_ref().map(|p| p.headings.get(i).map_or("", |h| h.text.as_str()))))
        .collect();
    for asset in &lesson.body.sealed_assets {
        let asset = asset.as_ref();
        phrases.push(Phrase::FileName(asset.as_ref().map(|a| a.source.rsplit('/').next().unwrap_or_default())));
        let alts = asset.open_for_gate().alt.len();
        phrases.extend((0..alts).map(|i| Phrase::Alt(asset.as_ref().map(|a| a.alt.get(i).map_or("", String::as_str)))));
    }
    Some(SealedSource {
        lesson: &lesson.source,
        html: prose.as_ref().map(|p| p.html.as_str()),
        others: (0..prose.open_for_gate().sentences.len())
            .map(|i| prose.as_ref().map(|p| p.sentences.get(i).and_then(|s| s.other.as_ref()).map_or("", |o| o.html.as_str())))
            .collect(),
        phrases,
        files: lesson.body.sealed_assets.iter().map(|asset| asset.as_ref().map(|a| &*a.bytes)).collect(),
    })
}

fn public_prose(edition: &Edition) -> impl Iterator<Item = &Public<Prose>> {
    let pages = edition.home.iter().chain(&edition.pages).map(|page| &page.prose);
    let intros = edition.courses.iter().filter_map(|course| course.intro.as_ref());
    let lessons = edition.lessons().filter_map(|(_, lesson)| lesson.body.open.as_ref());
    pages.chain(intros).chain(lessons)
}

/// Titles, sentences, settings: each a text of its own.
fn public_texts(edition: &Edition) -> Vec<Public<String>> {
    let site = &edition.site;
    let mut texts = vec![public(site.title.clone())];
    texts.extend(site.description.iter().chain(&site.author).cloned().map(public));
    for page in edition.home.iter().chain(&edition.pages) {
        texts.push(page.title.clone());
        texts.extend(page.description.clone());
    }
    for course in &edition.courses {
        texts.push(course.title.clone());
        texts.extend(course.summary.iter().chain(&course.description).cloned());
        titles(&course.tree, &mut texts);
        for lesson in course.lessons() {
            texts.extend([lesson.title.clone(), lesson.short.clone(), public(lesson.url.clone())]);
            texts.extend(lesson.description.iter().chain(&lesson.summary).cloned());
            texts.extend(lesson.headings.get().iter().map(|heading| public(heading.text.clone())));
        }
    }
    texts
}

fn titles(nodes: &[crate::edition::Node], texts: &mut Vec<Public<String>>) {
    for node in nodes {
        if let crate::edition::Node::Chapter { title, children, .. } = node {
            texts.push(title.clone());
            titles(children, texts);
        }
    }
}

/// Assets of public text. Files from `static/` are no excuse: a copy that was put there by mistake is what the gate is for.
fn shown(edition: &Edition) -> impl Iterator<Item = &StaticFile> {
    edition.files.iter().filter(|file| !file.source.starts_with("static/"))
}

/// True for files in which lessons are written: being linked does not make their text public, or a copy of a lesson would excuse itself.
fn is_prose(path: &str) -> bool {
    const PROSE: [&str; 12] = ["txt", "text", "md", "mdx", "markdown", "mdown", "rst", "adoc", "tex", "html", "htm", "xhtml"];
    path.rsplit_once('.').is_some_and(|(_, extension)| PROSE.contains(&extension.to_ascii_lowercase().as_str()))
}

/// The site key, all position keys and all asset keys.
fn secrets(edition: &Edition, seals: Option<&Seals>, asset_keys: &[AssetEntry]) -> Vec<Secret> {
    let mut secrets = Vec::new();
    let Some(seals) = seals else { return secrets };
    let text = seals.key.to_text();
    secrets.push(Secret { name: Arc::from("the site key"), bytes: Zeroizing::new(text.as_bytes().to_vec()) });
    let digits = text.rsplit('_').next().unwrap_or_default();
    let raw: Vec<u8> =
        digits.as_bytes().chunks(2).take(32).filter_map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect();
    secrets.push(Secret { name: Arc::from("the site key"), bytes: Zeroizing::new(raw) });
    for entry in asset_keys {
        secrets.push(Secret {
            name: Arc::from(format!("the key of the sealed file {}", entry.name)),
            bytes: Zeroizing::new(entry.key.to_vec()),
        });
    }
    for course in edition.courses.iter().filter(|course| sold(course)) {
        let (Ok(site), Ok(id)) = (SiteId::parse(&edition.site.id), CourseId::parse(&course.id)) else { continue };
        let params = seal::params(course);
        let name: Arc<str> = Arc::from(format!("a position key of the course {}", course.id));
        let keys = seals.key.course(&site, &id, Epoch(course.epoch), params).positions();
        for position in 0..params.m.len() as u32 {
            for slot in [false, true] {
                let bytes = Zeroizing::new(keys.get(position, slot).to_vec());
                secrets.push(Secret { name: Arc::clone(&name), bytes });
            }
        }
    }
    secrets
}
