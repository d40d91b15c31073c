//! What can be typed.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

#[cfg(feature = "site")]
use crate::deploy::Repository;
use crate::pay::manual;
use crate::protocol::OrderRef;

/// Markdown courses in git become a static site; the lessons that are for sale leave your machine sealed, and each buyer gets the
/// keys that open them.
#[derive(Debug, Parser)]
#[command(name = "bookplate", version, max_term_width = 100, arg_required_else_help = true)]
pub struct Arguments {
    /// Print the licence notices of everything that is built in
    #[arg(long)]
    pub licenses: bool,
    /// What to do
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make a new site that builds: a course with a free, a preview and a paid lesson
    #[cfg(feature = "site")]
    Init(InitArguments),
    /// Build the site into a folder that any static host can serve
    #[cfg(feature = "site")]
    Build(BuildArguments),
    /// Preview the site with a test shop; rebuilds and reloads when a file changes
    #[cfg(feature = "site")]
    Serve(ServeArguments),
    /// Show all mistakes of the site without writing anything
    #[cfg(feature = "site")]
    Check(CheckArguments),
    /// Read both wordings of every marked sentence, and what the marks prove
    #[cfg(feature = "site")]
    Marks(MarksArguments),
    /// Print what the holder of one order reads: his copy, in his wording
    #[cfg(feature = "site")]
    Copy(CopyArguments),
    /// Find the copy that a leaked text, or leaked keys, match
    #[cfg(feature = "site")]
    Trace(TraceArguments),
    /// Write what a host needs to publish the site, and say what to do with it
    #[cfg(feature = "site")]
    Deploy(DeployHosts),
    /// Make keyring files for everybody who paid, for a site without a key endpoint
    #[cfg(feature = "site")]
    Keyrings(KeyringsArguments),
    /// Check a deployed site from outside: files, headers, what must not be there, the key endpoint
    #[cfg(feature = "site")]
    Verify(VerifyArguments),
    /// Make keys by hand: a gift, a review copy, a sale by bank transfer
    Issue(IssueArguments),
    /// Run the key endpoint: takes payment webhooks, hands out keys
    Keyserver(KeyserverArguments),
    /// Look at orders, or take back their keys
    Orders(OrdersArguments),
    /// New keys for a course, in three steps: closes what is published from now on to copies that were taken back
    #[cfg(feature = "site")]
    Rotate(RotateArguments),
    /// Play a whole shop against a key endpoint in test mode: buying, refunds, subscriptions, damaged and late messages
    #[cfg(feature = "site")]
    Rehearse(RehearseArguments),
    /// Look for what is wrong with a shop: secrets, source repository, host, endpoint, clock, webhook, products, orders
    #[cfg(feature = "site")]
    Doctor(DoctorArguments),
}

/// `bookplate init`
#[cfg(feature = "site")]
#[derive(Debug, Args)]
pub struct InitArguments {
    /// The folder to make
    pub dir: PathBuf,
    /// The title of the site (otherwise made from the folder's name)
    #[arg(long)]
    pub title: Option<String>,
}

/// `bookplate build`
#[cfg(feature = "site")]
#[derive(Debug, Args)]
pub struct BuildArguments {
    /// The site: a folder with a bookplate.yaml, or any folder of Markdown
    #[arg(default_value = ".")]
    pub dir: PathBuf,
    /// Where to write it [default: DIR/out]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Publish at another address than bookplate.yaml says
    #[arg(long)]
    pub url: Option<String>,
    /// Print one JSON object with all figures instead of text
    #[arg(long)]
    pub json: bool,
    /// Seal under the throw-away preview key (never for selling; the output is marked as preview)
    #[arg(long)]
    pub preview_key: bool,
}

/// `bookplate serve`
#[cfg(feature = "site")]
#[derive(Debug, Args)]
pub struct ServeArguments {
    /// The site: a folder with a bookplate.yaml, or any folder of Markdown
    #[arg(default_value = ".")]
    pub dir: PathBuf,
    /// The port on 127.0.0.1; 0 takes a free one
    #[arg(long, default_value_t = 4000, value_name = "N")]
    pub port: u16,
}

