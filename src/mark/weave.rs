//! From the tree of a passage to the same tree with its sentences marked.

use std::ops::Range;

use super::declared::{self, Declaration, Pair};
use super::flat::Flat;
use super::lists::Apostrophe;
use super::reworded::reworded;
use super::{Options, Problem, sentence_id};
use crate::markdown::{Block, BlockKind, Choice, Class, Inline, InlineKind, Met, sentence_texts, walk};

/// Longer sentences are no sentences; they stay as they are.
const LONGEST: usize = 4_000;

/// Marks every sentence of `blocks` that can be worded in two ways, takes the declarations out of them, and gives what is wrong with these.
/// Sentences without a carrier are there too, for decoys.
pub fn weave(blocks: &mut [Block], options: &Options<'_>) -> Vec<Problem> {
    let mut weaver = Weaver { options: Some(options), apostrophe: Apostrophe::most_in(&words(blocks)), problems: Vec::new() };
    weaver.blocks(blocks, true);
    weaver.problems
}

/// Takes the declarations out of text that is worded in one way for everybody.
pub fn strip(blocks: &mut [Block]) {
    Weaver { options: None, apostrophe: Apostrophe::default(), problems: Vec::new() }.blocks(blocks, true);
}

/// Everything that the passage says in words.
fn words(blocks: &[Block]) -> String {
    let mut text = String::new();
    walk(blocks, &mut |met| match met {
        Met::Inline(Inline { kind: InlineKind::Text(words), .. }) => text.push_str(words),
        Met::Inline(_) | Met::Block(_) => text.push('\n'),
    });
    text
}

/// Words of a run of text, and what can stand for them.
#[derive(Clone)]
struct Spot {
    range: Range<usize>,
    other: String,
    class: Class,
    rule: String,
}

struct Weaver<'a> {
    /// `None`: declarations are taken out, and that is all.
    options: Option<&'a Options<'a>>,
    /// What the passage has most.
    apostrophe: Apostrophe,
    problems: Vec<Problem>,
}

/// What the author said about one block.
#[derive(Default)]
struct Said {
    keep: bool,
    pairs: Vec<(Pair, Range<usize>)>,
    paragraph: Option<(String, Range<usize>)>,
}

