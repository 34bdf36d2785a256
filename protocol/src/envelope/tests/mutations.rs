//! What the kiosk sealed, changed in more than 10,000 ways, before our own reader: the platform's. `tests/interop` gives
//! the same messages to two libraries that are not ours.
//!
//! A change that breaks a signature or a seal says little about a reader: any would refuse it. So each change is made
//! behind the locks too: by somebody who holds the kiosk's key and signs anew what no kiosk writes, or who seals anew,
//! or who describes a changed attachment anew. There is no change that may pass.

use std::collections::{BTreeMap, HashSet};
use std::thread;

use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{Aes256Gcm, KeyInit};

use super::*;

mod item;

use item::{Change, Item};

/// The content keys and nonces of the vectors.
const CONTENT: ([u8; 32], [u8; 12]) = ([1; 32], [2; 12]);
const FILE: ([u8; 32], [u8; 12]) = ([3; 32], [4; 12]);

/// How a change got past the locks, or did not.
const TRAVELLING: &str = "on its way";
const SIGNED: &str = "signed anew";
const SEALED: &str = "sealed anew";

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Part {
    Entry,
    Attachment,
    Receipt,
    Head,
}

const PARTS: [Part; 4] = [Part::Entry, Part::Attachment, Part::Receipt, Part::Head];

struct Mutation {
    part: Part,
    lock: &'static str,
    kind: &'static str,
    bytes: Vec<u8>,
}

