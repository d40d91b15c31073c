//! `bookplate issue`: a copy by hand. It is an order like others, so that it can be listed, revoked and traced.

use std::path::Path;

use anyhow::{Context as _, Result, anyhow};

use super::args::IssueArguments;
use super::secrets;
use super::shop::Desk;
use crate::fs;
use crate::keyserver::system_clock;
use crate::protocol::{Code, CourseId, Keyring, Scope, Seat, SiteKey, decoy};
use crate::store::{self, Issued, Present};

/// The fewest files that a folder of static keyrings holds for a course: so few buyers look like this many.
const FEWEST: usize = 8;

pub(super) fn run(arguments: &IssueArguments) -> Result<()> {
    let desk = Desk::open(&arguments.shop)?;
    let course = CourseId::parse(&arguments.course)?;
    let code = Code::from_random(secrets::random()?);
    let present = Present {
        courses: vec![course.clone()],
        seats: 1,
        reason: arguments.reason.into(),
        name: arguments.to.clone(),
        claim: Some(code.claim_hash(&desk.catalog.site)),
    };
    let known = desk.catalog.courses.iter().map(|c| c.id.as_str()).collect::<Vec<_>>().join(", ");
    let issued = store::issue(&*desk.store, &desk.catalog, &present, secrets::random()?, system_clock())
        .with_context(|| format!("no copy was made; courses of this site: {known}"))?;
    match &arguments.static_dir {
        Some(folder) => write_static(&desk, &course, &code, &issued, folder)?,
        None => say!("order reference  {}", issued.order.order_id),
    }
    if arguments.static_dir.is_none() && desk.catalog.endpoint.is_none() {
        eprintln!(
            "warning: this site names no key endpoint, so this code opens nothing until one runs at the `keys: endpoint` of `bookplate.yaml`\n  \
             = help: without an endpoint use `--static DIR`: the keyring is then a file that is published with the site"
        );
    }
    say!("code             {code}");
    say!("                 Send it to the reader; it is shown this once. On any locked page: \"I have a code\".");
    say!("order            {}  ({})", issued.order, issued.entitlement.display);
    Ok(())
}

/// The keyring as a file beside the site, and decoys up to a power of two, so that the number of files does not tell the buyers.
fn write_static(desk: &Desk, course: &CourseId, code: &Code, issued: &Issued, folder: &Path) -> Result<()> {
    let key = desk.site_key()?;
    let site = &desk.catalog.site;
    let sold = desk.catalog.course(course).ok_or_else(|| anyhow!("the catalog has no course `{course}`"))?;
    let buyer = key.buyer(site, &issued.order, Seat(0));
    let keyring = Keyring::issue(&key, site, course, sold.epoch(), sold.params, &buyer, &issued.entitlement.display);
    let file = keyring.seal_static(code);
    fs::create_dir_all(folder)?;
    fs::write(&folder.join(&file.path), &file.bytes)?;
    pad(&key, keyring.scope(), folder)?;
    say!("keyring          {}  (publish this folder with the site)", folder.join(&file.path).display());
    Ok(())
}

/// Decoys go as keyrings come: real files and decoys together are a power of two.
fn pad(key: &SiteKey, scope: &Scope, folder: &Path) -> Result<()> {
    let files = std::fs::read_dir(folder)?.count();
    let decoys: Vec<_> = (0..).map(|i| decoy(key, scope, i)).take_while(|d| folder.join(&d.path).exists()).collect();
    let real = files - decoys.len();
    let wanted = real.next_power_of_two().max(FEWEST) - real;
    for old in decoys.iter().skip(wanted) {
        std::fs::remove_file(folder.join(&old.path)).with_context(|| format!("cannot remove `{}`", old.path))?;
    }
    for (_, index) in (decoys.len()..wanted).zip(decoys.len() as u32..) {
        let new = decoy(key, scope, index);
        fs::write(&folder.join(&new.path), &new.bytes)?;
    }
    Ok(())
}
