//! The JWT bearer login: an assertion that the app's private key signs, in place of a password.
//!
//! `iss` is the app's consumer key, `sub` the username, `aud` the login host (Salesforce Help, "OAuth 2.0 JWT Bearer Flow
//! for Server-to-Server Integration"). Salesforce takes assertions that end within three minutes.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use rustls_pki_types::PrivateKeyDer;
use rustls_pki_types::pem::{self, PemObject};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use crate::net::{Domain, TokenHost};

/// With which PEM begins.
const BEGIN: &str = "-----BEGIN";

/// How long an assertion is good, in seconds: less than three minutes, so that a clock that is somewhat ahead does no harm.
pub(super) const LIFE: i64 = 170;

/// Whether an assertion of a machine whose clock is so many seconds ahead is past its end by Salesforce's clock, or ends
/// later than in three minutes; with some seconds for the way there.
pub(super) fn is_spoilt(ahead: i64) -> bool {
    !(5..=178).contains(&(LIFE + ahead))
}

/// Why a private key cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// It asks for a passphrase.
    #[error(
        "the private key is encrypted; write it out without its passphrase: `openssl rsa -in KEY.pem -out PLAIN.pem`, and \
         keep that file to yourself (chmod 600)"
    )]
    Encrypted,
    /// The other half.
    #[error("this is a {0}, and the login needs the private key that belongs to it (`-----BEGIN PRIVATE KEY-----`)")]
    Public(&'static str),
    /// Not RSA.
    #[error(
        "the private key is not an RSA one: Salesforce takes RS256 alone; make one with `openssl genrsa -out KEY.pem 2048`"
    )]
    NotRsa,
    /// Weak.
    #[error("the private key is too short: 2,048 bits are the least; make one with `openssl genrsa -out KEY.pem 2048`")]
    Short,
    /// DER, PKCS#12, a Java key store.
    #[error(
        "this is no text, and a key in PEM is needed: `openssl pkcs12 -in KEY.p12 -nocerts -nodes -out KEY.pem` writes it \
         out of a PKCS#12 file, `openssl pkey -inform DER -in KEY.der -out KEY.pem` out of DER"
    )]
    Binary,
    /// Nothing of the kind.
    #[error(
        "there is no private key in it: a PEM file with `-----BEGIN PRIVATE KEY-----` or `-----BEGIN RSA PRIVATE KEY-----` is needed"
    )]
    None,
    /// Damaged.
    #[error("the private key is damaged: {0}")]
    Damaged(String),
}

/// What signs assertions.
#[derive(Clone)]
pub struct PrivateKey(SecretString);

impl PrivateKey {
    /// Reads a key: PKCS#1 or PKCS#8 in PEM, with any text around it and any line ends, or all of that in Base64.
    pub fn parse(given: &SecretString) -> Result<Self, KeyError> {
        let unpacked = unpacked(given.expose_secret());
        let pem = unpacked.as_ref().unwrap_or(given);
        let text = pem.expose_secret();
        if text.contains("BEGIN ENCRYPTED PRIVATE KEY") || text.contains("Proc-Type: 4,ENCRYPTED") {
            return Err(KeyError::Encrypted);
        }
        let pem = unfolded(pem);
        key_pair(pem.expose_secret())?;
        Ok(Self(pem))
    }

    /// The key as it was given.
    pub(super) fn secret(&self) -> &SecretString {
        &self.0
    }

    /// An assertion that `client_id` may act as `subject`, good until `expires_at` (seconds since 1970).
    pub(super) fn assertion(
        &self,
        client_id: &str,
        subject: &str,
        audience: &str,
        expires_at: i64,
    ) -> Result<SecretString, KeyError> {
        let encode = |part: serde_json::Value| URL_SAFE_NO_PAD.encode(part.to_string());
        let claims = json!({ "iss": client_id, "sub": subject, "aud": audience, "exp": expires_at });
        let signed = format!("{}.{}", encode(json!({ "alg": "RS256", "typ": "JWT" })), encode(claims));
        let key = key_pair(self.0.expose_secret())?;
        let mut signature = vec![0; key.public_modulus_len()];
        key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature)
            .map_err(|_| damaged("it cannot sign"))?;
        Ok(SecretString::from(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))))
    }
}

impl std::fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PrivateKey")
    }
}

/// Whether it is a key's text, and not the name of a file.
pub(crate) fn is_pem(text: &str) -> bool {
    text.contains(BEGIN) || unpacked(text).is_some()
}

