//! What was found, as it was found: text, Markdown, HTML, keys.

use sha2::{Digest as _, Sha256};

use super::fold::letters;
use super::look::Disguise;
use super::unwrap::{is_clean, text_of, unwrapped};
use crate::markdown::{Seen, seen_text};

/// Longest leak in bytes, all files together.
pub const LEAK_MAX: usize = 256 << 20;

/// One file of a leak.
#[derive(Debug, Clone)]
pub struct LeakFile {
    /// Its name, for messages.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Why something is no leak that could be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LeakError {
    /// Nothing at all, or white space.
    #[error("`{name}` is empty\n  = help: save the text or the keys that were found into a file")]
    Empty {
        /// The file.
        name: String,
    },
    /// A format that holds text, but not as text.
    #[error("`{name}` is {what}, and its text must be taken out first\n  = help: {remedy}")]
    Packed {
        /// The file.
        name: String,
        /// A PDF file.
        what: &'static str,
        /// What to run.
        remedy: &'static str,
    },
    /// More than [`LEAK_MAX`].
    #[error("the leak has more than {} MB, and at most so much is read\n  = help: leave out what is surely from elsewhere", LEAK_MAX >> 20)]
    Long,
}

/// A leak, ready to be read.
#[derive(Debug, Clone, Default)]
pub struct Leak {
    texts: Vec<(String, String)>,
    bytes: Vec<(String, Vec<u8>)>,
    notes: Vec<String>,
    digest: [u8; 32],
}

/// First bytes of formats that hold text in a packed form.
const PACKED: [(&[u8], &str, &str); 5] = [
    (b"%PDF-", "a PDF file", "`pdftotext FILE.pdf` writes the text beside it"),
    (b"PK\x03\x04", "a ZIP archive (as EPUB and DOCX files are)", "`unzip` it, and name the XHTML files; or save the document as text"),
    (b"\x1f\x8b", "a gzip file", "`gunzip` it"),
    (b"{\\rtf", "an RTF document", "save it as text"),
    (b"\xd0\xcf\x11\xe0", "an old Office document", "save it as text"),
];

impl Leak {
    /// Reads files. Text comes out of encodings and escapes where they are unmistakable, HTML loses its tags and what it does not show;
    /// whatever else there is may hold keys.
    ///
    /// # Errors
    /// See [`LeakError`].
    pub fn read(files: &[LeakFile]) -> Result<Self, LeakError> {
        if files.iter().map(|file| file.bytes.len()).sum::<usize>() > LEAK_MAX {
            return Err(LeakError::Long);
        }
        let mut leak = Self::default();
        for file in files {
            leak.add(file)?;
        }
        leak.digest = leak.hash();
        Ok(leak)
    }

    fn add(&mut self, LeakFile { name, bytes }: &LeakFile) -> Result<(), LeakError> {
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return Err(LeakError::Empty { name: name.clone() });
        }
        if let Some((_, what, remedy)) = PACKED.iter().find(|(magic, ..)| bytes.starts_with(magic)) {
            return Err(LeakError::Packed { name: name.clone(), what, remedy });
        }
        let (text, note) = text_of(bytes);
        let mut notes: Vec<String> = note.map(str::to_owned).into_iter().collect();
        if !text.as_ref().is_some_and(|text| is_clean(text)) {
            self.bytes.push((name.clone(), bytes.clone()));
        }
        if let Some(text) = text {
            self.bytes.extend(byte_strings(&text).into_iter().map(|bytes| (name.clone(), bytes)));
            let (mut text, wrappings) = unwrapped(text);
            notes.extend(wrappings.into_iter().map(|wrapping| format!("was taken out of {wrapping}")));
            if is_html(&text) {
                let Seen { text: seen, hidden } = seen_text(&text);
                text = seen;
                if hidden > 0 {
                    notes.push(format!("text in {hidden} hidden element(s) of the page, which no reader sees, is left out"));
                }
            }
            notes.extend(Disguise::of(&text).sentences());
            self.texts.push((name.clone(), text));
        }
        self.notes.extend(notes.into_iter().map(|note| format!("{name}: {note}")));
        Ok(())
    }

    /// How the files were read where that is not plain, and what was done to them that no reader sees; each with the name of its file.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Name and plain text of every file that holds text.
    #[must_use]
    pub fn texts(&self) -> &[(String, String)] {
        &self.texts
    }

    /// Name of the file and bytes of everything that may hold keys: files that are no text, and what stands in text as digits.
    #[must_use]
    pub fn bytes(&self) -> &[(String, Vec<u8>)] {
        &self.bytes
    }

    /// What makes a leak the same leak: SHA-256 of the digests of its files, in rising order; of text the letters count alone, so that
    /// a saved copy with other line breaks is no other leak.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        self.digest
    }

    fn hash(&self) -> [u8; 32] {
        let text = |(_, text): &(String, String)| {
            let mut hash = Sha256::new_with_prefix(b"text");
            letters(text).into_iter().for_each(|letter| hash.update(letter.encode_utf8(&mut [0; 4])));
            hash.finalize()
        };
        let bytes = |(_, bytes): &(String, Vec<u8>)| Sha256::new_with_prefix(b"bytes").chain_update(bytes).finalize();
        let mut all: Vec<_> = self.texts.iter().map(text).chain(self.bytes.iter().map(bytes)).collect();
        all.sort_unstable();
        let mut whole = Sha256::new();
        all.iter().for_each(|hash| whole.update(hash));
        whole.finalize().into()
    }
}

