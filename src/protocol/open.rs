//! Opening a lesson: what the reader does. All or nothing.

use zeroize::Zeroizing;

use super::body::{Padding, Row, Table, unpad};
use super::deflate;
use super::error::OpenError;
use super::header::{FileKey, Header};
use super::keyring::Keyring;
use super::limit;
use super::object::AssetEntry;
use super::primitives::{TAG, open, sha256};
use super::seal::{aad, nonce};

/// A lesson as its copy reads it.
#[derive(Clone, PartialEq, Eq)]
pub struct OpenedLesson {
    /// The HTML.
    pub html: String,
    /// The assets, in the order in which the HTML counts them.
    pub assets: Vec<AssetEntry>,
}

impl std::fmt::Debug for OpenedLesson {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "OpenedLesson({} bytes, {} assets)", self.html.len(), self.assets.len())
    }
}

/// Opens a sealed lesson with a copy's keyring.
pub fn open_lesson(keyring: &Keyring, bytes: &[u8]) -> Result<OpenedLesson, OpenError> {
    if bytes.len() > limit::FILE {
        return Err(OpenError::Limit);
    }
    let (header, rest) = Header::read(bytes)?;
    keyring.scope().expect(&header.scope)?;
    let file_key = header.file_key(|position| keyring.key(position));
    let digest = sha256(&bytes[..bytes.len() - rest.len()]);
    let (zero, pairs) = split(&file_key, &header, rest)?;
    let zero = open(&file_key.body(), &nonce(0), &aad(&digest, 0, false), zero).ok_or(OpenError::Gate)?;
    let (table, common) = Table::parse(unpad(&zero, Padding::Least)?, header.scope.params)?;
    match (pairs.len() as u64).cmp(&table.pairs_len()) {
        std::cmp::Ordering::Less => return Err(OpenError::Truncated),
        std::cmp::Ordering::Greater => return Err(OpenError::Trailing),
        std::cmp::Ordering::Equal => {}
    }
    let common = deflate::inflate_common(common, table.common_len())?;
    let html = Lesson { keyring, header: &header, digest, file_key, common: &common }.assemble(&table.rows, pairs)?;
    Ok(OpenedLesson { html, assets: table.assets })
}

/// Body 0 and what is behind it. A length that does not fit comes from a wrong file key.
fn split<'a>(file_key: &FileKey, header: &Header, rest: &'a [u8]) -> Result<(&'a [u8], &'a [u8]), OpenError> {
    let length = u32::from_be_bytes(file_key.mask_length(header.masked_length));
    rest.split_at_checked(length as usize).ok_or(OpenError::Gate)
}

struct Lesson<'a> {
    keyring: &'a Keyring,
    header: &'a Header,
    digest: [u8; 32],
    file_key: FileKey,
    common: &'a [u8],
}

impl Lesson<'_> {
    fn assemble(&self, rows: &[Row], mut pairs: &[u8]) -> Result<String, OpenError> {
        let (mut html, mut common, mut index) = (String::with_capacity(self.common.len()), self.common, 0);
        for row in rows {
            let text = match *row {
                Row::Common { len } => {
                    let (text, rest) = common.split_at_checked(len as usize).ok_or(OpenError::Body)?;
                    common = rest;
                    Zeroizing::new(text.to_vec())
                }
                Row::Pair { position, len } => {
                    index += 1;
                    let whole = len as usize + TAG;
                    let (zero, rest) = pairs.split_at_checked(whole).ok_or(OpenError::Truncated)?;
                    let (one, rest) = rest.split_at_checked(whole).ok_or(OpenError::Truncated)?;
                    pairs = rest;
                    self.wording(index, position, zero, one)?
                }
            };
            if html.len() + text.len() > limit::HTML {
                return Err(OpenError::Limit);
            }
            html.push_str(std::str::from_utf8(&text).map_err(|_| OpenError::Body)?);
        }
        Ok(html)
    }

    /// The one wording that the keyring's slot opens; the other is not tried.
    fn wording(&self, index: u32, position: u32, zero: &[u8], one: &[u8]) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        let (key, slot) = self.keyring.key(position);
        let key = self.file_key.pair(key, &self.header.salt, position, slot);
        let sealed = if slot { one } else { zero };
        let body = open(&key, &nonce(index), &aad(&self.digest, index, slot), sealed).ok_or(OpenError::Pair)?;
        deflate::inflate_wording(unpad(&body, Padding::Pair)?, deflate::dictionary(self.common))
    }
}
