//! Arguments, environment, printing: the only room that reads the environment, prints, and ends the process.
//!
//! Each command is a short function in a file of its own. Output meant for people and programs goes to standard output;
//! diagnostics and progress go to standard error. Exit codes: 0 done, 1 could not be done, 2 wrong arguments.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::process::ExitCode;

use anyhow::Result;
use clap::{CommandFactory as _, Parser as _};

/// `println!` for results: a reader who has seen enough (`| head`) ends the program quietly.
macro_rules! say {
    ($($words:tt)*) => { $crate::cli::say(format_args!($($words)*)) };
}

mod args;
#[cfg(feature = "site")]
mod aside;
mod books;
#[cfg(feature = "site")]
mod build;
mod by_hand;
#[cfg(feature = "site")]
mod case;
#[cfg(feature = "site")]
mod check;
#[cfg(feature = "site")]
mod copy;
#[cfg(feature = "site")]
mod deploy;
#[cfg(feature = "site")]
mod doctor;
#[cfg(feature = "site")]
mod init;
mod issue;
#[cfg(feature = "site")]
mod keyrings;
mod keyserver;
mod ledger;
#[cfg(feature = "site")]
mod marks;
mod orders;
#[cfg(feature = "site")]
pub mod pipeline;
#[cfg(feature = "site")]
mod published;
mod reconcile;
#[cfg(feature = "site")]
mod rehearse;
mod remote;
#[cfg(feature = "site")]
mod rotate;
mod secrets;
#[cfg(feature = "site")]
mod serve;
mod shop;
#[cfg(feature = "site")]
mod trace;
#[cfg(feature = "site")]
mod verify;

use args::{Arguments, Command};

/// Runs the command line and says how it went.
pub fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => match error.downcast_ref::<Shown>() {
            Some(Shown) => ExitCode::FAILURE,
            None => {
                let mut said = shown(&error.to_string());
                eprintln!("error: {said}");
                for cause in error.chain().skip(1).map(|cause| shown(&cause.to_string())) {
                    // Errors of files say their cause themselves.
                    if !said.ends_with(&cause) {
                        eprintln!("  because: {cause}");
                    }
                    said = cause;
                }
                ExitCode::FAILURE
            }
        },
    }
}

fn run(arguments: Arguments) -> Result<()> {
    if arguments.licenses {
        return licenses();
    }
    match arguments.command {
        #[cfg(feature = "site")]
        Some(Command::Init(a)) => init::run(&a),
        #[cfg(feature = "site")]
        Some(Command::Build(a)) => build::run(&a),
        #[cfg(feature = "site")]
        Some(Command::Serve(a)) => serve::run(&a),
        #[cfg(feature = "site")]
        Some(Command::Check(a)) => check::run(&a),
        #[cfg(feature = "site")]
        Some(Command::Marks(a)) => marks::run(&a),
        #[cfg(feature = "site")]
        Some(Command::Copy(a)) => copy::run(&a),
        #[cfg(feature = "site")]
        Some(Command::Trace(a)) => trace::run(&a),
        #[cfg(feature = "site")]
        Some(Command::Deploy(a)) => deploy::run(&a.command),
        #[cfg(feature = "site")]
        Some(Command::Keyrings(a)) => keyrings::run(&a),
        #[cfg(feature = "site")]
        Some(Command::Verify(a)) => verify::run(&a),
        Some(Command::Issue(a)) => issue::run(&a),
        Some(Command::Keyserver(a)) => keyserver::run(&a),
        Some(Command::Orders(a)) => orders::run(&a.command),
        #[cfg(feature = "site")]
        Some(Command::Doctor(a)) => doctor::run(&a),
        #[cfg(feature = "site")]
        Some(Command::Rehearse(a)) => rehearse::run(&a),
        #[cfg(feature = "site")]
        Some(Command::Rotate(a)) => rotate::run(&a),
        None => Ok(Arguments::command().print_help()?),
    }
}

fn licenses() -> Result<()> {
    say!("bookplate is licensed under MIT or Apache-2.0, at your choice.\n");
    #[cfg(feature = "site")]
    say!("{}", crate::highlight::notices());
    Ok(())
}

fn say(words: std::fmt::Arguments<'_>) {
    use std::io::Write as _;
    match writeln!(std::io::stdout(), "{words}").and_then(|()| std::io::stdout().flush()) {
        Ok(()) => {}
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => std::process::exit(0),
        Err(error) => {
            eprintln!("error: cannot write what was found: {error}");
            std::process::exit(1)
        }
    }
}

/// A message whose names, which may be a stranger's, write nothing else to the terminal.
fn shown(message: &str) -> String {
    message.lines().map(crate::diag::visible).collect::<Vec<_>>().join("\n")
}

/// The diagnostics were already printed; only the exit code is left to say.
#[derive(Debug, thiserror::Error)]
#[error("the mistakes above")]
struct Shown;

/// True where somebody watches: progress is for them. CI and pipes get the result alone.
#[cfg(feature = "site")]
fn watched() -> bool {
    use std::io::IsTerminal as _;
    std::io::stderr().is_terminal() && std::env::var_os("CI").is_none()
}

/// True where colours help: a terminal that shows them, and nobody said otherwise (<https://no-color.org>).
#[cfg(feature = "site")]
fn coloured() -> bool {
    use std::io::IsTerminal as _;
    let said = |name: &str| std::env::var_os(name).unwrap_or_default();
    std::io::stdout().is_terminal() && said("NO_COLOR").is_empty() && said("TERM") != "dumb"
}
