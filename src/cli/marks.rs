//! `bookplate marks`: every marked sentence in both wordings, and what they prove.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use super::args::MarksArguments;
use super::aside::Aside;
use super::build::{DRAWN, refuse};
use super::pipeline::{self, Read, SETTINGS};
use super::secrets;
use crate::protocol::SiteId;
use crate::review::{self, LessonReview, Review};

pub(super) fn run(arguments: &MarksArguments) -> Result<()> {
    the_site(&arguments.dir)?;
    let Read { edition, diagnostics, .. } = pipeline::read(&arguments.dir)?;
    let Some(edition) = edition else { return Err(refuse(&diagnostics)) };
    let site = SiteId::parse(&edition.site.id)?;
    let key = if arguments.preview_key { secrets::preview_key(&site)? } else { secrets::site_key(&site)? };
    let mut review = review::review(&edition, &key).map_err(|wrong| refuse(&wrong))?;
    choose(&mut review, &arguments.lessons)?;
    let page = page(arguments, &site, &review)?;
    if arguments.json {
        say!("{:#}", review::json(&review));
        return Ok(());
    }
    eprint!("{}", diagnostics.render(DRAWN));
    say!("{}", review::text(&review, super::coloured()).trim_end());
    if arguments.preview_key {
        say!("Positions are those of the preview key: with the site key they are others, about as many.");
    }
    if let Some(page) = page {
        say!("The same as a page, for you alone:  {}", page.display());
    }
    Ok(())
}

/// A lesson where the site should be is an easy slip inside of the site.
fn the_site(dir: &Path) -> Result<()> {
    if dir.join(SETTINGS).exists() || !Path::new(SETTINGS).exists() {
        return Ok(());
    }
    bail!(
        "`{0}` is not the folder of a site; the first argument is the site, and lessons come behind it\n  = help: in the folder of the site \
         write `bookplate marks . {0}`",
        dir.display()
    )
}

/// Writes the page where it was asked for, else into the state folder. There nothing has to be written, and a failure is no failure of
/// the command.
fn page(arguments: &MarksArguments, site: &SiteId, review: &Review) -> Result<Option<PathBuf>> {
    let usual = secrets::state_folder(site)?.join("marks.html");
    let aside = |file, instead| Aside { file, site: &arguments.dir, inputs: &[], begin: review::PAGE_BEGIN, instead };
    if let Some(file) = &arguments.html {
        let instead = format!("choose another place; without `--html` it is written to `{}`", usual.display());
        aside(file, &instead).write(&review::page(review))?;
        return Ok(Some(file.clone()));
    }
    if arguments.json {
        return Ok(None);
    }
    match aside(&usual, "choose a place with `--html FILE`").write_at_home(&review::page(review)) {
        Ok(()) => Ok(Some(usual)),
        Err(error) => {
            eprintln!("no page was written: {error}");
            Ok(None)
        }
    }
}

/// Leaves the named lessons, by id, file or address. What a course proves is said of the whole.
fn choose(review: &mut Review, names: &[String]) -> Result<()> {
    for name in names {
        if !review.courses.iter().flat_map(|course| &course.lessons).any(|lesson| is(lesson, name)) {
            let some: Vec<&str> = review.courses.iter().flat_map(|c| &c.lessons).take(5).map(|lesson| lesson.id.as_str()).collect();
            bail!(
                "no lesson with something for sale is called `{name}`\n  = help: name its id, its file or its address; the first are: {}",
                if some.is_empty() { "none".to_owned() } else { some.join(", ") }
            );
        }
    }
    if !names.is_empty() {
        review.courses.iter_mut().for_each(|course| course.lessons.retain(|lesson| names.iter().any(|name| is(lesson, name))));
        review.courses.retain(|course| !course.lessons.is_empty());
    }
    Ok(())
}

fn is(lesson: &LessonReview, name: &str) -> bool {
    let path = name.trim_matches('/');
    let tail = |whole: &str| whole == path || whole.strip_suffix(path).is_some_and(|before| before.ends_with('/'));
    lesson.id == name || !path.is_empty() && (tail(&lesson.source) || tail(lesson.url.trim_end_matches('/')))
}
