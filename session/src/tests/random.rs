//! A million random events: no dead end, no panic, and nothing of the last visitor on any later page or paper.
//!
//! Each visitor carries a mark of their own in everything that is about them: name, number, address, answers, pictures,
//! strokes, case number, payment. After each event the whole view and every new effect is read, and only the mark of the
//! person who stands there now may be found. `SEED=… cargo test -p session million` plays one run again.

use super::*;

mod crowd;
mod reading;

use crowd::{Crowd, Pick};
use reading::{marks_of_paper, marks_of_request, marks_of_view, page_name};

/// Events of a run, and of one kiosk before it is left alone.
const EVENTS: usize = 1_000_000;
const LONGEST: usize = 800;

/// What only the slip of a refusal says.
const SLIP: [&str; 2] = ["不予受理决定", "official decision"];

#[test]
fn a_million_events_lead_home_and_leave_nothing_behind() {
    let seed = std::env::var("SEED").map_or_else(|_| fastrand::u64(..), |seed| seed.parse().unwrap());
    // Printed only when the test fails.
    println!("SEED={seed}");
    let mut random = fastrand::Rng::with_seed(seed);
    let (mut happened, mut seen) = (0, Seen::new());
    while happened < EVENTS {
        let mut run = Run::new(&mut random);
        let length = random.usize(1..=LONGEST);
        for _ in 0..length {
            run.event(&mut random);
        }
        run.goes_home();
        for (place, times) in run.seen {
            *seen.entry(place).or_default() += times;
        }
        happened += length;
    }
    println!("{seen:?}");
    // A walk that never got anywhere would prove nothing.
    for place in [
        "attract",
        "out of service",
        "home",
        "notice",
        "place card",
        "confirm",
        "choices",
        "typed",
        "photograph",
        "scan",
        "commitment",
        "review",
        "sign",
        "submitting",
        "done",
        "refusal",
        "sorry",
        "wipe",
        "asking",
        "open",
        "paid",
        "later",
        "slip",
        "calling",
        "comes",
        "warning",
        "late answer",
        "late saved",
        "order after another",
        "alarm",
    ] {
        assert!(seen.contains_key(place), "no event ever led to: {place}");
    }
}

/// The places that were reached, and how many events found the kiosk there.
type Seen = std::collections::BTreeMap<&'static str, usize>;

/// One kiosk and its crowd.
struct Run {
    kiosk: Kiosk,
    crowd: Crowd,
    /// Whose card was confirmed or is being asked about, while it is their visit.
    visitor: Option<char>,
    /// True until the visitor has given a first answer.
    fresh: bool,
    seen: Seen,
}

impl Run {
    fn new(random: &mut fastrand::Rng) -> Run {
        let region = match random.usize(..3) {
            0 => &[][..],
            at => matters::BUILT_IN_REGIONS[at - 1].1,
        };
        let files = matters::BUILT_IN.iter().copied();
        let catalogue = Catalogue::parse_for_region(files, region.iter().copied()).unwrap();
        let kiosk = Kiosk::of(catalogue, random.u8(..4) > 0);
        Run { kiosk, crowd: Crowd::default(), visitor: None, fresh: true, seen: Seen::new() }
    }

    fn event(&mut self, random: &mut fastrand::Rng) {
        match self.crowd.picks(&self.kiosk.view(), random) {
            Pick::Event(event) => {
                let answers = matches!(
                    &event,
                    Event::Touch(Action::Choose { .. } | Action::Type(_) | Action::TakeOver)
                );
                let card = if let Event::CardRead(_, card) = &event {
                    card.name.expose().chars().next()
                } else {
                    None
                };
                self.kiosk.happens(event);
                if let Some(mark) = card
                    && matches!(self.kiosk.page(), Page::Confirm(c) if c.name.expose().starts_with(mark))
                {
                    (self.visitor, self.fresh) = (Some(mark), true);
                    self.crowd.visits(mark);
                }
                self.fresh &= !answers;
                self.look();
            }
            Pick::Seconds(seconds) => {
                // Ticks one by one: a page may come and go in between.
                let end = self.kiosk.uptime + Duration::from_secs(seconds);
                while self.kiosk.uptime < end {
                    let session = self.kiosk.session.as_ref().unwrap();
                    let sleep = session.sleep(self.kiosk.now());
                    assert!(!sleep.is_zero(), "a session that never sleeps burns the machine");
                    self.kiosk.uptime = end.min(self.kiosk.uptime + sleep);
                    self.kiosk.happens(Event::Tick);
                    self.look();
                }
            }
        }
    }

