//! Text to tree, on the events of pulldown-cmark.

use std::ops::Range;

use pulldown_cmark::{Alignment, BlockQuoteKind, CodeBlockKind, Event, Options, Parser, Tag};

use super::document::{Alert, Align, Block, BlockKind, Document, Inline, InlineKind, Item, MAX_DEPTH, Met, walk};
use super::plain::inline_text;
use super::raw_html;
use super::slug::{Slugs, slug};

/// Parses the bytes of `text` from `start` on (front matter stands before); spans count from the begin of `text`.
#[must_use]
pub fn parse(text: &str, start: usize) -> Document {
    let body = text.get(start..).unwrap_or_default();
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_HEADING_ATTRIBUTES
        | Options::ENABLE_GFM;
    let mut builder = Builder { stack: vec![Open::new(Container::Root, 0..0)], too_deep: 0, slugs: Slugs::default() };
    for (event, span) in Parser::new_ext(body, options).into_offset_iter() {
        builder.event(event, span.start + start..span.end + start);
    }
    let line_ends = text.match_indices('\n').map(|(at, _)| at).collect();
    let mut document = Document { blocks: builder.finish(), line_ends, ..Document::default() };
    number_notes(&mut document);
    document
}

/// Numbers footnotes by their first references; those that nobody refers to come last.
fn number_notes(document: &mut Document) {
    let mut order: Vec<&str> = Vec::new();
    let mut defined: Vec<&str> = Vec::new();
    walk(&document.blocks, &mut |met| match met {
        Met::Inline(Inline { kind: InlineKind::Note(label), .. }) => order.push(label),
        Met::Block(Block { kind: BlockKind::Footnote { label, .. }, .. }) => defined.push(label),
        _ => {}
    });
    let mut notes = std::collections::HashMap::new();
    for label in order.into_iter().chain(defined) {
        let next = notes.len() + 1;
        notes.entry(label.to_owned()).or_insert(next);
    }
    document.notes = notes;
}

/// A container whose end has not come yet.
struct Open<'a> {
    container: Container<'a>,
    span: Range<usize>,
    blocks: Vec<Block>,
    inlines: Vec<Inline>,
    items: Vec<Item>,
    cells: Vec<Vec<Inline>>,
    rows: Vec<Vec<Vec<Inline>>>,
    text: String,
    task: Option<bool>,
}

enum Container<'a> {
    Root,
    Tag(Tag<'a>),
}

impl<'a> Open<'a> {
    fn new(container: Container<'a>, span: Range<usize>) -> Self {
        Self {
            container,
            span,
            blocks: Vec::new(),
            inlines: Vec::new(),
            items: Vec::new(),
            cells: Vec::new(),
            rows: Vec::new(),
            text: String::new(),
            task: None,
        }
    }

    /// Inlines that stand among blocks become a block of their own.
    fn settle(&mut self) {
        if !self.inlines.is_empty() {
            let inlines = std::mem::take(&mut self.inlines);
            let span = inlines.first().map_or(0, |i| i.span.start)..inlines.last().map_or(0, |i| i.span.end);
            self.blocks.push(Block { kind: BlockKind::Plain(inlines), span });
        }
    }

    fn into_blocks(mut self) -> Vec<Block> {
        self.settle();
        self.blocks
    }
}

struct Builder<'a> {
    stack: Vec<Open<'a>>,
    /// How many containers beyond the limit are open; they are flattened.
    too_deep: usize,
    slugs: Slugs,
}

