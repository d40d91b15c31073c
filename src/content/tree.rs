//! The tree of a course and the URLs of its pages, from paths.

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap};

use super::names::{Number, natural, segment, split_number, title_of};
use super::paths::{decoded, is_external, is_index, stem};

/// Folders below this depth count as part of the name of the last one: trees stay shallow enough to walk by recursion.
const MAX_FOLDERS: usize = 32;

/// A page of a course.
#[derive(Debug, Clone, Default)]
pub struct Source {
    /// Path below the course's folder.
    pub path: String,
    /// `order` of its front matter.
    pub order: Option<i64>,
    /// What it links to, in order and as written; only asked for the pages of folders.
    pub links: Vec<String>,
}

/// A chapter or lesson of the tree.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entry {
    /// What `SUMMARY.md` calls it, or a folder without a page is called.
    pub title: Option<String>,
    /// Its page, as an index into the sources.
    pub page: Option<usize>,
    /// What it holds.
    pub children: Vec<Entry>,
}

/// What the paths of a course say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// The page of the course itself.
    pub intro: Option<usize>,
    /// Chapters and lessons in reading order.
    pub entries: Vec<Entry>,
    /// For each source its path in URLs below the course, with `/` at the end; empty for the intro.
    pub urls: Vec<String>,
    /// Pairs of sources that want one URL (compared without case): the one that has it, the other.
    pub clashes: Vec<(usize, usize)>,
}

/// Plans a course. In a `bare` folder a single unpadded number among names without numbers is part of the name ("8 years of..."), and
/// clashes are resolved: the second keeps its number, or gets `-2`.
#[must_use]
pub fn plan(sources: &[Source], bare: bool) -> Plan {
    let mut root = Folder::default();
    for (i, source) in sources.iter().enumerate() {
        let mut names: Vec<&str> = source.path.split('/').collect();
        names.pop();
        let deep = names.split_off(names.len().min(MAX_FOLDERS));
        let mut folder = &mut root;
        for name in names {
            folder = folder.folders.entry(name.to_owned()).or_default();
        }
        if !deep.is_empty() {
            folder = folder.folders.entry(deep.join("/")).or_default();
        }
        folder.add(i, sources);
    }
    let mut grower = Grower { sources, bare, urls: vec![String::new(); sources.len()], taken: HashMap::new(), clashes: Vec::new() };
    let entries = grower.folder(&root, "", None);
    Plan { intro: root.page, entries, urls: grower.urls, clashes: grower.clashes }
}

#[derive(Default)]
struct Folder {
    page: Option<usize>,
    files: Vec<usize>,
    folders: BTreeMap<String, Folder>,
}

impl Folder {
    /// `index.md` is the page of a folder before `README.md`; the other one is a page like others.
    fn add(&mut self, i: usize, sources: &[Source]) {
        let is_named_index = |i: usize| stem(&sources[i].path).eq_ignore_ascii_case("index");
        if !is_index(&sources[i].path) {
            self.files.push(i);
        } else if let Some(before) = self.page {
            let (page, file) = if is_named_index(i) && !is_named_index(before) { (i, before) } else { (before, i) };
            self.page = Some(page);
            self.files.push(file);
        } else {
            self.page = Some(i);
        }
    }

    fn is_empty(&self) -> bool {
        self.page.is_none() && self.files.is_empty() && self.folders.values().all(Folder::is_empty)
    }
}

/// A file or folder among its siblings.
struct Child<'a> {
    name: &'a str,
    /// Name without number.
    short: &'a str,
    number: Option<Number>,
    order: Option<i64>,
    rank: Option<usize>,
    what: What<'a>,
}

#[derive(Clone, Copy)]
enum What<'a> {
    File(usize),
    Folder(&'a Folder),
}

struct Grower<'a> {
    sources: &'a [Source],
    bare: bool,
    urls: Vec<String>,
    taken: HashMap<String, usize>,
    clashes: Vec<(usize, usize)>,
}

