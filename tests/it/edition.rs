//! Sites become editions: order, addresses, access, links, and what is wrong with them.

use bookplate::access::Access;
use bookplate::diag::Severity;
use bookplate::edition::{Node, ReadOptions, write_ids};

use super::builder::{Site, YAML, outline};

const PAID: &str = "---\nid: paid\ntitle: Paid\nprice: 49 USD\naccess: premium\n---\nAbout it.\n";

// ---------------------------------------------------------------- order and addresses

#[test]
fn numbers_give_the_order_and_leave_the_addresses() {
    let read = Site::new()
        .file("content/rust-101/index.md", "# Rust 101\n")
        .file("content/rust-101/02-types/index.md", "---\ntitle: Types\n---\n")
        .file("content/rust-101/02-types/10-last.md", "# Last\n")
        .file("content/rust-101/02-types/2-first.md", "# First\n")
        .file("content/rust-101/01-hello.md", "# Hello\n")
        .read();
    assert_eq!(read.urls(), ["rust-101/hello/", "rust-101/types/", "rust-101/types/first/", "rust-101/types/last/"]);
    assert_eq!(outline(&read.course().tree), "Hello Types (First Last)");
    assert_eq!(read.lesson("rust-101/types/first/").id, "types/first");
}

#[test]
fn order_in_front_matter_comes_before_numbers() {
    let read = Site::new()
        .file("content/c/01-a.md", "---\norder: 3\n---\n")
        .file("content/c/02-b.md", "")
        .file("content/c/z.md", "---\norder: 1\n---\n")
        .read();
    assert_eq!(read.urls(), ["c/z/", "c/b/", "c/a/"]);
}

#[test]
fn a_summary_gives_the_order_and_the_names() {
    let read = Site::bare()
        .file("book.toml", "[book]\ntitle = \"My Book\"\n")
        .file(
            "src/SUMMARY.md",
            "# Summary\n\n[Start](start.md)\n\n# Part one\n\n- [Bee](b.md)\n  - [Sea](c.md)\n- [Draft]()\n- [Out](https://example.com)\n",
        )
        .file("src/c.md", "# C\n")
        .file("src/b.md", "# B\n")
        .file("src/a.md", "# Not listed\n")
        .file("src/start.md", "[a](a.md)")
        .file("README.md", "# Not part of the book\n")
        .read();
    assert_eq!(outline(&read.course().tree), "Start Part one* (Bee (Sea)) Not listed");
    assert_eq!(read.course().title.get(), "My Book");
    assert_eq!(read.lesson("b/").title.get(), "B");
    assert_eq!(read.rules(Severity::Note), ["summary/unlisted src/SUMMARY.md"]);
}

#[test]
fn a_bare_folder_is_one_course() {
    let read = Site::bare()
        .file("README.md", "# The course\n\n[b](b/) [a](a.md)\n")
        .file("a.md", "text")
        .file("b/README.md", "# Bee\n")
        .file("b/c d%.md", "# See\n")
        .file("unused.zip", "zip")
        .read();
    assert_eq!(read.urls(), ["b/", "b/c-d/", "a/"]);
    assert_eq!((read.course().title.get().as_str(), read.course().url.as_str()), ("The course", ""));
    assert!(read.edition().files.is_empty() && read.edition().site.bare);
    assert_eq!(read.lesson("a/").title.get(), "A");
}

#[test]
fn a_second_lesson_for_an_address_keeps_its_number_in_a_bare_folder() {
    let read = Site::bare().file("01-x.md", "").file("02-X.md", "").file("y.md", "").file("Y.md", "").read();
    assert_eq!(read.urls(), ["x/", "02-X/", "Y/", "y-2/"]);
    assert_eq!(read.warnings().len(), 2);
}

#[test]
fn drafts_are_never_built() {
    let read = Site::new()
        .file("content/c/a.md", "[b](b.md)")
        .file("content/c/b.md", "---\ndraft: true\n---\nsecret")
        .file("content/c/d/index.md", "---\ndraft: true\n---\n")
        .file("content/c/d/e.md", "")
        .file("content/f/index.md", "---\ndraft: true\n---\n")
        .file("content/f/g.md", "")
        .read();
    assert_eq!(read.urls(), ["c/a/"]);
    assert_eq!(read.edition().courses.len(), 1);
    assert!(read.found.render(9).contains("`b.md` is a draft"));
}

