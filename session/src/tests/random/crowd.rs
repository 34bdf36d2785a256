//! Who comes, what they do, and what devices and platform answer, promptly, late, or to somebody who has gone.

use super::reader::{Card, Look, Reader};
use super::*;
use crate::view::{ScanProblem, View};

/// The first of the marks: a private character that no catalogue holds.
const FIRST: u32 = 0xE000;

/// Everybody who came so far, and every answer that is still owed to somebody.
#[derive(Default)]
pub(super) struct Crowd {
    came: u32,
    /// Whose visit it is, or was last.
    here: Option<char>,
    owed: Vec<Owed>,
    cases: Vec<char>,
    reader: Reader,
    /// Who stands at the machine, counted.
    person: u32,
}

/// A command with the mark of the visitor it was given for.
#[derive(Clone, Copy)]
struct Owed {
    kind: Kind,
    command: Command,
    mark: char,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Card,
    Save,
    Print,
    Portrait,
    Scan,
    Order,
    Attendant,
}

pub(super) enum Pick {
    Event(Event),
    Seconds(u64),
}

/// More than a visit ever owes at once; older ones are never answered.
const MOST_OWED: usize = 200;

impl Crowd {
    /// At the start, with or without a card that somebody left before; its seed.
    pub(super) fn before(left: Option<u64>) -> Crowd {
        let mut crowd = Crowd::default();
        crowd.reader.blind = true;
        if let Some(seed) = left {
            crowd.lay(seed);
            crowd.somebody_new();
        }
        // What it sees first is told first.
        drop(crowd.reader.see());
        crowd
    }

    pub(super) fn somebody_new(&mut self) {
        self.person += 1;
    }

    /// True when the card on the reader, if any, was laid by whoever stands there.
    pub(super) fn laid_the_card(&self) -> bool {
        self.reader.lying.is_none_or(|card| card.person == self.person)
    }

    pub(super) fn reader_is_empty(&self) -> bool {
        self.reader.is_empty()
    }

    pub(super) fn reader_is_armed(&self) -> bool {
        self.reader.armed.is_some()
    }

    pub(super) fn reader_is_blind(&self) -> bool {
        self.reader.blind
    }

    fn lay(&mut self, seed: u64) -> Event {
        let mark = self.comes();
        self.reader.lay(Card { mark, person: self.person, seed })
    }

    /// The mark of somebody new.
    fn comes(&mut self) -> char {
        self.came += 1;
        mark_of_coordinate(self.came % 6400)
    }

    /// What leads on at the reader: it works again, a card is laid, tried, or lifted.
    fn at_reader(&mut self, random: &mut fastrand::Rng) -> Event {
        if self.reader.blind {
            return self.reader.see();
        }
        if self.reader.lying.is_none() {
            return self.lay(random.u64(..));
        }
        match self.reader.tries(random) {
            Some(Look::Event(event)) => event,
            Some(Look::Read(command, card)) => Event::CardRead(command, Box::new(citizen(card))),
            None => self.reader.lift(),
        }
    }

    /// Somebody's card was taken for theirs.
    pub(super) fn visits(&mut self, mark: char) {
        self.here = Some(mark);
    }

    fn mark(&self) -> char {
        self.here.unwrap_or(mark_of_coordinate(0))
    }

    /// How many orders were asked for and may still be answered.
    pub(super) fn orders(&self) -> usize {
        self.owed.iter().filter(|owed| owed.kind == Kind::Order).count()
    }

    /// Keeps what was asked for, to be answered at some time or never.
    pub(super) fn owes(&mut self, effect: &Effect) {
        let (kind, command) = match effect {
            Effect::ReadCard(command) => {
                self.reader.armed = Some(*command);
                (Kind::Card, *command)
            }
            Effect::Save(command, _) => (Kind::Save, *command),
            Effect::Print(command, _) => (Kind::Print, *command),
            Effect::Shoot(command) => (Kind::Portrait, *command),
            Effect::Scan(command) => (Kind::Scan, *command),
            Effect::RequestPayment { command, .. } => (Kind::Order, *command),
            Effect::CallAttendant(command) => (Kind::Attendant, *command),
            Effect::StopReading => return self.reader.armed = None,
            Effect::StopScanning
            | Effect::StopPaying
            | Effect::EndCall
            | Effect::Sound(_)
            | Effect::Preview(_)
            | Effect::Journal(_) => return,
        };
        self.owed.push(Owed { kind, command, mark: self.mark() });
        if self.owed.len() > MOST_OWED {
            self.owed.remove(0);
        }
    }

    /// What happens next: mostly what leads on from this page, sometimes an answer, sometimes anything at all.
    pub(super) fn picks(&mut self, view: &View, random: &mut fastrand::Rng) -> Pick {
        if let Some(event) = self.reader.due.take() {
            return Pick::Event(event);
        }
        match random.u8(..100) {
            0..55 => self.leads_on(&view.page, random),
            55..82 => Pick::Event(self.answer(random)),
            82..89 => Pick::Event(Event::Touch(self.any(random))),
            89..94 => Pick::Event(self.weather(random)),
            94..99 => Pick::Seconds(random.u64(1..6)),
            _ => Pick::Seconds(random.u64(1..120)),
        }
    }