impl Grower<'_> {
    /// The entries of a folder whose URL is `url`; `full` is its URL with number, should the short one be taken.
    fn folder(&mut self, folder: &Folder, url: &str, full: Option<&str>) -> Vec<Entry> {
        if let Some(page) = folder.page {
            self.give(page, url, full);
        }
        let mut children = self.children(folder);
        children.sort_by(compare);
        // Two folders whose names differ only by their numbers would mix their pages.
        let mut segments: HashMap<String, usize> = HashMap::new();
        let mut entries = Vec::new();
        let only = children.len() == 1;
        for child in children {
            let (short, long) = (format!("{url}{}/", segment(child.short)), format!("{url}{}/", segment(child.name)));
            match child.what {
                What::File(i) => {
                    self.give(i, &short, Some(&long));
                    entries.push(Entry { title: None, page: Some(i), children: Vec::new() });
                }
                What::Folder(inner) => {
                    let uses = segments.entry(short.to_lowercase()).or_insert(0);
                    *uses += 1;
                    let own = if self.bare && *uses > 1 { &long } else { &short };
                    let children = self.folder(inner, own, Some(&long));
                    if inner.page.is_none() && only {
                        entries.extend(children);
                    } else {
                        entries.push(Entry { title: Some(title_of(child.name)), page: inner.page, children });
                    }
                }
            }
        }
        entries
    }

    fn children<'f>(&self, folder: &'f Folder) -> Vec<Child<'f>>
    where
        Self: 'f,
    {
        let files = folder.files.iter().map(|i| (stem_of(self.sources, *i), What::File(*i)));
        let folders = folder.folders.iter().filter(|(_, f)| !f.is_empty()).map(|(name, f)| (name.as_str(), What::Folder(f)));
        let named: Vec<(&str, What<'f>)> = files.chain(folders).collect();
        let numbered = named.iter().filter(|(name, _)| split_number(name).is_some()).count();
        let trusted = !self.bare || numbered > 1 || numbered == named.len();
        let ranks = folder.page.map(|page| ranks(&self.sources[page].links)).unwrap_or_default();
        named
            .into_iter()
            .map(|(name, what)| {
                let split = split_number(name).filter(|(number, _)| trusted || number.padded);
                let order = match what {
                    What::File(i) => self.sources[i].order,
                    What::Folder(inner) => inner.page.and_then(|i| self.sources[i].order),
                };
                Child {
                    name,
                    short: split.as_ref().map_or(name, |(_, rest)| rest),
                    number: split.map(|(number, _)| number),
                    order,
                    rank: ranks.get(&name.to_lowercase()).copied(),
                    what,
                }
            })
            .collect()
    }

    /// Gives a page its URL.
    fn give(&mut self, page: usize, wanted: &str, full: Option<&str>) {
        let mut url = wanted.to_owned();
        if let Some(first) = self.taken.get(&url.to_lowercase()).copied() {
            self.clashes.push((first, page));
            if let Some(full) = full.filter(|full| !self.taken.contains_key(&full.to_lowercase())) {
                url = full.to_owned();
            }
            let mut n = 2;
            while self.taken.contains_key(&url.to_lowercase()) {
                url = format!("{}-{n}/", wanted.trim_end_matches('/'));
                n += 1;
            }
        }
        self.taken.insert(url.to_lowercase(), page);
        if let Some(slot) = self.urls.get_mut(page) {
            *slot = url;
        }
    }
}

fn stem_of(sources: &[Source], i: usize) -> &str {
    sources.get(i).map_or("", |source| stem(&source.path))
}

/// Numbers first (`order` of the front matter replaces the number of the name), then the order of links, then names.
fn compare(a: &Child<'_>, b: &Child<'_>) -> Ordering {
    let position = |c: &Child<'_>| c.order.map(|n| vec![n]).or_else(|| c.number.as_ref().map(|n| n.parts.clone()));
    let some_first = |x: bool, y: bool| y.cmp(&x);
    let (p, q) = (position(a), position(b));
    some_first(p.is_some(), q.is_some())
        .then_with(|| p.cmp(&q))
        .then_with(|| some_first(a.rank.is_some(), b.rank.is_some()))
        .then_with(|| a.rank.cmp(&b.rank))
        .then_with(|| natural(a.name, b.name))
}

