//! `bookplate issue`: copies by hand. They are an order like others, so that it can be listed, revoked and traced.

use std::path::Path;

use anyhow::{Context as _, Result, anyhow};

use super::args::IssueArguments;
use super::secrets;
use super::shop::Desk;
use crate::catalog::Catalog;
use crate::fs;
use crate::keyserver::system_clock;
use crate::pay::manual;
use crate::protocol::{Code, CourseId, Keyring, Scope, Seat, SiteKey, decoy};
use crate::store::{self, Digests, Issued, Present};

/// The fewest files that a folder of static keyrings holds for a course: so few buyers look like this many.
const FEWEST: usize = 8;

/// What the readers get: shown once and kept nowhere.
enum Codes {
    /// A code that opens together with the order's reference.
    Claim(Code),
    /// A key for each copy, which opens alone.
    Keys(Vec<String>),
    /// A code for each copy, which opens the file of its keyring.
    Files(Vec<Code>),
}

pub(super) fn run(arguments: &IssueArguments) -> Result<()> {
    let desk = Desk::open(&arguments.shop)?;
    let site = &desk.catalog.site;
    let courses = arguments.courses.iter().map(|id| CourseId::parse(id)).collect::<Result<Vec<_>, _>>()?;
    let codes = codes(arguments)?;
    let present = Present {
        courses: courses.clone(),
        seats: arguments.seats,
        reason: arguments.reason.into(),
        name: arguments.to.clone(),
        claim: match &codes {
            Codes::Claim(code) => Some(code.claim_hash(site)),
            _ => None,
        },
        keys: match &codes {
            Codes::Keys(keys) => {
                let digests = Digests::new(&desk.site_key()?, site);
                keys.iter().map(|key| digests.licence(key)).collect()
            }
            _ => Vec::new(),
        },
    };
    let known = desk.catalog.courses.iter().map(|c| c.id.as_str()).collect::<Vec<_>>().join(", ");
    let issued = store::issue(&*desk.store, &desk.catalog, &present, secrets::random()?, system_clock())
        .with_context(|| format!("no copy was made; courses of this site: {known}"))?;
    if let (Some(folder), Codes::Files(codes)) = (&arguments.static_dir, &codes) {
        for course in &courses {
            write_static(&desk, course, codes, &issued, folder)?;
        }
    } else if desk.catalog.endpoint.is_none() {
        eprintln!(
            "warning: this site names no key endpoint, so this code opens nothing until one runs at the `keys: endpoint` of `bookplate.yaml`\n  \
             = help: without an endpoint use `--static DIR`: the keyring is then a file that is published with the site"
        );
    }
    say!("order            {}  ({})", issued.order, issued.entitlement.display);
    hand_over(&desk.catalog, &courses, &issued, &codes);
    Ok(())
}

fn codes(arguments: &IssueArguments) -> Result<Codes> {
    let code = || Ok::<_, anyhow::Error>(Code::from_random(secrets::random()?));
    Ok(match (arguments.static_dir.is_some(), arguments.seats) {
        (true, seats) => Codes::Files((0..seats).map(|_| code()).collect::<Result<_>>()?),
        (false, 1) => Codes::Claim(code()?),
        (false, seats) => Codes::Keys((0..seats).map(|_| Ok(manual::key(secrets::random()?))).collect::<Result<_>>()?),
    })
}

/// What to send, in words that can be copied into a mail.
fn hand_over(catalog: &Catalog, courses: &[CourseId], issued: &Issued, codes: &Codes) {
    let (copies, one_each) = match codes {
        Codes::Claim(_) => (1, ""),
        Codes::Keys(keys) => (keys.len(), ", one to each reader"),
        Codes::Files(codes) => (codes.len(), if codes.len() > 1 { ", one to each reader" } else { "" }),
    };
    say!("Send this{one_each}. It is shown this once and kept nowhere:");
    say!("");
    for course in courses.iter().filter_map(|id| catalog.course(id)) {
        let copy = if copies == 1 { "Your copy" } else { "Your copies" };
        say!("  {copy} of \"{}\": {}{}{}", course.title, catalog.origin, catalog.base, course.url);
    }
    say!("  Open any locked page there, choose \"I have a code\", and enter:");
    match codes {
        Codes::Claim(code) => {
            say!("    code             {code}");
            say!("    order reference  {}", issued.order.order_id);
        }
        Codes::Keys(keys) => keys.iter().for_each(|key| say!("    code             {key}")),
        Codes::Files(codes) => codes.iter().for_each(|code| say!("    code             {code}")),
    }
    say!("  The copy is worded for its order, so that a leaked copy can be matched to that order.");
}

/// The keyrings as files beside the site, for every epoch that is served, and decoys up to a power of two, so that the number of files does
/// not tell the buyers.
fn write_static(desk: &Desk, course: &CourseId, codes: &[Code], issued: &Issued, folder: &Path) -> Result<()> {
    let key = desk.site_key()?;
    let site = &desk.catalog.site;
    let sold = desk.catalog.course(course).ok_or_else(|| anyhow!("the catalog has no course `{course}`"))?;
    fs::create_dir_all(folder)?;
    for epoch in [Some(sold.epoch()), sold.former_epoch()].into_iter().flatten() {
        for (code, seat) in codes.iter().zip(0..) {
            let buyer = key.buyer(site, &issued.order, Seat(seat));
            let keyring = Keyring::issue(&key, site, course, epoch, sold.params, &buyer, &issued.entitlement.display);
            let file = keyring.seal_static(code);
            fs::write(&folder.join(&file.path), &file.bytes)?;
            pad(&key, keyring.scope(), folder)?;
            say!("keyring          {}  (publish this folder with the site)", folder.join(&file.path).display());
        }
    }
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
