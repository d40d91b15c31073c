//! Bytes to fields and back: big-endian, length-prefixed, one way to write each value. And the beginning that all files share.

use super::error::OpenError;
use super::id::{CourseId, Epoch, SiteId, check};
use super::params::Params;

/// What every file begins with.
const MAGIC: [u8; 4] = *b"BKPL";

/// The only version.
const VERSION: u8 = 1;

/// Which file it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// A sealed lesson.
    Lesson = 1,
    /// A sealed image or download.
    Asset = 2,
    /// A keyring.
    Keyring = 3,
    /// A keyring sealed under a code.
    StaticKeyring = 4,
}

/// Reads fields from the front.
pub(crate) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(crate) fn rest(&self) -> &'a [u8] {
        self.0
    }

    pub(crate) fn bytes(&mut self, n: usize) -> Result<&'a [u8], OpenError> {
        let (head, rest) = self.0.split_at_checked(n).ok_or(OpenError::Truncated)?;
        self.0 = rest;
        Ok(head)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Result<&'a [u8; N], OpenError> {
        let (head, rest) = self.0.split_first_chunk().ok_or(OpenError::Truncated)?;
        self.0 = rest;
        Ok(head)
    }

    pub(crate) fn u8(&mut self) -> Result<u8, OpenError> {
        self.array::<1>().map(|[b]| *b)
    }

    pub(crate) fn u32(&mut self) -> Result<u32, OpenError> {
        self.array().map(|b| u32::from_be_bytes(*b))
    }

    pub(crate) fn u64(&mut self) -> Result<u64, OpenError> {
        self.array().map(|b| u64::from_be_bytes(*b))
    }

    /// u8 length and text that obeys the rule for ids.
    pub(crate) fn id(&mut self) -> Result<&'a str, OpenError> {
        let n = self.u8()?;
        let text = std::str::from_utf8(self.bytes(usize::from(n))?).map_err(|_| OpenError::Header)?;
        check(text).map_err(|_| OpenError::Header)?;
        Ok(text)
    }
}

/// Appends u8 length and bytes. Callers pass texts that their types bound below 256 bytes.
pub(crate) fn push_short(out: &mut Vec<u8>, bytes: &[u8]) {
    debug_assert!(bytes.len() < 256);
    out.push(bytes.len() as u8);
    out.extend_from_slice(bytes);
}

/// Magic, version, kind: 6 bytes.
pub(crate) fn start(kind: Kind) -> Vec<u8> {
    let mut out = Vec::with_capacity(1024);
    out.extend_from_slice(&MAGIC);
    out.extend_from_slice(&[VERSION, kind as u8]);
    out
}

/// Reads magic, version and kind.
pub(crate) fn expect_start(reader: &mut Reader<'_>, kind: Kind) -> Result<(), OpenError> {
    if *reader.array()? != MAGIC {
        return Err(OpenError::Magic);
    }
    if reader.u8()? != VERSION {
        return Err(OpenError::Version);
    }
    if reader.u8()? != kind as u8 {
        return Err(OpenError::Kind);
    }
    Ok(())
}

/// What lessons, assets and keyrings are made for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// The site.
    pub site: SiteId,
    /// The course.
    pub course: CourseId,
    /// The epoch.
    pub epoch: Epoch,
    /// The code parameters.
    pub params: Params,
}

impl Scope {
    /// Appends site, course, epoch and parameters.
    pub(crate) fn push(&self, out: &mut Vec<u8>) {
        push_short(out, self.site.as_bytes());
        push_short(out, self.course.as_bytes());
        out.extend_from_slice(&self.epoch.0.to_be_bytes());
        out.extend_from_slice(&self.params.to_bytes());
    }

    /// Reads site, course, epoch and parameters.
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, OpenError> {
        let site = SiteId::parse(reader.id()?).map_err(|_| OpenError::Header)?;
        let course = CourseId::parse(reader.id()?).map_err(|_| OpenError::Header)?;
        let epoch = Epoch(reader.u32()?);
        let params = Params::from_numbers(reader.u32()?, reader.u32()?, reader.u32()?).ok_or(OpenError::Header)?;
        Ok(Self { site, course, epoch, params })
    }

    /// That `found` is made for the same, or what differs first.
    pub(crate) fn expect(&self, found: &Scope) -> Result<(), OpenError> {
        match () {
            () if self.site != found.site => Err(OpenError::Site),
            () if self.course != found.course => Err(OpenError::Course),
            () if self.epoch != found.epoch => Err(OpenError::Epoch),
            () if self.params != found.params => Err(OpenError::Params),
            () => Ok(()),
        }
    }
}
