//! Secrets: where they lie, how strong they are, where else they stand.

use super::Check;
use crate::protocol::SiteKey;

/// The beginning of every site key as text, and how many characters follow.
const KEY: (&str, usize) = ("bookplate_site_key_v1_", 72);

/// Characters of a secret that is made by chance.
const LONG: usize = 32;
/// Fewer than this may be guessed from one signed message.
const SHORT: usize = 16;
/// Fewer different characters than this were not made by chance.
const VARIED: usize = 8;

/// Where the site key comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyPlace {
    /// A variable of the environment.
    Environment,
    /// A file, with its mode bits where the system has them.
    File {
        /// Its path.
        path: String,
        /// Such as `0o600`.
        mode: Option<u32>,
    },
    /// Nowhere.
    Missing {
        /// Where it was looked for.
        path: String,
    },
}

/// Whether there is a key, and who can read it.
#[must_use]
pub fn site_key(place: &KeyPlace) -> Check {
    const THING: &str = "site key";
    match place {
        KeyPlace::Environment => Check::ok(THING, "in BOOKPLATE_SITE_KEY"),
        KeyPlace::File { path, mode: Some(mode) } if mode & 0o077 != 0 => {
            Check::error(THING, format!("others on this machine can read `{path}`"), format!("chmod 600 '{path}'"))
        }
        KeyPlace::File { path, .. } => Check::ok(THING, format!("in `{path}`, for you alone")),
        KeyPlace::Missing { path } => Check::error(
            THING,
            "there is none",
            format!("put it into `{path}` or BOOKPLATE_SITE_KEY; a new site gets one from `bookplate init`"),
        ),
    }
}

/// Whether a copy of the key was looked at, and when, in days ago.
#[must_use]
pub fn key_copy(days: Option<u64>) -> Check {
    const THING: &str = "copy of the site key";
    const REMEDY: &str = "keep a copy on another machine or on paper, and show it to `bookplate doctor --key-copy FILE`: without the key nobody gets keys any more";
    match days {
        Some(days) if days <= 365 => Check::ok(THING, format!("compared {days} days ago")),
        Some(days) => Check::warning(THING, format!("compared {days} days ago"), REMEDY),
        None => Check::warning(THING, "never compared with the key", REMEDY),
    }
}

/// Whether the secret called `name` is one that nobody guesses. `values`: the current one, then former ones.
#[must_use]
pub fn secret(name: &'static str, values: &[&str], wanted: bool) -> Check {
    let remedy = format!("set {name} to 32 random characters, such as `openssl rand -hex 16` prints");
    let weakest = values.iter().map(|value| (value.chars().count(), variety(value))).min();
    match weakest {
        None if wanted => Check::warning(name, "not set here, so not checked", "run this where the key endpoint runs, with its variables"),
        None => Check::ok(name, "not set"),
        Some((length, _)) if length < SHORT => Check::error(name, format!("{length} characters: it may be guessed"), remedy),
        Some((_, variety)) if variety < VARIED => {
            Check::error(name, format!("only {variety} different characters: it may be guessed"), remedy)
        }
        Some((length, _)) if length < LONG => Check::warning(name, format!("{length} characters"), remedy),
        Some((length, _)) => Check::ok(name, format!("{length} characters")),
    }
}

fn variety(text: &str) -> usize {
    text.chars().collect::<std::collections::BTreeSet<char>>().len()
}

/// Where secrets stand that must not: paths, or names of commits.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Leaks {
    /// Files of the site's folder or repository.
    pub files: Vec<String>,
    /// Commits.
    pub commits: Vec<String>,
    /// Why the history was not read, if it was not.
    pub no_history: Option<&'static str>,
}

/// Whether keys stand where they are copied along.
#[must_use]
pub fn leaks(found: &Leaks) -> Vec<Check> {
    const TREE: &str = "secrets in the folder";
    const HISTORY: &str = "secrets in git's history";
    const NEW_KEY: &str =
        "whoever has the repository has the key: make a new one, keep the old for `trace`, and issue again (guide: if the site key leaks)";
    let named = |all: &[String]| all.iter().take(5).map(|one| format!("`{one}`")).collect::<Vec<_>>().join(", ");
    let tree = match found.files.is_empty() {
        true => Check::ok(TREE, "none found"),
        false => Check::error(
            TREE,
            format!("in {}", named(&found.files)),
            "move them out of the folder of the site, into the environment or the configuration folder",
        ),
    };
    let history = match (found.no_history, found.commits.is_empty()) {
        (Some(why), _) => Check::ok(HISTORY, format!("not read: {why}")),
        (None, true) => Check::ok(HISTORY, "no site key found"),
        (None, false) => Check::error(HISTORY, format!("a site key in {}", named(&found.commits)), NEW_KEY),
    };
    vec![tree, history]
}

/// True if a text holds a site key that is one: its checksum fits.
#[must_use]
pub fn holds_a_site_key(text: &str) -> bool {
    let (prefix, length) = KEY;
    text.match_indices(prefix).any(|(at, _)| text.get(at..at + prefix.len() + length).is_some_and(|key| SiteKey::parse(key).is_ok()))
}

#[cfg(test)]
mod tests {
    use super::super::Level;
    use super::*;

    #[test]
    fn a_key_that_others_read_is_an_error() {
        let file = |mode| site_key(&KeyPlace::File { path: "k".into(), mode }).level;
        assert_eq!(
            (file(Some(0o600)), file(Some(0o640)), file(Some(0o604)), file(None)),
            (Level::Ok, Level::Error, Level::Error, Level::Ok)
        );
        assert_eq!(site_key(&KeyPlace::Missing { path: "k".into() }).level, Level::Error);
    }

    #[test]
    fn the_weakest_of_several_secrets_counts_and_none_is_shown() {
        let level = |values: &[&str]| secret("X", values, true).level;
        assert_eq!(level(&["0123456789abcdef0123456789abcdef"]), Level::Ok);
        assert_eq!(level(&["0123456789abcdef0123456789abcdef", "short"]), Level::Error);
        assert_eq!(level(&["0123456789abcdef0123"]), Level::Warning);
        assert_eq!(level(&["aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"]), Level::Error);
        assert_eq!((level(&[]), secret("X", &[], false).level), (Level::Warning, Level::Ok));
        assert!(!format!("{:?}", secret("X", &["hush-hush-hush"], true)).contains("hush"));
    }

    #[test]
    fn only_a_real_key_is_one() {
        let key = SiteKey::from_bytes([3; 32]).to_text();
        assert!(holds_a_site_key(&format!("KEY={}\n", key.as_str())));
        assert!(!holds_a_site_key(&format!("KEY={}", key.replace('0', "1"))) && !holds_a_site_key("bookplate_site_key_v1_..."));
        assert!(!holds_a_site_key("bookplate_site_key_v1_é"));
    }

    #[test]
    fn leaks_are_errors_and_an_unread_history_is_said() {
        let levels = |found: &Leaks| leaks(found).iter().map(|check| check.level).collect::<Vec<_>>();
        assert_eq!(levels(&Leaks::default()), [Level::Ok, Level::Ok]);
        let found = Leaks { files: vec![".env".into()], commits: vec!["abc".into()], no_history: None };
        assert_eq!(levels(&found), [Level::Error, Level::Error]);
        assert_eq!(key_copy(Some(400)).level, Level::Warning);
    }
}
