//! Plays scenes against a key endpoint, over HTTP, from both sides: the provider's messages and the readers' questions.

use std::collections::HashMap;

use super::scenes::{Act, Event, Harm, Scene};
use super::{Payment, Purchase, Shop, Signed, Subscription};
use crate::outbound::{Request, Response, Server, Unreachable};
use crate::pay::lemon_squeezy::SIGNATURE;
use crate::protocol::{Code, CourseId, SiteId};

/// A day in seconds.
const DAY: i64 = 86_400;
/// Days since the orders of a scene were paid.
const PAID: i64 = 50;
/// What is seen where nothing comes back.
const SILENCE: &str = "no answer";
/// How often a call is made again that an endpoint asks to make later.
const PATIENCE: usize = 5;
/// The longest that one such answer is waited for, in seconds.
const LONGEST: u64 = 90;
/// Longer than a webhook may be, in bytes.
const TOO_LONG: usize = 256 * 1024 + 1;

/// The shop that is rehearsed.
#[derive(Debug, Clone)]
pub struct Stage {
    /// The provider, with the secret of the rehearsal.
    pub shop: Shop,
    /// The site whose claims are used.
    pub site: SiteId,
    /// What is bought.
    pub course: CourseId,
    /// The provider's product.
    pub product: u64,
    /// Its variant.
    pub variant: u64,
    /// The number of the first order; the orders of a rehearsal have numbers that no other has.
    pub first: u64,
    /// Seconds since 1970.
    pub now: u64,
}

/// What was expected of a step, and what was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The scene.
    pub scene: &'static str,
    /// What happened.
    pub step: &'static str,
    /// What must be answered.
    pub expected: &'static str,
    /// What was answered.
    pub seen: String,
}

impl Row {
    /// True if the endpoint did what it must.
    #[must_use]
    pub fn is_right(&self) -> bool {
        self.expected == self.seen
    }

    /// False if nothing came back.
    #[must_use]
    pub fn is_answered(&self) -> bool {
        !self.seen.starts_with(SILENCE)
    }
}

/// Waits so many seconds.
pub type Wait<'a> = &'a (dyn Fn(u64) + Sync);

/// One scene while it is played.
struct Player<'a> {
    server: &'a Server,
    wait: Wait<'a>,
    stage: &'a Stage,
    orders: Vec<Purchase>,
    claims: &'a [Code],
    /// Keyrings, in the order in which they were first seen.
    copies: HashMap<String, usize>,
    token: Option<String>,
}

/// Plays a scene, the `number`th of the rehearsal, with fresh claim codes, at least as many as it has claims. Every answer, right or wrong,
/// is a row, and so is silence; after two steps without an answer the scene ends. An endpoint that answers 429 is asked again when it says.
#[must_use]
pub fn play(server: &Server, wait: Wait<'_>, stage: &Stage, number: u64, scene: &Scene, claims: &[Code]) -> Vec<Row> {
    let order = |(index, claim): (u64, &Option<usize>)| {
        let paid_at = stage.now.saturating_add_signed(-PAID * DAY);
        let hash = claim.and_then(|claim| claims.get(claim)).map(|code| code.claim_hash(&stage.site).to_string());
        Purchase::new(stage.first + number * 8 + index, stage.product, stage.variant, paid_at).claimed(hash).copies(scene.quantity)
    };
    let orders = (0..).zip(scene.claims).map(order).collect();
    let mut player = Player { server, wait, stage, orders, claims, copies: HashMap::new(), token: None };
    let mut rows: Vec<Row> = Vec::new();
    for (step, act, expected) in &scene.acts {
        let seen = player.act(*act).unwrap_or_else(|Unreachable(why)| format!("{SILENCE}: {why}"));
        let row = Row { scene: scene.name, step, expected, seen };
        let gone = !row.is_answered() && rows.last().is_some_and(|last| !last.is_answered());
        rows.push(row);
        if gone {
            break;
        }
    }
    rows
}

/// A message that concerns nobody, signed like all others of the rehearsal: an endpoint with another secret refuses it.
///
/// # Errors
/// The endpoint does not answer.
pub fn is_believed(server: &Server, wait: Wait<'_>, stage: &Stage) -> Result<Row, Unreachable> {
    let seen = word(&patiently(server, wait, &letter(server, &stage.shop.other_event()))?);
    Ok(Row { scene: "the secret", step: "a message of the rehearsal is believed", expected: "200 ignored", seen })
}

