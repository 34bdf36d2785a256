//! The made-up renewal as a draft, for tests and examples.

use crate::Draft;
use protocol::made_up::manifest;

/// The draft of the made-up request.
pub fn draft() -> Draft {
    let manifest = manifest();
    Draft {
        matter: manifest.matter.clone(),
        matter_revision: manifest.matter_revision,
        language: manifest.language.clone(),
        notice_version: manifest.notice_version.clone(),
        notice_accepted: manifest.notice_accepted,
        created: manifest.created,
        card: manifest.card.clone(),
        answers: manifest.answers.clone(),
        deadline: manifest.deadline.clone(),
        attachments: Vec::new(),
    }
}