#[test]
fn pages_and_courses_of_a_site() {
    let read = Site::new()
        .yaml("site: { id: t, title: T, url: \"https://example.com/courses\", language: zh }\n")
        .file("content/index.md", "Welcome, see [about](about.md).")
        .file("content/about.md", "# About us\n")
        .file("content/b/index.md", "---\norder: 1\nlanguage: en\n---\n")
        .file("content/b/x.md", "")
        .file("content/a/x.md", "")
        .file("static/robots.txt", "User-agent: *\n")
        .file("themes/folio/x.css", "a{}")
        .read();
    let edition = read.edition();
    assert_eq!(edition.courses.iter().map(|c| (c.id.as_str(), c.language.tag())).collect::<Vec<_>>(), [("b", "en"), ("a", "zh")]);
    assert_eq!((edition.pages[0].url.as_str(), edition.pages[0].title.get().as_str()), ("about/", "About us"));
    assert_eq!(edition.home.as_ref().expect("a home").prose.get().html, "<p>Welcome, see <a href=\"/courses/about/\">about</a>.</p>");
    assert_eq!((edition.files[0].path.as_str(), edition.theme_files[0].0.as_str()), ("robots.txt", "x.css"));
}

// ---------------------------------------------------------------- access

#[test]
fn access_is_inherited_and_a_price_closes() {
    let read = Site::new()
        .file("content/c/index.md", "---\nid: c\nprice: 49 USD\n---\n")
        .file("content/c/a.md", "---\nid: a\naccess: free\n---\n")
        .file("content/c/b.md", "---\nid: b\n---\n")
        .file("content/c/d/index.md", "---\nid: d\naccess: free\n---\n")
        .file("content/c/d/e.md", "---\nid: e\n---\n")
        .read();
    let access = |url| read.lesson(url).access;
    assert_eq!(
        [access("c/a/"), access("c/b/"), access("c/d/"), access("c/d/e/")],
        [Access::Free, Access::Premium, Access::Free, Access::Free]
    );
}

#[test]
fn a_preview_is_cut_at_its_paywall() {
    let text = "---\nid: l\naccess: preview\n---\n# T\n\nfree [^a]\n\n[^a]: open note\n\n<!-- paywall -->\n\n## Secret heading\n\nsealed words here\n\n![alt](x.png)\n";
    let read = Site::new().file("content/paid/index.md", PAID).file("content/paid/l.md", text).file("content/paid/x.png", "png").read();
    let lesson = read.lesson("paid/l/");
    let open = lesson.body.open.as_ref().expect("an open part").get();
    assert!(open.html.contains("open note") && !open.html.contains("sealed") && !open.text.contains("Secret"));
    assert!(lesson.headings.get().is_empty() && lesson.body.sealed.is_some());
    assert_eq!(lesson.body.sealed_assets.len(), 1);
    assert_eq!((lesson.inside.images, lesson.inside.words), (1, 6));
    assert!(read.edition().files.is_empty());
    let shown = format!("{:?}", lesson.body);
    assert!(!shown.contains("Secret") && !shown.contains("x.png"));
}

#[test]
fn a_paywall_in_the_wrong_place_is_an_error() {
    let lesson = |access: &str, body: &str| {
        let text = format!("---\nid: l\naccess: {access}\n---\n{body}");
        Site::new().file("content/c/index.md", "").file("content/c/l.md", text).read().errors()
    };
    assert_eq!(lesson("preview", "a\n\nb\n"), ["lesson/paywall content/c/l.md:1"]);
    assert_eq!(lesson("preview", "a\n\n<!-- paywall -->\n\nb\n\n<!-- paywall -->\n\nc\n"), ["lesson/paywall content/c/l.md:11"]);
    assert_eq!(lesson("preview", "a\n\n<!-- paywall -->\n"), ["lesson/paywall content/c/l.md:7"]);
    assert_eq!(lesson("free", "a\n\n<!-- paywall -->\n\nb\n"), ["lesson/paywall content/c/l.md:7"]);
    assert_eq!(lesson("premium", "a <!-- paywall --> b\n"), ["lesson/paywall content/c/l.md:5"]);
    assert_eq!(lesson("preview", "- a\n\n  <!-- paywall -->\n\n  b\n").len(), 2);
    assert_eq!(Site::bare().file("a.md", "a\n\n<!-- paywall -->\n\nb\n").read().errors(), ["lesson/paywall a.md:3"]);
}

