//! The machine takes nobody.

use faults::Fault;

use super::sorry::next;
use super::{PageModel, Turn, Writes, put};
use crate::generated::OutOfServiceModel;
use crate::wording;

impl PageModel for OutOfServiceModel<'_> {
    type Content = Fault;

    fn write(&self, turn: Turn<'_, Fault>, out: &mut Writes) {
        let fault = turn.now;
        put! { out, self, fault =>
            get_title set_title wording::citizen(*fault, turn.language).title.into();
            get_advice set_advice wording::citizen(*fault, turn.language).advice.into();
            get_code set_code fault.code().into();
            get_next set_next next(fault.next());
        }
    }
}
