//! A second copy of what waits: `entries/NNNN.cborseq`, plain files that only grow, from which a damaged database is
//! rebuilt.
//!
//! Each file is a sequence of frames (see [`protocol::frame`]). A payload is one of
//!
//! ```text
//! head  = [0, kiosk, [* [epoch, signing key]], number, epoch, seq, prev]     where the next request goes
//! entry = [1, number, epoch, seq, case number, created, outer, sealed]
//! ```
//!
//! Records are appended before the commit that they belong to, and synced within a second: the database is what a
//! citizen is promised on, this is what it is rebuilt from. A file goes when all its entries are erased.
//!
//! A hundred thousand requests may wait: everything here reads one file at a time and keeps none of it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::rows::Place;
use crate::fault_points::reach;
use durable::{Draft, Readers, secret_file, sync_folder};
use protocol::envelope::cbor::{self, Writer};
use protocol::envelope::{RequestId, Sealed};
use protocol::frame;

/// Name of the folder in the outbox's folder.
const FOLDER: &str = "entries";
const ENDING: &str = "cborseq";
/// A file that has grown to this size is followed by a new one. A guess: some hundred requests.
const SEGMENT: u64 = 1024 * 1024;
/// Largest file that is read back: no file of ours grows past a segment and one batch.
const MAX_FILE: u64 = 64 * 1024 * 1024;

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

/// What stands in a file.
pub(crate) enum Found {
    /// Where the next record goes.
    Head(Head),
    /// A request.
    Record(Box<Record>),
}

/// The files as they are at one moment: what is appended later is not looked at.
pub(crate) struct Extent(Vec<(PathBuf, u64)>);

/// The folder.
pub(crate) struct SecondCopy {
    dir: PathBuf,
    unsynced: Vec<PathBuf>,
    /// The last append: its file, and the lengths before and after.
    last: Option<(PathBuf, u64, u64)>,
    /// The newest file, open for appending, as far as this program knows: finding it costs more than the append.
    newest: Option<(u64, File)>,
}

impl SecondCopy {
    pub(crate) fn of(store: &Path) -> Self {
        Self { dir: store.join(FOLDER), unsynced: Vec::new(), last: None, newest: None }
    }

    pub(crate) fn prepare(&self) -> Result<(), secret_file::SecretFileError> {
        secret_file::private_dir(&self.dir)
    }

    /// Appends records; the caller holds the database's write lock. `head` is the place of the first of them.
    pub(crate) fn append(&mut self, records: &[u8], head: &Head) -> io::Result<()> {
        let length = match self.newest()? {
            Some((_, length)) if length < SEGMENT => length,
            Some((number, _)) => self.begin(number + 1, head)?,
            None => self.begin(1, head)?,
        };
        let Some((number, file)) = &mut self.newest else { return Err(io::ErrorKind::NotFound.into()) };
        let path = self.dir.join(name(*number));
        self.last = Some((path.clone(), length, length.saturating_add(records.len() as u64)));
        file.write_all(records)?;
        reach("entry-appended");
        if !self.unsynced.contains(&path) {
            self.unsynced.push(path);
        }
        Ok(())
    }

