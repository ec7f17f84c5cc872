//! What Salesforce's refusals of a login mean, and what to change where: one table, for the token endpoint's answers and
//! for those that the browser comes back with.
//!
//! Salesforce tells many reasons by one code (`invalid_grant`), and then by `error_description`, which it does not
//! translate: the table is asked by both. What is not in it is shown in Salesforce's own words alone. Sources: Salesforce
//! help, "OAuth 2.0 Authorization Errors"; answers that users of other clients have reported.

/// What a refusal is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// What was given, or how the org is set up.
    Setup,
    /// A token or code that works no more.
    Ended,
    /// Too many logins.
    TooMany,
    /// Nothing that lasts.
    Passing,
}

/// A reason to refuse a login.
#[derive(Debug, PartialEq, Eq)]
pub struct Reason {
    /// The codes that mean this alone, in small letters.
    pub codes: &'static [&'static str],
    /// Parts of descriptions that mean this whatever the code, in small letters.
    pub phrases: &'static [&'static str],
    /// What it is about.
    pub kind: Kind,
    /// What it means.
    pub meaning: &'static str,
    /// What to change, and where.
    pub advice: &'static str,
}

impl Reason {
    /// The reason that Salesforce tells with this `error` and `error_description`, if it is a known one.
    pub fn of(error: &str, description: &str) -> Option<&'static Self> {
        // The code and the apostrophe are written in two ways.
        let error = error.to_ascii_lowercase().replace('-', "_");
        let description = description.to_lowercase().replace('\u{2019}', "'");
        REASONS.iter().find(|reason| {
            reason.codes.contains(&error.as_str()) || reason.phrases.iter().any(|phrase| description.contains(phrase))
        })
    }
}

const fn setup(
    codes: &'static [&'static str],
    phrases: &'static [&'static str],
    meaning: &'static str,
    advice: &'static str,
) -> Reason {
    Reason { codes, phrases, kind: Kind::Setup, meaning, advice }
}

/// Puts the place of an app's settings before what is to be found there.
macro_rules! in_the_app {
    ($text:literal) => {
        concat!("Setup \u{2192} External Client App Manager \u{2192} (the app) \u{2192} ", $text)
    };
}

