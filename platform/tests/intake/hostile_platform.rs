//! Platforms that are off, slow, broken or false: nothing is erased, and a good one later gets each request once.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::header::CONTENT_TYPE;
use axum::http::{Response, StatusCode};
use axum::routing::post;
use ed25519_dalek::SigningKey;
use faults::Fault;
use outbox::QueueState;
use outbox::forward::{PlatformClient, forward_once};
use platform::ca;
use protocol::api::Problem;
use protocol::envelope::receipt::{Statement, sign_receipt};
use protocol::envelope::{self, MEDIA_TYPE};
use tokio::sync::Notify;

use crate::bench::{Bench, KIOSK, Kiosk};

fn answering(answer: impl Fn(Bytes) -> Response<Body> + Clone + Send + Sync + 'static) -> Router {
    Router::new().route("/v1/entries", post(move |body: Bytes| async move { answer(body) }))
}

fn receipt_for(statement: &Statement, key: &SigningKey) -> Response<Body> {
    let bytes = sign_receipt(statement, key).to_vec();
    Response::builder().header(CONTENT_TYPE, MEDIA_TYPE).body(Body::from(bytes)).unwrap()
}

fn good_statement(body: &[u8]) -> Statement {
    Statement {
        id: envelope::id(body).unwrap(),
        kiosk: KIOSK.into(),
        seq: 1,
        head: envelope::id(body).unwrap(),
        time: 1_800_000_100,
        acceptance_number: "2026112100000001".into(),
    }
}

fn status(code: StatusCode) -> Response<Body> {
    Response::builder().status(code).body(Body::empty()).unwrap()
}

/// Sends to a false platform, checks that nothing was erased, then sends to the true one: it has the request once.
async fn survives(router: impl FnOnce(&Bench) -> Router, expected: Fault) {
    let bench = Bench::new();
    let kiosk = bench.kiosk(KIOSK);
    let hostile = bench.serve_router(router(&bench)).await;
    kiosk.save();
    let summary = forward_once(&kiosk.outbox, &kiosk.client(&hostile)).await;
    assert_eq!((summary.sent, summary.waiting, summary.last_fault), (0, 1, Some(expected)));
    let row = kiosk.row(1);
    assert_eq!((row.state, row.attempts), (QueueState::Queued, 1));
    assert_eq!(row.last_code.as_deref(), Some(expected.code()));
    drop(hostile);
    ends_well(&bench, &kiosk).await;
}

async fn ends_well(bench: &Bench, kiosk: &Kiosk) {
    assert!(kiosk.keeps_content(), "something was erased without a receipt");
    let server = bench.serve().await;
    let client = kiosk.client(&server);
    let summary = forward_once(&kiosk.outbox, &client).await;
    assert_eq!((summary.waiting, summary.last_fault), (0, None));
    assert_eq!(forward_once(&kiosk.outbox, &client).await.sent, 0, "once");
    assert!(!kiosk.keeps_content());
    let listed = bench.list();
    assert_eq!(listed.len(), 1);
    assert_eq!((listed[0].signature, listed[0].chain), ("verified", "intact"));
    server.shutdown().await;
}

#[tokio::test]
async fn platform_off() {
    let bench = Bench::new();
    let kiosk = bench.kiosk(KIOSK);
    let server = bench.serve().await;
    let client = kiosk.client(&server);
    server.shutdown().await;
    kiosk.save();
    let summary = forward_once(&kiosk.outbox, &client).await;
    assert_eq!((summary.waiting, summary.last_fault), (1, Some(Fault::PlatformUnreachable)));
    ends_well(&bench, &kiosk).await;
}

#[tokio::test]
async fn platform_never_answers() {
    let bench = Bench::new();
    let kiosk = bench.kiosk(KIOSK);
    let arrived = Arc::new(Notify::new());
    let ring = arrived.clone();
    let silent = Router::new().route(
        "/v1/entries",
        post(move |_: Bytes| async move {
            ring.notify_one();
            std::future::pending::<StatusCode>().await
        }),
    );
    let silent = bench.serve_router(silent).await;
    kiosk.save();
    // The one wait of these tests that the clock ends: it is the limit itself that is tested.
    let mut config = kiosk.config(&silent);
    config.timeout = Duration::from_millis(1500);
    let client = PlatformClient::new(config).unwrap();
    let summary = forward_once(&kiosk.outbox, &client).await;
    arrived.notified().await;
    assert_eq!((summary.waiting, summary.last_fault), (1, Some(Fault::PlatformSlow)));
    drop(silent);
    ends_well(&bench, &kiosk).await;
}

