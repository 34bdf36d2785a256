//! Everything about the visitor is wiped.

use session::view::Wipe;

use super::{PageModel, Turn, Writes, put};
use crate::generated::WipeModel;

impl PageModel for WipeModel<'_> {
    type Content = Wipe;

    fn write(&self, turn: Turn<'_, Wipe>, out: &mut Writes) {
        let wipe = turn.now;
        put! { out, self, wipe =>
            get_card_present set_card_present wipe.card_present;
            get_alarm set_alarm wipe.alarm;
        }
    }
}
