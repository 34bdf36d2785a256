//! "Is this you?": what the card says, before anything is asked.

use super::*;

/// What the card says.
#[derive(Clone, PartialEq)]
pub struct Confirm {
    /// Full name, never truncated.
    pub name: Personal,
    /// Identity number, masked.
    pub number: Personal,
    /// Sex, as printed on the card.
    pub sex: Sex,
    /// Name of the ethnic group as on the card (满), its number when unknown, or empty for cards without one.
    pub ethnicity: Personal,
    /// Date of birth.
    pub birth: Date,
    /// Address, or empty for cards without one.
    pub address: Personal,
    /// Last day of validity; `None` is long-term.
    pub valid_to: Option<Date>,
    /// How long what is applied for will be valid for this person, in a sentence; absent where the matter does not say.
    pub validity: Option<String>,
    /// True while the card still lies on the reader.
    pub card_present: bool,
}

impl Draft {
    /// The page, once a card was read.
    pub(crate) fn confirm(&self, desk: &Desk, now: Now) -> Option<Confirm> {
        let citizen = self.person.as_ref()?;
        Some(Confirm {
            name: citizen.name.clone(),
            number: citizen.masked_number(),
            sex: citizen.sex,
            ethnicity: citizen.ethnicity.clone(),
            birth: citizen.birth,
            address: citizen.address.clone(),
            valid_to: citizen.valid_to,
            validity: self.validity(desk, now),
            card_present: desk.card_present,
        })
    }
}
