//! What the walk must know of each page: its name, its texts, what somebody does there, and how long it may stand.

use super::crowd::Crowd;
use super::*;
use crate::view::{Confirm, PaymentState, Personal, View};

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

/// Every text of a view.
pub(super) fn texts(view: &View) -> Vec<&str> {
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

impl Crowd {
    /// A touch that somebody at this page might well make.
    pub(super) fn sensible(&mut self, page: &Page, random: &mut fastrand::Rng) -> Action {
        match page {
            Page::Attract | Page::OutOfService(_) => Action::Begin,
            Page::Home(tiles) => tiles
                .get(random.usize(..tiles.len().max(1)))
                .map_or(Action::Begin, |tile| Action::ChooseMatter(tile.matter.clone())),
            Page::Notice(_) => Action::Accept,
            Page::PlaceCard(_) | Page::Submitting | Page::Wipe(_) => Action::Elsewhere,
            Page::Confirm(_) => Action::Continue,
            Page::Question(question) if question.answered && random.bool() => Action::Continue,
            Page::Question(question) => match &question.asking {
                Asking::Choices(choices) => Action::Choose {
                    question: question.id.clone(),
                    value: choices[random.usize(..choices.len())].value.clone(),
                },
                Asking::Typed(typed) if typed.known.is_some() && random.bool() => Action::TakeOver,
                Asking::Typed(_) => Action::Type(self.typed()),
            },
            Page::Photograph(page) if page.chosen.is_some() && random.bool() => Action::Continue,
            Page::Photograph(_) if random.u8(..6) == 0 => Action::PhotographAtCounter,
            Page::Photograph(_) => Action::Shoot,
            Page::Scan(scan) if !scan.pages.is_empty() && random.bool() => Action::Continue,
            Page::Scan(_) => Action::ScanPage,
            Page::Commitment(page) if page.chosen.is_some() => Action::Continue,
            Page::Commitment(_) => Action::Commit(random.bool()),
            Page::Review(review) if review.signature_follows => Action::Continue,
            Page::Review(_) => Action::Submit,
            Page::Sign(sign) if sign.signed => Action::Submit,
            Page::Sign(_) => Action::Stroke(self.stroke()),
            Page::Done(done) => match done.payment.as_ref().map(|payment| &payment.state) {
                // Whoever may pay stands there for a while.
                Some(PaymentState::Asking | PaymentState::Open { .. }) => Action::Elsewhere,
                Some(PaymentState::Paid | PaymentState::Later(_)) | None => {
                    [Action::Leave, Action::Rate(random.u8(..7))][random.usize(..2)].clone()
                }
            },
            Page::Refusal(_) => [Action::Leave, Action::PrintSlip][random.usize(..2)].clone(),
            Page::Sorry(_) => [Action::Leave, Action::Elsewhere][random.usize(..2)].clone(),
        }
    }
}

/// How long a page may stand when nothing happens; `None` for those that wait for somebody.
pub(super) fn limit(view: &View) -> Option<Duration> {
    let limits = Limits::default();
    let slow = if view.display.large { 3 } else { 1 };
    let limit = match &view.page {
        Page::Attract | Page::OutOfService(_) => return None,
        Page::Home(_)
        | Page::Notice(_)
        | Page::PlaceCard(_)
        | Page::Confirm(_)
        | Page::Question(_)
        | Page::Photograph(_)
        | Page::Scan(_)
        | Page::Commitment(_)
        | Page::Review(_)
        | Page::Sign(_)
        | Page::Refusal(_)
        | Page::Sorry(_) => (limits.idle + limits.warning) * slow,
        Page::Submitting => limits.saving,
        Page::Done(done) if matches!(&done.payment, Some(p) if matches!(p.state, PaymentState::Open { .. })) => {
            limits.paying * slow
        }
        Page::Done(_) => limits.done * slow,
        Page::Wipe(_) => limits.wipe_with_card,
    };
    // The second in which it ends.
    Some(limit + Duration::from_secs(1))
}
