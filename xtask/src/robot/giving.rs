//! What a matter asks for, page by page, until everything is on the review: answers, portrait, papers; then the signature.

use anyhow::{Context as _, Result, bail};

use super::atspi::{Extents, Role, State, Thing};
use super::visit::{PAGE, Robot, Stop, shows};
use super::words::{Matter, word};

/// More pages than any matter has.
const MOST_PAGES: usize = 40;

const PORTRAIT: Stop = Stop { picture: "portrait", sign: word::PORTRAIT, press: None };
const REVIEW: Stop = Stop { picture: "review", sign: word::CHECK_ANSWERS, press: None };

/// A page that wants something.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Wanted {
    /// The answer to the question with this prompt.
    Answer(String),
    Portrait,
    /// A choice between commitment and papers.
    Commitment,
    /// Pages of the paper with this title.
    Paper(String),
    /// Nothing more.
    Nothing,
}

impl Robot<'_> {
    /// Gives everything a matter asks for. Where a commitment can stand for papers it commits first, looks at the
    /// review, changes its mind and scans: both ways are seen. Ends with the signature where there is one, before
    /// "submit".
    pub(super) fn give(&mut self, matter: &Matter) -> Result<()> {
        let committed = self.walk_to_review(matter, None)?;
        self.arrive(&REVIEW, PAGE)?;
        if committed {
            self.change_to_papers(matter)?;
            self.walk_to_review(matter, Some(Wanted::Nothing))?;
            self.picture("review-with-papers")?;
        }
        if matter.files().contains(&"signature") {
            self.press_named(word::TO_SIGN.get(self.language)?)?;
            self.sign()?;
        }
        Ok(())
    }

    /// Answers page after page until the review, after the page `left`. On the first way a commitment is made where it can
    /// be, and papers are given later; true when it was made.
    fn walk_to_review(&mut self, matter: &Matter, mut left: Option<Wanted>) -> Result<bool> {
        let commit = left.is_none();
        let mut committed = false;
        for number in 1..=MOST_PAGES {
            let wanted = self.eyes.wait("the next page", PAGE, self.interrupt, |things| {
                Ok(self.wanted(matter, things)?.filter(|wanted| left.as_ref() != Some(wanted)))
            })?;
            match &wanted {
                Wanted::Nothing => return Ok(committed),
                Wanted::Answer(prompt) => {
                    self.answer(matter.typed(prompt))?;
                    self.go_on(&format!("question-{number}"))?;
                }
                Wanted::Portrait => self.portrait()?,
                Wanted::Commitment => {
                    committed = commit;
                    let way = if commit { word::COMMIT } else { word::SHOW_PAPERS };
                    self.choose(way.get(self.language)?)?;
                    self.go_on(if commit { "commitment" } else { "papers-instead" })?;
                }
                Wanted::Paper(_) => {
                    self.picture("scan")?;
                    self.press_named(word::SCAN.get(self.language)?)?;
                    let on = word::CONTINUE.get(self.language)?;
                    self.wait_usable(on)?;
                    self.go_on("scanned")?;
                }
            }
            left = Some(wanted);
        }
        bail!("more than {MOST_PAGES} pages and no review")
    }

    /// What the page on the screen wants; `None` between pages.
    fn wanted(&self, matter: &Matter, things: &[Thing]) -> Result<Option<Wanted>> {
        let shows_words =
            |words: super::words::Words| Ok::<_, anyhow::Error>(shows(things, words.get(self.language)?));
        if shows_words(REVIEW.sign)? {
            return Ok(Some(Wanted::Nothing));
        }
        if shows_words(PORTRAIT.sign)? {
            return Ok(Some(Wanted::Portrait));
        }
        if shows_words(word::COMMIT_OR_PAPERS)? {
            return Ok(Some(Wanted::Commitment));
        }
        let answer = matter.prompts(self.language).into_iter().find(|prompt| shows(things, prompt));
        let scan = word::SCAN.get(self.language)?;
        let can_scan = things.iter().any(|thing| thing.role == Role::Button && thing.name == scan);
        let paper =
            || matter.papers(self.language).into_iter().find(|title| can_scan && shows(things, title));
        Ok(answer
            .map(|p| Wanted::Answer(p.to_owned()))
            .or_else(|| paper().map(|t| Wanted::Paper(t.to_owned()))))
    }

    /// Takes over what is known, else types, else chooses the first choice.
    fn answer(&self, typed: Option<&str>) -> Result<()> {
        let Some(text) = typed else {
            let first = self.eyes.wait("a choice", PAGE, self.interrupt, |things| {
                Ok(things.iter().find(|thing| thing.role == Role::Radio).map(|thing| thing.name.clone()))
            })?;
            return self.choose(&first);
        };
        let known = word::TAKE_OVER.get(self.language)?;
        if self.eyes.look()?.iter().any(|thing| thing.role == Role::Button && thing.name.starts_with(known)) {
            return self.press_named(known);
        }
        for key in text.chars().map(String::from) {
            let things = self.eyes.look()?;
            let key = things.iter().find(|thing| thing.role == Role::Button && thing.name == key);
            self.touch(key.context("a key is missing on the keyboard")?)?;
        }
        Ok(())
    }

    /// Chooses by its words, and waits until it is chosen.
    fn choose(&self, name: &str) -> Result<()> {
        self.press_named(name)?;
        self.eyes.wait("the choice being taken", PAGE, self.interrupt, |things| {
            let choice =
                things.iter().find(|thing| thing.role == Role::Radio && thing.name.starts_with(name));
            Ok(choice.filter(|choice| self.eyes.is(choice, State::Checked)).map(drop))
        })
    }

    /// Waits until the page can be left, takes its picture, and leaves it.
    fn go_on(&mut self, picture: &str) -> Result<()> {
        self.picture(picture)?;
        self.press_named(word::CONTINUE.get(self.language)?)
    }

    fn wait_usable(&self, name: &str) -> Result<()> {
        self.eyes.wait(&format!("\"{name}\""), PAGE, self.interrupt, |things| {
            let named = things.iter().find(|thing| thing.can_be_touched() && thing.name.starts_with(name));
            Ok(named.filter(|thing| self.eyes.is(thing, State::Sensitive)).map(drop))
        })
    }

    /// Takes two portraits and chooses the first.
    fn portrait(&mut self) -> Result<()> {
        self.arrive(&PORTRAIT, PAGE)?;
        for shot in 1..=2 {
            self.press_named(word::SHOOT.get(self.language)?)?;
            let taken = format!("{}{shot}", word::SHOT.get(self.language)?);
            self.wait_usable(&taken)?;
            self.wait_usable(word::USE_PORTRAIT.get(self.language)?)?;
        }
        let first = format!("{}1", word::SHOT.get(self.language)?);
        self.choose(&first)?;
        self.picture("portrait-chosen")?;
        self.press_named(word::USE_PORTRAIT.get(self.language)?)
    }

    /// On the review: changes the paper that was committed instead of.
    fn change_to_papers(&mut self, matter: &Matter) -> Result<()> {
        let papers: Vec<String> = matter.papers(self.language).into_iter().map(str::to_owned).collect();
        let (change, next) = (word::CHANGE.get(self.language)?, word::NEXT_SHEET.get(self.language)?);
        let mut turned = String::new();
        loop {
            let thing = self.eyes.wait("the paper on the review", PAGE, self.interrupt, |things| {
                let changes = |thing: &&Thing| {
                    thing.role == Role::Button
                        && thing.name == change
                        && papers.contains(&self.eyes.description(thing))
                };
                let turns = |thing: &&Thing| thing.name.starts_with(next) && thing.name != turned;
                Ok(things.iter().find(changes).or_else(|| things.iter().find(turns)).cloned())
            })?;
            let changes = thing.name == change;
            if changes {
                self.picture("review-change")?;
            }
            self.touch(&thing)?;
            if changes {
                return Ok(());
            }
            turned = thing.name;
        }
    }

    /// Signs with a few strokes, and waits until they count as a signature.
    fn sign(&mut self) -> Result<()> {
        let empty = word::EMPTY_PAD.get(self.language)?;
        let pad = self.eyes.wait("the signature pad", PAGE, self.interrupt, |things| {
            Ok(things.iter().find(|thing| thing.name == empty).cloned())
        })?;
        self.picture("sign")?;
        let pad = self.eyes.extents(&pad)?;
        for stroke in STROKES {
            self.finger.draw(&on(pad, stroke))?;
        }
        self.wait_usable(word::SUBMIT.get(self.language)?)?;
        self.picture("signed")
    }
}