#[test]
fn an_asset_is_sealed_only_where_public_text_does_not_use_it() {
    let read = Site::new()
        .file("content/paid/index.md", PAID)
        .file(
            "content/paid/a.md",
            "---\nid: a\n---\n![one](one.png) <img src=\"two.png\" alt=\"two\"> [data](data.zip) ![again](./one.png)\n",
        )
        .file("content/paid/b.md", "---\nid: b\naccess: free\n---\n![two](two.png)\n")
        .file("content/paid/one.png", "1")
        .file("content/paid/two.png", "2")
        .file("content/paid/data.zip", "3")
        .read();
    let assets = &read.lesson("paid/a/").body.sealed_assets;
    assert_eq!(assets.len(), 2);
    assert_eq!(read.edition().files.iter().map(|f| f.path.as_str()).collect::<Vec<_>>(), ["paid/two.png"]);
    assert_eq!(read.open("paid/b/"), "<p><img src=\"/paid/two.png\" alt=\"two\"></p>");
    assert_eq!(read.rules(Severity::Note), ["asset/also-public content/paid/two.png"]);
}

#[test]
fn a_public_link_does_not_tell_a_sealed_heading() {
    let read = Site::new()
        .file("content/paid/index.md", format!("{PAID}[deep](a.md#the-secret)\n"))
        .file("content/paid/a.md", "---\nid: a\n---\n## The secret\n\n[here](#the-secret)\n")
        .read();
    let intro = read.course().intro.as_ref().expect("an intro").get();
    assert!(intro.html.contains("href=\"/paid/a/#lock\"") && !intro.html.contains("secret"), "{}", intro.html);
}

#[test]
fn the_outline_shows_sealed_headings_only_if_asked() {
    let site = |outline: &str| {
        let index = PAID.replace("access:", &format!("outline: {outline}\naccess:"));
        Site::new().file("content/paid/index.md", index).file("content/paid/a.md", "---\nid: a\n---\n## Inside\n").read()
    };
    assert_eq!(site("titles").lesson("paid/a/").headings.get().len(), 0);
    assert_eq!(site("full").lesson("paid/a/").headings.get().len(), 1);
}

// ---------------------------------------------------------------- links

#[test]
fn every_form_of_link_is_followed() {
    let read = Site::bare()
        .file("a.md", "[1](b%20c.md) [2](<b c.md#x>) [3](d/) [4](d) [5](d/e.html#借用) [6](d/e) [7](/d/e.md) [8](d\\e.md) [9](D/E.md) [10](https://x.y/z) [11](#here)\n\n## Here\n")
        .file("b c.md", "# X\n")
        .file("d/README.md", "")
        .file("d/e.md", "## 借用\n")
        .read();
    assert_eq!(read.warnings(), Vec::<String>::new());
    let html = read.open("a/");
    for want in [
        "1</a>",
        "href=\"/b-c/\">2",
        "href=\"/d/\">3",
        "href=\"/d/\">4",
        "href=\"/d/e/#%E5%80%9F%E7%94%A8\">5",
        "href=\"/d/e/\">6",
        "/d/e/\">7",
        "/d/e/\">8",
        "/d/e/\">9",
        "https://x.y/z\">10",
        "href=\"#here\">11",
    ] {
        assert!(html.contains(want), "{want} is not in {html}");
    }
}

#[test]
fn broken_links_are_warnings_and_lose_their_address() {
    let read = Site::bare()
        .file("a.md", "[x](gone.md) [y](b.md#gone) [z](../../etc/passwd) ![p](gone.png)\n\n<img src=\"lost.png\">\n")
        .file("b.md", "")
        .read();
    assert_eq!(
        read.warnings(),
        ["link/broken a.md:1", "link/broken a.md:1", "link/broken a.md:1", "image/missing a.md:1", "image/missing a.md:3"]
    );
    assert_eq!(
        read.open("a/"),
        "<p><a class=\"broken\">x</a> <a href=\"/b/\">y</a> <a class=\"broken\">z</a> <span class=\"missing\">p</span></p><img >\n"
    );
}

#[test]
fn links_in_circles_and_to_the_page_itself() {
    let read = Site::bare().file("a.md", "[b](b.md)").file("b.md", "[a](a.md) [b](b.md)").read();
    assert_eq!(read.warnings(), Vec::<String>::new());
}

