//! What an author sees on the command line: the real binary, on folders made for one test each.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use bookplate::protocol::SiteKey;

/// A folder with a home of its own, in which the binary runs.
pub(crate) struct Desk {
    root: tempfile::TempDir,
}

/// What a run said.
pub(crate) struct Said {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Desk {
    pub(crate) fn new() -> Self {
        Self { root: tempfile::tempdir().expect("a temporary folder") }
    }

    /// A small shop: a free lesson and a premium lesson with an image.
    pub(crate) fn shop() -> Self {
        Self::new()
            .file("site/bookplate.yaml", "site:\n  id: small-shop\n  title: Small shop\n  url: https://example.com\n")
            .file("site/content/course/index.md", "---\nid: course\ntitle: Course\nprice: 19 USD\ncheckout: https://example.com/buy\n---\n")
            .file("site/content/course/01-open.md", "---\nid: open\ntitle: Open\naccess: free\n---\nFor everybody.\n")
            .file(
                "site/content/course/02-paid.md",
                "---\nid: paid\ntitle: Paid\naccess: premium\n---\nOnly buyers read this sentence about the heron.\n",
            )
    }

    pub(crate) fn file(self, path: &str, text: impl AsRef<[u8]>) -> Self {
        let path = self.path(path);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        std::fs::write(path, text).expect("a file");
        self
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.root.path().join(path)
    }

    #[track_caller]
    pub(crate) fn run(&self, arguments: &[&str]) -> Said {
        self.run_with(arguments, &[])
    }

    #[track_caller]
    pub(crate) fn run_with(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Said {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bookplate"));
        command.args(arguments).current_dir(self.root.path()).env_clear().env("HOME", self.root.path()).env("CI", "1");
        let Output { status, stdout, stderr } = command.envs(variables.iter().copied()).output().expect("the binary runs");
        Said { code: status.code(), out: text(&stdout), err: text(&stderr) }
    }
}

impl Said {
    #[track_caller]
    pub(crate) fn fine(self) -> Self {
        assert_eq!(self.code, Some(0), "{}{}", self.out, self.err);
        self
    }

