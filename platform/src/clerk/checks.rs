//! Identity checks that wait for a clerk: the list, and the page of one that came before any request.
//!
//! The list shows no person, so that it can look for news by itself; who opens a check is written down first, as with
//! requests.

use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::response::{Html, Redirect, Response};
use maud::{Markup, html};
use protocol::envelope::check::Question;
use zeroize::Zeroizing;

use super::desk::{Desk, Inner};
use super::guard::{Posted, REFRESH, SignedIn};
use super::layout::{self, Place};
use super::opened::{Asking, jpeg};
use super::refused::Refused;
use super::verdict::{self, Decided, decided};
use super::words;
use crate::store::checks::{Check, CheckState, Decision};
use crate::store::clerks::journal::Deed;
use crate::{ca, report};

/// How often the list looks for news, in seconds: somebody stands and waits.
const NEWS: u32 = 5;

pub(super) async fn list(
    State(desk): State<Desk>,
    SignedIn(session): SignedIn,
) -> Result<Html<String>, Refused> {
    desk.work(move |inner| {
        let (checks, now) = (inner.store.open_checks()?, inner.now());
        let body = html! {
            div.title { h1 { "身份核验" } p.faint { "每 " (NEWS) " 秒自动更新" } }
            @if checks.is_empty() {
                div.sheet.empty { p { "现在没有待核验的人" } p.faint { "机器请求核对本人相片后，会显示在这里。" } }
            }
            div.cards { @for check in &checks { (card(check, now)) } }
        };
        let news = format!("/clerk/checks?{REFRESH}");
        Ok(layout::live_page("核验", Place::Checks, &inner.bar(&session)?, (NEWS, &news), &body))
    })
    .await
}

fn card(check: &Check, now: i64) -> Markup {
    let address = match &check.case {
        Some(case) => format!("/clerk/requests/{}", case.acceptance_number),
        None => format!("/clerk/checks/{}", check.id),
    };
    html! {
        section.sheet.call.waits[check.kept_until.is_some()] {
            div.grow {
                h2 { (words::kiosk(&check.kiosk)) " " @if check.state == CheckState::Unsure { span.label.warn { "比对程序无法判断" } } }
                p {
                    @match &check.case {
                        Some(case) => { "办件 " span.number { (words::grouped(&case.acceptance_number)) } },
                        None => "群众在机器前等候，还没有提交办件",
                    }
                    " · " b { (words::ago(now, check.asked)) }
                    @if let Some(until) = check.kept_until { span.faint { " · " (left(until, now)) } }
                }
            }
            a.button href=(address) { "核验" }
        }
    }
}

/// How long there is still time.
fn left(until: i64, now: i64) -> String {
    match until.saturating_sub(now) {
        ..60 => "即将结束".to_owned(),
        seconds => format!("还有 {} 分钟", seconds / 60),
    }
}

pub(super) async fn show(
    State(desk): State<Desk>,
    SignedIn(session): SignedIn,
    Path(id): Path<String>,
    asking: Result<Query<Asking>, QueryRejection>,
) -> Result<Html<String>, Refused> {
    let full = asking.is_ok_and(|Query(asking)| asking.full.is_some());
    desk.work(move |inner| {
        let check = find(inner, &id)?;
        let question = open(inner, &check)?;
        if question.is_some() {
            let deed = if full { Deed::OpenedInFull } else { Deed::OpenedCheck };
            inner.accounts().write(&session.clerk, deed, (&id, None), inner.now())?;
        }
        let body = html! {
            p.back { a href="/clerk/checks" { "← 待核验" } }
            div.title { h1 { "身份核验 " (words::check_label(check.state)) } p.faint { (words::kiosk(&check.kiosk)) " · 请求于 " (words::time(check.asked)) } }
            @match &question {
                Some(question) => div.columns {
                    (person(&check, question, full))
                    aside { (decision(&check, session.acts(), inner.now())) }
                },
                None => section.sheet {
                    p { "相片、姓名和号码已经删除，只保留核验结果。" }
                    (decided(&check))
                },
            }
        };
        Ok(layout::page("身份核验", Place::Checks, &inner.bar(&session)?, &body))
    })
    .await
}

