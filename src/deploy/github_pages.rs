//! GitHub Pages in the two-repository form: a private source, and a workflow in it that pushes the built site to a public one.

use super::{File, Plan, Repository, Variable, sells};
use crate::catalog::Catalog;
use crate::outbound::{Request, Unreachable, Web};

/// What the author says of a site on GitHub Pages.
#[derive(Debug, Clone)]
pub struct GithubPages {
    /// The public repository that gets the built site.
    pub repository: Repository,
    /// How often keyrings are made for new orders, in minutes; `None` where the settings do not say.
    pub refresh: Option<u32>,
    /// True the first time: the terms of the host are named once.
    pub first: bool,
}

/// Where the workflow stands.
const WORKFLOW: &str = ".github/workflows/publish.yml";

/// The name of a site's own domain, for GitHub's file CNAME; empty on `github.io`.
///
/// # Errors
/// An address that no file CNAME can name, in words: one with a port, or of a machine without a name.
pub fn domain(catalog: &Catalog) -> Result<&str, String> {
    let host = catalog.origin.split_once("://").map_or("", |(_, host)| host);
    if host.ends_with(".github.io") {
        return Ok("");
    }
    let named = host.contains('.')
        && host.split('.').all(|part| !part.is_empty())
        && host.rsplit('.').next().is_some_and(|top| !top.bytes().all(|b| b.is_ascii_digit()));
    let plain = host.chars().all(|c| c.is_ascii_alphanumeric() || "-.".contains(c));
    if named && plain {
        Ok(host)
    } else {
        Err(format!("GitHub Pages cannot publish at `{}`: a domain stands without a port, in ASCII", catalog.origin))
    }
}

impl GithubPages {
    /// What to write for a site with this catalog.
    #[must_use]
    pub fn plan(&self, catalog: &Catalog) -> Plan {
        let refresh = self.refresh.filter(|_| catalog.endpoint.is_none() && sells(catalog));
        let mut plan = Plan { files: vec![File::new(WORKFLOW, self.workflow(catalog, refresh))], ..Plan::default() };
        plan.variables = variables(catalog, refresh.is_some());
        plan.place = "as secrets of the private repository, for its Actions";
        plan.warnings = self.warnings(catalog);
        plan.steps = self.steps(catalog);
        plan
    }

    fn workflow(&self, catalog: &Catalog, refresh: Option<u32>) -> String {
        let keyrings = if refresh.is_some() { KEYRINGS } else { "" };
        let domain = domain(catalog).unwrap_or_default();
        TEMPLATE
            .replace("{{schedule}}\n", &refresh.map_or_else(String::new, schedule))
            .replace("{{keyrings}}\n", keyrings)
            .replace("{{build_key}}", if catalog.courses.is_empty() { "" } else { BUILD_KEY })
            .replace("{{repository}}", &self.repository.to_string())
            .replace("{{domain}}", domain)
            .replace("{{push}}", &indented(PUSH, 10))
            .replace("{{version}}", env!("CARGO_PKG_VERSION"))
    }

    fn warnings(&self, catalog: &Catalog) -> Vec<String> {
        let mut all = Vec::new();
        if self.first && !catalog.courses.is_empty() {
            all.push(
                "GitHub's terms do not allow Pages as free hosting for a shop. It is good for free courses, classes and review copies; \
                 what you do is yours to decide, and this is said once\n  = help: https://docs.github.com/pages/getting-started-with-github-pages/github-pages-limits"
                    .to_owned(),
            );
        }
        if catalog.origin.ends_with(".github.io") && !catalog.courses.is_empty() {
            all.push(format!(
                "all projects of `{}` share one origin, and each can read what the others keep in a reader's browser\n  = help: use a domain of your own",
                catalog.origin
            ));
        }
        if sells(catalog) && catalog.endpoint.is_none() && self.refresh.is_none() {
            all.push(
                "this site sells and names neither a key endpoint nor `keys: refresh`, so nothing opens after paying\n  = help: write \
                 `keys: { endpoint: \"https://...\" }` for an endpoint elsewhere, or `keys: { refresh: 30 }` to have the workflow make keyrings for \
                 the licence keys of paid orders every 30 minutes"
                    .to_owned(),
            );
        }
        if let Some(endpoint) = catalog.endpoint.as_deref().filter(|e| e.starts_with(&format!("{}/", catalog.origin))) {
            all.push(format!(
                "GitHub Pages runs no functions, so nothing answers at `{endpoint}`\n  = help: name an endpoint on another host"
            ));
        }
        all
    }

    fn steps(&self, catalog: &Catalog) -> Vec<String> {
        let Self { repository, .. } = self;
        vec![
            format!("make the public repository {repository}, empty, and a key pair: ssh-keygen -t ed25519 -N '' -f deploy_key"),
            format!("{repository}, Settings, Deploy keys: add deploy_key.pub with write access"),
            "your private repository, Settings, Secrets, Actions: add deploy_key as PAGES_DEPLOY_KEY, and the variables above; delete both files".into(),
            "commit the workflow and push".into(),
            format!("{repository}, Settings, Pages: deploy from the branch main, folder /"),
            format!("when it is published: bookplate verify {}{} --site .", catalog.origin, catalog.base),
        ]
    }
}

