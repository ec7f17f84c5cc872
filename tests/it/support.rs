//! What the tests share: a running demo org, a run of the program, a document that is checked against the schema.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use baton_salesforce::demo::{Org, Server, ServerOptions};
use serde_json::Value;
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// A demo org on loopback, for the life of the value.
pub(crate) struct Demo {
    pub(crate) server: Server,
    pub(crate) runtime: Runtime,
}

impl Demo {
    pub(crate) fn start(org: Org, options: ServerOptions) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let server = runtime.block_on(Server::start(org, options)).unwrap();
        Self { server, runtime }
    }

    /// A run that logs in to this org with client credentials.
    pub(crate) fn run(&self) -> Run {
        self.run_without_secret().env("BATON_SALESFORCE_CLIENT_SECRET", self.server.client_secret())
    }

    pub(crate) fn run_without_secret(&self) -> Run {
        Run::new().args(["--domain", self.server.url(), "--salesforce-client-id", self.server.client_id()])
    }

    /// Requests for tokens.
    pub(crate) fn token_calls(&self) -> usize {
        self.server.calls().iter().filter(|call| call.path == "/services/oauth2/token").count()
    }

    /// Waits until a call with such a path has been answered.
    pub(crate) fn wait_for(&self, path: &str) {
        let deadline = Instant::now() + Duration::from_secs(30);
        while !self.server.calls().iter().any(|call| call.path.starts_with(path)) {
            assert!(Instant::now() < deadline, "{path} was never called");
            std::thread::yield_now();
        }
    }

    /// Calls of the REST API that name an object.
    pub(crate) fn calls_of(&self, object: &str) -> usize {
        self.server.calls().iter().filter(|call| call.object.as_deref() == Some(object)).count()
    }
}

/// A run of the program in a folder of its own, with nothing of this machine's environment.
pub(crate) struct Run {
    command: Command,
    pub(crate) folder: TempDir,
}

impl Run {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_baton-salesforce"));
        command.env_clear().current_dir(folder.path()).stdin(Stdio::null());
        // Nothing of one test for another, nor for the person who runs them.
        command.env("BATON_LOGIN_STORE", "none").env("BATON_RETRY_PAUSE", "0");
        // On Windows a process without it cannot open a socket.
        if let Some(root) = std::env::var_os("SystemRoot") {
            command.env("SystemRoot", root);
        }
        Self { command, folder }
    }

    pub(crate) fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.command.arg(arg);
        self
    }

    pub(crate) fn args<A: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = A>) -> Self {
        self.command.args(args);
        self
    }

    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Shares its stored logins with other runs.
    pub(crate) fn store(self, store: &TempDir) -> Self {
        self.env("BATON_LOGIN_STORE", store.path())
    }

    pub(crate) fn file(self, name: &str, text: &str) -> Self {
        std::fs::write(self.folder.path().join(name), text).unwrap();
        self
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn command(self) -> (Command, TempDir) {
        (self.command, self.folder)
    }

    /// Runs to the end.
    pub(crate) fn output(mut self) -> Ran {
        let output = self.command.output().unwrap();
        crate::schemas::check(&output.stdout);
        Ran { output, folder: self.folder }
    }
}

/// Waits until a run has said this on stderr, which must be a pipe; all that it has said.
#[track_caller]
pub(crate) fn wait_for_text(child: &mut Child, text: &str) -> String {
    let mut said = String::new();
    let stderr = child.stderr.as_mut().unwrap();
    while !said.contains(text) {
        let mut bytes = [0; 256];
        let count = stderr.read(&mut bytes).unwrap();
        assert!(count > 0, "`{text}` is not in:\n{said}");
        said.push_str(&String::from_utf8_lossy(&bytes[..count]));
    }
    said
}

/// A run that has ended.
pub(crate) struct Ran {
    pub(crate) output: Output,
    pub(crate) folder: TempDir,
}

impl Ran {
    pub(crate) fn code(&self) -> i32 {
        self.output.status.code().unwrap_or(-1)
    }

    pub(crate) fn stderr(&self) -> String {
        String::from_utf8(self.output.stderr.clone()).unwrap()
    }