impl<'a> Builder<'a> {
    fn event(&mut self, event: Event<'a>, span: Range<usize>) {
        match event {
            Event::Start(tag) => {
                if self.stack.len() >= MAX_DEPTH {
                    self.too_deep += 1;
                } else {
                    self.stack.push(Open::new(Container::Tag(tag), span));
                }
            }
            Event::End(_) => {
                if self.too_deep > 0 {
                    self.too_deep -= 1;
                } else if self.stack.len() > 1
                    && let Some(open) = self.stack.pop()
                {
                    self.close(open);
                }
            }
            Event::Text(text) => self.text(&text, span),
            Event::Code(text) => self.inline(InlineKind::Code(text.into_string()), span),
            Event::Html(html) | Event::InlineHtml(html) => self.html(&html, span),
            Event::FootnoteReference(label) => self.inline(InlineKind::Note(label.into_string()), span),
            Event::SoftBreak => self.inline(InlineKind::SoftBreak, span),
            Event::HardBreak => self.inline(InlineKind::HardBreak, span),
            Event::Rule => self.block(BlockKind::Rule, span),
            Event::TaskListMarker(ticked) => {
                if let Some(item) = self.stack.iter_mut().rev().find(|o| matches!(o.container, Container::Tag(Tag::Item))) {
                    item.task = Some(ticked);
                }
            }
            // Not enabled.
            Event::InlineMath(text) | Event::DisplayMath(text) => self.text(&text, span),
        }
    }

    fn text(&mut self, text: &str, span: Range<usize>) {
        let Some(top) = self.stack.last_mut() else { return };
        match &top.container {
            Container::Tag(Tag::CodeBlock(_) | Tag::HtmlBlock) => top.text.push_str(text),
            _ => {
                if let Some(Inline { kind: InlineKind::Text(before), span: place }) = top.inlines.last_mut() {
                    before.push_str(text);
                    place.end = span.end;
                } else {
                    top.inlines.push(Inline { kind: InlineKind::Text(text.to_owned()), span });
                }
            }
        }
    }

    fn html(&mut self, html: &str, span: Range<usize>) {
        match self.stack.last_mut() {
            Some(top) if matches!(top.container, Container::Tag(Tag::HtmlBlock)) => top.text.push_str(html),
            _ => self.inline(InlineKind::Html(html.to_owned()), span),
        }
    }

    fn inline(&mut self, kind: InlineKind, span: Range<usize>) {
        if let Some(top) = self.stack.last_mut() {
            top.inlines.push(Inline { kind, span });
        }
    }

    fn block(&mut self, kind: BlockKind, span: Range<usize>) {
        if let Some(top) = self.stack.last_mut() {
            top.settle();
            top.blocks.push(Block { kind, span });
        }
    }

