//! View → globals → actions. Each page's global is filled by a file of its own, and a property is written only when
//! its value differs, so that a view that says the same draws nothing.

mod actions;
mod commitment;
mod confirm;
mod done;
mod home;
mod notice;
mod out_of_service;
mod photograph;
mod place_card;
mod question;
mod refusal;
mod review;
mod rows;
mod scan;
mod shell;
mod sign;
mod sorry;
mod wipe;

use matters::Language;
use session::Action;
use session::view::{Page, View};
use slint::ComponentHandle;

use crate::generated::{
    App, CommitmentModel, ConfirmModel, DoneModel, HomeModel, NoticeModel, OutOfServiceModel, PageKind,
    PhotographModel, PlaceCardModel, QuestionModel, RefusalModel, ReviewModel, ScanModel, SignModel,
    SorryModel, WipeModel,
};
use actions::Act;
pub(crate) use rows::rgb;

/// How many properties and rows were written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Writes(pub(crate) usize);

/// The global of a page: what it shows, and what it alone asks for.
trait PageModel {
    /// What the session says of the page.
    type Content;

    /// Answers what the page asks while it is laid out, and hands on what the visitor wants of it.
    fn connect(&self, _app: &App, _act: &Act) {}

    /// Fills the global.
    fn write(&self, turn: Turn<'_, Self::Content>, out: &mut Writes);
}

/// A page's part of a view, and of the view before.
struct Turn<'a, T> {
    /// `None` while another page is shown: the global then holds nothing.
    now: Option<&'a T>,
    before: Option<&'a T>,
    language: Language,
}

/// Connects, fills and names every page. All globals are filled with each view, those of the pages that are not shown
/// with nothing: a visitor's words leave them with the page.
macro_rules! pages {
    ($($page:ident $(=> $model:ident)?,)+) => {
        fn connect_pages(app: &App, act: &Act) {
            $($(app.global::<$model>().connect(app, act);)?)+
        }

        fn write_pages(app: &App, before: Option<&View>, now: &View, out: &mut Writes) {
            let language = now.language;
            $($({
                let now = if let Page::$page(content) = &now.page { Some(content) } else { None };
                let before = before
                    .and_then(|view| if let Page::$page(content) = &view.page { Some(content) } else { None });
                app.global::<$model>().write(Turn { now, before, language }, out);
            })?)+
        }

        fn kind(page: &Page) -> PageKind {
            match page {
                $(Page::$page { .. } => PageKind::$page,)+
            }
        }
    };
}

// Every page, and its global if it shows anything of its own.
pages! {
    Attract,
    OutOfService => OutOfServiceModel,
    Home => HomeModel,
    Notice => NoticeModel,
    PlaceCard => PlaceCardModel,
    Confirm => ConfirmModel,
    Question => QuestionModel,
    Photograph => PhotographModel,
    Scan => ScanModel,
    Commitment => CommitmentModel,
    Review => ReviewModel,
    Sign => SignModel,
    Submitting,
    Done => DoneModel,
    Refusal => RefusalModel,
    Sorry => SorryModel,
    Wipe => WipeModel,
}

/// Writes a property of a global when its value differs. With `page =>` the values are read from a page, and are
/// nothing (empty, 0, false, the first of an enum) while it is not shown.
macro_rules! put {
    ($writes:expr, $global:expr, $page:ident => $($get:ident $set:ident $value:expr;)+) => {
        $crate::bridge::put! { $writes, $global,
            $($get $set $page.map(|$page| $value).unwrap_or_default();)+
        }
    };
    ($writes:expr, $global:expr, $($get:ident $set:ident $value:expr;)+) => {
        $({
            let value = $value;
            if $global.$get() != value {
                $global.$set(value);
                $writes.0 += 1;
            }
        })+
    };
}
use put;

/// Calls `act` for everything the visitor wants, and answers what the pages ask while they are laid out.
pub(crate) fn connect(app: &App, act: impl Fn(Action) + 'static) {
    let act = Act::new(act);
    actions::connect(app, &act);
    rows::connect(app);
    connect_pages(app, &act);
}

/// Brings the globals from one view to the next.
///
/// Returns how many properties and rows differed; 0 for the view that is already shown.
pub(crate) fn write(app: &App, before: Option<&View>, now: &View) -> Writes {
    let mut writes = Writes::default();
    sign::keep_ink_or_wipe(app, before, now);
    if before == Some(now) {
        return writes;
    }
    if before.is_none_or(|before| before.language != now.language) {
        // Every language was tried when the screen was made.
        let _ = slint::select_bundled_translation(now.language.tag());
        writes.0 += 1;
    }
    write_pages(app, before, now, &mut writes);
    shell::write(app, now, &mut writes);
    // Last, so that a page appears with everything in its place.
    put! { writes, app, get_page set_page kind(&now.page); }
    writes
}

/// A count of the session as the toolkit counts.
fn int(count: u32) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

/// A place in a list as the toolkit counts; -1 is none.
fn place(at: Option<usize>) -> i32 {
    at.and_then(|at| i32::try_from(at).ok()).unwrap_or(-1)
}
