//! The checked settings of a site.

use std::ops::Range;

use super::fields::Fields;
use super::marks::{Marks, MarksSaid};
use super::yaml;
use crate::diag::{Diagnostic, Diagnostics};

/// The language of a site or course, for the words of the theme and for the `lang` attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Language {
    /// English.
    En,
    /// Chinese.
    Zh,
    /// Another language, as its tag: the text is set in it, the words of the theme are English.
    Other(String),
}

impl Language {
    /// The tag for `lang`.
    #[must_use]
    pub fn tag(&self) -> &str {
        match self {
            Language::En => "en",
            Language::Zh => "zh",
            Language::Other(tag) => tag,
        }
    }

    /// Reads a tag such as `en`, `zh-CN` or `pt-BR` (BCP 47: letters, digits and hyphens, at most 35 characters).
    #[must_use]
    pub fn parse(tag: &str) -> Option<Self> {
        let shape = |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric());
        let primary = tag.split('-').next().unwrap_or_default().to_ascii_lowercase();
        if tag.len() > 35
            || !tag.split('-').all(shape)
            || !(2..=3).contains(&primary.len())
            || !primary.bytes().all(|b| b.is_ascii_alphabetic())
        {
            return None;
        }
        Some(match primary.as_str() {
            "en" => Language::En,
            "zh" => Language::Zh,
            _ => Language::Other(tag.to_owned()),
        })
    }
}

/// The checked settings of a site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// The site's id: 1 to 128 bytes, no control characters. Part of every key: it never changes.
    pub id: String,
    /// Shown in the header.
    pub title: String,
    /// Scheme, host and port, such as `https://example.com`; empty for a bare folder, which does not know its address.
    pub url: String,
    /// The path under which the site is served; begins and ends with `/`.
    pub base: String,
    /// The language of the site.
    pub language: Language,
    /// One sentence about the site.
    pub description: Option<String>,
    /// Who made it.
    pub author: Option<String>,
    /// Address of the key endpoint, ending in `/`; without one, keyrings are static files.
    pub endpoint: Option<String>,
    /// Without an endpoint: how often keyrings are made for new orders, in minutes.
    pub refresh: Option<u32>,
    /// The author's Lemon Squeezy store.
    pub lemon_squeezy_store: Option<u64>,
    /// The theme's name: `folio` or a folder in `themes/`.
    pub theme: String,
    /// Accent colour, `#rrggbb`.
    pub accent: Option<String>,
    /// How courses are marked, unless they say otherwise.
    pub marks: Marks,
    /// True for a folder without `bookplate.yaml`: one course at the root of the site.
    pub bare: bool,
}

impl Site {
    /// The link to `url` (a path below the base, not encoded): base path and percent-encoding included, not escaped for HTML.
    #[must_use]
    pub fn href(&self, url: &str) -> String {
        format!("{}{}", self.base, percent_encoding::utf8_percent_encode(url, KEEP))
    }

    /// The same site at another address; a path in it becomes the base.
    ///
    /// # Errors
    /// What is wrong with the address.
    pub fn published_at(self, url: &str) -> Result<Self, &'static str> {
        let (origin, path) = https_url(url)?;
        Ok(Self { url: origin.to_owned(), base: with_slashes(path), ..self })
    }

    /// The settings of a folder without `bookplate.yaml`.
    #[must_use]
    pub fn bare(id: String, title: String, language: Language) -> Self {
        Self {
            id,
            title,
            url: String::new(),
            base: "/".into(),
            language,
            description: None,
            author: None,
            endpoint: None,
            refresh: None,
            lemon_squeezy_store: None,
            theme: DEFAULT_THEME.into(),
            accent: None,
            marks: Marks::default(),
            bare: true,
        }
    }
}

/// What must be encoded in a path (RFC 3986, section 3.3, and what HTML or old servers trip over).
const KEEP: &percent_encoding::AsciiSet = &percent_encoding::CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// The theme that is built in.
pub const DEFAULT_THEME: &str = "folio";

/// An id that goes into keys: 1 to 128 bytes of NFC text without control characters. Gives what is wrong with it.
pub fn check_id(id: &str) -> Result<(), &'static str> {
    if id.is_empty() {
        Err("it is empty")
    } else if id.len() > 128 {
        Err("it is longer than 128 bytes")
    } else if id.chars().any(char::is_control) {
        Err("it holds a control character")
    } else if !unicode_normalization::is_nfc(id) {
        Err("it is not in Unicode normal form C")
    } else {
        Ok(())
    }
}

