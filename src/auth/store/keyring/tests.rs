use keyring_core::mock::{self, Cred};

use super::super::{Key, Store};
use super::*;

/// A store whose tokens are in a keyring of its own, and that keyring.
fn store(folder: &tempfile::TempDir) -> (Store, Keyring) {
    let keyring = Keyring::of(mock::Store::new().unwrap());
    (Store { folder: folder.path().to_owned(), keyring: Some(keyring.clone()) }, keyring)
}

fn key() -> Key {
    let text = str::to_owned;
    Key { host: text("acme.my.salesforce.com"), client_id: text("id"), who: text(Key::BROWSER), profile: None }
}

fn login(refresh: Option<&str>, access: Option<&str>) -> Login {
    let mut login = Login::new(&key(), "https://acme.my.salesforce.com".to_owned());
    login.refresh_token = refresh.map(SecretString::from);
    login.access_token = access.map(SecretString::from);
    login
}

fn write(store: &Store, login: &Login) -> Result<(), StoreError> {
    let lock = store.lock(&key())?;
    store.begin(&key(), &lock)?.commit(login)
}

fn tokens(login: &Login) -> [Option<&str>; 2] {
    [&login.refresh_token, &login.access_token].map(|token| token.as_ref().map(ExposeSecret::expose_secret))
}

/// The next use of an entry of the login ends so.
fn fail(keyring: &Keyring, name: impl Fn(&str) -> String, error: Error) {
    let entry = keyring.entry(&name(&key().stem())).unwrap();
    entry.as_any().downcast_ref::<Cred>().unwrap().set_error(error);
}

fn locked() -> Error {
    Error::NoStorageAccess("the collection is locked".into())
}

#[test]
fn a_login_is_read_as_it_was_written_and_its_file_holds_no_token() {
    let folder = tempfile::tempdir().unwrap();
    let (store, keyring) = store(&folder);
    for (refresh, access) in
        [(Some("canary-refresh"), Some("canary-access")), (None, Some("canary-other")), (Some("canary-new"), None)]
    {
        write(&store, &login(refresh, access)).unwrap();
        let read = store.read(&key()).unwrap().unwrap();
        assert_eq!(tokens(&read), [refresh, access]);
        assert_eq!(tokens(store.list().unwrap()[0].as_ref().unwrap()), [refresh, access]);
        for file in std::fs::read_dir(folder.path()).unwrap() {
            let path = file.unwrap().path();
            assert!(!std::fs::read_to_string(&path).unwrap().contains("canary"), "{}", path.display());
        }
        assert!(!format!("{store:?}{keyring:?}").contains("canary"));
    }
    let lock = store.lock(&key()).unwrap();
    assert!(store.remove(&key(), &lock).unwrap() && !store.remove(&key(), &lock).unwrap());
    for name in [refresh, access] {
        assert!(keyring.get(&name(&key().stem())).unwrap().is_none());
    }
    assert!(store.read(&key()).unwrap().is_none());
}

#[test]
fn a_keyring_that_cannot_be_used_is_told_before_and_after() {
    let folder = tempfile::tempdir().unwrap();
    let (store, keyring) = store(&folder);
    write(&store, &login(Some("canary-old"), None)).unwrap();
    fail(&keyring, |name| format!("{name} (test)"), locked());
    let told = |error: StoreError| {
        let error = error.to_string();
        assert!(error.contains("the collection is locked") && !error.contains("canary"), "{error}");
        error
    };
    assert!(told(write(&store, &login(Some("canary-new"), None)).unwrap_err()).contains("to write"));
    for run in [|store: &Store| store.read(&key()).map(drop), |store: &Store| store.check_name(&key())] {
        fail(&keyring, refresh, locked());
        assert!(told(run(&store).unwrap_err()).contains("to read"));
    }
    fail(&keyring, refresh, locked());
    let lock = store.lock(&key()).unwrap();
    assert!(told(store.remove(&key(), &lock).unwrap_err()).contains("to remove"));
    // Nothing of it was lost.
    assert_eq!(tokens(&store.read(&key()).unwrap().unwrap()), [Some("canary-old"), None]);
}

/// Its own words would hold what was stored.
#[test]
fn an_entry_that_is_no_text_is_told_without_its_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let (store, keyring) = store(&folder);
    write(&store, &login(Some("x"), None)).unwrap();
    keyring.entry(&refresh(&key().stem())).unwrap().set_secret(b"canary\xff").unwrap();
    let error = store.read(&key()).unwrap_err();
    assert!(!format!("{error}{error:?}").contains("canary") && !format!("{error:?}").contains("99, 97"));
}