/// True for a page or a piece of one, as browsers save it: it begins with a tag, or one ends in every line or two. Text about HTML has tags
/// too, and an example of a comment in it must not hide what stands behind; tags that stay are a few letters too many.
fn is_html(text: &str) -> bool {
    const TAGS: [&str; 10] = ["<html", "<body", "<p>", "<p ", "<div", "<span", "<li>", "<article", "<td", "<i "];
    const LETTERS_FOR_A_TAG: usize = 200;
    let start: String = text
        .trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}')
        .chars()
        .take(1 << 16)
        .map(|c| c.to_ascii_lowercase())
        .collect();
    let tags = TAGS.iter().map(|tag| start.matches(tag).count()).sum::<usize>();
    let ends = start.matches("</").count();
    if start.starts_with('<') { tags.max(ends) >= 2 } else { tags >= 2 && ends >= 2 && ends * LETTERS_FOR_A_TAG >= start.len() }
}

/// Shortest run of digits that may be a key: 16 bytes as base64.
const DIGITS: usize = 22;

/// Everything in a text that may be bytes written as text: hexadecimal digits, base64 in both alphabets, lists of numbers.
fn byte_strings(text: &str) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    // Lines of a wrapped block, and pairs with colons, are one run without what separates them.
    let dense: String = text.chars().filter(|c| !c.is_whitespace() && *c != ':').collect();
    for text in [text, &dense] {
        let hexadecimal = text.split(|c: char| !c.is_ascii_hexdigit()).filter(|run| run.len() >= 32);
        hexadecimal.for_each(|run| hex_digits(run, &mut found));
        let base64 = text.split(|c: char| !(c.is_ascii_alphanumeric() || "+/-_".contains(c))).filter(|run| run.len() >= DIGITS);
        base64.for_each(|run| base64_digits(run, &mut found));
    }
    numbers(text, &mut found);
    found
}

/// A run of hexadecimal digits as bytes, from either digit at which it could begin.
fn hex_digits(run: &str, found: &mut Vec<Vec<u8>>) {
    let nibbles: Vec<u8> = run.chars().filter_map(|c| c.to_digit(16)).map(|d| d as u8).collect();
    for start in 0..2 {
        found.push(nibbles.get(start..).unwrap_or_default().chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect());
    }
}

/// A run of base64 digits as bytes, from each digit at which it could begin.
fn base64_digits(run: &str, found: &mut Vec<Vec<u8>>) {
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
    // Prose without spaces looks like base64 too. Keys are 16 random bytes: 22 digits hold both cases and a number, but one time in a
    // hundred thousand.
    if !(run.bytes().any(|b| b.is_ascii_lowercase()) && run.bytes().any(|b| b.is_ascii_uppercase())) {
        return;
    }
    for start in 0..4 {
        let part = run.get(start..).unwrap_or_default();
        // The last digits of a run that is longer than the key hold no whole byte.
        for cut in 0..3 {
            let part = part.get(..part.len().saturating_sub(cut)).unwrap_or_default();
            if let Ok(bytes) = STANDARD_NO_PAD.decode(part).or_else(|_| URL_SAFE_NO_PAD.decode(part)) {
                found.push(bytes);
                break;
            }
        }
    }
}

