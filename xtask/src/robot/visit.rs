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
use crate::stage::{Control, Display};

/// How long a page may take to appear (ours: a page change takes 0.5 s; the rest is for a loaded machine).
const PAGE: Duration = Duration::from_secs(15);

/// How long the kiosk may take to its first page (ours: 10 s on the reference board).
const START: Duration = Duration::from_secs(30);

/// How long a card may take from the reader to the screen (ours: 2 s; the rest is for a loaded machine).
const CARD: Duration = Duration::from_secs(20);

/// How long the printer may take (a receipt takes 1–2 s; the page first waits up to 5 s for the platform).
const PAPER: Duration = Duration::from_secs(20);

/// More questions than any matter asks.
const MOST_QUESTIONS: usize = 30;

/// One page on the way: how it is known, what its picture is called, and what leads on.
struct Stop {
    picture: &'static str,
    /// Words that stand on this page and on no other.
    sign: Words,
    /// The button that leads on; without one, something else does.
    press: Option<Words>,
}

const ATTRACT: Stop = Stop { picture: "attract", sign: word::APPLY_HERE, press: Some(word::BEGIN) };
const HOME: Stop = Stop { picture: "home", sign: word::WHAT_TO_DO, press: None };
const HOME_IN_ENGLISH: Stop = Stop { picture: "home-english", sign: word::WHAT_TO_DO, press: None };
const NOTICE: Stop = Stop { picture: "notice", sign: word::BEFORE_YOU_BEGIN, press: Some(word::AGREE) };
const PLACE_CARD: Stop = Stop { picture: "card", sign: word::PLACE_CARD, press: None };
const CONFIRM: Stop = Stop { picture: "confirm", sign: word::IS_THIS_YOU, press: Some(word::YES_CONTINUE) };
const REVIEW: Stop = Stop { picture: "review", sign: word::CHECK_ANSWERS, press: Some(word::SUBMIT) };
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
    eyes: Eyes,
    finger: Finger,
    camera: Camera,
    folder: PathBuf,
    screens: Vec<PathBuf>,
    language: Language,
    interrupt: &'a Interrupt,
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
        platform: &Kept,
        matter: &Matter,
        card: &str,
        control: &mut Control,
    ) -> Result<Visit> {
        let answer = self.play(kiosk, platform, matter, card, control);
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

    fn play(
        &mut self,
        kiosk: &mut Kept,
        platform: &Kept,
        matter: &Matter,
        card: &str,
        control: &mut Control,
    ) -> Result<Visit> {
        let card_read = self.walk_to_first_question(kiosk, matter, card, control)?;
        self.answer_questions(matter)?;
        let accepted_page = self.submit(platform)?;
        let (receipt, receipt_words) = self.take_receipt(control)?;
        self.arrive(&PRINTED, PAGE)?;
        control.send("card remove")?;
        self.arrive(&CARD_TAKEN, PAGE)?;
        self.leave(&CARD_TAKEN)?;
        self.arrive(&WIPE, PAGE)?;
        self.arrive(&ATTRACT_AGAIN, PAGE)?;
        let screens = self.screens.clone();
        Ok(Visit { card_read, accepted_page, receipt, receipt_words, screens })
    }

    /// Waits for the kiosk's first page; a kiosk that ends instead says why.
    pub fn first_page(&mut self, kiosk: &mut Kept) -> Result<()> {
        let sign = ATTRACT.sign.get(self.language);
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
        let sign = HOME.sign.get(self.language);
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
        let details = CONFIRM.sign.get(self.language);
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

    /// Answers each question with its first choice until the review page comes.
    fn answer_questions(&mut self, matter: &Matter) -> Result<()> {
        let prompts = matter.prompts(self.language);
        let review = REVIEW.sign.get(self.language);
        let mut asked = "";
        for number in 1..=MOST_QUESTIONS {
            let next = self.eyes.wait("the next question or the review", PAGE, self.interrupt, |things| {
                if shows(things, review) {
                    return Ok(Some(None));
                }
                let prompt = prompts.iter().find(|prompt| **prompt != asked && shows(things, prompt));
                Ok(prompt.map(|prompt| Some(*prompt)))
            })?;
            let Some(prompt) = next else { return self.picture(REVIEW.picture) };
            asked = prompt;
            self.choose_first()?;
            self.picture(&format!("question-{number}"))?;
            self.press_named(word::CONTINUE.get(self.language))?;
        }
        bail!("more than {MOST_QUESTIONS} questions and no end")
    }

    /// Chooses the first radio button and waits until it is chosen.
    fn choose_first(&self) -> Result<()> {
        let first = |things: &[Thing]| things.iter().find(|thing| thing.role == Role::Radio).cloned();
        let choice = self.eyes.wait("a choice", PAGE, self.interrupt, |things| Ok(first(things)))?;
        self.finger.touch(self.eyes.extents(&choice)?.middle())?;
        self.eyes.wait("the choice being taken", PAGE, self.interrupt, |things| {
            Ok(first(things).filter(|choice| self.eyes.is(choice, State::Checked)).map(drop))
        })
    }

    /// Submits. The page says "registered" until the platform's receipt came, then "accepted"; gives its words then.
    ///
    /// The platform on the same machine answers before an eye could see the first of the two, so it is held until
    /// that picture is taken.
    fn submit(&mut self, platform: &Kept) -> Result<Vec<String>> {
        let pause = platform.pause();
        self.leave(&REVIEW)?;
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

    /// Waits for a page and takes its picture.
    fn arrive(&mut self, stop: &Stop, limit: Duration) -> Result<()> {
        let sign = stop.sign.get(self.language);
        let what = format!("the page \"{}\" ({sign})", stop.picture);
        self.eyes.wait(&what, limit, self.interrupt, |things| Ok(shows(things, sign).then_some(())))?;
        self.picture(stop.picture)
    }

    /// Touches the button that leads on from a page.
    fn leave(&self, stop: &Stop) -> Result<()> {
        match stop.press {
            Some(words) => self.press_named(words.get(self.language)),
            None => Ok(()),
        }
    }

    /// Waits until a button that begins with these words can be touched, and touches its middle.
    fn press_named(&self, name: &str) -> Result<()> {
        let what = format!("the button \"{name}\"");
        let button = self.eyes.wait(&what, PAGE, self.interrupt, |things| {
            let named =
                things.iter().find(|thing| thing.role == Role::Button && thing.name.starts_with(name));
            Ok(named.filter(|button| self.eyes.is(button, State::Sensitive)).cloned())
        })?;
        self.finger.touch(self.eyes.extents(&button)?.middle())
    }

    fn picture(&mut self, name: &str) -> Result<()> {
        let file = self.folder.join(format!("{:02}-{name}.png", self.screens.len() + 1));
        self.camera.settled(self.interrupt)?.write(&file)?;
        eprintln!("  {}", file.file_name().unwrap_or_default().to_string_lossy());
        self.screens.push(file);
        Ok(())
    }
}

/// True when some words or some button on the screen contain the text.
fn shows(things: &[Thing], text: &str) -> bool {
    things.iter().any(|thing| thing.role != Role::Other && thing.name.contains(text))
}