/// `bookplate check`
#[cfg(feature = "site")]
#[derive(Debug, Args)]
pub struct CheckArguments {
    /// The site
    #[arg(default_value = ".")]
    pub dir: PathBuf,
    /// Warnings are errors: for the machine that publishes
    #[arg(long)]
    pub strict: bool,
    /// Write an `id:` into every lesson that has none, so that purchases survive renames
    #[arg(long)]
    pub write_ids: bool,
    /// Print one JSON object instead of text
    #[arg(long)]
    pub json: bool,
}

/// `bookplate marks`
#[cfg(feature = "site")]
#[derive(Debug, Args)]
pub struct MarksArguments {
    /// The site
    #[arg(default_value = ".")]
    pub dir: PathBuf,
    /// Show these lessons alone: an id, a file or an address
    #[arg(value_name = "LESSON")]
    pub lessons: Vec<String>,
    /// Print one JSON object instead of text
    #[arg(long)]
    pub json: bool,
    /// Where to write the review as a page, outside of the site and of git [default: marks.html in the state folder of the site]
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// Count the positions of the throw-away preview key
    #[arg(long)]
    pub preview_key: bool,
}

/// Which lessons, which orders, which key: what one copy is made of.
#[cfg(feature = "site")]
#[derive(Debug, Args)]
pub struct CaseArguments {
    /// The folder of the site
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub site: PathBuf,
    /// A checkout of an older edition of the site, to be read in its place
    #[arg(long, value_name = "DIR")]
    pub content: Option<PathBuf>,
    /// The orders: an SQLite file, a ledger (lines of JSON), a CSV with the columns provider and order_id, or Lemon Squeezy's export
    /// [default: the database in the state folder of the site]
    #[arg(long, value_name = "FILE")]
    pub orders: Option<PathBuf>,
    /// Use the throw-away key and orders of `serve`
    #[arg(long)]
    pub preview_key: bool,
}

/// `bookplate copy`
#[cfg(feature = "site")]
#[derive(Debug, Args)]
pub struct CopyArguments {
    /// Lessons, each by its id, its address or its source file [default: all that the order opens]
    pub lessons: Vec<String>,
    /// Whose copy: PROVIDER:ID, as `bookplate trace` names it; `--order list` shows the orders that there are
    #[arg(long, value_name = "PROVIDER:ID")]
    pub order: String,
    /// Which of the order's copies, from 0
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub seat: u32,
    /// Plain text, or the HTML that opens in the page
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
    /// Lessons, orders, key
    #[command(flatten)]
    pub case: CaseArguments,
}

/// `bookplate trace`
#[cfg(feature = "site")]
#[derive(Debug, Args)]
pub struct TraceArguments {
    /// What was found: text, Markdown, HTML, the text of a PDF, a keyring, lists of keys; `-` is standard input
    #[arg(required = true, value_name = "LEAK")]
    pub leaks: Vec<PathBuf>,
    /// Print one JSON object instead of text
    #[arg(long)]
    pub json: bool,
    /// Write the report as one page of HTML too
    #[arg(long, value_name = "FILE.html")]
    pub report: Option<PathBuf>,
    /// Report everything that is needed to compute the verdict again: discloses secrets of the course
    #[arg(long)]
    pub arbiter: bool,
    /// Lessons, orders, key
    #[command(flatten)]
    pub case: CaseArguments,
}

/// `bookplate deploy`
#[cfg(feature = "site")]
#[derive(Debug, Args)]
pub struct DeployHosts {
    /// Where to
    #[command(subcommand)]
    pub command: DeployCommand,
}