/// Lists of numbers from 0 to 255, as programs print bytes.
fn numbers(text: &str, found: &mut Vec<Vec<u8>>) {
    let mut bytes = Vec::new();
    for word in text.split(|c: char| c.is_whitespace() || ",;[]()".contains(c)).filter(|word| !word.is_empty()) {
        match word.parse::<u8>() {
            Ok(byte) => bytes.push(byte),
            Err(_) if bytes.len() >= 16 => found.push(std::mem::take(&mut bytes)),
            Err(_) => bytes.clear(),
        }
    }
    if bytes.len() >= 16 {
        found.push(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine as _;

    fn read(bytes: &[u8]) -> Result<Leak, LeakError> {
        Leak::read(&[LeakFile { name: "leak".into(), bytes: bytes.to_vec() }])
    }

    fn text(bytes: &[u8]) -> String {
        read(bytes).unwrap().texts()[0].1.clone()
    }

    #[test]
    fn text_comes_out_of_what_it_is_wrapped_in() {
        assert_eq!(text("plain 文 Vec<T>".as_bytes()), "plain 文 Vec<T>");
        let about = "A comment: <!-- and <p> or <div> hide nothing.";
        assert_eq!(text(about.as_bytes()), about);
        assert_eq!(text(b"\xff\xfeh\0i\0"), "hi");
        let html = "<html><head><style>p{}</style></head><body><p>It&#8217;s <em>so</em> &amp; so.</p><p>Yes</p></body></html>";
        assert_eq!(
            text(format!("Also: {html}").as_bytes()).replace("Also: \n", "Also: "),
            text(html.as_bytes()).trim_start().replacen("It", "Also: It", 1)
        );
        assert_eq!(text(html.as_bytes()).split_whitespace().collect::<Vec<_>>().join(" "), "It\u{2019}s so & so. Yes");
    }

    #[test]
    fn what_no_reader_sees_is_told() {
        let html = "<div><p>We d\u{43e} n\u{43e}t<i hidden>x</i> m\u{1}ove.</p></div>".repeat(3);
        let leak = read(html.as_bytes()).unwrap();
        let notes = leak.notes().join("\n");
        for part in ["leak: text in 3 hidden", "in 3 words for Latin letters", "inside 3 words"] {
            assert!(notes.contains(part), "{part} is not in {notes}");
        }
        assert_eq!(letters(&leak.texts()[0].1), letters(&"We do not move.".repeat(3)));
        assert!(read("We do not move.".as_bytes()).unwrap().notes().is_empty());
    }

    #[test]
    fn what_cannot_be_read_says_what_to_do() {
        assert!(matches!(read(b" \n"), Err(LeakError::Empty { .. })));
        assert!(read(b"%PDF-1.7 ...").unwrap_err().to_string().contains("pdftotext"));
        assert!(read(b"{\\rtf1 x}").unwrap_err().to_string().contains("RTF"));
        assert!(read(b"PK\x03\x04").unwrap_err().to_string().contains("unzip"));
    }

    #[test]
    fn bytes_are_found_however_they_are_written() {
        let key: Vec<u8> = (0..48).map(|i: u8| i.wrapping_mul(37) ^ 0xa5).collect();
        let hex: String = key.iter().map(|b| format!("{b:02x}")).collect();
        let base64 = base64::engine::general_purpose::STANDARD.encode(&key);
        let wrapped = format!("{}\n{}", &base64[..30], &base64[30..]);
        let colons = key.iter().map(|b| format!("{b:02X}")).collect::<Vec<_>>().join(":");
        let list = format!("{key:?}");
        for written in [hex.clone(), format!("0{hex}"), base64.clone(), format!("AB{base64}"), wrapped, colons, list] {
            let leak = read(format!("keys: {written} .").as_bytes()).unwrap();
            let whole = leak.bytes().iter().any(|(_, bytes)| bytes.windows(16).any(|run| run == &key[16..32]));
            assert!(whole, "{written}");
        }
        assert_eq!(read(&[0, 1, 2, 3]).unwrap().bytes()[0].1, [0, 1, 2, 3]);
    }

    #[test]
    fn a_leak_is_the_same_with_other_line_breaks() {
        let digest = |text: &str| read(text.as_bytes()).unwrap().digest();
        assert_eq!(digest("One two.\nThree"), digest("one\ttwo three\n"));
        assert_ne!(digest("One two."), digest("One three."));
    }
}
