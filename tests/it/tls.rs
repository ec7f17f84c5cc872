//! What stands between the program and Salesforce in real networks: TLS with an authority of one's own, and a proxy.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use baton_salesforce::demo::{Org, ServerOptions, Shape};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio_rustls::TlsAcceptor;

use crate::support::Demo;

/// A name that no real host has, and that the proxy alone can resolve.
pub(crate) const HOST: &str = "crm.acme.test";

/// A certificate authority.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub(crate) fn new(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    pub(crate) fn pem(&self) -> String {
        self.0.pem()
    }

    pub(crate) fn der(&self) -> Vec<u8> {
        self.0.der().to_vec()
    }

    /// A server with a certificate for these names, which ended in 2021 if it is `expired`.
    fn server(&self, names: &[&str], expired: bool) -> TlsAcceptor {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = CertificateParams::new(names).unwrap();
        if expired {
            params.not_before = rcgen::date_time_ymd(2020, 1, 1);
            params.not_after = rcgen::date_time_ymd(2021, 1, 1);
        }
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let builder = ServerConfig::builder().with_no_client_auth();
        let mut config = builder.with_single_cert(vec![certificate.der().clone()], key).unwrap();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        TlsAcceptor::from(Arc::new(config))
    }
}

/// The demo org behind TLS.
pub(crate) struct Secured {
    pub(crate) demo: Demo,
    /// `https://<name>:<port>`
    pub(crate) url: String,
    pub(crate) port: u16,
}

impl Secured {
    /// With a certificate of this authority for these names; the first is the org's address.
    pub(crate) fn start(authority: &Authority, names: &[&str]) -> Self {
        Self::with(authority, names, false, ServerOptions::default())
    }

    pub(crate) fn with(authority: &Authority, names: &[&str], expired: bool, options: ServerOptions) -> Self {
        Self::known_as(names[0], authority, names, expired, options)
    }

    /// Under another name than those in its certificate.
    pub(crate) fn known_as(
        name: &str,
        authority: &Authority,
        names: &[&str],
        expired: bool,
        options: ServerOptions,
    ) -> Self {
        let address = if name.contains(':') { format!("[{name}]:0") } else { "127.0.0.1:0".to_owned() };
        let listener = std::net::TcpListener::bind(address).unwrap();
        listener.set_nonblocking(true).unwrap();
        let port = listener.local_addr().unwrap().port();
        let url =
            if name.contains(':') { format!("https://[{name}]:{port}") } else { format!("https://{name}:{port}") };
        let options = ServerOptions { origin: Some(url.clone()), ..options };
        let demo = Demo::start(Org::generate(Shape::Small, 1), options);
        let acceptor = authority.server(names, expired);
        let target = demo.server.address();
        demo.runtime.spawn(async move {
            let listener = TcpListener::from_std(listener).unwrap();
            while let Ok((stream, _)) = listener.accept().await {
                let acceptor = acceptor.clone();
                tokio::spawn(async move {
                    // Who does not like the certificate goes away.
                    let Ok(mut stream) = acceptor.accept(stream).await else { return };
                    let mut org = TcpStream::connect(target).await.unwrap();
                    let _ = copy_bidirectional(&mut stream, &mut org).await;
                });
            }
        });
        Self { demo, url, port }
    }
}

/// A proxy that takes `CONNECT`, and leads to this machine whatever the name.
pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    heads: Arc<Mutex<Vec<String>>>,
    runtime: Option<Runtime>,
}

impl Proxy {
    /// With the value of `Proxy-Authorization` that it demands, if any.
    pub(crate) fn start(address: &str, demands: Option<String>) -> Self {
        Self::leading_to(None, address, demands)
    }

    /// To this port, whatever is asked for.
    pub(crate) fn leading_to(port: Option<u16>, address: &str, demands: Option<String>) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let listener = runtime.block_on(TcpListener::bind(address)).unwrap();
        let address = listener.local_addr().unwrap();
        let heads = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&heads);
        runtime.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, port, demands.clone(), Arc::clone(&seen)));
            }
        });
        Self { address, heads, runtime: Some(runtime) }
    }

    /// The heads of all requests so far.
    pub(crate) fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_timeout(Duration::from_secs(1));
        }
    }
}

async fn serve(mut stream: TcpStream, port: Option<u16>, demands: Option<String>, heads: Arc<Mutex<Vec<String>>>) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => return,
        }
    }
    let head = String::from_utf8(head).unwrap();
    heads.lock().unwrap().push(head.clone());
    let line = |name: &str| {
        let mut lines = head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.to_owned())
    };
    if demands.is_some() && line("proxy-authorization") != demands {
        let refusal =
            "HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Basic\r\ncontent-length: 0\r\n\r\n";
        let _ = stream.write_all(refusal.as_bytes()).await;
        return;
    }
    let target = head.split(' ').nth(1).unwrap_or_default();
    let port = port.unwrap_or_else(|| target.rsplit_once(':').unwrap().1.parse().unwrap());
    let Ok(mut org) = TcpStream::connect(("127.0.0.1", port)).await else { return };
    stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
    let _ = copy_bidirectional(&mut stream, &mut org).await;
}
