//! A platform and its kiosks in one temporary folder.

use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Duration;

use axum::Router;
use ed25519_dalek::SigningKey;
use jiff::civil::date;
use outbox::forward::{PlatformClient, PlatformConfig, forward_once};
use outbox::{Draft, Keys, Outbox, QueueRow, Saved, identity};
use platform::store::{Again, Store};
use platform::{Options, Server, ca, report, tls};
use protocol::envelope::check::{self, Question};
use protocol::envelope::{Attachment, CardRecord};
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

    pub fn store(&self) -> Store {
        Store::open(&self.state()).unwrap()
    }

    /// The problems in the journal by name, each as often as it was counted.
    pub fn journalled(&self) -> Vec<String> {
        let mut names = Vec::new();
        for line in self.store().journal(10_000).unwrap() {
            let name = line.problem.as_deref().and_then(|kind| kind.strip_prefix("urn:bianmin:problem:"));
            names.extend(name.into_iter().flat_map(|name| vec![name.to_owned(); line.more as usize + 1]));
        }
        names.sort_unstable();
        names
    }

    /// A server with a pay page's address.
    pub async fn serve_with(&self, options: Options) -> Server {
        platform::serve_with(&self.state(), listener().await, options).unwrap()
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
        let dir = self.dir.path().join(id);
        enrol(&self.state(), &dir, id, Again::No);
        Kiosk::open(&dir, id)
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
    pub outbox: Outbox,
}

impl Kiosk {
    /// Opens an enrolled kiosk's outbox.
    pub fn open(dir: &Path, id: &str) -> Self {
        let keys = Keys::load_or_create(&dir.join("keys")).unwrap();
        let sealing = outbox::sealing_keys::load(&dir.join("platform/sealing.pub")).unwrap();
        let outbox = Outbox::open_sealing(&dir.join("outbox"), id, keys, sealing).unwrap();
        // Erasing waits for the check behind the start: these tests look at what is erased.
        outbox.report();
        Self { dir: dir.to_owned(), outbox }
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

    /// The key that signs its requests.
    pub fn signing_key(&self) -> SigningKey {
        let seed = std::fs::read(self.dir.join("keys/sign.key")).unwrap();
        SigningKey::from_bytes(&seed.try_into().unwrap())
    }

    /// Sends everything that waits.
    pub async fn drain(&self, server: &Server) {
        let summary = forward_once(&self.outbox, &self.client(server)).await;
        assert_eq!((summary.waiting, summary.last_fault), (0, None));
    }

    pub fn client(&self, server: &Server) -> PlatformClient {
        PlatformClient::new(self.config(server)).unwrap()
    }

    pub fn save(&self) -> Saved {
        self.save_draft(draft())
    }

    pub fn save_draft(&self, draft: Draft) -> Saved {
        let (answer, saved) = mpsc::channel();
        self.outbox.submit(draft, date(2026, 11, 21), move |result| answer.send(result).unwrap());
        saved.recv_timeout(SOON).unwrap().unwrap()
    }

    /// A sealed identity check before any request, under the name of sixteen such bytes.
    pub fn question(&self, kiosk: &str, check: u8, number: &str, portrait: &[u8]) -> Vec<u8> {
        let question = Question {
            kiosk: kiosk.into(),
            check: [check; 16],
            number: number.into(),
            name: "测试员·样本".into(),
            portrait: portrait.into(),
            asked: 1_800_000_000,
        };
        let keys = Keys::load_or_create(&self.dir.join("keys")).unwrap();
        let sealing = outbox::sealing_keys::load(&self.dir.join("platform/sealing.pub")).unwrap();
        check::seal(&question, keys.signing(), &sealing).unwrap()
    }

    pub fn row(&self, seq: u64) -> QueueRow {
        self.outbox.list().unwrap().into_iter().find(|row| row.seq == seq).unwrap()
    }

    /// Whether any file of the kiosk holds these bytes.
    pub fn holds(&self, needle: &[u8]) -> bool {
        files_below(&self.dir)
            .iter()
            .any(|file| std::fs::read(file).unwrap().windows(needle.len()).any(|window| window == needle))
    }

    /// Whether the outbox still has the sealed content of a request to send.
    pub fn keeps_content(&self) -> bool {
        let database = rusqlite::Connection::open(self.dir.join("outbox/outbox.sqlite")).unwrap();
        database.query_row("SELECT EXISTS (SELECT 1 FROM contents)", [], |row| row.get(0)).unwrap()
    }
}

/// Makes a kiosk's keys and enrols them.
pub fn enrol(platform: &Path, dir: &Path, id: &str, again: Again) -> u32 {
    let keys = dir.join("keys");
    let signing_key = Keys::load_or_create(&keys).unwrap().public_hex();
    let csr = identity::load_or_create_tls_key_and_csr(&keys, id).unwrap().csr_pem;
    ca::enrol(platform, id, &signing_key, &csr, &dir.join("platform"), again).unwrap().epoch
}

/// Every file in a folder and its folders.
pub fn files_below(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for file in std::fs::read_dir(dir).unwrap() {
        let path = file.unwrap().path();
        if path.is_dir() { found.extend(files_below(&path)) } else { found.push(path) }
    }
    found
}

/// A draft with files of these lengths.
pub fn draft_with(lengths: &[usize]) -> Draft {
    let file = |(at, length): (usize, &usize)| Attachment {
        name: format!("paper-{at}"),
        media_type: "image/jpeg".into(),
        content: SECRET.bytes().cycle().skip(at).take(*length).collect(),
    };
    let mut draft = draft();
    draft.attachments = lengths.iter().enumerate().map(file).collect();
    draft
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
        attachments: Vec::new(),
    }
}
