//! The platform's routes over plain HTTP for one fixed kiosk, for tools that test an interface from its OpenAPI and speak no
//! mutual TLS. Loopback only, made-up data only. The program `kiosk-platform` has no such door.
//!
//! `cargo run -p platform --example plain -- DIR [PORT]` makes a platform in DIR, with a case, slots, a catalogue and the
//! data of the documentation's examples, prints one line of JSON and serves until it is killed.

// A tool for developers: it may stop at the first surprise.
#![allow(clippy::unwrap_used)]

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};

use outbox::{Keys, identity};
use platform::store::{Again, Store};
use platform::{Options, ca, catalogue};
use protocol::envelope::{self, Manifest};
use protocol::envelope::{Attachment, CardRecord};
use tokio::net::TcpListener;

const KIOSK: &str = "110101-0007";
const CASE: &str = "110101-0007-261121-00001";

fn main() {
    let mut arguments = std::env::args().skip(1);
    let dir = PathBuf::from(arguments.next().unwrap());
    let port = arguments.next().map_or(0, |port| port.parse().unwrap());
    let state = dir.join("platform");
    ca::init(&state, &["127.0.0.1".to_owned()]).unwrap();
    supplied(&state);
    let entry = request(&state, &dir.join("kiosk"));

    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let options = Options { public_url: Some("https://pay.example".into()), ..Options::default() };
        let router = platform::router_for_tests(&state, KIOSK, options).unwrap();
        let sent = tokio::task::spawn_blocking(move || {
            let (file, entry) = entry;
            send(address, &format!("PUT /v1/attachments/{}", file.0), "application/octet-stream", &file.1);
            send(address, "POST /v1/entries", "application/cose", &entry);
            println!(
                "{}",
                serde_json::json!({
                    "listening": address.to_string(), "openapi": format!("http://{address}/openapi.json"),
                    "kiosk": KIOSK, "case_number": CASE, "portrait": file.0,
                })
            );
        });
        tokio::spawn(async move { sent.await.unwrap() });
        axum::serve(listener, router).await.unwrap();
    });
}

/// Slots, a catalogue and the operator's data.
fn supplied(state: &Path) {
    let store = Store::open(state).unwrap();
    let hour = jiff::Timestamp::now().as_second() / 3600 * 3600 + 86_400;
    for at in 0..20 {
        store.offer_slot("西城分局", hour + at * 1800, hour + (at + 1) * 1800, 5).unwrap();
    }
    let data = state.join("data");
    std::fs::create_dir_all(&data).unwrap();
    let names = r#"{ "as_of": "2026-10-31", "source": "样本", "counts": { "张伟": 1312 } }"#;
    let characters = r#"{ "as_of": "2013-06-05", "source": "样本", "characters":
        { "便": { "level": 1, "readings": ["biàn", "pián"], "strokes": 9 } } }"#;
    std::fs::write(data.join("names.json"), names).unwrap();
    std::fs::write(data.join("characters.json"), characters).unwrap();
    let matters = Path::new(env!("CARGO_MANIFEST_DIR")).join("../matters/catalogue");
    catalogue::put(state, &matters).unwrap();
}

type File = (String, Vec<u8>);

/// A request with one file, as the kiosk would send it: the file's name and bytes, and the entry.
fn request(state: &Path, dir: &Path) -> (File, Vec<u8>) {
    let keys = Keys::load_or_create(dir).unwrap();
    let csr = identity::load_or_create_tls_key_and_csr(dir, KIOSK).unwrap().csr_pem;
    ca::enrol(state, KIOSK, &keys.public_hex(), &csr, dir, Again::No).unwrap();
    let sealing = outbox::sealing_keys::load(&dir.join("sealing.pub")).unwrap();
    let seed: [u8; 32] = std::fs::read(dir.join("sign.key")).unwrap().try_into().unwrap();
    let portrait =
        Attachment { name: "portrait".into(), media_type: "image/jpeg".into(), content: vec![0xff; 4000] };
    let file = envelope::seal_attachment(&portrait).unwrap();
    let hash = hex::encode(file.described.hash);
    let mut manifest = Manifest {
        kiosk: KIOSK.into(),
        epoch: 1,
        seq: 1,
        prev: [0; 32],
        case_number: CASE.into(),
        matter: "id-card-renewal".into(),
        matter_revision: 1,
        language: "zh-Hans".into(),
        notice_version: "2026-01".into(),
        notice_accepted: 1_800_000_000,
        created: 1_800_000_060,
        deadline: "2027-01-20".into(),
        card: CardRecord::new(vec![0x20; 1284]),
        answers: Vec::new(),
        recipients: Vec::new(),
        attachments: vec![file.described],
    };
    let key = ed25519_dalek::SigningKey::from_bytes(&seed);
    let entry = envelope::seal(&mut manifest, &key, &sealing).unwrap().entry();
    ((hash, file.bytes), entry)
}

fn send(address: SocketAddr, line: &str, kind: &str, body: &[u8]) {
    let mut stream = TcpStream::connect(address).unwrap();
    let head = format!(
        "{line} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(&[head.as_bytes(), body].concat()).unwrap();
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer);
    // The receipt is no text: its first line is enough.
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 20"), "{answer}");
}
