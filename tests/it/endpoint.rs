//! The key endpoint as a process of its own, as an operator runs it.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use super::cli::Desk;
use bookplate::outbound::Server;

/// Of the process that [`Endpoint::start`] runs.
pub(crate) const ADMIN: &str = "admin-token-of-the-tests-0123456789";
/// Of the webhook, of 32 characters.
pub(crate) const SECRET: &str = "webhook-secret-of-tests-01234567";

/// `bookplate keyserver` on a free port, on the site and the orders of a desk. Ends with the value.
pub(crate) struct Endpoint {
    child: Child,
    log: PathBuf,
    /// `http://127.0.0.1:PORT`.
    pub(crate) address: String,
}

impl Endpoint {
    /// Runs it with more variables.
    #[track_caller]
    pub(crate) fn start(desk: &Desk, variables: &[(&str, &str)]) -> Self {
        let log = desk.path("endpoint.log");
        let file = std::fs::File::create(&log).expect("a file");
        let mut command = Command::new(env!("CARGO_BIN_EXE_bookplate"));
        command.args(["keyserver", "--site", "site", "--listen", "127.0.0.1:0"]).current_dir(desk.path(""));
        command.env_clear().env("HOME", desk.path("")).env("BOOKPLATE_ADMIN_TOKEN", ADMIN).env("BOOKPLATE_LEMON_SQUEEZY_SECRET", SECRET);
        let mut child = command.envs(variables.iter().copied()).stdout(Stdio::piped()).stderr(file).spawn().expect("the binary runs");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("piped")).read_line(&mut line).expect("a line");
        let address = line.split_whitespace().find(|word| word.starts_with("http://")).map(|word| word.trim_end_matches(',').to_owned());
        let said = || format!("the endpoint did not start: {line}{}", std::fs::read_to_string(&log).unwrap_or_default());
        let address = address.unwrap_or_else(|| panic!("{}", said()));
        Self { child, log, address }
    }

    /// What `/unlock` answers to a licence key.
    pub(crate) fn unlock(&self, licence: &str) -> serde_json::Value {
        let server = Server::new(&self.address).expect("this machine");
        server.send(&server.post("unlock", serde_json::json!({ "licence": licence }).to_string())).expect("an answer").json()
    }

    /// Everything that it logged.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(&self.log).expect("a log")
    }
}

impl Drop for Endpoint {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
