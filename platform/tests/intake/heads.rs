//! Signed heads: what continues, forks, rolls back, has holes or another journal.

use platform::store::alarms::Kind;
use platform::verify::verify;
use protocol::envelope::head::{Head, sign};

use crate::bench::{Bench, KIOSK, Kiosk};
use crate::wire::post;

const HEADS: &str = "/v1/heads";

/// The head of a kiosk that has sent so many requests.
fn head(bench: &Bench, seq: u64) -> Head {
    let hash =
        if seq == 0 { [0; 32] } else { bench.store().id_at(KIOSK, 1, seq).unwrap().unwrap_or([9; 32]) };
    Head {
        kiosk: KIOSK.into(),
        epoch: 1,
        seq,
        hash,
        journal_seq: 10,
        journal_hash: [7; 32],
        held: Vec::new(),
        time: 1_800_000_000,
    }
}

fn signed(kiosk: &Kiosk, head: &Head) -> Vec<u8> {
    sign(head, &kiosk.signing_key()).to_vec()
}

fn alarms(bench: &Bench) -> Vec<(Kind, String)> {
    bench.store().alarms(false).unwrap().into_iter().map(|alarm| (alarm.kind, alarm.detail)).collect()
}

/// A platform with the first three requests of a kiosk.
async fn three() -> (Bench, Kiosk, platform::Server) {
    let bench = Bench::new();
    let kiosk = bench.kiosk(KIOSK);
    let server = bench.serve().await;
    for _ in 0..3 {
        kiosk.save();
    }
    kiosk.drain(&server).await;
    (bench, kiosk, server)
}

#[tokio::test]
async fn a_head_that_continues_is_kept_and_may_come_again() {
    let bench = Bench::new();
    let kiosk = bench.kiosk(KIOSK);
    let server = bench.serve().await;
    let empty = signed(&kiosk, &Head { journal_seq: 0, journal_hash: [0; 32], ..head(&bench, 0) });
    assert_eq!(post(&kiosk, &server, HEADS, &empty).await.0, 204);
    kiosk.save();
    kiosk.save();
    kiosk.drain(&server).await;
    let two = signed(&kiosk, &head(&bench, 2));
    assert_eq!(post(&kiosk, &server, HEADS, &two).await.0, 204);
    assert_eq!(post(&kiosk, &server, HEADS, &two).await.0, 204, "its answer was lost");
    let later = signed(&kiosk, &Head { journal_seq: 12, journal_hash: [8; 32], time: 0, ..head(&bench, 2) });
    assert_eq!(post(&kiosk, &server, HEADS, &later).await.0, 204, "a clock that jumps is no alarm");
    assert_eq!(post(&kiosk, &server, HEADS, &empty).await.0, 204, "an old one again is no rollback");
    assert!(alarms(&bench).is_empty() && bench.journalled().is_empty());
    assert_eq!(bench.store().newest_head(KIOSK, 1).unwrap(), Some(later));
    let verified = verify(&bench.state(), KIOSK).unwrap();
    assert!(verified.is_intact());
    assert_eq!((verified.epochs[0].head, verified.epochs[0].head_verified), (Some(2), Some(true)));
    server.shutdown().await;
}

#[tokio::test]
async fn another_request_under_the_heads_place_is_a_fork() {
    let (bench, kiosk, server) = three().await;
    // Another third request than the stored one.
    let other = signed(&kiosk, &Head { hash: [5; 32], ..head(&bench, 3) });
    assert_eq!(post(&kiosk, &server, HEADS, &other).await, (409, "head-fork".into()));
    // A fourth that never came, and then another fourth.
    let ahead = Head { held: vec![4], ..head(&bench, 4) };
    assert_eq!(post(&kiosk, &server, HEADS, &signed(&kiosk, &ahead)).await.0, 204);
    let other = signed(&kiosk, &Head { hash: [5; 32], ..ahead });
    assert_eq!(post(&kiosk, &server, HEADS, &other).await, (409, "head-fork".into()));
    assert_eq!(alarms(&bench), [(Kind::Fork, "3".into()), (Kind::Fork, "4".into())]);
    assert_eq!(bench.journalled(), ["head-fork", "head-fork"]);
    let number = bench.store().alarms(false).unwrap()[0].number;
    assert!(bench.store().end_alarm(number).unwrap() && !bench.store().end_alarm(number).unwrap());
    assert_eq!(alarms(&bench).len(), 1);
    server.shutdown().await;
}

#[tokio::test]
async fn fewer_requests_than_came_are_a_rollback() {
    let (bench, kiosk, server) = three().await;
    let old = signed(&kiosk, &head(&bench, 2));
    for _ in 0..2 {
        assert_eq!(post(&kiosk, &server, HEADS, &old).await, (409, "head-rollback".into()));
    }
    assert_eq!(alarms(&bench), [(Kind::Rollback, "2 after 3".into())], "one alarm, not two");
    let first = bench.store().id_at(KIOSK, 1, 1).unwrap();
    assert!(first.is_some(), "nothing was taken away");
    server.shutdown().await;
}

