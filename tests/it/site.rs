//! From content to the files of a site: what stands where, and what never does.

use std::collections::BTreeMap;

use bookplate::diag::Diagnostics;
use bookplate::gate;
use bookplate::protocol::{
    BuyerId, CourseId, Epoch, Keyring, ObjectName, OrderRef, Params, Seat, SiteId, SiteKey, open_asset, open_lesson,
};
use bookplate::site::{Kind, Mode, Seals};
use bookplate::template::Theme;

use crate::builder::{Built, Site, assemble};

const SHOP: &str = "site: { id: shop, title: Shop, url: \"https://example.com/courses\" }\npayments: { lemon_squeezy: { store: 7 } }\n";
const COURSE: &str = "---\nid: rust\ntitle: Rust & you\nsummary: Short and <clear>.\nprice: \"49 USD\"\ncheckout: \"https://shop.example/buy/1\"\n\
    products: { lemon_squeezy: [40001] }\naccess: premium\n---\nWhy this course.\n";
/// Eight words and more that only paying readers may see.
const SECRET: &str = "Quinces ripen slowly while the patient gardener counts every single frost of autumn.";
const PNG: [u8; 400] = {
    let mut bytes = [0; 400];
    let mut state = 1_u32;
    let mut i = 0;
    while i < bytes.len() {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        bytes[i] = (state >> 24) as u8;
        i += 1;
    }
    bytes
};

fn shop() -> Site {
    Site::bare()
        .yaml(SHOP)
        .file("content/index.md", "---\ntitle: Two or one\n---\nWelcome, all of you.\n")
        .file("content/about.md", "---\ntitle: About\n---\nWho we are.\n")
        .file("content/rust/index.md", COURSE)
        .file("content/rust/01-free.md", "---\nid: free\ntitle: Free lesson\naccess: free\n---\nOpen to all.\n\n## One\n\ntext\n\n## Two\n\ntext\n")
        .file(
            "content/rust/02-half.md",
            format!(
                "---\nid: half\ntitle: Half a lesson\naccess: preview\nsummary: What the rest tells.\n---\nThe open part.\n\n## Open heading\n\n<!-- paywall -->\n\n\
                 ## Sentinel of the closed part\n\n{SECRET}\n\n![Alt text of the sentinel quince](quince-chart.png)\n\n[get it](orchard-notes.txt)\n"
            ),
        )
        .file("content/rust/03-paid.md", "---\nid: paid\ntitle: Paid lesson\n---\nNobody reads this sentence before paying for all of it.\n")
        .file("content/rust/quince-chart.png", PNG)
        .file("content/rust/orchard-notes.txt", "The third tree from the left bears nothing in even years.")
}

fn key() -> SiteKey {
    SiteKey::from_bytes([9; 32])
}

fn try_build(site: &Site, seals: Option<&Seals>) -> Result<Built, Diagnostics> {
    let read = site.read();
    let edition = read.edition();
    let theme = Theme::with_overrides(&edition.theme_files)?;
    assemble(edition, &theme, seals, Mode::Build)
}

#[track_caller]
fn build(site: &Site) -> Built {
    let built = try_build(site, Some(&Seals { key: key(), preview: false })).unwrap_or_else(|problems| panic!("{}", problems.render(9)));
    let report = gate::check(built.outputs.bytes(), &built.passages);
    assert!(report.findings.is_empty(), "{}", report.findings.render(9));
    built
}

#[track_caller]
fn page<'a>(built: &'a Built, path: &str) -> &'a str {
    let output = built.outputs.get(path).unwrap_or_else(|| panic!("no `{path}` in {:?}", paths(built)));
    std::str::from_utf8(&output.bytes).expect("text")
}

fn paths(built: &Built) -> Vec<&str> {
    built.outputs.iter().map(|(path, _)| path.as_str()).collect()
}

/// The JSON of `data-bookplate`.
fn data(html: &str) -> serde_json::Value {
    let start = html.find("data-bookplate='").expect("a lock") + "data-bookplate='".len();
    let text = html[start..]
        .split('\'')
        .next()
        .expect("its end")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&");
    serde_json::from_str(&text).expect("JSON")
}

