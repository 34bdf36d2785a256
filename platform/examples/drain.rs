//! How many small requests a second the intake takes: over loopback, mutual TLS, each answered with a signed receipt that
//! is verified. Kiosk and platform share the machine's cores.
//!
//! `cargo run --release -p platform --example drain -- [REQUESTS] [CONNECTIONS]`

// A tool for developers: it may stop at the first surprise.
#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use outbox::forward::{PlatformClient, PlatformConfig, forward_once};
use outbox::{Draft, Keys, Outbox, identity};
use platform::ca;
use platform::store::Again;
use protocol::envelope::CardRecord;
use tokio::net::TcpListener;

const KIOSK: &str = "110101-0007";

fn main() {
    let mut arguments = std::env::args().skip(1);
    let mut number = |default| arguments.next().map_or(default, |text| text.parse().unwrap());
    let (requests, connections): (usize, usize) = (number(5000), number(8));
    let dir = tempfile::tempdir().unwrap();
    let state = dir.path().join("platform");
    let kiosk = dir.path().join("kiosk");
    ca::init(&state, &["127.0.0.1".to_owned()]).unwrap();
    let key = Keys::load_or_create(&kiosk).unwrap().public_hex();
    let csr = identity::load_or_create_tls_key_and_csr(&kiosk, KIOSK).unwrap().csr_pem;
    let enrolled = ca::enrol(&state, KIOSK, &key, &csr, &kiosk, Again::No).unwrap();

    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let outbox = filled(&kiosk, requests);
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = platform::serve(&state, listener).unwrap();
        let client = PlatformClient::new(PlatformConfig {
            url: format!("https://{}", server.local_addr()),
            ca: enrolled.ca,
            receipt_key: enrolled.receipt_key,
            client_cert: enrolled.client_cert,
            client_key: kiosk.join("tls.key"),
            timeout: Duration::from_secs(30),
        })
        .unwrap();

        let entries: Vec<_> =
            (0..requests as u64 / 2).map(|skip| outbox.next_unsent(skip).unwrap().unwrap()).collect();
        let (entries, next) = (Arc::new(entries), Arc::new(AtomicUsize::new(0)));
        let begun = Instant::now();
        let mut senders = tokio::task::JoinSet::new();
        for _ in 0..connections {
            let (client, entries, next) = (client.clone(), entries.clone(), next.clone());
            senders.spawn(async move {
                while let Some(entry) = entries.get(next.fetch_add(1, Ordering::Relaxed)) {
                    client.send(entry, KIOSK).await.unwrap();
                }
            });
        }
        senders.join_all().await;
        told("intake alone", entries.len(), begun.elapsed());

        // Half of it is sent a second time: the platform answers with the receipt that it has.
        let begun = Instant::now();
        let summary = forward_once(&outbox, &client).await;
        told("end to end, with erasing", summary.sent as usize, begun.elapsed());
        server.shutdown().await;
    });
}

/// An outbox with requests that wait.
fn filled(kiosk: &Path, requests: usize) -> Outbox {
    let keys = Keys::load_or_create(kiosk).unwrap();
    let sealing = outbox::sealing_keys::load(&kiosk.join("sealing.pub")).unwrap();
    let outbox = Outbox::open_sealing(&kiosk.join("outbox"), KIOSK, keys, sealing).unwrap();
    outbox.report();
    let (answer, saved) = mpsc::channel();
    for _ in 0..requests {
        let answer = answer.clone();
        outbox.submit(draft(), jiff::civil::date(2026, 11, 21), move |result| answer.send(result).unwrap());
    }
    for _ in 0..requests {
        saved.recv().unwrap().unwrap();
    }
    outbox
}

fn draft() -> Draft {
    Draft {
        matter: "household-certificate".into(),
        matter_revision: 1,
        language: "zh-Hans".into(),
        notice_version: "2026-01".into(),
        notice_accepted: 1_800_000_000,
        created: 1_800_000_060,
        card: CardRecord::new(vec![0x20; 1284]),
        answers: vec![("purpose".into(), "school".into())],
        deadline: "2027-01-20".into(),
        attachments: Vec::new(),
    }
}

fn told(what: &str, requests: usize, took: Duration) {
    println!(
        "{what}: {requests} requests in {took:.2?}, {:.0} a second",
        requests as f64 / took.as_secs_f64()
    );
}
