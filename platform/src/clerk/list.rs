//! The list of requests: newest first, no name and no content.

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::Html;
use matters::Catalogue;
use maud::{Markup, html};
use serde::Deserialize;

use super::desk::Desk;
use super::guard::SignedIn;
use super::layout::{self, Place};
use super::refused::Refused;
use super::words;
use crate::store::heartbeats::KioskLine;
use crate::store::listing::{Filter, RequestRow};
use crate::store::progress::State as Progress;

/// Requests on a page.
const PAGE: u32 = 20;

/// What the address asks for. What it does not understand it does not filter by.
#[derive(Deserialize, Default)]
pub(super) struct Asked {
    #[serde(default)]
    state: String,
    #[serde(default)]
    kiosk: String,
    #[serde(default)]
    number: String,
    #[serde(default)]
    page: String,
}

impl Asked {
    fn filter(&self) -> Filter {
        Filter {
            state: self.state.parse().ok(),
            kiosk: Some(self.kiosk.clone()).filter(|kiosk| !kiosk.is_empty()),
            digits: Some(self.number.chars().filter(char::is_ascii_digit).collect::<String>())
                .filter(|digits| !digits.is_empty()),
        }
    }

    fn page(&self) -> u32 {
        self.page.parse().unwrap_or(1).clamp(1, 1_000_000)
    }

    /// The address of another page of the same list.
    fn address(&self, page: u32) -> String {
        let page = page.to_string();
        let pairs =
            [("state", &self.state), ("kiosk", &self.kiosk), ("number", &self.number), ("page", &page)];
        let pairs: Vec<_> = pairs.into_iter().filter(|(_, value)| !value.is_empty()).collect();
        format!("/clerk?{}", serde_urlencoded::to_string(pairs).unwrap_or_default())
    }
}

pub(super) async fn show(
    State(desk): State<Desk>,
    SignedIn(session): SignedIn,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Html<String>, Refused> {
    let asked = asked.map(|Query(asked)| asked).unwrap_or_default();
    desk.work(move |inner| {
        let catalogue = inner.catalogue()?;
        let store = &inner.store;
        let filter = asked.filter();
        let total = store.count_requests(&filter)?;
        let pages = u32::try_from(total.div_ceil(u64::from(PAGE))).unwrap_or(u32::MAX).max(1);
        // Behind the last page is the last page: a filter may have shortened the list.
        let page = asked.page().min(pages);
        let rows = store.list_requests(&filter, (page - 1) * PAGE, PAGE)?;
        let kiosks = store.kiosks()?;
        let body = html! {
            div.title { h1 { "办件" } p.faint { "共 " (total) " 件" } }
            (filters(&asked, &kiosks))
            @if rows.is_empty() { (nothing(&asked)) } @else { (table(&catalogue, &rows)) }
            (layout::pager(page, &format!("第 {page} 页，共 {pages} 页"), page < pages, |page| asked.address(page)))
        };
        Ok(layout::page("办件", Place::Requests, &inner.bar(&session)?, &body))
    })
    .await
}

fn filters(asked: &Asked, kiosks: &[KioskLine]) -> Markup {
    let chosen: Option<Progress> = asked.state.parse().ok();
    html! {
        form.filters method="get" action="/clerk" {
            label { "进度"
                select name="state" {
                    option value="" { "全部" }
                    @for state in Progress::ALL {
                        option value=(state.word()) selected[chosen == Some(*state)] { (words::state(*state)) }
                    }
                }
            }
            label { "机器"
                select name="kiosk" {
                    option value="" { "全部" }
                    @for kiosk in kiosks { option value=(kiosk.kiosk) selected[kiosk.kiosk == asked.kiosk] { (words::kiosk(&kiosk.kiosk)) } }
                }
            }
            label.grow { "受理编号或办件编号"
                input type="search" name="number" value=(asked.number) inputmode="numeric" maxlength="32"
                    placeholder="可以只填其中几位";
            }
            button.button { "查询" }
            @if asked.address(1) != "/clerk?page=1" { a.button.quiet href="/clerk" { "清除条件" } }
        }
    }
}

fn nothing(asked: &Asked) -> Markup {
    html! {
        div.sheet.empty {
            @if asked.address(1) == "/clerk?page=1" {
                p { "还没有办件" } p.faint { "机器送达的办件会显示在这里。" }
            } @else {
                p { "没有符合条件的办件" } p { a.button.quiet href="/clerk" { "显示全部" } }
            }
        }
    }
}

fn table(catalogue: &Catalogue, rows: &[RequestRow]) -> Markup {
    html! {
        div.sheet.flush { table.requests {
            thead { tr {
                th scope="col" { "受理编号" } th scope="col" { "事项" } th scope="col" { "机器" }
                th scope="col" { "收到时间" } th scope="col" { "进度" } th scope="col" { "缴费" }
            } }
            tbody { @for row in rows { tr {
                td { a.number href={ "/clerk/requests/" (row.acceptance_number) } { (words::grouped(&row.acceptance_number)) }
                    span.faint.number { "办件 " (row.case_number) } }
                td { b { (words::matter(catalogue, &row.matter)) } }
                td.nowrap { (words::kiosk(&row.kiosk)) }
                td { (words::time(row.received)) }
                td { (words::state_label(row.state)) }
                td { (words::paid(row.paid)) }
            } } }
        } }
    }
}
