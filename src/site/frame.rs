//! What all pages of a site share.

use super::support::Support;
use crate::access::{Public, public};
use crate::edition::{Edition, Language, Page, Site};
use crate::template::{Frame, Link, Theme, Words};

/// Languages that are written from right to left.
const RIGHT_TO_LEFT: [&str; 7] = ["ar", "fa", "he", "ur", "ps", "sd", "yi"];

/// The site, its theme, and the places of shared files.
pub(super) struct Frames<'a> {
    pub(super) edition: &'a Edition,
    pub(super) theme: &'a Theme,
    preview: bool,
    policy: String,
    icon: String,
    css: String,
    js: String,
    reader: String,
}

/// What differs from page to page.
pub(super) struct Head {
    /// Path below the base; `None` for pages without an address of their own.
    pub(super) url: Option<String>,
    pub(super) title: Public<String>,
    pub(super) description: Option<Public<String>>,
    /// Whether the page has a lock, and so needs the reader.
    pub(super) lock: bool,
}

impl<'a> Frames<'a> {
    pub(super) fn new(edition: &'a Edition, theme: &'a Theme, support: &Support, preview: bool) -> Self {
        let site = &edition.site;
        Self {
            edition,
            theme,
            preview,
            policy: policy(site),
            icon: icon(edition),
            css: site.href(&support.css),
            js: site.href(&support.js),
            reader: site.href(&support.reader),
        }
    }

    pub(super) fn site(&self) -> &'a Site {
        &self.edition.site
    }

    pub(super) fn words(&self, language: &Language) -> &'a Words {
        self.theme.words(language.tag())
    }

    pub(super) fn frame(&self, language: &Language, head: Head) -> Frame {
        let site = self.site();
        let current = |page: &Page| head.url.as_deref() == Some(page.url.as_str());
        let canonical = head.url.as_ref().filter(|_| !site.url.is_empty()).map(|url| format!("{}{}", site.url, site.href(url)));
        let pages = self.edition.pages.iter();
        Frame {
            lang: language.tag().to_owned(),
            dir: if RIGHT_TO_LEFT.contains(&language.tag().split('-').next().unwrap_or_default()) { "rtl" } else { "ltr" },
            title: head.title,
            description: head.description,
            canonical,
            unlisted: head.url.is_none(),
            preview: self.preview,
            policy: self.policy.clone(),
            icon: self.icon.clone(),
            css: self.css.clone(),
            js: self.js.clone(),
            reader: head.lock.then(|| self.reader.clone()),
            site: site.title.clone(),
            author: site.author.clone(),
            home: site.base.clone(),
            pages: pages.map(|p| Link { title: p.title.clone(), href: site.href(&p.url), current: current(p) }).collect(),
        }
    }

    /// "Lesson · Course", once where both are the same.
    pub(super) fn joined(&self, title: &Public<String>, of: &str) -> Public<String> {
        if title.get() == of || of.is_empty() { title.clone() } else { public(format!("{} · {of}", title.get())) }
    }
}

/// An open book, where the site brings no icon of its own: without one, browsers ask every host for a file that is not there.
const ICON: &str = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E%3Crect width='32' height='32' rx='6' \
    fill='%238a3324'/%3E%3Cpath d='M16 25c-3-2-6-2-9-1V9c3-1 6-1 9 1 3-2 6-2 9-1v15c-3-1-6-1-9 1zV10' fill='none' stroke='%23fbf5e9' stroke-width='2'/%3E%3C/svg%3E";

/// The site's own icon from `static/`, else the drawn one.
fn icon(edition: &Edition) -> String {
    let own = ["favicon.svg", "favicon.png", "favicon.ico"].iter().find(|name| edition.files.iter().any(|file| file.path == **name));
    own.map_or_else(|| ICON.to_owned(), |name| edition.site.href(name))
}

/// Scripts, styles and fonts from the site alone, nothing inline. Pictures may come from elsewhere: courses name them by address.
fn policy(site: &Site) -> String {
    let endpoint = site.endpoint.as_deref().and_then(origin).map(|origin| format!(" {origin}")).unwrap_or_default();
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data: https:; media-src 'self' blob: https:; \
         font-src 'self'; connect-src 'self'{endpoint}; base-uri 'none'; form-action 'self'"
    )
}

/// Scheme and host of an address.
fn origin(address: &str) -> Option<&str> {
    let host = address.find("://")? + 3;
    let end = address[host..].find('/').map_or(address.len(), |at| host + at);
    address.get(..end)
}

#[cfg(test)]
mod tests {
    use super::origin;

    #[test]
    fn an_origin_is_scheme_and_host() {
        assert_eq!(origin("https://keys.example.com:8443/a/b"), Some("https://keys.example.com:8443"));
        assert_eq!((origin("https://x"), origin("/keys/")), (Some("https://x"), None));
    }
}
