//! The public repository of a site on GitHub Pages, by its name.

use std::fmt;
use std::str::FromStr;

/// `OWNER/NAME`. It goes into a workflow as it is, so that nothing else may be in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repository(String);

/// Why a text is no repository.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a repository on GitHub is OWNER/NAME: letters, digits and `-` in the owner; letters, digits, `-`, `_` and `.` in the name")]
pub struct NoRepository;

impl FromStr for Repository {
    type Err = NoRepository;

    fn from_str(text: &str) -> Result<Self, NoRepository> {
        let (owner, name) = text.split_once('/').ok_or(NoRepository)?;
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
        let owned = (1..=39).contains(&owner.len()) && owner.chars().all(plain) && !owner.starts_with('-') && !owner.ends_with('-');
        let named = (1..=100).contains(&name.len()) && name.chars().all(|c| plain(c) || "_.".contains(c));
        let taken = matches!(name, "." | "..") || name.ends_with(".git");
        if owned && named && !taken { Ok(Self(text.to_owned())) } else { Err(NoRepository) }
    }
}

impl fmt::Display for Repository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_owner_and_name_are_a_repository() {
        for good in ["me/site", "my-org/me.github.io", "a/_x", "A1/b-c_d.e"] {
            assert_eq!(good.parse::<Repository>().unwrap().to_string(), good);
        }
        let long = format!("{}/x", "a".repeat(40));
        for bad in [
            "me",
            "/site",
            "me/",
            "../x",
            "me/..",
            "me/my site;rm",
            "me/site/",
            "me/site.git",
            "-me/site",
            "me-/site",
            "https://github.com/me/site",
            "git@github.com:me/site",
            "me/$(x)",
            "me/si\nte",
            "me/\u{e9}",
            &long,
        ] {
            assert_eq!(bad.parse::<Repository>(), Err(NoRepository), "{bad}");
        }
    }
}
