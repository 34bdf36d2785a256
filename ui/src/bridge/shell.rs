//! What stands around every page.

use session::view::{Call, StepKind, View};
use slint::ComponentHandle;

use super::{Writes, int, put};
use crate::format;
use crate::generated::{self, App, CallState, Shell, Theme};

pub(super) fn write(app: &App, view: &View, out: &mut Writes) {
    let shell = app.global::<Shell>();
    let title = view.matter.as_ref().unwrap_or(&view.hall);
    let person = view.person.as_ref().map_or("", |person| person.expose());
    let steps = view.steps.as_ref();
    let theme = app.global::<Theme>();
    put! { out, theme,
        get_large set_large view.display.large;
        get_contrast set_contrast view.display.contrast;
    }
    put! { out, shell,
        get_hall set_hall view.hall.as_str().into();
        get_title set_title title.as_str().into();
        get_person set_person person.into();
        get_in_visit set_in_visit view.matter.is_some();
        get_clock set_clock format::clock(view.clock, view.language).into();
        get_day set_day format::clock_day(view.clock.date(), view.language).into();
        get_time set_time format::clock_time(view.clock).into();
        get_other_language set_other_language format::own_name(view.language.following()).into();
        get_not_finished set_not_finished view.not_finished;
        get_step_total set_step_total steps.map_or(0, |steps| int(steps.total));
        get_step_current set_step_current steps.map_or(0, |steps| int(steps.current));
        get_step_kind set_step_kind steps.map_or(generated::StepKind::Notice, |steps| step_kind(steps.kind));
        get_minutes_left set_minutes_left steps.map_or(0, |steps| int(steps.minutes_left));
        get_call set_call match view.call {
            None => CallState::None,
            Some(Call::Offered) => CallState::Offered,
            Some(Call::Calling) => CallState::Calling,
            Some(Call::Comes) => CallState::Comes,
        };
        get_idle_seconds set_idle_seconds view.idle.map_or(0, |idle| int(idle.seconds_left.max(1)));
    }
}

fn step_kind(kind: StepKind) -> generated::StepKind {
    match kind {
        StepKind::Notice => generated::StepKind::Notice,
        StepKind::Identify => generated::StepKind::Identify,
        StepKind::Questions => generated::StepKind::Questions,
        StepKind::Photograph => generated::StepKind::Photograph,
        StepKind::Papers => generated::StepKind::Papers,
        StepKind::Review => generated::StepKind::Review,
    }
}
