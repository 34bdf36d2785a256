//! The call of an attendant, and what the loudspeaker says.

use super::*;
use crate::view::Call;

fn call_command(kiosk: &Kiosk) -> Command {
    kiosk.last(|e| if let Effect::CallAttendant(command) = e { Some(*command) } else { None })
}

/// A kiosk with a lamp.
fn kiosk() -> Kiosk {
    let mut kiosk = Kiosk::new();
    kiosk.happens(Event::Health(Part::Attendant, None));
    kiosk
}

#[test]
fn there_is_no_button_where_nobody_would_hear_it() {
    let mut kiosk = Kiosk::new();
    assert_eq!(kiosk.view().call, None);
    kiosk.touch(Action::CallAttendant);
    assert_eq!(kiosk.count(|e| matches!(e, Effect::CallAttendant(_))), 0);
    kiosk.happens(Event::Health(Part::Attendant, None));
    assert_eq!(kiosk.view().call, Some(Call::Offered));
    kiosk.happens(Event::Health(Part::Attendant, Some(Fault::LampUnreachable)));
    assert_eq!(kiosk.view().call, None);
}

#[test]
fn every_page_calls_and_no_page_is_left_for_it() {
    let pages: [fn(&mut Kiosk); 9] = [
        |_| {},
        |kiosk| drop(kiosk.happens(Event::Health(Part::Store, Some(Fault::StoreFull))).page()),
        |kiosk| drop(kiosk.touch(Action::Begin).page()),
        |kiosk| drop(kiosk.until_card().page()),
        |kiosk| drop(kiosk.until_confirm().page()),
        |kiosk| drop(kiosk.until_review().page()),
        |kiosk| drop(kiosk.until_review().touch(Action::Submit).page()),
        |kiosk| drop(kiosk.until_done().page()),
        |kiosk| drop(kiosk.until_confirm().touch(Action::Leave).page()),
    ];
    for to_page in pages {
        let mut kiosk = kiosk();
        to_page(&mut kiosk);
        let page = kiosk.page();
        kiosk.touch(Action::CallAttendant);
        assert_eq!(kiosk.view().call, Some(Call::Calling));
        assert!(kiosk.page() == page);
        let command = call_command(&kiosk);
        kiosk.happens(Event::AttendantAnswered(command));
        assert_eq!(kiosk.view().call, Some(Call::Comes));
        assert!(kiosk.page() == page);
    }
}

#[test]
fn a_second_touch_takes_the_call_back() {
    let mut kiosk = kiosk();
    kiosk.touch(Action::Begin).touch(Action::CallAttendant).touch(Action::CallAttendant);
    assert_eq!(kiosk.view().call, Some(Call::Offered));
    assert_eq!(kiosk.count(|e| matches!(e, Effect::EndCall)), 1);
    let command = call_command(&kiosk);
    kiosk.happens(Event::AttendantAnswered(command));
    assert_eq!(kiosk.view().call, Some(Call::Offered), "nobody waits for that answer any more");
    assert!(kiosk.noted(&Note::LateAnswer(command)));
}

#[test]
fn whoever_leaves_ends_the_call_and_whoever_falls_silent_keeps_it() {
    let mut leaving = kiosk();
    leaving.until_review().touch(Action::CallAttendant).touch(Action::Leave);
    assert_eq!(leaving.view().call, Some(Call::Offered));

    let mut silent = kiosk();
    silent.until_review().touch(Action::CallAttendant).seconds(200);
    assert!(matches!(silent.page(), Page::Attract));
    assert_eq!(silent.view().call, Some(Call::Calling), "somebody may need help");
    silent.seconds(400);
    assert_eq!(silent.view().call, Some(Call::Offered), "the lamp does not burn for ever");
}

#[test]
fn a_lamp_that_fails_while_it_calls_is_told() {
    let mut kiosk = kiosk();
    kiosk.touch(Action::CallAttendant).happens(Event::Health(Part::Attendant, Some(Fault::LampUnreachable)));
    assert_eq!(kiosk.view().call, None);
    assert!(kiosk.noted(&Note::FaultShown(Fault::LampUnreachable)));
    assert_eq!(kiosk.sounds(), [Sound::Attention]);
}

#[test]
fn the_idle_warning_sounds_once_until_a_sign_of_life() {
    let mut kiosk = Kiosk::new();
    kiosk.until_review().seconds(59);
    assert_eq!(kiosk.sounds(), []);
    kiosk.seconds(10);
    assert_eq!(kiosk.sounds(), [Sound::Warning]);
    kiosk.touch(Action::Stay).seconds(65);
    assert_eq!(kiosk.sounds(), [Sound::Warning, Sound::Warning]);
}

#[test]
fn a_registered_request_and_a_card_left_behind_are_heard() {
    let mut kiosk = Kiosk::new();
    kiosk.until_done().accept();
    assert_eq!(kiosk.sounds(), [Sound::Done]);
    kiosk.touch(Action::Leave).seconds(4);
    assert_eq!(kiosk.sounds(), [Sound::Done]);
    kiosk.seconds(20);
    assert_eq!(kiosk.sounds(), [Sound::Done, Sound::CardLeft]);
}

#[test]
fn a_bank_card_left_on_the_reader_sounds_once() {
    let mut kiosk = Kiosk::new();
    kiosk.until_card();
    let command = kiosk.read_command();
    for _ in 0..5 {
        kiosk.happens(Event::CardReading(command)).happens(Event::CardFailed(command, Fault::CardForeign));
    }
    assert_eq!(kiosk.sounds(), [Sound::Attention]);
    kiosk.happens(Event::CardFailed(command, Fault::CardMute));
    assert_eq!(kiosk.sounds().len(), 2, "another trouble is heard again");
}
