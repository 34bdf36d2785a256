//! Every touch, and the page it is meant for.

use std::fmt;

use zeroize::Zeroize;

use crate::between::Between;
use crate::call;
use crate::desk::Desk;
use crate::event::Now;
use crate::page::Next;
use crate::page::home::Home;
use crate::state::State;
use crate::visit::Visit;

/// A touch, a key or an assistive device's press: what the citizen wants. Its `Debug` tells one action from another, and
/// nothing of what was typed or drawn; that is wiped when it has been taken in.
#[derive(Clone, PartialEq, Eq)]
pub enum Action {
    /// The attract page was touched.
    Begin,
    /// The language button.
    SwitchLanguage,
    /// Large text, or back to the usual size.
    ToggleLarge,
    /// High contrast, or back to the usual colours.
    ToggleContrast,
    /// A tile of the home page: the matter's id.
    ChooseMatter(String),
    /// The notice is accepted.
    Accept,
    /// "Yes, that is me", or on with the next page.
    Continue,
    /// One step back.
    Back,
    /// A choice of a question.
    Choose {
        /// The question's id.
        question: String,
        /// The choice's value.
        value: String,
    },
    /// One key, or a whole phrase, of the screen's own keyboard.
    Type(String),
    /// The key that takes the last character back.
    Erase,
    /// Take the known answer over.
    TakeOver,
    /// The shutter of the portrait page.
    Shoot,
    /// This portrait: its place in the list.
    ChooseShot(usize),
    /// Go on without a portrait: it is taken at the counter.
    PhotographAtCounter,
    /// Scan a page.
    ScanPage,
    /// Take a scanned page away: its place in the list.
    RemovePage(usize),
    /// 告知承诺: `true` commits, `false` brings papers.
    Commit(bool),
    /// One stroke of the signature: points in thousandths of the pad's width and height, in the order they were drawn.
    Stroke(Vec<(u16, u16)>),
    /// Write the signature anew.
    ClearSignature,
    /// A rating from 1 to 5.
    Rate(u8),
    /// "Change" on the review page: the question's or the paper's id.
    Change(String),
    /// Submit the request.
    Submit,
    /// Leave; on the done page "finish".
    Leave,
    /// Call an attendant; a second touch takes the call back.
    CallAttendant,
    /// Print the slip of a refusal.
    PrintSlip,
    /// "I am still here."
    Stay,
    /// A touch that hit nothing: it counts as a sign of life.
    Elsewhere,
}

impl Action {
    /// Wipes what the citizen typed, chose or drew.
    pub(crate) fn wipe(&mut self) {
        match self {
            Action::Type(text) | Action::Choose { value: text, .. } => text.zeroize(),
            Action::Stroke(points) => points.zeroize(),
            Action::Begin
            | Action::SwitchLanguage
            | Action::ToggleLarge
            | Action::ToggleContrast
            | Action::ChooseMatter(_)
            | Action::Accept
            | Action::Continue
            | Action::Back
            | Action::Erase
            | Action::TakeOver
            | Action::Shoot
            | Action::ChooseShot(_)
            | Action::PhotographAtCounter
            | Action::ScanPage
            | Action::RemovePage(_)
            | Action::Commit(_)
            | Action::ClearSignature
            | Action::Rate(_)
            | Action::Change(_)
            | Action::Submit
            | Action::Leave
            | Action::CallAttendant
            | Action::PrintSlip
            | Action::Stay
            | Action::Elsewhere => {}
        }
    }
}

impl fmt::Debug for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Action {:?}", std::mem::discriminant(self))
    }
}

/// What a touch does. One that was meant for a page that is gone changes nothing, here and in every page.
pub(crate) fn touch(state: &mut State, desk: &mut Desk, now: Now, action: &Action) -> Next {
    match action {
        Action::SwitchLanguage => desk.language = desk.language.following(),
        Action::ToggleLarge => desk.display.large = !desk.display.large,
        Action::ToggleContrast => desk.display.contrast = !desk.display.contrast,
        Action::CallAttendant => call::touch(desk, now),
        Action::Stay | Action::Elsewhere => {}
        Action::Back => return state.page_mut().back(desk, now),
        Action::Leave => return state.page_mut().leave(desk, now),
        Action::Begin => {
            let State::Between(Between::Attract(_)) = state else { return None };
            return Some(State::Between(Between::Home(Home)));
        }
        Action::ChooseMatter(id) => {
            let State::Between(Between::Home(page)) = state else { return None };
            return page.choose(desk, now, id);
        }
        Action::Accept => state.draft()?.accept(desk, now),
        Action::Continue => return state.draft()?.forward(desk, now),
        Action::Choose { question, value } => state.draft()?.choose(question, value),
        Action::Type(text) => state.draft()?.type_text(text),
        Action::Erase => state.draft()?.erase(),
        Action::TakeOver => state.draft()?.take_over(),
        Action::Shoot => state.draft()?.shoot(desk),
        Action::ChooseShot(at) => state.draft()?.choose_shot(*at),
        Action::PhotographAtCounter => return state.draft()?.photograph_at_counter(desk, now),
        Action::Commit(commit) => state.draft()?.commit(*commit, desk),
        Action::ScanPage => state.draft()?.scan_page(desk),
        Action::RemovePage(at) => state.draft()?.remove_page(*at),
        Action::Change(what) => state.draft()?.change(what, desk, now),
        Action::Stroke(points) => state.draft()?.stroke(points),
        Action::ClearSignature => state.draft()?.clear_signature(),
        Action::Submit => return state.draft()?.submit(desk, now),
        Action::Rate(rating) => state.case()?.rate(*rating, desk),
        Action::PrintSlip => {
            let State::Visit(Visit::Refused(page)) = state else { return None };
            page.print(desk, now);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_or_drawn_is_not_printed_and_is_wiped() {
        let choice = |value: &str| Action::Choose { question: "q".to_owned(), value: value.to_owned() };
        for (mut given, wiped) in [
            (Action::Type("secret".to_owned()), Action::Type(String::new())),
            (choice("secret"), choice("")),
            (Action::Stroke(vec![(777, 777)]), Action::Stroke(Vec::new())),
        ] {
            let printed = format!("{given:?}");
            assert!(!printed.contains("secret") && !printed.contains("777"), "{printed}");
            given.wipe();
            assert!(given == wiped);
        }
    }
}
