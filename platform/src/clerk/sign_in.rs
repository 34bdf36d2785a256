//! The way in and out.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use maud::{Markup, html};
use serde::Deserialize;
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::desk::Desk;
use super::guard::{self, OwnForm, SESSION, SIGN_IN, Unsigned};
use super::layout;
use super::refused::Refused;
use crate::store::clerks::error::ClerkError;
use crate::store::clerks::journal::Deed;
use crate::store::clerks::password;
use crate::store::clerks::sessions::random;

/// What the form sends. No `Debug`; wiped on drop.
#[derive(Deserialize, Zeroize, ZeroizeOnDrop)]
pub(super) struct Credentials {
    name: String,
    password: String,
}

/// Why somebody is not let in.
enum No {
    Wrong,
    Wait(u64),
}

pub(super) async fn show(headers: HeaderMap) -> Result<Response, Refused> {
    form(&headers, "", None)
}

pub(super) async fn sign_in(
    State(desk): State<Desk>,
    headers: HeaderMap,
    Unsigned(credentials): Unsigned<Credentials>,
) -> Result<Response, Refused> {
    // Each hash takes 19 MiB for a while: two at once are enough for a hall, and no crowd of strangers fills the memory.
    let place = desk.hashing().await;
    // A visitor who goes away does not end the hash: the place is free when that is done.
    let name = credentials.name.clone();
    let entered = desk.work(move |inner| {
        let _place = place;
        let now = inner.now();
        let tried = match inner.accounts().begin_try(&credentials.name, now) {
            Ok(tried) => tried,
            Err(ClerkError::TooSoon { seconds }) => return Ok(Err(No::Wait(seconds))),
            Err(error) => return Err(error.into()),
        };
        if !password::is_right(&credentials.password, tried.password.as_ref(), &inner.decoy) {
            tracing::warn!("a wrong password");
            return Ok(Err(No::Wrong));
        }
        let mut accounts = inner.accounts();
        accounts.forgive(&credentials.name)?;
        accounts.write(&credentials.name, Deed::SignedIn, ("", None), now)?;
        Ok(Ok(accounts.begin_session(&credentials.name, now)?))
    });
    match entered.await? {
        Ok(token) => {
            let cookies = [guard::set_cookie(SESSION, &token), guard::set_cookie(SIGN_IN, "")];
            let cookies = cookies.map(|cookie| (header::SET_COOKIE, cookie));
            Ok((AppendHeaders(cookies), Redirect::to("/clerk")).into_response())
        }
        Err(no) => form(&headers, &name, Some(&no)),
    }
}

pub(super) async fn sign_out(
    State(desk): State<Desk>,
    headers: HeaderMap,
    OwnForm(session): OwnForm,
) -> Result<Response, Refused> {
    let token = guard::cookie(&headers, SESSION).unwrap_or_default();
    desk.work(move |inner| {
        let mut accounts = inner.accounts();
        accounts.end_session(&token)?;
        Ok(accounts.write(&session.clerk, Deed::SignedOut, ("", None), inner.now())?)
    })
    .await?;
    let cookie = (header::SET_COOKIE, guard::set_cookie(SESSION, ""));
    Ok((AppendHeaders([cookie]), Redirect::to("/clerk/sign-in")).into_response())
}

/// The form; its token is the one of an earlier page of this browser, so that two tabs do not disturb each other.
fn form(headers: &HeaderMap, name: &str, no: Option<&No>) -> Result<Response, Refused> {
    let csrf = match guard::cookie(headers, SIGN_IN).filter(|token| is_token(token)) {
        Some(token) => token,
        None => random()?,
    };
    let page = layout::bare("登录", &view(&csrf, name, no));
    let cookie = (header::SET_COOKIE, guard::set_cookie(SIGN_IN, &csrf));
    let mut answer = (AppendHeaders([cookie]), page).into_response();
    match no {
        None => {}
        Some(No::Wrong) => *answer.status_mut() = StatusCode::UNAUTHORIZED,
        Some(No::Wait(seconds)) => {
            *answer.status_mut() = StatusCode::TOO_MANY_REQUESTS;
            answer.headers_mut().insert(header::RETRY_AFTER, (*seconds).into());
        }
    }
    Ok(answer)
}

/// What came back in a cookie goes into a header again.
fn is_token(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit())
}

fn view(csrf: &str, name: &str, no: Option<&No>) -> Markup {
    html! {
        div.sheet.narrow {
            p.brand.large { span.mark { "便" } span { "便民" small { "民警工作台" } } }
            h1 { "登录" }
            @match no {
                None => {}
                Some(No::Wrong) => p.note.stop role="alert" { "姓名或密码不正确，请重新输入。" }
                Some(No::Wait(seconds)) => p.note.warn role="alert" {
                    "输错次数较多，请等 " b { (seconds) " 秒" } "后再试。"
                }
            }
            form.stack method="post" action="/clerk/sign-in" {
                (layout::token(csrf))
                label { "姓名" input type="text" name="name" value=(name) autocomplete="username" required
                    maxlength="32" autofocus[name.is_empty()]; }
                label { "密码" input type="password" name="password" autocomplete="current-password" required
                    maxlength="256" autofocus[!name.is_empty()]; }
                button.button { "登录" }
            }
            p.faint { "仅限本所民警使用。每次查看群众信息都有记录。" }
        }
    }
}
