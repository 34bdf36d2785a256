//! The camera freezes, goes dark or vanishes while somebody stands before it.

use faults::Fault;
use session::Action;
use session::view::Page;
use simulators::CameraFault;
use tests::{Hall, Options, Way};

#[test]
fn the_page_says_so_and_the_camera_that_is_back_takes_the_portrait() {
    let mut hall = Hall::new(Options::offline());
    let mut visitor = hall.open();
    visitor.asks_for_a_renewal();
    hall.insert("ending");
    visitor.answers_for_a_renewal(Way::Here);
    for (trouble, fault) in [
        (CameraFault::Frozen, Fault::CameraFrozen),
        (CameraFault::Black, Fault::CameraDark),
        (CameraFault::Off, Fault::CameraUnreachable),
    ] {
        visitor.sees("the camera", |v| matches!(&v.page, Page::Photograph(p) if p.fault.is_none()));
        hall.bench.camera.fault(trouble);
        visitor.sees(fault.code(), |v| matches!(&v.page, Page::Photograph(p) if p.fault == Some(fault)));
        hall.bench.camera.fault(CameraFault::None);
    }
    visitor.is_photographed();
    visitor.sees("review", |v| matches!(&v.page, Page::Review(r) if r.portrait.is_some()));
}

#[test]
fn without_it_the_visit_goes_on_and_the_counter_takes_the_portrait() {
    let mut hall = Hall::new(Options::default());
    let mut visitor = hall.open();
    visitor.asks_for_a_renewal();
    hall.insert("ending");
    visitor.answers_for_a_renewal(Way::Here);
    hall.bench.camera.fault(CameraFault::Off);
    visitor.sees("no picture", |v| matches!(&v.page, Page::Photograph(p) if p.fault.is_some()));
    visitor.touches(Action::PhotographAtCounter);
    visitor.sees("review", |v| matches!(&v.page, Page::Review(r) if r.portrait_at_counter));
    visitor.signs();
    visitor.submits();
    visitor.is_accepted();
    hall.close();
    let opened = hall.opened(hall.on_the_platform()[0]["id"].as_str().unwrap());
    let files: Vec<_> =
        opened["request"]["attachments"].as_array().unwrap().iter().map(|f| &f["name"]).collect();
    assert_eq!(files, ["signature"]);
    assert!(opened["request"]["answers"].to_string().contains("portrait"), "the clerk sees what is missing");
}
