//! Scripts as they are served: without documentation, comments and indentation, otherwise as they were written.

/// Drops `/** ... */` blocks, lines that begin with `//`, indentation and empty lines. Our modules write comments in no other form and
/// keep every string on one line: `tests/js/size.test.mjs` holds them to it and measures exactly this.
pub(super) fn lean(source: &str) -> String {
    let mut code = String::with_capacity(source.len());
    let mut rest = source;
    while let Some((before, documented)) = rest.split_once("/**") {
        code.push_str(before);
        rest = documented.split_once("*/").map_or("", |(_, after)| after);
    }
    code.push_str(rest);
    code.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with("//"))
        .fold(String::new(), |all, line| all + line + "\n")
}

#[cfg(test)]
mod tests {
    use super::lean;

    #[test]
    fn comments_and_indentation_go_and_code_stays() {
        let source = "// What it does.\n\n/**\n * @param {string} a\n */\nexport function f(a) {\n  const b = /** @type {any} */ (a); // not dropped\n  return `// ${b}`;\n}\n";
        assert_eq!(lean(source), "export function f(a) {\nconst b =  (a); // not dropped\nreturn `// ${b}`;\n}\n");
    }

    #[test]
    fn an_unfinished_block_ends_the_script() {
        assert_eq!(lean("a;\n/** b"), "a;\n");
    }
}
