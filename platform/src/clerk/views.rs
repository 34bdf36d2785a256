//! The journal as a page: who looked at what, and when.

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::Html;
use maud::{Markup, html};
use serde::Deserialize;

use super::desk::Desk;
use super::guard::SignedIn;
use super::layout::{self, Place};
use super::refused::Refused;
use super::words;
use crate::store::clerks::journal::{Deed, Line};

/// Lines on a page.
const PAGE: u32 = 50;

/// What the address asks for.
#[derive(Deserialize, Default)]
pub(super) struct Asked {
    #[serde(default)]
    number: String,
    #[serde(default)]
    page: String,
}

pub(super) async fn show(
    State(desk): State<Desk>,
    SignedIn(session): SignedIn,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Html<String>, Refused> {
    let asked = asked.map(|Query(asked)| asked).unwrap_or_default();
    desk.work(move |inner| {
        let digits: String = asked.number.chars().filter(char::is_ascii_digit).collect();
        let subject = Some(digits.as_str()).filter(|digits| !digits.is_empty());
        let page = asked.page.parse().unwrap_or(1).clamp(1, 1_000_000);
        // One line more than fits says whether there is a next page.
        let mut lines = inner.accounts().lines(subject, (page - 1) * PAGE, PAGE + 1)?;
        let more = lines.len() > PAGE as usize;
        lines.truncate(PAGE as usize);
        let body = html! {
            div.title { h1 { "查阅记录" } p.faint { "谁在什么时候看过、改过什么。记录只能增加，改动会被发现。" } }
            form.filters method="get" action="/clerk/journal" {
                label.grow { "受理编号" input type="search" name="number" value=(digits) inputmode="numeric"
                    maxlength="32" placeholder="16 位编号"; }
                button.button { "查询" }
                @if subject.is_some() { a.button.quiet href="/clerk/journal" { "清除条件" } }
            }
            @if lines.is_empty() { div.sheet.empty { p { "没有记录" } } } @else { (table(&lines)) }
            (layout::pager(page, &format!("第 {page} 页"), more, |page| address(&digits, page)))
        };
        Ok(layout::page("查阅记录", Place::Journal, &inner.bar(&session)?, &body))
    })
    .await
}

fn address(digits: &str, page: u32) -> String {
    format!("/clerk/journal?number={digits}&page={page}")
}

fn table(lines: &[Line]) -> Markup {
    html! {
        div.sheet.flush { table {
            thead { tr { th scope="col" { "时间" } th scope="col" { "民警" } th scope="col" { "操作" } th scope="col" { "对象" } } }
            tbody { @for line in lines { tr {
                td { (words::time(line.at)) }
                td { (line.clerk) }
                td { (line.deed.map_or("其他", words::deed)) @if let Some(detail) = detail(line) { span.faint { " · " (detail) } } }
                td { (subject(&line.subject)) }
            } } }
        } }
    }
}

fn subject(subject: &str) -> Markup {
    let request = subject.len() == 16 && subject.bytes().all(|b| b.is_ascii_digit());
    html! {
        @if request { a.number href={ "/clerk/requests/" (subject) } { (words::grouped(subject)) } }
        @else if subject.is_empty() { span.faint { "—" } }
        @else if is_check(subject) { "身份核验 " span.number { (subject.get(..8).unwrap_or_default()) } }
        @else { (words::kiosk(subject)) }
    }
}

/// Whether a subject is an identity check that came before any request.
fn is_check(subject: &str) -> bool {
    subject.len() == 32 && subject.bytes().all(|b| b.is_ascii_hexdigit())
}

/// What a line says beside the deed.
fn detail(line: &Line) -> Option<String> {
    let word = line.detail.as_deref()?;
    Some(match line.deed? {
        Deed::SawFile => format!("第 {word} 个文件"),
        Deed::SetProgress => words::state(word.parse().ok()?).to_owned(),
        Deed::Identified => words::check(word.parse().ok()?).to_owned(),
        Deed::SignedIn
        | Deed::SignedOut
        | Deed::Opened
        | Deed::OpenedCheck
        | Deed::OpenedInFull
        | Deed::AnsweredCall => {
            return None;
        }
    })
}
