//! Code to spans of at most 16 token classes.
//!
//! The grammars are those of two-face (bat's collection), run by syntect. Scopes such as `keyword.control.rust` are mapped to a [`Class`] once each and
//! remembered; names of scopes are never formatted. Runs of equal class are joined, across lines too, so that the HTML stays small.

mod cache;
mod class;
mod grammar;
mod scopes;

pub use class::Class;

use syntect::parsing::{ClearAmount, ParseState, ScopeStackOp};
use syntect::util::LinesWithEndings;

use cache::Run;
use scopes::{Kind, Memo};

/// Longer code stays plain: nobody reads it, and grammars take time on it.
const MOST_BYTES: usize = 256 * 1024;
/// Code with a longer line (minified, or data) stays plain: grammars take more than linear time on long lines.
const MOST_LINE_BYTES: usize = 2_000;

/// Calls `span` for each run of `code` with its class, in order; the runs make up the whole code.
pub fn spans(code: &str, language: &str, mut span: impl FnMut(Option<Class>, &str)) {
    let short = code.len() <= MOST_BYTES && code.lines().all(|line| line.len() <= MOST_LINE_BYTES);
    let Some(syntax) = grammar::find(language).filter(|_| short) else {
        span(None, code);
        return;
    };
    let runs = cache::runs(language, code, || {
        let mut runs = Runs { code, start: 0, class: None, done: Vec::new() };
        scopes::with_memo(|memo| parse(code, ParseState::new(syntax), memo, &mut runs));
        runs.finish()
    });
    let mut start = 0;
    for (class, end) in runs.iter() {
        span(*class, code.get(start..*end).unwrap_or_default());
        start = *end;
    }
}

/// The licences of the grammars, for `bookplate --licenses`.
#[must_use]
pub fn notices() -> String {
    let mut out = String::from("Syntax grammars, collected by two-face and bat:\n");
    for license in two_face::acknowledgement::listing().for_syntaxes() {
        out.push_str(&format!("\n{}\n\n{}\n", license.rel_path.display(), license.text.trim_end()));
    }
    out
}

/// Joins neighbours of equal class.
struct Runs<'a> {
    code: &'a str,
    start: usize,
    class: Option<Class>,
    done: Vec<Run>,
}

impl Runs<'_> {
    /// From byte `at` on, the code has this class; blanks take the class of what stands before them.
    fn begin(&mut self, at: usize, end: usize, class: Option<Class>) {
        let blank = self.code.get(at..end).is_none_or(|text| text.trim().is_empty());
        if class != self.class && !blank {
            self.end(at);
            (self.start, self.class) = (at, class);
        }
    }

    fn end(&mut self, end: usize) {
        let text = self.code.get(self.start..end).unwrap_or_default();
        // Blanks at the end of a run are not part of it.
        let inner = if self.class.is_some() { self.start + text.trim_end().len() } else { end };
        if inner > self.start {
            self.done.push((self.class, inner));
        }
        if inner < end {
            self.done.push((None, end));
        }
    }

    fn finish(mut self) -> Vec<Run> {
        self.end(self.code.len());
        self.done
    }
}

fn parse(code: &str, mut state: ParseState, memo: &mut Memo, runs: &mut Runs<'_>) {
    // The class that holds at each level of the stack of scopes, and what was cleared from it.
    let mut stack: Vec<Option<Class>> = Vec::new();
    let mut cleared: Vec<Vec<Option<Class>>> = Vec::new();
    let mut start = 0;
    for line in LinesWithEndings::from(code) {
        let Ok(ops) = state.parse_line(line, grammar::set()) else { return };
        let mut at = 0;
        for (end, op) in &ops {
            if *end > at {
                runs.begin(start + at, start + end, stack.last().copied().flatten());
                at = *end;
            }
            match op {
                ScopeStackOp::Push(scope) => stack.push(match memo.kind(*scope) {
                    Kind::Class(class) => Some(class),
                    Kind::Plain => None,
                    Kind::Inherit => stack.last().copied().flatten(),
                }),
                ScopeStackOp::Pop(n) => stack.truncate(stack.len().saturating_sub(*n)),
                ScopeStackOp::Clear(amount) => {
                    let keep = match amount {
                        ClearAmount::TopN(n) => stack.len().saturating_sub(*n),
                        ClearAmount::All => 0,
                    };
                    cleared.push(stack.split_off(keep));
                }
                ScopeStackOp::Restore => stack.extend(cleared.pop().unwrap_or_default()),
                ScopeStackOp::Noop => {}
            }
        }
        if at < line.len() {
            runs.begin(start + at, start + line.len(), stack.last().copied().flatten());
        }
        start += line.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(code: &str, language: &str) -> String {
        let mut out = String::new();
        spans(code, language, |class, text| match class {
            Some(class) => out.push_str(&format!("[{}:{text}]", class.name())),
            None => out.push_str(text),
        });
        out
    }

    #[test]
    fn rust_and_go_and_python_have_classes() {
        assert_eq!(marked("let x = \"a\"; // b\n", "rust"), "[k:let] x [o:=] [s:\"a\"]; [c:// b]\n");
        assert!(marked("func main() { return 1 }\n", "go").starts_with("[k:func] [f:main]"));
        assert!(marked("def f(x):\n    return 'a'\n", "python").contains("[k:return] [s:'a']"));
        assert!(marked("#[derive(Debug)]\nstruct A;\n", "rust").contains("[k:struct] [t:A]"));
        assert!(marked("- a\n+ b\n", "diff").contains("[d:- a]\n[i:+ b]"));
    }

    #[test]
    fn no_byte_is_lost() {
        for (code, language) in [("fn a() {\n\t\"借\n", "rust"), ("", "rust"), ("\r\n\r\n", "go"), ("x", "no-such-language"), ("a\0b", "c")]
        {
            let mut out = String::new();
            spans(code, language, |_, text| out.push_str(text));
            assert_eq!(out, code);
        }
    }

    #[test]
    fn a_comment_of_many_lines_is_one_run() {
        assert_eq!(marked("/* a\n b */\n", "c"), "[c:/* a\n b */]\n");
    }

    #[test]
    fn notices_name_the_licences() {
        assert!(notices().len() > 1_000);
    }
}
