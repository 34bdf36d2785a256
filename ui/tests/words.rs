//! Every fixed word of the pages is translated, and no translation is left over.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

use std::collections::BTreeSet;
use std::path::Path;

/// The first text of each `@tr(…)` in the pages.
fn wanted(folder: &Path, into: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            wanted(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "slint") {
            let text = std::fs::read_to_string(&path).unwrap();
            for call in text.split("@tr(\"").skip(1) {
                into.insert(call.split('"').next().unwrap().to_owned());
            }
        }
    }
}

#[test]
fn each_phrase_stands_in_the_chinese_file_once() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("ui");
    let mut phrases = BTreeSet::new();
    wanted(&root, &mut phrases);
    let po = std::fs::read_to_string(root.join("lang/zh-Hans/LC_MESSAGES/screens.po")).unwrap();
    let mut translated = BTreeSet::new();
    let mut id = String::new();
    for line in po.lines() {
        if let Some(text) = line.strip_prefix("msgid \"") {
            id = text.trim_end_matches('"').to_owned();
        } else if let Some(text) = line.strip_prefix("msgstr").and_then(|rest| rest.split_once('"')) {
            assert!(text.1 != "\"" || id.is_empty(), "{id} has no Chinese words");
            assert!(id.is_empty() || translated.insert(id.clone()), "{id} stands twice");
        }
    }
    assert_eq!(phrases.difference(&translated).collect::<Vec<_>>(), Vec::<&String>::new(), "without Chinese");
    assert_eq!(translated.difference(&phrases).collect::<Vec<_>>(), Vec::<&String>::new(), "left over");
}
