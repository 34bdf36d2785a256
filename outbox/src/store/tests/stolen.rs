//! A stolen disk: a copy of everything the kiosk wrote, searched in each encoding, and opened with every key that is on it.

use super::*;
use protocol::envelope::{Sealed, open_attachment};

/// What a thief looks for. Synthetic.
const FIND: [&str; 5] =
    ["张测试", "11010519491231002X", "北京市东城区测试胡同九号", "13800138000", "因上学需要开具证明"];

/// UTF-8, UTF-16LE (as on the card) and GBK (as on paper).
fn encodings(text: &str) -> Vec<Vec<u8>> {
    let wide = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    vec![text.as_bytes().to_vec(), wide, gbk(text)]
}

/// The few characters above in GBK: a whole table would be a dependency for one test.
fn gbk(text: &str) -> Vec<u8> {
    const TABLE: &str = "张测试北京市东城区胡同九号因上学需要开具证明";
    const CODES: [u16; 22] = [
        0xd5c5, 0xb2e2, 0xcad4, 0xb1b1, 0xbea9, 0xcad0, 0xb6ab, 0xb3c7, 0xc7f8, 0xbafa, 0xcdac, 0xbec5,
        0xbac5, 0xd2f2, 0xc9cf, 0xd1a7, 0xd0e8, 0xd2aa, 0xbfaa, 0xbedf, 0xd6a4, 0xc3f7,
    ];
    let code = |c: char| {
        let at = TABLE.chars().position(|known| known == c);
        at.map_or_else(|| vec![c as u8], |at| CODES[at].to_be_bytes().to_vec())
    };
    text.chars().flat_map(code).collect()
}

fn personal_draft() -> Draft {
    let mut card = Vec::new();
    for text in FIND {
        card.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
    }
    let mut draft = draft();
    draft.card = CardRecord::new(card);
    draft.answers = vec![("phone".into(), FIND[3].into()), ("purpose".into(), FIND[4].into())];
    draft.attachments = [false, true]
        .map(|wide| Attachment {
            name: FIND[0].into(),
            media_type: "text/plain".into(),
            content: FIND.iter().flat_map(|text| encodings(text)[usize::from(wide)].clone()).collect(),
        })
        .to_vec();
    draft
}

fn holds_any(dir: &std::path::Path) -> Vec<String> {
    let mut found = Vec::new();
    for file in files_below(dir) {
        let bytes = fs::read(&file).unwrap();
        for text in FIND {
            for needle in encodings(text) {
                if bytes.windows(needle.len()).any(|window| window == needle) {
                    found.push(format!("{text} in {}", file.display()));
                }
            }
        }
    }
    found
}

#[test]
fn a_stolen_disk_gives_nothing_away() {
    let bench = Bench::new();
    let outbox = bench.open();
    outbox.attach_journal(AuditJournal::open(&bench.dir.path().join("journal")).unwrap());
    outbox.report();
    let saved: Vec<Saved> = (0..4).map(|_| save_draft(&outbox, personal_draft()).unwrap()).collect();
    outbox.acknowledge(receipt(&saved[0], KIOSK, 1)).unwrap();
    outbox.hold(saved[1].id, Fault::PlatformRefused).unwrap();
    outbox.note(&Record::Held { epoch: 1, seq: 2, fault: Fault::PlatformRefused });
    // A request whose commit was refused leaves nothing either; and a disk is taken while the kiosk runs.
    let stolen = tempfile::tempdir().unwrap();
    damage::copy_folder(bench.dir.path(), stolen.path());
    assert_eq!(holds_any(stolen.path()), [""; 0]);

    // The search itself finds what is there.
    let control = tempfile::tempdir().unwrap();
    for (at, needle) in encodings(FIND[2]).iter().enumerate() {
        fs::write(control.path().join(at.to_string()), [b"..", needle.as_slice(), b".."].concat()).unwrap();
    }
    assert_eq!(holds_any(control.path()).len(), 3);
    assert_eq!(gbk("张X"), [0xd5, 0xc5, b'X']);

    // Every 32 bytes of every small file, raw and in hex, taken as a key: the thief's whole key ring.
    let mut keys = Vec::new();
    let small = |file: &&PathBuf| {
        let sealed = file.components().any(|part| part.as_os_str() == "attachments");
        !sealed && fs::metadata(file).unwrap().len() < 8192
    };
    for file in files_below(stolen.path()).iter().filter(small) {
        let bytes = fs::read(file).unwrap();
        let hex = String::from_utf8_lossy(&bytes)
            .split_whitespace()
            .filter_map(|word| hex::decode(word).ok())
            .flatten()
            .collect();
        for bytes in [bytes, hex] {
            keys.extend(bytes.windows(32).map(|window| <[u8; 32]>::try_from(window).unwrap()));
        }
    }
    assert!(keys.len() > 32, "the signing key at least is there");
    let outer_key = bench.keys().verifying_key();
    let mut after = 0;
    let mut tried = 0;
    while let Some(entry) = outbox.next_unsent(after).unwrap() {
        let sealed = Sealed::split(&entry.body).unwrap();
        assert!(sealed.open(&outer_key, &[opening_key()]).is_ok(), "the platform can");
        let described = sealed.open(&outer_key, &[opening_key()]).unwrap().attachments[0].clone();
        let file = fs::read(&entry.attachments[0].path).unwrap();
        assert!(open_attachment(&file, &described).is_ok());
        for key in &keys {
            tried += 1;
            if let Some(opening) = OpeningKey::from_bytes(key) {
                assert!(sealed.open(&outer_key, &[opening]).is_err());
            }
            assert!(!envelope::fuzzing::opens(&file, *key));
        }
        after = entry.number;
    }
    assert!(tried > 100);
}
