//! Everything that keeps a request from being taken, at once: the matter's own form, rules and papers are asked.

use jiff::civil::Date;
use matters::rules::{CardFacts, Facts};
use matters::{Complaint, Form, Format, Kind, Matter, Question};
use session::{Citizen, Now};

use super::card::Card;
use super::files::Files;
use super::given::Given;

/// Lists the mistakes. None of them quotes what was given. Without a card nothing is said that hangs on it.
pub fn look(
    matter: &Matter,
    given: &Given,
    files: &Files,
    card: Option<&Card>,
    now: Now,
    list: &mut Vec<String>,
) {
    match &given.notice {
        Some(version) if *version == matter.notice.version => {}
        Some(_) => list.push(format!("notice: the one in effect is \"{}\"", matter.notice.version)),
        None => list.push(format!(
            "notice: missing; \"{}\" says that the applicant has read and accepted it",
            matter.notice.version
        )),
    }
    let citizen = card.map(Card::citizen);
    if citizen.as_ref().is_some_and(|citizen| !citizen.number_valid) {
        list.push("card.number: its check digit is wrong".to_owned());
    }
    let card = citizen.as_ref().map(Citizen::facts);
    let mut form = Form::default();
    questions(matter, given, &mut form, (now.wall.date(), card), list);
    let facts = Facts { today: now.wall.date(), card, form: Some(&form) };
    for rule in &matter.rules {
        // A rule that still needs something has its mistake already.
        if rule.when.holds(facts) == Some(false) {
            let refusal = &rule.refusal;
            let (reason, article) = (refusal.reason.get(given.language), refusal.article.get(given.language));
            list.push(format!("refused: {reason} ({article})"));
        }
    }
    papers(matter, given, files, facts, list);
    portrait_and_signature(matter, given, files, facts, list);
}

fn questions(
    matter: &Matter,
    given: &Given,
    form: &mut Form,
    (today, card): (Date, Option<CardFacts<'_>>),
    list: &mut Vec<String>,
) {
    for id in given.answered().filter(|id| matter.question(id).is_none()) {
        list.push(format!("answers.{}: this matter does not ask that", super::given::shown(id)));
    }
    for question in &matter.questions {
        let facts = Facts { today, card, form: Some(form) };
        let asked = question.when.as_ref().map_or(Some(true), |when| when.holds(facts));
        let id = &question.id;
        match (asked, given.answer(id)) {
            (Some(true), Some(answer)) => match question.accepts(answer) {
                Ok(()) => match &question.kind {
                    Kind::Choice(_) => form.choose(question, answer),
                    Kind::Typed(_) => form.type_text(question, answer),
                },
                Err(complaint) => list.push(format!("answers.{id}: {}", wrong(question, answer, complaint))),
            },
            (Some(true), None) => list.push(format!("answers.{id}: missing; {}", expected(question))),
            (Some(false), Some(_)) => list.push(format!("answers.{id}: not asked with these answers")),
            // What decides about it is a mistake already.
            (Some(false) | None, None) | (None, Some(_)) => {}
        }
    }
}

fn wrong(question: &Question, answer: &str, complaint: Complaint) -> String {
    let length = answer.chars().count();
    match complaint {
        Complaint::TooShort | Complaint::TooLong => format!("{length} characters; {}", expected(question)),
        Complaint::Character | Complaint::Date => expected(question),
        Complaint::CheckDigit => "its check digit is wrong".to_owned(),
    }
}

fn expected(question: &Question) -> String {
    match &question.kind {
        Kind::Choice(choices) => {
            let values: Vec<&str> = choices.iter().map(|choice| choice.value.as_str()).collect();
            format!("expected one of: {}", values.join(", "))
        }
        Kind::Typed(typed) => {
            let what = match typed.format {
                Format::Digits => "digits",
                Format::Date => "digits of a day, YYYYMMDD",
                Format::IdNumber => "digits or X of an identity number",
                Format::Text => "characters",
            };
            match (typed.shortest, typed.longest) {
                (shortest, longest) if shortest == longest => format!("expected {longest} {what}"),
                (shortest, longest) => format!("expected {shortest} to {longest} {what}"),
            }
        }
    }
}

fn papers(matter: &Matter, given: &Given, files: &Files, facts: Facts<'_>, list: &mut Vec<String>) {
    let mut may_commit = false;
    for paper in &matter.papers {
        let needed = paper.when.as_ref().map_or(Some(true), |when| when.holds(facts));
        may_commit |= needed == Some(true) && paper.waivable && matter.commitment.is_some();
        let waived = paper.waivable && given.commitment == Some(true);
        let (id, attached) = (&paper.id, files.has(&paper.id));
        match needed {
            // Without the choice, whether it is wanted is not known yet.
            Some(true) if !attached && !waived && (given.commitment.is_some() || !paper.waivable) => {
                list.push(format!("attach {id}: missing ({})", paper.title.get(given.language)));
            }
            Some(true) if attached && waived => {
                list.push(format!("attach {id}: not wanted, because the commitment stands for it"));
            }
            Some(false) if attached => list.push(format!("attach {id}: not wanted with these answers")),
            Some(_) | None => {}
        }
    }
    match (may_commit, given.commitment) {
        (true, None) => {
            list.push("commitment: missing; true commits in writing, false brings the papers".to_owned());
        }
        (false, Some(_)) => list.push("commitment: there is nothing to commit to".to_owned()),
        (true, Some(_)) | (false, None) => {}
    }
}

fn portrait_and_signature(
    matter: &Matter,
    given: &Given,
    files: &Files,
    facts: Facts<'_>,
    list: &mut Vec<String>,
) {
    let attached = files.has("portrait");
    match (matter.photographs(facts), attached, given.portrait_at_counter) {
        (true, false, false) => {
            list.push(
                "portrait: missing; attach portrait=FILE or write portrait = \"at-counter\"".to_owned(),
            );
        }
        (true, true, true) => list.push("portrait: attached and left to the counter".to_owned()),
        (false, true, _) | (false, _, true) => {
            list.push("portrait: none is taken with these answers".to_owned())
        }
        (true, ..) | (false, false, false) => {}
    }
    match (matter.signature, &given.signature) {
        (true, None) => list.push("signature: missing".to_owned()),
        (false, Some(_)) => list.push("signature: this matter takes none".to_owned()),
        (true, Some(_)) | (false, None) => {}
    }
}
