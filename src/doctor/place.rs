//! Where the site lies: whose origin, whose repository, which headers.

use super::Check;

/// Hosts that serve the sites of one user, or of many, below one origin, or whose other projects a stranger may publish.
const SHARED: [&str; 4] = [".github.io", ".gitlab.io", ".codeberg.page", ".pages.dev"];

/// Whether other projects can read what the reader keeps on a device. `base`: the path below which the pages lie.
#[must_use]
pub fn origin(origin: &str, base: &str) -> Check {
    const THING: &str = "origin";
    let host = origin.rsplit('/').next().unwrap_or_default();
    let shared = SHARED.iter().any(|end| host.ends_with(end));
    if shared && (base != "/" || host.ends_with(".github.io")) {
        return Check::warning(
            THING,
            format!("{origin} serves other projects too: their pages can read what this one keeps in the browser"),
            "publish under a name of your own",
        );
    }
    if origin.starts_with("http://") && !host.starts_with("127.0.0.1") && !host.starts_with("localhost") {
        return Check::error(THING, format!("{origin} is not encrypted: keys would travel in the clear"), "serve the site by https");
    }
    Check::ok(THING, format!("{origin}{base}"))
}

/// Whether the source, which is the paid text, can be read by everybody. `public`: what the host says, `None` if it was not asked or gave
/// no clear answer.
#[must_use]
pub fn repository(remote: Option<&str>, public: Option<bool>) -> Check {
    const THING: &str = "source repository";
    match (remote, public) {
        (None, _) => Check::ok(THING, "no remote"),
        (Some(remote), Some(true)) => Check::error(
            THING,
            format!("{remote} is public, and the paid text with it"),
            "make it private; what was public once may have been copied",
        ),
        (Some(remote), Some(false)) => Check::ok(THING, format!("{remote} is not public")),
        (Some(remote), None) => Check::warning(THING, format!("{remote}: not checked"), "make sure that it is private"),
    }
}

/// A site that does not answer as one.
#[must_use]
pub fn no_site(origin: &str, status: Option<u16>) -> Check {
    let value = status.map_or_else(|| format!("{origin} does not answer"), |status| format!("{origin} answered {status}"));
    Check::warning("site", value, "publish it, or look at `site: url` in bookplate.yaml")
}

/// The header fields of a page of the site: names in lower case. `page`: its HTML, which may hold a policy too.
#[must_use]
pub fn headers(fields: &[(String, String)], page: &str) -> Vec<Check> {
    let field = |name: &str| fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    let meta = page.contains("http-equiv=\"Content-Security-Policy\"") || page.contains("http-equiv=\"content-security-policy\"");
    let mut checks = Vec::new();
    checks.push(match (field("content-security-policy"), meta) {
        (Some(_), _) => Check::ok("content-security-policy", "sent by the host"),
        (None, true) => Check::ok("content-security-policy", "in the page"),
        (None, false) => Check::warning("content-security-policy", "none", "`bookplate deploy` writes the headers for your host"),
    });
    for (name, wanted) in [("x-content-type-options", "nosniff"), ("referrer-policy", "no-referrer")] {
        checks.push(match field(name) {
            Some(value) if value.eq_ignore_ascii_case(wanted) => Check::ok(name, value),
            Some(value) => Check::warning(name, value, format!("send `{wanted}`")),
            None => Check::warning(name, "not sent", format!("send `{wanted}`, if your host can: `bookplate deploy` writes the headers")),
        });
    }
    checks
}

#[cfg(test)]
mod tests {
    use super::super::Level;
    use super::*;

    #[test]
    fn a_shared_origin_is_a_warning() {
        let level = |o: &str, base: &str| origin(o, base).level;
        assert_eq!(level("https://ada.github.io", "/courses/"), Level::Warning);
        assert_eq!(level("https://ada.github.io", "/"), Level::Warning);
        assert_eq!(level("https://courses.example.com", "/"), Level::Ok);
        assert_eq!(level("https://github.io.example.com", "/"), Level::Ok);
        assert_eq!(level("http://courses.example.com", "/"), Level::Error);
        assert_eq!(level("http://127.0.0.1:4000", "/"), Level::Ok);
    }

    #[test]
    fn a_public_source_is_an_error_and_an_unknown_one_a_warning() {
        let level = |public| repository(Some("git@github.com:ada/course.git"), public).level;
        assert_eq!((level(Some(true)), level(Some(false)), level(None)), (Level::Error, Level::Ok, Level::Warning));
        assert_eq!(repository(None, None).level, Level::Ok);
    }

    #[test]
    fn headers_are_compared_with_what_pages_need() {
        let sent = |pairs: &[(&str, &str)], page: &str| {
            let fields: Vec<_> = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            headers(&fields, page).iter().map(|check| check.level).collect::<Vec<_>>()
        };
        let all =
            [("content-security-policy", "default-src 'self'"), ("x-content-type-options", "nosniff"), ("referrer-policy", "no-referrer")];
        assert_eq!(sent(&all, ""), [Level::Ok; 3]);
        assert_eq!(sent(&[], "<meta http-equiv=\"Content-Security-Policy\" content=\"\">"), [Level::Ok, Level::Warning, Level::Warning]);
        assert_eq!(sent(&[("referrer-policy", "unsafe-url")], ""), [Level::Warning; 3]);
    }
}
