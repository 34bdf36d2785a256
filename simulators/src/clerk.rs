//! A clerk before the platform's pages: signs in, looks for calls, and presses the button of one.

use std::io;
use std::path::Path;

use ureq::http::Response;
use ureq::{Agent, Body};

use crate::web::{self, WebError};

/// Why a clerk cannot work.
#[derive(Debug, thiserror::Error)]
pub enum ClerkError {
    /// The authority's certificate, or a page that did not answer or refused.
    #[error("the clerk's page does not answer as it should")]
    Page(#[from] WebError),
    /// What was looked for is not on the page.
    #[error("the clerk's page has no {0}")]
    Missing(&'static str),
}

impl From<ureq::Error> for ClerkError {
    fn from(error: ureq::Error) -> Self {
        Self::Page(error.into())
    }
}

impl From<io::Error> for ClerkError {
    fn from(error: io::Error) -> Self {
        Self::Page(error.into())
    }
}

/// A clerk who has signed in.
pub struct Clerk {
    agent: Agent,
    url: String,
    cookies: Vec<(String, String)>,
}

impl Clerk {
    /// Signs in at the platform's public address. `ca` is the authority that its server comes from, PEM.
    ///
    /// # Errors
    /// Any [`ClerkError`]; a wrong password leads to a page without what is looked for next.
    pub fn sign_in(url: &str, ca: &Path, name: &str, password: &str) -> Result<Clerk, ClerkError> {
        let mut clerk = Clerk { agent: web::agent(ca)?, url: url.to_owned(), cookies: Vec::new() };
        let page = clerk.get("/clerk/sign-in")?;
        let token = between(&page, TOKEN, "\"").ok_or(ClerkError::Missing("form"))?;
        clerk.post("/clerk/sign-in", &[("csrf", &token), ("name", name), ("password", password)])?;
        Ok(clerk)
    }

    /// Presses the button of the first call that waits. False when nobody calls.
    ///
    /// # Errors
    /// Any [`ClerkError`].
    pub fn answer_call(&mut self) -> Result<bool, ClerkError> {
        let page = self.get("/clerk/calls")?;
        if !page.contains("呼叫") {
            return Err(ClerkError::Missing("list of calls: nobody is signed in"));
        }
        let Some(form) = between(&page, "action=\"/clerk/calls/", "</form>") else { return Ok(false) };
        let (path, rest) = form.split_once('"').ok_or(ClerkError::Missing("address of the button"))?;
        let token = between(rest, TOKEN, "\"").ok_or(ClerkError::Missing("token of the button"))?;
        self.post(&format!("/clerk/calls/{path}"), &[("csrf", &token)])?;
        Ok(true)
    }

    /// The page of calls, as the clerk reads it.
    ///
    /// # Errors
    /// Any [`ClerkError`].
    pub fn calls(&mut self) -> Result<String, ClerkError> {
        self.get("/clerk/calls")
    }

    fn get(&mut self, path: &str) -> Result<String, ClerkError> {
        let answer = self.agent.get(self.address(path)).header("cookie", self.cookie()).call()?;
        self.read(answer)
    }

    fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Result<String, ClerkError> {
        let fields = fields.iter().copied();
        let answer = self.agent.post(self.address(path)).header("cookie", self.cookie()).send_form(fields)?;
        self.read(answer)
    }

    fn address(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    fn cookie(&self) -> String {
        let pairs: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        pairs.join("; ")
    }

    /// Keeps the cookies of an answer, and gives its text.
    fn read(&mut self, mut answer: Response<Body>) -> Result<String, ClerkError> {
        for line in answer.headers().get_all("set-cookie") {
            let pair = line.to_str().ok().and_then(|line| line.split(';').next()?.split_once('='));
            if let Some((name, value)) = pair {
                self.cookies.retain(|(known, _)| known != name);
                self.cookies.push((name.to_owned(), value.to_owned()));
            }
        }
        Ok(answer.body_mut().read_to_string()?)
    }
}

/// What stands before the token in each form.
const TOKEN: &str = "name=\"csrf\" value=\"";

/// The first text between two others.
fn between(text: &str, before: &str, after: &str) -> Option<String> {
    Some(text.split_once(before)?.1.split_once(after)?.0.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_read() {
        let page = r#"<form method="post" action="/clerk/calls/110101-0007/00ff/answer">
            <input type="hidden" name="csrf" value="t0ken"><button>我来处理</button></form>"#;
        let form = between(page, "action=\"/clerk/calls/", "</form>").unwrap();
        assert_eq!(form.split_once('"').unwrap().0, "110101-0007/00ff/answer");
        assert_eq!(between(&form, TOKEN, "\"").as_deref(), Some("t0ken"));
        assert_eq!(between("nothing here", TOKEN, "\""), None);
    }
}
