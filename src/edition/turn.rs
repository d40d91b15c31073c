//! The epochs of a course, written into its front matter.

use super::pin::{Pin, read};
use crate::content::{Epochs, Front, split};

/// The keys that are written here.
const OURS: [&str; 3] = ["epoch", "epochs", "rotated"];

/// Writes the key generations of a course into its front matter, given the path and the text of its file. An edit is only proposed if the
/// file, read again, says the same as before but for them.
#[must_use]
pub fn turn(path: &str, text: &str, keys: &Epochs) -> Pin {
    let (mark, text) = text.strip_prefix('\u{feff}').map_or(("", text), |rest| ("\u{feff}", rest));
    let before = split(text);
    let Some(mut front) = read(path, text, &before) else { return Pin::ByHand };
    if front.course.epochs == *keys {
        return Pin::Named;
    }
    let end = if text.split_inclusive('\n').next().is_some_and(|line| line.ends_with("\r\n")) { "\r\n" } else { "\n" };
    let lines = lines(keys, end);
    let edited = match before.yaml.clone() {
        None => format!("---{end}{lines}---{end}{text}"),
        Some(yaml) => {
            let Some((head, old, tail)) =
                text.get(..yaml.start).zip(text.get(yaml.clone())).zip(text.get(yaml.end..)).map(|((a, b), c)| (a, b, c))
            else {
                return Pin::ByHand;
            };
            format!("{head}{}{tail}", replaced(old, &lines))
        }
    };
    let after = split(&edited);
    front.course.epochs = keys.clone();
    let said = read(path, &edited, &after).map(|read| Front { id_span: front.id_span.clone(), ..read });
    if said == Some(front) && text.get(before.body..) == edited.get(after.body..) {
        Pin::Write(format!("{mark}{edited}"))
    } else {
        Pin::ByHand
    }
}

/// The YAML with our lines where the first of the old ones stood, else at its end.
fn replaced(yaml: &str, lines: &str) -> String {
    let is_ours = |line: &str| OURS.iter().any(|key| line.strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with(':')));
    let (mut out, mut written) = (String::new(), false);
    for line in yaml.split_inclusive('\n') {
        if !is_ours(line) {
            out.push_str(line);
        } else if !written {
            out.push_str(lines);
            written = true;
        }
    }
    if !written {
        out.push_str(lines);
    }
    out
}

/// `epoch`, and the others where they say more.
fn lines(keys: &Epochs, end: &str) -> String {
    let mut out = format!("epoch: {}{end}", keys.epoch());
    if !keys.served.is_empty() {
        let served: Vec<String> = keys.served.iter().map(ToString::to_string).collect();
        out.push_str(&format!("epochs: [{}]{end}", served.join(", ")));
    }
    if let Some(at) = keys.rotated.and_then(|at| jiff::Timestamp::from_second(i64::try_from(at).ok()?).ok()) {
        out.push_str(&format!("rotated: {at}{end}"));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(epoch: u32, served: &[u32]) -> Epochs {
        Epochs { epoch: Some(epoch), served: served.to_vec(), rotated: Some(1_772_445_600) }
    }

    #[track_caller]
    fn turned(text: &str, keys: &Epochs) -> String {
        match turn("content/c/index.md", text, keys) {
            Pin::Write(text) => text,
            other => panic!("{other:?} for {text:?}"),
        }
    }

    #[test]
    fn three_steps_change_our_lines_alone() {
        let first = turned("---\r\nid: c # mine\r\nepoch: 1\r\nprice: 1 USD\r\n---\r\nText.", &keys(1, &[1, 2]));
        let middle = "---\r\nid: c # mine\r\nepoch: 1\r\nepochs: [1, 2]\r\nrotated: 2026-03-02T10:00:00Z\r\nprice: 1 USD\r\n---\r\nText.";
        assert_eq!(first, middle);
        let second = turned(&first, &keys(2, &[1, 2]));
        let third = turned(&second, &keys(2, &[]));
        assert_eq!(third, "---\r\nid: c # mine\r\nepoch: 2\r\nrotated: 2026-03-02T10:00:00Z\r\nprice: 1 USD\r\n---\r\nText.");
        assert_eq!(turn("content/c/index.md", &third, &keys(2, &[])), Pin::Named);
    }

    #[test]
    fn a_course_without_them_gets_them() {
        assert_eq!(
            turned("---\ntitle: C\n---\nText.\n", &keys(1, &[1, 2])),
            "---\ntitle: C\nepoch: 1\nepochs: [1, 2]\nrotated: 2026-03-02T10:00:00Z\n---\nText.\n"
        );
        assert!(turned("Text.\n", &keys(1, &[1, 2])).ends_with("Z\n---\nText.\n"));
    }

    #[test]
    fn what_cannot_be_changed_safely_is_left_to_its_author() {
        for text in ["---\n{ title: C }\n---\n", "---\n\"epoch\": 1\n---\n", "---\nepochs:\n  - 1\n  - 2\n---\n", "---\ntitle: [\n---\n"] {
            assert_eq!(turn("content/c/index.md", text, &keys(2, &[])), Pin::ByHand, "{text:?}");
        }
    }
}
