//! Identity checks: recorded, decided by a clerk or by the operator's program, never by themselves.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use platform::Options;
use platform::store::checks::{CheckState, Decision};
use serde_json::{Value, json};

use crate::bench::{Bench, KIOSK, Kiosk, draft_with};
use crate::wire::{ask, refusal};

const ASK: &str = "POST /v1/identity-checks";

/// A request with a portrait on the platform; gives its case number and the portrait's name.
async fn with_portrait(kiosk: &Kiosk, server: &platform::Server) -> (String, String) {
    let case = kiosk.save_draft(draft_with(&[5000])).case_number;
    let portrait = hex::encode(kiosk.outbox.next_unsent(0).unwrap().unwrap().attachments[0].hash);
    kiosk.drain(server).await;
    (case, portrait)
}

fn matcher(bench: &Bench, script: &str) -> Options {
    let program: PathBuf = bench.state().join("matcher");
    std::fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o700)).unwrap();
    Options { matcher: Some(program), ..Options::default() }
}

#[tokio::test]
async fn a_check_waits_for_a_clerk() {
    let bench = Bench::new();
    let (kiosk, other) = (bench.kiosk(KIOSK), bench.kiosk("110101-0008"));
    let server = bench.serve().await;
    let (case, portrait) = with_portrait(&kiosk, &server).await;
    let wish = || Some(json!({ "case_number": case, "portrait": portrait }));
    let (status, check) = ask(&kiosk, &server, ASK, wish()).await;
    assert_eq!((status, &check["state"], &check["decided_by"]), (201, &json!("pending"), &Value::Null));
    assert_eq!(ask(&kiosk, &server, ASK, wish()).await, (200, check.clone()));
    let id = check["id"].as_str().unwrap().to_owned();
    let follow = format!("GET /v1/identity-checks/{id}");
    assert_eq!(ask(&kiosk, &server, &follow, None).await, (200, check));
    let none = hex::encode([1; 32]);
    for (who, wish, status, problem) in [
        (&other, wish().unwrap(), 404, "case-unknown"),
        (&kiosk, json!({ "case_number": case, "portrait": none }), 404, "portrait-unknown"),
        (&kiosk, json!({ "case_number": case, "portrait": portrait.to_uppercase() }), 422, "bad-field"),
        (&kiosk, json!({ "case_number": case, "portrait": portrait, "score": 1.0 }), 422, "bad-field"),
    ] {
        assert_eq!(refusal(who, &server, ASK, Some(wish)).await, (status, problem.into()));
    }
    assert_eq!(refusal(&other, &server, &follow, None).await, (404, "check-unknown".into()));

    let open = bench.store().open_checks().unwrap();
    assert_eq!((open.len(), open[0].id.as_str(), open[0].score), (1, id.as_str(), None));
    let waiting = format!("{follow}?wait=30");
    let waits = ask(&kiosk, &server, &waiting, None);
    let decides = tokio::task::spawn_blocking({
        let (store, id) = (bench.store(), id.clone());
        let decision = Decision { state: CheckState::NoMatch, by: "clerk 李", score: None };
        move || store.decide_check(&id, &decision).unwrap()
    });
    let ((_, check), decided) = tokio::join!(waits, decides);
    assert!(decided.unwrap());
    assert_eq!((&check["state"], &check["decided_by"]), (&json!("no-match"), &json!("clerk")));
    assert!(check["decided"].is_i64() && check.get("score").is_none());
    assert!(bench.store().open_checks().unwrap().is_empty());
    server.shutdown().await;
}

