//! The manifest as bytes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Entry, Manifest, VERSION};
use crate::protocol::SiteId;
use crate::protocol::primitives::{self, hex};

/// Why bytes are no manifest.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// Not the JSON of one.
    #[error("it cannot be read: {0}")]
    Json(#[from] serde_json::Error),
    /// Of another version of the format.
    #[error("it has version {0}, this program reads version {VERSION}")]
    Version(u32),
    /// No hash.
    #[error("`{0}` is no SHA-256 in hexadecimal")]
    Hash(String),
    /// A path that leads out of the site.
    #[error("`{0}` is no path inside the site")]
    Path(String),
}

#[derive(Serialize, Deserialize)]
struct Written {
    version: u32,
    site: SiteId,
    url: String,
    files: BTreeMap<String, WrittenEntry>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    unlisted: BTreeMap<String, WrittenEntry>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    signature: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct WrittenEntry {
    size: u64,
    sha256: String,
}

impl From<&Entry> for WrittenEntry {
    fn from(entry: &Entry) -> Self {
        Self { size: entry.size, sha256: hex(&entry.sha256) }
    }
}

impl TryFrom<WrittenEntry> for Entry {
    type Error = ManifestError;
    fn try_from(written: WrittenEntry) -> Result<Self, ManifestError> {
        Ok(Self { size: written.size, sha256: unhex(&written.sha256)? })
    }
}

impl Manifest {
    /// The bytes of the file: equal manifests give equal bytes.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        let written = Written {
            version: VERSION,
            site: self.site.clone(),
            url: self.url.clone(),
            files: self.files.iter().map(|(path, entry)| (path.clone(), entry.into())).collect(),
            unlisted: self.unlisted.iter().map(|(path, entry)| (hex(path), entry.into())).collect(),
            signature: self.signature.as_ref().map(|code| hex(code)),
        };
        // Texts and numbers: nothing here can fail to be written.
        let mut out = serde_json::to_vec_pretty(&written).unwrap_or_default();
        out.push(b'\n');
        out
    }

    /// Reads a manifest. That it can be read says nothing about who wrote it: see [`Manifest::is_signed_under`].
    ///
    /// # Errors
    /// What is no manifest of this version, hashes that are none, and paths that lead out of the site.
    pub fn from_json(bytes: &[u8]) -> Result<Self, ManifestError> {
        let Versioned { version } = serde_json::from_slice(bytes)?;
        if version != VERSION {
            return Err(ManifestError::Version(version));
        }
        let written: Written = serde_json::from_slice(bytes)?;
        let mut files = BTreeMap::new();
        for (path, entry) in written.files {
            if !is_inside(&path) {
                return Err(ManifestError::Path(path));
            }
            files.insert(path, entry.try_into()?);
        }
        let unlisted = written.unlisted.into_iter().map(|(path, entry)| Ok((unhex(&path)?, entry.try_into()?)));
        Ok(Self {
            site: written.site,
            url: written.url,
            files,
            unlisted: unlisted.collect::<Result<_, ManifestError>>()?,
            signature: written.signature.as_deref().map(unhex).transpose()?,
        })
    }
}

#[derive(Deserialize)]
struct Versioned {
    version: u32,
}

fn is_inside(path: &str) -> bool {
    let plain = |name: &str| !name.is_empty() && name != "." && name != ".." && !name.contains(['\\', '\0', '\n']);
    path.split('/').all(plain)
}

fn unhex(digits: &str) -> Result<[u8; 32], ManifestError> {
    primitives::unhex(digits).ok_or_else(|| ManifestError::Hash(digits.chars().take(80).collect()))
}
