//! A renewal of nobody and a record of each kind: what tests and benches on both sides send.

#![allow(clippy::unwrap_used, reason = "nothing here comes from outside")]

use faults::Fault;

use crate::envelope::{CardRecord, Manifest};
use crate::journal::{Record, VisitEnd, Word};

/// A request of 2 KB once it is sealed.
pub fn manifest() -> Manifest {
    Manifest {
        kiosk: "110101-0007".into(),
        epoch: 1,
        seq: 47,
        prev: [9; 32],
        case_number: "110101-0007-261121-00047".into(),
        matter: "id-card-renewal".into(),
        matter_revision: 3,
        language: "zh-Hans".into(),
        notice_version: "2026-01".into(),
        notice_accepted: 1_800_000_000,
        created: 1_800_000_060,
        deadline: "2027-01-20".into(),
        card: CardRecord::new(vec![0x20; 1284]),
        answers: vec![("phone".into(), "13800000000".into()), ("collect".into(), "post".into())],
        recipients: Vec::new(),
        attachments: Vec::new(),
    }
}

/// One record of each kind.
pub fn records() -> Vec<Record> {
    let word = |text: &str| Word::new(text).unwrap();
    let fault = Fault::StoreFull;
    vec![
        Record::Started { version: word("v0.2.0") },
        Record::Stopped,
        Record::Repaired { bytes: 12, damaged: false },
        Record::Visit { matter: Some(word("household-certificate")), end: VisitEnd::Done },
        Record::Visit { matter: None, end: VisitEnd::TimedOut },
        Record::Device { device: word("id_card"), fault: Some(Fault::CardMute) },
        Record::Device { device: word("id_card"), fault: None },
        Record::Saved { epoch: 1, seq: 7 },
        Record::NotSaved { fault },
        Record::Printed { epoch: 1, seq: 7, copy: true },
        Record::Sent { count: 3 },
        Record::Held { epoch: 1, seq: 7, fault },
        Record::Released { epoch: 1, seq: 7 },
        Record::HeadRefused { fault: Fault::StoreFrozen },
        Record::StoreRepaired { damaged: 1, repaired: 2, missing: 3, rebuilt: true },
        Record::Staff { staff: [7; 8], act: word("signed-in") },
        Record::Installed { what: word("catalogue"), hash: [9; 32] },
        Record::Clock { by: -86_400 },
        Record::Trouble { fault },
    ]
}
