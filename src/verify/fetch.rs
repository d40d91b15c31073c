//! Many files at once.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::manifest::{Entry, Manifest};
use crate::outbound::{Request, Response, Unreachable, Web};

/// Requests under way at one moment: as many as a browser has.
const AT_ONCE: usize = 6;

/// Where sealed files lie: they are ciphertext, and may be large.
const SEALED: &str = "-/sealed/";

/// Encoded in addresses.
const KEEP: &percent_encoding::AsciiSet = &percent_encoding::CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// A file of the manifest, and what came back for it.
pub(super) struct Fetched {
    /// Below the site's address.
    pub path: String,
    /// What the manifest says of it.
    pub listed: Entry,
    /// Status and headers; what went wrong where nothing came.
    pub answer: Result<Response, Unreachable>,
    /// What came.
    pub entry: Entry,
    /// The bytes of files that are not sealed.
    pub body: Option<Vec<u8>>,
}

impl Fetched {
    /// A header of the answer.
    pub(super) fn header(&self, name: &str) -> Option<String> {
        self.answer.as_ref().ok().and_then(|answer| answer.header(name))
    }

    /// True for a page.
    pub(super) fn is_page(&self) -> bool {
        self.path.ends_with(".html")
    }

    /// True where the file came, whatever is in it.
    pub(super) fn came(&self) -> bool {
        self.answer.as_ref().is_ok_and(|answer| answer.status == 200)
    }
}

/// The address at which a file is read: that of its folder for an `index.html`.
pub(super) fn address(root: &str, path: &str) -> String {
    let path = match path.strip_suffix("index.html") {
        Some(folder) if folder.is_empty() || folder.ends_with('/') => folder,
        _ => path,
    };
    format!("{root}{}", percent_encoding::utf8_percent_encode(path, KEEP))
}

/// Fetches every listed file but `404.html`, whose own address is nobody's business.
pub(super) fn listed(web: &dyn Web, root: &str, manifest: &Manifest) -> Vec<Fetched> {
    let files: Vec<(&String, &Entry)> = manifest.files.iter().filter(|(path, _)| *path != "404.html").collect();
    let requests: Vec<Request> =
        files.iter().map(|(path, entry)| Request::get(address(root, path)).at_most(entry.size.saturating_mul(2) + 65_536)).collect();
    all(web, &requests, |i, answer| {
        let (path, listed) = files.get(i)?;
        let mut answer = answer;
        let body = answer.as_mut().map(|a| std::mem::take(&mut a.body)).unwrap_or_default();
        let entry = Entry::of(&body);
        let body = (!path.starts_with(SEALED)).then_some(body);
        Some(Fetched { path: (*path).clone(), listed: **listed, answer, entry, body })
    })
    .into_iter()
    .flatten()
    .collect()
}

/// Performs requests, several at a time; `read` makes of each answer what is kept. Results come in the order of the requests.
pub(super) fn all<T: Send + Sync>(
    web: &dyn Web,
    requests: &[Request],
    read: impl Fn(usize, Result<Response, Unreachable>) -> T + Sync,
) -> Vec<T> {
    let (next, results) = (AtomicUsize::new(0), requests.iter().map(|_| OnceLock::new()).collect::<Vec<_>>());
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE.min(requests.len()) {
            scope.spawn(|| {
                loop {
                    let i = next.fetch_add(1, Ordering::Relaxed);
                    let (Some(request), Some(result)) = (requests.get(i), results.get(i)) else { break };
                    let _ = result.set(read(i, web.send(request)));
                }
            });
        }
    });
    results.into_iter().filter_map(OnceLock::into_inner).collect()
}
