//! The `bookplate` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    bookplate::cli::main()
}
