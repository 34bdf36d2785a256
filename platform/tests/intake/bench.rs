//! A platform and its kiosks in one temporary folder.

use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Duration;

use axum::Router;
use jiff::civil::date;
use outbox::forward::{PlatformClient, PlatformConfig};
use outbox::{CardRecord, Draft, Keys, Outbox, QueueRow, Saved, identity};
use platform::{Server, ca, report, tls};
use tokio::net::TcpListener;

/// Longest wait for an event: the event ends it, not the clock.
pub const SOON: Duration = Duration::from_secs(30);
pub const KIOSK: &str = "110101-0007";
/// Stands in the card record and must be nowhere on the kiosk once the request is erased.
pub const SECRET: &str = "SECRET-OF-A-CITIZEN";

pub struct Bench {
    dir: tempfile::TempDir,
}

impl Bench {
    pub fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        ca::init(&dir.path().join("platform"), &["127.0.0.1".to_owned()]).unwrap();
        Self { dir }
    }

    pub fn state(&self) -> PathBuf {
        self.dir.path().join("platform")
    }

    pub async fn serve(&self) -> Server {
        platform::serve(&self.state(), listener().await).unwrap()
    }

    /// A server behind the platform's own mutual TLS that answers as the test likes.
    pub async fn serve_router(&self, router: Router) -> Server {
        tls::serve_router(&self.state(), listener().await, router).unwrap()
    }

    /// An enrolled kiosk with an open outbox.
    pub fn kiosk(&self, id: &str) -> Kiosk {
        let kiosk = Kiosk::new(&self.dir.path().join(id), id);
        kiosk.enrol(&self.state());
        kiosk
    }

    pub fn list(&self) -> Vec<report::Listed> {
        report::list(&self.state()).unwrap()
    }
}

pub async fn listener() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.unwrap()
}

pub struct Kiosk {
    pub dir: PathBuf,
    pub id: String,
    pub outbox: Outbox,
}

impl Kiosk {
    pub fn new(dir: &Path, id: &str) -> Self {
        let keys = Keys::load_or_create(&dir.join("keys")).unwrap();
        let outbox = Outbox::open(&dir.join("outbox"), id, keys).unwrap();
        Self { dir: dir.to_owned(), id: id.to_owned(), outbox }
    }

    pub fn enrol(&self, platform: &Path) {
        let keys = self.dir.join("keys");
        let signing_key = Keys::load_or_create(&keys).unwrap().public_hex();
        let csr = identity::load_or_create_tls_key_and_csr(&keys, &self.id).unwrap().csr_pem;
        ca::enrol(platform, &self.id, &signing_key, &csr, &self.dir.join("platform")).unwrap();
    }

    pub fn config(&self, server: &Server) -> PlatformConfig {
        let platform = self.dir.join("platform");
        PlatformConfig {
            url: format!("https://{}", server.local_addr()),
            ca: platform.join("ca.pem"),
            receipt_key: platform.join("receipt.pub"),
            client_cert: platform.join("client.pem"),
            client_key: self.dir.join("keys/tls.key"),
            timeout: SOON,
        }
    }

    pub fn client(&self, server: &Server) -> PlatformClient {
        PlatformClient::new(self.config(server)).unwrap()
    }

    pub fn save(&self) -> Saved {
        let (answer, saved) = mpsc::channel();
        self.outbox.submit(draft(), date(2026, 11, 21), move |result| answer.send(result).unwrap());
        saved.recv_timeout(SOON).unwrap().unwrap()
    }

    pub fn row(&self, seq: u64) -> QueueRow {
        self.outbox.list().unwrap().into_iter().find(|row| row.seq == seq).unwrap()
    }

    /// Whether any file of the outbox holds the citizen's record.
    pub fn holds_secret(&self) -> bool {
        std::fs::read_dir(self.dir.join("outbox")).unwrap().any(|file| {
            let bytes = std::fs::read(file.unwrap().path()).unwrap();
            bytes.windows(SECRET.len()).any(|window| window == SECRET.as_bytes())
        })
    }
}

pub fn draft() -> Draft {
    let mut card = vec![0x20; 1284];
    card.splice(300..300 + SECRET.len(), SECRET.bytes());
    Draft {
        matter: "id-card-renewal".into(),
        matter_revision: 3,
        language: "zh-Hans".into(),
        notice_version: "2026-01".into(),
        notice_accepted: 1_800_000_000,
        created: 1_800_000_060,
        card: CardRecord::new(card),
        answers: vec![("phone".into(), "13800000000".into())],
        deadline: "2027-01-20".into(),
    }
}
