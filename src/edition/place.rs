//! Where every page stands: its course, its URL, who may read it.

use std::collections::HashMap;

use super::draft::Draft;
use super::sources::Text;
use super::summary;
use crate::access::Access;
use crate::content::{self, Entry, Kind, Source, is_index, natural, parent, plan, prune, segment, split_number, stem};
use crate::diag::{Diagnostic, Diagnostics};
use crate::markdown::{Document, TargetKind};

/// A course on its way.
#[derive(Debug)]
pub struct Plot {
    /// Its folder, without slash at the end.
    pub dir: String,
    /// Its path below the base, with slash at the end; empty for a bare folder.
    pub url: String,
    /// Its own page.
    pub intro: Option<usize>,
    /// Chapters and lessons in reading order; pages are indices of drafts.
    pub entries: Vec<Entry>,
    /// Path of its `SUMMARY.md`.
    pub summary: Option<String>,
}

/// Where a page stands.
#[derive(Debug, Clone)]
pub struct Spot {
    /// Its course; none for loose pages.
    pub course: Option<usize>,
    /// Its path below the base; none if it is not built.
    pub url: Option<String>,
    /// Who may read it.
    pub access: Access,
    /// The top-level block of the paywall of a preview.
    pub cut: Option<usize>,
}

/// All courses, and a spot for every draft.
#[derive(Debug, Default)]
pub struct Places {
    /// Courses in their order.
    pub plots: Vec<Plot>,
    /// One for each draft.
    pub spots: Vec<Spot>,
}

impl Places {
    /// Every page that is built, in reading order: loose pages, then course after course.
    pub fn order(&self) -> Vec<usize> {
        let mut order: Vec<usize> =
            self.spots.iter().enumerate().filter(|(_, s)| s.course.is_none() && s.url.is_some()).map(|(i, _)| i).collect();
        for plot in &self.plots {
            order.extend(plot.intro);
            pages(&plot.entries, &mut order);
        }
        order
    }
}

/// The pages of entries in reading order.
pub fn pages(entries: &[Entry], out: &mut Vec<usize>) {
    for entry in entries {
        out.extend(entry.page);
        pages(&entry.children, out);
    }
}

/// The folders of courses, each without slash at the end: of a bare folder itself; of a site every folder in `content/` with lessons.
pub fn course_dirs(texts: &[Text], root: &str, bare: bool) -> Vec<String> {
    if bare {
        return vec![root.trim_end_matches('/').to_owned()];
    }
    let mut dirs: Vec<String> = Vec::new();
    for text in texts {
        let below = text.path.get(root.len()..).unwrap_or_default();
        let Some((dir, rest)) = below.split_once('/') else { continue };
        let lesson = rest.contains('/') || !is_index(rest) && !is_summary(rest);
        if lesson && dirs.last().is_none_or(|last| !last.ends_with(&format!("/{dir}"))) {
            dirs.push(format!("{root}{dir}"));
        }
    }
    dirs.dedup();
    dirs
}

/// True for `SUMMARY.md`, given below its course.
pub fn is_summary(below: &str) -> bool {
    below.eq_ignore_ascii_case("summary.md")
}

/// What a page is. A `README.md` beside an `index.md` is a page like others.
pub fn kind_of(path: &str, beside_index: bool, dirs: &[String], bare: bool) -> Kind {
    if bare {
        return Kind::Bare;
    }
    let index = is_index(path) && !(beside_index && stem(path).eq_ignore_ascii_case("readme"));
    match dir_of(path, dirs) {
        None => Kind::Page,
        Some(dir) if index && parent(path) == dir => Kind::Course,
        Some(_) if index => Kind::Chapter,
        Some(_) => Kind::Lesson,
    }
}

fn dir_of<'d>(path: &str, dirs: &'d [String]) -> Option<&'d String> {
    dirs.iter().find(|dir| dir.is_empty() || path.strip_prefix(dir.as_str()).is_some_and(|rest| rest.starts_with('/')))
}

