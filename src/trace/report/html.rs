//! One page that needs nothing else: no script, no other file, everything escaped.

use std::fmt::Write as _;

use super::{DISCLOSED, LIMITS, NOTHING, ON_SIGNS, PROGRAM, Report, Section, plural, score};
use crate::diag::rules_the_line;
use crate::trace::commit::hypothesis_name;

/// How every such page begins.
pub const PAGE_BEGIN: &str = "<!doctype html>\n<html lang=\"en\">\n<meta name=\"generator\" content=\"bookplate trace\">\n";

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem;color:#1b1b1b;background:#fff}\
h1{font-size:1.5rem}h2{font-size:1.2rem;margin-top:2rem}dl{display:grid;grid-template-columns:7rem 1fr;gap:.3rem 1rem}dt{color:#555}\
dd{margin:0;overflow-wrap:anywhere}.match{border:2px solid #1b1b1b;border-radius:.4rem;padding:.5rem 1rem;margin:1rem 0}\
blockquote{margin:.6rem 0;padding-left:.8rem;border-left:3px solid #ccc}small{color:#555}table{border-collapse:collapse;width:100%;font-size:.85rem}\
td,th{border:1px solid #ccc;padding:.3rem;text-align:left;vertical-align:top;overflow-wrap:anywhere}pre{white-space:pre-wrap;\
overflow-wrap:anywhere;font-size:.75rem}.secret{border-top:4px double #a00;margin-top:3rem}\
@media(prefers-color-scheme:dark){body{color:#e6e6e6;background:#161616}.match{border-color:#e6e6e6}dt,small{color:#aaa}}";

impl Report<'_> {
    /// As a page of HTML.
    #[must_use]
    pub fn to_html(&self) -> String {
        let title = if self.verdict.is_match() { "A matching copy" } else { "No conclusion" };
        let mut out = format!(
            "{PAGE_BEGIN}<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n\
             <meta name=\"robots\" content=\"noindex\">\n\
             <meta http-equiv=\"content-security-policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
             <title>{title}</title>\n<style>{STYLE}</style>\n<h1>{title}</h1>\n"
        );
        let orders = self.orders().len();
        if orders > 1 {
            let _ = writeln!(
                out,
                "<p class=\"match\"><strong>For the author alone.</strong> This page names {orders} orders, and no holder of one may see the \
                 others. For each of them there is a page of its own beside this one.</p>"
            );
        }
        let files: Vec<String> = self.files.iter().map(|(name, bytes)| format!("{name} ({bytes} bytes)")).collect();
        out.push_str("<dl>");
        row(&mut out, "Leak", &format!("{}, SHA-256 {}", files.join(", "), self.inputs.leak));
        self.notes.iter().for_each(|note| row(&mut out, "Note", note));
        row(&mut out, "Site", self.inputs.site.as_str());
        row(&mut out, "Lessons", &format!("SHA-256 {}", self.inputs.edition));
        row(&mut out, "Orders", &plural(self.orders as usize, "order"));
        row(&mut out, "Run", &format!("{} on this leak, fixed as SHA-256 {}", self.verdict.run, self.verdict.commit));
        row(&mut out, "Made", &format!("{} by {PROGRAM}", self.made));
        out.push_str("</dl>\n");
        if self.inputs.courses.is_empty() {
            let _ = writeln!(out, "<p>{}</p>", escape(NOTHING));
        }
        self.sections().for_each(|section| course(&mut out, &section));
        out.push_str(if self.verdict.is_match() { "<h2>What this rests on</h2>" } else { "<h2>What a match would rest on</h2>" });
        list(&mut out, self.conditions().iter().map(String::as_str));
        out.push_str("<h2>What it does not say</h2>");
        list(&mut out, LIMITS);
        if self.arbiter.is_some() {
            let _ = write!(out, "<section class=\"secret\"><h2>For an arbiter</h2><p>{}</p>", escape(DISCLOSED));
            let _ = write!(out, "<h3>What the hash fixes</h3><pre>{}</pre>", escape(&self.inputs.statement(self.verdict.run)));
            self.sections().for_each(|section| secrets(&mut out, &section));
            out.push_str("</section>\n");
        }
        out.push_str("</html>\n");
        out
    }
}

fn course(out: &mut String, section: &Section<'_>) {
    let found = section.found;
    let evidence = &found.evidence;
    let _ = write!(out, "<h2>{}</h2><dl>", escape(&evidence.title));
    row(out, "Found", &section.found());
    row(out, "Copies", &plural(found.copies as usize, "copy"));
    if let Some(erased) = section.erased() {
        row(out, "Erased", &erased);
    }
    section.capacity().iter().for_each(|line| row(out, "Marks", line));
    out.push_str("</dl>\n");
    if section.matches().next().is_none() {
        let _ = writeln!(out, "<p class=\"match\">{}</p>", section.nothing());
    }
    for (_, copy) in section.matches() {
        let _ = write!(
            out,
            "<div class=\"match\"><p><strong>Matching copy: {}, copy {}</strong></p>",
            escape(&copy.order.to_string()),
            copy.seat
        );
        for passed in section.passed(copy) {
            let _ = write!(out, "<p><small>{} / {}</small></p>", hypothesis_name(passed.hypothesis), score(passed.score));
            list(out, section.test_lines(passed).iter().map(String::as_str));
        }
        if section.rests_on_signs(copy) {
            let _ = write!(out, "<p>{}</p>", escape(ON_SIGNS));
        }
        out.push_str("</div>\n");
    }
    if !evidence.readings.is_empty() {
        let _ = write!(out, "<details open><summary>The leak's sentences</summary>");
        for reading in &evidence.readings {
            let (excerpt, file, title) = (escape(&reading.excerpt), escape(&reading.file), escape(&reading.title));
            let _ = write!(out, "<blockquote>{excerpt}<br><small>{title}, {file}</small></blockquote>");
        }
        out.push_str("</details>\n");
    }
}

fn secrets(out: &mut String, section: &Section<'_>) {
    let Some(secrets) = section.secrets else { return };
    let evidence = &section.found.evidence;
    let _ = write!(out, "<h3>{}</h3>", escape(&evidence.title));
    for (i, copy) in section.matches() {
        let Some((buyer, codeword)) = secrets.copies.get(i) else { continue };
        let _ = write!(out, "<p>{}, copy {}: buyer {buyer}, codeword</p><pre>{codeword}</pre>", escape(&copy.order.to_string()), copy.seat);
        for p in section.passed(copy) {
            let (hypothesis, score) = (hypothesis_name(p.hypothesis), score(p.score));
            let _ = write!(out, "<p>{hypothesis} / {score}: score {}, needed {}</p>", p.value, p.needed);
        }
    }
    let thresholds: Vec<String> = secrets.thresholds.iter().map(u32::to_string).collect();
    let _ = write!(out, "<p>Biases times 2<sup>32</sup></p><pre>{}</pre>", thresholds.join(" "));
    out.push_str("<table><tr><th>Position<th>Slot 0<th>Slot 1<th>The leak</tr>");
    for r in &evidence.readings {
        let (author, other) = (escape(&r.sentence), escape(&r.other));
        let (zero, one) = if r.author_slot { (other, author) } else { (author, other) };
        let _ = write!(out, "<tr><td>{}<td>{zero}<td>{one}<td>{}</tr>", r.position, escape(&r.excerpt));
    }
    for key in &evidence.keys {
        let what = format!("{:?} key of epoch {}", key.what, key.epoch);
        let _ = write!(out, "<tr><td>{}<td colspan=\"3\">{what} opens slot {}</tr>", key.position, u8::from(key.slot));
    }
    out.push_str("</table>\n");
}

fn row(out: &mut String, name: &str, text: &str) {
    let _ = write!(out, "<dt>{name}</dt><dd>{}</dd>", escape(text));
}

fn list<'l>(out: &mut String, items: impl IntoIterator<Item = &'l str>) {
    out.push_str("<ul>");
    items.into_iter().for_each(|item| _ = write!(out, "<li>{}</li>", escape(item)));
    out.push_str("</ul>\n");
}

/// Text between tags or in quotes. What could turn or break a line is shown as `\u{...}`.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' => out.push('\n'),
            c if rules_the_line(c) => out.extend(c.escape_unicode()),
            c => out.push(c),
        }
    }
    out
}
