//! Somebody stands before a machine without a card: a clerk compares the portrait and decides, in a real browser.

use fantoccini::Locator;
use platform::clerk::Accounts;
use platform::store::checks::OPEN_FOR;
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::bench::{KIOSK, SOON};
use crate::citizen::{NAME, NUMBER, PORTRAIT};
use crate::driver::Browser;
use crate::hall::{CLERK, Hall, PASSWORD};
use crate::visitor::Visitor;

fn id(check: u8) -> String {
    hex::encode([check; 16])
}

async fn asks(hall: &Hall, check: u8, number: &str) {
    let question = hall.kiosk.question(KIOSK, check, number, PORTRAIT);
    let asked = hall.client().ask_identity(&[check; 16], question, SOON).await.unwrap();
    assert_eq!(asked["state"], "pending");
}

#[tokio::test]
async fn a_clerk_compares_the_portrait_and_decides() {
    let hall = Hall::open().await;
    let browser = Browser::start(&hall.bench.state()).await;
    browser.size(1280, 800).await;
    browser.driver.goto(&hall.url("/clerk")).await.unwrap();
    browser.fill("name", CLERK).await;
    browser.fill("password", PASSWORD).await;
    browser.press("登录").await;
    browser.press("核验").await;
    browser.see("现在没有待核验的人").await;
    browser.shot("checks-none").await;

    asks(&hall, 1, NUMBER).await;
    asks(&hall, 2, "110105194912310020").await;
    // The page looks for news by itself.
    browser.see("群众在机器前等候").await;
    browser.shot("checks").await;
    let text = browser.text().await;
    assert!(text.contains("110101 所 0007 号机") && !text.contains(NAME), "the list shows no person: {text}");
    let bar = browser.driver.find(Locator::Css("nav a[aria-current] .count")).await.unwrap();
    assert!(bar.text().await.unwrap().starts_with('2'));

    browser.driver.goto(&hall.url(&format!("/clerk/checks/{}", id(1)))).await.unwrap();
    let text = browser.text().await;
    for words in [NAME, "110105********002X", "等待核验", "没有读取身份证", "按号码查人口信息相片"]
    {
        assert!(text.contains(words), "{words} in {text}");
    }
    assert!(!text.contains("不是有效的公民身份号码"), "{text}");
    assert_eq!(browser.broken_pictures().await, 0);
    browser.shot("check").await;
    browser.press("显示完整号码").await;
    browser.see(NUMBER).await;
    browser.press("是同一人").await;
    let check = hall.ask(Method::GET, &format!("/v1/identity-checks/{}?wait=30", id(1)), None).await;
    assert_eq!((&check["state"], &check["decided_by"]), (&json!("match"), &json!("clerk")));

    // The list again, with the one who is left.
    let link = browser.driver.find_all(Locator::Css(".cards a.button")).await.unwrap();
    assert_eq!(link.len(), 1);
    link[0].click().await.unwrap();
    browser.see("不是有效的公民身份号码").await;
    browser.press("不是同一人").await;
    browser.see("现在没有待核验的人").await;
    browser.driver.goto(&hall.url(&format!("/clerk/checks/{}", id(2)))).await.unwrap();
    browser.see("不是同一人").await;
    browser.shot("check-decided").await;
    let store = hall.bench.store();
    assert_eq!(store.erase_checks(jiff::Timestamp::now().as_second() + OPEN_FOR).unwrap(), 2);
    browser.driver.refresh().await.unwrap();
    browser.see("只保留核验结果").await;
    assert!(!browser.text().await.contains(NAME));
    browser.shot("check-erased").await;
    browser.press("查阅记录").await;
    browser.see("查看核验").await;
    browser.shot("journal-with-checks").await;
    let journal = browser.text().await;
    assert!(journal.contains("身份核验 01010101") && !journal.contains(NAME), "{journal}");
    browser.close().await;
    hall.close().await;
}

#[tokio::test]
async fn every_look_is_written_down_and_only_a_true_form_decides() {
    let hall = Hall::open().await;
    asks(&hall, 1, NUMBER).await;
    let mut clerk = Visitor::signed_in(&hall).await;
    let path = format!("/clerk/checks/{}", id(1));
    let page = clerk.get(&path).await;
    let masked = page.text();
    assert!(masked.contains(NAME) && masked.contains("110105********002X") && !masked.contains(NUMBER));
    assert!(clerk.get(&format!("{path}?full=1")).await.text().contains(NUMBER));
    let portrait = clerk.get(&format!("{path}/portrait")).await;
    assert_eq!(
        (portrait.header("content-type"), portrait.header("cache-control")),
        ("image/jpeg", "no-store")
    );
    assert!(portrait.bytes == PORTRAIT);
    let accounts = Accounts::open(&hall.bench.state()).unwrap();
    assert_eq!(accounts.verify_journal().unwrap(), Ok(4), "the sign-in and three looks");
    let token = page.token();
    for (state, token, status) in [
        ("match", "", StatusCode::FORBIDDEN),
        ("pending", token.as_str(), StatusCode::UNPROCESSABLE_ENTITY),
        ("ended", token.as_str(), StatusCode::UNPROCESSABLE_ENTITY),
        ("maybe", token.as_str(), StatusCode::UNPROCESSABLE_ENTITY),
    ] {
        let answer = clerk.post(&path, &[("csrf", token), ("state", state)]).await;
        assert_eq!(answer.status, status, "{state}");
    }
    for path in ["/clerk/checks/x", "/clerk/checks/x/portrait", "/clerk/checks/..%2f..%2fca.key"] {
        assert_eq!(clerk.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    // The citizen went away while the page was open.
    hall.ask(Method::DELETE, &format!("/v1/identity-checks/{}", id(1)), None).await;
    let late = clerk.post(&path, &[("csrf", &token), ("state", "match")]).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    assert_eq!(clerk.get(&format!("{path}/portrait")).await.status, StatusCode::NOT_FOUND);
    assert!(clerk.get(&path).await.text().contains("已经离开"));

    let mut stranger = Visitor::new(&hall);
    for path in ["/clerk/checks", &path, &format!("{path}/portrait")] {
        assert_eq!(stranger.get(path).await.header("location"), "/clerk/sign-in");
    }
    hall.close().await;
}

#[tokio::test]
async fn what_cannot_be_written_down_is_not_shown() {
    let hall = Hall::open().await;
    asks(&hall, 1, NUMBER).await;
    let mut clerk = Visitor::signed_in(&hall).await;
    let database = rusqlite::Connection::open(hall.bench.state().join("clerks.sqlite")).unwrap();
    database
        .execute_batch("CREATE TRIGGER full BEFORE INSERT ON views BEGIN SELECT raise(ABORT, 'full'); END")
        .unwrap();
    for path in [format!("/clerk/checks/{}", id(1)), format!("/clerk/checks/{}/portrait", id(1))] {
        let page = clerk.get(&path).await;
        assert_eq!(page.status, StatusCode::INTERNAL_SERVER_ERROR, "{path}");
        assert!(!page.text().contains(NAME));
    }
    hall.close().await;
}
