//! The HTTPS client: mutual TLS with our authority only, one request out, one verified receipt back.

use std::error::Error;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use ed25519_dalek::VerifyingKey;
use jiff::Timestamp;
use reqwest::header::{CONTENT_RANGE, CONTENT_TYPE, HeaderMap, RETRY_AFTER};
use reqwest::{Client, Response, Url};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};
use sha2::{Digest, Sha256};

use super::MAX_IN_FLIGHT;
use super::clock::FlooredClock;
use super::error::{ClientError, ForwardError};
use super::pace::Pace;
use super::round::Tries;
use crate::fault_points::reach;
use crate::store::{Entry, StoredFile};
use durable::secret_file;
use protocol::api::requests::{ATTACHMENT, ENTRIES, HEADS, UPLOAD_COMPLETE, UPLOAD_OFFSET};
use protocol::api::{self, Problem};
use protocol::envelope::attachment::AttachmentHash;
use protocol::envelope::receipt::MAX_RECEIPT;
use protocol::envelope::{MEDIA_TYPE, Receipt, verify_receipt};

/// Longest wait for a connection: TCP gives its first two tries 3 s.
const CONNECT: Duration = Duration::from_secs(5);
/// A connection is given up after this idle time, before the platform closes it.
const IDLE: Duration = Duration::from_secs(30);
/// Connections that are kept for the next request: all that send, and a long poll and a heartbeat beside them.
const IDLE_CONNECTIONS: usize = MAX_IN_FLIGHT + 4;
/// Longest pause that a Retry-After can ask for: a mistake there must not silence a kiosk for a day. A guess.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(600);
/// Largest problem document that is read.
const MAX_PROBLEM: usize = 8192;

/// Where the platform is and who we are to it: the table `[platform]`.
#[derive(Clone, Debug)]
pub struct PlatformConfig {
    /// `https://host:port`, without a path.
    pub url: String,
    /// The platform's authority, PEM. No other is trusted.
    pub ca: PathBuf,
    /// The platform's public receipt key: 64 hex digits.
    pub receipt_key: PathBuf,
    /// Our certificate, PEM.
    pub client_cert: PathBuf,
    /// Our TLS key, PEM, mode 0600.
    pub client_key: PathBuf,
    /// Longest time from the first byte out to the last byte in.
    pub timeout: Duration,
}

/// A client of one platform. Clones share its connection.
#[derive(Clone)]
pub struct PlatformClient {
    http: Client,
    base: Url,
    entries: Url,
    heads: Url,
    receipt_key: VerifyingKey,
    clock: Arc<FlooredClock>,
    pace: Arc<Pace>,
    tries: Arc<Tries>,
}

