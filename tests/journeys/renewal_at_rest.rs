//! What a kiosk's disk holds of a request with files, before and after the platform has it: nothing that can be read.

use std::path::Path;

use tests::{Hall, Options, PHONE, Way};

/// What of a visit would betray the visitor, in the codes that could be meant.
fn secrets(name: &str) -> Vec<(String, Vec<u8>)> {
    let mut secrets = Vec::new();
    for word in [name, "110105198805170023", PHONE, "示例街道测试路"] {
        secrets.push((format!("{word} in UTF-8"), word.as_bytes().to_vec()));
        secrets
            .push((format!("{word} in UTF-16LE"), word.encode_utf16().flat_map(u16::to_le_bytes).collect()));
        secrets.push((format!("{word} in GBK"), encoding_rs::GBK.encode(word).0.into_owned()));
    }
    // The head of every JPEG file of ours, and of a drawn signature.
    secrets.push(("a picture".to_owned(), b"\xFF\xD8\xFF\xE0\x00\x10JFIF\0".to_vec()));
    secrets.push(("a signature".to_owned(), b"<svg".to_vec()));
    secrets
}

fn search(folder: &Path, secrets: &[(String, Vec<u8>)]) -> usize {
    let mut files = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files += search(&path, secrets);
            continue;
        }
        files += 1;
        let bytes = std::fs::read(&path).unwrap();
        for (what, secret) in secrets {
            let found = memchr::memmem::find(&bytes, secret);
            assert!(found.is_none(), "{} holds {what}", path.display());
        }
    }
    files
}

/// The sealed files of requests that wait.
fn sealed_files(hall: &Hall) -> usize {
    std::fs::read_dir(hall.path("kiosk/outbox/attachments")).map_or(0, Iterator::count)
}

#[test]
fn nothing_can_be_read_and_nothing_stays_once_the_platform_has_it() {
    let mut hall = Hall::new(Options::offline());
    let mut visitor = hall.open();
    visitor.asks_for_a_renewal();
    hall.insert("ending");
    let name = visitor.renews(Way::Papers);
    visitor.signs();
    visitor.submits();
    hall.remove();
    visitor.leaves();
    hall.close();
    assert_eq!((hall.waiting().len(), sealed_files(&hall)), (1, 3), "one request with its three files");
    let secrets = secrets(&name);
    assert!(search(&hall.path("kiosk"), &secrets) > 3);

    hall.switch_platform_on();
    let answer = hall.command(&["forward", "--once"]);
    assert_eq!((&answer.json["sent"], &answer.json["waiting"]), (&1.into(), &0.into()), "{}", answer.json);
    assert_eq!(sealed_files(&hall), 0, "the files go with the request");
    search(&hall.path("kiosk"), &secrets);
    let opened = hall.opened(hall.on_the_platform()[0]["id"].as_str().unwrap());
    assert!(opened.to_string().contains(&name), "the platform can read it");
}
