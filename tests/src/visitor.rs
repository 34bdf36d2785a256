//! Somebody in front of the screen.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use kiosk_app::event::Event;
use session::Action;
use session::view::{Page, Paper, View};

/// Longer than anything a kiosk makes a visitor wait for.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// What a visitor of these tests types as their telephone number.
pub const PHONE: &str = "13800138000";

/// How a new card is collected, and how the address is proved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// At the station: no address.
    Here,
    /// By post, with scanned papers.
    Papers,
    /// By post, with a written commitment.
    Commitment,
}

/// Sees every view of a kiosk in turn and touches its controls.
pub struct Visitor {
    pub(crate) views: Receiver<View>,
    pub(crate) touches: Sender<Event>,
    pub(crate) last: Option<View>,
}

impl Visitor {
    /// Touches a control.
    pub fn touches(&self, action: Action) -> &Visitor {
        self.touches.send(Event::Touch(action)).unwrap();
        self
    }

    /// As [`Visitor::sees`], for what takes a while: a sign of life now and then keeps the visit.
    pub fn waits_for(&mut self, what: &str, wanted: impl Fn(&View) -> bool) -> View {
        self.looks(what, PATIENCE, true, wanted)
    }

    /// Waits until the screen shows what is wanted, and returns that view.
    pub fn sees(&mut self, what: &str, wanted: impl Fn(&View) -> bool) -> View {
        self.looks(what, PATIENCE, false, wanted)
    }

    /// As [`Visitor::sees`], for what a kiosk does when nobody does anything.
    pub fn outwaits(&mut self, what: &str, wanted: impl Fn(&View) -> bool) -> View {
        self.looks(what, 3 * PATIENCE, false, wanted)
    }