impl PlatformClient {
    /// Reads the files and makes the client; nothing is sent.
    ///
    /// # Errors
    /// [`ClientError`] names the file or the setting that is wrong.
    pub fn new(config: PlatformConfig) -> Result<Self, ClientError> {
        let bad_url = || ClientError::Url(config.url.clone());
        let base = Url::parse(&config.url).map_err(|_| bad_url())?;
        if base.scheme() != "https" || !base.has_host() {
            return Err(bad_url());
        }
        let entries = base.join(ENTRIES).map_err(|_| bad_url())?;
        let heads = base.join(HEADS).map_err(|_| bad_url())?;
        let expiry = certificates(&config.client_cert)?.first().and_then(expiry);
        let clock = Arc::new(FlooredClock::up_to(expiry));
        let http = Client::builder()
            .tls_backend_preconfigured(tls(&config, clock.clone())?)
            .https_only(true)
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT.min(config.timeout))
            .timeout(config.timeout)
            .pool_idle_timeout(IDLE)
            .pool_max_idle_per_host(IDLE_CONNECTIONS)
            .build()
            .map_err(ClientError::Http)?;
        let receipt_key = receipt_key(&config.receipt_key)?;
        let pace = Arc::new(Pace::new(None));
        let tries = Arc::default();
        Ok(Self { http, base, entries, heads, receipt_key, clock, pace, tries })
    }

    /// Files are sent with at most so many kbit/s, so that a hall's line stays free for the rest; `None` for all that the
    /// line gives. Everything that is not a file is small and never waits.
    pub fn with_bandwidth(mut self, kbit_per_second: Option<u32>) -> Self {
        self.pace = Arc::new(Pace::new(kbit_per_second));
        self
    }

    pub(super) fn http(&self) -> &Client {
        &self.http
    }

    /// An address under `/v1/` of the platform; `None` when `path` leads anywhere else.
    pub(super) fn address(&self, path: &str) -> Option<Url> {
        let address = path.starts_with("/v1/").then(|| self.base.join(path).ok()).flatten()?;
        (address.origin() == self.base.origin() && address.path().starts_with("/v1/")).then_some(address)
    }

    pub(super) fn tries(&self) -> &Tries {
        &self.tries
    }

    /// The clock that certificates are judged by.
    pub fn clock(&self) -> &FlooredClock {
        &self.clock
    }

    /// Sends a request, its files first, and gives back the platform's verified receipt for it.
    ///
    /// # Errors
    /// [`ForwardError`]: the request was not acknowledged, though the platform may have it.
    pub async fn send(&self, entry: &Entry, kiosk: &str) -> Result<Receipt, ForwardError> {
        let mut damaged = false;
        {
            // One file at a time: files of several requests side by side would only be later, all of them.
            let _turn = if entry.attachments.is_empty() { None } else { Some(self.pace.turn().await) };
            for file in &entry.attachments {
                match self.upload(file).await {
                    // The platform may have the whole request from an earlier try: then it needs no file any more.
                    Err(ForwardError::FileDamaged) => damaged = true,
                    other => other?,
                }
            }
        }
        match self.post(entry, kiosk).await {
            Err(error) if error.problem() == Some(Problem::AttachmentMissing.kind()) => {
                Err(if damaged { ForwardError::FileDamaged } else { ForwardError::FileLost })
            }
            other => other,
        }
    }

    /// Uploads what the platform does not have yet of one sealed file.
    ///
    /// # Errors
    /// [`ForwardError`]; what arrived stays there, and the next try goes on behind it.
    pub async fn upload(&self, file: &StoredFile) -> Result<(), ForwardError> {
        let path = api::path(ATTACHMENT, &hex::encode(file.hash));
        let address = self.address(&path).ok_or(ForwardError::Address)?;
        let held = self.http.head(address.clone()).send().await.map_err(sort)?;
        let offset = match held.status().as_u16() {
            200 if whole(&held) => return Ok(()),
            200 => offset(&held).unwrap_or(0),
            // A platform that says 404 without knowing us would be told nothing more anyway.
            404 if held.headers().contains_key(UPLOAD_OFFSET) => 0,
            _ => return Err(refusal(held).await),
        };
        let (path, hash) = (file.path.clone(), file.hash);
        let Ok(Some(total)) = tokio::task::spawn_blocking(move || whole_length(&path, &hash)).await else {
            return Err(ForwardError::FileDamaged);
        };
        let mut at = offset_below(offset, total).unwrap_or(0);
        loop {
            let end = (at + self.pace.piece()).min(total);
            let path = file.path.clone();
            let piece = tokio::task::spawn_blocking(move || read_piece(&path, at, end)).await;
            let Ok(Ok(piece)) = piece else { return Err(ForwardError::FileDamaged) };
            self.pace.wait(end - at).await;
            let range = format!("bytes {at}-{}/{total}", end.saturating_sub(1));
            let request = self.http.put(address.clone()).header(CONTENT_TYPE, MEDIA_TYPE);
            let answer = request.header(CONTENT_RANGE, range).body(piece).send().await.map_err(sort)?;
            reach("piece-sent");
            match answer.status().as_u16() {
                200 | 201 => return Ok(()),
                202 => at = end,
                416 => {
                    // Somebody sent another piece meanwhile; what the platform says counts, while that leads on.
                    let told = self::offset(&answer).and_then(|told| offset_below(told, total));
                    at = told.filter(|told| *told > at).ok_or(ForwardError::FileLost)?;
                }
                _ => return Err(refusal(answer).await),
            }
            if at >= total {
                return Err(ForwardError::FileLost);
            }
        }
    }

    /// Sends the signed head; `false` when this platform does not know heads.
    pub(super) async fn send_head(&self, head: Vec<u8>) -> Result<bool, ForwardError> {
        let request = self.http.post(self.heads.clone()).header(CONTENT_TYPE, MEDIA_TYPE);
        let answer = request.body(head).send().await.map_err(sort)?;
        match answer.status().as_u16() {
            200..=299 => Ok(true),
            404 | 405 => Ok(false),
            _ => Err(refusal(answer).await),
        }
    }

    async fn post(&self, entry: &Entry, kiosk: &str) -> Result<Receipt, ForwardError> {
        let answer = self
            .http
            .post(self.entries.clone())
            .header(CONTENT_TYPE, MEDIA_TYPE)
            .body(entry.body.clone())
            .send()
            .await
            .map_err(sort)?;
        if answer.status().as_u16() != 200 {
            return Err(refusal(answer).await);
        }
        let bytes = read(answer, MAX_RECEIPT).await.map_err(sort)?;
        // One byte more than allowed was read at most: the check below refuses it.
        let receipt = verify_receipt(&bytes, &self.receipt_key)?;
        if !receipt.covers(&entry.id, kiosk, entry.seq) {
            return Err(ForwardError::OtherReceipt);
        }
        Ok(receipt)
    }
}

