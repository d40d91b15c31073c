//! From files to an edition, step by step.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use rayon::prelude::*;

use super::assets::{OutPaths, media_type, publish};
use super::draft::{Draft, draft};
use super::lesson::{Rendered, Scene, free_prose, render};
use super::links::{Followed, follow_all};
use super::marks::mark;
use super::place::{Places, Plot, check_urls, course_dirs, fallback_title, find_paywalls, is_reserved, is_summary, kind_of, place};
use super::sources::{CONFIG, Sources, Text, sort};
use super::targets::Targets;
use super::types::{Course, Edition, Lesson, Node, Page, StaticFile};
use super::{ReadOptions, ids};
use crate::access::{Access, Sealed, Sorted, public};
use crate::config::{DEFAULT_THEME, Language, Marks, Site, read_site};
use crate::content::{Entry, OutlineMode, join, parent, stem, title_of};
use crate::diag::{Diagnostic, Diagnostics};

/// Everything that is known before links are followed.
pub struct Prepared {
    /// The files that are no pages.
    pub sources: Sources,
    /// Settings; stand-ins where they are wrong.
    pub site: Site,
    /// False where they are wrong: what does not fit to the stand-ins is no mistake.
    pub settled: bool,
    /// All pages.
    pub drafts: Vec<Draft>,
    /// Where they stand.
    pub places: Places,
    /// Ids of lessons, by draft.
    pub ids: Vec<String>,
}

/// Sorts, parses and places.
pub fn prepare(files: Vec<(String, Vec<u8>)>, options: &ReadOptions, found: &mut Diagnostics) -> Prepared {
    let mut sources = sort(files, found);
    let bare = sources.config.is_none();
    let settings = sources.config.as_deref().filter(|_| !sources.garbled).and_then(|text| {
        let (site, mistakes) = read_site(CONFIG, text);
        found.extend(mistakes);
        let Some(url) = &options.url else { return site };
        match site?.published_at(url) {
            Ok(site) => Some(site),
            Err(why) => {
                let message = format!("`{url}` is no address for a site: {why}");
                found.push(Diagnostic::error("site/url", message).hint("write it as `https://example.com/courses`"));
                None
            }
        }
    });
    let texts = std::mem::take(&mut sources.texts);
    let dirs = course_dirs(&texts, &sources.root, bare);
    let mut summaries: HashMap<String, Text> = HashMap::new();
    let mut pages = Vec::with_capacity(texts.len());
    for text in texts {
        let folder = parent(&text.path);
        let name = text.path.get(if folder.is_empty() { 0 } else { folder.len() + 1 }..).unwrap_or_default();
        if is_summary(name) && dirs.iter().any(|dir| dir == folder) {
            summaries.insert(folder.to_owned(), text);
        } else {
            pages.push(text);
        }
    }
    let with_index: HashSet<String> =
        pages.iter().filter(|t| stem(&t.path).eq_ignore_ascii_case("index")).map(|t| parent(&t.path).to_owned()).collect();
    let mut drafts: Vec<Draft> = pages
        .into_par_iter()
        .map(|text| {
            let kind = kind_of(&text.path, with_index.contains(parent(&text.path)), &dirs, bare);
            draft(text, kind)
        })
        .collect();
    drafts.iter_mut().for_each(|draft| found.extend(std::mem::take(&mut draft.found)));
    let mut places = place(&drafts, &dirs, &sources.root, &summaries, bare, found);
    check_urls(&drafts, &places, bare, found);
    find_paywalls(&drafts, &mut places, found);
    let ids = ids::assign(&drafts, &places, found);
    let settled = bare || settings.is_some();
    let site = settings.unwrap_or_else(|| bare_site(&sources, &drafts, &places, options));
    let site = Site { bare, ..site };
    Prepared { sources, site, settled, drafts, places, ids }
}

/// Settings of a folder that has none.
fn bare_site(sources: &Sources, drafts: &[Draft], places: &Places, options: &ReadOptions) -> Site {
    let intro = places.plots.first().and_then(|plot| plot.intro).and_then(|i| drafts.get(i));
    let own = intro.and_then(Draft::own_title).map(str::to_owned);
    let name = if options.root_name.trim().is_empty() { "course" } else { options.root_name.trim() };
    let title = own.or_else(|| sources.book_title.clone()).unwrap_or_else(|| title_of(name));
    let id: String = name.chars().filter(|c| !c.is_control()).take(32).collect();
    let id = ids::from_url(&id, "");
    Site::bare(id, title, language_of(drafts))
}

