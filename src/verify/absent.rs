//! What must not be there: sources, settings, drafts, and pages that are no pages.

use std::collections::BTreeSet;

use super::fetch::{self, Fetched};
use super::row::{Report, Row};
use super::{Source, Subject};
use crate::manifest::Manifest;
use crate::outbound::{Request, Response};
use crate::protocol::primitives::sha256;

const PART: &str = "closed";

/// What lies beside a site at home and would be a catch outside.
const NEVER: &[&str] = &[
    "bookplate.yaml",
    ".git/HEAD",
    ".git/config",
    ".env",
    ".bookplate/written",
    "out/catalog.json",
    "content/index.md",
    "content/SUMMARY.md",
    "SUMMARY.md",
    "README.md",
    "netlify.toml",
    "netlify/functions/bookplate.mjs",
    "netlify/functions/bookplate-desk.mjs",
    "orders.db",
];

/// An address that no site has.
const NOWHERE: &str = "no-such-page-6d1f0a57c2/";

/// Asks for all of it. Whatever the manifest lists is left alone.
pub(super) fn check(subject: &Subject<'_>, manifest: &Manifest, fetched: &[Fetched], source: Option<&Source>, report: &mut Report) {
    nowhere(subject, manifest, report);
    let mut paths: BTreeSet<String> = NEVER.iter().map(|path| (*path).to_owned()).collect();
    paths.extend(fetched.iter().flat_map(|file| markdown_of(&file.path)));
    paths.extend(source.iter().flat_map(|source| source.absent.iter().cloned()));
    paths.retain(|path| !is_listed(manifest, path));
    let paths: Vec<String> = paths.into_iter().collect();
    let requests: Vec<Request> = paths.iter().map(|path| Request::get(fetch::address(&subject.root, path))).collect();
    let found = fetch::all(subject.web, &requests, |i, answer| {
        let seen = match answer {
            // Some hosts forbid what others do not find.
            Ok(Response { status: 403 | 404 | 410, .. }) => return None,
            Ok(answer) => format!("status {}", answer.status),
            Err(e) => e.0.to_owned(),
        };
        Some((paths.get(i)?.clone(), seen))
    });
    report.many(PART, "sources, settings, drafts", "404", paths.len(), found.into_iter().flatten().collect());
    if source.is_none() {
        report.push(Row::unknown(PART, "names of the source", "404", "guessed: no source at hand (`--site DIR`)"));
    }
}

/// A host that answers everything with a page hides what is missing.
fn nowhere(subject: &Subject<'_>, manifest: &Manifest, report: &mut Report) {
    let (what, expected) = ("an address that is none", "404 with the page of the site");
    let row = match subject.web.send(&Request::get(format!("{}{NOWHERE}", subject.root))) {
        Err(e) => Row::failed(PART, what, expected, e.0),
        Ok(answer) if answer.status != 404 => Row::failed(PART, what, expected, format!("status {}", answer.status)),
        Ok(answer) => match manifest.files.get("404.html") {
            Some(page) if page.sha256 == sha256(&answer.body) => Row::good(PART, what, expected, expected),
            _ => Row::unknown(PART, what, expected, "404 with a page of the host"),
        },
    };
    report.push(row);
}

/// The Markdown files that a page could have come from.
fn markdown_of(path: &str) -> Vec<String> {
    let Some(folder) = path.strip_suffix("index.html") else { return Vec::new() };
    let name = folder.trim_end_matches('/');
    let mut guesses = vec![format!("{folder}index.md"), format!("{folder}README.md")];
    if !name.is_empty() {
        guesses.extend([format!("{name}.md"), format!("content/{name}.md")]);
    }
    guesses
}

fn is_listed(manifest: &Manifest, path: &str) -> bool {
    let page = format!("{path}index.html");
    manifest.files.contains_key(path) || manifest.files.contains_key(&page) || manifest.unlisted.contains_key(&sha256(path.as_bytes()))
}