#[tokio::test]
async fn a_hole_is_a_gap_until_it_is_filled_or_held() {
    let bench = Bench::new();
    let kiosk = bench.kiosk(KIOSK);
    let server = bench.serve().await;
    for _ in 0..4 {
        kiosk.save();
    }
    let mut entries = Vec::new();
    for skip in 0..4 {
        entries.push(kiosk.outbox.next_unsent(skip).unwrap().unwrap());
    }
    let client = kiosk.client(&server);
    for at in [0, 2, 3] {
        client.send(&entries[at], KIOSK).await.unwrap();
    }
    let whole = head(&bench, 4);
    let explained = signed(&kiosk, &Head { held: vec![2], ..whole.clone() });
    assert_eq!(post(&kiosk, &server, HEADS, &explained).await.0, 204, "held for staff");
    let gap = signed(&kiosk, &whole);
    for _ in 0..2 {
        assert_eq!(post(&kiosk, &server, HEADS, &gap).await, (409, "head-gap".into()));
    }
    assert_eq!(alarms(&bench), [(Kind::Gap, "2".into())]);
    let found = verify(&bench.state(), KIOSK).unwrap();
    assert!(!found.is_intact());
    assert_eq!((found.epochs[0].missing.as_deref(), found.epochs[0].requests), (Some("2"), 3));

    client.send(&entries[1], KIOSK).await.unwrap();
    assert_eq!(post(&kiosk, &server, HEADS, &gap).await.0, 204, "filled");
    assert!(alarms(&bench).is_empty());
    assert_eq!(bench.store().alarms(true).unwrap().len(), 1, "it stays on record");
    assert!(verify(&bench.state(), KIOSK).unwrap().is_intact());
    // The tail that never came.
    let cut = signed(&kiosk, &Head { hash: [4; 32], ..head(&bench, 9) });
    assert_eq!(post(&kiosk, &server, HEADS, &cut).await, (409, "head-gap".into()));
    assert_eq!(alarms(&bench), [(Kind::Gap, "5-9".into())]);
    server.shutdown().await;
}

#[tokio::test]
async fn a_journal_that_shrinks_or_changes_is_alarmed() {
    let (bench, kiosk, server) = three().await;
    let good = head(&bench, 3);
    assert_eq!(post(&kiosk, &server, HEADS, &signed(&kiosk, &good)).await.0, 204);
    for bad in [
        Head { journal_seq: 9, ..good.clone() },
        Head { journal_hash: [1; 32], ..good.clone() },
        Head { journal_seq: 0, journal_hash: [0; 32], ..good.clone() },
    ] {
        assert_eq!(post(&kiosk, &server, HEADS, &signed(&kiosk, &bad)).await, (409, "head-journal".into()));
    }
    assert!(alarms(&bench).iter().all(|(kind, _)| *kind == Kind::Journal));
    assert_eq!(alarms(&bench).len(), 3);
    server.shutdown().await;
}

#[tokio::test]
async fn a_head_of_another_kiosk_key_or_epoch_is_refused() {
    let (bench, kiosk, server) = three().await;
    let other = bench.kiosk("110101-0008");
    let good = head(&bench, 3);
    let bytes = signed(&kiosk, &good);
    let before = bench.store().newest_head(KIOSK, 1).unwrap();
    assert_eq!(post(&other, &server, HEADS, &bytes).await, (403, "kiosk-mismatch".into()));
    let forged = signed(&other, &good);
    assert_eq!(post(&kiosk, &server, HEADS, &forged).await, (422, "bad-signature".into()));
    let late = signed(&kiosk, &Head { epoch: 2, ..good.clone() });
    assert_eq!(post(&kiosk, &server, HEADS, &late).await, (422, "wrong-epoch".into()));
    for length in [0, 1, bytes.len() / 2, bytes.len() - 1] {
        assert_eq!(post(&kiosk, &server, HEADS, &bytes[..length]).await, (422, "malformed".into()));
    }
    let large = vec![0; protocol::envelope::head::MAX_HEAD + 1];
    assert_eq!(post(&kiosk, &server, HEADS, &large).await, (413, "too-large".into()));
    assert!(alarms(&bench).is_empty());
    assert!(bench.store().newest_head(KIOSK, 1).unwrap() == before, "nothing of it is kept");
    assert_eq!(bench.journalled().len(), 8);
    server.shutdown().await;
}

#[tokio::test]
async fn two_requests_with_one_place_are_a_fork_too() {
    let (bench, kiosk, server) = three().await;
    let second = bench.store().id_at(KIOSK, 1, 2).unwrap().unwrap();
    let forged = crate::bad_envelopes::sealed(&kiosk, |manifest| {
        manifest.seq = 3;
        manifest.prev = second;
    });
    assert_eq!(post(&kiosk, &server, "/v1/entries", &forged).await, (409, "sequence-conflict".into()));
    assert_eq!(alarms(&bench), [(Kind::Fork, "3".into())]);
    assert_eq!(bench.list().len(), 3);
    server.shutdown().await;
}