/// `bookplate deploy ...`
#[cfg(feature = "site")]
#[derive(Debug, Subcommand)]
pub enum DeployCommand {
    /// netlify.toml, headers, and the key endpoint as a function
    Netlify(NetlifyArguments),
    /// A workflow that builds a private repository and pushes the site to a public one
    GithubPages(GithubPagesArguments),
}

/// What all hosts have in common.
#[cfg(feature = "site")]
#[derive(Debug, Args)]
pub struct DeployArguments {
    /// The site
    #[arg(default_value = ".")]
    pub dir: PathBuf,
    /// Replace files that you changed
    #[arg(long)]
    pub force: bool,
    /// Write nothing, say what differs; the exit code is 1 if anything does
    #[arg(long)]
    pub check: bool,
}

/// `bookplate deploy netlify`
#[cfg(feature = "site")]
#[derive(Debug, Args)]
pub struct NetlifyArguments {
    /// Folder and manners
    #[command(flatten)]
    pub common: DeployArguments,
    /// Look at the variables of this environment alone: for the build command
    #[arg(long, conflicts_with_all = ["check", "force"])]
    pub variables: bool,
    /// The build command, in place of the usual one
    #[arg(long, value_name = "COMMAND")]
    pub command: Option<String>,
}

/// `bookplate deploy github-pages`
#[cfg(feature = "site")]
#[derive(Debug, Args)]
pub struct GithubPagesArguments {
    /// Folder and manners
    #[command(flatten)]
    pub common: DeployArguments,
    /// The public repository that gets the built site
    #[arg(long, value_name = "OWNER/NAME")]
    pub to: Repository,
    /// You know that nobody else can read the source: do not ask its host
    #[arg(long)]
    pub source_is_private: bool,
}

/// `bookplate keyrings`
#[cfg(feature = "site")]
#[derive(Debug, Args)]
pub struct KeyringsArguments {
    /// The folder that `bookplate build` wrote
    #[arg(default_value = "out")]
    pub out: PathBuf,
    /// Use the throw-away key of `serve`
    #[arg(long)]
    pub preview_key: bool,
}

/// `bookplate verify`
#[cfg(feature = "site")]
#[derive(Debug, Args)]
pub struct VerifyArguments {
    /// The address of the site, as readers open it
    pub url: String,
    /// The folder of the site: its source says what must not be reachable, and with the site key no paid passage is overlooked
    #[arg(long, value_name = "DIR")]
    pub site: Option<PathBuf>,
    /// Print one JSON object instead of a table
    #[arg(long)]
    pub json: bool,
}

/// How a copy is printed.
#[cfg(feature = "site")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// Plain text
    Text,
    /// HTML
    Html,
}

/// What the commands of a shop need to know.
#[derive(Debug, Args)]
pub struct ShopArguments {
    /// The folder of the site that was built
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub site: PathBuf,
    /// The catalog that the build wrote, where it lies elsewhere [default: out/catalog.json of the site]
    #[arg(long, value_name = "FILE", env = "BOOKPLATE_CATALOG")]
    pub catalog: Option<PathBuf>,
    /// The orders: an SQLite file [default: BOOKPLATE_DATABASE, or in the state folder of the site]
    #[arg(long, value_name = "FILE")]
    pub database: Option<PathBuf>,
    /// Use the throw-away key and orders of `serve`
    #[arg(long)]
    pub preview_key: bool,
}

impl ShopArguments {
    /// The orders' file, where one is named. The environment names it for every command, those with `--endpoint` too: so it is none of
    /// clap's, which would take it for a contradiction.
    pub fn database(&self) -> Option<PathBuf> {
        let named = || std::env::var_os("BOOKPLATE_DATABASE").filter(|path| !path.is_empty()).map(PathBuf::from);
        self.database.clone().or_else(named)
    }
}

