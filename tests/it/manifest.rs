//! The signed manifest of a build: it lists what was written, and one build more gives the same bytes.

use std::collections::BTreeMap;

use bookplate::manifest::{Entry, FILE, Manifest};
use bookplate::protocol::SiteKey;
use bookplate::site::{Mode, Seals};
use bookplate::template::Theme;

use crate::builder::{Built, Site, assemble};

fn key() -> SiteKey {
    SiteKey::from_bytes([3; 32])
}

fn shop() -> Site {
    Site::new()
        .file("content/index.md", "Welcome.\n")
        .file("content/trees/index.md", "---\nid: trees\ntitle: Trees\n---\n")
        .file("content/trees/01-oak.md", "---\nid: oak\naccess: premium\n---\nOnly buyers read of the oak behind the house.\n")
        .file("static/for-my-aunt.txt", "not linked from anywhere")
        .file("static/keys/00112233445566778899aabbccddeeff.bin", "a keyring")
}

fn build(site: &Site, mode: Mode) -> Built {
    let read = site.read();
    let theme = Theme::with_overrides(&[]).expect("the theme");
    let seals = Seals { key: key(), preview: false };
    assemble(read.edition(), &theme, Some(&seals), mode).unwrap_or_else(|wrong| panic!("{}", wrong.render(9)))
}

fn manifest(built: &Built) -> Manifest {
    Manifest::from_json(&built.outputs.get(FILE).expect("a manifest").bytes).expect("it reads")
}

#[test]
fn it_lists_every_output_but_keyrings_under_the_key_of_the_site() {
    let built = build(&shop(), Mode::Build);
    let manifest = manifest(&built);
    let unlisted = |path: &str| path == FILE || path.starts_with("keys/") || path == "for-my-aunt.txt";
    let written: BTreeMap<String, Entry> =
        built.outputs.bytes().filter(|(path, _)| !unlisted(path)).map(|(path, bytes)| (path.to_owned(), Entry::of(bytes))).collect();
    assert!(written.len() > 10 && written.contains_key("catalog.json") && written.keys().any(|path| path.starts_with("-/sealed/")));
    assert_eq!(manifest.files, written);
    assert_eq!(manifest.unlisted.values().collect::<Vec<_>>(), [&Entry::of(b"not linked from anywhere")]);
    assert_eq!((manifest.site.as_str(), manifest.url.as_str()), ("test", "https://example.com/"));
    assert!(manifest.is_signed_under(&key()) && !manifest.is_signed_under(&SiteKey::from_bytes([4; 32])));
}

#[test]
fn equal_sources_give_equal_bytes_and_an_edit_another_signature() {
    let of = |site: &Site| build(site, Mode::Build).outputs.get(FILE).expect("a manifest").bytes.clone();
    let edited = shop().file("content/index.md", "Welcome!\n");
    assert_eq!(of(&shop()), of(&shop()));
    assert_ne!(of(&shop()), of(&edited));
}

#[test]
fn a_free_site_is_listed_and_not_signed() {
    let read = Site::new().file("content/index.md", "Welcome.\n").read();
    let built = assemble(read.edition(), &Theme::with_overrides(&[]).expect("the theme"), None, Mode::Build).expect("a site");
    assert_eq!(manifest(&built).signature, None);
    assert!(manifest(&built).files.contains_key("index.html"));
}

#[test]
fn previews_and_folders_without_an_address_have_none() {
    assert!(build(&shop(), Mode::Preview).outputs.get(FILE).is_none());
    let read = Site::bare().file("README.md", "# A folder\n\nWords.\n").read();
    let built = assemble(read.edition(), &Theme::with_overrides(&[]).expect("the theme"), None, Mode::Build).expect("a site");
    assert!(built.outputs.get(FILE).is_none());
}

#[test]
fn no_file_of_the_author_takes_its_place() {
    let read = Site::new().file("content/index.md", "Welcome.\n").file(&format!("static/{FILE}"), "{}").read();
    let wrong = assemble(read.edition(), &Theme::with_overrides(&[]).expect("the theme"), None, Mode::Build).expect_err("two files");
    assert!(wrong.render(9).contains("site/path-taken"), "{}", wrong.render(9));
}
