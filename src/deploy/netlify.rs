//! Netlify: `netlify.toml`, and the key endpoint as a function beside the site.

use super::headers::rules;
use super::{EDGE, ENDPOINT, File, Plan, Variable, own_endpoint, sells};
use crate::catalog::Catalog;

/// What the author says of a site on Netlify.
#[derive(Debug, Clone, Default)]
pub struct Netlify {
    /// The build command, where it is not the usual one.
    pub command: Option<String>,
    /// True if the folder has a `package.json` already.
    pub package: bool,
}

/// Where Netlify keeps what a build leaves for the next one.
const CACHE: &str = "/opt/build/cache/bookplate";

/// The folder that is published.
const PUBLISH: &str = "out";

impl Netlify {
    /// What to write for a site with this catalog.
    #[must_use]
    pub fn plan(&self, catalog: &Catalog) -> Plan {
        let endpoint = own_endpoint(catalog);
        let mut plan = Plan { files: vec![File::new("netlify.toml", self.settings(catalog))], ..Plan::default() };
        if let Some(path) = endpoint {
            plan.files
                .extend(FUNCTIONS.iter().map(|one| File::new(format!("netlify/functions/{}.mjs", one.name), one.text(catalog, path))));
            plan.files.extend(EDGE.iter().map(|(path, text)| File::new(format!("netlify/bookplate/{path}"), *text)));
            if self.package {
                plan.warnings
                    .push("this folder has a package.json: `npm install @netlify/blobs`, so that the function finds its store".into());
            } else {
                plan.files.push(File::new("package.json", PACKAGE));
            }
        }
        plan.variables = variables(catalog);
        plan.place = "set for the production context alone";
        plan.warnings.extend(warnings(catalog));
        plan.steps = steps(catalog, endpoint);
        plan
    }

    fn settings(&self, catalog: &Catalog) -> String {
        let mut out = String::from(HEAD);
        out.push_str(&build(self.command.as_deref(), catalog));
        if own_endpoint(catalog).is_some() {
            out.push_str("\n[functions]\n  directory = \"netlify/functions\"\n");
        }
        for rule in rules(&catalog.base) {
            out.push('\n');
            for line in rule.why.lines() {
                out.push_str(&format!("# {line}\n"));
            }
            out.push_str(&format!("[[headers]]\n  for = {}\n  [headers.values]\n", quoted(&rule.files)));
            for (name, value) in rule.values {
                out.push_str(&format!("    {name} = {}\n", quoted(value)));
            }
        }
        out.push_str(&format!("\n# The list of what a build wrote is nobody's business.\n[[redirects]]\n  from = \"{0}.bookplate/*\"\n  to = \"{0}404.html\"\n  status = 404\n  force = true\n", catalog.base));
        out
    }
}

const HEAD: &str = "# How Netlify publishes this site; written by `bookplate deploy netlify`.
# A file that you change is never overwritten, unless you say --force. No secret belongs in here: keys and secrets are environment
# variables of the production context alone, set in the settings of the site or by `netlify env:set`.
";

/// The build: the usual command fetches the program once and keeps it; previews are sealed under a throw-away key.
fn build(command: Option<&str>, catalog: &Catalog) -> String {
    if let Some(command) = command {
        return format!("\n[build]\n  command = {}\n  publish = \"{PUBLISH}\"\n", quoted(command));
    }
    // Netlify publishes at the root; a site below a path lies in a folder of that name.
    let out = format!("{PUBLISH}{}", catalog.base.trim_end_matches('/'));
    let version = env!("CARGO_PKG_VERSION");
    let fetch = format!("cargo install --quiet --locked bookplate --version {version} --root {CACHE}");
    let build = |more: &str| {
        format!("{fetch} && {CACHE}/bin/bookplate build . --out {out}{more} && {CACHE}/bin/bookplate deploy netlify . --variables")
    };
    let mut text = format!(
        "\n# The program is built once (some minutes) and kept in Netlify's cache. Where crates.io does not have this version yet, put\n\
         # `--git ADDRESS --rev COMMIT` in place of `--version {version}`.\n\
         # Or build at home, so that Netlify never sees the source nor runs a build, and upload:\n\
         #   bookplate build . --out {out} && npx netlify-cli deploy --prod --no-build\n\
         [build]\n  command = {}\n  publish = \"{PUBLISH}\"\n",
        quoted(&build(""))
    );
    if !catalog.courses.is_empty() {
        let preview = quoted(&build(" --preview-key"));
        text.push_str(&format!(
            "\n# Deploy previews have neither key nor secrets: they are sealed under a throw-away key, and open for nobody.\n\
             [context.deploy-preview]\n  command = {preview}\n\n[context.branch-deploy]\n  command = {preview}\n"
        ));
    }
    text
}

