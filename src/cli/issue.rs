//! `bookplate issue`: copies by hand. They are an order like others, so that it can be listed, revoked and traced.

use std::path::Path;

use anyhow::{Context as _, Result};

use super::args::IssueArguments;
use super::books::Books;
use super::remote::Untold;
use super::{by_hand, secrets};
use crate::catalog::Catalog;
use crate::keyserver::system_clock;
use crate::pay::manual;
use crate::protocol::{Code, CourseId, OrderRef, Seat};
use crate::store::{self, Digests, Issued, Present};

/// What the readers get: kept nowhere. Codes of files can be computed again.
enum Codes {
    /// A code that opens together with the order's reference.
    Claim(Code),
    /// A key for each copy, which opens alone.
    Keys(Vec<String>),
    /// A code for each copy, which opens the file of its keyring.
    Files(Vec<Code>),
}

pub(super) fn run(arguments: &IssueArguments) -> Result<()> {
    if let (true, Some(folder)) = (arguments.again, &arguments.static_dir) {
        return again(&Books::open(&arguments.books)?, folder);
    }
    let books = Books::open_for_new(&arguments.books)?;
    let catalog = books.catalog()?;
    let site = &catalog.site;
    let courses = arguments.courses.iter().map(|id| CourseId::parse(id)).collect::<Result<Vec<_>, _>>()?;
    let random = secrets::random()?;
    let codes = codes(arguments, &books, random)?;
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
                let digests = Digests::new(&books.site_key()?, site);
                keys.iter().map(|key| digests.licence(key)).collect()
            }
            _ => Vec::new(),
        },
    };
    let known = catalog.courses.iter().map(|c| c.id.as_str()).collect::<Vec<_>>().join(", ");
    let issued = store::issue(books.facts(), catalog, &present, random, system_clock())
        .with_context(|| format!("no copy was made; courses of this site: {known}"))?;
    books.tell().map_err(|untold| not_told(&issued.order, arguments.books.endpoint.as_deref().unwrap_or_default(), untold))?;
    if let (Some(folder), Codes::Files(_)) = (&arguments.static_dir, &codes) {
        for path in by_hand::write(&books, &courses, &issued, folder)? {
            say!("keyring          {}  (publish this folder with the site)", path.display());
        }
    } else if catalog.endpoint.is_none() {
        eprintln!(
            "warning: this site names no key endpoint, so this code opens nothing until one runs at the `keys: endpoint` of `bookplate.yaml`\n  \
             = help: without an endpoint use `--static DIR`: the keyring is then a file that is published with the site"
        );
    }
    if let Some((endpoint, database)) = books.endpoint_elsewhere()?.filter(|_| arguments.static_dir.is_none()) {
        eprintln!(
            "warning: this order is written into `{}`, and {endpoint} knows of it only if it runs with that file\n  = help: for an endpoint \
             elsewhere, a function for example, add `--endpoint {endpoint}`",
            database.display()
        );
    }
    say!("order            {}  ({})", issued.order, issued.entitlement.display);
    hand_over(catalog, &courses, &issued, &codes);
    if let Some(endpoint) = &arguments.books.endpoint {
        look_after(&books, &issued.order, &courses, endpoint);
    }
    Ok(())
}

/// An order that the endpoint may or may not have.
fn not_told(order: &OrderRef, endpoint: &str, untold: Untold) -> anyhow::Error {
    let Untold { why, perhaps } = untold;
    anyhow::Error::from(why).context(if perhaps {
        format!(
            "it is not known whether the endpoint stored the order {order}, whose codes nobody has\n  = help: look with `bookplate orders show \
             {order} --endpoint {endpoint}`; if it is there, delete it with `bookplate orders forget {order} --endpoint {endpoint}`; then issue \
             it again"
        )
    } else {
        String::from("no copy was made")
    })
}

/// Warns of courses that the endpoint does not serve: its catalog is older than the one here. Silent where it does not answer any more.
fn look_after(books: &Books<'_>, order: &OrderRef, courses: &[CourseId], endpoint: &str) {
    let Ok(line) = books.line(order) else { return };
    for course in courses.iter().filter(|course| !line.courses.contains(course)) {
        eprintln!(
            "warning: {endpoint} does not serve the course `{course}` yet, so the code does not open it\n  = help: give the endpoint the catalog \
             of the last build; the code stays good"
        );
    }
}

fn codes(arguments: &IssueArguments, books: &Books<'_>, random: [u8; 16]) -> Result<Codes> {
    let code = || Ok::<_, anyhow::Error>(Code::from_random(secrets::random()?));
    Ok(match (arguments.static_dir.is_some(), arguments.seats) {
        (true, seats) => {
            let (key, order, site) = (books.site_key()?, by_hand::order(random)?, &books.catalog()?.site);
            Codes::Files((0..seats).map(|seat| key.static_code(site, &order, Seat(seat))).collect())
        }
        (false, 1) => Codes::Claim(code()?),
        (false, seats) => Codes::Keys((0..seats).map(|_| Ok(manual::key(secrets::random()?))).collect::<Result<_>>()?),
    })
}

/// Makes the files of all copies again, as they must be for the catalog of the last build.
fn again(books: &Books<'_>, folder: &Path) -> Result<()> {
    let made = by_hand::again(books, folder)?;
    say!("{} keyring files of {} orders in {}; {} removed", made.written, made.orders, folder.display(), made.removed);
    if !made.strange.is_empty() {
        say!(
            "{} more are of no order that is known here: of orders that were deleted, or that another database holds. If you know of no \
             other, remove them:",
            made.strange.len()
        );
        made.strange.iter().for_each(|name| say!("    {}", folder.join(name).display()));
    }
    for (order, codes) in &made.unseen {
        say!("{order} had no file there before. If its readers hold other codes than these, they need these:");
        codes.iter().for_each(|code| say!("    code             {code}"));
    }
    say!("  now   bookplate build; publish the site");
    Ok(())
}

/// What to send, in words that can be copied into a mail.
fn hand_over(catalog: &Catalog, courses: &[CourseId], issued: &Issued, codes: &Codes) {
    let (copies, one_each) = match codes {
        Codes::Claim(_) => (1, ""),
        Codes::Keys(keys) => (keys.len(), ", one to each reader"),
        Codes::Files(codes) => (codes.len(), if codes.len() > 1 { ", one to each reader" } else { "" }),
    };
    let once = if matches!(codes, Codes::Files(_)) { "" } else { ". It is shown this once and kept nowhere" };
    say!("Send this{one_each}{once}:");
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