#[test]
fn an_access_token_that_is_too_long_is_done_without() {
    let folder = tempfile::tempdir().unwrap();
    let (store, keyring) = store(&folder);
    let write_failing = |given: Option<&str>, error| {
        write(&store, &login(given, Some("canary-old"))).unwrap();
        let lock = store.lock(&key()).unwrap();
        let begun = store.begin(&key(), &lock).unwrap();
        fail(&keyring, access, error);
        begun.commit(&login(given, Some("canary-new")))
    };
    let too_long = || Error::TooLong("secret".to_owned(), 2560);
    for (given, error) in [(Some("canary-refresh"), too_long()), (Some("canary-refresh"), locked()), (None, too_long())]
    {
        write_failing(given, error).unwrap();
        assert_eq!(tokens(&store.read(&key()).unwrap().unwrap()), [given, None]);
    }
    // Where nothing else is kept, any other failure is one.
    assert!(write_failing(None, locked()).is_err());
}

#[test]
fn a_login_whose_tokens_are_gone_from_the_keyring_is_none() {
    let folder = tempfile::tempdir().unwrap();
    let (store, keyring) = store(&folder);
    write(&store, &login(Some("canary-refresh"), Some("canary-access"))).unwrap();
    keyring.remove(&key().stem()).unwrap();
    let read = store.read(&key()).unwrap().unwrap();
    assert_eq!(tokens(&read), [None, None]);
    assert!(read.session(&crate::net::Domain::parse("acme").unwrap()).is_none());
}

#[cfg(feature = "demo")]
mod rotating {
    use crate::net::retry::Policy;
    use std::sync::Mutex;

    use super::*;
    use crate::auth::{self, Keep, Method, Renewer, TokenSource};
    use crate::demo::{Org, Server, ServerOptions, Shape};
    use crate::net::{Domain, Network, http};

    struct Case {
        server: Server,
        folder: tempfile::TempDir,
        keyring: Keyring,
        warnings: Arc<Mutex<Vec<String>>>,
    }

    impl Case {
        async fn start() -> Self {
            let options = ServerOptions { rotate_refresh_tokens: true, ..ServerOptions::default() };
            let server = Server::start(Org::generate(Shape::Small, 1), options).await.unwrap();
            let folder = tempfile::tempdir().unwrap();
            let (_, keyring) = store(&folder);
            Self { server, folder, keyring, warnings: Arc::default() }
        }

        fn method(&self) -> Method {
            let client_id = self.server.client_id().to_owned();
            Method::Stored { client_id, client_secret: None }
        }

        fn key(&self) -> Key {
            self.method().key(&self.domain(), None).unwrap()
        }

        fn domain(&self) -> Domain {
            Domain::parse(self.server.url()).unwrap()
        }

        fn store(&self) -> Store {
            Store { folder: self.folder.path().to_owned(), keyring: Some(self.keyring.clone()) }
        }

        /// A person has logged in.
        fn log_in(&self) {
            let mut login = Login::new(&self.key(), self.server.url().to_owned());
            login.refresh_token = Some(SecretString::from(self.server.refresh_token()));
            login.rotates = true;
            let lock = self.store().lock(&self.key()).unwrap();
            self.store().begin(&self.key(), &lock).unwrap().commit(&login).unwrap();
        }

        async fn run(&self) -> Result<(), auth::Error> {
            let http = http::client(&Network::default(), &self.domain()).unwrap();
            let warnings = Arc::clone(&self.warnings);
            let warn = move |text: &str| warnings.lock().unwrap().push(text.to_owned());
            let keep = Keep::Store(self.store(), self.key());
            let renewer = Renewer::new(http, self.domain(), self.method(), keep, Policy::default(), warn);
            TokenSource::open(renewer).await.map(drop)
        }

        fn fail(&self, name: impl Fn(&str) -> String) {
            let entry = self.keyring.entry(&name(&self.key().stem())).unwrap();
            entry.as_any().downcast_ref::<Cred>().unwrap().set_error(locked());
        }

        fn refresh_token(&self) -> String {
            let login = self.store().read(&self.key()).unwrap().unwrap();
            login.refresh_token.unwrap().expose_secret().to_owned()
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_new_refresh_token_is_kept_and_runs_wait_for_each_other() {
        let case = Case::start().await;
        case.log_in();
        let first = case.refresh_token();
        let (one, other) = tokio::join!(case.run(), case.run());
        assert!(one.is_ok() && other.is_ok(), "{one:?} {other:?}");
        let second = case.refresh_token();
        assert_ne!(first, second);
        let calls = case.server.calls().iter().filter(|call| call.path == "/services/oauth2/token").count();
        assert_eq!((calls, case.warnings.lock().unwrap().len()), (1, 0));
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_locked_keyring_costs_no_login() {
        let case = Case::start().await;
        case.log_in();
        for name in [|name: &str| format!("{name} (test)"), refresh] {
            case.fail(name);
            let error = case.run().await.unwrap_err().to_string();
            assert!(error.contains("the collection is locked"), "{error}");
        }
        assert!(case.server.calls().is_empty());
        case.run().await.unwrap();
    }
}