impl Weaver<'_> {
    /// `open` is false where text is quoted: there nothing has a carrier.
    fn blocks(&mut self, blocks: &mut [Block], open: bool) {
        let mut rest = blocks;
        while let Some((block, after)) = rest.split_first_mut() {
            let mut said = Said::default();
            let below = after.iter().take_while(|b| matches!(&b.kind, BlockKind::Html(html) if declared::is_declaration(html))).count();
            for comment in &mut after[..below] {
                if let BlockKind::Html(html) = &mut comment.kind {
                    self.listen(&std::mem::take(html), &comment.span, true, &mut said);
                }
            }
            self.block(block, open, said);
            rest = &mut after[below..];
        }
    }

    fn block(&mut self, block: &mut Block, open: bool, mut said: Said) {
        let whole = said.paragraph.take_if(|_| !matches!(block.kind, BlockKind::Paragraph(_) | BlockKind::Plain(_)));
        if let Some((_, span)) = whole {
            self.wrong(
                "marks/misplaced",
                "this alternative does not stand below a paragraph",
                span,
                "put it directly below the paragraph that it rewords",
            );
        }
        let open = open && !said.keep;
        match &mut block.kind {
            BlockKind::Paragraph(inlines) | BlockKind::Plain(inlines) => self.leaf(inlines, open, said),
            BlockKind::Heading { inlines, .. } => self.no_declarations(inlines, &block.span, "a heading"),
            BlockKind::Quote { alert, blocks } => self.blocks(blocks, open && alert.is_some()),
            BlockKind::Footnote { blocks, .. } => self.blocks(blocks, open),
            BlockKind::List { items, .. } => items.iter_mut().for_each(|item| self.blocks(&mut item.blocks, open)),
            BlockKind::Table { head, rows, .. } => {
                head.iter_mut().for_each(|cell| self.leaf(cell, false, Said::default()));
                rows.iter_mut().flatten().for_each(|cell| self.leaf(cell, open, Said::default()));
            }
            BlockKind::Html(html) if declared::is_declaration(html) => {
                html.clear();
                self.wrong(
                    "marks/misplaced",
                    "nothing stands above this declaration",
                    block.span.clone(),
                    "put it below the block that it is about",
                );
            }
            BlockKind::Code { .. } | BlockKind::Rule | BlockKind::Html(_) | BlockKind::Paywall => {}
        }
    }

    /// Reads one declaration into what is said about its block.
    fn listen(&mut self, html: &str, span: &Range<usize>, own_line: bool, said: &mut Said) {
        match declared::read(html, span, own_line) {
            Ok(Declaration::Keep) => said.keep = true,
            Ok(Declaration::Pairs(pairs)) => said.pairs.extend(pairs.into_iter().map(|pair| (pair, span.clone()))),
            Ok(Declaration::Paragraph(text)) if said.paragraph.is_none() => said.paragraph = Some((text, span.clone())),
            Ok(Declaration::Paragraph(_)) => {
                self.wrong(
                    "marks/twice",
                    "this paragraph has an alternative already",
                    span.clone(),
                    "two wordings are all that a sentence can have",
                );
            }
            Err(problem) => self.problems.push(problem),
        }
    }

    fn wrong(&mut self, rule: &'static str, message: &str, span: Range<usize>, hint: &str) {
        self.problems.push(Problem::new(rule, message.to_owned(), span, hint));
    }

    /// Takes declarations out of a text that cannot have any.
    fn no_declarations(&mut self, inlines: &mut Vec<Inline>, span: &Range<usize>, what: &str) {
        let before = inlines.len();
        inlines.retain(|inline| !matches!(&inline.kind, InlineKind::Html(html) if declared::is_declaration(html)));
        if inlines.len() < before {
            self.wrong("marks/misplaced", &format!("{what} is never reworded"), span.clone(), "take the declaration out");
        }
    }

    /// A run of text.
    fn leaf(&mut self, inlines: &mut Vec<Inline>, open: bool, mut said: Said) {
        let mut comments = Vec::new();
        inlines.retain(|inline| match &inline.kind {
            InlineKind::Html(html) if declared::is_declaration(html) => {
                comments.push((html.clone(), inline.span.clone()));
                false
            }
            _ => true,
        });
        for (html, span) in &comments {
            self.listen(html, span, false, &mut said);
        }
        if !comments.is_empty() || said.paragraph.is_some() {
            trim_end(inlines);
        }
        let Some(options) = self.options else { return };
        let open = open && !said.keep;
        if let Some((text, span)) = said.paragraph.filter(|_| open) {
            match reworded(inlines, &text) {
                Some(choices) => {
                    let span = inlines.first().map_or(0, |i| i.span.start)..inlines.last().map_or(0, |i| i.span.end);
                    *inlines = vec![Inline { kind: InlineKind::Sentence(choices), span }];
                }
                None => self.wrong(
                    "marks/markup",
                    "this alternative has other markup than its paragraph, or says nothing else",
                    span,
                    "keep code, links, emphasis and their order; change the words between them",
                ),
            }
            return;
        }
        let flat = Flat::of(inlines);
        let mut declared: Vec<Spot> = Vec::new();
        let mut solid = flat.solid.clone();
        for (pair, span) in said.pairs.iter().filter(|_| open) {
            match declared::place(pair, &flat.text, span) {
                Ok(range) if !flat.is_words(&range) => self.wrong(
                    "marks/markup",
                    &format!("`{}` stands in emphasis, in a link or in a quotation", pair.base),
                    span.clone(),
                    "choose words in plain text",
                ),
                Ok(range) => {
                    solid.push(range.clone());
                    declared.push(Spot { range, other: pair.other.clone(), class: Class::Declared, rule: String::new() });
                }
                Err(problem) => self.problems.push(problem),
            }
        }
        let sentences = (options.rules.segment)(&flat.text, &solid);
        let mut pieces = Vec::new();
        let mut at = 0;
        for sentence in sentences {
            flat.slice(inlines, at..sentence.start, &mut pieces);
            let mut chosen: Vec<Spot> = declared.iter().filter(|spot| inside(&spot.range, &sentence)).cloned().collect();
            if open && sentence.len() <= LONGEST {
                let moved = |range: &Range<usize>| range.start + sentence.start..range.end + sentence.start;
                let free = |range: &Range<usize>| {
                    let range = moved(range);
                    flat.is_words(&range) && !flat.is_closed(&range) && !declared.iter().any(|spot| meet(&spot.range, &range))
                };
                for (class, found) in options.carriers(&flat.text[sentence.clone()], self.apostrophe, &free) {
                    let range = moved(&found.range);
                    if !chosen.iter().any(|spot| meet(&spot.range, &range)) {
                        chosen.push(Spot { range, other: found.other, class, rule: found.pair.to_owned() });
                    }
                }
            }
            chosen.sort_by_key(|spot| spot.range.start);
            let kind = sentence_of(&flat, inlines, &sentence, &chosen);
            let excluded = !chosen.is_empty() && options.exclude.contains(&sentence_id(&sentence_texts(&kind).0));
            let kind = if excluded { sentence_of(&flat, inlines, &sentence, &[]) } else { kind };
            let span = kind.first().map_or(0, |i| i.span.start)..kind.last().map_or(0, |i| i.span.end);
            pieces.push(Inline { kind: InlineKind::Sentence(kind), span });
            at = sentence.end;
        }
        flat.slice(inlines, at..flat.text.len(), &mut pieces);
        *inlines = pieces;
    }
}

fn inside(inner: &Range<usize>, outer: &Range<usize>) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

fn meet(a: &Range<usize>, b: &Range<usize>) -> bool {
    a.start < b.end && b.start < a.end
}

fn sentence_of(flat: &Flat, inlines: &[Inline], sentence: &Range<usize>, chosen: &[Spot]) -> Vec<Inline> {
    let mut out = Vec::new();
    let mut at = sentence.start;
    for spot in chosen {
        flat.slice(inlines, at..spot.range.start, &mut out);
        let choice = Choice { author: flat.shown(&spot.range), other: spot.other.clone(), class: spot.class, rule: spot.rule.clone() };
        let span = flat.span(inlines, &spot.range);
        out.push(Inline { kind: InlineKind::Choice(choice), span });
        at = spot.range.end;
    }
    flat.slice(inlines, at..sentence.end, &mut out);
    out
}

/// White space that a comment leaves behind.
fn trim_end(inlines: &mut Vec<Inline>) {
    while let Some(last) = inlines.last_mut() {
        match &mut last.kind {
            InlineKind::SoftBreak | InlineKind::HardBreak => _ = inlines.pop(),
            InlineKind::Text(text) => {
                text.truncate(text.trim_end().len());
                if !text.is_empty() {
                    return;
                }
                inlines.pop();
            }
            _ => return,
        }
    }
}
