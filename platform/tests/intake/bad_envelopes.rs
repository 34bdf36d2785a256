//! Envelopes and files that no honest kiosk sends: each a typed problem, journalled, nothing stored half.

use ciborium::Value;
use coset::{CborSerializable, CoseSign1, TaggedCborSerializable};
use ed25519_dalek::{Signer, SigningKey};
use platform::report;
use protocol::envelope::{self, Manifest, Sealed, attachment_hash};
use protocol::envelope::{CardRecord, SealingKeys};

use crate::bench::{Bench, KIOSK, Kiosk, draft_with, files_below};
use crate::wire::{call, post};

const ENTRIES: &str = "/v1/entries";

/// A request that the kiosk's key signed and its outbox never made.
pub fn sealed(kiosk: &Kiosk, change: impl FnOnce(&mut Manifest)) -> Vec<u8> {
    let keys = outbox::sealing_keys::load(&kiosk.dir.join("platform/sealing.pub")).unwrap();
    let mut manifest = manifest();
    change(&mut manifest);
    envelope::seal(&mut manifest, &kiosk.signing_key(), &keys).unwrap().entry()
}

fn manifest() -> Manifest {
    Manifest {
        kiosk: KIOSK.into(),
        epoch: 1,
        seq: 1,
        prev: [0; 32],
        case_number: format!("{KIOSK}-261121-00001"),
        matter: "id-card-renewal".into(),
        matter_revision: 1,
        language: "zh-Hans".into(),
        notice_version: "2026-01".into(),
        notice_accepted: 1_800_000_000,
        created: 1_800_000_060,
        deadline: "2027-01-20".into(),
        card: CardRecord::new(vec![0x20; 1284]),
        answers: Vec::new(),
        recipients: Vec::new(),
        attachments: Vec::new(),
    }
}

/// Signs the outside anew over other bytes and puts the sealed content behind it.
fn with_outer(entry: &[u8], key: &SigningKey, change: impl FnOnce(&mut Vec<(Value, Value)>)) -> Vec<u8> {
    let parts = Sealed::split(entry).unwrap();
    let mut message = CoseSign1::from_tagged_slice(&parts.outer).unwrap();
    let Value::Map(mut fields) = Value::from_slice(message.payload.as_deref().unwrap()).unwrap() else {
        panic!("an outside is a map")
    };
    change(&mut fields);
    message.payload = Some(Value::Map(fields).to_vec().unwrap());
    message.signature = key.sign(&message.tbs_data(b"")).to_bytes().to_vec();
    let outer = message.to_tagged_vec().unwrap();
    Value::Array(vec![Value::Bytes(outer), Value::Bytes(parts.content)]).to_vec().unwrap()
}

#[tokio::test]
async fn nothing_odd_is_taken() {
    let bench = Bench::new();
    let (kiosk, other) = (bench.kiosk(KIOSK), bench.kiosk("110101-0008"));
    let server = bench.serve().await;
    let good = sealed(&kiosk, |_| ());
    let key = kiosk.signing_key();
    let stranger = SigningKey::from_bytes(&[3; 32]);
    assert_eq!(with_outer(&good, &key, |_| ()), good, "the tool itself changes nothing");
    let keys = outbox::sealing_keys::load(&kiosk.dir.join("platform/sealing.pub")).unwrap();
    let strange_keys = {
        let mine = envelope::OpeningKey::generate().unwrap();
        SealingKeys::new(1, vec![mine.public()]).unwrap()
    };

    let mut cases: Vec<(&str, Vec<u8>, u16, &str)> = vec![
        ("a key twice", with_outer(&good, &key, |fields| fields.push(fields[0].clone())), 422, "malformed"),
        ("keys in another order", with_outer(&good, &key, |fields| fields.swap(0, 1)), 422, "malformed"),
        (
            "a key too much",
            with_outer(&good, &key, |fields| fields.push((99.into(), 1.into()))),
            422,
            "malformed",
        ),
        ("a key less", with_outer(&good, &key, |fields| drop(fields.pop())), 422, "malformed"),
        ("another version", with_outer(&good, &key, |fields| fields[0].1 = 2.into()), 422, "malformed"),
        ("signed again by somebody", with_outer(&good, &stranger, |_| ()), 422, "bad-signature"),
        ("moved in the chain", with_outer(&good, &key, |fields| fields[3].1 = 7.into()), 422, "malformed"),
        ("another epoch", with_outer(&good, &key, |fields| fields[2].1 = 2.into()), 422, "wrong-epoch"),
        (
            "another kiosk's case",
            sealed(&kiosk, |m| m.case_number = "110101-0008-261121-00001".into()),
            422,
            "malformed",
        ),
        (
            "sealed to a stranger",
            envelope::seal(&mut manifest(), &key, &strange_keys).unwrap().entry(),
            422,
            "unknown-sealing-key",
        ),
        (
            "all by a stranger",
            envelope::seal(&mut manifest(), &stranger, &keys).unwrap().entry(),
            422,
            "bad-signature",
        ),
        ("too large", vec![0; envelope::MAX_ENVELOPE + 1], 413, "too-large"),
        ("two at once", [&good[..], &good[..]].concat(), 422, "malformed"),
    ];
    for length in (0..good.len()).step_by(97) {
        cases.push(("cut off", good[..length].to_vec(), 422, "malformed"));
    }
    // The other kiosk's own signature over this kiosk's name.
    let mut parts = Sealed::split(&good).unwrap();
    parts.content.reverse();
    let content =
        Value::Array(vec![Value::Bytes(parts.outer), Value::Bytes(parts.content)]).to_vec().unwrap();
    cases.push(("another content", content, 422, "malformed"));

    for (what, bytes, status, problem) in &cases {
        assert_eq!(post(&kiosk, &server, ENTRIES, bytes).await, (*status, (*problem).to_owned()), "{what}");
    }
    assert_eq!(post(&other, &server, ENTRIES, &good).await, (403, "kiosk-mismatch".into()));
    assert!(bench.list().is_empty());
    assert!(files_below(&bench.state().join("attachments")).is_empty());
    let mut expected: Vec<&str> = cases.iter().map(|case| case.3).chain(["kiosk-mismatch"]).collect();
    expected.sort_unstable();
    assert_eq!(bench.journalled(), expected, "each stands in the journal");

    assert_eq!(post(&kiosk, &server, ENTRIES, &good).await.0, 200);
    assert_eq!(post(&kiosk, &server, ENTRIES, &good).await.0, 200, "replayed: the same receipt");
    let replayed = post(&other, &server, ENTRIES, &good).await;
    assert_eq!(replayed, (403, "kiosk-mismatch".into()), "and never for another kiosk");
    assert_eq!(bench.list().len(), 1);
    server.shutdown().await;
}