    pub(crate) fn stdout(&self) -> String {
        String::from_utf8(self.output.stdout.clone()).unwrap()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The run ended well; its document.
    #[track_caller]
    pub(crate) fn document(&self) -> Document {
        assert_eq!(self.code(), 0, "{}", self.stderr());
        Document::read(&self.path("sync.json"))
    }

    /// The run failed with this code, said these things, and left no document and no temporary file behind.
    #[track_caller]
    pub(crate) fn failed(&self, code: i32, says: &[&str]) {
        let stderr = self.stderr();
        assert_eq!(self.code(), code, "{stderr}");
        for text in says {
            assert!(stderr.contains(text), "`{text}` is not in:\n{stderr}");
        }
        assert!(self.stdout().is_empty(), "{}", self.stdout());
        let left: Vec<_> =
            std::fs::read_dir(self.folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        let is_temporary = |name: &OsStr| [".tmp", ".lock"].iter().any(|end| name.to_string_lossy().ends_with(end));
        assert!(!left.iter().any(|name| name == "sync.json" || is_temporary(name)), "{left:?}");
    }
}

/// A document that meets the schema and whose parts fit each other.
pub(crate) struct Document(pub(crate) Value);

impl Document {
    #[track_caller]
    pub(crate) fn read(path: &Path) -> Self {
        let text = std::fs::read_to_string(path).unwrap();
        Self::parse(&text)
    }

    #[track_caller]
    pub(crate) fn parse(text: &str) -> Self {
        let value: Value = serde_json::from_str(text).unwrap();
        let document = Self(value);
        document.check();
        document
    }

    /// What is true of every document, whatever org it is of.
    #[track_caller]
    fn check(&self) {
        static SCHEMA: OnceLock<jsonschema::Validator> = OnceLock::new();
        let validator = SCHEMA.get_or_init(|| {
            let schema = serde_json::from_str(baton_salesforce::commands::schema::SCHEMA).unwrap();
            jsonschema::validator_for(&schema).unwrap()
        });
        let errors: Vec<_> = validator.iter_errors(&self.0).take(3).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{errors:?}");
        let resources: Vec<_> = self.list("resources").iter().map(|resource| id_of(&resource["id"])).collect();
        let entitlements: Vec<_> = self.list("entitlements").iter().map(|e| text(&e["id"])).collect();
        let grants: Vec<_> = self.list("grants").iter().map(|grant| text(&grant["id"])).collect();
        let known: BTreeSet<_> = resources.iter().collect();
        assert_eq!(known.len(), resources.len(), "a resource stands twice");
        assert_eq!(grants.iter().collect::<BTreeSet<_>>().len(), grants.len(), "a grant stands twice");
        let held: BTreeSet<_> = entitlements.iter().collect();
        for entitlement in self.list("entitlements") {
            assert!(known.contains(&id_of(&entitlement["resource"]["id"])), "{entitlement}");
        }
        for grant in self.list("grants").iter().chain(self.list("inactiveAssignments")) {
            assert!(held.contains(&text(&grant["entitlement"]["id"])), "dangling: {grant}");
            assert!(known.contains(&id_of(&grant["principal"]["id"])), "dangling: {grant}");
        }
        for grant in self.list("grants") {
            let id = format!("{}:{}", text(&grant["entitlement"]["id"]), id_of(&grant["principal"]["id"]));
            assert_eq!(text(&grant["id"]), id);
            let sources =
                grant["sources"]["sources"].as_object().into_iter().flat_map(|sources| sources.keys().cloned());
            let annotations = grant["annotations"].as_array().into_iter().flatten();
            let through = annotations.flat_map(|a| a["entitlementIds"].as_array().into_iter().flatten()).map(text);
            for source in sources.chain(through) {
                assert!(held.contains(&source), "dangling: {source} of {grant}");
            }
        }
        self.check_order(&resources, &entitlements);
        self.check_counts();
    }

    /// Sections are sorted by kind, then by id.
    fn check_order(&self, resources: &[String], entitlements: &[String]) {
        let kinds = baton_salesforce::model::ResourceKind::ALL.map(baton_salesforce::model::ResourceKind::id);
        let rank = |id: &str| {
            let (kind, rest) = id.split_once(':').unwrap();
            (kinds.iter().position(|other| *other == kind).unwrap(), rest.to_owned())
        };
        assert!(resources.is_sorted_by_key(|id| rank(id)));
        assert!(entitlements.is_sorted_by_key(|id| rank(id)));
        let key = |grant: &Value| (rank(&text(&grant["entitlement"]["id"])), rank(&id_of(&grant["principal"]["id"])));
        assert!(self.list("grants").is_sorted_by_key(key));
        assert!(self.list("inactiveAssignments").is_sorted_by_key(key));
    }

    fn check_counts(&self) {
        let counts = &self.0["summary"]["counts"];
        for (kind, count) in counts["resources"].as_object().unwrap() {
            assert_eq!(self.of_kind(kind).len() as u64, count.as_u64().unwrap(), "{kind}");
        }
        for (section, name) in
            [("entitlements", "entitlements"), ("grants", "grants"), ("inactiveAssignments", "inactiveAssignments")]
        {
            assert_eq!(self.list(section).len() as u64, counts[name].as_u64().unwrap(), "{section}");
        }
    }

    pub(crate) fn list(&self, section: &str) -> &[Value] {
        self.0[section].as_array().unwrap()
    }

    pub(crate) fn of_kind(&self, kind: &str) -> Vec<&Value> {
        self.list("resources").iter().filter(|resource| resource["id"]["resourceType"] == kind).collect()
    }

    pub(crate) fn grant_ids(&self) -> BTreeSet<String> {
        self.list("grants").iter().map(|grant| text(&grant["id"])).collect()
    }

    /// The resource with this Salesforce id.
    #[track_caller]
    pub(crate) fn resource(&self, id: &str) -> &Value {
        self.list("resources").iter().find(|resource| resource["id"]["resource"] == id).unwrap()
    }

    pub(crate) fn warnings(&self) -> Vec<&str> {
        self.0["summary"]["warnings"].as_array().unwrap().iter().map(|w| w["code"].as_str().unwrap()).collect()
    }

    pub(crate) fn not_read(&self) -> Vec<&str> {
        self.0["summary"]["notRead"].as_array().unwrap().iter().map(|n| n["object"].as_str().unwrap()).collect()
    }

    pub(crate) fn left_out(&self, what: &str, reason: &str) -> u64 {
        let list = self.0["summary"]["leftOut"].as_array().unwrap().iter();
        list.filter(|l| l["what"] == what && l["reason"] == reason).map(|l| l["count"].as_u64().unwrap()).sum()
    }

    /// The rows that were read of an object, and on how many pages.
    pub(crate) fn read_of(&self, object: &str) -> &Value {
        self.0["summary"]["read"].as_array().unwrap().iter().find(|read| read["object"] == object).unwrap()
    }

    /// The document without what two runs over the same org differ in.
    pub(crate) fn without_times(&self) -> Value {
        let mut value = self.0.clone();
        for name in ["id", "startedAt"] {
            value["sync"][name].take();
        }
        value["sync"]["org"]["instanceUrl"].take();
        value["summary"]["endedAt"].take();
        value["summary"]["cost"].take();
        for read in value["summary"]["read"].as_array_mut().unwrap() {
            read["startedAt"].take();
            read["endedAt"].take();
        }
        value
    }
}

/// An attribute of a resource, wherever its kind keeps them.
pub(crate) fn attribute<'v>(resource: &'v Value, name: &str) -> &'v Value {
    let profile = &resource["profile"];
    if profile.is_object() { &profile[name] } else { &resource["annotations"][0]["profile"][name] }
}

pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// `type:id`
pub(crate) fn id_of(id: &Value) -> String {
    format!("{}:{}", text(&id["resourceType"]), text(&id["resource"]))
}

/// Where recorded answers of real orgs are, on machines that have them.
pub(crate) fn recordings() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/recordings/query");
    folder.is_dir().then_some(folder)
}

/// The signals that ask a program to stop, by their names, and the exit codes that answer them.
///
/// One that was ignored when the tests were started (by `nohup`, or in the background of a script) is not among them: it is
/// ignored by the program too, as it should be.
#[cfg(unix)]
pub(crate) fn signals() -> impl Iterator<Item = (&'static str, i32)> {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:")).unwrap_or("0").trim();
    let ignored = u64::from_str_radix(ignored, 16).unwrap();
    [("TERM", 143), ("INT", 130), ("HUP", 129)].into_iter().filter(move |(_, code)| ignored & (1 << (code - 129)) == 0)
}
