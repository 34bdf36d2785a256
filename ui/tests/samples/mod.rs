//! Views of invented people for the tests and the pictures: every page, in every state that looks different. A page's
//! file also says what is found on some of them.

#![allow(dead_code, unused_imports, reason = "every test uses a part of it")]

mod attract;
mod commitment;
mod confirm;
mod done;
mod home;
mod idle;
mod notice;
mod out_of_service;
mod photograph;
mod pictures;
mod place_card;
mod question;
mod refusal;
mod review;
mod scan;
mod sign;
mod sorry;
mod submitting;
mod typed;
mod wipe;

use jiff::civil::datetime;
use matters::Language;
use session::view::{Call, Display, Page, Personal, StepKind, Steps, View};

pub use done::done;
pub use pictures::preview;
pub use question::question;
pub use scan::scan;
pub use sorry::sorry;
pub use typed::typed;

/// A text in all languages.
pub type Words<'a> = [&'a str; Language::COUNT];

/// A view by its name.
pub type Named = (&'static str, View);

/// A view's name, what it says in all languages, and its controls in all languages without those of the header.
pub type Found<'a> = (&'a str, Words<'a>, [&'a [&'a str]; Language::COUNT]);

/// A page's views in a language, and what is found on some of them.
type Samples = (fn(Language) -> Vec<Named>, &'static [Found<'static>]);

/// Every page.
const PAGES: &[Samples] = &[
    (attract::views, attract::FOUND),
    (out_of_service::views, out_of_service::FOUND),
    (home::views, home::FOUND),
    (notice::views, notice::FOUND),
    (place_card::views, place_card::FOUND),
    (confirm::views, confirm::FOUND),
    (question::views, question::FOUND),
    (typed::views, typed::FOUND),
    (photograph::views, photograph::FOUND),
    (scan::views, scan::FOUND),
    (commitment::views, commitment::FOUND),
    (review::views, review::FOUND),
    (sign::views, sign::FOUND),
    (submitting::views, submitting::FOUND),
    (done::views, done::FOUND),
    (refusal::views, refusal::FOUND),
    (sorry::views, sorry::FOUND),
    (wipe::views, wipe::FOUND),
    (idle::views, idle::FOUND),
];

/// Every sample by its name, in one language.
pub fn all(language: Language) -> Vec<Named> {
    PAGES.iter().flat_map(|(views, _)| views(language)).collect()
}

/// What is found on some of them.
pub fn found() -> impl Iterator<Item = &'static Found<'static>> {
    PAGES.iter().flat_map(|(_, found)| *found)
}

/// A page with what the session shows around it.
pub fn view(language: Language, page: Page) -> View {
    let (step, known, started) = match &page {
        Page::Attract | Page::OutOfService(_) | Page::Home(_) | Page::Wipe(_) => (None, false, false),
        Page::Notice(_) => (Some((1, StepKind::Notice)), false, false),
        Page::PlaceCard(_) | Page::Confirm(_) => (Some((2, StepKind::Identify)), false, false),
        Page::Question(_) => (Some((3, StepKind::Questions)), true, true),
        Page::Photograph(_) => (Some((4, StepKind::Photograph)), true, true),
        Page::Scan(_) | Page::Commitment(_) => (Some((5, StepKind::Papers)), true, true),
        Page::Sign(_) | Page::Review(_) | Page::Submitting => (Some((5, StepKind::Review)), true, true),
        Page::Done(_) | Page::Refusal(_) | Page::Sorry(_) => (None, true, false),
    };
    let outside = matches!(page, Page::Attract | Page::OutOfService(_) | Page::Home(_) | Page::Wipe(_));
    View {
        language,
        display: Display::default(),
        hall: say(language, ["城东派出所 自助办理", "Chengdong Police Station"]),
        clock: datetime(2026, 11, 21, 9, 41, 0, 0),
        matter: (!outside).then(|| say(language, ["开户籍证明", "Household certificate"])),
        person: known.then(|| Personal::new("张*丰 · 4405**********0014")),
        steps: step.map(|(current, kind)| Steps { current, total: 5, kind, minutes_left: 6 - current }),
        not_finished: started,
        page,
        idle: None,
        call: Some(Call::Offered),
    }
}

/// A page of a longer matter.
fn renewal(language: Language, page: Page) -> View {
    let mut view = view(language, page);
    view.matter = Some(say(language, ["身份证到期换新", "Identity card renewal"]));
    if let Some(steps) = &mut view.steps {
        steps.total = 6;
        if steps.kind == StepKind::Review {
            steps.current = 6;
        }
        steps.minutes_left = 7 - steps.current;
    }
    view
}

/// How long the new card will be valid.
fn validity(language: Language) -> String {
    say(
        language,
        ["新证有效期 20 年（26 至 45 周岁）。", "The new card is valid for 20 years (aged 26 to 45)."],
    )
}

fn say(language: Language, words: Words<'_>) -> String {
    language.of(&words).to_owned()
}
