//! A renewal of nobody, for the tests and the examples: each includes this file.

use crate::envelope::Manifest;
use crate::{CardRecord, Draft};

/// A request of 2 KB once it is sealed.
pub fn draft() -> Draft {
    Draft {
        matter: "id-card-renewal".into(),
        matter_revision: 3,
        language: "zh-Hans".into(),
        notice_version: "2026-01".into(),
        notice_accepted: 1_800_000_000,
        created: 1_800_000_060,
        card: CardRecord::new(vec![0x20; 1284]),
        answers: vec![("phone".into(), "13800000000".into()), ("collect".into(), "post".into())],
        deadline: "2027-01-20".into(),
        attachments: Vec::new(),
    }
}

/// The same request with its place in a chain.
pub fn manifest() -> Manifest {
    let draft = draft();
    Manifest {
        kiosk: "110101-0007".into(),
        epoch: 1,
        seq: 47,
        prev: [9; 32],
        case_number: "110101-0007-261121-00047".into(),
        matter: draft.matter.clone(),
        matter_revision: draft.matter_revision,
        language: draft.language.clone(),
        notice_version: draft.notice_version.clone(),
        notice_accepted: draft.notice_accepted,
        created: draft.created,
        deadline: draft.deadline.clone(),
        card: draft.card.clone(),
        answers: draft.answers.clone(),
        recipients: Vec::new(),
        attachments: Vec::new(),
    }
}
