//! `bookplate rotate`: new keys for a course, so that copies which were taken back cannot open what is published from now on.
//!
//! Each call does the next of three steps, and only once the step before is out: the catalog of the last build says so. So it may be
//! called again at any time, by a person or on a schedule.

use std::path::Path;

use anyhow::{Context as _, Result, anyhow, bail};

use super::args::RotateArguments;
use super::build::{plural, refuse};
use super::{ledger, pipeline, shop};
use crate::catalog::{Catalog, Stage, Step};
use crate::edition::{self, Course, Epochs, Pin};
use crate::fs;
use crate::keyserver::system_clock;
use crate::protocol::{CourseId, Epoch};
use crate::store::LedgerLine;

/// No endpoint serves a new catalog within so many seconds: who lost his right before has none of the new keys.
const DEPLOYED: u64 = 3;

/// What a call meant for a course.
enum Done {
    /// The step was written into the course's file.
    Step(Step, Stage),
    /// The step before is not out yet.
    Waiting,
    /// No copy that was taken back could open the next publication.
    Idle,
}

pub(super) fn run(arguments: &RotateArguments) -> Result<()> {
    let dir = &arguments.books.shop.site;
    let pipeline::Read { edition, diagnostics, .. } = pipeline::read(dir)?;
    let Some(edition) = edition else { return Err(refuse(&diagnostics)) };
    let published = shop::catalog(&arguments.books.shop)?;
    let courses: Vec<&Course> = edition.courses.iter().filter(|course| is_wanted(arguments, &published, course)).collect();
    for named in &arguments.courses {
        if !courses.iter().any(|course| course.id == *named) {
            let known = published.courses.iter().map(|c| c.id.as_str()).collect::<Vec<_>>().join(", ");
            bail!("nothing was published of a course `{named}`; published were: {known}");
        }
    }
    let orders = if arguments.due { orders(arguments)? } else { Vec::new() };
    for course in courses {
        let lapsed = arguments.due.then(|| could_open(&orders, &published, course).count());
        match turn(dir, &published, course, lapsed)? {
            Done::Step(step, stage) => announce(course, step, &stage, lapsed, published.endpoint.is_some()),
            Done::Waiting => say!(
                "{}: the last step is not out yet. Build and publish the site, give the endpoint the new catalog.json, then call again.",
                course.id
            ),
            Done::Idle => say!("{}: nothing is due; no copy that was taken back can open the next publication", course.id),
        }
    }
    Ok(())
}

fn is_wanted(arguments: &RotateArguments, published: &Catalog, course: &Course) -> bool {
    let sold = published.courses.iter().any(|sold| sold.id.as_str() == course.id);
    sold && (arguments.courses.contains(&course.id) || (arguments.due && arguments.courses.is_empty()))
}

fn orders(arguments: &RotateArguments) -> Result<Vec<LedgerLine>> {
    let lines = ledger::lines(&arguments.books)?;
    if let Some(line) = lines.iter().find(|line| ledger::end_is_unknown(line)) {
        bail!(
            "nobody says until when the order {} was open, so what is due cannot be told
  = help: update the key endpoint, or name the \
             courses yourself: `bookplate rotate COURSE`",
            line.order
        );
    }
    Ok(lines)
}

/// The orders that were taken back and hold keys for what is published next.
fn could_open<'a>(orders: &'a [LedgerLine], published: &'a Catalog, course: &Course) -> impl Iterator<Item = &'a LedgerLine> {
    let sold = published.courses.iter().find(|sold| sold.id.as_str() == course.id);
    orders.iter().filter(move |line| sold.is_some_and(|sold| line.could_open(sold)))
}

/// Takes the next step of a course where it is time for it.
fn turn(dir: &Path, published: &Catalog, course: &Course, lapsed: Option<usize>) -> Result<Done> {
    let id = CourseId::parse(&course.id)?;
    let said = Stage { sealed: Epoch(course.epoch), served: course.epochs.iter().copied().map(Epoch).collect() };
    if published.course(&id).map(Stage::of).as_ref() != Some(&said) {
        return Ok(Done::Waiting);
    }
    if said.at_rest() && lapsed == Some(0) {
        return Ok(Done::Idle);
    }
    let (step, next) = said.next().context("this course has used up its epochs")?;
    let rotated = if step == Step::Announce { Some(system_clock() + DEPLOYED) } else { course.rotated };
    let served = if next.at_rest() { Vec::new() } else { next.served.iter().map(|epoch| epoch.0).collect() };
    let epochs = Epochs { epoch: Some(next.sealed.0), served, rotated };
    let by_hand = |file: &str| {
        anyhow!(
            "the front matter of `{file}` cannot be changed safely\n  = help: write `epoch: {}` and `epochs: {:?}` there, each on a line of its own",
            next.sealed,
            next.served.iter().map(|epoch| epoch.0).collect::<Vec<_>>()
        )
    };
    let source = course.intro_source.as_deref().ok_or_else(|| by_hand(&format!("{}/index.md", course.dir)))?;
    let file = dir.join(source);
    match edition::turn(source, &fs::read_to_string(&file)?, &epochs) {
        Pin::Write(text) => fs::write(&file, text.as_bytes())?,
        Pin::Named => {}
        Pin::ByHand => return Err(by_hand(source)),
    }
    Ok(Done::Step(step, next))
}

fn announce(course: &Course, step: Step, stage: &Stage, lapsed: Option<usize>, endpoint: bool) {
    let (id, file) = (&course.id, course.intro_source.as_deref().unwrap_or_default());
    let newest = stage.served.iter().max().copied().unwrap_or(stage.sealed);
    match step {
        Step::Announce => {
            if let Some(lapsed) = lapsed {
                say!("{id}: {} taken back could open the next publication", plural(lapsed, "order"));
            }
            say!("{id}: step 1 of 3, epoch {newest} is announced in {file}");
            if endpoint {
                say!(
                    "  now   bookplate build; give the endpoint the new catalog.json first (restart it, or deploy), then publish the site"
                );
            } else {
                say!(
                    "  now   bookplate build; make the keyring files of all copies again, now for both epochs, and publish them with the site"
                );
            }
        }
        Step::Publish => {
            say!("{id}: step 2 of 3, the course is sealed under epoch {newest} ({file})");
            say!("  now   bookplate build; publish the site. Readers who may read get new keys by themselves");
        }
        Step::Drop => {
            say!("{id}: step 3 of 3, epoch {newest} is the only one ({file})");
            let keys = if endpoint { "give the endpoint the new catalog.json" } else { "remove the keyring files of the old epoch" };
            say!("  now   bookplate build; {keys}, and publish the site");
            say!("  done  copies that were taken back stay closed to what is published from now on");
            return;
        }
    }
    say!("  then  bookplate rotate {id}");
}
