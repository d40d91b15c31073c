//! A deployed site, from outside: what a reader, a buyer and a thief would get, held against the build's manifest.
//!
//! Everything is asked over HTTP. The manifest says which files there must be; the site key, where it is at hand, says who wrote the
//! manifest; the source, where it is at hand, says what must not be there. The result is a table: what was checked, expected, seen.

mod absent;
mod endpoint;
mod fetch;
mod files;
mod heads;
mod policy;
mod row;

use crate::catalog::Catalog;
use crate::gate::{self, Passages};
use crate::manifest::{FILE, Manifest};
use crate::outbound::{Request, Web};
use crate::protocol::SiteKey;

pub use row::{Report, Row, Verdict};

use fetch::Fetched;

/// Longest manifest and catalog that are read, in bytes.
const LISTS: u64 = 64 * 1024 * 1024;

/// The deployed site.
pub struct Subject<'a> {
    web: &'a dyn Web,
    /// Its address, with a `/` at its end.
    root: String,
}

/// What the author has at home of the site.
#[derive(Default)]
pub struct Source {
    /// Paths below the site's address at which nothing may be found, unless the manifest lists them: sources, drafts.
    pub absent: Vec<String>,
    /// Paths of the files of `static/`.
    pub statics: Vec<String>,
    /// What is for sale, for the gate; it takes the site key to know all of it.
    pub passages: Option<Passages>,
    /// What the site sells today.
    pub catalog: Option<Catalog>,
}

impl<'a> Subject<'a> {
    /// The site at `url`, reached through `web`.
    #[must_use]
    pub fn new(web: &'a dyn Web, url: &str) -> Self {
        Self { web, root: format!("{}/", url.trim_end_matches('/')) }
    }

    /// Its manifest; what is wrong, as a row, where there is none.
    ///
    /// # Errors
    /// The row of a site that cannot be checked any further.
    pub fn manifest(&self) -> Result<Manifest, Box<Row>> {
        let row = |seen: String| Box::new(Row::failed("files", FILE, "200, a manifest", seen));
        let response = self.web.send(&Request::get(fetch::address(&self.root, FILE)).at_most(LISTS)).map_err(|e| row(e.0.to_owned()))?;
        if response.status != 200 {
            return Err(row(response.status.to_string()));
        }
        Manifest::from_json(&response.body).map_err(|e| row(e.to_string()))
    }

    /// Checks everything that can be checked with what is at hand.
    #[must_use]
    pub fn check(&self, manifest: &Manifest, key: Option<&SiteKey>, source: Option<&Source>) -> Report {
        let mut report = Report::default();
        files::signature(manifest, key, &mut report);
        files::place(manifest, &self.root, &mut report);
        let fetched = fetch::listed(self.web, &self.root, manifest);
        files::listed(&fetched, &mut report);
        files::unlisted(self, manifest, source, &mut report);
        let catalog = files::catalog(&fetched, source, &mut report);
        heads::check(&fetched, self.root.starts_with("https:"), &mut report);
        policy::check(&fetched, catalog.as_ref(), &mut report);
        absent::check(self, manifest, &fetched, source, &mut report);
        passages(&fetched, source, &mut report);
        match &catalog {
            Some(Catalog { endpoint: Some(address), .. }) => endpoint::check(self.web, address, catalog.as_ref(), &mut report),
            Some(_) => report.push(Row::unknown("endpoint", "key endpoint", "answers as specified", "the site has none")),
            None => {}
        }
        report
    }
}

/// What was fetched goes through the gate, as outputs do before they are written.
fn passages(fetched: &[Fetched], source: Option<&Source>, report: &mut Report) {
    let what = "paid passages in what is served";
    let Some(passages) = source.and_then(|s| s.passages.as_ref()) else {
        let why = if source.is_some() { "no site key at hand" } else { "no source at hand (`--site DIR`)" };
        return report.push(Row::unknown("sealed", what, "none", why));
    };
    let served: Vec<(&str, &[u8])> = fetched.iter().filter_map(|file| Some((file.path.as_str(), file.body.as_deref()?))).collect();
    let found = gate::check(served, passages);
    match found.findings.iter().next() {
        None => report.push(Row::good("sealed", what, "none", format!("none in {} files", found.files))),
        Some(first) => report.push(Row::failed("sealed", what, "none", &first.message)),
    }
}