/// The language that most of the text is written in, by its script.
fn language_of(drafts: &[Draft]) -> Language {
    let (mut han, mut kana, mut letters) = (0_usize, 0_usize, 0_usize);
    for c in drafts.iter().flat_map(|d| d.text.chars()).take(400_000) {
        match c {
            '\u{4e00}'..='\u{9fff}' => han += 1,
            '\u{3040}'..='\u{30ff}' => kana += 1,
            c if c.is_alphabetic() => letters += 1,
            _ => {}
        }
    }
    // A Chinese course about programming holds as many Latin letters as Han characters, each of which says more.
    if kana * 8 > han && kana * 10 > letters {
        Language::Other("ja".to_owned())
    } else if han * 8 > letters {
        Language::Zh
    } else {
        Language::En
    }
}

/// Reads a site; see [`super::read()`].
pub fn read(files: Vec<(String, Vec<u8>)>, options: &ReadOptions) -> (Option<Edition>, Diagnostics) {
    let mut found = Diagnostics::new();
    let mut prepared = prepare(files, options, &mut found);
    let languages: Vec<Language> = prepared.places.plots.iter().map(|p| course_language(p, &prepared.drafts, &prepared.site)).collect();
    let (marks, common) = mark(&mut prepared.drafts, &prepared.places, &prepared.site, &languages, options.rules, &mut found);
    let Prepared { sources, site, settled, drafts, places, ids } = &prepared;
    group_notes(drafts, &mut found);
    if places.order().is_empty() {
        let folder = if site.bare { "this folder" } else { "`content/`" };
        let finding = Diagnostic::error("site/empty", format!("{folder} holds no Markdown to build"));
        found.push(finding.hint("write a file such as `README.md`, or run `bookplate init my-site`"));
    }

    let followed = {
        let targets = targets(&prepared);
        follow_all(drafts, places, &targets, site.bare)
    };
    let covers = covers(&prepared, &mut found);
    let mut open: BTreeSet<&str> = followed.iter().flat_map(|f| &f.open_assets).map(String::as_str).collect();
    let sealed: BTreeSet<&str> = followed.iter().flat_map(|f| &f.sealed_assets).map(String::as_str).collect();
    open.extend(covers.iter().flatten().map(String::as_str));
    note_shared(&open, &sealed, &mut found);
    warn_of_copies(sources, &open, &sealed, &mut found);
    check_statics(sources, places, &mut found);
    let urls = places.spots.iter().filter_map(|s| s.url.as_deref());
    let mut paths = OutPaths::new(urls, sources.statics.iter().map(|(path, _)| path.as_str()));
    let (public, mut files) = publish(&open, &sources.assets, &sources.root, &mut paths);
    files.extend(sources.statics.iter().map(|(path, bytes)| StaticFile {
        path: path.clone(),
        source: format!("static/{path}"),
        bytes: Arc::clone(bytes),
        media_type: media_type(path),
    }));

    let outlines: Vec<OutlineMode> =
        places.plots.iter().map(|p| p.intro.map_or(OutlineMode::default(), |i| drafts[i].front.course.outline)).collect();
    let scene = Scene { site, places, public: &public, assets: &sources.assets, outlines: &outlines };
    let mut rendered: Vec<Rendered> = drafts
        .par_iter()
        .enumerate()
        .map(|(i, draft)| match (places.spots.get(i), followed.get(i)) {
            (Some(spot), Some(followed)) if spot.url.is_some() => {
                let language = spot.course.and_then(|c| languages.get(c)).unwrap_or(&site.language);
                render(&scene, i, draft, spot, followed, language)
            }
            _ => Rendered::default(),
        })
        .collect();
    for (rendered, common) in rendered.iter_mut().zip(common) {
        rendered.body.common = common.into_iter().filter_map(for_sale).collect();
    }
    followed.into_iter().for_each(|f: Followed| found.extend(f.found));

    let mut assembly = Assembly { site, drafts, places, ids, rendered: &mut rendered };
    let (home, pages) = assembly.pages();
    let mut courses = Vec::new();
    for (((plot, language), marks), cover) in places.plots.iter().zip(languages).zip(marks).zip(covers) {
        let cover = cover.and_then(|source| public.get(&source)).map(|path| site.href(path));
        courses.push(assembly.course(plot, language, marks, cover));
    }
    check_courses(&courses, places, drafts, settled.then_some(site), &mut found);
    let prefix = format!("{}/", site.theme);
    if site.theme != DEFAULT_THEME && !sources.themes.iter().any(|(path, _)| path.starts_with(&prefix)) {
        let finding = Diagnostic::error("theme/unknown", format!("there is no theme `{}`", site.theme)).in_file(CONFIG);
        found.push(finding.hint(format!("write `name: {DEFAULT_THEME}`, or put the theme into `themes/{prefix}`")));
    }
    let theme_files =
        sources.themes.iter().filter_map(|(path, bytes)| Some((path.strip_prefix(&prefix)?.to_owned(), Arc::clone(bytes)))).collect();
    if found.has_errors() {
        return (None, found);
    }
    (Some(Edition { site: site.clone(), home, pages, courses, files, theme_files }), found)
}

