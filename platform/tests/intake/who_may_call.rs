//! Certificates: revoked, unknown, somebody else's.

use faults::Fault;
use outbox::forward::{Method, forward_once};
use outbox::{Keys, QueueState, identity};
use platform::store::Again;
use platform::{PlatformError, ca};
use protocol::api::Problem;
use rustls::HandshakeKind;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::bench::{self, Bench, KIOSK, Kiosk, SOON};
use crate::wire;

#[tokio::test]
async fn a_revoked_kiosk_is_refused_and_keeps_everything() {
    let bench = Bench::new();
    let kiosk = bench.kiosk(KIOSK);
    let server = bench.serve().await;
    let client = kiosk.client(&server);
    kiosk.save();
    assert_eq!(forward_once(&kiosk.outbox, &client).await.sent, 1);
    platform::revoke(&bench.state(), KIOSK).unwrap();
    kiosk.save();
    kiosk.save();
    let summary = forward_once(&kiosk.outbox, &client).await;
    assert_eq!((summary.sent, summary.waiting), (0, 2));
    assert_eq!(summary.last_fault, Some(Fault::PlatformUntrusted));
    assert_eq!(kiosk.row(2).state, QueueState::Queued, "the request is not to blame");
    assert_eq!(kiosk.row(2).last_problem.as_deref(), Some(Problem::RevokedKiosk.kind()));
    assert_eq!(kiosk.row(3).attempts, 0, "one refusal is enough");

    // A new connection does not get through the handshake. The alert and the reset race each other on the wire.
    let summary = forward_once(&kiosk.outbox, &kiosk.client(&server)).await;
    assert_eq!((summary.sent, summary.waiting), (0, 2));
    assert_eq!(kiosk.row(2).last_problem, None, "TLS says no, not the intake");
    let fault = summary.last_fault.unwrap();
    assert!(matches!(fault, Fault::PlatformUntrusted | Fault::PlatformUnreachable), "{fault:?}");
    server.shutdown().await;
}

#[tokio::test]
async fn a_kiosk_enrolled_again_begins_a_new_chain() {
    let bench = Bench::new();
    let kiosk = bench.kiosk(KIOSK);
    let server = bench.serve().await;
    let dir = kiosk.dir.clone();
    kiosk.save();
    kiosk.save();
    assert_eq!(forward_once(&kiosk.outbox, &kiosk.client(&server)).await.sent, 2);
    let waits = kiosk.save();
    drop(kiosk);

    let before = std::fs::read(dir.join("keys/sign.key")).unwrap();
    Keys::renew(&dir.join("keys")).unwrap();
    assert!(std::fs::read(dir.join("keys/sign.key")).unwrap() != before);
    assert_eq!(bench::enrol(&bench.state(), &dir, KIOSK, Again::Yes), 2);
    let kiosk = Kiosk::open(&dir, KIOSK);
    let new = kiosk.save();
    assert_eq!((new.seq, new.case_number.as_str()), (1, "110101-0007-261121-02-00001"));
    let summary = forward_once(&kiosk.outbox, &kiosk.client(&server)).await;
    assert_eq!((summary.sent, summary.waiting, summary.last_fault), (2, 0, None));
    assert!(kiosk.outbox.report().is_intact());
    let listed = bench.list();
    let places: Vec<_> = listed.iter().map(|request| (request.epoch, request.seq)).collect();
    assert_eq!(places, [(1, 1), (1, 2), (1, 3), (2, 1)], "what waited of the old epoch came too");
    assert!(listed.iter().all(|request| request.chain == "intact" && request.signature == "verified"));
    assert_eq!(listed[2].id, hex::encode(waits.id));
    server.shutdown().await;
}

