//! A kiosk that floods the platform: its disk stays free, its journal readable, and other kiosks notice nothing.

use faults::Fault;
use outbox::QueueState;
use outbox::forward::forward_once;
use platform::{Options, Server};
use protocol::api::Problem;
use protocol::envelope::attachment::{MAX_SEALED_ATTACHMENT, attachment_hash};
use protocol::envelope::head::{Head, sign};
use serde_json::json;

use crate::bench::{Bench, KIOSK, Kiosk, draft_with, files_below};
use crate::wire::{ask, call, post, refusal};

const OTHER: &str = "110101-0008";

/// Begins a file of the largest size with one byte; gives the status, the head and the body.
async fn begin(kiosk: &Kiosk, server: &Server, number: u8) -> (u16, String, String) {
    let name = hex::encode(attachment_hash(&[number]));
    let range = format!("content-range: bytes 0-0/{MAX_SEALED_ATTACHMENT}");
    call(kiosk, server, &format!("PUT /v1/attachments/{name} HTTP/1.1\r\n{range}"), &[number]).await
}

#[tokio::test]
async fn files_that_no_request_names_have_a_limit() {
    let bench = Bench::new();
    let (kiosk, other) = (bench.kiosk(KIOSK), bench.kiosk(OTHER));
    let server = bench.serve().await;
    // A request of which the platform has the files, though not yet the request.
    kiosk.save_draft(draft_with(&[1000]));
    let first = kiosk.outbox.next_unsent(0).unwrap().unwrap();
    kiosk.client(&server).upload(&first.attachments[0]).await.unwrap();

    let mut taken = 0;
    while begin(&kiosk, &server, taken).await.0 == 202 {
        taken += 1;
    }
    assert_eq!(taken, 31, "256 MiB, what is announced counts");
    let (status, head, text) = begin(&kiosk, &server, taken).await;
    assert_eq!(status, 507, "{text}");
    assert!(head.contains("retry-after: 60") && head.contains("application/problem+json"), "{head}");
    assert!(text.contains("urn:bianmin:problem:files-unclaimed"), "{text}");
    assert_eq!(begin(&kiosk, &server, 0).await.0, 202, "what is on its way goes on");
    assert_eq!(files_below(&bench.state().join("attachments")).len(), 32);

    // What is complete is taken, and makes room.
    kiosk.drain(&server).await;
    assert_eq!(begin(&kiosk, &server, taken).await.0, 202);
    // The forwarder waits as told, and holds nothing against the request.
    kiosk.save_draft(draft_with(&[2000]));
    let summary = forward_once(&kiosk.outbox, &kiosk.client(&server)).await;
    assert_eq!((summary.sent, summary.waiting), (0, 1));
    assert_eq!(summary.last_fault, Some(Fault::PlatformFailed));
    assert_eq!(kiosk.row(2).state, QueueState::Queued);
    other.save_draft(draft_with(&[3000]));
    other.drain(&server).await;

    let lines = bench.store().journal(100).unwrap();
    let refused: Vec<_> = lines.iter().filter(|line| line.event == "refused").collect();
    assert_eq!(refused.len(), 1, "once, and then counted");
    assert_eq!((refused[0].kiosk.as_deref(), refused[0].more), (Some(KIOSK), 2));
    assert!(refused[0].last >= Some(refused[0].at));
    server.shutdown().await;
}

#[tokio::test]
async fn a_disk_that_is_nearly_full_takes_nothing_and_loses_nothing() {
    let bench = Bench::new();
    let kiosk = bench.kiosk(KIOSK);
    let server = bench.serve().await;
    kiosk.save();
    let first = kiosk.outbox.next_unsent(0).unwrap().unwrap();
    kiosk.client(&server).send(&first, KIOSK).await.unwrap();
    server.shutdown().await;

    // No disk has so much room.
    let full = bench.serve_with(Options { keep_free: u32::MAX, ..Options::default() }).await;
    kiosk.save();
    kiosk.save_draft(draft_with(&[1000]));
    for _ in 0..2 {
        let summary = forward_once(&kiosk.outbox, &kiosk.client(&full)).await;
        assert_eq!(summary.last_fault, Some(Fault::PlatformFailed));
    }
    assert_eq!(kiosk.row(1).state, QueueState::Acknowledged, "what it has it answers for");
    assert_eq!([kiosk.row(2).state, kiosk.row(3).state], [QueueState::Queued; 2]);
    assert_eq!(bench.list().len(), 1);
    assert!(files_below(&bench.state().join("attachments")).is_empty());
    assert_eq!(ask(&kiosk, &full, "GET /v1/appointments/slots", None).await.0, 200, "the rest goes on");
    let lines = bench.store().journal(100).unwrap();
    let low: Vec<_> = lines.iter().filter(|line| line.event == "refused").collect();
    assert!(low.len() == 1 && low[0].more > 0, "{low:?}");
    assert_eq!(low[0].problem.as_deref(), Some("urn:bianmin:problem:storage-low"));
    full.shutdown().await;

    let server = bench.serve().await;
    kiosk.drain(&server).await;
    assert_eq!(bench.list().len(), 3);
    server.shutdown().await;
}

