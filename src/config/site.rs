//! The checked settings of a site.

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
    /// The author's Lemon Squeezy store.
    pub lemon_squeezy_store: Option<u64>,
    /// The theme's name: `folio` or a folder in `themes/`.
    pub theme: String,
    /// Accent colour, `#rrggbb`.
    pub accent: Option<String>,
    /// True for a folder without `bookplate.yaml`: one course at the root of the site.
    pub bare: bool,
}

impl Site {
    /// The link to `url` (a path below the base, not encoded): base path and percent-encoding included, not escaped for HTML.
    #[must_use]
    pub fn href(&self, url: &str) -> String {
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
        format!("{}{}", self.base, percent_encoding::utf8_percent_encode(url, KEEP))
    }
}
