//! `verify` against a real server: a good deployment passes, and every planted defect is found, in the row where it belongs.

use std::collections::BTreeMap;
use std::sync::{Arc, RwLock};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, Response, StatusCode};
use bookplate::catalog::Catalog;
use bookplate::deploy::{Rule, rules};
use bookplate::keyserver::{self, Mode, Settings};
use bookplate::manifest::FILE;
use bookplate::outbound::Net;
use bookplate::protocol::SiteKey;
use bookplate::store::Memory;
use bookplate::verify::{Report, Subject, Verdict};
use tower::ServiceExt as _;

use crate::cli::Desk;

const PAID: &str = "Only buyers read that the heron stands on one leg when the pond is cold.";
const ENDPOINT: &str = "/-/keys/";

/// What the host serves, and how.
#[derive(Clone)]
struct Host {
    files: BTreeMap<String, Vec<u8>>,
    rules: Vec<Rule>,
    pages: &'static str,
    endpoint: Router,
    /// Statuses that this host gives whatever it is asked for.
    says: BTreeMap<&'static str, u16>,
    everybody: bool,
}

/// A shop that was built, and a server for it.
struct World {
    desk: Desk,
    origin: String,
    key: SiteKey,
    built: BTreeMap<String, Vec<u8>>,
    host: Arc<RwLock<Host>>,
    _runtime: tokio::runtime::Runtime,
}

impl World {
    fn new() -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        listener.set_nonblocking(true).expect("a listener");
        let origin = format!("http://{}", listener.local_addr().expect("an address"));
        let key = SiteKey::from_bytes([8; 32]);
        let desk = shop(&origin);
        desk.run_with(&["build", "site"], &[("BOOKPLATE_SITE_KEY", &key.to_text())]).fine();
        let built: BTreeMap<String, Vec<u8>> = bookplate::fs::read_all(&desk.path("site/out")).expect("a site").into_iter().collect();
        let host = Arc::new(RwLock::new(host(&built, &key, Mode::Live)));
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
        let app = Router::new().fallback(serve).with_state(host.clone());
        runtime.spawn(async move {
            let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
            axum::serve(listener, app).await.expect("it serves");
        });
        Self { desk, origin, key, built, host, _runtime: runtime }
    }

    /// The deployment as it should be, with one thing changed.
    fn plant(&self, defect: impl FnOnce(&mut Host)) -> &Self {
        let mut host = host(&self.built, &self.key, Mode::Live);
        defect(&mut host);
        *self.host.write().expect("no panic") = host;
        self
    }

    fn run(&self, arguments: &[&str]) -> super::cli::Said {
        let url = format!("{}/", self.origin);
        let all: Vec<&str> = ["verify", url.as_str()].into_iter().chain(arguments.iter().copied()).collect();
        self.desk.run_with(&all, &[("BOOKPLATE_SITE_KEY", &self.key.to_text())])
    }
}

/// A shop with a page, a course with a free and a paid lesson, a picture that is for sale, and a draft.
fn shop(origin: &str) -> Desk {
    let settings = format!(
        "site:\n  id: small-shop\n  title: Small shop\n  url: \"{origin}\"\nkeys:\n  endpoint: \"{origin}{ENDPOINT}\"\npayments:\n  lemon_squeezy:\n    store: 10001\n"
    );
    Desk::new()
        .file("site/bookplate.yaml", settings)
        .file("site/content/index.md", "---\ntitle: Home\n---\nWelcome, all of you.\n")
        .file(
            "site/content/01-birds/index.md",
            "---\nid: birds\ntitle: Birds\nprice: 19 USD\ncheckout: https://example.com/buy\nproducts: { lemon_squeezy: [40001] }\n---\n",
        )
        .file("site/content/01-birds/01-open.md", "---\nid: open\ntitle: Open\naccess: free\n---\nFor everybody.\n")
        .file(
            "site/content/01-birds/02-paid.md",
            format!("---\nid: paid\ntitle: Paid\naccess: premium\n---\n{PAID}\n\n![The heron alone](heron.png)\n"),
        )
        .file("site/content/01-birds/03-later.md", "---\nid: later\ntitle: Later\ndraft: true\n---\nNot yet.\n")
        .file("site/content/01-birds/heron.png", [0x89, b'P', b'N', b'G', 7, 1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12].repeat(40))
        .file("site/static/for-my-aunt.txt", "not linked from anywhere")
}