/// Splits `https://host[:port][/path]` into origin and path; plain `http` is for this machine alone. Gives what is wrong with it.
pub fn https_url(url: &str) -> Result<(&str, &str), &'static str> {
    let (rest, plain) = match (url.strip_prefix("https://"), url.strip_prefix("http://")) {
        (Some(rest), _) => (rest, false),
        (None, Some(rest)) => (rest, true),
        (None, None) => return Err("it does not begin with `https://`"),
    };
    let host_len = rest.find('/').unwrap_or(rest.len());
    let (host, path) = rest.split_at(host_len);
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    if host.is_empty() || !host.bytes().all(|b| b.is_ascii_alphanumeric() || b".-:[]".contains(&b)) {
        return Err("its host is not a host name");
    }
    if plain && !["localhost", "127.0.0.1", "[::1]"].contains(&name) {
        return Err("plain `http` is for this machine alone");
    }
    if !path.bytes().all(|b| b.is_ascii_graphic() && !b"\"'<>\\^`{|}".contains(&b)) {
        return Err("its path holds characters that must be percent-encoded");
    }
    Ok((&url[..url.len() - path.len()], path))
}

/// Reads `bookplate.yaml`; every mistake is reported. Without errors the site is there.
#[must_use]
pub fn read_site(path: &str, text: &str) -> (Option<Site>, Diagnostics) {
    let tree = match yaml::parse(text) {
        Ok(tree) => tree,
        Err(error) => {
            let mistake = Diagnostic::error("yaml/syntax", error.message).at(path, text, error.offset..error.offset + 1);
            return (None, [mistake.hint(error.hint)].into_iter().collect());
        }
    };
    let mut root = Fields::new(path, text, 0, tree);
    let mut site = Site::bare(String::new(), String::new(), Language::En);
    site.bare = false;
    match root.mapping("site") {
        Some(mut fields) => {
            read_identity(&mut fields, &mut site);
            root.close(fields, "`site`");
        }
        None => root.fault(
            "key/missing",
            "`site` is missing",
            0..0,
            "begin with `site: { id: my-site, title: My site, url: \"https://example.com\" }`",
        ),
    }
    if let Some(mut fields) = root.mapping("theme") {
        if let Some((name, _)) = fields.text("name") {
            site.theme = name;
        }
        if let Some(span) = fields.empty("accent") {
            let finding = Diagnostic::warning("theme/accent", "`accent` is empty: in YAML, what stands behind a `#` is a comment");
            fields.found.push(finding.at(path, text, span).hint("put the colour into quotes: `accent: \"#8a3324\"`"));
        }
        if let Some((accent, span)) = fields.text("accent") {
            let digits = accent.strip_prefix('#').unwrap_or_default();
            if [3, 6].contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_hexdigit()) {
                site.accent = Some(accent);
            } else {
                fields.fault("key/value", format!("`{accent}` is not a colour"), span, "write six digits, in quotes: `\"#8a3324\"`");
            }
        }
        root.close(fields, "`theme`");
    }
    if let Some(mut fields) = root.mapping("keys") {
        site.endpoint = fields.text("endpoint").and_then(|(url, span)| {
            let checked = web_address(&mut fields, "endpoint", &url, span)?;
            Some(format!("{}{}", checked.0, with_slashes(checked.1)))
        });
        if let Some((minutes, span)) = fields.integer("refresh") {
            site.refresh = u32::try_from(minutes).ok().filter(|minutes| (5..=1440).contains(minutes));
            if site.refresh.is_none() {
                let hint = "write minutes from 5 to 1440, as often as the workflow makes keyrings for new orders";
                fields.fault("key/value", "`refresh` is no such time", span, hint);
            } else if site.endpoint.is_some() {
                fields.fault(
                    "key/value",
                    "`refresh` is for sites without a key endpoint, and one is named",
                    span,
                    "take one of the two out",
                );
            }
        }
        root.close(fields, "`keys`");
    }
    if let Some(mut fields) = root.mapping("payments") {
        if let Some(mut shop) = fields.mapping("lemon_squeezy") {
            if let Some((store, span)) = shop.integer("store") {
                site.lemon_squeezy_store = u64::try_from(store).ok();
                if store <= 0 {
                    shop.fault("key/value", "`store` is not a store id", span, "Lemon Squeezy shows it under Settings, Stores, as #10001");
                }
            }
            fields.close(shop, "`payments: lemon_squeezy`");
        }
        root.close(fields, "`payments`");
    }
    site.marks = Marks::default().with(&MarksSaid::take(&mut root));
    let found = root.finish("`bookplate.yaml`");
    ((!found.has_errors()).then_some(site), found)
}

