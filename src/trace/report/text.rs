//! For a terminal.

use super::{DISCLOSED, LIMITS, NOTHING, ON_SIGNS, PROGRAM, Report, Section, plural, score};
use crate::diag::visible;
use crate::trace::commit::hypothesis_name;

/// How many of the leak's sentences are shown for a course; the page of HTML has all.
const SENTENCES: usize = 5;

/// How wide text is set.
const WIDTH: usize = 100;

impl Report<'_> {
    /// As text.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut out = String::new();
        let files: Vec<String> = self.files.iter().map(|(name, _)| visible(name)).collect();
        let bytes: u64 = self.files.iter().map(|(_, bytes)| bytes).sum();
        row(&mut out, "leak", &format!("{} ({bytes} bytes)  SHA-256 {}", files.join(", "), self.inputs.leak));
        self.notes.iter().for_each(|note| row(&mut out, "note", &visible(note)));
        row(&mut out, "lessons", &format!("SHA-256 {}", self.inputs.edition));
        row(&mut out, "orders", &format!("{} in {}", plural(self.orders as usize, "order"), visible(&self.source)));
        let again = if self.again { ", made before: it spends nothing" } else { "" };
        row(&mut out, "run", &format!("{} on this leak{again}, fixed as SHA-256 {}", self.verdict.run, self.verdict.commit));
        row(&mut out, "made", &format!("{} by {PROGRAM}", self.made));
        if self.inputs.courses.is_empty() {
            out.push_str(&format!("\n{NOTHING}\n"));
        }
        self.sections().for_each(|section| course(&mut out, &section));
        let heading = if self.verdict.is_match() { "What this rests on" } else { "What a match would rest on" };
        list(&mut out, heading, self.conditions().iter().map(String::as_str));
        list(&mut out, "What it does not say", LIMITS);
        if self.arbiter.is_some() {
            list(&mut out, "For an arbiter", [DISCLOSED]);
            out.push_str(&format!("\n{}", self.inputs.statement(self.verdict.run)));
            self.sections().for_each(|section| secrets(&mut out, &section));
        }
        out
    }
}

fn course(out: &mut String, section: &Section<'_>) {
    let found = section.found;
    let evidence = &found.evidence;
    out.push_str(&format!("\n{} ({})\n", visible(&evidence.title), evidence.course));
    row(out, "found", &section.found());
    row(out, "copies", &plural(found.copies as usize, "copy"));
    if let Some(erased) = section.erased() {
        row(out, "erased", &erased);
    }
    for (i, line) in section.capacity().iter().enumerate() {
        row(out, if i == 0 { "marks" } else { "" }, line);
    }
    for reading in evidence.readings.iter().take(SENTENCES) {
        row(out, "leak", &format!("\"{}\"  ({}, {})", visible(&reading.excerpt), reading.lesson, visible(&reading.file)));
    }
    if evidence.readings.len() > SENTENCES {
        row(out, "", &format!("... and {} more; `--report FILE.html` has all", evidence.readings.len() - SENTENCES));
    }
    if section.matches().next().is_none() {
        out.push_str(&format!("\n  {}\n", section.nothing()));
    }
    for (_, copy) in section.matches() {
        out.push_str(&format!("\n  Matching copy: {}, copy {}\n", visible(&copy.order.to_string()), copy.seat));
        for passed in section.passed(copy).iter().take(1) {
            for line in section.test_lines(passed) {
                wrapped(out, "    ", &line);
            }
        }
        if section.rests_on_signs(copy) {
            wrapped(out, "    ", ON_SIGNS);
        }
    }
}

fn secrets(out: &mut String, section: &Section<'_>) {
    let Some(secrets) = section.secrets else { return };
    let evidence = &section.found.evidence;
    let thresholds: Vec<String> = secrets.thresholds.iter().map(u32::to_string).collect();
    out.push_str(&format!("thresholds of {} (biases times 2^32) {}\n", evidence.course, thresholds.join(" ")));
    for (i, copy) in section.matches() {
        let Some((buyer, codeword)) = secrets.copies.get(i) else { continue };
        out.push_str(&format!("copy {} {} buyer {buyer} codeword {codeword}\n", visible(&copy.order.to_string()), copy.seat));
        for p in section.passed(copy) {
            let (hypothesis, score) = (hypothesis_name(p.hypothesis), score(p.score));
            out.push_str(&format!("test {hypothesis} {score} score {} needed {}\n", p.value, p.needed));
        }
    }
    for r in &evidence.readings {
        let slot = u8::from(r.author_slot);
        out.push_str(&format!(
            "position {} slot {slot} \"{}\" slot {} \"{}\" leak \"{}\"\n",
            r.position,
            visible(&r.sentence),
            1 - slot,
            visible(&r.other),
            visible(&r.excerpt)
        ));
    }
    for key in &evidence.keys {
        out.push_str(&format!("position {} slot {} {:?} key of epoch {}\n", key.position, u8::from(key.slot), key.what, key.epoch));
    }
}

fn list<'l>(out: &mut String, heading: &str, items: impl IntoIterator<Item = &'l str>) {
    out.push_str(&format!("\n{heading}\n"));
    for item in items {
        let start = out.len();
        wrapped(out, "    ", item);
        out.replace_range(start..start + 4, "  - ");
    }
}

fn row(out: &mut String, name: &str, text: &str) {
    out.push_str(&format!("  {name:<8} {text}\n"));
}

/// Words in lines of at most [`WIDTH`] characters.
fn wrapped(out: &mut String, indent: &str, text: &str) {
    out.push_str(indent);
    let mut width = indent.len();
    for (i, word) in text.split_whitespace().enumerate() {
        let letters = word.chars().count();
        if i > 0 && width + 1 + letters > WIDTH {
            out.push('\n');
            out.push_str(indent);
            width = indent.len();
        } else if i > 0 {
            out.push(' ');
            width += 1;
        }
        out.push_str(word);
        width += letters;
    }
    out.push('\n');
}
