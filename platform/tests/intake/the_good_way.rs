//! Submit, forward, receipt, erase.

use faults::Fault;
use outbox::QueueState;
use outbox::forward::{self, ForwardEvent, Summary, forward_once};
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::bench::{Bench, KIOSK, SECRET, SOON};

#[tokio::test]
async fn a_request_goes_through_and_is_erased() {
    let bench = Bench::new();
    let kiosk = bench.kiosk(KIOSK);
    let server = bench.serve().await;
    let saved = kiosk.save();
    assert!(!kiosk.holds(SECRET.as_bytes()), "what is sealed cannot be read on the kiosk");
    assert!(kiosk.keeps_content());

    let summary = forward_once(&kiosk.outbox, &kiosk.client(&server)).await;
    assert_eq!(summary, Summary { sent: 1, waiting: 0, last_fault: None });
    assert!(!kiosk.keeps_content());
    let row = kiosk.row(1);
    assert_eq!(row.state, QueueState::Acknowledged);

    let listed = bench.list();
    assert_eq!(listed.len(), 1);
    let request = &listed[0];
    assert_eq!(request.id, hex::encode(saved.id));
    assert_eq!(request.case_number, saved.case_number);
    assert_eq!(Some(&request.acceptance_number), row.acceptance_number.as_ref());
    assert_eq!(request.acceptance_number.len(), 16);
    assert_eq!((request.signature, request.chain), ("verified", "intact"));
    assert_eq!((request.kiosk.as_str(), request.seq, request.matter.as_str()), (KIOSK, 1, "id-card-renewal"));
    server.shutdown().await;
}

#[tokio::test]
async fn a_save_wakes_the_forwarder_and_a_platform_that_comes_back_is_found() {
    let bench = Bench::new();
    let kiosk = bench.kiosk(KIOSK);
    let server = bench.serve().await;
    let client = kiosk.client(&server);
    let (sink, mut events) = mpsc::unbounded_channel();
    let running =
        tokio::spawn(forward::run(kiosk.outbox.clone(), client, move |event| sink.send(event).unwrap()));

    let saved = kiosk.save();
    let event = timeout(SOON, events.recv()).await.unwrap().unwrap();
    let ForwardEvent::Accepted { case_number, acceptance_number } = event else { panic!("{event:?}") };
    assert_eq!(case_number, saved.case_number);
    assert_eq!(Some(acceptance_number), kiosk.row(1).acceptance_number);

    let address = server.local_addr();
    server.shutdown().await;
    kiosk.save();
    let event = timeout(SOON, events.recv()).await.unwrap().unwrap();
    assert_eq!(event, ForwardEvent::Trouble(Fault::PlatformUnreachable));

    let listener = tokio::net::TcpListener::bind(address).await.unwrap();
    let server = platform::serve(&bench.state(), listener).unwrap();
    let third = kiosk.save();
    let second = timeout(SOON, events.recv()).await.unwrap().unwrap();
    assert!(matches!(second, ForwardEvent::Accepted { .. }), "{second:?}");
    let last = timeout(SOON, events.recv()).await.unwrap().unwrap();
    let ForwardEvent::Accepted { case_number, .. } = last else { panic!("{last:?}") };
    assert_eq!(case_number, third.case_number, "oldest first");
    assert_eq!(timeout(SOON, events.recv()).await.unwrap().unwrap(), ForwardEvent::Recovered);
    assert_eq!(kiosk.outbox.waiting().unwrap(), 0);
    running.abort();
    server.shutdown().await;
}

#[tokio::test]
async fn requests_that_come_out_of_order_show_a_gap_until_it_closes() {
    let bench = Bench::new();
    let kiosk = bench.kiosk(KIOSK);
    let server = bench.serve().await;
    let client = kiosk.client(&server);
    let (first, _second) = (kiosk.save(), kiosk.save());
    kiosk.outbox.hold(first.id, Fault::PlatformRefused).unwrap();
    assert_eq!(forward_once(&kiosk.outbox, &client).await.sent, 1);
    assert_eq!(bench.list()[0].chain, "gap");
    kiosk.outbox.release(first.id).unwrap();
    assert_eq!(forward_once(&kiosk.outbox, &client).await.sent, 1);
    assert!(bench.list().iter().all(|request| request.chain == "intact"));
    server.shutdown().await;
}

#[tokio::test]
async fn several_kiosks_have_chains_of_their_own() {
    let bench = Bench::new();
    let server = bench.serve().await;
    for id in [KIOSK, "110101-0008"] {
        let kiosk = bench.kiosk(id);
        (0..3).for_each(|_| drop(kiosk.save()));
        assert_eq!(forward_once(&kiosk.outbox, &kiosk.client(&server)).await.sent, 3);
    }
    let listed = bench.list();
    assert_eq!(listed.len(), 6);
    assert!(listed.iter().all(|request| request.chain == "intact" && request.signature == "verified"));
    let numbers: std::collections::BTreeSet<_> =
        listed.iter().map(|request| &request.acceptance_number).collect();
    assert_eq!(numbers.len(), 6);
    server.shutdown().await;
}
