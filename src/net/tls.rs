//! Whom this machine believes over TLS: the authorities of its system, and those that a person adds. A certificate that
//! is not accepted is told with its issuer: that names the proxy that opens TLS.

use std::fmt;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, OtherError, RootCertStore, SignatureScheme};
use rustls_platform_verifier::Verifier;
use x509_cert::Certificate;
use x509_cert::der::Decode;

use super::error::{CertificateProblem, plain};
use super::http::SetupError;
use crate::time::Timestamp;

/// Authorities that are believed beside the system's.
#[derive(Clone, Default)]
pub struct Authorities(Vec<CertificateDer<'static>>);

impl Authorities {
    /// Reads a file of certificates in the PEM form.
    pub fn read(path: &str) -> Result<Self, String> {
        let text = std::fs::read(path).map_err(|error| format!("cannot read `{path}`: {error}"))?;
        let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
        let certificates = certificates.map_err(|error| format!("`{path}` is malformed: {error}"))?;
        if certificates.is_empty() {
            // The other usual form begins so.
            let is_der = Certificate::from_der(&text).is_ok();
            let hint = format!("; this makes one of it: openssl x509 -inform der -in {path} -out {path}.pem");
            let hint = if is_der { hint.as_str() } else { "" };
            return Err(format!("`{path}` holds no certificate in the PEM form (BEGIN CERTIFICATE){hint}"));
        }
        for certificate in &certificates {
            let added = RootCertStore::empty().add(certificate.clone());
            added.map_err(|error| format!("`{path}` holds a certificate that cannot be used: {error}"))?;
        }
        Ok(Self(certificates))
    }
}

impl fmt::Debug for Authorities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} more authorities", self.0.len())
    }
}

/// TLS with these authorities and the system's.
pub(super) fn config(more: &Authorities) -> Result<ClientConfig, SetupError> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let verifier = Explaining::new(more, &provider)?;
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    let mut config = builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier)).with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// The system's judgement, in words that name the issuer.
#[derive(Debug)]
struct Explaining(Verifier);

impl Explaining {
    fn new(more: &Authorities, provider: &Arc<CryptoProvider>) -> Result<Self, SetupError> {
        let verifier = if more.0.is_empty() {
            Verifier::new(Arc::clone(provider))
        } else {
            Verifier::new_with_extra_roots(more.0.iter().cloned(), Arc::clone(provider))
        };
        verifier.map(Self).map_err(|error| match error {
            // It has no kind of its own, and nothing else is told so.
            rustls::Error::General(_) => SetupError::no_authorities(),
            error => SetupError::Tls(error),
        })
    }
}

impl ServerCertVerifier for Explaining {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let verified = self.0.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now);
        verified.map_err(|error| match error {
            rustls::Error::InvalidCertificate(why) => {
                let refused = Refused::new(&why, end_entity, server_name);
                rustls::Error::InvalidCertificate(CertificateError::Other(OtherError(Arc::new(refused))))
            }
            error => error,
        })
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.0.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.0.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_verify_schemes()
    }
}

/// A certificate that was not accepted.
#[derive(Debug, thiserror::Error)]
#[error("the certificate of {host}, issued by \u{201c}{issuer}\u{201d}, {why}")]
pub(super) struct Refused {
    pub(super) problem: CertificateProblem,
    host: String,
    issuer: String,
    why: String,
}

impl Refused {
    fn new(error: &CertificateError, certificate: &CertificateDer<'_>, host: &ServerName<'_>) -> Self {
        let parsed = Certificate::from_der(certificate).ok();
        let issuer = parsed.map(|certificate| plain(&certificate.tbs_certificate().issuer().to_string()));
        let day = |time: &UnixTime| {
            let millis = i64::try_from(time.as_secs()).unwrap_or(i64::MAX / 1000).saturating_mul(1000);
            Timestamp::from_millis(millis).to_string()
        };
        let (problem, why) = match error {
            CertificateError::UnknownIssuer => {
                (CertificateProblem::Issuer, "comes from no authority that this machine trusts".to_owned())
            }
            CertificateError::Expired => (CertificateProblem::Dates, "has expired".to_owned()),
            CertificateError::ExpiredContext { not_after, .. } => {
                (CertificateProblem::Dates, format!("expired at {}", day(not_after)))
            }
            CertificateError::NotValidYet => (CertificateProblem::Dates, "is not valid yet".to_owned()),
            CertificateError::NotValidYetContext { not_before, .. } => {
                (CertificateProblem::Dates, format!("is not valid before {}", day(not_before)))
            }
            CertificateError::NotValidForName => (CertificateProblem::Name, "is one of another host".to_owned()),
            CertificateError::NotValidForNameContext { presented, .. } => {
                (CertificateProblem::Name, format!("is one of another host: {}", plain(&presented.join(", "))))
            }
            other => (CertificateProblem::Other, format!("is not accepted: {}", plain(&other.to_string()))),
        };
        Self {
            problem,
            host: host.to_str().into_owned(),
            issuer: issuer.unwrap_or_else(|| "(unreadable)".to_owned()),
            why,
        }
    }
}
