//! The tree and resolved links to compact HTML.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;
use std::ops::Range;

use super::document::{Alert, Align, Block, BlockKind, Document, Inline, InlineKind, Item, Met, TargetKind, walk, walk_inlines};
use super::plain::{inline_text, is_wide, plain_text};
use super::prose::{Heading, Prose, Sentence, Wording};
use super::raw_html::{self, Rewrite};
use super::sentence::{first_char, sentence_texts};
use crate::highlight;

/// What a target stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// This address.
    Url(String),
    /// The sealed asset with this index in the lesson, and its file name.
    Sealed(usize, String),
    /// Nothing that we know; the text stays, the link goes.
    Broken,
}

/// What a picture stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Where it is.
    pub target: Target,
    /// Width and height in pixels, where known.
    pub size: Option<(usize, usize)>,
}

/// Says what the targets of a document stand for.
pub trait Links {
    /// The target of a link.
    fn link(&mut self, target: &str) -> Target;
    /// The target of a picture with this alternative text.
    fn image(&mut self, target: &str, alt: &str) -> Picture;
}

/// The few words that rendered Markdown brings along.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Words {
    /// Titles of alerts: note, tip, important, warning, caution.
    pub alerts: [&'static str; 5],
    /// From a footnote back to the text.
    pub back: &'static str,
}

impl Words {
    /// English.
    pub const ENGLISH: Words = Words { alerts: ["Note", "Tip", "Important", "Warning", "Caution"], back: "Back to the text" };
    /// Chinese.
    pub const CHINESE: Words = Words { alerts: ["说明", "提示", "重要", "警告", "注意"], back: "回到正文" };
}

/// Renders passages of one document.
pub struct Render<'a> {
    words: Words,
    links: &'a mut dyn Links,
    document: &'a Document,
    /// Footnotes that can be reached from this passage.
    reachable: HashSet<&'a str>,
    /// How often each footnote has been referred to, for unique ids.
    referred: HashMap<usize, usize>,
    /// Inside a link: links do not nest.
    in_link: bool,
    out: String,
    /// Where the choices of the open sentence stand in `out`, and their other wordings, escaped.
    choices: Vec<(Range<usize>, String)>,
    sentences: Vec<Sentence>,
}

impl<'a> Render<'a> {
    /// Renders `passage`, a run of top-level blocks of `document`. `whole` says that footnotes defined anywhere in the document can be
    /// reached; else only those of the passage.
    pub fn passage(document: &'a Document, passage: &'a [Block], whole: bool, words: Words, links: &'a mut dyn Links) -> Prose {
        let mut reachable = HashSet::new();
        walk(if whole { &document.blocks } else { passage }, &mut |met| {
            if let Met::Block(Block { kind: BlockKind::Footnote { label, .. }, .. }) = met {
                reachable.insert(label.as_str());
            }
        });
        let mut render = Render {
            words,
            links,
            document,
            reachable,
            referred: HashMap::new(),
            in_link: false,
            out: String::new(),
            choices: Vec::new(),
            sentences: Vec::new(),
        };
        render.blocks(passage);
        render.footnotes(passage);
        let headings = passage.iter().filter_map(|block| match &block.kind {
            BlockKind::Heading { level, id, inlines } => {
                Some(Heading { level: *level, id: id.clone(), text: inline_text(inlines).trim().to_owned() })
            }
            _ => None,
        });
        Prose { headings: headings.collect(), text: plain_text(passage), html: render.out, sentences: render.sentences }
    }

    fn blocks(&mut self, blocks: &'a [Block]) {
        for block in blocks {
            self.block(block);
        }
    }

    fn block(&mut self, block: &'a Block) {
        match &block.kind {
            BlockKind::Paragraph(inlines) => self.wrapped("p", inlines),
            BlockKind::Plain(inlines) => self.inlines(inlines),
            BlockKind::Heading { level, id, inlines } => self.heading(*level, id, inlines),
            BlockKind::Code { language, text } => self.code(language, text),
            BlockKind::Quote { alert: None, blocks } => {
                self.out.push_str("<blockquote>");
                self.blocks(blocks);
                self.out.push_str("</blockquote>");
            }
            BlockKind::Quote { alert: Some(alert), blocks } => {
                let (class, word) = self.alert(*alert);
                let _ = write!(self.out, "<aside class=\"alert alert-{class}\" role=\"note\"><p class=\"alert-title\">{word}</p>");
                self.blocks(blocks);
                self.out.push_str("</aside>");
            }
            BlockKind::List { start, items } => self.list(*start, items),
            BlockKind::Table { align, head, rows } => self.table(align, head, rows),
            BlockKind::Rule => self.out.push_str("<hr>"),
            BlockKind::Html(html) => self.html(html),
            // Written at the end of the passage.
            BlockKind::Footnote { .. } | BlockKind::Paywall => {}
        }
    }

