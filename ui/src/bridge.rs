//! View → globals. Each global is written on its own, and a property only when its value differs, so that a view that
//! says the same draws nothing. What a page does not show is empty: a visitor's words leave the globals with the page.

mod endings;
mod form;
mod identity;
mod matter;
mod papers;
mod shell;

use session::view::{
    CardPrompt, Commitment, Confirm, Done, Notice, Page, Photograph, Question, Refusal, Review, Scan, Shot,
    Sign, Sorry, Tile, View, Wipe,
};
use slint::{ComponentHandle, Image, Model, ModelExt, ModelRc, SharedPixelBuffer, VecModel, Weak};

use crate::generated::{App, Lines, NoticeModel, PageKind, ReviewModel, Sheets};
use crate::{balance, sheets};

/// How many properties and rows were written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Writes(pub(crate) usize);

/// Writes a property of a global when its value differs.
macro_rules! put {
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
pub(crate) use put;

/// The parts of a page, each where its global looks for it.
#[derive(Default)]
struct Parts<'a> {
    kind: PageKind,
    tiles: &'a [Tile],
    notice: Option<&'a Notice>,
    card: Option<CardPrompt>,
    confirm: Option<&'a Confirm>,
    question: Option<&'a Question>,
    photograph: Option<&'a Photograph>,
    scan: Option<&'a Scan>,
    commitment: Option<&'a Commitment>,
    sign: Option<Sign>,
    review: Option<&'a Review>,
    done: Option<&'a Done>,
    refusal: Option<&'a Refusal>,
    sorry: Option<Sorry>,
    wipe: Option<Wipe>,
}

