//! Somebody in front of the screen.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use kiosk_app::run::Event;
use session::Action;
use session::view::{Page, View};

/// Longer than anything a kiosk makes a visitor wait for.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

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

    /// Waits until the screen shows what is wanted, and returns that view.
    pub fn sees(&mut self, what: &str, wanted: impl Fn(&View) -> bool) -> View {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(view) = self.last.as_ref().filter(|view| wanted(view)) {
                return view.clone();
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

    /// From the attract page to the page that asks for the card.
    pub fn asks_for_a_certificate(&mut self) {
        self.sees("attract", |v| v.page == Page::Attract);
        self.touches(Action::Begin);
        self.sees(
            "home",
            |v| matches!(&v.page, Page::Home(tiles) if tiles.iter().all(|t| t.unavailable.is_none())),
        );
        self.touches(Action::ChooseMatter("household-certificate".to_owned()));
        self.sees("notice", |v| matches!(v.page, Page::Notice(_)));
        self.touches(Action::Accept);
        self.sees("place card", |v| matches!(v.page, Page::PlaceCard(_)));
    }

    /// From the confirm page to the review page; the name on the card is returned.
    pub fn confirms_and_answers(&mut self) -> String {
        let view = self.sees("confirm", |v| matches!(v.page, Page::Confirm(_)));
        let Page::Confirm(confirm) = &view.page else { unreachable!() };
        let name = confirm.name.expose().to_owned();
        self.touches(Action::Continue);
        for (question, value) in [("certificate", "kinship"), ("purpose", "school")] {
            self.sees(question, |v| matches!(&v.page, Page::Question(q) if q.id == question));
            self.touches(Action::Choose { question: question.to_owned(), value: value.to_owned() });
            self.sees(
                "the choice",
                |v| matches!(&v.page, Page::Question(q) if q.id == question && q.answered),
            );
            self.touches(Action::Continue);
        }
        self.sees("review", |v| matches!(v.page, Page::Review(_)));
        name
    }

    /// Submits and waits until the request is on disk; its case number is returned.
    pub fn submits(&mut self) -> String {
        self.touches(Action::Submit);
        let view = self.sees("done", |v| matches!(v.page, Page::Done(_)));
        let Page::Done(done) = &view.page else { unreachable!() };
        done.case_number.clone()
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
