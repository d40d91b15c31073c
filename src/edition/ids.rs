//! Ids of lessons: from front matter, else from the path.

use std::collections::HashMap;

use unicode_normalization::UnicodeNormalization as _;

use super::draft::Draft;
use super::place::{Places, pages};
use crate::diag::{Diagnostic, Diagnostics};

/// The id of a lesson without one: its path in the course without numbers, which is its URL. A path beyond 100 bytes is cut and gets a
/// checksum instead of its end.
pub fn from_url(url: &str, course: &str) -> String {
    let path: String = url.strip_prefix(course).unwrap_or(url).trim_end_matches('/').nfc().collect();
    if path.is_empty() {
        return "index".to_owned();
    }
    if path.len() <= 100 {
        return path;
    }
    let mut end = 100;
    while !path.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}-{:016x}", &path[..end], checksum(path.as_bytes()))
}

/// FNV-1a, 64 bits: ids need to differ, nobody gains from making two that do not.
fn checksum(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

/// The id of every draft that is a lesson or the page of a course; the others have an empty one. Duplicates are errors, and a course with a price should have
/// ids that survive renames.
pub fn assign(drafts: &[Draft], places: &Places, found: &mut Diagnostics) -> Vec<String> {
    let mut ids = vec![String::new(); drafts.len()];
    for plot in &places.plots {
        let mut lessons = Vec::new();
        pages(&plot.entries, &mut lessons);
        if let Some((i, draft)) = plot.intro.and_then(|i| Some((i, drafts.get(i)?))) {
            ids[i] = draft.front.id.clone().unwrap_or_else(|| from_url(&plot.url, ""));
        }
        let mut owner: HashMap<String, usize> = HashMap::new();
        let mut without = Vec::new();
        for i in lessons {
            let (Some(draft), Some(url)) = (drafts.get(i), places.spots.get(i).and_then(|s| s.url.as_deref())) else { continue };
            let id = draft.front.id.clone().unwrap_or_else(|| from_url(url, &plot.url));
            if draft.front.id.is_none() {
                without.push(draft);
            }
            if let Some(first) = owner.insert(id.clone(), i).and_then(|first| drafts.get(first)) {
                let message = format!("`{}` and `{}` have one id, `{id}`", first.path, draft.path);
                // Point at the one that says so.
                let (place, other) = if draft.front.id.is_some() { (draft, first) } else { (first, draft) };
                let finding = Diagnostic::error("lesson/same-id", message);
                let hint = format!("give one of them another `id`; `{}` keeps what was sold under this one", other.path);
                found.push(place.point(finding, place.front.id_span.clone(), 0).hint(hint));
            }
            ids[i] = id;
        }
        let priced = plot.intro.and_then(|i| drafts.get(i)).is_some_and(|d| d.front.course.price.is_some());
        if let (true, Some(first)) = (priced, without.first()) {
            let many = match without.len() {
                1 => "a lesson of a course that is for sale has".to_owned(),
                n => format!("{n} lessons of a course that is for sale have"),
            };
            let message = format!("{many} no `id`: renaming a file would make it another lesson");
            let finding = Diagnostic::warning("lesson/no-id", message).in_file(first.path.as_str());
            found.push(finding.hint("run `bookplate check --write-ids` once"));
        }
    }
    ids
}

/// `text` with `id:` as the first key of its front matter, which is made if there is none. The line ends are those of the file.
pub fn insert(text: &str, draft: &Draft, id: &str) -> String {
    let end = if text.lines().next().is_some() && text.split_inclusive('\n').next().is_some_and(|line| line.ends_with("\r\n")) {
        "\r\n"
    } else {
        "\n"
    };
    let (mark, rest) = text.strip_prefix('\u{feff}').map_or(("", text), |rest| ("\u{feff}", rest));
    let line = format!("id: {}{end}", quoted(id));
    match &draft.split.yaml {
        Some(yaml) => format!("{mark}{}{line}{}", &rest[..yaml.start], &rest[yaml.start..]),
        None => format!("{mark}---{end}{line}---{end}{rest}"),
    }
}

/// An id as a YAML scalar.
fn quoted(id: &str) -> String {
    let plain = id.starts_with(|c: char| c.is_ascii_alphabetic()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_/.".contains(&b));
    let word = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"].iter().any(|w| id.eq_ignore_ascii_case(w));
    if plain && !word { id.to_owned() } else { format!("\"{}\"", id.replace('\\', "\\\\").replace('"', "\\\"")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_come_from_paths() {
        assert_eq!(from_url("rust-101/basics/hello/", "rust-101/"), "basics/hello");
        let long = from_url(&format!("c/{}/", "借".repeat(60)), "c/");
        assert!(long.len() <= 128 && long.starts_with("借借") && long != from_url(&format!("c/{}/", "借".repeat(61)), "c/"));
    }

    #[test]
    fn ids_are_quoted_where_yaml_would_read_something_else() {
        assert_eq!(quoted("basics/hello"), "basics/hello");
        assert_eq!(quoted("no"), "\"no\"");
        assert_eq!(quoted("借用"), "\"借用\"");
        assert_eq!(quoted("1"), "\"1\"");
    }
}
