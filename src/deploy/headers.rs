//! Headers that every host of a site should send.

/// Headers for the files below a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// The files: a path that begins with `/` and ends in `/*`.
    pub files: String,
    /// Why, in one or two lines.
    pub why: &'static str,
    /// Name and value.
    pub values: Vec<(&'static str, &'static str)>,
}

/// The rules of a site below `base`. No two rules give one header to one file: hosts differ in which of two would count.
#[must_use]
pub fn rules(base: &str) -> Vec<Rule> {
    vec![
        Rule {
            files: "/*".into(),
            why: "The policy for styles, images and the key endpoint stands in every page, where it changes with the settings;\nframe-ancestors works as a header alone.",
            values: vec![
                ("Strict-Transport-Security", "max-age=31536000"),
                ("X-Content-Type-Options", "nosniff"),
                ("X-Frame-Options", "DENY"),
                ("Referrer-Policy", "no-referrer"),
                ("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()"),
                (
                    "Content-Security-Policy",
                    "script-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
                ),
            ],
        },
        Rule {
            files: format!("{base}-/*"),
            why: "Theme, scripts and sealed files: pages ask for them by an address that changes with their content.\nEverything else is asked for anew at each visit, as Netlify has it by default.",
            values: vec![("Cache-Control", "public, max-age=31536000, immutable")],
        },
    ]
}
