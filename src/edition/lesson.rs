//! Renders a page, its text sorted by access.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::assets::{media_type, size};
use super::draft::Draft;
use super::links::{Followed, passages};
use super::place::{Places, Spot};
use super::targets::{Part, Resolved};
use super::types::{Body, Inside, SealedAsset};
use crate::access::{Access, Sorted, public};
use crate::config::{Language, Site};
use crate::content::OutlineMode;
use crate::markdown::{Counts, Heading, Links, Picture, Prose, Render, Target, Words, count};

/// What rendering needs to know of the site.
pub struct Scene<'a> {
    /// Settings, for addresses.
    pub site: &'a Site,
    /// Where they stand.
    pub places: &'a Places,
    /// Output paths of public assets, by source path.
    pub public: &'a HashMap<String, String>,
    /// All assets.
    pub assets: &'a BTreeMap<String, Arc<[u8]>>,
    /// What the outline of each course shows.
    pub outlines: &'a [OutlineMode],
}

/// A page, rendered.
#[derive(Debug, Default)]
pub struct Rendered {
    /// Its text, sorted.
    pub body: Body,
    /// Headings that everybody may see.
    pub headings: Vec<Heading>,
    /// Reading time in minutes.
    pub minutes: u32,
    /// What is in the sealed part, or in all of it.
    pub inside: Inside,
}

/// Renders one page.
pub fn render(scene: &Scene<'_>, page: usize, draft: &Draft, spot: &Spot, followed: &Followed, language: &Language) -> Rendered {
    let (open, sealed) = passages(draft, spot);
    let words = if *language == Language::Zh { Words::CHINESE } else { Words::ENGLISH };
    let mut links = PageLinks { scene, page, followed, sealed: false, used: Vec::new(), sizes: HashMap::new() };
    let free = spot.access == Access::Free;
    let mut rendered = Rendered::default();
    if free || !open.is_empty() {
        let prose = Render::passage(&draft.document, open, false, words, &mut links);
        rendered.headings.clone_from(&prose.headings);
        if let Sorted::Public(prose) = Access::Free.sort(prose) {
            rendered.body.open = Some(prose);
        }
    }
    if !free {
        links.sealed = true;
        let mut prose = Render::passage(&draft.document, sealed, true, words, &mut links);
        prose.sentences.retain(|sentence| sentence.html.len().max(sentence.other.as_ref().map_or(0, |other| other.html.len())) <= LONGEST);
        if spot.course.and_then(|c| scene.outlines.get(c)) == Some(&OutlineMode::Full) {
            rendered.headings.extend(prose.headings.iter().cloned());
        }
        if let Sorted::Sealed(prose) = Access::Premium.sort(prose) {
            rendered.body.sealed = Some(prose);
        }
        rendered.body.sealed_assets = links
            .used
            .into_iter()
            .filter_map(|asset| match Access::Premium.sort(asset) {
                Sorted::Sealed(asset) => Some(asset),
                Sorted::Public(_) => None,
            })
            .collect();
    }
    let (front, back) = (count(open), count(sealed));
    rendered.minutes = minutes(front, back, language);
    rendered.inside = inside(if free { front } else { back });
    rendered
}

/// The text of a page that is free whatever its lessons are.
pub fn free_prose(rendered: Rendered) -> crate::access::Public<Prose> {
    rendered.body.open.unwrap_or_else(|| public(Prose::default()))
}

fn inside(counts: Counts) -> Inside {
    Inside { words: counts.words, code_blocks: counts.code_blocks, images: counts.images, tables: counts.tables }
}

/// 220 words a minute, 400 characters of Chinese, 40 lines of code: slow enough for text that teaches.
fn minutes(a: Counts, b: Counts, language: &Language) -> u32 {
    let pace = if *language == Language::Zh { 400 } else { 220 };
    let words = a.words.saturating_add(b.words);
    let lines = a.code_lines.saturating_add(b.code_lines);
    (words / pace).saturating_add(lines / 40).max(1)
}

