//! The scanner jams, is empty, stands open, hangs, or feeds two hundred sheets: the page says what to do, the pages that
//! lie there already stay, and the next scan works.

use faults::Fault;
use session::Action;
use session::view::{Page, ScanProblem, View};
use tests::{Glass, Hall, Options, Visitor, Way};

fn at_the_scanner(glass: Glass) -> (Hall, Visitor) {
    let mut hall = Hall::new(Options { scanner: glass, ..Options::offline() });
    let mut visitor = hall.open();
    visitor.asks_for_a_renewal();
    hall.insert("ending");
    visitor.answers_for_a_renewal(Way::Papers);
    visitor.is_photographed();
    visitor.commits(false);
    visitor.sees("the scan page", |v| matches!(v.page, Page::Scan(_)));
    (hall, visitor)
}

fn problem(view: &View) -> Option<ScanProblem> {
    let Page::Scan(scan) = &view.page else { return None };
    if scan.scanning { None } else { scan.problem }
}

#[test]
fn each_failure_is_told_and_the_next_scan_works() {
    let (hall, mut visitor) = at_the_scanner(Glass::Paper);
    for (status, fault) in [
        ("SANE_STATUS_JAMMED", Fault::ScannerJammed),
        ("SANE_STATUS_NO_DOCS", Fault::ScannerNoPaper),
        ("SANE_STATUS_COVER_OPEN", Fault::ScannerCoverOpen),
        ("SANE_STATUS_IO_ERROR", Fault::ScannerFailed),
    ] {
        hall.scanner(Glass::Fails(status));
        visitor.touches(Action::ScanPage);
        visitor.sees(fault.code(), |v| problem(v) == Some(ScanProblem::Fault(fault)));
    }
    hall.scanner(Glass::Paper);
    visitor.scans();
    visitor.sees("review", |v| matches!(&v.page, Page::Review(r) if r.papers[0].pages == 1));
}

#[test]
fn an_empty_glass_is_no_page() {
    let (hall, mut visitor) = at_the_scanner(Glass::Nothing);
    visitor.touches(Action::ScanPage);
    visitor.sees("nothing there", |v| matches!(problem(v), Some(ScanProblem::Blank | ScanProblem::NoPage)));
    hall.scanner(Glass::Paper);
    visitor.scans();
}

#[test]
fn one_that_hangs_in_open_is_killed_and_started_anew() {
    let (hall, mut visitor) = at_the_scanner(Glass::HangsInOpen);
    visitor.touches(Action::ScanPage);
    // Somebody who stands there and waits.
    visitor.waits_for("SCN-05", |v| problem(v) == Some(ScanProblem::Fault(Fault::ScannerOverdue)));
    hall.scanner(Glass::Paper);
    visitor.scans();
}

#[test]
fn of_two_hundred_sheets_the_pages_that_are_wanted_are_kept() {
    let (hall, mut visitor) = at_the_scanner(Glass::Feeder(200));
    visitor.touches(Action::ScanPage);
    visitor.sees("four pages", |v| matches!(&v.page, Page::Scan(s) if s.pages.len() == 4 && !s.scanning));
    visitor.touches(Action::RemovePage(0));
    visitor.sees("three pages", |v| matches!(&v.page, Page::Scan(s) if s.pages.len() == 3));
    hall.scanner(Glass::Paper);
    visitor.touches(Action::ScanPage);
    visitor.sees("four again", |v| matches!(&v.page, Page::Scan(s) if s.pages.len() == 4 && !s.scanning));
    visitor.touches(Action::Continue);
    visitor.sees("review", |v| matches!(&v.page, Page::Review(r) if r.papers[0].pages == 4));
}
