//! `SUMMARY.md` of mdBook and GitBook.

use std::collections::HashMap;

use crate::content::{Entry, decoded, is_external, is_markdown, join, parent};
use crate::diag::{Diagnostic, Diagnostics};
use crate::markdown::{Block, BlockKind, Inline, InlineKind, Item, inline_text, parse};

/// What a `SUMMARY.md` says.
#[derive(Debug, Default)]
pub struct Summary {
    /// Parts, chapters and lessons in its order; pages are indices into the sources.
    pub entries: Vec<Entry>,
    /// Which sources it lists.
    pub listed: Vec<bool>,
}

/// Reads a summary. `pages` says which source a path is; `count` is how many there are. Drafts (`[x]()`) and external links are left out,
/// a file listed twice stands where it came first.
pub fn read(path: &str, text: &str, pages: &HashMap<&str, usize>, count: usize, found: &mut Diagnostics) -> Summary {
    let document = parse(text, crate::content::split(text).body);
    let mut reader = Reader { path, text, pages, listed: vec![false; count], found, missing: 0 };
    let mut entries: Vec<Entry> = Vec::new();
    // Entries of the part that is open, and its title.
    let mut part: Option<String> = None;
    let mut held: Vec<Entry> = Vec::new();
    let mut seen_heading = false;
    for block in &document.blocks {
        match &block.kind {
            BlockKind::Heading { level, inlines, .. } => {
                // The first heading of level 1 is the title of the summary itself.
                if *level == 1 && !seen_heading && held.is_empty() && entries.is_empty() {
                    seen_heading = true;
                    continue;
                }
                seen_heading = true;
                close(&mut entries, part.take(), std::mem::take(&mut held));
                part = Some(inline_text(inlines).trim().to_owned()).filter(|t| !t.is_empty());
            }
            BlockKind::List { items, .. } => held.extend(items.iter().filter_map(|item| reader.item(item))),
            // Chapters before and after the numbered ones.
            BlockKind::Paragraph(inlines) | BlockKind::Plain(inlines) => {
                held.extend(links(inlines).into_iter().filter_map(|link| reader.entry(link, Vec::new())));
            }
            // A line across ends a part.
            BlockKind::Rule => close(&mut entries, part.take(), std::mem::take(&mut held)),
            _ => {}
        }
    }
    close(&mut entries, part, held);
    Summary { entries, listed: reader.listed }
}

fn close(entries: &mut Vec<Entry>, part: Option<String>, held: Vec<Entry>) {
    match part {
        Some(title) if !held.is_empty() => entries.push(Entry { title: Some(title), page: None, children: held }),
        _ => entries.extend(held),
    }
}

struct Link<'a> {
    target: &'a str,
    title: String,
    span: std::ops::Range<usize>,
}

fn links(inlines: &[Inline]) -> Vec<Link<'_>> {
    inlines
        .iter()
        .filter_map(|inline| match &inline.kind {
            InlineKind::Link { target, inlines, .. } => {
                Some(Link { target, title: inline_text(inlines).trim().to_owned(), span: inline.span.clone() })
            }
            _ => None,
        })
        .collect()
}

struct Reader<'a> {
    path: &'a str,
    text: &'a str,
    pages: &'a HashMap<&'a str, usize>,
    listed: Vec<bool>,
    found: &'a mut Diagnostics,
    missing: usize,
}

