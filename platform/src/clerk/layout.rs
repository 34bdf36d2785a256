//! The frame of every page: one style sheet, no script, nothing from elsewhere.

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use maud::{DOCTYPE, Markup, html};

use crate::store::clerks::sessions::Session;
use crate::store::listing::Waiting;

/// The one style sheet.
const STYLE: &str = include_str!("style.css");
/// Where it is.
pub(crate) const STYLE_PATH: &str = "/style.css";

/// Nothing but our own style and pictures; forms only to us; in nobody's frame.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; \
     frame-ancestors 'none'";

/// A page of the bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Requests,
    Checks,
    Calls,
    Kiosks,
    Alarms,
    Journal,
}

impl Place {
    const ALL: [Self; 6] =
        [Self::Requests, Self::Checks, Self::Calls, Self::Kiosks, Self::Alarms, Self::Journal];

    fn link(self) -> (&'static str, &'static str) {
        match self {
            Self::Requests => ("/clerk", "办件"),
            Self::Checks => ("/clerk/checks", "核验"),
            Self::Calls => ("/clerk/calls", "呼叫"),
            Self::Kiosks => ("/clerk/kiosks", "设备"),
            Self::Alarms => ("/clerk/alarms", "告警"),
            Self::Journal => ("/clerk/journal", "查阅记录"),
        }
    }
}

/// What the bar above a page says.
pub(super) struct Bar {
    pub(super) session: Session,
    pub(super) waiting: Waiting,
}

/// A page of a signed-in clerk.
pub(super) fn page(title: &str, place: Place, bar: &Bar, body: &Markup) -> Html<String> {
    whole(title, None, &framed(place, bar, body))
}

/// The same, looking for news by itself at `address` after so many seconds.
pub(super) fn live_page(
    title: &str,
    place: Place,
    bar: &Bar,
    news: (u32, &str),
    body: &Markup,
) -> Html<String> {
    whole(title, Some(news), &framed(place, bar, body))
}

/// A page of nobody in particular.
pub(crate) fn bare(title: &str, body: &Markup) -> Html<String> {
    whole(title, None, &html! { main.alone { (body) } })
}

fn framed(place: Place, bar: &Bar, body: &Markup) -> Markup {
    html! {
        header.bar {
            div.within {
                a.brand href="/clerk" { span.mark { "便" } span { "便民" small { "民警工作台" } } }
                nav aria-label="主菜单" {
                    @for entry in Place::ALL {
                        @let (href, name) = entry.link();
                        a href=(href) aria-current=[(entry == place).then_some("page")] {
                            (name) (count(entry, bar))
                        }
                    }
                }
                form.who method="post" action="/clerk/sign-out" {
                    (token(&bar.session.csrf))
                    span { (bar.session.clerk) @if bar.session.acts().is_none() { small { "（只读）" } } }
                    button.plain { "退出" }
                }
            }
        }
        main.within { (body) }
    }
}

fn count(entry: Place, bar: &Bar) -> Markup {
    let (number, word) = match entry {
        Place::Checks => (bar.waiting.checks, "项待核验"),
        Place::Calls => (bar.waiting.calls, "个未应答"),
        Place::Alarms => (bar.waiting.alarms, "条未处理"),
        Place::Requests | Place::Kiosks | Place::Journal => (0, ""),
    };
    html! { @if number > 0 { span.count { (number) span.unseen { (word) } } } }
}

/// Leads to the page before and the page after this one of a list; nothing when it has only one.
pub(super) fn pager(page: u32, words: &str, more: bool, address: impl Fn(u32) -> String) -> Markup {
    html! {
        @if page > 1 || more { nav.pager aria-label="翻页" {
            @if page > 1 { a.button.quiet href=(address(page - 1)) rel="prev" { "上一页" } }
            span { (words) }
            @if more { a.button.quiet href=(address(page + 1)) rel="next" { "下一页" } }
        } }
    }
}

/// The hidden field that a form of another site cannot fill in.
pub(super) fn token(csrf: &str) -> Markup {
    html! { input type="hidden" name="csrf" value=(csrf); }
}

fn whole(title: &str, news: Option<(u32, &str)>, body: &Markup) -> Html<String> {
    let page = html! {
        (DOCTYPE)
        html lang="zh-Hans" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="robots" content="noindex";
                @if let Some((seconds, address)) = news {
                    meta http-equiv="refresh" content={ (seconds) "; url=" (address) };
                }
                title { (title) " · 便民" }
                link rel="stylesheet" href=(STYLE_PATH);
            }
            body { (body) }
        }
    };
    Html(page.into_string())
}

pub(crate) async fn style() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::CACHE_CONTROL, "no-cache")], STYLE)
}

/// What every answer of the public listener carries, whatever made it.
pub(crate) async fn protected(request: Request, next: Next) -> Response {
    let mut answer = next.run(request).await;
    let headers = answer.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    answer
}
