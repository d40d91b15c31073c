//! What file names say: a number for the order, a segment of the URL, a title.

use std::cmp::Ordering;

/// The number at the begin of a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Number {
    /// `1.2-` is 1, 2.
    pub parts: Vec<i64>,
    /// Written with a leading zero: nobody writes that by chance.
    pub padded: bool,
}

/// Splits `01-basics`, `2. types`, `1.2_more` or `3、集合` into number and name. A name that is only a number keeps it, and numbers of
/// four and more digits are years, not positions.
#[must_use]
pub fn split_number(name: &str) -> Option<(Number, &str)> {
    let mut parts = Vec::new();
    let mut padded = false;
    let mut rest = name;
    loop {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        if !(1..=3).contains(&digits) {
            return None;
        }
        let (number, after) = rest.split_at(digits);
        padded |= number.len() > 1 && number.starts_with('0');
        parts.push(number.parse().ok()?);
        match after.strip_prefix('.') {
            Some(more) if more.starts_with(|c: char| c.is_ascii_digit()) => rest = more,
            _ => {
                rest = after;
                break;
            }
        }
    }
    let name = rest.trim_start_matches(['-', '_', '.', ' ', '、', '．']);
    // `01Setup` has no sign between them.
    let apart = name.len() < rest.len() || padded && name.starts_with(char::is_alphabetic);
    (apart && !name.is_empty()).then_some((Number { parts, padded }, name))
}

/// A name as a segment of a URL and of an output path: what file systems or servers trip over becomes a hyphen.
#[must_use]
pub fn segment(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.chars() {
        if c.is_whitespace() || c.is_control() || "/\\:*?\"<>|%#".contains(c) || "\u{fffd}\u{feff}".contains(c) {
            if !out.ends_with('-') && !out.is_empty() {
                out.push('-');
            }
        } else {
            out.push(c);
        }
    }
    // Folders that end in a dot do not exist on Windows; those that begin with one are hidden.
    let trimmed = out.trim_matches(['-', '.']);
    if trimmed.is_empty() { "page".to_owned() } else { trimmed.to_owned() }
}

/// A title for a file or folder that has no better one.
#[must_use]
pub fn title_of(name: &str) -> String {
    let name = split_number(name).map_or(name, |(_, rest)| rest);
    let text = name.replace(['-', '_'], " ");
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => name.to_owned(),
    }
}

/// Compares names as people do: runs of digits by value, letters without case, so that 2 stands before 10.
#[must_use]
pub fn natural(a: &str, b: &str) -> Ordering {
    let (mut x, mut y) = (a, b);
    while let (Some(c), Some(d)) = (x.chars().next(), y.chars().next()) {
        if c.is_ascii_digit() && d.is_ascii_digit() {
            let (m, rest_x) = digits(x);
            let (n, rest_y) = digits(y);
            match m.len().cmp(&n.len()).then_with(|| m.cmp(n)) {
                Ordering::Equal => (x, y) = (rest_x, rest_y),
                unequal => return unequal,
            }
        } else {
            match c.to_lowercase().cmp(d.to_lowercase()) {
                Ordering::Equal => (x, y) = (&x[c.len_utf8()..], &y[d.len_utf8()..]),
                unequal => return unequal,
            }
        }
    }
    x.len().cmp(&y.len()).then_with(|| a.cmp(b))
}

/// The digits at the begin without leading zeros, and what follows.
fn digits(text: &str) -> (&str, &str) {
    let end = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, rest) = text.split_at(end);
    (number.trim_start_matches('0'), rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_split_off_names() {
        let case = |name: &'static str| split_number(name).map(|(n, rest)| (n.parts, rest));
        assert_eq!(case("01-basics"), Some((vec![1], "basics")));
        assert_eq!(case("2. Types"), Some((vec![2], "Types")));
        assert_eq!(case("1.2_more"), Some((vec![1, 2], "more")));
        assert_eq!(case("3、集合"), Some((vec![3], "集合")));
        assert_eq!(case("01Setup"), Some((vec![1], "Setup")));
        for kept in ["00012", "2024-recap", "3d", "3.11", "x-1", "7", "7-", "1st"] {
            assert_eq!(case(kept), None, "{kept}");
        }
    }

    #[test]
    fn segments_are_safe_everywhere() {
        assert_eq!(segment("Qwen2 Lora 微调"), "Qwen2-Lora-微调");
        assert_eq!(segment("100%\\a?b#c"), "100-a-b-c");
        assert_eq!(segment(".. "), "page");
        assert_eq!(segment("C++"), "C++");
    }

    #[test]
    fn two_stands_before_ten() {
        let mut names = ["b10", "B2", "b02a", "a", "b"];
        names.sort_by(|a, b| natural(a, b));
        assert_eq!(names, ["a", "b", "B2", "b02a", "b10"]);
    }

    #[test]
    fn names_become_titles() {
        assert_eq!(title_of("01-getting_started"), "Getting started");
        assert_eq!(title_of("集合"), "集合");
    }
}