    /// Takes the last append back, durably: its commit failed, and nobody was promised anything.
    ///
    /// # Errors
    /// Then the record may be found again: it has to be told apart by its id.
    pub(crate) fn take_back(&mut self) -> io::Result<()> {
        let Some((path, before, after)) = self.last.take() else { return Ok(()) };
        let file = OpenOptions::new().write(true).open(path)?;
        // Behind it may stand what another program has committed since: then both stay, and of two records of one place
        // the newer counts.
        if file.metadata()?.len() <= after {
            file.set_len(before)?;
        }
        file.sync_all()
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

    /// Gives everything that can be read to `take`, oldest first; gives the number of places where something unreadable
    /// stood.
    pub(crate) fn scan(&self, take: impl FnMut(Found)) -> io::Result<u64> {
        self.extent()?.scan(take)
    }

    /// The files as they are now.
    pub(crate) fn extent(&self) -> io::Result<Extent> {
        let with_length = |(_, path): (u64, PathBuf)| Ok((path.clone(), fs::metadata(&path)?.len()));
        self.segments()?.into_iter().map(with_length).collect::<io::Result<_>>().map(Extent)
    }

    /// The files that may hold a request with this number or a later one.
    pub(crate) fn extent_since(&self, number: u64) -> io::Result<Extent> {
        let mut all = self.extent()?.0;
        // A file whose head cannot be read tells nothing: the one before it is read too.
        let begins = |path: &Path| first_head(path).ok().flatten().is_some_and(|h| h.next.number <= number);
        let from = all.iter().rposition(|(path, _)| begins(path)).unwrap_or(0);
        all.drain(..from);
        Ok(Extent(all))
    }

    /// Whether a head can be read in any file: there was a store here.
    pub(crate) fn has_head(&self) -> bool {
        let heads = |segments: Vec<(u64, PathBuf)>| {
            segments.iter().any(|(_, path)| first_head(path).is_ok_and(|head| head.is_some()))
        };
        self.segments().is_ok_and(heads)
    }

    /// Whether the newest head that can be read is this kiosk's, of this key's epoch; of this epoch, if one is given.
    pub(crate) fn is_of(&self, kiosk: &str, key: &[u8; 32], epoch: Option<u32>) -> bool {
        let newest = |segments: Vec<(u64, PathBuf)>| {
            segments.iter().rev().find_map(|(_, path)| first_head(path).ok().flatten())
        };
        let head = self.segments().ok().and_then(newest);
        head.is_some_and(|head| {
            let last = head.epochs.last();
            head.kiosk == kiosk
                && last.is_some_and(|(of, found)| found == key && epoch.is_none_or(|epoch| epoch == *of))
        })
    }

    /// Writes everything anew, such as after damage; then the old files go. `head` is the place of the first record, `end`
    /// the place after the last one that was ever given, and `records` gives them to its argument, in order, each with
    /// its own place.
    pub(crate) fn rewrite<E: From<io::Error>>(
        &mut self,
        head: &Head,
        end: &Head,
        records: impl FnOnce(&mut dyn FnMut(Place, &[u8]) -> io::Result<()>) -> Result<(), E>,
    ) -> Result<(), E> {
        let old = self.segments()?;
        let mut number = old.last().map_or(1, |(number, _)| number + 1);
        let mut bytes = encode_head(head);
        records(&mut |place, record| {
            if bytes.len() as u64 >= SEGMENT {
                self.write_whole(number, &bytes)?;
                number += 1;
                bytes = encode_head(&Head { next: place, ..head.clone() });
            }
            bytes.extend_from_slice(record);
            Ok(())
        })?;
        if end.next.number != head.next.number {
            // What is erased has no record any more, and its places must not be given again.
            bytes.extend_from_slice(&encode_head(end));
        }
        self.write_whole(number, &bytes)?;
        reach("copy-rewritten");
        old.iter().try_for_each(|(_, path)| fs::remove_file(path))?;
        Ok(())
    }

    /// Opens the newest file; gives its number and its length.
    fn newest(&mut self) -> io::Result<Option<(u64, u64)>> {
        // Another program may have begun the next one, or have removed ours.
        if let Some((number, file)) = &self.newest {
            let found = file.metadata()?;
            if found.nlink() > 0 && !self.dir.join(name(number + 1)).try_exists()? {
                return Ok(Some((*number, found.len())));
            }
        }
        self.newest = None;
        let Some((number, path)) = self.segments()?.pop() else { return Ok(None) };
        let file = OpenOptions::new().append(true).open(path)?;
        let length = file.metadata()?.len();
        self.newest = Some((number, file));
        Ok(Some((number, length)))
    }

    /// Begins a file; gives its length.
    fn begin(&mut self, number: u64, head: &Head) -> io::Result<u64> {
        let head = encode_head(head);
        self.write_whole(number, &head)?;
        Ok(head.len() as u64)
    }

    fn write_whole(&mut self, number: u64, bytes: &[u8]) -> io::Result<()> {
        let path = self.dir.join(name(number));
        let mut draft = Draft::begin(&path, Readers::Owner)?;
        draft.append(bytes)?;
        draft.sync()?;
        // Appending finds its end by itself, also after a record was taken back.
        let file = draft.put()?;
        reach("segment-begun");
        sync_folder(&path)?;
        self.newest = Some((number, file));
        Ok(())
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

fn name(number: u64) -> String {
    format!("{number:04}.{ENDING}")
}

/// A request as a record.
pub(crate) fn encode(place: Place, case_number: &str, created: i64, sealed: &Sealed) -> Vec<u8> {
    let mut out = Writer::with_capacity(sealed.outer.len() + sealed.content.len() + 128);
    out.array(8).uint(1).uint(place.number).uint(place.epoch.into()).uint(place.seq);
    out.text(case_number).int(created).bytes(&sealed.outer).bytes(&sealed.content);
    frame::frame(&out.finish_public())
}

fn encode_head(head: &Head) -> Vec<u8> {
    let mut out = Writer::with_capacity(256);
    out.array(7).uint(0).text(&head.kiosk).array(head.epochs.len());
    for (epoch, key) in &head.epochs {
        out.array(2).uint((*epoch).into()).bytes(key);
    }
    out.uint(head.next.number).uint(head.next.epoch.into()).uint(head.next.seq).bytes(&head.next.prev);
    frame::frame(&out.finish_public())
}

fn record_length(head: &Head) -> u64 {
    encode_head(head).len() as u64
}

impl Extent {
    /// Gives everything that can be read to `take`; gives the number of places where something unreadable stood.
    pub(crate) fn scan(&self, mut take: impl FnMut(Found)) -> io::Result<u64> {
        let mut torn = 0;
        for (path, length) in &self.0 {
            if *length > MAX_FILE {
                torn += 1;
                continue;
            }
            let mut bytes = Vec::new();
            match File::open(path) {
                Ok(file) => io::Read::read_to_end(&mut io::Read::take(file, *length), &mut bytes)?,
                // Erased since.
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => return Err(error),
            };
            torn += read_into(&bytes, &mut take);
        }
        Ok(torn)
    }
}

fn first_head(path: &Path) -> io::Result<Option<Head>> {
    let mut start = Vec::new();
    io::Read::read_to_end(&mut io::Read::take(File::open(path)?, 8192), &mut start)?;
    let mut first = None;
    read_into(&start, &mut |found| {
        if let Found::Head(head) = found
            && first.is_none()
        {
            first = Some(head);
        }
    });
    Ok(first)
}

fn read_into(mut rest: &[u8], take: &mut impl FnMut(Found)) -> u64 {
    let mut torn = 0;
    let mut lost = false;
    while !rest.is_empty() {
        if let Some((payload, after)) = frame::unframe(rest)
            && let Some(found) = decode(payload)
        {
            take(found);
            rest = after;
            lost = false;
            continue;
        }
        if !lost {
            torn += 1;
            lost = true;
        }
        rest = frame::next_mark(rest);
    }
    torn
}

fn decode(payload: &[u8]) -> Option<Found> {
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
            Some(Found::Head(Head { kiosk, epochs, next: Place { number, epoch, seq, prev } }))
        }
        1 => {
            let (number, epoch, seq) = (next()?.int().ok()?, next()?.int().ok()?, next()?.int().ok()?);
            let (case_number, created) = (next()?.text().ok()?, next()?.int().ok()?);
            let (outer, content) = (next()?.bytes().ok()?, next()?.bytes().ok()?);
            let sealed = Sealed { id: protocol::envelope::outer_id(&outer), outer, content };
            Some(Found::Record(Box::new(Record { number, epoch, seq, case_number, created, sealed })))
        }
        _ => None,
    }
}

/// Everything at once: for tests, whose stores are small.
#[cfg(test)]
#[derive(Default)]
pub(crate) struct ReadBack {
    pub(crate) heads: Vec<Head>,
    pub(crate) records: Vec<Record>,
    pub(crate) torn: u64,
}

#[cfg(test)]
impl SecondCopy {
    pub(crate) fn read(&self) -> io::Result<ReadBack> {
        let mut back = ReadBack::default();
        back.torn = self.scan(|found| back_into(&mut back.heads, &mut back.records, found))?;
        Ok(back)
    }
}

#[cfg(test)]
fn back_into(heads: &mut Vec<Head>, records: &mut Vec<Record>, found: Found) {
    match found {
        Found::Head(head) => heads.push(head),
        Found::Record(record) => records.push(*record),
    }
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
        let read_all = |bytes: &[u8]| {
            let mut back = ReadBack::default();
            back.torn = read_into(bytes, &mut |found| back_into(&mut back.heads, &mut back.records, found));
            back
        };
        let back = read_all(&whole);
        assert_eq!((numbers(&back), back.heads.len(), back.torn), (vec![1, 2, 3], 1, 0));
        for at in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[at] ^= 0x40;
            let back = read_all(&bytes);
            assert_eq!(back.records.len() + back.heads.len(), 3, "{at}");
            assert!(back.torn > 0);
        }
        for length in 0..whole.len() {
            let back = read_all(&whole[..length]);
            assert!(back.records.len() < 3);
        }
    }

    #[test]
    fn files_go_when_their_requests_are_erased() {
        let dir = tempfile::tempdir().unwrap();
        let mut copy = SecondCopy::of(dir.path());
        copy.prepare().unwrap();
        let large = vec![0xd9; SEGMENT as usize];
        copy.append(&record(1), &head(1)).unwrap();
        copy.append(&large, &head(2)).unwrap();
        copy.append(&record(2), &head(2)).unwrap();
        copy.sync().unwrap();
        assert_eq!(copy.segments().unwrap().len(), 2);
        assert!(copy.finished(Some(1), &head(3)).unwrap().is_empty());
        assert_eq!(copy.finished(Some(2), &head(3)).unwrap().len(), 1);
        assert_eq!(copy.finished(None, &head(3)).unwrap().len(), 2, "and a new one begins");
        let rewritten: io::Result<()> = copy.rewrite(&head(2), &head(9), |write| {
            (2..5).try_for_each(|number| {
                let place = Place { number, ..head(2).next };
                write(place, &record(number))?;
                write(place, &large)
            })
        });
        rewritten.unwrap();
        assert_eq!(numbers(&copy.read().unwrap()), [2, 3, 4]);
        assert_eq!(copy.segments().unwrap().len(), 3, "no file is too large to be read back");
        let mut since = Vec::new();
        copy.extent_since(4).unwrap().scan(|found| back_into(&mut Vec::new(), &mut since, found)).unwrap();
        assert_eq!(
            since.iter().map(|record| record.number).collect::<Vec<_>>(),
            [4],
            "and only that file is"
        );
    }

    #[test]
    fn taking_back_leaves_what_another_program_has_appended_since() {
        let dir = tempfile::tempdir().unwrap();
        let (mut ours, mut theirs) = (SecondCopy::of(dir.path()), SecondCopy::of(dir.path()));
        ours.prepare().unwrap();
        ours.append(&record(1), &head(1)).unwrap();
        theirs.append(&record(1), &head(1)).unwrap();
        theirs.keep();
        ours.take_back().unwrap();
        assert_eq!(numbers(&ours.read().unwrap()), [1, 1], "theirs is committed, and it is the newer one");
        ours.append(&record(2), &head(1)).unwrap();
        ours.take_back().unwrap();
        assert_eq!(numbers(&ours.read().unwrap()), [1, 1]);
    }

    #[test]
    fn an_append_can_be_taken_back() {
        let dir = tempfile::tempdir().unwrap();
        let mut copy = SecondCopy::of(dir.path());
        copy.prepare().unwrap();
        copy.append(&record(1), &head(1)).unwrap();
        copy.keep();
        copy.append(&record(2), &head(1)).unwrap();
        copy.take_back().unwrap();
        copy.take_back().unwrap();
        assert_eq!(numbers(&copy.read().unwrap()), [1]);
    }
}