/// Places every draft. `summaries` are the texts of `SUMMARY.md`, by course folder.
pub fn place(
    drafts: &[Draft],
    dirs: &[String],
    root: &str,
    summaries: &HashMap<String, Text>,
    bare: bool,
    found: &mut Diagnostics,
) -> Places {
    let mut places =
        Places { plots: Vec::new(), spots: vec![Spot { course: None, url: None, access: Access::Free, cut: None }; drafts.len()] };
    let mut members: HashMap<&str, Vec<usize>> = HashMap::new();
    for (i, draft) in drafts.iter().enumerate() {
        match dir_of(&draft.path, dirs) {
            Some(dir) => members.entry(dir).or_default().push(i),
            None => place_page(draft, root, &mut places.spots[i]),
        }
    }
    let mut plots: Vec<(CourseKey<'_>, Plot)> = Vec::new();
    for dir in dirs {
        let Some(members) = members.get(dir.as_str()) else { continue };
        plots.extend(plot(drafts, dir, members, summaries.get(dir), bare, &mut places.spots, found));
    }
    plots.sort_by(|(a, _), (b, _)| a.compare(b));
    for (i, (_, plot)) in plots.into_iter().enumerate() {
        let mut all: Vec<usize> = plot.intro.into_iter().collect();
        pages(&plot.entries, &mut all);
        all.into_iter().for_each(|page| places.spots[page].course = Some(i));
        places.plots.push(plot);
    }
    set_access(drafts, &mut places, bare);
    places
}

fn place_page(draft: &Draft, root: &str, spot: &mut Spot) {
    if draft.front.draft {
        return;
    }
    let below = draft.path.get(root.len()..).unwrap_or_default();
    let name = if draft.is_index() { parent(below) } else { stem(below) };
    let short = split_number(name).map_or(name, |(_, rest)| rest);
    spot.url = Some(if name.is_empty() { String::new() } else { format!("{}/", segment(short)) });
}

/// How courses are sorted: by `order` or number, then by name.
struct CourseKey<'a> {
    number: Option<Vec<i64>>,
    name: &'a str,
}

impl CourseKey<'_> {
    fn compare(&self, other: &Self) -> std::cmp::Ordering {
        let unnumbered = self.number.is_none().cmp(&other.number.is_none());
        unnumbered.then_with(|| self.number.cmp(&other.number)).then_with(|| natural(self.name, other.name))
    }
}

fn plot<'d>(
    drafts: &[Draft],
    dir: &'d str,
    members: &[usize],
    summary: Option<&Text>,
    bare: bool,
    spots: &mut [Spot],
    found: &mut Diagnostics,
) -> Option<(CourseKey<'d>, Plot)> {
    let skip = if dir.is_empty() { 0 } else { dir.len() + 1 };
    let sources: Vec<Source> = members
        .iter()
        .map(|i| {
            let draft = &drafts[*i];
            let links = if draft.is_index() { links(draft) } else { Vec::new() };
            Source { path: draft.path.get(skip..).unwrap_or_default().to_owned(), order: draft.front.order, links }
        })
        .collect();
    let mut planned = plan(&sources, bare);
    let is_draft = |i: usize| members.get(i).is_some_and(|page| drafts[*page].front.draft);
    let mut intro = planned.intro;
    if intro.is_some_and(is_draft) {
        if !bare {
            return None;
        }
        intro = None;
    }
    prune(&mut planned.entries, &|i| !is_draft(i));
    if let Some(summary) = summary {
        planned.entries = by_summary(summary, &sources, members, drafts, &planned.entries, intro, found);
    }
    let mut built = Vec::new();
    pages(&planned.entries, &mut built);
    built.extend(intro);

    let name = dir.rsplit('/').next().unwrap_or_default();
    let split = split_number(name);
    let url = if bare { String::new() } else { format!("{}/", segment(split.as_ref().map_or(name, |(_, rest)| rest))) };
    for i in &built {
        spots[members[*i]].url = Some(format!("{url}{}", planned.urls[*i]));
    }
    let is_built = |i: &usize| spots[members[*i]].url.is_some();
    for (first, second) in planned.clashes.iter().filter(|(a, b)| is_built(a) && is_built(b)) {
        found.push(clash(&drafts[members[*first]], &drafts[members[*second]], spots[members[*second]].url.as_deref(), bare));
    }
    renumber(&mut planned.entries, members);
    let front_order = intro.and_then(|i| drafts[members[i]].front.order);
    let key = CourseKey { number: front_order.map(|n| vec![n]).or_else(|| split.map(|(number, _)| number.parts)), name };
    let plot = Plot {
        dir: dir.to_owned(),
        url,
        intro: intro.map(|i| members[i]),
        entries: planned.entries,
        summary: summary.map(|s| s.path.clone()),
    };
    Some((key, plot))
}

