//! What each state shows, and when it next changes by itself.

use std::time::Duration;

use jiff::civil::DateTime;
use matters::Matter;
use matters::rules::Facts;

use crate::desk::Desk;
use crate::event::Now;
use crate::receipt::qr;
use crate::state::{Applicant, Done, Job, Paying, PlaceCard, Printing, Refused, Session, State};
use crate::view::{
    Confirm, IdleWarning, Notice, Page, Paper, Payment, PaymentState, Refusal, Sorry, Tile, View, Wipe,
};

mod giving;
mod place;

impl Session {
    /// The whole screen at this moment.
    pub fn view(&self, now: Now) -> View {
        let Session { desk, state } = self;
        View {
            language: desk.language,
            display: desk.display,
            hall: desk.setting.hall.clone(),
            clock: whole_minutes(now.wall),
            matter: state.matter().map(|m| m.title.get(desk.language).to_owned()),
            person: state.person(),
            steps: state.steps(now),
            not_finished: state.not_finished(),
            page: page(state, desk, now),
            idle: warning(state, desk, now),
            call: desk.shown_call(),
        }
    }

    /// How long nothing changes by itself: the next [`crate::Event::Tick`] is due then, and not before.
    pub fn sleep(&self, now: Now) -> Duration {
        let Session { desk, state } = self;
        let limits = desk.limits();
        let second = Duration::from_secs(1);
        let next_minute = second * (60 - u32::from(now.wall.second().clamp(0, 59).unsigned_abs()));
        let page = match state {
            State::Attract | State::OutOfService(_) => {
                desk.left_as_it_is(now).map_or(next_minute, |left| left.min(next_minute))
            }
            // These count down on the screen, or end within seconds.
            State::Done(_) | State::Submitting(_) | State::Wipe { .. } => second,
            State::Refused(refused) if matches!(refused.slip, Some(Job::Sent { .. })) => second,
            State::Home
            | State::Notice(_)
            | State::PlaceCard(_)
            | State::Confirm(_)
            | State::Filling(_)
            | State::Refused(_)
            | State::Sorry(_) => {
                let until_warning = limits.idle.saturating_sub(desk.idle(now));
                if until_warning.is_zero() { second } else { until_warning.min(next_minute) }
            }
        };
        desk.call_left(now).map_or(page, |call| call.min(page))
    }
}

fn whole_minutes(wall: DateTime) -> DateTime {
    wall.date().at(wall.hour(), wall.minute(), 0, 0)
}

/// The done page counts down by itself and shows no warning over it.
fn warning(state: &State, desk: &Desk, now: Now) -> Option<IdleWarning> {
    if let State::Done(_) = state {
        return None;
    }
    let limits = desk.limits();
    let left = state.patience(&limits)?.saturating_sub(desk.idle(now));
    (left <= limits.warning).then(|| IdleWarning { seconds_left: whole_seconds(left) })
}

/// Seconds as a countdown shows them: 1 until the very end.
fn whole_seconds(left: Duration) -> u32 {
    u32::try_from(left.as_millis().div_ceil(1000)).unwrap_or(u32::MAX)
}

fn page(state: &State, desk: &Desk, now: Now) -> Page {
    match state {
        State::Attract => Page::Attract,
        State::OutOfService(fault) => Page::OutOfService(*fault),
        State::Home => {
            Page::Home(desk.setting.catalogue.on(now.wall.date()).map(|matter| tile(matter, desk)).collect())
        }
        State::Notice(matter) => Page::Notice(notice(matter, desk, now)),
        State::PlaceCard(PlaceCard { prompt, .. }) => Page::PlaceCard(*prompt),
        State::Confirm(applicant) => Page::Confirm(confirm(applicant, desk, now)),
        State::Filling(filling) => giving::page(filling, desk, now),
        State::Submitting(_) => Page::Submitting,
        State::Done(case) => Page::Done(done(case, desk, now)),
        State::Refused(refused) => Page::Refusal(refusal(refused, desk)),
        State::Sorry(sorry) => Page::Sorry(Sorry {
            fault: sorry.fault,
            case_number: sorry.case_number.clone(),
            card_present: desk.card_present,
        }),
        State::Wipe { alarm, .. } => Page::Wipe(Wipe { card_present: desk.card_present, alarm: *alarm }),
    }
}

