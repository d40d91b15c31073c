//! `bookplate rotate`: new keys for a course, so that copies which were taken back cannot open what is published from now on.
//!
//! Each call does the next of three steps, and only once the step before is out: the catalog of the last build says so. So it may be
//! called again at any time, by a person or on a schedule.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow, bail};

use super::args::{RotateArguments, ShopArguments};
use super::build::{plural, refuse};
use super::remote::Remote;
use super::{by_hand, ledger, pipeline, secrets, shop};
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
    let files = Files::find(arguments, &published)?;
    for course in courses {
        let lapsed = arguments.due.then(|| could_open(&orders, &published, course).count());
        match turn(&arguments.books.shop, &published, course, lapsed, &files)? {
            Done::Step(step, stage) => announce(course, step, &stage, lapsed, Keys::of(&published, &files, course)),
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
    let lines = match &arguments.books.endpoint {
        Some(endpoint) => {
            let remote = Remote::open(endpoint)?.of(shop::site(&arguments.books.shop));
            remote.check_site()?;
            remote.ledger()?
        }
        None => ledger::lines(&arguments.books)?,
    };
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

/// The copies that were given as files, and the folder in which the last build put those.
struct Files {
    given: Vec<by_hand::Given>,
    folder: PathBuf,
    /// The site has keyring files, and the orders here know nothing of them: they are kept on another machine.
    strange: bool,
    leave_behind: bool,
}

impl Files {
    /// None where an endpoint hands keys out, and where no orders are kept on this machine.
    fn find(arguments: &RotateArguments, published: &Catalog) -> Result<Self> {
        let shop = &arguments.books.shop;
        let out = shop.catalog.as_deref().map_or_else(|| shop.site.join("out"), |file| file.parent().unwrap_or(Path::new("")).to_owned());
        let database = match shop.database() {
            Some(named) => named,
            None => secrets::state_folder(&published.site)?.join(if shop.preview_key { "preview.db" } else { "orders.db" }),
        };
        let here = published.endpoint.is_none() && arguments.books.endpoint.is_none() && database.exists();
        let mut given = if here { by_hand::given(&*shop::Desk::open(shop)?.store)? } else { Vec::new() };
        let strange = given.is_empty() && published.endpoint.is_none() && by_hand::has_files(&shop.site.join("static").join("keys"));
        given.retain(|given| given.good);
        Ok(Self { given, folder: out.join("keys"), strange, leave_behind: arguments.leave_copies_behind })
    }

    fn of(&self, course: &CourseId) -> Vec<&by_hand::Given> {
        self.given.iter().filter(|given| given.courses.contains(course)).collect()
    }

    /// Stops before a course is sealed under an epoch of which copies that are good have no file: they would open nothing of it, and nobody
    /// would notice.
    fn check(&self, arguments: &ShopArguments, published: &Catalog, course: &CourseId, epoch: Epoch) -> Result<()> {
        if self.strange && !self.leave_behind {
            bail!(
                "{course}: `static/keys` holds keyring files, and no order here knows of them, so nobody can say whether they are there for epoch \
                 {epoch}\n  = help: rotate on the machine on which `bookplate issue --static` made them. `--leave-copies-behind` goes on without them"
            );
        }
        let given = self.of(course);
        if given.is_empty() || self.leave_behind {
            return Ok(());
        }
        let key = if arguments.preview_key { secrets::preview_key(&published.site)? } else { secrets::site_key(&published.site)? };
        let there = |given: &by_hand::Given| given.names(published, &key, course, epoch).iter().all(|name| self.folder.join(name).exists());
        let missing: Vec<String> = given.into_iter().filter(|given| !there(given)).map(|given| given.order.to_string()).collect();
        if missing.is_empty() {
            return Ok(());
        }
        bail!(
            "{course}: {} given as files would open nothing that is published under epoch {epoch}: {}\n  = help: their files of that epoch \
             are not in `{}`. `bookplate issue --again --static static/keys` makes them, for the codes that the readers have; then build, \
             publish, and call this again. `--leave-copies-behind` goes on without them",
            plural(missing.len(), "order"),
            missing.join(", "),
            self.folder.display()
        )
    }
}

/// Where readers get their keys.
#[derive(Clone, Copy)]
enum Keys {
    Endpoint,
    /// From files, some of which were given by hand.
    ByHand,
    Files,
}

impl Keys {
    fn of(published: &Catalog, files: &Files, course: &Course) -> Self {
        let by_hand = CourseId::parse(&course.id).is_ok_and(|id| !files.of(&id).is_empty());
        match (&published.endpoint, by_hand) {
            (Some(_), _) => Keys::Endpoint,
            (None, true) => Keys::ByHand,
            (None, false) => Keys::Files,
        }
    }
}

/// Takes the next step of a course where it is time for it.
fn turn(arguments: &ShopArguments, published: &Catalog, course: &Course, lapsed: Option<usize>, files: &Files) -> Result<Done> {
    let id = CourseId::parse(&course.id)?;
    let said = Stage { sealed: Epoch(course.epoch), served: course.epochs.iter().copied().map(Epoch).collect() };
    if published.course(&id).map(Stage::of).as_ref() != Some(&said) {
        return Ok(Done::Waiting);
    }
    if said.at_rest() && lapsed == Some(0) {
        return Ok(Done::Idle);
    }
    let (step, next) = said.next().context("this course has used up its epochs")?;
    if step == Step::Publish {
        files.check(arguments, published, &id, next.sealed)?;
    }
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
    let file = arguments.site.join(source);
    match edition::turn(source, &fs::read_to_string(&file)?, &epochs) {
        Pin::Write(text) => fs::write(&file, text.as_bytes())?,
        Pin::Named => {}
        Pin::ByHand => return Err(by_hand(source)),
    }
    Ok(Done::Step(step, next))
}

fn announce(course: &Course, step: Step, stage: &Stage, lapsed: Option<usize>, keys: Keys) {
    let (id, file) = (&course.id, course.intro_source.as_deref().unwrap_or_default());
    let newest = stage.served.iter().max().copied().unwrap_or(stage.sealed);
    match step {
        Step::Announce => {
            if let Some(lapsed) = lapsed {
                say!("{id}: {} taken back could open the next publication", plural(lapsed, "order"));
            }
            say!("{id}: step 1 of 3, epoch {newest} is announced in {file}");
            match keys {
                Keys::Endpoint => say!(
                    "  now   bookplate build; give the endpoint the new catalog.json first (restart it, or deploy), then publish the site"
                ),
                Keys::ByHand => {
                    say!("  now   bookplate build; bookplate issue --again --static static/keys; bookplate build; publish the site");
                }
                Keys::Files => {
                    say!(
                        "  now   bookplate build; make the keyring files again (bookplate keyrings), now for both epochs; publish the site"
                    );
                }
            }
        }
        Step::Publish => {
            say!("{id}: step 2 of 3, the course is sealed under epoch {newest} ({file})");
            say!("  now   bookplate build; publish the site. Readers who may read get new keys by themselves");
        }
        Step::Drop => {
            say!("{id}: step 3 of 3, epoch {newest} is the only one ({file})");
            match keys {
                Keys::Endpoint => say!("  now   bookplate build; give the endpoint the new catalog.json, and publish the site"),
                Keys::ByHand => {
                    say!("  now   bookplate build; bookplate issue --again --static static/keys; bookplate build; publish the site");
                }
                Keys::Files => say!("  now   bookplate build; make the keyring files again (bookplate keyrings), and publish the site"),
            }
            say!("  done  copies that were taken back stay closed to what is published from now on");
            return;
        }
    }
    say!("  then  bookplate rotate {id}");
}
