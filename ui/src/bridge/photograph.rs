//! The portrait.

use session::Action;
use session::view::{Photograph, Shot};
use slint::{Image, SharedString};

use super::actions::Act;
use super::rows::{pictures, rows};
use super::{PageModel, Turn, Writes, int, place, put};
use crate::generated::{App, PhotographModel};
use crate::wording;

impl PageModel for PhotographModel<'_> {
    type Content = Photograph;

    fn connect(&self, _app: &App, act: &Act) {
        self.on_shoot(act.send(Action::Shoot));
        self.on_choose(act.at(Action::ChooseShot));
        self.on_at_counter(act.send(Action::PhotographAtCounter));
    }

    fn write(&self, turn: Turn<'_, Photograph>, out: &mut Writes) {
        let page = turn.now;
        let title = |fault| wording::citizen(fault, turn.language).title;
        put! { out, self, page =>
            get_judging set_judging page.judging;
            get_tries_left set_tries_left int(page.tries_left);
            get_fault set_fault page.fault.map_or("", title).into();
            get_code set_code page.fault.map_or("", |fault| fault.code()).into();
        }
        put! { out, self, get_chosen set_chosen place(page.and_then(|page| page.chosen)); }
        let reasons = page.into_iter().flat_map(|page| &page.rejected);
        let wanted: Vec<SharedString> =
            reasons.map(|reason| wording::rejection(*reason, turn.language).into()).collect();
        rows(&self.get_rejected(), wanted, out, |rows| self.set_rejected(rows));
        pictures(&self.get_shots(), shots(page), shots(turn.before), out, |rows| self.set_shots(rows));
        // The camera goes on by itself; its last picture must not outlive the page.
        if page.is_none() && turn.before.is_some() {
            self.set_preview(Image::default());
            out.0 += 1;
        }
    }
}

fn shots(page: Option<&Photograph>) -> &[Shot] {
    page.map_or(&[], |page| &page.shots)
}
