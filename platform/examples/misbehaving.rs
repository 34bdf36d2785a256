//! A platform with the right certificate and the wrong behaviour, for `cargo xtask faults`; prints its address. One thread a
//! connection, and no HTTP library: what it sends is meant to be wrong.

use std::collections::BTreeSet;
use std::error::Error;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use clap::{Parser, ValueEnum};
use ed25519_dalek::SigningKey;
use protocol::envelope;
use protocol::envelope::receipt::{Statement, sign_receipt};
use rcgen::{CertificateParams, Issuer, KeyPair, SanType};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

#[derive(Parser)]
struct Arguments {
    /// The platform's folder.
    #[arg(long)]
    state: PathBuf,
    #[arg(long)]
    how: How,
    /// Only at so many requests; the others get receipts.
    #[arg(long)]
    only: Option<usize>,
}

/// How it misbehaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum How {
    /// Fails with 500.
    #[value(name = "500")]
    Fails,
    /// Fails with 503 and asks for a pause, as a proxy does.
    #[value(name = "503")]
    Later,
    /// Refuses every request.
    #[value(name = "422")]
    Refuses,
    /// Has neither the piece that comes nor the one that it asked for.
    #[value(name = "416")]
    Range,
    /// Answers 429 and asks for a pause.
    #[value(name = "429")]
    Busy,
    /// Takes the request and never answers.
    Silent,
    /// Takes half of the request and cuts the line.
    Reset,
    /// Cuts the line in the middle of the answer.
    HalfAnswer,
    /// Answers every request twice, the first time with nonsense.
    Twice,
    /// A receipt signed with another key.
    WrongKey,
    /// A good receipt for another request.
    WrongRequest,
    /// A good receipt for another kiosk.
    WrongKiosk,
    /// A certificate that expired.
    Expired,
    /// A certificate of another authority.
    Stranger,
}

/// The requests it has misbehaved at, and how many that may be.
struct Poisoned {
    most: usize,
    seen: Mutex<BTreeSet<envelope::RequestId>>,
}

