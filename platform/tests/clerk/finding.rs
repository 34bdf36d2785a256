//! The list: newest first, in pages, by state, kiosk and number.

use outbox::forward::forward_once;

use crate::bench::KIOSK;
use crate::citizen;
use crate::hall::Hall;
use crate::visitor::Visitor;

/// The acceptance numbers on a page, without their spaces.
async fn found(clerk: &mut Visitor<'_>, path: &str) -> Vec<String> {
    let text = clerk.get(path).await.text();
    let links = text.split("href=\"/clerk/requests/").skip(1);
    links.map(|link| link.split_once('"').unwrap().0.to_owned()).collect()
}

#[tokio::test]
async fn requests_are_found_by_page_state_kiosk_and_number() {
    let hall = Hall::open().await;
    (0..22).for_each(|_| drop(hall.kiosk.save_draft(citizen::certificate())));
    let client = hall.kiosk.client(&hall.intake);
    assert_eq!(forward_once(&hall.kiosk.outbox, &client).await.sent, 22);
    let last = hall.send(citizen::renewal()).await;
    let mut clerk = Visitor::signed_in(&hall).await;

    let first = found(&mut clerk, "/clerk").await;
    assert_eq!((first.len(), &first[0]), (20, &last.acceptance_number));
    let second = found(&mut clerk, "/clerk?page=2").await;
    assert_eq!(second.len(), 3);
    assert!(second.iter().all(|number| !first.contains(number)));
    assert!(clerk.get("/clerk").await.text().contains("第 1 页，共 2 页"));

    let case = last.case_number.rsplit('-').next().unwrap();
    for (path, count) in [
        (format!("/clerk?number={}", last.acceptance_number), 1),
        (format!("/clerk?number={}", &last.acceptance_number[10..]), 1),
        (format!("/clerk?number={case}"), 1),
        (format!("/clerk?kiosk={KIOSK}&page=2"), 3),
        ("/clerk?kiosk=110101-0009".to_owned(), 0),
        ("/clerk?state=accepted&page=2".to_owned(), 3),
        ("/clerk?state=finished".to_owned(), 0),
        // What makes no sense does not filter, and never fails.
        ("/clerk?state=%27%3B--&number=%25&page=-1".to_owned(), 20),
        ("/clerk?page=999999999999".to_owned(), 20),
        // Behind the last page is the last page.
        ("/clerk?page=50".to_owned(), 3),
        ("/clerk?state=a&state=b".to_owned(), 20),
    ] {
        assert_eq!(found(&mut clerk, &path).await.len(), count, "{path}");
    }
    hall.close().await;
}
