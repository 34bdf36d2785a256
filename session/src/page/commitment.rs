//! 告知承诺: commit in writing, or bring papers.

use super::*;

/// 告知承诺: what the citizen commits to, and the other way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commitment {
    /// What must be proved.
    pub duty: String,
    /// What the citizen states.
    pub content: String,
    /// What follows from a false statement.
    pub liability: String,
    /// Which papers are needed otherwise.
    pub papers: String,
    /// `true`: commit; `false`: papers; `None`: not chosen yet.
    pub chosen: Option<bool>,
    /// Why papers cannot be scanned here now; then only the commitment can be chosen.
    pub no_scans: Option<Fault>,
}

impl Draft {
    /// Papers cannot be promised where nothing can scan them; the page says so.
    pub(crate) fn commit(&mut self, commit: bool, desk: &Desk) {
        if self.at == Step::Commit && (commit || desk.scanner.is_none()) {
            self.given.committed = Some(commit);
        }
    }

    pub(crate) fn commitment(&self, desk: &Desk) -> Option<Commitment> {
        let commitment = self.matter.commitment.as_ref()?;
        Some(Commitment {
            duty: desk.words(&commitment.duty),
            content: desk.words(&commitment.content),
            liability: desk.words(&commitment.liability),
            papers: desk.words(&commitment.papers),
            chosen: self.given.committed,
            no_scans: desk.scanner,
        })
    }
}
