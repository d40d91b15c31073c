//! `catalog.json` as bytes.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::Catalog;
use crate::diag::{Diagnostic, Diagnostics};

/// The format's version.
pub const VERSION: u32 = 1;

/// What diagnostics call the file.
const FILE: &str = "catalog.json";

impl Catalog {
    /// The bytes of `catalog.json`: equal catalogs give equal bytes.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        // Nothing in a catalog can fail to be written: texts, numbers and lists.
        let mut out = serde_json::to_vec_pretty(self).unwrap_or_default();
        out.push(b'\n');
        out
    }

    /// Reads and checks `catalog.json`. Members that we do not know are left alone: a newer build may write more.
    pub fn from_json(bytes: &[u8]) -> Result<Self, Diagnostics> {
        #[derive(Deserialize)]
        struct Versioned {
            version: u32,
        }
        let broken =
            |e: serde_json::Error| one(error(format!("cannot read the catalog: {e}")).hint("build the site again, it writes this file"));
        let Versioned { version } = serde_json::from_slice(bytes).map_err(broken)?;
        if version != VERSION {
            let text = format!("the catalog has version {version}, this program reads version {VERSION}");
            return Err(one(error(text).hint("use the same version of bookplate for the build and for the key server")));
        }
        let catalog: Catalog = serde_json::from_slice(bytes).map_err(broken)?;
        let found: Diagnostics = catalog.faults().into_iter().map(error).collect();
        if found.is_empty() { Ok(catalog) } else { Err(found) }
    }

    fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        let host = self.origin.strip_prefix("https://").or_else(|| self.origin.strip_prefix("http://")).unwrap_or_default();
        if host.is_empty() || !host.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._:[]".contains(&b)) {
            faults.push(format!("`origin` is `{}`; it must be a scheme and a host such as `https://example.com`", self.origin));
        }
        if !self.base.starts_with('/') || !self.base.ends_with('/') {
            faults.push(format!("`base` is `{}`; it must begin and end with `/`", self.base));
        }
        let mut seen = BTreeSet::new();
        for course in &self.courses {
            if !seen.insert(&course.id) {
                faults.push(format!("the course `{}` stands there twice", course.id));
            }
            if course.epochs.is_empty() || course.epochs.len() > 2 {
                faults.push(format!("the course `{}` must serve one epoch, or two while its keys rotate", course.id));
            }
            if course.sealed.is_some_and(|sealed| !course.epochs.contains(&sealed)) {
                faults.push(format!("the course `{}` is sealed under an epoch that is not served", course.id));
            }
        }
        faults
    }
}

fn error(message: String) -> Diagnostic {
    Diagnostic::error("catalog/read", message).in_file(FILE)
}

fn one(diagnostic: Diagnostic) -> Diagnostics {
    [diagnostic].into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Provider;

    const TEXT: &str = r#"{"version":1,"site":"two-small-courses","origin":"https://example.com","base":"/courses/",
        "endpoint":"https://keys.example.com/","later":true,"courses":[
        {"id":"ownership","title":"Ownership","url":"ownership/","epochs":[2,1],"params":"2.2048.1","rules":0,
         "products":[{"provider":"lemon_squeezy","store":10001,"product":40001},{"provider":"lemon_squeezy","store":10001,"product":40009}]},
        {"id":"moving","title":"Moving","url":"moving/","epochs":[1],"params":"2.2048.1",
         "products":[{"provider":"lemon_squeezy","store":10001,"product":40009,"variant":7}]}]}"#;

    #[test]
    fn reads_what_it_writes() {
        let catalog = Catalog::from_json(TEXT.as_bytes()).unwrap();
        assert_eq!(Catalog::from_json(&catalog.to_json()).unwrap(), catalog);
        assert_eq!(catalog.courses[0].epoch().0, 2);
    }

    #[test]
    fn a_product_that_several_courses_list_is_a_bundle() {
        let catalog = Catalog::from_json(TEXT.as_bytes()).unwrap();
        let squeezy = Provider::parse("lemon_squeezy").unwrap();
        let sold = |store, product, variant| catalog.sold_as(&squeezy, store, product, variant).map(|c| c.id.as_str()).collect::<Vec<_>>();
        assert_eq!(sold(10001, 40001, Some(1)), ["ownership"]);
        assert_eq!(sold(10001, 40009, Some(7)), ["ownership", "moving"]);
        assert_eq!(sold(10001, 40009, Some(8)), ["ownership"]);
        assert_eq!(sold(10001, 40009, None), ["ownership", "moving"]);
        assert!(sold(10002, 40001, None).is_empty() && sold(10001, 4, None).is_empty());
    }

    #[test]
    fn says_what_is_wrong() {
        for (from, to, want) in [
            ("\"version\":1", "\"version\":2", "version 2"),
            ("https://example.com\"", "https://example.com/\"", "`origin`"),
            ("/courses/", "/courses", "`base`"),
            ("\"moving\"", "\"ownership\"", "twice"),
            ("[2,1]", "[]", "one epoch"),
            ("2.2048.1", "2.2047.1", "cannot read"),
            ("\"courses\"", "\"course\"", "cannot read"),
        ] {
            let found = Catalog::from_json(TEXT.replacen(from, to, 1).as_bytes()).unwrap_err();
            assert!(found.render(9).contains(want), "{}", found.render(9));
        }
    }
}
