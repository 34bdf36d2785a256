//! A second copy of what waits: `entries/NNNN.cborseq`, plain files that only grow, from which a damaged database is
//! rebuilt.
//!
//! Each file is a CBOR sequence (RFC 8742) of `55799([ SHA-256 of payload, payload ])`. The tag is three fixed bytes, so
//! that reading finds its feet again behind a damaged record. A payload is one of
//!
//! ```text
//! head  = [0, kiosk, [* [epoch, signing key]], number, epoch, seq, prev]     where the next request goes
//! entry = [1, number, epoch, seq, case number, created, outer, sealed]
//! ```
//!
//! Records are appended before the commit that they belong to, and synced within a second: the database is what a
//! citizen is promised on, this is what it is rebuilt from. A file goes when all its entries are erased.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::fault_points::reach;
use super::rows::Place;
use crate::envelope::cbor::{self, Writer};
use crate::envelope::{RequestId, Sealed};
use crate::secret_file;

/// Name of the folder in the outbox's folder.
const FOLDER: &str = "entries";
const ENDING: &str = "cborseq";
/// A file that has grown to this size is followed by a new one. A guess: some hundred requests.
const SEGMENT: u64 = 1024 * 1024;
/// Largest file that is read back: no file of ours grows past a segment and one batch.
const MAX_FILE: u64 = 64 * 1024 * 1024;
/// Tag 55799 and the head of an array of two, of a byte string of 32.
const MARK: [u8; 6] = [0xd9, 0xd9, 0xf7, 0x82, 0x58, 0x20];

/// Where a chain goes on, and whose it is.
#[derive(Clone)]
pub(crate) struct Head {
    pub(crate) kiosk: String,
    pub(crate) epochs: Vec<(u32, [u8; 32])>,
    pub(crate) next: Place,
}

/// A request as it was appended.
pub(crate) struct Record {
    pub(crate) number: u64,
    pub(crate) epoch: u32,
    pub(crate) seq: u64,
    pub(crate) case_number: String,
    pub(crate) created: i64,
    pub(crate) sealed: Sealed,
}

/// What could be read back.
#[derive(Default)]
pub(crate) struct ReadBack {
    pub(crate) heads: Vec<Head>,
    pub(crate) records: Vec<Record>,
    /// Places where something unreadable stood.
    pub(crate) torn: u64,
}

/// The folder.
pub(crate) struct Journal {
    dir: PathBuf,
    unsynced: Vec<PathBuf>,
    /// The last append: its file and the length before.
    last: Option<(PathBuf, u64)>,
}

impl Journal {
    pub(crate) fn of(store: &Path) -> Self {
        Self { dir: store.join(FOLDER), unsynced: Vec::new(), last: None }
    }

    pub(crate) fn prepare(&self) -> Result<(), secret_file::SecretFileError> {
        secret_file::private_dir(&self.dir)
    }

    /// Appends records; the caller holds the database's write lock. `head` is the place of the first of them.
    pub(crate) fn append(&mut self, records: &[u8], head: &Head) -> io::Result<()> {
        let newest = self.segments()?.pop();
        let newest = match newest {
            Some((number, path)) if fs::metadata(&path)?.len() >= SEGMENT => self.begin(number + 1, head)?,
            Some((_, path)) => path,
            None => self.begin(1, head)?,
        };
        let mut file = OpenOptions::new().append(true).open(&newest)?;
        self.last = Some((newest.clone(), file.metadata()?.len()));
        file.write_all(records)?;
        reach("entry-appended");
        if !self.unsynced.contains(&newest) {
            self.unsynced.push(newest);
        }
        Ok(())
    }

    /// Takes the last append back: its commit failed, and nobody was promised anything.
    pub(crate) fn take_back(&mut self) {
        if let Some((path, length)) = self.last.take() {
            // Left behind, the record is one that the next of the same sequence overrules.
            let _ = OpenOptions::new().write(true).open(path).and_then(|file| file.set_len(length));
        }
    }

    /// The last append is committed.
    pub(crate) fn keep(&mut self) {
        self.last = None;
    }

    pub(crate) fn is_synced(&self) -> bool {
        self.unsynced.is_empty()
    }

