//! The writer: only what changed, whole or not at all, and never a stranger's files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use bookplate::publish::{PublishError, Published, publish};

struct Folder {
    temp: tempfile::TempDir,
}

impl Folder {
    fn new() -> Self {
        Self { temp: tempfile::tempdir().expect("a temporary folder") }
    }

    fn out(&self) -> PathBuf {
        self.temp.path().join("out")
    }

    /// A file that somebody else put there.
    fn foreign(self, path: &str, text: &str) -> Self {
        let path = self.out().join(path);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("made");
        std::fs::write(path, text).expect("written");
        self
    }

    fn try_publish(&self, files: &[(&str, &str)]) -> Result<Published, PublishError> {
        publish(files.iter().map(|(path, text)| (*path, text.as_bytes())), &self.out())
    }

    #[track_caller]
    fn publish(&self, files: &[(&str, &str)]) -> (usize, usize, usize) {
        let done = self.try_publish(files).expect("published");
        (done.written, done.unchanged, done.removed)
    }

    /// Every file but our own list, as (path, text).
    fn files(&self) -> BTreeMap<String, String> {
        let root = self.out();
        let entries = walkdir::WalkDir::new(&root).into_iter().filter_map(Result::ok);
        entries
            .filter(|e| e.file_type().is_file())
            .map(|e| (name(&root, e.path()), std::fs::read_to_string(e.path()).expect("text")))
            .filter(|(path, _)| !path.starts_with(".bookplate/"))
            .collect()
    }

    #[track_caller]
    fn holds(&self, files: &[(&str, &str)]) {
        let want = files.iter().map(|(p, t)| ((*p).to_owned(), (*t).to_owned())).collect();
        assert_eq!(self.files(), want);
    }
}

fn name(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).expect("below").to_string_lossy().replace('\\', "/")
}

const SITE: &[(&str, &str)] = &[("-/a.css", "css"), ("index.html", "home"), ("one/index.html", "1"), ("two/index.html", "2")];

#[test]
fn writes_a_site_and_then_only_what_changed() {
    let folder = Folder::new();
    assert_eq!(folder.publish(SITE), (4, 0, 0));
    folder.holds(SITE);
    assert_eq!(folder.publish(SITE), (0, 4, 0));
    let next = [("-/a.css", "css"), ("index.html", "home!"), ("one/index.html", "1")];
    assert_eq!(folder.publish(&next), (1, 2, 1));
    folder.holds(&next);
    assert!(!folder.out().join("two").exists(), "an empty folder stays behind");
    assert!(!folder.out().join(".bookplate/stage").exists());
}

#[test]
fn a_file_that_somebody_changed_is_put_right() {
    let folder = Folder::new();
    folder.publish(SITE);
    std::fs::write(folder.out().join("index.html"), "HOME").expect("written");
    assert_eq!(folder.publish(SITE), (1, 3, 0));
    folder.holds(SITE);
}

#[test]
fn a_page_becomes_a_folder_and_back() {
    let folder = Folder::new();
    folder.publish(&[("a", "file")]);
    folder.publish(&[("a/b/index.html", "page")]);
    folder.holds(&[("a/b/index.html", "page")]);
    folder.publish(&[("a", "file")]);
    folder.holds(&[("a", "file")]);
}

#[test]
fn a_strangers_folder_is_refused_with_a_remedy() {
    let folder = Folder::new().foreign("thesis.doc", "years");
    let error = folder.try_publish(SITE).expect_err("refused").to_string();
    assert!(error.contains("thesis.doc") && error.contains("--out"), "{error}");
    folder.holds(&[("thesis.doc", "years")]);
}

