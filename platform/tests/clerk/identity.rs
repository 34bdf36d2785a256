//! A kiosk asks whether the portrait is the person of the card; a clerk decides.

use protocol::envelope::Sealed;
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::citizen;
use crate::hall::{Arrived, CLERK, Hall};
use crate::visitor::Visitor;

/// The name of the sealed portrait, as the kiosk knows it.
fn portrait(hall: &Hall, arrived: &Arrived) -> String {
    let store = platform::store::Store::open(&hall.bench.state()).unwrap();
    let stored = store.find_request(&arrived.acceptance_number).unwrap().unwrap();
    let outer = Sealed::split(&stored.entry).unwrap().claimed().unwrap();
    hex::encode(outer.attachments[0])
}

#[tokio::test]
async fn a_clerk_decides_what_the_kiosk_asked() {
    let hall = Hall::open().await;
    let arrived = hall.send(citizen::renewal()).await;
    let wish = json!({ "case_number": arrived.case_number, "portrait": portrait(&hall, &arrived) });
    let asked = hall.ask(Method::POST, "/v1/identity-checks", Some(wish.clone())).await;
    assert_eq!(asked["state"], "pending");

    let mut clerk = Visitor::signed_in(&hall).await;
    let path = format!("/clerk/requests/{}", arrived.acceptance_number);
    let page = clerk.get(&path).await;
    assert!(page.text().contains("机器正在等候结果"));
    let token = page.token();
    for nonsense in ["pending", "maybe", ""] {
        let answer = clerk.post(&format!("{path}/identity"), &[("csrf", &token), ("state", nonsense)]).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{nonsense}");
    }
    let answer = clerk.post(&format!("{path}/identity"), &[("csrf", &token), ("state", "no-match")]).await;
    assert_eq!(answer.header("location"), path);
    let check = hall.ask(Method::POST, "/v1/identity-checks", Some(wish)).await;
    assert_eq!((&check["id"], &check["state"]), (&asked["id"], &json!("no-match")));
    assert!(!check.to_string().contains(CLERK), "a kiosk does not learn the clerk's name");
    let text = clerk.get(&path).await.text();
    assert!(
        text.contains("<span class=\"label stop\">不是同一人</span>")
            && text.contains(&format!("{CLERK} · "))
    );
    hall.close().await;
}

#[tokio::test]
async fn without_a_portrait_there_is_nothing_to_decide() {
    let hall = Hall::open().await;
    let arrived = hall.send(citizen::certificate()).await;
    let mut clerk = Visitor::signed_in(&hall).await;
    let path = format!("/clerk/requests/{}", arrived.acceptance_number);
    let page = clerk.get(&path).await;
    assert!(!page.text().contains("身份核验"));
    let answer =
        clerk.post(&format!("{path}/identity"), &[("csrf", &page.token()), ("state", "match")]).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    hall.close().await;
}
