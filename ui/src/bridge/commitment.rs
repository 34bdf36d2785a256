//! Commit in writing, or bring papers.

use session::Action;
use session::view::Commitment;

use super::actions::Act;
use super::{PageModel, Turn, Writes, put};
use crate::generated::{App, CommitmentChoice, CommitmentModel};
use crate::wording;

impl PageModel for CommitmentModel<'_> {
    type Content = Commitment;

    fn connect(&self, _app: &App, act: &Act) {
        self.on_commit(act.with(Action::Commit));
    }

    fn write(&self, turn: Turn<'_, Commitment>, out: &mut Writes) {
        let page = turn.now;
        let title = |fault| wording::citizen(fault, turn.language).title;
        put! { out, self, page =>
            get_duty set_duty page.duty.as_str().into();
            get_content set_content page.content.as_str().into();
            get_liability set_liability page.liability.as_str().into();
            get_papers set_papers page.papers.as_str().into();
            get_no_scans set_no_scans page.no_scans.map_or("", title).into();
            get_chosen set_chosen match page.chosen {
                None => CommitmentChoice::Open,
                Some(true) => CommitmentChoice::Commit,
                Some(false) => CommitmentChoice::Papers,
            };
        }
    }
}