    /// It failed, and its words hold each of `parts`.
    #[track_caller]
    pub(crate) fn refused(self, parts: &[&str]) -> Self {
        assert_ne!(self.code, Some(0), "it should have been refused: {}{}", self.out, self.err);
        assert_ne!(self.code, None, "it died: {}", self.err);
        assert!(!self.err.contains("panicked"), "{}", self.err);
        for part in parts {
            assert!(self.err.contains(part), "no `{part}` in:\n{}", self.err);
        }
        self
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// All files below a folder with their bytes, by path below it.
fn files(dir: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let entries = walkdir::WalkDir::new(dir).sort_by_file_name().into_iter().map(|e| e.expect("readable"));
    let found = entries.filter(|e| e.file_type().is_file()).map(walkdir::DirEntry::into_path);
    found.map(|p| (p.strip_prefix(dir).expect("below").to_owned(), std::fs::read(&p).expect("readable"))).collect()
}

#[test]
fn init_makes_a_site_that_builds_with_its_key_outside_the_tree() {
    let desk = Desk::new();
    let said = desk.run(&["init", "my-site"]).fine();
    assert!(said.out.contains("bookplate serve my-site"), "{}", said.out);
    assert!(desk.path(".config/bookplate/my-site.key").exists());
    desk.run(&["build", "my-site", "--out", "out"]).fine();
    let key = std::fs::read_to_string(desk.path(".config/bookplate/my-site.key")).expect("a key");
    assert!(!files(&desk.path("my-site")).iter().chain(&files(&desk.path("out"))).any(|(_, bytes)| text(bytes).contains(key.trim())));
    desk.run(&["init", "my-site"]).refused(&["not empty", "new folder"]);
}

#[cfg(unix)]
#[test]
fn the_key_is_readable_by_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let desk = Desk::new();
    desk.run(&["init", "my-site"]).fine();
    let mode = std::fs::metadata(desk.path(".config/bookplate/my-site.key")).expect("a key").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn a_paid_lesson_without_a_key_is_refused_with_the_remedy() {
    Desk::shop().run(&["build", "site"]).refused(&["no site key", "BOOKPLATE_SITE_KEY", "--preview-key"]);
}

#[test]
fn a_malformed_key_is_refused_without_repeating_it() {
    let said = Desk::shop().run_with(&["build", "site"], &[("BOOKPLATE_SITE_KEY", "not-a-key-at-all")]);
    let said = said.refused(&["BOOKPLATE_SITE_KEY"]);
    assert!(!said.err.contains("not-a-key-at-all"));
}

#[test]
fn two_builds_are_byte_identical_and_the_second_writes_nothing() {
    let desk = Desk::shop();
    desk.run(&["build", "site", "--out", "one", "--preview-key"]).fine();
    desk.run(&["build", "site", "--out", "two", "--preview-key"]).fine();
    assert_eq!(files(&desk.path("one")), files(&desk.path("two")));
    let again = desk.run(&["build", "site", "--out", "one", "--preview-key", "--json"]).fine();
    let figures: serde_json::Value = serde_json::from_str(&again.out).expect("one JSON object");
    assert_eq!(figures["files"]["written"], 0, "{figures}");
    assert_eq!(figures["lessons"]["premium"], 1);
    assert!(figures["gate"]["bytes"].as_u64() > Some(0));
}

#[test]
fn every_mistake_is_shown_at_once_and_the_last_good_site_stays() {
    let desk = Desk::shop();
    desk.run(&["build", "site", "--out", "out", "--preview-key"]).fine();
    let good = files(&desk.path("out"));
    let desk = desk
        .file("site/content/course/03-a.md", "---\ntitle: A\naccess: member\n---\nx\n")
        .file("site/content/course/04-b.md", "---\ntitel: B\n---\nx\n")
        .file("site/content/course/05-c.md", "---\ntitle: [\n---\nx\n")
        .file("site/content/course/06-d.md", "---\nid: open\ntitle: D\n---\nx\n")
        .file("site/content/course/07-e.md", b"---\ntitle: E\n---\n\xff\xfe\n");
    let said = desk.run(&["build", "site", "--out", "out", "--preview-key"]);
    said.refused(&["03-a.md:3", "`member`", "04-b.md:2", "title", "05-c.md", "06-d.md:2", "07-e.md", "nothing was written"]);
    assert_eq!(files(&desk.path("out")), good);
}

#[test]
fn an_output_folder_that_cannot_be_written_is_named() {
    let desk = Desk::shop().file("blocked", "a file where the folder should be");
    desk.run(&["build", "site", "--out", "blocked/out", "--preview-key"]).refused(&["blocked/out"]);
}

#[test]
fn a_part_of_a_site_is_not_built_by_itself() {
    let desk = Desk::shop();
    desk.run(&["build", "site/content/course", "--preview-key"]).refused(&["part of the site", "bookplate.yaml"]);
}

#[test]
fn dot_files_of_static_are_published_and_rubbish_is_not() {
    let desk =
        Desk::shop().file("site/static/.well-known/security.txt", "x").file("site/static/.nojekyll", "").file("site/static/.DS_Store", "x");
    desk.run(&["build", "site", "--preview-key"]).fine();
    let is = |path: &str| desk.path("site/out").join(path).exists();
    assert!(is(".well-known/security.txt") && is(".nojekyll") && !is(".DS_Store"));
}

#[test]
fn a_code_that_nothing_redeems_is_said() {
    let desk = Desk::shop();
    desk.run(&["build", "site", "--preview-key"]).fine();
    let said = desk.run(&["issue", "course", "--site", "site", "--preview-key"]).fine();
    assert!(said.err.contains("no key endpoint") && said.err.contains("--static"), "{}", said.err);
    let said = desk.run(&["issue", "course", "--site", "site", "--preview-key", "--static", "keys"]).fine();
    assert!(!said.err.contains("no key endpoint"), "{}", said.err);
}

#[test]
fn init_says_what_can_be_pasted_and_what_is_missing() {
    let desk = Desk::new();
    let said = desk.run(&["init", "my site"]).fine();
    assert!(said.out.contains("bookplate serve 'my site'") && said.out.contains("keys: endpoint"), "{}", said.out);
    desk.run(&["check", "my site", "--strict"]).fine();
    desk.run(&["init", "other", "--title", "two\nlines"]).refused(&["control character", "one line"]);
}

#[test]
fn an_output_among_the_sources_is_refused() {
    for out in ["site/content/html", "site/static"] {
        Desk::shop().run(&["build", "site", "--preview-key", "--out", out]).refused(&["the next build would read it", "--out"]);
    }
}

#[test]
fn a_broken_catalog_is_named_by_its_path() {
    let desk = Desk::shop().file("elsewhere.json", "{ \"version\": 1 }");
    desk.run(&["issue", "course", "--catalog", "elsewhere.json"]).refused(&["--> elsewhere.json"]);
}

#[cfg(unix)]
#[test]
fn a_key_that_others_can_read_is_a_warning() {
    use std::os::unix::fs::PermissionsExt as _;
    let desk = Desk::new();
    desk.run(&["init", "my-site"]).fine();
    let key = desk.path(".config/bookplate/my-site.key");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).expect("it is ours");
    let said = desk.run(&["build", "my-site"]).fine();
    assert!(said.err.contains("can be read by others") && said.err.contains("chmod 600"), "{}", said.err);
}

#[test]
fn a_missing_folder_and_a_port_in_use_are_named() {
    let desk = Desk::shop();
    desk.run(&["build", "nowhere"]).refused(&["nowhere"]);
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("an address").port().to_string();
    desk.run(&["serve", "site", "--port", &port]).refused(&[port.as_str(), "--port"]);
}

#[test]
fn strict_turns_warnings_into_a_failure() {
    let desk = Desk::shop().file("site/content/course/03-more.md", "---\nid: more\ntitle: More\n---\nSee [there](nowhere.md).\n");
    desk.run(&["check", "site"]).fine();
    desk.run(&["check", "site", "--strict"]).refused(&["link/broken", "03-more.md:5"]);
}

#[test]
fn write_ids_gives_every_lesson_an_id_and_changes_nothing_else() {
    let desk = Desk::shop().file("site/content/course/03-more.md", "---\ntitle: More\naccess: premium\n---\nText.\n");
    assert!(desk.run(&["check", "site"]).fine().err.contains("lesson/no-id"));
    desk.run(&["check", "site", "--write-ids"]).fine();
    let text = std::fs::read_to_string(desk.path("site/content/course/03-more.md")).expect("the lesson");
    assert_eq!(text.replace("id: more\n", ""), "---\ntitle: More\naccess: premium\n---\nText.\n");
    assert!(!desk.run(&["check", "site"]).fine().err.contains("lesson/no-id"));
}

#[cfg(unix)]
#[test]
fn a_lesson_that_is_a_link_is_left_out_and_named() {
    let desk = Desk::shop().file("outside.md", "A letter that is for nobody.\n");
    std::os::unix::fs::symlink(desk.path("outside.md"), desk.path("site/content/course/03-link.md")).expect("a link");
    let said = desk.run(&["build", "site", "--preview-key"]).fine();
    assert!(said.err.contains("file/link") && said.err.contains("03-link.md` is a symbolic link"), "{}", said.err);
    assert!(!files(&desk.path("site/out")).iter().any(|(_, bytes)| text(bytes).contains("for nobody")));
}

#[test]
fn odd_names_of_files_build() {
    let names =
        ["sp ace", "ha#sh", "per%cent", "p%2Fx", "借用é", "quo\"te", "ap'os", "lt<b>", "a&b", "q?m", "back\\slash", "li\nne", "-", "CON"];
    let desk = names.iter().fold(Desk::shop(), |desk, name| {
        desk.file(&format!("site/content/course/{name}.md"), "---\naccess: free\n---\nAn open text. ![p](<p%20%23%22.png>)\n")
    });
    let desk = desk.file("site/content/course/p #\".png", "a picture");
    let said = desk.run(&["build", "site", "--preview-key", "--json"]).fine();
    let figures: serde_json::Value = serde_json::from_str(&said.out).expect("one JSON object");
    assert_eq!(figures["lessons"]["free"], names.len() + 1, "{}", said.err);
    let odd = |path: &Path| path.to_string_lossy().contains(['#', '%', '?', '"', '<', '&', '\\', '\n', ' ']);
    let odd: Vec<PathBuf> = files(&desk.path("site/out")).into_iter().map(|(path, _)| path).filter(|path| odd(path)).collect();
    assert_eq!(odd, ["course/a&b/index.html"].map(PathBuf::from));
}

#[test]
fn a_copy_is_made_from_anywhere_with_the_folder_of_the_site() {
    let desk = Desk::shop();
    let said = desk.run(&["issue", "course", "--site", "site"]).refused(&["site/out/catalog.json", "bookplate build", "--site"]);
    assert_eq!((said.err.matches("No such file").count(), said.err.matches("because").count()), (1, 0), "{}", said.err);
    desk.run(&["build", "site", "--preview-key"]).fine();
    let said = desk.run(&["issue", "course", "--site", "site", "--preview-key", "--to", "Ada Lovelace"]).fine();
    assert!(said.out.contains("A. L.") && !said.out.contains("Lovelace"), "{}", said.out);
    assert!(desk.run(&["orders", "list", "--site", "site", "--preview-key"]).fine().out.contains("course"));
}

#[test]
fn marks_shows_both_wordings_and_writes_its_page_outside_of_the_site() {
    let desk = Desk::shop().file("site/content/course/03-more.md", "---\nid: more\ntitle: More\naccess: premium\n---\nThey do not fly.\n");
    desk.run(&["marks", "site"]).refused(&["no site key", "--preview-key"]);
    let said = desk.run(&["marks", "site", "--preview-key"]).fine();
    assert!(said.out.contains("They [do not] fly.") && said.out.contains("They [don't] fly."), "{}", said.out);
    let page = std::fs::read_to_string(desk.path(".local/state/bookplate/small-shop/marks.html")).expect("a page");
    assert!(page.contains("They <mark>do not</mark> fly."));
    assert!(!desk.run(&["marks", "site", "paid", "--preview-key"]).fine().out.contains("fly"));
    desk.run(&["marks", "site", "raven", "--preview-key"]).refused(&["`raven`", "paid"]);
    let json = desk.run(&["marks", "site", "course/more", "--preview-key", "--json"]).fine();
    let figures: serde_json::Value = serde_json::from_str(&json.out).expect("one JSON object");
    assert_eq!((&figures["courses"][0]["sentences"], &figures["courses"][0]["lessons"][0]["id"]), (&2.into(), &"more".into()));
}

#[test]
fn both_wordings_are_written_nowhere_where_they_would_be_published() {
    let desk = Desk::shop().file("tracked/.git/HEAD", "ref: refs/heads/main\n").file("tracked/notes/a.txt", "");
    desk.run(&["build", "site", "--out", "public", "--preview-key"]).fine();
    for place in ["site/static/marks.html", "site/out/marks.html", "public/marks.html", "public/x/y/marks.html", "tracked/notes/marks.html"]
    {
        desk.run(&["marks", "site", "--preview-key", "--html", place]).refused(&[place, "for the author alone", "choose another place"]);
        assert!(!desk.path(place).exists(), "{place}");
    }
    desk.run(&["marks", "site", "--preview-key", "--html", "marks.html"]).fine();
    assert!(desk.path("marks.html").exists());
}

#[test]
fn the_first_build_with_the_site_key_writes_the_rules_once() {
    let desk = Desk::new();
    desk.run(&["init", "other"]).fine();
    let key = ("BOOKPLATE_SITE_KEY", &*std::fs::read_to_string(desk.path(".config/bookplate/other.key")).expect("a key"));
    let desk = Desk::shop();
    let course = desk.path("site/content/course/index.md");
    let before = std::fs::read_to_string(&course).expect("the course");
    desk.run(&["build", "site", "--out", "out", "--preview-key"]).fine();
    assert_eq!(std::fs::read_to_string(&course).expect("the course"), before);
    let first = desk.run_with(&["build", "site", "--out", "out"], &[key]).fine();
    assert!(first.err.contains("wrote `marks: rules: 1`") && first.out.contains("bookplate marks site"), "{}{}", first.err, first.out);
    let after = std::fs::read_to_string(&course).expect("the course");
    assert_eq!(after.replace("marks:\n  rules: 1\n", ""), before);
    let second = desk.run_with(&["build", "site", "--out", "out"], &[key]).fine();
    assert!(second.out.contains("wrote    0 files") && !format!("{}{}", second.err, second.out).contains("marks"), "{}", second.out);
    assert_eq!(std::fs::read_to_string(&course).expect("the course"), after);
}

#[test]
fn a_key_of_another_site_sells_nothing_and_a_build_under_it_is_a_warning() {
    let desk = Desk::shop();
    let [own, other] = [1, 2].map(|byte| SiteKey::from_bytes([byte; 32]).to_text());
    let [own, other] = [&own, &other].map(|key| ("BOOKPLATE_SITE_KEY", key.as_str()));
    let issue = ["issue", "course", "--site", "site", "--seats", "2"];
    desk.run_with(&["build", "site", "--out", "site/out"], &[own]).fine();
    desk.run_with(&issue, &[own]).fine();
    desk.run_with(&issue, &[other]).refused(&["not the key that `small-shop` was built with", "BOOKPLATE_SITE_KEY"]);
    let built = desk.run_with(&["build", "site", "--out", "site/out"], &[other]).fine();
    assert!(built.err.contains("keys that readers hold open nothing of it"), "{}", built.err);
}

#[test]
fn rules_that_cannot_be_written_are_told() {
    let desk = Desk::new();
    desk.run(&["init", "other"]).fine();
    let key = std::fs::read_to_string(desk.path(".config/bookplate/other.key")).expect("a key");
    let desk = Desk::shop().file(
        "site/content/course/index.md",
        "---\n{ id: course, title: Course, price: 19 USD, checkout: \"https://example.com/buy\" }\n---\n",
    );
    let said = desk.run_with(&["build", "site", "--out", "out"], &[("BOOKPLATE_SITE_KEY", &key)]).fine();
    assert!(said.err.contains("write `marks: { rules: 1 }`") && said.err.contains("content/course/index.md"), "{}", said.err);
}

#[test]
fn help_and_licences_are_there() {
    let desk = Desk::new();
    for command in ["init", "build", "serve", "check", "marks", "copy", "trace", "issue", "keyserver", "orders"] {
        assert!(desk.run(&[command, "--help"]).fine().out.contains("Usage: bookplate"));
    }
    assert!(desk.run(&["--licenses"]).fine().out.len() > 2_000);
}

#[test]
fn a_reader_who_has_seen_enough_ends_the_program_quietly() {
    let desk = Desk::new();
    let mut command = Command::new(env!("CARGO_BIN_EXE_bookplate"));
    command.arg("--licenses").current_dir(desk.root.path()).stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let mut child = command.spawn().expect("the binary runs");
    drop(child.stdout.take());
    let said = child.wait_with_output().expect("it ends");
    assert_eq!(text(&said.stderr), "");
}
