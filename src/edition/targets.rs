//! What links point to.

use std::collections::HashMap;

use super::draft::{Draft, Ids};
use crate::content::{decoded, is_external, join, parent};
use crate::markdown::is_script_url;

/// What a target stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolved {
    /// Leads out of the site.
    External,
    /// A page: index of its draft, and what of it.
    Page {
        /// Index of the draft.
        page: usize,
        /// What the fragment names.
        part: Part,
    },
    /// A file that is no page, by its path.
    Asset(String),
    /// A file of `static/`, by its path below it.
    Static(String),
    /// Nothing, and why: to stand behind "`x`".
    Missing(&'static str),
}

/// What a fragment names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// The page as a whole.
    Whole,
    /// This id, in this top-level block.
    Id(String, usize),
    /// An id that is not there; the page is.
    Unknown,
}

/// Everything that can be pointed to.
pub struct Targets<'a> {
    drafts: &'a [Draft],
    /// Folder of the content, without slash.
    root: &'a str,
    files: HashMap<&'a str, File<'a>>,
    /// Paths without case, for links that were written on Windows.
    lower: HashMap<String, &'a str>,
    /// The page that a link to a folder means.
    folders: HashMap<&'a str, usize>,
    /// Pages by their URL below the base, without case and without slash at the end.
    urls: HashMap<String, usize>,
    base: &'a str,
}

#[derive(Clone, Copy)]
enum File<'a> {
    Page(usize),
    Draft,
    Asset,
    Static(&'a str),
}

impl<'a> Targets<'a> {
    /// An index over `drafts`, of which `urls` gives the URL of those that are built, in reading order `order`.
    pub fn new(drafts: &'a [Draft], urls: &[Option<String>], order: &[usize], root: &'a str, base: &'a str) -> Self {
        let mut targets = Self {
            drafts,
            root: root.trim_end_matches('/'),
            files: HashMap::new(),
            lower: HashMap::new(),
            folders: HashMap::new(),
            urls: HashMap::new(),
            base,
        };
        for (i, draft) in drafts.iter().enumerate() {
            let url = urls.get(i).and_then(Option::as_deref);
            targets.files.insert(&draft.path, if url.is_some() { File::Page(i) } else { File::Draft });
            targets.lower.entry(draft.path.to_lowercase()).or_insert(&draft.path);
            if let Some(url) = url {
                targets.urls.insert(url.trim_end_matches('/').to_lowercase(), i);
            }
        }
        // A folder means its own page, else the first page in it.
        let built = |i: &&usize| urls.get(**i).is_some_and(Option::is_some);
        let pages: Vec<(usize, &Draft)> = order.iter().filter(built).filter_map(|i| Some((*i, drafts.get(*i)?))).collect();
        for (i, draft) in pages.iter().filter(|(_, draft)| draft.is_index()) {
            targets.folders.entry(parent(&draft.path)).or_insert(*i);
        }
        for (i, draft) in &pages {
            let mut folder = parent(&draft.path);
            targets.folders.entry(folder).or_insert(*i);
            while !folder.is_empty() {
                folder = parent(folder);
                targets.folders.entry(folder).or_insert(*i);
            }
        }
        targets
    }

    /// Adds files that are no pages.
    pub fn add_assets(&mut self, paths: impl Iterator<Item = &'a str>) {
        for path in paths {
            self.files.insert(path, File::Asset);
            self.lower.entry(path.to_lowercase()).or_insert(path);
        }
    }

    /// Adds files of `static/`, by their path below it.
    pub fn add_statics(&mut self, paths: impl Iterator<Item = &'a str>) {
        for path in paths {
            self.files.insert(path, File::Static(path));
        }
    }

    /// Another path for a page: `SUMMARY.md` stands for the page of its course.
    pub fn alias(&mut self, path: &'a str, page: usize) {
        self.files.insert(path, File::Page(page));
    }

