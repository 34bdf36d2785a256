//! The platform took the request and its answer was lost: the same bytes get the same receipt.

use axum::Router;
use axum::body::Bytes;
use axum::http::StatusCode;
use axum::routing::post;
use outbox::QueueState;
use outbox::forward::forward_once;
use platform::intake::{self, Intake};
use platform::store::Again;
use protocol::envelope;

use crate::bench::{Bench, KIOSK};

#[tokio::test]
async fn the_same_request_gets_the_same_receipt_byte_for_byte() {
    let bench = Bench::new();
    let kiosk = bench.kiosk(KIOSK);
    let server = bench.serve().await;
    let client = kiosk.client(&server);
    kiosk.save();
    let entry = kiosk.outbox.next_unsent(0).unwrap().unwrap();
    let first = client.send(&entry, KIOSK).await.unwrap();
    let second = client.send(&entry, KIOSK).await.unwrap();
    assert_eq!(first.bytes(), second.bytes());
    assert_eq!(first.statement().head, entry.id);
    assert_eq!(bench.list().len(), 1);
    assert_eq!(kiosk.row(1).state, QueueState::Queued, "sending alone erases nothing");
    server.shutdown().await;

    let server = bench.serve().await;
    let third = kiosk.client(&server).send(&entry, KIOSK).await.unwrap();
    assert_eq!(first.bytes(), third.bytes(), "also after a restart of the platform");
    assert_eq!(forward_once(&kiosk.outbox, &kiosk.client(&server)).await.sent, 1);
    assert_eq!(bench.list().len(), 1);
    server.shutdown().await;
}

#[tokio::test]
async fn the_same_request_twice_at_once_is_one_request() {
    let bench = Bench::new();
    let kiosk = bench.kiosk(KIOSK);
    let server = bench.serve().await;
    let (one, other) = (kiosk.client(&server), kiosk.client(&server));
    kiosk.save();
    let entry = kiosk.outbox.next_unsent(0).unwrap().unwrap();
    let (first, second) = tokio::join!(one.send(&entry, KIOSK), other.send(&entry, KIOSK));
    assert_eq!(first.unwrap().bytes(), second.unwrap().bytes());
    assert_eq!(bench.list().len(), 1);
    server.shutdown().await;
}

#[tokio::test]
async fn an_answer_lost_behind_the_intake_is_made_good() {
    let bench = Bench::new();
    let kiosk = bench.kiosk(KIOSK);
    let saved = kiosk.save();
    // A proxy that takes the request, gives it to the intake and loses the receipt.
    let server = bench.serve().await;
    let inner = kiosk.client(&server);
    let outbox = kiosk.outbox.clone();
    let lossy = Router::new().route(
        "/v1/entries",
        post(move |body: Bytes| async move {
            let entry = outbox.next_unsent(0).unwrap().unwrap();
            assert_eq!(envelope::id(&body), Some(entry.id));
            inner.send(&entry, KIOSK).await.unwrap();
            StatusCode::BAD_GATEWAY
        }),
    );
    let lossy = bench.serve_router(lossy).await;
    let summary = forward_once(&kiosk.outbox, &kiosk.client(&lossy)).await;
    assert_eq!((summary.sent, summary.waiting), (0, 1));
    assert_eq!(bench.list().len(), 1, "the platform has it all the same");
    assert_eq!(forward_once(&kiosk.outbox, &kiosk.client(&server)).await.sent, 1);
    let listed = bench.list();
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0].id, hex::encode(saved.id));
    drop(lossy);
    server.shutdown().await;
}

#[tokio::test]
async fn an_old_copy_of_the_disk_freezes_the_kiosk() {
    let bench = Bench::new();
    let kiosk = bench.kiosk(KIOSK);
    let server = bench.serve().await;
    kiosk.save();
    assert_eq!(forward_once(&kiosk.outbox, &kiosk.client(&server)).await.sent, 1);

    // The same keys with an empty store: sequence 1 is given a second time.
    let copy = tempfile::tempdir().unwrap();
    std::fs::create_dir(copy.path().join("keys")).unwrap();
    for name in ["sign.key", "tls.key"] {
        std::fs::copy(kiosk.dir.join("keys").join(name), copy.path().join("keys").join(name)).unwrap();
    }
    assert_eq!(crate::bench::enrol(&bench.state(), copy.path(), KIOSK, Again::No), 1);
    let copied = crate::bench::Kiosk::open(copy.path(), KIOSK);
    let mut other = crate::bench::draft();
    other.created += 1;
    let (answer, saved) = std::sync::mpsc::channel();
    copied.outbox.submit(other, jiff::civil::date(2026, 11, 22), move |result| answer.send(result).unwrap());
    saved.recv_timeout(crate::bench::SOON).unwrap().unwrap();

    let summary = forward_once(&copied.outbox, &copied.client(&server)).await;
    assert_eq!((summary.sent, summary.last_fault), (0, Some(faults::Fault::StoreFrozen)));
    assert!(copied.outbox.is_frozen());
    assert!(copied.keeps_content(), "nothing was erased");
    assert_eq!(copied.row(1).last_code.as_deref(), Some("OBX-06"));
    assert_eq!(bench.list().len(), 1, "the first one stands");
    let again = forward_once(&copied.outbox, &copied.client(&server)).await;
    assert_eq!(again.last_fault, Some(faults::Fault::StoreFrozen));
    assert_eq!(copied.row(1).attempts, 1, "it is not even tried");
    server.shutdown().await;
}

#[tokio::test]
async fn the_intake_can_stand_behind_any_listener() {
    let bench = Bench::new();
    let kiosk = bench.kiosk(KIOSK);
    let router = intake::router(Intake::open(&bench.state()).unwrap());
    let server = bench.serve_router(router).await;
    kiosk.save();
    assert_eq!(forward_once(&kiosk.outbox, &kiosk.client(&server)).await.sent, 1);
    server.shutdown().await;
}

#[tokio::test]
async fn an_old_copy_of_the_whole_state_put_back_freezes_the_kiosk() {
    let bench = Bench::new();
    let kiosk = bench.kiosk(KIOSK);
    let server = bench.serve().await;
    let (dir, old) = (kiosk.dir.clone(), kiosk.dir.with_extension("old"));
    kiosk.save();
    drop(kiosk);
    copy_folder(&dir, &old);
    let kiosk = crate::bench::Kiosk::open(&dir, KIOSK);
    kiosk.save();
    assert_eq!(forward_once(&kiosk.outbox, &kiosk.client(&server)).await.sent, 2);
    drop(kiosk);

    std::fs::remove_dir_all(&dir).unwrap();
    std::fs::rename(&old, &dir).unwrap();
    let kiosk = crate::bench::Kiosk::open(&dir, KIOSK);
    let again = kiosk.save();
    assert_eq!(again.seq, 2, "given a second time");
    let summary = forward_once(&kiosk.outbox, &kiosk.client(&server)).await;
    assert_eq!((summary.sent, summary.last_fault), (1, Some(faults::Fault::StoreFrozen)));
    assert!(kiosk.outbox.is_frozen() && kiosk.keeps_content());
    assert_eq!(bench.list().len(), 2, "each of the first two once");
    server.shutdown().await;
}

fn copy_folder(from: &std::path::Path, to: &std::path::Path) {
    std::fs::create_dir_all(to).unwrap();
    for file in std::fs::read_dir(from).unwrap() {
        let from = file.unwrap().path();
        let to = to.join(from.file_name().unwrap());
        if from.is_dir() {
            copy_folder(&from, &to);
        } else {
            std::fs::copy(&from, &to).unwrap();
        }
    }
}