/// Whether the platform has the whole file.
fn whole(answer: &Response) -> bool {
    answer.headers().get(UPLOAD_COMPLETE).is_some_and(|value| value == "?1")
}

fn offset(answer: &Response) -> Option<u64> {
    answer.headers().get(UPLOAD_OFFSET)?.to_str().ok()?.parse().ok()
}

fn offset_below(offset: u64, total: u64) -> Option<u64> {
    Some(offset).filter(|offset| *offset < total)
}

/// The length of a file that has the bytes of its name; read piece by piece, because eight megabytes are much.
fn whole_length(path: &Path, hash: &AttachmentHash) -> Option<u64> {
    let mut digest = Sha256::new();
    let length = std::io::copy(&mut File::open(path).ok()?, &mut DigestWriter(&mut digest)).ok()?;
    (<[u8; 32]>::from(digest.finalize()) == *hash && length > 0).then_some(length)
}

struct DigestWriter<'a>(&'a mut Sha256);

impl std::io::Write for DigestWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn read_piece(path: &Path, from: u64, to: u64) -> std::io::Result<Vec<u8>> {
    let mut piece = vec![0; usize::try_from(to - from).unwrap_or(0)];
    File::open(path)?.read_exact_at(&mut piece, from)?;
    Ok(piece)
}

fn tls(config: &PlatformConfig, clock: Arc<FlooredClock>) -> Result<ClientConfig, ClientError> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(&config.ca)? {
        roots.add(certificate)?;
    }
    let key = secret_file::load(&config.client_key)?
        .ok_or_else(|| ClientError::NotAKey(config.client_key.clone()))?;
    let key =
        PrivateKeyDer::from_pem_slice(&key).map_err(|_| ClientError::NotAKey(config.client_key.clone()))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = ClientConfig::builder_with_details(provider, clock)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_client_auth_cert(certificates(&config.client_cert)?, key)?;
    Ok(tls)
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, ClientError> {
    let failed = |source| ClientError::Certificate { path: path.to_owned(), source };
    let found: Vec<_> = CertificateDer::pem_file_iter(path).and_then(Iterator::collect).map_err(failed)?;
    if found.is_empty() {
        return Err(failed(rustls::pki_types::pem::Error::NoItemsFound));
    }
    Ok(found)
}

/// When a certificate expires, in Unix seconds.
fn expiry(certificate: &CertificateDer<'_>) -> Option<i64> {
    let (_, parsed) = x509_parser::parse_x509_certificate(certificate).ok()?;
    Some(parsed.validity().not_after.timestamp())
}

/// Reads the platform's public key: receipts and catalogues are verified with it.
///
/// # Errors
/// [`ClientError::ReceiptKey`] when the file holds no such key.
pub fn receipt_key(path: &Path) -> Result<VerifyingKey, ClientError> {
    let key = || {
        let text = std::fs::read_to_string(path).ok()?;
        let bytes: [u8; 32] = hex::decode(text.trim()).ok()?.try_into().ok()?;
        VerifyingKey::from_bytes(&bytes).ok().filter(|key| !key.is_weak())
    };
    key().ok_or_else(|| ClientError::ReceiptKey(path.to_owned()))
}

/// What kind of trouble the transport had.
pub(super) fn sort(error: reqwest::Error) -> ForwardError {
    if is_tls(&error) {
        ForwardError::Untrusted(error)
    } else if error.is_timeout() && !error.is_connect() {
        ForwardError::Slow(error)
    } else {
        ForwardError::Unreachable(error)
    }
}

/// TLS's own errors lie deep in the chain, inside of an `io::Error` whose source is its inner error's source.
fn is_tls(error: &(dyn Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        if error.is::<rustls::Error>() {
            return true;
        }
        if let Some(io) = error.downcast_ref::<std::io::Error>()
            && io.get_ref().is_some_and(|inner| is_tls(inner))
        {
            return true;
        }
        next = error.source();
    }
    false
}