    /// What `target` stands for, written in the page `from`.
    pub fn resolve(&self, from: usize, target: &str) -> Resolved {
        let target = target.trim();
        if is_script_url(target) {
            return Resolved::Missing("runs a script");
        }
        if is_external(target) {
            return Resolved::External;
        }
        let (path, fragment) = target.split_once('#').map_or((target, None), |(path, fragment)| (path, Some(fragment)));
        let path = path.split('?').next().unwrap_or_default();
        if path.is_empty() {
            return match fragment {
                Some(fragment) => self.part(from, Some(fragment)),
                None => Resolved::Missing("is empty"),
            };
        }
        let decoded = decoded(path);
        let spellings: &[&str] = if decoded == path { &[path] } else { &[path, &decoded] };
        let mut draft = false;
        for spelling in spellings {
            for candidate in self.candidates(from, spelling) {
                match self.find(&candidate) {
                    Some(File::Page(page)) => return self.part(page, fragment),
                    Some(File::Asset) => return Resolved::Asset(self.exact(&candidate).unwrap_or(&candidate).to_owned()),
                    Some(File::Static(path)) => return Resolved::Static(path.to_owned()),
                    Some(File::Draft) => draft = true,
                    None => {}
                }
            }
            if let Some(page) = self.by_url(spelling) {
                return self.part(page, fragment);
            }
        }
        Resolved::Missing(if draft { "is a draft" } else { "does not exist" })
    }

    /// The paths that a spelling may mean: from the page's folder, or for `/x` from the roots.
    fn candidates(&self, from: usize, spelling: &str) -> Vec<String> {
        let here = self.drafts.get(from).map_or("", |draft| parent(&draft.path));
        if !spelling.starts_with('/') {
            // Back-slashes are letters of a name, or slashes of Windows.
            let slashes = spelling.contains('\\').then(|| spelling.replace('\\', "/"));
            return std::iter::once(spelling).chain(slashes.as_deref()).filter_map(|s| join(here, s)).collect();
        }
        let below = here.strip_prefix(self.root).unwrap_or(here).trim_start_matches('/');
        let course = below.split('/').next().unwrap_or_default();
        let roots = [self.root.to_owned(), format!("{}/{course}", self.root), String::new()];
        roots.iter().filter_map(|root| join(root, spelling)).collect()
    }

    /// The file that a path means, also without extension, as `.html`, or as a folder.
    fn find(&self, path: &str) -> Option<File<'a>> {
        if let Some(file) = self.file(path) {
            return Some(file);
        }
        if let Some(stem) = path.strip_suffix(".html").or_else(|| path.strip_suffix(".htm")) {
            let folder = if stem == "index" { Some("") } else { stem.strip_suffix("/index") };
            return self.file(&format!("{stem}.md")).or_else(|| folder.and_then(|f| self.folders.get(f)).map(|i| File::Page(*i)));
        }
        self.file(&format!("{path}.md")).or_else(|| self.folders.get(path).map(|i| File::Page(*i)))
    }

    fn file(&self, path: &str) -> Option<File<'a>> {
        self.exact(path).and_then(|path| self.files.get(path).copied())
    }

    fn exact(&self, path: &str) -> Option<&'a str> {
        self.files.get_key_value(path).map(|(path, _)| *path).or_else(|| self.lower.get(&path.to_lowercase()).copied())
    }

    /// A page by its address in the built site, such as `/ownership/moving/`, with or without the base.
    fn by_url(&self, spelling: &str) -> Option<usize> {
        let below = spelling.strip_prefix(self.base).or_else(|| spelling.strip_prefix('/'))?;
        let key = |path: &str| path.trim_end_matches('/').to_lowercase();
        self.urls.get(&key(below)).or_else(|| self.urls.get(&key(spelling.trim_start_matches('/')))).copied()
    }

    fn part(&self, page: usize, fragment: Option<&str>) -> Resolved {
        let ids = |draft: &'a Draft| -> &'a Ids { &draft.ids };
        let part = match fragment.map(decoded) {
            None => Part::Whole,
            Some(fragment) if fragment.is_empty() || fragment == "top" => Part::Whole,
            Some(fragment) => match self.drafts.get(page).map(ids).and_then(|ids| ids.find(&fragment)) {
                Some((id, Some(block))) => Part::Id(id.to_owned(), block),
                // The title is the top of the page.
                Some((_, None)) => Part::Whole,
                None => Part::Unknown,
            },
        };
        Resolved::Page { page, part }
    }
}
