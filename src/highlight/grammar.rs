//! Which grammar a fence means.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::LazyLock;

use syntect::parsing::{SyntaxReference, SyntaxSet};

static SET: LazyLock<SyntaxSet> = LazyLock::new(two_face::syntax::extra_newlines);

/// What authors write after a fence where the grammar has another name. An empty name means that there is nothing to highlight:
/// output, and sessions whose output a shell grammar would colour at random.
const ALIASES: &[(&str, &str)] = &[
    ("bat", "Batch File"),
    ("cmd", "Batch File"),
    ("console", ""),
    ("csharp", "cs"),
    ("docker", "dockerfile"),
    ("golang", "go"),
    ("javascript", "js"),
    ("jsonc", "json"),
    ("json5", "json"),
    ("jsx", "js"),
    ("markdown", "md"),
    ("mermaid", ""),
    ("objectivec", "Objective-C"),
    ("output", ""),
    ("plain", ""),
    ("plaintext", ""),
    ("powershell", "ps1"),
    ("py3", "python"),
    ("python3", "python"),
    ("rs", "rust"),
    ("shell", "bash"),
    ("shell-session", ""),
    ("terminal", ""),
    ("text", ""),
    ("tsx", "TypeScriptReact"),
    ("txt", ""),
    ("typescript", "ts"),
    ("vim", "VimL"),
    ("wasm", ""),
    ("yml", "yaml"),
    ("zsh", "bash"),
];

/// All grammars.
pub fn set() -> &'static SyntaxSet {
    &SET
}

/// The grammar for the word after a fence. Looking one up means asking every grammar, so each thread remembers what it asked.
pub fn find(language: &str) -> Option<&'static SyntaxReference> {
    thread_local! {
        static ASKED: RefCell<HashMap<String, Option<&'static SyntaxReference>>> = RefCell::default();
    }
    if language.is_empty() || language.len() > 32 {
        return None;
    }
    ASKED.with_borrow_mut(|asked| match asked.get(language) {
        Some(known) => *known,
        None => {
            let found = look_up(&language.to_lowercase());
            asked.insert(language.to_owned(), found);
            found
        }
    })
}

fn look_up(language: &str) -> Option<&'static SyntaxReference> {
    let name = ALIASES.iter().find(|(alias, _)| *alias == language).map_or(language, |(_, name)| name);
    if name.is_empty() {
        return None;
    }
    SET.find_syntax_by_token(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_alias_leads_to_a_grammar() {
        for (alias, name) in ALIASES.iter().filter(|(_, name)| !name.is_empty()) {
            assert!(find(alias).is_some(), "{alias} -> {name}");
        }
    }

    #[test]
    fn languages_of_real_courses_are_known() {
        for language in [
            "rust",
            "go",
            "bash",
            "sh",
            "python",
            "java",
            "js",
            "ts",
            "json",
            "yaml",
            "toml",
            "sql",
            "html",
            "css",
            "c",
            "cpp",
            "xml",
            "dockerfile",
            "diff",
            "kotlin",
            "properties",
            "lua",
            "nginx",
        ] {
            assert!(find(language).is_some(), "{language}");
        }
    }
}
