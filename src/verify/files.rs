//! The manifest, and the files that it lists.

use super::fetch::{self, Fetched};
use super::row::{Report, Row};
use super::{Source, Subject};
use crate::catalog::Catalog;
use crate::manifest::{Entry, Manifest};
use crate::outbound::{Request, Response};
use crate::protocol::SiteKey;
use crate::protocol::primitives::sha256;

const PART: &str = "files";

/// Whose manifest it is.
pub(super) fn signature(manifest: &Manifest, key: Option<&SiteKey>, report: &mut Report) {
    let (what, expected) = ("signature of the manifest", "by the site key");
    report.push(match (manifest.signature.is_some(), key) {
        (true, Some(key)) if manifest.is_signed_under(key) => Row::good(PART, what, expected, "by the site key"),
        (true, Some(_)) => Row::failed(PART, what, expected, "by another key, or changed since"),
        (true, None) => Row::unknown(PART, what, expected, "not checked: no site key at hand"),
        (false, Some(_)) if manifest.files.keys().any(|path| path.starts_with("-/sealed/")) => {
            Row::failed(PART, what, expected, "none, and the site has sealed files")
        }
        (false, _) => Row::unknown(PART, what, expected, "none: the site was built without a key"),
    });
}

/// Whether it was built for this address: pages link by the base path, and the endpoint answers one origin.
pub(super) fn place(manifest: &Manifest, root: &str, report: &mut Report) {
    let (what, expected) = ("address it was built for", root);
    let row = if manifest.url == root { Row::good } else { Row::failed };
    report.push(row(PART, what.to_owned(), expected.to_owned(), manifest.url.clone()));
}

/// What differs between a listed file and what came.
fn difference(listed: &Entry, came: &Entry, answer: &Result<Response, crate::outbound::Unreachable>) -> Option<String> {
    match answer {
        Err(e) => Some(e.0.to_owned()),
        Ok(answer) if answer.status != 200 => Some(format!("status {}", answer.status)),
        Ok(_) if came.size != listed.size => Some(format!("{} bytes, not {}", came.size, listed.size)),
        Ok(_) if came.sha256 != listed.sha256 => Some("other bytes".to_owned()),
        Ok(_) => None,
    }
}

/// Every listed file: there, as long as listed, with the same hash.
pub(super) fn listed(fetched: &[Fetched], report: &mut Report) {
    let found = fetched.iter().filter_map(|file| Some((file.path.clone(), difference(&file.listed, &file.entry, &file.answer)?)));
    report.many(PART, "size and SHA-256", "as in the manifest", fetched.len(), found.collect());
}

/// Files of `static/`, where the source tells their paths.
pub(super) fn unlisted(subject: &Subject<'_>, manifest: &Manifest, source: Option<&Source>, report: &mut Report) {
    if manifest.unlisted.is_empty() {
        return;
    }
    let (what, expected) = ("size and SHA-256 of `static/`", "as in the manifest");
    let Some(source) = source else {
        let seen = format!("{} not checked: no source at hand (`--site DIR`)", manifest.unlisted.len());
        return report.push(Row::unknown(PART, what, expected, seen));
    };
    let known: Vec<(&String, &Entry)> =
        source.statics.iter().filter_map(|path| Some((path, manifest.unlisted.get(&sha256(path.as_bytes()))?))).collect();
    let requests: Vec<Request> = known
        .iter()
        .map(|(path, entry)| Request::get(fetch::address(&subject.root, path)).at_most(entry.size.saturating_mul(2) + 65_536))
        .collect();
    let differences = fetch::all(subject.web, &requests, |i, answer| {
        let (path, listed) = known.get(i)?;
        let came = answer.as_ref().map_or_else(|_| Entry::of(b""), |answer| Entry::of(&answer.body));
        Some(((*path).clone(), difference(listed, &came, &answer)?))
    });
    report.many(PART, what, expected, known.len(), differences.into_iter().flatten().collect());
    let gone = manifest.unlisted.len() - known.len();
    if gone > 0 {
        report.push(Row::unknown(PART, what, expected, format!("{gone} not checked: no longer in the source")));
    }
}

/// The catalog: it reads, it is not a preview's, and it is the one of the source.
pub(super) fn catalog(fetched: &[Fetched], source: Option<&Source>, report: &mut Report) -> Option<Catalog> {
    let body = fetched.iter().find(|file| file.path == "catalog.json" && file.came())?.body.as_deref()?;
    let (what, expected) = ("catalog", "readable, not of a preview");
    let catalog = match Catalog::from_json(body) {
        Ok(catalog) if !catalog.preview => catalog,
        Ok(_) => {
            report.push(Row::failed(PART, what, expected, "built under a preview key: nobody can buy here"));
            return None;
        }
        Err(wrong) => {
            let first = wrong.iter().next().map(|d| d.message.clone()).unwrap_or_default();
            report.push(Row::failed(PART, what, expected, first));
            return None;
        }
    };
    report.push(Row::good(PART, what, expected, format!("{} courses for sale", catalog.courses.len())));
    if let Some(ours) = source.and_then(|source| source.catalog.as_ref()) {
        let (what, expected) = ("catalog and source", "equal");
        // Who has no key cannot say which one it is.
        let row = if (Catalog { key: ours.key.filter(|_| catalog.key.is_some()).or(catalog.key), ..ours.clone() }) == catalog {
            Row::good(PART, what, expected, "equal")
        } else {
            Row::failed(PART, what, expected, "the source sells something else: publish it")
        };
        report.push(row);
    }
    Some(catalog)
}
