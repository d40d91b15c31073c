//! The server: a function of a listener, a router and a future that ends it.

use std::io;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;

use super::listener::Bounded;

/// How long requests that are under way may take after the end was called.
const LAST_REQUESTS: Duration = Duration::from_secs(20);

/// Serves until `shutdown` is ready, then finishes what is under way for at most 20 seconds. `tokio::signal::ctrl_c()` can be the
/// shutdown. The listener comes bound, so that whoever calls knows the port.
pub async fn serve(listener: TcpListener, router: Router, shutdown: impl Future<Output = ()> + Send + 'static) -> io::Result<()> {
    let (ending, mut ended) = tokio::sync::watch::channel(false);
    let signal = async move {
        shutdown.await;
        tracing::info!("shutting down");
        // Nobody listens once the server is gone.
        let _ = ending.send(true);
    };
    let server = axum::serve(Bounded::new(listener), router).with_graceful_shutdown(signal);
    let too_long = async move {
        // An error means that the server ended by itself: then this branch must not win.
        if ended.wait_for(|ending| *ending).await.is_err() {
            std::future::pending::<()>().await;
        }
        tokio::time::sleep(LAST_REQUESTS).await;
    };
    tokio::select! {
        result = server => result,
        () = too_long => {
            tracing::warn!("some requests were cut off");
            Ok(())
        }
    }
}
