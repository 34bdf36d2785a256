//! Where a visit stands: what it is about, for whom, and how far it has come.

use matters::Matter;

use super::giving;
use crate::event::Now;
use crate::filling::Stage;
use crate::state::State;
use crate::view::{Personal, StepKind, Steps};

impl State {
    pub(super) fn matter(&self) -> Option<&Matter> {
        match self {
            State::Attract | State::OutOfService(_) | State::Home | State::Wipe { .. } => None,
            State::Notice(matter) => Some(matter),
            State::Refused(refused) => Some(&refused.matter),
            State::PlaceCard(place) => Some(&place.matter),
            State::Confirm(applicant) => Some(&applicant.matter),
            State::Filling(filling) => Some(filling.matter()),
            State::Submitting(submitting) => Some(&submitting.slip.matter),
            State::Done(done) => Some(&done.matter),
            State::Sorry(sorry) => Some(&sorry.matter),
        }
    }

    /// Masked name and number of a person who has said "that is me".
    pub(super) fn person(&self) -> Option<Personal> {
        match self {
            State::Filling(filling) => {
                let citizen = &filling.applicant.citizen;
                let (name, number) = (citizen.masked_name(), citizen.masked_number());
                Some(Personal::new(format!("{} · {}", name.expose(), number.expose())))
            }
            State::Attract
            | State::OutOfService(_)
            | State::Home
            | State::Notice(_)
            | State::PlaceCard(_)
            | State::Confirm(_)
            | State::Submitting(_)
            | State::Done(_)
            | State::Refused(_)
            | State::Sorry(_)
            | State::Wipe { .. } => None,
        }
    }

    pub(super) fn not_finished(&self) -> bool {
        match self {
            State::Filling(filling) => {
                filling.stage != Stage::Question || filling.form.answers().next().is_some()
            }
            State::Submitting(_) => true,
            State::Attract
            | State::OutOfService(_)
            | State::Home
            | State::Notice(_)
            | State::PlaceCard(_)
            | State::Confirm(_)
            | State::Done(_)
            | State::Refused(_)
            | State::Sorry(_)
            | State::Wipe { .. } => false,
        }
    }

    /// Notice, identify, one step for each question, the portrait, the papers, the review. A question that depends on an
    /// answer counts as soon as it is known to be asked.
    pub(super) fn steps(&self, now: Now) -> Option<Steps> {
        let certain = |matter: &Matter| matter.questions.iter().filter(|q| q.when.is_none()).count();
        let (matter, asked, done, kind) = match self {
            State::Notice(matter) => (matter, certain(matter), 0, StepKind::Notice),
            State::PlaceCard(place) => (&place.matter, certain(&place.matter), 1, StepKind::Identify),
            State::Confirm(applicant) => {
                (&applicant.matter, certain(&applicant.matter), 1, StepKind::Identify)
            }
            State::Filling(filling) => {
                let asked = filling.asked(now);
                let (done, kind) = giving::step(filling, &asked);
                (&filling.applicant.matter, asked.len(), 2 + done, kind)
            }
            State::Attract
            | State::OutOfService(_)
            | State::Home
            | State::Submitting(_)
            | State::Done(_)
            | State::Refused(_)
            | State::Sorry(_)
            | State::Wipe { .. } => return None,
        };
        let given = usize::from(matter.portrait.is_some()) + usize::from(!matter.papers.is_empty());
        let total = u32::try_from(3 + asked + given).unwrap_or(u32::MAX);
        let done = u32::try_from(done).unwrap_or(u32::MAX).min(total - 1);
        let minutes_left = (matter.minutes * (total - done)).div_ceil(total).max(1);
        Some(Steps { current: done + 1, total, kind, minutes_left })
    }
}
