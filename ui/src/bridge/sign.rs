//! The signature. Its ink appears under the finger without asking the session; each stroke is told when it ends.

use std::cell::RefCell;
use std::rc::Rc;

use session::Action;
use session::view::{Page, Sign, View};
use slint::{ComponentHandle, Image};

use super::actions::Act;
use super::{PageModel, Turn, Writes, put};
use crate::generated::{App, SignModel};
use crate::pad::{Pad, Touch};

impl PageModel for SignModel<'_> {
    type Content = Sign;

    fn connect(&self, app: &App, act: &Act) {
        let pad = Rc::new(RefCell::new(Pad::default()));
        let ink = |change: fn(&mut Pad, Touch)| {
            let (pad, app) = (Rc::clone(&pad), app.as_weak());
            move |x, y, width, height| {
                change(&mut pad.borrow_mut(), Touch { x, y, width, height });
                if let Some(app) = app.upgrade() {
                    app.global::<SignModel>().set_ink(pad.borrow().picture());
                }
            }
        };
        self.on_down(ink(Pad::down));
        self.on_moved(ink(Pad::moved));
        let (ended, tell) = (Rc::clone(&pad), act.clone());
        self.on_up(move || {
            let stroke = ended.borrow_mut().up();
            if let Some(stroke) = stroke {
                tell.tell(Action::Stroke(stroke));
            }
        });
        let weak = app.as_weak();
        let wipe = move || {
            // The page lets go of the pixels first, so that they are wiped in place and not in a copy.
            if let Some(app) = weak.upgrade() {
                app.global::<SignModel>().set_ink(Image::default());
            }
            pad.borrow_mut().clear();
        };
        self.on_wipe(wipe.clone());
        let tell = act.clone();
        self.on_again(move || {
            wipe();
            tell.tell(Action::ClearSignature);
        });
    }

    fn write(&self, turn: Turn<'_, Sign>, out: &mut Writes) {
        let sign = turn.now;
        put! { out, self, sign => get_signed set_signed sign.signed; }
    }
}

/// What was written on the pad stays while the signature page is shown, and when the visitor looks at the review once
/// more and comes back to a signature that still counts. Else it is wiped.
pub(super) fn keep_ink_or_wipe(app: &App, before: Option<&View>, now: &View) {
    let signing = |view: &View| matches!(view.page, Page::Sign(_));
    let counts = matches!(now.page, Page::Sign(Sign { signed: true }) | Page::Review(_));
    let goes_on = signing(now) && before.is_some_and(signing);
    if !counts && !goes_on {
        app.global::<SignModel>().invoke_wipe();
    }
}
