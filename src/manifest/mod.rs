//! The list of a built site's files with their hashes, signed under the site key: `bookplate-manifest.json`.
//!
//! It is published with the site, so that `verify` can hold a deployed site against its build, from anywhere. It names what pages lead
//! to. Files of `static/` that no page may know are listed by the hash of their path: a manifest is no directory of secret addresses.
//! Keyrings in `keys/` are left out, for they come and go between builds, and so are files that hosts keep to themselves.

mod json;

use std::collections::BTreeMap;

use subtle::ConstantTimeEq as _;

use crate::protocol::primitives::{Mac, hex, sha256};
use crate::protocol::{SiteId, SiteKey};

pub use json::ManifestError;

/// The file's name, at the root of the site.
pub const FILE: &str = "bookplate-manifest.json";

/// The format's version.
pub const VERSION: u32 = 1;

/// Settings of hosts: read by them, never served.
const OF_HOSTS: [&str; 4] = ["_headers", "_redirects", "CNAME", ".nojekyll"];

/// Where static keyrings lie.
const KEYS: &str = "keys/";

/// Size and hash of one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// Length in bytes.
    pub size: u64,
    /// SHA-256 of the bytes.
    pub sha256: [u8; 32],
}

impl Entry {
    /// Of these bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self { size: bytes.len() as u64, sha256: sha256(bytes) }
    }
}

/// The files of a site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// The site.
    pub site: SiteId,
    /// Where it is to be published, with a `/` at its end.
    pub url: String,
    /// Files that pages lead to, by path below the base.
    pub files: BTreeMap<String, Entry>,
    /// Files that only the author knows of, by the SHA-256 of their path.
    pub unlisted: BTreeMap<[u8; 32], Entry>,
    /// HMAC-SHA256 under `derive(site key, "manifest", site)` of all the rest; a site that sells nothing has no key and none.
    pub signature: Option<[u8; 32]>,
}

impl Manifest {
    /// An empty one.
    #[must_use]
    pub fn new(site: SiteId, url: String) -> Self {
        Self { site, url, files: BTreeMap::new(), unlisted: BTreeMap::new(), signature: None }
    }

    /// Adds a file; `listed` if pages may lead to it. Keyrings, settings of hosts and the manifest itself are passed over.
    pub fn add(&mut self, path: &str, bytes: &[u8], listed: bool) {
        if OF_HOSTS.contains(&path) || path.starts_with(KEYS) || path == FILE {
            return;
        }
        if listed {
            self.files.insert(path.to_owned(), Entry::of(bytes));
        } else {
            self.unlisted.insert(sha256(path.as_bytes()), Entry::of(bytes));
        }
    }

    /// Signs it.
    #[must_use]
    pub fn signed(mut self, key: &SiteKey) -> Self {
        self.signature = Some(self.code(key));
        self
    }

    /// True if it was signed under `key`, and nothing in it was changed since. Compares in constant time.
    #[must_use]
    pub fn is_signed_under(&self, key: &SiteKey) -> bool {
        self.signature.is_some_and(|signature| signature.ct_eq(&self.code(key)).into())
    }

    /// The code over lines, not over JSON: how a file is indented says nothing about what was built.
    ///
    /// Line 1 `bookplate manifest 1`, then site, address, and a line `f SHA256 SIZE PATH` for each file and `u SHA256 SIZE SHA256-OF-PATH`
    /// for each unlisted one, in the order of their bytes; each line ends in one line feed. Paths and ids hold none.
    fn code(&self, key: &SiteKey) -> [u8; 32] {
        let mut mac = Mac::new(&key.derive("manifest", &[self.site.as_bytes()]));
        mac.update(format!("bookplate manifest {VERSION}\n{}\n{}\n", self.site, self.url).as_bytes());
        for (path, entry) in &self.files {
            mac.update(format!("f {} {} {path}\n", hex(&entry.sha256), entry.size).as_bytes());
        }
        for (path, entry) in &self.unlisted {
            mac.update(format!("u {} {} {}\n", hex(&entry.sha256), entry.size, hex(path)).as_bytes());
        }
        mac.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest() -> Manifest {
        let mut all = Manifest::new(SiteId::parse("shop").unwrap(), "https://example.com/".into());
        for path in ["b/index.html", "a.html", "keys/0f.bin", "_headers", FILE] {
            all.add(path, path.as_bytes(), true);
        }
        all.add("for-my-aunt.pdf", b"pdf", false);
        all
    }

    fn key(byte: u8) -> SiteKey {
        SiteKey::from_bytes([byte; 32])
    }

    #[test]
    fn it_names_what_pages_lead_to_and_nothing_else() {
        let text = String::from_utf8(manifest().to_json()).unwrap();
        assert!(text.contains("\"a.html\"") && text.contains("\"b/index.html\""), "{text}");
        assert!(!text.contains("keys/") && !text.contains("_headers") && !text.contains("aunt") && !text.contains(FILE), "{text}");
        assert_eq!(manifest().unlisted.len(), 1);
    }

    #[test]
    fn reads_what_it_writes_however_it_is_indented() {
        let signed = manifest().signed(&key(1));
        let read = Manifest::from_json(&signed.to_json()).unwrap();
        let value: serde_json::Value = serde_json::from_slice(&signed.to_json()).unwrap();
        assert_eq!((&read, &Manifest::from_json(value.to_string().as_bytes()).unwrap()), (&signed, &signed));
        assert!(read.is_signed_under(&key(1)) && !read.is_signed_under(&key(2)) && !manifest().is_signed_under(&key(1)));
    }

    #[test]
    fn whatever_is_changed_breaks_the_signature() {
        let signed = manifest().signed(&key(1));
        let changes: [fn(&mut Manifest); 6] = [
            |m| m.url = "https://example.org/".into(),
            |m| _ = m.files.remove("a.html"),
            |m| m.files.get_mut("a.html").unwrap().size += 1,
            |m| m.files.get_mut("a.html").unwrap().sha256[31] ^= 1,
            |m| _ = m.files.insert("c.html".into(), Entry::of(b"")),
            |m| m.unlisted.clear(),
        ];
        for change in changes {
            let mut changed = signed.clone();
            change(&mut changed);
            assert!(!changed.is_signed_under(&key(1)), "{changed:?}");
        }
    }

    #[test]
    fn says_what_cannot_be_read() {
        let text = String::from_utf8(manifest().signed(&key(1)).to_json()).unwrap();
        for (from, to) in [("\"version\": 1", "\"version\": 2"), ("\"size\": 6", "\"size\": -6"), ("\"a.html\"", "\"../a.html\"")] {
            let broken = text.replacen(from, to, 1);
            assert_ne!(broken, text, "{from}");
            assert!(Manifest::from_json(broken.as_bytes()).is_err(), "{to}");
        }
        let short = text.replacen("\"sha256\": \"", "\"sha256\": \"0", 1);
        assert!(Manifest::from_json(short.as_bytes()).is_err());
    }
}