fn tile(matter: &Matter, desk: &Desk) -> Tile {
    Tile {
        matter: matter.id.clone(),
        icon: matter.icon.clone(),
        title: matter.title.get(desk.language).to_owned(),
        summary: matter.summary.get(desk.language).to_owned(),
        bring: matter.bring.get(desk.language).to_owned(),
        minutes: matter.minutes,
        fee_yuan: matter.fee_yuan,
        unavailable: desk.unavailable(matter),
    }
}

fn notice(matter: &Matter, desk: &Desk, now: Now) -> Notice {
    let words = |text: &matters::Text| text.get(desk.language).to_owned();
    Notice {
        summary: words(&matter.summary),
        bring: words(&matter.bring),
        minutes: matter.minutes,
        fee_yuan: matter.fee_yuan,
        deadline: matter.deadline(now.wall.date()),
        paragraphs: matter.notice.paragraphs.iter().map(|(h, t)| (words(h), words(t))).collect(),
    }
}

fn confirm(applicant: &Applicant, desk: &Desk, now: Now) -> Confirm {
    let citizen = &applicant.citizen;
    Confirm {
        name: citizen.name.clone(),
        number: citizen.masked_number(),
        sex: citizen.sex,
        ethnicity: citizen.ethnicity.clone(),
        birth: citizen.birth,
        address: citizen.address.clone(),
        valid_to: citizen.valid_to,
        validity: validity(&applicant.matter, applicant.facts(None, now), desk),
        card_present: desk.card_present,
    }
}

/// How long what is applied for will be valid, where the matter says so.
fn validity(matter: &Matter, facts: Facts<'_>, desk: &Desk) -> Option<String> {
    matter.valid_for(facts).map(|text| text.get(desk.language).to_owned())
}

fn refusal(refused: &Refused, desk: &Desk) -> Refusal {
    let words = |text: &matters::Text| text.get(desk.language).to_owned();
    Refusal {
        reason: words(&refused.refusal.reason),
        article: words(&refused.refusal.article),
        next_place: words(&refused.refusal.next_place),
        can_print: refused.can_print(desk),
        slip: refused.slip.as_ref().map(paper),
    }
}

fn paper(job: &Job) -> Paper {
    match job {
        Job::Sent { .. } => Paper::Printing,
        Job::Over(paper) => *paper,
    }
}

fn done(case: &Done, desk: &Desk, now: Now) -> crate::view::Done {
    let limits = desk.limits();
    let patience = if case.payable() { limits.paying } else { limits.done };
    crate::view::Done {
        case_number: case.case_number.clone(),
        acceptance_number: case.acceptance_number.clone(),
        deadline: case.deadline,
        collect: case.matter.collect.get(desk.language).to_owned(),
        qr: qr(&case.case_number),
        fee_yuan: case.matter.fee_yuan,
        paper: match &case.printing {
            Printing::Waiting(_) => Paper::Printing,
            Printing::At(job) => paper(job),
        },
        card_present: desk.card_present,
        seconds_left: whole_seconds(patience.saturating_sub(desk.idle(now))),
        payment: case.paying.as_ref().map(|paying| Payment {
            yuan: case.matter.fee_yuan,
            state: match paying {
                Paying::Waiting | Paying::Asked { .. } => PaymentState::Asking,
                Paying::Open { order, .. } => {
                    PaymentState::Open { qr: order.url.clone(), order: order.number.clone() }
                }
                Paying::Paid => PaymentState::Paid,
                Paying::Later(fault) => PaymentState::Later(*fault),
            },
        }),
        rating: case.rating,
    }
}
