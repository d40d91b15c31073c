//! Outputs as texts: what a reader sees, and what only a program sees.

use std::borrow::Cow;

use super::words::BREAK;

/// What a tag does to the text round it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tag {
    /// It may stand inside a word.
    Inline,
    /// It ends a word.
    Block,
    /// It ends a text: no run reaches across it. Pages put public texts side by side (a breadcrumb and a title, a title and a sentence), and together
    /// they may read like a sealed sentence that nobody wrote there.
    Ends,
    /// It ends a text, and so does every tag inside.
    Nav,
    /// Its content is no text.
    Raw,
}

impl Tag {
    fn of(name: &str) -> Self {
        match name {
            "a" | "abbr" | "b" | "bdi" | "bdo" | "cite" | "code" | "del" | "dfn" | "em" | "font" | "i" | "ins" | "kbd" | "mark" | "q"
            | "rp" | "rt" | "ruby" | "s" | "samp" | "small" | "span" | "strong" | "sub" | "sup" | "time" | "tt" | "u" | "var" | "wbr" => {
                Tag::Inline
            }
            "article" | "aside" | "button" | "footer" | "form" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "head" | "header" | "label"
            | "main" | "option" | "section" | "summary" | "title" => Tag::Ends,
            "nav" => Tag::Nav,
            "script" | "style" => Tag::Raw,
            _ => Tag::Block,
        }
    }
}

/// Shortest run of readable bytes that is looked at in a binary file: shorter than any run of 8 words.
const READABLE: usize = 15;

/// Calls `found` with every text of an output: for HTML the visible text, then attributes, comments and scripts; for other text files
/// the text with its escapes decoded; for binary files their readable parts.
pub(super) fn each_text(path: &str, bytes: &[u8], mut found: impl FnMut(&str)) {
    let extension = path.rsplit_once('.').map_or("", |(_, e)| e);
    let markup = matches!(extension, "html" | "htm" | "xhtml" | "svg" | "xml");
    match std::str::from_utf8(bytes) {
        Ok(text) if markup => {
            let (seen, unseen) = html(text);
            found(&seen);
            found(&unescaped(&unseen));
        }
        Ok(text) => found(&unescaped(text)),
        Err(_) if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) => found(&unescaped(&utf16(bytes))),
        Err(_) => {
            for text in readable(bytes) {
                found(&unescaped(text));
            }
        }
    }
}

/// Splits HTML into what a reader sees and what he does not see: attribute values, comments, scripts, styles, each ended by a [`BREAK`].
/// Entities are decoded in both. Inline tags vanish, headings and landmarks end a text, other tags end a word; in a `nav` they all end a text.
pub(super) fn html(text: &str) -> (String, String) {
    let mut seen = String::with_capacity(text.len() / 2);
    let mut unseen = String::with_capacity(text.len() / 4);
    let mut navs = 0_usize;
    let mut rest = text;
    while let Some(at) = find(rest, b'<') {
        decode_entities(&rest[..at], &mut seen);
        let tag = &rest[at..];
        let next = tag.as_bytes().get(1).copied().unwrap_or(b' ');
        rest = if let Some(comment) = tag.strip_prefix("<!--") {
            // browsers end `<!-->` and `<!--->` at once
            let empty = comment.strip_prefix('>').or_else(|| comment.strip_prefix("->"));
            empty.unwrap_or_else(|| until(comment, "-->", &mut unseen))
        } else if next == b'!' || next == b'?' {
            until(&tag[2..], ">", &mut unseen)
        } else if next == b'/' || next.is_ascii_alphabetic() {
            element(tag, &mut navs, &mut seen, &mut unseen)
        } else {
            seen.push('<');
            &tag[1..]
        };
    }
    decode_entities(rest, &mut seen);
    (seen, unseen)
}

/// Moves the text before `end` into `unseen` and returns what comes behind `end`.
fn until<'a>(text: &'a str, end: &str, unseen: &mut String) -> &'a str {
    let (inside, rest) = text.split_once(end).unwrap_or((text, ""));
    decode_entities(inside, unseen);
    unseen.push(BREAK);
    rest
}

/// Reads one tag, its attributes, and the content of scripts and styles; returns what comes behind. `navs` counts the open `nav` elements.
fn element<'a>(tag: &'a str, navs: &mut usize, seen: &mut String, unseen: &mut String) -> &'a str {
    let closing = tag.as_bytes().get(1) == Some(&b'/');
    let body = &tag[if closing { 2 } else { 1 }..];
    let length = body.bytes().position(|b| b.is_ascii_whitespace() || b == b'>' || b == b'/').unwrap_or(body.len());
    let name = &body[..length];
    let kind = if name.bytes().any(|b| b.is_ascii_uppercase()) { Tag::of(&name.to_ascii_lowercase()) } else { Tag::of(name) };
    match kind {
        Tag::Inline => {}
        Tag::Nav => {
            *navs = if closing { navs.saturating_sub(1) } else { *navs + 1 };
            seen.push(BREAK);
        }
        Tag::Block | Tag::Raw if *navs == 0 => seen.push('\n'),
        _ => seen.push(BREAK),
    }
    let mut rest = &body[length..];
    loop {
        let Some(at) = rest.bytes().position(|b| matches!(b, b'>' | b'=')) else {
            decode_entities(rest, unseen);
            unseen.push(BREAK);
            return "";
        };
        let name = rest[..at].trim_ascii();
        if !name.is_empty() {
            decode_entities(name, unseen);
            unseen.push(BREAK);
        }
        let ends = rest.as_bytes()[at] == b'>';
        rest = &rest[at + 1..];
        if ends {
            break;
        }
        rest = value(rest, unseen);
    }
    if !closing && kind == Tag::Raw {
        let end = find_closing(rest, name);
        unseen.push_str(&rest[..end]);
        unseen.push(BREAK);
        rest = &rest[end..];
    }
    rest
}

