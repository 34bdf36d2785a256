//! What is shown between "yes, that is me" and "submit".

use matters::{Complaint, Format, Kind, Language, Question as Asked, Text};

use super::validity;
use crate::desk::Desk;
use crate::event::Now;
use crate::filling::{Filling, Stage};
use crate::state::answers;
use crate::view::{
    Answer, Asking, Choice, Commitment, Keys, Page, PaperRow, Personal, Photograph, Question, Review, Scan,
    ScanProblem, Sign, StepKind, Typed,
};
use crate::words;

/// The page of the stage. A stage always has its page; were it not so, the review would be shown.
pub(super) fn page(filling: &Filling, desk: &Desk, now: Now) -> Page {
    let page = match filling.stage {
        Stage::Question => question(filling, desk).map(Page::Question),
        Stage::Photograph => Some(Page::Photograph(photograph(filling, desk))),
        Stage::Commitment => commitment(filling, desk).map(Page::Commitment),
        Stage::Scan(at) => scan(filling, at, desk).map(Page::Scan),
        Stage::Review => None,
        Stage::Sign => Some(Page::Sign(Sign { signed: filling.complete(Stage::Sign) })),
    };
    page.unwrap_or_else(|| Page::Review(review(filling, desk, now)))
}

/// How many steps after the identification are behind the visitor, and what the one under way is about.
pub(super) fn step(filling: &Filling, asked: &[&Asked]) -> (usize, StepKind) {
    let matter = filling.matter();
    let questions = asked.len();
    let portrait = usize::from(matter.portrait.is_some());
    let papers = usize::from(!matter.papers.is_empty());
    match filling.stage {
        Stage::Question => {
            let id = filling.form.question(matter).map(|q| &q.id);
            let at = asked.iter().position(|other| Some(&other.id) == id);
            (at.unwrap_or(questions), StepKind::Questions)
        }
        Stage::Photograph => (questions, StepKind::Photograph),
        Stage::Commitment | Stage::Scan(_) => (questions + portrait, StepKind::Papers),
        Stage::Review | Stage::Sign => (questions + portrait + papers, StepKind::Review),
    }
}

fn question(filling: &Filling, desk: &Desk) -> Option<Question> {
    let Filling { applicant, form, .. } = filling;
    let asked = form.question(&applicant.matter)?;
    let words = |text: Option<&Text>| text.map_or(String::new(), |t| t.get(desk.language).to_owned());
    let answer = form.answer(&asked.id);
    let asking = match &asked.kind {
        Kind::Choice(choices) => Asking::Choices(
            choices
                .iter()
                .map(|choice| Choice {
                    value: choice.value.clone(),
                    label: words(Some(&choice.label)),
                    detail: words(choice.detail.as_ref()),
                    selected: answer == Some(&choice.value),
                })
                .collect(),
        ),
        Kind::Typed(typed) => Asking::Typed(Typed {
            keys: match typed.format {
                Format::Digits => Keys::Digits,
                Format::Date => Keys::Date,
                Format::IdNumber => Keys::IdNumber,
                Format::Text => Keys::Letters,
            },
            text: Personal::new(answer.unwrap_or_default()),
            longest: typed.longest,
            known: typed.card_address.then(|| applicant.citizen.address.clone()),
            complaint: complaint(asked.accepts(answer.unwrap_or_default()), desk.language),
        }),
    };
    Some(Question {
        id: asked.id.clone(),
        prompt: words(Some(&asked.prompt)),
        help: words(asked.help.as_ref()),
        asking,
        answered: form.answered(asked),
    })
}

/// What is wrong with a typed answer; what is merely too short is not said while it is being typed.
fn complaint(accepted: Result<(), Complaint>, language: Language) -> Option<String> {
    let word = match accepted.err()? {
        Complaint::TooShort => return None,
        Complaint::TooLong => words::TOO_LONG,
        Complaint::Character => words::ODD_CHARACTER,
        Complaint::Date => words::NO_SUCH_DAY,
        Complaint::CheckDigit => words::WRONG_NUMBER,
    };
    Some(word.get(language).to_owned())
}

fn photograph(filling: &Filling, desk: &Desk) -> Photograph {
    let portrait = &filling.portrait;
    Photograph {
        shots: portrait.taken.iter().map(|taken| taken.shot.clone()).collect(),
        chosen: portrait.chosen,
        judging: portrait.judging.is_some(),
        rejected: portrait.rejected.clone(),
        tries_left: filling.tries_left(),
        fault: desk.camera,
    }
}

fn commitment(filling: &Filling, desk: &Desk) -> Option<Commitment> {
    let words = |text: &Text| text.get(desk.language).to_owned();
    let commitment = filling.matter().commitment.as_ref()?;
    Some(Commitment {
        duty: words(&commitment.duty),
        content: words(&commitment.content),
        liability: words(&commitment.liability),
        papers: words(&commitment.papers),
        chosen: filling.committed,
        no_scans: desk.scanner,
    })
}

fn scan(filling: &Filling, at: usize, desk: &Desk) -> Option<Scan> {
    let (paper, pages) = (filling.matter().papers.get(at)?, filling.papers.get(at)?);
    Some(Scan {
        title: paper.title.get(desk.language).to_owned(),
        help: paper.help.as_ref().map_or(String::new(), |help| help.get(desk.language).to_owned()),
        pages: pages.pages.iter().map(|page| page.thumbnail.clone()).collect(),
        most: paper.most,
        scanning: pages.scanning.is_some(),
        // What went wrong with the page says more than that the scanner is unwell.
        problem: pages.problem.or(desk.scanner.map(ScanProblem::Fault)),
    })
}

fn review(filling: &Filling, desk: &Desk, now: Now) -> Review {
    let Filling { applicant, form, portrait, .. } = filling;
    let matter = &applicant.matter;
    let shot = filling.chosen_portrait(now).and_then(|at| portrait.taken.get(at));
    let row = |paper: &matters::Paper, pages: usize| PaperRow {
        paper: paper.id.clone(),
        label: paper.title.get(desk.language).to_owned(),
        pages: u32::try_from(pages).unwrap_or(u32::MAX),
    };
    let scanned = |at: usize| filling.papers.get(at).map_or(0, |pages| pages.pages.len());
    let mut papers: Vec<PaperRow> = filling.wanted(now).map(|(at, paper)| row(paper, scanned(at))).collect();
    if filling.may_commit(now) && filling.committed == Some(true) {
        papers.extend(matter.papers.iter().filter(|paper| paper.waivable).map(|paper| row(paper, 0)));
    }
    Review {
        portrait: shot.map(|taken| taken.shot.clone()),
        portrait_at_counter: filling.photographs(now) && shot.is_none(),
        papers,
        signature_follows: matter.signature,
        name: applicant.citizen.name.clone(),
        number: applicant.citizen.masked_number(),
        answers: answers(matter, form, desk.language)
            .map(|(question, label, answer)| Answer {
                question: question.to_owned(),
                label: label.to_owned(),
                answer: Personal::new(answer),
            })
            .collect(),
        fee_yuan: matter.fee_yuan,
        deadline: matter.deadline(now.wall.date()),
        validity: validity(matter, filling.facts(now), desk),
    }
}