/// What stores of secrets and hosts pack into Base64 as a whole, so that its lines survive; some with the head of a
/// `data:` URL before it. `None` where it is nothing of the kind.
fn unpacked(text: &str) -> Option<SecretString> {
    if text.contains(BEGIN) {
        return None;
    }
    let packed = text.trim().trim_matches(['"', '\'']);
    let packed =
        packed.strip_prefix("data:").map_or(Some(packed), |data| data.split_once(";base64,").map(|(_, d)| d))?;
    // Lines are broken at any place, and some leave the padding out or use the alphabet of URLs.
    let standard = |c: char| match c {
        '-' => '+',
        '_' => '/',
        other => other,
    };
    let packed: String = packed.split_whitespace().flat_map(str::chars).map(standard).collect();
    let unpacked = STANDARD_NO_PAD.decode(packed.trim_end_matches('=')).ok()?;
    let unpacked = String::from_utf8(unpacked).ok().filter(|text| text.contains(BEGIN))?;
    Some(SecretString::from(unpacked))
}

/// What passes through an environment often comes on one line: with `\n` for its line ends, or with blanks, or in quotes.
fn unfolded(pem: &SecretString) -> SecretString {
    let text = pem.expose_secret().trim();
    if text.contains('\n') {
        let quoted = text.strip_prefix(['"', '\'']).and_then(|text| text.strip_suffix(['"', '\'']));
        return quoted.map_or_else(|| pem.clone(), SecretString::from);
    }
    let text = text.replace("\\r", "").replace("\\n", "\n");
    let (Some(begin), Some(end)) = (text.find(BEGIN), text.rfind("-----END")) else { return pem.clone() };
    // After `-----BEGIN … KEY-----`.
    let Some(head) =
        text[begin + BEGIN.len()..].find("-----").map(|at| begin + BEGIN.len() + 5 + at).filter(|head| *head <= end)
    else {
        return pem.clone();
    };
    let lines = text[head..end].split_whitespace().collect::<Vec<_>>().join("\n");
    let tail = text[end..].trim_end_matches(['"', '\'']);
    SecretString::from(format!("{}\n{lines}\n{tail}\n", &text[begin..head]))
}

fn damaged(why: &str) -> KeyError {
    KeyError::Damaged(why.to_owned())
}

fn key_pair(text: &str) -> Result<RsaKeyPair, KeyError> {
    let der = match PrivateKeyDer::from_pem_slice(text.as_bytes()) {
        Ok(der) => der,
        Err(pem::Error::NoItemsFound) => return Err(other_than_a_key(text)),
        // Its own text shows what stands there.
        Err(pem::Error::MissingSectionEnd { .. }) => return Err(damaged("its last line is missing")),
        Err(pem::Error::IllegalSectionStart { .. }) => return Err(damaged("its first line is not whole")),
        Err(_) => return Err(damaged("what stands between its first and its last line is no Base64")),
    };
    let parsed = match &der {
        PrivateKeyDer::Pkcs1(der) => RsaKeyPair::from_der(der.secret_pkcs1_der()),
        PrivateKeyDer::Pkcs8(der) => RsaKeyPair::from_pkcs8(der.secret_pkcs8_der()),
        _ => return Err(KeyError::NotRsa),
    };
    parsed.map_err(|error| match error.to_string() {
        // A key of another kind, in the same wrapping.
        text if text == "WrongAlgorithm" => KeyError::NotRsa,
        text if text == "TooSmall" => KeyError::Short,
        text => damaged(&text),
    })
}

fn other_than_a_key(text: &str) -> KeyError {
    if text.contains("BEGIN CERTIFICATE") {
        KeyError::Public("certificate")
    } else if text.contains("PUBLIC KEY") || text.trim_start().starts_with("ssh-rsa ") {
        KeyError::Public("public key")
    } else if text.contains("BEGIN OPENSSH PRIVATE KEY") {
        KeyError::NotRsa
    } else {
        KeyError::None
    }
}

/// Whom an assertion is made out to, where nobody names anybody, in the order in which they are tried: the login host,
/// as Salesforce's help says; and the org's own address, without which many External Client Apps take none since the
/// login hosts no longer lead to orgs (Spring '26; so reported by users of other clients). A site of Experience Cloud
/// takes those alone that are made out to itself.
pub(super) fn audiences(domain: &Domain, host: &TokenHost) -> Vec<String> {
    if host.is_site() {
        return vec![host.to_string()];
    }
    let first = if host.domain().is_login_host() { host.to_string() } else { audience(domain) };
    let mut audiences = vec![first, domain.origin().to_owned()];
    audiences.dedup();
    audiences
}

