//! A rule says no.

use session::Action;
use session::view::{Paper, Refusal};

use super::actions::Act;
use super::{PageModel, Turn, Writes, put};
use crate::generated::{App, RefusalModel, SlipState};
use crate::wording;

impl PageModel for RefusalModel<'_> {
    type Content = Refusal;

    fn connect(&self, _app: &App, act: &Act) {
        self.on_print(act.send(Action::PrintSlip));
    }

    fn write(&self, turn: Turn<'_, Refusal>, out: &mut Writes) {
        let refusal = turn.now;
        let (slip, fault) = match refusal.and_then(|refusal| refusal.slip) {
            None => (SlipState::None, None),
            Some(Paper::Printing) => (SlipState::Printing, None),
            Some(Paper::Printed) => (SlipState::Printed, None),
            Some(Paper::Failed(fault)) => (SlipState::Failed, Some(fault)),
            Some(Paper::NoPrinter) => (SlipState::NoPrinter, None),
        };
        put! { out, self, refusal =>
            get_reason set_reason refusal.reason.as_str().into();
            get_article set_article refusal.article.as_str().into();
            get_next_place set_next_place refusal.next_place.as_str().into();
            get_can_print set_can_print refusal.can_print;
        }
        put! { out, self, get_slip set_slip slip; }
        put! { out, self, fault =>
            get_slip_problem set_slip_problem wording::citizen(fault, turn.language).title.into();
            get_slip_code set_slip_code fault.code().into();
        }
    }
}
