//! Who is asking: the session's cookie, and the token that every form must carry.

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use cookie::{Cookie, SameSite};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::desk::Desk;
use super::refused::Refused;
use crate::store::clerks::sessions::{Session, Visit, same};

/// The session's token. The prefix makes browsers take it only from this host, only over TLS, and for every path.
pub(super) const SESSION: &str = "__Host-clerk";
/// The token of the sign-in form, which has no session yet.
pub(super) const SIGN_IN: &str = "__Host-sign-in";
/// A page that looks for news by itself says so, and does not count as a click.
pub(super) const REFRESH: &str = "refresh";

/// The clerk who is signed in. A route with this argument is closed to everybody else.
pub(super) struct SignedIn(pub(super) Session);

impl FromRequestParts<Desk> for SignedIn {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, desk: &Desk) -> Result<Self, Refused> {
        let token = cookie(&parts.headers, SESSION).ok_or(Refused::SignIn)?;
        let visit = if parts.uri.query() == Some(REFRESH) { Visit::Refresh } else { Visit::Click };
        let session = desk
            .work(move |inner| Ok(inner.accounts().session(&token, visit, inner.now())?))
            .await?
            .ok_or(Refused::SignIn)?;
        Ok(Self(session))
    }
}

/// A form of a clerk who may change things, sent from our own page.
pub(super) struct Posted<T> {
    pub(super) session: Session,
    pub(super) form: T,
}

#[derive(Deserialize)]
struct Token {
    csrf: String,
}

/// A form that is only a button.
#[derive(Deserialize)]
pub(super) struct Nothing {}

/// A form of anybody who is signed in, sent from our own page: about the session itself.
pub(super) struct OwnForm(pub(super) Session);

impl<T: DeserializeOwned> FromRequest<Desk> for Posted<T> {
    type Rejection = Refused;

    async fn from_request(request: Request, desk: &Desk) -> Result<Self, Refused> {
        let posted = Self::of_anybody(request, desk).await?;
        if posted.session.acts().is_none() { Err(Refused::OnlyReads) } else { Ok(posted) }
    }
}

impl FromRequest<Desk> for OwnForm {
    type Rejection = Refused;

    async fn from_request(request: Request, desk: &Desk) -> Result<Self, Refused> {
        let posted: Posted<Nothing> = Posted::of_anybody(request, desk).await?;
        Ok(Self(posted.session))
    }
}

impl<T: DeserializeOwned> Posted<T> {
    async fn of_anybody(request: Request, desk: &Desk) -> Result<Self, Refused> {
        let (mut parts, body) = request.into_parts();
        let SignedIn(session) = SignedIn::from_request_parts(&mut parts, desk).await?;
        let (token, form): (Token, T) = read_form(Request::from_parts(parts, body), desk).await?;
        if !same(&token.csrf, &session.csrf) {
            return Err(Refused::Forged);
        }
        Ok(Self { session, form })
    }
}

/// The sign-in form: its token must be that of the cookie that came with the page.
pub(super) struct Unsigned<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequest<Desk> for Unsigned<T> {
    type Rejection = Refused;

    async fn from_request(request: Request, desk: &Desk) -> Result<Self, Refused> {
        let expected = cookie(request.headers(), SIGN_IN).ok_or(Refused::Forged)?;
        let (token, form): (Token, T) = read_form(request, desk).await?;
        if same(&token.csrf, &expected) { Ok(Self(form)) } else { Err(Refused::Forged) }
    }
}

/// A form without a token is forged; one without its other fields is nonsense.
async fn read_form<T: DeserializeOwned>(request: Request, desk: &Desk) -> Result<(Token, T), Refused> {
    let body = Bytes::from_request(request, desk).await.map_err(|_| Refused::Nonsense)?;
    let token = serde_urlencoded::from_bytes(&body).map_err(|_| Refused::Forged)?;
    let form = serde_urlencoded::from_bytes(&body).map_err(|_| Refused::Nonsense)?;
    Ok((token, form))
}

/// The value of a cookie.
pub(super) fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(Cookie::split_parse)
        .filter_map(Result::ok)
        .find(|cookie| cookie.name() == name)
        .map(|cookie| cookie.value().to_owned())
}

/// A cookie that scripts cannot read and other sites cannot send; an empty value deletes it.
pub(super) fn set_cookie(name: &str, value: &str) -> String {
    let mut cookie =
        Cookie::build((name, value)).path("/").secure(true).http_only(true).same_site(SameSite::Strict);
    if value.is_empty() {
        cookie = cookie.removal();
    }
    cookie.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_are_for_this_host_and_for_no_script() {
        let set = set_cookie(SESSION, "abc");
        assert_eq!(set, "__Host-clerk=abc; HttpOnly; SameSite=Strict; Secure; Path=/");
        assert!(set_cookie(SESSION, "").contains("Max-Age=0"));
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, "a=b; __Host-clerk=abc; =; x".parse().unwrap());
        assert_eq!(cookie(&headers, SESSION).as_deref(), Some("abc"));
        assert_eq!(cookie(&headers, SIGN_IN), None);
    }
}
