//! The visit as a table of what happens, with a clock moved by hand.

use std::sync::Arc;
use std::time::Duration;

use faults::Fault;
use jiff::civil::date;
use matters::{Catalogue, Language};
use zeroize::Zeroizing;

use crate::view::{
    Asking, CardPrompt, Choice, Page, Paper, Personal, Picture, Question, Rejection, Sex, Shot, StepKind,
};
use crate::{
    Action, CardType, Citizen, Command, Effect, Ending, Event, Limits, Line, Note, Now, Part, PaymentOrder,
    Receipt, ScannedPage, Session, Setting, Sound, Taken,
};

mod attendant;
mod mishaps;
mod payment;
mod random;
mod refusal;
mod regions;
mod renewal;
mod visit;

pub(crate) fn citizen() -> Citizen {
    Citizen {
        card_type: CardType::Citizen,
        name: Personal::new("张三丰"),
        number: Personal::new("11010519491231002X"),
        number_valid: true,
        sex: Sex::Female,
        ethnicity: Personal::new("满"),
        birth: date(1949, 12, 31),
        address: Personal::new("北京市朝阳区示例路一号"),
        valid_from: date(2000, 1, 1),
        valid_to: None,
        record: Zeroizing::new(vec![7; 1284]),
    }
}

fn shot() -> Shot {
    Shot(Arc::new(Picture { width: 1, height: 1, rgb: Zeroizing::new(vec![0; 3]) }))
}

fn taken() -> Taken {
    Taken { jpeg: Zeroizing::new(b"portrait".to_vec()), shot: shot(), smear: 1.0 }
}

fn scanned() -> ScannedPage {
    ScannedPage { jpeg: Zeroizing::new(b"page".to_vec()), thumbnail: shot() }
}

fn choices(question: &Question) -> &[Choice] {
    match &question.asking {
        Asking::Choices(choices) => choices,
        Asking::Typed(_) => panic!("typed"),
    }
}

/// A kiosk with its clock, and everything it asked for.
struct Kiosk {
    session: Session,
    uptime: Duration,
    effects: Vec<Effect>,
}

impl Kiosk {
    fn new() -> Kiosk {
        Kiosk::with(true)
    }

    fn with(has_printer: bool) -> Kiosk {
        Kiosk::of(Catalogue::parse(matters::BUILT_IN.iter().copied()).unwrap(), has_printer)
    }

    /// Its reader has been seen empty.
    fn of(catalogue: Catalogue, has_printer: bool) -> Kiosk {
        let mut kiosk = Kiosk::just_started(catalogue, has_printer);
        kiosk.happens(Event::CardPresent(false));
        kiosk
    }

    fn just_started(catalogue: Catalogue, has_printer: bool) -> Kiosk {
        let setting = Setting {
            hall: "示例路派出所".to_owned(),
            catalogue: Arc::new(catalogue),
            limits: Limits::default(),
            has_printer,
        };
        Kiosk { session: Session::new(setting), uptime: Duration::from_secs(100), effects: Vec::new() }
    }

    fn now(&self) -> Now {
        let seconds = i64::try_from(self.uptime.as_secs()).unwrap();
        let wall = date(2026, 11, 21).at(9, 0, 0, 0) + jiff::SignedDuration::from_secs(seconds);
        Now { uptime: self.uptime, wall, unix: 1_795_000_000 + seconds }
    }

    fn happens(&mut self, event: Event) -> &mut Kiosk {
        let effects = self.session.step(self.now(), event);
        self.effects.extend(effects);
        self
    }

    fn touch(&mut self, action: Action) -> &mut Kiosk {
        self.happens(Event::Touch(action))
    }

    fn choose(&mut self, question: &str, value: &str) -> &mut Kiosk {
        self.touch(Action::Choose { question: question.to_owned(), value: value.to_owned() })
    }

    /// Lets time pass, with a tick whenever the session asked for one.
    fn wait(&mut self, time: Duration) -> &mut Kiosk {
        let end = self.uptime + time;
        while self.uptime < end {
            let sleep = self.session.sleep(self.now());
            assert!(sleep > Duration::ZERO, "a session that never sleeps burns the machine");
            self.uptime = end.min(self.uptime + sleep);
            self.happens(Event::Tick);
        }
        self
    }

    fn seconds(&mut self, seconds: u64) -> &mut Kiosk {
        self.wait(Duration::from_secs(seconds))
    }

    fn view(&self) -> crate::view::View {
        self.session.view(self.now())
    }

