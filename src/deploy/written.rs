//! The list of what `deploy` wrote, so that a file that was changed since is known.

use std::collections::BTreeMap;

use crate::protocol::primitives::{hex, sha256};

/// The list's path in the folder of the site. It belongs into git, like the files that it names.
pub const LIST: &str = ".bookplate-deploy";

const HEAD: &str =
    "# Files that `bookplate deploy` wrote, with their SHA-256: one that is still the same may be replaced by a newer version.\n";

/// How a file on disk stands to the one that would be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// There is none.
    New,
    /// The same.
    Same,
    /// As `deploy` wrote it once: it may be replaced.
    Old,
    /// Written by the author, or changed by him.
    Edited,
}

/// The list: path and SHA-256 in hexadecimal.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Written(BTreeMap<String, String>);

impl Written {
    /// Reads the list; lines that are none of its are passed over.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        Self(lines.filter_map(|line| line.split_once("  ")).map(|(hash, path)| (path.to_owned(), hash.to_owned())).collect())
    }

    /// How what is on disk (`None`: nothing) stands to what would be written.
    #[must_use]
    pub fn state(&self, path: &str, wanted: &str, there: Option<&[u8]>) -> State {
        match there {
            None => State::New,
            Some(bytes) if bytes == wanted.as_bytes() => State::Same,
            Some(bytes) if self.0.get(path).is_some_and(|hash| *hash == hex(&sha256(bytes))) => State::Old,
            Some(_) => State::Edited,
        }
    }

    /// True if a file of this name was written.
    #[must_use]
    pub fn names(&self, path: &str) -> bool {
        self.0.contains_key(path)
    }

    /// Remembers that `content` was written.
    pub fn add(&mut self, path: &str, content: &str) {
        self.0.insert(path.to_owned(), hex(&sha256(content.as_bytes())));
    }

    /// The list as text.
    #[must_use]
    pub fn to_text(&self) -> String {
        let lines = self.0.iter().map(|(path, hash)| format!("{hash}  {path}\n"));
        std::iter::once(HEAD.to_owned()).chain(lines).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_still_as_it_was_written_is_old() {
        let mut written = Written::default();
        written.add("netlify.toml", "one");
        let written = Written::parse(&written.to_text());
        let state = |there: Option<&str>| written.state("netlify.toml", "two", there.map(str::as_bytes));
        assert_eq!(
            [state(None), state(Some("two")), state(Some("one")), state(Some("mine"))],
            [State::New, State::Same, State::Old, State::Edited]
        );
        assert_eq!(written.state("other", "two", Some(b"one")), State::Edited);
    }
}
