//! The test shop: it looks unlike a real shop, moves no money, and sends the signed webhooks that a provider sends.

use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{Form, Json, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Router, http::HeaderValue};
use serde::{Deserialize, Serialize};

use super::Shared;
use crate::rehearse::{Purchase, Shop, Signed};

/// A course as the test shop sells it.
#[derive(Debug, Clone)]
pub struct Goods {
    /// Course id.
    pub course: String,
    /// Course title.
    pub title: String,
    /// Price as shown.
    pub price: String,
    /// The provider's product number.
    pub product: u64,
    /// The provider's variant number.
    pub variant: u64,
}

/// A fresh claim: the code that opens the order, and its hash as it travels through the payment.
#[derive(Debug, Clone)]
pub struct Claim {
    /// For the buyer.
    pub code: String,
    /// For the webhook.
    pub hash: String,
}

/// Posts a signed webhook; the error is a sentence for the page.
pub type Deliver = Arc<dyn Fn(&Signed) -> Result<(), String> + Send + Sync>;

/// The shop and its sales of this session.
pub struct TestShop {
    /// Makes and signs what the provider would send.
    pub provider: Shop,
    /// What is for sale.
    pub goods: Vec<Goods>,
    /// Where the provider's *continue* button leads: the thank-you page.
    pub thanks: String,
    /// Makes a claim, as a reader's browser does.
    pub claim: Box<dyn Fn() -> Option<Claim> + Send + Sync>,
    /// Posts a webhook to the endpoint over HTTP and says what came of it; called off the async threads.
    pub deliver: Deliver,
    /// Seconds since 1970.
    pub clock: Arc<dyn Fn() -> u64 + Send + Sync>,
    /// Sales so far, newest last.
    pub sales: Sales,
}

/// The sales of a session; the first order number is chosen so that it does not meet an earlier session's.
pub struct Sales(Mutex<Vec<Sale>>, u64);

impl Sales {
    /// None yet; the first will have the number `first`.
    #[must_use]
    pub fn from(first: u64) -> Self {
        Self(Mutex::new(Vec::new()), first)
    }

    fn all(&self) -> Vec<Sale> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn find(&self, wanted: impl Fn(&Sale) -> bool) -> Option<Sale> {
        self.all().into_iter().rev().find(wanted)
    }

    /// Takes the next number.
    fn add(&self, make: impl FnOnce(u64) -> Sale) -> Sale {
        let mut sales = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let sale = make(self.1 + sales.len() as u64);
        sales.push(sale.clone());
        sale
    }

    fn set(&self, number: u64, change: impl FnOnce(&mut Sale)) {
        let mut sales = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sale) = sales.iter_mut().find(|s| s.purchase.order_number == number) {
            change(sale);
        }
    }
}

#[derive(Clone)]
struct Sale {
    purchase: Purchase,
    course: String,
    /// `a`, `b`, or the buyer at the checkout.
    buyer: String,
    /// Known only for buyers that the preview bar plays.
    code: Option<String>,
    paid: bool,
    refunded: bool,
}

pub(super) fn router() -> Router<Shared> {
    Router::new()
        .route("/", get(overview))
        .route("/checkout", get(checkout))
        .route("/pay", post(pay))
        .route("/pretend", post(pretend))
        .route("/refund", post(refund))
}

/// What the reader's *Buy* link brings along.
#[derive(Debug, Deserialize)]
struct CheckoutQuery {
    course: String,
    #[serde(rename = "checkout[custom][claim]", default)]
    claim: String,
}

async fn checkout(State(shared): State<Shared>, Query(query): Query<CheckoutQuery>) -> Response {
    let Some(goods) = shared.shop.goods.iter().find(|g| g.course == query.course) else {
        return super::text(StatusCode::NOT_FOUND, "the test shop does not sell this course");
    };
    let body = format!(
        "<p class=\"what\">{}</p><p class=\"price\">{}</p>\
         <form method=\"post\" action=\"/-/shop/pay\"><input type=\"hidden\" name=\"course\" value=\"{}\"><input type=\"hidden\" name=\"claim\" value=\"{}\">\
         <label>Name <input name=\"name\" value=\"Ada Lovelace\" autocomplete=\"off\"></label><button>Pay</button></form>",
        escape(&goods.title),
        escape(&goods.price),
        escape(&goods.course),
        escape(&query.claim)
    );
    screen("Checkout", &body)
}

#[derive(Debug, Deserialize)]
struct PayForm {
    course: String,
    claim: String,
    name: String,
}

/// Pays, sends the webhooks and leads back with the order reference, as the provider's redirect does.
async fn pay(State(shared): State<Shared>, headers: HeaderMap, Form(form): Form<PayForm>) -> Response {
    if foreign(&headers) {
        return super::text(StatusCode::FORBIDDEN, "the test shop takes orders from its own pages only");
    }
    match buy(&shared, &form.course, "checkout", &form.name, Some(form.claim).filter(|c| !c.is_empty()), None).await {
        Ok(sale) => Redirect::to(&format!("{}?order={}", shared.shop.thanks, sale.purchase.reference())).into_response(),
        Err(problem) => screen("The payment did not reach the endpoint", &format!("<p>{}</p>", escape(&problem))),
    }
}

#[derive(Debug, Deserialize)]
struct Pretend {
    #[serde(rename = "as")]
    buyer: String,
    course: String,
}

#[derive(Debug, Serialize)]
struct Pretended {
    claim: String,
    order: String,
}