#[tokio::test]
async fn a_matcher_gets_the_opened_portrait_and_decides() {
    let bench = Bench::new();
    let kiosk = bench.kiosk(KIOSK);
    let seen = bench.state().join("seen");
    let script = format!(
        r#"read -r line; echo "$line" > {}; echo '{{"decision":"match","score":0.93,"model":"test/1"}}'"#,
        seen.display()
    );
    let server = bench.serve_with(matcher(&bench, &script)).await;
    let (case, portrait) = with_portrait(&kiosk, &server).await;
    let wish = Some(json!({ "case_number": case, "portrait": portrait }));
    let (_, check) = ask(&kiosk, &server, ASK, wish).await;
    let id = check["id"].as_str().unwrap().to_owned();
    let (_, check) = ask(&kiosk, &server, &format!("GET /v1/identity-checks/{id}?wait=30"), None).await;
    assert_eq!((&check["state"], &check["decided_by"]), (&json!("match"), &json!("matcher")));
    let kept = bench.store().check(&id).unwrap().unwrap();
    assert_eq!((kept.score, kept.decided_by.as_deref()), (Some(0.93), Some("matcher test/1")));

    let question: Value = serde_json::from_slice(&std::fs::read(&seen).unwrap()).unwrap();
    let documented = ["version", "check", "number", "name", "card_photo_wlt", "portrait", "portrait_type"];
    assert_eq!(question.as_object().unwrap().len(), documented.len());
    assert!(documented.iter().all(|field| question.get(field).is_some()));
    assert_eq!((&question["check"], &question["portrait_type"]), (&json!(id), &json!("image/jpeg")));
    assert_eq!(question["portrait"].as_str().unwrap().len(), 5000_usize.div_ceil(3) * 4);

    // Before a request it gets what was typed.
    let early = crate::early_checks::sealed(&kiosk, KIOSK, 9, "11010519491231002X");
    let asked = kiosk.client(&server).ask_identity(&[9; 16], early, crate::bench::SOON).await.unwrap();
    assert_eq!(asked["state"], "pending");
    let follow = format!("GET /v1/identity-checks/{}?wait=30", hex::encode([9; 16]));
    let (_, check) = ask(&kiosk, &server, &follow, None).await;
    assert_eq!((&check["state"], &check["decided_by"]), (&json!("match"), &json!("matcher")));
    let question: Value = serde_json::from_slice(&std::fs::read(&seen).unwrap()).unwrap();
    assert_eq!(
        (&question["number"], &question["name"]),
        (&json!("11010519491231002X"), &json!("测试员·样本"))
    );
    assert_eq!(question["card_photo_wlt"], Value::Null);
    // A clerk has the last word, the matcher has not.
    let store = bench.store();
    let by = |by, state| Decision { state, by, score: None };
    assert!(store.decide_check(&id, &by("clerk 李", CheckState::NoMatch)).unwrap());
    assert!(!store.decide_check(&id, &by("matcher test/1", CheckState::Match)).unwrap());
    server.shutdown().await;
}

#[tokio::test]
async fn a_matcher_that_fails_decides_nothing() {
    let bench = Bench::new();
    let kiosk = bench.kiosk(KIOSK);
    let server = bench.serve_with(matcher(&bench, "read -r line; exit 1")).await;
    let (case, portrait) = with_portrait(&kiosk, &server).await;
    let wish = Some(json!({ "case_number": case, "portrait": portrait }));
    let (_, check) = ask(&kiosk, &server, ASK, wish).await;
    let id = check["id"].as_str().unwrap().to_owned();
    let failed = |line: &platform::store::journal::Journalled| line.event == "matcher-failed";
    while !bench.store().journal(100).unwrap().iter().any(failed) {
        tokio::task::yield_now().await;
    }
    assert_eq!(bench.store().check(&id).unwrap().unwrap().state, CheckState::Pending);
    server.shutdown().await;

    // The next start looks at it again, with a program that works.
    let good = r#"read -r line; echo '{"decision":"unsure","score":null,"model":"test/2"}'"#;
    let server = bench.serve_with(matcher(&bench, good)).await;
    let (_, check) = ask(&kiosk, &server, &format!("GET /v1/identity-checks/{id}?wait=30"), None).await;
    assert_eq!(check["state"], "unsure");
    assert_eq!(bench.store().open_checks().unwrap().len(), 1, "a clerk decides");
    server.shutdown().await;
}
