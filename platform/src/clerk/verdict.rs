//! The decision of an identity check, shown and asked for.

use maud::{Markup, html};
use serde::Deserialize;

use super::{layout, words};
use crate::store::checks::{Check, CheckState};

/// What the form sends.
#[derive(Deserialize)]
pub(super) struct Decided {
    pub(super) state: String,
}

/// Who decided, and when; nothing while nobody has.
pub(super) fn decided(check: &Check) -> Markup {
    html! {
        @match (&check.decided_by, check.decided) {
            (Some(by), Some(at)) => p { (words::check_label(check.state)) span.faint.block { (words::decider(by)) " · " (words::time(at)) } },
            (None, _) | (_, None) => @if check.state == CheckState::Ended { p.faint { "没有人核验，或者群众已经离开。" } },
        }
    }
}

/// The three buttons of a decision; what is decided already cannot be pressed.
pub(super) fn buttons(action: &str, csrf: &str, decided: Option<CheckState>) -> Markup {
    html! {
        form.buttons.three method="post" action=(action) {
            (layout::token(csrf))
            @for state in [CheckState::Match, CheckState::NoMatch, CheckState::Unsure] {
                button.button.quiet name="state" value=(state.word()) disabled[decided == Some(state)] { (words::check(state)) }
            }
        }
    }
}