/// What a page links to, in order, as written.
fn links(draft: &Draft) -> Vec<String> {
    let references = Document::references(&draft.document.blocks);
    references.into_iter().filter(|r| r.kind == TargetKind::Link).map(|r| r.target).collect()
}

/// The entries of a summary, then what it does not list, in the order of folders.
fn by_summary(
    summary: &Text,
    sources: &[Source],
    members: &[usize],
    drafts: &[Draft],
    planned: &[Entry],
    intro: Option<usize>,
    found: &mut Diagnostics,
) -> Vec<Entry> {
    let folder = parent(&summary.path);
    let full: Vec<String> =
        sources.iter().map(|s| if folder.is_empty() { s.path.clone() } else { format!("{folder}/{}", s.path) }).collect();
    let by_path: HashMap<&str, usize> = full.iter().enumerate().map(|(i, path)| (path.as_str(), i)).collect();
    let mut read = summary::read(&summary.path, &summary.text, &by_path, sources.len(), found);
    let mut entries = without(std::mem::take(&mut read.entries), intro);
    prune(&mut entries, &|i| members.get(i).is_some_and(|page| !drafts[*page].front.draft));
    let mut rest = Vec::new();
    pages(planned, &mut rest);
    rest.retain(|i| !read.listed.get(*i).copied().unwrap_or(false));
    if !rest.is_empty() {
        let names: Vec<&str> = rest.iter().take(5).map(|i| sources[*i].path.as_str()).collect();
        let more = if rest.len() > names.len() { format!(" and {} more", rest.len() - names.len()) } else { String::new() };
        let message = format!(
            "`SUMMARY.md` does not list {} of {} pages; they come after the others: {}{more}",
            rest.len(),
            sources.len(),
            names.join(", ")
        );
        let finding = Diagnostic::note("summary/unlisted", message).in_file(summary.path.as_str());
        found.push(finding.hint("list them, or mark them by `draft: true`"));
    }
    entries.extend(rest.into_iter().map(|i| Entry { title: None, page: Some(i), children: Vec::new() }));
    entries
}

/// The course's own page is not a lesson too; what stands under it moves up.
fn without(entries: Vec<Entry>, intro: Option<usize>) -> Vec<Entry> {
    let mut kept = Vec::with_capacity(entries.len());
    for mut entry in entries {
        entry.children = without(entry.children, intro);
        if entry.page.is_some() && entry.page == intro {
            kept.extend(entry.children);
        } else {
            kept.push(entry);
        }
    }
    kept
}

/// From indices of a course's members to indices of drafts.
fn renumber(entries: &mut [Entry], members: &[usize]) {
    for entry in entries {
        entry.page = entry.page.and_then(|i| members.get(i).copied());
        renumber(&mut entry.children, members);
    }
}

fn clash(first: &Draft, second: &Draft, url: Option<&str>, bare: bool) -> Diagnostic {
    if bare {
        let message = format!("`{}` and `{}` have one address; the second is at `{}`", first.path, second.path, url.unwrap_or_default());
        return Diagnostic::warning("lesson/same-url", message).in_file(second.path.as_str()).hint("rename one of them");
    }
    let message = format!("`{}` and `{}` have one address (numbers and case do not count)", first.path, second.path);
    Diagnostic::error("lesson/same-url", message).in_file(second.path.as_str()).hint("rename one of them")
}

/// Each lesson's access: its own, else that of the nearest chapter, else that of the course. In a course with a price that says nothing,
/// lessons are for sale: a forgotten word must not give them away.
fn set_access(drafts: &[Draft], places: &mut Places, bare: bool) {
    if bare {
        return;
    }
    let mut folders: HashMap<&str, Access> = HashMap::new();
    for plot in &places.plots {
        let front = plot.intro.map(|i| &drafts[i].front);
        let priced = front.is_some_and(|f| f.course.price.is_some());
        let default = if priced { Access::Premium } else { Access::Free };
        folders.insert(plot.dir.as_str(), front.and_then(|f| f.access).unwrap_or(default));
    }
    for draft in drafts.iter().filter(|d| d.kind == Kind::Chapter) {
        if let Some(access) = draft.front.access {
            folders.insert(parent(&draft.path), access);
        }
    }
    for (draft, spot) in drafts.iter().zip(&mut places.spots) {
        if spot.course.is_none() || draft.kind == Kind::Course {
            continue;
        }
        let mut folder = parent(&draft.path);
        let inherited = loop {
            match folders.get(folder) {
                Some(access) => break *access,
                None if folder.is_empty() => break Access::Free,
                None => folder = parent(folder),
            }
        };
        spot.access = draft.front.access.unwrap_or(inherited);
    }
}