#[tokio::test]
async fn a_flood_of_refusals_is_a_line_of_each_kind() {
    let bench = Bench::new();
    let (kiosk, other) = (bench.kiosk(KIOSK), bench.kiosk(OTHER));
    let server = bench.serve().await;
    let nonsense = async || assert_eq!(post(&kiosk, &server, "/v1/entries", b"x").await.0, 422);
    for _ in 0..20 {
        nonsense().await;
    }
    assert_eq!(post(&other, &server, "/v1/entries", b"x").await.0, 422);
    platform::revoke(&bench.state(), "110101-0008").unwrap();
    for _ in 0..20 {
        nonsense().await;
    }
    let lines = bench.store().journal(100).unwrap();
    let seen: Vec<_> =
        lines.iter().map(|line| (line.event.as_str(), line.kiosk.as_deref().unwrap(), line.more)).collect();
    assert_eq!(
        seen,
        [
            ("enrolled", KIOSK, 0),
            ("enrolled", OTHER, 0),
            ("refused", KIOSK, 39),
            ("refused", OTHER, 0),
            ("revoked", OTHER, 0),
        ]
    );
    assert_eq!(lines[2].problem.as_deref(), Some(Problem::Malformed.kind()));
    server.shutdown().await;
}

#[tokio::test]
async fn no_kiosk_buries_the_alarms_of_the_others() {
    let bench = Bench::new();
    let kiosk = bench.kiosk(KIOSK);
    let server = bench.serve().await;
    for journal_seq in (1..=30).rev() {
        let head = Head {
            kiosk: KIOSK.into(),
            epoch: 1,
            seq: 0,
            hash: [0; 32],
            journal_seq,
            journal_hash: [7; 32],
            held: Vec::new(),
            time: 1_800_000_000,
        };
        let status = post(&kiosk, &server, "/v1/heads", &sign(&head, &kiosk.signing_key())).await.0;
        assert_eq!(status, if journal_seq == 30 { 204 } else { 409 });
    }
    assert_eq!(bench.store().alarms(false).unwrap().len(), 20);
    let lines = bench.store().journal(100).unwrap();
    let seen: Vec<_> = lines.iter().map(|line| (line.event.as_str(), line.more)).collect();
    assert_eq!(seen, [("enrolled", 0), ("alarm", 19), ("refused", 28)]);
    server.shutdown().await;
}

#[tokio::test]
async fn calls_and_places_have_a_limit() {
    let bench = Bench::new();
    let (kiosk, other) = (bench.kiosk(KIOSK), bench.kiosk(OTHER));
    let server = bench.serve().await;
    let wish = |number: u32| Some(json!({ "call": format!("{number:032x}") }));
    for number in 0..120 {
        assert_eq!(ask(&kiosk, &server, "POST /v1/attendant-calls", wish(number)).await.0, 201);
    }
    let refused = refusal(&kiosk, &server, "POST /v1/attendant-calls", wish(120)).await;
    assert_eq!(refused, (429, "too-often".into()));
    assert_eq!(ask(&other, &server, "POST /v1/attendant-calls", wish(0)).await.0, 201);
    assert_eq!(bench.store().calls().unwrap().len(), 2, "one rings for each machine");

    let slot = bench.store().offer_slot("样本派出所", i64::MAX - 60, i64::MAX - 1, 1).unwrap();
    let book = json!({ "appointment": format!("{:032x}", 1), "slot": slot });
    assert_eq!(ask(&kiosk, &server, "POST /v1/appointments", Some(book)).await.0, 201);
    for _ in 0..3 {
        let cancel = format!("DELETE /v1/appointments/{:032x}", 1);
        assert_eq!(ask(&kiosk, &server, &cancel, None).await.0, 204);
    }
    let cancelled = bench.store().journal(1000).unwrap().into_iter().filter(|line| line.event == "cancelled");
    assert_eq!(cancelled.count(), 1, "cancelled once, however often it is said");
    server.shutdown().await;
}
