//! The program as an operator uses it.

use std::process::Command;

use protocol::envelope::head::{Head, sign};
use serde_json::{Value, json};

use crate::bench::{Bench, KIOSK, draft_with};
use crate::wire::{ask, post};

/// Runs the program on the bench's folder; gives whether it succeeded and what it printed.
fn run(bench: &Bench, words: &[&str]) -> (bool, Value) {
    let output = Command::new(env!("CARGO_BIN_EXE_kiosk-platform"))
        .arg("--state")
        .arg(bench.state())
        .arg("--json")
        .args(words)
        .output()
        .unwrap();
    let line = String::from_utf8(output.stdout).unwrap();
    (output.status.success(), serde_json::from_str(line.lines().last().unwrap()).unwrap())
}

#[tokio::test]
async fn an_operator_sees_and_decides() {
    let bench = Bench::new();
    let kiosk = bench.kiosk(KIOSK);
    let server = bench.serve().await;
    let case = kiosk.save_draft(draft_with(&[1000])).case_number;
    let portrait = hex::encode(kiosk.outbox.next_unsent(0).unwrap().unwrap().attachments[0].hash);
    kiosk.drain(&server).await;
    let good = |words: &[&str]| {
        let (done, answer) = run(&bench, words);
        assert!(done, "{words:?}: {answer}");
        answer
    };
    assert_eq!(good(&["list"])["requests"][0]["case_number"], case);
    assert_eq!(good(&["show", &case])["request"]["attachments"][0]["content"], "verified");
    assert_eq!(good(&["progress", &case, "ready", "--note", "窗口 3"])["state"], "ready");
    let (_, progress) = ask(&kiosk, &server, &format!("GET /v1/cases/{case}/progress"), None).await;
    assert_eq!(progress["timeline"][1]["note"], "窗口 3");

    let call = "0123456789abcdef0123456789abcdef";
    ask(&kiosk, &server, "POST /v1/attendant-calls", Some(json!({ "call": call }))).await;
    assert_eq!(good(&["calls"])["calls"][0]["state"], "open");
    assert_eq!(good(&["calls", "--answer", KIOSK])["calls"][0]["state"], "answered");

    let wish = Some(json!({ "case_number": case, "portrait": portrait }));
    ask(&kiosk, &server, "POST /v1/identity-checks", wish).await;
    let check = good(&["checks"])["checks"][0]["id"].as_str().unwrap().to_owned();
    good(&["decide", &check, "match", "--by", "李"]);
    assert_eq!(good(&["checks"])["checks"], json!([]));

    let start = jiff::Timestamp::now().as_second() + 3600;
    let start = jiff::Timestamp::from_second(start).unwrap().to_string();
    good(&["slots", "offer", "--office", "西城分局", "--start", &start, "--places", "2"]);
    assert_eq!(good(&["slots"])["slots"][0]["free"], 2);
    let matters = concat!(env!("CARGO_MANIFEST_DIR"), "/../matters/catalogue");
    assert_eq!(good(&["catalogue", "put", matters])["catalogue"], 1);

    let verified = good(&["verify", KIOSK]);
    assert_eq!(
        (&verified["epochs"][0]["requests"], &verified["epochs"][0]["head_verified"]),
        (&json!(1), &json!(true))
    );
    let id = bench.store().id_at(KIOSK, 1, 1).unwrap().unwrap();
    let gap = Head {
        kiosk: KIOSK.into(),
        epoch: 1,
        seq: 3,
        hash: [3; 32],
        journal_seq: 1000,
        journal_hash: id,
        held: Vec::new(),
        time: 1_800_000_000,
    };
    post(&kiosk, &server, "/v1/heads", &sign(&gap, &kiosk.signing_key())).await;
    let (intact, error) = run(&bench, &["verify", KIOSK]);
    assert!(!intact);
    assert_eq!(error["error"]["code"], "chain-not-whole");
    assert!(error["error"]["text"].as_str().unwrap().contains(r#""missing":"2-3""#));
    let alarms = good(&["alarms"]);
    assert_eq!(
        (&alarms["alarms"][0]["kind"], &alarms["alarms"][0]["detail"]),
        (&json!("gap"), &json!("2-3"))
    );
    assert_eq!(good(&["kiosks"])["kiosks"][0]["alarms"], 1);
    let number = alarms["alarms"][0]["number"].to_string();
    assert_eq!(good(&["alarms", "--end", &number])["alarms"], json!([]));
    assert_eq!(good(&["alarms", "--all"])["alarms"].as_array().unwrap().len(), 1);
    let events: Vec<_> =
        good(&["journal"])["journal"].as_array().unwrap().iter().map(|line| line["event"].clone()).collect();
    for event in [
        "enrolled",
        "progress",
        "call-answered",
        "check-decided",
        "catalogue-put",
        "alarm",
        "refused",
        "alarm-ended",
    ] {
        assert!(events.contains(&json!(event)), "{event}: {events:?}");
    }
    server.shutdown().await;
}

#[test]
fn a_mistake_is_an_error_with_a_code() {
    let bench = Bench::new();
    for (words, code) in [
        (&["verify", "110101-0009"][..], "unknown-kiosk"),
        (&["show", "1"], "unknown-request"),
        (&["progress", "1", "ready"], "unknown"),
        (&["decide", "1", "match", "--by", "x"], "unknown"),
        (&["alarms", "--end", "7"], "unknown"),
        (
            &["slots", "offer", "--office", "x", "--start", "2026-12-01T00:00Z", "--places", "0"],
            "slot-invalid",
        ),
        (&["catalogue", "put", "/nowhere"], "file-unavailable"),
        (&["catalogue", "put", bench.state().to_str().unwrap()], "catalogue-invalid"),
        (&["serve", "--listen", "127.0.0.1:0", "--matcher", "/nowhere"], "matcher-unavailable"),
    ] {
        let (done, answer) = run(&bench, words);
        assert!(!done);
        assert_eq!(answer["error"]["code"], code, "{answer}");
    }
}