/// `bookplate issue`
#[derive(Debug, Args)]
pub struct IssueArguments {
    /// The courses that it opens, by their ids
    #[arg(required_unless_present = "again", value_name = "COURSE")]
    pub courses: Vec<String>,
    /// Whose copy it is: a name or initials, of which the initials alone are kept and shown to the reader [default: nothing but the order]
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub to: String,
    /// Why it is given
    #[arg(long, value_enum, default_value = "gift")]
    pub reason: Reason,
    /// How many readers it is for: each gets a key and a copy of his own, all on one order
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub seats: u32,
    /// Write a keyring file for a site without a key endpoint into this folder (`static/keys` of the site), beside the order
    #[arg(long = "static", value_name = "DIR", conflicts_with = "endpoint")]
    pub static_dir: Option<PathBuf>,
    /// Give nothing new: make the files in the folder of `--static` again for all copies that are good, in every epoch that the last build
    /// serves, and remove those of others. The readers' codes stay
    #[arg(long, requires = "static_dir", conflicts_with_all = ["courses", "to", "seats"])]
    pub again: bool,
    /// Here or at an endpoint
    #[command(flatten)]
    pub books: BooksArguments,
}

/// Why a copy is given.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub enum Reason {
    /// A gift
    Gift,
    /// A review copy
    Review,
    /// Paid for outside of a provider
    BankTransfer,
}

impl From<Reason> for manual::Reason {
    fn from(reason: Reason) -> Self {
        match reason {
            Reason::Gift => Self::Gift,
            Reason::Review => Self::Review,
            Reason::BankTransfer => Self::BankTransfer,
        }
    }
}

/// `bookplate keyserver`
#[derive(Debug, Args)]
pub struct KeyserverArguments {
    /// The address to listen on; a reverse proxy with TLS stands before it
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:4100", env = "BOOKPLATE_LISTEN", value_parser = listen)]
    pub listen: SocketAddr,
    /// Take test-mode orders instead of live ones
    #[arg(long)]
    pub test_mode: bool,
    /// Most codes that are looked up in a minute, for all readers together; more are asked to wait
    #[arg(long, value_name = "N", default_value_t = crate::keyserver::CALLS_A_MINUTE, value_parser = clap::value_parser!(u32).range(10..))]
    pub calls_a_minute: u32,
    /// Catalog, orders, key
    #[command(flatten)]
    pub shop: ShopArguments,
}

/// An address and a port.
fn listen(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| {
        "an IP address and a port are wanted, such as 127.0.0.1:4100, [::1]:4100, or 0.0.0.0:4100 for every network of this machine"
            .to_owned()
    })
}

/// `bookplate rotate`
#[cfg(feature = "site")]
#[derive(Debug, Args)]
pub struct RotateArguments {
    /// The courses, by their ids [with --due: every course that is sold]
    #[arg(value_name = "COURSE", required_unless_present = "due")]
    pub courses: Vec<String>,
    /// Do what is due and nothing else: finish what was begun, and begin where orders that were taken back could open the next publication.
    /// Made for a schedule
    #[arg(long)]
    pub due: bool,
    /// Go on although copies that were given as files have no file for the new epoch: what is published next stays closed to them
    #[arg(long)]
    pub leave_copies_behind: bool,
    /// Here or at an endpoint
    #[command(flatten)]
    pub books: BooksArguments,
}

/// `bookplate rehearse`
#[cfg(feature = "site")]
#[derive(Debug, Args)]
pub struct RehearseArguments {
    /// The key endpoint, such as http://127.0.0.1:4100. It runs with BOOKPLATE_MODE=test and the same BOOKPLATE_REHEARSAL_SECRET as this command
    pub url: String,
    /// Print one JSON object instead of a table
    #[arg(long)]
    pub json: bool,
    /// Catalog, orders, key
    #[command(flatten)]
    pub shop: ShopArguments,
}

