//! Headers: what hosts must say beside the bytes.

use super::fetch::Fetched;
use super::row::{Report, Row};

const PART: &str = "headers";

/// A year, in seconds: what caches take for "for ever".
const YEAR: u64 = 31_536_000;

/// Which files a rule is about.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Of {
    All,
    /// HTML, the catalog and whatever else keeps its name when it changes.
    Named,
    /// What lies below `-/`: its address changes with its content.
    Hashed,
    Page,
    Module,
}

struct Rule {
    header: &'static str,
    of: Of,
    files: &'static str,
    expected: &'static str,
    fits: fn(&str) -> bool,
}

const RULES: &[Rule] = &[
    Rule {
        header: "content-type",
        of: Of::Page,
        files: "pages",
        expected: "text/html; charset=utf-8",
        fits: |v| is(v, "text/html;charset=utf-8"),
    },
    Rule { header: "content-type", of: Of::Module, files: "scripts", expected: "text/javascript", fits: |v| v.contains("javascript") },
    Rule { header: "x-content-type-options", of: Of::All, files: "all files", expected: "nosniff", fits: |v| is(v, "nosniff") },
    Rule { header: "referrer-policy", of: Of::All, files: "all files", expected: "no-referrer", fits: |v| is(v, "no-referrer") },
    Rule {
        header: "content-security-policy",
        of: Of::Page,
        files: "pages",
        expected: "frame-ancestors 'none'",
        fits: |v| v.contains("frame-ancestors 'none'"),
    },
    Rule { header: "cache-control", of: Of::Hashed, files: "hashed files", expected: "immutable, a year", fits: for_ever },
    Rule { header: "cache-control", of: Of::Named, files: "pages and lists", expected: "must revalidate", fits: revalidates },
];

/// On a site with TLS, too.
const TRANSPORT: Rule = Rule {
    header: "strict-transport-security",
    of: Of::All,
    files: "all files",
    expected: "max-age of a day or more",
    fits: |v| directive(&v.to_ascii_lowercase(), "max-age").is_some_and(|seconds| seconds >= 86_400),
};

/// Holds every header of every file against the rules.
pub(super) fn check(fetched: &[Fetched], tls: bool, report: &mut Report) {
    let came: Vec<&Fetched> = fetched.iter().filter(|file| file.came()).collect();
    // Its headers are its own, whatever the site wants: the policy stands in the pages there.
    let pages_host = came.first().and_then(|file| file.header("server")).is_some_and(|server| server.eq_ignore_ascii_case("github.com"));
    for rule in RULES.iter().chain(tls.then_some(&TRANSPORT)) {
        let files: Vec<&&Fetched> = came.iter().filter(|file| rule.of.holds(file)).collect();
        let found: Vec<(String, String)> = files
            .iter()
            .filter_map(|file| {
                let value = file.header(rule.header);
                let fits = value.as_deref().is_some_and(rule.fits);
                (!fits).then(|| (file.path.clone(), value.unwrap_or_else(|| "no such header".to_owned())))
            })
            .collect();
        let what = format!("{} of {}", rule.header, rule.files);
        if pages_host && !found.is_empty() && rule.header != "content-type" {
            report.push(Row::unknown(PART, what, rule.expected, "GitHub Pages sends headers of its own"));
        } else if !files.is_empty() {
            report.many(PART, &what, rule.expected, files.len(), found);
        }
    }
}

impl Of {
    fn holds(self, file: &Fetched) -> bool {
        let hashed = file.path.starts_with("-/");
        match self {
            Of::All => true,
            Of::Named => !hashed,
            Of::Hashed => hashed,
            Of::Page => file.is_page(),
            Of::Module => file.path.ends_with(".js"),
        }
    }
}

/// Equal but for case and white space.
fn is(value: &str, wanted: &str) -> bool {
    value.split_whitespace().collect::<String>().eq_ignore_ascii_case(wanted)
}

fn for_ever(value: &str) -> bool {
    let value = value.to_ascii_lowercase();
    value.contains("immutable") && directive(&value, "max-age").is_some_and(|seconds| seconds >= YEAR)
}

fn revalidates(value: &str) -> bool {
    let value = value.to_ascii_lowercase();
    value.contains("no-cache") || value.contains("no-store") || directive(&value, "max-age") == Some(0)
}

/// The number of `name=number`.
fn directive(value: &str, name: &str) -> Option<u64> {
    value.split([',', ';']).find_map(|part| part.trim().strip_prefix(name)?.strip_prefix('=')?.trim().parse().ok())
}
