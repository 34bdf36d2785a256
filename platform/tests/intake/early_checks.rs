//! Identity checks before anything is submitted: sealed, followed, decided, erased; and how often they may be asked for.

use outbox::Keys;
use platform::store::Again;
use platform::store::checks::{CheckState, Decision, KEPT_FOR, OPEN_FOR};
use serde_json::{Value, json};

use crate::bench::{Bench, KIOSK, Kiosk, SECRET, SOON, enrol, files_below};
use crate::wire::{ask, call, refusal};

const NUMBER: &str = "11010519491231002X";

/// A question under the name of sixteen such bytes, sealed.
pub fn sealed(kiosk: &Kiosk, id: &str, name: u8, number: &str) -> Vec<u8> {
    kiosk.question(id, name, number, &[&[0xff, 0xd8, 0xff], SECRET.as_bytes()].concat())
}

fn name(of: u8) -> String {
    hex::encode([of; 16])
}

/// Sends a sealed question; gives status, header and body.
async fn put(kiosk: &Kiosk, server: &platform::Server, id: &str, sealed: &[u8]) -> (u16, String, Value) {
    let head = format!("PUT /v1/identity-checks/{id} HTTP/1.1\r\ncontent-type: application/cose");
    let (status, head, body) = call(kiosk, server, &head, sealed).await;
    (status, head, serde_json::from_str(&body).unwrap())
}

fn problem(name: &str) -> Value {
    json!(format!("urn:bianmin:problem:{name}"))
}

#[tokio::test]
async fn a_citizen_waits_at_the_machine_for_a_clerks_decision() {
    let bench = Bench::new();
    let (kiosk, other) = (bench.kiosk(KIOSK), bench.kiosk("110101-0008"));
    let server = bench.serve().await;
    let question = sealed(&kiosk, KIOSK, 1, NUMBER);
    // As a kiosk's program asks.
    let client = kiosk.client(&server);
    let asked = client.ask_identity(&[1; 16], question.clone(), SOON).await.unwrap();
    assert_eq!((&asked["id"], &asked["state"]), (&json!(name(1)), &json!("pending")));
    assert_eq!((&asked["case_number"], &asked["decided_by"]), (&Value::Null, &Value::Null));
    assert_eq!(
        asked["kept_until"].as_i64().unwrap(),
        asked["asked"].as_i64().unwrap() + OPEN_FOR,
        "the kiosk knows how long"
    );
    let again = client.ask_identity(&[1; 16], question.clone(), SOON).await.unwrap();
    assert_eq!(again, asked, "an answer that was lost");
    let differs = put(&kiosk, &server, &name(1), &sealed(&kiosk, KIOSK, 1, "1")).await;
    assert_eq!((differs.0, &differs.2["type"]), (409, &problem("check-differs")));
    let follow = format!("GET /v1/identity-checks/{}", name(1));
    let end = format!("DELETE /v1/identity-checks/{}", name(1));
    for line in [&follow, &end] {
        assert_eq!(refusal(&other, &server, line, None).await, (404, "check-unknown".into()));
    }

    let open = bench.store().open_checks().unwrap();
    assert_eq!((open.len(), open[0].kiosk.as_str(), open[0].case.as_ref()), (1, KIOSK, None));
    let waiting = format!("{follow}?wait=30");
    let waits = ask(&kiosk, &server, &waiting, None);
    let store = bench.store();
    let decision = Decision { state: CheckState::Match, by: "clerk 李", score: None };
    let decides = tokio::task::spawn_blocking(move || store.decide_check(&name(1), &decision).unwrap());
    let ((_, check), decided) = tokio::join!(waits, decides);
    assert!(decided.unwrap());
    assert_eq!((&check["state"], &check["decided_by"]), (&json!("match"), &json!("clerk")));

    // Nothing of the person lies open on the platform's disk, and after its time nothing lies there at all.
    let holds = |needle: &[u8]| {
        files_below(&bench.state())
            .iter()
            .any(|file| std::fs::read(file).unwrap().windows(needle.len()).any(|window| window == needle))
    };
    assert!(!holds(NUMBER.as_bytes()) && !holds(SECRET.as_bytes()));
    let middle = &question[question.len() / 2..question.len() / 2 + 40];
    assert!(holds(middle));
    let decided = check["decided"].as_i64().unwrap();
    assert_eq!(bench.store().erase_checks(decided + KEPT_FOR - 1).unwrap(), 0);
    assert_eq!(bench.store().erase_checks(decided + KEPT_FOR).unwrap(), 1);
    let database = rusqlite::Connection::open(bench.state().join("platform.sqlite")).unwrap();
    database.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    assert!(!holds(middle), "not even sealed");
    let (_, kept) = ask(&kiosk, &server, &follow, None).await;
    assert_eq!((&kept["state"], &kept["kept_until"]), (&json!("match"), &Value::Null), "the decision stays");
    let store = bench.store();
    let decision = Decision { state: CheckState::NoMatch, by: "clerk 李", score: None };
    assert!(!store.decide_check(&name(1), &decision).unwrap(), "nobody decides what nobody can see");
    let events: Vec<String> = store.journal(10).unwrap().into_iter().map(|line| line.event).collect();
    assert_eq!(events, ["enrolled", "enrolled", "check-asked", "check-decided", "check-erased"]);
    server.shutdown().await;
}