/// Reads an attribute's value behind its `=`, quoted or not: a quote counts only where the value begins, as in browsers.
fn value<'a>(text: &'a str, unseen: &mut String) -> &'a str {
    let text = text.trim_ascii_start();
    let (inside, rest) = match text.as_bytes().first() {
        Some(quote @ (b'"' | b'\'')) => {
            let body = &text[1..];
            let end = find(body, *quote).unwrap_or(body.len());
            (&body[..end], body.get(end + 1..).unwrap_or(""))
        }
        _ => text.split_at(text.bytes().position(|b| b.is_ascii_whitespace() || b == b'>').unwrap_or(text.len())),
    };
    decode_entities(inside, unseen);
    unseen.push(BREAK);
    rest
}

/// Where `</name` stands, in any case; the end of the text if nowhere.
fn find_closing(text: &str, name: &str) -> usize {
    let same = |at: &usize| text[at + 2..].get(..name.len()).is_some_and(|found| found.eq_ignore_ascii_case(name));
    text.match_indices("</").map(|(at, _)| at).find(same).unwrap_or(text.len())
}

/// Where an ASCII byte stands. Markup is full of short texts, for which a plain loop beats the search of the standard library.
fn find(text: &str, byte: u8) -> Option<usize> {
    text.bytes().position(|b| b == byte)
}

fn decode_entities(text: &str, out: &mut String) {
    let mut rest = text;
    while let Some(at) = find(rest, b'&') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        // browsers forgive a number without its semicolon
        let number = rest.strip_prefix('#').map(|text| match text.strip_prefix(['x', 'X']) {
            Some(hex) => 2 + hex.bytes().take_while(u8::is_ascii_hexdigit).count(),
            None => 1 + text.bytes().take_while(u8::is_ascii_digit).count(),
        });
        let end = number.or_else(|| rest.as_bytes().iter().take(12).position(|b| *b == b';'));
        match end.and_then(|end| Some((entity(&rest[..end])?, end))) {
            Some((c, end)) => {
                out.push(c);
                rest = rest[end..].strip_prefix(';').unwrap_or(&rest[end..]);
            }
            None => out.push('&'),
        }
    }
    out.push_str(rest);
}

/// The character that an entity stands for, of the numeric ones and those that Markdown and templates write.
fn entity(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
            None => number.parse().ok()?,
        };
        return char::from_u32(code);
    }
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" | "ensp" | "emsp" | "thinsp" | "Tab" | "NewLine" => ' ',
        "period" => '.',
        "comma" => ',',
        "shy" => '\u{ad}',
        "hellip" => '…',
        "mdash" => '—',
        "ndash" => '–',
        "lsquo" => '‘',
        "rsquo" => '’',
        "ldquo" => '“',
        "rdquo" => '”',
        _ => return None,
    })
}

/// The text with JSON's and JavaScript's escapes and percent-encoding decoded.
fn unescaped(text: &str) -> Cow<'_, str> {
    if !text.contains('\\') && !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['\\', '%']) {
        out.push_str(&rest[..at]);
        let here = &rest[at..];
        let used = if here.starts_with('\\') { escape(here, &mut out) } else { percent(here, &mut out) };
        rest = &here[used..];
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// Decodes the escape at the start of `text` and returns how many bytes it has.
fn escape(text: &str, out: &mut String) -> usize {
    let bytes = text.as_bytes();
    match bytes.get(1) {
        Some(b'n' | b't' | b'r') => {
            out.push(' ');
            2
        }
        Some(b'u') => {
            let unit = |at: usize| text.get(at..at + 4).and_then(|hex| u16::from_str_radix(hex, 16).ok());
            let Some(first) = unit(2) else {
                out.push('\\');
                return 1;
            };
            let second = if text[6..].starts_with("\\u") { unit(8) } else { None };
            let pair = second.and_then(|second| char::decode_utf16([first, second]).next()?.ok());
            match (char::from_u32(u32::from(first)), pair) {
                (Some(c), _) => {
                    out.push(c);
                    6
                }
                (None, Some(c)) => {
                    out.push(c);
                    12
                }
                (None, None) => 6,
            }
        }
        Some(b'x') => match text.get(2..4).and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                out.push(char::from(byte));
                4
            }
            None => {
                out.push('\\');
                1
            }
        },
        Some(c) if c.is_ascii() => {
            out.push(char::from(*c));
            2
        }
        _ => {
            out.push('\\');
            1
        }
    }
}

