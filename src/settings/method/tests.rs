use super::super::tests::sync;
use super::super::{Source, SyncSettings};
use super::*;

/// The way to log in that comes of these settings, with an org and an app.
fn method(more: &[&str]) -> Result<(Method, Vec<String>), String> {
    let line = ["--domain", "acme", "--salesforce-client-id", "id"].iter().chain(more).copied().collect::<Vec<_>>();
    let SyncSettings { source, warnings, .. } = sync(&line, &[])?;
    match source {
        Source::Org { method, .. } => Ok((method, warnings)),
        #[cfg(feature = "demo")]
        Source::Demo(size) => panic!("{size}"),
    }
}

#[test]
fn each_way_to_log_in_needs_what_it_is_said_to_need() {
    let key = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(key.path(), crate::auth::jwt::tests::key()).unwrap();
    let value = |name: &str| if name.ends_with("-key") { key.path().display().to_string() } else { "acme".to_owned() };
    for login in cli::LOGINS {
        let all: Vec<_> = login.needs.iter().map(|name| (*name, format!("--{name}={}", value(name)))).collect();
        let given = |left_out: Option<&str>| {
            let method = ["--auth-method", login.name].into_iter();
            let flags = all.iter().filter(|(name, _)| Some(*name) != left_out).map(|(_, flag)| flag.as_str());
            sync(&method.chain(flags).collect::<Vec<_>>(), &[])
        };
        let settings = given(None).unwrap();
        assert!(matches!(&settings.source, Source::Org { method, .. } if method.name() == login.name));
        for name in login.needs {
            let error = given(Some(name)).unwrap_err();
            assert!(error.contains(&format!("--{name}")), "{error}");
        }
    }
}

#[test]
fn an_app_without_a_secret_is_for_people() {
    let method = |more: &[&str]| method(more).unwrap().0;
    assert!(matches!(method(&[]), Method::Stored { client_secret: None, .. }));
    assert!(matches!(method(&["--salesforce-client-secret", "x"]), Method::ClientCredentials { .. }));
    let named = ["--auth-method", "oauth-group", "--salesforce-client-secret", "x"];
    assert!(matches!(method(&named), Method::Stored { client_secret: Some(_), .. }));
    assert!(matches!(method(&["--salesforce-refresh-token", "x"]), Method::RefreshToken { .. }));
}

/// One secret for each way to log in, in a file.
const SECRETS: [(&str, &str); 4] = [
    ("--salesforce-access-token-file=nowhere", "access-token"),
    ("--salesforce-refresh-token-file=nowhere", "oauth"),
    ("--salesforce-private-key-file=nowhere", "jwt-bearer"),
    ("--salesforce-jwt-subject=ada@example.com", "jwt-bearer"),
];

#[test]
fn secrets_of_two_logins_contradict_each_other() {
    for (one, login) in SECRETS {
        for (other, _) in SECRETS.iter().filter(|(_, other)| *other != login) {
            let error = method(&[one, other]).unwrap_err();
            let flags = [one, other].map(|flag| flag.split('=').next().unwrap());
            assert!(flags.iter().all(|flag| error.contains(flag)) && error.contains("--auth-method"), "{error}");
        }
    }
    let secret = [("BATON_SALESFORCE_PRIVATE_KEY", "canary")];
    let error = sync(&["--domain", "acme", "--salesforce-access-token-file", "x"], &secret).unwrap_err();
    assert!(error.contains("BATON_SALESFORCE_PRIVATE_KEY is") || error.contains("BATON_SALESFORCE_PRIVATE_KEY for"));
    assert!(!error.contains("canary"), "{error}");
}

/// The other secrets are not even read: their files may not be there, and stdin is somebody's.
#[test]
fn a_login_that_is_named_is_made_whatever_else_is_given() {
    fn rest<'f>(login: &str) -> Vec<&'f str> {
        SECRETS.into_iter().filter(|(_, other)| *other != login).map(|(flag, _)| flag).collect()
    }
    let key = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(key.path(), crate::auth::jwt::tests::key()).unwrap();
    let key = format!("--salesforce-private-key={}", key.path().display());
    for (login, own) in [
        ("access-token", vec!["--salesforce-access-token=x"]),
        ("oauth", vec![]),
        ("jwt-bearer", vec![key.as_str(), "--salesforce-jwt-subject=ada@example.com"]),
        ("client-credentials", vec!["--salesforce-client-secret=x"]),
    ] {
        let name = format!("--auth-method={login}");
        let line: Vec<&str> = std::iter::once(name.as_str()).chain(own).chain(rest(login)).collect();
        let (method, warnings) = method(&line).unwrap();
        let warning = warnings.last().unwrap();
        assert_eq!(method.name(), login);
        for flag in rest(login) {
            assert!(warning.contains(flag.split('=').next().unwrap()), "{warning}");
        }
        assert!(warning.ends_with(&format!("not used by the login by `{login}`")), "{warning}");
    }
}

/// Hosts hand over all that they have of an app.
#[test]
fn the_app_beside_a_token_is_no_contradiction() {
    let app = [("BATON_SALESFORCE_CLIENT_ID", "id"), ("BATON_SALESFORCE_CLIENT_SECRET", "canary")];
    let token = ("BATON_SALESFORCE_ACCESS_TOKEN", "canary");
    let settings = sync(&["--domain", "acme"], &[app[0], app[1], token]).unwrap();
    assert!(matches!(&settings.source, Source::Org { method: Method::AccessToken(_), .. }));
    assert_eq!(settings.warnings, ["BATON_SALESFORCE_CLIENT_SECRET is not used by the login by `access-token`"]);
    assert_eq!(sync(&["--domain", "acme"], &[app[0], token]).unwrap().warnings, [""; 0]);
}

#[test]
fn a_place_for_a_token_that_never_comes_is_told() {
    let settings = sync(
        &["--domain", "acme", "--salesforce-access-token-file", "t", "--refresh-token-out", "x"],
        &[("BATON_SALESFORCE_ACCESS_TOKEN_FILE", "nowhere")],
    );
    assert!(settings.unwrap_err().contains("--salesforce-access-token-file"));
    let line = ["--domain", "acme", "--salesforce-client-id", "id", "--refresh-token-out", "x"];
    let settings = sync(&line, &[("BATON_SALESFORCE_CLIENT_SECRET", "x")]).unwrap();
    assert_eq!(settings.warnings, ["--refresh-token-out is not used by the login by `client-credentials`"]);
    assert!(settings.refresh_token_out.is_none());
}

#[cfg(feature = "demo")]
#[test]
fn the_demo_org_brings_its_own_login() {
    let demo = |arguments: &[&str]| sync(arguments, &[("BATON_DOMAIN", "acme"), ("BATON_SALESFORCE_PRIVATE_KEY", "x")]);
    let settings = demo(&["--demo=mid"]).unwrap();
    assert!(matches!(&settings.source, Source::Demo(size) if size == "mid"));
    assert_eq!(settings.file.to_str(), Some("demo.json"));
    assert!(matches!(demo(&["--demo"]).unwrap().source, Source::Demo(size) if size == "small"));
    for name in LOGINS.iter().flat_map(Login::settings) {
        let flag = format!("--{name}=x");
        let error = sync(&["--demo", &flag], &[]).unwrap_err();
        assert!(error.contains("exclude each other") && error.contains(&format!("--{name}")), "{error}");
        // A flag beats the environment, which way ever.
        assert!(!matches!(
            sync(&[&flag], &[("BATON_DEMO", "small")]),
            Ok(SyncSettings { source: Source::Demo(_), .. })
        ));
    }
}
