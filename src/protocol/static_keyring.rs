//! Keyrings as static files, for hosts with no endpoint: sealed under a code that the author knows.

use std::fmt;

use unicode_normalization::UnicodeNormalization as _;
use zeroize::Zeroizing;

use super::claim::Code;
use super::error::OpenError;
use super::id::{CourseId, Epoch, OrderRef, Seat, SiteId};
use super::key::SiteKey;
use super::keyring::Keyring;
use super::limit;
use super::object::ObjectName;
use super::params::Params;
use super::primitives::{TAG, derive, first16, hmac, open, seal, stream};
use super::wire::{Kind, Reader, Scope, expect_start, start};

/// What opens a static keyring: a claim code that the author made, or the provider's licence key. Secret: Debug shows nothing.
#[derive(Clone)]
pub struct StaticCode(Zeroizing<Vec<u8>>);

impl StaticCode {
    /// Reads a code, or else a licence key: after NFKC, trimming and ASCII upper case, 16 to 128 visible ASCII characters.
    pub fn parse(text: &str) -> Result<Self, OpenError> {
        if let Ok(code) = Code::parse(text) {
            return Ok(Self::from(&code));
        }
        let normal = Zeroizing::new(text.nfkc().collect::<String>());
        // What JavaScript trims.
        let white = |c: char| (c.is_whitespace() && c != '\u{85}') || c == '\u{feff}';
        let licence = Zeroizing::new(normal.trim_matches(white).to_ascii_uppercase());
        if !(16..=128).contains(&licence.len()) || !licence.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(OpenError::Code);
        }
        // Small letters stand in no code, so that the two cannot meet.
        Ok(Self(Zeroizing::new([b"licence:", licence.as_bytes()].concat())))
    }
}

impl From<&Code> for StaticCode {
    fn from(code: &Code) -> Self {
        Self(Zeroizing::new(code.key_material().to_vec()))
    }
}

impl From<&StaticCode> for StaticCode {
    fn from(code: &StaticCode) -> Self {
        code.clone()
    }
}

impl fmt::Debug for StaticCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StaticCode(..)")
    }
}

/// A file to publish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaticKeyring {
    /// Under this name, 32 hexadecimal digits and `.bin`: only who has the code can find it.
    pub path: String,
    /// These bytes: only who has the code can open them.
    pub bytes: Vec<u8>,
}

impl Keyring {
    /// Seals the keyring under a code.
    ///
    /// The salt is first 16 bytes of HMAC-SHA256(derive(code, "static salt", site, course, epoch), keyring): equal input gives equal
    /// bytes, and one (key, nonce) pair never seals two keyrings. Key: derive(code, "static keyring", site, course, epoch, salt).
    #[must_use]
    pub fn seal_static(&self, code: impl Into<StaticCode>) -> StaticKeyring {
        let code = &code.into();
        let scope = self.scope();
        let inside = self.to_bytes();
        let salt = first16(&hmac(&derive(&code.0, "static salt", &parts(scope, &scope.epoch.0.to_be_bytes())), &[&inside]));
        let mut bytes = start(Kind::StaticKeyring);
        bytes.extend_from_slice(&salt);
        let sealed = seal(&key(code, scope, &salt), &[0; 12], &bytes, &inside);
        bytes.extend(sealed);
        StaticKeyring { path: static_path(code, &scope.site, &scope.course, scope.epoch), bytes }
    }