fn keyring() -> Keyring {
    let (site, course) = (SiteId::parse("shop").expect("an id"), CourseId::parse("rust").expect("an id"));
    let order: OrderRef = "manual:1".parse().expect("an order");
    let buyer: BuyerId = key().buyer(&site, &order, Seat(1));
    Keyring::issue(&key(), &site, &course, Epoch(1), Params::default(), &buyer, "order 1")
}

#[test]
fn every_page_is_where_its_address_says() {
    let built = build(&shop());
    let pages: Vec<&str> = built.outputs.iter().filter(|(_, o)| o.kind == Kind::Page).map(|(p, _)| p.as_str()).collect();
    assert_eq!(
        pages,
        [
            "404.html",
            "about/index.html",
            "index.html",
            "rust/free/index.html",
            "rust/half/index.html",
            "rust/index.html",
            "rust/paid/index.html",
            "thanks/index.html"
        ]
    );
    assert_eq!(paths(&built).iter().filter(|p| p.starts_with("-/sealed/")).count(), 4);
    let f = built.figures;
    assert_eq!((f.pages, f.free, f.preview, f.premium, f.sealed_lessons, f.sealed_assets), (8, 1, 1, 1, 2, 2));
}

#[test]
fn a_page_has_what_readers_and_machines_need() {
    let built = build(&shop());
    for (path, output) in built.outputs.iter().filter(|(_, o)| o.kind == Kind::Page) {
        let html = std::str::from_utf8(&output.bytes).expect("text");
        for needed in
            ["<!doctype html>", "<html lang=\"en\"", "<title>", "name=\"viewport\"", "class=\"skip\" href=\"#main\"", "id=\"main\"", "<h1>"]
        {
            assert!(html.contains(needed), "{path}: no {needed}");
        }
        assert_eq!(html.matches("<h1").count(), 1, "{path}");
        assert!(
            html.contains(
                "Content-Security-Policy\" content=\"default-src &#39;none&#39;; script-src &#39;self&#39;; style-src &#39;self&#39;"
            ),
            "{path}"
        );
        assert!(!html.contains("<style") && !html.contains(" style=") && !html.contains("{{") && !html.contains('\u{2}'), "{path}");
        for script in html.split("<script").skip(1) {
            assert!(
                script.split("</script>").next().is_some_and(|s| s.ends_with('>') && s.contains(" src=\"/courses/-/")),
                "{path}: inline script"
            );
        }
    }
}

#[test]
fn links_and_files_lie_below_the_base_path() {
    let built = build(&shop());
    for (path, output) in built.outputs.iter().filter(|(_, o)| o.kind == Kind::Page) {
        let html = std::str::from_utf8(&output.bytes).expect("text");
        for attribute in ["href=\"", "src=\""] {
            for link in html.split(attribute).skip(1).filter_map(|rest| rest.split('"').next()) {
                let Some(below) = link.strip_prefix("/courses/") else {
                    assert!(link.starts_with('#') || link.contains(':'), "{path}: {link}");
                    continue;
                };
                let file = if below.is_empty() || below.ends_with('/') { format!("{below}index.html") } else { below.to_owned() };
                assert!(built.outputs.get(&file).is_some(), "{path}: {link} leads nowhere");
            }
        }
    }
    assert!(page(&built, "rust/free/index.html").contains("<link rel=\"canonical\" href=\"https://example.com/courses/rust/free/\">"));
}

#[test]
fn a_locked_lesson_shows_its_public_part_and_what_the_reader_needs() {
    let built = build(&shop());
    let html = page(&built, "rust/half/index.html");
    for shown in
        ["The open part.", "What the rest tells.", "49 USD", "href=\"https://shop.example/buy/1\"", "1 picture", "id=\"opened\" hidden"]
    {
        assert!(html.contains(shown), "no {shown}");
    }
    let data = data(html);
    let file = built.outputs.get(data["file"].as_str().expect("a file").trim_start_matches("/courses/")).expect("the sealed file");
    assert_eq!(data["sha256"], sha256(&file.bytes));
    assert_eq!(
        (&data["v"], &data["site"], &data["course"], &data["epoch"], &data["params"], &data["static"]),
        (&1.into(), &"shop".into(), &"rust".into(), &1.into(), &"2.2048.1".into(), &"/courses/keys/".into())
    );
    assert_eq!(data["courses"][0]["url"], "/courses/rust/");
    assert!(html.contains("reader/main.js"));
    assert!(!page(&built, "rust/free/index.html").contains("reader/main.js"));
    for without_lesson in ["thanks/index.html", "rust/index.html"] {
        assert_eq!(self::data(page(&built, without_lesson))["lesson"], serde_json::Value::Null, "{without_lesson}");
    }
}