#[test]
fn a_file_and_a_page_never_share_an_output_path() {
    let read = Site::bare()
        .file("README.md", "[l](LICENSE) [p](LICENSE.md) [i](LICENSE/index.html)")
        .file("LICENSE", "text")
        .file("LICENSE.md", "# Page\n")
        .read();
    assert_eq!(read.edition().files[0].path, "LICENSE-2");
    assert!(read.course().intro.as_ref().expect("an intro").get().html.contains("href=\"/LICENSE-2\""));
}

// ---------------------------------------------------------------- ids

#[test]
fn ids_are_written_into_front_matter_and_nothing_else_changes() {
    let site = Site::new()
        .file("content/paid/index.md", PAID)
        .file("content/paid/01-a.md", "\u{feff}---\r\ntitle: A # why\r\n---\r\ntext\r\n")
        .file("content/paid/02-借.md", "no front matter\n")
        .file("content/paid/c.md", "---\nid: kept\n---\n")
        .file("content/free/x.md", "");
    assert_eq!(site.read().warnings(), ["lesson/no-id content/paid/01-a.md"]);
    let edits = write_ids(&site.files(), &ReadOptions::default());
    assert_eq!(
        edits,
        [
            ("content/paid/01-a.md".to_owned(), "\u{feff}---\r\nid: a\r\ntitle: A # why\r\n---\r\ntext\r\n".to_owned()),
            ("content/paid/02-借.md".to_owned(), "---\nid: \"借\"\n---\nno front matter\n".to_owned()),
        ]
    );
    let mended = edits.iter().fold(site.clone(), |site, (path, text)| site.file(path, text));
    assert_eq!(mended.read().warnings(), Vec::<String>::new());
    let ids = |site: &Site| site.read().edition().lessons().map(|(_, l)| l.id.clone()).collect::<Vec<_>>();
    assert_eq!(ids(&mended), ids(&site));
    assert!(write_ids(&mended.files(), &ReadOptions::default()).is_empty());
}

#[test]
fn a_course_for_sale_gets_an_id_too() {
    let site = Site::new().file("content/7-paid/index.md", "---\nprice: 9 EUR\n---\n").file("content/7-paid/a.md", "---\nid: a\n---\n");
    assert_eq!(site.read().warnings(), ["course/no-id content/7-paid/index.md:1"]);
    let edits = write_ids(&site.files(), &ReadOptions::default());
    assert_eq!(edits, [("content/7-paid/index.md".to_owned(), "---\nid: paid\nprice: 9 EUR\n---\n".to_owned())]);
}

#[test]
fn a_readme_beside_an_index_is_a_lesson_like_others() {
    let read = Site::new()
        .file("content/paid/index.md", PAID)
        .file("content/paid/README.md", "---\nid: r\n---\nsealed\n")
        .file("content/paid/a.md", "---\nid: a\n---\n")
        .read();
    assert_eq!(read.lesson("paid/README/").access, Access::Premium);
}

#[test]
fn a_summary_may_list_the_page_of_the_course_anywhere() {
    let read = Site::bare()
        .file("SUMMARY.md", "# S\n\n## Part\n\n- [Home](README.md)\n  - [A](a.md)\n")
        .file("README.md", "# Home\n")
        .file("a.md", "")
        .read();
    assert_eq!((outline(&read.course().tree).as_str(), read.urls()), ("Part* (A)", vec!["a/"]));
}

#[test]
fn files_and_themes_that_cannot_be_are_errors() {
    let read = Site::new()
        .yaml(&YAML.replace('\n', "\ntheme: { name: follio }\n"))
        .file("content/c/a.md", "")
        .file("static/C/A/index.html", "x")
        .read();
    assert_eq!(read.errors(), ["theme/unknown bookplate.yaml", "static/clash static/C/A/index.html"]);
}

#[test]
fn an_id_survives_a_rename() {
    let id = |path: &str| {
        let read = Site::new().file(path, "---\nid: stays\n---\n").read();
        let edition = read.edition();
        edition.lessons().map(|(_, l)| l.id.clone()).collect::<Vec<_>>()
    };
    assert_eq!(id("content/c/01-a.md"), id("content/c/deep/07-b.md"));
}

#[test]
fn chapter_pages_are_lessons_too() {
    let read = Site::new().file("content/c/x/index.md", "# Chapter\n").file("content/c/x/a.md", "").read();
    let Node::Chapter { page: Some(page), url, .. } = &read.course().tree[0] else { panic!("a chapter") };
    assert_eq!((page.url.as_str(), url.as_deref()), ("c/x/", Some("c/x/")));
    assert_eq!(read.course().lessons().len(), 2);
}