    /// Makes everything appended durable.
    pub(crate) fn sync(&mut self) -> io::Result<()> {
        for path in std::mem::take(&mut self.unsynced) {
            match File::open(path) {
                Ok(file) => file.sync_data()?,
                // Erased since.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Begins a new file when nothing waits any more, and gives the files that may go after the commit. The caller
    /// holds the write lock; `oldest` is the number of the oldest request with a content, `None` without any.
    pub(crate) fn finished(&mut self, oldest: Option<u64>, head: &Head) -> io::Result<Vec<PathBuf>> {
        let mut segments = self.segments()?;
        let Some((number, newest)) = segments.last().cloned() else { return Ok(Vec::new()) };
        let Some(oldest) = oldest else {
            if fs::metadata(&newest)?.len() > record_length(head) || segments.len() > 1 {
                self.begin(number + 1, head)?;
                return Ok(segments.into_iter().map(|(_, path)| path).collect());
            }
            return Ok(Vec::new());
        };
        // A file holds the numbers from its own head to the next file's.
        let mut finished = Vec::new();
        while segments.len() > 1 {
            let (_, path) = segments.remove(0);
            let next = segments.first().and_then(|(_, path)| first_head(path).ok().flatten());
            if next.is_some_and(|head| head.next.number <= oldest) {
                finished.push(path);
            } else {
                break;
            }
        }
        Ok(finished)
    }

    /// Everything that can be read, oldest first.
    pub(crate) fn read(&self) -> io::Result<ReadBack> {
        let mut back = ReadBack::default();
        for (_, path) in self.segments()? {
            if fs::metadata(&path)?.len() > MAX_FILE {
                back.torn += 1;
                continue;
            }
            read_into(&fs::read(&path)?, &mut back);
        }
        Ok(back)
    }

    /// Writes everything anew into one file, such as after damage; the old files go.
    pub(crate) fn rewrite(&mut self, records: &[u8], head: &Head) -> io::Result<()> {
        let old = self.segments()?;
        let number = old.last().map_or(1, |(number, _)| number + 1);
        self.write_whole(number, &[encode_head(head).as_slice(), records].concat())?;
        old.iter().try_for_each(|(_, path)| fs::remove_file(path))
    }

    fn begin(&mut self, number: u64, head: &Head) -> io::Result<PathBuf> {
        self.write_whole(number, &encode_head(head))
    }

    fn write_whole(&mut self, number: u64, bytes: &[u8]) -> io::Result<PathBuf> {
        let path = self.dir.join(format!("{number:04}.{ENDING}"));
        let draft = path.with_extension("part");
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&draft, &path)?;
        reach("segment-begun");
        File::open(&self.dir)?.sync_all()?;
        Ok(path)
    }

    /// All files, oldest first.
    fn segments(&self) -> io::Result<Vec<(u64, PathBuf)>> {
        let mut found = Vec::new();
        for file in fs::read_dir(&self.dir)? {
            let path = file?.path();
            let ours = path.extension().is_some_and(|ending| ending == ENDING);
            let number = path.file_stem().and_then(|stem| stem.to_str()).and_then(|stem| stem.parse().ok());
            if let Some(number) = number.filter(|_| ours) {
                found.push((number, path));
            }
        }
        found.sort();
        Ok(found)
    }
}

/// A request as a record.
pub(crate) fn encode(place: Place, case_number: &str, created: i64, sealed: &Sealed) -> Vec<u8> {
    let mut out = Writer::with_capacity(sealed.outer.len() + sealed.content.len() + 128);
    out.array(8).uint(1).uint(place.number).uint(place.epoch.into()).uint(place.seq);
    out.text(case_number).int(created).bytes(&sealed.outer).bytes(&sealed.content);
    frame(&out.finish())
}

fn encode_head(head: &Head) -> Vec<u8> {
    let mut out = Writer::with_capacity(256);
    out.array(7).uint(0).text(&head.kiosk).array(head.epochs.len());
    for (epoch, key) in &head.epochs {
        out.array(2).uint((*epoch).into()).bytes(key);
    }
    out.uint(head.next.number).uint(head.next.epoch.into()).uint(head.next.seq).bytes(&head.next.prev);
    frame(&out.finish())
}

fn record_length(head: &Head) -> u64 {
    encode_head(head).len() as u64
}

fn frame(payload: &[u8]) -> Vec<u8> {
    let mut out = Writer::with_capacity(payload.len() + 64);
    out.tag(55_799).array(2).bytes(&Sha256::digest(payload)).bytes(payload);
    out.finish().to_vec()
}

fn first_head(path: &Path) -> io::Result<Option<Head>> {
    let mut start = Vec::new();
    io::Read::read_to_end(&mut io::Read::take(File::open(path)?, 8192), &mut start)?;
    let mut back = ReadBack::default();
    read_into(&start, &mut back);
    Ok(back.heads.into_iter().next())
}

fn read_into(mut rest: &[u8], back: &mut ReadBack) {
    let mut lost = false;
    while !rest.is_empty() {
        if let Some((payload, after)) = unframe(rest)
            && decode(payload, back).is_some()
        {
            rest = after;
            lost = false;
            continue;
        }
        if !lost {
            back.torn += 1;
            lost = true;
        }
        let next = rest.windows(MARK.len()).skip(1).position(|window| window == MARK);
        rest = next.and_then(|at| rest.get(at + 1..)).unwrap_or_default();
    }
}

/// The payload of the record at the start, and what follows it.
fn unframe(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (hash, rest) = bytes.strip_prefix(&MARK)?.split_at_checked(32)?;
    let (head, rest) = rest.split_first()?;
    let (wide, rest) = match head {
        0x40..=0x57 => (&[][..], rest),
        0x58 => rest.split_at_checked(1)?,
        0x59 => rest.split_at_checked(2)?,
        0x5a => rest.split_at_checked(4)?,
        _ => return None,
    };
    let length = match wide {
        [] => usize::from(head - 0x40),
        wide => wide.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)),
    };
    let (payload, after) = rest.split_at_checked(length)?;
    (Sha256::digest(payload).as_slice() == hash).then_some((payload, after))
}