    /// Reads what is shown and what was asked for.
    fn look(&mut self) {
        let view = self.kiosk.view();
        // Who leaves early gets the receipt in the same step, so effects are read first.
        self.read_effects();
        if matches!(
            view.page,
            Page::Attract
                | Page::OutOfService(_)
                | Page::Home(_)
                | Page::Notice(_)
                | Page::PlaceCard(_)
                | Page::Wipe(_)
        ) {
            self.visitor = None;
        }
        for mark in marks_of_view(&view) {
            assert_eq!(Some(mark), self.visitor, "a stranger's data on {}", page_name(&view));
        }
        self.nothing_is_answered_for_a_newcomer(&view.page);
        self.saw(reading::places(&view));
    }

    fn read_effects(&mut self) {
        for effect in std::mem::take(&mut self.kiosk.effects) {
            self.crowd.owes(&effect);
            if let Effect::Save(_, request) = &effect {
                for mark in marks_of_request(request) {
                    assert_eq!(Some(mark), self.visitor, "a stranger's data in a request");
                }
            }
            if let Effect::Print(_, paper) = &effect {
                let slip = text(paper).iter().any(|line| SLIP.iter().any(|words| line.contains(words)));
                for mark in marks_of_paper(paper) {
                    assert!(!slip, "the slip of a refusal names nobody");
                    assert_eq!(Some(mark), self.visitor, "a stranger's data on paper");
                }
                self.saw(slip.then_some("slip"));
            }
            if let Effect::RequestPayment { .. } = &effect {
                // Orders of earlier visitors come late while the next one waits for theirs.
                self.saw(["order", "order after another"].into_iter().take(self.crowd.orders().min(2)));
            }
            if let Effect::Journal(note) = effect {
                self.saw(matches!(note, Note::LateAnswer(_)).then_some("late answer"));
                self.saw(matches!(note, Note::LateSaved(_)).then_some("late saved"));
            }
        }
    }

    fn saw(&mut self, places: impl IntoIterator<Item = &'static str>) {
        for place in places {
            *self.seen.entry(place).or_default() += 1;
        }
    }

    fn nothing_is_answered_for_a_newcomer(&self, page: &Page) {
        if let (Page::Question(question), true) = (page, self.fresh) {
            match &question.asking {
                Asking::Choices(choices) => assert!(choices.iter().all(|choice| !choice.selected)),
                Asking::Typed(typed) => assert!(typed.text.expose().is_empty()),
            }
        }
    }

    /// Everybody goes away: time alone brings the machine home, within its limits.
    fn goes_home(&mut self) {
        let limits = Limits::default();
        let pages = limits.idle + limits.warning + limits.done + limits.paying;
        let longest = limits.saving + limits.printing + 3 * pages + limits.wipe_with_card + limits.wipe;
        let end = self.kiosk.uptime + longest;
        while !matches!(self.kiosk.page(), Page::Attract | Page::OutOfService(_)) {
            assert!(self.kiosk.uptime < end, "stuck on {}", page_name(&self.kiosk.view()));
            let sleep = self.kiosk.session.as_ref().unwrap().sleep(self.kiosk.now());
            self.kiosk.uptime += sleep;
            self.kiosk.happens(Event::Tick);
            self.look();
        }
        self.kiosk.wait(limits.call);
        self.look();
        assert!(!matches!(
            self.kiosk.view().call,
            Some(crate::view::Call::Calling | crate::view::Call::Comes)
        ));
    }
}
