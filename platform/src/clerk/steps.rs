//! Progress of a request: its history, and the buttons that move it on.

use maud::{Markup, html};

use super::{layout, words};
use crate::store::listing::RequestRow;
use crate::store::progress::{State, Step};

/// The longest reason, in characters.
pub(super) const LONGEST_NOTE: usize = 200;

/// Where a request can go from here; the first is the usual way.
pub(super) fn next(from: State) -> &'static [State] {
    match from {
        State::Accepted => &[State::Reviewing, State::Refused],
        State::Reviewing => &[State::Approved, State::MoreNeeded, State::Refused],
        State::MoreNeeded => &[State::Reviewing, State::Refused],
        State::Approved => &[State::Producing, State::Ready],
        State::Producing => &[State::Ready, State::Sent],
        State::Ready | State::Sent => &[State::Finished],
        State::Finished | State::Refused => &[],
    }
}

/// Whether the applicant must be told why.
pub(super) fn needs_note(to: State) -> bool {
    match to {
        State::MoreNeeded | State::Refused => true,
        State::Accepted
        | State::Reviewing
        | State::Approved
        | State::Producing
        | State::Ready
        | State::Sent
        | State::Finished => false,
    }
}

pub(super) fn card(row: &RequestRow, steps: &[Step], acts: Option<&str>) -> Markup {
    let now = steps.last().map_or(row.state, |step| step.state);
    let action = format!("/clerk/requests/{}/progress", row.acceptance_number);
    let (plain, noted): (Vec<State>, Vec<State>) = next(now).iter().partition(|to| !needs_note(**to));
    html! {
        section.sheet {
            h2 { "办理进度" }
            ol.history { @for step in steps { (line(step)) } }
            @if let Some(csrf) = acts {
                @if !plain.is_empty() {
                    form.buttons method="post" action=(action) {
                        (layout::token(csrf))
                        input type="hidden" name="from" value=(now.word());
                        @for (at, to) in plain.iter().enumerate() {
                            button.button.quiet[at > 0] name="to" value=(to.word()) { (words::verb(*to)) }
                        }
                    }
                }
                @for to in noted {
                    details {
                        summary { (words::verb(to)) "…" }
                        form.stack method="post" action=(action) {
                            (layout::token(csrf))
                            input type="hidden" name="from" value=(now.word());
                            input type="hidden" name="to" value=(to.word());
                            label { "理由（申请人会看到）"
                                textarea name="note" required rows="3" maxlength=(LONGEST_NOTE) {} }
                            button.button.stop[to == State::Refused] { "确定" (words::verb(to)) }
                        }
                    }
                }
            }
        }
    }
}

fn line(step: &Step) -> Markup {
    html! {
        li {
            b { (words::state(step.state)) }
            span.faint.block { (words::time(step.at)) @if let Some(clerk) = &step.clerk { " · " (clerk) } }
            @if let Some(note) = &step.note { p.quote { (note) } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_leads_to_an_end() {
        for start in State::ALL {
            let (mut at, mut steps) = (*start, 0);
            while let Some(to) = next(at).first() {
                (at, steps) = (*to, steps + 1);
                assert!(steps < State::ALL.len(), "{start}");
            }
            assert!(matches!(at, State::Finished | State::Refused), "{start}");
        }
    }
}