/// A rehearsal's message to an endpoint that is live: it must refuse it.
///
/// # Errors
/// The endpoint does not answer.
pub fn refused_live(server: &Server, stage: &Stage) -> Result<Row, Unreachable> {
    let purchase = Purchase::new(stage.first, stage.product, stage.variant, stage.now);
    let seen = word(&server.send(&letter(server, &stage.shop.clone().live().order_created(&purchase)))?);
    Ok(Row { scene: "a live endpoint", step: "refuses the orders of a rehearsal", expected: "401 signature", seen })
}

impl Player<'_> {
    fn act(&mut self, act: Act) -> Result<String, Unreachable> {
        match act {
            Act::Hook(order, event) => Ok(word(&self.send(&self.letter(&self.message(order, event)))?)),
            Act::Hurt(order, event, harm) => {
                let request = self.hurt(order, event, harm);
                // Who refuses a long message before its end may close the connection before his answer was read.
                let tries = if harm == Harm::Long { 8 } else { 1 };
                let mut answer = self.send(&request);
                for _ in 1..tries {
                    answer = answer.or_else(|_| self.send(&request));
                }
                Ok(word(&answer?))
            }
            Act::Race(order, event, times) => self.race(&self.letter(&self.message(order, event)), times),
            Act::Claim(claim, order) => {
                let code = self.claims.get(claim).map(ToString::to_string).unwrap_or_default();
                self.unlock(&serde_json::json!({ "claim": code, "order": self.order(order).reference(), "course": self.stage.course }))
            }
            Act::Licence(order, copy) => self.licence(&self.order(order).licence_key_of(copy)),
            Act::Typed(order, copy) => self.licence(&format!(" {} ", self.order(order).licence_key_of(copy).to_lowercase())),
            Act::Nonsense => self.licence("no such code"),
            Act::Refresh => {
                let asked = serde_json::json!({ "token": self.token.clone().unwrap_or_default(), "course": self.stage.course });
                self.opened("refresh", &asked)
            }
        }
    }

    fn send(&self, request: &Request) -> Result<Response, Unreachable> {
        patiently(self.server, self.wait, request)
    }

    fn letter(&self, signed: &Signed) -> Request {
        letter(self.server, signed)
    }

    /// Scenes name the orders that they have.
    fn order(&self, order: usize) -> Purchase {
        self.orders.get(order).cloned().unwrap_or_else(|| Purchase::new(self.stage.first, 0, 0, 0))
    }

    fn licence(&mut self, key: &str) -> Result<String, Unreachable> {
        self.unlock(&serde_json::json!({ "licence": key, "course": self.stage.course }))
    }

    fn unlock(&mut self, asked: &serde_json::Value) -> Result<String, Unreachable> {
        self.opened("unlock", asked)
    }

    /// Asks for a keyring. Which copy it is shows in the keyring alone: copies are counted as they are first seen.
    fn opened(&mut self, path: &str, asked: &serde_json::Value) -> Result<String, Unreachable> {
        let answer = self.send(&self.server.post(path, asked.to_string()))?;
        let body = answer.json();
        if let Some(token) = body["token"].as_str() {
            self.token = Some(token.to_owned());
        }
        let Some(keyring) = body["keyring"].as_str() else { return Ok(word(&answer)) };
        let next = self.copies.len() + 1;
        Ok(format!("{} copy {}", answer.status, self.copies.entry(keyring.to_owned()).or_insert(next)))
    }

    fn message(&self, order: usize, event: Event) -> Signed {
        let (shop, purchase) = (&self.stage.shop, self.order(order));
        let day = |days: i64| self.stage.now.saturating_add_signed(days * DAY);
        let a_minute_ago = self.stage.now.saturating_sub(60);
        let part = |percent: i64| purchase.total * percent / 100;
        match event {
            Event::Begun => shop.order_pending(&purchase),
            Event::Paid => shop.order_created(&purchase),
            Event::Refunded(percent) => shop.order_refunded(&purchase, part(percent), a_minute_ago),
            Event::Fraud => shop.order_fraudulent(&purchase, a_minute_ago),
            Event::Key(copy) => shop.license_key_of(&purchase, copy, None),
            Event::Sub(name, standing, since, ends) => {
                let is = Subscription { standing, renews_at: day(since + 30), ends_at: ends.map(day), updated_at: day(since) };
                shop.subscription(&purchase, name, &is)
            }
            Event::Pay(name, number, paid, percent, since) => {
                let billed_at = day(i64::from(number) * 10 - PAID);
                shop.payment(&purchase, name, &Payment { number, paid, refunded: part(percent), billed_at, updated_at: day(since) })
            }
            Event::Other => shop.other_event(),
        }
    }

    fn hurt(&self, order: usize, event: Event, harm: Harm) -> Request {
        let right = self.message(order, event);
        let shop = &self.stage.shop;
        let paid = |shop: Shop, change: &dyn Fn(&mut Purchase)| {
            let mut purchase = self.order(order);
            change(&mut purchase);
            self.letter(&shop.order_created(&purchase))
        };
        let body = |body: Vec<u8>| self.letter(&Signed { body, ..right.clone() });
        let signature = |signature: String| self.letter(&Signed { signature, ..right.clone() });
        match harm {
            Harm::Flipped => body(right.body.iter().enumerate().map(|(i, b)| if i == right.body.len() / 2 { b ^ 1 } else { *b }).collect()),
            Harm::Cut => body(right.body.iter().copied().take(right.body.len() - 1).collect()),
            Harm::Rewritten => body(serde_json::from_slice::<serde_json::Value>(&right.body).unwrap_or_default().to_string().into_bytes()),
            Harm::Unsigned => {
                let mut request = self.letter(&right);
                request.headers.retain(|(name, _)| *name != SIGNATURE);
                request
            }
            Harm::Short => signature(right.signature.chars().take(32).collect()),
            Harm::Foreign => signature("\u{e9}".repeat(64)),
            Harm::Forged => paid(shop.clone().signing_with("another secret of 32 characters"), &|_| {}),
            Harm::NoEvent => self.letter(&shop.sign_bytes("order_created", b"{\"meta\":{}}".to_vec())),
            // Whoever refuses it by its length may do so before it is sent.
            Harm::Long => self.letter(&shop.sign_bytes("order_created", vec![b' '; TOO_LONG])).header("expect", "100-continue"),
            Harm::Elsewhere => Request { url: self.server.get("webhooks/nobody").url, ..self.letter(&right) },
            Harm::OtherShop => paid(shop.clone().of_store(shop.store() + 1), &|_| {}),
            Harm::OtherProduct => paid(shop.clone(), &|purchase| purchase.product += 1_000_000_000),
            Harm::RealMoney => paid(shop.clone().live(), &|_| {}),
        }
    }

    /// Sends the same message several times at once, and counts the answers.
    fn race(&self, request: &Request, times: usize) -> Result<String, Unreachable> {
        let answers: Vec<Result<Response, Unreachable>> = std::thread::scope(|scope| {
            let running: Vec<_> = (0..times).map(|_| scope.spawn(|| patiently(self.server, self.wait, request))).collect();
            running.into_iter().map(|one| one.join().unwrap_or(Err(Unreachable("a thread failed")))).collect()
        });
        let words = answers.into_iter().map(|answer| Ok(word(&answer?))).collect::<Result<Vec<_>, Unreachable>>()?;
        let count = |wanted: &str| words.iter().filter(|word| *word == wanted).count();
        let (stored, duplicate) = (count("200 stored"), count("200 duplicate"));
        let other = words.iter().find(|word| !["200 stored", "200 duplicate"].contains(&word.as_str()));
        Ok(other.cloned().unwrap_or_else(|| format!("{stored} stored, {duplicate} duplicate")))
    }
}

/// Asks, and asks again when the endpoint says that it has too much to do (RFC 9110, 10.2.3).
fn patiently(server: &Server, wait: Wait<'_>, request: &Request) -> Result<Response, Unreachable> {
    let mut answer = server.send(request)?;
    for _ in 0..PATIENCE {
        let later = answer.header("retry-after").and_then(|seconds| seconds.trim().parse::<u64>().ok());
        let Some(later) = later.filter(|later| answer.status == 429 && *later <= LONGEST) else { break };
        wait(later);
        answer = server.send(request)?;
    }
    Ok(answer)
}

/// A message as the provider posts it.
fn letter(server: &Server, signed: &Signed) -> Request {
    let request = server.post("webhooks/lemon_squeezy", signed.body.clone());
    request.header("x-event-name", signed.event).header(SIGNATURE, signed.signature.clone())
}

/// Status and word of an answer, such as `403 refunded`.
fn word(answer: &Response) -> String {
    let body = answer.json();
    let word = body["error"].as_str().or(body["status"].as_str()).unwrap_or("-");
    format!("{} {}", answer.status, word.chars().filter(|c| c.is_ascii_graphic()).take(24).collect::<String>())
}
