//! Follows every link and picture of every page: what is broken, and which assets are public.

use std::collections::{BTreeSet, HashMap};

use rayon::prelude::*;

use super::draft::Draft;
use super::place::{Places, Spot};
use super::targets::{Part, Resolved, Targets};
use crate::access::Access;
use crate::diag::{Diagnostic, Diagnostics};
use crate::markdown::{Block, Document, Reference, TargetKind};

/// What the references of one page stand for.
#[derive(Debug, Default)]
pub struct Followed {
    /// By target as written.
    pub targets: HashMap<String, Resolved>,
    /// Assets that its open part uses.
    pub open_assets: BTreeSet<String>,
    /// Assets that its sealed part uses.
    pub sealed_assets: BTreeSet<String>,
    /// What is broken.
    pub found: Diagnostics,
}

/// The open and the sealed part of a page.
pub fn passages<'d>(draft: &'d Draft, spot: &Spot) -> (&'d [Block], &'d [Block]) {
    let blocks = draft.document.blocks.as_slice();
    match (spot.access, spot.cut) {
        (Access::Free, _) => (blocks, &[]),
        (Access::Preview, Some(cut)) => (blocks.get(..cut).unwrap_or(blocks), blocks.get(cut + 1..).unwrap_or_default()),
        // A preview without paywall is an error that has been reported; until it is mended nothing of it is open.
        (Access::Preview, None) | (Access::Premium, _) => (&[], blocks),
    }
}

/// Follows the references of all pages that are built.
pub fn follow_all(drafts: &[Draft], places: &Places, targets: &Targets<'_>, bare: bool) -> Vec<Followed> {
    drafts
        .par_iter()
        .zip(&places.spots)
        .enumerate()
        .map(|(i, (draft, spot))| if spot.url.is_some() { follow(i, draft, spot, targets, bare) } else { Followed::default() })
        .collect()
}

fn follow(from: usize, draft: &Draft, spot: &Spot, targets: &Targets<'_>, bare: bool) -> Followed {
    let (open, sealed) = passages(draft, spot);
    let mut followed = Followed::default();
    let mut nth = 0;
    for (blocks, is_sealed) in [(open, false), (sealed, true)] {
        for reference in Document::references(blocks) {
            let resolved = match followed.targets.get(&reference.target) {
                Some(known) => known.clone(),
                None => {
                    let resolved = targets.resolve(from, &reference.target);
                    followed.targets.insert(reference.target.clone(), resolved.clone());
                    resolved
                }
            };
            if let Resolved::Asset(path) = &resolved {
                if is_sealed { &mut followed.sealed_assets } else { &mut followed.open_assets }.insert(path.clone());
            }
            if let Some(finding) = finding(&reference, &resolved, is_sealed && !bare) {
                followed.found.push(draft.point(finding, reference.span, nth));
                nth += 1;
            }
        }
    }
    followed
}

fn finding(reference: &Reference, resolved: &Resolved, sealed: bool) -> Option<Diagnostic> {
    let shown: String = reference.target.chars().take(120).collect();
    match (resolved, reference.kind) {
        (Resolved::Missing(why), TargetKind::Link) => {
            let hint = if *why == "is a draft" { "publish it, or take the link out" } else { "correct the link, or write the page" };
            Some(Diagnostic::warning("link/broken", format!("`{shown}` {why}")).hint(hint))
        }
        (Resolved::Missing(why), TargetKind::Image) if sealed => {
            let finding = Diagnostic::error("image/missing-sealed", format!("the picture `{shown}` {why}, and readers pay for this text"));
            Some(finding.hint("add the file, or take the picture out"))
        }
        (Resolved::Missing(why), TargetKind::Image) => Some(
            Diagnostic::warning("image/missing", format!("the picture `{shown}` {why}"))
                .hint("add the file; its alternative text is shown instead"),
        ),
        // A page is no picture.
        (Resolved::Page { .. }, TargetKind::Image) => {
            Some(Diagnostic::warning("image/missing", format!("`{shown}` is a page, not a picture")).hint("write a link, without `!`"))
        }
        (Resolved::Page { part: Part::Unknown, .. }, TargetKind::Link) => {
            let fragment = shown.split_once('#').map_or("", |(_, fragment)| fragment).to_owned();
            let finding = Diagnostic::warning("link/broken", format!("`{shown}`: the page has no heading `#{fragment}`"));
            Some(finding.hint("correct the part after `#`; the link leads to the top of the page"))
        }
        _ => None,
    }
}