    /// What ends a wait, where the page waits: then the next visitor comes sooner.
    fn leads_on(&mut self, page: &Page, random: &mut fastrand::Rng) -> Pick {
        if let Page::Wipe(wipe) = page {
            // One in eight forgets the card.
            return if wipe.card_present && random.u8(..8) > 0 {
                Pick::Event(self.reader.lift())
            } else {
                Pick::Seconds(random.u64(4..61))
            };
        }
        Pick::Event(if let Page::OutOfService(_) = page {
            Event::Health(Part::Store, None)
        } else if matches!(page, Page::Home(tiles) if tiles.iter().all(|tile| tile.unavailable.is_some())) {
            self.reader.see()
        } else if let Page::PlaceCard(_) = page {
            self.at_reader(random)
        } else if *page == Page::Submitting {
            self.answer(random)
        } else {
            Event::Touch(self.sensible(page, random))
        })
    }

    /// Any touch, on whatever page.
    fn any(&mut self, random: &mut fastrand::Rng) -> Action {
        let question =
            || ["certificate", "purpose", "collection", "phone", "address", "photo", "residence", "portrait"];
        let one = |random: &mut fastrand::Rng| question()[random.usize(..question().len())].to_owned();
        match random.u8(..27) {
            0 => Action::Begin,
            1 => Action::SwitchLanguage,
            2 => Action::ToggleLarge,
            3 => Action::ToggleContrast,
            4 => Action::ChooseMatter("id-card-renewal".to_owned()),
            5 => Action::Accept,
            6 => Action::Continue,
            7 | 8 => Action::Back,
            9 => Action::Choose { question: one(random), value: "post".to_owned() },
            10 => Action::Type(self.typed()),
            11 => Action::Erase,
            12 => Action::TakeOver,
            13 => Action::Shoot,
            14 => Action::ChooseShot(random.usize(..4)),
            15 => Action::PhotographAtCounter,
            16 => Action::ScanPage,
            17 => Action::RemovePage(random.usize(..3)),
            18 => Action::Commit(random.bool()),
            19 => Action::Stroke(self.stroke()),
            20 => Action::ClearSignature,
            21 => Action::Rate(random.u8(..)),
            22 => Action::Change(one(random)),
            23 => Action::Submit,
            24 if random.u8(..4) == 0 => Action::Leave,
            25 => Action::CallAttendant,
            26 => Action::PrintSlip,
            _ => Action::Stay,
        }
    }

    /// What a device or the platform says: to the latest command, or to one long forgotten.
    fn answer(&mut self, random: &mut fastrand::Rng) -> Event {
        let Some(latest) = self.owed.last().copied() else { return Event::Tick };
        let at = match random.u8(..8) {
            0..5 => self.owed.len() - 1,
            5 => random.usize(..self.owed.len()),
            // An answer of the same kind, which an earlier visitor may have waited for.
            _ => {
                let alike = |at: &usize| self.owed[*at].kind == latest.kind;
                let alike: Vec<usize> = (0..self.owed.len()).filter(alike).collect();
                alike[random.usize(..alike.len())]
            }
        };
        let owed = self.owed[at];
        let Owed { kind, command, mark } = owed;
        let good = random.u8(..5) > 0;
        // Some answers come again and again, some even twice.
        if random.u8(..8) == 0 {
            self.owed.remove(at);
        }
        match kind {
            Kind::Card if self.reader.armed == Some(command) => return self.at_reader(random),
            // Of a read that is over.
            Kind::Card if !good => Event::CardFailed(command, Fault::CardRemoved),
            Kind::Card if random.u8(..3) == 0 => Event::CardReading(command),
            Kind::Card => {
                let card = Card { mark: self.comes(), person: self.person, seed: random.u64(..) };
                Event::CardRead(command, Box::new(citizen(card)))
            }
            Kind::Save if good => {
                self.cases.push(mark);
                Event::Saved(command, Ok(case(mark)))
            }
            Kind::Save => Event::Saved(command, Err(Fault::StoreWriteFailed)),
            Kind::Print => Event::Printed(command, if good { Ok(()) } else { Err(Fault::PrinterPaperOut) }),
            Kind::Portrait if good => Event::Portrait(command, Ok(Box::new(portrait(mark)))),
            Kind::Portrait => Event::Portrait(command, Err(vec![Rejection::TooDark])),
            Kind::Scan => match random.u8(..3) {
                0 => Event::ScanFinished(command),
                1 if !good => Event::Page(command, Err(ScanProblem::Blank)),
                _ => Event::Page(command, Ok(Box::new(page(mark)))),
            },
            Kind::Order if random.bool() => Event::Paid(command),
            Kind::Order if good => {
                Event::PaymentOrder(command, Ok(order(mark, 20 + u32::from(random.u8(..8) == 0))))
            }
            Kind::Order => Event::PaymentOrder(command, Err(Fault::PlatformSlow)),
            Kind::Attendant => Event::AttendantAnswered(command),
        }
        .or_accepted(self.cases.as_slice(), random)
    }