fn sha256(bytes: &[u8]) -> String {
    use sha2::Digest as _;
    sha2::Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect()
}

#[test]
fn a_buyer_opens_what_was_sealed() {
    let built = build(&shop());
    let data = data(page(&built, "rust/half/index.html"));
    let sealed = built.outputs.get(data["file"].as_str().expect("a file").trim_start_matches("/courses/")).expect("the sealed file");
    let opened = open_lesson(&keyring(), &sealed.bytes).expect("it opens");
    assert!(opened.html.contains(SECRET) && opened.html.contains("data-bookplate-asset=\"0\""));
    assert_eq!(opened.assets.len(), 2);
    let asset = |name: &ObjectName| built.outputs.get(&format!("-/sealed/{name}.bin")).expect("the sealed asset");
    let image = opened.assets.iter().find(|a| a.media_type == "image/png").expect("the picture");
    assert_eq!(open_asset(image, &asset(&image.name).bytes).expect("it opens"), PNG);
}

#[test]
fn nothing_for_sale_stands_in_any_output_byte() {
    let built = build(&shop());
    let sentinels: [&[u8]; 9] = [
        b"Quinces ripen",
        b"patient gardener",
        b"Sentinel of the closed part",
        b"sentinel-of-the-closed-part",
        b"Alt text of the sentinel",
        b"quince-chart",
        b"orchard-notes",
        b"third tree from the left",
        b"Nobody reads this",
    ];
    for (path, output) in built.outputs.iter() {
        for needle in sentinels.iter().copied().chain([&PNG[100..132], &[9_u8; 32][..]]) {
            assert!(!output.bytes.windows(needle.len()).any(|w| w == needle), "{path}: {}", String::from_utf8_lossy(needle));
        }
    }
}

#[test]
fn a_copy_in_static_is_found_by_the_gate() {
    for (path, bytes, what) in [
        ("static/notes/leak.txt", format!("copied: {SECRET}").into_bytes(), "passages"),
        ("static/chart.png", PNG.to_vec(), "bytes of a file"),
        ("static/quince-chart.png", b"another picture".to_vec(), "the name of a file"),
        ("static/key.txt", key().to_text().as_bytes().to_vec(), "key bytes"),
    ] {
        let built =
            try_build(&shop().file(path, bytes), Some(&Seals { key: key(), preview: false })).unwrap_or_else(|p| panic!("{}", p.render(9)));
        let report = gate::check(built.outputs.bytes(), &built.passages);
        let found: Vec<String> = report.findings.iter().map(|d| d.message.clone()).collect();
        assert!(found.iter().any(|m| m.contains(what)), "{path}: {found:?}");
    }
}

#[test]
fn a_passage_that_a_free_lesson_contains_too_is_public() {
    let built = build(&shop().file("content/rust/04-quote.md", format!("---\nid: quote\ntitle: Quote\naccess: free\n---\n{SECRET}\n")));
    assert!(gate::check(built.outputs.bytes(), &built.passages).public_runs > 0);
}

#[test]
fn two_builds_are_byte_identical() {
    let bytes = |built: &Built| -> BTreeMap<String, Vec<u8>> {
        built.outputs.bytes().map(|(path, bytes)| (path.to_owned(), bytes.to_owned())).collect()
    };
    assert_eq!(bytes(&build(&shop())), bytes(&build(&shop())));
}

#[test]
fn an_edited_lesson_changes_its_own_files_and_the_page_that_counts_its_words() {
    let before = build(&shop());
    let after = build(&shop().file(
        "content/rust/03-paid.md",
        "---\nid: paid\ntitle: Paid lesson\n---\nNobody reads this other sentence before paying for all of it.\n",
    ));
    let own = data(page(&before, "rust/paid/index.html"))["file"].as_str().expect("a file").trim_start_matches("/courses/").to_owned();
    assert_eq!(changed(&before, &after), [own.as_str(), "rust/index.html", "rust/paid/index.html"].map(String::from));
}