fn host(built: &BTreeMap<String, Vec<u8>>, key: &SiteKey, mode: Mode) -> Host {
    let catalog = Catalog::from_json(&built["catalog.json"]).expect("a catalog");
    let mut settings = Settings::new(key.clone(), catalog, Arc::new(Memory::new()));
    settings.mode = mode;
    settings.lemon_squeezy = vec!["a-secret-of-32-characters-012345".into()];
    settings.admin_token = Some("an-admin-token-of-32-characters".into());
    // What a build remembers for itself is not deployed.
    let files =
        built.iter().filter(|(path, _)| !path.starts_with(".bookplate/")).map(|(path, bytes)| (path.clone(), bytes.clone())).collect();
    let endpoint = Router::new().nest(ENDPOINT.trim_end_matches('/'), keyserver::router(keyserver::State::new(settings)));
    Host { files, rules: rules("/"), pages: "public,max-age=0,must-revalidate", endpoint, says: BTreeMap::new(), everybody: false }
}

async fn serve(State(host): State<Arc<RwLock<Host>>>, request: Request) -> Response<Body> {
    let host = host.read().expect("no panic").clone();
    let path = request.uri().path().to_owned();
    let mut response = if let Some(status) = host.says.get(path.as_str()) {
        Response::builder().status(*status).body(Body::from("it is so")).expect("a response")
    } else if path.starts_with(ENDPOINT) {
        host.endpoint.clone().oneshot(request).await.expect("infallible")
    } else {
        file(&host, &path)
    };
    if host.everybody {
        response.headers_mut().insert("access-control-allow-origin", HeaderValue::from_static("*"));
    }
    response
}

/// As Netlify serves a file: its type, the headers of the rules that fit, and its own word on caching where no rule has one.
fn file(host: &Host, path: &str) -> Response<Body> {
    let mut name = path.trim_start_matches('/').to_owned();
    if name.is_empty() || name.ends_with('/') {
        name.push_str("index.html");
    }
    let (status, found, name) = match host.files.get(&name) {
        Some(bytes) => (StatusCode::OK, bytes.clone(), name.as_str()),
        None => (StatusCode::NOT_FOUND, host.files["404.html"].clone(), "404.html"),
    };
    let kind = match name.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript",
        _ => "application/octet-stream",
    };
    let mut response = Response::builder().status(status).header("content-type", kind).body(Body::from(found)).expect("a response");
    response.headers_mut().insert("cache-control", HeaderValue::from_static(host.pages));
    for rule in host.rules.iter().filter(|rule| path.starts_with(rule.files.trim_end_matches('*'))) {
        for (name, value) in &rule.values {
            let name: HeaderName = name.to_lowercase().parse().expect("a name");
            response.headers_mut().insert(name, HeaderValue::from_static(value));
        }
    }
    response
}

fn failed(report: &Report) -> Vec<String> {
    let rows = report.rows.iter().filter(|row| row.verdict == Verdict::Failed);
    rows.map(|row| format!("{}: {}: {}", row.part, row.what, row.seen)).collect()
}

#[test]
fn a_good_deployment_passes_and_nothing_is_left_unchecked() {
    let world = World::new();
    let said = world.run(&["--site", "site"]).fine();
    for part in ["files", "headers", "closed", "sealed", "endpoint"] {
        assert!(said.out.contains(&format!("ok    {part}")), "no row of `{part}`\n{}", said.out);
    }
    assert!(said.out.ends_with("0 failed, 0 not checked\n"), "{}", said.out);
    let json: serde_json::Value = serde_json::from_str(&world.run(&["--json"]).fine().out).expect("JSON");
    assert_eq!(json["failed"], 0);
    assert!(json["unknown"].as_u64() > Some(0), "without the source some rows cannot be checked: {json}");
}

