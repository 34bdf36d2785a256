use coset::{CborSerializable, CoseSign1Builder, HeaderBuilder, TaggedCborSerializable, iana};
use ed25519_dalek::{Signer, SigningKey};
use proptest::prelude::*;

use super::receipt::{Statement, sign_receipt};
use super::*;
use crate::draft::CardRecord;

fn key() -> SigningKey {
    SigningKey::from_bytes(&[7; 32])
}

fn manifest() -> Manifest {
    Manifest {
        kiosk: "110101-0007".into(),
        epoch: 1,
        seq: 47,
        prev: [9; 32],
        case_number: "110101-0007-261121-00047".into(),
        matter: "id-card-renewal".into(),
        matter_revision: 3,
        language: "zh-Hans".into(),
        notice_version: "2026-01".into(),
        notice_accepted: 1_800_000_000,
        created: 1_800_000_060,
        deadline: "2027-01-20".into(),
        card: CardRecord::new(vec![0x20; 1284]),
        answers: vec![("phone".into(), "13800000000".into()), ("collect".into(), "post".into())],
    }
}

fn statement() -> Statement {
    Statement {
        id: [1; 32],
        kiosk: "110101-0007".into(),
        seq: 47,
        head: [1; 32],
        time: 1_800_000_100,
        acceptance_number: "2026112100000047".into(),
    }
}

fn refused(bytes: &[u8]) -> EnvelopeError {
    verify(bytes, &key().verifying_key()).err().unwrap()
}

#[test]
fn what_was_signed_comes_back() {
    let signed = sign(&manifest(), &key()).unwrap();
    let back = verify(&signed.bytes, &key().verifying_key()).unwrap();
    assert_eq!(*back.encode(), *manifest().encode());
    assert_eq!(back.answers, manifest().answers);
    assert_eq!(back.card.as_bytes(), manifest().card.as_bytes());
    assert_eq!(signed.id, id(&signed.bytes));
    assert_eq!(claimed_kiosk(&signed.bytes).unwrap(), "110101-0007");
}

#[test]
fn our_writer_and_coset_write_the_same_bytes() {
    let header = HeaderBuilder::new()
        .algorithm(iana::Algorithm::EdDSA)
        .content_type(CONTENT_TYPE.to_owned())
        .key_id(b"110101-0007".to_vec())
        .value(Suite::LABEL, 1.into())
        .build();
    let theirs = CoseSign1Builder::new()
        .protected(header)
        .payload(manifest().encode().to_vec())
        .create_signature(&[], |data| key().sign(data).to_bytes().to_vec())
        .build()
        .to_tagged_vec()
        .unwrap();
    assert_eq!(*sign(&manifest(), &key()).unwrap().bytes, theirs);
}

#[test]
fn another_key_is_refused() {
    let signed = sign(&manifest(), &SigningKey::from_bytes(&[8; 32])).unwrap();
    assert_eq!(refused(&signed.bytes), EnvelopeError::Signature);
}

/// An envelope that is signed by the right key but has another shape.
fn odd(header: coset::Header, unprotected: coset::Header, payload: Option<Vec<u8>>, tagged: bool) -> Vec<u8> {
    let mut builder = CoseSign1Builder::new().protected(header).unprotected(unprotected);
    if let Some(payload) = payload {
        builder = builder.payload(payload);
    }
    let message = builder.create_signature(&[], |data| key().sign(data).to_bytes().to_vec()).build();
    if tagged { message.to_tagged_vec().unwrap() } else { message.to_vec().unwrap() }
}

fn header() -> HeaderBuilder {
    HeaderBuilder::new()
        .algorithm(iana::Algorithm::EdDSA)
        .content_type(CONTENT_TYPE.to_owned())
        .key_id(b"110101-0007".to_vec())
        .value(Suite::LABEL, 1.into())
}

#[test]
fn a_good_signature_over_a_strange_shape_is_refused() {
    let good = || Some(manifest().encode().to_vec());
    let none = coset::Header::default;
    assert!(
        verify(&odd(header().build(), none(), good(), true), &key().verifying_key()).is_ok(),
        "the base case"
    );
    assert_eq!(refused(&odd(header().build(), none(), good(), false)), EnvelopeError::Malformed);
    let es256 = header().algorithm(iana::Algorithm::ES256).build();
    assert_eq!(refused(&odd(es256, none(), good(), true)), EnvelopeError::Algorithm);
    let critical = header().add_critical(iana::HeaderParameter::Alg).build();
    assert_eq!(refused(&odd(critical, none(), good(), true)), EnvelopeError::Header("unknown fields"));
    let extra = header().value(-65_538, 1.into()).build();
    assert_eq!(refused(&odd(extra, none(), good(), true)), EnvelopeError::Header("unknown fields"));
    let second = HeaderBuilder::new()
        .algorithm(iana::Algorithm::EdDSA)
        .content_type(CONTENT_TYPE.to_owned())
        .key_id(b"110101-0007".to_vec())
        .value(Suite::LABEL, 2.into())
        .build();
    assert_eq!(refused(&odd(second, none(), good(), true)), EnvelopeError::Header("suite"));
    let loose = HeaderBuilder::new().key_id(vec![1]).build();
    assert_eq!(
        refused(&odd(header().build(), loose, good(), true)),
        EnvelopeError::Header("unprotected fields")
    );
    assert_eq!(refused(&odd(header().build(), none(), None, true)), EnvelopeError::Malformed);
    let other = header().key_id(b"110101-0008".to_vec()).build();
    assert_eq!(refused(&odd(other, none(), good(), true)), EnvelopeError::Header("key id"));
}

