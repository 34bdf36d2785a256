//! Whoever looks at a person's data is written down first, and numbers are masked until somebody asks for them.

use platform::clerk::Accounts;

use crate::citizen::{self, NAME, NUMBER, PHONE};
use crate::hall::{CLERK, Hall};
use crate::visitor::Visitor;

#[tokio::test]
async fn every_look_is_in_the_journal() {
    let hall = Hall::open().await;
    let arrived = hall.send(citizen::renewal()).await;
    let mut clerk = Visitor::signed_in(&hall).await;
    let list = clerk.get("/clerk").await.text();
    assert!(list.contains("身份证到期换新") && !list.contains(NAME), "the list shows no person");

    let path = format!("/clerk/requests/{}", arrived.acceptance_number);
    let masked = clerk.get(&path).await.text();
    assert!(masked.contains(NAME) && masked.contains("110105********002X") && masked.contains("138****0000"));
    assert!(!masked.contains(NUMBER) && !masked.contains(PHONE));
    let full = clerk.get(&format!("{path}?full=1")).await.text();
    assert!(full.contains(NUMBER) && full.contains(PHONE));
    clerk.get(&format!("{path}/files/0")).await;
    clerk.get(&format!("{path}/files/1")).await;

    let journal = clerk.get(&format!("/clerk/journal?number={}", arrived.acceptance_number)).await.text();
    let rows: Vec<&str> = journal.split("<tr>").skip(2).collect();
    let deeds = ["查看图像", "查看图像", "查看完整号码", "查看办件"];
    assert_eq!(rows.len(), deeds.len());
    for (row, deed) in rows.iter().zip(deeds) {
        assert!(row.contains(deed) && row.contains(CLERK), "{row}");
    }
    assert!(rows[0].contains("第 2 个文件") && rows[1].contains("第 1 个文件"));
    assert!(!journal.contains(NAME), "the journal holds no person");
    let accounts = Accounts::open(&hall.bench.state()).unwrap();
    assert_eq!(accounts.verify_journal().unwrap(), Ok(5), "the sign-in and four looks");
    hall.close().await;
}

#[tokio::test]
async fn what_cannot_be_written_down_is_not_shown() {
    let hall = Hall::open().await;
    let arrived = hall.send(citizen::renewal()).await;
    let mut clerk = Visitor::signed_in(&hall).await;
    let database = rusqlite::Connection::open(hall.bench.state().join("clerks.sqlite")).unwrap();
    database
        .execute_batch("CREATE TRIGGER full BEFORE INSERT ON views BEGIN SELECT raise(ABORT, 'full'); END")
        .unwrap();
    let path = format!("/clerk/requests/{}", arrived.acceptance_number);
    for path in [path.clone(), format!("{path}/files/0")] {
        let page = clerk.get(&path).await;
        assert_eq!(page.status.as_u16(), 500, "{path}");
        assert!(!page.text().contains(NAME));
    }
    hall.close().await;
}
