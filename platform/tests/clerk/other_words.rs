//! The operator puts a catalogue that calls a matter otherwise: the pages follow without a restart.

use std::path::Path;

use crate::citizen;
use crate::hall::Hall;
use crate::visitor::Visitor;

/// Puts the built-in certificate, with these words for others, and no other matter.
fn put(hall: &Hall, words: &[(&str, &str)]) {
    let built_in =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../matters/catalogue/household-certificate.toml");
    let folder = tempfile::tempdir().unwrap();
    let text = std::fs::read_to_string(&built_in).unwrap();
    let text = words.iter().fold(text, |text, (old, new)| text.replace(old, new));
    std::fs::write(folder.path().join("household-certificate.toml"), text).unwrap();
    platform::catalogue::put(&hall.bench.state(), folder.path()).unwrap();
}

#[tokio::test]
async fn a_matter_is_called_as_in_the_newest_catalogue_and_by_its_id_when_that_has_none() {
    let hall = Hall::open().await;
    let certificate = hall.send(citizen::certificate()).await;
    let renewal = hall.send(citizen::renewal()).await;
    let mut clerk = Visitor::signed_in(&hall).await;
    let list = clerk.get("/clerk").await.text();
    assert!(list.contains("开户籍证明") && list.contains("身份证到期换新"), "{list}");

    put(&hall, &[("开户籍证明", "出具户籍证明"), ("用途", "用在何处")]);
    let list = clerk.get("/clerk").await.text();
    assert!(list.contains("出具户籍证明") && !list.contains("开户籍证明"), "{list}");
    assert!(list.contains("id-card-renewal") && !list.contains("身份证到期换新"), "{list}");
    let page = clerk.get(&format!("/clerk/requests/{}", certificate.acceptance_number)).await.text();
    assert!(page.contains("出具户籍证明") && page.contains("用在何处"), "{page}");
    let order = hall.order(&renewal, 2000).await;
    assert!(clerk.get(&format!("/pay/{order}")).await.text().contains("id-card-renewal"));

    put(&hall, &[("开户籍证明", "户籍证明")]);
    assert!(clerk.get("/clerk").await.text().contains("<b>户籍证明</b>"));
    hall.close().await;
}
