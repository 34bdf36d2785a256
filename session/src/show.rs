//! What each state shows, and when it next changes by itself.

use std::time::Duration;

use jiff::civil::DateTime;
use matters::Matter;

use crate::event::Now;
use crate::filling::Stage;
use crate::receipt::qr;
use crate::state::{Applicant, Desk, Done, PlaceCard, Printing, Session, State};
use crate::view::{
    Confirm, IdleWarning, Notice, Page, Paper, Payment, Personal, Refusal, Sorry, StepKind, Steps, Tile,
    View, Wipe,
};

mod giving;

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
            steps: state.steps(),
            not_finished: state.not_finished(),
            page: page(state, desk, now),
            idle: warning(state, desk, now),
        }
    }

    /// How long nothing changes by itself: the next [`crate::Event::Tick`] is due then, and not before.
    pub fn sleep(&self, now: Now) -> Duration {
        let Session { desk, state } = self;
        let limits = desk.limits();
        let second = Duration::from_secs(1);
        let next_minute = second * (60 - u32::from(now.wall.second().clamp(0, 59).unsigned_abs()));
        match state {
            State::Attract | State::OutOfService(_) => next_minute,
            // These count down on the screen, or end within seconds.
            State::Done(_) | State::Submitting(_) | State::Wipe { .. } => second,
            State::Home
            | State::Notice(_)
            | State::PlaceCard(_)
            | State::Confirm(_)
            | State::Filling(_)
            | State::Refused(..)
            | State::Sorry(_) => {
                let until_warning = limits.idle.saturating_sub(desk.idle(now));
                if until_warning.is_zero() { second } else { until_warning.min(next_minute) }
            }
        }
    }
}

fn whole_minutes(wall: DateTime) -> DateTime {
    wall.date().at(wall.hour(), wall.minute(), 0, 0)
}

fn warning(state: &State, desk: &Desk, now: Now) -> Option<IdleWarning> {
    match state {
        State::Home
        | State::Notice(_)
        | State::PlaceCard(_)
        | State::Confirm(_)
        | State::Filling(_)
        | State::Refused(..)
        | State::Sorry(_) => {
            let limits = desk.limits();
            let idle = desk.idle(now);
            let left = (limits.idle + limits.warning).saturating_sub(idle);
            (idle >= limits.idle).then(|| IdleWarning { seconds_left: whole_seconds(left) })
        }
        State::Attract
        | State::OutOfService(_)
        | State::Submitting(_)
        | State::Done(_)
        | State::Wipe { .. } => None,
    }
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
        State::Confirm(applicant) => Page::Confirm(confirm(applicant, desk)),
        State::Filling(filling) => giving::page(filling, desk, now),
        State::Submitting(_) => Page::Submitting,
        State::Done(case) => Page::Done(done(case, desk, now)),
        State::Refused(_, refusal) => Page::Refusal(Refusal {
            reason: refusal.reason.get(desk.language).to_owned(),
            article: refusal.article.get(desk.language).to_owned(),
            next_place: refusal.next_place.get(desk.language).to_owned(),
        }),
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
        unavailable: desk.reader,
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

fn confirm(applicant: &Applicant, desk: &Desk) -> Confirm {
    let citizen = &applicant.citizen;
    Confirm {
        name: citizen.name.clone(),
        number: citizen.masked_number(),
        sex: citizen.sex,
        ethnicity: citizen.ethnicity.clone(),
        birth: citizen.birth,
        address: citizen.address.clone(),
        valid_to: citizen.valid_to,
        card_present: desk.card_present,
    }
}

fn done(case: &Done, desk: &Desk, now: Now) -> crate::view::Done {
    crate::view::Done {
        case_number: case.case_number.clone(),
        acceptance_number: case.acceptance_number.clone(),
        deadline: case.deadline,
        collect: case.matter.collect.get(desk.language).to_owned(),
        qr: qr(&case.case_number),
        fee_yuan: case.matter.fee_yuan,
        paper: match case.printing {
            Printing::Waiting(_) | Printing::Sent { .. } => Paper::Printing,
            Printing::Over(paper) => paper,
        },
        card_present: desk.card_present,
        seconds_left: whole_seconds(desk.limits().done.saturating_sub(desk.idle(now))),
        payment: (case.matter.fee_yuan > 0).then_some(Payment {
            yuan: case.matter.fee_yuan,
            qr: None,
            paid: false,
        }),
        rating: case.rating,
    }
}

impl State {
    fn matter(&self) -> Option<&Matter> {
        match self {
            State::Attract | State::OutOfService(_) | State::Home | State::Wipe { .. } => None,
            State::Notice(matter) | State::Refused(matter, _) => Some(matter),
            State::PlaceCard(place) => Some(&place.matter),
            State::Confirm(applicant) => Some(&applicant.matter),
            State::Filling(filling) => Some(filling.matter()),
            State::Submitting(submitting) => Some(&submitting.slip.matter),
            State::Done(done) => Some(&done.matter),
            State::Sorry(sorry) => Some(&sorry.matter),
        }
    }

    /// Masked name and number of a person who has said "that is me".
    fn person(&self) -> Option<Personal> {
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
            | State::Refused(..)
            | State::Sorry(_)
            | State::Wipe { .. } => None,
        }
    }

    fn not_finished(&self) -> bool {
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
            | State::Refused(..)
            | State::Sorry(_)
            | State::Wipe { .. } => false,
        }
    }

    /// Notice, identify, one step for each question, the portrait, the papers, the review.
    fn steps(&self) -> Option<Steps> {
        let (matter, done, kind) = match self {
            State::Notice(matter) => (matter, 0, StepKind::Notice),
            State::PlaceCard(place) => (&place.matter, 1, StepKind::Identify),
            State::Confirm(applicant) => (&applicant.matter, 1, StepKind::Identify),
            State::Filling(filling) => {
                let (done, kind) = giving::step(filling);
                (filling.matter(), 2 + done, kind)
            }
            State::Attract
            | State::OutOfService(_)
            | State::Home
            | State::Submitting(_)
            | State::Done(_)
            | State::Refused(..)
            | State::Sorry(_)
            | State::Wipe { .. } => return None,
        };
        let asked = matter.questions.len();
        let given = usize::from(matter.portrait.is_some()) + usize::from(!matter.papers.is_empty());
        let total = u32::try_from(3 + asked + given).unwrap_or(u32::MAX);
        let done = u32::try_from(done).unwrap_or(u32::MAX).min(total - 1);
        let minutes_left = (matter.minutes * (total - done)).div_ceil(total).max(1);
        Some(Steps { current: done + 1, total, kind, minutes_left })
    }
}
