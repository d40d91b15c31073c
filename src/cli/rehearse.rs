//! `bookplate rehearse`: plays a whole shop against a key endpoint in test mode, and shows what was expected and seen.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};

use super::args::RehearseArguments;
use super::keyserver::{REHEARSAL_SECRET, variable};
use super::{Shown, remote, secrets, shop, watched};
use crate::catalog::Catalog;
use crate::keyserver::system_clock;
use crate::pay::lemon_squeezy::PROVIDER;
use crate::protocol::Code;
use crate::rehearse::{Row, Shop, Stage, is_believed, play, refused_live, scenes};

pub(super) fn run(arguments: &RehearseArguments) -> Result<()> {
    let catalog = shop::catalog(&arguments.shop)?;
    let secret = variable(REHEARSAL_SECRET)?.with_context(|| {
        format!("{REHEARSAL_SECRET} is not set\n  = help: give the endpoint and this command the same random text of 32 characters, such as `openssl rand -hex 16` prints")
    })?;
    let url = &arguments.url;
    let server = remote::server(url)?;
    let stage = stage(&catalog, secret)?;
    let health = server.send(&server.get("health")).with_context(|| format!("no answer from {url}\n{}", remote::REACH))?;
    let mode = health.json()["mode"].as_str().map(str::to_owned);
    match mode.as_deref() {
        Some("test") => {}
        Some("live") => {
            show(&[refused_live(&server, &stage)?], arguments.json)?;
            bail!(
                "{url} is live: nothing was played there\n  = help: rehearse at the same program with BOOKPLATE_MODE=test and a store of its own; \
                 what is shown above is that a live endpoint refuses"
            );
        }
        _ => bail!(
            "{url} does not say whether it is live (status {})\n  = help: name the address below which the endpoint's calls lie, such as \
             https://keys.example.com/",
            health.status
        ),
    }
    let wait = |seconds| {
        if watched() {
            eprintln!("the endpoint asks to be left alone for {seconds} s");
        }
        std::thread::sleep(Duration::from_secs(seconds));
    };
    let first = is_believed(&server, &wait, &stage).with_context(|| format!("no answer from {url}\n{}", remote::REACH))?;
    if first.seen.starts_with("401") {
        show(&[first], arguments.json)?;
        bail!(
            "{url} does not believe a message that is signed with the {REHEARSAL_SECRET} of this command: it has another one, or none\n  = help: start \
             the endpoint with BOOKPLATE_MODE=test and exactly this {REHEARSAL_SECRET}, and mind spaces and quotes"
        );
    }
    let mut rows: Vec<Row> = Vec::new();
    for (number, scene) in (0..).zip(scenes()) {
        let claims: Vec<Code> = scene.claims.iter().map(|_| Ok(Code::from_random(secrets::random()?))).collect::<Result<_>>()?;
        rows.extend(play(&server, &wait, &stage, number, &scene, &claims));
        if rows.iter().rev().take(2).filter(|row| !row.is_answered()).count() == 2 {
            show(&rows, arguments.json)?;
            bail!("{url} does not answer any more: `{}` was cut short, and nothing after it was played", scene.name);
        }
    }
    show(&rows, arguments.json)?;
    let wrong = rows.iter().filter(|row| !row.is_right()).count();
    if wrong > 0 {
        eprintln!("error: {wrong} of {} answers of {url} are not as specified", rows.len());
        return Err(Shown.into());
    }
    Ok(())
}

/// What is bought: the first product of the catalog.
fn stage(catalog: &Catalog, secret: String) -> Result<Stage> {
    let sold = catalog.courses.iter().find_map(|course| {
        let product = course.products.iter().find(|product| product.provider.as_str() == PROVIDER)?;
        Some((course.id.clone(), product.clone()))
    });
    let Some((course, product)) = sold else {
        bail!(
            "no course of this site has a product\n  = help: name one as `products: {{ lemon_squeezy: [NUMBER] }}` in the front matter of a course"
        );
    };
    let random = u64::from(u32::from_be_bytes(secrets::random()?));
    Ok(Stage {
        shop: Shop::new(secret, product.store),
        site: catalog.site.clone(),
        course,
        product: product.product,
        variant: product.variant.unwrap_or(product.product + 10_000),
        // Beyond every number that a provider gives out, below 12 digits.
        first: 2_000_000_000 + random * 128,
        now: system_clock(),
    })
}

fn show(rows: &[Row], json: bool) -> Result<()> {
    if json {
        let rows: Vec<_> = rows
            .iter()
            .map(|row| serde_json::json!({ "scene": row.scene, "step": row.step, "expected": row.expected, "seen": row.seen, "right": row.is_right() }))
            .collect();
        say!("{:#}", serde_json::json!({ "rows": rows }));
        return Ok(());
    }
    let wide = |of: &dyn Fn(&Row) -> usize| rows.iter().map(of).max().unwrap_or_default();
    let (steps, expected) = (wide(&|row| row.step.chars().count()), wide(&|row| row.expected.len()).max(8));
    say!("{:<steps$}  {:<expected$}  seen", "", "expected", steps = steps + 2);
    let mut scene = "";
    for row in rows {
        if row.scene != scene {
            scene = row.scene;
            say!("{scene}");
        }
        let mark = if row.is_right() { "" } else { "   <- differs" };
        say!("  {:<steps$}  {:<expected$}  {}{mark}", row.step, row.expected, row.seen);
    }
    say!("{} steps, {} as expected", rows.len(), rows.iter().filter(|row| row.is_right()).count());
    Ok(())
}
