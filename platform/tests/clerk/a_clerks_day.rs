//! A clerk's day in a real browser: sign in, a request with its pictures, progress, identity, a call; and a citizen pays.
//!
//! Pictures of all pages are left in the target folder's `tmp/clerk`.

use fantoccini::Locator;
use reqwest::Method;
use serde_json::json;

use crate::citizen::{self, NAME, NUMBER};
use crate::driver::Browser;
use crate::hall::{CLERK, Hall, PASSWORD};

const CALL: &str = "0123456789abcdef0123456789abcdef";

/// A heartbeat with all lights on but two.
async fn heartbeat(hall: &Hall) {
    let devices = [
        ("id_card", "Online", None),
        ("receipt_printer", "UserError", Some("PRN-02")),
        ("camera", "Online", None),
        ("document_scanner", "HardwareError", Some("SCN-03")),
        ("attendant_call", "Online", None),
    ];
    let devices =
        devices.map(|(name, status, fault)| json!({ "name": name, "status": status, "fault": fault }));
    let body = json!({
        "version": "0.1.0", "uptime_s": 86_400, "clock": jiff::Timestamp::now().as_second(), "queued": 2, "held": 0,
        "oldest_s": 340, "devices": devices,
    });
    hall.ask(Method::POST, "/v1/heartbeats", Some(body)).await;
}

#[tokio::test]
async fn a_clerks_day() {
    let hall = Hall::open().await;
    let arrived = hall.send(citizen::renewal()).await;
    hall.send(citizen::certificate()).await;
    hall.send(citizen::committed()).await;
    let order = hall.order(&arrived, 2000).await;
    heartbeat(&hall).await;

    let browser = Browser::start(&hall.bench.state()).await;
    browser.size(1280, 800).await;
    sign_in(&hall, &browser).await;
    look_at_a_request(&browser).await;
    move_it_on(&browser).await;
    refuse_another(&browser).await;
    answer_a_call(&hall, &browser).await;
    look_around(&hall, &browser).await;
    pay(&hall, &browser, &order).await;

    browser.driver.goto(&hall.url("/clerk")).await.unwrap();
    browser.see("已缴 20 元").await;
    browser.shot("list").await;
    browser.press("退出").await;
    browser.driver.goto(&hall.url("/clerk")).await.unwrap();
    browser.see("仅限本所民警使用").await;
    browser.close().await;
    hall.close().await;
}

async fn sign_in(hall: &Hall, browser: &Browser) {
    browser.driver.goto(&hall.url("/clerk")).await.unwrap();
    browser.shot("sign-in").await;
    browser.fill("name", CLERK).await;
    browser.fill("password", "wrong password").await;
    browser.press("登录").await;
    browser.see("姓名或密码不正确").await;
    browser.shot("sign-in-wrong").await;
    browser.fill("password", PASSWORD).await;
    browser.press("登录").await;
    browser.see("共 3 件").await;
}

async fn look_at_a_request(browser: &Browser) {
    browser.fill("number", "0001").await;
    browser.press("查询").await;
    let link = browser.driver.find(Locator::Css("tbody a")).await.unwrap();
    link.click().await.unwrap();
    browser.see("证件信息").await;
    let text = browser.text().await;
    for words in [
        "身份证到期换新",
        NAME,
        "女",
        "满",
        "1949-12-31",
        "110105********002X",
        "样本市公安局样本分局",
        "领取方式",
        "邮寄到家",
        "138****0000",
        "居住证明 第 1 页",
        "居住证明 第 2 页",
        "选择提交材料",
        "机器签名有效",
        "与上一件连续",
        "待缴 20 元",
        "已受理",
    ] {
        assert!(text.contains(words), "{words} in {text}");
    }
    let pictures = browser.driver.find_all(Locator::Css("main img")).await.unwrap();
    assert_eq!((pictures.len(), browser.broken_pictures().await), (3, 0), "portrait and two pages");
    let signature = browser.driver.find_all(Locator::Css("svg.signature polyline")).await.unwrap();
    assert_eq!(signature.len(), 4);
    browser.shot("request").await;
    browser.long_shot("request-long").await;
    browser.press("显示完整号码").await;
    browser.see(NUMBER).await;
    browser.press("隐藏号码").await;
}

