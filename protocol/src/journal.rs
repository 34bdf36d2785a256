//! What the audit journal can say. Every kind is typed, and no text from outside fits in: a name of a person, an address
//! or an identity number has no place to go.

use faults::Fault;

use crate::envelope::cbor::{Field, Writer};

/// A short name of our own: a device, a matter, an act. Lower-case ASCII letters, digits, `-`, `_` and `.`; it begins with
/// a letter and has at most 32 characters and no run of more than seven digits, so that no number of a citizen is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word(String);

impl Word {
    /// Takes a word; `None` when it is none.
    pub fn new(text: &str) -> Option<Self> {
        let mut digits = 0;
        let clean = text.bytes().all(|byte| {
            digits = if byte.is_ascii_digit() { digits + 1 } else { 0 };
            digits <= 7 && (byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_.".contains(&byte))
        });
        let begins = text.bytes().next().is_some_and(|byte| byte.is_ascii_lowercase());
        (clean && begins && text.len() <= 32).then(|| Self(text.to_owned()))
    }

    /// The word.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// How a visit ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VisitEnd {
    /// A request was saved.
    Done,
    /// The citizen left or said no.
    Left,
    /// Nobody touched the screen any more.
    TimedOut,
    /// The matter cannot be applied for here.
    Refused,
    /// The machine could not go on.
    Failed,
}

impl VisitEnd {
    const ALL: [(Self, u64, &'static str); 5] = [
        (Self::Done, 1, "done"),
        (Self::Left, 2, "left"),
        (Self::TimedOut, 3, "timed-out"),
        (Self::Refused, 4, "refused"),
        (Self::Failed, 5, "failed"),
    ];

    fn row(self) -> (u64, &'static str) {
        Self::ALL.iter().find(|(end, ..)| *end == self).map_or((0, ""), |(_, number, word)| (*number, word))
    }
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Record {
    /// The program began.
    Started {
        /// Its version, such as `v0.2.0`.
        version: Word,
    },
    /// The program ended in order.
    Stopped,
    /// This journal was put right when it was opened; written by itself.
    Repaired {
        /// Bytes of an unfinished record that were cut off its end.
        bytes: u64,
        /// Whether records in its middle are damaged: `verify` names the first.
        damaged: bool,
    },
    /// A visit ended.
    Visit {
        /// The matter, once one was chosen.
        matter: Option<Word>,
        /// How.
        end: VisitEnd,
    },
    /// A device failed or is well again.
    Device {
        /// Its name in the configuration; `platform` for the line to it.
        device: Word,
        /// `None`: well again.
        fault: Option<Fault>,
    },
    /// A request is durable.
    Saved {
        /// Its epoch.
        epoch: u32,
        /// Its place in the epoch's chain.
        seq: u64,
    },
    /// A request was not taken; the citizen was told.
    NotSaved {
        /// Why.
        fault: Fault,
    },
    /// A slip was printed.
    Printed {
        /// The request's epoch.
        epoch: u32,
        /// The request's place.
        seq: u64,
        /// Whether it says "copy".
        copy: bool,
    },
    /// The platform acknowledged requests; one record for each time the queue was gone through.
    Sent {
        /// How many.
        count: u64,
    },
    /// A request is kept back for staff.
    Held {
        /// Its epoch.
        epoch: u32,
        /// Its place.
        seq: u64,
        /// Why.
        fault: Fault,
    },
    /// Staff put a held request back into the queue.
    Released {
        /// Its epoch.
        epoch: u32,
        /// Its place.
        seq: u64,
    },
    /// The platform disagrees with our chain or journal.
    HeadRefused {
        /// `OBX-06`: forked or put back, and the store is frozen. `JRN-01`: this journal. `PLT-08`: a gap.
        fault: Fault,
    },
    /// The check behind the start found something in the store.
    StoreRepaired {
        /// Requests that are damaged and held.
        damaged: u64,
        /// Requests that are whole again.
        repaired: u64,
        /// Requests that are nowhere.
        missing: u64,
        /// Whether the database was put aside and rebuilt.
        rebuilt: bool,
    },
    /// A member of staff did something.
    Staff {
        /// The head of the hash of the card's certificate.
        staff: [u8; 8],
        /// What, such as `signed-in` or `paper-changed`.
        act: Word,
    },
    /// Data came into force.
    Installed {
        /// What, such as `catalogue` or `configuration`.
        what: Word,
        /// SHA-256 of it.
        hash: [u8; 32],
    },
    /// The machine's clock jumped against the time that passed.
    Clock {
        /// Seconds, forward or back.
        by: i64,
    },
    /// Something failed that is no device.
    Trouble {
        /// What.
        fault: Fault,
    },
}

/// What a record is made of.
enum Part {
    Uint(u64),
    Int(i64),
    Bytes(Vec<u8>),
    Text(String),
    None,
}

impl Record {
    /// Its name and its fields, as they are shown and exported.
    pub fn fields(&self) -> (&'static str, Vec<(&'static str, String)>) {
        let code = |fault: &Fault| fault.code().to_owned();
        let place = |epoch: &u32, seq: &u64| vec![("epoch", epoch.to_string()), ("seq", seq.to_string())];
        let with = |mut fields: Vec<_>, name, value| {
            fields.push((name, value));
            fields
        };
        match self {
            Self::Started { version } => ("started", vec![("version", version.0.clone())]),
            Self::Stopped => ("stopped", vec![]),
            Self::Repaired { bytes, damaged } => {
                ("journal-repaired", vec![("bytes", bytes.to_string()), ("damaged", damaged.to_string())])
            }
            Self::Visit { matter, end } => {
                let matter = matter.as_ref().map(|matter| ("matter", matter.0.clone()));
                ("visit", with(matter.into_iter().collect(), "end", end.row().1.to_owned()))
            }
            Self::Device { device, fault } => {
                let fault = fault.as_ref().map_or_else(|| "none".to_owned(), code);
                ("device", vec![("device", device.0.clone()), ("fault", fault)])
            }
            Self::Saved { epoch, seq } => ("saved", place(epoch, seq)),
            Self::NotSaved { fault } => ("not-saved", vec![("fault", code(fault))]),
            Self::Printed { epoch, seq, copy } => {
                ("printed", with(place(epoch, seq), "copy", copy.to_string()))
            }
            Self::Sent { count } => ("sent", vec![("count", count.to_string())]),
            Self::Held { epoch, seq, fault } => ("held", with(place(epoch, seq), "fault", code(fault))),
            Self::Released { epoch, seq } => ("released", place(epoch, seq)),
            Self::HeadRefused { fault } => ("head-refused", vec![("fault", code(fault))]),
            Self::StoreRepaired { damaged, repaired, missing, rebuilt } => (
                "store-repaired",
                vec![
                    ("damaged", damaged.to_string()),
                    ("repaired", repaired.to_string()),
                    ("missing", missing.to_string()),
                    ("rebuilt", rebuilt.to_string()),
                ],
            ),
            Self::Staff { staff, act } => {
                ("staff", vec![("staff", hex::encode(staff)), ("act", act.0.clone())])
            }
            Self::Installed { what, hash } => {
                ("installed", vec![("what", what.0.clone()), ("hash", hex::encode(hash))])
            }
            Self::Clock { by } => ("clock", vec![("by", by.to_string())]),
            Self::Trouble { fault } => ("trouble", vec![("fault", code(fault))]),
        }
    }

    fn parts(&self) -> (u64, Vec<Part>) {
        use Part::{Bytes, Int, Text, Uint};
        let word = |word: &Word| Text(word.0.clone());
        let code = |fault: &Fault| Text(fault.code().to_owned());
        let flag = |flag: &bool| Uint(u64::from(*flag));
        match self {
            Self::Started { version } => (1, vec![word(version)]),
            Self::Stopped => (2, vec![]),
            Self::Repaired { bytes, damaged } => (3, vec![Uint(*bytes), flag(damaged)]),
            Self::Visit { matter, end } => {
                (4, vec![matter.as_ref().map_or(Part::None, word), Uint(end.row().0)])
            }
            Self::Device { device, fault } => {
                (5, vec![word(device), fault.as_ref().map_or(Part::None, code)])
            }
            Self::Saved { epoch, seq } => (6, vec![Uint((*epoch).into()), Uint(*seq)]),
            Self::NotSaved { fault } => (7, vec![code(fault)]),
            Self::Printed { epoch, seq, copy } => (8, vec![Uint((*epoch).into()), Uint(*seq), flag(copy)]),
            Self::Sent { count } => (9, vec![Uint(*count)]),
            Self::Held { epoch, seq, fault } => (10, vec![Uint((*epoch).into()), Uint(*seq), code(fault)]),
            Self::Released { epoch, seq } => (11, vec![Uint((*epoch).into()), Uint(*seq)]),
            Self::HeadRefused { fault } => (12, vec![code(fault)]),
            Self::StoreRepaired { damaged, repaired, missing, rebuilt } => {
                (13, vec![Uint(*damaged), Uint(*repaired), Uint(*missing), flag(rebuilt)])
            }
            Self::Staff { staff, act } => (14, vec![Bytes(staff.to_vec()), word(act)]),
            Self::Installed { what, hash } => (15, vec![word(what), Bytes(hash.to_vec())]),
            Self::Clock { by } => (16, vec![Int(*by)]),
            Self::Trouble { fault } => (17, vec![code(fault)]),
        }
    }

    /// Writes kind and fields: `kind, [ fields ]`.
    pub fn encode(&self, out: &mut Writer, keys: [i64; 2]) {
        let (kind, parts) = self.parts();
        out.int(keys[0]).uint(kind);
        out.int(keys[1]).array(parts.len());
        for part in parts {
            match part {
                Part::Uint(value) => out.uint(value),
                Part::Int(value) => out.int(value),
                Part::Bytes(value) => out.bytes(&value),
                Part::Text(value) => out.text(&value),
                Part::None => out.null(),
            };
        }
    }

    /// Reads them; `None` for a kind or a fault of a newer release.
    pub fn decode(kind: u64, fields: Vec<Field>) -> Option<Self> {
        let mut fields = Parts(fields.into_iter());
        let record = match kind {
            1 => Self::Started { version: fields.word()? },
            2 => Self::Stopped,
            3 => Self::Repaired { bytes: fields.int()?, damaged: fields.flag()? },
            4 => Self::Visit { matter: fields.or_none(Parts::as_word)?, end: fields.end()? },
            5 => Self::Device { device: fields.word()?, fault: fields.or_none(Parts::as_fault)? },
            6 => Self::Saved { epoch: fields.int()?, seq: fields.int()? },
            7 => Self::NotSaved { fault: fields.fault()? },
            8 => Self::Printed { epoch: fields.int()?, seq: fields.int()?, copy: fields.flag()? },
            9 => Self::Sent { count: fields.int()? },
            10 => Self::Held { epoch: fields.int()?, seq: fields.int()?, fault: fields.fault()? },
            11 => Self::Released { epoch: fields.int()?, seq: fields.int()? },
            12 => Self::HeadRefused { fault: fields.fault()? },
            13 => Self::StoreRepaired {
                damaged: fields.int()?,
                repaired: fields.int()?,
                missing: fields.int()?,
                rebuilt: fields.flag()?,
            },
            14 => Self::Staff { staff: fields.bytes()?, act: fields.word()? },
            15 => Self::Installed { what: fields.word()?, hash: fields.bytes()? },
            16 => Self::Clock { by: fields.int()? },
            17 => Self::Trouble { fault: fields.fault()? },
            _ => return None,
        };
        fields.0.next().is_none().then_some(record)
    }
}

struct Parts(std::vec::IntoIter<Field>);

impl Parts {
    fn int<T: TryFrom<i128>>(&mut self) -> Option<T> {
        self.0.next()?.int().ok()
    }