/// As a string of TOML: literal where it can be.
fn quoted(text: &str) -> String {
    if text.contains(['"', '\\']) && !text.contains('\'') {
        format!("'{text}'")
    } else {
        format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
    }
}

/// One function: routes, catalog and store; all the rest is the endpoint's.
struct Function {
    /// Of its file.
    name: &'static str,
    /// Whom it answers.
    about: &'static str,
    /// The module with its routes, and their name there.
    routes: (&'static str, &'static str),
    /// Paths below the endpoint's.
    paths: &'static [&'static str],
    /// And among them those of another function.
    not: &'static [&'static str],
}

/// Two functions, so that the one that strangers reach has no code that lists, writes or deletes orders.
const FUNCTIONS: &[Function] = &[
    Function {
        name: "bookplate",
        about: "what readers and the payment provider ask",
        routes: ("counter", "COUNTER"),
        paths: &["*"],
        not: AUTHORS,
    },
    Function {
        name: "bookplate-desk",
        about: "what the author asks, with the admin token",
        routes: ("desk", "DESK"),
        paths: AUTHORS,
        not: &[],
    },
];

/// The calls of the author.
const AUTHORS: &[&str] = &["ledger", "facts"];

impl Function {
    fn text(&self, catalog: &Catalog, path: &str) -> String {
        let folder = catalog.base.trim_end_matches('/');
        let (module, routes) = self.routes;
        let list = |below: &[&str]| below.iter().map(|name| format!("\"{path}{name}\"")).collect::<Vec<_>>().join(", ");
        let not = if self.not.is_empty() { String::new() } else { format!(", excludedPath: [{}]", list(self.not)) };
        format!(
            "// The key endpoint of this site as a Netlify function: {}; written by `bookplate deploy netlify`. It never\n\
             // sees lesson text.\n\
             import {{ getStore }} from \"@netlify/blobs\";\n\
             import {{ {routes} }} from \"../bookplate/edge/{module}.js\";\n\
             import {{ netlify }} from \"../bookplate/edge/netlify.js\";\n\
             // What the build says is for sale. It holds no secret.\n\
             import catalog from \"../../{PUBLISH}{folder}/catalog.json\" with {{ type: \"json\" }};\n\
             \n\
             export default netlify(catalog, getStore, {routes});\n\
             \n\
             export const config = {{ path: [{}]{not} }};\n",
            self.about,
            list(self.paths)
        )
    }
}

/// For Netlify, which installs what stands here before it bundles the function.
const PACKAGE: &str =
    "{\n  \"private\": true,\n  \"type\": \"module\",\n  \"dependencies\": {\n    \"@netlify/blobs\": \"^10.7.13\"\n  }\n}\n";

fn variables(catalog: &Catalog) -> Vec<Variable> {
    match (own_endpoint(catalog), catalog.courses.is_empty()) {
        (Some(_), _) => ENDPOINT.iter().filter(|v| sells(catalog) || !v.name.contains("LEMON")).copied().collect(),
        // The build alone needs the key.
        (None, false) => ENDPOINT.iter().filter(|v| v.name == "BOOKPLATE_SITE_KEY").copied().collect(),
        (None, true) => Vec::new(),
    }
}

fn warnings(catalog: &Catalog) -> Vec<String> {
    let mut all = Vec::new();
    let own = format!("{}{}-/keys/", catalog.origin, catalog.base);
    match (&catalog.endpoint, own_endpoint(catalog)) {
        (None, _) if sells(catalog) => all.push(format!(
            "this site sells and names no key endpoint, so no function was written and nothing opens after paying\n  = help: write \
             `keys: {{ endpoint: \"{own}\" }}` into bookplate.yaml and run this again"
        )),
        (Some(endpoint), None) => all.push(format!(
            "the key endpoint `{endpoint}` is on another origin, so no function was written\n  = help: to have it here, write `keys: {{ endpoint: \"{own}\" }}`"
        )),
        _ => {}
    }
    all
}

fn steps(catalog: &Catalog, endpoint: Option<&str>) -> Vec<String> {
    let mut steps = vec!["commit these files to your private repository".to_owned()];
    steps.push("in Netlify, make a site of the repository; set the variables for the production context alone".into());
    if let (Some(path), true) = (endpoint, sells(catalog)) {
        steps.push(format!("in Lemon Squeezy, make a webhook to {}{path}webhooks/lemon_squeezy with the same secret", catalog.origin));
    }
    steps.push(format!("when it is published: bookplate verify {}{} --site .", catalog.origin, catalog.base));
    steps
}