    /// Opens a keyring that was sealed under this code, for this site, course and epoch.
    pub fn open_static(
        code: impl Into<StaticCode>,
        site: &SiteId,
        course: &CourseId,
        epoch: Epoch,
        bytes: &[u8],
    ) -> Result<Self, OpenError> {
        let code = &code.into();
        if bytes.len() > limit::FILE {
            return Err(OpenError::Limit);
        }
        let mut reader = Reader::new(bytes);
        expect_start(&mut reader, Kind::StaticKeyring)?;
        let salt = *reader.array()?;
        let sealed = reader.rest();
        let wanted = Scope { site: site.clone(), course: course.clone(), epoch, params: Params::default() };
        let inside = open(&key(code, &wanted, &salt), &[0; 12], &bytes[..bytes.len() - sealed.len()], sealed).ok_or(OpenError::Code)?;
        let keyring = Self::from_bytes(&inside)?;
        // Parameters do not enter the key: the keyring brings its own.
        let wanted = Scope { params: keyring.scope().params, ..wanted };
        wanted.expect(keyring.scope())?;
        Ok(keyring)
    }
}

impl SiteKey {
    /// The code of a copy that the author gives as a file: the first 125 bits of
    /// `derive(site key, "static code", site, provider, order id, seat)`. So it is kept nowhere, and the file can be made again for another
    /// epoch without asking the reader for anything.
    #[must_use]
    pub fn static_code(&self, site: &SiteId, order: &OrderRef, seat: Seat) -> Code {
        let parts: [&[u8]; 4] = [site.as_bytes(), order.provider.as_str().as_bytes(), order.order_id.as_bytes(), &seat.0.to_be_bytes()];
        Code::from_random(first16(&self.derive("static code", &parts)))
    }
}

/// First 16 bytes of `derive(code, "static path", site, course, epoch)` in hexadecimal, and `.bin`.
#[must_use]
pub fn static_path(code: impl Into<StaticCode>, site: &SiteId, course: &CourseId, epoch: Epoch) -> String {
    let parts: [&[u8]; 3] = [site.as_bytes(), course.as_bytes(), &epoch.0.to_be_bytes()];
    format!("{}.bin", ObjectName(first16(&derive(&code.into().0, "static path", &parts))))
}

/// A file that looks like a static keyring and opens for nobody, so that the number of files does not tell the number of copies. Name
/// and bytes: `stream(derive(site key, "decoy", site, course, epoch, params, index), ..)`.
#[must_use]
pub fn decoy(site_key: &SiteKey, scope: &Scope, index: u32) -> StaticKeyring {
    let params = scope.params.to_bytes();
    let epoch = scope.epoch.0.to_be_bytes();
    let key = site_key.derive("decoy", &[scope.site.as_bytes(), scope.course.as_bytes(), &epoch, &params, &index.to_be_bytes()]);
    let mut inside = start(Kind::Keyring);
    scope.push(&mut inside);
    let m = scope.params.m.len();
    let length = inside.len() + 1 + limit::DISPLAY + m / 8 + 16 * m + 32 + TAG;
    let noise = stream(&key, 16 + 16 + length);
    let (path, noise) = noise.split_at(16);
    let mut bytes = start(Kind::StaticKeyring);
    bytes.extend_from_slice(noise);
    let mut name = [0; 16];
    name.copy_from_slice(path);
    StaticKeyring { path: format!("{}.bin", ObjectName(name)), bytes }
}

fn parts<'a>(scope: &'a Scope, epoch: &'a [u8; 4]) -> [&'a [u8]; 3] {
    [scope.site.as_bytes(), scope.course.as_bytes(), epoch]
}

fn key(code: &StaticCode, scope: &Scope, salt: &[u8; 16]) -> Zeroizing<[u8; 32]> {
    let epoch = scope.epoch.0.to_be_bytes();
    let [site, course, epoch] = parts(scope, &epoch);
    derive(&code.0, "static keyring", &[site, course, epoch, salt])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_of_a_file_follows_from_order_and_seat() {
        let (key, site) = (SiteKey::from_bytes([6; 32]), SiteId::parse("s").unwrap());
        let code = |order: &str, seat| key.static_code(&site, &order.parse().unwrap(), Seat(seat)).to_string();
        assert_eq!(code("manual:a", 0), code("manual:a", 0));
        assert!(code("manual:a", 0) != code("manual:a", 1) && code("manual:a", 0) != code("manual:b", 0));
    }
}
