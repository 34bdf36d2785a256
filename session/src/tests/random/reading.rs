//! Reads every word and picture of a view, a request or a paper for the marks of people.

use super::crowd::{is_mark, mark_of_coordinate, mark_of_digits};
use super::*;
use crate::Request;
use crate::view::{Call, Confirm, PaymentState, Personal, View};

/// The marks in one text.
fn marks(text: &str, found: &mut Vec<char>) {
    found.extend(text.chars().filter(|c| is_mark(*c)));
    found.extend(mark_of_digits(text));
}

fn bytes(bytes: &[u8], found: &mut Vec<char>) {
    marks(std::str::from_utf8(bytes).unwrap(), found);
}

pub(super) fn marks_of_view(view: &View) -> Vec<char> {
    let mut found = Vec::new();
    for text in texts(view) {
        marks(text, &mut found);
    }
    for shot in pictures(&view.page) {
        bytes(&shot.0.rgb, &mut found);
    }
    found
}

fn pictures(page: &Page) -> &[Shot] {
    if let Page::Photograph(page) = page {
        &page.shots
    } else if let Page::Scan(scan) = page {
        &scan.pages
    } else if let Page::Review(review) = page {
        review.portrait.as_slice()
    } else {
        &[]
    }
}

/// Every text of a view.
fn texts(view: &View) -> Vec<&str> {
    let mut out = vec![view.hall.as_str()];
    out.extend(view.matter.as_deref());
    out.extend(view.person.as_ref().map(Personal::expose));
    match &view.page {
        // Counts and codes.
        Page::Attract | Page::OutOfService(_) | Page::PlaceCard(_) | Page::Submitting | Page::Wipe(_) => {}
        Page::Sign(_) | Page::Photograph(_) => {}
        Page::Home(tiles) => {
            out.extend(tiles.iter().flat_map(|t| [&t.title, &t.summary, &t.bring]).map(String::as_str));
        }
        Page::Notice(notice) => {
            out.extend([notice.summary.as_str(), &notice.bring]);
            out.extend(notice.paragraphs.iter().flat_map(|(h, t)| [h.as_str(), t.as_str()]));
        }
        Page::Confirm(confirm) => {
            let Confirm { name, number, ethnicity, address, .. } = confirm;
            out.extend([name, number, ethnicity, address].map(Personal::expose));
            out.extend(confirm.validity.as_deref());
        }
        Page::Question(question) => {
            out.extend([question.prompt.as_str(), &question.help]);
            match &question.asking {
                Asking::Choices(choices) => {
                    out.extend(choices.iter().flat_map(|c| [c.label.as_str(), &c.detail]));
                }
                Asking::Typed(typed) => {
                    out.push(typed.text.expose());
                    out.extend(typed.known.as_ref().map(Personal::expose));
                    out.extend(typed.complaint.as_deref());
                }
            }
        }
        Page::Scan(scan) => out.extend([scan.title.as_str(), &scan.help]),
        Page::Commitment(page) => {
            out.extend([page.duty.as_str(), &page.content, &page.liability, &page.papers])
        }
        Page::Review(review) => {
            out.extend([&review.name, &review.number].map(Personal::expose));
            out.extend(review.answers.iter().flat_map(|a| [a.label.as_str(), a.answer.expose()]));
            out.extend(review.papers.iter().map(|paper| paper.label.as_str()));
            out.extend(review.validity.as_deref());
        }
        Page::Done(done) => {
            out.extend([done.case_number.as_str(), &done.qr, &done.collect]);
            out.extend(done.acceptance_number.as_deref());
            if let Some(PaymentState::Open { qr, order }) =
                done.payment.as_ref().map(|payment| &payment.state)
            {
                out.extend([qr.as_str(), order]);
            }
        }
        Page::Refusal(refusal) => {
            out.extend([refusal.reason.as_str(), &refusal.article, &refusal.next_place]);
        }
        Page::Sorry(sorry) => out.extend(sorry.case_number.as_deref()),
    }
    out
}

pub(super) fn marks_of_paper(paper: &Receipt) -> Vec<char> {
    let mut found = Vec::new();
    text(paper).iter().for_each(|line| marks(line, &mut found));
    found
}

pub(super) fn marks_of_request(request: &Request) -> Vec<char> {
    let mut found = Vec::new();
    bytes(&request.record, &mut found);
    request.answers.iter().for_each(|(_, answer)| marks(answer, &mut found));
    for file in &request.attachments {
        if file.name != "signature" {
            bytes(&file.bytes, &mut found);
            continue;
        }
        let drawing = std::str::from_utf8(&file.bytes).unwrap();
        let points =
            drawing.split("points=\"").skip(1).flat_map(|line| line.split('"').next().unwrap().split(' '));
        let x = points.filter_map(|point| point.split_once(',')).map(|(x, _)| x.parse().unwrap());
        found.extend(x.map(mark_of_coordinate));
    }
    found
}

pub(super) fn page_name(view: &View) -> &'static str {
    match &view.page {
        Page::Attract => "attract",
        Page::OutOfService(_) => "out of service",
        Page::Home(_) => "home",
        Page::Notice(_) => "notice",
        Page::PlaceCard(_) => "place card",
        Page::Confirm(_) => "confirm",
        Page::Question(question) => match question.asking {
            Asking::Choices(_) => "choices",
            Asking::Typed(_) => "typed",
        },
        Page::Photograph(_) => "photograph",
        Page::Scan(_) => "scan",
        Page::Commitment(_) => "commitment",
        Page::Review(_) => "review",
        Page::Sign(_) => "sign",
        Page::Submitting => "submitting",
        Page::Done(_) => "done",
        Page::Refusal(_) => "refusal",
        Page::Sorry(_) => "sorry",
        Page::Wipe(_) => "wipe",
    }
}

/// Where this view has been: its page and what is special about it.
pub(super) fn places(view: &View) -> Vec<&'static str> {
    let mut places = vec![page_name(view)];
    if let Page::Done(done) = &view.page {
        places.extend(done.payment.as_ref().map(|payment| match payment.state {
            PaymentState::Asking => "asking",
            PaymentState::Open { .. } => "open",
            PaymentState::Paid => "paid",
            PaymentState::Later(_) => "later",
        }));
    }
    places.extend(matches!(&view.page, Page::Wipe(wipe) if wipe.alarm).then_some("alarm"));
    if let Page::PlaceCard(CardPrompt::Problem(fault)) = &view.page {
        places.extend((*fault == Fault::CardLeftBehind).then_some("somebody else's card"));
        places.extend((*fault == Fault::CardNumberInvalid).then_some("a wrong number"));
    }
    places.extend(match view.call {
        Some(Call::Calling) => Some("calling"),
        Some(Call::Comes) => Some("comes"),
        Some(Call::Offered) | None => None,
    });
    places.extend(view.idle.map(|_| "warning"));
    places
}
