//! `bookplate serve`: the preview with its test shop.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result, anyhow};
use tokio::net::TcpListener;

use super::args::ServeArguments;
use super::build::{DRAWN, summary};
use super::pipeline::{self, Built, Read, SETTINGS};
use super::{Shown, secrets, shop};
use crate::catalog::Catalog;
use crate::edition::{Edition, Product};
use crate::fs;
use crate::keyserver::{self, Notice, Settings, State, system_clock};
use crate::pay::Call;
use crate::preview::{self, Claim, Goods, Marks, Pages, Preview, Rebuilt, Sales, TestShop};
use crate::protocol::{Code, SiteId};
use crate::rehearse::{self, Shop, Signed};
use crate::review;
use crate::site::{Mode, Seals};
use crate::store::{self, Facts as _, Owner, Sqlite};

/// The store of a site that names none: it must be some number.
const TEST_STORE: u64 = 10_001;
/// Products of courses that name none count from here.
const TEST_PRODUCT: u64 = 990_001;
/// The number of the first order of a fresh database.
const FIRST_ORDER: u64 = 1_000_042;

pub(super) fn run(arguments: &ServeArguments) -> Result<()> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(serve(arguments))
}

async fn serve(arguments: &ServeArguments) -> Result<()> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, arguments.port));
    let listener = TcpListener::bind(address).await.map_err(|e| {
        anyhow!("cannot listen on {address}: {e}\n  = help: choose another port with `--port`, or `--port 0` for a free one")
    })?;
    let origin = format!("http://{}", listener.local_addr()?);
    let dir = arguments.dir.clone();
    let (edition, built) = match attempt(&dir, &origin)? {
        Ok(done) => done,
        Err(problems) => {
            eprint!("{problems}");
            return Err(Shown.into());
        }
    };
    let site = SiteId::parse(&edition.site.id)?;
    let secret = secrets::random::<16>()?.iter().map(|b| format!("{b:02x}")).collect::<String>();
    let (state, orders) = endpoint(&site, built.assembled.catalog.clone(), &secret)?;
    greet(&dir, &edition, &built, &origin, orders)?;
    let preview = Preview {
        pages: pages(&edition, &built),
        watch: watch(&dir),
        shop: test_shop(&edition, &origin, secret, site, orders),
        endpoint: keyserver::router(state.clone()),
        rebuild: Box::new(move || match attempt(&dir, &origin) {
            Ok(Ok((edition, built))) => {
                state.replace_catalog(built.assembled.catalog.clone());
                Rebuilt { pages: Some(pages(&edition, &built)), problems: String::new() }
            }
            Ok(Err(problems)) => Rebuilt { pages: None, problems },
            Err(error) => Rebuilt { pages: None, problems: format!("error: {error:#}\n") },
        }),
        rebuilt: Box::new(|problems| {
            if !problems.is_empty() {
                eprintln!("{problems}the browser shows the last good site");
            }
        }),
    };
    preview::serve(preview, listener, shop::stop_signal()).await.context("the preview server stopped")
}

/// The real key endpoint in test mode, on the preview's key and database; and how many orders that database has.
fn endpoint(site: &SiteId, catalog: Catalog, secret: &str) -> Result<(State, usize)> {
    let folder = secrets::state_folder(site)?;
    fs::create_dir_all(&folder)?;
    let key = secrets::preview_key(site)?;
    let store = Arc::new(Sqlite::open(&folder.join("preview.db"))?);
    store.bind(&Owner::new(site, Some(key.fingerprint(site)))).with_context(|| {
        format!("the test orders were made under another preview key: delete `{}`", folder.join("preview.db").display())
    })?;
    let orders = store.orders()?.len();
    let mut settings = Settings::new(key, catalog, store);
    settings.mode = keyserver::Mode::Test;
    settings.lemon_squeezy = vec![secret.into()];
    // Nobody is asked about a licence key that the preview does not know: the provider is played, and knows none either.
    let provider = Shop::new(secret, TEST_STORE);
    settings.outbound = Arc::new(move |_: &Call| Ok(rehearse::answer(&provider, None)));
    settings.notify = Some(Arc::new(|notice| say!("{} {}", clock_time(system_clock()), sentence(&notice))));
    Ok((State::new(settings), orders))
}

/// Builds with everything that points outside turned to this preview: origin, endpoint, checkout. What is wrong with the site
/// comes drawn.
fn attempt(dir: &Path, origin: &str) -> Result<Result<(Edition, Built), String>> {
    let Read { edition, diagnostics, timings } = pipeline::read(dir)?;
    let Some(mut edition) = edition else { return Ok(Err(diagnostics.render(DRAWN))) };
    localise(&mut edition, origin);
    let key = secrets::preview_key(&SiteId::parse(&edition.site.id)?)?;
    let built = pipeline::assemble(&edition, Some(&Seals { key, preview: true }), Mode::Preview, diagnostics, timings);
    Ok(built.map(|built| (edition, built)).map_err(|wrong| wrong.render(DRAWN)))
}

