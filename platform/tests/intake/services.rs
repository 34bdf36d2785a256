//! What kiosks ask for beside sending requests, over their mutual TLS.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::Request;
use axum::middleware::{self, Next};
use outbox::forward::Method;
use platform::intake::{self, Intake};
use platform::store::calls::CallState;
use platform::store::progress::State;
use platform::{Options, ca};
use protocol::api::Problem;
use protocol::catalogue::Files;
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::bench::{Bench, KIOSK, SOON};
use crate::wire::{ask, call, refusal};

const CALL: &str = "0123456789abcdef0123456789abcdef";

fn paying() -> Options {
    Options { public_url: Some("https://pay.example/".into()), ..Options::default() }
}

#[tokio::test]
async fn a_case_has_one_payment_order() {
    let bench = Bench::new();
    let (kiosk, other) = (bench.kiosk(KIOSK), bench.kiosk("110101-0008"));
    let server = bench.serve_with(paying()).await;
    let case = kiosk.save().case_number;
    let line = format!("PUT /v1/cases/{case}/payment-order");
    let wish = |fen: u32| Some(json!({ "amount_fen": fen }));
    let early = refusal(&kiosk, &server, &line, wish(2000)).await;
    assert_eq!(early, (404, "case-unknown".into()), "save first, pay second");
    kiosk.drain(&server).await;
    let follow = format!("GET /v1/cases/{case}/payment-order");
    assert_eq!(refusal(&kiosk, &server, &follow, None).await, (404, "order-unknown".into()));

    let (status, order) = ask(&kiosk, &server, &line, wish(2000)).await;
    assert_eq!((status, &order["state"], &order["amount_fen"]), (201, &json!("open"), &json!(2000)));
    let number = order["order"].as_str().unwrap().to_owned();
    assert_eq!(order["pay_url"], format!("https://pay.example/pay/{number}"));
    assert_eq!(ask(&kiosk, &server, &line, wish(2000)).await, (200, order.clone()), "asked again");
    assert_eq!(refusal(&kiosk, &server, &line, wish(4000)).await, (409, "amount-differs".into()));
    for (line, problem) in [(&line, "case-unknown"), (&follow, "case-unknown")] {
        let body = line.starts_with("PUT").then(|| json!({ "amount_fen": 2000 }));
        assert_eq!(refusal(&other, &server, line, body).await, (404, problem.into()), "another kiosk's case");
    }
    for bad in [
        json!({ "amount_fen": 0 }),
        json!({ "amount_fen": 10_000_001 }),
        json!({ "amount_fen": -1 }),
        json!({ "amount_fen": "2000" }),
        json!({ "amount_fen": 2000, "to": "me" }),
        json!({}),
        json!([2000]),
    ] {
        assert_eq!(refusal(&kiosk, &server, &line, Some(bad)).await, (422, "bad-field".into()));
    }

    let paid = bench.store().pay(&number).unwrap().unwrap();
    assert_eq!(bench.store().pay(&number).unwrap(), Some(paid), "paying twice changes nothing");
    assert_eq!(bench.store().pay("1").unwrap(), None);
    let (_, order) = ask(&kiosk, &server, &follow, None).await;
    assert_eq!(order["state"], "paid");
    server.shutdown().await;

    // Without a pay page nobody can pay.
    let server = bench.serve().await;
    let off = (503, "payment-unavailable".to_owned());
    assert_eq!(refusal(&kiosk, &server, &line, wish(2000)).await, off);
    server.shutdown().await;
}

#[tokio::test]
async fn who_waits_hears_of_the_payment() {
    let bench = Bench::new();
    let kiosk = bench.kiosk(KIOSK);
    let server = bench.serve_with(paying()).await;
    let case = kiosk.save().case_number;
    kiosk.drain(&server).await;
    let wish = Some(json!({ "amount_fen": 2000 }));
    let (_, order) = ask(&kiosk, &server, &format!("PUT /v1/cases/{case}/payment-order"), wish).await;
    let follow = format!("GET /v1/cases/{case}/payment-order?wait=30");
    let waits = ask(&kiosk, &server, &follow, None);
    let pays = async {
        let (number, store) = (order["order"].as_str().unwrap().to_owned(), bench.store());
        tokio::task::spawn_blocking(move || store.pay(&number).unwrap()).await.unwrap()
    };
    let ((status, order), _) = tokio::join!(waits, pays);
    assert_eq!((status, &order["state"]), (200, &json!("paid")));
    for bad in ["wait=31", "wait=-1", "wait=x", "wait=1&wait=2", "weight=1"] {
        let line = format!("GET /v1/cases/{case}/payment-order?{bad}");
        assert_eq!(refusal(&kiosk, &server, &line, None).await, (400, "bad-query".into()), "{bad}");
    }
    server.shutdown().await;
}

