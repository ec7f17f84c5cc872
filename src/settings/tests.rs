use std::time::Duration;

use super::*;
use crate::cli;

fn raw(arguments: &[&str], environment: &[(&str, &str)]) -> Result<Raw, Error> {
    // A settings file of the folder that tests run in must not matter.
    let empty = tempfile::NamedTempFile::new().unwrap();
    let path = empty.path().to_str().unwrap();
    let line = ["baton-salesforce", "--config", path].into_iter().chain(arguments.iter().copied());
    let matches = cli::command().try_get_matches_from(line).unwrap();
    Raw::collect(&matches, |name| {
        environment.iter().find(|(other, _)| *other == name).map(|(_, value)| (*value).to_owned())
    })
}

pub(super) fn sync(arguments: &[&str], environment: &[(&str, &str)]) -> Result<SyncSettings, String> {
    raw(arguments, environment).and_then(Raw::sync).map_err(|error| error.to_string())
}

const ORG: [&str; 4] = ["--domain", "acme", "--salesforce-access-token", "canary"];

fn with(more: &[&'static str]) -> Vec<&'static str> {
    ORG.iter().copied().chain(more.iter().copied()).collect()
}

/// An app that acts as a user, but for its key.
fn with_jwt(more: &[&'static str]) -> Vec<&'static str> {
    let app = ["--domain", "acme", "--salesforce-client-id", "id", "--salesforce-jwt-subject", "ada@example.com"];
    app.iter().chain(more).copied().collect()
}

#[test]
fn a_flag_beats_the_environment_and_defaults_are_as_documented() {
    let settings =
        sync(&with(&["--sync-deactivated-users=false"]), &[("BATON_SYNC_DEACTIVATED_USERS", "true")]).unwrap();
    assert!(!settings.options.sync_deactivated_users && !settings.options.sync_non_standard_users);
    assert_eq!((settings.file.to_str(), settings.concurrency), (Some("sync.json"), 8));
    let settings = sync(&ORG, &[("BATON_SYNC_RESOURCE_TYPES", "user,role")]).unwrap();
    assert_eq!(settings.options.kinds.len(), 2);
    let settings =
        sync(&with(&["--sync-resource-types", "group"]), &[("BATON_SYNC_RESOURCE_TYPES", "user,role")]).unwrap();
    assert_eq!(settings.options.kinds.len(), 1);
}

#[test]
fn the_names_of_the_go_connector_work() {
    let env = [
        ("BATON_INSTANCE_URL", "https://acme.my.salesforce.com"),
        ("BATON_USER_USERNAME_FOR_EMAIL", "true"),
        ("BATON_AUTH_METHOD", "client-credentials-group"),
        ("BATON_SALESFORCE_CLIENT_ID", "id"),
        ("BATON_SALESFORCE_CLIENT_SECRET", "canary"),
        ("BATON_LOG_PATH", "/tmp/x"),
    ];
    let settings = sync(&[], &env).unwrap();
    assert!(settings.options.username_as_email);
    assert!(matches!(&settings.source, Source::Org { method: Method::ClientCredentials { .. }, .. }));
    assert_eq!(settings.warnings, ["BATON_LOG_PATH has no meaning in this program and is ignored"]);
}

#[test]
fn a_name_and_its_alias_must_agree() {
    let error = sync(&with(&["--instance-url", "other"]), &[]).unwrap_err();
    assert!(error.contains("--domain") && error.contains("--instance-url"), "{error}");
    assert!(sync(&with(&["--instance-url", "acme"]), &[("BATON_INSTANCE_URL", "other")]).is_ok());
    assert!(sync(&with(&["--username-as-email", "--user-username-for-email=1"]), &[]).is_ok());
}

#[test]
fn a_bad_value_is_told_with_its_place_and_never_with_its_secret() {
    for (arguments, environment, place) in [
        (with(&["--concurrency", "0"]), vec![], "--concurrency"),
        (ORG.to_vec(), vec![("BATON_CONCURRENCY", "many")], "BATON_CONCURRENCY"),
        (with(&["--sync-resource-types", "user,nobody"]), vec![], "`nobody`"),
        (with(&["--sync-resource-types", "user,system_permission"]), vec![], "`profile`, `permission`"),
        (with(&["--sync-resource-types", "user,role", "--sync-connected-apps"]), vec![], "`permission_set_group`"),
        (with(&["--expand", "all", "--skip-grant-expansion"]), vec![], "--expand says something else"),
        (with(&["--sync-also", "territories"]), vec![], "`territory`?"),
        (with(&["--read-timeout", "5 days"]), vec![], "--read-timeout"),
        (with(&["--file", "x.c1z", "--format", "json"]), vec![], "--file: `x.c1z` is the name of a c1z document"),
        (with(&["--file", "x.json"]), vec![("BATON_FORMAT", "jsonl")], "is asked for is `jsonl`"),
        (with(&["--format", "xml"]), vec![], "`xml`"),
        (with(&["--file", "x.csv"]), vec![], "convert"),
        (with(&["--file", "-", "--format", "c1z"]), vec![], "goes to a file"),
        (with(&["--keep", "many", "--file", "x.c1z"]), vec![], "--keep"),
        (with(&["--api-version", "30.0"]), vec![], "retired"),
        (with(&["--provisioning"]), vec![], "only reads"),
        (ORG.to_vec(), vec![("BATON_CLIENT_ID", "x")], "BATON_CLIENT_ID"),
        (with(&["--salesforce-password", "canary"]), vec![], "client credentials"),
        (with(&["--salesforce-username", "ada"]), vec![], "JWT bearer"),
        (with(&["--log-level", "loud"]), vec![], ""),
        (vec!["--domain", "acme"], vec![], "log in"),
        (vec!["--domain", "evil.example", "--salesforce-access-token", "canary"], vec![], "evil.example"),
        (vec!["--domain", "acme", "--auth-method", "jwt-bearer"], vec![], "--salesforce-client-id"),
        (
            vec!["--domain", "acme", "--salesforce-client-id", "id", "--auth-method", "jwt-bearer"],
            vec![("BATON_SALESFORCE_JWT_SUBJECT", "ada@example.com")],
            "--salesforce-private-key",
        ),
        (with_jwt(&["--salesforce-private-key", "nowhere.pem"]), vec![], "`nowhere.pem`"),
        (with_jwt(&["--salesforce-private-key", "-----BEGIN PRIVATE KEY-----canary"]), vec![], "the path"),
        // The same in Base64.
        (with_jwt(&["--salesforce-private-key", "LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0tY2FuYXJ5"]), vec![], "the path"),
        (with_jwt(&[]), vec![("BATON_SALESFORCE_PRIVATE_KEY", "canary\ncanary")], "neither the path"),
        (with_jwt(&[]), vec![("BATON_SALESFORCE_PRIVATE_KEY", "-----BEGIN CERTIFICATE-----canary")], "damaged"),
        (
            vec!["--domain", "acme", "--salesforce-client-id", "id", "--auth-method", "client-credentials"],
            vec![],
            "--salesforce-client-secret-file",
        ),
        (with(&["--profile", " "]), vec![], "--profile"),
        (with(&["--callback-url", "localhost:8499/callback"]), vec![], "--callback-url"),
        (with(&["--login-timeout", "soon"]), vec![], "--login-timeout"),
        (
            vec!["--domain", "acme", "--salesforce-client-id", "id", "--refresh-token-out", "x"],
            vec![],
            "--refresh-token-out goes with",
        ),
        (with(&["--salesforce-access-token-file", "x"]), vec![], "exclude each other"),
        (vec!["--domain", "acme", "--salesforce-access-token-file", "/nonexistent"], vec![], "/nonexistent"),
    ] {
        if place.is_empty() {
            assert!(raw(&arguments, &environment).unwrap().messages().is_err());
            continue;
        }
        let error = sync(&arguments, &environment).unwrap_err();
        assert!(error.contains(place) && !error.contains("canary"), "{error}");
    }
    assert!(matches!(raw(&[], &[]).unwrap().sync(), Err(Error::NoOrg)));
}

#[test]
fn a_host_is_allowed_by_its_exact_name() {
    let gateway = |list: &'static [&'static str], environment: &[(&str, &str)]| {
        let line = ["--domain", "https://crm.acme.example:8443/x", "--salesforce-access-token", "canary"];
        let line: Vec<_> = line.iter().chain(list).copied().collect();
        sync(&line, environment).map(|settings| match settings.source {
            Source::Org { domain, .. } => domain.to_string(),
            #[cfg(feature = "demo")]
            Source::Demo(size) => size,
        })
    };
    let accepted = Ok("https://crm.acme.example:8443".to_owned());
    assert_eq!(gateway(&["--allow-host", "crm.acme.example"], &[]), accepted);
    assert_eq!(gateway(&["--allow-host", "x.example, CRM.ACME.example"], &[]), accepted);
    assert_eq!(gateway(&[], &[("BATON_ALLOW_HOST", "crm.acme.example")]), accepted);
    // A list given by flag replaces the environment's.
    let error = gateway(&["--allow-host", "x.example"], &[("BATON_ALLOW_HOST", "crm.acme.example")]).unwrap_err();
    assert!(error.starts_with("--domain: `crm.acme.example`"), "{error}");
    let error = gateway(&[], &[("BATON_ALLOW_HOST", "*.acme.example")]).unwrap_err();
    assert!(error.starts_with("BATON_ALLOW_HOST: `*.acme.example` is a pattern"), "{error}");
    let error = sync(&[&ORG[2..], &["--instance-url", "cs12.salesforce.com"]].concat(), &[]).unwrap_err();
    assert!(error.starts_with("--instance-url: `cs12.salesforce.com` is an instance"), "{error}");
}

#[test]
fn a_secret_on_the_command_line_warns() {
    assert_eq!(sync(&ORG, &[]).unwrap().warnings.len(), 1);
    assert!(!format!("{:?}", sync(&ORG, &[]).unwrap()).contains("canary"));
}

#[test]
fn the_keyring_is_a_place_where_the_program_is_built_with_it() {
    let kept = sync(&with(&["--login-store", "keyring"]), &[]);
    #[cfg(feature = "keyring")]
    assert_eq!(kept.unwrap().logins.place, StorePlace::Keyring);
    #[cfg(not(feature = "keyring"))]
    assert!(kept.unwrap_err().starts_with("--login-store: this program was built without the system's keyring"));
    let folder = sync(&with(&["--login-store", "./keyring"]), &[]).unwrap().logins.place;
    assert_eq!(folder, StorePlace::Folder(PathBuf::from("./keyring")));
}

#[test]
fn an_unknown_key_of_the_file_is_told_with_its_line() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "domain: acme\nsync-deactivated-user: true\n").unwrap();
    let matches = cli::command().try_get_matches_from(["x", "--config", file.path().to_str().unwrap()]).unwrap();
    let error = Raw::collect(&matches, |_| None).unwrap_err().to_string();
    assert!(error.contains("line 2") && error.contains("`sync-deactivated-users`?"), "{error}");
}

#[test]
fn durations_are_read() {
    assert_eq!(duration("50ms"), Ok(Duration::from_millis(50)));
    assert_eq!(duration("2m"), Ok(Duration::from_mins(2)));
    assert_eq!(duration("7"), Ok(Duration::from_secs(7)));
    for text in ["", "s", "0", "1.5s", "5 s", "-1s", "1d", "99999999999999999h"] {
        assert!(duration(text).is_err(), "{text}");
    }
}

#[test]
fn a_default_is_what_counts_where_nothing_is_given() {
    let without = format!("{:?}", sync(&ORG, &[]).unwrap());
    let messages = |arguments: &[&str]| raw(arguments, &[]).unwrap().messages().unwrap();
    for setting in cli::SETTINGS {
        let Some(default) = setting.default else { continue };
        let flag = format!("--{}={default}", setting.name);
        let line: Vec<_> = ORG.iter().copied().chain([flag.as_str()]).collect();
        // Sets are written in any order; this one is the same each time, since nothing here names kinds.
        let sorted = |text: &str| {
            let mut words: Vec<_> = text.split([',', '{', '}', '[', ']']).map(str::trim).map(str::to_owned).collect();
            words.sort_unstable();
            words
        };
        assert_eq!(sorted(&format!("{:?}", sync(&line, &[]).unwrap())), sorted(&without), "{flag}");
        assert_eq!(messages(&line), messages(&ORG), "{flag}");
    }
}

#[test]
fn every_value_that_is_listed_is_taken() {
    for setting in cli::SETTINGS {
        for value in setting.values.iter().filter(|_| setting.name != "auth-method") {
            // Some kinds are nothing without those that carry them.
            let more =
                if setting.name == "sync-resource-types" { ",profile,permission,permission_set_group" } else { "" };
            let flag = format!("--{}={value}{more}", setting.name);
            let line: Vec<_> = ORG.iter().copied().chain([flag.as_str()]).collect();
            assert!(raw(&line, &[]).unwrap().messages().is_ok() && sync(&line, &[]).is_ok(), "{flag}");
        }
    }
}

#[test]
fn a_value_that_is_nearly_right_is_answered_with_the_right_one() {
    for (flag, near) in [
        ("--log-format=jsn", "`json`?"),
        ("--log-level=wran", "`warn`?"),
        ("--auth-method=client-credential", "`client-credentials`?"),
        ("--sync-resource-types=user,rolle", "`role`?"),
    ] {
        let line = with(&[flag]);
        let error = raw(&line, &[]).and_then(|raw| raw.messages().and_then(|_| raw.sync())).unwrap_err().to_string();
        assert!(error.contains(near), "{error}");
    }
}