/// The children of a folder by their first link in its page: name in lower case, without `.md`, to position.
fn ranks(links: &[String]) -> HashMap<String, usize> {
    let mut ranks = HashMap::new();
    for link in links {
        let path = link.split(['#', '?']).next().unwrap_or_default();
        if path.is_empty() || path.starts_with('/') || is_external(path) {
            continue;
        }
        let path = decoded(path);
        let Some(first) = path.split('/').find(|part| !matches!(*part, "" | ".")) else { continue };
        let name = stem(first).trim_end_matches(".html");
        let next = ranks.len();
        ranks.entry(name.to_lowercase()).or_insert(next);
    }
    ranks
}

/// Drops the entries whose page `keep` refuses, with all that is under them, and chapters that hold nothing.
pub fn prune(entries: &mut Vec<Entry>, keep: &dyn Fn(usize) -> bool) {
    entries.retain_mut(|entry| {
        if entry.page.is_some_and(|page| !keep(page)) {
            return false;
        }
        prune(&mut entry.children, keep);
        entry.page.is_some() || !entry.children.is_empty()
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sources(paths: &[&str]) -> Vec<Source> {
        paths.iter().map(|p| Source { path: (*p).into(), ..Source::default() }).collect()
    }

    /// The paths in reading order.
    fn order(sources: &[Source], plan: &Plan) -> Vec<String> {
        fn collect(entries: &[Entry], sources: &[Source], out: &mut Vec<String>) {
            for entry in entries {
                out.extend(entry.page.map(|i| sources[i].path.clone()));
                collect(&entry.children, sources, out);
            }
        }
        let mut out = Vec::new();
        collect(&plan.entries, sources, &mut out);
        out
    }

    #[test]
    fn numbers_then_names_and_urls_without_numbers() {
        let all = sources(&["index.md", "10-c.md", "2-b/1-x.md", "2-b/index.md", "a.md"]);
        let plan = plan(&all, false);
        assert_eq!(order(&all, &plan), ["2-b/index.md", "2-b/1-x.md", "10-c.md", "a.md"]);
        assert_eq!(plan.urls, ["", "c/", "b/x/", "b/", "a/"]);
        assert_eq!(plan.intro, Some(0));
    }

    #[test]
    fn order_of_the_front_matter_comes_first() {
        let mut all = sources(&["01-a.md", "02-b.md", "03-c.md", "d.md"]);
        all[1].order = Some(9);
        all[3].order = Some(0);
        assert_eq!(order(&all, &plan(&all, false)), ["d.md", "01-a.md", "03-c.md", "02-b.md"]);
    }

    #[test]
    fn links_of_the_folders_page_give_the_order() {
        let mut all = sources(&["README.md", "alpha.md", "beta/README.md", "gamma delta.md", "omega.md"]);
        all[0].links = ["https://x.y", "./gamma%20delta.md#a", "beta/", "omega.html", "beta/x.md"].map(String::from).into();
        assert_eq!(order(&all, &plan(&all, true)), ["gamma delta.md", "beta/README.md", "omega.md", "alpha.md"]);
    }

    #[test]
    fn a_lone_number_is_part_of_a_name_in_a_bare_folder() {
        let all = sources(&["8-years.md", "a.md", "b.md"]);
        assert_eq!(plan(&all, true).urls, ["8-years/", "a/", "b/"]);
        assert_eq!(plan(&all, false).urls[0], "years/");
    }

    #[test]
    fn two_lessons_for_one_url() {
        let all = sources(&["01-a.md", "02-A.md", "x/a.md", "x/README.md", "x.md"]);
        let plan = plan(&all, true);
        assert_eq!(plan.urls, ["a/", "02-A/", "x/a/", "x-2/", "x/"]);
        assert_eq!(plan.clashes, [(0, 1), (4, 3)]);
    }

    #[test]
    fn a_folder_that_only_wraps_is_no_chapter() {
        let all = sources(&["1-a/README.md", "1-a/lessons/1-x.md", "1-a/lessons/2-y.md"]);
        let plan = plan(&all, true);
        assert_eq!(plan.entries[0].children.len(), 2);
        assert_eq!(plan.urls[1], "a/lessons/x/");
    }

    #[test]
    fn very_deep_folders_stay_shallow() {
        let all = sources(&[&format!("{}x.md", "a/".repeat(5_000))]);
        assert_eq!(order(&all, &plan(&all, true)).len(), 1);
    }
}
