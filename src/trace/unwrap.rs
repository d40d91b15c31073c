//! Text out of what it was sent in: encodings, escapes of programs and addresses, base64, subtitles.
//!
//! Each way is taken only where a text has so much of it that it can be nothing else. A lesson about escapes keeps its examples.

use base64::Engine as _;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};

use super::look::unseen;
use crate::markdown::decode_entities;

/// Fewer escapes than this are examples.
const FEWEST: usize = 8;

/// The text of a file, and what is to be said of how it was read. Without a text there is nothing but keys in it.
#[must_use]
pub fn text_of(bytes: &[u8]) -> (Option<String>, Option<&'static str>) {
    const NO_UTF8: &str = "is not in UTF-8, so that only keys were looked for in it; text in another encoding must be saved as UTF-8 first";
    match bytes {
        [0xff, 0xfe, rest @ ..] => return (Some(wide(rest, true)), None),
        [0xfe, 0xff, rest @ ..] => return (Some(wide(rest, false)), None),
        _ => {}
    }
    // Without a mark: every other byte of Latin letters is zero.
    for little in [true, false] {
        let zeros = bytes.iter().skip(usize::from(little)).step_by(2).filter(|b| **b == 0).count();
        let others = bytes.iter().skip(usize::from(!little)).step_by(2).filter(|b| **b == 0).count();
        if bytes.len() >= 16 && zeros * 5 > bytes.len() && others * 20 < bytes.len() {
            return (Some(wide(bytes, little)), Some("has no mark of its encoding; it was read as UTF-16"));
        }
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return (Some(text.to_owned()), None);
    }
    // Chinese text has many Han characters; of Western text this way of reading makes few, and eats the letters behind accents.
    let chinese = encoding_rs::GB18030.decode_without_bom_handling_and_without_replacement(bytes);
    let han = |text: &str| text.chars().filter(|c| ('\u{4e00}'..='\u{9fff}').contains(c)).count() * 10 > text.chars().count();
    if let Some(text) = chinese.filter(|text| han(text)) {
        return (Some(text.into_owned()), Some("is not in UTF-8; it was read as GB18030"));
    }
    let high = bytes.iter().filter(|b| !b.is_ascii()).count();
    let western = encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0;
    if high * 10 < bytes.len() && is_clean(&western) {
        return (Some(western.into_owned()), Some("is not in UTF-8; it was read as Windows-1252"));
    }
    (None, Some(NO_UTF8))
}

/// True if hardly anything in a text is no text: one character in a hundred is bad luck, more is another format.
#[must_use]
pub fn is_clean(text: &str) -> bool {
    let odd = text.chars().filter(|c| *c == char::REPLACEMENT_CHARACTER || c.is_control() && unseen(*c)).count();
    odd * 100 <= text.chars().count()
}

