use secrecy::ExposeSecret;

use super::*;

fn attempt() -> Attempt {
    let callback = Callback::parse(Callback::DEFAULT).unwrap();
    Attempt::new(&Domain::parse("acme").unwrap(), "3MVG9 id", &callback).unwrap()
}

fn parameter(attempt: &Attempt, name: &str) -> String {
    attempt.url().query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned()).unwrap()
}

#[test]
fn the_page_is_asked_for_with_all_that_it_needs() {
    let attempt = attempt();
    assert!(attempt.url().as_str().starts_with("https://acme.my.salesforce.com/services/oauth2/authorize?"));
    for (name, value) in [
        ("response_type", "code"),
        ("client_id", "3MVG9 id"),
        ("redirect_uri", "http://localhost:8499/callback"),
        ("code_challenge_method", "S256"),
    ] {
        assert_eq!(parameter(&attempt, name), value);
    }
    assert_eq!(parameter(&attempt, "code_challenge").len(), 43);
    assert!(parameter(&attempt, "state").len() >= 22);
    assert!(!attempt.url().as_str().contains(attempt.verifier.expose_secret()));
    assert!(!format!("{attempt:?}").contains(attempt.verifier.expose_secret()));
    assert_ne!(parameter(&attempt, "state"), parameter(&self::attempt(), "state"));
}

fn read(attempt: &Attempt, pasted: &str) -> Result<String, String> {
    attempt.read(pasted).map(|code| code.expose_secret().to_owned()).map_err(|error| error.to_string())
}

#[test]
fn what_is_pasted_is_read_in_every_form_that_a_browser_shows() {
    let attempt = attempt();
    let state = parameter(&attempt, "state");
    let code = Ok("aPrx.Ab_1==".to_owned());
    for pasted in [
        format!("http://localhost:8499/callback?code=aPrx.Ab_1%3D%3D&state={state}"),
        format!("  <http://localhost:8499/callback?state={state}&code=aPrx.Ab_1%3D%3D#x>\r\n"),
        format!("localhost:8499/callback?code=aPrx.Ab_1%3D%3D&state={state}"),
        format!("code=aPrx.Ab_1%3D%3D&state={state}"),
        "aPrx.Ab_1==".to_owned(),
        "aPrx.Ab_1%3D%3D".to_owned(),
    ] {
        assert_eq!(read(&attempt, &pasted), code, "{pasted}");
    }
    let other = "http://localhost:8499/callback?code=aPrx&state=other";
    assert!(read(&attempt, other).unwrap_err().contains("another login"));
    // Without a state nobody can say whose it is.
    assert!(read(&attempt, "http://localhost:8499/callback?code=aPrx").unwrap_err().contains("another login"));
    for pasted in ["", "yes please", "http://localhost:8499/callback", "https://acme.my.salesforce.com/x?y=z"] {
        assert!(read(&attempt, pasted).unwrap_err().contains("neither"), "{pasted}");
    }
    let denied = format!("?error=access_denied&error_description=end-user+denied+authorization&state={state}");
    assert!(read(&attempt, &denied).unwrap_err().contains("declined"));
    let blocked = "?error=OAUTH_APP_BLOCKED&error_description=this+app+is+blocked+by+admin";
    assert_eq!(read(&attempt, blocked).unwrap_err(), "OAUTH_APP_BLOCKED: this app is blocked by admin (HTTP 302)");
}

#[test]
fn a_callback_is_a_plain_url_and_stays_as_it_was_written() {
    for text in ["http://localhost:8499/callback", "http://localhost:8499", "https://acme.example/x", "http://[::1]:1/"]
    {
        assert_eq!(Callback::parse(text).unwrap().to_string(), text);
    }
    for text in ["", "localhost:8499", "ftp://x/", "http://localhost/?a=b", "http://a:b@localhost/", "http://x/#y"] {
        assert!(Callback::parse(text).is_err(), "{text}");
    }
    let here = |text: &str| Callback::parse(text).unwrap().addresses().len();
    assert_eq!((here("http://localhost:1/x"), here("http://127.0.0.1:1/"), here("http://[::1]:1/")), (2, 1, 1));
    assert_eq!((here("https://localhost:1/x"), here("http://acme.example/")), (0, 0));
}
