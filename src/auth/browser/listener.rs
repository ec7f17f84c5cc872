//! The address of the callback, served until the browser comes back.

use std::convert::Infallible;
use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{self, HeaderName, HeaderValue};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use secrecy::SecretString;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::task::{JoinHandle, JoinSet};
use tracing::debug;

use super::{Attempt, BrowserError, Callback, Page, Returned, busy};
use crate::auth::Error;

/// How long the last page may take to get out.
const FAREWELL: Duration = Duration::from_secs(2);

/// Sockets at the callback's address.
#[derive(Debug)]
pub struct Listener {
    sockets: Vec<TcpListener>,
    callback: Callback,
}

/// The browser has come back, and waits for a page.
#[derive(Debug)]
pub struct Visit {
    /// A code, or why there is none.
    pub answer: Result<SecretString, Error>,
    page: watch::Sender<Option<Page>>,
    server: JoinHandle<()>,
}

impl Visit {
    /// Shows the page that ends the login, and closes the port.
    pub async fn show(self, page: Page) {
        // Nobody is left to see it where the window has been closed.
        let _ = self.page.send(Some(page));
        let _ = tokio::time::timeout(FAREWELL, self.server).await;
    }
}

impl Listener {
    /// Listens at the callback's address: on both of this machine's, since a browser may ask at either.
    pub async fn bind(callback: Callback) -> Result<Self, BrowserError> {
        let Some((first, others)) = callback.addresses().split_first() else {
            return Err(BrowserError::Elsewhere(callback.to_string()));
        };
        loop {
            let asked = callback.port();
            let socket = bind((*first, asked).into()).await?;
            let port = socket.local_addr().map_err(|source| BrowserError::Listen { port: asked, source })?.port();
            match bind_others(others, port).await {
                Ok(mut sockets) => {
                    sockets.push(socket);
                    return Ok(Self { sockets, callback: callback.at(port) });
                }
                // Any port was asked for, and this one is free at one of the addresses alone.
                Err(BrowserError::Busy { .. }) if asked == 0 => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// The address to be sent back to.
    pub fn callback(&self) -> &Callback {
        &self.callback
    }

    /// Waits until the browser comes back from this attempt. What else comes is answered and ignored.
    pub async fn wait(self, attempt: &Attempt) -> Visit {
        let (answers, mut first) = mpsc::channel(1);
        let (page, shown) = watch::channel(None);
        let desk = Desk { attempt: attempt.clone(), path: self.callback.path().to_owned(), answers, shown };
        let server = tokio::spawn(serve(self.sockets, Arc::new(desk)));
        // The desk lives as long as the server, which ends after the page alone.
        let answer = first.recv().await.unwrap_or_else(|| Err(BrowserError::NoInput.into()));
        Visit { answer, page, server }
    }
}

/// At the addresses that this machine has.
async fn bind_others(addresses: &[IpAddr], port: u16) -> Result<Vec<TcpListener>, BrowserError> {
    let mut sockets = Vec::new();
    for address in addresses {
        match bind((*address, port).into()).await {
            Ok(socket) => sockets.push(socket),
            // Another program would be sent the code.
            Err(error @ BrowserError::Busy { .. }) => return Err(error),
            Err(error) => debug!(%error, "this machine has no IPv6"),
        }
    }
    Ok(sockets)
}

async fn bind(address: SocketAddr) -> Result<TcpListener, BrowserError> {
    let port = address.port();
    TcpListener::bind(address).await.map_err(|source| match source.kind() {
        ErrorKind::AddrInUse => BrowserError::Busy { port, holder: busy::holder(port) },
        _ => BrowserError::Listen { port, source },
    })
}

/// Answers the browser.
struct Desk {
    attempt: Attempt,
    path: String,
    /// Takes the first answer alone.
    answers: mpsc::Sender<Result<SecretString, Error>>,
    /// The page that ends the login.
    shown: watch::Receiver<Option<Page>>,
}

/// Takes connections until the last page is shown, and then sees them off.
async fn serve(sockets: Vec<TcpListener>, desk: Arc<Desk>) {
    let mut connections = JoinSet::new();
    let mut shown = desk.shown.clone();
    loop {
        let accepted = futures_util::future::select_all(sockets.iter().map(|socket| Box::pin(socket.accept())));
        tokio::select! {
            // An error means that nobody waits any longer.
            _ = shown.wait_for(Option::is_some) => break,
            Some(_) = connections.join_next() => {}
            (accepted, ..) = accepted => {
                if let Ok((stream, _)) = accepted {
                    connections.spawn(attend(stream, Arc::clone(&desk)));
                }
            }
        }
    }
    drop(sockets);
    connections.join_all().await;
}

async fn attend(stream: TcpStream, desk: Arc<Desk>) {
    let mut shown = desk.shown.clone();
    let service = service_fn(move |request| {
        let desk = Arc::clone(&desk);
        async move { Ok::<_, Infallible>(desk.answer(&request).await) }
    });
    let mut http = hyper::server::conn::http1::Builder::new();
    let mut connection =
        pin!(http.keep_alive(false).timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service));
    let ended = tokio::select! {
        ended = &mut connection => Some(ended),
        _ = shown.wait_for(Option::is_some) => None,
    };
    // Browsers open connections in advance; those are not waited for, and an answer under way is.
    let ended = if let Some(ended) = ended {
        ended
    } else {
        connection.as_mut().graceful_shutdown();
        connection.await
    };
    if let Err(error) = ended {
        debug!(%error, "a connection of the browser broke");
    }
}

impl Desk {
    async fn answer(&self, request: &Request<Incoming>) -> Response<Full<Bytes>> {
        if request.uri().path() != self.path {
            return respond(StatusCode::NOT_FOUND, "");
        }
        match *request.method() {
            Method::GET => {}
            // A browser may ask first whether a page of the internet may lead to this machine.
            Method::OPTIONS => return self.allow(request),
            Method::HEAD => return respond(StatusCode::OK, ""),
            _ => return respond(StatusCode::METHOD_NOT_ALLOWED, ""),
        }
        let query = request.uri().query().unwrap_or_default();
        let query: Vec<_> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let answer = match self.attempt.returned(&query) {
            Returned::Answer(answer) => answer,
            Returned::Other => return respond(StatusCode::BAD_REQUEST, &Page::other().html()),
            Returned::Nothing => return respond(StatusCode::NOT_FOUND, ""),
        };
        // A repeated visit is shown what the first one is.
        let _ = self.answers.try_send(answer);
        let mut shown = self.shown.clone();
        match shown.wait_for(Option::is_some).await.as_deref() {
            Ok(Some(page)) => respond(StatusCode::OK, &page.html()),
            _ => respond(StatusCode::SERVICE_UNAVAILABLE, ""),
        }
    }

    fn allow(&self, request: &Request<Incoming>) -> Response<Full<Bytes>> {
        let mut answer = respond(StatusCode::NO_CONTENT, "");
        let is_ours = |origin: &&HeaderValue| *origin == self.attempt.domain.origin();
        if let Some(origin) = request.headers().get(header::ORIGIN).filter(is_ours) {
            let headers = answer.headers_mut();
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
            headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET"));
            let private = HeaderName::from_static("access-control-allow-private-network");
            headers.insert(private, HeaderValue::from_static("true"));
        }
        answer
    }
}

fn respond(status: StatusCode, html: &str) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::copy_from_slice(html.as_bytes())));
    *response.status_mut() = status;
    for (name, value) in [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        ),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}