#[tokio::test]
async fn a_server_that_stops_answers_who_waits() {
    let bench = Bench::new();
    let kiosk = bench.kiosk(KIOSK);
    let (arrived, ring) = {
        let arrived = Arc::new(Notify::new());
        (arrived.clone(), arrived)
    };
    let rings = move |request: Request, next: Next| {
        if request.method() == Method::GET {
            ring.notify_one();
        }
        next.run(request)
    };
    let router = intake::router(Intake::open(&bench.state()).unwrap()).layer(middleware::from_fn(rings));
    let server = bench.serve_router(router).await;
    ask(&kiosk, &server, "POST /v1/attendant-calls", Some(json!({ "call": CALL }))).await;
    let client = kiosk.client(&server);
    let waits = tokio::spawn(async move {
        // Shorter than the wait that it asks for: only the stop can answer in time.
        let path = format!("/v1/attendant-calls/{CALL}?wait=30");
        client.call(Method::GET, &path, None, Duration::from_secs(20)).await
    });
    arrived.notified().await;
    server.shutdown().await;
    assert_eq!(waits.await.unwrap().unwrap(), json!({ "state": "open" }));
}

#[tokio::test]
async fn progress_begins_with_the_acceptance_and_any_kiosk_may_ask() {
    let bench = Bench::new();
    let (kiosk, other) = (bench.kiosk(KIOSK), bench.kiosk("110101-0008"));
    let server = bench.serve().await;
    let case = kiosk.save().case_number;
    kiosk.drain(&server).await;
    let store = bench.store();
    assert!(store.set_progress(&case, State::MoreNeeded, Some("请补交户口簿")).unwrap());
    let number = store.case(&case).unwrap().unwrap().acceptance_number;
    assert!(store.set_progress(&number, State::Ready, None).unwrap(), "by its other number too");
    assert!(!store.set_progress("1", State::Ready, None).unwrap());
    for (who, name) in [(&kiosk, &case), (&other, &number)] {
        let (status, found) = ask(who, &server, &format!("GET /v1/cases/{name}/progress"), None).await;
        assert_eq!(status, 200);
        assert_eq!((&found["case_number"], &found["matter"]), (&json!(case), &json!("id-card-renewal")));
        let timeline = found["timeline"].as_array().unwrap();
        let states: Vec<_> = timeline.iter().map(|step| step["state"].as_str().unwrap()).collect();
        assert_eq!(states, ["accepted", "more-needed", "ready"]);
        assert_eq!(timeline[1]["note"], "请补交户口簿");
        assert!(timeline.iter().all(|step| step["at"].is_i64()));
    }
    let unknown = refusal(&kiosk, &server, "GET /v1/cases/110101-0007-1/progress", None).await;
    assert_eq!(unknown, (404, "case-unknown".into()));
    server.shutdown().await;
}

fn beat(uptime: Value) -> Value {
    json!({ "version": "0.1.0", "uptime_s": uptime, "clock": 1_795_190_398, "queued": 2, "held": 0, "oldest_s": null,
        "devices": [{ "name": "camera", "status": "NoDevice", "fault": "CAM-01" }] })
}

