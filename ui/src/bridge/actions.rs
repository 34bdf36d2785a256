//! What the visitor wants, as actions of the session.

use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use session::Action;
use slint::ComponentHandle;

use crate::generated::{Actions, App};

/// A touch that hits nothing is reported no more often than this: a resting hand must not flood the session. A guess.
const SIGN_OF_LIFE: Duration = Duration::from_secs(1);

/// Takes every action.
#[derive(Clone)]
pub(super) struct Act(Rc<dyn Fn(Action)>);

impl Act {
    /// Hands the actions on.
    pub(super) fn new(act: impl Fn(Action) + 'static) -> Act {
        Act(Rc::new(act))
    }

    /// The visitor wants this.
    pub(super) fn tell(&self, action: Action) {
        (self.0)(action);
    }

    /// For a control that always asks for the same.
    pub(super) fn send(&self, action: Action) -> impl Fn() + 'static {
        let act = self.clone();
        move || act.tell(action.clone())
    }

    /// For controls that say which of them was touched.
    pub(super) fn with<T: 'static>(&self, action: impl Fn(T) -> Action + 'static) -> impl Fn(T) + 'static {
        let act = self.clone();
        move |which| act.tell(action(which))
    }

    /// For controls that stand in a row.
    pub(super) fn at(&self, action: fn(usize) -> Action) -> impl Fn(i32) + 'static {
        // The pages count from 0 up, so every place is one.
        self.with(move |at: i32| action(usize::try_from(at).unwrap_or_default()))
    }
}

/// Connects what several pages ask for.
pub(super) fn connect(app: &App, act: &Act) {
    let actions = app.global::<Actions>();
    actions.on_begin(act.send(Action::Begin));
    actions.on_continue(act.send(Action::Continue));
    actions.on_back(act.send(Action::Back));
    actions.on_submit(act.send(Action::Submit));
    actions.on_leave(act.send(Action::Leave));
    actions.on_stay(act.send(Action::Stay));
    actions.on_switch_language(act.send(Action::SwitchLanguage));
    actions.on_toggle_large(act.send(Action::ToggleLarge));
    actions.on_toggle_contrast(act.send(Action::ToggleContrast));
    actions.on_call_attendant(act.send(Action::CallAttendant));
    let (act, last) = (act.clone(), Cell::new(None::<Instant>));
    actions.on_elsewhere(move || {
        if last.get().is_none_or(|last| last.elapsed() >= SIGN_OF_LIFE) {
            last.set(Some(Instant::now()));
            act.tell(Action::Elsewhere);
        }
    });
}
