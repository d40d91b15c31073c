//! Raw HTML in Markdown: a small reader of tags, enough to find what they point to and to write it anew.
//!
//! Everything runs in one pass from left to right, so that hostile input costs no more than its length. Comments are not passed on: they
//! are notes of the author to himself.

use super::document::TargetKind;

/// A piece of HTML.
pub(super) enum Piece<'a> {
    /// Text between tags.
    Text(&'a str),
    /// A tag, whole.
    Tag(Element<'a>),
    /// A comment, a declaration or the like.
    Hidden,
    /// What stands between `<script>` or `<style>` and its end.
    Raw(&'a str),
}

/// A tag.
pub(super) struct Element<'a> {
    /// Its name as written.
    pub(super) name: &'a str,
    /// `</name>`.
    pub(super) closing: bool,
    /// From `<` to `>`.
    whole: &'a str,
    pub(super) attributes: Vec<Attribute<'a>>,
}

pub(super) struct Attribute<'a> {
    name: &'a str,
    /// Without quotes, entities as written.
    value: &'a str,
    /// Bytes of the whole attribute in [`Element::whole`].
    start: usize,
    end: usize,
}

impl Element<'_> {
    pub(super) fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }
}

impl Attribute<'_> {
    pub(super) fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    pub(super) fn text(&self) -> String {
        decode(self.value)
    }

    /// What the value points to, in an element of this name; `None` if it is no target.
    fn target(&self, element: &Element<'_>) -> Option<TargetKind> {
        if self.is("src") || self.is("poster") || self.is("srcset") {
            Some(TargetKind::Image)
        } else if self.is("href") && !element.is("base") {
            Some(TargetKind::Link)
        } else {
            None
        }
    }
}

pub(super) fn pieces<'a>(html: &'a str, visit: &mut dyn FnMut(Piece<'a>)) {
    let mut rest = html;
    // Behind the last `>` no tag ends.
    let tail = html.len() - html.rfind('>').map_or(0, |i| i + 1);
    while let Some(open) = rest.find('<') {
        if open > 0 {
            visit(Piece::Text(&rest[..open]));
        }
        rest = &rest[open..];
        if let Some(comment) = rest.strip_prefix("<!--") {
            visit(Piece::Hidden);
            // An unclosed comment hides the rest, as browsers do.
            rest = comment.find("-->").map_or("", |end| &comment[end + 3..]);
        } else if rest.starts_with("<!") || rest.starts_with("<?") {
            visit(Piece::Hidden);
            rest = rest.find('>').map_or("", |end| &rest[end + 1..]);
        } else if rest.len() <= tail {
            break;
        } else if let Some(element) = tag(rest) {
            rest = &rest[element.whole.len()..];
            let name = element.name;
            let raw = !element.closing && (element.is("script") || element.is("style"));
            visit(Piece::Tag(element));
            if raw {
                let end = raw_end(rest, name);
                visit(Piece::Raw(&rest[..end]));
                rest = &rest[end..];
            }
        } else {
            // Not a tag: the sign stands for itself.
            visit(Piece::Text(&rest[..1]));
            rest = &rest[1..];
        }
    }
    if !rest.is_empty() {
        visit(Piece::Text(rest));
    }
}

/// Where `</name` begins, without case.
fn raw_end(text: &str, name: &str) -> usize {
    text.match_indices("</")
        .map(|(i, _)| i)
        .find(|i| text.get(i + 2..i + 2 + name.len()).is_some_and(|n| n.eq_ignore_ascii_case(name)))
        .unwrap_or(text.len())
}

/// The tag at the begin of `text`, if there is one and it ends.
fn tag(text: &str) -> Option<Element<'_>> {
    let bytes = text.as_bytes();
    let closing = bytes.get(1) == Some(&b'/');
    let name_at = if closing { 2 } else { 1 };
    if !bytes.get(name_at)?.is_ascii_alphabetic() {
        return None;
    }
    let mut at = name_at + bytes[name_at..].iter().take_while(|b| !b.is_ascii_whitespace() && !b"/><".contains(b)).count();
    let name = text.get(name_at..at)?;
    let mut attributes = Vec::new();
    loop {
        at += bytes.get(at..)?.iter().take_while(|b| b.is_ascii_whitespace() || **b == b'/').count();
        match bytes.get(at)? {
            b'>' => return Some(Element { name, closing, whole: text.get(..=at)?, attributes }),
            b'<' => return None,
            _ => {}
        }
        let start = at;
        at += 1 + bytes[at + 1..].iter().take_while(|b| !b.is_ascii_whitespace() && !b"/>=<".contains(b)).count();
        let attribute = text.get(start..at)?;
        let blank = bytes.get(at..)?.iter().take_while(|b| b.is_ascii_whitespace()).count();
        let mut value = "";
        if bytes.get(at + blank) == Some(&b'=') {
            at += blank + 1;
            at += bytes.get(at..)?.iter().take_while(|b| b.is_ascii_whitespace()).count();
            match bytes.get(at)? {
                quote @ (b'"' | b'\'') => {
                    let len = bytes[at + 1..].iter().position(|b| b == quote)?;
                    value = text.get(at + 1..at + 1 + len)?;
                    at += len + 2;
                }
                _ => {
                    let len = bytes[at..].iter().take_while(|b| !b.is_ascii_whitespace() && **b != b'>').count();
                    value = text.get(at..at + len)?;
                    at += len;
                }
            }
        }
        attributes.push(Attribute { name: attribute, value, start, end: at });
    }
}

