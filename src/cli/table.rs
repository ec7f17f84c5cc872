//! The settings.

use crate::model::ResourceKind;

/// A setting.
#[derive(Debug)]
pub struct Setting {
    /// Its name: of the flag, and with `BATON_` and in capitals of the environment variable.
    pub name: &'static str,
    /// Names that mean the same.
    pub aliases: &'static [&'static str],
    /// A one-letter flag.
    pub short: Option<char>,
    /// What it takes.
    pub kind: Kind,
    /// What its value is called.
    pub value: &'static str,
    /// What it is for.
    pub help: &'static str,
    /// What becomes of it.
    pub role: Role,
    /// What it is where nobody gives it.
    pub default: Option<&'static str>,
    /// All values there are, where they are few.
    pub values: &'static [&'static str],
    /// Under which heading it is told.
    pub heading: Heading,
}

/// What settings are about; in the order in which they are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Heading {
    /// Which org.
    Org,
    /// How to get in.
    Login,
    /// Logins with a browser, and those that are kept.
    Stored,
    /// What is read.
    Content,
    /// Where it goes.
    Document,
    /// How Salesforce is talked to.
    Network,
    /// What a person sees.
    Messages,
    /// All that is not said to be elsewhere.
    Other,
}

impl Heading {
    /// In the help.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Org => "Which org",
            Self::Login => "Log in",
            Self::Stored => "Browser and stored logins",
            Self::Content => "What is read",
            Self::Document => "The document",
            Self::Network => "Network",
            Self::Messages => "Messages",
            Self::Other => "Other settings",
        }
    }

    /// Whether these are for who runs the program, and not for who sets an org up in a form.
    pub const fn is_for_operators(self) -> bool {
        !matches!(self, Self::Org | Self::Login | Self::Content)
    }
}

/// What a setting takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A text.
    Text,
    /// A whole number.
    Number,
    /// The path of a file.
    Path,
    /// Texts with commas between them; in the file, a list.
    List,
    /// True or false; true where the flag stands alone.
    Switch,
    /// A text; the flag alone means this one.
    Maybe(&'static str),
    /// A text that is never shown.
    Secret,
}

/// What becomes of a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// It does something.
    Ours,
    /// The Go connector's, without a meaning here: accepted, with a warning.
    Ignored,
    /// The Go connector's, for something that this program does not do: refused, for this reason.
    Refused(&'static str),
}

impl Setting {
    /// All names, the main one first.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        std::iter::once(self.name).chain(self.aliases.iter().copied())
    }

    /// Whether its value must not be shown.
    pub fn is_secret(&self) -> bool {
        self.kind == Kind::Secret
    }
}

const fn setting(name: &'static str, kind: Kind, value: &'static str, help: &'static str, role: Role) -> Setting {
    let (default, heading) = (None, Heading::Other);
    Setting { name, aliases: &[], short: None, kind, value, help, role, default, values: &[], heading }
}

const fn ours(name: &'static str, kind: Kind, value: &'static str, help: &'static str) -> Setting {
    setting(name, kind, value, help, Role::Ours)
}

const fn ignored(name: &'static str, kind: Kind) -> Setting {
    setting(name, kind, "VALUE", "", Role::Ignored)
}

const fn refused(name: &'static str, kind: Kind, why: &'static str) -> Setting {
    setting(name, kind, "VALUE", "", Role::Refused(why))
}

impl Setting {
    const fn or(mut self, aliases: &'static [&'static str]) -> Self {
        self.aliases = aliases;
        self
    }

    const fn short(mut self, short: char) -> Self {
        self.short = Some(short);
        self
    }

    const fn default(mut self, default: &'static str) -> Self {
        self.default = Some(default);
        self
    }

    const fn one_of(mut self, values: &'static [&'static str]) -> Self {
        self.values = values;
        self
    }

    const fn under(mut self, heading: Heading) -> Self {
        self.heading = heading;
        self
    }
}

const SERVICE: &str = "this program does not run as a service; start it once per sync, as cron does";
const WRITES: &str = "this program only reads, it changes nothing in Salesforce";
const PASSWORD: &str = "Salesforce ends logins with a password (new orgs refuse them, and SOAP login retires in Summer '27); \
                        two logins that need no person take their place: client credentials (--salesforce-client-id and \
                        --salesforce-client-secret-file), and JWT bearer (--salesforce-private-key, whose certificate \
                        the app has, and --salesforce-jwt-subject)";
