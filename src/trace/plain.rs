//! The HTML of a lesson as plain text, as somebody would copy it from the page: a blank line between blocks, code as it stands.

/// Elements that begin and end a block of text, with a blank line round them.
const BLOCKS: &[&str] = &[
    "p",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "pre",
    "blockquote",
    "ul",
    "ol",
    "table",
    "aside",
    "section",
    "div",
    "figure",
    "hr",
    "dl",
    "details",
    "summary",
    "figcaption",
];

/// Elements that begin a line.
const LINES: &[&str] = &["li", "tr", "dt", "dd", "br"];

/// Elements whose content nobody reads.
const UNREAD: &[&str] = &["script", "style", "template"];

/// The text of HTML. Pictures are their alternative texts.
#[must_use]
pub fn text(html: &str) -> String {
    let mut out = Page::default();
    let mut rest = html;
    while let Some(open) = rest.find('<') {
        let (before, at) = rest.split_at(open);
        out.write(before);
        let Some((tag, behind)) = tag(at) else {
            out.write("<");
            rest = at.get(1..).unwrap_or_default();
            continue;
        };
        rest = behind;
        let name = name(tag);
        if UNREAD.contains(&name.as_str()) && !tag.starts_with('/') {
            rest = rest.find(&format!("</{name}")).and_then(|end| rest.get(end..)).unwrap_or_default();
        } else {
            out.tag(&name, tag);
        }
    }
    out.write(rest);
    out.finish()
}

/// What stands between `<` and `>`, and what comes behind. `None` if this is no tag.
fn tag(at: &str) -> Option<(&str, &str)> {
    let inner = at.strip_prefix('<')?;
    if let Some(comment) = inner.strip_prefix("!--") {
        return Some(comment.split_once("-->").unwrap_or((comment, "")));
    }
    inner.strip_prefix('/').unwrap_or(inner).chars().next().filter(char::is_ascii_alphabetic)?;
    let mut quote = None;
    for (i, c) in inner.char_indices() {
        match quote {
            None if c == '>' => return Some((&inner[..i], &inner[i + 1..])),
            None if c == '"' || c == '\'' => quote = Some(c),
            Some(open) if c == open => quote = None,
            _ => {}
        }
    }
    None
}

fn name(tag: &str) -> String {
    let letters = tag.trim_start_matches('/').chars().take_while(char::is_ascii_alphanumeric);
    letters.map(|c| c.to_ascii_lowercase()).collect()
}

/// The value of an attribute in double quotes, as our renderer writes it.
fn attribute<'t>(tag: &'t str, name: &str) -> Option<&'t str> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    rest.split_once('"').map(|(value, _)| value)
}

#[derive(Default)]
struct Page {
    out: String,
    /// Line breaks that are due before the next letter.
    breaks: usize,
    /// A space is due.
    space: bool,
    /// A bullet is due: what follows stands beside it.
    bullet: bool,
    /// Inside `pre`.
    verbatim: bool,
}

impl Page {
    fn tag(&mut self, name: &str, tag: &str) {
        let closing = tag.starts_with('/');
        match name {
            "pre" => {
                self.end(2);
                self.verbatim = !closing;
            }
            "img" => self.write(attribute(tag, "alt").unwrap_or_default()),
            "td" | "th" if closing => self.space = true,
            "li" if !closing => {
                self.end(1);
                self.bullet = true;
            }
            _ if BLOCKS.contains(&name) => self.end(2),
            _ if LINES.contains(&name) => self.end(1),
            _ => {}
        }
    }

    fn end(&mut self, breaks: usize) {
        if !self.bullet {
            self.breaks = self.breaks.max(breaks);
        }
        self.space = false;
    }

    fn write(&mut self, text: &str) {
        for c in decoded(text).chars() {
            if !self.verbatim && c.is_whitespace() && c != '\u{a0}' {
                self.space = true;
                continue;
            }
            self.settle();
            self.out.push(c);
        }
    }

    fn settle(&mut self) {
        let (breaks, space) = (std::mem::take(&mut self.breaks), std::mem::take(&mut self.space));
        if breaks > 0 && !self.out.is_empty() {
            let kept = self.out.trim_end().len();
            self.out.truncate(kept);
            self.out.extend(std::iter::repeat_n('\n', breaks));
        } else if space && !self.out.is_empty() && !self.bullet {
            self.out.push(' ');
        }
        if std::mem::take(&mut self.bullet) {
            self.out.push_str("- ");
        }
    }

    fn finish(mut self) -> String {
        let kept = self.out.trim_end().len();
        self.out.truncate(kept);
        if !self.out.is_empty() {
            self.out.push('\n');
        }
        self.out
    }
}

/// The entities that our renderer writes, and numbers; others stay as they are.
fn decoded(text: &str) -> String {
    let (mut out, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let entity = rest.get(1..).and_then(|r| r.split_once(';')).map(|(name, _)| name).filter(|name| name.len() <= 8);
        match entity.and_then(|name| Some((name, character(name)?))) {
            Some((name, c)) => {
                out.push(c);
                rest = &rest[name.len() + 2..];
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

fn character(entity: &str) -> Option<char> {
    let number = |digits: &str, radix| u32::from_str_radix(digits, radix).ok().and_then(char::from_u32);
    match entity {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        "nbsp" => Some('\u{a0}'),
        _ => match entity.strip_prefix('#')? {
            hex if hex.starts_with(['x', 'X']) => number(hex.get(1..)?, 16),
            digits => number(digits, 10),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_apart_and_inlines_together() {
        let html = "<h2 id=\"a\">One <code>x</code></h2><p>It&#39;s <strong>so</strong>,\nis it?</p><ul><li>a</li><li><p>b &amp; c</p></li></ul><p>d<br>e</p>";
        assert_eq!(text(html), "One x\n\nIt's so, is it?\n\n- a\n- b & c\n\nd\ne\n");
    }

    #[test]
    fn code_stays_as_it_stands_and_pictures_are_their_words() {
        let html = "<pre><code>fn a() {\n    b &lt; c\n}\n</code></pre><p><img alt=\"a > b\" src=\"x\"></p><table><tr><th>1</th><th>2</th></tr></table>";
        assert_eq!(text(html), "fn a() {\n    b < c\n}\n\na > b\n\n1 2\n");
    }

    #[test]
    fn what_is_no_tag_is_text() {
        assert_eq!(text("a < b & c &unknown; <!-- no --> <script>x</script>"), "a < b & c &unknown;\n");
        assert_eq!(text(""), "");
        assert_eq!(text("<p"), "<p\n");
        assert_eq!(text("&#xd800; &; 借&"), "&#xd800; &; 借&\n");
    }
}
