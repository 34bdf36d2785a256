//! Reads every word and picture of a view, a request or a paper for the marks of people.

use super::crowd::{is_mark, mark_of_coordinate, mark_of_digits};
use super::pages::{page_name, texts};
use super::*;
use crate::Request;
use crate::view::{Call, PaymentState, View};

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
