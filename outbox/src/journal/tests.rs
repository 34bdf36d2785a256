use super::*;
use protocol::made_up::records as all;

fn files(dir: &Path) -> Vec<PathBuf> {
    let mut found: Vec<_> = std::fs::read_dir(dir)
        .unwrap()
        .map(|file| file.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "cborseq"))
        .collect();
    found.sort();
    found
}

fn records(dir: &Path) -> Vec<Record> {
    let mut found = Vec::new();
    let verified = each(dir, |entry| found.extend(entry.record)).unwrap();
    assert_eq!(verified.broken, None);
    found
}

fn filled(dir: &Path) -> Journal {
    let journal = Journal::open(dir).unwrap();
    all().iter().for_each(|record| journal.append(record).unwrap());
    journal
}

#[test]
fn what_was_appended_is_there_in_order_and_its_chain_holds() {
    let dir = tempfile::tempdir().unwrap();
    let journal = filled(dir.path());
    assert_eq!(records(dir.path()), all());
    let place = journal.place().unwrap();
    assert_eq!(place.seq, all().len() as u64);
    assert_eq!(verify(dir.path()).unwrap().place, place);
    drop(journal);
    let journal = Journal::open(dir.path()).unwrap();
    assert_eq!((journal.repaired(), journal.place().unwrap()), (None, place));
    journal.append(&Record::Stopped).unwrap();
    assert_eq!(verify(dir.path()).unwrap().place.seq, place.seq + 1);
}

#[test]
fn two_programs_append_to_one_chain() {
    let dir = tempfile::tempdir().unwrap();
    let (one, other) = (Journal::open(dir.path()).unwrap(), Journal::open(dir.path()).unwrap());
    std::thread::scope(|scope| {
        for journal in [&one, &other, &one, &other] {
            scope.spawn(|| (0..10).for_each(|_| journal.append(&Record::Stopped).unwrap()));
        }
    });
    assert_eq!(verify(dir.path()).unwrap().place.seq, 40);
    assert_eq!(one.place().unwrap(), other.place().unwrap());
}

#[test]
fn an_unfinished_record_is_cut_off_and_said_wherever_it_broke() {
    let dir = tempfile::tempdir().unwrap();
    drop(filled(dir.path()));
    let file = files(dir.path()).remove(0);
    let whole = std::fs::read(&file).unwrap();
    let before = { whole.len() - frame::frame(&last_payload(&whole)).len() };
    for length in before + 1..whole.len() {
        std::fs::write(&file, &whole[..length]).unwrap();
        assert!(verify(dir.path()).unwrap().broken.is_some(), "verify alone mends nothing");
        let journal = Journal::open(dir.path()).unwrap();
        let bytes = (length - before) as u64;
        assert_eq!(journal.repaired(), Some(Repair { bytes, damaged: false }));
        let mut expected = all();
        expected.pop();
        expected.push(Record::Repaired { bytes, damaged: false });
        assert_eq!(records(dir.path()), expected);
    }
}

fn last_payload(mut bytes: &[u8]) -> Vec<u8> {
    let mut last = Vec::new();
    while let Some((payload, after)) = frame::unframe(bytes) {
        last = payload.to_vec();
        bytes = after;
    }
    last
}

#[test]
fn any_changed_byte_shows_and_the_journal_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    drop(filled(dir.path()));
    let file = files(dir.path()).remove(0);
    let whole = std::fs::read(&file).unwrap();
    for at in (0..whole.len()).step_by(7) {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x20;
        std::fs::write(&file, &bytes).unwrap();
        let journal = Journal::open(dir.path()).unwrap();
        assert!(journal.repaired().is_some(), "{at}");
        journal.append(&Record::Stopped).unwrap();
        let last = at >= whole.len() - frame::frame(&last_payload(&whole)).len();
        let verified = verify(dir.path()).unwrap();
        assert_eq!(verified.broken.is_some(), !last, "{at}: only a torn end is mended");
        let mut after = files(dir.path());
        after.remove(0);
        after.iter().for_each(|file| std::fs::remove_file(file).unwrap());
    }
}

#[test]
fn a_removed_exchanged_or_rewritten_record_shows() {
    let dir = tempfile::tempdir().unwrap();
    let place = filled(dir.path()).place().unwrap();
    let file = files(dir.path()).remove(0);
    let mut records = Vec::new();
    let whole = std::fs::read(&file).unwrap();
    let mut rest = whole.as_slice();
    while let Some((payload, after)) = frame::unframe(rest) {
        records.push(frame::frame(payload));
        rest = after;
    }
    let mut removed = records.clone();
    removed.remove(4);
    let mut exchanged = records.clone();
    exchanged.swap(4, 5);
    let mut rewritten = records.clone();
    // A whole record with a good hash of its own, in the right place.
    let prev = Place { seq: 4, hash: segments::hash(&last_payload(&records[3])) };
    rewritten[4] = frame::frame(&encode(prev, 5, &Record::Clock { by: 1 }));
    for (records, seq) in [(removed, 5), (exchanged, 5), (rewritten, 6)] {
        std::fs::write(&file, records.concat()).unwrap();
        assert_eq!(verify(dir.path()).unwrap().broken.unwrap().seq, seq);
    }
    // A cut end is a whole chain: only the signed head knows better.
    records.pop();
    std::fs::write(&file, records.concat()).unwrap();
    let verified = verify(dir.path()).unwrap();
    assert_eq!((verified.broken, verified.place.seq), (None, place.seq - 1));
}

#[test]
fn files_follow_one_another() {
    let dir = tempfile::tempdir().unwrap();
    let journal = filled(dir.path());
    let end = journal.inner.end().clone().unwrap();
    // As if the first file were full.
    let begun = journal.inner.segments.begin(end.place).unwrap();
    *journal.inner.end() = Some(begun);
    journal.append(&Record::Stopped).unwrap();
    assert_eq!(files(dir.path()).len(), 2);
    let place = verify(dir.path()).unwrap().place;
    assert_eq!(place.seq, all().len() as u64 + 1);
    drop(journal);
    // The second file was begun, and then the power went.
    std::fs::write(&files(dir.path())[1], "").unwrap();
    let journal = Journal::open(dir.path()).unwrap();
    assert_eq!(journal.place().unwrap(), end.place);
    journal.append(&Record::Stopped).unwrap();
    assert_eq!(verify(dir.path()).unwrap().broken, None);
    std::fs::remove_file(&files(dir.path())[0]).unwrap();
    assert_eq!(
        verify(dir.path()).unwrap().broken.map(|broken| broken.seq),
        Some(1).filter(|_| files(dir.path()).len() == 1)
    );
}

#[test]
fn the_files_are_private() {
    use std::os::unix::fs::MetadataExt;
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path().join("journal");
    filled(&dir);
    for file in std::fs::read_dir(&dir).unwrap() {
        assert_eq!(file.unwrap().metadata().unwrap().mode() & 0o777, 0o600);
    }
    assert_eq!(std::fs::metadata(&dir).unwrap().mode() & 0o777, 0o700);
}
