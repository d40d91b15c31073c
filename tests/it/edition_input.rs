//! Input that editions must bear: what is odd and simply works, what is wrong and is told, and whatever bytes there are.

use bookplate::access::Access;
use bookplate::diag::Severity;
use bookplate::edition::{ReadOptions, write_ids};
use proptest::prelude::*;

use super::builder::{Site, YAML};

const PAID: &str = "---\nid: paid\ntitle: Paid\nprice: 49 USD\naccess: premium\n---\nAbout it.\n";

// ---------------------------------------------------------------- input that must simply work

#[test]
fn hard_input_simply_works() {
    let read = Site::bare()
        .file("bom.md", "\u{feff}---\r\ntitle: With mark\r\n---\r\n\r\nText\r\n")
        .file("empty.md", "")
        .file("open fence.md", "# T\n\n```rust\nfn main() {\n")
        .file("100% 中文\\x.md", "# 百分\n")
        .file("deep.md", format!("{}x\n\n{}y\n", "> ".repeat(3_000), "- ".repeat(3_000)))
        .read();
    assert_eq!(read.errors(), Vec::<String>::new());
    assert_eq!(read.lesson("bom/").title.get(), "With mark");
    assert!(read.open("open-fence/").contains("<pre class=\"code\" data-lang=\"rust\">"));
    assert_eq!(read.lesson("100-中文-x/").title.get(), "百分");
    assert!(read.open("deep/").contains('y') && read.urls().contains(&"empty/"));
}

#[test]
fn five_megabytes_in_one_page() {
    let unit = "Some *text* with a [link](gone.md), `code` and 中文.\n\n";
    let prose = unit.repeat(5_000_000 / unit.len());
    let line = "[x](gone.md) ".repeat(100_000);
    let heads = "# a\n".repeat(50_000);
    let read = Site::bare()
        .file("prose.md", prose)
        .file("line.md", line)
        .file("heads.md", heads)
        .file("tags.md", "<a \"< ".repeat(500_000))
        .read();
    assert_eq!(read.urls().len(), 4);
    assert!(read.found.by_rule(Severity::Warning)["link/broken"] > 100_000);
}

#[test]
fn mdbook_lines_stay_and_are_noted_once() {
    let read = Site::bare()
        .file("a.md", "```rust\n{{#include x.rs}}\n```\n\n{{#if x}}\n")
        .file("b.md", "{{#rustdoc_include ../y.rs:here}}\n")
        .read();
    assert_eq!(read.warnings(), ["mdbook/include a.md:2"]);
    let text = |url| read.lesson(url).body.open.as_ref().map_or("", |p| p.get().text.as_str());
    assert!(text("a/").contains("{{#include x.rs}}") && text("b/").contains("{{#rustdoc_include ../y.rs:here}}"));
}

#[test]
fn a_folder_on_the_disk_reads_like_its_files() {
    let site =
        Site::bare().file("README.md", "[a](a.md) ![p](.gitbook/p.png)").file("a.md", "").file(".gitbook/p.png", "p").file("out/x.md", "");
    let dir = tempfile::tempdir().expect("a folder");
    site.write(dir.path());
    let files = bookplate::fs::read_tree(dir.path(), &["out"]).expect("readable");
    let (edition, found) = bookplate::edition::read(files, &ReadOptions { root_name: "my course".into(), ..ReadOptions::default() });
    let edition = edition.expect("no errors");
    assert!(found.is_empty());
    assert_eq!((edition.lessons().count(), edition.files.len(), edition.site.title.as_str()), (1, 1, "My course"));
}

// ---------------------------------------------------------------- bad input: all found in one run, located, with a remedy

#[test]
fn every_mistake_is_found_in_one_run() {
    let read = Site::new()
        .file("content/paid/index.md", PAID)
        .file("content/paid/01-a.md", "---\nid: same\n---\n![x](gone.png)\n")
        .file("content/paid/02-A.md", "---\nid: same\n---\n")
        .file("content/paid/b.md", "---\nid: b\ntilte: B\naccess: paid\n---\n")
        .file("content/paid/c.md", "---\ntitle: [\n---\n")
        .file("content/paid/d.md", b"ok\n\xff\xfe\n".as_slice())
        .file("content/paid/e.md", "---\ntitle: never closed\n\ntext\n")
        .file("content/thanks.md", "")
        .read();
    assert!(read.edition.is_none());
    let mut errors = read.errors();
    errors.sort();
    assert_eq!(
        errors,
        [
            "file/not-utf8 content/paid/d.md:2",
            "front-matter/broken content/paid/c.md:2",
            "front-matter/unclosed content/paid/e.md:1",
            "image/missing-sealed content/paid/01-a.md:4",
            "key/unknown content/paid/b.md:3",
            "lesson/access content/paid/b.md:4",
            "lesson/same-id content/paid/02-A.md:2",
            "lesson/same-url content/paid/02-A.md",
            "site/reserved content/thanks.md",
        ]
    );
    assert!(read.found.iter().all(|d| d.hint.is_some()), "{}", read.found.render(99));
    let text = read.found.render(9);
    assert!(text.contains("did you mean `title`?") && text.contains("`content/paid/01-a.md` and `content/paid/02-A.md`"));
}