fn wide(bytes: &[u8], little: bool) -> String {
    let units = bytes.chunks_exact(2).map(|pair| {
        let pair = [pair[0], pair[1]];
        if little { u16::from_le_bytes(pair) } else { u16::from_be_bytes(pair) }
    });
    char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

/// A way to send text, and what it is called.
type Wrapping = (fn(&str) -> Option<String>, &'static str);

const WRAPPINGS: [Wrapping; 7] = [
    (base64, "base64"),
    (percent, "percent-encoding"),
    (quoted_printable, "quoted-printable"),
    (json, "JSON"),
    (escapes, "escapes such as \\u4e2d"),
    (references, "references such as &#20013;"),
    (subtitles, "subtitles"),
];

/// The text without its wrappings, and their names in the order in which they came off.
#[must_use]
pub fn unwrapped(mut text: String) -> (String, Vec<&'static str>) {
    let mut names = Vec::new();
    for (unwrap, name) in WRAPPINGS {
        if let Some(inner) = unwrap(&text) {
            text = inner;
            names.push(name);
        }
    }
    (text, names)
}

/// True if `escapes` of `length` letters are no examples in a text.
fn many(escapes: usize, length: usize, text: &str) -> bool {
    escapes >= FEWEST && escapes * length * 10 >= text.len()
}

/// Blocks of lines that are base64 of text, in their place.
fn base64(text: &str) -> Option<String> {
    const SHORTEST: usize = 64;
    let digit = |c: char| c.is_ascii_alphanumeric() || "+/-_=".contains(c);
    let lines: Vec<&str> = text.lines().collect();
    let is_digits = |line: &&str| !line.trim().is_empty() && line.trim().chars().all(digit);
    let (mut out, mut found) = (String::new(), false);
    for block in lines.chunk_by(|a, b| is_digits(a) == is_digits(b)) {
        let whole: String = block.iter().map(|line| line.trim()).collect();
        let inner = block.first().filter(|line| is_digits(line) && whole.len() >= SHORTEST).and_then(|_| decoded(&whole));
        found |= inner.is_some();
        match inner {
            Some(inner) => out.push_str(&inner),
            None => out.push_str(&block.join("\n")),
        }
        out.push('\n');
    }
    found.then_some(out)
}

fn decoded(digits: &str) -> Option<String> {
    let config = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let alphabet = if digits.contains(['-', '_']) { URL_SAFE } else { STANDARD };
    let (text, note) = text_of(&GeneralPurpose::new(&alphabet, config).decode(digits).ok()?);
    text.filter(|text| is_clean(text) && (note.is_none() || !text.is_ascii()))
}

fn percent(text: &str) -> Option<String> {
    let count = pairs(text, b'%');
    let spaces = if text.trim().contains(char::is_whitespace) { text.to_owned() } else { text.replace('+', " ") };
    many(count, 3, text).then(|| percent_encoding::percent_decode_str(&spaces).decode_utf8().ok().map(Into::into)).flatten()
}

/// RFC 2045, section 6.7.
fn quoted_printable(text: &str) -> Option<String> {
    let count = pairs(text, b'=');
    let joined = text.replace("=\r\n", "").replace("=\n", "").replace('%', "%25").replace('=', "%");
    many(count, 3, text).then(|| percent_encoding::percent_decode_str(&joined).decode_utf8().ok().map(Into::into)).flatten()
}

/// How often a sign stands before two hexadecimal digits.
fn pairs(text: &str, sign: u8) -> usize {
    text.as_bytes().windows(3).filter(|three| three[0] == sign && three[1].is_ascii_hexdigit() && three[2].is_ascii_hexdigit()).count()
}

/// All strings of one or several JSON values, as lines. Lists of keys are short strings, and stay as they are.
fn json(text: &str) -> Option<String> {
    const SHORTEST: usize = 40;
    let start = text.trim_start_matches('\u{feff}');
    if !start.trim_start().starts_with(['{', '[']) {
        return None;
    }
    let values = serde_json::Deserializer::from_str(start).into_iter::<serde_json::Value>();
    let mut out = String::new();
    values.collect::<Result<Vec<_>, _>>().ok()?.iter().for_each(|value| strings(value, &mut out));
    out.lines().any(|line| line.chars().count() >= SHORTEST && line.contains(' ') || line.chars().any(|c| c > '\u{2e80}')).then_some(out)
}

/// The parser bounds how deep values nest.
fn strings(value: &serde_json::Value, out: &mut String) {
    match value {
        serde_json::Value::String(text) => {
            out.push_str(text);
            out.push('\n');
        }
        serde_json::Value::Array(values) => values.iter().for_each(|value| strings(value, out)),
        serde_json::Value::Object(members) => members.values().for_each(|value| strings(value, out)),
        _ => {}
    }
}

/// `\u4e2d`, pairs of surrogates, `\u{4e2d}`; and with them `\n`, `\"` and the like.
fn escapes(text: &str) -> Option<String> {
    if !many(text.matches("\\u").count(), 6, text) {
        return None;
    }
    let (mut out, mut units, mut rest) = (String::with_capacity(text.len()), Vec::new(), text);
    while !rest.is_empty() {
        if let Some((unit, behind)) = unit(rest) {
            units.extend(unit.encode_utf16());
            rest = behind;
            continue;
        }
        flush(&mut units, &mut out);
        let mut letters = rest.chars();
        match (letters.next(), letters.clone().next()) {
            (Some('\\'), Some('n' | 'r' | 't')) => out.push(' '),
            (Some('\\'), Some(sign @ ('"' | '\'' | '\\' | '/'))) => out.push(sign),
            (Some(letter), _) => {
                out.push(letter);
                rest = letters.as_str();
                continue;
            }
            (None, _) => break,
        }
        letters.next();
        rest = letters.as_str();
    }
    flush(&mut units, &mut out);
    Some(out)
}

/// The unit that an escape at the begin of a text stands for, and what comes behind.
fn unit(text: &str) -> Option<(Unit, &str)> {
    let digits = text.strip_prefix("\\u")?;
    if let Some((inner, behind)) = digits.strip_prefix('{').and_then(|inner| inner.split_once('}')) {
        return Some((Unit::Whole(u32::from_str_radix(inner, 16).ok().and_then(char::from_u32)?), behind));
    }
    let (four, behind) = digits.split_at_checked(4)?;
    Some((Unit::Half(u16::from_str_radix(four, 16).ok()?), behind))
}

enum Unit {
    Half(u16),
    Whole(char),
}

impl Unit {
    fn encode_utf16(self) -> Vec<u16> {
        match self {
            Self::Half(unit) => vec![unit],
            Self::Whole(c) => c.encode_utf16(&mut [0; 2]).to_vec(),
        }
    }
}

fn flush(units: &mut Vec<u16>, out: &mut String) {
    out.extend(char::decode_utf16(units.drain(..)).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)));
}