/// Bytes of HTML above which a sentence is worded alike for everybody, and no sentence to anybody who asks. With long addresses in its
/// links it may be long without many words.
const LONGEST: usize = 16 << 10;

/// Answers what the targets of one page stand for.
struct PageLinks<'a> {
    scene: &'a Scene<'a>,
    page: usize,
    followed: &'a Followed,
    /// Rendering what is for sale.
    sealed: bool,
    used: Vec<SealedAsset>,
    sizes: HashMap<String, Option<(usize, usize)>>,
}

impl PageLinks<'_> {
    fn target(&mut self, target: &str, alt: Option<&str>) -> Target {
        match self.followed.targets.get(target) {
            Some(Resolved::External) => Target::Url(target.trim().to_owned()),
            Some(Resolved::Page { page, part }) if alt.is_none() => self.to_page(*page, part),
            Some(Resolved::Static(path)) => Target::Url(self.scene.site.href(path)),
            Some(Resolved::Asset(path)) => self.asset(path, alt),
            Some(Resolved::Page { .. } | Resolved::Missing(_)) | None => Target::Broken,
        }
    }

    fn to_page(&self, page: usize, part: &Part) -> Target {
        let Some(spot) = self.scene.places.spots.get(page) else { return Target::Broken };
        let Some(url) = &spot.url else { return Target::Broken };
        let mut href = if page == self.page && *part != Part::Whole { String::new() } else { self.scene.site.href(url) };
        if let Part::Id(id, block) = part {
            href.push('#');
            // The id of a heading is its text. Where headings for sale are not shown, public links lead to the lock above them.
            let hidden = !self.sealed && self.is_sealed(spot, *block);
            if hidden {
                href.push_str("lock");
            } else {
                href.extend(percent_encoding::utf8_percent_encode(id, FRAGMENT));
            }
        }
        Target::Url(if href.is_empty() { "#".to_owned() } else { href })
    }

    fn is_sealed(&self, spot: &Spot, block: usize) -> bool {
        let full = spot.course.and_then(|c| self.scene.outlines.get(c)) == Some(&OutlineMode::Full);
        let sealed = match spot.access {
            Access::Free => false,
            Access::Preview => spot.cut.is_none_or(|cut| block > cut),
            Access::Premium => true,
        };
        sealed && !full
    }

    fn asset(&mut self, path: &str, alt: Option<&str>) -> Target {
        if let Some(out) = self.scene.public.get(path) {
            return Target::Url(self.scene.site.href(out));
        }
        let Some(bytes) = self.scene.assets.get(path).filter(|_| self.sealed) else { return Target::Broken };
        let index = self.used.iter().position(|asset| asset.source == path).unwrap_or_else(|| {
            self.used.push(SealedAsset {
                source: path.to_owned(),
                bytes: Arc::clone(bytes),
                media_type: media_type(path),
                alt: Vec::new(),
            });
            self.used.len() - 1
        });
        if let Some(asset) = self.used.get_mut(index) {
            asset.alt.extend(alt.filter(|alt| !alt.is_empty()).map(str::to_owned));
        }
        Target::Sealed(index, path.rsplit('/').next().unwrap_or(path).to_owned())
    }

    fn size(&mut self, target: &str) -> Option<(usize, usize)> {
        let Some(Resolved::Asset(path)) = self.followed.targets.get(target) else { return None };
        if let Some(known) = self.sizes.get(path) {
            return *known;
        }
        let found = self.scene.assets.get(path).and_then(|bytes| size(bytes));
        self.sizes.insert(path.clone(), found);
        found
    }
}

/// What must be encoded in a fragment (RFC 3986, section 3.5).
const FRAGMENT: &percent_encoding::AsciiSet = &percent_encoding::CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

impl Links for PageLinks<'_> {
    fn link(&mut self, target: &str) -> Target {
        self.target(target, None)
    }

    fn image(&mut self, target: &str, alt: &str) -> Picture {
        Picture { target: self.target(target, Some(alt)), size: self.size(target) }
    }
}