#[test]
fn a_site_that_is_not_there_or_of_somebody_else_is_said() {
    let world = World::new();
    world.plant(|host| _ = host.files.remove(FILE));
    let said = world.run(&[]);
    assert_eq!(said.code, Some(1));
    assert!(said.out.contains("FAIL  files     bookplate-manifest.json"), "{}", said.out);
    world.plant(|_| {});
    let other = world.desk.run_with(&["verify", &world.origin], &[("BOOKPLATE_SITE_KEY", &SiteKey::from_bytes([9; 32]).to_text())]);
    assert!(other.code == Some(1) && other.out.contains("by another key"), "{}", other.out);
}

type Defect = (&'static str, fn(&mut Host));

const DEFECTS: &[Defect] = &[
    ("files: size and SHA-256: birds/open/index.html: status 404", |h| _ = h.files.remove("birds/open/index.html")),
    ("files: size and SHA-256: index.html: other bytes", |h| h.files.get_mut("index.html").expect("it")[40] ^= 1),
    ("files: size and SHA-256: -/sealed/", |h| sealed(h).truncate(100)),
    ("files: size and SHA-256 of `static/`: for-my-aunt.txt: 3 bytes, not 24", |h| {
        _ = h.files.insert("for-my-aunt.txt".into(), b"new".to_vec())
    }),
    ("files: signature of the manifest: by another key, or changed since", |h| {
        let text = String::from_utf8(h.files[FILE].clone()).expect("text").replacen("\"size\": ", "\"size\": 1", 1);
        h.files.insert(FILE.into(), text.into_bytes());
    }),
    ("files: catalog: built under a preview key", |h| {
        let text = String::from_utf8(h.files["catalog.json"].clone()).expect("text").replace("\"preview\": false", "\"preview\": true");
        h.files.insert("catalog.json".into(), text.into_bytes());
    }),
    ("files: catalog and source: the source sells something else", |h| {
        let text = String::from_utf8(h.files["catalog.json"].clone()).expect("text").replace("40001", "40002");
        h.files.insert("catalog.json".into(), text.into_bytes());
    }),
    ("headers: x-content-type-options of all files", |h| h.rules[0].values.retain(|(name, _)| *name != "X-Content-Type-Options")),
    ("headers: referrer-policy of all files", |h| set(h, "Referrer-Policy", "unsafe-url")),
    ("headers: content-security-policy of pages", |h| h.rules[0].values.retain(|(name, _)| *name != "Content-Security-Policy")),
    ("headers: policy in the header: index.html: connect-src https://elsewhere.example", |h| {
        set(h, "Content-Security-Policy", "frame-ancestors 'none'; connect-src https://elsewhere.example")
    }),
    ("headers: cache-control of hashed files", |h| _ = h.rules.pop()),
    ("headers: cache-control of pages and lists", |h| h.pages = "public, max-age=600"),
    ("headers: policy in pages: index.html: 'unsafe-inline'", |h| {
        let text = String::from_utf8(h.files["index.html"].clone()).expect("text");
        h.files.insert("index.html".into(), text.replacen("style-src ", "style-src 'unsafe-inline' ", 1).into_bytes());
    }),
    ("closed: sources, settings, drafts: content/01-birds/02-paid.md: status 200", |h| serve_too(h, "content/01-birds/02-paid.md")),
    ("closed: sources, settings, drafts: 01-birds/02-paid.md: status 200", |h| serve_too(h, "01-birds/02-paid.md")),
    ("closed: sources, settings, drafts: birds/heron.png: status 200", |h| serve_too(h, "birds/heron.png")),
    ("closed: sources, settings, drafts: birds/later/: status 200", |h| serve_too(h, "birds/later/index.html")),
    ("closed: sources, settings, drafts: .git/HEAD: status 200", |h| serve_too(h, ".git/HEAD")),
    ("closed: sources, settings, drafts: .bookplate/written: status 200", |h| serve_too(h, ".bookplate/written")),
    ("closed: sources, settings, drafts: bookplate.yaml: status 200", |h| serve_too(h, "bookplate.yaml")),
    ("closed: an address that is none: status 200", |h| _ = h.says.insert("/no-such-page-6d1f0a57c2/", 200)),
    ("sealed: paid passages in what is served", |h| {
        h.files.get_mut("birds/open/index.html").expect("it").extend(format!("<p>{PAID}</p>").bytes())
    }),
    ("endpoint: health: 503", |h| _ = h.says.insert("/-/keys/health", 503)),
    ("endpoint: unlock, a claim nobody paid for: 200", |h| _ = h.says.insert("/-/keys/unlock", 200)),
    ("endpoint: ledger without the admin token: 200", |h| _ = h.says.insert("/-/keys/ledger", 200)),
    ("endpoint: webhook with a forged signature: 200", |h| _ = h.says.insert("/-/keys/webhooks/lemon_squeezy", 200)),
    ("endpoint: call from elsewhere: * allowed", |h| h.everybody = true),
    ("endpoint: health: 200, store reachable, mode test", |h| {
        h.endpoint = host(&h.files.clone(), &SiteKey::from_bytes([8; 32]), Mode::Test).endpoint
    }),
];

#[test]
fn every_defect_is_found() {
    let world = World::new();
    let mut missed = Vec::new();
    for (wanted, defect) in DEFECTS {
        let said = world.plant(defect).run(&["--site", "site", "--json"]);
        let json: serde_json::Value = serde_json::from_str(&said.out).unwrap_or_else(|_| panic!("{wanted}\n{}{}", said.out, said.err));
        let rows = json["rows"].as_array().expect("rows").iter().filter(|row| row["verdict"] == "failed");
        let text = |row: &serde_json::Value, member: &str| row[member].as_str().unwrap_or_default().to_owned();
        let failed: Vec<String> = rows.map(|row| format!("{}: {}: {}", text(row, "part"), text(row, "what"), text(row, "seen"))).collect();
        if said.code != Some(1) || !failed.iter().any(|row| row.starts_with(wanted)) {
            missed.push(format!("{wanted}\n  seen: {failed:#?}"));
        }
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

#[test]
fn the_headers_of_github_pages_are_its_own() {
    let world = World::new();
    world.plant(|host| {
        host.rules = vec![Rule { files: "/*".into(), why: "", values: vec![("Server", "GitHub.com")] }];
        host.pages = "max-age=600";
    });
    let net = Net::default();
    let subject = Subject::new(&net, &world.origin);
    let manifest = subject.manifest().expect("a manifest");
    let report = subject.check(&manifest, Some(&world.key), None);
    assert_eq!(failed(&report), Vec::<String>::new());
    assert!(report.rows.iter().any(|row| row.verdict == Verdict::Unknown && row.seen.contains("GitHub Pages")));
}

fn sealed(host: &mut Host) -> &mut Vec<u8> {
    host.files.iter_mut().find(|(path, _)| path.starts_with("-/sealed/")).expect("a sealed file").1
}

fn set(host: &mut Host, name: &'static str, value: &'static str) {
    host.rules[0].values.retain(|(other, _)| *other != name);
    host.rules[0].values.push((name, value));
}

fn serve_too(host: &mut Host, path: &str) {
    host.files.insert(path.to_owned(), b"something".to_vec());
}

#[test]
fn an_address_without_its_scheme_is_told_what_is_missing() {
    for url in ["example.com", "ftp://example.com", "https://"] {
        Desk::new().run(&["verify", url]).refused(&["not an address of the web", "`https://"]);
    }
}
