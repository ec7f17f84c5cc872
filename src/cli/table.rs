//! The settings.

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
}

/// What a setting takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A text.
    Text,
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

const fn ours(name: &'static str, kind: Kind, value: &'static str, help: &'static str) -> Setting {
    Setting { name, aliases: &[], short: None, kind, value, help, role: Role::Ours }
}

const fn ignored(name: &'static str, kind: Kind) -> Setting {
    Setting { name, aliases: &[], short: None, kind, value: "VALUE", help: "", role: Role::Ignored }
}

const fn refused(name: &'static str, kind: Kind, why: &'static str) -> Setting {
    Setting { name, aliases: &[], short: None, kind, value: "VALUE", help: "", role: Role::Refused(why) }
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
}

const SERVICE: &str = "this program does not run as a service; start it once per sync, as cron does";
const WRITES: &str = "this program only reads, it changes nothing in Salesforce";
const PASSWORD: &str = "logging in with a password ends (SOAP login retires in Summer '27); unattended, use client \
                        credentials (--salesforce-client-id and --salesforce-client-secret-file) or a refresh token";
const JWT: &str = "the JWT bearer login is not in this version; unattended, use client credentials";
const APPS: &str = "connected applications are not in this version";
const TARGETED: &str = "only whole orgs are read, not single resources; --sync-resource-types narrows the kinds";

/// All settings.
pub const SETTINGS: &[Setting] = &[
    #[cfg(feature = "demo")]
    ours(
        "demo",
        Kind::Maybe("small"),
        "SIZE|DIR",
        "Read a demo org that comes with the program: `small`, `mid`, or a folder of recorded query answers",
    ),
    ours(
        "domain",
        Kind::Text,
        "URL",
        "The org: its My Domain name, its host, or any of its URLs copied from the browser",
    )
    .or(&["instance-url"]),
    ours(
        "auth-method",
        Kind::Text,
        "METHOD",
        "`client-credentials`, `oauth` (with a refresh token) or `access-token`; told by the other settings if left out",
    ),
    ours("salesforce-client-id", Kind::Text, "ID", "Consumer key of the org's External Client App"),
    ours("salesforce-client-secret", Kind::Secret, "SECRET", "Its consumer secret"),
    ours("salesforce-client-secret-file", Kind::Text, "PATH", "The same, from a file (`-`: stdin)"),
    ours("salesforce-refresh-token", Kind::Secret, "TOKEN", "A refresh token from an earlier login"),
    ours("salesforce-refresh-token-file", Kind::Text, "PATH", "The same, from a file (`-`: stdin)"),
    ours(
        "refresh-token-out",
        Kind::Text,
        "FILE",
        "Where a new refresh token goes when Salesforce replaces the one that was given",
    ),
    ours("salesforce-access-token", Kind::Secret, "TOKEN", "An access token from an earlier login"),
    ours("salesforce-access-token-file", Kind::Text, "PATH", "The same, from a file (`-`: stdin)"),
    ours(
        "file",
        Kind::Text,
        "PATH",
        "Where the document goes (default: sync.json, with --demo demo.json; `-`: stdout)",
    )
    .short('f'),
    ours("force", Kind::Switch, "BOOL", "Replace a target that is not a document of this org"),
    ours("allow-partial", Kind::Switch, "BOOL", "Write a document although it is not complete (exit code 15)"),
    ours("username-as-email", Kind::Switch, "BOOL", "Take the username as the account's email address")
        .or(&["user-username-for-email"]),
    ours("sync-deactivated-users", Kind::Switch, "BOOL", "Read deactivated users too (default: true)"),
    ours("sync-non-standard-users", Kind::Switch, "BOOL", "Read users of all types, not only of the type Standard"),
    ours(
        "sync-resource-types",
        Kind::List,
        "LIST",
        "Read these kinds alone: user, group, role, permission, profile, permission_set_group",
    ),
    ours("skip-entitlements-and-grants", Kind::Switch, "BOOL", "Read resources alone"),
    ours("api-version", Kind::Text, "V", "Salesforce API version (default: the newest that is known and offered)"),
    ours("concurrency", Kind::Text, "N", "Requests under way at a time (default: 8)"),
    ours("connect-timeout", Kind::Text, "DURATION", "How long to wait for a connection (default: 15s)"),
    ours("read-timeout", Kind::Text, "DURATION", "How long to wait for the next bytes of an answer (default: 150s)"),
    ours("quiet", Kind::Switch, "BOOL", "Say nothing unless something fails").short('q'),
    ours("verbose", Kind::Switch, "BOOL", "Say more (the same as --log-level debug)").short('v'),
    ours("log-level", Kind::Text, "LEVEL", "error, warn, info, debug or trace (default: info)"),
    ours("log-format", Kind::Text, "FORMAT", "console or json (default: console)"),
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
    ignored("skip-grant-expansion", Kind::Switch),
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
    refused("sync-connected-apps", Kind::Switch, APPS),
    refused("salesforce-username", Kind::Text, PASSWORD),
    refused("salesforce-password", Kind::Secret, PASSWORD),
    refused("salesforce-private-key", Kind::Text, JWT),
    refused("salesforce-jwt-subject", Kind::Text, JWT),
    refused("salesforce-login-url", Kind::Text, JWT),
];