#[tokio::test]
async fn a_revoked_kiosk_comes_back_with_a_new_key_and_its_old_epoch_stays_out() {
    let bench = Bench::new();
    let kiosk = bench.kiosk(KIOSK);
    let server = bench.serve().await;
    let dir = kiosk.dir.clone();
    kiosk.save();
    platform::revoke(&bench.state(), KIOSK).unwrap();
    drop(kiosk);
    Keys::renew(&dir.join("keys")).unwrap();
    assert_eq!(bench::enrol(&bench.state(), &dir, KIOSK, Again::Yes), 2);
    let kiosk = Kiosk::open(&dir, KIOSK);
    kiosk.save();
    let summary = forward_once(&kiosk.outbox, &kiosk.client(&server)).await;
    assert_eq!((summary.sent, summary.last_fault), (1, Some(Fault::PlatformRefused)));
    let rows = kiosk.outbox.list().unwrap();
    assert_eq!((rows[0].epoch, rows[0].state), (1, QueueState::Held));
    assert_eq!(rows[0].last_problem.as_deref(), Some(Problem::WrongEpoch.kind()));
    assert_eq!((rows[1].epoch, rows[1].state), (2, QueueState::Acknowledged));
    server.shutdown().await;
}

#[tokio::test]
async fn a_thief_who_holds_a_connection_open_is_refused_when_the_kiosk_came_back() {
    let bench = Bench::new();
    let kiosk = bench.kiosk(KIOSK);
    let server = bench.serve().await;
    let thief = kiosk.client(&server);
    let slots = || thief.call(Method::GET, "/v1/appointments/slots", None, SOON);
    slots().await.unwrap();
    platform::revoke(&bench.state(), KIOSK).unwrap();
    let dir = kiosk.dir.clone();
    drop(kiosk);
    Keys::renew(&dir.join("keys")).unwrap();
    assert_eq!(bench::enrol(&bench.state(), &dir, KIOSK, Again::Yes), 2);
    assert_eq!(slots().await.unwrap_err().problem(), Some(Problem::RevokedKiosk.kind()));
    let kiosk = Kiosk::open(&dir, KIOSK);
    kiosk.client(&server).call(Method::GET, "/v1/appointments/slots", None, SOON).await.unwrap();
    server.shutdown().await;
}

