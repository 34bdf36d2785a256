//! No paper comes: the case stands, and the screen says so.

use faults::Fault;
use session::view::{Page, Paper};
use simulators::Fault as Trouble;
use tests::{Hall, Options};

#[test]
fn each_failure_is_told_and_the_case_is_safe() {
    let mut hall = Hall::new(Options::default());
    let mut visitor = hall.open();
    let mut cases = Vec::new();
    for (trouble, fault) in [
        (Trouble::PaperOut, Fault::PrinterPaperOut),
        (Trouble::CoverOpen, Fault::PrinterCoverOpen),
        (Trouble::Cutter, Fault::PrinterJammed),
        (Trouble::Unrecoverable, Fault::PrinterFailed),
        (Trouble::NoAnswerAfterJob, Fault::PrinterUnconfirmed),
        (Trouble::Garbage, Fault::PrinterGarbage),
        (Trouble::Off, Fault::PrinterUnreachable),
    ] {
        visitor.asks_for_a_certificate();
        hall.insert("zhang");
        visitor.confirms_and_answers();
        hall.bench.printer_fault(trouble);
        cases.push(visitor.submits());
        visitor.sees(fault.code(), |v| matches!(&v.page, Page::Done(d) if d.paper == Paper::Failed(fault)));
        visitor.is_accepted();
        hall.bench.printer_fault(Trouble::None);
        hall.remove();
        visitor.leaves();
    }
    hall.close();
    let kept: Vec<_> =
        hall.on_the_platform().iter().map(|r| r["case_number"].as_str().unwrap().to_owned()).collect();
    assert_eq!(kept, cases);
}
