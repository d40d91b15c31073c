//! Copies that were given as files beside the site. Their codes follow from the site key and the order (`SiteKey::static_code`), so that the
//! files can be made again for every epoch, and found.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use super::books::Books;
use crate::catalog::{Catalog, Course};
use crate::fs;
use crate::keyserver::system_clock;
use crate::pay::manual;
use crate::protocol::{Code, CourseId, Epoch, Keyring, OrderRef, Scope, Seat, SiteKey, StaticKeyring, decoy, static_path};
use crate::store::{Entitlement, Fact, Facts, Issued, State, What};

/// The fewest files that a folder of static keyrings holds for a course: so few buyers look like this many.
const FEWEST: usize = 8;

/// An order whose copies open files.
pub(super) struct Given {
    /// The order.
    pub order: OrderRef,
    /// What it opens.
    pub courses: Vec<CourseId>,
    /// False once it was taken back.
    pub good: bool,
    seats: u32,
    display: String,
}

/// What was done by [`again`].
#[derive(Default)]
pub(super) struct Made {
    /// Keyring files of good orders.
    pub written: usize,
    /// Good orders.
    pub orders: usize,
    /// Files of orders that were taken back, and of epochs that are served no more.
    pub removed: usize,
    /// Orders that had no file in the folder, with the codes of their copies: their readers may hold others.
    pub unseen: Vec<(OrderRef, Vec<Code>)>,
    /// Names of files that are neither decoys nor of a known order. They stay: nobody here can tell those of a deleted order from those of
    /// an order that is kept on another machine, whose readers would lose them.
    pub strange: Vec<String>,
}

impl Given {
    /// `None` for an order that opens with a claim or with keys, at an endpoint.
    fn of(order: &OrderRef, facts: &[Fact], now: u64) -> Option<Self> {
        let grant = facts.iter().find_map(|fact| if let What::Granted(grant) = &fact.what { Some(grant) } else { None })?;
        let keys = facts.iter().any(|fact| matches!(fact.what, What::Licence(_)));
        if order.provider.as_str() != manual::PROVIDER || grant.claim.is_some() || keys {
            return None;
        }
        let Entitlement { state, seats, display, .. } = Entitlement::of(facts, now);
        Some(Self { order: order.clone(), courses: grant.courses.clone(), good: state == State::Active, seats, display })
    }

    fn codes<'a>(&'a self, catalog: &'a Catalog, key: &'a SiteKey) -> impl Iterator<Item = (Seat, Code)> + 'a {
        (0..self.seats).map(Seat).map(|seat| (seat, key.static_code(&catalog.site, &self.order, seat)))
    }

    /// The names of its files of one course and epoch.
    pub(super) fn names(&self, catalog: &Catalog, key: &SiteKey, course: &CourseId, epoch: Epoch) -> Vec<String> {
        self.codes(catalog, key).map(|(_, code)| static_path(&code, &catalog.site, course, epoch)).collect()
    }

    fn files(&self, catalog: &Catalog, key: &SiteKey, course: &Course, epoch: Epoch) -> Vec<StaticKeyring> {
        let one = |(seat, code): (Seat, Code)| {
            let buyer = key.buyer(&catalog.site, &self.order, seat);
            Keyring::issue(key, &catalog.site, &course.id, epoch, course.params, &buyer, &self.display).seal_static(&code)
        };
        self.codes(catalog, key).map(one).collect()
    }
}

/// The order that `issue` makes of random bytes.
pub(super) fn order(random: [u8; 16]) -> Result<OrderRef> {
    Ok(format!("{}:{}", manual::PROVIDER, manual::order_id(random)).parse()?)
}

/// Every order whose copies open files, good or not.
pub(super) fn given(store: &dyn Facts) -> Result<Vec<Given>> {
    let mut all = Vec::new();
    for order in store.orders()?.iter().filter(|order| order.provider.as_str() == manual::PROVIDER) {
        all.extend(Given::of(order, &store.facts(order)?, system_clock()));
    }
    Ok(all)
}

/// Whether an order's copies open files.
pub(super) fn is_given(store: &dyn Facts, order: &OrderRef) -> Result<bool> {
    Ok(Given::of(order, &store.facts(order)?, system_clock()).is_some())
}

/// The names of all files that an order may have; none for one whose copies open no files.
pub(super) fn names(books: &Books<'_>, order: &OrderRef) -> Result<Vec<String>> {
    let Some(given) = Given::of(order, &books.facts().facts(order)?, system_clock()) else { return Ok(Vec::new()) };
    let (key, catalog) = (books.site_key()?, books.catalog()?);
    let courses = catalog.courses.iter().filter(|course| given.courses.contains(&course.id));
    Ok(courses.flat_map(|course| course.epochs.iter().flat_map(|epoch| given.names(catalog, &key, &course.id, *epoch))).collect())
}

/// Whether a folder holds keyring files, decoys among them.
#[cfg(feature = "site")]
pub(super) fn has_files(folder: &Path) -> bool {
    std::fs::read_dir(folder).is_ok_and(|entries| entries.flatten().any(|entry| is_file(&entry.file_name().to_string_lossy())))
}