#[test]
fn front_matter_that_slipped_never_publishes_what_is_for_sale() {
    let slipped = |text: &str| Site::new().file("content/c/index.md", "# C\n").file("content/c/a.md", text).read().errors();
    assert_eq!(slipped("\n---\ntitle: A\naccess: premium\n---\ntext\n"), ["front-matter/misplaced content/c/a.md:2"]);
    assert_eq!(slipped("+++\naccess = \"premium\"\n+++\n"), ["front-matter/misplaced content/c/a.md:1"]);
    assert_eq!(slipped("---\naccess:\n---\n"), ["lesson/access content/c/a.md:2"]);
    let old_mac = Site::new().file("content/c/a.md", "---\rid: a\raccess: premium\r---\r# A\r\rtext\r").read();
    assert_eq!(old_mac.lesson("c/a/").access, Access::Premium);
    let bare = Site::bare().file("README.md", "# A\n").file("b.md", "---\naccess: premium\n---\ntext\n").read();
    assert_eq!(bare.errors(), ["front-matter/sells b.md:2"]);
}

#[test]
fn a_checkout_says_what_it_needs() {
    let course = "---\nid: c\nprice: 9 USD\ncheckout: https://example.com/buy\n---\n";
    let read = Site::new().file("content/c/index.md", course).file("content/c/a.md", "---\nid: a\n---\ntext\n").read();
    assert_eq!(read.warnings(), ["payments/no-endpoint content/c/index.md:4", "payments/no-products content/c/index.md:4"]);
}

#[test]
fn addresses_of_the_site_itself_stay_free() {
    let read = Site::new()
        .file("content/c/a.md", "")
        .file("content/copies.md", "")
        .file("content/thanks/a.md", "")
        .file("static/copies/index.html", "")
        .file("static/thanks/index.html", "")
        .file("static/keys/x.bin", "")
        .read();
    let mut errors = read.errors();
    errors.sort();
    let paths = ["content/copies.md", "content/thanks/a.md", "static/copies/index.html", "static/thanks/index.html"];
    assert_eq!(errors, paths.map(|path| format!("site/reserved {path}")));
}

#[test]
fn settings_under_another_name_are_not_overlooked() {
    let read = Site::bare().file("bookplate.yml", YAML).file("content/c/a.md", "secret").read();
    assert_eq!(read.errors(), ["site/config-name bookplate.yml"]);
}

#[test]
fn nothing_to_build_is_an_error() {
    assert_eq!(Site::bare().file("a.txt", "x").read().errors(), ["site/empty"]);
    assert_eq!(Site::new().read().errors(), ["site/empty"]);
}

#[test]
fn courses_must_have_different_ids_and_a_store_for_their_products() {
    let index = "---\nid: one\nproducts: { lemon_squeezy: [1] }\n---\n";
    let read = Site::new()
        .file("content/a/index.md", index)
        .file("content/a/x.md", "")
        .file("content/b/index.md", "---\nid: one\n---\n")
        .file("content/b/x.md", "")
        .read();
    assert_eq!(read.errors(), ["payments/no-store content/a/index.md:2", "course/same-id content/b/index.md:2"]);
}

#[test]
fn settings_that_cannot_be_read_bring_no_further_complaints() {
    let index = "---\nid: one\nproducts: { lemon_squeezy: [1] }\n---\n";
    let site = Site::new().file("content/a/index.md", index).file("content/a/x.md", "");
    let errors = |yaml: &[u8]| site.clone().file("bookplate.yaml", yaml).read().errors();
    assert_eq!(errors(b"site: [\n"), ["yaml/syntax bookplate.yaml:1"]);
    assert_eq!(errors(b"site: { id: x\n\xff\xfe\0"), ["file/not-utf8 bookplate.yaml:2"]);
}