    fn looks(&mut self, what: &str, most: Duration, alive: bool, wanted: impl Fn(&View) -> bool) -> View {
        let deadline = Instant::now() + most;
        loop {
            if let Some(view) = self.last.as_ref().filter(|view| wanted(view)) {
                return view.clone();
            }
            if alive && self.last.as_ref().is_some_and(|view| view.idle.is_some()) {
                self.touches(Action::Stay);
            }
            match self.views.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(view) => self.last = Some(view),
                Err(RecvTimeoutError::Timeout) => {
                    panic!("waited in vain for {what}; the screen shows {}", self.now())
                }
                Err(RecvTimeoutError::Disconnected) => panic!("the kiosk ended while {what} was awaited"),
            }
        }
    }

    /// Looks at the home page until a renewal costs so much: a catalogue comes into effect between two visits, and a touch
    /// may be there first.
    pub fn finds_the_fee(&mut self, yuan: u32) {
        loop {
            self.sees("attract", |v| v.page == Page::Attract);
            self.touches(Action::Begin);
            let view = self.sees("home", |v| matches!(v.page, Page::Home(_)));
            let Page::Home(tiles) = &view.page else { unreachable!() };
            if tiles.iter().any(|tile| tile.matter == "id-card-renewal" && tile.fee_yuan == yuan) {
                return;
            }
            self.touches(Action::Leave);
        }
    }

    /// From the attract page to the page that asks for the card.
    pub fn asks_for(&mut self, matter: &str) {
        self.sees("attract", |v| v.page == Page::Attract);
        self.touches(Action::Begin);
        self.sees("the matter on the home page", |v| {
            matches!(&v.page, Page::Home(tiles)
                if tiles.iter().any(|t| t.matter == matter && t.unavailable.is_none()))
        });
        self.touches(Action::ChooseMatter(matter.to_owned()));
        self.sees("notice", |v| matches!(v.page, Page::Notice(_)));
        self.touches(Action::Accept);
        self.sees("place card", |v| matches!(v.page, Page::PlaceCard(_)));
    }

    /// A certificate, up to the page that asks for the card.
    pub fn asks_for_a_certificate(&mut self) {
        self.asks_for("household-certificate");
    }

    /// A new identity card, up to the page that asks for the card.
    pub fn asks_for_a_renewal(&mut self) {
        self.asks_for("id-card-renewal");
    }

    /// "Yes, that is me"; the name on the card is returned.
    pub fn confirms(&mut self) -> String {
        let view = self.sees("confirm", |v| matches!(v.page, Page::Confirm(_)));
        let Page::Confirm(confirm) = &view.page else { unreachable!() };
        let name = confirm.name.expose().to_owned();
        self.touches(Action::Continue);
        name
    }

    /// From the confirm page to the review page of a certificate; the name on the card is returned.
    pub fn confirms_and_answers(&mut self) -> String {
        let name = self.confirms();
        self.chooses("certificate", "kinship");
        self.chooses("purpose", "school");
        self.sees("review", |v| matches!(v.page, Page::Review(_)));
        name
    }

    /// Answers a question with one of its choices, and goes on.
    pub fn chooses(&mut self, question: &str, value: &str) {
        self.sees(question, |v| matches!(&v.page, Page::Question(q) if q.id == question));
        self.touches(Action::Choose { question: question.to_owned(), value: value.to_owned() });
        self.goes_on_from(question);
    }

    /// Answers a question on the keyboard, key by key, and goes on.
    pub fn types(&mut self, question: &str, text: &str) {
        self.sees(question, |v| matches!(&v.page, Page::Question(q) if q.id == question));
        for key in text.chars() {
            self.touches(Action::Type(key.to_string()));
        }
        self.goes_on_from(question);
    }

    /// Takes the known answer to a question over, and goes on.
    pub fn takes_over(&mut self, question: &str) {
        self.sees(question, |v| matches!(&v.page, Page::Question(q) if q.id == question));
        self.touches(Action::TakeOver);
        self.goes_on_from(question);
    }

    fn goes_on_from(&mut self, question: &str) {
        self.sees("the answer", |v| matches!(&v.page, Page::Question(q) if q.id == question && q.answered));
        self.touches(Action::Continue);
    }

    /// From the confirm page of a renewal to its portrait page; the name on the card is returned.
    pub fn answers_for_a_renewal(&mut self, way: Way) -> String {
        let name = self.confirms();
        self.chooses("collection", if way == Way::Here { "here" } else { "post" });
        self.types("phone", PHONE);
        if way != Way::Here {
            self.takes_over("address");
        }
        self.sees("the portrait page", |v| matches!(v.page, Page::Photograph(_)));
        name
    }

    /// Has a portrait taken, and goes on with it.
    pub fn is_photographed(&mut self) {
        self.sees("the camera", |v| matches!(&v.page, Page::Photograph(p) if p.fault.is_none()));
        self.touches(Action::Shoot);
        self.sees("a portrait", |v| matches!(&v.page, Page::Photograph(p) if p.chosen.is_some()));
        self.touches(Action::Continue);
    }

    /// Commits in writing, or chooses to bring papers.
    pub fn commits(&mut self, commit: bool) {
        self.sees("the commitment", |v| matches!(v.page, Page::Commitment(_)));
        self.touches(Action::Commit(commit));
        self.sees("the choice", |v| matches!(&v.page, Page::Commitment(c) if c.chosen == Some(commit)));
        self.touches(Action::Continue);
    }

    /// Scans one page, and goes on.
    pub fn scans(&mut self) {
        self.sees("the scan page", |v| matches!(v.page, Page::Scan(_)));
        self.touches(Action::ScanPage);
        self.sees("a page", |v| matches!(&v.page, Page::Scan(s) if s.pages.len() == 1 && !s.scanning));
        self.touches(Action::Continue);
    }

    /// From the confirm page of a renewal to its review; the name on the card is returned.
    pub fn renews(&mut self, way: Way) -> String {
        let name = self.answers_for_a_renewal(way);
        self.is_photographed();
        if way != Way::Here {
            self.commits(way == Way::Commitment);
        }
        if way == Way::Papers {
            self.scans();
        }
        self.sees("review", |v| matches!(v.page, Page::Review(_)));
        name
    }

    /// From the review to the signature, which stands there when this returns.
    pub fn signs(&mut self) {
        self.sees("review", |v| matches!(v.page, Page::Review(_)));
        self.touches(Action::Continue);
        self.sees("the pad", |v| matches!(&v.page, Page::Sign(s) if !s.signed));
        self.touches(Action::Stroke((0..30).map(|i| (200 + i * 20, 300 + (i % 7) * 60)).collect()));
        self.touches(Action::Stroke((0..20).map(|i| (300 + i * 15, 700 - i * 10)).collect()));
        self.sees("the signature", |v| matches!(&v.page, Page::Sign(s) if s.signed));
    }

    /// Submits and waits until the request is on disk; its case number is returned.
    pub fn submits(&mut self) -> String {
        self.touches(Action::Submit);
        let view = self.sees("done", |v| matches!(v.page, Page::Done(_)));
        let Page::Done(done) = &view.page else { unreachable!() };
        done.case_number.clone()
    }

    /// Waits for the receipt of a request that the platform has not accepted.
    pub fn is_registered_only(&mut self) {
        self.sees("paper without an acceptance", |v| {
            matches!(&v.page, Page::Done(d) if d.paper == Paper::Printed && d.acceptance_number.is_none())
        });
    }

    /// Waits for the platform's acceptance number.
    pub fn is_accepted(&mut self) -> String {
        let view =
            self.sees("acceptance", |v| matches!(&v.page, Page::Done(d) if d.acceptance_number.is_some()));
        let Page::Done(done) = &view.page else { unreachable!() };
        done.acceptance_number.clone().unwrap()
    }

    /// Leaves, and waits until nothing is left of the visit.
    pub fn leaves(&mut self) {
        self.touches(Action::Leave);
        self.sees("wipe", |v| matches!(v.page, Page::Wipe(_)));
        self.sees("attract", |v| v.page == Page::Attract);
    }

    fn now(&self) -> &'static str {
        match self.last.as_ref().map(|view| &view.page) {
            None => "nothing",
            Some(Page::Attract) => "attract",
            Some(Page::OutOfService(fault)) => fault.code(),
            Some(Page::Home(_)) => "home",
            Some(Page::Notice(_)) => "notice",
            Some(Page::PlaceCard(session::view::CardPrompt::Problem(fault))) => fault.code(),
            Some(Page::PlaceCard(_)) => "place card",
            Some(Page::Confirm(_)) => "confirm",
            Some(Page::Question(_)) => "question",
            Some(Page::Photograph(_)) => "photograph",
            Some(Page::Scan(_)) => "scan",
            Some(Page::Commitment(_)) => "commitment",
            Some(Page::Sign(_)) => "sign",
            Some(Page::Review(_)) => "review",
            Some(Page::Submitting) => "submitting",
            Some(Page::Done(_)) => "done",
            Some(Page::Refusal(_)) => "refusal",
            Some(Page::Sorry(sorry)) => sorry.fault.code(),
            Some(Page::Wipe(_)) => "wipe",
        }
    }
}