/// Kinds of change with the changed bytes.
type Changes = Vec<(&'static str, Vec<u8>)>;

/// Everything good that is changed, and what reads it.
struct Good {
    sealed: Sealed,
    outer: Outer,
    /// The inner `COSE_Sign1`.
    inner: Vec<u8>,
    file: attachment::SealedAttachment,
    receipt: Vec<u8>,
    head: Vec<u8>,
}

impl Good {
    fn new() -> Self {
        let sealed = vectors::sealed();
        let (inner, _) = encrypt::open(&sealed.content, SEALED_TYPE, &opening()).unwrap();
        Self {
            outer: sealed.claimed().unwrap(),
            inner: inner.to_vec(),
            sealed,
            file: vectors::file(),
            receipt: sign_receipt(&statement(), &key()).to_vec(),
            head: head::sign(&vectors::head(), &key()).to_vec(),
        }
    }

    /// An entry with another content, its outside signed anew.
    fn outside(&self, content: &[u8]) -> Vec<u8> {
        let outer = Outer { content: Sha256::digest(content).into(), ..self.outer.clone() };
        join(&outer.sign(&key()), content)
    }

    /// An entry with another inner message, sealed and signed anew.
    fn around_inner(&self, inner: &[u8]) -> Vec<u8> {
        let message = Item::read(&self.sealed.content);
        let header = fields(&message)[0].items()[0].write();
        self.outside(&seal_anew(&message, "Encrypt", &header, inner, CONTENT))
    }

    /// Reads as the platform or the kiosk does.
    fn read(&self, part: Part, bytes: &[u8]) -> Result<(), EnvelopeError> {
        let verifying = key().verifying_key();
        match part {
            Part::Entry => Sealed::split(bytes)?.open(&verifying, &opening()).map(drop),
            Part::Attachment => {
                // As it was described, or as it would be by somebody who has the key.
                let mut anew = self.file.described.clone();
                anew.hash = attachment_hash(bytes);
                let read = open_attachment(bytes, &self.file.described);
                read.or_else(|_| open_attachment(bytes, &anew)).map(drop)
            }
            Part::Receipt => verify_receipt(bytes, &verifying).map(drop).map_err(|error| error.0),
            Part::Head => head::verify(bytes, &verifying).map(drop),
        }
    }

    fn bytes(&self, part: Part) -> Vec<u8> {
        match part {
            Part::Entry => self.sealed.entry(),
            Part::Attachment => self.file.bytes.clone(),
            Part::Receipt => self.receipt.clone(),
            Part::Head => self.head.clone(),
        }
    }

    fn mutations(&self) -> Vec<Mutation> {
        let mut all = Vec::new();
        let mut add = |part, lock, changes: Changes| {
            all.extend(changes.into_iter().map(|(kind, bytes)| Mutation { part, lock, kind, bytes }));
        };
        for part in PARTS {
            let bytes = self.bytes(part);
            add(part, TRAVELLING, spoilt(&bytes));
            add(part, TRAVELLING, written(Item::read(&bytes).changed()));
            let others = PARTS.into_iter().filter(|other| *other != part);
            add(part, TRAVELLING, others.map(|other| ("other part", self.bytes(other))).collect());
        }
        add(Part::Receipt, SIGNED, signed_anew(&self.receipt));
        add(Part::Head, SIGNED, signed_anew(&self.head));
        add(Part::Attachment, SEALED, sealed_anew(&self.file.bytes, "Encrypt0", b"a page", FILE));

        let Sealed { outer, content, .. } = &self.sealed;
        let outers = signed_anew(outer);
        add(Part::Entry, SIGNED, within(outers, |outer| join(outer, content)));
        let contents = [spoilt(content), written(Item::read(content).changed())].concat();
        add(Part::Entry, SIGNED, within(contents, |content| self.outside(content)));
        let contents = sealed_anew(content, "Encrypt", &self.inner, CONTENT);
        add(Part::Entry, SEALED, within(contents, |content| self.outside(content)));
        let inners = [written(Item::read(&self.inner).changed()), signed_anew(&self.inner)].concat();
        add(Part::Entry, SEALED, within(inners, |inner| self.around_inner(inner)));
        for (part, bytes) in self.swapped() {
            add(part, SIGNED, vec![("swapped", bytes)]);
        }
        all
    }

    /// Parts of two good envelopes of the same kiosk put together.
    fn swapped(&self) -> Vec<(Part, Vec<u8>)> {
        let mut next = manifest();
        next.seq += 1;
        next.prev = self.sealed.id;
        let next = seal(&mut next, &key(), &keys()).unwrap();
        let file = seal_attachment(&attachment()).unwrap();
        let receipt = sign_receipt(&Statement { seq: 48, id: next.id, ..statement() }, &key());
        let head = head::sign(&head::Head { seq: 48, hash: next.id, ..vectors::head() }, &key());

        let mut swapped = vec![(Part::Entry, self.outside(&next.content))];
        for (one, other) in [(&self.sealed, &next), (&next, &self.sealed)] {
            swapped.push((Part::Entry, join(&one.outer, &other.content)));
            let outers = exchanged(&one.outer, &other.outer);
            swapped.extend(outers.iter().map(|outer| (Part::Entry, join(outer, &one.content))));
        }
        let contents = exchanged(&self.sealed.content, &next.content);
        swapped.extend(contents.iter().map(|content| (Part::Entry, self.outside(content))));
        for (part, other) in
            [(Part::Attachment, &file.bytes[..]), (Part::Receipt, &receipt), (Part::Head, &head)]
        {
            let one = self.bytes(part);
            let both = [exchanged(&one, other), exchanged(other, &one)].concat();
            swapped.extend(both.into_iter().map(|bytes| (part, bytes)));
        }
        swapped.push((Part::Attachment, file.bytes));
        swapped
    }
}

/// The fields of a tagged message.
fn fields(message: &Item) -> &[Item] {
    message.items()[0].items()
}

fn exchanged(one: &[u8], other: &[u8]) -> Vec<Vec<u8>> {
    Item::read(one).exchanged(&Item::read(other))
}

fn written(changes: Vec<Change>) -> Changes {
    changes.into_iter().map(|(kind, item)| (kind, item.write())).collect()
}

fn within(changes: Changes, wrap: impl Fn(&[u8]) -> Vec<u8>) -> Changes {
    changes.into_iter().map(|(kind, bytes)| (kind, wrap(&bytes))).collect()
}

/// Every bit, every length, and something more at every place.
fn spoilt(bytes: &[u8]) -> Changes {
    let mut changes = Vec::new();
    for bit in 0..bytes.len() * 8 {
        let mut changed = bytes.to_vec();
        changed[bit / 8] ^= 1 << (bit % 8);
        changes.push(("bit", changed));
    }
    changes.extend((0..bytes.len()).map(|length| ("cut", bytes[..length].to_vec())));
    for at in 0..=bytes.len() {
        let (before, behind) = bytes.split_at(at);
        for more in [&[0][..], &[0xf6], &[0xff], &[0x1b, 0, 0]] {
            changes.push(("extra bytes", [before, more, behind].concat()));
        }
    }
    changes
}

fn sign(header: &[u8], payload: &[u8], key: &SigningKey) -> Vec<u8> {
    let [header, payload] = [header, payload].map(Item::bytes);
    let signed = vec![Item::text("Signature1"), header.clone(), Item::bytes(b""), payload.clone()];
    let signature = key.sign(&Item::array(signed).write());
    let fields = vec![header, Item::map(vec![]), payload, Item::bytes(&signature.to_bytes())];
    Item::tag(18, Item::array(fields)).write()
}

/// A `COSE_Sign1` by the right key over a header or a payload that no kiosk writes, and the good ones by other keys.
fn signed_anew(message: &[u8]) -> Changes {
    let message = Item::read(message);
    let [header, payload] = [0, 2].map(|at| fields(&message)[at].items()[0].clone());
    let (good_header, good_payload) = (header.write(), payload.write());
    let again = sign(&good_header, &good_payload, &key());
    assert!(again == message.write(), "the change alone makes the difference");

    let payloads = [written(payload.malformed()), other_lengths(&good_payload)].concat();
    let headers = [written(header.malformed()), spoilt(&good_header), other_algorithms(&header)].concat();
    let strangers = (8..40).map(|seed| SigningKey::from_bytes(&[seed; 32]));
    [
        within(payloads, |payload| sign(&good_header, payload, &key())),
        within(headers, |header| sign(header, &good_payload, &key())),
        strangers.map(|key| ("other key", sign(&good_header, &good_payload, &key))).collect(),
    ]
    .concat()
}

/// What a payload says may differ, but not its length alone.
fn other_lengths(bytes: &[u8]) -> Changes {
    let cut = (0..bytes.len()).map(|length| ("cut", bytes[..length].to_vec()));
    let grown = (0..=255).map(|byte| ("extra bytes", [bytes, &[byte]].concat()));
    cut.chain(grown).collect()
}

/// Every registered algorithm and some that are none, as the first value of a header.
fn other_algorithms(header: &Item) -> Changes {
    let good = header.items()[1].write();
    let numbers = (-70..70).chain([-257, -258, -259, -65_535, -65_536, -65_537, 1 << 33]).map(Item::int);
    let names = ["EdDSA", "A256GCM", "none", ""].map(Item::text);
    let others = numbers.chain(names).filter(|other| other.write() != good);
    others.map(|other| ("other algorithm", header.with(1, other).write())).collect()
}

/// A sealed message whose ciphertext fits its header again.
fn seal_anew(
    message: &Item,
    context: &str,
    header: &[u8],
    content: &[u8],
    (key, nonce): ([u8; 32], [u8; 12]),
) -> Vec<u8> {
    let aad = Item::array(vec![Item::text(context), Item::bytes(header), Item::bytes(b"")]).write();
    let content = Payload { msg: content, aad: &aad };
    let sealed = Aes256Gcm::new(&key.into()).encrypt(&nonce.into(), content).unwrap();
    let fields = message.items()[0].with(0, Item::bytes(header)).with(2, Item::bytes(&sealed));
    message.with(0, fields).write()
}

/// The right content, sealed under a header that no kiosk writes.
fn sealed_anew(message: &[u8], context: &str, content: &[u8], with: ([u8; 32], [u8; 12])) -> Changes {
    let message = Item::read(message);
    let header = fields(&message)[0].items()[0].clone();
    let good = header.write();
    let again = seal_anew(&message, context, &good, content, with);
    assert!(again == message.write(), "the change alone makes the difference");
    let headers = [written(header.malformed()), spoilt(&good), other_algorithms(&header)].concat();
    within(headers, |header| seal_anew(&message, context, header, content, with))
}

/// Says what it counted with `--nocapture`.
#[test]
fn ten_thousand_mutations_are_refused_by_our_own_reader() {
    let good = Good::new();
    for part in PARTS {
        assert_eq!(good.read(part, &good.bytes(part)), Ok(()), "{part:?}, unchanged");
    }
    assert_eq!(good.read(Part::Entry, &good.around_inner(&good.inner)), Ok(()), "unchanged, sealed anew");

    let mut mutations = good.mutations();
    let mut seen: HashSet<(Part, Vec<u8>)> = PARTS.map(|part| (part, good.bytes(part))).into();
    mutations.retain(|mutation| seen.insert((mutation.part, mutation.bytes.clone())));
    let refusals: Vec<Option<EnvelopeError>> = thread::scope(|scope| {
        let workers = thread::available_parallelism().map_or(1, usize::from);
        let read = |mutation: &Mutation| good.read(mutation.part, &mutation.bytes).err();
        let shares = mutations.chunks(mutations.len().div_ceil(workers));
        let running: Vec<_> =
            shares.map(|share| scope.spawn(move || share.iter().map(read).collect::<Vec<_>>())).collect();
        running.into_iter().flat_map(|worker| worker.join().expect("a reader panicked")).collect()
    });

    let mut counted: BTreeMap<(Part, &str, &str), usize> = BTreeMap::new();
    let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
    let mut accepted = Vec::new();
    for (Mutation { part, lock, kind, bytes }, refusal) in mutations.iter().zip(refusals) {
        let Some(error) = refusal else {
            accepted.push(format!("{part:?}, {lock}, {kind}: {}", hex::encode(bytes)));
            continue;
        };
        assert_ne!(error, EnvelopeError::Crypto, "{part:?}, {lock}, {kind}: not our own failure");
        *counted.entry((*part, lock, kind)).or_default() += 1;
        *reasons.entry(error.to_string()).or_default() += 1;
    }
    for ((part, lock, kind), count) in &counted {
        println!("{count:>6} {part:?}, {lock}, {kind}");
    }
    for (reason, count) in reasons {
        println!("{count:>6} {reason}");
    }
    println!("{} mutations, {} accepted", mutations.len(), accepted.len());
    assert!(accepted.is_empty(), "accepted:\n{}", accepted.join("\n"));
    assert!(mutations.len() >= 10_000);
    for part in PARTS {
        let of_part: usize = counted.iter().filter(|((of, ..), _)| *of == part).map(|(_, count)| count).sum();
        assert!(of_part >= 1_000, "{part:?}: {of_part}");
    }
}
