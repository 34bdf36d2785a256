//! What goes on in the halls: calls, kiosks, alarms.

use axum::extract::{Path, State};
use axum::response::{Html, Redirect};
use maud::{Markup, html};
use serde::Deserialize;

use super::desk::Desk;
use super::guard::{Nothing, Posted, REFRESH, SignedIn};
use super::layout::{self, Place};
use super::refused::Refused;
use super::words;
use crate::store::alarms::Alarm;
use crate::store::calls::{Call, CallState};
use crate::store::clerks::journal::Deed;
use crate::store::heartbeats::{KioskLine, LastHeartbeat};

/// How often the page of calls looks for news, in seconds: somebody stands and waits.
const CALLS_NEWS: u32 = 5;
/// How often the page of kiosks does, in seconds.
const KIOSKS_NEWS: u32 = 30;
/// A kiosk that said nothing for so long is shown as silent, in seconds: three heartbeats of a minute. A guess.
const SILENT: i64 = 180;
/// A clock that is off by more is shown, in seconds.
const CLOCK_OFF: u64 = 120;
/// Alarms on the page.
const ALARMS: u32 = 100;

pub(super) async fn calls(
    State(desk): State<Desk>,
    SignedIn(session): SignedIn,
) -> Result<Html<String>, Refused> {
    desk.work(move |inner| {
        let (calls, now) = (inner.store.calls()?, inner.now());
        let body = html! {
            div.title { h1 { "呼叫民警" } p.faint { "每 " (CALLS_NEWS) " 秒自动更新" } }
            @if calls.is_empty() {
                div.sheet.empty { p { "现在没有人呼叫" } p.faint { "群众在机器上按“呼叫民警”后，会显示在这里。" } }
            }
            div.cards { @for call in &calls { (call_card(call, session.acts(), now)) } }
        };
        let news = (CALLS_NEWS, format!("/clerk/calls?{REFRESH}"));
        Ok(layout::live_page("呼叫", Place::Calls, &inner.bar(&session)?, (news.0, &news.1), &body))
    })
    .await
}

fn call_card(call: &Call, acts: Option<&str>, now: i64) -> Markup {
    html! {
        section.sheet.call.waits[call.state == CallState::Open] {
            div.grow {
                h2 { (words::kiosk(&call.kiosk)) }
                p { "呼叫于 " (words::time(call.opened)) " · " b { (words::ago(now, call.opened)) } }
            }
            @match call.state {
                CallState::Open => @if let Some(csrf) = acts {
                    form method="post" action={ "/clerk/calls/" (call.kiosk) "/" (call.id) "/answer" } {
                        (layout::token(csrf))
                        button.button { "我来处理" }
                    }
                } @else { p { span.label.warn { "等待应答" } } },
                CallState::Answered | CallState::Ended => p { span.label.ok { "已应答，正在前往" } },
            }
        }
    }
}

#[derive(Deserialize)]
pub(super) struct Called {
    kiosk: String,
    call: String,
}

pub(super) async fn answer(
    State(desk): State<Desk>,
    Path(called): Path<Called>,
    posted: Posted<Nothing>,
) -> Result<Redirect, Refused> {
    desk.work(move |inner| {
        // One that has ended meanwhile is gone from the page that follows.
        if inner.store.answer_call(&called.kiosk, &called.call)? {
            let deed = (called.kiosk.as_str(), None);
            inner.accounts().write(&posted.session.clerk, Deed::AnsweredCall, deed, inner.now())?;
        }
        Ok(())
    })
    .await?;
    Ok(Redirect::to("/clerk/calls"))
}

pub(super) async fn kiosks(
    State(desk): State<Desk>,
    SignedIn(session): SignedIn,
) -> Result<Html<String>, Refused> {
    desk.work(move |inner| {
        let (kiosks, now) = (inner.store.kiosks()?, inner.now());
        let body = html! {
            div.title { h1 { "设备" } p.faint { "共 " (kiosks.len()) " 台 · 每 " (KIOSKS_NEWS) " 秒自动更新" } }
            @if kiosks.is_empty() { div.sheet.empty { p { "还没有登记机器" } } }
            div.cards.two { @for kiosk in &kiosks { (kiosk_card(kiosk, now)) } }
        };
        let news = format!("/clerk/kiosks?{REFRESH}");
        Ok(layout::live_page("设备", Place::Kiosks, &inner.bar(&session)?, (KIOSKS_NEWS, &news), &body))
    })
    .await
}

