//! `bookplate keyrings`: keyrings as files for everybody who paid, from the provider's own list of orders.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context as _, Result, anyhow, bail};
use secrecy::SecretString;

use super::args::KeyringsArguments;
use super::build::plural;
use super::{keyserver, secrets};
use crate::catalog::Catalog;
use crate::deploy::keyrings;
use crate::keyserver::system_clock;
use crate::outbound::{Http, Outbound as _};
use crate::pay::Meaning;
use crate::pay::lemon_squeezy::{PROVIDER, api};
use crate::protocol::Provider;
use crate::{fs, publish};

/// Most pages of one list that are asked for: a hundred thousand orders.
const PAGES: u32 = 1_000;

pub(super) fn run(arguments: &KeyringsArguments) -> Result<()> {
    let out = &arguments.out;
    let bytes = fs::read(&out.join("catalog.json")).context("name the folder that `bookplate build` wrote")?;
    let catalog = Catalog::from_json(&bytes).map_err(|wrong| anyhow!("{}", wrong.render(1)))?;
    if catalog.preview && !arguments.preview_key {
        bail!("`{}` was built under the preview key\n  = help: build without `--preview-key`, or add `--preview-key` here", out.display());
    }
    let key = secrets::key_of(&catalog, arguments.preview_key)?;
    let token = keyserver::variable(keyserver::API_KEY)?
        .map(SecretString::from)
        .with_context(|| format!("{} is not set: paid orders are asked for with an API key of the store", keyserver::API_KEY))?;
    let provider = Provider::parse(PROVIDER)?;
    let told = told(&keyserver::provider()?, &token, &catalog)?;
    let made = keyrings(&catalog, &key, &provider, &told, system_clock());
    let folder = out.join("keys");
    let removed = replace(&folder, &made.files.iter().map(|file| (file.path.as_str(), &*file.bytes)).collect::<Vec<_>>(), &kept(out)?)?;
    say!(
        "{} in {} files, decoys among them, in {}; {removed} older removed",
        plural(made.copies, "keyring"),
        made.files.len(),
        folder.display()
    );
    Ok(())
}

/// Everything that the provider shows of the shop's stores. Half a list is none: who stands on the other half would lose his keyring.
fn told(server: &Http, token: &SecretString, catalog: &Catalog) -> Result<Vec<Meaning>> {
    let products = catalog.courses.iter().flat_map(|course| &course.products).filter(|product| product.provider.as_str() == PROVIDER);
    let stores: BTreeSet<u64> = products.map(|product| product.store).collect();
    let mut told = Vec::new();
    for store in stores {
        for kind in api::Kind::ALL {
            let mut page = Some(1);
            while let Some(number) = page.filter(|number| *number <= PAGES) {
                let call = api::list(token, kind, api::Of::Store(store), number);
                let answer = server.call(&call).context("the provider cannot be reached")?;
                let shown = api::shown(kind, &answer, false).context("the provider's list could not be read; nothing was changed")?;
                told.extend(shown.shown);
                page = shown.next;
            }
        }
    }
    Ok(told)
}

/// Names in `keys/` that the build itself wrote: keyrings that were made by hand.
fn kept(out: &Path) -> Result<BTreeSet<String>> {
    Ok(publish::written(out)?.iter().filter_map(|path| path.strip_prefix("keys/")).map(str::to_owned).collect())
}

/// Makes a folder hold these keyrings, beside those that are kept; says how many others were removed.
fn replace(folder: &Path, files: &[(&str, &[u8])], kept: &BTreeSet<String>) -> Result<usize> {
    fs::create_dir_all(folder)?;
    for (name, bytes) in files {
        fs::write(&folder.join(name), bytes)?;
    }
    let ours = |name: &str| name.len() == 36 && name.strip_suffix(".bin").is_some_and(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()));
    let mut removed = 0;
    for entry in std::fs::read_dir(folder).with_context(|| format!("cannot read `{}`", folder.display()))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if ours(&name) && !kept.contains(&name) && !files.iter().any(|(made, _)| *made == name) {
            std::fs::remove_file(folder.join(&name)).with_context(|| format!("cannot remove `{name}`"))?;
            removed += 1;
        }
    }
    Ok(removed)
}