#[tokio::test]
async fn the_last_heartbeat_of_a_kiosk_is_kept() {
    let bench = Bench::new();
    let kiosk = bench.kiosk(KIOSK);
    let server = bench.serve().await;
    assert!(bench.store().kiosks().unwrap()[0].heartbeat.is_none());
    for uptime in [1, 2] {
        let (status, answer) = ask(&kiosk, &server, "POST /v1/heartbeats", Some(beat(uptime.into()))).await;
        assert_eq!(status, 200);
        assert!(answer["time"].as_i64().unwrap() > 1_700_000_000);
    }
    let lines = bench.store().kiosks().unwrap();
    let last = lines[0].heartbeat.as_ref().unwrap();
    assert_eq!((lines.len(), last.uptime_s, last.queued, last.oldest_s), (1, 2, 2, None));
    assert_eq!(last.devices[0]["fault"], "CAM-01");
    let whole = |number: f64| ask(&kiosk, &server, "POST /v1/heartbeats", Some(beat(json!(number))));
    assert_eq!(whole(2.0).await.0, 200, "a whole number however it is written");
    assert_eq!(whole(2.5).await.0, 422);
    let mut twice = beat(3.into()).to_string();
    twice.insert_str(1, r#""version":"9","#);
    let head = "POST /v1/heartbeats HTTP/1.1\r\ncontent-type: application/json";
    let mut bad = vec![twice, beat(u64::MAX.into()).to_string(), beat("1".into()).to_string()];
    bad.push(beat(3.into()).to_string().replace("camera", ""));
    let mut array = beat(3.into());
    array["devices"] = json!([["camera", "Online", null]]);
    bad.push(array.to_string());
    bad.push(beat(3.into()).to_string().replace("camera", &"x".repeat(65)));
    for bad in bad {
        let (status, _, text) = call(&kiosk, &server, head, bad.as_bytes()).await;
        assert!(status == 422 && text.contains("bad-field"), "{bad}: {text}");
    }
    for (head, body, status, name) in [
        (head, "{", 400, "bad-json"),
        (head, "", 400, "bad-json"),
        (head, "[]", 422, "bad-field"),
        (head, &" ".repeat(70_000), 413, "too-large"),
        ("POST /v1/heartbeats HTTP/1.1", "{}", 415, "media-type"),
    ] {
        let (found, _, text) = call(&kiosk, &server, head, body.as_bytes()).await;
        assert!(found == status && text.contains(name), "{name}: {found} {text}");
    }
    assert_eq!(bench.store().kiosks().unwrap()[0].heartbeat.as_ref().unwrap().uptime_s, 2);
    server.shutdown().await;
}

#[tokio::test]
async fn an_attendant_is_called_comes_and_goes() {
    let bench = Bench::new();
    let (kiosk, other) = (bench.kiosk(KIOSK), bench.kiosk("110101-0008"));
    let server = bench.serve().await;
    let wish = || Some(json!({ "call": CALL }));
    let state = |state: &str| json!({ "state": state });
    let open = "POST /v1/attendant-calls";
    let (follow, end) =
        (format!("GET /v1/attendant-calls/{CALL}"), format!("DELETE /v1/attendant-calls/{CALL}"));
    assert_eq!(refusal(&kiosk, &server, &follow, None).await, (404, "call-unknown".into()));
    assert_eq!(ask(&kiosk, &server, open, wish()).await, (201, state("open")));
    assert_eq!(ask(&kiosk, &server, open, wish()).await, (200, state("open")));
    assert_eq!(refusal(&other, &server, &follow, None).await, (404, "call-unknown".into()));
    let calls = bench.store().calls().unwrap();
    assert_eq!((calls.len(), calls[0].kiosk.as_str(), calls[0].state), (1, KIOSK, CallState::Open));

    let waiting = format!("{follow}?wait=30");
    let waits = ask(&kiosk, &server, &waiting, None);
    let answers = tokio::task::spawn_blocking({
        let store = bench.store();
        move || store.answer_call(KIOSK, CALL).unwrap()
    });
    let (answer, answered) = tokio::join!(waits, answers);
    assert_eq!((answer, answered.unwrap()), ((200, state("answered")), true));
    assert_eq!(ask(&kiosk, &server, &end, None).await, (204, Value::Null));
    assert_eq!(ask(&kiosk, &server, &end, None).await, (204, Value::Null));
    assert_eq!(ask(&kiosk, &server, &follow, None).await, (200, state("ended")));
    assert_eq!(ask(&kiosk, &server, open, wish()).await, (200, state("ended")), "a name is used once");
    assert!(bench.store().calls().unwrap().is_empty());
    // A machine has one visitor: a new call ends the one that somebody left behind.
    for call in ["00000000000000000000000000000001", "00000000000000000000000000000002"] {
        assert_eq!(ask(&kiosk, &server, open, Some(json!({ "call": call }))).await, (201, state("open")));
    }
    let calls = bench.store().calls().unwrap();
    assert_eq!((calls.len(), calls[0].id.as_str()), (1, "00000000000000000000000000000002"));
    assert!(!bench.store().answer_call(KIOSK, CALL).unwrap());
    for bad in ["", "0123", &CALL.to_uppercase(), &format!("{CALL}0")] {
        let wish = Some(json!({ "call": bad }));
        assert_eq!(refusal(&kiosk, &server, open, wish).await, (422, "bad-field".into()));
    }
    server.shutdown().await;
}

#[tokio::test]
async fn a_place_is_booked_once_and_given_back() {
    let bench = Bench::new();
    let (kiosk, other) = (bench.kiosk(KIOSK), bench.kiosk("110101-0008"));
    let server = bench.serve().await;
    let case = kiosk.save().case_number;
    kiosk.drain(&server).await;
    let now = jiff::Timestamp::now().as_second();
    let store = bench.store();
    let slot = store.offer_slot("西城分局", now + 3600, now + 5400, 1).unwrap();
    let over = store.offer_slot("西城分局", now - 3600, now - 1800, 1).unwrap();
    let wide = store.offer_slot("东城分局", now + 7200, now + 9000, 5).unwrap();
    let free = async |to: i64| {
        let line = format!("GET /v1/appointments/slots?to={to}");
        let (_, found) = ask(&kiosk, &server, &line, None).await;
        let slots = found["slots"].as_array().unwrap().clone();
        slots
            .iter()
            .map(|slot| (slot["slot"].as_i64().unwrap(), slot["free"].as_u64().unwrap()))
            .collect::<Vec<_>>()
    };
    assert_eq!(free(now + 86_400).await, [(slot, 1), (wide, 5)], "what is over is not offered");
    assert_eq!(free(now + 7200).await, [(slot, 1)]);

    let name = |last: char| format!("{}{last}", &CALL[..31]);
    let wish = |last: char, slot: i64, case: Option<&str>| {
        Some(json!({ "appointment": name(last), "slot": slot, "case_number": case }))
    };
    let book = "POST /v1/appointments";
    let (status, made) = ask(&kiosk, &server, book, wish('1', slot, Some(&case))).await;
    assert_eq!((status, &made["state"], &made["office"]), (201, &json!("booked"), &json!("西城分局")));
    assert_eq!(ask(&kiosk, &server, book, wish('1', slot, Some(&case))).await, (200, made.clone()));
    assert_eq!(free(now + 7200).await, [(slot, 0)]);
    for (who, wish, status, problem) in [
        (&kiosk, wish('1', wide, Some(&case)), 409, "booking-differs"),
        (&kiosk, wish('2', wide, Some(&case)), 409, "case-booked"),
        (&other, wish('3', slot, None), 409, "slot-full"),
        (&other, wish('3', over, None), 409, "slot-full"),
        (&other, wish('3', 99, None), 404, "slot-unknown"),
        (&other, wish('3', wide, Some(&case)), 404, "case-unknown"),
        (&other, Some(json!({ "appointment": "x", "slot": wide })), 422, "bad-field"),
    ] {
        assert_eq!(refusal(who, &server, book, wish).await, (status, problem.into()));
    }
    let (find, cancel) =
        (format!("GET /v1/appointments/{}", name('1')), format!("DELETE /v1/appointments/{}", name('1')));
    assert_eq!(refusal(&other, &server, &cancel, None).await, (404, "appointment-unknown".into()));
    assert_eq!(ask(&kiosk, &server, &cancel, None).await.0, 204);
    assert_eq!(ask(&kiosk, &server, &cancel, None).await.0, 204);
    assert_eq!(ask(&kiosk, &server, &find, None).await.1["state"], "cancelled");
    assert_eq!(ask(&other, &server, book, wish('4', slot, None)).await.0, 201, "free again");
    assert_eq!(ask(&kiosk, &server, book, wish('5', wide, Some(&case))).await.0, 201);
    server.shutdown().await;
}

#[tokio::test]
async fn many_at_once_get_as_many_places_as_there_are() {
    let bench = Bench::new();
    let kiosk = bench.kiosk(KIOSK);
    let server = bench.serve().await;
    let start = jiff::Timestamp::now().as_second() + 3600;
    let slot = bench.store().offer_slot("西城分局", start, start + 600, 3).unwrap();
    let client = kiosk.client(&server);
    let mut all = tokio::task::JoinSet::new();
    for at in 0..12 {
        let client = client.clone();
        all.spawn(async move {
            let wish = json!({ "appointment": format!("{at:032x}"), "slot": slot });
            client.call(Method::POST, "/v1/appointments", Some(&wish), SOON).await.is_ok()
        });
    }
    let booked = all.join_all().await.into_iter().filter(|booked| *booked).count();
    assert_eq!(booked, 3);
    server.shutdown().await;
}

#[tokio::test]
async fn names_and_characters_are_answered_from_the_operators_files_only() {
    let bench = Bench::new();
    let kiosk = bench.kiosk(KIOSK);
    let server = bench.serve().await;
    let wei = "GET /v1/names/%E5%BC%A0%E4%BC%9F/count";
    let bian = "GET /v1/characters/%E4%BE%BF";
    for line in [wei, bian] {
        assert_eq!(refusal(&kiosk, &server, line, None).await, (404, "no-data".into()));
    }
    let data = bench.state().join("data");
    std::fs::create_dir(&data).unwrap();
    let documented =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/platform-api.md")).unwrap();
    let mut examples = documented.lines().filter(|line| line.starts_with("{ \"as_of\""));
    for name in ["names.json", "characters.json"] {
        std::fs::write(data.join(name), examples.next().unwrap()).unwrap();
    }
    let (_, found) = ask(&kiosk, &server, wei, None).await;
    assert_eq!(
        (&found["name"], &found["count"], &found["as_of"]),
        (&json!("张伟"), &json!(1312), &json!("2026-10-31"))
    );
    let (_, none) = ask(&kiosk, &server, "GET /v1/names/%E5%BC%A0/count", None).await;
    assert_eq!(none["count"], 0);
    let (_, found) = ask(&kiosk, &server, bian, None).await;
    assert_eq!((&found["listed"], &found["level"], &found["strokes"]), (&json!(true), &json!(1), &json!(9)));
    assert_eq!(found["code_point"], "U+4FBF");
    let (_, rare) = ask(&kiosk, &server, "GET /v1/characters/%F0%A0%AE%B7", None).await;
    assert_eq!(
        (&rare["listed"], &rare["level"], &rare["code_point"]),
        (&json!(false), &Value::Null, &json!("U+20BB7"))
    );
    for line in ["GET /v1/characters/ab", "GET /v1/characters/%FF", "GET /v1/names/%FF%FE/count"] {
        assert_eq!(refusal(&kiosk, &server, line, None).await, (404, "no-such-resource".into()), "{line}");
    }
    std::fs::write(data.join("names.json"), "{").unwrap();
    assert_eq!(refusal(&kiosk, &server, wei, None).await, (503, "data-unusable".into()));
    server.shutdown().await;
}

#[tokio::test]
async fn the_newest_catalogue_is_offered_with_each_heartbeat_and_fetched() {
    let bench = Bench::new();
    let kiosk = bench.kiosk(KIOSK);
    let server = bench.serve().await;
    let client = kiosk.client(&server);
    let offered = async || {
        let answer = client.call(Method::POST, "/v1/heartbeats", Some(&beat(1.into())), SOON).await;
        answer.unwrap()["catalogue"].clone()
    };
    assert_eq!(offered().await, Value::Null);
    assert_eq!(refusal(&kiosk, &server, "GET /v1/catalogue", None).await, (404, "no-catalogue".into()));
    let matters = Path::new(env!("CARGO_MANIFEST_DIR")).join("../matters/catalogue");
    for number in 1..3 {
        assert_eq!(platform::catalogue::put(&bench.state(), &matters).unwrap(), number);
        assert_eq!(offered().await, number);
        let bytes = client.catalogue(SOON).await.unwrap();
        let key = ca::receipt_key(&bench.state()).unwrap().verifying_key();
        let opened = protocol::catalogue::open(&bytes, &key).unwrap();
        assert_eq!((opened.number, opened.files), (number, Files::read(&matters).unwrap()));
    }
    server.shutdown().await;
}

#[tokio::test]
async fn a_revoked_kiosk_is_told_nothing_and_it_stands_in_the_journal() {
    let bench = Bench::new();
    let kiosk = bench.kiosk(KIOSK);
    let server = bench.serve().await;
    let client = kiosk.client(&server);
    client.call(Method::GET, "/v1/appointments/slots", None, SOON).await.unwrap();
    platform::revoke(&bench.state(), KIOSK).unwrap();
    // The connection is still there; the next request on it is refused.
    let error = client.call(Method::GET, "/v1/appointments/slots", None, SOON).await.unwrap_err();
    assert_eq!(error.problem(), Some(Problem::RevokedKiosk.kind()));
    let events: Vec<_> = bench.store().journal(10).unwrap().into_iter().map(|line| line.event).collect();
    assert_eq!(events, ["enrolled", "revoked", "refused"]);
    assert_eq!(bench.journalled(), ["kiosk-revoked"]);
    server.shutdown().await;
}
