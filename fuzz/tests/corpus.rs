//! Every input of the corpus again, on any machine and without an engine.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use fuzz::TARGETS;

fn corpus() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/corpus"))
}

#[test]
fn the_corpus_breaks_nothing() {
    for (name, target) in TARGETS {
        let mut inputs = 0;
        for input in fs::read_dir(corpus().join(name)).expect(name) {
            let input = input.unwrap().path();
            // Shown only when the target panics.
            println!("{}", input.display());
            target(&fs::read(&input).unwrap());
            inputs += 1;
        }
        assert!(inputs > 0, "{name} has no corpus");
    }
}

/// What libFuzzer tries first, and what a broken line or an empty file gives.
#[test]
fn nothing_and_single_bytes_break_nothing() {
    for (_, target) in TARGETS {
        target(&[]);
        (0..=255).for_each(|byte| target(&[byte]));
    }
}

#[test]
fn every_folder_has_its_target() {
    let folders: BTreeSet<String> = fs::read_dir(corpus())
        .unwrap()
        .map(|folder| folder.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(folders, TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect());
}
