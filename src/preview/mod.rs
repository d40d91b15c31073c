//! The development server: the site from memory, rebuilt when a file changes; the real key endpoint; a test shop whose sales go
//! through the same signed webhooks that a provider sends; and the preview bar that a built site never has.
//!
//! It is a function of a [`Preview`]: what to build, what to mount, whom to tell. Everything that it serves besides the site lies
//! under `/-/`: `/-/keys/` the endpoint, `/-/shop/` the shop, `/-/preview/` the bar, `/-/marks/` the marks for the author,
//! `/-/events` the reload events.

mod marks;
mod pages;
mod shop;
mod watch;

use std::convert::Infallible;
use std::future::Future;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{StatusCode, Uri, header};
use axum::middleware::{self, Next};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::sync::broadcast::{self, error::RecvError};

pub use marks::Marks;
pub use pages::Pages;
pub use shop::{Claim, Goods, Sales, TestShop};

/// What a rebuild gave.
pub struct Rebuilt {
    /// The new pages, unless errors forbid.
    pub pages: Option<Pages>,
    /// What the author should see: drawn diagnostics, empty if there are none.
    pub problems: String,
}

/// What a preview needs.
pub struct Preview {
    /// The first build.
    pub pages: Pages,
    /// Builds again.
    pub rebuild: Box<dyn Fn() -> Rebuilt + Send>,
    /// The folders and files to watch.
    pub watch: Vec<PathBuf>,
    /// The key endpoint's router.
    pub endpoint: Router,
    /// The test shop.
    pub shop: TestShop,
    /// Told after every rebuild what is wrong with the site: drawn diagnostics, empty if nothing is.
    pub rebuilt: Box<dyn Fn(&str) + Send>,
}

/// What handlers share.
#[derive(Clone)]
struct Shared {
    pages: Arc<RwLock<Arc<Pages>>>,
    changes: broadcast::Sender<Change>,
    shop: Arc<TestShop>,
}

impl Shared {
    /// The pages of the last good build.
    fn pages(&self) -> Arc<Pages> {
        Arc::clone(&self.pages.read().unwrap_or_else(PoisonError::into_inner))
    }
}

#[derive(Clone)]
enum Change {
    Reload,
    Problems(String),
    /// The server stops: open event streams end, or they would hold it.
    End,
}

/// Serves until `shutdown` is ready.
///
/// # Errors
/// When the folders cannot be watched or the listener fails.
pub async fn serve(preview: Preview, listener: TcpListener, shutdown: impl Future<Output = ()> + Send + 'static) -> std::io::Result<()> {
    let (changes, _) = broadcast::channel(16);
    let shared = Shared { pages: Arc::new(RwLock::new(Arc::new(preview.pages))), changes, shop: Arc::new(preview.shop) };
    let watcher = watch::start(&preview.watch, rebuild_into(shared.clone(), preview.rebuild, preview.rebuilt))?;
    let changes = shared.changes.clone();
    let ended = async move {
        shutdown.await;
        let _ = changes.send(Change::End);
    };
    let served = axum::serve(listener, router(shared, preview.endpoint)).with_graceful_shutdown(ended).await;
    drop(watcher);
    served
}

fn router(shared: Shared, endpoint: Router) -> Router {
    Router::new()
        .nest_service("/-/keys", endpoint)
        .nest("/-/shop", shop::router())
        // what is nested does not answer under its own slash
        .route("/-/shop/", get(shop::overview))
        .route("/-/events", get(events))
        .route("/-/preview/{file}", get(pages::bar))
        .route("/-/marks/", get(marks::marks))
        .fallback(get(page))
        .with_state(shared)
        .layer(middleware::from_fn(only_here))
}

/// Answers under the names of this machine alone: a page elsewhere whose name was turned to 127.0.0.1 must not read what is unpublished.
async fn only_here(request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST).and_then(|h| h.to_str().ok()).unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    match name {
        "127.0.0.1" | "localhost" => next.run(request).await,
        _ => text(StatusCode::FORBIDDEN, "the preview answers on 127.0.0.1 and localhost only"),
    }
}

/// The site itself.
async fn page(State(shared): State<Shared>, uri: Uri) -> Response {
    shared.pages().answer(uri.path())
}

/// Server-sent events: `reload`, or `problems` with the drawn diagnostics.
async fn events(State(shared): State<Shared>) -> Response {
    let stream = futures_util::stream::unfold(shared.changes.subscribe(), |mut changes| async {
        let event = match changes.recv().await {
            // Browsers pass on no event without data.
            Ok(Change::Reload) | Err(RecvError::Lagged(_)) => Event::default().event("reload").data("now"),
            Ok(Change::Problems(text)) => Event::default().event("problems").data(text),
            Ok(Change::End) | Err(RecvError::Closed) => return None,
        };
        Some((Ok::<_, Infallible>(event), changes))
    });
    ([(header::CACHE_CONTROL, "no-store")], Sse::new(stream).keep_alive(KeepAlive::default())).into_response()
}

fn rebuild_into(shared: Shared, rebuild: Box<dyn Fn() -> Rebuilt + Send>, rebuilt: Box<dyn Fn(&str) + Send>) -> impl Fn() + Send + 'static {
    move || {
        let Rebuilt { pages, problems } = rebuild();
        rebuilt(&problems);
        let change = match pages {
            Some(new) => {
                *shared.pages.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(new);
                Change::Reload
            }
            None => Change::Problems(problems),
        };
        // Nobody listens when no page is open; that is fine.
        let _ = shared.changes.send(change);
    }
}

/// A plain text answer.
fn text(status: StatusCode, words: &'static str) -> Response {
    (status, words).into_response()
}
