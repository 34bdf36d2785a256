use coset::{CborSerializable, CoseSign1Builder, HeaderBuilder, TaggedCborSerializable, iana};
use ed25519_dalek::{Signer, SigningKey};
use proptest::prelude::*;

use super::receipt::{Statement, sign_receipt};
use super::*;
use crate::envelope::{Attachment, CardRecord};
use crate::made_up::manifest;

mod mutations;
mod vectors;

fn key() -> SigningKey {
    SigningKey::from_bytes(&[7; 32])
}

fn opening() -> Vec<OpeningKey> {
    vec![OpeningKey::from_bytes(&[9; 32]).unwrap()]
}

fn keys() -> SealingKeys {
    SealingKeys::new(1, opening().iter().map(OpeningKey::public).collect()).unwrap()
}

fn attachment() -> Attachment {
    Attachment { name: "paper-1".into(), media_type: "image/jpeg".into(), content: b"a page".to_vec() }
}

fn sealed() -> Sealed {
    seal(&mut manifest(), &key(), &keys()).unwrap()
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

fn open_entry(entry: &[u8]) -> Result<Manifest, EnvelopeError> {
    Sealed::split(entry)?.open(&key().verifying_key(), &opening())
}

fn refused(entry: &[u8]) -> EnvelopeError {
    open_entry(entry).err().unwrap()
}

#[test]
fn what_was_sealed_comes_back_to_the_platform_only() {
    let mut manifest = manifest();
    let file = seal_attachment(&attachment()).unwrap();
    manifest.attachments.push(file.described);
    let sealed = seal(&mut manifest, &key(), &keys()).unwrap();
    let back = open_entry(&sealed.entry()).unwrap();
    assert_eq!(*back.encode(), *manifest.encode());
    assert_eq!(back.answers, manifest.answers);
    assert_eq!(back.card.as_bytes(), manifest.card.as_bytes());
    assert_eq!(id(&sealed.entry()), Some(sealed.id));
    let claimed = sealed.claimed().unwrap();
    assert_eq!((claimed.kiosk.as_str(), claimed.epoch, claimed.seq), ("110101-0007", 1, 47));
    assert_eq!(*open_attachment(&file.bytes, &back.attachments[0]).unwrap(), b"a page");

    let stranger = OpeningKey::generate().unwrap();
    assert_eq!(sealed.open(&key().verifying_key(), &[stranger]).err(), Some(EnvelopeError::NotForUs));
    assert_eq!(sealed.open(&key().verifying_key(), &[]).err(), Some(EnvelopeError::NotForUs));
}

#[test]
fn each_of_several_keys_opens() {
    let both = [[9; 32], [10; 32]].map(|bytes| OpeningKey::from_bytes(&bytes).unwrap());
    let keys = SealingKeys::new(1, both.iter().map(OpeningKey::public).collect()).unwrap();
    let sealed = seal(&mut manifest(), &key(), &keys).unwrap();
    for one in both {
        let opened = sealed.open(&key().verifying_key(), &[one]).unwrap();
        assert_eq!(opened.recipients.len(), 2);
    }
}

#[test]
fn nothing_is_sealed_alike_twice() {
    let (one, other) = (sealed(), sealed());
    assert!(one.content != other.content);
    assert_ne!(one.id, other.id);
}

#[test]
fn another_signing_key_is_refused_outside_and_inside() {
    let other = SigningKey::from_bytes(&[8; 32]);
    let foreign = seal(&mut manifest(), &other, &keys()).unwrap();
    assert_eq!(refused(&foreign.entry()), EnvelopeError::Signature);
    // Somebody else's content under our own outside.
    let mut outer = foreign.claimed().unwrap();
    outer.content = Sha256::digest(&foreign.content).into();
    let outer = outer.sign(&key()).to_vec();
    assert_eq!(refused(&join(&outer, &foreign.content)), EnvelopeError::Signature);
}

/// An entry whose outside is signed well, over any content.
fn around(content: &[u8], change: impl Fn(&mut Outer)) -> Vec<u8> {
    let mut outer = sealed().claimed().unwrap();
    outer.content = Sha256::digest(content).into();
    change(&mut outer);
    join(&outer.sign(&key()), content)
}

#[test]
fn inside_and_outside_must_agree() {
    let content = sealed().content;
    assert!(open_entry(&around(&content, |_| {})).is_ok(), "the base case");
    for (change, why) in [
        ((|outer: &mut Outer| outer.seq = 48) as fn(&mut Outer), "place"),
        (|outer| outer.epoch = 2, "place"),
        (|outer| outer.kiosk = "110101-0008".into(), "place"),
        (|outer| outer.prev = [8; 32], "place"),
        (|outer| outer.attachments.push([1; 32]), "attachments"),
        (|outer| outer.content = [0; 32], "hash of the content"),
    ] {
        assert_eq!(refused(&around(&content, change)), EnvelopeError::Mismatch(why));
    }
}

#[test]
fn a_request_sealed_on_to_somebody_else_shows() {
    // Whoever opened a request seals the kiosk's signed inside to another key of ours.
    let opened = encrypt::open(&sealed().content, SEALED_TYPE, &opening()).unwrap().0;
    let second = OpeningKey::from_bytes(&[10; 32]).unwrap();
    let content =
        encrypt::seal(SEALED_TYPE, &opened, ContentKey::random(&[second.public()]).unwrap()).unwrap();
    let entry = around(&content, |_| {});
    let error = Sealed::split(&entry).unwrap().open(&key().verifying_key(), &[second]).err();
    assert_eq!(error, Some(EnvelopeError::Mismatch("recipients")));
}

/// A manifest that is signed by the right key but has another shape, sealed and signed.
fn odd(header: coset::Header, unprotected: coset::Header, payload: Option<Vec<u8>>, tagged: bool) -> Vec<u8> {
    let mut builder = CoseSign1Builder::new().protected(header).unprotected(unprotected);
    if let Some(payload) = payload {
        builder = builder.payload(payload);
    }
    let message = builder.create_signature(&[], |data| key().sign(data).to_bytes().to_vec()).build();
    let inner = if tagged { message.to_tagged_vec().unwrap() } else { message.to_vec().unwrap() };
    let content = encrypt::seal(SEALED_TYPE, &inner, ContentKey::random(keys().keys()).unwrap()).unwrap();
    around(&content, |_| {})
}

fn header() -> HeaderBuilder {
    HeaderBuilder::new()
        .algorithm(iana::Algorithm::EdDSA)
        .content_type(MANIFEST_TYPE.to_owned())
        .key_id(b"110101-0007".to_vec())
        .value(Suite::LABEL, 1.into())
}

fn encoded() -> Vec<u8> {
    let mut manifest = manifest();
    manifest.recipients = vec![opening()[0].id()];
    manifest.encode().to_vec()
}

#[test]
fn a_good_signature_over_a_strange_shape_is_refused() {
    let good = || Some(encoded());
    let none = coset::Header::default;
    assert!(
        open_entry(&odd(header().build(), none(), good(), true)).is_ok(),
        "the base case, by coset's writer"
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
        .content_type(MANIFEST_TYPE.to_owned())
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
    let good = encoded();

    let mut version = good.clone();
    version[2] = 2;
    assert_eq!(refused(&wrap(version)), EnvelopeError::Version(2));

    let mut trailing = good.clone();
    trailing.push(0);
    assert_eq!(refused(&wrap(trailing)), EnvelopeError::NotDeterministic);

    // 18 pairs instead of 17: key 18 with the value 0.
    let mut further = good.clone();
    further[0] = 0xb2;
    further.extend([0x12, 0x00]);
    assert_eq!(refused(&wrap(further)), EnvelopeError::Field(18));

    let mut twice = good.clone();
    twice[0] = 0xb2;
    twice.extend([0x11, 0x80]);
    assert_eq!(refused(&wrap(twice)), EnvelopeError::DuplicateKey);

    assert_eq!(refused(&wrap(vec![0xa0])), EnvelopeError::Field(1));
    assert_eq!(refused(&wrap(vec![])), EnvelopeError::Malformed);
}

#[test]
fn an_impossible_place_is_refused() {
    let content = sealed().content;
    assert_eq!(refused(&around(&content, |outer| outer.seq = 0)), EnvelopeError::Field(4));
    assert_eq!(refused(&around(&content, |outer| outer.epoch = 0)), EnvelopeError::Field(3));
    assert_eq!(refused(&around(&content, |outer| outer.kiosk = "x".into())), EnvelopeError::Field(2));
    let many = |outer: &mut Outer| outer.attachments = vec![[0; 32]; attachment::MAX_ATTACHMENTS + 1];
    assert_eq!(refused(&around(&content, many)), EnvelopeError::Field(7));
}

#[test]
fn an_envelope_that_is_too_large_is_neither_written_nor_read() {
    let mut large = manifest();
    large.card = CardRecord::new(vec![0; MAX_ENVELOPE]);
    assert!(matches!(seal(&mut large, &key(), &keys()).err(), Some(EnvelopeError::TooLarge { .. })));
    assert!(matches!(refused(&vec![0; MAX_ENVELOPE + 1]), EnvelopeError::TooLarge { .. }));
}

#[test]
fn an_attachment_is_bound_to_its_description() {
    let file = seal_attachment(&attachment()).unwrap();
    let other = seal_attachment(&attachment()).unwrap();
    assert!(file.bytes != other.bytes, "each under a key of its own");
    assert_eq!(
        open_attachment(&other.bytes, &file.described).err(),
        Some(EnvelopeError::Mismatch("attachment hash"))
    );
    let mut swapped = file.described.clone();
    swapped.hash = other.described.hash;
    assert_eq!(open_attachment(&other.bytes, &swapped).err(), Some(EnvelopeError::Sealed));
    let mut longer = file.described.clone();
    longer.length += 1;
    assert_eq!(
        open_attachment(&file.bytes, &longer).err(),
        Some(EnvelopeError::Mismatch("attachment length"))
    );
    let mut large = attachment();
    large.content = vec![0; attachment::MAX_ATTACHMENT + 1];
    assert!(matches!(seal_attachment(&large).err(), Some(EnvelopeError::TooLarge { .. })));
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
    let request = sealed();
    assert!(verify_receipt(&request.outer, &key().verifying_key()).is_err());
    let receipt = sign_receipt(&statement(), &key());
    assert_eq!(refused(&join(&receipt, &request.content)), EnvelopeError::Header("content type"));
    assert!(Sealed::split(&receipt).is_err());
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
        prop_assert!(open_entry(&bytes).is_err());
        prop_assert!(verify_receipt(&bytes, &key().verifying_key()).is_err());
        prop_assert!(encrypt::open(&bytes, SEALED_TYPE, &opening()).is_err());
        let described = seal_attachment(&attachment()).unwrap().described;
        prop_assert!(open_attachment(&bytes, &described).is_err());
    }

    #[test]
    fn one_changed_bit_never_verifies(at in any::<prop::sample::Index>(), bit in 0u8..8) {
        let mut bytes = vectors::sealed().entry();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        prop_assert!(open_entry(&bytes).is_err());
        prop_assert!(Sealed::split(&bytes).and_then(|sealed| sealed.check(&key().verifying_key())).is_err());
    }

    /// The outside is signed anew over each changed content, so that the inside must defend itself.
    #[test]
    fn one_changed_bit_inside_never_opens(at in any::<prop::sample::Index>(), bit in 0u8..8) {
        let mut content = vectors::sealed().content;
        let at = at.index(content.len());
        content[at] ^= 1 << bit;
        let opened = open_entry(&around(&content, |_| {}));
        prop_assert!(opened.is_err());
    }

    #[test]
    fn cut_and_spliced_envelopes_never_verify(
        at in any::<prop::sample::Index>(),
        remove in 0usize..40,
        insert in prop::collection::vec(any::<u8>(), 0..40),
    ) {
        let splice = |good: &[u8]| {
            let at = at.index(good.len());
            let mut bytes = good.to_vec();
            bytes.splice(at..(at + remove).min(good.len()), insert.iter().copied());
            bytes
        };
        let good = vectors::sealed();
        let bytes = splice(&good.entry());
        prop_assume!(bytes != good.entry());
        prop_assert!(open_entry(&bytes).is_err());
        let content = splice(&good.content);
        prop_assume!(content != good.content);
        let opened = open_entry(&around(&content, |_| {}));
        prop_assert!(opened.is_err());
        // A receipt is cut by the same knife.
        let receipt = sign_receipt(&statement(), &key());
        let cut = at.index(receipt.len());
        prop_assert!(verify_receipt(&receipt[..cut], &key().verifying_key()).is_err());
    }

    #[test]
    fn mutated_payloads_with_a_good_signature_never_panic(
        at in any::<prop::sample::Index>(),
        bytes in prop::collection::vec(any::<u8>(), 1..8),
    ) {
        let mut payload = encoded();
        let at = at.index(payload.len());
        let end = (at + bytes.len()).min(payload.len());
        payload.splice(at..end, bytes);
        // It may still be a manifest (a digit of a date changed); what counts is that it was read to the end.
        let envelope = odd(header().build(), coset::Header::default(), Some(payload.clone()), true);
        if let Ok(manifest) = open_entry(&envelope) {
            prop_assert_eq!(&*manifest.encode(), &payload);
        }
    }
}
