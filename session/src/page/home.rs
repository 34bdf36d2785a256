//! The choice of matters.

use super::*;

/// A matter on the home page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tile {
    /// The matter's id, given back in [`crate::Action::ChooseMatter`].
    pub matter: String,
    /// Name of a line drawing of the screens, such as `document`.
    pub icon: String,
    /// Title in plain words.
    pub title: String,
    /// One sentence: what the citizen gets.
    pub summary: String,
    /// What to bring.
    pub bring: String,
    /// Whole minutes it takes.
    pub minutes: u32,
    /// The fee in yuan; 0 is free.
    pub fee_yuan: u32,
    /// Set when it cannot be done now: why.
    pub unavailable: Option<Fault>,
}

pub(crate) struct Home;

impl Home {
    /// The tile of a matter that cannot be done says why; a touch on it changes nothing.
    pub(crate) fn choose(&self, desk: &mut Desk, now: Now, id: &str) -> Next {
        let matter = desk.setting.catalogue.on(now.wall.date()).find(|matter| matter.id == id).cloned()?;
        if desk.unavailable(&matter).is_some() {
            return None;
        }
        desk.note(Note::VisitBegan(matter.id.clone()));
        Some(State::Visit(Visit::Draft(Box::new(Draft::new(matter)))))
    }
}

impl Behaviour for Home {
    fn show(&self, desk: &Desk, now: Now) -> Page {
        Page::Home(desk.setting.catalogue.on(now.wall.date()).map(|matter| tile(matter, desk)).collect())
    }

    fn tick(&mut self, desk: &mut Desk, now: Now, nobody: bool) -> Next {
        nobody.then(|| end(desk, now))
    }

    fn leave(&mut self, desk: &mut Desk, now: Now) -> Next {
        call::end(desk);
        Some(end(desk, now))
    }
}

/// Nothing was collected here; only a card that lies there must still be asked for.
fn end(desk: &mut Desk, now: Now) -> State {
    if desk.card_present && !desk.card_left {
        return wipe::begin(desk, now, Ending::Left);
    }
    home_again(desk)
}

fn tile(matter: &Matter, desk: &Desk) -> Tile {
    Tile {
        matter: matter.id.clone(),
        icon: matter.icon.clone(),
        title: desk.words(&matter.title),
        summary: desk.words(&matter.summary),
        bring: desk.words(&matter.bring),
        minutes: matter.minutes,
        fee_yuan: matter.fee_yuan,
        unavailable: desk.unavailable(matter),
    }
}
