//! The listeners: mutual TLS for kiosks, plain TLS for browsers; one task a connection, limits on each, graceful shutdown.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::{Extension, Router};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::server::{NoServerSessionStorage, WantsServerCert, WebPkiClientVerifier};
use rustls::{
    CertificateError, ConfigBuilder, DigitallySignedStruct, DistinguishedName, RootCertStore, ServerConfig,
    SignatureScheme, WantsVerifier,
};
use sha2::{Digest, Sha256};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::{JoinHandle, JoinSet};
use tokio_rustls::TlsAcceptor;

use crate::ca::Files;
use crate::certificate::kiosk_of;
use crate::error::PlatformError;
use crate::store::Store;

/// Longest handshake: three round trips on the worst line, and then some. A guess.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// Longest wait for a request's header on an open connection; idle kiosks connect again. A guess.
const HEADER: Duration = Duration::from_secs(60);
/// How long a shutdown waits for requests in progress: longer than the intake's own limit.
const GRACE: Duration = Duration::from_secs(45);
/// Pause after `accept` failed, such as when files ran out. A guess.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);
/// The same for browsers, where anybody may hold connections open. A guess.
const HEADER_OF_BROWSERS: Duration = Duration::from_secs(15);
/// Longest life of a connection: whoever reads no answer, or one byte a minute, does not keep its place. A kiosk connects
/// again. A guess.
const LIFE: Duration = Duration::from_secs(15 * 60);
/// Connections at once.
const MAX_CONNECTIONS: usize = 512;
/// Connections of one address at once: the machines of a large hall behind one router, and not every place there is. A guess.
const MAX_OF_ADDRESS: usize = 64;
/// Largest header of a request, in bytes.
const MAX_HEADER: usize = 32 * 1024;

/// The kiosk that the client certificate names. Every route gets it as an axum `Extension`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerKiosk(pub String);

/// The SHA-256 of the client certificate. Every route of kiosks gets it as an axum `Extension`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PeerCertificate(pub(crate) [u8; 32]);

/// Turns true when the listener stops. Every route of kiosks gets it as an axum `Extension`.
#[derive(Clone, Debug)]
pub(crate) struct Stopping(pub(crate) watch::Receiver<bool>);

/// A running listener. Dropping it stops accepting; [`Server::shutdown`] also waits.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    stop: watch::Sender<bool>,
    task: Option<JoinHandle<()>>,
}

impl Server {
    /// Where it listens.
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Stops accepting and waits for the requests in progress, at most 45 s.
    pub async fn shutdown(mut self) {
        self.stop.send_replace(true);
        if let Some(task) = self.task.take() {
            // A task that panicked has stopped too.
            let _ = task.await;
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.send_replace(true);
    }
}

/// Serves any router behind the platform's mutual TLS: only kiosks with a certificate of our authority get in.
///
/// # Errors
/// [`PlatformError`] when a certificate or key is missing or unusable.
pub fn serve_router(state: &Path, listener: TcpListener, router: Router) -> Result<Server, PlatformError> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(&Files::of(state).ca)? {
        roots.add(certificate)?;
    }
    let webpki = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider()).build()?;
    let verifier = Arc::new(NotRevoked { webpki, store: Store::open(state)? });
    let config = server_config(state, |config| config.with_client_cert_verifier(verifier))?;
    start(listener, config, router, Callers::Kiosks)
}

/// Serves any router over TLS with the server's certificate alone: browsers have none of their own.
///
/// # Errors
/// [`PlatformError`] when a certificate or key is missing or unusable.
pub fn serve_public(state: &Path, listener: TcpListener, router: Router) -> Result<Server, PlatformError> {
    let config = server_config(state, |config| config.with_no_client_auth())?;
    start(listener, config, router, Callers::Anybody)
}

/// Whom a listener lets in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Callers {
    /// Each request carries the kiosk of its certificate.
    Kiosks,
    Anybody,
}

fn start(
    listener: TcpListener,
    config: ServerConfig,
    router: Router,
    callers: Callers,
) -> Result<Server, PlatformError> {
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let address = listener.local_addr().map_err(PlatformError::Listener)?;
    let (stop, stopped) = watch::channel(false);
    let task = tokio::spawn(accept(listener, acceptor, router, callers, stopped));
    Ok(Server { address, stop, task: Some(task) })
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

fn server_config(
    state: &Path,
    clients: impl FnOnce(
        ConfigBuilder<ServerConfig, WantsVerifier>,
    ) -> ConfigBuilder<ServerConfig, WantsServerCert>,
) -> Result<ServerConfig, PlatformError> {
    let files = Files::of(state);
    let key = PrivateKeyDer::from_pem_file(&files.server_key)
        .map_err(|_| PlatformError::NotInitialised(files.server_key.clone()))?;
    let builder = ServerConfig::builder_with_provider(provider()).with_safe_default_protocol_versions()?;
    let mut config = clients(builder).with_single_cert(certificates(&files.server)?, key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    // A resumed session shows no certificate: one that was revoked meanwhile would still get in.
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    Ok(config)
}

/// Lets in only certificates that were given out and not revoked: a revoked kiosk gets no further than the handshake.
struct NotRevoked {
    webpki: Arc<dyn ClientCertVerifier>,
    store: Store,
}

impl std::fmt::Debug for NotRevoked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("NotRevoked")
    }
}