#[tokio::test]
async fn a_request_on_the_wire_is_seen_and_dropping_the_forwarder_is_harmless() {
    let bench = Bench::new();
    let kiosk = bench.kiosk(KIOSK);
    let arrived = Arc::new(Notify::new());
    let ring = arrived.clone();
    let silent = Router::new().route(
        "/v1/entries",
        post(move |_: Bytes| async move {
            ring.notify_one();
            std::future::pending::<StatusCode>().await
        }),
    );
    let silent = bench.serve_router(silent).await;
    kiosk.save();
    let (outbox, client) = (kiosk.outbox.clone(), kiosk.client(&silent));
    let sending = tokio::spawn(async move { forward_once(&outbox, &client).await });
    arrived.notified().await;
    assert_eq!(kiosk.row(1).state, QueueState::Sending);
    sending.abort();
    assert!(sending.await.unwrap_err().is_cancelled());
    assert_eq!(kiosk.row(1).state, QueueState::Queued);
    drop(silent);
    ends_well(&bench, &kiosk).await;
}

#[tokio::test]
async fn platform_fails_with_500() {
    survives(|_| answering(|_| status(StatusCode::INTERNAL_SERVER_ERROR)), Fault::PlatformFailed).await;
}

#[tokio::test]
async fn platform_is_busy_with_503_and_429() {
    for code in [StatusCode::SERVICE_UNAVAILABLE, StatusCode::TOO_MANY_REQUESTS] {
        survives(move |_| answering(move |_| status(code)), Fault::PlatformFailed).await;
    }
}

#[tokio::test]
async fn something_else_listens_there() {
    for code in [StatusCode::NOT_FOUND, StatusCode::FOUND, StatusCode::NO_CONTENT] {
        survives(move |_| answering(move |_| status(code)), Fault::PlatformRefused).await;
    }
}

#[tokio::test]
async fn receipt_with_a_wrong_key() {
    let key = SigningKey::from_bytes(&[3; 32]);
    survives(
        move |_| answering(move |body| receipt_for(&good_statement(&body), &key)),
        Fault::ReceiptInvalid,
    )
    .await;
}

#[tokio::test]
async fn receipt_for_another_request_kiosk_or_sequence() {
    for change in [
        |statement: &mut Statement| statement.id = [4; 32],
        |statement: &mut Statement| statement.kiosk = "110101-0008".into(),
        |statement: &mut Statement| statement.seq = 2,
    ] {
        survives(
            move |bench| {
                let key = ca::receipt_key(&bench.state()).unwrap();
                answering(move |body| {
                    let mut statement = good_statement(&body);
                    change(&mut statement);
                    receipt_for(&statement, &key)
                })
            },
            Fault::ReceiptInvalid,
        )
        .await;
    }
}

#[tokio::test]
async fn receipt_cut_short_empty_or_endless() {
    for length in [0, 10, 250, 5_000_000] {
        survives(
            move |bench| {
                let key = ca::receipt_key(&bench.state()).unwrap();
                answering(move |body| {
                    let mut bytes = sign_receipt(&good_statement(&body), &key).to_vec();
                    bytes.resize(length, 0);
                    Response::new(Body::from(bytes))
                })
            },
            Fault::ReceiptInvalid,
        )
        .await;
    }
}

#[tokio::test]
async fn connection_breaks_in_the_middle_of_the_receipt() {
    survives(
        |bench| {
            let key = ca::receipt_key(&bench.state()).unwrap();
            answering(move |body| {
                let bytes = sign_receipt(&good_statement(&body), &key).to_vec();
                // Promises the whole receipt and gives half of it.
                Response::builder()
                    .header("content-length", bytes.len())
                    .body(Body::new(Halved(Some(Bytes::copy_from_slice(&bytes[..bytes.len() / 2])))))
                    .unwrap()
            })
        },
        Fault::PlatformUnreachable,
    )
    .await;
}