    fn close(&mut self, mut open: Open<'a>) {
        let span = open.span.clone();
        let Container::Tag(tag) = std::mem::replace(&mut open.container, Container::Root) else { return };
        match tag {
            Tag::Paragraph => self.block(BlockKind::Paragraph(open.inlines), span),
            Tag::Heading { level, id, .. } => {
                let wanted = id.map_or_else(|| slug(&inline_text(&open.inlines)), pulldown_cmark::CowStr::into_string);
                let id = self.slugs.unique(&wanted);
                self.block(BlockKind::Heading { level: level as u8, id, inlines: open.inlines }, span);
            }
            Tag::BlockQuote(kind) => {
                let alert = kind.map(|kind| match kind {
                    BlockQuoteKind::Note => Alert::Note,
                    BlockQuoteKind::Tip => Alert::Tip,
                    BlockQuoteKind::Important => Alert::Important,
                    BlockQuoteKind::Warning => Alert::Warning,
                    BlockQuoteKind::Caution => Alert::Caution,
                });
                self.block(BlockKind::Quote { alert, blocks: open.into_blocks() }, span);
            }
            Tag::CodeBlock(kind) => {
                let language = match kind {
                    CodeBlockKind::Fenced(info) => info.split([',', '{', ' ', '\t']).next().unwrap_or_default().to_owned(),
                    CodeBlockKind::Indented => String::new(),
                };
                self.block(BlockKind::Code { language, text: open.text }, span);
            }
            Tag::HtmlBlock => {
                let top_level = self.stack.len() == 1;
                let kind = if top_level && raw_html::is_paywall(&open.text) { BlockKind::Paywall } else { BlockKind::Html(open.text) };
                self.block(kind, span);
            }
            Tag::List(start) => {
                let mut items = std::mem::take(&mut open.items);
                let rest = open.into_blocks();
                if !rest.is_empty() {
                    items.push(Item { task: None, blocks: rest, span: span.clone() });
                }
                self.block(BlockKind::List { start, items }, span);
            }
            Tag::Item => {
                let task = open.task;
                let item = Item { task, blocks: open.into_blocks(), span };
                if let Some(list) = self.stack.last_mut() {
                    list.items.push(item);
                }
            }
            Tag::FootnoteDefinition(label) => {
                self.block(BlockKind::Footnote { label: label.into_string(), blocks: open.into_blocks() }, span);
            }
            Tag::Table(align) => {
                let align = align
                    .into_iter()
                    .map(|a| match a {
                        Alignment::None => Align::None,
                        Alignment::Left => Align::Left,
                        Alignment::Center => Align::Center,
                        Alignment::Right => Align::Right,
                    })
                    .collect();
                self.block(BlockKind::Table { align, head: open.cells, rows: open.rows }, span);
            }
            Tag::TableHead => {
                if let Some(table) = self.stack.last_mut() {
                    table.cells = open.cells;
                }
            }
            Tag::TableRow => {
                if let Some(table) = self.stack.last_mut() {
                    table.rows.push(open.cells);
                }
            }
            Tag::TableCell => {
                if let Some(row) = self.stack.last_mut() {
                    row.cells.push(open.inlines);
                }
            }
            Tag::Emphasis => self.inline(InlineKind::Emphasis(open.inlines), span),
            Tag::Strong => self.inline(InlineKind::Strong(open.inlines), span),
            Tag::Strikethrough => self.inline(InlineKind::Strike(open.inlines), span),
            Tag::Link { dest_url, title, .. } => {
                let (target, title) = (dest_url.into_string(), title.into_string());
                self.inline(InlineKind::Link { target, title, inlines: open.inlines }, span);
            }
            Tag::Image { dest_url, title, .. } => {
                let (target, title) = (dest_url.into_string(), title.into_string());
                self.inline(InlineKind::Image { target, title, alt: open.inlines }, span);
            }
            // Not enabled; their text is kept.
            Tag::DefinitionList
            | Tag::DefinitionListTitle
            | Tag::DefinitionListDefinition
            | Tag::MetadataBlock(_)
            | Tag::Superscript
            | Tag::Subscript => {
                if let Some(top) = self.stack.last_mut() {
                    top.inlines.extend(open.inlines);
                    top.blocks.extend(open.blocks);
                }
            }
        }
    }

    fn finish(mut self) -> Vec<Block> {
        while self.stack.len() > 1 {
            if let Some(open) = self.stack.pop() {
                self.close(open);
            }
        }
        self.stack.pop().map(Open::into_blocks).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_point_into_the_file() {
        let text = "---\ntitle: x\n---\n# 借用\n\nSome *text* here.\n";
        let document = parse(text, 17);
        let BlockKind::Paragraph(inlines) = &document.blocks[1].kind else { panic!() };
        assert_eq!(&text[inlines[1].span.clone()], "*text*");
        assert_eq!(&text[document.blocks[0].span.clone()], "# 借用\n");
    }

    #[test]
    fn depth_is_capped_and_no_text_is_lost() {
        let quotes = format!("{} deep\n", ">".repeat(5_000));
        let lists = format!("{}deep\n", "- ".repeat(2_000));
        let stars = format!("{}deep{}\n", "*a **b ".repeat(2_000), "** *".repeat(2_000));
        for text in [quotes, lists, stars] {
            let document = parse(&text, 0);
            assert!(super::super::plain_text(&document.blocks).contains("deep"));
        }
    }

    #[test]
    fn the_paywall_is_a_line_between_top_level_blocks() {
        let kinds = |text| parse(text, 0).blocks.iter().filter(|b| b.kind == BlockKind::Paywall).count();
        assert_eq!(kinds("a\n\n<!-- paywall -->\n\nb\n"), 1);
        assert_eq!(kinds("a\r\n<!--paywall-->\r\nb\r\n"), 1);
        assert_eq!(kinds("> a\n>\n> <!-- paywall -->\n"), 0);
        assert_eq!(kinds("```\n<!-- paywall -->\n```\n"), 0);
    }
}