const TARGETED: &str = "only whole orgs are read, not single resources; --sync-resource-types narrows the kinds";

const KINDS: &[&str] = &{
    let mut ids = [""; ResourceKind::ALL.len()];
    let mut n = 0;
    while n < ids.len() {
        ids[n] = ResourceKind::ALL[n].id();
        n += 1;
    }
    ids
};

/// What is read only where it is asked for.
pub(crate) const ALSO: &[&str] =
    &["territory", "connected_application", "agent", "manager_group", "permission_set_license", "system_permission"];

/// All settings.
pub const SETTINGS: &[Setting] = &[
    #[cfg(feature = "demo")]
    ours(
        "demo",
        Kind::Maybe("small"),
        "SIZE|DIR",
        "Read a demo org that comes with the program: `small`, `mid`, `large`, `huge`, or a folder of recorded query \
         answers",
    )
    .under(Heading::Org),
    ours(
        "domain",
        Kind::Text,
        "URL",
        "The org: its My Domain name, its host, or any of its URLs copied from the browser",
    )
    .or(&["instance-url"])
    .under(Heading::Org),
    ours(
        "auth-method",
        Kind::Text,
        "METHOD",
        "How to log in (`oauth`: with a browser, or a refresh token); told by the other settings if left out",
    )
    .one_of(&super::login::NAMES)
    .under(Heading::Login),
    ours("salesforce-client-id", Kind::Text, "ID", "Consumer key of the org's External Client App")
        .under(Heading::Login),
    ours("salesforce-client-secret", Kind::Secret, "SECRET", "Its consumer secret").under(Heading::Login),
    ours("salesforce-client-secret-file", Kind::Path, "PATH", "The same, from a file (`-`: stdin)")
        .under(Heading::Login),
    ours("salesforce-refresh-token", Kind::Secret, "TOKEN", "A refresh token from an earlier login")
        .under(Heading::Login),
    ours("salesforce-refresh-token-file", Kind::Path, "PATH", "The same, from a file (`-`: stdin)")
        .under(Heading::Login),
    ours(
        "refresh-token-out",
        Kind::Path,
        "FILE",
        "Where a new refresh token goes when Salesforce replaces the one that was given",
    )
    .under(Heading::Login),
    ours("salesforce-access-token", Kind::Secret, "TOKEN", "An access token from an earlier login")
        .under(Heading::Login),
    ours("salesforce-access-token-file", Kind::Path, "PATH", "The same, from a file (`-`: stdin)")
        .under(Heading::Login),
    ours(
        "salesforce-private-key",
        Kind::Secret,
        "PATH",
        "The app's private key for JWT bearer, an RSA key in PEM: its file (`-`: stdin), in the environment also the key \
         itself",
    )
    .under(Heading::Login),
    ours("salesforce-private-key-file", Kind::Path, "PATH", "The same, always a file (`-`: stdin)").under(Heading::Login),
    ours("salesforce-jwt-subject", Kind::Text, "USERNAME", "The user to act as by JWT bearer").under(Heading::Login),
    ours(
        "salesforce-token-url",
        Kind::Text,
        "URL",
        "Where tokens are asked for by JWT bearer: a login host, or the URL of an Experience Cloud site (default: --domain)",
    )
    .under(Heading::Login),
    ours(
        "salesforce-login-url",
        Kind::Text,
        "URL",
        "The audience of JWT assertions (default: the site that tokens are asked for at, else the org's login host)",
    )
    .under(Heading::Login),
    ours("profile", Kind::Text, "NAME", "A name for a stored login (default: told apart by org, app and flow)")
        .under(Heading::Stored),
    ours(
        "login-store",
        Kind::Path,
        "DIR",
        "Where logins and their tokens are kept between runs (default: with the user's data; `none`: nowhere; `keyring`: the \
         system's keyring, in builds with that feature)",
    )
    .under(Heading::Stored),
    ours("callback-url", Kind::Text, "URL", "Where the browser comes back to, exactly as the app has it registered")
        .default("http://localhost:8499/callback")
        .under(Heading::Stored),
    ours("no-browser", Kind::Switch, "BOOL", "Print the login's address, and take what a browser elsewhere ends at")
        .under(Heading::Stored),
    ours("login-timeout", Kind::Text, "DURATION", "How long to wait for the person").default("5m").under(Heading::Stored),
    ours("sync-resource-types", Kind::List, "LIST", "Read these kinds alone, with commas between them")
        .one_of(KINDS)
        .under(Heading::Content),
    ours("sync-also", Kind::List, "LIST", "Read these kinds too, with commas between them; each costs further calls")
        .one_of(ALSO)
        .under(Heading::Content),
    ours("sync-connected-apps", Kind::Switch, "BOOL", "The same as `--sync-also connected_application`")
        .under(Heading::Content),
    ours(
        "expand",
        Kind::Text,
        "HOW",
        "Write who holds what through groups, roles and permission set groups: `used` (on all but the groups of roles and \
         the like that are in no other group), `all`, or `none`",
    )
    .default("used")
    .one_of(&["used", "all", "none"])
    .under(Heading::Content),
    ours("skip-grant-expansion", Kind::Switch, "BOOL", "The same as `--expand none`").under(Heading::Content),
    ours("sync-deactivated-users", Kind::Switch, "BOOL", "Read deactivated users too")
        .default("true")
        .under(Heading::Content),
    ours("sync-non-standard-users", Kind::Switch, "BOOL", "Read users of all types, not only of the type Standard")
        .under(Heading::Content),
    ours("skip-entitlements-and-grants", Kind::Switch, "BOOL", "Read resources alone").under(Heading::Content),
    ours("username-as-email", Kind::Switch, "BOOL", "Take the username as the account's email address")
        .or(&["user-username-for-email"])
        .under(Heading::Content),
    ours("file", Kind::Path, "PATH", "Where the document goes (`-`: stdout; with --demo demo.json if left out)")
        .short('f')
        .default("sync.json")
        .under(Heading::Document),
    ours("format", Kind::Text, "FORMAT", "json, jsonl or c1z (default: by the file's ending; `.gz` and `.zst` compress it)")
        .one_of(&["json", "jsonl", "c1z"])
        .under(Heading::Document),
    ours("keep", Kind::Number, "N", "How many earlier syncs of the org a `.c1z` file keeps, for `baton diff`")
        .default("1")
        .under(Heading::Document),
    ours("dry-run", Kind::Maybe("text"), "text|json", "Count instead of reading: rows, API calls that a run would take, calls left")
        .one_of(&["text", "json"])
        .under(Heading::Document),
    ours("force", Kind::Switch, "BOOL", "Replace a target that is not a document of this org").under(Heading::Document),
    ours("wait", Kind::Maybe("1h"), "DURATION", "Wait so long for another run that writes the same file (alone: 1h)")
        .under(Heading::Document),
    ours("allow-partial", Kind::Switch, "BOOL", "Write a document although it is not complete (exit code 15)")
        .under(Heading::Document),
    ours("api-version", Kind::Text, "V", "Salesforce API version (default: the newest that is known and offered)")
        .under(Heading::Network),
    ours(
        "allow-host",
        Kind::List,
        "LIST",
        "Hosts that are not Salesforce's and may be sent credentials all the same: your company's gateways, by exact name",
    )
    .under(Heading::Network),
    ours(
        "proxy",
        Kind::Secret,
        "URL",
        "The proxy on the way, as `host:port` or `http://user:password@host:port` (default: HTTPS_PROXY, but for the hosts \
         in NO_PROXY)",
    )
    .under(Heading::Network),
    ours("proxy-file", Kind::Path, "PATH", "The same, from a file (`-`: stdin)").under(Heading::Network),
    ours(
        "ca-file",
        Kind::Path,
        "PATH",
        "Certificate authorities (PEM) that are believed beside the system's: those of a proxy that opens TLS",
    )
    .under(Heading::Network),
    ours("concurrency", Kind::Number, "N", "Requests under way at a time").default("8").under(Heading::Network),
    ours("max-api-calls", Kind::Number, "N", "End the run before it makes more API calls than this").under(Heading::Network),
    ours("api-reserve", Kind::Number, "N", "End the run before less than this is left of the org's daily API calls")
        .under(Heading::Network),
    ours(
        "query-engine",
        Kind::Text,
        "ENGINE",
        "How big objects are read: `rest`, by query jobs of the `bulk` API, or by jobs where that saves API calls that are \
         scarce (`auto`)",
    )
    .default("auto")
    .one_of(&["auto", "rest", "bulk"])
    .under(Heading::Network),
    ours("bulk-pause", Kind::Text, "DURATION", "The longest pause between two looks at a query job; the first is a tenth of it")
        .default("20s")
        .under(Heading::Network),
    ours("timeout", Kind::Text, "DURATION", "How long logging in and reading may take")
        .default("6h")
        .under(Heading::Network),
    ours("retries", Kind::Number, "N", "How often a request that failed for now is sent again").default("8").under(Heading::Network),
    ours("retry-pause", Kind::Text, "DURATION", "The longest pause before the first time; it doubles, to 30s at most")
        .default("500ms")
        .under(Heading::Network),
    ours("connect-timeout", Kind::Text, "DURATION", "How long to wait for a connection")
        .default("15s")
        .under(Heading::Network),
    ours("read-timeout", Kind::Text, "DURATION", "How long to wait for the next bytes of an answer")
        .default("150s")
        .under(Heading::Network),
    ours("quiet", Kind::Switch, "BOOL", "Say nothing unless something fails").short('q').under(Heading::Messages),
    ours("verbose", Kind::Switch, "BOOL", "Say more (the same as --log-level debug)")
        .short('v')
        .under(Heading::Messages),
    ours("log-level", Kind::Text, "LEVEL", "How much is said")
        .default("info")
        .one_of(&["error", "warn", "info", "debug", "trace"])
        .under(Heading::Messages),
    ours("log-format", Kind::Text, "FORMAT", "How it is said: lines for a person or for a program")
        .default("console")
        .one_of(&["console", "json"])
        .under(Heading::Messages),
    ours("progress", Kind::Text, "KIND", "How a run is told while it goes on (auto: live on a terminal)")
        .default("auto")
        .one_of(&["auto", "bar", "plain", "json", "none"])
        .under(Heading::Messages),
    ours("color", Kind::Text, "WHEN", "When messages have colours (auto: on a terminal without NO_COLOR)")
        .default("auto")
        .one_of(&["auto", "always", "never"])
        .under(Heading::Messages),
    ours("exit-with-parent", Kind::Switch, "BOOL", "End when the program that started this one has ended (not on Windows)")
        .under(Heading::Messages),
    // The Go connector's: no meaning here.
    ignored("c1z-temp-dir", Kind::Text),
    ignored("external-resource-c1z", Kind::Text),
    ignored("external-resource-entitlement-id-filter", Kind::Text),
    ignored("external-resource-traits", Kind::Text),
    ignored("health-check", Kind::Switch),
    ignored("health-check-bind-address", Kind::Text),
    ignored("health-check-port", Kind::Text),
    ignored("http-timeout-seconds", Kind::Text),
    ignored("keep-previous-sync-c1z", Kind::Switch),
    ignored("log-level-debug-expires-at", Kind::Text),
    ignored("log-path", Kind::Text),
    ignored("otel-collector-endpoint", Kind::Text),
    ignored("otel-collector-endpoint-tls-cert", Kind::Text),
    ignored("otel-collector-endpoint-tls-cert-path", Kind::Text),
    ignored("otel-collector-endpoint-tls-insecure", Kind::Switch),
    ignored("otel-logging-disabled", Kind::Switch),
    ignored("otel-tracing-disabled", Kind::Switch),
    ignored("parallel-sync", Kind::Switch),
    ignored("session-store-maximum-size", Kind::Text),
    ignored("skip-full-sync", Kind::Switch),
    ignored("storage-engine", Kind::Text),
    ignored("task-concurrency", Kind::Text),
    ignored("ticketing", Kind::Switch),
    ignored("workers", Kind::Text),
    // The Go connector's: for what this program does not do.
    refused("client-id", Kind::Text, SERVICE),
    refused("client-secret", Kind::Secret, SERVICE),
    refused("provisioning", Kind::Switch, WRITES).short('p'),
    refused("grant-entitlement", Kind::Text, WRITES),
    refused("grant-principal", Kind::Text, WRITES),
    refused("grant-principal-type", Kind::Text, WRITES),
    refused("revoke-grant", Kind::Text, WRITES),
    refused("create-account-login", Kind::Text, WRITES),
    refused("create-account-email", Kind::Text, WRITES),
    refused("create-account-profile", Kind::Text, WRITES),
    refused("delete-resource", Kind::Text, WRITES),
    refused("delete-resource-type", Kind::Text, WRITES),
    refused("rotate-credentials", Kind::Text, WRITES),
    refused("rotate-credentials-type", Kind::Text, WRITES),
    refused("invoke-action", Kind::Text, WRITES),
    refused("create-ticket", Kind::Switch, WRITES),
    refused("bulk-create-ticket", Kind::Switch, WRITES),
    refused("sync-resources", Kind::Text, TARGETED),
    refused("salesforce-username", Kind::Text, PASSWORD),
    refused("salesforce-password", Kind::Secret, PASSWORD),
];