impl<'a> Parts<'a> {
    fn of(page: &'a Page) -> Parts<'a> {
        let none = Parts::default();
        match page {
            Page::Attract => Parts { kind: PageKind::Attract, ..none },
            Page::OutOfService(fault) => {
                let sorry = Sorry { fault: *fault, case_number: None, card_present: false };
                Parts { kind: PageKind::OutOfService, sorry: Some(sorry), ..none }
            }
            Page::Home(tiles) => Parts { kind: PageKind::Home, tiles, ..none },
            Page::Notice(notice) => Parts { kind: PageKind::Notice, notice: Some(notice), ..none },
            Page::PlaceCard(card) => Parts { kind: PageKind::PlaceCard, card: Some(*card), ..none },
            Page::Confirm(confirm) => Parts { kind: PageKind::Confirm, confirm: Some(confirm), ..none },
            Page::Question(question) => Parts { kind: PageKind::Question, question: Some(question), ..none },
            Page::Review(review) => Parts { kind: PageKind::Review, review: Some(review), ..none },
            Page::Photograph(page) => Parts { kind: PageKind::Photograph, photograph: Some(page), ..none },
            Page::Scan(scan) => Parts { kind: PageKind::Scan, scan: Some(scan), ..none },
            Page::Commitment(page) => Parts { kind: PageKind::Commitment, commitment: Some(page), ..none },
            Page::Sign(sign) => Parts { kind: PageKind::Sign, sign: Some(*sign), ..none },
            Page::Submitting => Parts { kind: PageKind::Submitting, ..none },
            Page::Done(done) => Parts { kind: PageKind::Done, done: Some(done), ..none },
            Page::Refusal(refusal) => Parts { kind: PageKind::Refusal, refusal: Some(refusal), ..none },
            Page::Sorry(sorry) => Parts { kind: PageKind::Sorry, sorry: Some(sorry.clone()), ..none },
            Page::Wipe(wipe) => Parts { kind: PageKind::Wipe, wipe: Some(*wipe), ..none },
        }
    }
}

/// Answers what the pages ask while they are laid out.
pub(crate) fn answer(app: &App) {
    let lines = app.global::<Lines>();
    lines.on_balanced(|text, room, bold| balance::balanced(&text, room, bold).into());
    lines.on_count(|text, room, bold| balance::count(&text, room, bold));
    app.global::<Sheets>().on_begins(|heights, gap, first, others| {
        let heights: Vec<f32> = heights.iter().collect();
        ModelRc::new(VecModel::from(sheets::begins(&heights, gap, first, others)))
    });
    let weak = app.as_weak();
    app.global::<NoticeModel>().on_begins(move |paragraphs, size, width, gap, first, others| {
        let height = |app: &App, paragraph| app.global::<NoticeModel>().invoke_height(paragraph, size, width);
        even_sheets(&weak, &paragraphs, height, gap, first, others)
    });
    let weak = app.as_weak();
    app.global::<ReviewModel>().on_begins(move |rows, width, first, others| {
        let height = |app: &App, row| app.global::<ReviewModel>().invoke_height(row, width);
        even_sheets(&weak, &rows, height, 0.0, first, others)
    });
}

/// Where each sheet of these parts begins; asked again when one of them changes.
fn even_sheets<T>(
    app: &Weak<App>,
    parts: &ModelRc<T>,
    height: impl Fn(&App, T) -> f32,
    gap: f32,
    first: f32,
    others: f32,
) -> ModelRc<i32> {
    let Some(app) = app.upgrade() else { return ModelRc::default() };
    parts.model_tracker().track_row_count_changes();
    let parts = (0..parts.row_count()).filter_map(|at| parts.row_data_tracked(at));
    let heights: Vec<f32> = parts.map(|part| height(&app, part)).collect();
    ModelRc::new(VecModel::from(sheets::evenly(&heights, gap, first, others)))
}

/// Brings the globals from one view to the next.
///
/// Returns how many properties and rows differed; 0 for the view that is already shown.
pub(crate) fn write(app: &App, before: Option<&View>, now: &View) -> Writes {
    let mut writes = Writes::default();
    if before == Some(now) {
        return writes;
    }
    if before.is_none_or(|before| before.language != now.language) {
        // Every language was tried when the screen was made.
        let _ = slint::select_bundled_translation(now.language.tag());
        writes.0 += 1;
    }
    let parts = Parts::of(&now.page);
    let was = before.map(|view| Parts::of(&view.page)).unwrap_or_default();
    let out = &mut writes;
    matter::home(app, parts.tiles, now.language, out);
    matter::notice(app, parts.notice, now.language, out);
    identity::card(app, parts.card, now.language, out);
    identity::confirm(app, parts.confirm, now.language, out);
    form::question(app, parts.question, out);
    form::review(app, parts.review, was.review, now.language, out);
    papers::photograph(app, parts.photograph, was.photograph, now.language, out);
    papers::scan(app, parts.scan, was.scan, now.language, out);
    papers::commitment(app, parts.commitment, now.language, out);
    papers::sign(app, parts.sign, out);
    endings::done(app, parts.done, was.done, now.language, out);
    endings::refusal(app, parts.refusal, now.language, out);
    endings::sorry(app, parts.sorry.as_ref(), now.language, out);
    endings::wipe(app, parts.wipe, out);
    // Last, so that a page appears with everything in its place.
    shell::shell(app, now, parts.kind, out);
    writes
}

/// Makes a model hold these rows, touching only those that differ: a control keeps its focus while its row changes.
fn rows<T: Clone + PartialEq + 'static>(
    model: &ModelRc<T>,
    wanted: Vec<T>,
    writes: &mut Writes,
    replace: impl FnOnce(ModelRc<T>),
) {
    let Some(held) = model.as_any().downcast_ref::<VecModel<T>>() else {
        if !wanted.is_empty() {
            writes.0 += 1;
            replace(ModelRc::new(VecModel::from(wanted)));
        }
        return;
    };
    while held.row_count() > wanted.len() {
        held.remove(held.row_count() - 1);
        writes.0 += 1;
    }
    for (at, row) in wanted.into_iter().enumerate() {
        match held.row_data(at) {
            Some(same) if same == row => {}
            Some(_) => {
                held.set_row_data(at, row);
                writes.0 += 1;
            }
            None => {
                held.push(row);
                writes.0 += 1;
            }
        }
    }
}

/// Makes a model hold pictures of these shots. Pixels are copied only for a shot that is new, and go when it goes.
fn pictures(
    model: &ModelRc<Image>,
    now: &[Shot],
    before: &[Shot],
    writes: &mut Writes,
    replace: impl FnOnce(ModelRc<Image>),
) {
    if now != before {
        writes.0 += 1;
        let held = now.iter().enumerate().map(|(at, shot)| {
            let same = before.get(at).filter(|old| *old == shot).and_then(|_| model.row_data(at));
            same.unwrap_or_else(|| picture(shot))
        });
        replace(ModelRc::new(VecModel::from(held.collect::<Vec<_>>())));
    }
}

/// A shot as the toolkit draws it; empty when its size does not fit its pixels.
fn picture(shot: &Shot) -> Image {
    rgb(shot.0.width, shot.0.height, &shot.0.rgb)
}

/// Pixels as the toolkit draws them; empty when their size does not fit.
pub(crate) fn rgb(width: u32, height: u32, rgb: &[u8]) -> Image {
    if u64::from(width) * u64::from(height) * 3 != rgb.len() as u64 || rgb.is_empty() {
        return Image::default();
    }
    Image::from_rgb8(SharedPixelBuffer::clone_from_slice(rgb, width, height))
}

/// A count of the session as the toolkit counts.
fn int(count: u32) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}
