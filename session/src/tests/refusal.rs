//! A rule says no: the page and its slip.

use super::*;

/// A visitor whose card has expired, on the page that says why not.
fn refused(kiosk: &mut Kiosk) {
    kiosk.until_card();
    let command = kiosk.read_command();
    let expired = Citizen { valid_to: Some(date(2026, 11, 20)), ..citizen() };
    kiosk.happens(Event::CardRead(command, Box::new(expired))).touch(Action::Continue);
}

fn page(kiosk: &Kiosk) -> crate::view::Refusal {
    let Page::Refusal(refusal) = kiosk.page() else { panic!("refusal") };
    refusal
}

#[test]
fn the_slip_says_what_the_page_says_and_nothing_about_a_person() {
    let mut kiosk = Kiosk::new();
    refused(&mut kiosk);
    assert!(page(&kiosk).can_print && page(&kiosk).slip.is_none());
    kiosk.touch(Action::PrintSlip);
    assert_eq!(page(&kiosk).slip, Some(Paper::Printing));
    assert_eq!(
        kiosk.paper(),
        [
            "示例路派出所",
            "办理提示",
            "",
            "日期: 2026年11月21日（星期六）",
            "事项: 开户籍证明",
            "原因: 您的身份证已过有效期，不能用来证明身份。",
            "依据: 《居民身份证法》第十条、第十三条",
            "接下来: 请先到户籍窗口换领身份证。",
            "",
            "本单只作提示，不是不予受理决定。",
        ]
    );
    let command = kiosk.print_command();
    kiosk.touch(Action::PrintSlip);
    assert_eq!(kiosk.print_command(), command, "one slip");
    kiosk.happens(Event::Printed(command, Ok(())));
    assert_eq!(page(&kiosk).slip, Some(Paper::Printed));
    assert!(!page(&kiosk).can_print);
}

#[test]
fn the_slip_speaks_the_language_of_the_page() {
    let mut kiosk = Kiosk::new();
    refused(&mut kiosk);
    kiosk.touch(Action::SwitchLanguage).touch(Action::PrintSlip);
    let paper = kiosk.paper();
    for line in ["Date: 2026-11-21 (Sat)", "By: Resident Identity Card Law, articles 10 and 13"] {
        assert!(paper.iter().any(|l| l == line), "{line} not in {paper:?}");
    }
}

#[test]
fn a_slip_that_did_not_come_out_can_be_tried_again() {
    let mut kiosk = Kiosk::new();
    refused(&mut kiosk);
    kiosk.touch(Action::PrintSlip);
    let command = kiosk.print_command();
    kiosk.happens(Event::Printed(command, Err(Fault::PrinterPaperOut)));
    assert_eq!(page(&kiosk).slip, Some(Paper::Failed(Fault::PrinterPaperOut)));
    assert_eq!(kiosk.sounds(), [Sound::Attention]);
    kiosk.touch(Action::PrintSlip);
    assert_eq!(page(&kiosk).slip, Some(Paper::Printing));
    assert!(!kiosk.paper().contains(&"副本".to_owned()), "the first one to come out");
    kiosk.seconds(30);
    assert_eq!(page(&kiosk).slip, Some(Paper::Failed(Fault::PrinterUnconfirmed)));
}

#[test]
fn a_slip_after_one_that_may_have_come_out_is_a_copy() {
    let mut kiosk = Kiosk::new();
    refused(&mut kiosk);
    kiosk.touch(Action::PrintSlip).seconds(30).touch(Action::PrintSlip);
    assert_eq!(kiosk.paper()[..3], ["示例路派出所", "办理提示", "副本"]);
    let command = kiosk.print_command();
    kiosk.happens(Event::Printed(command, Err(Fault::PrinterPaperOut))).touch(Action::PrintSlip);
    assert_eq!(kiosk.paper()[2], "副本", "the first may still have come out");
}

#[test]
fn no_slip_is_offered_where_none_can_be_printed() {
    let mut none = Kiosk::with(false);
    refused(&mut none);
    assert!(!page(&none).can_print);

    let mut empty = Kiosk::new();
    empty.happens(Event::Health(Part::Printer, Some(Fault::PrinterPaperOut)));
    refused(&mut empty);
    assert!(!page(&empty).can_print);
    empty.touch(Action::PrintSlip);
    assert_eq!(empty.count(|e| matches!(e, Effect::Print(..))), 0);
    empty.happens(Event::Health(Part::Printer, None));
    assert!(page(&empty).can_print, "the new roll is in");
}
