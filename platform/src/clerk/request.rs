//! One request: its page, its files, its forms.

use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::response::{Html, Redirect, Response};
use maud::{Markup, html};
use serde::Deserialize;

use super::desk::Desk;
use super::guard::{Posted, SignedIn};
use super::opened::{Asking, is_picture, jpeg, open, portrait, read};
use super::refused::Refused;
use super::verdict::{self, Decided};
use super::{content, layout, steps, words};
use crate::store::checks::{Check, CheckState, Decision};
use crate::store::clerks::journal::Deed;
use crate::store::listing::RequestRow;
use crate::store::progress::State as Progress;

pub(super) async fn show(
    State(desk): State<Desk>,
    SignedIn(session): SignedIn,
    Path(number): Path<String>,
    asking: Result<Query<Asking>, QueryRejection>,
) -> Result<Html<String>, Refused> {
    let full = asking.is_ok_and(|Query(asking)| asking.full.is_some());
    desk.work(move |inner| {
        let opened = open(inner, &number)?;
        let deed = if full { Deed::OpenedInFull } else { Deed::Opened };
        inner.accounts().write(&session.clerk, deed, (&number, None), inner.now())?;
        let check = match opened.manifest.as_ref().and_then(portrait) {
            None => None,
            Some(portrait) => inner.store.check_of(opened.row.number, &portrait.hash)?,
        };
        let steps = inner.store.progress(&opened.row.case())?;
        let body = html! {
            p.back { a href="/clerk" { "← 办件列表" } }
            (content::head(&opened))
            div.columns {
                div { (content::all(inner, &opened, full)) }
                aside {
                    (steps::card(&opened.row, &steps, session.acts()))
                    @if opened.manifest.as_ref().and_then(portrait).is_some() {
                        (identity(&opened.row, check.as_ref(), session.acts()))
                    }
                    (content::trust(&opened))
                }
            }
        };
        Ok(layout::page("办件详情", layout::Place::Requests, &inner.bar(&session)?, &body))
    })
    .await
}

/// One picture of a request, decrypted for this answer.
pub(super) async fn file(
    State(desk): State<Desk>,
    SignedIn(session): SignedIn,
    Path((number, at)): Path<(String, String)>,
) -> Result<Response, Refused> {
    // What is no place is a page that is not there, in our words.
    let at: usize = at.parse().map_err(|_| Refused::NotFound)?;
    let picture = desk.work(move |inner| {
        let opened = open(inner, &number)?;
        let manifest = opened.manifest.as_ref().ok_or(Refused::NotFound)?;
        let described =
            manifest.attachments.get(at).filter(|file| is_picture(file)).ok_or(Refused::NotFound)?;
        let bytes = read(inner, described).ok_or(Refused::NotFound)?;
        // Its place, not its name: names come from outside.
        let place = (at + 1).to_string();
        let subject = (number.as_str(), Some(place.as_str()));
        inner.accounts().write(&session.clerk, Deed::SawFile, subject, inner.now())?;
        Ok(bytes)
    });
    let picture = picture.await?;
    Ok(jpeg(&picture))
}

/// Whether the person in the portrait is the one of the card: a clerk's decision, never a number of ours.
fn identity(row: &RequestRow, check: Option<&Check>, acts: Option<&str>) -> Markup {
    html! {
        section.sheet {
            h2 { "身份核验" }
            @match check {
                None => @if acts.is_none() { p.faint { "还没有人核验。" } },
                Some(check) if check.state == CheckState::Pending => p {
                    (words::check_label(check.state)) " " span.faint { "机器正在等候结果" }
                },
                Some(check) => (verdict::decided(check)),
            }
            @if let Some(csrf) = acts {
                p.faint { "对照现场相片与人口信息相片后选择。" }
                (verdict::buttons(
                    &format!("/clerk/requests/{}/identity", row.acceptance_number), csrf, check.map(|check| check.state)
                ))
            }
        }
    }
}

pub(super) async fn decide_identity(
    State(desk): State<Desk>,
    Path(number): Path<String>,
    posted: Posted<Decided>,
) -> Result<Redirect, Refused> {
    let state: CheckState = posted.form.state.parse().map_err(|_| Refused::Nonsense)?;
    if !state.is_decision() {
        return Err(Refused::Nonsense);
    }
    let back = format!("/clerk/requests/{number}");
    desk.work(move |inner| {
        let opened = open(inner, &number)?;
        let portrait = opened.manifest.as_ref().and_then(portrait).ok_or(Refused::NotFound)?;
        let by = format!("clerk {}", posted.session.clerk);
        let decision = Decision { state, by: &by, score: None };
        let mut id = [0u8; 16];
        getrandom::fill(&mut id).map_err(|_| Refused::Failed)?;
        let store = &inner.store;
        let made = store.decide_portrait(opened.row.number, portrait.hash, hex::encode(id), &decision)?;
        if !made {
            return Err(Refused::Changed);
        }
        let subject = (number.as_str(), Some(state.word()));
        Ok(inner.accounts().write(&posted.session.clerk, Deed::Identified, subject, inner.now())?)
    })
    .await?;
    Ok(Redirect::to(&back))
}

#[derive(Deserialize)]
pub(super) struct Moved {
    /// The state that the page showed: a page that is no longer true changes nothing.
    from: String,
    to: String,
    #[serde(default)]
    note: String,
}

pub(super) async fn set_progress(
    State(desk): State<Desk>,
    Path(number): Path<String>,
    posted: Posted<Moved>,
) -> Result<Redirect, Refused> {
    let moved = posted.form;
    let (Ok(from), Ok(to)) = (moved.from.parse::<Progress>(), moved.to.parse::<Progress>()) else {
        return Err(Refused::Nonsense);
    };
    let note = Some(moved.note.trim()).filter(|note| !note.is_empty()).map(ToOwned::to_owned);
    let too_long = note.as_ref().is_some_and(|note| note.chars().count() > steps::LONGEST_NOTE);
    if !steps::next(from).contains(&to) || too_long || (steps::needs_note(to) && note.is_none()) {
        return Err(Refused::Nonsense);
    }
    let back = format!("/clerk/requests/{number}");
    desk.work(move |inner| {
        let case = inner.store.listed_request(&number)?.ok_or(Refused::NotFound)?.case();
        if !inner.store.advance(&case, from, to, note.as_deref(), &posted.session.clerk)? {
            return Err(Refused::Changed);
        }
        let subject = (number.as_str(), Some(to.word()));
        Ok(inner.accounts().write(&posted.session.clerk, Deed::SetProgress, subject, inner.now())?)
    })
    .await?;
    Ok(Redirect::to(&back))
}