/// 周, the family name on the card, as a hurried hand writes it: in thousandths of the pad.
const STROKES: &[&[(i32, i32)]] = &[
    &[(330, 180), (326, 330), (316, 480), (296, 620), (262, 740)],
    &[
        (332, 182),
        (420, 178),
        (520, 172),
        (606, 170),
        (612, 300),
        (614, 460),
        (616, 640),
        (612, 740),
        (588, 726),
        (562, 700),
    ],
    &[(392, 300), (470, 294), (556, 290)],
    &[(472, 222), (474, 300), (474, 400), (472, 432)],
    &[(382, 420), (470, 414), (566, 410)],
    &[(408, 520), (404, 580), (402, 640)],
    &[(408, 522), (470, 516), (536, 514), (536, 570), (532, 632)],
    &[(404, 634), (470, 628), (530, 626)],
];

/// A stroke on the pad, with points between so close that a line comes of them.
fn on(pad: Extents, stroke: &[(i32, i32)]) -> Vec<(i32, i32)> {
    const BETWEEN: i32 = 3;
    let place = |(x, y): (i32, i32)| (pad.x + pad.width * x / 1000, pad.y + pad.height * y / 1000);
    let mut points = Vec::new();
    for pair in stroke.windows(2) {
        if let [from, to] = *pair {
            let between = |step: i32| {
                let part = |from: i32, to: i32| from + (to - from) * step / BETWEEN;
                place((part(from.0, to.0), part(from.1, to.1)))
            };
            points.extend((0..BETWEEN).map(between));
        }
    }
    points.extend(stroke.last().copied().map(place));
    points
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strokes_lie_on_the_pad_and_leave_no_gap() {
        let pad = Extents { x: 64, y: 500, width: 952, height: 600 };
        for stroke in STROKES {
            let points = on(pad, stroke);
            assert!(points.iter().all(|(x, y)| (64..1016).contains(x) && (500..1100).contains(y)));
            assert!(points.windows(2).all(|p| (p[0].0 - p[1].0).abs() < 60 && (p[0].1 - p[1].1).abs() < 60));
        }
    }
}