#[test]
fn a_good_signature_over_a_strange_payload_is_refused() {
    let wrap = |payload: Vec<u8>| odd(header().build(), coset::Header::default(), Some(payload), true);
    let good = manifest().encode().to_vec();

    let mut version = good.clone();
    version[2] = 2;
    assert_eq!(refused(&wrap(version)), EnvelopeError::Version(2));

    let mut trailing = good.clone();
    trailing.push(0);
    assert_eq!(refused(&wrap(trailing)), EnvelopeError::NotDeterministic);

    // 16 pairs instead of 15: key 16 with the value 0.
    let mut further = good.clone();
    further[0] = 0xb0;
    further.extend([0x10, 0x00]);
    assert_eq!(refused(&wrap(further)), EnvelopeError::Field(16));

    let mut twice = good.clone();
    twice[0] = 0xb0;
    twice.extend([0x0f, 0x80]);
    assert_eq!(refused(&wrap(twice)), EnvelopeError::DuplicateKey);

    let mut zero = manifest();
    zero.seq = 0;
    assert_eq!(refused(&wrap(zero.encode().to_vec())), EnvelopeError::Field(4));

    assert_eq!(refused(&wrap(vec![0xa0])), EnvelopeError::Field(1));
    assert_eq!(refused(&wrap(vec![])), EnvelopeError::Malformed);
}

#[test]
fn an_envelope_that_is_too_large_is_neither_written_nor_read() {
    let mut large = manifest();
    large.card = CardRecord::new(vec![0; MAX_ENVELOPE]);
    assert!(matches!(sign(&large, &key()).err(), Some(EnvelopeError::TooLarge { .. })));
    assert!(matches!(refused(&vec![0; MAX_ENVELOPE + 1]), EnvelopeError::TooLarge { .. }));
}

#[test]
fn receipts_come_back_and_are_bound_to_key_and_request() {
    let bytes = sign_receipt(&statement(), &key());
    let receipt = verify_receipt(&bytes, &key().verifying_key()).unwrap();
    assert_eq!(*receipt.statement(), statement());
    assert!(receipt.covers(&[1; 32], "110101-0007", 47));
    assert!(!receipt.covers(&[2; 32], "110101-0007", 47));
    assert!(!receipt.covers(&[1; 32], "110101-0008", 47));
    assert!(!receipt.covers(&[1; 32], "110101-0007", 48));
    let other = SigningKey::from_bytes(&[8; 32]).verifying_key();
    assert_eq!(verify_receipt(&bytes, &other), Err(ReceiptError(EnvelopeError::Signature)));
    assert!(verify_receipt(&bytes[..bytes.len() - 1], &key().verifying_key()).is_err());
}

#[test]
fn a_request_is_no_receipt_and_a_receipt_no_request() {
    let request = sign(&manifest(), &key()).unwrap();
    assert!(verify_receipt(&request.bytes, &key().verifying_key()).is_err());
    assert_eq!(refused(&sign_receipt(&statement(), &key())), EnvelopeError::Header("content type"));
}

#[test]
fn an_acceptance_number_has_sixteen_digits() {
    for number in ["", "202611210000004", "20261121000000470", "2026112100000x47"] {
        let odd = Statement { acceptance_number: number.into(), ..statement() };
        let bytes = sign_receipt(&odd, &key());
        assert_eq!(
            verify_receipt(&bytes, &key().verifying_key()),
            Err(ReceiptError(EnvelopeError::Field(7))),
            "{number:?}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_bytes_are_refused_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..512)) {
        prop_assert!(verify(&bytes, &key().verifying_key()).is_err());
        prop_assert!(verify_receipt(&bytes, &key().verifying_key()).is_err());
    }

    #[test]
    fn one_changed_bit_never_verifies(at in any::<prop::sample::Index>(), bit in 0u8..8) {
        let mut bytes = sign(&manifest(), &key()).unwrap().bytes.to_vec();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        prop_assert!(verify(&bytes, &key().verifying_key()).is_err());
    }

    #[test]
    fn cut_and_spliced_envelopes_never_verify(
        at in any::<prop::sample::Index>(),
        remove in 0usize..40,
        insert in prop::collection::vec(any::<u8>(), 0..40),
    ) {
        let good = sign(&manifest(), &key()).unwrap().bytes.to_vec();
        let at = at.index(good.len());
        let end = (at + remove).min(good.len());
        let mut bytes = good.clone();
        bytes.splice(at..end, insert);
        prop_assume!(bytes != good);
        prop_assert!(verify(&bytes, &key().verifying_key()).is_err());
        // A receipt is cut by the same knife.
        let receipt = sign_receipt(&statement(), &key());
        let cut = at.min(receipt.len() - 1);
        prop_assert!(verify_receipt(&receipt[..cut], &key().verifying_key()).is_err());
    }

    #[test]
    fn mutated_payloads_with_a_good_signature_never_panic(
        at in any::<prop::sample::Index>(),
        bytes in prop::collection::vec(any::<u8>(), 1..8),
    ) {
        let mut payload = manifest().encode().to_vec();
        let at = at.index(payload.len());
        let end = (at + bytes.len()).min(payload.len());
        payload.splice(at..end, bytes);
        let envelope = odd(header().build(), coset::Header::default(), Some(payload), true);
        // It may still be a manifest (a digit of a date changed); what counts is that it was read to the end.
        if let Ok(manifest) = verify(&envelope, &key().verifying_key()) {
            prop_assert_eq!(&*sign(&manifest, &key()).unwrap().bytes, &envelope);
        }
    }
}