#[test]
fn files_of_others_are_neither_removed_nor_replaced() {
    let folder = Folder::new().foreign(".git/config", "mine");
    folder.publish(SITE);
    let folder = folder.foreign("CNAME", "example.com").foreign("three/index.html", "mine");
    assert_eq!(folder.publish(&SITE[..3]), (0, 3, 1));
    assert!(folder.files().contains_key("CNAME") && folder.files().contains_key(".git/config"));
    let before = folder.files();
    let error = folder.try_publish(&[("index.html", "new"), ("three/index.html", "3"), ("CNAME", "c")]).expect_err("occupied");
    assert!(matches!(&error, PublishError::Occupied { paths } if paths.len() == 2), "{error}");
    assert!(error.to_string().contains("three/index.html") && error.to_string().contains("CNAME"), "{error}");
    assert_eq!(folder.files(), before);
}

#[test]
fn a_failure_in_the_last_phase_is_undone() {
    let folder = Folder::new();
    folder.publish(SITE);
    // a stranger's file where a folder of ours must be made: found only while renaming
    let folder = folder.foreign("zebra", "mine");
    let before = folder.files();
    let next = [("-/a.css", "other"), ("index.html", "new"), ("zebra/index.html", "z")];
    let error = folder.try_publish(&next).expect_err("fails").to_string();
    assert!(error.contains("zebra") && error.contains("nothing was changed"), "{error}");
    assert_eq!(folder.files(), before);
    assert_eq!(folder.publish(SITE), (0, 4, 0));
}

#[test]
fn a_killed_build_is_completed_by_the_next() {
    let folder = Folder::new();
    folder.publish(SITE);
    let stage = folder.out().join(".bookplate/stage");
    std::fs::create_dir_all(&stage).expect("made");
    std::fs::write(stage.join("0"), "half").expect("written");
    assert_eq!(folder.publish(SITE), (0, 4, 0));
    assert!(!stage.exists());
}

#[test]
fn an_unwritable_folder_is_a_clear_error() {
    let folder = Folder::new().foreign("x", "a file");
    let out = folder.out().join("x/site");
    let error = publish([("index.html", b"home".as_slice())], &out).expect_err("not a folder").to_string();
    assert!(error.contains("x/site") && error.contains("check that"), "{error}");
    let error = publish([("index.html", b"home".as_slice())], &folder.out().join("x")).expect_err("a file").to_string();
    assert!(error.contains("not a folder"), "{error}");
}

#[test]
fn paths_that_leave_the_folder_are_refused() {
    for path in ["../x", "/x", "a/../../x", "", "a//b", "a\\..\\b", ".bookplate/written", "a/."] {
        let folder = Folder::new();
        let error = folder.try_publish(&[("index.html", "x"), (path, "x")]).expect_err(path);
        assert!(matches!(error, PublishError::Path { .. }), "{path}: {error}");
        assert!(!folder.out().exists());
    }
}

#[test]
fn a_list_that_names_files_outside_removes_nothing_outside() {
    let folder = Folder::new();
    folder.publish(SITE);
    let outside = folder.temp.path().join("outside");
    std::fs::write(&outside, "mine").expect("written");
    let list = folder.out().join(".bookplate/written");
    std::fs::write(&list, format!("../outside\n{}\nindex.html\n", outside.display())).expect("written");
    folder.publish(&[("other.html", "x")]);
    assert!(outside.exists() && !folder.out().join("index.html").exists());
}

#[cfg(unix)]
#[test]
fn nothing_is_written_or_removed_through_a_link() {
    let folder = Folder::new();
    folder.publish(SITE);
    let outside = folder.temp.path().join("outside");
    std::fs::create_dir(&outside).expect("made");
    std::fs::write(outside.join("index.html"), "mine").expect("written");
    std::fs::remove_dir_all(folder.out().join("one")).expect("removed");
    std::os::unix::fs::symlink(&outside, folder.out().join("one")).expect("linked");
    for next in [SITE, &SITE[..2]] {
        let error = folder.try_publish(next).expect_err("a link");
        assert!(matches!(error, PublishError::Link { .. }), "{error}");
    }
    assert_eq!(std::fs::read_to_string(outside.join("index.html")).expect("there"), "mine");
}
