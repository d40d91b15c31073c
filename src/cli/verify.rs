//! `bookplate verify`: a deployed site, from outside.

use std::path::Path;

use anyhow::{Result, bail};

use super::args::VerifyArguments;
use super::build::refuse;
use super::pipeline::{self, Read};
use super::{Shown, secrets};
use crate::content::{is_index, is_markdown, segment, split_number, stem};
use crate::outbound::Net;
use crate::protocol::{SiteId, SiteKey};
use crate::site::{self, Mode, Seals};
use crate::template::Theme;
use crate::verify::{Report, Source, Subject, Verdict};

pub(super) fn run(arguments: &VerifyArguments) -> Result<()> {
    let url = &arguments.url;
    if !["https://", "http://"].iter().any(|scheme| url.len() > scheme.len() && url.starts_with(scheme)) {
        let bare = url.rsplit("://").next().unwrap_or_default();
        bail!("`{url}` is not an address of the web\n  = help: write it as readers open it: `https://{bare}`");
    }
    let net = Net::default();
    let subject = Subject::new(&net, &arguments.url);
    let mut report = Report::default();
    match subject.manifest() {
        Ok(manifest) => {
            let key = secrets::find_site_key(&manifest.site)?;
            let source = arguments.site.as_deref().map(|dir| source(dir, &manifest.site, key.as_ref())).transpose()?;
            report = subject.check(&manifest, key.as_ref(), source.as_ref());
        }
        Err(row) => report.push(*row),
    }
    let (failed, unknown) = (report.count(Verdict::Failed), report.count(Verdict::Unknown));
    if arguments.json {
        say!("{:#}", serde_json::json!({ "url": arguments.url, "failed": failed, "unknown": unknown, "rows": report.rows }));
    } else {
        say!("{}", report.table());
        say!("{} as expected, {failed} failed, {unknown} not checked", report.count(Verdict::Good));
    }
    if failed > 0 { Err(Shown.into()) } else { Ok(()) }
}

/// What the folder of the site tells: what must not be reachable, and, with the key, what is for sale.
fn source(dir: &Path, deployed: &SiteId, key: Option<&SiteKey>) -> Result<Source> {
    let files = pipeline::sources(dir)?;
    let Read { edition, diagnostics, .. } = pipeline::read(dir)?;
    let Some(edition) = edition else { return Err(refuse(&diagnostics)) };
    if edition.site.id != deployed.as_str() {
        bail!(
            "`{}` is the site `{}`, and what is deployed is `{deployed}`\n  = help: name the folder of that site",
            dir.display(),
            edition.site.id
        );
    }
    let seals = key.map(|key| Seals { key: key.clone(), preview: false });
    let catalog = site::catalog(&edition, seals.as_ref(), false).map_err(|wrong| refuse(&wrong))?;
    let mut source = Source { catalog: Some(catalog), ..Source::default() };
    for (path, _) in &files {
        match path.split_once('/') {
            Some(("static", below)) => source.statics.push(below.to_owned()),
            Some(("content", below)) => source.absent.extend([path.clone(), below.to_owned(), address(below)]),
            _ => source.absent.push(path.clone()),
        }
    }
    let theme = Theme::with_overrides(&edition.theme_files).map_err(|wrong| refuse(&wrong))?;
    let sealed = edition.lessons().any(|(_, lesson)| lesson.body.sealed.is_some());
    if seals.is_some() || !sealed {
        let assembled = site::assemble(&edition, &theme, seals.as_ref(), Mode::Preview).map_err(|wrong| refuse(&wrong))?;
        source.passages = Some(site::passages(&edition, &theme, seals.as_ref(), &assembled));
    }
    Ok(source)
}

/// Where a file of `content/` would be if it were published: a draft, or a picture that is for sale. Numbers are taken off its names.
fn address(below: &str) -> String {
    let plain = |name: &str| segment(split_number(name).map_or(name, |(_, rest)| rest));
    let (folder, file) = below.rsplit_once('/').map_or(("", below), |(folder, file)| (folder, file));
    let mut address: String = folder.split('/').filter(|name| !name.is_empty()).map(|name| format!("{}/", plain(name))).collect();
    if !is_markdown(below) {
        address.push_str(file);
    } else if !is_index(below) {
        address.push_str(&format!("{}/", plain(stem(below))));
    }
    address
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn a_source_has_the_address_that_a_page_of_it_would_have() {
        for (below, want) in [
            ("01-trees/02-oak draft.md", "trees/oak-draft/"),
            ("01-trees/index.md", "trees/"),
            ("trees/fig-1.png", "trees/fig-1.png"),
            ("about.md", "about/"),
        ] {
            assert_eq!(address(below), want);
        }
    }
}
