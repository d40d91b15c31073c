//! What `deploy` writes: nothing that an author changed, and what hosts really take.

use std::process::Command;

use crate::cli::Desk;

const SETTINGS: &str = "site:\n  id: small-shop\n  title: Small shop\n  url: https://example.com\nkeys:\n  endpoint: https://example.com/-/keys/\n\
    payments:\n  lemon_squeezy:\n    store: 10001\n";
const COURSE: &str =
    "---\nid: course\ntitle: Course\nprice: 19 USD\ncheckout: https://example.com/buy\nproducts: { lemon_squeezy: [40001] }\n---\n";

fn shop() -> Desk {
    Desk::shop().file("site/bookplate.yaml", SETTINGS).file("site/content/course/index.md", COURSE)
}

fn read(desk: &Desk, path: &str) -> String {
    std::fs::read_to_string(desk.path(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
}

#[test]
fn an_edited_file_is_kept_until_force_is_said() {
    let desk = shop();
    desk.run(&["deploy", "netlify", "site"]).fine();
    desk.run(&["deploy", "netlify", "site", "--check"]).fine();
    let written = read(&desk, "site/netlify.toml");
    let desk = desk.file("site/netlify.toml", format!("{written}# mine\n"));
    let said = desk.run(&["deploy", "netlify", "site"]).fine();
    assert!(said.out.contains("kept: edited by you"), "{}", said.out);
    assert!(read(&desk, "site/netlify.toml").ends_with("# mine\n"));
    let check = desk.run(&["deploy", "netlify", "site", "--check"]);
    assert!(check.code == Some(1) && check.out.contains("# mine"), "{}", check.out);
    desk.run(&["deploy", "netlify", "site", "--force"]).fine();
    assert_eq!(read(&desk, "site/netlify.toml"), written);
}

#[test]
fn a_file_that_nobody_changed_follows_the_settings() {
    let desk = shop();
    desk.run(&["deploy", "netlify", "site"]).fine();
    let desk = desk.file("site/bookplate.yaml", SETTINGS.replace("/-/keys/", "/-/shop-keys/"));
    assert!(desk.run(&["deploy", "netlify", "site", "--check"]).out.contains("of an older version or of other settings"));
    desk.run(&["deploy", "netlify", "site"]).fine();
    assert!(read(&desk, "site/netlify/functions/bookplate.mjs").contains("\"/-/shop-keys/*\""));
}

#[test]
fn what_is_written_holds_no_secret_and_names_all_variables() {
    let desk = shop();
    let secret = "bookplate_site_key_v1_".to_owned() + &"0".repeat(72);
    let said = desk.run_with(&["deploy", "netlify", "site"], &[("BOOKPLATE_SITE_KEY", &secret)]).fine();
    for name in ["BOOKPLATE_SITE_KEY", "BOOKPLATE_LEMON_SQUEEZY_SECRET", "BOOKPLATE_ADMIN_TOKEN"] {
        assert!(said.out.contains(name), "{}", said.out);
    }
    assert!(said.out.contains("https://example.com/-/keys/webhooks/lemon_squeezy"), "{}", said.out);
    for (path, bytes) in bookplate::fs::read_all(&desk.path("site")).expect("files") {
        assert!(!String::from_utf8_lossy(&bytes).contains(&secret), "{path}");
    }
}

#[test]
fn a_build_looks_at_its_variables() {
    let desk = shop();
    let key = bookplate::protocol::SiteKey::from_bytes([7; 32]).to_text().to_string();
    let key = ("BOOKPLATE_SITE_KEY", key.as_str());
    let secret = ("BOOKPLATE_LEMON_SQUEEZY_SECRET", "3f9c0e5d7a1b2c4d6e8f90a1b2c3d4e5");
    let build = |context: &str, variables: &[(&str, &str)]| {
        desk.run_with(&["deploy", "netlify", "site", "--variables"], &[&[("CONTEXT", context)], variables].concat())
    };
    build("production", &[key]).refused(&["not set: BOOKPLATE_LEMON_SQUEEZY_SECRET\n"]);
    assert_eq!(build("production", &[key, secret]).fine().err, "");
    let said = build("production", &[("BOOKPLATE_SITE_KEY", "mistyped"), (secret.0, "too short"), ("BOOKPLATE_MODE", "prod")]);
    let said = said.refused(&["SITE_KEY does not hold a site key", "SECRET has 9 characters", "MODE must be `live` or `test`"]);
    assert!(!said.err.contains("mistyped") && !said.err.contains("too short"), "a value is shown: {}", said.err);
    build("production", &[key, secret, ("BOOKPLATE_ADMIN_TOKEN", secret.1)]).refused(&["each needs one of its own"]);
    assert!(build("production", &[key, secret, ("BOOKPLATE_MODE", "test")]).fine().err.contains("real money are ignored"));
    assert!(build("deploy-preview", &[key]).fine().err.contains("production context alone"));
    assert_eq!(build("deploy-preview", &[]).fine().err, "");
    assert!(!desk.path("site/netlify.toml").exists(), "it only looks");
    desk.run(&["build", "site", "--preview-key"]).fine();
    build("deploy-preview", &[]).fine();
    build("production", &[key, secret]).refused(&["preview key"]);
}

#[test]
fn what_goes_into_a_workflow_is_looked_at_first() {
    let desk = shop();
    for to in ["me/my site;rm", "../x", "https://github.com/me/site", "me"] {
        desk.run(&["deploy", "github-pages", "site", "--to", to, "--source-is-private"]).refused(&["OWNER/NAME"]);
    }
    let desk = desk.file("site/bookplate.yaml", SETTINGS.replace("https://example.com", "https://example.com:8443"));
    desk.run(&["deploy", "github-pages", "site", "--to", "me/site", "--source-is-private"])
        .refused(&["example.com:8443", "without a port"]);
    assert!(!desk.path("site/.github").exists());
}

#[test]
fn output_of_a_preview_is_refused() {
    let desk = shop();
    desk.run(&["build", "site", "--preview-key"]).fine();
    desk.run(&["deploy", "netlify", "site"]).refused(&["preview key", "without `--preview-key`"]);
    assert!(!desk.path("site/netlify.toml").exists());
    let below = shop().file("site/bookplate.yaml", SETTINGS.replace("url: https://example.com", "url: https://example.com/courses"));
    below.run(&["build", "site", "--preview-key", "--out", "site/out/courses"]).fine();
    below.run(&["deploy", "netlify", "site"]).refused(&["site/out/courses/catalog.json", "preview key"]);
}

#[test]
fn a_shop_without_an_endpoint_is_told_where_one_would_be() {
    let desk = Desk::shop()
        .file("site/bookplate.yaml", SETTINGS.replace("keys:\n  endpoint: https://example.com/-/keys/\n", ""))
        .file("site/content/course/index.md", COURSE);
    let said = desk.run(&["deploy", "netlify", "site"]).fine();
    assert!(said.err.contains("nothing opens after paying") && said.err.contains("https://example.com/-/keys/"), "{}", said.err);
    assert!(!desk.path("site/netlify/functions/bookplate.mjs").exists());
}

#[test]
fn the_source_of_a_shop_must_be_known_to_be_private() {
    let desk = shop();
    let pages = ["deploy", "github-pages", "site", "--to", "me/site"];
    desk.run(&pages).refused(&["no git remote", "--source-is-private"]);
    let said = desk.run(&[pages.as_slice(), &["--source-is-private"]].concat()).fine();
    assert!(said.err.contains("terms do not allow"), "{}", said.err);
    let again = desk.run(&[pages.as_slice(), &["--source-is-private"]].concat()).fine();
    assert!(!again.err.contains("terms do not allow"), "it is said once: {}", again.err);
    let workflow = read(&desk, "site/.github/workflows/publish.yml");
    assert!(workflow.contains("git@github.com:me/site.git") && workflow.contains("${{ secrets.PAGES_DEPLOY_KEY }}"));
    assert!(!workflow.contains("{{version}}") && !workflow.contains("schedule:"), "{workflow}");
}

#[test]
fn keyrings_are_made_as_often_as_the_settings_say_and_the_page_says_so_too() {
    let desk = Desk::shop()
        .file("site/bookplate.yaml", SETTINGS.replace("endpoint: https://example.com/-/keys/", "refresh: 30"))
        .file("site/content/course/index.md", COURSE);
    let said = desk.run(&["deploy", "github-pages", "site", "--to", "me/site", "--source-is-private"]).fine();
    assert!(said.out.contains("BOOKPLATE_LEMON_SQUEEZY_API_KEY"), "{}", said.out);
    let workflow = read(&desk, "site/.github/workflows/publish.yml");
    assert!(workflow.contains("- cron: \"7/30 * * * *\"") && workflow.contains("bookplate keyrings out"), "{workflow}");
    desk.run(&["build", "site", "--preview-key"]).fine();
    assert!(read(&desk, "site/out/course/paid/index.html").contains("works within 70 minutes"));
}

/// The step of the workflow that pushes, run as it stands against a repository in a folder.
#[test]
fn the_workflow_pushes_the_site_and_nothing_of_its_past() {
    let desk = shop();
    desk.run(&["deploy", "github-pages", "site", "--to", "me/site", "--source-is-private"]).fine();
    let workflow = read(&desk, "site/.github/workflows/publish.yml");
    let (_, step) = workflow.split_once("- name: Push the built site").expect("the step");
    let (_, script) = step.split_once("run: |\n").expect("a script");
    let script: String = script.lines().map(|line| format!("{}\n", line.trim_start())).collect();
    let git = |arguments: &[&str]| {
        let output = Command::new("git").arg("-C").arg(desk.path("public.git")).args(arguments).output().expect("git runs");
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let push = |word: &str| {
        desk.run(&["build", "site", "--preview-key"]).fine();
        std::fs::write(desk.path("site/out/new.txt"), word).expect("a file");
        let remote = desk.path("public.git");
        let output = Command::new("bash")
            .args(["-c", &script])
            .current_dir(desk.path("site"))
            .env("REMOTE", &remote)
            .env("DEPLOY_KEY", "none")
            .env("DOMAIN", "example.com")
            .output()
            .expect("bash runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    assert!(Command::new("git").args(["init", "--quiet", "--bare"]).arg(desk.path("public.git")).status().expect("git runs").success());
    push("first");
    assert_eq!(push("first").trim(), "unchanged");
    push("second");
    assert_eq!(git(&["show", "main:new.txt"]), "second");
    assert_eq!(git(&["rev-list", "--count", "main"]).trim(), "1", "no history");
    let files = git(&["ls-tree", "-r", "--name-only", "main"]);
    assert!(
        files.contains("catalog.json") && files.contains(".nojekyll") && files.contains("CNAME") && !files.contains(".bookplate"),
        "{files}"
    );
}

/// The command of `netlify.toml` in this repository.
fn command_of(toml: &str) -> &str {
    let line = toml.lines().find_map(|line| line.trim().strip_prefix("command = ")).expect("a command");
    line.trim_matches(['"', '\''])
}

#[test]
fn this_repository_is_deployed_by_the_file_that_deploy_writes() {
    let root = env!("CARGO_MANIFEST_DIR");
    let toml = std::fs::read_to_string(format!("{root}/netlify.toml")).expect("netlify.toml");
    Desk::new().run(&["deploy", "netlify", root, "--check", "--command", command_of(&toml)]).fine();
    for part in ["build . --out out ", "build example-site --out out/example-shop", "--url https://bookplate.example/example-shop"] {
        assert!(command_of(&toml).contains(part), "{part}");
    }
}

#[test]
fn a_site_is_built_for_another_address_on_demand() {
    let desk = shop();
    desk.run(&["build", "site", "--preview-key", "--url", "https://staging.example.com/courses"]).fine();
    let page = read(&desk, "site/out/index.html");
    assert!(page.contains("https://staging.example.com/courses/") && page.contains("href=\"/courses/course/\""), "{page}");
    assert!(read(&desk, "site/out/catalog.json").contains("\"base\": \"/courses/\""));
    desk.run(&["build", "site", "--preview-key", "--url", "staging.example.com"]).refused(&["staging.example.com", "https://"]);
}