/// `bookplate doctor`
#[cfg(feature = "site")]
#[derive(Debug, Args)]
pub struct DoctorArguments {
    /// The folder of the site
    #[arg(default_value = ".")]
    pub dir: PathBuf,
    /// The catalog that the build wrote, where it lies elsewhere [default: out/catalog.json of the site]
    #[arg(long, value_name = "FILE", env = "BOOKPLATE_CATALOG")]
    pub catalog: Option<PathBuf>,
    /// The key endpoint [default: the one that the catalog names]. With BOOKPLATE_ADMIN_TOKEN its orders are looked at, too
    #[arg(long, value_name = "URL")]
    pub endpoint: Option<String>,
    /// The orders: an SQLite file [default: in the state folder of the site]
    #[arg(long, value_name = "FILE", env = "BOOKPLATE_DATABASE")]
    pub database: Option<PathBuf>,
    /// A copy of the site key: it is compared with the key, and that is remembered
    #[arg(long, value_name = "FILE")]
    pub key_copy: Option<PathBuf>,
    /// Ask nobody: neither the host, nor the endpoint, nor the provider
    #[arg(long)]
    pub offline: bool,
    /// Print one JSON object instead of lines
    #[arg(long)]
    pub json: bool,
}

/// `bookplate orders`
#[derive(Debug, Args)]
pub struct OrdersArguments {
    /// What to do
    #[command(subcommand)]
    pub command: OrdersCommand,
}

/// `bookplate orders ...`
#[derive(Debug, Subcommand)]
pub enum OrdersCommand {
    /// All orders, newest first
    List {
        /// Print one JSON object a line
        #[arg(long)]
        json: bool,
        /// Here or at an endpoint
        #[command(flatten)]
        books: BooksArguments,
    },
    /// One order with its facts
    Show {
        /// PROVIDER:ID, or the order number that the buyer's mail names
        order: String,
        /// Here or at an endpoint
        #[command(flatten)]
        books: BooksArguments,
    },
    /// End an order's access: its readers see the locked page at their next daily check
    Revoke {
        /// PROVIDER:ID, or the order number that the buyer's mail names
        order: String,
        /// Here or at an endpoint
        #[command(flatten)]
        books: BooksArguments,
    },
    /// Open an order again, whatever was refunded or revoked up to now
    Restore {
        /// PROVIDER:ID, or the order number that the buyer's mail names
        order: String,
        /// Here or at an endpoint
        #[command(flatten)]
        books: BooksArguments,
    },
    /// Delete a buyer: everything about the order, for ever. Later messages about it are not taken
    Forget {
        /// PROVIDER:ID, as `bookplate orders list` shows it
        #[arg(value_name = "PROVIDER:ID")]
        order: OrderRef,
        /// Do not ask whether you mean it
        #[arg(long)]
        yes: bool,
        /// Here or at an endpoint
        #[command(flatten)]
        books: BooksArguments,
    },
    /// Ask the provider for everything that its messages may have lost, after an outage for example
    Reconcile(ReconcileArguments),
    /// Write all orders for another program, oldest first
    Export {
        /// Lines of JSON, as `trace --orders` reads them, or a table
        #[arg(long, value_enum, default_value = "ndjson")]
        format: Table,
        /// Where to write it, readable by you alone [default: the terminal]
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        /// Here or at an endpoint
        #[command(flatten)]
        books: BooksArguments,
    },
}

/// `bookplate orders reconcile`
#[derive(Debug, Args)]
pub struct ReconcileArguments {
    /// Take test orders instead of live ones; the API key must be of the same mode
    #[arg(long)]
    pub test_mode: bool,
    /// Here or at an endpoint
    #[command(flatten)]
    pub books: BooksArguments,
}

/// Orders, wherever they lie.
#[derive(Debug, Args)]
pub struct BooksArguments {
    /// Work on the orders of this key endpoint instead of a file here; its admin token is in BOOKPLATE_ADMIN_TOKEN
    #[arg(long, value_name = "URL", conflicts_with = "database")]
    pub endpoint: Option<String>,
    /// Catalog, orders, key
    #[command(flatten)]
    pub shop: ShopArguments,
}

/// What orders are exported as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Table {
    /// One JSON object a line
    Ndjson,
    /// A table with a first line of names
    Csv,
}