fn for_sale(text: String) -> Option<Sealed<String>> {
    match Access::Premium.sort(text) {
        Sorted::Sealed(text) => Some(text),
        Sorted::Public(_) => None,
    }
}

fn targets(prepared: &Prepared) -> Targets<'_> {
    let Prepared { sources, site, drafts, places, .. } = prepared;
    let urls: Vec<Option<String>> = places.spots.iter().map(|s| s.url.clone()).collect();
    let mut targets = Targets::new(drafts, &urls, &places.order(), &sources.root, &site.base);
    targets.add_assets(sources.assets.keys().map(String::as_str));
    targets.add_statics(sources.statics.iter().map(|(path, _)| path.as_str()));
    for plot in &places.plots {
        let first = plot.intro.or_else(|| {
            let mut all = Vec::new();
            super::place::pages(&plot.entries, &mut all);
            all.first().copied()
        });
        if let (Some(summary), Some(page)) = (&plot.summary, first) {
            targets.alias(summary, page);
        }
    }
    targets
}

/// One note or warning for what concerns many files.
fn group_notes(drafts: &[Draft], found: &mut Diagnostics) {
    let mut keys: BTreeSet<&str> = BTreeSet::new();
    let mut files = 0;
    for draft in drafts {
        files += usize::from(!draft.front.other.is_empty());
        keys.extend(draft.front.other.iter().map(String::as_str));
    }
    if files > 0 {
        let names: Vec<&str> = keys.iter().copied().take(12).collect();
        let more = if keys.len() > names.len() { ", ..." } else { "" };
        let pages = if files == 1 { "page" } else { "pages" };
        let message = format!("front matter of {files} {pages} has keys that are not read: {}{more}", names.join(", "));
        found.push(
            Diagnostic::note("front-matter/other-keys", message)
                .hint("without `bookplate.yaml`, `title`, `description`, `order` and `draft` are read"),
        );
    }
    let lines: usize = drafts.iter().map(|d| d.book_lines.len()).sum();
    let first = drafts.iter().find_map(|d| Some((d, d.book_lines.first().copied()?)));
    if let Some((draft, at)) = first {
        let message = if lines == 1 {
            "a line of mdBook's `{{#...}}` stays as it is".to_owned()
        } else {
            format!("{lines} lines of mdBook's `{{{{#...}}}}` stay as they are")
        };
        let finding = Diagnostic::warning("mdbook/include", message).at(draft.path.as_str(), &draft.text, at..at + 3);
        found.push(finding.hint("put the code itself into the page"));
    }
}

/// The cover of each course, by source path.
fn covers(prepared: &Prepared, found: &mut Diagnostics) -> Vec<Option<String>> {
    let Prepared { sources, drafts, places, .. } = prepared;
    let cover = |plot: &Plot| {
        let draft = drafts.get(plot.intro?)?;
        let written = draft.front.course.cover.as_deref()?;
        let path = join(parent(&draft.path), written);
        let known = path.filter(|path| sources.assets.contains_key(path));
        if known.is_none() {
            found.push(
                Diagnostic::warning("image/missing", format!("the cover `{written}` does not exist"))
                    .in_file(draft.path.as_str())
                    .hint("write its path from the folder of the course"),
            );
        }
        known
    };
    places.plots.iter().map(cover).collect()
}

fn note_shared(open: &BTreeSet<&str>, sealed: &BTreeSet<&str>, found: &mut Diagnostics) {
    for path in open.intersection(sealed) {
        let finding = Diagnostic::note("asset/also-public", format!("`{path}` stays public: public text uses it too")).in_file(*path);
        found.push(finding.hint("use a copy under another name where it is for sale"));
    }
}

