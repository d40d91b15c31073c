//! The number of lists and segmenter, written into the course that was sold with them.

use crate::content::{Front, Kind, Split, read_front, split};

/// What has to be done so that a course keeps its lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pin {
    /// Nothing: its front matter names them.
    Named,
    /// The course's file has to become this; nothing else in it is touched.
    Write(String),
    /// Its author has to write `rules` into `marks:`: the front matter has a form that is not safely extended.
    ByHand,
}

/// Writes `marks: rules:` into the front matter of a course, given the path and the text of its file. An edit is only proposed if the file,
/// read again, says the same as before but for that number.
#[must_use]
pub fn pin(path: &str, text: &str, rules: u32) -> Pin {
    let (mark, text) = text.strip_prefix('\u{feff}').map_or(("", text), |rest| ("\u{feff}", rest));
    let before = split(text);
    let Some(mut front) = read(path, text, &before) else { return Pin::ByHand };
    if front.course.marks.rules.is_some() {
        return Pin::Named;
    }
    let Some(edited) = edited(text, &before, rules) else { return Pin::ByHand };
    let after = split(&edited);
    front.course.marks.rules = Some(rules);
    let said = read(path, &edited, &after).map(|read| Front { id_span: front.id_span.clone(), ..read });
    if said == Some(front) && text.get(before.body..) == edited.get(after.body..) {
        Pin::Write(format!("{mark}{edited}"))
    } else {
        Pin::ByHand
    }
}

pub(super) fn read(path: &str, text: &str, split: &Split) -> Option<Front> {
    let (front, found) = read_front(path, text, split, Kind::Course);
    (!found.has_errors()).then_some(front)
}

fn edited(text: &str, split: &Split, rules: u32) -> Option<String> {
    let end = if text.split_inclusive('\n').next().is_some_and(|line| line.ends_with("\r\n")) { "\r\n" } else { "\n" };
    let Some(yaml) = split.yaml.clone() else {
        return Some(format!("---{end}marks:{end}  rules: {rules}{end}---{end}{text}"));
    };
    let (at, new) = place(text.get(yaml)?, rules, end)?;
    let at = split.yaml.as_ref()?.start + at;
    Some(format!("{}{new}{}", text.get(..at)?, text.get(at..)?))
}

/// Where in the YAML something has to be put, and what.
fn place(yaml: &str, rules: u32, end: &str) -> Option<(usize, String)> {
    let mut at = 0;
    let mut lines = yaml.split_inclusive('\n');
    while let Some(line) = lines.next() {
        let Some(value) = line.strip_prefix("marks:") else {
            at += line.len();
            continue;
        };
        if let Some(inner) = value.trim_start().strip_prefix('{') {
            let new = match inner.chars().next() {
                Some('}') => format!(" rules: {rules} "),
                Some(' ') if inner.trim_start().starts_with('}') => format!(" rules: {rules}"),
                Some(c) if c.is_whitespace() => format!(" rules: {rules},"),
                _ => format!("rules: {rules}, "),
            };
            return Some((at + line.len() - inner.len(), new));
        }
        if !value.trim().is_empty() && !value.trim_start().starts_with('#') {
            return None;
        }
        let below = lines.find(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#')).unwrap_or_default();
        let indent = below.get(..below.len() - below.trim_start().len()).filter(|indent| !indent.is_empty()).unwrap_or("  ");
        return Some((at + line.len(), format!("{indent}rules: {rules}{end}")));
    }
    Some((yaml.len(), format!("marks:{end}  rules: {rules}{end}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pinned(text: &str) -> String {
        match pin("content/c/index.md", text, 1) {
            Pin::Write(text) => text,
            other => panic!("{other:?} for {text:?}"),
        }
    }

    #[test]
    fn the_number_is_added_and_nothing_else_changes() {
        assert_eq!(pinned("---\ntitle: C\nprice: 1 USD\n---\nText.\n"), "---\ntitle: C\nprice: 1 USD\nmarks:\n  rules: 1\n---\nText.\n");
        assert_eq!(pinned("Text.\n"), "---\nmarks:\n  rules: 1\n---\nText.\n");
        assert_eq!(pinned("---\n---\nText.\n"), "---\nmarks:\n  rules: 1\n---\nText.\n");
        assert_eq!(pinned("---\r\ntitle: C\r\n---\r\nText."), "---\r\ntitle: C\r\nmarks:\r\n  rules: 1\r\n---\r\nText.");
        assert_eq!(pinned("\u{feff}---\ntitle: C # c\n...\n"), "\u{feff}---\ntitle: C # c\nmarks:\n  rules: 1\n...\n");
        assert_eq!(pinned("---\ntitle: |\n  C\n---\n"), "---\ntitle: |\n  C\nmarks:\n  rules: 1\n---\n");
    }

    #[test]
    fn settings_that_are_there_are_added_to() {
        let in_block = pinned("---\nmarks: # mine\n    # so\n    typographic: on\ntitle: C\n---\n");
        assert_eq!(in_block, "---\nmarks: # mine\n    rules: 1\n    # so\n    typographic: on\ntitle: C\n---\n");
        assert_eq!(pinned("---\nmarks: { plate: off }\n---\n"), "---\nmarks: { rules: 1, plate: off }\n---\n");
        assert_eq!(pinned("---\nmarks: {plate: off}\n---\n"), "---\nmarks: {rules: 1, plate: off}\n---\n");
        assert_eq!(pinned("---\nmarks: {}\n---\n"), "---\nmarks: { rules: 1 }\n---\n");
        assert_eq!(pinned("---\nmarks: { }\n---\n"), "---\nmarks: { rules: 1 }\n---\n");
        assert_eq!(pinned("---\nmarks:\ntitle: C\n---\n"), "---\nmarks:\n  rules: 1\ntitle: C\n---\n");
    }

    #[test]
    fn what_cannot_be_extended_safely_is_left_to_its_author() {
        for text in [
            "---\n{ title: C }\n---\n",
            "---\nmarks: on\n---\n",
            "---\n\"marks\": { plate: off }\n---\n",
            "---\ntitle: C\n",
            "---\ntitle: [\n---\n",
            "---\nmarks: &a { plate: off }\n---\n",
        ] {
            assert_eq!(pin("content/c/index.md", text, 1), Pin::ByHand, "{text:?}");
        }
        assert_eq!(pin("content/c/index.md", "---\nmarks: { rules: 1 }\n---\n", 2), Pin::Named);
    }
}
