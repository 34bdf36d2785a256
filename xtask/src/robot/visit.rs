//! The route of one whole visit, as a table: on which page, by which words it is known, and what is touched there.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use super::atspi::{Eyes, Role, State, Thing};
use super::shot::Camera;
use super::touch::Finger;
use super::words::{Language, Matter, Words, word};
use crate::process::{Interrupt, Kept};
use crate::stage::{Control, Display, Stage};

/// How long a page may take to appear (ours: a page change takes 0.5 s; the rest is for a loaded machine).
pub(super) const PAGE: Duration = Duration::from_secs(15);

/// How long the kiosk may take to its first page (ours: 10 s on the reference board).
const START: Duration = Duration::from_secs(30);

/// How long a card may take from the reader to the screen (ours: 2 s; the rest is for a loaded machine).
const CARD: Duration = Duration::from_secs(20);

/// How long the printer may take (a receipt takes 1–2 s; the page first waits up to 5 s for the platform).
const PAPER: Duration = Duration::from_secs(20);

/// One page on the way: how it is known, what its picture is called, and what leads on.
pub(super) struct Stop {
    pub(super) picture: &'static str,
    /// Words that stand on this page and on no other.
    pub(super) sign: Words,
    /// The button that leads on; without one, something else does.
    pub(super) press: Option<Words>,
}

const ATTRACT: Stop = Stop { picture: "attract", sign: word::APPLY_HERE, press: Some(word::BEGIN) };
const HOME: Stop = Stop { picture: "home", sign: word::WHAT_TO_DO, press: None };
const HOME_IN_ENGLISH: Stop = Stop { picture: "home-english", sign: word::WHAT_TO_DO, press: None };
const NOTICE: Stop = Stop { picture: "notice", sign: word::BEFORE_YOU_BEGIN, press: Some(word::AGREE) };
const PLACE_CARD: Stop = Stop { picture: "card", sign: word::PLACE_CARD, press: None };
const CONFIRM: Stop = Stop { picture: "confirm", sign: word::IS_THIS_YOU, press: Some(word::YES_CONTINUE) };
const REGISTERED: Stop = Stop { picture: "registered", sign: word::REGISTERED, press: None };
const ACCEPTED: Stop = Stop { picture: "accepted", sign: word::ACCEPTED, press: None };
const PRINTED: Stop = Stop { picture: "printed", sign: word::TAKE_BOTH, press: None };
const CARD_TAKEN: Stop = Stop { picture: "card-taken", sign: word::TAKE_RECEIPT, press: Some(word::FINISH) };
const WIPE: Stop = Stop { picture: "wipe", sign: word::ERASED, press: None };
const ATTRACT_AGAIN: Stop = Stop { picture: "attract-again", sign: word::APPLY_HERE, press: None };

/// What a visit left behind.
pub struct Visit {
    /// From the card being noticed until its details were on the screen.
    pub card_read: Duration,
    /// Every word of the page that says "accepted".
    pub accepted_page: Vec<String>,
    /// The printed paper.
    pub receipt: PathBuf,
    /// Its words, as the printer understood them.
    pub receipt_words: String,
    /// A picture of each page, in order.
    pub screens: Vec<PathBuf>,
}

/// A robot before a kiosk.
pub struct Robot<'a> {
    pub(super) eyes: Eyes,
    pub(super) finger: Finger,
    pub(super) camera: Camera,
    pub(super) language: Language,
    pub(super) interrupt: &'a Interrupt,
    folder: PathBuf,
    screens: Vec<PathBuf>,
}

