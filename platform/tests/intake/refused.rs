//! What the intake refuses, as a kiosk that speaks plain HTTP over its mutual TLS sees it.

use protocol::api::Problem;
use protocol::envelope::{MAX_ENVELOPE, MEDIA_TYPE};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::bench::{Bench, KIOSK};
use crate::wire::call;

fn post(kind: &str) -> String {
    format!("POST /v1/entries HTTP/1.1\r\ncontent-type: {kind}")
}

#[tokio::test]
async fn every_refusal_is_a_problem_document() {
    let bench = Bench::new();
    let kiosk = bench.kiosk(KIOSK);
    let server = bench.serve().await;
    kiosk.save();
    let good = kiosk.outbox.next_unsent(0).unwrap().unwrap().body;
    let mut bent = good.clone();
    let last = bent.len() - 1;
    bent[last] ^= 1;
    let mut forged = good.clone();
    // The outer envelope's signature ends where the sealed content's byte string begins.
    let outer = protocol::envelope::Sealed::split(&good).unwrap().outer;
    let end = good.windows(outer.len()).position(|window| window == outer).unwrap() + outer.len();
    forged[end - 1] ^= 1;
    let mut longer = good.clone();
    longer.push(0);
    let large = vec![0; MAX_ENVELOPE + 1];
    let cose = post(MEDIA_TYPE);
    for (head, body, status, kind) in [
        (post("text/plain"), &good, 415, Problem::MediaType.kind()),
        (cose.clone(), &bent, 422, Problem::Malformed.kind()),
        (cose.clone(), &forged, 422, Problem::BadSignature.kind()),
        (cose.clone(), &longer, 422, Problem::Malformed.kind()),
        (cose.clone(), &Vec::new(), 422, Problem::Malformed.kind()),
        (cose.clone(), &large, 413, Problem::TooLarge.kind()),
        ("GET /v1/entries HTTP/1.1".to_owned(), &Vec::new(), 405, Problem::NoSuchMethod.kind()),
        ("GET /v2 HTTP/1.1".to_owned(), &Vec::new(), 404, Problem::NoSuchResource.kind()),
    ] {
        let (found, headers, text) = call(&kiosk, &server, &head, body).await;
        assert_eq!(found, status, "{kind}");
        assert!(headers.contains("content-type: application/problem+json"), "{headers}");
        let problem: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(problem["type"], kind);
        assert_eq!(problem["status"], status);
        assert!(!problem["title"].as_str().unwrap().is_empty());
    }
    assert!(bench.list().is_empty());
    let (status, headers, _) = call(&kiosk, &server, &cose, &good).await;
    assert_eq!(status, 200);
    assert!(headers.contains("content-type: application/cose"), "{headers}");
    let (status, _, text) = call(&kiosk, &server, "GET /v1/health HTTP/1.1", &[]).await;
    assert_eq!((status, text.as_str()), (200, r#"{"status":"ok"}"#));
    server.shutdown().await;
}

#[tokio::test]
async fn without_tls_nobody_gets_in() {
    let bench = Bench::new();
    let server = bench.serve().await;
    let mut stream = TcpStream::connect(server.local_addr()).await.unwrap();
    stream.write_all(b"GET /v1/health HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    assert!(!answer.starts_with(b"HTTP"), "TLS alert or nothing");
    server.shutdown().await;
}
