//! A way in for the fuzzing targets. A signature stops any bytes that were not signed, so what stands behind one is
//! signed here, with a key that everybody knows, and the readers must defend themselves. And what a thief would try.

use ed25519_dalek::SigningKey;
use sha2::{Digest, Sha256};

use super::suite::Key;
use super::{Manifest, OpeningKey, Outer, Sealed, attachment, encrypt, head, join, outer, receipt, sign1};
use crate::catalogue;
use crate::frame;

const KIOSK: &str = "110101-0007";

fn signing() -> SigningKey {
    SigningKey::from_bytes(&[7; 32])
}

/// Reads an entry as it comes, the bytes as a sealed content whose outside is right, and as an attachment.
pub fn entry(bytes: &[u8]) {
    let key = signing();
    let keys: Vec<OpeningKey> = OpeningKey::from_bytes(&[9; 32]).into_iter().collect();
    if let Ok(sealed) = Sealed::split(bytes) {
        assert!(sealed.entry() == bytes, "an entry has one form");
        let _ = sealed.claimed();
        let _ = sealed.open(&key.verifying_key(), &keys);
    }
    let content = Sha256::digest(bytes).into();
    let outer = Outer { kiosk: KIOSK.into(), epoch: 1, seq: 47, prev: [9; 32], content, attachments: vec![] };
    if let Ok(sealed) = Sealed::split(&join(&outer.sign(&key), bytes)) {
        let _ = sealed.open(&key.verifying_key(), &keys);
    }
    let _ = encrypt::open0(bytes, attachment::CONTENT_TYPE, &Key::new([3; 32]));
}

/// Reads the bytes as a manifest, and as the outside of an entry.
pub fn payload(bytes: &[u8]) {
    if let Ok(manifest) = Manifest::decode(bytes) {
        assert!(*manifest.encode() == *bytes, "a manifest has one form");
    }
    let key = signing();
    let signed = sign1::sign(outer::CONTENT_TYPE, KIOSK.as_bytes(), bytes, &key);
    if let Ok(outer) = Outer::verify(&signed, &key.verifying_key()) {
        assert!(*outer.sign(&key) == *signed, "an outside has one form");
    }
}

/// Reads the bytes as a receipt, and as what a receipt states.
pub fn receipt(bytes: &[u8]) {
    let key = signing();
    let signer = receipt::key_id(&key.verifying_key());
    let _ = receipt::verify_receipt(bytes, &key.verifying_key());
    let signed = sign1::sign(receipt::CONTENT_TYPE, &signer, bytes, &key);
    if let Ok(receipt) = receipt::verify_receipt(&signed, &key.verifying_key()) {
        assert!(*receipt::sign_receipt(receipt.statement(), &key) == *signed, "a receipt has one form");
    }
}

/// Reads the bytes as a signed head, and as what a head states.
pub fn head(bytes: &[u8]) {
    let key = signing();
    let _ = head::claimed(bytes);
    let _ = head::verify(bytes, &key.verifying_key());
    let signed = sign1::sign(head::CONTENT_TYPE, KIOSK.as_bytes(), bytes, &key);
    if let Ok(head) = head::verify(&signed, &key.verifying_key()) {
        assert!(*head::sign(&head, &key) == *signed, "a head has one form");
    }
}

/// Reads the bytes as a signed catalogue, and as the files of one.
pub fn catalogue(bytes: &[u8]) {
    let key = signing();
    let _ = catalogue::open(bytes, &key.verifying_key());
    let signed = catalogue::sign_encoded(bytes, 7, 1_800_000_000, &key);
    if let Ok(opened) = catalogue::open(&signed, &key.verifying_key()) {
        let again = catalogue::sign(&opened.files, opened.number, opened.time, &key);
        assert!(again.is_some_and(|again| again == signed), "a catalogue has one form");
    }
}

/// Finds the records in a file of the second copy or of the journal, past whatever lies between them.
pub fn records(bytes: &[u8]) {
    let mut rest = bytes;
    while !rest.is_empty() {
        match frame::unframe(rest) {
            Some((payload, after)) => {
                let (taken, _) = rest.split_at(rest.len() - after.len());
                assert!(taken.ends_with(payload), "a payload is the end of its record");
                rest = after;
            }
            None => {
                let next = frame::next_mark(rest);
                assert!(next.len() < rest.len(), "a search goes on");
                rest = next;
            }
        }
    }
    assert!(
        frame::unframe(&frame::frame(bytes)).is_some_and(|(found, after)| found == bytes && after.is_empty())
    );
}

/// Whether a key opens a sealed attachment.
pub fn opens(sealed: &[u8], key: [u8; 32]) -> bool {
    encrypt::open0(sealed, attachment::CONTENT_TYPE, &Key::new(key)).is_ok()
}