/// A body that breaks off after its first piece.
struct Halved(Option<Bytes>);

impl hyper::body::Body for Halved {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<hyper::body::Frame<Bytes>, std::io::Error>>> {
        std::task::Poll::Ready(Some(match self.0.take() {
            Some(half) => Ok(hyper::body::Frame::data(half)),
            None => Err(std::io::ErrorKind::ConnectionReset.into()),
        }))
    }
}

#[tokio::test]
async fn one_request_with_a_bad_receipt_does_not_block_the_next() {
    let bench = Bench::new();
    let kiosk = bench.kiosk(KIOSK);
    let first = kiosk.save();
    kiosk.save();
    let key = ca::receipt_key(&bench.state()).unwrap();
    let odd = answering(move |body| {
        if envelope::id(&body) == Some(first.id) {
            return status(StatusCode::OK);
        }
        receipt_for(&Statement { seq: 2, ..good_statement(&body) }, &key)
    });
    let server = bench.serve_router(odd).await;
    let summary = forward_once(&kiosk.outbox, &kiosk.client(&server)).await;
    assert_eq!((summary.sent, summary.waiting), (1, 1));
    assert_eq!(summary.last_fault, Some(Fault::ReceiptInvalid));
    assert_eq!(kiosk.row(1).state, QueueState::Queued);
    assert_eq!(kiosk.row(2).state, QueueState::Acknowledged);
}

#[tokio::test]
async fn a_platform_that_is_down_is_not_sent_the_whole_queue() {
    let bench = Bench::new();
    let kiosk = bench.kiosk(KIOSK);
    (0..10).for_each(|_| drop(kiosk.save()));
    let server = bench.serve_router(answering(|_| status(StatusCode::BAD_GATEWAY))).await;
    let summary = forward_once(&kiosk.outbox, &kiosk.client(&server)).await;
    assert_eq!((summary.sent, summary.waiting), (0, 10));
    let attempts: Vec<u32> = kiosk.outbox.list().unwrap().iter().map(|row| row.attempts).collect();
    assert_eq!(attempts, [1, 1, 1, 0, 0, 0, 0, 0, 0, 0]);
}

#[tokio::test]
async fn a_platform_that_asks_for_a_pause_gets_it() {
    let bench = Bench::new();
    let kiosk = bench.kiosk(KIOSK);
    (0..3).for_each(|_| drop(kiosk.save()));
    let busy = answering(|_| {
        Response::builder().status(503).header("retry-after", "120").body(Body::empty()).unwrap()
    });
    let server = bench.serve_router(busy).await;
    let summary = forward_once(&kiosk.outbox, &kiosk.client(&server)).await;
    assert_eq!((summary.waiting, summary.last_fault), (3, Some(Fault::PlatformFailed)));
    let attempts: Vec<u32> = kiosk.outbox.list().unwrap().iter().map(|row| row.attempts).collect();
    assert_eq!(attempts, [1, 0, 0], "not even the next one is tried");
}

#[tokio::test]
async fn a_refused_request_is_held_and_the_next_goes_through() {
    let bench = Bench::new();
    let kiosk = bench.kiosk(KIOSK);
    let poisoned = kiosk.save();
    kiosk.save();
    let key = ca::receipt_key(&bench.state()).unwrap();
    let picky = answering(move |body| {
        if envelope::id(&body) == Some(poisoned.id) {
            let problem = format!(r#"{{"type":"{}","status":422}}"#, Problem::Malformed.kind());
            return Response::builder().status(422).body(Body::from(problem)).unwrap();
        }
        receipt_for(&Statement { seq: 2, ..good_statement(&body) }, &key)
    });
    let server = bench.serve_router(picky).await;
    let summary = forward_once(&kiosk.outbox, &kiosk.client(&server)).await;
    assert_eq!((summary.sent, summary.waiting, summary.last_fault), (1, 0, Some(Fault::PlatformRefused)));
    let row = kiosk.row(1);
    assert_eq!((row.state, row.last_code.as_deref()), (QueueState::Held, Some("PLT-05")));
    assert_eq!(row.last_problem.as_deref(), Some(Problem::Malformed.kind()));
    assert!(kiosk.keeps_content(), "held means kept");
}