    fn wrapped(&mut self, tag: &str, inlines: &'a [Inline]) {
        let _ = write!(self.out, "<{tag}>");
        self.inlines(inlines);
        let _ = write!(self.out, "</{tag}>");
    }

    fn heading(&mut self, level: u8, id: &str, inlines: &'a [Inline]) {
        let _ = write!(self.out, "<h{level} id=\"");
        push_escaped(id, &mut self.out);
        self.out.push_str("\"><a class=\"anchor\" href=\"#");
        push_escaped(id, &mut self.out);
        self.out.push_str("\">");
        // A heading that holds links of its own is not wrapped in one.
        let mut nested = false;
        walk_inlines(inlines, &mut |met| {
            nested |= matches!(met, Met::Inline(Inline { kind: InlineKind::Link { .. } | InlineKind::Html(_) | InlineKind::Note(_), .. }))
        });
        if nested {
            self.out.push_str("</a>");
            self.inlines(inlines);
        } else {
            self.inlines(inlines);
            self.out.push_str("</a>");
        }
        let _ = write!(self.out, "</h{level}>");
    }

    fn code(&mut self, language: &str, text: &str) {
        self.out.push_str("<pre class=\"code\"");
        if !language.is_empty() {
            self.out.push_str(" data-lang=\"");
            push_escaped(language, &mut self.out);
            self.out.push('"');
        }
        self.out.push_str("><code>");
        let out = &mut self.out;
        highlight::spans(text, language, |class, text| match class {
            None => push_text(text, out),
            Some(class) => {
                out.push_str("<span class=\"");
                out.push_str(class.name());
                out.push_str("\">");
                push_text(text, out);
                out.push_str("</span>");
            }
        });
        self.out.push_str("</code></pre>");
    }

    fn alert(&self, alert: Alert) -> (&'static str, &'static str) {
        let [note, tip, important, warning, caution] = self.words.alerts;
        match alert {
            Alert::Note => ("note", note),
            Alert::Tip => ("tip", tip),
            Alert::Important => ("important", important),
            Alert::Warning => ("warning", warning),
            Alert::Caution => ("caution", caution),
        }
    }

    fn list(&mut self, start: Option<u64>, items: &'a [Item]) {
        let tag = if start.is_some() { "ol" } else { "ul" };
        let _ = match start {
            Some(n) if n != 1 => write!(self.out, "<ol start=\"{n}\">"),
            None if items.iter().any(|i| i.task.is_some()) => write!(self.out, "<ul class=\"task-list\">"),
            _ => write!(self.out, "<{tag}>"),
        };
        for item in items {
            match item.task {
                None => self.out.push_str("<li>"),
                Some(true) => self.out.push_str("<li class=\"task\"><input type=\"checkbox\" disabled checked> "),
                Some(false) => self.out.push_str("<li class=\"task\"><input type=\"checkbox\" disabled> "),
            }
            self.blocks(&item.blocks);
            self.out.push_str("</li>");
        }
        let _ = write!(self.out, "</{tag}>");
    }

    fn table(&mut self, align: &[Align], head: &'a [Vec<Inline>], rows: &'a [Vec<Vec<Inline>>]) {
        self.out.push_str("<div class=\"table-wrap\" tabindex=\"0\" role=\"region\"><table><thead>");
        self.row("th", align, head);
        self.out.push_str("</thead><tbody>");
        for row in rows {
            self.row("td", align, row);
        }
        self.out.push_str("</tbody></table></div>");
    }