#[tokio::test]
async fn each_connection_shows_its_certificate_anew() {
    let bench = Bench::new();
    let kiosk = bench.kiosk(KIOSK);
    let server = bench.serve().await;
    let connector = wire::connector(&kiosk, &server);
    for _ in 0..2 {
        let mut stream = wire::connect(&connector, &server).await;
        stream.write_all(b"GET /v1/health HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        assert_eq!(stream.get_ref().1.handshake_kind(), Some(HandshakeKind::Full));
    }
    server.shutdown().await;
}

#[tokio::test]
async fn a_certificate_of_another_authority_is_refused_by_tls() {
    let (bench, other) = (Bench::new(), Bench::new());
    let kiosk = bench.kiosk(KIOSK);
    let server = bench.serve().await;
    kiosk.save();
    // Its certificate comes from another platform; it still trusts the right one.
    let stranger = other.kiosk(KIOSK);
    let mut config = kiosk.config(&server);
    config.client_cert = stranger.dir.join("platform/client.pem");
    config.client_key = stranger.dir.join("keys/tls.key");
    let client = outbox::forward::PlatformClient::new(config).unwrap();
    let summary = forward_once(&kiosk.outbox, &client).await;
    assert_eq!((summary.sent, summary.waiting), (0, 1));
    // The alert and the reset race each other on the wire.
    let fault = summary.last_fault.unwrap();
    assert!(matches!(fault, Fault::PlatformUntrusted | Fault::PlatformUnreachable), "{fault:?}");
    assert!(bench.list().is_empty());
    server.shutdown().await;
}

#[tokio::test]
async fn a_platform_of_another_authority_gets_nothing() {
    let (bench, false_one) = (Bench::new(), Bench::new());
    let kiosk = bench.kiosk(KIOSK);
    kiosk.save();
    let server = false_one.serve().await;
    let summary = forward_once(&kiosk.outbox, &kiosk.client(&server)).await;
    assert_eq!((summary.waiting, summary.last_fault), (1, Some(Fault::PlatformUntrusted)));
    server.shutdown().await;
}

#[tokio::test]
async fn a_kiosk_cannot_speak_for_another() {
    let bench = Bench::new();
    let (kiosk, other) = (bench.kiosk(KIOSK), bench.kiosk("110101-0008"));
    let server = bench.serve().await;
    kiosk.save();
    let entry = kiosk.outbox.next_unsent(0).unwrap().unwrap();
    let error = other.client(&server).send(&entry, KIOSK).await.unwrap_err();
    assert_eq!(error.fault(), Fault::PlatformUntrusted);
    assert_eq!(error.problem(), Some(Problem::OtherKiosk.kind()));
    assert!(bench.list().is_empty());
    server.shutdown().await;
}

#[test]
fn enrolment_checks_what_it_is_given() {
    let bench = Bench::new();
    let dir = tempfile::tempdir().unwrap();
    let keys = dir.path().join("keys");
    let csr = identity::load_or_create_tls_key_and_csr(&keys, KIOSK).unwrap().csr_pem;
    let key = Keys::load_or_create(&keys).unwrap().public_hex();
    let out = dir.path().join("out");
    let enrol = |id: &str, key: &str, csr: &str| ca::enrol(&bench.state(), id, key, csr, &out, Again::No);

    for (id, key, csr) in [
        ("110101-0008", key.as_str(), csr.as_str()),
        ("../etc", key.as_str(), csr.as_str()),
        (KIOSK, "00", csr.as_str()),
        (KIOSK, &"0".repeat(64), csr.as_str()),
        (KIOSK, key.as_str(), "no request"),
        (KIOSK, key.as_str(), &csr.replacen('A', "B", 1)),
    ] {
        assert!(enrol(id, key, csr).is_err(), "{id} {key}");
    }
    assert!(!out.exists(), "a refused enrolment leaves nothing behind");
    bench::enrol(&bench.state(), dir.path(), KIOSK, Again::No);
    assert_eq!(enrol(KIOSK, &key, &csr).unwrap().epoch, 1, "again with the same key");
    let other = Keys::load_or_create(&dir.path().join("other")).unwrap().public_hex();
    assert!(matches!(enrol(KIOSK, &other, &csr), Err(PlatformError::Enrolment(_))));
    platform::revoke(&bench.state(), KIOSK).unwrap();
    assert!(matches!(enrol(KIOSK, &key, &csr), Err(PlatformError::Enrolment(_))));
    assert!(matches!(platform::revoke(&bench.state(), "110101-0009"), Err(PlatformError::UnknownKiosk(_))));
}

#[test]
fn init_again_changes_nothing_but_the_names() {
    let bench = Bench::new();
    let read = |name: &str| std::fs::read(bench.state().join(name)).unwrap();
    let all = ["ca.key", "ca.pem", "server.key", "server.pem", "receipt.key", "receipt.pub"];
    let before: Vec<_> = all.iter().map(|name| read(name)).collect();
    ca::init(&bench.state(), &["127.0.0.1".to_owned()]).unwrap();
    let after: Vec<_> = all.iter().map(|name| read(name)).collect();
    assert!(before == after);
    ca::init(&bench.state(), &["127.0.0.1".to_owned(), "platform.example".to_owned()]).unwrap();
    assert!(read("server.pem") != before[3]);
    assert!(read("ca.pem") == before[1] && read("server.key") == before[2]);
    use std::os::unix::fs::MetadataExt;
    for name in ["ca.key", "server.key", "receipt.key"] {
        let mode = std::fs::metadata(bench.state().join(name)).unwrap().mode();
        assert_eq!(mode & 0o7777, 0o600, "{name}");
    }
}
