//! `bookplate copy`: what the holder of one order reads.

use anyhow::{Result, anyhow, bail};

use super::args::{CopyArguments, Format};
use super::case::{Case, Ledger};
use crate::config::nearest;
use crate::diag::visible;
use crate::edition::{Course, Edition, Lesson};
use crate::protocol::{CourseId, OrderRef, Seat};
use crate::trace::Copy;
use crate::trace::copies::Order;

pub(super) fn run(arguments: &CopyArguments) -> Result<()> {
    let case = Case::open(&arguments.case)?;
    let Ledger { copies, forgotten } = case.ledger()?;
    if arguments.order == "list" {
        copies.orders().iter().for_each(|known| say!("{}", visible(&known.order.to_string())));
        return Ok(());
    }
    let order: OrderRef = arguments.order.parse().map_err(|e| {
        anyhow!("`--order {}`: {e}\n  = help: write it as `--order list` shows it, such as `lemon_squeezy:7000001`", arguments.order)
    })?;
    let Some(known) = copies.find(&order) else {
        bail!(
            "there is no order `{order}` in `{}`{}: it has no copy\n  = help: `--order list` shows all; orders that are kept elsewhere \
             are named with `--orders FILE`",
            case.orders().display(),
            if forgotten > 0 { format!(" ({forgotten} were deleted on request)") } else { String::new() }
        );
    };
    if arguments.seat >= known.seats {
        bail!("the order `{order}` has no copy {}: they count from 0 to {}", arguments.seat, known.seats.saturating_sub(1));
    }
    let wanted = lessons(&case.edition, known, &arguments.lessons)?;
    let key = case.key()?;
    for (course, lessons) in wanted {
        let copy = Copy::of(&key, &case.site, course, &order, Seat(arguments.seat))?;
        for (i, lesson) in lessons.into_iter().enumerate() {
            match arguments.format {
                Format::Html => say!("{}", copy.html(lesson)),
                Format::Text => say!("{}{}", if i > 0 { "\n" } else { "" }, copy.text(lesson).trim_end_matches('\n')),
            }
        }
    }
    Ok(())
}

/// The lessons that were asked for, or all that are for sale and that the order opens, by course.
fn lessons<'e>(edition: &'e Edition, order: &Order, typed: &[String]) -> Result<Vec<(&'e Course, Vec<&'e Lesson>)>> {
    let opens = |course: &Course| CourseId::parse(&course.id).is_ok_and(|id| order.opens(&id));
    if typed.is_empty() {
        let sold = |course: &'e Course| course.lessons().into_iter().filter(|l| l.body.sealed.is_some()).collect::<Vec<_>>();
        let all: Vec<_> = edition.courses.iter().filter(|c| opens(c)).map(|c| (c, sold(c))).filter(|(_, l)| !l.is_empty()).collect();
        if all.is_empty() {
            bail!("the order `{}` opens no lesson of this site", order.order);
        }
        return Ok(all);
    }
    let mut found: Vec<(&Course, Vec<&Lesson>)> = Vec::new();
    for name in typed {
        let (course, lesson) = lesson(edition, name)?;
        if lesson.body.sealed.is_none() {
            eprintln!("note: `{}` is free: everybody reads the same", lesson.id);
        } else if !opens(course) {
            bail!("the order `{}` does not open the course `{}`, so it has no copy of `{}`", order.order, course.id, lesson.id);
        }
        match found.last_mut().filter(|(last, _)| last.id == course.id) {
            Some((_, lessons)) => lessons.push(lesson),
            None => found.push((course, vec![lesson])),
        }
    }
    Ok(found)
}

/// A lesson by its id, its address or its source.
fn lesson<'e>(edition: &'e Edition, name: &str) -> Result<(&'e Course, &'e Lesson)> {
    let site = &edition.site;
    let path = name.strip_prefix(site.url.as_str()).unwrap_or(name);
    let path = path.strip_prefix(site.base.as_str()).unwrap_or(path).trim_start_matches('/');
    let path = path.strip_suffix("index.html").unwrap_or(path).trim_end_matches('/');
    let path = percent_encoding::percent_decode_str(path).decode_utf8_lossy();
    let source = name.strip_prefix("./").unwrap_or(name);
    let is = |lesson: &Lesson| {
        lesson.id == name
            || lesson.url.trim_end_matches('/') == path
            || source == lesson.source
            || source.ends_with(&format!("/{}", lesson.source))
    };
    let mut found: Vec<_> = edition.lessons().filter(|(_, lesson)| is(lesson)).collect();
    match (found.pop(), found.is_empty()) {
        (Some(one), true) => Ok(one),
        (Some((_, last)), false) => {
            let all: Vec<_> = found.iter().map(|(_, l)| *l).chain([last]).map(|l| format!("`{}`", l.source)).collect();
            bail!("`{name}` is the name of {} lessons\n  = help: name one by its file: {}", all.len(), all.join(", "))
        }
        (None, _) => bail!("there is no lesson `{name}`\n  = help: {}", near(edition, name)),
    }
}

/// What was meant, or how a lesson is named.
fn near(edition: &Edition, name: &str) -> String {
    let names: Vec<&str> = edition.lessons().flat_map(|(_, l)| [l.id.as_str(), l.url.trim_end_matches('/'), l.source.as_str()]).collect();
    match nearest(name, &names) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => {
            let some: Vec<String> = edition.lessons().take(3).map(|(_, l)| format!("`{}`", l.id)).collect();
            format!("name it by its id, its address or its source file, such as {}", some.join(", "))
        }
    }
}