impl ClientCertVerifier for NotRevoked {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        self.webpki.root_hint_subjects()
    }

    fn verify_client_cert(
        &self,
        certificate: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        let verified = self.webpki.verify_client_cert(certificate, chain, now)?;
        let fingerprint = Sha256::digest(certificate).into();
        match self.store.takes_certificate(&fingerprint) {
            Ok(true) => Ok(verified),
            Ok(false) => Err(CertificateError::Revoked.into()),
            Err(error) => {
                tracing::error!(%error, "the database failed");
                Err(CertificateError::UnknownRevocationStatus.into())
            }
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.webpki.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.webpki.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.webpki.supported_verify_schemes()
    }
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, PlatformError> {
    CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect)
        .map_err(|_| PlatformError::NotInitialised(path.to_owned()))
}

async fn accept(
    listener: TcpListener,
    acceptor: TlsAcceptor,
    router: Router,
    callers: Callers,
    mut stopped: watch::Receiver<bool>,
) {
    let free = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let seats = Seats::default();
    let mut connections = JoinSet::new();
    loop {
        let place = tokio::select! {
            () = asked_to(&mut stopped) => break,
            place = free.clone().acquire_owned() => place,
        };
        let stream = tokio::select! {
            () = asked_to(&mut stopped) => break,
            accepted = listener.accept() => accepted,
        };
        while connections.try_join_next().is_some() {}
        match stream {
            Ok((stream, from)) => {
                // Closed at once: it is asked for again when there is room.
                let Some(seat) = seats.take(from.ip()) else { continue };
                let serving = serve(stream, acceptor.clone(), router.clone(), callers, stopped.clone());
                connections.spawn(async move {
                    serving.await;
                    drop((place, seat));
                });
            }
            Err(error) => {
                tracing::warn!(%error, "accept failed");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    drop(listener);
    let finish = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(GRACE, finish).await.is_err() {
        tracing::warn!("requests were cut off by the shutdown");
    }
}

/// Who holds how many connections.
#[derive(Clone, Default)]
struct Seats(Arc<Mutex<HashMap<IpAddr, usize>>>);

/// One of an address's connections, until it is dropped.
struct Seat {
    of: IpAddr,
    seats: Seats,
}

impl Seats {
    fn take(&self, of: IpAddr) -> Option<Seat> {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = held.entry(of).or_default();
        if *count >= MAX_OF_ADDRESS {
            tracing::warn!("an address holds too many connections");
            return None;
        }
        *count += 1;
        Some(Seat { of, seats: self.clone() })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut held = self.seats.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = held.get_mut(&self.of) {
            *count -= 1;
            if *count == 0 {
                held.remove(&self.of);
            }
        }
    }
}

async fn serve(
    stream: TcpStream,
    acceptor: TlsAcceptor,
    router: Router,
    callers: Callers,
    mut stopped: watch::Receiver<bool>,
) {
    let stream = match tokio::time::timeout(HANDSHAKE, acceptor.accept(stream)).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => return tracing::info!(%error, "a handshake was refused"),
        Err(_) => return tracing::info!("a handshake took too long"),
    };
    let peer = stream.get_ref().1.peer_certificates().and_then(|chain| chain.first());
    let named = peer.and_then(|certificate| Some((kiosk_of(certificate)?, Sha256::digest(certificate))));
    let (router, header) = match (callers, named) {
        (Callers::Anybody, _) => (router, HEADER_OF_BROWSERS),
        (Callers::Kiosks, Some((kiosk, certificate))) => {
            let router = router
                .layer(Extension(PeerKiosk(kiosk)))
                .layer(Extension(PeerCertificate(certificate.into())))
                .layer(Extension(Stopping(stopped.clone())));
            (router, HEADER)
        }
        (Callers::Kiosks, None) => return tracing::warn!("a client certificate names no kiosk"),
    };
    let mut connection = std::pin::pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(header)
            .max_buf_size(MAX_HEADER)
            .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router))
    );
    tokio::select! {
        ended = connection.as_mut() => return told(ended),
        () = asked_to(&mut stopped) => {}
        () = tokio::time::sleep(LIFE) => {}
    }
    connection.as_mut().graceful_shutdown();
    match tokio::time::timeout(GRACE, connection).await {
        Ok(ended) => told(ended),
        Err(_) => tracing::info!("a connection was cut off"),
    }
}

fn told(ended: hyper::Result<()>) {
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection broke off");
    }
}

/// Returns when the server is to stop, or its handle is gone.
async fn asked_to(stopped: &mut watch::Receiver<bool>) {
    let _ = stopped.wait_for(|stop| *stop).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_address_takes_every_place() {
        let seats = Seats::default();
        let (one, other) = (IpAddr::from([192, 0, 2, 1]), IpAddr::from([192, 0, 2, 2]));
        let mut held: Vec<Seat> = (0..MAX_OF_ADDRESS).map(|_| seats.take(one).unwrap()).collect();
        assert!(seats.take(one).is_none() && seats.take(other).is_some());
        held.pop();
        held.extend(seats.take(one));
        assert_eq!(held.len(), MAX_OF_ADDRESS);
        drop(held);
        assert!(seats.0.lock().unwrap().is_empty(), "nothing is remembered of who went");
    }
}