    fn flag(&mut self) -> Option<bool> {
        match self.int::<u64>()? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }

    fn end(&mut self) -> Option<VisitEnd> {
        let number = self.int::<u64>()?;
        VisitEnd::ALL.iter().find(|(_, known, _)| *known == number).map(|(end, ..)| *end)
    }

    fn bytes<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.0.next()?.bytes().ok()?.try_into().ok()
    }

    fn word(&mut self) -> Option<Word> {
        Self::as_word(self.0.next()?)
    }

    fn fault(&mut self) -> Option<Fault> {
        Self::as_fault(self.0.next()?)
    }

    fn as_word(field: Field) -> Option<Word> {
        Word::new(&field.text().ok()?)
    }

    fn as_fault(field: Field) -> Option<Fault> {
        let code = field.text().ok()?;
        Fault::ALL.iter().copied().find(|fault| fault.code() == code)
    }

    fn or_none<T>(&mut self, read: impl FnOnce(Field) -> Option<T>) -> Option<Option<T>> {
        let field = self.0.next()?;
        if field.is_null() { Some(None) } else { read(field).map(Some) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::envelope::cbor;
    use crate::made_up::records;

    #[test]
    fn every_kind_comes_back() {
        for record in records() {
            let mut out = Writer::with_capacity(256);
            out.map(2);
            record.encode(&mut out, [1, 2]);
            let mut fields = cbor::parse(&out.finish()).unwrap().into_fields().unwrap();
            let kind = fields.next(1).unwrap().int().unwrap();
            let back = Record::decode(kind, fields.next(2).unwrap().items().unwrap());
            assert_eq!(back, Some(record.clone()));
            assert!(!record.fields().0.is_empty());
        }
    }

    #[test]
    fn what_a_citizen_said_is_no_word() {
        for good in ["id_card", "household-certificate", "v0.2.0", "a1234567"] {
            assert!(Word::new(good).is_some(), "{good}");
        }
        let number = "n11010519491231002x";
        for bad in ["", "1a", "张", "Zhang", "two words", number, "11010519491231002x", &"a".repeat(33)] {
            assert!(Word::new(bad).is_none(), "{bad}");
        }
    }
}