#[tokio::test]
async fn who_goes_away_and_whom_nobody_decides_is_erased() {
    let bench = Bench::new();
    let kiosk = bench.kiosk(KIOSK);
    let server = bench.serve().await;
    for at in [1, 2] {
        let (status, _, _) = put(&kiosk, &server, &name(at), &sealed(&kiosk, KIOSK, at, NUMBER)).await;
        assert_eq!(status, 201);
    }
    let end = format!("DELETE /v1/identity-checks/{}", name(1));
    assert_eq!(ask(&kiosk, &server, &end, None).await, (204, Value::Null));
    assert_eq!(ask(&kiosk, &server, &end, None).await, (204, Value::Null));
    assert_eq!(bench.store().open_checks().unwrap().len(), 1);
    let asked = bench.store().check(&name(2)).unwrap().unwrap().asked;
    assert_eq!(bench.store().erase_checks(asked + OPEN_FOR).unwrap(), 1);
    for at in [1, 2] {
        let check = bench.store().check(&name(at)).unwrap().unwrap();
        assert_eq!((check.state, check.kept_until), (CheckState::Ended, None));
        let decision = Decision { state: CheckState::Match, by: "matcher late", score: None };
        assert!(!bench.store().decide_check(&name(at), &decision).unwrap());
    }
    // The name is used up: the same bytes are the same check, which has ended.
    let (status, _, check) = put(&kiosk, &server, &name(1), &sealed(&kiosk, KIOSK, 1, NUMBER)).await;
    assert_eq!((status, &check["type"]), (409, &problem("check-differs")), "sealed anew");
    server.shutdown().await;
}

#[tokio::test]
async fn hostile_checks_are_refused_and_nothing_is_kept() {
    let bench = Bench::new();
    let (kiosk, other) = (bench.kiosk(KIOSK), bench.kiosk("110101-0008"));
    let server = bench.serve().await;
    let good = sealed(&kiosk, KIOSK, 1, NUMBER);
    let mut bent = good.clone();
    bent[300] ^= 1;
    let strangers = {
        let elsewhere = Bench::new();
        sealed(&elsewhere.kiosk(KIOSK), KIOSK, 1, NUMBER)
    };
    for (who, id, bytes, status, name_of) in [
        (&kiosk, name(2), good.clone(), 422, "malformed"),
        (&kiosk, name(1), bent, 422, "malformed"),
        (&kiosk, name(1), good[..good.len() - 1].to_vec(), 422, "malformed"),
        (&kiosk, name(1), [good.clone(), vec![0]].concat(), 422, "malformed"),
        (&kiosk, name(1), strangers, 422, "unknown-sealing-key"),
        (&other, name(1), good.clone(), 422, "bad-signature"),
        (&other, name(1), sealed(&other, KIOSK, 1, NUMBER), 403, "kiosk-mismatch"),
        (&kiosk, "1".into(), good.clone(), 404, "no-such-resource"),
        (&kiosk, name(1), vec![0; 300 * 1024], 413, "too-large"),
    ] {
        let (found, _, body) = put(who, &server, &id, &bytes).await;
        assert_eq!((found, &body["type"]), (status, &problem(name_of)));
    }
    let line = format!("PUT /v1/identity-checks/{} HTTP/1.1\r\ncontent-type: application/json", name(1));
    assert_eq!(call(&kiosk, &server, &line, &good).await.0, 415);
    assert!(bench.store().open_checks().unwrap().is_empty());
    assert_eq!(bench.journalled().len(), 8, "all but the name that is none");
    assert_eq!(put(&kiosk, &server, &name(1), &good).await.0, 201, "and the honest one is taken");

    // A kiosk that was enrolled again asks with its new key.
    let dir = kiosk.dir.clone();
    drop(kiosk);
    Keys::renew(&dir.join("keys")).unwrap();
    assert_eq!(enrol(&bench.state(), &dir, KIOSK, Again::Yes), 2);
    let kiosk = Kiosk::open(&dir, KIOSK);
    assert_eq!(put(&kiosk, &server, &name(3), &sealed(&kiosk, KIOSK, 3, NUMBER)).await.0, 201);
    server.shutdown().await;
}

