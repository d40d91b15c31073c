//! What a build writes, as values.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// A path below the output folder, with `/`: relative, without empty names, `.` or `..`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OutPath(String);

impl OutPath {
    /// Checks a path.
    #[must_use]
    pub fn parse(path: &str) -> Option<Self> {
        let plain = |name: &str| !name.is_empty() && name != "." && name != ".." && !name.contains(['\\', '\0', '\n']);
        path.split('/').all(plain).then(|| Self(path.to_owned()))
    }

    /// The path as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for OutPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What kind of file an output is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// An HTML page.
    Page,
    /// A sealed lesson or a sealed asset.
    Sealed,
    /// The catalog.
    Catalog,
    /// The list of all files.
    Manifest,
    /// A style sheet or script of the theme or the reader.
    Theme,
    /// A file from `static/`, or an asset of public text.
    File,
}

/// One file.
#[derive(Debug, Clone)]
pub struct Output {
    /// Its content.
    pub bytes: Arc<[u8]>,
    /// Its media type, for servers.
    pub media_type: &'static str,
    /// What it is.
    pub kind: Kind,
}

/// All files of a site, no two with the same path; case is not enough to tell two apart, because it is not on every disk.
#[derive(Debug, Clone, Default)]
pub struct Outputs {
    files: BTreeMap<OutPath, Output>,
    folded: BTreeMap<String, OutPath>,
}

impl Outputs {
    /// Adds a file; if its path is taken, returns the path that took it.
    pub fn add(&mut self, path: OutPath, output: Output) -> Result<(), OutPath> {
        match self.folded.entry(path.0.to_lowercase()) {
            std::collections::btree_map::Entry::Occupied(taken) => Err(taken.get().clone()),
            std::collections::btree_map::Entry::Vacant(free) => {
                free.insert(path.clone());
                self.files.insert(path, output);
                Ok(())
            }
        }
    }

    /// Files at whose path another one needs a folder, with that other one: no disk holds both.
    #[must_use]
    pub fn blocked(&self) -> Vec<(OutPath, OutPath)> {
        let above = |path: &OutPath| {
            let folded = path.0.to_lowercase();
            folded.match_indices('/').find_map(|(i, _)| self.folded.get(folded.get(..i)?)).cloned()
        };
        self.files.keys().filter_map(|path| Some((above(path)?, path.clone()))).collect()
    }

    /// The file at `path`, as an URL path below the base names it.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&Output> {
        self.files.get(&OutPath(path.to_owned()))
    }

    /// All files in the order of their paths.
    pub fn iter(&self) -> impl Iterator<Item = (&OutPath, &Output)> {
        self.files.iter()
    }

    /// All files as the gate and the writer take them.
    pub fn bytes(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.files.iter().map(|(path, output)| (path.as_str(), &*output.bytes))
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// True if there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_inside_are_paths() {
        for good in ["index.html", "a/b.png", ".well-known/x", "图/一 二.png", "-/x.css"] {
            assert!(OutPath::parse(good).is_some(), "{good}");
        }
        for bad in ["", "/a", "a/", "a//b", "../a", "a/./b", "a\\b", "a\nb"] {
            assert!(OutPath::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn case_alone_makes_no_second_file() {
        let mut outputs = Outputs::default();
        let output = || Output { bytes: Arc::from(*b"x"), media_type: "text/plain", kind: Kind::File };
        assert!(outputs.add(OutPath::parse("A/x").expect("fine"), output()).is_ok());
        let taken = outputs.add(OutPath::parse("a/X").expect("fine"), output()).expect_err("taken");
        assert_eq!((taken.as_str(), outputs.len()), ("A/x", 1));
    }
}
