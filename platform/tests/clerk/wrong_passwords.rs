//! Somebody who guesses waits longer and longer, and learns nothing.

use reqwest::StatusCode;

use crate::hall::{CLERK, Hall, PASSWORD};
use crate::visitor::Visitor;

#[tokio::test]
async fn wrong_passwords_make_the_next_try_wait() {
    let hall = Hall::open().await;
    let mut visitor = Visitor::new(&hall);
    for name in [CLERK, "nobody"] {
        let mut refused = Vec::new();
        let waiting = loop {
            let page = visitor.sign_in(name, "guess after guess").await;
            assert!(page.text().contains(&format!("value=\"{name}\"")), "the name need not be typed again");
            refused.push(page.status);
            // Waits of some seconds may pass while a slow machine hashes; one of minutes does not.
            let wait: u64 = page.header("retry-after").parse().unwrap_or(0);
            if wait > 60 || refused.len() > 60 {
                break page;
            }
            if wait > 0 {
                forget_the_wait(&hall);
            }
        };
        assert_eq!(waiting.status, StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(refused[..2], [StatusCode::UNAUTHORIZED; 2], "two tries are free");
        let right = visitor.sign_in(name, PASSWORD).await;
        assert_eq!(right.status, StatusCode::TOO_MANY_REQUESTS, "not even the right one is looked at");
        assert!(!visitor.cookies.contains_key("__Host-clerk"));
    }
    hall.close().await;
}

/// Moves the last try a minute back: as if the visitor had waited.
fn forget_the_wait(hall: &Hall) {
    let database = rusqlite::Connection::open(hall.bench.state().join("clerks.sqlite")).unwrap();
    database.execute("UPDATE tries SET last = last - 60", []).unwrap();
}

#[tokio::test]
async fn nobody_gets_in_without_a_session() {
    let hall = Hall::open().await;
    let mut visitor = Visitor::new(&hall);
    let post = [("csrf", "x"), ("from", "accepted"), ("to", "reviewing"), ("state", "match")];
    for path in [
        "/clerk",
        "/clerk/calls",
        "/clerk/kiosks",
        "/clerk/alarms",
        "/clerk/journal",
        "/clerk/requests/1",
        "/clerk/requests/1/files/0",
    ] {
        let page = visitor.get(path).await;
        assert_eq!(
            (page.status, page.header("location")),
            (StatusCode::SEE_OTHER, "/clerk/sign-in"),
            "{path}"
        );
    }
    for path in [
        "/clerk/sign-out",
        "/clerk/calls/a/b/answer",
        "/clerk/requests/1/progress",
        "/clerk/requests/1/identity",
    ] {
        let page = visitor.post(path, &post).await;
        assert_eq!(
            (page.status, page.header("location")),
            (StatusCode::SEE_OTHER, "/clerk/sign-in"),
            "{path}"
        );
    }
    visitor.cookies.insert("__Host-clerk".into(), "0".repeat(64));
    assert_eq!(visitor.get("/clerk").await.status, StatusCode::SEE_OTHER);
    hall.close().await;
}

#[tokio::test]
async fn signing_out_ends_the_session_everywhere() {
    let hall = Hall::open().await;
    let mut visitor = Visitor::signed_in(&hall).await;
    let cookies = visitor.cookies.clone();
    let token = visitor.get("/clerk").await.token();
    let page = visitor.post("/clerk/sign-out", &[("csrf", &token)]).await;
    assert_eq!(page.header("location"), "/clerk/sign-in");
    visitor.cookies = cookies;
    assert_eq!(visitor.get("/clerk").await.status, StatusCode::SEE_OTHER, "a copied cookie is worth nothing");
    hall.close().await;
}
