//! Forms that no page of ours sent, or that came too late, change nothing.

use reqwest::{Method, StatusCode};
use serde_json::Value;

use crate::citizen;
use crate::hall::{CLERK, Hall, PASSWORD};
use crate::visitor::Visitor;

async fn timeline(hall: &Hall, case_number: &str) -> Vec<String> {
    let progress = hall.ask(Method::GET, &format!("/v1/cases/{case_number}/progress"), None).await;
    let state = |step: &Value| step["state"].as_str().unwrap().to_owned();
    progress["timeline"].as_array().unwrap().iter().map(state).collect()
}

#[tokio::test]
async fn a_form_without_our_token_is_refused() {
    let hall = Hall::open().await;
    let arrived = hall.send(citizen::renewal()).await;
    let mut clerk = Visitor::signed_in(&hall).await;
    let page = format!("/clerk/requests/{}", arrived.acceptance_number);
    let token = clerk.get(&page).await.token();
    let progress = format!("{page}/progress");
    let (from, to) = (("from", "accepted"), ("to", "reviewing"));
    let other = "0".repeat(64);
    for forged in [vec![from, to], vec![("csrf", ""), from, to], vec![("csrf", &other), from, to]] {
        let answer = clerk.post(&progress, &forged).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{forged:?}");
    }
    assert_eq!(
        clerk.post(&format!("{page}/identity"), &[("state", "match")]).await.status,
        StatusCode::FORBIDDEN
    );
    assert_eq!(clerk.post("/clerk/sign-out", &[]).await.status, StatusCode::FORBIDDEN);
    assert_eq!(timeline(&hall, &arrived.case_number).await, ["accepted"]);

    // Another session's token is as good as none.
    let mut colleague = Visitor::signed_in(&hall).await;
    let answer = colleague.post(&progress, &[("csrf", &token), from, to]).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);

    let answer = clerk.post(&progress, &[("csrf", &token), from, to]).await;
    assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, page.as_str()));
    assert_eq!(timeline(&hall, &arrived.case_number).await, ["accepted", "reviewing"]);
    hall.close().await;
}

#[tokio::test]
async fn a_sign_in_from_elsewhere_is_refused() {
    let hall = Hall::open().await;
    let mut visitor = Visitor::new(&hall);
    let token = visitor.get("/clerk/sign-in").await.token();
    let form = [("csrf", token.as_str()), ("name", CLERK), ("password", PASSWORD)];
    visitor.cookies.clear();
    assert_eq!(visitor.post("/clerk/sign-in", &form).await.status, StatusCode::FORBIDDEN);
    visitor.get("/clerk/sign-in").await;
    assert_eq!(visitor.post("/clerk/sign-in", &form).await.status, StatusCode::FORBIDDEN);
    hall.close().await;
}

#[tokio::test]
async fn a_page_that_is_no_longer_true_changes_nothing() {
    let hall = Hall::open().await;
    let arrived = hall.send(citizen::renewal()).await;
    let mut clerk = Visitor::signed_in(&hall).await;
    let token = clerk.get("/clerk").await.token();
    let path = format!("/clerk/requests/{}/progress", arrived.acceptance_number);
    let long = "长".repeat(201);
    for (from, to, note, status) in [
        ("accepted", "finished", "", StatusCode::UNPROCESSABLE_ENTITY),
        ("accepted", "nonsense", "", StatusCode::UNPROCESSABLE_ENTITY),
        ("accepted", "refused", " ", StatusCode::UNPROCESSABLE_ENTITY),
        ("accepted", "refused", &long, StatusCode::UNPROCESSABLE_ENTITY),
        ("reviewing", "approved", "", StatusCode::CONFLICT),
        ("accepted", "refused", "材料不符", StatusCode::SEE_OTHER),
        ("accepted", "reviewing", "", StatusCode::CONFLICT),
    ] {
        let answer = clerk.post(&path, &[("csrf", &token), ("from", from), ("to", to), ("note", note)]).await;
        assert_eq!(answer.status, status, "{from} {to} {note}");
    }
    assert_eq!(timeline(&hall, &arrived.case_number).await, ["accepted", "refused"]);
    hall.close().await;
}
