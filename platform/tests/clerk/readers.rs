//! Somebody who may look and change nothing.

use platform::clerk::{Accounts, Role};
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::bench::{KIOSK, SOON};
use crate::citizen::{self, NAME, NUMBER, PORTRAIT};
use crate::hall::{CLERK, Hall, PASSWORD};
use crate::visitor::Visitor;

const CALL: &str = "0123456789abcdef0123456789abcdef";

#[tokio::test]
async fn a_reader_sees_everything_and_changes_nothing() {
    let hall = Hall::open().await;
    let arrived = hall.send(citizen::renewal()).await;
    hall.ask(Method::POST, "/v1/attendant-calls", Some(json!({ "call": CALL }))).await;
    let question = hall.kiosk.question(KIOSK, 1, NUMBER, PORTRAIT);
    hall.client().ask_identity(&[1; 16], question, SOON).await.unwrap();
    let mut accounts = Accounts::open(&hall.bench.state()).unwrap();
    accounts.add("督察", PASSWORD, Role::Reader, 0).unwrap();

    let mut reader = Visitor::new(&hall);
    assert_eq!(reader.sign_in("督察", PASSWORD).await.header("location"), "/clerk");
    let request = format!("/clerk/requests/{}", arrived.acceptance_number);
    let check = format!("/clerk/checks/{}", hex::encode([1; 16]));
    let page = reader.get(&request).await;
    assert!(page.text().contains(NAME) && page.text().contains("（只读）"));
    for (path, buttons) in [
        (&request, ["开始审核", "不予办理", "name=\"state\""]),
        (&check, ["name=\"state\"", "name=\"state\"", "name=\"state\""]),
        (&"/clerk/calls".to_owned(), ["我来处理", "/answer", "我来处理"]),
    ] {
        let text = reader.get(path).await.text();
        assert!(buttons.iter().all(|button| !text.contains(button)), "{path}");
    }
    // Nor by hand, with the true token of the page.
    let token = page.token();
    let call = format!("/clerk/calls/{KIOSK}/{CALL}/answer");
    let (progress, identity) = (format!("{request}/progress"), format!("{request}/identity"));
    for (path, fields) in [
        (&progress, vec![("from", "accepted"), ("to", "reviewing")]),
        (&identity, vec![("state", "match")]),
        (&check, vec![("state", "match")]),
        (&call, vec![]),
    ] {
        let fields = [vec![("csrf", token.as_str())], fields].concat();
        let answer = reader.post(path, &fields).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
        assert!(answer.text().contains("只能查看"), "{path}");
    }
    let follow = format!("/v1/identity-checks/{}", hex::encode([1; 16]));
    assert_eq!(hall.ask(Method::GET, &follow, None).await["state"], "pending");

    // A new role ends the session; as a clerk the same person may.
    accounts.set_role("督察", Role::Clerk).unwrap();
    assert_eq!(reader.get(&request).await.header("location"), "/clerk/sign-in");
    reader.sign_in("督察", PASSWORD).await;
    let token = reader.get(&check).await.token();
    let decided = reader.post(&check, &[("csrf", &token), ("state", "match")]).await;
    assert_eq!(decided.header("location"), "/clerk/checks");
    accounts.set_role("督察", Role::Reader).unwrap();
    reader.sign_in("督察", PASSWORD).await;
    let token = reader.get("/clerk").await.token();
    assert_eq!(reader.post("/clerk/sign-out", &[("csrf", &token)]).await.status, StatusCode::SEE_OTHER);
    let roles: Vec<_> =
        accounts.list().unwrap().into_iter().map(|account| (account.name, account.role)).collect();
    assert_eq!(roles, [(CLERK.to_owned(), Role::Clerk), ("督察".to_owned(), Role::Reader)]);
    hall.close().await;
}
