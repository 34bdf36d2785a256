//! What `list` and `show` say of what is stored.

use outbox::forward::forward_once;
use platform::{PlatformError, report};
use rusqlite::Connection;

use crate::bench::{Bench, KIOSK};

#[tokio::test]
async fn show_prints_the_signed_content() {
    let bench = Bench::new();
    let kiosk = bench.kiosk(KIOSK);
    let server = bench.serve().await;
    let saved = kiosk.save();
    forward_once(&kiosk.outbox, &kiosk.client(&server)).await;
    let number = kiosk.row(1).acceptance_number.unwrap();
    for name in [hex::encode(saved.id), number, saved.case_number] {
        let shown = serde_json::to_value(report::show(&bench.state(), &name).unwrap()).unwrap();
        assert_eq!(shown["seq"], 1);
        assert_eq!(shown["signature"], "verified");
        assert_eq!(shown["request"]["answers"][0]["value"], "13800000000");
        assert_eq!(shown["request"]["deadline"], "2027-01-20");
        assert_eq!(shown["request"]["card_bytes"], 1284);
    }
    let missing = report::show(&bench.state(), "0000000000000000").err().unwrap();
    assert!(matches!(missing, PlatformError::UnknownRequest(_)));
    server.shutdown().await;
}

#[tokio::test]
async fn tampering_with_the_platforms_database_shows() {
    for (tamper, signature, chain) in [
        ("UPDATE requests SET entry = zeroblob(100) WHERE seq = 2", "invalid", "intact"),
        ("UPDATE requests SET matter = 'x' WHERE seq = 2", "invalid", "intact"),
        ("UPDATE requests SET prev = zeroblob(32) WHERE seq = 2", "invalid", "broken"),
        ("DELETE FROM requests WHERE seq = 1", "verified", "gap"),
    ] {
        let bench = Bench::new();
        let kiosk = bench.kiosk(KIOSK);
        let server = bench.serve().await;
        kiosk.save();
        kiosk.save();
        assert_eq!(forward_once(&kiosk.outbox, &kiosk.client(&server)).await.sent, 2);
        server.shutdown().await;
        let raw = Connection::open(bench.state().join("platform.sqlite")).unwrap();
        raw.execute(tamper, []).unwrap();
        let listed = bench.list();
        let second = listed.iter().find(|request| request.seq == 2).unwrap();
        assert_eq!((second.signature, second.chain), (signature, chain), "{tamper}");
    }
}

#[test]
fn a_mistyped_folder_is_no_empty_platform() {
    let dir = tempfile::tempdir().unwrap();
    let missing = dir.path().join("missing");
    assert!(matches!(report::list(&missing), Err(PlatformError::NotInitialised(_))));
    assert!(!missing.exists());
}