#[test]
fn an_edited_title_changes_the_pages_that_show_it() {
    let before = build(&shop().file("content/zwei/01-a.md", "---\ntitle: Alone\n---\ntext\n"));
    let renamed = shop()
        .file("content/zwei/01-a.md", "---\ntitle: Alone\n---\ntext\n")
        .file("content/rust/03-paid.md", "---\nid: paid\ntitle: Renamed\n---\nNobody reads this sentence before paying for all of it.\n");
    let course = ["rust/free/index.html", "rust/half/index.html", "rust/index.html", "rust/paid/index.html"];
    assert_eq!(changed(&before, &build(&renamed)), course.map(String::from));
}

fn changed(before: &Built, after: &Built) -> Vec<String> {
    assert_eq!(paths(before), paths(after));
    let pairs = before.outputs.bytes().zip(after.outputs.bytes());
    // The manifest lists them all, so that it changes with each.
    pairs.filter(|((path, a), (_, b))| a != b && *path != bookplate::manifest::FILE).map(|((path, _), _)| path.to_owned()).collect()
}

#[test]
fn the_catalog_names_what_is_sold() {
    let built = build(&shop());
    let read = bookplate::catalog::Catalog::from_json(&built.outputs.get("catalog.json").expect("a catalog").bytes).expect("it reads");
    assert_eq!(read, built.catalog);
    assert_eq!(
        (read.origin.as_str(), read.base.as_str(), read.preview, read.courses.len()),
        ("https://example.com", "/courses/", false, 1)
    );
    let product = &read.courses[0].products[0];
    assert_eq!((product.provider.as_str(), product.store, product.product), ("lemon_squeezy", 7, 40001));
}

#[test]
fn output_of_a_throw_away_key_is_marked() {
    let built = try_build(&shop(), Some(&Seals { key: key(), preview: true })).unwrap_or_else(|p| panic!("{}", p.render(9)));
    assert!(built.catalog.preview);
    assert!(page(&built, "index.html").contains("<meta name=\"bookplate\" content=\"preview\">"));
    assert!(!page(&build(&shop()), "index.html").contains("content=\"preview\""));
}

#[test]
fn paid_lessons_without_a_key_are_an_error_with_the_remedy() {
    let problems = try_build(&shop(), None).expect_err("no key").render(9);
    assert!(
        problems.contains("site/no-key") && problems.contains("BOOKPLATE_SITE_KEY") && problems.contains("--preview-key"),
        "{problems}"
    );
}

#[test]
fn a_free_site_needs_no_key_and_has_no_reader() {
    let site = Site::new().file("content/a/01.md", "# Hello\n\ntext\n");
    let built = try_build(&site, None).unwrap_or_else(|p| panic!("{}", p.render(9)));
    assert!(
        !paths(&built).iter().any(|p| p.contains("reader") || p.starts_with("-/sealed") || p.starts_with("thanks")),
        "{:?}",
        paths(&built)
    );
    assert!(page(&built, "index.html").contains("Free"));
}

#[test]
fn a_bare_folder_is_its_course() {
    let site =
        Site::bare().file("README.md", "# A course\n\nHello.\n").file("01-one.md", "# One\n\ntext\n").file("02-two.md", "# Two\n\ntext\n");
    let built = try_build(&site, None).unwrap_or_else(|p| panic!("{}", p.render(9)));
    let home = page(&built, "index.html");
    assert!(home.contains("<h1>A course</h1>") && home.contains("href=\"/one/\"") && home.contains("Hello."), "{home}");
    let two = page(&built, "two/index.html");
    assert!(two.contains("rel=\"prev\" href=\"/one/\"") && two.contains("aria-current=\"page\">Two</a>"), "{two}");
    assert!(built.outputs.get("catalog.json").is_none(), "a folder without an address sells nothing");
}