/// Decodes the percent-encoded bytes at the start of `text` and returns how many characters they take.
fn percent(text: &str, out: &mut String) -> usize {
    let bytes = text.as_bytes();
    let mut decoded = Vec::new();
    let mut at = 0;
    while bytes.get(at) == Some(&b'%') {
        let Some(byte) = text.get(at + 1..at + 3).and_then(|hex| u8::from_str_radix(hex, 16).ok()) else { break };
        decoded.push(byte);
        at += 3;
    }
    match std::str::from_utf8(&decoded) {
        Ok(text) if at > 0 => {
            out.push_str(text);
            at
        }
        _ => {
            out.push('%');
            1
        }
    }
}

fn utf16(bytes: &[u8]) -> String {
    let little = bytes[0] == 0xff;
    let units =
        bytes.chunks_exact(2).skip(1).map(|b| if little { u16::from_le_bytes([b[0], b[1]]) } else { u16::from_be_bytes([b[0], b[1]]) });
    char::decode_utf16(units).map(|c| c.unwrap_or(' ')).collect()
}

/// The readable parts of a binary file.
fn readable(bytes: &[u8]) -> impl Iterator<Item = &str> {
    bytes
        .split(|b| *b < 0x20 && !matches!(b, b'\n' | b'\r' | b'\t'))
        .filter(|part| part.len() >= READABLE)
        .flat_map(|part| part.utf8_chunks().map(|chunk| chunk.valid()).filter(|text| text.len() >= READABLE))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(path: &str, bytes: &[u8]) -> Vec<String> {
        let mut all = Vec::new();
        each_text(path, bytes, |t| all.push(t.to_owned()));
        all
    }

    #[test]
    fn inline_tags_vanish_and_blocks_end_a_word() {
        let (seen, _) = html("<p>mo<b>ved</b></p><p>a &amp; b&#x4e2d;</p>");
        assert_eq!(seen.split_whitespace().collect::<Vec<_>>(), ["moved", "a", "&", "b中"]);
    }

    #[test]
    fn headings_and_entries_of_a_nav_are_texts_of_their_own() {
        let (seen, _) = html("<h2>a</h2><p>b</p><p>c</p><nav><li>d</li><li>e</li></nav><li>f</li><li>g</li>");
        let parts: Vec<String> = seen.split(BREAK).map(|p| p.replace('\n', "")).filter(|p| !p.is_empty()).collect();
        assert_eq!(parts, ["a", "bc", "d", "e", "fg"]);
    }

    #[test]
    fn attributes_comments_and_scripts_are_read_apart() {
        let (seen, unseen) = html("<img alt='a > b' title=x><!-- c --><script>let d = '</p>'</script>e<style>f</style>");
        assert_eq!(seen.trim(), "e");
        for text in ["a > b", "x", " c ", "let d = '</p>'", "f"] {
            assert!(unseen.split(BREAK).any(|part| part == text), "{text} in {unseen:?}");
        }
    }

    #[test]
    fn a_lone_less_than_sign_hides_nothing() {
        let (seen, _) = html("1 < 2 and the rest is <b>here</b> <");
        assert_eq!(seen, "1 < 2 and the rest is here <");
    }

    #[test]
    fn a_tag_that_never_ends_hides_nothing() {
        let (_, unseen) = html("<p class='x the rest of it");
        assert!(unseen.contains("the rest of it"));
    }

    #[test]
    fn json_and_links_are_decoded() {
        assert_eq!(texts("a.json", br#"{"a":"b\n\u4e2d\ud83d\ude00\"\\c"}"#), [r#"{"a":"b 中😀"\c"}"#]);
        assert_eq!(texts("a.txt", b"x/%E4%B8%AD%20y 100% %zz"), ["x/中 y 100% %zz"]);
        let (_, unseen) = html(r#"<a href="/%E4%B8%AD.png">"#);
        assert_eq!(unescaped(&unseen).split(BREAK).nth(1), Some("/中.png"));
    }

    #[test]
    fn binary_files_are_read_where_they_are_readable() {
        let mut bytes = vec![0x89, b'P', 0, 0xff, 0xfe];
        bytes.extend(b"\0a sentence inside an image\0\xff\xff");
        assert_eq!(texts("a.png", &bytes), ["a sentence inside an image"]);
        let wide: Vec<u8> = [0xff, 0xfe].into_iter().chain("wide text".encode_utf16().flat_map(u16::to_le_bytes)).collect();
        assert_eq!(texts("a.txt", &wide), ["wide text"]);
    }

    #[test]
    fn every_cut_of_hard_text_is_read_without_panic() {
        let hard = "<a b='c\\u12\\ud83d\\ude00' %e4%b8 &#x110000; &amp <!-- <script>中</scrip \\";
        for end in (0..=hard.len()).filter(|end| hard.is_char_boundary(*end)) {
            texts("a.html", &hard.as_bytes()[..end]);
            texts("a.js", &hard.as_bytes()[..end]);
        }
    }
}