const TEMPLATE: &str = include_str!("github_pages/publish.yml");
const KEYRINGS: &str = include_str!("github_pages/keyrings.yml");
const PUSH: &str = include_str!("github_pages/push.sh");
const BUILD_KEY: &str = "\n        env:\n          BOOKPLATE_SITE_KEY: ${{ secrets.BOOKPLATE_SITE_KEY }}";

/// Runs at odd minutes: full hours are crowded, and late.
fn schedule(minutes: u32) -> String {
    let cron = match minutes {
        60.. => format!("7 */{} * * *", minutes.div_ceil(60).min(23)),
        _ => format!("{}/{} * * * *", 7 % minutes.max(5), minutes.max(5)),
    };
    format!("  schedule:\n    - cron: \"{cron}\"\n")
}

fn indented(text: &str, by: usize) -> String {
    let lines = text.lines().map(|line| if line.is_empty() { String::new() } else { format!("{:by$}{line}", "") });
    lines.collect::<Vec<_>>().join("\n").trim_start().to_owned()
}

fn variables(catalog: &Catalog, refresh: bool) -> Vec<Variable> {
    let deploy =
        Variable { name: "PAGES_DEPLOY_KEY", meaning: "the private half of the deploy key of the public repository", needed: true };
    let key = Variable { name: "BOOKPLATE_SITE_KEY", meaning: "the line in the site's key file", needed: true };
    let api =
        Variable { name: "BOOKPLATE_LEMON_SQUEEZY_API_KEY", meaning: "an API key of the store, to learn of paid orders", needed: true };
    let all = [Some(deploy), (!catalog.courses.is_empty()).then_some(key), refresh.then_some(api)];
    all.into_iter().flatten().collect()
}

/// Whether the world can read a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Visibility {
    /// It can.
    Public,
    /// It cannot.
    Private,
    /// Nobody could say, and why.
    Unknown(String),
}

/// The address of a git remote over HTTPS: `git@github.com:me/site.git` is `https://github.com/me/site`. `None` for folders and other forms.
#[must_use]
pub fn https_address(remote: &str) -> Option<String> {
    let remote = remote.trim().trim_end_matches('/').trim_end_matches(".git");
    let rest = match remote.split_once("://") {
        Some(("https" | "http" | "ssh" | "git", rest)) => rest.to_owned(),
        Some(_) => return None,
        // user@host:path
        None => remote
            .split_once(':')
            .filter(|(host, path)| host.contains('@') && !path.is_empty())
            .map(|(host, path)| format!("{host}/{path}"))?,
    };
    // A password in the address is nobody's business, and neither is the port of another protocol.
    let (host, path) = rest.split_once('/')?;
    let host = host.rsplit('@').next().unwrap_or(host);
    let host = if remote.starts_with("https") { host } else { host.split(':').next().unwrap_or(host) };
    Some(format!("https://{host}/{path}"))
}

/// Asks, without credentials, what `git clone` would ask first.
#[must_use]
pub fn visibility(web: &dyn Web, address: &str) -> Visibility {
    match web.send(&Request::get(format!("{address}.git/info/refs?service=git-upload-pack"))) {
        Ok(answer) if answer.status == 200 => Visibility::Public,
        Ok(answer) if [401, 403, 404].contains(&answer.status) => Visibility::Private,
        Ok(answer) => Visibility::Unknown(format!("`{address}` answered {}", answer.status)),
        Err(Unreachable(why)) => Visibility::Unknown(format!("`{address}`: {why}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outbound::Response;

    #[test]
    fn remotes_in_every_form_lead_to_one_address() {
        for remote in [
            "git@github.com:me/site.git",
            "https://github.com/me/site.git",
            "https://me:secret@github.com/me/site/",
            "ssh://git@github.com:22/me/site.git",
        ] {
            assert_eq!(https_address(remote).as_deref(), Some("https://github.com/me/site"), "{remote}");
        }
        for none in ["/srv/git/site.git", "../site", "file:///srv/site", "C:\\site"] {
            assert_eq!(https_address(none), None, "{none}");
        }
    }

    #[test]
    fn only_a_clear_no_is_private() {
        let asked = |status| visibility(&move |_: &Request| Ok(Response { status, ..Response::default() }), "https://host/me/site");
        assert_eq!((asked(200), asked(401), asked(404)), (Visibility::Public, Visibility::Private, Visibility::Private));
        assert!(matches!((asked(301), asked(500)), (Visibility::Unknown(_), Visibility::Unknown(_))));
        let away = |_: &Request| Err(Unreachable("timed out"));
        assert!(matches!(visibility(&away, "https://host/me/site"), Visibility::Unknown(_)));
    }

    #[test]
    fn a_domain_has_no_port() {
        let domain = |origin: &str| {
            let text = format!(r#"{{"version":1,"site":"s","origin":"{origin}","base":"/","endpoint":null,"courses":[]}}"#);
            super::domain(&Catalog::from_json(text.as_bytes()).unwrap()).map(str::to_owned)
        };
        assert_eq!((domain("https://example.com"), domain("https://me.github.io")), (Ok("example.com".into()), Ok(String::new())));
        for bad in ["https://example.com:8443", "http://127.0.0.1:4000", "http://localhost", "http://192.168.0.1", "http://[::1]"] {
            assert!(domain(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn schedules_are_those_that_the_settings_ask_for() {
        assert!(schedule(30).contains("\"7/30 * * * *\"") && schedule(5).contains("\"2/5 * * * *\"") && schedule(1440).contains("*/23"));
    }
}