impl Reader<'_> {
    fn item(&mut self, item: &Item) -> Option<Entry> {
        let mut own: Option<(Option<Link<'_>>, String)> = None;
        let mut lists: Vec<&Block> = Vec::new();
        for block in &item.blocks {
            match &block.kind {
                BlockKind::Paragraph(inlines) | BlockKind::Plain(inlines) if own.is_none() => {
                    own = Some((links(inlines).into_iter().next(), inline_text(inlines).trim().to_owned()));
                }
                BlockKind::List { .. } => lists.push(block),
                _ => {}
            }
        }
        let (link, text) = own.unwrap_or_default();
        // The page comes before what is under it, also where both list one file.
        let mut entry = link.and_then(|link| self.entry(link, Vec::new()));
        let children: Vec<Entry> = lists
            .into_iter()
            .flat_map(|list| match &list.kind {
                BlockKind::List { items, .. } => items.as_slice(),
                _ => &[],
            })
            .filter_map(|item| self.item(item))
            .collect();
        match &mut entry {
            Some(entry) => entry.children = children,
            // A chapter that is not written yet may hold some that are.
            None if !children.is_empty() => entry = Some(Entry { title: Some(text).filter(|t| !t.is_empty()), page: None, children }),
            None => {}
        }
        entry
    }

    fn entry(&mut self, link: Link<'_>, children: Vec<Entry>) -> Option<Entry> {
        let target = link.target.split(['#', '?']).next().unwrap_or_default();
        if target.is_empty() || is_external(target) {
            return None;
        }
        let known = [target.to_owned(), decoded(target).into_owned()]
            .iter()
            .filter_map(|t| join(parent(self.path), t))
            .flat_map(|p| [p.clone(), format!("{p}.md"), format!("{p}/README.md"), format!("{p}/index.md")])
            .find_map(|p| self.pages.get(p.as_str()).copied());
        let Some(page) = known else {
            if is_markdown(target) || !target.contains('.') {
                let finding = Diagnostic::warning("link/broken", format!("`{target}` is listed here and does not exist"));
                let finding = if self.missing < 50 { finding.at(self.path, self.text, link.span) } else { finding.in_file(self.path) };
                self.found.push(finding.hint("write the file, or mark it as a draft by leaving the parentheses empty"));
                self.missing += 1;
            }
            return None;
        };
        match self.listed.get_mut(page) {
            Some(listed) if !*listed => {
                *listed = true;
                Some(Entry { title: Some(link.title).filter(|t| !t.is_empty()), page: Some(page), children })
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outline(text: &str) -> String {
        let names = ["README.md", "a.md", "b c.md", "d/README.md", "e.md"];
        let pages = names.iter().enumerate().map(|(i, n)| (*n, i)).collect();
        let mut found = Diagnostics::new();
        let summary = read("SUMMARY.md", text, &pages, names.len(), &mut found);
        fn show(entries: &[Entry]) -> String {
            let one = |e: &Entry| {
                let page = e.page.map_or(String::new(), |p| format!("={p}"));
                let inner = if e.children.is_empty() { String::new() } else { format!("({})", show(&e.children)) };
                format!("{}{page}{inner}", e.title.as_deref().unwrap_or("-"))
            };
            entries.iter().map(one).collect::<Vec<_>>().join(" ")
        }
        format!("{}{}", show(&summary.entries), if found.is_empty() { "" } else { " !" })
    }

    #[test]
    fn mdbook_and_gitbook_forms() {
        assert_eq!(
            outline(
                "# Summary\n\n[Intro](README.md)\n[A](a.md)\n\n# Part\n\n- [B `c`](b%20c.md)\n    - [D](d/README.md)\n\n---\n\n[E](e.md)\n"
            ),
            "Intro=0 A=1 Part(B c=2(D=3)) E=4"
        );
        assert_eq!(outline("# Table of contents\n\n* [A](a.md)\n\n## Part\n\n* [B](<b c.md>)\n* [D](d/)\n"), "A=1 Part(B=2 D=3)");
    }

    #[test]
    fn drafts_and_external_links_are_skipped() {
        assert_eq!(outline("- [Draft]()\n  - [A](a.md)\n- [Out](https://example.com)\n- [A again](a.md#x)\n"), "Draft(A=1)");
        assert_eq!(outline("- [Gone](gone.md)\n- [A](./a.md)\n"), "A=1 !");
    }
}
