//! No paper comes: the case stands, and the screen says so.

use faults::Fault;
use session::view::{Page, Paper};
use tests::{Hall, Options};

#[test]
fn each_failure_is_told_and_the_case_is_safe() {
    let mut hall = Hall::new(Options::default());
    let mut visitor = hall.open();
    let mut cases = Vec::new();
    for (trouble, fault) in [
        ("paper-out", Fault::PrinterPaperOut),
        ("cover-open", Fault::PrinterCoverOpen),
        ("cutter", Fault::PrinterJammed),
        ("unrecoverable", Fault::PrinterFailed),
        ("no-answer-after-job", Fault::PrinterUnconfirmed),
        ("garbage", Fault::PrinterGarbage),
        ("off", Fault::PrinterUnreachable),
    ] {
        visitor.asks_for_a_certificate();
        hall.bench.insert("zhang").unwrap();
        visitor.confirms_and_answers();
        hall.bench.printer_fault(trouble).unwrap();
        cases.push(visitor.submits());
        visitor.sees(trouble, |v| matches!(&v.page, Page::Done(d) if d.paper == Paper::Failed(fault)));
        visitor.is_accepted();
        hall.bench.printer_fault("none").unwrap();
        hall.bench.remove().unwrap();
        visitor.leaves();
    }
    hall.close();
    let kept: Vec<_> =
        hall.on_the_platform().iter().map(|r| r["case_number"].as_str().unwrap().to_owned()).collect();
    assert_eq!(kept, cases);
}