fn person(check: &Check, question: &Question, full: bool) -> Markup {
    let address = format!("/clerk/checks/{}", check.id);
    let number = if full { question.number.clone() } else { words::masked(&question.number, 6) };
    let number = Zeroizing::new(number);
    html! {
        section.sheet {
            div.row { h2.grow { "机器前的人" }
                @if full { a.plain href=(address) { "隐藏号码" } }
                @else { a.plain href={ (address) "?full=1" } { "显示完整号码" } }
            }
            div.person.large {
                figure.portrait { a href={ (address) "/portrait" } { img src={ (address) "/portrait" } alt="现场相片"; } figcaption { "现场相片" } }
                dl.facts.card-fields {
                    div { dt { "姓名" } dd.strong { @if question.name.is_empty() { span.faint { "没有填写" } } @else { (question.name) } } }
                    div { dt { "号码" } dd.number { (*number) } }
                    @if !standards::number::gb11643(&question.number.to_ascii_uppercase()) {
                        div { dt {} dd { span.label.warn { "不是有效的公民身份号码" } } }
                    }
                    div { dt { "来源" } dd { "由本人在机器上输入，没有读取身份证" } }
                }
            }
        }
    }
}

fn decision(check: &Check, acts: Option<&str>, now: i64) -> Markup {
    let chosen = Some(check.state).filter(|state| state.is_decision());
    html! {
        section.sheet {
            h2 { "核验结果" }
            (decided(check))
            @if let Some(csrf) = acts {
                p.faint { "按号码查人口信息相片，对照后选择。" }
                (verdict::buttons(&format!("/clerk/checks/{}", check.id), csrf, chosen))
            } @else if chosen.is_none() { p.faint { "还没有人核验。" } }
            @if let Some(until) = check.kept_until {
                p.faint { (left(until, now)) "，到时自动删除内容。" }
            }
        }
    }
}

pub(super) async fn portrait(
    State(desk): State<Desk>,
    SignedIn(session): SignedIn,
    Path(id): Path<String>,
) -> Result<Response, Refused> {
    let picture = desk.work(move |inner| {
        let check = find(inner, &id)?;
        let question = open(inner, &check)?.ok_or(Refused::NotFound)?;
        inner.accounts().write(&session.clerk, Deed::SawFile, (&id, Some("1")), inner.now())?;
        Ok(Zeroizing::new(question.portrait.clone()))
    });
    Ok(jpeg(&picture.await?))
}

pub(super) async fn decide(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    posted: Posted<Decided>,
) -> Result<Redirect, Refused> {
    let state: CheckState = posted.form.state.parse().map_err(|_| Refused::Nonsense)?;
    if !state.is_decision() {
        return Err(Refused::Nonsense);
    }
    desk.work(move |inner| {
        find(inner, &id)?;
        let by = format!("clerk {}", posted.session.clerk);
        // Not once it has ended, nor without its content: nobody decides what cannot be seen.
        if !inner.store.decide_check(&id, &Decision { state, by: &by, score: None })? {
            return Err(Refused::Changed);
        }
        let subject = (id.as_str(), Some(state.word()));
        Ok(inner.accounts().write(&posted.session.clerk, Deed::Identified, subject, inner.now())?)
    })
    .await?;
    Ok(Redirect::to("/clerk/checks"))
}

/// A check that came before any request; one of a request has its place on the request's page.
fn find(inner: &Inner, id: &str) -> Result<Check, Refused> {
    inner.store.check(id)?.filter(|check| check.case.is_none()).ok_or(Refused::NotFound)
}

/// What was asked, for this one answer; `None` once it is erased.
fn open(inner: &Inner, check: &Check) -> Result<Option<Question>, Refused> {
    if check.kept_until.is_none() {
        return Ok(None);
    }
    let keys = ca::opening_keys(inner.store.folder())?;
    Ok(report::question(&inner.store, &check.id, &keys)?)
}