#[test]
fn the_outline_shows_of_sealed_lessons_what_the_author_chose() {
    let with =
        |outline: &str| build(&shop().file("content/rust/index.md", COURSE.replace("access:", &format!("outline: {outline}\naccess:"))));
    let titles = build(&shop());
    let free = page(&titles, "rust/free/index.html");
    assert!(free.contains("class=\"sealed\" title=\"for sale\">Paid lesson</a>") && !free.contains("Sentinel"));
    let full = with("full");
    assert!(page(&full, "rust/index.html").contains("Sentinel of the closed part"));
    assert!(page(&full, "rust/half/index.html").contains("<span class=\"sealed\">Sentinel of the closed part</span>"));
    let hidden = with("hidden");
    for (path, output) in hidden.outputs.iter() {
        let text = String::from_utf8_lossy(&output.bytes);
        assert!(!text.contains("Paid lesson") && !text.contains("Half a lesson"), "{path}");
    }
    assert!(page(&hidden, "rust/paid/index.html").contains("<h1>A sealed lesson</h1>"));
}

#[test]
fn a_hidden_outline_does_not_tell_a_sealed_chapter_by_the_way_to_its_lessons() {
    let course = COURSE.replace("access:", "outline: hidden\naccess:");
    let built = build(
        &shop()
            .file("content/rust/index.md", course)
            .file("content/rust/04-inner/index.md", "---\nid: inner\ntitle: Whispered chapter\naccess: premium\n---\ntext\n")
            .file("content/rust/04-inner/01-open.md", "---\nid: open\ntitle: Open\naccess: free\n---\ntext\n"),
    );
    for (path, output) in built.outputs.iter() {
        assert!(!String::from_utf8_lossy(&output.bytes).contains("Whispered"), "{path}");
    }
}

#[test]
fn a_linked_copy_of_a_sealed_lesson_is_no_excuse() {
    for name in ["all.txt", "all.mdx", "all.markdown", "all.html", "all.svg"] {
        let copy = format!("<p>{SECRET}</p> Nobody reads this sentence before paying for all of it.");
        let site = shop()
            .file(&format!("content/rust/{name}"), copy)
            .file("content/rust/04-more.md", format!("---\nid: more\naccess: free\n---\n[all]({name})\n"));
        let built = try_build(&site, Some(&Seals { key: key(), preview: false })).unwrap_or_else(|p| panic!("{}", p.render(9)));
        let report = gate::check(built.outputs.bytes(), &built.passages);
        assert!(report.findings.iter().any(|d| d.message.contains("passages")), "{name}");
    }
}

#[test]
fn a_shop_without_endpoint_does_not_promise_that_lessons_open_by_themselves() {
    let built = build(&shop());
    let thanks = page(&built, "thanks/index.html");
    assert!(thanks.contains("The author sends you a code") && !thanks.contains("opens by itself"), "{thanks}");
}

#[test]
fn titles_are_escaped_everywhere() {
    let built =
        build(&shop().file(
            "content/rust/01-free.md",
            "---\nid: free\ntitle: \"<script>alert('1')</script> & \\\"x\\\"\"\naccess: free\n---\ntext\n",
        ));
    for (path, output) in built.outputs.iter().filter(|(_, o)| o.kind == Kind::Page) {
        let html = std::str::from_utf8(&output.bytes).expect("text");
        assert!(!html.contains("<script>") && !html.contains("alert('1')"), "{path}");
    }
    assert!(page(&built, "rust/index.html").contains("&lt;script&gt;alert(&#39;1&#39;)"));
}

#[test]
fn a_chinese_course_speaks_chinese_on_an_english_site() {
    let course = COURSE.replace("access:", "language: zh\naccess:");
    let built = build(&shop().file("content/rust/index.md", course));
    let lesson = page(&built, "rust/half/index.html");
    assert!(lesson.contains("<html lang=\"zh\"") && lesson.contains("本课后半部分为付费内容") && lesson.contains("购买"), "{lesson}");
    let home = page(&built, "index.html");
    assert!(home.contains("<html lang=\"en\"") && home.contains("<li class=\"card\" lang=\"zh\"") && home.contains("开始阅读"), "{home}");
}

