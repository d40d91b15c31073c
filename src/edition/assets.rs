//! Files that are no pages: which are public, under which path, and what they are.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use super::types::StaticFile;
use crate::content::segment;

/// The media type of a file by its extension; unknown ones are bytes.
#[must_use]
pub fn media_type(path: &str) -> &'static str {
    let extension = path.rsplit('/').next().and_then(|name| name.rsplit_once('.')).map_or("", |(_, e)| e).to_ascii_lowercase();
    match extension.as_str() {
        "avif" => "image/avif",
        "bmp" => "image/bmp",
        "css" => "text/css; charset=utf-8",
        "csv" => "text/csv; charset=utf-8",
        "gif" => "image/gif",
        "gz" | "tgz" => "application/gzip",
        "htm" | "html" => "text/html; charset=utf-8",
        "ico" => "image/x-icon",
        "jpeg" | "jpg" => "image/jpeg",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "json" | "ipynb" => "application/json",
        "m4a" => "audio/mp4",
        "mp3" => "audio/mpeg",
        "mp4" => "video/mp4",
        "oga" | "ogg" => "audio/ogg",
        "pdf" => "application/pdf",
        "png" => "image/png",
        "svg" => "image/svg+xml",
        "txt" | "md" => "text/plain; charset=utf-8",
        "wasm" => "application/wasm",
        "wav" => "audio/wav",
        "webm" => "video/webm",
        "webmanifest" => "application/manifest+json",
        "webp" => "image/webp",
        "woff" => "font/woff",
        "woff2" => "font/woff2",
        "xml" => "application/xml",
        "zip" => "application/zip",
        _ => "application/octet-stream",
    }
}

/// Width and height of a picture in pixels, from its first bytes.
#[must_use]
pub fn size(bytes: &[u8]) -> Option<(usize, usize)> {
    imagesize::blob_size(bytes).ok().map(|size| (size.width, size.height))
}

/// Hands out output paths that are free, compared without case: a path must not be taken, nor be the folder of another one.
pub struct OutPaths {
    files: HashSet<String>,
    folders: HashSet<String>,
}

impl OutPaths {
    /// Taken from the start: the pages at `urls`, and `others`.
    pub fn new<'u>(urls: impl Iterator<Item = &'u str>, others: impl Iterator<Item = &'u str>) -> Self {
        let mut paths = Self { files: HashSet::new(), folders: HashSet::new() };
        urls.for_each(|url| paths.add(&format!("{url}index.html")));
        others.for_each(|path| paths.add(path));
        paths
    }

    fn add(&mut self, path: &str) {
        let path = path.to_lowercase();
        let mut folder = path.as_str();
        while let Some((parent, _)) = folder.rsplit_once('/') {
            if !self.folders.insert(parent.to_owned()) {
                break;
            }
            folder = parent;
        }
        self.files.insert(path);
    }

    /// True if nothing is there and nothing is in the way.
    pub fn is_free(&self, path: &str) -> bool {
        let path = path.to_lowercase();
        let above = path.match_indices('/').any(|(i, _)| self.files.contains(&path[..i]));
        !above && !self.files.contains(&path) && !self.folders.contains(&path)
    }

    /// `wanted`, or with `-2`, `-3`... before the extension.
    pub fn take(&mut self, wanted: &str) -> String {
        let mut path = wanted.to_owned();
        let name_at = wanted.rfind('/').map_or(0, |i| i + 1);
        let dot = wanted[name_at..].rfind('.').filter(|i| *i > 0).map_or(wanted.len(), |i| name_at + i);
        let mut n = 2;
        while !self.is_free(&path) {
            path = format!("{}-{n}{}", &wanted[..dot], &wanted[dot..]);
            n += 1;
        }
        self.add(&path);
        path
    }
}

/// Output paths of the public assets, by source path.
pub fn publish(
    public: &BTreeSet<&str>,
    assets: &BTreeMap<String, Arc<[u8]>>,
    root: &str,
    paths: &mut OutPaths,
) -> (HashMap<String, String>, Vec<StaticFile>) {
    let mut out = HashMap::new();
    let mut files = Vec::new();
    for source in public {
        let Some(bytes) = assets.get(*source) else { continue };
        let below = source.strip_prefix(root).unwrap_or(source);
        let (folder, name) = below.rsplit_once('/').unwrap_or(("", below));
        let (stem, extension) = name.rsplit_once('.').filter(|(stem, _)| !stem.is_empty()).unwrap_or((name, ""));
        let mut wanted: String = folder.split('/').filter(|p| !p.is_empty()).flat_map(|p| [segment(p), "/".to_owned()]).collect();
        wanted.push_str(&segment(stem));
        if !extension.is_empty() {
            wanted.push('.');
            wanted.push_str(&segment(extension));
        }
        let path = paths.take(&wanted);
        files.push(StaticFile {
            path: path.clone(),
            source: (*source).to_owned(),
            bytes: Arc::clone(bytes),
            media_type: media_type(source),
        });
        out.insert((*source).to_owned(), path);
    }
    (out, files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn output_paths_do_not_collide() {
        let mut paths = OutPaths::new(["a/b/", "license/"].into_iter(), ["x.png"].into_iter());
        assert_eq!(paths.take("LICENSE"), "LICENSE-2");
        assert_eq!(paths.take("X.png"), "X-2.png");
        assert_eq!(paths.take("a/b/index.html"), "a/b/index-2.html");
        assert_eq!(paths.take("a/c.tar.gz"), "a/c.tar.gz");
    }
}