pub(super) async fn refusal(answer: Response) -> ForwardError {
    let status = answer.status().as_u16();
    let retry_after = retry_after(answer.headers(), Timestamp::now());
    // A problem document that cannot be read is no problem type; the status decides.
    let body = read(answer, MAX_PROBLEM).await.unwrap_or_default();
    let problem = problem_type(&body);
    let is = |named: Problem| problem.as_deref() == Some(named.kind());
    match status {
        409 if is(Problem::Conflict) => ForwardError::Conflict,
        409 if is(Problem::HeadFork) => ForwardError::HeadFork,
        409 if is(Problem::HeadRollback) => ForwardError::HeadRollback,
        409 if is(Problem::HeadGap) => ForwardError::HeadGap,
        409 if is(Problem::HeadJournal) => ForwardError::HeadJournal,
        401 | 403 | 407 => ForwardError::KioskRefused { status, problem },
        408 | 425 | 429 => ForwardError::Failed { status, retry_after },
        404 | 405 | 421 | 426 => ForwardError::NotTheIntake { status, problem },
        400..=499 => ForwardError::Refused { status, problem },
        500.. => ForwardError::Failed { status, retry_after },
        _ => ForwardError::NotTheIntake { status, problem },
    }
}

/// Reads at most `limit + 1` bytes, so that the reader of a longer body sees that it is too long.
pub(super) async fn read(mut answer: Response, limit: usize) -> Result<Vec<u8>, reqwest::Error> {
    let mut body = Vec::new();
    while body.len() <= limit
        && let Some(chunk) = answer.chunk().await?
    {
        body.extend(chunk.iter().take(limit + 1 - body.len()));
    }
    Ok(body)
}

/// The `type` of a problem document, if it is one of ours: it goes into the store and onto a screen.
fn problem_type(body: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(body).ok()?;
    let found = text.split('"').find(|part| part.starts_with("urn:bianmin:problem:"))?;
    let clean = found.len() <= 80 && found.bytes().all(|b| b.is_ascii_lowercase() || b == b':' || b == b'-');
    clean.then(|| found.to_owned())
}

/// Retry-After in seconds or as an HTTP date (RFC 9110 §10.2.3).
fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let wait = match value.parse::<u64>() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => {
            let until = jiff::fmt::rfc2822::parse(value).ok()?.timestamp();
            Duration::try_from(until.duration_since(now)).unwrap_or(Duration::ZERO)
        }
    };
    Some(wait.min(LONGEST_RETRY_AFTER))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_seconds_or_a_date_and_never_too_long() {
        let now: Timestamp = "2026-11-21T08:00:00Z".parse().unwrap();
        let read = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, value.parse().unwrap());
            retry_after(&headers, now)
        };
        assert_eq!(read("120"), Some(Duration::from_secs(120)));
        assert_eq!(read("Sat, 21 Nov 2026 08:01:00 GMT"), Some(Duration::from_secs(60)));
        assert_eq!(read("Sat, 21 Nov 2026 07:00:00 GMT"), Some(Duration::ZERO));
        assert_eq!(read("999999999"), Some(LONGEST_RETRY_AFTER));
        assert_eq!(read("soon"), None);
        assert_eq!(retry_after(&HeaderMap::new(), now), None);
    }

    #[test]
    fn only_our_problem_types_are_kept() {
        let ours = br#"{"type":"urn:bianmin:problem:malformed","title":"x"}"#;
        assert_eq!(problem_type(ours).as_deref(), Some(Problem::Malformed.kind()));
        for other in [&b"{}"[..], b"<html>", b"\xff\xfe", br#"{"type":"urn:bianmin:problem:<script>"}"#] {
            assert_eq!(problem_type(other), None);
        }
    }

    #[test]
    fn an_address_without_tls_is_refused() {
        for url in ["http://127.0.0.1:8443", "127.0.0.1:8443", "https://", ""] {
            let config = PlatformConfig {
                url: url.into(),
                ca: "ca".into(),
                receipt_key: "receipt".into(),
                client_cert: "cert".into(),
                client_key: "key".into(),
                timeout: Duration::from_secs(1),
            };
            let error = PlatformClient::new(config).err().unwrap();
            assert_eq!(error.fault(), faults::Fault::ConfigInvalid, "{url}");
        }
    }
}