#[test]
fn a_site_brings_its_own_pages_and_templates() {
    let built = build(&shop().file("static/404.html", "mine").file("static/favicon.svg", "<svg/>").file(
        "themes/folio/page.html",
        "{% extends \"base.html\" %}{% block body %}<main id=\"main\"><h1>{{ title }}</h1>own: {{ text }}</main>{% endblock %}",
    ));
    assert_eq!(page(&built, "404.html"), "mine");
    assert!(page(&built, "about/index.html").contains("own: <p>Who we are.</p>"));
    assert!(page(&built, "index.html").contains("<link rel=\"icon\" href=\"/courses/favicon.svg\">"));
}

#[test]
fn a_template_that_names_nothing_is_reported_once() {
    let site = shop().file("themes/folio/lesson.html", "{{ nothing.there }}");
    let problems = try_build(&site, Some(&Seals { key: key(), preview: false })).expect_err("broken").render(9);
    assert_eq!(problems.matches("error[theme/template]").count(), 1, "{problems}");
    assert!(problems.contains("lesson.html"), "{problems}");
}

#[test]
fn what_an_author_writes_is_text_in_every_output() {
    for evil in ["<img src=x onerror=alert(1)>", "\"><script>alert(1)</script>", "</script><script>alert(1)</script>", "' onload='alert(1)"]
    {
        let yaml = serde_json::to_string(evil).expect("a YAML scalar too");
        let lesson = |access: &str| format!("---\nid: {access}\ntitle: {yaml}\nsummary: {yaml}\naccess: {access}\n---\ntext\n");
        let site = Site::bare()
            .yaml(&format!("site: {{ id: shop, title: {yaml}, url: \"https://example.com\" }}\n"))
            .file("content/about.md", format!("---\ntitle: {yaml}\n---\ntext\n"))
            .file(
                "content/rust/index.md",
                format!("---\nid: rust\ntitle: {yaml}\nsummary: {yaml}\nprice: \"9 USD\"\ncheckout: \"https://shop.example/1\"\n---\n"),
            )
            .file("content/rust/a.md", lesson("free"))
            .file("content/rust/b.md", lesson("premium"));
        let built = build(&site);
        let public = built.outputs.iter().filter(|(path, o)| o.kind == Kind::Page || path.as_str().ends_with(".xml"));
        for (path, output) in public {
            let html = std::str::from_utf8(&output.bytes).expect("text");
            for raw in ["<img src=x", "<script>alert", "</script><", "\"><script", "' onload='"] {
                assert!(!html.contains(raw), "`{raw}` in {path}:\n{html}");
            }
        }
        let locked = data(page(&built, "rust/b/index.html"));
        assert_eq!(locked["courses"][0]["title"], evil, "{locked}");
        let catalog: serde_json::Value =
            serde_json::from_slice(&built.outputs.get("catalog.json").expect("a catalog").bytes).expect("JSON");
        assert!(catalog.to_string().contains("alert"), "{catalog}");
    }
}

#[test]
fn two_sources_for_one_path_are_named_both() {
    let site = shop().file("static/Catalog.json", "{}");
    let problems = try_build(&site, Some(&Seals { key: key(), preview: false })).expect_err("taken").render(9);
    assert!(problems.contains("static/Catalog.json") && problems.contains("bookplate itself"), "{problems}");
}

#[test]
fn a_file_where_another_one_needs_a_folder_is_an_error_of_its_source() {
    for (path, other) in [("content/rust/index.html.md", "content/rust/index.md"), ("content/catalog.json/a.md", "bookplate itself")] {
        let site = shop().file(path, "---\nid: odd\ntitle: Odd\naccess: free\n---\ntext\n");
        let problems = try_build(&site, Some(&Seals { key: key(), preview: false })).expect_err("it cannot be written").render(9);
        assert!(problems.contains("site/path-taken") && problems.contains(path) && problems.contains(other), "{problems}");
    }
}

#[test]
fn the_accent_of_the_settings_reaches_the_style_sheet() {
    let built = build(&shop().yaml(&format!("{SHOP}theme: {{ name: folio, accent: \"#00a0ff\" }}\n")));
    let css = paths(&built).into_iter().find(|p| p.ends_with("folio.css")).expect("a style sheet").to_owned();
    assert!(page(&built, &css).contains("--accent: #0"));
}
