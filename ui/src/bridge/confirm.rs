//! What the card says.

use session::view::{Confirm, Sex};

use super::{PageModel, Turn, Writes, put};
use crate::format;
use crate::generated::{ConfirmModel, SexKind};

/// A name of more characters is set smaller.
const LONG: usize = 8;

impl PageModel for ConfirmModel<'_> {
    type Content = Confirm;

    fn write(&self, turn: Turn<'_, Confirm>, out: &mut Writes) {
        let card = turn.now;
        let day = |date| format::plain_day(date, turn.language);
        put! { out, self, card =>
            get_name set_name card.name.expose().into();
            get_long_name set_long_name card.name.expose().chars().count() > LONG;
            get_number set_number format::identity_number(card.number.expose()).into();
            get_sex set_sex sex(card.sex);
            get_ethnicity set_ethnicity card.ethnicity.expose().into();
            get_birth set_birth day(card.birth).into();
            get_address set_address card.address.expose().into();
            get_valid_to set_valid_to card.valid_to.map(day).unwrap_or_default().into();
            get_validity set_validity card.validity.as_deref().unwrap_or_default().into();
            get_card_present set_card_present card.card_present;
        }
    }
}

fn sex(sex: Sex) -> SexKind {
    match sex {
        Sex::Male => SexKind::Male,
        Sex::Female => SexKind::Female,
        Sex::Unknown => SexKind::Unknown,
        Sex::Unstated => SexKind::Unstated,
    }
}