    fn row(&mut self, tag: &str, align: &[Align], cells: &'a [Vec<Inline>]) {
        self.out.push_str("<tr>");
        for (i, cell) in cells.iter().enumerate() {
            // The attribute, not a style: the site's policy stops inline styles.
            let _ = match align.get(i) {
                Some(Align::Left) => write!(self.out, "<{tag} align=\"left\">"),
                Some(Align::Center) => write!(self.out, "<{tag} align=\"center\">"),
                Some(Align::Right) => write!(self.out, "<{tag} align=\"right\">"),
                Some(Align::None) | None => write!(self.out, "<{tag}>"),
            };
            self.inlines(cell);
            let _ = write!(self.out, "</{tag}>");
        }
        self.out.push_str("</tr>");
    }

    fn inlines(&mut self, inlines: &'a [Inline]) {
        for (i, inline) in inlines.iter().enumerate() {
            if inline.kind == InlineKind::SoftBreak {
                self.soft_break(inlines.get(i + 1));
            } else {
                self.inline(inline);
            }
        }
    }

    /// A line end is a space, except between two characters that are written without spaces.
    fn soft_break(&mut self, next: Option<&Inline>) {
        let after = next.and_then(first_char);
        if !(self.out.chars().next_back().is_some_and(is_wide) && after.is_some_and(is_wide)) {
            self.out.push('\n');
        }
    }

    fn inline(&mut self, inline: &'a Inline) {
        match &inline.kind {
            InlineKind::Text(text) => push_text(text, &mut self.out),
            InlineKind::Code(text) => {
                self.out.push_str("<code>");
                push_text(text, &mut self.out);
                self.out.push_str("</code>");
            }
            InlineKind::Emphasis(inner) => self.wrapped("em", inner),
            InlineKind::Strong(inner) => self.wrapped("strong", inner),
            InlineKind::Strike(inner) => self.wrapped("del", inner),
            InlineKind::Link { target, title, inlines } => self.link(target, title, inlines),
            InlineKind::Image { target, title, alt } => self.image(target, title, alt),
            InlineKind::Html(html) => self.html(html),
            InlineKind::Note(label) => self.note(label),
            InlineKind::Sentence(inner) => self.sentence(inner, &inline.span),
            InlineKind::Choice(choice) => {
                let start = self.out.len();
                push_text(&choice.author, &mut self.out);
                let mut other = String::new();
                push_text(&choice.other, &mut other);
                self.choices.push((start..self.out.len(), other));
            }
            InlineKind::SoftBreak => self.out.push('\n'),
            InlineKind::HardBreak => self.out.push_str("<br>"),
        }
    }

    fn sentence(&mut self, inner: &'a [Inline], span: &Range<usize>) {
        let start = self.out.len();
        self.choices.clear();
        self.inlines(inner);
        let (text, other_text, carriers) = sentence_texts(inner);
        let other = (!self.choices.is_empty()).then(|| {
            let (mut html, mut from) = (String::new(), start);
            for (place, words) in self.choices.drain(..) {
                html.push_str(&self.out[from..place.start]);
                html.push_str(&words);
                from = place.end;
            }
            html.push_str(&self.out[from..]);
            Wording { html, text: other_text, carriers }
        });
        let line = self.document.line(span.start);
        self.sentences.push(Sentence { html: start..self.out.len(), text, line, other });
    }

    fn link(&mut self, target: &str, title: &str, inlines: &'a [Inline]) {
        if self.in_link {
            self.inlines(inlines);
            return;
        }
        self.out.push_str("<a");
        match self.links.link(target) {
            Target::Url(url) => self.attribute("href", &url),
            Target::Sealed(index, name) => {
                let _ = write!(self.out, " data-bookplate-asset=\"{index}\"");
                self.attribute("download", &name);
            }
            Target::Broken => self.attribute("class", "broken"),
        }
        if !title.is_empty() {
            self.attribute("title", title);
        }
        self.out.push('>');
        self.in_link = true;
        self.inlines(inlines);
        self.in_link = false;
        self.out.push_str("</a>");
    }

    fn image(&mut self, target: &str, title: &str, alt: &'a [Inline]) {
        let alt = inline_text(alt);
        let picture = self.links.image(target, &alt);
        match picture.target {
            Target::Broken => {
                self.out.push_str("<span class=\"missing\">");
                push_text(&alt, &mut self.out);
                self.out.push_str("</span>");
                return;
            }
            Target::Url(url) => {
                self.out.push_str("<img");
                self.attribute("src", &url);
                self.attribute("alt", &alt);
            }
            Target::Sealed(index, _) => {
                let _ = write!(self.out, "<img data-bookplate-asset=\"{index}\"");
                self.attribute("alt", &alt);
            }
        }
        if let Some((width, height)) = picture.size {
            let _ = write!(self.out, " width=\"{width}\" height=\"{height}\"");
        }
        if !title.is_empty() {
            self.attribute("title", title);
        }
        self.out.push('>');
    }

