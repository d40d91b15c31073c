//! Ids of headings.

use std::collections::HashMap;

use unicode_normalization::char::is_combining_mark;

/// The id that GitHub and mdBook give a heading with this plain text, so that links written for them work: lower case; letters, marks, digits, `_` and `-`
/// of any script are kept, white space becomes `-`, everything else goes.
#[must_use]
pub fn slug(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.trim().chars() {
        if c.is_alphanumeric() || c == '_' || c == '-' || is_combining_mark(c) {
            out.extend(c.to_lowercase());
        } else if c.is_whitespace() {
            out.push('-');
        }
    }
    out
}

/// Hands out ids that are unique in one document.
#[derive(Debug, Default)]
pub struct Slugs {
    used: HashMap<String, usize>,
}

impl Slugs {
    /// `wanted`, or `wanted-1`, `wanted-2`... if it is taken.
    pub fn unique(&mut self, wanted: &str) -> String {
        let wanted = if wanted.is_empty() { "section" } else { wanted };
        let Some(n) = self.used.get(wanted).copied() else {
            self.used.insert(wanted.to_owned(), 0);
            return wanted.to_owned();
        };
        let mut n = n;
        loop {
            n += 1;
            let next = format!("{wanted}-{n}");
            if !self.used.contains_key(&next) {
                self.used.insert(wanted.to_owned(), n);
                self.used.insert(next.clone(), 0);
                return next;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_are_those_that_links_in_real_courses_use() {
        assert_eq!(slug("The Stack & the Heap"), "the-stack--the-heap");
        assert_eq!(slug("What Is `Ownership`?"), "what-is-ownership");
        assert_eq!(slug("Java 语言有哪些特点？"), "java-语言有哪些特点");
        assert_eq!(slug("हिन्दी सीखें"), "हिन्दी-सीखें");
    }

    #[test]
    fn equal_headings_get_different_ids() {
        let mut slugs = Slugs::default();
        let got: Vec<_> = ["a", "a", "a-1", "a", ""].iter().map(|s| slugs.unique(s)).collect();
        assert_eq!(got, ["a", "a-1", "a-1-1", "a-2", "section"]);
    }
}