fn read_identity(fields: &mut Fields<'_>, site: &mut Site) {
    match fields.text("id") {
        Some((id, span)) => match check_id(&id) {
            Ok(()) => site.id = id,
            Err(why) => fields.fault("site/id", format!("the site's id cannot be used: {why}"), span, "use a short name such as `my-site`"),
        },
        None => missing(fields, "id", "write `id: my-site`; it is part of every key and never changes"),
    }
    match fields.text("title") {
        Some((title, _)) => site.title = title,
        None => missing(fields, "title", "write `title: My site`"),
    }
    match fields.text("url") {
        Some((url, span)) => {
            if let Some((origin, path)) = web_address(fields, "url", &url, span.clone()) {
                if path.contains(['?', '#', '%']) || path.contains("//") || path.split('/').any(|part| part == "." || part == "..") {
                    fields.fault(
                        "key/value",
                        "`url` has a path that cannot be a folder",
                        span,
                        "write it as `https://example.com/courses`",
                    );
                }
                (site.url, site.base) = (origin.to_owned(), with_slashes(path));
            }
        }
        None => missing(fields, "url", "write `url: \"https://example.com\"`, the address at which readers will find the site"),
    }
    if let Some((tag, span)) = fields.text("language") {
        match Language::parse(&tag) {
            Some(language) => site.language = language,
            None => {
                fields.fault("key/value", format!("`{tag}` is not a language tag"), span, "write `en`, `zh` or another tag such as `pt-BR`")
            }
        }
    }
    site.description = fields.text("description").map(|(text, _)| text);
    site.author = fields.text("author").map(|(text, _)| text);
}

fn missing(fields: &mut Fields<'_>, key: &str, hint: &str) {
    fields.fault("key/missing", format!("`site: {key}` is missing"), 0..0, hint);
}

fn web_address<'u>(fields: &mut Fields<'_>, key: &str, url: &'u str, span: Range<usize>) -> Option<(&'u str, &'u str)> {
    match https_url(url) {
        Ok(parts) => Some(parts),
        Err(why) => {
            fields.fault("key/value", format!("`{key}` is not a web address: {why}"), span, "write it as `https://example.com/`");
            None
        }
    }
}

fn with_slashes(path: &str) -> String {
    let inner = path.trim_matches('/');
    if inner.is_empty() { "/".into() } else { format!("/{inner}/") }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "site: { id: s, title: S, url: \"https://example.com/courses\", language: zh }\nkeys: { endpoint: \"https://keys.example.com\" }\npayments: { lemon_squeezy: { store: 10001 } }\n";

    #[test]
    fn a_good_file_becomes_settings() {
        let (site, found) = read_site("bookplate.yaml", GOOD);
        let site = site.expect("no errors");
        assert!(found.is_empty());
        assert_eq!((site.url.as_str(), site.base.as_str()), ("https://example.com", "/courses/"));
        assert_eq!(site.endpoint.as_deref(), Some("https://keys.example.com/"));
        assert_eq!((site.lemon_squeezy_store, site.language), (Some(10001), Language::Zh));
    }

    #[test]
    fn every_mistake_is_found_in_one_run() {
        let text = "site:\n  id: s\n  tilte: S\n  url: example.com\n  title: [1]\ntheme: { accent: red }\nextra: 1\n";
        let (site, found) = read_site("bookplate.yaml", text);
        assert!(site.is_none());
        let shown = found.render(9);
        for want in [
            "unknown key `tilte` in `site`",
            "did you mean `title`?",
            "does not begin with `https://`",
            "`title` is a list",
            "not a colour",
            "unknown key `extra`",
            "bookplate.yaml:3:3",
        ] {
            assert!(shown.contains(want), "{want} is not in\n{shown}");
        }
    }

    #[test]
    fn a_colour_that_became_a_comment_is_said() {
        let (site, found) = read_site("bookplate.yaml", &format!("{GOOD}theme:\n  accent: #8a3324\n"));
        assert!(site.is_some_and(|site| site.accent.is_none()));
        assert!(found.render(9).contains("accent: \"#8a3324\""), "{}", found.render(9));
    }

    #[test]
    fn links_are_encoded_once() {
        let mut site = Site::bare("s".into(), "S".into(), Language::En);
        site.base = "/c/".into();
        assert_eq!(site.href("100% 借用/a#b/"), "/c/100%25%20%E5%80%9F%E7%94%A8/a%23b/");
    }

    #[test]
    fn ids_go_into_keys_so_they_are_checked() {
        assert!(check_id("ownership").is_ok() && check_id("借用").is_ok());
        assert!(check_id("").is_err() && check_id("a\nb").is_err() && check_id(&"x".repeat(129)).is_err() && check_id("e\u{301}").is_err());
    }
}
