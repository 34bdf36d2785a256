//! The vectors in `docs/envelope.md`: with every random value fixed, the bytes must be exactly those.

use p256::SecretKey;

use super::super::attachment::seal_with as seal_file;
use super::super::suite::Key;
use super::*;

/// The attachment of the vectors.
pub(super) fn file() -> attachment::SealedAttachment {
    seal_file(&attachment(), &Key::new([3; 32]), &[4; 12]).unwrap()
}

/// The request of the vectors.
pub(super) fn sealed() -> Sealed {
    let mut manifest = manifest();
    manifest.card = CardRecord::new(vec![0x20; 16]);
    manifest.attachments.push(file().described);
    let ephemerals = [SecretKey::from_slice(&[5; 32]).unwrap()];
    let fresh = ContentKey::with(Key::new([1; 32]), [2; 12], keys().keys(), &ephemerals).unwrap();
    super::super::seal_with(&mut manifest, &key(), fresh).unwrap()
}

/// The head of the vectors: its newest request is the one above.
pub(super) fn head() -> head::Head {
    head::Head {
        kiosk: "110101-0007".into(),
        epoch: 1,
        seq: 47,
        hash: sealed().id,
        journal_seq: 812,
        journal_hash: [8; 32],
        held: vec![3, 45],
        time: 1_800_000_100,
    }
}

fn page() -> String {
    let (sealed, file) = (sealed(), file());
    let rows = [
        ("signing key, seed", hex::encode([7; 32])),
        ("signing key, public", hex::encode(key().verifying_key().as_bytes())),
        ("sealing key, secret", hex::encode([9; 32])),
        ("sealing key, file", keys().text().trim_end().replace('\n', " / ")),
        ("ephemeral key, secret", hex::encode([5; 32])),
        ("content key", hex::encode([1; 32])),
        ("nonce", hex::encode([2; 12])),
        ("attachment", hex::encode(&file.bytes)),
        ("outer", hex::encode(&sealed.outer)),
        ("sealed", hex::encode(&sealed.content)),
        ("entry", hex::encode(sealed.entry())),
        ("id", hex::encode(sealed.id)),
        ("receipt", hex::encode(&*sign_receipt(&statement(), &key()))),
        ("head", hex::encode(&*head::sign(&head(), &key()))),
    ];
    rows.iter().map(|(name, value)| format!("{name}:\n    {value}\n")).collect()
}

/// `BLESS=1 cargo test -p protocol vectors` writes them anew.
#[test]
fn the_documented_vectors_are_these() {
    const BEGIN: &str = "<!-- vectors -->\n```text\n";
    const END: &str = "```\n<!-- end of vectors -->";
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/envelope.md");
    let written = std::fs::read_to_string(path).unwrap();
    let (before, rest) = written.split_once(BEGIN).unwrap();
    let (found, after) = rest.split_once(END).unwrap();
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(path, format!("{before}{BEGIN}{}{END}{after}", page())).unwrap();
    } else {
        assert!(found == page(), "docs/envelope.md differs from what is written");
    }
    assert!(open_entry(&sealed().entry()).is_ok());
}