#[test]
fn a_public_copy_of_what_is_for_sale_is_named() {
    let read = Site::new()
        .file("content/index.md", "![p](mine.png)\n")
        .file("content/mine.png", "the same")
        .file("static/other.png", "another")
        .file("content/paid/index.md", PAID)
        .file("content/paid/a.md", "---\nid: a\n---\n![p](sold.png) ![q](also.png) ![r](alone.png)\n")
        .file("content/paid/sold.png", "the same")
        .file("content/paid/also.png", "another")
        .file("content/paid/alone.png", "nobody else's")
        .read();
    assert_eq!(read.warnings(), ["asset/public-copy content/paid/also.png", "asset/public-copy content/paid/sold.png"]);
    assert!(read.found.render(9).contains("`content/mine.png`, which is public"), "{}", read.found.render(9));
}

#[test]
fn a_bare_folder_is_read_with_patience() {
    let read = Site::bare()
        .file("a.md", "---\ntitle: A\ncategory: x\ntag: [y]\n---\n")
        .file("b.md", "---\ntitle: [\n---\ntext\n")
        .file("c.md", "---\nnot yaml at all\n---\ntext\n")
        .file("d.md", b"caf\xe9\n".as_slice())
        .read();
    assert_eq!(read.warnings(), ["front-matter/broken b.md:2", "file/not-utf8 d.md:1"]);
    assert_eq!(read.rules(Severity::Note), ["front-matter/other-keys"]);
    assert_eq!(read.urls().len(), 4);
}

#[test]
fn scripts_are_named_since_the_policy_stops_them() {
    let read = Site::bare().file("a.md", "<script>x()</script>\n\n<p onclick=\"x()\">a</p>\n\n[j](javascript:alert(1))\n").read();
    assert_eq!(read.warnings(), ["html/blocked a.md:1", "html/blocked a.md:3", "link/broken a.md:5"]);
}

// ---------------------------------------------------------------- whatever the bytes

/// Pieces that mean something to Markdown, YAML or HTML.
fn markdown_ish() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        prop::sample::select(vec![
            "---\n",
            "title: ",
            "id: ",
            "access: preview\n",
            "# ",
            "\n\n",
            "\n",
            "\r\n",
            "```rust\n",
            "```\n",
            "> ",
            "- ",
            "1. ",
            "[x](",
            "a.md",
            "#x)",
            "![",
            "](",
            ")",
            "<!-- paywall -->\n",
            "<!--",
            "-->",
            "<a href=\"",
            "\">",
            "<script>",
            "|a|b|\n|-|-|\n",
            "[^1]",
            "[^1]: ",
            "*",
            "**",
            "`",
            "~~",
            "\\",
            "&amp;",
            "{{#include x}}",
            "借用",
            "\u{feff}",
            "\t",
            "    ",
            "- [x] ",
            "> [!NOTE]\n",
            "[x]: y\n",
            "%20",
            "%ff",
            "//",
            "../",
            "?",
            "'",
            "$",
            "{#id}",
            "<div\n",
        ])
        .prop_map(|s| s.as_bytes().to_vec()),
        prop::collection::vec(any::<u8>(), 0..4),
        "[a-z ]{0,8}".prop_map(String::into_bytes),
    ];
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_bytes_make_it_panic(a in markdown_ish(), b in markdown_ish(), yaml in markdown_ish(), name in "[ -~借%\\\\]{1,12}") {
        let sites = [
            Site::bare().file("a.md", &a).file(&format!("{name}.md"), &b).file("SUMMARY.md", &a).file("book.toml", &yaml),
            Site::new().file("content/c/index.md", &a).file("content/c/b.md", &b).file(&format!("content/c/{name}.md"), &a).file("content/c/SUMMARY.md", &b),
            Site::bare().yaml(&String::from_utf8_lossy(&yaml)).file("content/c/a.md", &a).file("content/index.md", &b),
        ];
        for site in sites {
            let read = site.read();
            let _ = read.found.render(3);
            prop_assert_eq!(read.edition.is_none(), read.found.has_errors());
            let _ = write_ids(&site.files(), &ReadOptions::default());
        }
    }

    #[test]
    fn sealed_words_stay_out_of_the_open_part(open in "[a-y ]{0,20}", sealed in "z[a-y]{6,12}z", cut in markdown_ish()) {
        let cut = String::from_utf8_lossy(&cut).into_owned();
        let text = format!("---\nid: l\naccess: preview\n---\n{open}\n\n<!-- paywall -->\n\n{sealed} {cut}\n");
        let read = Site::new().file("content/paid/index.md", PAID).file("content/paid/l.md", text).read();
        if let Some(edition) = &read.edition {
            for (_, lesson) in edition.lessons() {
                let open = lesson.body.open.as_ref().map(|p| p.get().html.clone() + &p.get().text).unwrap_or_default();
                prop_assert!(!open.contains(&sealed), "{}", open);
            }
        }
    }
}