/// Finds the paywall of every preview, and every paywall that stands where it cannot.
pub fn find_paywalls(drafts: &[Draft], places: &mut Places, found: &mut Diagnostics) {
    const RULE: &str = "lesson/paywall";
    const LINE: &str = "write `<!-- paywall -->` once, on a line of its own between two paragraphs";
    for (draft, spot) in drafts.iter().zip(&mut places.spots) {
        let walls = draft.paywalls();
        let span = |i: usize| draft.document.blocks.get(i).map_or(0..0, |b| b.span.clone());
        for (n, at) in draft.document.misplaced_paywalls().into_iter().enumerate() {
            let finding = Diagnostic::error(RULE, "this paywall does not stand between two top-level blocks");
            found.push(draft.point(finding, at, n).hint(LINE));
        }
        if spot.access != Access::Preview {
            if let Some(first) = walls.first() {
                let (message, hint) = match draft.kind {
                    Kind::Bare => (
                        "a paywall in a folder without `bookplate.yaml`, where everything is free".to_owned(),
                        "write a `bookplate.yaml`; `bookplate init` makes one",
                    ),
                    Kind::Course | Kind::Page => {
                        ("a paywall in a page that is always free".to_owned(), "move what is for sale to a lesson")
                    }
                    Kind::Chapter | Kind::Lesson => (
                        format!("a paywall in a lesson whose access is `{}`", spot.access.name()),
                        "write `access: preview` in its front matter, or take the paywall out",
                    ),
                };
                found.push(draft.point(Diagnostic::error(RULE, message), span(*first), 0).hint(hint));
            }
            continue;
        }
        match walls.as_slice() {
            [] => {
                let finding = Diagnostic::error(RULE, "a preview lesson without paywall: nothing says where its free part ends");
                found.push(draft.point(finding, 0..0, 0).hint(LINE));
            }
            [only] if draft.document.blocks.len() == only + 1 => {
                let finding = Diagnostic::error(RULE, "nothing stands behind this paywall");
                found.push(draft.point(finding, span(*only), 0).hint("put the paywall before what is for sale, or write `access: free`"));
            }
            [only] => spot.cut = Some(*only),
            [_, more @ ..] => {
                for (n, wall) in more.iter().enumerate() {
                    let finding = Diagnostic::error(RULE, "a second paywall");
                    found.push(draft.point(finding, span(*wall), n).hint("keep the first and take this one out"));
                }
            }
        }
    }
}

/// True for addresses of pages and files that the site itself makes; `url` in lower case.
pub fn is_reserved(url: &str) -> bool {
    ["-/", "thanks/", "keys/", "copies/", "404/", "404.html/"].iter().any(|own| url.starts_with(own))
}

/// Reports loose pages and courses that want one URL, and URLs that the site itself uses.
pub fn check_urls(drafts: &[Draft], places: &Places, bare: bool, found: &mut Diagnostics) {
    let mut taken: HashMap<String, usize> = HashMap::new();
    for (i, (draft, spot)) in drafts.iter().zip(&places.spots).enumerate() {
        let Some(url) = spot.url.as_deref().map(str::to_lowercase) else { continue };
        if !bare && is_reserved(&url) {
            let message = format!("`{url}` is an address that the site itself uses");
            found.push(Diagnostic::error("site/reserved", message).in_file(draft.path.as_str()).hint("rename this file or folder"));
        }
        // Within a course the plan has looked already.
        if let Some(first) = taken.insert(url, i)
            && places.spots.get(first).is_some_and(|other| other.course != spot.course || spot.course.is_none())
            && let Some(first) = drafts.get(first)
        {
            found.push(clash(first, draft, None, false));
        }
    }
}

/// The title that a page without one gets.
pub fn fallback_title(draft: &Draft, summary: Option<&str>) -> String {
    summary.map_or_else(|| content::title_of(draft.name()), str::to_owned)
}