#[tokio::test]
async fn a_number_and_a_machine_are_asked_about_only_so_often() {
    let bench = Bench::new();
    let (kiosk, other) = (bench.kiosk(KIOSK), bench.kiosk("110101-0008"));
    let server = bench.serve().await;
    for at in 0..5 {
        let (status, _, _) = put(&kiosk, &server, &name(at), &sealed(&kiosk, KIOSK, at, NUMBER)).await;
        assert_eq!(status, 201);
    }
    // However it is written, and from another machine too.
    for (who, id, at, number) in
        [(&kiosk, KIOSK, 5, "11010519491231002x"), (&other, "110101-0008", 6, "110105 19491231 002X")]
    {
        let (status, head, body) = put(who, &server, &name(at), &sealed(who, id, at, number)).await;
        assert_eq!((status, &body["type"]), (429, &problem("too-often")));
        let wait = head.lines().find_map(|line| line.strip_prefix("retry-after: ")).unwrap();
        assert!((1..=720).contains(&wait.parse::<u32>().unwrap()), "{wait}");
    }
    let (status, _, _) = put(&other, &server, &name(7), &sealed(&other, "110101-0008", 7, "2")).await;
    assert_eq!(status, 201, "another number at another machine");
    let mut answered = 0;
    for at in 10..20 {
        let question = sealed(&kiosk, KIOSK, at, &at.to_string());
        answered += u32::from(put(&kiosk, &server, &name(at), &question).await.0 == 201);
    }
    assert_eq!(answered, 2, "eight of this machine, with those about the one number");
    let first = sealed(&kiosk, KIOSK, 30, "3");
    assert_eq!(put(&kiosk, &server, &name(30), &first).await.0, 429);
    assert!(bench.journalled().is_empty(), "an honest kiosk may cause it");
    server.shutdown().await;
}

#[tokio::test]
async fn progress_names_and_characters_are_answered_only_so_often() {
    let bench = Bench::new();
    let (kiosk, other) = (bench.kiosk(KIOSK), bench.kiosk("110101-0008"));
    let server = bench.serve().await;
    let one = "GET /v1/cases/110101-0007-1/progress";
    for at in 0..10 {
        let who = if at % 2 == 0 { &kiosk } else { &other };
        assert_eq!(refusal(who, &server, one, None).await, (404, "case-unknown".into()));
    }
    let too_often = (429, "too-often".to_owned());
    assert_eq!(refusal(&other, &server, one, None).await, too_often, "about one number");
    let mut answered = 0;
    for at in 0..40 {
        let line = format!("GET /v1/cases/2026112100000{at:03}/progress");
        answered += u32::from(refusal(&kiosk, &server, &line, None).await.0 == 404);
    }
    assert!((25..=30).contains(&answered), "by one machine: {answered}");
    assert_eq!(refusal(&other, &server, "GET /v1/cases/9/progress", None).await.0, 404, "not by another");

    for line in ["GET /v1/names/a/count", "GET /v1/characters/a"] {
        let mut last = (0, String::new());
        let mut asked = 0;
        while last != too_often {
            assert!(asked < 200, "{line} has no limit");
            last = refusal(&kiosk, &server, line, None).await;
            asked += 1;
        }
        assert!(asked > 60, "{line}: {asked}");
    }
    server.shutdown().await;
}
