//! The document of an org is what its rows mean, in each way of expanding, whichever users and kinds are asked for.

use std::collections::HashSet;
use std::fmt::Write as _;

use baton_salesforce::auth::{self, Method};
use baton_salesforce::connector::{Expand, Options};
use baton_salesforce::demo::{Org, ServerOptions, Shape};
use baton_salesforce::model::ResourceKind;
use baton_salesforce::net::retry::Policy;
use baton_salesforce::net::{Domain, http};
use baton_salesforce::output::{self, Format};
use baton_salesforce::salesforce::Client;
use baton_salesforce::salesforce::bulk::Bulk;
use baton_salesforce::stop::Stop;
use baton_salesforce::sync::{self, Request, Synced, Watch};

use crate::random_org::random_org;
use crate::support::{Demo, Document};
use crate::truth::{self, DATE};

const WAYS: [Expand; 3] = [Expand::None, Expand::Used, Expand::All];

/// An org that is read in this process: a hundred of them take no longer than a few runs of the program.
pub(crate) struct Served {
    pub(crate) demo: Demo,
    client: Client,
}

impl Served {
    pub(crate) fn new(org: Org) -> Self {
        let demo = Demo::start(org, ServerOptions { date: Some(DATE.to_owned()), ..ServerOptions::default() });
        let client = demo.runtime.block_on(async {
            let domain = Domain::parse(demo.server.url()).unwrap();
            let http = http::client(&http::Network::default(), &domain).unwrap();
            let method = Method::ClientCredentials {
                client_id: demo.server.client_id().to_owned(),
                client_secret: demo.server.client_secret().into(),
            };
            let session = auth::login(&http, &domain, &method).await.unwrap();
            Client::connect(http, session, None, 4, Policy::default()).await.unwrap()
        });
        Self { demo, client }
    }

    /// The document with these options; an incomplete one too.
    pub(crate) fn document(&self, options: &Options) -> Document {
        Document::parse(&self.text(options))
    }

    /// What the run ended with.
    pub(crate) fn read(&self, options: &Options) -> Result<Synced, sync::Error> {
        let request = Request {
            id: baton_salesforce::sync::new_id(),
            options: options.clone(),
            auth_method: "client-credentials",
            client_id: None,
            bulk: Bulk::default(),
        };
        self.demo.runtime.block_on(sync::run(self.client.clone(), request, Watch::default(), |_| Ok(())))
    }

    fn text(&self, options: &Options) -> String {
        let synced = self.read(options).unwrap_or_else(|error| panic!("{error}"));
        let mut bytes = Vec::new();
        let sink = output::sink(&mut bytes, Format::JSON, None).unwrap();
        synced.write(output::Document::new(sink), &Stop::default()).unwrap();
        String::from_utf8(bytes).unwrap()
    }

    pub(crate) fn org(&self) -> &Org {
        self.demo.server.org()
    }

    /// Where the document is not what the rows mean.
    fn differences(&self, options: &Options) -> Vec<String> {
        truth::differences(&self.document(options), &truth::of(self.org(), options))
    }
}

/// Default options but for how far to expand.
pub(crate) fn expanding(expand: Expand) -> Options {
    Options { expand, ..Options::default() }
}

/// All kinds there are, and all users.
pub(crate) fn everything(expand: Expand) -> Options {
    let kinds: HashSet<_> = ResourceKind::ALL.into_iter().collect();
    Options { kinds, manager_groups: true, sync_non_standard_users: true, ..expanding(expand) }
}

/// Tells where documents are not true; a few lines of each are enough.
#[derive(Default)]
struct Report(String);

impl Report {
    fn note(&mut self, what: &str, differences: &[String]) {
        if !differences.is_empty() {
            let _ = writeln!(self.0, "{what}: {} differences", differences.len());
            for line in differences.iter().take(4) {
                let _ = writeln!(self.0, "  {line}");
            }
        }
    }

    #[track_caller]
    fn assert_empty(&self) {
        let shown: String = self.0.lines().take(90).collect::<Vec<_>>().join("\n");
        assert!(self.0.is_empty(), "{shown}");
    }
}

fn is_true_of(org: &Org, all_options: &[Options]) {
    let served = Served::new(org.clone());
    let mut report = Report::default();
    for options in all_options {
        report.note(&shown(options), &served.differences(options));
    }
    report.assert_empty();
}

fn shown(options: &Options) -> String {
    let mut kinds: Vec<_> = options.kinds.iter().filter(|kind| kind.is_opt_in()).map(|kind| kind.id()).collect();
    kinds.sort_unstable();
    format!(
        "expand {}, all users {}, deactivated {}, also {kinds:?}",
        options.expand.as_str(),
        options.sync_non_standard_users,
        options.sync_deactivated_users
    )
}

#[test]
fn of_the_small_org() {
    let org = Org::generate(Shape::Small, 1);
    let mut options: Vec<Options> = WAYS.map(expanding).into_iter().chain(WAYS.map(everything)).collect();
    options.push(Options { sync_deactivated_users: false, ..expanding(Expand::All) });
    is_true_of(&org, &options);
    let mut org = org;
    org.with_user_access_policies();
    org.without_territories();
    is_true_of(&org, &[everything(Expand::Used)]);
}

#[test]
fn of_the_mid_org() {
    let served = Served::new(Org::generate(Shape::Mid, 1));
    let options = expanding(Expand::Used);
    // Its 70 MB are held against the schema elsewhere.
    let document = Document(serde_json::from_str(&served.text(&options)).unwrap());
    let mut report = Report::default();
    report.note("mid", &truth::differences(&document, &truth::of(served.org(), &options)));
    report.assert_empty();
}

#[test]
fn of_a_hundred_random_orgs() {
    let mut report = Report::default();
    for seed in 0..100 {
        let served = Served::new(random_org(seed));
        // Without expansion there is little that differs from org to org.
        for expand in WAYS.into_iter().skip(usize::from(seed % 4 != 0)) {
            // Which users and kinds are asked for changes from org to org; every third is asked for all.
            let mut options = if seed % 3 == 0 { everything(expand) } else { expanding(expand) };
            options.sync_non_standard_users |= seed % 2 == 0;
            options.sync_deactivated_users = seed % 5 != 4;
            if seed % 7 == 1 {
                options.kinds.insert(ResourceKind::SystemPermission);
            }
            let differences = served.differences(&options);
            report.note(&format!("org {seed}, {}", shown(&options)), &differences);
        }
    }
    report.assert_empty();
}

/// The judge can condemn: a truth that is a little off is told from the document.
#[test]
fn of_what_is_not_true_it_says_so() {
    let options = expanding(Expand::None);
    let served = Served::new(Org::generate(Shape::Small, 1));
    let document = served.document(&options);
    let mut truth = truth::of(served.org(), &options);
    let (last, told) = truth.grants.pop_last().unwrap();
    let found = truth::differences(&document, &truth);
    assert!(found.iter().any(|line| line.starts_with(&format!("invented {last}"))), "{found:?}");
    truth.grants.insert(last.clone(), truth::Told { by_rule: true, ..told });
    truth.grants.insert("group:X:member:user:Y".to_owned(), truth::Told::default());
    let found = truth::differences(&document, &truth);
    for told in [format!("differs  {last}"), "missing  group:X:member:user:Y".to_owned()] {
        assert!(found.iter().any(|line| line.starts_with(&told)), "{told}: {found:?}");
    }
}
