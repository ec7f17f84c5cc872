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

/// A SOCKS proxy (RFC 1928) that leads to this machine whatever the name; with the user and password (RFC 1929) that it
/// demands, if any. It lives as long as the runtime.
pub(crate) async fn socks(user: Option<(&'static str, &'static str)>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            // Who gives a wrong password goes away.
            tokio::spawn(async move { drop(serve_socks(stream, user).await) });
        }
    });
    address
}

async fn serve_socks(mut stream: TcpStream, user: Option<(&str, &str)>) -> std::io::Result<()> {
    assert_eq!(stream.read_u8().await?, 5);
    counted(&mut stream).await?;
    stream.write_all(&[5, if user.is_some() { 2 } else { 0 }]).await?;
    if let Some((name, password)) = user {
        stream.read_u8().await?;
        let given = (counted(&mut stream).await?, counted(&mut stream).await?);
        let is_right = given == (name.as_bytes().to_vec(), password.as_bytes().to_vec());
        stream.write_all(&[1, u8::from(!is_right)]).await?;
        if !is_right {
            return Ok(());
        }
    }
    // Version, CONNECT, nothing, and a name: the proxy is to resolve it.
    let mut head = [0; 4];
    stream.read_exact(&mut head).await?;
    assert_eq!(head, [5, 1, 0, 3]);
    assert_eq!(counted(&mut stream).await?, HOST.as_bytes());
    let port = stream.read_u16().await?;
    let mut org = TcpStream::connect(("127.0.0.1", port)).await?;
    stream.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).await?;
    copy_bidirectional(&mut stream, &mut org).await.map(|_| ())
}

/// Bytes with their number before them.
async fn counted(stream: &mut TcpStream) -> std::io::Result<Vec<u8>> {
    let mut bytes = vec![0; stream.read_u8().await?.into()];
    stream.read_exact(&mut bytes).await.map(|_| bytes)
}