fn references(text: &str) -> Option<String> {
    many(text.matches("&#").count(), 6, text).then(|| decode_entities(text))
}

/// Subtitles without numbers and times.
fn subtitles(text: &str) -> Option<String> {
    let is_time = |line: &&str| line.contains("-->") && line.trim_start().starts_with(|c: char| c.is_ascii_digit()) && line.contains(':');
    if text.lines().filter(is_time).count() < 3 {
        return None;
    }
    let is_number = |line: &str| !line.trim().is_empty() && line.trim().bytes().all(|b| b.is_ascii_digit());
    Some(text.lines().filter(|line| !is_time(line) && !is_number(line)).collect::<Vec<_>>().join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAID: &str = "We don\u{2019}t move the table. 我们不移动表，但是可以复制它。因此我们不需要它。\n";

    fn opened(text: &str) -> (String, Vec<&'static str>) {
        unwrapped(text.to_owned())
    }

    #[test]
    fn encodings_are_told_by_their_bytes() {
        let (chinese, _, _) = encoding_rs::GB18030.encode(SAID);
        assert_eq!(text_of(&chinese), (Some(SAID.into()), Some("is not in UTF-8; it was read as GB18030")));
        let western = b"We don\x92t na\xefvely move the table, and we keep the table where the table was before.";
        let (text, note) = text_of(western);
        assert!(text.unwrap().starts_with("We don\u{2019}t na\u{ef}vely") && note.unwrap().contains("Windows-1252"));
        let plain: Vec<u8> = "We do not move it.".encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(text_of(&plain).0.as_deref(), Some("We do not move it."));
        let noise: Vec<u8> = (0..512u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        assert_eq!(text_of(&noise).0, None);
        assert!(text_of(&noise).1.unwrap().contains("not in UTF-8"));
        assert_eq!(text_of("m\u{1}o\u{1}ve".as_bytes()).0.as_deref(), Some("m\u{1}o\u{1}ve"));
    }

    #[test]
    fn wrappings_come_off() {
        let long = SAID.repeat(3);
        let base64 = base64::engine::general_purpose::STANDARD.encode(&long);
        let wrapped: String = base64.as_bytes().chunks(76).map(|line| String::from_utf8_lossy(line).into_owned() + "\r\n").collect();
        let units: String = long.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
        let quoted: String = long.bytes().map(|b| format!("={b:02X}")).collect();
        for (text, name) in [
            (base64, "base64"),
            (format!("Content-Transfer-Encoding: base64\r\n\r\n{wrapped}"), "base64"),
            (percent_encoding::utf8_percent_encode(&long, percent_encoding::NON_ALPHANUMERIC).to_string(), "percent-encoding"),
            (quoted, "quoted-printable"),
            (format!("[{}, 1, null]", serde_json::json!({ "a": [long] })), "JSON"),
            (format!("\"{}\";", units.replace("\\u000a", "\\n")), "escapes such as \\u4e2d"),
            (long.chars().map(|c| format!("&#{};", u32::from(c))).collect(), "references such as &#20013;"),
            (format!("1\n00:00:01,000 --> 00:00:02,000\n{long}\n2\n00:02 --> 00:03\nx\n3\n00:03 --> 00:04\nx\n"), "subtitles"),
        ] {
            let (inner, names) = opened(&text);
            assert!(names == [name] && inner.contains(SAID.trim_end()), "{name}: {names:?}\n{inner}");
        }
    }

    #[test]
    fn examples_and_keys_stay_as_they_are() {
        let example =
            "A lesson on \\u4e2d, &#20013;, %20, =3D and dGhpcyBpcyBub3QgdGV4dA==, and much more text about them all, as it goes.\n";
        let keys = "[\"mZ0dQ2l3bX2v8cJ1m0aW5w\", \"p7Zk1Q\", [1, 2, 3]]";
        let base64 = base64::engine::general_purpose::STANDARD.encode((0..96).map(|i: u8| i.wrapping_mul(37) ^ 0xa5).collect::<Vec<_>>());
        for text in [example, &example.repeat(9), keys, &base64, "{ not json", SAID] {
            assert_eq!(opened(text), (text.to_owned(), vec![]), "{text}");
        }
    }
}
