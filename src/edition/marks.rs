//! Marks the text that is for sale, before it is rendered.

use std::collections::HashSet;

use rayon::prelude::*;

use super::draft::Draft;
use super::links::passages;
use super::place::{Places, Spot};
use crate::access::Access;
use crate::config::{Language, Marks, Site};
use crate::diag::{Diagnostic, Diagnostics};
use crate::mark::{self, Common, NEWEST, Options, Rules};
use crate::markdown::Block;

/// How a course is marked, ready to be applied.
struct Plan {
    rules: Rules,
    marks: Marks,
    language: String,
    exclude: HashSet<String>,
}

/// Puts sentences in two wordings into every text that is for sale, and takes declarations out of all text. Gives the settings of each
/// course; the rules in them are the number that was used, `None` where nothing is marked. And for each draft the sentences that are alike
/// for everybody, because they stand in public text too, or unmarked elsewhere in the course.
pub fn mark(
    drafts: &mut [Draft],
    places: &Places,
    site: &Site,
    languages: &[Language],
    numbered: fn(u32) -> Option<Rules>,
    found: &mut Diagnostics,
) -> (Vec<Marks>, Vec<Vec<String>>) {
    let sold: HashSet<usize> = places.spots.iter().filter(|s| s.access != Access::Free).filter_map(|s| s.course).collect();
    let plans: Vec<Option<Plan>> = places
        .plots
        .iter()
        .zip(languages)
        .enumerate()
        .map(|(i, (plot, language))| {
            let draft = plot.intro.and_then(|i| drafts.get(i));
            let marks = draft.map_or_else(|| site.marks.clone(), |d| site.marks.with(&d.front.course.marks));
            let number = marks.rules.unwrap_or(NEWEST);
            if !marks.on || site.bare || !sold.contains(&i) {
                return None;
            }
            let Some(rules) = numbered(number) else {
                let finding = Diagnostic::error("marks/rules", format!("this version has no carrier lists with the number {number}"));
                let finding = finding.in_file(draft.map_or("bookplate.yaml", |d| d.path.as_str()));
                found.push(finding.hint("use the version of Bookplate that the course was sold with, or a newer one"));
                return None;
            };
            let exclude = marks.exclude.iter().cloned().collect();
            Some(Plan { rules, marks, language: language.tag().to_owned(), exclude })
        })
        .collect();
    weave_all(drafts, places, &plans, found);
    let common = if plans.iter().any(Option::is_some) { settle_all(drafts, places, &plans, found) } else { Vec::new() };
    let settings = |i: usize| {
        let draft = places.plots.get(i)?.intro.and_then(|i| drafts.get(i))?;
        Some(site.marks.with(&draft.front.course.marks))
    };
    let unmarked = |i: usize| Marks { on: false, rules: None, ..settings(i).unwrap_or_else(|| site.marks.clone()) };
    let marks = plans.into_iter().enumerate();
    let marks = marks.map(|(i, plan)| plan.map_or_else(|| unmarked(i), |plan| Marks { rules: Some(plan.rules.number), ..plan.marks }));
    (marks.collect(), common)
}

fn weave_all(drafts: &mut [Draft], places: &Places, plans: &[Option<Plan>], found: &mut Diagnostics) {
    let problems: Vec<Vec<Diagnostic>> = drafts
        .par_iter_mut()
        .zip(&places.spots)
        .map(|(draft, spot)| {
            let plan =
                spot.course.and_then(|c| plans.get(c)).and_then(Option::as_ref).filter(|_| spot.url.is_some() && !draft.front.unmarked);
            let declares = draft.text.contains("<!--~");
            let (open, sealed) = split(&mut draft.document.blocks, spot);
            if declares {
                mark::strip(open);
            }
            let problems = match plan {
                Some(plan) => mark::weave(sealed, &plan.options()),
                None if declares => {
                    mark::strip(sealed);
                    Vec::new()
                }
                None => Vec::new(),
            };
            let located = |(nth, problem): (usize, mark::Problem)| {
                draft.point(Diagnostic::error(problem.rule, problem.message).hint(problem.hint), problem.span, nth)
            };
            problems.into_iter().enumerate().map(located).collect()
        })
        .collect();
    found.extend(problems.into_iter().flatten());
}

/// What stands in public text, or unmarked elsewhere in the course, is worded alike for everybody.
fn settle_all(drafts: &mut [Draft], places: &Places, plans: &[Option<Plan>], found: &mut Diagnostics) -> Vec<Vec<String>> {
    let Some(any) = plans.iter().flatten().next().map(|plan| plan.rules) else { return Vec::new() };
    let read: Vec<(Common, Common)> = drafts
        .par_iter()
        .zip(&places.spots)
        .map(|(draft, spot)| {
            let rules = spot.course.and_then(|c| plans.get(c)).and_then(Option::as_ref).map_or(any, |plan| plan.rules);
            let (open, sealed) = passages(draft, spot);
            if spot.url.is_none() {
                return (Common::default(), Common::default());
            }
            let mut public = mark::addresses(open, &rules);
            draft.front.description.iter().chain(&draft.front.summary).for_each(|text| public.insert(text));
            (public, mark::addresses(sealed, &rules))
        })
        .collect();
    let mut public = Common::default();
    let mut unmarked: Vec<Common> = vec![Common::default(); plans.len()];
    for ((open, sealed), spot) in read.into_iter().zip(&places.spots) {
        public.extend(open);
        if let Some(course) = spot.course.and_then(|c| unmarked.get_mut(c)) {
            course.extend(sealed);
        }
    }
    let settled: Vec<Vec<String>> = drafts
        .par_iter_mut()
        .zip(&places.spots)
        .map(|(draft, spot)| {
            let Some(course) = spot.course.and_then(|c| unmarked.get(c)) else { return Vec::new() };
            let (_, sealed) = split(&mut draft.document.blocks, spot);
            mark::settle(sealed, &|text| public.contains(text) || course.contains(text))
        })
        .collect();
    let n: usize = settled.iter().map(Vec::len).sum();
    if n > 0 {
        let what = if n == 1 { "1 sentence for sale stands".to_owned() } else { format!("{n} sentences for sale stand") };
        let message = format!("{what} in public text too, or unmarked elsewhere in the course: worded alike for everybody");
        found.push(
            Diagnostic::note("marks/common", message)
                .hint("`bookplate marks` shows them; reword them where they are for sale to have them marked"),
        );
    }
    settled
}

/// The open and the sealed part of a page, to be changed; see [`passages`].
fn split<'d>(blocks: &'d mut [Block], spot: &Spot) -> (&'d mut [Block], &'d mut [Block]) {
    match (spot.access, spot.cut) {
        (Access::Free, _) => (blocks, &mut []),
        (Access::Preview, Some(cut)) if cut < blocks.len() => {
            let (open, sealed) = blocks.split_at_mut(cut);
            (open, &mut sealed[1..])
        }
        (Access::Preview, _) | (Access::Premium, _) => (&mut [], blocks),
    }
}

impl Plan {
    fn options(&self) -> Options<'_> {
        Options {
            rules: &self.rules,
            language: &self.language,
            lexical: self.marks.lexical,
            typographic: self.marks.typographic,
            exclude: &self.exclude,
        }
    }
}
