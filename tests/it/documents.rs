//! The documents say what is true: links lead somewhere, tables agree with the code, every command is described.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::rooms::ROOMS;

/// The documents at the top of the repository.
const DOCUMENTS: &[&str] = &["README.md", "ARCHITECTURE.md", "CHANGELOG.md"];

#[test]
fn every_link_in_the_documents_leads_to_a_file() {
    let mut broken = Vec::new();
    for document in DOCUMENTS {
        for target in links(&read(document)) {
            if !target.contains("://") && !root().join(&target).exists() {
                broken.push(format!("{document}: {target}"));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn the_map_of_the_code_is_the_table_that_is_held() {
    let text = read("ARCHITECTURE.md");
    let rows: Vec<Vec<&str>> = text
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.strip_suffix('|'))
        .map(|row| row.split('|').map(|cell| cell.trim().trim_end_matches('`')).collect())
        .filter(|row: &Vec<&str>| row.len() == 3 && row[0] != "cli")
        .collect();
    let drawn: Vec<(&str, Vec<&str>)> =
        rows.iter().map(|row| (row[0], row[2].split(", ").filter(|room| !room.is_empty()).collect())).collect();
    let held: Vec<(&str, Vec<&str>)> = ROOMS.iter().map(|(room, uses)| (*room, uses.to_vec())).collect();
    assert_eq!(drawn, held);
}

#[test]
fn the_changelog_names_this_version() {
    assert!(read("CHANGELOG.md").contains(&format!("## [{}]", env!("CARGO_PKG_VERSION"))));
}

#[test]
fn the_readme_begins_with_the_two_commands_and_a_third() {
    let readme = read("README.md");
    let commands: Vec<&str> = readme.lines().filter(|line| line.starts_with("cargo run") || *line == "tests/all").collect();
    let trace = "cargo run --release -- trace leak.txt --site example-site --preview-key";
    assert_eq!(commands, ["cargo run --release -- serve example-site", "tests/all", trace]);
    assert!(root().join("tests/all").exists());
}

#[test]
fn the_reference_describes_every_command_and_every_option() {
    let reference = read("content/reference/commands.md");
    let mut missing = Vec::new();
    let all = commands(&[]);
    assert!(all.len() >= 7, "the help lists its commands otherwise than this test reads them");
    for command in all {
        let section = section(&reference, &command).unwrap_or_default();
        let mut help = help(&[&command]);
        for inner in commands(&[&command]) {
            if !section.contains(&format!("bookplate {command} {inner}")) {
                missing.push(format!("{command} {inner}"));
            }
            help.push_str(&self::help(&[&command, &inner]));
        }
        for option in options(&help) {
            if !section.contains(&option) {
                missing.push(format!("{command} {option}"));
            }
        }
    }
    assert!(missing.is_empty(), "content/reference/commands.md does not name: {}", missing.join(", "));
}

#[test]
fn the_example_says_first_that_it_is_public_on_purpose() {
    for file in ["example-site/README.md", "example-site/bookplate.yaml"] {
        let text = read(file);
        assert!(text.lines().next().is_some_and(|line| line.contains("public on purpose")), "{file}");
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    let path = root().join(Path::new(path));
    std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// The targets of `[text](target)`, without their fragment.
fn links(text: &str) -> Vec<String> {
    let ends = text.split("](").skip(1).filter_map(|rest| rest.split_once(')'));
    ends.map(|(target, _)| target.split('#').next().unwrap_or_default().to_owned()).filter(|target| !target.is_empty()).collect()
}

/// The part of a page below `## heading`.
fn section<'t>(page: &'t str, heading: &str) -> Option<&'t str> {
    let (_, rest) = page.split_once(&format!("\n## {heading}\n"))?;
    Some(rest.split("\n## ").next().unwrap_or(rest))
}

fn help(command: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_bookplate")).args(command).arg("--help").output().expect("the binary runs");
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// The names under `Commands:` in the help of a command.
fn commands(of: &[&str]) -> Vec<String> {
    let help = help(of);
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let names = listed.filter(|line| line.starts_with("  ") && !line.starts_with("   ")).filter_map(|line| line.split_whitespace().next());
    names.filter(|name| *name != "help").map(String::from).collect()
}

/// The long options in a help text.
fn options(help: &str) -> Vec<String> {
    let words = help.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
    let mut found: Vec<String> = words.filter(|w| w.starts_with("--") && w.len() > 3 && *w != "--help").map(String::from).collect();
    found.sort();
    found.dedup();
    found
}
