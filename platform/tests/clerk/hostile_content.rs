//! What a citizen or a stolen kiosk sends is shown as text and pictures, never as a page.

use protocol::envelope::CardRecord;
use reqwest::StatusCode;

use crate::citizen;
use crate::hall::Hall;
use crate::visitor::Visitor;

const SCRIPT: &str = "<script>alert(1)</script>";

#[tokio::test]
async fn an_answer_with_a_script_is_shown_as_text() {
    let hall = Hall::open().await;
    let mut draft = citizen::renewal();
    draft.answers[2].1 = SCRIPT.to_owned();
    draft.answers.push((format!("x\"{SCRIPT}"), "' onload='".to_owned()));
    draft.deadline = SCRIPT.to_owned();
    draft.card = CardRecord::new(citizen::card("<b>甲</b>"));
    draft.attachments[1].name = format!("\"{SCRIPT}-1");
    draft.attachments[2].media_type = "text/html".to_owned();
    draft.attachments[2].content = SCRIPT.as_bytes().to_vec();
    let svg = String::from_utf8(citizen::signature()).unwrap();
    draft.attachments[3].content = svg.replace("</svg>", &format!("{SCRIPT}</svg>")).into_bytes();
    let arrived = hall.send(draft).await;

    let mut clerk = Visitor::signed_in(&hall).await;
    let path = format!("/clerk/requests/{}", arrived.acceptance_number);
    let page = clerk.get(&path).await;
    assert_eq!(page.status, StatusCode::OK);
    let text = page.text();
    assert!(text.contains("&lt;script&gt;alert(1)&lt;/script&gt;") && text.contains("&lt;b&gt;甲"), "shown");
    for raw in [SCRIPT, "<b>甲", "\"<script"] {
        assert!(!text.contains(raw), "{raw}");
    }
    assert!(text.contains("<polyline points=\"180,300"), "the signature is drawn from its points");
    assert!(text.contains("无法显示"), "a file that is no picture is named, not shown");
    for (at, status) in [(0, 200), (1, 200), (2, 404), (3, 404), (4, 404)] {
        let file = clerk.get(&format!("{path}/files/{at}")).await;
        assert_eq!(file.status.as_u16(), status, "file {at}");
    }
    hall.close().await;
}

#[tokio::test]
async fn every_answer_forbids_scripts_frames_and_copies() {
    let hall = Hall::open().await;
    let arrived = hall.send(citizen::renewal()).await;
    let order = hall.order(&arrived, 2000).await;
    let mut clerk = Visitor::signed_in(&hall).await;
    let request = format!("/clerk/requests/{}", arrived.acceptance_number);
    let pages = [
        "/clerk",
        &request,
        &format!("{request}?full=1"),
        &format!("{request}/files/0"),
        "/clerk/calls",
        "/clerk/kiosks",
        "/clerk/alarms",
        "/clerk/journal",
        "/clerk/sign-in",
        &format!("/pay/{order}"),
        "/clerk/requests/nothing",
        "/pay/nothing",
        "/nothing",
    ];
    for path in pages {
        let page = clerk.get(path).await;
        let found = !path.ends_with("nothing");
        assert_eq!(page.status, if found { StatusCode::OK } else { StatusCode::NOT_FOUND }, "{path}");
        assert_eq!(page.header("cache-control"), "no-store", "{path}");
        assert!(
            page.header("content-security-policy").starts_with("default-src 'none'; style-src 'self'"),
            "{path}"
        );
        assert_eq!(page.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(page.header("x-frame-options"), "DENY", "{path}");
        assert_eq!(page.header("referrer-policy"), "no-referrer", "{path}");
        let text = page.text();
        assert!(
            !text.contains("<script") && !text.contains(" style=") && !text.contains("http://"),
            "{path}"
        );
    }
    let picture = clerk.get(&format!("{request}/files/0")).await;
    assert_eq!(picture.header("content-type"), "image/jpeg");
    assert_eq!(picture.bytes, citizen::renewal().attachments[0].content);
    hall.close().await;
}

#[tokio::test]
async fn a_request_that_was_changed_in_the_database_is_not_shown() {
    let hall = Hall::open().await;
    let arrived = hall.send(citizen::renewal()).await;
    let database = rusqlite::Connection::open(hall.bench.state().join("platform.sqlite")).unwrap();
    database.execute("UPDATE requests SET matter = 'household-certificate'", []).unwrap();
    let mut clerk = Visitor::signed_in(&hall).await;
    let page = clerk.get(&format!("/clerk/requests/{}", arrived.acceptance_number)).await;
    assert!(page.text().contains("这份办件的内容打不开") && page.text().contains("签名无效"));
    assert!(!page.text().contains(citizen::NAME));
    hall.close().await;
}