/// Text with its entities decoded: numbers, and the names that stand in real courses and in what browsers save.
pub fn decode(text: &str) -> String {
    let (mut out, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        // The longest name here has six letters, the longest number seven digits.
        let end = rest.bytes().take(10).position(|b| b == b';');
        match end.and_then(|end| Some((entity(&rest[1..end])?, end))) {
            Some((character, end)) => {
                out.push(character);
                rest = &rest[end + 1..];
            }
            None => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

fn entity(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(digits) => u32::from_str_radix(digits, 16),
            None => number.parse(),
        };
        return code.ok().and_then(char::from_u32);
    }
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => ' ',
        "lsquo" => '\u{2018}',
        "rsquo" => '\u{2019}',
        "ldquo" => '\u{201c}',
        "rdquo" => '\u{201d}',
        "ndash" => '\u{2013}',
        "mdash" => '\u{2014}',
        "hellip" => '\u{2026}',
        _ => return None,
    })
}

fn each_tag<'a>(html: &'a str, mut visit: impl FnMut(&Element<'a>)) {
    pieces(html, &mut |piece| {
        if let Piece::Tag(element) = piece {
            visit(&element);
        }
    });
}

/// True for `<!-- paywall -->` and nothing else.
pub fn is_paywall(html: &str) -> bool {
    let inner = html.trim().strip_prefix("<!--").and_then(|s| s.strip_suffix("-->"));
    inner.is_some_and(|s| s.trim().eq_ignore_ascii_case("paywall"))
}

/// True if a paywall comment stands somewhere in this HTML.
pub fn mentions_paywall(html: &str) -> bool {
    html.split("<!--").skip(1).any(|s| s.split("-->").next().is_some_and(|s| s.trim().eq_ignore_ascii_case("paywall")))
}

/// Calls `visit` with everything that the HTML points to.
pub fn targets(html: &str, visit: &mut dyn FnMut(TargetKind, &str)) {
    each_tag(html, |element| {
        for attribute in &element.attributes {
            match attribute.target(element) {
                Some(kind) if attribute.is("srcset") => candidates(attribute.value).for_each(|(url, _)| visit(kind, &decode(url))),
                Some(kind) => visit(kind, &attribute.text()),
                None => {}
            }
        }
    });
}

/// The pictures of a `srcset`, each with its width or density.
fn candidates(srcset: &str) -> impl Iterator<Item = (&str, &str)> {
    srcset.split(", ").map(|c| c.trim().split_once(char::is_whitespace).unwrap_or((c.trim(), ""))).filter(|(url, _)| !url.is_empty())
}

/// The ids that a fragment can name.
pub fn ids(html: &str) -> Vec<String> {
    let mut found = Vec::new();
    each_tag(html, |element| {
        found.extend(element.attributes.iter().filter(|a| a.is("id") || a.is("name") && element.is("a")).map(Attribute::text));
    });
    found
}

/// How many pictures there are.
pub fn images(html: &str) -> u32 {
    let mut n = 0;
    each_tag(html, |element| n += u32::from(element.is("img")));
    n
}

/// Its plain text: what stands between the tags, and alternative texts and titles.
pub fn text(html: &str) -> String {
    let mut out = String::new();
    pieces(html, &mut |piece| match piece {
        Piece::Text(text) => out.push_str(&decode(text)),
        Piece::Tag(element) => {
            for attribute in element.attributes.iter().filter(|a| a.is("alt") || a.is("title")) {
                out.push_str(&attribute.text());
                out.push(' ');
            }
        }
        Piece::Hidden | Piece::Raw(_) => {}
    });
    out
}

/// The alternative text of the first picture.
pub fn alt(html: &str) -> String {
    let mut found = None;
    each_tag(html, |element| {
        if found.is_none() && element.is("img") {
            found = element.attributes.iter().find(|a| a.is("alt")).map(Attribute::text);
        }
    });
    found.unwrap_or_default()
}