fn localise(edition: &mut Edition, origin: &str) {
    edition.site.url = origin.to_owned();
    edition.site.endpoint = Some(format!("{origin}/-/keys/"));
    test_products(edition);
    for course in &mut edition.courses {
        let query = percent_encoding::utf8_percent_encode(&course.id, percent_encoding::NON_ALPHANUMERIC);
        course.checkout = Some(format!("{origin}/-/shop/checkout?course={query}"));
    }
}

/// Gives every course that names no product one of the test shop: its orders are for those.
pub(super) fn test_products(edition: &mut Edition) {
    edition.site.lemon_squeezy_store.get_or_insert(TEST_STORE);
    for (course, number) in edition.courses.iter_mut().zip(TEST_PRODUCT..) {
        if course.products.is_empty() {
            course.products.push(Product { provider: "lemon_squeezy".into(), product: number, variant: None });
        }
    }
}

fn pages(edition: &Edition, built: &Built) -> Pages {
    let files = built.assembled.outputs.iter();
    let base = &edition.site.base;
    let pages = Pages::new(base, files.map(|(path, o)| (path.as_str().to_owned(), o.media_type.to_owned(), Arc::clone(&o.bytes))));
    let key = SiteId::parse(&edition.site.id).ok().and_then(|site| secrets::preview_key(&site).ok());
    match key.and_then(|key| review::review(edition, &key).ok()) {
        Some(review) => pages.with_marks(Marks::of(&review, base)),
        None => pages,
    }
}

fn watch(dir: &Path) -> Vec<PathBuf> {
    if dir.join(SETTINGS).exists() {
        [SETTINGS, "content", "static", "themes"].iter().map(|part| dir.join(part)).collect()
    } else {
        vec![dir.to_owned()]
    }
}

fn test_shop(edition: &Edition, origin: &str, secret: String, site: SiteId, orders: usize) -> TestShop {
    let store = edition.site.lemon_squeezy_store.unwrap_or(TEST_STORE);
    let goods = edition.courses.iter().filter_map(|course| {
        let product = course.products.first()?;
        Some(Goods {
            course: course.id.clone(),
            title: course.title.get().clone(),
            price: course.price.as_ref().map(ToString::to_string).unwrap_or_default(),
            product: product.product,
            variant: product.variant.unwrap_or(product.product + 10_000),
        })
    });
    let webhooks = format!("{origin}/-/keys/webhooks/lemon_squeezy");
    TestShop {
        provider: Shop::new(secret, store),
        goods: goods.collect(),
        thanks: format!("{}thanks/", edition.site.base),
        claim: Box::new(move || {
            let code = Code::from_random(secrets::random().ok()?);
            Some(Claim { hash: code.claim_hash(&site).to_string(), code: code.to_string() })
        }),
        deliver: Arc::new(move |signed| post_webhook(&webhooks, signed)),
        clock: Arc::new(system_clock),
        sales: Sales::from(FIRST_ORDER + orders as u64),
    }
}

fn greet(dir: &Path, edition: &Edition, built: &Built, origin: &str, orders: usize) -> Result<()> {
    let site = &edition.site;
    let state = secrets::state_folder(&SiteId::parse(&site.id)?)?;
    let orders = if orders == 0 { "no orders yet".to_owned() } else { super::build::plural(orders, "order") };
    eprint!("{}", built.diagnostics.render(DRAWN));
    say!("bookplate {}  preview of {}, \"{}\"", env!("CARGO_PKG_VERSION"), dir.display(), site.title);
    say!("  key      preview key in {} (not for selling)", state.display());
    say!("{}", summary(edition, built));
    say!("  Site       {origin}{}", site.base);
    say!("  Endpoint   {origin}/-/keys/   SQLite, {orders}");
    say!("  Test shop  {origin}/-/shop/   no real money");
    let locked = edition.lessons().find(|(_, l)| l.body.open.is_some() && l.body.sealed.is_some());
    if let Some((_, lesson)) = locked {
        say!("Try this");
        say!("  1. open {origin}{}{} and read down to the lock", site.base, lesson.url);
        say!("  2. press Buy, then Pay: the lesson opens by itself");
        say!("  3. press \"Refund\" in the bar at the bottom, then reload");
        say!("  4. change {} and watch the page", dir.join(&lesson.source).display());
    }
    say!("Your own course: bookplate init my-site        Ctrl-C stops. Every sale is printed here:");
    Ok(())
}

/// `order 1000042 paid: ownership, keys issued`
fn sentence(notice: &Notice) -> String {
    let number = notice.number.clone().unwrap_or_else(|| notice.order.to_string());
    let courses = notice.courses.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    match notice.state {
        store::State::Active => format!("order {number} paid: {courses}, keys issued"),
        state => format!("order {number} {}: closed", state.name()),
    }
}

/// Over HTTP, as the provider does it: the endpoint must see what it will see in earnest.
fn post_webhook(to: &str, signed: &Signed) -> Result<(), String> {
    let post = ureq::post(to).header("content-type", "application/json").header("x-event-name", signed.event);
    post.header("x-signature", &signed.signature).send(&signed.body[..]).map(drop).map_err(|e| e.to_string())
}

/// `14:02:07`, in UTC: the time zone of a terminal is not worth a database.
fn clock_time(since_1970: u64) -> String {
    let s = since_1970 % 86_400;
    format!("{:02}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60)
}
