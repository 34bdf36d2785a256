//! The portrait, the scanned papers, the commitment and the signature.

use matters::Language;
use session::view::{Commitment, Photograph, Scan, Sign};
use slint::{ComponentHandle, Image, SharedString};

use super::{Writes, int, pictures, put, rows};
use crate::generated::{App, CommitmentChoice, CommitmentModel, PhotographModel, ScanModel, SignModel};
use crate::wording;

pub(super) fn photograph(
    app: &App,
    page: Option<&Photograph>,
    before: Option<&Photograph>,
    language: Language,
    out: &mut Writes,
) {
    let model = app.global::<PhotographModel>();
    let fault = page.and_then(|page| page.fault);
    put! { out, model,
        get_chosen set_chosen
            page.and_then(|page| page.chosen).and_then(|at| i32::try_from(at).ok()).unwrap_or(-1);
        get_judging set_judging page.is_some_and(|page| page.judging);
        get_tries_left set_tries_left page.map_or(0, |page| int(page.tries_left));
        get_fault set_fault fault.map_or("", |fault| wording::citizen(fault, language).title).into();
        get_code set_code fault.map_or("", |fault| fault.code()).into();
    }
    let reasons = page.map_or(&[][..], |page| &page.rejected);
    let wanted: Vec<SharedString> =
        reasons.iter().map(|reason| wording::rejection(*reason, language).into()).collect();
    rows(&model.get_rejected(), wanted, out, |rows| model.set_rejected(rows));
    let (now, was) = (page.map_or(&[][..], |page| &page.shots), before.map_or(&[][..], |page| &page.shots));
    pictures(&model.get_shots(), now, was, out, |rows| model.set_shots(rows));
    // The camera goes on by itself; its last picture must not outlive the page.
    if page.is_none() && before.is_some() {
        model.set_preview(Image::default());
        out.0 += 1;
    }
}

pub(super) fn scan(
    app: &App,
    scan: Option<&Scan>,
    before: Option<&Scan>,
    language: Language,
    out: &mut Writes,
) {
    let model = app.global::<ScanModel>();
    let problem = scan.and_then(|scan| scan.problem).map(|problem| wording::scan(problem, language));
    let (title, advice) = problem.unwrap_or_default();
    put! { out, model,
        get_title set_title scan.map_or("", |scan| &scan.title).into();
        get_help set_help scan.map_or("", |scan| &scan.help).into();
        get_most set_most scan.map_or(0, |scan| int(scan.most));
        get_scanning set_scanning scan.is_some_and(|scan| scan.scanning);
        get_problem set_problem title.into();
        get_advice set_advice advice.into();
    }
    let (now, was) = (scan.map_or(&[][..], |scan| &scan.pages), before.map_or(&[][..], |scan| &scan.pages));
    pictures(&model.get_pages(), now, was, out, |rows| model.set_pages(rows));
}

pub(super) fn commitment(app: &App, page: Option<&Commitment>, language: Language, out: &mut Writes) {
    let model = app.global::<CommitmentModel>();
    let words = |of: fn(&Commitment) -> &str| -> SharedString { page.map_or("", of).into() };
    put! { out, model,
        get_duty set_duty words(|page| &page.duty);
        get_content set_content words(|page| &page.content);
        get_liability set_liability words(|page| &page.liability);
        get_papers set_papers words(|page| &page.papers);
        get_no_scans set_no_scans page
            .and_then(|page| page.no_scans)
            .map_or("", |fault| wording::citizen(fault, language).title).into();
        get_chosen set_chosen match page.and_then(|page| page.chosen) {
            None => CommitmentChoice::Open,
            Some(true) => CommitmentChoice::Commit,
            Some(false) => CommitmentChoice::Papers,
        };
    }
}

pub(super) fn sign(app: &App, sign: Option<Sign>, out: &mut Writes) {
    let model = app.global::<SignModel>();
    put! { out, model, get_signed set_signed sign.is_some_and(|sign| sign.signed); }
}
