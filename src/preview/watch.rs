//! Watches the sources and rebuilds once things are quiet: editors write a file in several steps.

use std::io;
use std::path::PathBuf;
use std::sync::mpsc;
use std::time::Duration;

use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};

/// How long nothing may happen before a rebuild starts.
const QUIET: Duration = Duration::from_millis(60);

/// Calls `rebuild` on a thread of its own after each burst of changes, until the watcher is dropped.
///
/// # Errors
/// When the operating system gives no watch for a path.
pub(super) fn start(paths: &[PathBuf], rebuild: impl Fn() + Send + 'static) -> io::Result<RecommendedWatcher> {
    let (tell, told) = mpsc::channel();
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        // Reading a source while building is an access event; it must not start the next build.
        if event.is_ok_and(|e| !matches!(e.kind, EventKind::Access(_))) {
            let _ = tell.send(());
        }
    })
    .map_err(io::Error::other)?;
    for path in paths.iter().filter(|p| p.exists()) {
        watcher.watch(path, RecursiveMode::Recursive).map_err(io::Error::other)?;
    }
    std::thread::Builder::new().name("rebuild".into()).spawn(move || {
        while told.recv().is_ok() {
            while told.recv_timeout(QUIET).is_ok() {}
            rebuild();
        }
    })?;
    Ok(watcher)
}