fn decode(payload: &[u8], back: &mut ReadBack) -> Option<()> {
    let mut items = cbor::parse(payload).ok()?.into_items()?.into_iter();
    let mut next = || items.next();
    match next()?.int::<u8>().ok()? {
        0 => {
            let kiosk = next()?.text().ok()?;
            let mut epochs = Vec::new();
            for pair in next()?.items().ok()? {
                let mut pair = pair.items().ok()?.into_iter();
                epochs.push((pair.next()?.int().ok()?, pair.next()?.hash().ok()?));
            }
            let (number, epoch) = (next()?.int().ok()?, next()?.int().ok()?);
            let (seq, prev): (u64, RequestId) = (next()?.int().ok()?, next()?.hash().ok()?);
            back.heads.push(Head { kiosk, epochs, next: Place { number, epoch, seq, prev } });
        }
        1 => {
            let (number, epoch, seq) = (next()?.int().ok()?, next()?.int().ok()?, next()?.int().ok()?);
            let (case_number, created) = (next()?.text().ok()?, next()?.int().ok()?);
            let (outer, content) = (next()?.bytes().ok()?, next()?.bytes().ok()?);
            let sealed = Sealed { id: crate::envelope::outer_id(&outer), outer, content };
            back.records.push(Record { number, epoch, seq, case_number, created, sealed });
        }
        _ => return None,
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(number: u64) -> Head {
        let next = Place { number, epoch: 1, seq: number, prev: [7; 32] };
        Head { kiosk: "110101-0007".into(), epochs: vec![(1, [5; 32])], next }
    }

    fn record(number: u64) -> Vec<u8> {
        let place = Place { number, epoch: 1, seq: number, prev: [0; 32] };
        let outer = number.to_be_bytes().to_vec();
        let sealed = Sealed { id: [0; 32], outer, content: vec![0xd9; 300] };
        encode(place, "case", 5, &sealed)
    }

    fn numbers(back: &ReadBack) -> Vec<u64> {
        back.records.iter().map(|record| record.number).collect()
    }

    #[test]
    fn every_single_flipped_byte_costs_one_record_at_most() {
        let whole = [encode_head(&head(1)), record(1), record(2), record(3)].concat();
        let mut back = ReadBack::default();
        read_into(&whole, &mut back);
        assert_eq!((numbers(&back), back.heads.len(), back.torn), (vec![1, 2, 3], 1, 0));
        for at in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[at] ^= 0x40;
            let mut back = ReadBack::default();
            read_into(&bytes, &mut back);
            assert_eq!(back.records.len() + back.heads.len(), 3, "{at}");
            assert!(back.torn > 0);
        }
        for length in 0..whole.len() {
            let mut back = ReadBack::default();
            read_into(&whole[..length], &mut back);
            assert!(back.records.len() < 3);
        }
    }

    #[test]
    fn files_go_when_their_requests_are_erased() {
        let dir = tempfile::tempdir().unwrap();
        let mut journal = Journal::of(dir.path());
        journal.prepare().unwrap();
        let large = vec![0xd9; SEGMENT as usize];
        journal.append(&record(1), &head(1)).unwrap();
        journal.append(&large, &head(2)).unwrap();
        journal.append(&record(2), &head(2)).unwrap();
        journal.sync().unwrap();
        assert_eq!(journal.segments().unwrap().len(), 2);
        assert!(journal.finished(Some(1), &head(3)).unwrap().is_empty());
        assert_eq!(journal.finished(Some(2), &head(3)).unwrap().len(), 1);
        assert_eq!(journal.finished(None, &head(3)).unwrap().len(), 2, "and a new one begins");
        journal.rewrite(&record(2), &head(2)).unwrap();
        assert_eq!(numbers(&journal.read().unwrap()), [2]);
    }

    #[test]
    fn an_append_can_be_taken_back() {
        let dir = tempfile::tempdir().unwrap();
        let mut journal = Journal::of(dir.path());
        journal.prepare().unwrap();
        journal.append(&record(1), &head(1)).unwrap();
        journal.keep();
        journal.append(&record(2), &head(1)).unwrap();
        journal.take_back();
        journal.take_back();
        assert_eq!(numbers(&journal.read().unwrap()), [1]);
    }
}