/// What in this HTML the site's content security policy stops, if anything: scripts, inline handlers, frames.
#[must_use]
pub fn blocked(html: &str) -> Option<String> {
    let mut found = None;
    each_tag(html, |element| {
        let stopped = ["script", "iframe", "object", "embed"].into_iter().find(|name| element.is(name) && !element.closing);
        let handler =
            element.attributes.iter().find(|a| a.name.len() > 2 && a.name.get(..2).is_some_and(|on| on.eq_ignore_ascii_case("on")));
        let url = element.attributes.iter().find(|a| a.target(element).is_some() && is_script_url(a.value));
        if found.is_none() {
            found = match (stopped, handler, url) {
                (Some(name), ..) => Some(format!("<{name}>")),
                (None, Some(attribute), _) => Some(attribute.name.to_lowercase()),
                (None, None, Some(_)) => Some("javascript:".to_owned()),
                (None, None, None) => None,
            };
        }
    });
    found
}

/// True for `javascript:` addresses.
pub fn is_script_url(url: &str) -> bool {
    let start: String = url.chars().filter(|c| !c.is_whitespace() && !c.is_control()).take(11).collect();
    start.eq_ignore_ascii_case("javascript:")
}

/// What becomes of an attribute that points somewhere.
pub enum Rewrite {
    /// The attribute goes.
    Remove,
    /// A new value, not yet escaped.
    Value(String),
    /// Other attributes in its place, escaped, without blank before.
    Attributes(String),
}

/// Writes `html` to `out` without comments, every target as `change` says.
pub fn rewrite(html: &str, out: &mut String, change: &mut dyn FnMut(TargetKind, &str) -> Rewrite) {
    pieces(html, &mut |piece| match piece {
        Piece::Text(text) | Piece::Raw(text) => out.push_str(text),
        Piece::Hidden => {}
        Piece::Tag(element) => {
            let mut at = 0;
            for attribute in &element.attributes {
                let Some(kind) = attribute.target(&element) else { continue };
                let new =
                    if attribute.is("srcset") { rewrite_srcset(attribute.value, kind, change) } else { change(kind, &attribute.text()) };
                let text = match new {
                    Rewrite::Remove => String::new(),
                    Rewrite::Value(value) => {
                        let mut text = format!("{}=\"", attribute.name);
                        super::render::push_escaped(&value, &mut text);
                        text.push('"');
                        text
                    }
                    Rewrite::Attributes(text) => text,
                };
                out.push_str(&element.whole[at..attribute.start]);
                out.push_str(&text);
                at = attribute.end;
            }
            out.push_str(&element.whole[at..]);
        }
    });
}

/// A picture of several sizes is public as a whole or it goes: a sealed one is shown by `src` alone.
fn rewrite_srcset(srcset: &str, kind: TargetKind, change: &mut dyn FnMut(TargetKind, &str) -> Rewrite) -> Rewrite {
    let mut parts = Vec::new();
    for (url, size) in candidates(srcset) {
        match change(kind, &decode(url)) {
            Rewrite::Value(value) => parts.push(format!("{value} {size}").trim_end().to_owned()),
            Rewrite::Remove | Rewrite::Attributes(_) => return Rewrite::Remove,
        }
    }
    Rewrite::Value(parts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn upper(html: &str) -> String {
        let mut out = String::new();
        rewrite(html, &mut out, &mut |_, target| Rewrite::Value(target.to_uppercase()));
        out
    }

    #[test]
    fn targets_are_rewritten_and_the_rest_stays() {
        assert_eq!(upper("<p align=center><img src='a.png' width=3></p>"), "<p align=center><img src=\"A.PNG\" width=3></p>");
        assert_eq!(upper("<a href=x&amp;y>1 < 2</a><!-- note -->"), "<a href=\"X&amp;Y\">1 < 2</a>");
        assert_eq!(upper("<img srcset=\"a.png 1x, b.png 2x\" src=c>"), "<img srcset=\"A.PNG 1x, B.PNG 2x\" src=\"C\">");
    }

    #[test]
    fn broken_html_is_passed_on() {
        for html in ["<", "<a", "<a href='x", "a < b > c", "<a <b>", "</", "<1>", "<a =>"] {
            assert_eq!(upper(html), html);
        }
        assert_eq!(upper("x<!-- open"), "x");
    }

    #[test]
    fn what_the_policy_stops_is_named() {
        assert_eq!(blocked("<p onClick=x>").as_deref(), Some("onclick"));
        assert_eq!(blocked("<SCRIPT>").as_deref(), Some("<script>"));
        assert_eq!(blocked("<a href=' java\nscript:x'>").as_deref(), Some("javascript:"));
        assert_eq!(blocked("<p>on</p>"), None);
    }

    #[test]
    fn scripts_are_not_read_as_tags() {
        let mut seen = 0;
        targets("<script>\"<img src=x>\"</script><img src=y>", &mut |_, _| seen += 1);
        assert_eq!(seen, 1);
    }

    #[test]
    fn hostile_input_is_read_once() {
        for unit in ["<a ", "<a \"", "<", "<!--", "<script>", "<a b='"] {
            let _ = upper(&unit.repeat(40_000));
        }
    }
}
