//! The login page, and what its codes are good for.

use super::*;

const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CALLBACK: &str = "http%3A%2F%2Flocalhost%3A8499%2Fcallback";

async fn post(server: &Server, form: &str) -> Got {
    let form = format!("client_id={}&redirect_uri={CALLBACK}&state=s1&{form}", server.client_id());
    send(server, "POST", "/services/oauth2/authorize", "Content-Type: application/x-www-form-urlencoded\r\n", &form)
        .await
}

/// Where the page sends the browser.
async fn back(server: &Server, form: &str) -> String {
    let got = post(server, form).await;
    assert_eq!(got.status, 302, "{}", String::from_utf8_lossy(&got.body));
    got.header("location").unwrap().to_owned()
}

async fn code(server: &Server, challenge: &str) -> String {
    let form = format!("response_type=code&username=ada.admin%40acme.example&answer=allow{challenge}");
    let location = back(server, &form).await;
    assert!(location.ends_with("&state=s1"), "{location}");
    location.split("code=").nth(1).unwrap().split('&').next().unwrap().to_owned()
}

async fn redeem(server: &Server, code: &str, more: &str) -> Got {
    let id = server.client_id();
    token(server, &format!("grant_type=authorization_code&client_id={id}&redirect_uri={CALLBACK}&code={code}{more}"))
        .await
}

#[tokio::test]
async fn a_code_is_good_once_and_with_its_verifier() {
    let server = plain().await;
    let challenge = format!("&code_challenge={CHALLENGE}&code_challenge_method=S256");
    let first = code(&server, &challenge).await;
    let body = redeem(&server, &first, &format!("&code_verifier={VERIFIER}")).await.json();
    assert!(server.knows(body["refresh_token"].as_str().unwrap()) && body["scope"] == "refresh_token id api");
    let error = |got: Got| got.json()["error_description"].as_str().unwrap().to_owned();
    assert_eq!(
        error(redeem(&server, &first, &format!("&code_verifier={VERIFIER}")).await),
        "expired authorization code"
    );
    for verifier in ["", "&code_verifier=x", &format!("&code_verifier={}", "x".repeat(43))] {
        let code = code(&server, &challenge).await;
        assert_eq!(error(redeem(&server, &code, verifier).await), "invalid code verifier", "{verifier}");
    }
    let code = code(&server, &challenge).await;
    let elsewhere = format!(
        "grant_type=authorization_code&client_id={}&redirect_uri=http%3A%2F%2Flocalhost%2F&code={code}&code_verifier={VERIFIER}",
        server.client_id()
    );
    assert_eq!(token(&server, &elsewhere).await.json()["error"], "redirect_uri_mismatch");
}

#[tokio::test]
async fn pkce_is_demanded_unless_it_is_optional() {
    let location = back(&plain().await, "response_type=code").await;
    assert!(location.contains("error=invalid_request&error_description=missing+required+code+challenge"), "{location}");
    let location = back(&plain().await, "response_type=token").await;
    assert!(location.contains("unsupported_response_type"), "{location}");
    let server = start(ServerOptions { require_pkce: false, ..ServerOptions::default() }).await;
    let code = code(&server, "").await;
    assert_eq!(redeem(&server, &code, "").await.status, 200);
}

#[tokio::test]
async fn to_an_address_that_is_not_the_apps_nothing_is_sent() {
    let registered =
        start(ServerOptions { callback: Some("http://localhost:1/x".to_owned()), ..ServerOptions::default() });
    let got = post(&registered.await, "response_type=code&answer=deny").await;
    assert_eq!((got.status, got.header("location")), (400, None));
    assert!(String::from_utf8_lossy(&got.body).contains("redirect_uri_mismatch"));
    let server = plain().await;
    for (client, uri) in [("x", CALLBACK), (server.client_id(), "https%3A%2F%2Fevil.example%2F")] {
        let path = format!("/services/oauth2/authorize?response_type=code&client_id={client}&redirect_uri={uri}");
        let got = send(&server, "GET", &path, "", "").await;
        assert_eq!((got.status, got.header("location")), (400, None), "{path}");
    }
}