/// Gives the preview bar a buyer who has paid: the same one again until he is refunded.
async fn pretend(State(shared): State<Shared>, headers: HeaderMap, Json(wish): Json<Pretend>) -> Response {
    if foreign(&headers) {
        return super::text(StatusCode::FORBIDDEN, "the test shop takes orders from its own pages only");
    }
    let known = shared.shop.sales.find(|s| s.buyer == wish.buyer && s.course == wish.course && s.paid && !s.refunded);
    let sale = match known {
        Some(sale) => Ok(sale),
        None => {
            let name = if wish.buyer == "a" { "Ada Lovelace" } else { "Bela Bartok" };
            match (shared.shop.claim)() {
                Some(claim) => buy(&shared, &wish.course, &wish.buyer, name, Some(claim.hash), Some(claim.code)).await,
                None => Err("no random bytes".to_owned()),
            }
        }
    };
    match sale {
        Ok(Sale { code: Some(claim), purchase, .. }) => Json(Pretended { claim, order: purchase.reference() }).into_response(),
        _ => super::text(StatusCode::BAD_GATEWAY, "the test shop could not sell this"),
    }
}

#[derive(Debug, Deserialize)]
struct Refund {
    order: String,
}

async fn refund(State(shared): State<Shared>, headers: HeaderMap, body: axum::body::Bytes) -> Response {
    if foreign(&headers) {
        return super::text(StatusCode::FORBIDDEN, "the test shop takes orders from its own pages only");
    }
    let from_form = headers.get(header::CONTENT_TYPE).is_some_and(|t| t.as_bytes().starts_with(b"application/x-www-form-urlencoded"));
    let reference = if from_form {
        String::from_utf8_lossy(&body).strip_prefix("order=").unwrap_or_default().to_owned()
    } else {
        serde_json::from_slice::<Refund>(&body).map(|r| r.order).unwrap_or_default()
    };
    let Some(sale) = shared.shop.sales.find(|s| s.purchase.reference() == reference) else {
        return super::text(StatusCode::NOT_FOUND, "the test shop does not know this order");
    };
    let number = sale.purchase.order_number;
    let signed = shared.shop.provider.order_refunded(&sale.purchase, sale.purchase.total, (shared.shop.clock)());
    match deliver(&shared, vec![signed]).await {
        Ok(()) => {
            shared.shop.sales.set(number, |s| s.refunded = true);
            if from_form { Redirect::to("/-/shop/").into_response() } else { StatusCode::NO_CONTENT.into_response() }
        }
        Err(_) => super::text(StatusCode::BAD_GATEWAY, "the refund did not reach the endpoint"),
    }
}

async fn buy(shared: &Shared, course: &str, buyer: &str, name: &str, claim: Option<String>, code: Option<String>) -> Result<Sale, String> {
    let shop = &shared.shop;
    let goods = shop.goods.iter().find(|g| g.course == course).ok_or("the test shop does not sell this course")?;
    let now = (shop.clock)();
    let sale = shop.sales.add(|number| Sale {
        purchase: Purchase::new(number, goods.product, goods.variant, now).named(name).claimed(claim),
        course: course.to_owned(),
        buyer: buyer.to_owned(),
        code,
        paid: false,
        refunded: false,
    });
    let number = sale.purchase.order_number;
    deliver(shared, vec![shop.provider.order_created(&sale.purchase), shop.provider.license_key_created(&sale.purchase)]).await?;
    shop.sales.set(number, |s| s.paid = true);
    Ok(sale)
}

/// Posts in the background: the endpoint runs in this very process.
async fn deliver(shared: &Shared, webhooks: Vec<Signed>) -> Result<(), String> {
    let post = Arc::clone(&shared.shop.deliver);
    tokio::task::spawn_blocking(move || webhooks.iter().try_for_each(|signed| post(signed))).await.map_err(|e| e.to_string())?
}

/// A list of this session's orders with what the provider would have mailed.
pub(super) async fn overview(State(shared): State<Shared>) -> Response {
    let rows: String = shared
        .shop
        .sales
        .all()
        .iter()
        .rev()
        .map(|s| {
            let state = match (s.paid, s.refunded) {
                (_, true) => "refunded".to_owned(),
                (true, false) => format!(
                    "<form method=\"post\" action=\"/-/shop/refund\"><input type=\"hidden\" name=\"order\" value=\"{}\"><button>Refund</button></form>",
                    s.purchase.reference()
                ),
                (false, false) => "not paid".to_owned(),
            };
            format!(
                "<tr><td>{}</td><td>{}</td><td><code>{}</code></td><td><code>{}</code></td><td>{state}</td></tr>",
                s.purchase.order_number,
                escape(&s.course),
                s.purchase.licence_key(),
                s.purchase.reference()
            )
        })
        .collect();
    let table = if rows.is_empty() {
        "<p>No orders yet: press <em>Buy</em> on a locked lesson.</p>".to_owned()
    } else {
        format!(
            "<table><tr><th>Order</th><th>Course</th><th>Licence key (in the buyer's mail)</th><th>Order reference</th><th></th></tr>{rows}</table>"
        )
    };
    screen("Orders of this preview", &table)
}

/// True for a request that another site's page made.
fn foreign(headers: &HeaderMap) -> bool {
    let origin = headers.get(header::ORIGIN).map(HeaderValue::as_bytes);
    let host = headers.get(header::HOST).map(HeaderValue::as_bytes).unwrap_or_default();
    origin.is_some_and(|o| o.strip_prefix(b"http://") != Some(host))
}

fn screen(title: &str, body: &str) -> Response {
    let page = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>{title}: test shop</title><link rel=\"stylesheet\" href=\"/-/preview/shop.css\"></head>\
         <body><main><p class=\"test\">TEST, no money moves</p><h1>{title}</h1>{body}</main></body></html>"
    );
    ([(header::CACHE_CONTROL, "no-store")], Html(page)).into_response()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
