//! A million random events: no dead end, no panic, and nothing of the last visitor on any later page or paper.
//!
//! Each visitor carries a mark of their own in everything that is about them: name, number, address, answers, pictures,
//! strokes, case number, payment. After each event the whole view and every new effect is read, and only the mark of the
//! person who stands there now may be found. Cards are things: laid by somebody, left, lifted, and read as the driver
//! reads them. In the end everybody goes away, and each page must end within its own time.
//! `SEED=… cargo test -p session million` plays one run again.

use super::*;
use crate::view::{Display, View};

mod crowd;
mod pages;
mod reader;
mod reading;

use crowd::{Crowd, Pick};
use pages::{limit, page_name};
use reading::{marks_of_paper, marks_of_request, marks_of_view};

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
        "somebody else's card",
        "a wrong number",
        "a card and no reader",
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
    /// True while the attract page is shown.
    attracts: bool,
    seen: Seen,
}

impl Run {
    fn new(random: &mut fastrand::Rng) -> Run {
        let kiosk = Kiosk::just_started(catalogue(random), random.u8(..4) > 0);
        let crowd = Crowd::before((random.u8(..4) == 0).then(|| random.u64(..)));
        Run { kiosk, crowd, visitor: None, fresh: true, attracts: true, seen: Seen::new() }
    }

    fn event(&mut self, random: &mut fastrand::Rng) {
        if random.u16(..2000) == 0 {
            self.kiosk.session.set_catalogue(Arc::new(catalogue(random)));
        }
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
                    assert!(self.crowd.laid_the_card(), "the card of somebody who has gone was read");
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
                    let session = &self.kiosk.session;
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
        if view.page == Page::Attract && !std::mem::replace(&mut self.attracts, true) {
            self.crowd.somebody_new();
            assert!(is_as_found(&view), "language, size or contrast of the last visitor");
        }
        self.attracts &= view.page == Page::Attract;
        let waits = matches!(view.page, Page::PlaceCard(_)) && self.crowd.reader_is_empty();
        assert!(!waits || self.crowd.reader_is_armed(), "the next card would not be read");
        let unseen =
            matches!(view.page, Page::Wipe(wipe) if wipe.card_present) && self.crowd.reader_is_blind();
        self.saw(unseen.then_some("a card and no reader"));
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

    /// Everybody goes away: time alone brings the machine home, each page within its own limit.
    fn goes_home(&mut self) {
        let mut view = self.kiosk.view();
        let mut since = self.kiosk.uptime;
        while let Some(limit) = limit(&view) {
            let stood = self.kiosk.uptime - since;
            assert!(stood < limit, "{} stands for {stood:?}", page_name(&view));
            let sleep = self.kiosk.session.sleep(self.kiosk.now());
            self.kiosk.uptime += sleep;
            self.kiosk.happens(Event::Tick);
            self.look();
            let next = self.kiosk.view();
            if page_name(&next) != page_name(&view) {
                since = self.kiosk.uptime;
            }
            view = next;
        }
        self.kiosk.wait(Limits::default().call);
        self.look();
        let view = self.kiosk.view();
        assert!(is_as_found(&view), "language, size or contrast of a passer-by");
        assert!(!matches!(view.call, Some(crate::view::Call::Calling | crate::view::Call::Comes)));
    }
}

fn catalogue(random: &mut fastrand::Rng) -> Catalogue {
    let region = [None, Some("coastal"), Some("inland")][random.usize(..3)];
    Catalogue::parse_for_region(matters::BUILT_IN.iter().copied(), region).unwrap()
}

/// As everybody finds the first page.
fn is_as_found(view: &View) -> bool {
    (view.language, view.display) == (Language::default(), Display::default())
}