/// A file that is for sale, whose bytes are published under another name.
fn warn_of_copies(sources: &Sources, open: &BTreeSet<&str>, sealed: &BTreeSet<&str>, found: &mut Diagnostics) {
    let assets = open.iter().filter_map(|path| Some((sources.assets.get(*path)?, (*path).to_owned())));
    let statics = sources.statics.iter().map(|(path, bytes)| (bytes, format!("static/{path}")));
    let mut public: HashMap<&[u8], String> = HashMap::new();
    for (bytes, path) in assets.chain(statics).filter(|(bytes, _)| !bytes.is_empty()) {
        public.entry(bytes).or_insert(path);
    }
    for path in sealed.difference(open) {
        if let Some(copy) = sources.assets.get(*path).and_then(|bytes| public.get(&**bytes)) {
            let message = format!("`{path}` is for sale, and `{copy}`, which is public, holds the same bytes");
            let finding = Diagnostic::warning("asset/public-copy", message).in_file(*path);
            found.push(finding.hint(format!(
                "take `{copy}` out of what is public, or put another file there; if both may be public, use one of them in both places"
            )));
        }
    }
}

/// Files of `static/` that want the path of a page.
fn check_statics(sources: &Sources, places: &Places, found: &mut Diagnostics) {
    let pages = OutPaths::new(places.spots.iter().filter_map(|s| s.url.as_deref()), std::iter::empty());
    // `keys/` is where static keyrings are published from, and `404.html` may be the author's own.
    let taken = |path: &str| is_reserved(&path.to_lowercase()) && !path.to_lowercase().starts_with("keys/");
    for (path, _) in sources.statics.iter().filter(|(path, _)| taken(path)) {
        let message = format!("`static/{path}` stands at an address that the site itself uses");
        found.push(Diagnostic::error("site/reserved", message).in_file(format!("static/{path}")).hint("rename this file or folder"));
    }
    for (path, _) in sources.statics.iter().filter(|(path, _)| !taken(path) && !pages.is_free(path)) {
        let finding =
            Diagnostic::error("static/clash", format!("`static/{path}` stands where a page is written")).in_file(format!("static/{path}"));
        found.push(finding.hint("rename it"));
    }
}

fn course_language(plot: &Plot, drafts: &[Draft], site: &Site) -> Language {
    let own = plot.intro.and_then(|i| drafts.get(i)).and_then(|d| d.front.course.language.clone());
    own.unwrap_or_else(|| site.language.clone())
}

/// What must be true of courses together, and under the settings where these are known.
fn check_courses(courses: &[Course], places: &Places, drafts: &[Draft], site: Option<&Site>, found: &mut Diagnostics) {
    let mut owner: HashMap<&str, &Course> = HashMap::new();
    for (course, plot) in courses.iter().zip(&places.plots) {
        let draft = plot.intro.and_then(|i| drafts.get(i));
        let point = |finding: Diagnostic| match draft {
            Some(draft) => finding.at(draft.path.as_str(), &draft.text, draft.front.id_span.clone()),
            None => finding.in_file(course.dir.as_str()),
        };
        if let Some(first) = owner.insert(&course.id, course) {
            let message = format!("the courses in `{}` and `{}` have one id, `{}`", first.dir, course.dir, course.id);
            found.push(point(Diagnostic::error("course/same-id", message)).hint("give one of them another `id`"));
        }
        if crate::config::check_id(&course.id).is_err() {
            found.push(
                point(Diagnostic::error("course/id", "the name of this folder cannot be the id of its course"))
                    .hint("write an `id` in its `index.md`"),
            );
        }
        if course.price.is_some() && draft.is_some_and(|d| d.front.id.is_none()) && !site.is_some_and(|s| s.bare) {
            let finding = Diagnostic::warning(
                "course/no-id",
                "a course that is for sale has no `id`: renaming its folder would make it another course",
            );
            found.push(point(finding).hint("run `bookplate check --write-ids` once"));
        }
        if let (Some(draft), Some(_), Some(site)) = (draft, &course.checkout, site) {
            let at = draft.text.find("\ncheckout").map_or(0..0, |at| at + 1..at + 1 + "checkout".len());
            if site.endpoint.is_none() && site.refresh.is_none() {
                let message = "`checkout` takes payments, and no key endpoint is named: nothing opens until you send a code";
                let finding = Diagnostic::warning("payments/no-endpoint", message).at(draft.path.as_str(), &draft.text, at.clone());
                found.push(finding.hint(format!(
                    "run `bookplate keyserver` and write `keys: {{ endpoint: \"https://keys.example.com/\" }}` in `{CONFIG}`; \
                     or take `checkout` out and make codes with `bookplate issue --static`"
                )));
            }
            if course.products.is_empty() {
                let message = "`checkout` without `products`: no paid order can be matched to this course";
                let finding = Diagnostic::warning("payments/no-products", message).at(draft.path.as_str(), &draft.text, at);
                found.push(finding.hint("write `products: { lemon_squeezy: [40001] }` with the number of the product"));
            }
        }
        if !course.products.is_empty() && site.is_some_and(|s| s.lemon_squeezy_store.is_none()) {
            let finding = Diagnostic::error("payments/no-store", "products of Lemon Squeezy, and no store to which they belong");
            found.push(point(finding).hint(format!("write `payments: {{ lemon_squeezy: {{ store: 10001 }} }}` in `{CONFIG}`")));
        }
    }
}