impl Poisoned {
    fn contains(&self, body: &[u8]) -> bool {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let id = envelope::id(body).unwrap_or_default();
        if seen.len() < self.most {
            seen.insert(id);
        }
        seen.contains(&id)
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let Arguments { state: platform, how, only } = Arguments::parse();
    let poisoned = Poisoned { most: only.unwrap_or(usize::MAX), seen: Mutex::default() };
    let poisoned = Arc::new(poisoned);
    let config = Arc::new(config(&platform, how)?);
    let seed: [u8; 32] = std::fs::read(platform.join("receipt.key"))?.as_slice().try_into()?;
    let key = SigningKey::from_bytes(&seed);
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("https://{}", listener.local_addr()?);
    for stream in listener.incoming() {
        let (stream, config, key, poisoned) = (stream?, config.clone(), key.clone(), poisoned.clone());
        // A client that gives up is no news.
        std::thread::spawn(move || drop(answer(stream, config, &key, how, &poisoned)));
    }
    Ok(())
}

fn config(platform: &Path, how: How) -> Result<ServerConfig, Box<dyn Error>> {
    let (chain, key) = if matches!(how, How::Expired | How::Stranger) {
        let pair = KeyPair::generate()?;
        let ca_key = if how == How::Stranger {
            KeyPair::generate()?
        } else {
            KeyPair::from_pem(&std::fs::read_to_string(platform.join("ca.key"))?)?
        };
        let ca = std::fs::read_to_string(platform.join("ca.pem"))?;
        let issuer = Issuer::from_ca_cert_pem(&ca, ca_key)?;
        let mut params = CertificateParams::default();
        params.subject_alt_names = vec![SanType::IpAddress([127, 0, 0, 1].into())];
        if how == How::Expired {
            params.not_before = rcgen::date_time_ymd(2020, 1, 1);
            params.not_after = rcgen::date_time_ymd(2021, 1, 1);
        }
        let certificate = params.signed_by(&pair, &issuer)?;
        let key = PrivateKeyDer::from_pem_slice(pair.serialize_pem().as_bytes())?;
        (vec![certificate.der().clone()], key)
    } else {
        let chain = CertificateDer::pem_file_iter(platform.join("server.pem"))?.collect::<Result<_, _>>()?;
        (chain, PrivateKeyDer::from_pem_file(platform.join("server.key"))?)
    };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    Ok(ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?)
}

fn answer(
    stream: TcpStream,
    config: Arc<ServerConfig>,
    key: &SigningKey,
    how: How,
    poisoned: &Poisoned,
) -> Result<(), Box<dyn Error>> {
    let mut stream = StreamOwned::new(ServerConnection::new(config)?, stream);
    loop {
        let (head, length) = head(&mut stream)?;
        if how == How::Reset && poisoned.most == usize::MAX {
            let mut half = vec![0; length / 2];
            stream.read_exact(&mut half)?;
            // Unread bytes in its buffer: closing now sends a reset.
            return Ok(());
        }
        let mut body = vec![0; length];
        stream.read_exact(&mut body)?;
        if how == How::Range && head.starts_with("HEAD ") {
            stream.write_all(
                b"HTTP/1.1 200 OK\r\nupload-complete: ?0\r\nupload-offset: 0\r\ncontent-length: 0\r\n\r\n",
            )?;
            continue;
        }
        if how == How::Range && head.starts_with("PUT ") {
            let told = u8::from(head.to_ascii_lowercase().contains("content-range: bytes 0-"));
            stream.write_all(
                format!("HTTP/1.1 416 No\r\nupload-offset: {told}\r\ncontent-length: 0\r\n\r\n").as_bytes(),
            )?;
            continue;
        }
        if head.starts_with("HEAD ") {
            // Every file is here already, whatever it is.
            stream.write_all(b"HTTP/1.1 200 OK\r\nupload-complete: ?1\r\ncontent-length: 0\r\n\r\n")?;
            continue;
        }
        if !head.starts_with("POST /v1/entries") {
            stream.write_all(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n")?;
            continue;
        }
        if !poisoned.contains(&body) {
            respond(&mut stream, "200 OK", &receipt(&body, key, |_| {})?)?;
            continue;
        }
        match how {
            How::Later => {
                stream.write_all(
                    b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\ncontent-length: 0\r\n\r\n",
                )?;
            }
            How::Refuses => respond(&mut stream, "422 Unprocessable Content", b"")?,
            How::Fails | How::Range => respond(&mut stream, "500 Internal Server Error", b"")?,
            How::Busy => {
                stream.write_all(
                    b"HTTP/1.1 429 Too Many Requests\r\nretry-after: 1\r\ncontent-length: 0\r\n\r\n",
                )?;
            }
            How::Silent => loop {
                std::thread::park();
            },
            How::HalfAnswer => {
                let receipt = receipt(&body, key, |_| {})?;
                let (half, _) = receipt.split_at(receipt.len() / 2);
                let length = receipt.len();
                stream
                    .write_all(format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n").as_bytes())?;
                stream.write_all(half)?;
                return Ok(());
            }
            How::Twice => {
                let good = receipt(&body, key, |statement| statement.seq += 1)?;
                respond(&mut stream, "200 OK", b"not a receipt")?;
                respond(&mut stream, "200 OK", &good)?;
            }
            How::WrongKey => {
                let other = SigningKey::from_bytes(&[3; 32]);
                respond(&mut stream, "200 OK", &receipt(&body, &other, |_| {})?)?;
            }
            How::WrongRequest => {
                respond(&mut stream, "200 OK", &receipt(&body, key, |statement| statement.id = [4; 32])?)?;
            }
            How::WrongKiosk => {
                let wrong = receipt(&body, key, |statement| statement.kiosk = "110101-0008".into())?;
                respond(&mut stream, "200 OK", &wrong)?;
            }
            How::Reset => return Ok(()),
            // Nobody should have come this far.
            How::Expired | How::Stranger => respond(&mut stream, "200 OK", &receipt(&body, key, |_| {})?)?,
        }
    }
}

/// The request's head and the length of its body.
fn head(stream: &mut impl Read) -> Result<(String, usize), Box<dyn Error>> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte)?;
        head.extend(byte);
        if head.len() > 16_384 {
            return Err("the head does not end".into());
        }
    }
    let text = String::from_utf8_lossy(&head).into_owned();
    let length = text
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .map_or(Ok(0), |(_, value)| value.trim().parse())?;
    Ok((text, length))
}

fn respond(stream: &mut impl Write, status: &str, body: &[u8]) -> std::io::Result<()> {
    stream.write_all(format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n", body.len()).as_bytes())?;
    stream.write_all(body)
}

fn receipt(
    body: &[u8],
    key: &SigningKey,
    change: impl FnOnce(&mut Statement),
) -> Result<Vec<u8>, Box<dyn Error>> {
    let claimed = envelope::Sealed::split(body)?.claimed()?;
    let id = envelope::id(body).ok_or("no entry")?;
    let mut statement = Statement {
        id,
        kiosk: claimed.kiosk,
        seq: claimed.seq,
        head: id,
        time: 1_800_000_100,
        acceptance_number: "2026112100000001".into(),
    };
    change(&mut statement);
    Ok(sign_receipt(&statement, key).to_vec())
}
