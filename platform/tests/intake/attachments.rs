//! Files of a request: before the request, in pieces, once.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::Request;
use axum::middleware::{self, Next};
use axum::response::IntoResponse;
use faults::Fault;
use outbox::QueueState;
use outbox::forward::forward_once;
use platform::intake::{self, Intake};
use platform::report;
use protocol::api::Problem;

use crate::bench::{Bench, KIOSK, SECRET, draft_with, files_below};

#[tokio::test]
async fn files_go_first_and_are_erased_with_their_request() {
    let bench = Bench::new();
    let kiosk = bench.kiosk(KIOSK);
    let server = bench.serve().await;
    let saved = kiosk.save_draft(draft_with(&[1_300_000, 0, 512 * 1024]));
    assert!(!kiosk.holds(SECRET.as_bytes()), "sealed on the disk");
    assert_eq!(files_below(&kiosk.dir.join("outbox/attachments")).len(), 3);

    let summary = forward_once(&kiosk.outbox, &kiosk.client(&server)).await;
    assert_eq!((summary.sent, summary.last_fault), (1, None));
    assert!(files_below(&kiosk.dir.join("outbox/attachments")).is_empty());
    let shown = serde_json::to_value(report::show(&bench.state(), &saved.case_number).unwrap()).unwrap();
    let files = shown["request"]["attachments"].as_array().unwrap();
    let lengths: Vec<_> = files.iter().map(|file| file["bytes"].as_u64().unwrap()).collect();
    assert_eq!(lengths, [1_300_000, 0, 512 * 1024]);
    assert!(files.iter().all(|file| file["content"] == "verified"), "{files:?}");
    let stored = bench.state().join("attachments");
    let sealed = |path: &std::path::PathBuf| {
        let bytes = std::fs::read(path).unwrap();
        !bytes.windows(SECRET.len()).any(|window| window == SECRET.as_bytes())
    };
    assert!(files_below(&stored).iter().all(sealed), "and sealed on the platform's");
    server.shutdown().await;
}

#[tokio::test]
async fn an_upload_that_breaks_off_goes_on_where_it_was() {
    let bench = Bench::new();
    let kiosk = bench.kiosk(KIOSK);
    kiosk.save_draft(draft_with(&[1_300_000]));
    // The second piece never arrives the first time.
    let seen = Arc::new(Mutex::new(Vec::new()));
    let pieces = seen.clone();
    let breaks = move |request: Request, next: Next| {
        let range = request.headers().get("content-range").map(|range| range.to_str().unwrap().to_owned());
        let fails = range.as_ref().is_some_and(|range| {
            let mut seen = pieces.lock().unwrap();
            seen.push(range.clone());
            seen.len() == 2
        });
        async move {
            if fails { axum::http::StatusCode::BAD_GATEWAY.into_response() } else { next.run(request).await }
        }
    };
    let router: Router =
        intake::router(Intake::open(&bench.state()).unwrap()).layer(middleware::from_fn(breaks));
    let server = bench.serve_router(router).await;
    let client = kiosk.client(&server);
    let summary = forward_once(&kiosk.outbox, &client).await;
    assert_eq!((summary.sent, summary.last_fault), (0, Some(Fault::PlatformFailed)));
    assert_eq!(forward_once(&kiosk.outbox, &client).await.sent, 1);
    let starts: Vec<String> =
        seen.lock().unwrap().iter().map(|range| range.split('-').next().unwrap().to_owned()).collect();
    assert_eq!(starts, ["bytes 0", "bytes 524288", "bytes 524288", "bytes 1048576"]);
    assert_eq!(bench.list().len(), 1);
    server.shutdown().await;
}

#[tokio::test]
async fn a_request_without_its_files_is_not_taken() {
    let bench = Bench::new();
    let kiosk = bench.kiosk(KIOSK);
    let server = bench.serve().await;
    kiosk.save_draft(draft_with(&[1000]));
    kiosk.save();
    let entry = kiosk.outbox.next_unsent(0).unwrap().unwrap();
    let file = &entry.attachments[0].path;
    let bytes = std::fs::read(file).unwrap();
    let mut bent = bytes.clone();
    bent[500] ^= 1;
    std::fs::write(file, bent).unwrap();
    let summary = forward_once(&kiosk.outbox, &kiosk.client(&server)).await;
    assert_eq!((summary.sent, summary.last_fault), (1, Some(Fault::StoreDamaged)), "the next one goes");
    let row = kiosk.row(1);
    assert_eq!((row.state, row.last_code.as_deref()), (QueueState::Held, Some("OBX-04")));
    assert_eq!(bench.list().len(), 1);

    // The file comes back, such as from a copy of the disk.
    std::fs::write(file, bytes).unwrap();
    kiosk.outbox.release(entry.id).unwrap();
    assert_eq!(forward_once(&kiosk.outbox, &kiosk.client(&server)).await.sent, 1);
    assert_eq!(bench.list().len(), 2);
    server.shutdown().await;
}

#[tokio::test]
async fn a_request_that_the_platform_has_needs_no_files_any_more() {
    let bench = Bench::new();
    let kiosk = bench.kiosk(KIOSK);
    let server = bench.serve().await;
    kiosk.save_draft(draft_with(&[1000]));
    let entry = kiosk.outbox.next_unsent(0).unwrap().unwrap();
    let client = kiosk.client(&server);
    client.send(&entry, KIOSK).await.unwrap();
    for file in files_below(&bench.state().join("attachments")) {
        std::fs::remove_file(file).unwrap();
    }
    std::fs::remove_file(&entry.attachments[0].path).unwrap();
    assert_eq!(forward_once(&kiosk.outbox, &client).await.sent, 1, "the same receipt as before");
    server.shutdown().await;
}

#[tokio::test]
async fn a_revoked_kiosk_cannot_leave_files() {
    let bench = Bench::new();
    let kiosk = bench.kiosk(KIOSK);
    let server = bench.serve().await;
    let client = kiosk.client(&server);
    kiosk.save();
    assert_eq!(forward_once(&kiosk.outbox, &client).await.sent, 1);
    kiosk.save_draft(draft_with(&[1000]));
    platform::revoke(&bench.state(), KIOSK).unwrap();
    let entry = kiosk.outbox.next_unsent(0).unwrap().unwrap();
    let error = client.upload(&entry.attachments[0]).await.unwrap_err();
    assert_eq!(error.fault(), Fault::PlatformUntrusted);
    assert_ne!(error.problem(), Some(Problem::AttachmentMissing.kind()));
    assert!(files_below(&bench.state().join("attachments")).is_empty());
    server.shutdown().await;
}