    fn page(&self) -> Page {
        self.view().page
    }

    fn read_command(&self) -> Command {
        self.last(|e| if let Effect::ReadCard(command) = e { Some(*command) } else { None })
    }

    fn save_command(&self) -> Command {
        self.last(|e| if let Effect::Save(command, _) = e { Some(*command) } else { None })
    }

    fn print_command(&self) -> Command {
        self.last(|e| if let Effect::Print(command, _) = e { Some(*command) } else { None })
    }

    fn last<T>(&self, pick: impl Fn(&Effect) -> Option<T>) -> T {
        self.effects.iter().rev().find_map(pick).expect("an effect that was never asked for")
    }

    fn count(&self, pick: impl Fn(&Effect) -> bool) -> usize {
        self.effects.iter().filter(|e| pick(e)).count()
    }

    fn noted(&self, note: &Note) -> bool {
        self.count(|e| matches!(e, Effect::Journal(n) if n == note)) > 0
    }

    fn until_card(&mut self) -> &mut Kiosk {
        self.touch(Action::Begin)
            .touch(Action::ChooseMatter("household-certificate".to_owned()))
            .touch(Action::Accept)
    }

    fn until_confirm(&mut self) -> &mut Kiosk {
        self.until_card().happens(Event::CardPresent(true));
        let command = self.read_command();
        self.happens(Event::CardReading(command)).happens(Event::CardRead(command, Box::new(citizen())))
    }

    fn until_review(&mut self) -> &mut Kiosk {
        self.until_confirm()
            .touch(Action::Continue)
            .choose("certificate", "kinship")
            .touch(Action::Continue)
            .choose("purpose", "school")
            .touch(Action::Continue)
    }

    fn until_done(&mut self) -> &mut Kiosk {
        self.until_review().touch(Action::Submit);
        let command = self.save_command();
        self.happens(Event::Saved(command, Ok(CASE.to_owned())))
    }

    fn accept(&mut self) -> &mut Kiosk {
        self.happens(Event::Accepted { case_number: CASE.to_owned(), acceptance_number: "3301".to_owned() })
    }

    /// The text of the paper that was printed last.
    fn paper(&self) -> Vec<String> {
        self.last(|e| if let Effect::Print(_, receipt) = e { Some(text(receipt)) } else { None })
    }

    fn sounds(&self) -> Vec<Sound> {
        self.effects
            .iter()
            .filter_map(|e| if let Effect::Sound(sound) = e { Some(*sound) } else { None })
            .collect()
    }

    /// A renewal, signed and sent; the portrait is left to the counter.
    fn until_renewal_submitted(&mut self) -> &mut Kiosk {
        self.touch(Action::Begin)
            .touch(Action::ChooseMatter("id-card-renewal".to_owned()))
            .touch(Action::Accept);
        let command = self.read_command();
        let expiring = Citizen { valid_to: Some(date(2026, 12, 1)), ..citizen() };
        self.happens(Event::CardRead(command, Box::new(expiring)))
            .touch(Action::Continue)
            .choose("collection", "here")
            .touch(Action::Continue)
            .touch(Action::Type("13800138000".to_owned()))
            .touch(Action::Continue);
        if matches!(self.page(), Page::Question(question) if question.id == "photo") {
            self.choose("photo", "new").touch(Action::Continue);
        }
        self.touch(Action::PhotographAtCounter)
            .touch(Action::Continue)
            .touch(Action::Stroke((0..30).map(|i| (i * 10, 500)).collect()))
            .touch(Action::Submit)
    }

    /// A renewal on disk, with its fee still to be paid.
    fn until_renewal_done(&mut self) -> &mut Kiosk {
        self.until_renewal_submitted();
        let command = self.save_command();
        self.happens(Event::Saved(command, Ok(CASE.to_owned())))
    }

    fn order_command(&self) -> Command {
        self.last(|e| if let Effect::RequestPayment { command, .. } = e { Some(*command) } else { None })
    }
}

/// What stands on a paper, line by line.
fn text(receipt: &Receipt) -> Vec<String> {
    let line = |line: &Line| match line {
        Line::Title(t) | Line::Text(t) | Line::Big(t) | Line::Qr(t) => t.clone(),
        Line::Field(label, value) => format!("{label}: {value}"),
        Line::Rule | Line::Space => String::new(),
    };
    receipt.0.iter().map(line).collect()
}

const CASE: &str = "110101-0007-261121-00001";
