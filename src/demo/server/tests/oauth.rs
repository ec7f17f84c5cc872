//! Logging in and out.

use serde_json::json;

use super::*;

#[tokio::test]
async fn client_credentials_open_a_session() {
    let server = plain().await;
    let (id, secret) = (server.client_id().to_owned(), server.client_secret().to_owned());
    let form = format!("grant_type=client_credentials&client_id={id}&client_secret={secret}");
    let got = token(&server, &form).await;
    let body = got.json();
    assert_eq!((got.status, &body["instance_url"], &body["token_type"]), (200, &json!(server.url()), &json!("Bearer")));
    assert!(body.get("refresh_token").is_none());
    let access = body["access_token"].as_str().unwrap();
    assert!(access.starts_with(&format!("{}!", &server.org().id()[..15])));
    let info = send(&server, "GET", "/services/oauth2/userinfo", &format!("Authorization: Bearer {access}\r\n"), "")
        .await
        .json();
    assert_eq!(
        (&info["preferred_username"], &info["organization_id"]),
        (&json!("ada.admin@acme.example"), &json!(server.org().id()))
    );
    let identity = body["id"].as_str().unwrap().strip_prefix(server.url()).unwrap();
    let identity = send(&server, "GET", identity, &format!("Authorization: Bearer {access}\r\n"), "").await.json();
    assert_eq!(identity["user_id"], json!(server.org().user_id()));
}

#[tokio::test]
async fn credentials_may_come_as_basic() {
    let server = start(ServerOptions::default()).await;
    // Base64 without a crate: the bytes of the pair in groups of six bits.
    let pair = format!("{}:{}", server.client_id(), server.client_secret());
    let digits = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut basic = String::new();
    for chunk in pair.as_bytes().chunks(3) {
        let bits = chunk.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for digit in 0..4 {
            let value = bits >> (18 - 6 * digit) & 63;
            basic.push(if digit > chunk.len() { '=' } else { digits[value as usize] as char });
        }
    }
    let got = send(
        &server,
        "POST",
        "/services/oauth2/token",
        &format!("Authorization: Basic {basic}\r\n"),
        "grant_type=client_credentials",
    )
    .await;
    assert_eq!(got.status, 200, "{}", String::from_utf8_lossy(&got.body));
}

#[tokio::test]
async fn wrong_logins_are_told_as_salesforce_does() {
    let server = plain().await;
    let (id, secret, refresh) = (server.client_id(), server.client_secret(), server.refresh_token());
    let cases = [
        (
            format!("grant_type=client_credentials&client_id=x&client_secret={secret}"),
            "invalid_client_id",
            "client identifier invalid",
        ),
        (
            format!("grant_type=client_credentials&client_id={id}&client_secret=x"),
            "invalid_client",
            "invalid client credentials",
        ),
        (format!("grant_type=client_credentials&client_id={id}"), "invalid_client", "invalid client credentials"),
        (
            format!("grant_type=refresh_token&client_id={id}&refresh_token=x"),
            "invalid_grant",
            "expired access/refresh token",
        ),
        (
            format!("grant_type=refresh_token&client_id={id}&client_secret=x&refresh_token={refresh}"),
            "invalid_client",
            "invalid client credentials",
        ),
        (format!("grant_type=password&client_id={id}"), "unsupported_grant_type", "grant type not supported"),
    ];
    for (form, error, description) in cases {
        let got = token(&server, &form).await;
        assert_eq!((got.status, got.json()), (400, json!({"error": error, "error_description": description})));
    }
    let form = format!("grant_type=client_credentials&client_id={id}&client_secret={secret}");
    for (client_credentials, error, description) in [
        (ClientCredentials::WrongDomain, "invalid_grant", "request not supported on this domain"),
        (ClientCredentials::NoRunAsUser, "invalid_grant", "no client credentials user enabled"),
        (ClientCredentials::NotApproved, "invalid_app_access", "user is not admin approved to access this app"),
    ] {
        let server = start(ServerOptions { client_credentials, ..ServerOptions::default() }).await;
        let form = form.replace(id, server.client_id()).replace(secret, server.client_secret());
        assert_eq!(token(&server, &form).await.json(), json!({"error": error, "error_description": description}));
    }
}

#[tokio::test]
async fn refresh_tokens_rotate_if_told_to() {
    let server = plain().await;
    let form = |server: &Server, token: &str| {
        format!("grant_type=refresh_token&client_id={}&refresh_token={token}", server.client_id())
    };
    let old = server.refresh_token();
    for _ in 0..2 {
        let body = token(&server, &form(&server, &old)).await.json();
        assert!(body["access_token"].is_string() && body.get("refresh_token").is_none());
    }
    let server = start(ServerOptions { rotate_refresh_tokens: true, ..ServerOptions::default() }).await;
    let old = server.refresh_token();
    let new = token(&server, &form(&server, &old)).await.json()["refresh_token"].as_str().unwrap().to_owned();
    assert_eq!(new, server.refresh_token());
    assert_eq!(token(&server, &form(&server, &old)).await.json()["error_description"], "expired access/refresh token");
    assert_eq!(token(&server, &form(&server, &new)).await.status, 200);
}

#[tokio::test]
async fn sessions_end() {
    let server = start(ServerOptions { session_calls: Some(2), ..ServerOptions::default() }).await;
    let bearer = format!("Authorization: Bearer {}\r\n", server.access_token());
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(send(&server, "GET", "/services/data/v60.0/limits", &bearer, "").await.status);
    }
    assert_eq!(statuses, [200, 200, 401]);
    let bearer = server.access_token();
    let got = send(&server, "POST", "/services/oauth2/revoke", "", &format!("token={bearer}")).await;
    assert_eq!(got.status, 200);
    let bearer = format!("Authorization: Bearer {bearer}\r\n");
    assert_eq!(send(&server, "GET", "/services/data/v60.0/limits", &bearer, "").await.status, 401);
    let bearer = format!("Authorization: Bearer {}\r\n", server.access_token());
    server.expire_sessions();
    assert_eq!(send(&server, "GET", "/services/data/v60.0/limits", &bearer, "").await.status, 401);
}

#[tokio::test]
async fn a_cursor_can_belong_to_its_session() {
    let options = ServerOptions { locators_belong_to_session: true, page_size: Some(50), ..ServerOptions::default() };
    let server = start(options).await;
    let mine = format!("Authorization: Bearer {}\r\n", server.access_token());
    let got = send(&server, "GET", &query_path("SELECT Id FROM User"), &mine, "").await.json();
    let next = got["nextRecordsUrl"].as_str().unwrap();
    assert_eq!(get(&server, next, "").await.code(), "INVALID_QUERY_LOCATOR");
    assert_eq!(send(&server, "GET", next, &mine, "").await.status, 200);
}