/// All that are known. The first that fits counts: a code that says little comes last.
pub const REASONS: &[Reason] = &[
    setup(
        &["invalid_client_id"],
        &["client identifier invalid"],
        "no app with this consumer key is known at this address",
        "check --salesforce-client-id (the consumer key), and that --domain is the org that the app belongs to; a new app \
         takes up to ten minutes until it is known everywhere",
    ),
    setup(
        &["invalid_client", "invalid_client_credentials"],
        &["invalid client credentials"],
        "the consumer secret is not this app's, or the app demands one and none was given",
        concat!(
            "check the consumer secret: ",
            in_the_app!("Settings \u{2192} OAuth Settings \u{2192} Consumer Key and Secret")
        ),
    ),
    setup(
        &[],
        &["no client credentials user enabled"],
        "the app has no user to act as",
        concat!(
            "choose a run-as user: ",
            in_the_app!("Policies \u{2192} OAuth Policies \u{2192} Enable Client Credentials Flow, Run As")
        ),
    ),
    setup(
        &[],
        &["request not supported on this domain"],
        "client credentials work at the org's My Domain alone, not where everybody logs in",
        "give the org's My Domain as --domain: Setup \u{2192} My Domain \u{2192} Current My Domain URL",
    ),
    setup(
        &["invalid_app_access", "oauth_app_access_denied"],
        &["not admin approved"],
        "the app lets in users whom an admin has approved for it, and this user is none of them",
        concat!(
            "add a permission set or the profile of the user: ",
            in_the_app!("Policies \u{2192} App Policies, Select Profiles or Select Permission Sets")
        ),
    ),
    setup(
        &[],
        &["hasn't approved this consumer", "has not approved this consumer"],
        "nobody has approved the app for this user, and this login asks nobody",
        concat!(
            "choose \u{201c}Admin approved users are pre-authorized\u{201d} under Permitted Users and add a permission set of \
             the user: ",
            in_the_app!("Policies"),
            "; or let the user log in once with a browser"
        ),
    ),
    setup(
        &["oauth_authorization_blocked"],
        &["cross-org oauth flows are not supported"],
        "the app is for its own org alone (its distribution state is Local), and this is another one",
        "make an External Client App in this org, or give the app's own org as --domain",
    ),
    setup(
        &["app_not_found", "oauth_ec_app_not_found"],
        &["app is not installed in this org"],
        "the app is not in this org; a sandbox that was refreshed can have lost its own",
        "make an External Client App in this org and give its consumer key, or give the app's own org as --domain, by its \
         My Domain and not where everybody logs in",
    ),
    setup(
        &["oauth_app_blocked"],
        &["blocked by admin"],
        "an admin has blocked the app, or API Access Control admits only apps that were approved",
        "have it unblocked: Setup \u{2192} Connected Apps OAuth Usage \u{2192} (the app) \u{2192} Unblock; or approved: Setup \u{2192} \
         API Access Control",
    ),
    setup(
        &["oauth_approval_error_generic"],
        &["unexpected error has occured during authentication", "unexpected error has occurred during authentication"],
        "Salesforce does not say why; most often the app is not installed in the org, and since September 2025 users \
         cannot approve such apps by themselves",
        "use an External Client App of this org, or have the app installed: Setup \u{2192} Connected Apps OAuth Usage \u{2192} (the \
         app) \u{2192} Install; Setup \u{2192} Login History may say more",
    ),
    setup(
        &[],
        &["required code challenge", "invalid code challenge"],
        "the app demands PKCE, and the challenge that this program sends has not arrived",
        "open the whole address, as it was printed",
    ),
    setup(
        &["redirect_uri_mismatch"],
        &["redirect_uri must match"],
        "the app is not registered with the callback that was sent, which must be the same to the letter",
        concat!(
            "register http://localhost:8499/callback: ",
            in_the_app!("Settings \u{2192} OAuth Settings \u{2192} Callback URL"),
            "; or give one that is registered there as --callback-url"
        ),
    ),
    setup(
        &["unsupported_grant_type", "unsupported_response_type", "unauthorized_client"],
        &["grant type not supported", "response type not supported"],
        "the app does not have this way to log in",
        concat!(
            "switch it on: ",
            in_the_app!("Settings \u{2192} OAuth Settings \u{2192} Flow Enablement"),
            ", and where it is client credentials also under Policies"
        ),
    ),
    setup(
        &["invalid_scope"],
        &["scope is not allowed"],
        "the app does not have a scope that is asked for",
        concat!(
            "add \u{201c}Manage user data via APIs (api)\u{201d} and, for logins with a browser, \u{201c}Perform requests at any time \
             (refresh_token, offline_access)\u{201d}: ",
            in_the_app!("Settings \u{2192} OAuth Settings \u{2192} OAuth Scopes")
        ),
    ),
    setup(
        &["inactive_user"],
        &["inactive user"],
        "the user is deactivated or frozen",
        "activate or unfreeze the user: Setup \u{2192} Users \u{2192} (the user); or log in as another one",
    ),
    setup(
        &["inactive_org"],
        &["inactive organization", "inactive org"],
        "the org is closed: its trial has ended, it is suspended, or the sandbox is deleted or being refreshed",
        "open it in a browser; if that fails as well, Salesforce's support can tell its state (status.salesforce.com)",
    ),
    setup(
        &[],
        &["ip restricted"],
        "the org does not let the user in from this machine's address",
        concat!(
            "add the address: Setup \u{2192} Profiles \u{2192} (the user's) \u{2192} Login IP Ranges; or relax it for the app: ",
            in_the_app!("Policies \u{2192} OAuth Policies \u{2192} IP Relaxation")
        ),
    ),
    setup(
        &[],
        &["audience is invalid", "audience validation failed", "invalid audience"],
        "the assertion is made out to another login server than the one that got it",
        "the audience is https://login.salesforce.com for production, https://test.salesforce.com for sandboxes, or the \
         org's My Domain URL, and for users of an Experience Cloud site the site that --salesforce-token-url names; \
         check --domain, or give it as --salesforce-login-url",
    ),
    setup(
        &["invalid_assertion"],
        &["invalid assertion"],
        "the signature does not belong to the certificate that the app has, or this machine's clock is wrong",
        concat!(
            "upload the certificate of this private key: ",
            in_the_app!("Settings \u{2192} OAuth Settings \u{2192} Flow Enablement, Enable JWT Bearer Flow"),
            "; and check the clock"
        ),
    ),
    Reason {
        codes: &["login_rate_exceeded"],
        phrases: &["login rate exceeded"],
        kind: Kind::TooMany,
        meaning: "the user has logged in too often within an hour",
        advice: "wait an hour; where logins are kept (--login-store), runs share one token instead of logging in each",
    },
    Reason {
        codes: &[],
        phrases: &["expired access/refresh token"],
        kind: Kind::Ended,
        meaning: "the refresh token was used up, revoked, or is too old; of one user and app, Salesforce keeps the five \
                  latest",
        advice: "log in anew and give the new refresh token; where tokens rotate, each one works once \
                 (--refresh-token-out)",
    },
    Reason {
        codes: &[],
        phrases: &["expired authorization code", "invalid authorization code", "invalid code verifier"],
        kind: Kind::Ended,
        meaning: "the code was used already, is older than a few minutes, or belongs to another attempt",
        advice: "log in again, and go on with the page of the latest attempt",
    },
    Reason {
        codes: &[],
        phrases: &["authentication failure"],
        kind: Kind::Ended,
        meaning: "Salesforce does not say why: the user may be locked or frozen, outside the login hours, or have got \
                  another password",
        advice: "Setup \u{2192} Users \u{2192} (the user) \u{2192} Login History says why",
    },
    Reason {
        codes: &["unknown_error", "server_error", "temporarily_unavailable"],
        phrases: &["retry your request"],
        kind: Kind::Passing,
        meaning: "Salesforce could not answer this time",
        advice: "run it again; see status.salesforce.com",
    },
    Reason {
        codes: &["invalid_grant"],
        phrases: &[],
        kind: Kind::Ended,
        meaning: "what was sent is not good for a login",
        advice: "check that the user is active and may use the app, and the app's policies; Setup \u{2192} Login History says \
                 why",
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_reason_stands_in_the_way_of_another() {
        for reason in REASONS {
            for code in reason.codes {
                assert_eq!(Reason::of(&code.to_uppercase(), ""), Some(reason), "{code}");
                assert_eq!(Reason::of(&code.replace('_', "-"), "x"), Some(reason), "{code}");
            }
            for phrase in reason.phrases {
                let told = format!("{}{}.", phrase[..1].to_uppercase(), &phrase[1..].replace('\'', "\u{2019}"));
                assert_eq!(Reason::of("invalid_grant", &told), Some(reason), "{phrase}");
            }
        }
        assert_eq!(Reason::of("brand_new", "never heard of"), None);
    }
}
