//! Names of sealed files, and what a lesson says about its assets.

use std::fmt;

use zeroize::Zeroizing;

use super::error::{OpenError, SealError};
use super::limit;
use super::primitives::{Key, hex, sha256, unhex};
use super::wire::{Reader, push_short};

/// The name of a sealed file: 16 bytes that tell nothing, written as 32 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectName(pub [u8; 16]);

impl ObjectName {
    /// Reads 32 lower-case hexadecimal digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        unhex(text).map(Self)
    }
}

impl fmt::Display for ObjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl fmt::Debug for ObjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ObjectName({self})")
    }
}

/// A file to publish: everybody may have its bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedFile {
    /// Under this name.
    pub name: ObjectName,
    /// These bytes.
    pub bytes: Vec<u8>,
    /// Their SHA-256, which the page carries.
    pub sha256: [u8; 32],
}

impl SealedFile {
    pub(crate) fn new(name: ObjectName, bytes: Vec<u8>) -> Self {
        let sha256 = sha256(&bytes);
        Self { name, bytes, sha256 }
    }
}

impl fmt::Debug for SealedFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealedFile({}, {} bytes)", self.name, self.bytes.len())
    }
}

/// What body 0 of a lesson says about one asset. It holds the asset's key: Debug does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct AssetEntry {
    /// The asset's id, which is the name of its file.
    pub name: ObjectName,
    /// The key of its file.
    pub key: Key,
    /// SHA-256 of the sealed file.
    pub sha256: [u8; 32],
    /// Bytes of the asset itself.
    pub size: u32,
    /// Such as `image/png`.
    pub media_type: String,
}

impl AssetEntry {
    /// name 16, key 32, SHA-256 32, size u32, media type with u8 length.
    pub(crate) fn push(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.name.0);
        out.extend_from_slice(&*self.key);
        out.extend_from_slice(&self.sha256);
        out.extend_from_slice(&self.size.to_be_bytes());
        push_short(out, self.media_type.as_bytes());
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, OpenError> {
        let name = ObjectName(*reader.array()?);
        let key = Zeroizing::new(*reader.array()?);
        let sha256 = *reader.array()?;
        let size = reader.u32()?;
        if size as usize > limit::ASSET {
            return Err(OpenError::Limit);
        }
        let n = reader.u8()?;
        let media_type = std::str::from_utf8(reader.bytes(usize::from(n))?).map_err(|_| OpenError::Body)?;
        check_media_type(media_type).map_err(|_| OpenError::Body)?;
        Ok(Self { name, key, sha256, size, media_type: media_type.to_owned() })
    }
}

/// 1 to 127 printable ASCII characters.
pub(crate) fn check_media_type(text: &str) -> Result<(), SealError> {
    let good = (1..=limit::MEDIA_TYPE).contains(&text.len()) && text.bytes().all(|b| (0x20..0x7f).contains(&b));
    good.then_some(()).ok_or(SealError::MediaType)
}

impl fmt::Debug for AssetEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AssetEntry({}, {} bytes, {})", self.name, self.size, self.media_type)
    }
}