    fn attribute(&mut self, name: &str, value: &str) {
        let _ = write!(self.out, " {name}=\"");
        push_escaped(value, &mut self.out);
        self.out.push('"');
    }

    fn html(&mut self, html: &str) {
        let alt = raw_html::alt(html);
        let links = &mut *self.links;
        raw_html::rewrite(html, &mut self.out, &mut |kind, target| {
            let target = match kind {
                TargetKind::Link => links.link(target),
                TargetKind::Image => links.image(target, &alt).target,
            };
            match (target, kind) {
                (Target::Url(url), _) => Rewrite::Value(url),
                (Target::Broken, _) => Rewrite::Remove,
                (Target::Sealed(index, _), TargetKind::Image) => Rewrite::Attributes(format!("data-bookplate-asset=\"{index}\"")),
                (Target::Sealed(index, name), TargetKind::Link) => {
                    Rewrite::Attributes(format!("data-bookplate-asset=\"{index}\" download=\"{}\"", escape(&name)))
                }
            }
        });
    }

    fn note(&mut self, label: &str) {
        let n = self.document.notes.get(label).copied().unwrap_or(0);
        if !self.reachable.contains(label) || self.in_link {
            let _ = write!(self.out, "<sup class=\"footnote-ref\">{n}</sup>");
            return;
        }
        let times = self.referred.entry(n).or_insert(0);
        *times += 1;
        let id = if *times == 1 { format!("fnref-{n}") } else { format!("fnref-{n}-{times}") };
        let _ = write!(self.out, "<sup class=\"footnote-ref\"><a id=\"{id}\" href=\"#fn-{n}\">{n}</a></sup>");
    }

    /// The footnotes that this passage defines, in the order of their numbers.
    fn footnotes(&mut self, passage: &'a [Block]) {
        let mut defined: Vec<(usize, &'a [Block])> = Vec::new();
        walk(passage, &mut |met| {
            if let Met::Block(Block { kind: BlockKind::Footnote { label, blocks }, .. }) = met {
                defined.push((self.document.notes.get(label).copied().unwrap_or(0), blocks));
            }
        });
        // Only the first definition of a label counts.
        defined.sort_by_key(|(n, _)| *n);
        defined.dedup_by_key(|(n, _)| *n);
        if defined.is_empty() {
            return;
        }
        self.out.push_str("<section class=\"footnotes\" role=\"doc-endnotes\"><ol>");
        for (n, blocks) in defined {
            let _ = write!(self.out, "<li id=\"fn-{n}\" value=\"{n}\">");
            self.blocks(blocks);
            let _ = write!(self.out, "<a class=\"footnote-back\" href=\"#fnref-{n}\" aria-label=\"{}\">↩</a></li>", self.words.back);
        }
        self.out.push_str("</ol></section>");
    }
}

/// Escapes text for an attribute or for text.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    push_escaped(text, &mut out);
    out
}

/// Adds text that stands between tags: `&`, `<` and `>` are escaped.
fn push_text(text: &str, out: &mut String) {
    push_where(text, out, |b| matches!(b, b'&' | b'<' | b'>'));
}

/// Adds text that stands in a quoted attribute.
pub fn push_escaped(text: &str, out: &mut String) {
    push_where(text, out, |b| matches!(b, b'&' | b'<' | b'>' | b'"' | b'\''));
}

fn push_where(text: &str, out: &mut String, special: impl Fn(u8) -> bool) {
    let mut from = 0;
    for (i, b) in text.bytes().enumerate() {
        if special(b) {
            out.push_str(&text[from..i]);
            out.push_str(match b {
                b'&' => "&amp;",
                b'<' => "&lt;",
                b'>' => "&gt;",
                b'"' => "&quot;",
                _ => "&#39;",
            });
            from = i + 1;
        }
    }
    out.push_str(&text[from..]);
}

#[cfg(test)]
#[path = "render_tests.rs"]
mod tests;
