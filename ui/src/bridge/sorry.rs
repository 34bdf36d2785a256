//! A failure that ends the visit.

use faults::Next;
use session::view::Sorry;

use super::{PageModel, Turn, Writes, put};
use crate::generated::{NextKind, SorryModel};
use crate::{format, wording};

impl PageModel for SorryModel<'_> {
    type Content = Sorry;

    fn write(&self, turn: Turn<'_, Sorry>, out: &mut Writes) {
        let sorry = turn.now;
        put! { out, self, sorry =>
            get_title set_title wording::citizen(sorry.fault, turn.language).title.into();
            get_advice set_advice wording::citizen(sorry.fault, turn.language).advice.into();
            get_code set_code sorry.fault.code().into();
            get_next set_next next(sorry.fault.next());
            get_case_number set_case_number
                sorry.case_number.as_deref().map(format::long_number).unwrap_or_default().into();
            get_card_present set_card_present sorry.card_present;
        }
    }
}

/// Who can mend it.
pub(super) fn next(next: Next) -> NextKind {
    match next {
        Next::Retry => NextKind::Retry,
        Next::Wait => NextKind::Wait,
        Next::Counter => NextKind::Counter,
        Next::Staff => NextKind::Staff,
    }
}