/// Puts the rendered pages together.
struct Assembly<'a> {
    site: &'a Site,
    drafts: &'a [Draft],
    places: &'a Places,
    ids: &'a [String],
    rendered: &'a mut [Rendered],
}

impl Assembly<'_> {
    fn take(&mut self, page: usize) -> Rendered {
        self.rendered.get_mut(page).map(std::mem::take).unwrap_or_default()
    }

    fn pages(&mut self) -> (Option<Page>, Vec<Page>) {
        let (mut home, mut pages) = (None, Vec::new());
        for (i, (draft, spot)) in self.drafts.iter().zip(&self.places.spots).enumerate() {
            let (None, Some(url)) = (spot.course, &spot.url) else { continue };
            let fallback = if url.is_empty() { self.site.title.clone() } else { fallback_title(draft, None) };
            let page = Page {
                source: draft.path.clone(),
                url: url.clone(),
                title: public(draft.own_title().map_or(fallback, str::to_owned)),
                description: draft.front.description.clone().map(public),
                prose: free_prose(self.take(i)),
            };
            if page.url.is_empty() { home = Some(page) } else { pages.push(page) }
        }
        pages.sort_by(|a: &Page, b: &Page| a.url.cmp(&b.url));
        (home, pages)
    }

    fn course(&mut self, plot: &Plot, language: Language, marks: Marks, cover: Option<String>) -> Course {
        let name = plot.dir.rsplit('/').next().unwrap_or_default();
        let draft = plot.intro.and_then(|i| self.drafts.get(i));
        let front = draft.map(|d| d.front.clone()).unwrap_or_default();
        let own_title = draft.and_then(Draft::own_title).map(str::to_owned);
        let title = own_title.unwrap_or_else(|| if self.site.bare { self.site.title.clone() } else { title_of(name) });
        let id = front.id.unwrap_or_else(|| if self.site.bare { self.site.id.clone() } else { ids::from_url(&plot.url, "") });
        Course {
            id,
            dir: plot.dir.clone(),
            url: plot.url.clone(),
            title: public(title),
            summary: front.summary.map(public),
            description: front.description.map(public),
            language,
            price: front.course.price,
            checkout: front.course.checkout,
            products: front.course.products,
            outline: front.course.outline,
            epoch: front.course.epochs.epoch(),
            epochs: front.course.epochs.all_served(),
            rotated: front.course.epochs.rotated,
            marks,
            cover,
            intro: plot.intro.map(|i| free_prose(self.take(i))),
            intro_source: draft.map(|d| d.path.clone()),
            tree: plot.entries.iter().map(|entry| self.node(entry)).collect(),
        }
    }

    fn node(&mut self, entry: &Entry) -> Node {
        let lesson = entry.page.map(|page| Box::new(self.lesson(page, entry.title.as_deref())));
        match lesson {
            Some(lesson) if entry.children.is_empty() => Node::Lesson(lesson),
            page => {
                let title = page.as_ref().map_or_else(|| public(entry.title.clone().unwrap_or_default()), |p| p.short.clone());
                let url = page.as_ref().map(|p| p.url.clone());
                Node::Chapter { title, url, page, children: entry.children.iter().map(|child| self.node(child)).collect() }
            }
        }
    }

    fn lesson(&mut self, page: usize, listed: Option<&str>) -> Lesson {
        let rendered = self.take(page);
        let (draft, spot) = (&self.drafts[page], &self.places.spots[page]);
        // Only a summary names lessons; a folder's name stands in where its page has no title.
        let title = draft.own_title().map_or_else(|| fallback_title(draft, listed), str::to_owned);
        let from_summary = spot.course.and_then(|c| self.places.plots.get(c)).is_some_and(|plot| plot.summary.is_some());
        let short = listed.filter(|_| from_summary).map_or_else(|| title.clone(), str::to_owned);
        Lesson {
            id: self.ids.get(page).cloned().unwrap_or_default(),
            source: draft.path.clone(),
            url: spot.url.clone().unwrap_or_default(),
            title: public(title),
            short: public(short),
            description: draft.front.description.clone().map(public),
            summary: draft.front.summary.clone().map(public),
            access: spot.access,
            body: rendered.body,
            headings: public(rendered.headings),
            minutes: rendered.minutes,
            inside: rendered.inside,
        }
    }
}
