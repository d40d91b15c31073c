//! `bookplate keyserver`: the key endpoint of a shop.

use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::net::TcpListener;

use super::args::KeyserverArguments;
use super::remote::is_sendable;
use super::shop::{Desk, stop_signal};
use crate::keyserver::{self, Mode, Settings, State};
use crate::outbound::Http;
use crate::pay::lemon_squeezy;

/// Signing secrets of Lemon Squeezy's webhooks, separated by commas: the current one, then the previous one.
pub(super) const LEMON_SQUEEZY_SECRET: &str = "BOOKPLATE_LEMON_SQUEEZY_SECRET";
/// The shortest token that cannot be guessed, and signing secret from a webhook that was seen. Lemon Squeezy takes 6 to 40 characters.
const SHORTEST: usize = 16;
/// A key of Lemon Squeezy's main API.
pub(super) const API_KEY: &str = "BOOKPLATE_LEMON_SQUEEZY_API_KEY";
/// Where Lemon Squeezy's APIs are: for tests and stand-ins.
const API: &str = "BOOKPLATE_LEMON_SQUEEZY_API";
/// `live` or `test`; `--test-mode` outranks it.
const MODE: &str = "BOOKPLATE_MODE";
/// Signs rehearsals. An endpoint honours it in test mode only.
pub(super) const REHEARSAL_SECRET: &str = "BOOKPLATE_REHEARSAL_SECRET";
/// Opens `/ledger` and `/facts`.
pub(super) const ADMIN_TOKEN: &str = "BOOKPLATE_ADMIN_TOKEN";

pub(super) fn run(arguments: &KeyserverArguments) -> Result<()> {
    let desk = Desk::open(&arguments.shop)?;
    let mut settings = Settings::new(desk.site_key()?, desk.catalog.clone(), desk.store.clone());
    settings.mode = mode(arguments.test_mode)?;
    settings.rehearsal = variable(REHEARSAL_SECRET)?.map(SecretString::from);
    settings.calls_a_minute = arguments.calls_a_minute;
    settings.lemon_squeezy = secrets(LEMON_SQUEEZY_SECRET)?;
    settings.admin_token = variable(ADMIN_TOKEN)?.map(SecretString::from);
    if let Some(token) = &settings.admin_token {
        check_token(token.expose_secret())?;
    }
    settings.api_key = variable(API_KEY)?.map(SecretString::from);
    settings.outbound = Arc::new(provider()?);
    let sold = desk.catalog.courses.iter().any(|c| !c.products.is_empty());
    let rehearsed = settings.mode == Mode::Test && settings.rehearsal.is_some();
    if settings.lemon_squeezy.is_empty() && sold && !rehearsed {
        bail!(
            "{LEMON_SQUEEZY_SECRET} is not set, and a course is sold there\n  = help: set it to the signing secret of the webhook; \
             without it no sale can be believed"
        );
    }
    if settings.lemon_squeezy.iter().any(|secret| secret.expose_secret().chars().count() < SHORTEST) {
        eprintln!(
            "warning: {LEMON_SQUEEZY_SECRET} is shorter than {SHORTEST} characters, so it may be guessed, and who guesses it makes himself orders\n  \
             = help: set a random one of 32 characters here and at the webhook, such as `openssl rand -hex 16` prints"
        );
    }
    tracing_subscriber::fmt().json().with_writer(std::io::stderr).init();
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
        let listener = TcpListener::bind(arguments.listen).await.with_context(|| {
            format!("cannot listen on {}\n  = help: another program uses the port, or the address is not this machine's", arguments.listen)
        })?;
        say!("key endpoint on http://{}, orders in {}", listener.local_addr()?, desk.database.display());
        let router = keyserver::router(State::new(settings));
        keyserver::serve(listener, router, stop_signal()).await.context("the key endpoint stopped")
    })
}

/// Refuses a token that nobody could send, and warns of one that may be guessed.
fn check_token(token: &str) -> Result<()> {
    if !is_sendable(token) {
        bail!(
            "{ADMIN_TOKEN} holds a line end, or a character that is not ASCII, so nobody could send it\n  = help: set a random one of 32 \
             characters, such as `openssl rand -hex 16` prints"
        );
    }
    if token.len() < SHORTEST {
        eprintln!(
            "warning: {ADMIN_TOKEN} is shorter than {SHORTEST} characters, so it may be guessed, and who guesses it reads and writes all \
             orders\n  = help: set a random one of 32 characters, such as `openssl rand -hex 16` prints"
        );
    }
    Ok(())
}

/// Lemon Squeezy, or what stands in its place.
pub(super) fn provider() -> Result<Http> {
    let address = variable(API)?.unwrap_or_else(|| lemon_squeezy::API.to_owned());
    Http::at(&address)
        .with_context(|| format!("{API} is `{address}`\n  = help: keys are sent there: it must be https, or http on this machine"))
}

/// Whose money counts.
fn mode(test: bool) -> Result<Mode> {
    match variable(MODE)?.as_deref() {
        _ if test => Ok(Mode::Test),
        None | Some("live") => Ok(Mode::Live),
        Some("test") => Ok(Mode::Test),
        Some(other) => bail!("{MODE} is `{other}`\n  = help: it is `live` or `test`"),
    }
}

pub(super) fn secrets(name: &str) -> Result<Vec<SecretString>> {
    let value = variable(name)?.unwrap_or_default();
    Ok(value.split(',').map(str::trim).filter(|s| !s.is_empty()).map(SecretString::from).collect())
}

/// A variable's value without white space round it; an empty one is none.
pub(super) fn variable(name: &str) -> Result<Option<String>> {
    let Some(value) = std::env::var_os(name) else { return Ok(None) };
    let value = value.into_string().ok().with_context(|| format!("{name} is not UTF-8"))?;
    Ok(Some(value.trim().to_owned()).filter(|v| !v.is_empty()))
}
