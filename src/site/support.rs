//! Files that pages load: the theme's and the reader's, in folders whose names are hashes of what is in them.

use std::sync::{Arc, LazyLock};

use sha2::{Digest as _, Sha256};

use super::lean::lean;
use super::{Kind, Output};
use crate::edition::Edition;
use crate::template::{self, Theme};

/// The reader: ES modules that find each other by relative names, so their folder has the hash and not they.
pub(super) static READER: LazyLock<Vec<(&str, String)>> = LazyLock::new(|| {
    [
        ("protocol.js", include_str!("../web/protocol.js")),
        ("reader/main.js", include_str!("../web/reader/main.js")),
        ("reader/page.js", include_str!("../web/reader/page.js")),
        ("reader/kept.js", include_str!("../web/reader/kept.js")),
        ("reader/en.js", include_str!("../web/reader/en.js")),
        ("reader/zh.js", include_str!("../web/reader/zh.js")),
    ]
    .into_iter()
    .map(|(name, source)| (name, lean(source)))
    .collect()
});

/// Where pages find them, below the base.
pub(super) struct Support {
    pub(super) css: String,
    pub(super) js: String,
    pub(super) reader: String,
}

/// All of them, and their places. The reader is left out where nothing is sealed.
pub(super) fn files(edition: &Edition, theme: &Theme) -> (Support, Vec<(String, Output)>) {
    let style = theme.files(edition.site.accent.as_deref());
    let theme_folder = folder("t", style.iter().map(|(name, bytes)| (name.as_str(), &**bytes)));
    let reader_folder = folder("r", READER.iter().map(|(name, text)| (*name, text.as_bytes())));
    let mut files: Vec<(String, Output)> =
        style.into_iter().map(|(name, bytes)| (format!("{theme_folder}{name}"), output(&name, bytes))).collect();
    if edition.lessons().any(|(_, lesson)| lesson.body.sealed.is_some()) {
        files.extend(READER.iter().map(|(name, text)| (format!("{reader_folder}{name}"), output(name, Arc::from(text.as_bytes())))));
    }
    let support = Support {
        css: format!("{theme_folder}{}", template::CSS),
        js: format!("{theme_folder}{}", template::JS),
        reader: format!("{reader_folder}reader/main.js"),
    };
    (support, files)
}

fn output(name: &str, bytes: Arc<[u8]>) -> Output {
    let media_type = match name.rsplit_once('.').map_or("", |(_, e)| e) {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "woff2" => "font/woff2",
        _ => "application/octet-stream",
    };
    Output { bytes, media_type, kind: Kind::Theme }
}

/// `-/<letter>.<hash of names and contents>/`
fn folder<'a>(letter: &str, files: impl Iterator<Item = (&'a str, &'a [u8])>) -> String {
    let mut hash = Sha256::new();
    for (name, bytes) in files {
        hash.update((name.len() as u64).to_be_bytes());
        hash.update(name);
        hash.update((bytes.len() as u64).to_be_bytes());
        hash.update(bytes);
    }
    let hex: String = hash.finalize().iter().take(6).map(|b| format!("{b:02x}")).collect();
    format!("-/{letter}.{hex}/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_module_of_the_reader_is_embedded() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/web/reader");
        let names = std::fs::read_dir(folder).expect("the reader").map(|e| e.expect("readable").file_name().to_string_lossy().into_owned());
        let missing: Vec<String> =
            names.filter(|n| n.ends_with(".js") && !READER.iter().any(|(have, _)| *have == format!("reader/{n}"))).collect();
        assert!(missing.is_empty(), "{missing:?}");
    }
}