async fn move_it_on(browser: &Browser) {
    for button in ["是同一人", "开始审核", "审核通过", "开始制作", "已经寄出", "办结"] {
        browser.press(button).await;
    }
    let history = browser.driver.find(Locator::Css(".history")).await.unwrap().text().await.unwrap();
    let states: Vec<&str> = history.lines().step_by(2).collect();
    assert_eq!(states, ["已受理", "审核中", "审核通过", "制作中", "已寄出", "已办结"]);
    assert_eq!(history.matches(CLERK).count(), 5, "all but the acceptance: {history}");
    let text = browser.text().await;
    assert!(text.contains("是同一人") && text.contains(&format!("{CLERK} · ")));
    browser.shot("request-finished").await;
}

async fn refuse_another(browser: &Browser) {
    browser.press("办件").await;
    browser.driver.find(Locator::Css("tbody a")).await.unwrap().click().await.unwrap();
    browser.see("证件信息").await;
    browser
        .driver
        .find(Locator::XPath("//summary[contains(., '不予办理')]"))
        .await
        .unwrap()
        .click()
        .await
        .unwrap();
    let details = browser.driver.find(Locator::Css("details[open] textarea")).await.unwrap();
    details.send_keys("户口不在本辖区，请到户籍所在地派出所办理。").await.unwrap();
    browser.shot("request-refusing").await;
    browser.press("确定不予办理").await;
    browser.see("户口不在本辖区").await;
    let text = browser.text().await;
    assert!(
        text.contains("到窗口拍照") && text.contains("已作出书面承诺") && !text.contains("身份核验"),
        "{text}"
    );
    browser.long_shot("request-refused").await;
}

async fn answer_a_call(hall: &Hall, browser: &Browser) {
    browser.press("呼叫").await;
    browser.see("现在没有人呼叫").await;
    browser.shot("calls-none").await;
    hall.ask(Method::POST, "/v1/attendant-calls", Some(json!({ "call": CALL }))).await;
    // The page looks for news by itself.
    browser.see("我来处理").await;
    browser.shot("calls").await;
    browser.press("我来处理").await;
    browser.see("已应答").await;
    browser.shot("calls-answered").await;
    let call = hall.ask(Method::GET, &format!("/v1/attendant-calls/{CALL}"), None).await;
    assert_eq!(call["state"], "answered");
}

async fn look_around(hall: &Hall, browser: &Browser) {
    browser.press("设备").await;
    let text = browser.text().await;
    for words in ["110101 所 0007 号机", "在线", "2 件", "需要整理", "PRN-02", "故障", "SCN-03"] {
        assert!(text.contains(words), "{words} in {text}");
    }
    browser.shot("kiosks").await;
    let database = rusqlite::Connection::open(hall.bench.state().join("platform.sqlite")).unwrap();
    database
        .execute(
            "INSERT INTO alarms (kiosk, epoch, kind, detail, raised) VALUES (?1, 1, 'gap', '4-5', 1795225200)",
            [crate::bench::KIOSK],
        )
        .unwrap();
    browser.driver.goto(&hall.url("/clerk/alarms")).await.unwrap();
    browser.see("没有送达，也没有说明原因").await;
    browser.shot("alarms").await;
    browser.press("查阅记录").await;
    browser.see("更新进度").await;
    browser.shot("journal").await;
    browser.driver.goto(&hall.url("/clerk/requests/nothing")).await.unwrap();
    browser.see("没有找到这一页").await;
    browser.shot("not-found").await;
}

async fn pay(hall: &Hall, browser: &Browser, order: &str) {
    browser.driver.goto(&hall.url(&format!("/pay/{order}"))).await.unwrap();
    browser.see("支付（模拟银行）").await;
    browser.shot("pay-wide").await;
    browser.size(390, 844).await;
    browser.shot("pay").await;
    let text = browser.text().await;
    assert!(text.contains("1101**-****-"), "{text}");
    assert!(text.contains("20 元") && text.contains("身份证到期换新"), "{text}");
    browser.press("支付（模拟银行）").await;
    browser.see("已支付").await;
    browser.shot("paid").await;
    browser.driver.refresh().await.unwrap();
    browser.see("已支付").await;
    browser.driver.goto(&hall.url("/pay/20261122000000000000")).await.unwrap();
    browser.see("没有找到这张缴费单").await;
    browser.shot("pay-none").await;
    browser.size(1280, 800).await;
}