/// That of sandboxes for a sandbox, of China for China, and of production for all other orgs, those on Government Cloud
/// among them.
fn audience(domain: &Domain) -> String {
    let host = domain.host();
    let name = host.split(':').next().unwrap_or(&host);
    if domain.is_login_host() {
        return domain.origin().to_owned();
    }
    if name.ends_with(".sfcrmproducts.cn") {
        return "https://login.sfcrmproducts.cn".to_owned();
    }
    let labels: Vec<&str> = name.split('.').collect();
    let is_sandbox = labels.first().is_some_and(|label| label.contains("--"))
        || labels.iter().any(|label| matches!(*label, "sandbox" | "scratch"));
    let login = if is_sandbox { "https://test.salesforce.com" } else { "https://login.salesforce.com" };
    login.to_owned()
}

#[cfg(test)]
pub(crate) mod tests {
    use aws_lc_rs::encoding::AsDer;
    use aws_lc_rs::rsa::KeySize;
    use aws_lc_rs::signature::{KeyPair, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
    use base64::engine::general_purpose::STANDARD;

    use super::*;
    use crate::net::AllowedHosts;

    fn pem(label: &str, der: &[u8]) -> String {
        format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", wrapped(&STANDARD.encode(der), 64))
    }

    fn wrapped(text: &str, columns: usize) -> String {
        let lines: Vec<&str> = text.as_bytes().chunks(columns).map(|line| std::str::from_utf8(line).unwrap()).collect();
        lines.join("\n")
    }

    /// A new key, in PEM.
    pub(crate) fn key() -> String {
        let key = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
        pem("PRIVATE KEY", AsDer::<aws_lc_rs::encoding::Pkcs8V1Der<'_>>::as_der(&key).unwrap().as_ref())
    }

    /// PKCS#8 holds the PKCS#1 form at its end.
    fn pkcs1(pkcs8: &[u8]) -> &[u8] {
        let at = pkcs8.windows(2).skip(4).position(|two| two == [0x04, 0x82]).unwrap() + 4;
        &pkcs8[at + 4..]
    }

    fn parse(text: &str) -> Result<PrivateKey, KeyError> {
        PrivateKey::parse(&SecretString::from(text))
    }

    #[test]
    fn both_forms_sign_with_text_around_and_any_line_ends() {
        let key = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
        let der = AsDer::<aws_lc_rs::encoding::Pkcs8V1Der<'_>>::as_der(&key).unwrap();
        let pkcs8 = pem("PRIVATE KEY", der.as_ref());
        let forms = [
            pkcs8.clone(),
            pem("RSA PRIVATE KEY", pkcs1(der.as_ref())),
            pkcs8.replace('\n', "\r\n"),
            format!("Bag Attributes\n    friendlyName: x\n\n{pkcs8}\ntrailing text\n"),
            pkcs8.replace('\n', "\\n"),
            pkcs8.replace('\n', "\\r\\n"),
            pkcs8.trim().replace('\n', " "),
            format!("\"{}\"", pkcs8.trim().replace('\n', "\\n")),
            format!("\"{}\"", pkcs8.trim()),
            STANDARD.encode(&pkcs8),
            format!("{}\n", STANDARD.encode(&pkcs8)),
            format!("'{}'", URL_SAFE_NO_PAD.encode(pkcs8.replace('\n', "\r\n"))),
            wrapped(&STANDARD.encode(&pkcs8), 76),
            format!("data:application/json;base64,{}", STANDARD.encode(&pkcs8)),
            format!("data:;base64,{}", STANDARD.encode(format!("Bag Attributes\n{pkcs8}"))),
        ];
        for form in forms {
            let assertion = parse(&form).unwrap().assertion("ID", "ada@example.com", "https://login", 7).unwrap();
            let (signed, signature) = assertion.expose_secret().rsplit_once('.').unwrap();
            let public = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key.public_key().as_ref());
            public.verify(signed.as_bytes(), &URL_SAFE_NO_PAD.decode(signature).unwrap()).unwrap();
            let claims = URL_SAFE_NO_PAD.decode(signed.split_once('.').unwrap().1).unwrap();
            let claims: serde_json::Value = serde_json::from_slice(&claims).unwrap();
            let expected = json!({"iss": "ID", "sub": "ada@example.com", "aud": "https://login", "exp": 7});
            assert_eq!(claims, expected);
            assert!(!format!("{:?}", parse(&form)).contains("BEGIN"));
        }
    }

    #[test]
    fn what_is_no_private_key_is_told_apart() {
        let whole = key();
        for (text, expected) in [
            (pem("ENCRYPTED PRIVATE KEY", b"x"), KeyError::Encrypted),
            ("-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nAAAA\n".to_owned(), KeyError::Encrypted),
            ("-----BEGIN RSA PRIVATE KEY----- Proc-Type: 4,ENCRYPTED AA= -----END RSA".to_owned(), KeyError::Encrypted),
            (pem("CERTIFICATE", b"x"), KeyError::Public("certificate")),
            (pem("PUBLIC KEY", b"x"), KeyError::Public("public key")),
            ("ssh-rsa AAAA ada".to_owned(), KeyError::Public("public key")),
            (pem("EC PRIVATE KEY", b"x"), KeyError::NotRsa),
            (pem("OPENSSH PRIVATE KEY", b"x"), KeyError::NotRsa),
            (String::new(), KeyError::None),
            (STANDARD.encode(pem("ENCRYPTED PRIVATE KEY", b"x")), KeyError::Encrypted),
            (STANDARD.encode(pem("CERTIFICATE", b"x")), KeyError::Public("certificate")),
            ("data:text/plain,x".to_owned(), KeyError::None),
            ("hello".to_owned(), KeyError::None),
        ] {
            assert_eq!(parse(&text).unwrap_err(), expected, "{text}");
        }
        for damaged in [pem("PRIVATE KEY", b"x"), whole.replace("-----END", "-----FIN"), whole.replacen('M', "!", 1)] {
            assert!(matches!(parse(&damaged), Err(KeyError::Damaged(_) | KeyError::None)), "{damaged}");
        }
    }

    #[test]
    fn a_clock_is_wrong_where_an_assertion_is_not_good_by_the_other_one() {
        for (ahead, expected) in
            [(0, false), (8, false), (12, true), (45, true), (-60, false), (-160, false), (-170, true), (-9999, true)]
        {
            assert_eq!(is_spoilt(ahead), expected, "{ahead}");
        }
    }

    #[test]
    fn the_audience_follows_from_the_org() {
        for (domain, expected) in [
            ("acme", "https://login.salesforce.com"),
            ("acme-dev-ed.develop.my.salesforce.com", "https://login.salesforce.com"),
            ("acme--uat.sandbox.my.salesforce.com", "https://test.salesforce.com"),
            ("acme--uat.my.salesforce.com", "https://test.salesforce.com"),
            ("acme-1.scratch.my.salesforce.com", "https://test.salesforce.com"),
            ("acme.my.salesforce.mil", "https://login.salesforce.com"),
            ("acme.my.sfcrmproducts.cn", "https://login.sfcrmproducts.cn"),
            ("https://login.salesforce.com", "https://login.salesforce.com"),
            ("https://test.salesforce.com", "https://test.salesforce.com"),
            ("http://127.0.0.1:8080", "https://login.salesforce.com"),
        ] {
            assert_eq!(audience(&Domain::parse(domain).unwrap()), expected, "{domain}");
        }
        let audiences = |domain: &str, host: &str| {
            audiences(&Domain::parse(domain).unwrap(), &TokenHost::parse(host, &AllowedHosts::default()).unwrap())
        };
        let (uat, home) = ("acme--uat.sandbox", "https://acme--uat.sandbox.my.salesforce.com");
        for (domain, host, expected) in [
            (uat, uat, vec!["https://test.salesforce.com", home]),
            ("login", "login", vec!["https://login.salesforce.com"]),
            // An org that is asked elsewhere.
            (uat, "https://test.salesforce.com", vec!["https://test.salesforce.com", home]),
            (uat, "https://login.salesforce.com", vec!["https://login.salesforce.com", home]),
            ("acme.my.salesforce.mil", "https://login.salesforce.mil", {
                vec!["https://login.salesforce.mil", "https://acme.my.salesforce.mil"]
            }),
            (uat, "https://acme--uat.sandbox.my.site.com/p", vec!["https://acme--uat.sandbox.my.site.com/p"]),
        ] {
            assert_eq!(audiences(domain, host), expected, "{domain} {host}");
        }
    }
}
