//! What stands inside the bodies of a sealed lesson: the table of body 0, and padding.
//!
//! This layer takes the exact compressed bytes, so that vectors do not depend on a compressor's version.

use zeroize::Zeroizing;

use super::error::OpenError;
use super::limit;
use super::object::AssetEntry;
use super::params::Params;
use super::primitives::TAG;
use super::wire::Reader;

/// Bodies are padded to multiples of this.
const BLOCK: usize = 32;

/// Bytes of the length in front of a padded body.
const LENGTH: usize = 4;

/// One row of the chunk table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Row {
    /// The next `len` bytes of the common HTML.
    Common {
        /// Bytes of HTML, at least 1.
        len: u32,
    },
    /// The next pair of bodies.
    Pair {
        /// Its position, below m.
        position: u32,
        /// Bytes of each padded body, without the tag.
        len: u32,
    },
}

/// What body 0 says before the common HTML.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// The assets that the lesson uses, in the order in which its HTML counts them.
    pub assets: Vec<AssetEntry>,
    /// The lesson from top to bottom.
    pub rows: Vec<Row>,
}

impl Table {
    /// u32 number of assets and the assets; u32 number of chunks and the chunks; the deflated common HTML up to the end.
    #[must_use]
    pub fn encode(&self, common: &[u8]) -> Zeroizing<Vec<u8>> {
        let mut out = Zeroizing::new(Vec::with_capacity(common.len() + 16 * self.rows.len() + 220 * self.assets.len() + 64));
        out.extend_from_slice(&(self.assets.len() as u32).to_be_bytes());
        for asset in &self.assets {
            asset.push(&mut out);
        }
        out.extend_from_slice(&(self.rows.len() as u32).to_be_bytes());
        for row in &self.rows {
            match row {
                Row::Common { len } => {
                    out.push(0);
                    out.extend_from_slice(&len.to_be_bytes());
                }
                Row::Pair { position, len } => {
                    out.push(1);
                    out.extend_from_slice(&position.to_be_bytes());
                    out.extend_from_slice(&len.to_be_bytes());
                }
            }
        }
        out.extend_from_slice(common);
        out
    }

    /// Reads what [`Table::encode`] writes; the second value is the deflated common HTML.
    pub(crate) fn parse(bytes: &[u8], params: Params) -> Result<(Self, &[u8]), OpenError> {
        // Inside an opened body a missing byte is a malformed table, not a file cut short.
        Self::read(&mut Reader::new(bytes), params).map_err(|e| if e == OpenError::Truncated { OpenError::Body } else { e })
    }

    fn read<'a>(reader: &mut Reader<'a>, params: Params) -> Result<(Self, &'a [u8]), OpenError> {
        let count = bounded(reader.u32()?, limit::ASSETS)?;
        let mut assets = Vec::new();
        for _ in 0..count {
            assets.push(AssetEntry::read(reader)?);
        }
        let count = bounded(reader.u32()?, limit::CHUNKS)?;
        let mut rows = Vec::new();
        for _ in 0..count {
            let row = match reader.u8()? {
                0 => Row::Common { len: reader.u32()? },
                1 => Row::Pair { position: reader.u32()?, len: reader.u32()? },
                _ => return Err(OpenError::Body),
            };
            match (row, rows.last()) {
                // One way to write each lesson: no empty run of common HTML, and no two in a row.
                (Row::Common { len: 0 }, _) | (Row::Common { .. }, Some(Row::Common { .. })) => return Err(OpenError::Body),
                (Row::Pair { position, .. }, _) if position >= params.m.get() => return Err(OpenError::Body),
                (Row::Pair { len, .. }, _) if len as usize > limit::PAIR_BODY => return Err(OpenError::Limit),
                (Row::Pair { len, .. }, _) if len == 0 || !(len as usize).is_multiple_of(BLOCK) => return Err(OpenError::Body),
                _ => rows.push(row),
            }
        }
        let table = Self { assets, rows };
        bounded_sum(table.rows.iter().map(|row| if let Row::Common { len } = row { u64::from(*len) } else { 0 }))?;
        Ok((table, reader.rest()))
    }

    /// Bytes of common HTML.
    pub(crate) fn common_len(&self) -> usize {
        self.rows.iter().map(|row| if let Row::Common { len } = row { *len as usize } else { 0 }).sum()
    }

    /// Bytes of all pair bodies in the file, tags included.
    pub(crate) fn pairs_len(&self) -> u64 {
        let one = |row: &Row| if let Row::Pair { len, .. } = row { 2 * (u64::from(*len) + TAG as u64) } else { 0 };
        self.rows.iter().map(one).sum()
    }
}

fn bounded(count: u32, most: usize) -> Result<u32, OpenError> {
    if count as usize > most { Err(OpenError::Limit) } else { Ok(count) }
}

fn bounded_sum(lengths: impl Iterator<Item = u64>) -> Result<(), OpenError> {
    if lengths.sum::<u64>() > limit::HTML as u64 { Err(OpenError::Limit) } else { Ok(()) }
}

/// u32 length, the bytes, zeros up to the next multiple of 32 that also holds `longest` bytes.
#[must_use]
pub fn pad(bytes: &[u8], longest: usize) -> Zeroizing<Vec<u8>> {
    let whole = (LENGTH + bytes.len().max(longest)).next_multiple_of(BLOCK);
    let mut out = Zeroizing::new(Vec::with_capacity(whole));
    out.extend_from_slice(&(bytes.len() as u32).to_be_bytes());
    out.extend_from_slice(bytes);
    out.resize(whole, 0);
    out
}

/// How much padding is right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Padding {
    /// Less than one block: body 0.
    Least,
    /// As long as the other wording asks for.
    Pair,
}

/// The bytes inside, if length and zeros are right.
pub(crate) fn unpad(body: &[u8], padding: Padding) -> Result<&[u8], OpenError> {
    let (length, rest) = body.split_first_chunk::<LENGTH>().ok_or(OpenError::Padding)?;
    let length = u32::from_be_bytes(*length) as usize;
    let (inside, zeros) = rest.split_at_checked(length).ok_or(OpenError::Padding)?;
    let whole = body.len().is_multiple_of(BLOCK);
    let least = padding == Padding::Pair || zeros.len() < BLOCK;
    if whole && least && zeros.iter().all(|b| *b == 0) { Ok(inside) } else { Err(OpenError::Padding) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padding_has_one_form() {
        for n in 0..100 {
            let body = pad(&vec![9; n], 0);
            assert!(body.len().is_multiple_of(32) && body.len() < n + 4 + 32);
            assert_eq!(unpad(&body, Padding::Least), Ok(&vec![9; n][..]));
            let longer = pad(&vec![9; n], 200);
            assert_eq!(longer.len(), 224);
            assert_eq!(unpad(&longer, Padding::Pair), Ok(&vec![9; n][..]));
        }
        let mut long = pad(b"x", 100).to_vec();
        assert_eq!(unpad(&long, Padding::Least), Err(OpenError::Padding));
        long[50] = 1;
        assert_eq!(unpad(&long, Padding::Pair), Err(OpenError::Padding));
        assert_eq!(unpad(&[0xff; 32], Padding::Pair), Err(OpenError::Padding));
        assert_eq!(unpad(&[], Padding::Pair), Err(OpenError::Padding));
        assert_eq!(unpad(&[0; 33], Padding::Pair), Err(OpenError::Padding));
    }
}