impl<'a> Robot<'a> {
    /// Puts a robot before a private display; its pictures go to `folder`.
    pub fn new(display: &Display, folder: &Path, interrupt: &'a Interrupt) -> Result<Robot<'a>> {
        Ok(Robot {
            eyes: Eyes::open(&display.accessibility)?,
            finger: Finger::open(&display.name)?,
            camera: Camera::open(&display.name)?,
            folder: folder.to_path_buf(),
            screens: Vec::new(),
            language: Language::Chinese,
            interrupt,
        })
    }

    /// Plays one whole visit: from the attract page through submission back to the attract page.
    ///
    /// # Errors
    /// At the first page that does not come or button that cannot be touched. What is on the screen is then the last
    /// of [`Robot::screens`].
    pub fn visit(
        &mut self,
        kiosk: &mut Kept,
        stage: &mut Stage,
        matter: &Matter,
        card: &str,
    ) -> Result<Visit> {
        let answer = self.play(kiosk, stage, matter, card);
        if answer.is_err()
            && !self.interrupt.raised()
            && let Err(error) = self.picture("failed")
        {
            eprintln!("no picture of the failure: {error:#}");
        }
        answer
    }

    /// Walks from the attract page to the first question; gives the time from the card's notice to its details.
    pub fn walk_to_first_question(
        &mut self,
        kiosk: &mut Kept,
        matter: &Matter,
        card: &str,
        control: &mut Control,
    ) -> Result<Duration> {
        self.first_page(kiosk)?;
        self.leave(&ATTRACT)?;
        self.arrive(&HOME, PAGE)?;
        self.both_languages()?;
        self.press_named(matter.title(self.language)?)?;
        self.arrive(&NOTICE, PAGE)?;
        self.leave(&NOTICE)?;
        self.arrive(&PLACE_CARD, PAGE)?;
        let card_read = self.present_card(card, control)?;
        self.leave(&CONFIRM)?;
        let prompts = matter.prompts(self.language);
        self.eyes.wait("the first question", PAGE, self.interrupt, |things| {
            Ok(prompts.iter().any(|prompt| shows(things, prompt)).then_some(()))
        })?;
        Ok(card_read)
    }

    /// The pictures so far, in order.
    pub fn screens(&self) -> &[PathBuf] {
        &self.screens
    }

    fn play(&mut self, kiosk: &mut Kept, stage: &mut Stage, matter: &Matter, card: &str) -> Result<Visit> {
        let card_read = self.walk_to_first_question(kiosk, matter, card, &mut stage.control)?;
        self.give(matter)?;
        let accepted_page = self.submit(stage.hall.platform()?)?;
        let (receipt, receipt_words) = self.take_receipt(&mut stage.control)?;
        self.arrive(&PRINTED, PAGE)?;
        stage.control.send("card remove")?;
        self.arrive(&CARD_TAKEN, PAGE)?;
        if matter.fee_yuan() > 0 {
            self.pay(stage)?;
        }
        self.rate()?;
        self.leave(&CARD_TAKEN)?;
        self.arrive(&WIPE, PAGE)?;
        self.arrive(&ATTRACT_AGAIN, PAGE)?;
        let screens = self.screens.clone();
        Ok(Visit { card_read, accepted_page, receipt, receipt_words, screens })
    }

    /// Waits for the kiosk's first page; a kiosk that ends instead says why.
    pub fn first_page(&mut self, kiosk: &mut Kept) -> Result<()> {
        let sign = ATTRACT.sign.get(self.language)?;
        self.eyes.wait("the attract page", START, self.interrupt, |things| {
            kiosk.must_run()?;
            Ok(shows(things, sign).then_some(()))
        })?;
        self.picture(ATTRACT.picture)
    }

    /// Shows the home page in English too.
    fn both_languages(&mut self) -> Result<()> {
        self.press_named(Language::English.own_name())?;
        self.language = Language::English;
        self.arrive(&HOME_IN_ENGLISH, PAGE)?;
        self.press_named(Language::Chinese.own_name())?;
        self.language = Language::Chinese;
        let sign = HOME.sign.get(self.language)?;
        self.eyes.wait(sign, PAGE, self.interrupt, |things| Ok(shows(things, sign).then_some(())))
    }

    /// Lays the card on the reader and waits for its details; gives the time from the notice to the details.
    ///
    /// The notice is taken to be the last moment at which the bench had not been asked for any of the card's bytes, so
    /// the reader's own 0.2–0.5 s are not in the number, and everything the kiosk does is.
    fn present_card(&mut self, card: &str, control: &mut Control) -> Result<Duration> {
        control.send(&format!("card insert {card}"))?;
        let mut noticed = Instant::now();
        let mut untouched = true;
        let details = CONFIRM.sign.get(self.language)?;
        self.eyes.wait("the card's details", CARD, self.interrupt, |things| {
            if shows(things, details) {
                return Ok(Some(()));
            }
            if untouched {
                let moment = Instant::now();
                let state = control.send("card state")?;
                untouched = state.get("blocks").and_then(Value::as_u64) == Some(0);
                if untouched {
                    noticed = moment;
                }
            }
            Ok(None)
        })?;
        let card_read = noticed.elapsed();
        self.picture(CONFIRM.picture)?;
        Ok(card_read)
    }

    /// Submits. The page says "registered" until the platform's receipt came, then "accepted"; gives its words then.
    ///
    /// The platform on the same machine answers before an eye could see the first of the two, so it is held until
    /// that picture is taken.
    fn submit(&mut self, platform: &Kept) -> Result<Vec<String>> {
        let pause = platform.pause();
        self.press_named(word::SUBMIT.get(self.language)?)?;
        self.arrive(&REGISTERED, PAGE)?;
        drop(pause);
        self.arrive(&ACCEPTED, PAGE)?;
        Ok(self.eyes.look()?.into_iter().map(|thing| thing.name).collect())
    }

    /// Waits for the printed paper; gives its picture and its words.
    fn take_receipt(&mut self, control: &mut Control) -> Result<(PathBuf, String)> {
        let paper = self.interrupt.wait_for("the paper", PAPER, || {
            let answer = control.send("printer receipts")?;
            let receipts =
                answer.get("receipts").and_then(Value::as_array).context("the bench gave no receipts")?;
            Ok(receipts.first().cloned())
        })?;
        let picture = PathBuf::from(crate::stage::text_of(&paper, "png")?);
        if !picture.is_file() {
            bail!("the paper's picture {} does not exist", picture.display());
        }
        let lines = paper.get("lines").and_then(Value::as_array).context("the paper has no lines")?;
        let words: Vec<&str> = lines.iter().filter_map(Value::as_str).collect();
        Ok((picture, words.join("\n")))
    }

    /// Gives the best grade, and waits until it is taken.
    fn rate(&mut self) -> Result<()> {
        let words = word::VERY_GOOD.get(self.language)?;
        self.press_named(words)?;
        self.eyes.wait("the grade being taken", PAGE, self.interrupt, |things| {
            let grade = things.iter().find(|thing| thing.can_be_touched() && thing.name == words);
            Ok(grade.filter(|grade| self.eyes.is(grade, State::Pressed)).map(drop))
        })?;
        self.picture("rated")
    }

    /// Waits for a page and takes its picture.
    pub(super) fn arrive(&mut self, stop: &Stop, limit: Duration) -> Result<()> {
        let sign = stop.sign.get(self.language)?;
        let what = format!("the page \"{}\" ({sign})", stop.picture);
        self.eyes.wait(&what, limit, self.interrupt, |things| Ok(shows(things, sign).then_some(())))?;
        self.picture(stop.picture)
    }

    /// Touches the button that leads on from a page.
    pub(super) fn leave(&self, stop: &Stop) -> Result<()> {
        match stop.press {
            Some(words) => self.press_named(words.get(self.language)?),
            None => Ok(()),
        }
    }

    /// Waits until something that begins with these words can be touched, and touches its middle. On a page of several
    /// sheets it turns the sheets until it finds it.
    pub(super) fn press_named(&self, name: &str) -> Result<()> {
        let next = word::NEXT_SHEET.get(self.language)?;
        let what = format!("the button \"{name}\"");
        let mut turned = String::new();
        loop {
            let button = self.eyes.wait(&what, PAGE, self.interrupt, |things| {
                let mut usable =
                    things.iter().filter(|t| t.can_be_touched() && self.eyes.is(t, State::Sensitive));
                let named = usable.clone().find(|thing| thing.name.starts_with(name));
                // The same sheet again: the touch on it has not been seen to yet.
                let turns = |thing: &&Thing| thing.name.starts_with(next) && thing.name != turned;
                Ok(named.or_else(|| usable.find(turns)).cloned())
            })?;
            self.touch(&button)?;
            if !button.name.starts_with(next) {
                return Ok(());
            }
            turned = button.name;
        }
    }

    /// Touches the middle of a thing.
    pub(super) fn touch(&self, thing: &Thing) -> Result<()> {
        self.finger.touch(self.eyes.extents(thing)?.middle())
    }

    /// Takes a picture of the screen at rest.
    pub(super) fn picture(&mut self, name: &str) -> Result<()> {
        let file = self.folder.join(format!("{:02}-{name}.png", self.screens.len() + 1));
        self.camera.settled(self.interrupt)?.write(&file)?;
        eprintln!("  {}", file.file_name().unwrap_or_default().to_string_lossy());
        self.screens.push(file);
        Ok(())
    }
}

/// True when some words or some button on the screen contain the text.
pub(super) fn shows(things: &[Thing], text: &str) -> bool {
    things.iter().any(|thing| thing.role != Role::Other && thing.name.contains(text))
}