fn kiosk_card(kiosk: &KioskLine, now: i64) -> Markup {
    html! {
        section.sheet {
            div.row {
                h2.grow { (words::kiosk(&kiosk.kiosk)) }
                @if kiosk.revoked { span.label.stop { "已停用" } }
                @else { @match &kiosk.heartbeat {
                    None => span.label.warn { "没有消息" },
                    Some(beat) if now - beat.received > SILENT => span.label.stop { "失去联系" },
                    Some(_) => span.label.ok { "在线" },
                } }
            }
            @match &kiosk.heartbeat {
                None => p.faint { "登记后还没有收到状态。" },
                Some(beat) => (beat_view(beat, now)),
            }
        }
    }
}

/// A device as the kiosk reports it.
#[derive(Deserialize)]
struct Device {
    name: String,
    status: String,
    fault: Option<String>,
}

fn beat_view(beat: &LastHeartbeat, now: i64) -> Markup {
    let devices: Vec<Device> = serde_json::from_value(beat.devices.clone()).unwrap_or_default();
    let off = beat.clock.abs_diff(beat.received);
    html! {
        dl.facts {
            div { dt { "最近状态" } dd { (words::ago(now, beat.received)) } }
            div { dt { "待送达" } dd { (beat.queued) " 件" @if let Some(oldest) = beat.oldest_s.filter(|_| beat.queued > 0) {
                span.faint { "，最早 " (words::ago(now, now - i64::try_from(oldest).unwrap_or(i64::MAX))) } } } }
            div { dt { "需处理" } dd { @if beat.held > 0 { b.stop-text { (beat.held) " 件" } } @else { "0 件" } } }
            div { dt { "程序" } dd { (beat.version) } }
            @if off > CLOCK_OFF { div { dt { "时钟" } dd { b.stop-text { "相差 " (off / 60) " 分钟" } } } }
        }
        @if !devices.is_empty() {
            ul.lights { @for device in &devices { (light(device)) } }
        }
    }
}

fn light(device: &Device) -> Markup {
    let (class, mark, word) = words::light(&device.status);
    html! {
        li class=(class) {
            span.light aria-hidden="true" { (mark) }
            span.grow { (words::device(&device.name)) }
            span { (word) @if let Some(fault) = &device.fault { " " code { (fault) } } }
        }
    }
}

pub(super) async fn alarms(
    State(desk): State<Desk>,
    SignedIn(session): SignedIn,
) -> Result<Html<String>, Refused> {
    desk.work(move |inner| {
        let alarms = inner.store.newest_alarms(ALARMS)?;
        let body = html! {
            div.title { h1 { "告警" } p.faint { "机器的记录与平台对不上时，会显示在这里。" } }
            @if alarms.is_empty() { div.sheet.empty { p { "没有告警" } } }
            @else { div.sheet.flush { table {
                thead { tr { th scope="col" { "机器" } th scope="col" { "情况" } th scope="col" { "发现时间" } th scope="col" { "状态" } } }
                tbody { @for alarm in &alarms { (alarm_row(alarm)) } }
            } } }
        };
        Ok(layout::page("告警", Place::Alarms, &inner.bar(&session)?, &body))
    })
    .await
}

fn alarm_row(alarm: &Alarm) -> Markup {
    html! {
        tr {
            td.nowrap { (words::kiosk(&alarm.kiosk)) }
            td { b { (words::alarm(alarm.kind)) } @if !alarm.detail.is_empty() { span.faint.block { "序号 " (places(&alarm.detail)) } } }
            td { (words::time(alarm.raised)) }
            td { @match alarm.ended {
                None => span.label.stop { "未处理" },
                Some(at) => { span.label.ok { "已消除" } " " (words::time(at)) },
            } }
        }
    }
}

/// The places that an alarm names, in Chinese: `4-5, 9, and more`, `3 after 11`.
fn places(detail: &str) -> String {
    detail.replace(" after ", "，此前已到 ").replace(", and more", " 等").replace(", ", "、")
}
