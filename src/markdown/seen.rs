//! The text of an HTML page that its reader sees, without what is on it for no eye: noise between words would hide where they are from.

use super::raw_html::{Element, Piece, decode, pieces};
use super::style::{Shown, Styles};

/// What a reader sees of a page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seen {
    /// The text that is shown. Alternative texts and tooltips are not.
    pub text: String,
    /// Elements that hold text and are not shown.
    pub hidden: usize,
}

/// Elements whose content no browser shows.
const NEVER: [&str; 7] = ["script", "style", "template", "noscript", "title", "datalist", "noframes"];

/// Elements without content.
const VOID: [&str; 13] = ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"];

/// Elements that end a paragraph which is still open.
const BLOCKS: [&str; 29] = [
    "address",
    "article",
    "aside",
    "blockquote",
    "details",
    "div",
    "dl",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "main",
    "nav",
    "ol",
    "p",
    "pre",
    "section",
    "summary",
    "table",
    "ul",
];

/// Elements that begin a line or a cell.
const LINES: [&str; 7] = ["br", "dd", "dt", "li", "td", "th", "tr"];

/// Deepest nesting, as in browsers; what is deeper counts as its parent's.
const DEPTH: usize = 512;

/// An element that is open.
struct Open<'a> {
    name: &'a str,
    shown: Shown,
    /// It was counted as hidden.
    counted: bool,
}

/// Reads a page, or a piece of one, as a browser without scripts would show it.
#[must_use]
pub fn seen_text(html: &str) -> Seen {
    let styles = Styles::of(html);
    let (mut seen, mut open) = (Seen::default(), Vec::<Open<'_>>::new());
    pieces(html, &mut |piece| match piece {
        Piece::Text(text) if open.last().is_none_or(|open| open.shown.is_seen()) => seen.text.push_str(&decode(text)),
        Piece::Text(text) => {
            let outermost = open.iter_mut().find(|open| !open.shown.is_seen());
            if let Some(outermost) = outermost.filter(|open| !open.counted && text.chars().any(char::is_alphanumeric)) {
                outermost.counted = true;
                seen.hidden += usize::from(!is(outermost.name, &NEVER));
            }
        }
        Piece::Tag(element) => {
            if is(element.name, &BLOCKS) || is(element.name, &LINES) {
                seen.text.push('\n');
            }
            tag(&element, &styles, &mut open);
        }
        Piece::Hidden | Piece::Raw(_) => {}
    });
    seen
}

fn tag<'a>(element: &Element<'a>, styles: &Styles, open: &mut Vec<Open<'a>>) {
    if element.closing {
        if let Some(at) = open.iter().rposition(|open| element.is(open.name)) {
            open.truncate(at);
        }
        return;
    }
    end_implied(element.name, open);
    if is(element.name, &VOID) || open.len() >= DEPTH {
        return;
    }
    let parent = open.last().map_or(Shown::default(), |open| open.shown);
    // Whole pages are hidden until a script shows them; noise is smaller.
    let shown = match () {
        () if is(element.name, &NEVER) => Shown::gone(),
        () if is(element.name, &["html", "body"]) => parent,
        () => styles.of_element(element, parent),
    };
    open.push(Open { name: element.name, shown, counted: false });
}

/// Ends what a start tag ends without an end tag: HTML, section 13.1.2.4 "Optional tags", as far as it matters here.
fn end_implied(name: &str, open: &mut Vec<Open<'_>>) {
    let name = name.to_ascii_lowercase();
    let (ends, within): (&[&str], &[&str]) = match name.as_str() {
        "li" => (&["li"], &["ul", "ol", "menu"]),
        "dt" | "dd" => (&["dt", "dd"], &["dl"]),
        "td" | "th" => (&["td", "th"], &["tr", "table"]),
        "tr" => (&["tr"], &["table"]),
        "option" => (&["option"], &["select"]),
        _ => (&[], &[]),
    };
    let implied = |ends: &[&str], within: &[&str], open: &mut Vec<Open<'_>>| {
        let nearest = open.iter().rposition(|open| is(open.name, ends) || is(open.name, within));
        if let Some(at) = nearest.filter(|at| open.get(*at).is_some_and(|open| is(open.name, ends))) {
            open.truncate(at);
        }
    };
    if !ends.is_empty() {
        implied(ends, within, open);
    } else if BLOCKS.contains(&name.as_str()) {
        implied(&["p"], &["td", "th", "button"], open);
    }
}

fn is(name: &str, names: &[&str]) -> bool {
    names.iter().any(|known| name.eq_ignore_ascii_case(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(html: &str) -> (String, usize) {
        let Seen { text, hidden } = seen_text(html);
        (text.split_whitespace().collect::<Vec<_>>().join(" "), hidden)
    }

    #[test]
    fn what_is_not_shown_is_not_read_and_counted() {
        for hidden in [
            "<i hidden>x</i>",
            "<i style='display:none'>x</i>",
            "<div STYLE=\"color:red; Display : NONE !important\">x<p>x</div>",
            "<span style='visibility:hidden'>x</span>",
            "<span style='font-size:0'>x</span>",
            "<span style='font-size: 0.0em'><b style='font-size:2em'>x</b></span>",
            "<span style='opacity:0'>x</span>",
            "<span style='position:absolute;left:-9999px'>x</span>",
            "<span style='position:fixed; top:-200vh'>x</span>",
            "<span style='text-indent:-999em'>x</span>",
            "<span style='display:inline-block;width:0;overflow:hidden'>x</span>",
            "<span style='position:absolute;clip:rect(0,0,0,0)'>x</span>",
            "<style>.q, #r { display: none }</style><b class='a q'>x</b>",
            "<style>.q, #r { display: none }</style><b id=r>x</b>",
            "<p hidden>x",
        ] {
            assert_eq!(seen(&format!("<p>One {hidden}<p>two</p>")), ("One two".into(), 1), "{hidden}");
        }
        for never in
            ["<template>x</template>", "<noscript>x</noscript>", "<script>x</script>", "<img alt=x>", "<i title=x></i>", "<!--x-->"]
        {
            assert_eq!(seen(&format!("<p>One {never} two</p>")), ("One two".into(), 0), "{never}");
        }
    }

    #[test]
    fn what_is_shown_is_read() {
        for html in [
            "<p>One <i aria-hidden=true>two</i></p>",
            "<p style='display:none;display:block'>One two</p>",
            "<ul style='font-size:0'><li style='font-size:16px'>One two</ul>",
            "<div style='visibility:hidden'><p style='visibility:visible'>One two</div>",
            "<style>.q{display:none} .q{display:inline} @media print{p{display:none}}</style><p class=q>One two</p>",
            "<p style='position:absolute;left:-2px;opacity:0.5'>One two</p>",
            "<ul><li>One<li>two</ul>",
            "<div><br hidden>One two</div>",
            "One &#116;wo",
        ] {
            assert_eq!(seen(html), ("One two".into(), 0), "{html}");
        }
        assert_eq!(seen("<ul><li hidden>x<li>One</ul><table><tr><td hidden>x<td>two</table>"), ("One two".into(), 2));
    }

    #[test]
    fn hostile_input_costs_no_more_than_its_length() {
        for unit in ["<a hidden>", "<p>", "</p>", "<style>", "<b style='", "<style>.a{}</style>", "<li><td>"] {
            let _ = seen_text(&unit.repeat(40_000));
        }
    }
}