    /// What comes and goes by itself: health, and cards on the reader.
    fn weather(&mut self, random: &mut fastrand::Rng) -> Event {
        let sick = |random: &mut fastrand::Rng, fault| (random.u8(..6) == 0).then_some(fault);
        match random.u8(..10) {
            0 if self.reader.blind => self.reader.see(),
            0 => self.reader.lose(),
            1 => Event::Health(Part::Printer, sick(random, Fault::PrinterPaperOut)),
            2 => Event::Health(Part::Store, sick(random, Fault::StoreFull)),
            3 => Event::Health(Part::Camera, sick(random, Fault::CameraDark)),
            4 => Event::Health(Part::Scanner, sick(random, Fault::ScannerJammed)),
            5 => Event::Health(Part::Attendant, sick(random, Fault::LampUnreachable)),
            // Nobody lays a card on a reader that is off.
            6 | 7 if self.reader.lying.is_none() && !self.reader.blind => self.lay(random.u64(..)),
            8 => self.reader.lift(),
            _ => Event::Tick,
        }
    }

    /// Digits for the telephone, and the mark for whatever takes more than digits.
    pub(super) fn typed(&self) -> String {
        format!("{}{}街", digits(self.mark()), self.mark())
    }

    pub(super) fn stroke(&self) -> Vec<(u16, u16)> {
        let at = u16::try_from(u32::from(self.mark()) - FIRST).unwrap();
        (0..10).map(|y| (at, y)).collect()
    }
}

/// Eleven digits that name a mark; [`mark_of_digits`] reads them.
pub(super) fn digits(mark: char) -> String {
    format!("139{:04}7777", u32::from(mark) - FIRST)
}

/// The mark that a telephone number names; one with keys taken back and others pressed names nobody.
pub(super) fn mark_of_digits(text: &str) -> Option<char> {
    let at = text.split_once("139")?.1.get(..8)?.strip_suffix("7777")?;
    char::from_u32(FIRST + at.parse::<u32>().ok()?)
}

pub(super) fn mark_of_coordinate(x: u32) -> char {
    char::from_u32(FIRST + x).unwrap()
}

pub(super) fn is_mark(c: char) -> bool {
    (FIRST..FIRST + 6400).contains(&u32::from(c))
}

fn case(mark: char) -> String {
    format!("110101-{mark}")
}

fn order(mark: char, yuan: u32) -> PaymentOrder {
    let number = digits(mark);
    PaymentOrder { url: format!("https://pay.example/{number}"), number, yuan }
}

fn picture(mark: char) -> Shot {
    Shot(Arc::new(Picture { width: 1, height: 1, rgb: Zeroizing::new(mark.to_string().into_bytes()) }))
}

fn portrait(mark: char) -> Taken {
    Taken { jpeg: Zeroizing::new(mark.to_string().into_bytes()), shot: picture(mark), smear: 1.0 }
}

fn page(mark: char) -> ScannedPage {
    ScannedPage { jpeg: Zeroizing::new(mark.to_string().into_bytes()), thumbnail: picture(mark) }
}

/// Somebody of any age, with any card.
fn citizen(card: Card) -> Citizen {
    let mut random = fastrand::Rng::with_seed(card.seed);
    let text = |text: &str| Personal::new(text.replace('x', &card.mark.to_string()));
    let last = [date(2026, 12, 1), date(2027, 3, 1), date(2026, 11, 1), date(2031, 1, 1)];
    Citizen {
        card_type: if random.u8(..8) == 0 { CardType::Hmt } else { CardType::Citizen },
        name: text("x中x"),
        number: text("xxxx0000000000xxxx"),
        number_valid: random.u8(..10) > 0,
        sex: Sex::Unstated,
        ethnicity: text("x"),
        birth: date(1950 + random.i16(0..62), 1, 1),
        address: text("x街一号"),
        valid_from: date(2016 + random.i16(0..9), 12, 1),
        valid_to: last.get(random.usize(..8)).copied(),
        record: Zeroizing::new(card.mark.to_string().into_bytes()),
    }
}

impl Event {
    /// Now and then the platform accepts a case, of today's visitor or of an earlier one, instead.
    fn or_accepted(self, cases: &[char], random: &mut fastrand::Rng) -> Event {
        match cases.last() {
            Some(last) if random.u8(..6) == 0 => {
                let mark = if random.u8(..4) > 0 { *last } else { cases[random.usize(..cases.len())] };
                Event::Accepted { case_number: case(mark), acceptance_number: format!("3301{mark}") }
            }
            Some(_) | None => self,
        }
    }
}