/// Whether a keyring file may have this name.
fn is_file(name: &str) -> bool {
    name.len() == 36 && name.strip_suffix(".bin").is_some_and(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// Writes the files of a new order, for every epoch that is served. Tells their paths.
pub(super) fn write(books: &Books<'_>, courses: &[CourseId], issued: &Issued, folder: &Path) -> Result<Vec<PathBuf>> {
    let (key, catalog, entitlement) = (books.site_key()?, books.catalog()?, &issued.entitlement);
    let given = Given {
        order: issued.order.clone(),
        courses: courses.to_vec(),
        good: true,
        seats: entitlement.seats,
        display: entitlement.display.clone(),
    };
    fs::create_dir_all(folder)?;
    let mut paths = Vec::new();
    for course in catalog.courses.iter().filter(|course| courses.contains(&course.id)) {
        for epoch in &course.epochs {
            for file in given.files(catalog, &key, course, *epoch) {
                paths.push(folder.join(&file.path));
                fs::write(&folder.join(&file.path), &file.bytes)?;
            }
            pad(&key, &scope(catalog, course, *epoch), folder)?;
        }
    }
    Ok(paths)
}

/// Makes a folder hold the files of all good orders in every epoch that is served, and none of others. What it knows nothing of stays.
pub(super) fn again(books: &Books<'_>, folder: &Path) -> Result<Made> {
    let (key, catalog) = (books.site_key()?, books.catalog()?);
    fs::create_dir_all(folder)?;
    let given = given(books.facts())?;
    let mut made = Made { orders: given.iter().filter(|given| given.good).count(), ..Made::default() };
    let mut known = BTreeSet::new();
    for given in &given {
        let (mut seen, before) = (false, made.written);
        for course in catalog.courses.iter().filter(|course| given.courses.contains(&course.id)) {
            for epoch in (0..=course.epoch().0).map(Epoch) {
                let names = given.names(catalog, &key, &course.id, epoch);
                let paths: Vec<PathBuf> = names.iter().map(|name| folder.join(name)).collect();
                known.extend(names);
                seen |= paths.iter().any(|path| path.exists());
                if given.good && course.epochs.contains(&epoch) {
                    for file in given.files(catalog, &key, course, epoch) {
                        fs::write(&folder.join(&file.path), &file.bytes)?;
                        made.written += 1;
                    }
                } else {
                    made.removed += remove(&paths)?;
                }
            }
        }
        if !seen && made.written > before {
            made.unseen.push((given.order.clone(), given.codes(catalog, &key).map(|(_, code)| code).collect()));
        }
    }
    for course in &catalog.courses {
        for epoch in (0..=course.epoch().0).map(Epoch) {
            let scope = scope(catalog, course, epoch);
            let served = course.epochs.contains(&epoch);
            if served && given.iter().any(|given| given.courses.contains(&course.id)) {
                pad(&key, &scope, folder)?;
            } else if !served {
                remove(&decoys(&key, &scope, folder).iter().map(|decoy| folder.join(&decoy.path)).collect::<Vec<_>>())?;
            }
            known.extend(decoys(&key, &scope, folder).into_iter().map(|decoy| decoy.path));
        }
    }
    made.strange = strange(folder, &known)?;
    Ok(made)
}

/// The keyring files of a folder that are none of these, by name.
fn strange(folder: &Path, known: &BTreeSet<String>) -> Result<Vec<String>> {
    let entries = std::fs::read_dir(folder).with_context(|| format!("cannot read `{}`", folder.display()))?;
    let names = entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
    let mut found: Vec<String> = names.filter(|name| is_file(name) && !known.contains(name)).collect();
    found.sort();
    Ok(found)
}

fn scope(catalog: &Catalog, course: &Course, epoch: Epoch) -> Scope {
    Scope { site: catalog.site.clone(), course: course.id.clone(), epoch, params: course.params }
}

/// Removes what there is of these files; says how many there were.
fn remove(paths: &[PathBuf]) -> Result<usize> {
    let there: Vec<_> = paths.iter().filter(|path| path.exists()).collect();
    for path in &there {
        std::fs::remove_file(path).with_context(|| format!("cannot remove `{}`", path.display()))?;
    }
    Ok(there.len())
}

fn decoys(key: &SiteKey, scope: &Scope, folder: &Path) -> Vec<StaticKeyring> {
    (0..).map(|i| decoy(key, scope, i)).take_while(|decoy| folder.join(&decoy.path).exists()).collect()
}

/// Decoys go as keyrings come: real files and decoys together are a power of two.
fn pad(key: &SiteKey, scope: &Scope, folder: &Path) -> Result<()> {
    let files = std::fs::read_dir(folder).with_context(|| format!("cannot read `{}`", folder.display()))?.count();
    let decoys = decoys(key, scope, folder);
    let real = files - decoys.len();
    let wanted = real.next_power_of_two().max(FEWEST) - real;
    remove(&decoys.iter().skip(wanted).map(|decoy| folder.join(&decoy.path)).collect::<Vec<_>>())?;
    for (_, index) in (decoys.len()..wanted).zip(decoys.len() as u32..) {
        let new = decoy(key, scope, index);
        fs::write(&folder.join(&new.path), &new.bytes)?;
    }
    Ok(())
}