#[tokio::test]
async fn requests_in_any_order_make_one_chain() {
    let bench = Bench::new();
    let kiosk = bench.kiosk(KIOSK);
    let server = bench.serve().await;
    let mut chain: Vec<Vec<u8>> = Vec::new();
    for seq in 1..=5 {
        let prev = chain.last().map_or([0; 32], |entry| envelope::id(entry).unwrap());
        chain.push(sealed(&kiosk, |manifest| (manifest.seq, manifest.prev) = (seq, prev)));
    }
    for at in [4, 1, 0, 3, 2] {
        assert_eq!(post(&kiosk, &server, ENTRIES, &chain[at]).await.0, 200);
    }
    assert!(bench.list().iter().all(|request| request.chain == "intact"));
    assert!(platform::verify::verify(&bench.state(), KIOSK).unwrap().is_intact());
    server.shutdown().await;
}

#[tokio::test]
async fn a_file_that_is_not_what_its_name_says_leaves_nothing() {
    let bench = Bench::new();
    let kiosk = bench.kiosk(KIOSK);
    let server = bench.serve().await;
    let bytes = b"sealed bytes of some file".to_vec();
    let name = hex::encode(attachment_hash(&bytes));
    let put = |name: &str, range: &str| format!("PUT /v1/attachments/{name} HTTP/1.1{range}");
    let whole = "";
    let range = |range: &str| format!("\r\ncontent-range: bytes {range}");
    let lie = hex::encode([1; 32]);
    for (head, body, status, problem) in [
        (put(&lie, whole), &bytes[..], 422, "wrong-hash"),
        (put(&name, &range("0-24/26")), &bytes[..], 202, ""),
        (put(&name, &range("25-25/26")), b"!", 422, "wrong-hash"),
        (put(&name, &range("5-24/25")), &bytes[5..], 416, "wrong-offset"),
        (put(&name, &range("0-23/25")), &bytes[..], 400, "broken-body"),
        (put(&name, &range("0-24/999999999")), &bytes[..], 413, "too-large"),
        (put(&name, whole), b"", 400, "broken-body"),
        (put(&name.to_uppercase(), whole), &bytes[..], 404, "no-such-resource"),
        (put("..%2f..%2fserver.key", whole), &bytes[..], 404, "no-such-resource"),
        (put(&name[2..], whole), &bytes[..], 404, "no-such-resource"),
    ] {
        let (found, _, text) = call(&kiosk, &server, &head, body).await;
        assert_eq!(found, status, "{head}: {text}");
        assert!(text.contains(problem), "{head}: {text}");
    }
    assert!(files_below(&bench.state().join("attachments")).is_empty(), "no half file stays");
    assert_eq!(bench.journalled(), ["too-large", "wrong-hash", "wrong-hash"]);
    let (status, ..) = call(&kiosk, &server, &put(&name, whole), &bytes).await;
    assert_eq!(status, 201);
    server.shutdown().await;
}

#[tokio::test]
async fn a_file_of_another_request_does_not_pass_for_the_missing_one() {
    let bench = Bench::new();
    let kiosk = bench.kiosk(KIOSK);
    let server = bench.serve().await;
    kiosk.save_draft(draft_with(&[1000]));
    let entry = kiosk.outbox.next_unsent(0).unwrap().unwrap();
    let missing = post(&kiosk, &server, ENTRIES, &entry.body).await;
    assert_eq!(missing, (409, "attachment-missing".into()));
    assert!(bench.list().is_empty());
    assert_eq!(bench.journalled(), ["attachment-missing"]);
    kiosk.drain(&server).await;
    // Somebody with the platform's disk changes the file: it shows, and nothing else breaks.
    let file = &files_below(&bench.state().join("attachments"))[0];
    std::fs::write(file, vec![0; 1100]).unwrap();
    let shown = serde_json::to_value(report::show(&bench.state(), &bench.list()[0].id).unwrap()).unwrap();
    assert_eq!(shown["request"]["attachments"][0]["content"], "invalid");
    server.shutdown().await;
}
