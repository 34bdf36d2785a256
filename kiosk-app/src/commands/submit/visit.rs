//! The visit: the session is played page by page, with what was given as its visitor and its devices.

use std::collections::VecDeque;
use std::sync::Arc;

use matters::Matter;
use session::view::{Asking, CardPrompt, Page, Picture, Shot, View};
use session::{Action, Effect, Event, Now, Request, ScannedPage, Session, Setting, Taken};
use zeroize::Zeroizing;

use super::card::Card;
use super::files::{self, Files};
use super::given::Given;

/// More touches than any matter needs: a page that leads nowhere ends the play.
const MOST_TOUCHES: usize = 1000;

/// Plays until the session wants to save.
///
/// # Errors
/// The place where it goes no further, for [`super::mistakes`] missed something that the screens do not.
pub fn play(
    setting: Setting,
    now: Now,
    matter: &str,
    given: &Given,
    files: &Files,
    card: &Card,
) -> Result<Box<Request>, String> {
    let found = setting.catalogue.matter(matter).map(Arc::clone);
    let matter = found.ok_or("matter: it is gone")?;
    let mut visitor =
        Visitor { given, files, card, papers: papers(&matter, files), matter, has_signed: false };
    let mut session = Session::new(setting);
    for _ in 0..MOST_TOUCHES {
        let touches = visitor.look(&session.view(now))?;
        for touch in touches {
            let mut events = VecDeque::from([Event::Touch(touch)]);
            while let Some(event) = events.pop_front() {
                for effect in session.step(now, event) {
                    match visitor.answer(effect) {
                        Answer::Request(request) => return Ok(request),
                        Answer::Events(answers) => events.extend(answers),
                    }
                }
            }
        }
    }
    Err("the matter's pages lead nowhere with these answers".to_owned())
}

/// The papers with pages, in the order in which the screens ask for them.
fn papers(matter: &Matter, files: &Files) -> VecDeque<String> {
    let attached = matter.papers.iter().filter(|paper| files.pages(&paper.id).count() > 0);
    attached.map(|paper| paper.id.clone()).collect()
}

/// Who touches, and what the devices give.
struct Visitor<'a> {
    matter: Arc<Matter>,
    given: &'a Given,
    files: &'a Files,
    card: &'a Card,
    papers: VecDeque<String>,
    has_signed: bool,
}

enum Answer {
    Events(Vec<Event>),
    Request(Box<Request>),
}

impl Visitor<'_> {
    /// What is touched on a page.
    fn look(&mut self, view: &View) -> Result<Vec<Action>, String> {
        if view.language != self.given.language {
            return Ok(vec![Action::SwitchLanguage]);
        }
        Ok(match &view.page {
            Page::Attract => vec![Action::Begin],
            Page::Home(_) => vec![Action::ChooseMatter(self.matter.id.clone())],
            Page::Notice(_) => vec![Action::Accept],
            Page::Confirm(_) => vec![Action::Continue],
            Page::Question(question) if question.answered => vec![Action::Continue],
            Page::Question(question) => vec![self.answer_to(&question.id, &question.asking)?],
            Page::Photograph(page) if page.chosen.is_some() => vec![Action::Continue],
            Page::Photograph(_) if self.files.portrait.is_some() => vec![Action::Shoot],
            Page::Photograph(_) => vec![Action::PhotographAtCounter],
            Page::Commitment(_) => {
                vec![Action::Commit(self.given.commitment == Some(true)), Action::Continue]
            }
            Page::Scan(page) if !page.pages.is_empty() => vec![Action::Continue],
            Page::Scan(_) => vec![Action::ScanPage],
            Page::Review(review) if review.signature_follows => vec![Action::Continue],
            Page::Review(_) => vec![Action::Submit],
            Page::Sign(sign) if sign.signed => vec![Action::Submit],
            Page::Sign(_) => self.signature()?,
            Page::Refusal(refusal) => {
                return Err(format!("refused: {} ({})", refusal.reason, refusal.article));
            }
            Page::PlaceCard(CardPrompt::Problem(fault)) => return Err(format!("card: {}", fault.cause())),
            Page::OutOfService(fault) => return Err(fault.cause().to_owned()),
            Page::Sorry(sorry) => return Err(sorry.fault.cause().to_owned()),
            Page::PlaceCard(CardPrompt::Waiting | CardPrompt::Reading)
            | Page::Submitting
            | Page::Done(_)
            | Page::Wipe(_) => return Err("the matter's pages lead nowhere with these answers".to_owned()),
        })
    }

    fn answer_to(&self, question: &str, asking: &Asking) -> Result<Action, String> {
        let answer = self.given.answer(question).ok_or_else(|| format!("answers.{question}: missing"))?;
        match asking {
            Asking::Choices(choices) if choices.iter().any(|choice| choice.value == answer) => {
                Ok(Action::Choose { question: question.to_owned(), value: answer.to_owned() })
            }
            Asking::Typed(typed) if typed.text.expose().is_empty() => Ok(Action::Type(answer.to_owned())),
            Asking::Choices(_) | Asking::Typed(_) => Err(format!("answers.{question}: not accepted")),
        }
    }

    fn signature(&mut self) -> Result<Vec<Action>, String> {
        if std::mem::replace(&mut self.has_signed, true) {
            return Err("signature: too few points to be one".to_owned());
        }
        Ok(self.given.signature.iter().flatten().cloned().map(Action::Stroke).collect())
    }

    /// What a device answers.
    fn answer(&mut self, effect: Effect) -> Answer {
        match effect {
            Effect::Save(_, request) => Answer::Request(request),
            Effect::ReadCard(command) => {
                Answer::Events(vec![Event::CardRead(command, Box::new(self.card.citizen()))])
            }
            Effect::Shoot(command) => {
                let taken =
                    |jpeg: &files::Picture| Taken { jpeg: jpeg.clone(), shot: no_picture(), smear: 0.0 };
                let taken = self.files.portrait.as_ref().map(taken);
                Answer::Events(vec![Event::Portrait(command, taken.map(Box::new).ok_or_else(Vec::new))])
            }
            Effect::Scan(command) => {
                let paper = self.papers.pop_front().unwrap_or_default();
                let page =
                    |jpeg: &files::Picture| ScannedPage { jpeg: jpeg.clone(), thumbnail: no_picture() };
                let pages =
                    self.files.pages(&paper).map(|jpeg| Event::Page(command, Ok(Box::new(page(jpeg)))));
                Answer::Events(pages.chain([Event::ScanFinished(command)]).collect())
            }
            Effect::StopReading
            | Effect::Print(..)
            | Effect::Journal(_)
            | Effect::Preview(_)
            | Effect::StopScanning
            | Effect::RequestPayment { .. }
            | Effect::StopPaying
            | Effect::CallAttendant(_)
            | Effect::EndCall
            | Effect::Sound(_) => Answer::Events(Vec::new()),
        }
    }
}

/// Nobody looks at this screen.
fn no_picture() -> Shot {
    Shot(Arc::new(Picture { width: 0, height: 0, rgb: Zeroizing::default() }))
}
