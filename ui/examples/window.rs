//! Walks through the sample pages in a window: every press prints its action and shows the next page.
//! `cargo run -p ui --example window [-- NAME]` begins with the page of that name.

#[path = "../tests/samples/mod.rs"]
mod samples;

use std::cell::RefCell;
use std::time::Instant;

use matters::Language;
use session::Action;
use session::view::Display;
use ui::{Screen, ScreenError, ScreenHandle, ScreenOptions};

struct Walk {
    at: usize,
    language: Language,
    display: Display,
    handle: Option<ScreenHandle>,
}

impl Walk {
    fn show(&self) {
        if let (Some(handle), Some((name, view))) = (&self.handle, samples::all(self.language).get(self.at)) {
            println!("{name}");
            let mut view = view.clone();
            view.display = self.display;
            handle.show(view);
        }
    }

    fn act(&mut self, action: Action) {
        println!("{action:?}");
        match action {
            Action::SwitchLanguage => self.language = self.language.following(),
            Action::ToggleLarge => self.display.large = !self.display.large,
            Action::ToggleContrast => self.display.contrast = !self.display.contrast,
            // Typed, drawn and chosen things stay on their page: there is no session behind it.
            Action::Elsewhere
            | Action::Type(_)
            | Action::Erase
            | Action::TakeOver
            | Action::Stroke(_)
            | Action::ClearSignature
            | Action::Rate(_)
            | Action::RemovePage(_)
            | Action::CallAttendant
            | Action::PrintSlip
            | Action::ChooseShot(_) => return,
            Action::Back => self.at = self.at.saturating_sub(1),
            Action::Begin
            | Action::ChooseMatter(_)
            | Action::Accept
            | Action::Continue
            | Action::Choose { .. }
            | Action::Shoot
            | Action::PhotographAtCounter
            | Action::ScanPage
            | Action::Commit(_)
            | Action::Change(_)
            | Action::Submit
            | Action::Leave
            | Action::Stay => self.at = (self.at + 1) % samples::all(self.language).len(),
        }
        self.show();
    }
}

fn main() -> Result<(), ScreenError> {
    let began = Instant::now();
    let name = std::env::args().nth(1).unwrap_or_else(|| "attract".to_owned());
    let language = Language::default();
    let at = samples::all(language).iter().position(|(sample, _)| *sample == name).unwrap_or_default();
    let walk =
        std::rc::Rc::new(RefCell::new(Walk { at, language, display: Display::default(), handle: None }));
    let acting = std::rc::Rc::clone(&walk);
    let screen = Screen::new(ScreenOptions::default(), move |action| acting.borrow_mut().act(action))?;
    screen.on_first_frame(move || println!("first frame after {:?}", began.elapsed()));
    walk.borrow_mut().handle = Some(screen.handle());
    walk.borrow().show();
    screen.run()
}
