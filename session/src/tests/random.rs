//! Whatever happens in whatever order: no dead end, and nothing of the last visitor on any later page.

use proptest::prelude::*;

use super::*;

/// Something that happens, with answers to the latest command or to an old one.
fn events() -> impl Strategy<Value = u8> {
    0u8..48
}

fn happen(kiosk: &mut Kiosk, which: u8) {
    let latest = kiosk.effects.iter().rev().find_map(|e| match e {
        Effect::ReadCard(c)
        | Effect::Save(c, _)
        | Effect::Print(c, _)
        | Effect::Shoot(c)
        | Effect::Scan(c) => Some(*c),
        Effect::StopReading
        | Effect::StopScanning
        | Effect::Preview(_)
        | Effect::Journal(_)
        | Effect::Wipe => None,
    });
    let command = latest.unwrap_or(0);
    let touch = |action| Event::Touch(action);
    let event = match which {
        0 => touch(Action::Begin),
        1 => touch(Action::SwitchLanguage),
        2 => touch(Action::ChooseMatter("household-certificate".to_owned())),
        3 => touch(Action::ChooseMatter("id-card-renewal".to_owned())),
        4 => touch(Action::Accept),
        5..=8 => touch(Action::Continue),
        9 => touch(Action::Back),
        10 => touch(Action::Choose { question: "certificate".to_owned(), value: "kinship".to_owned() }),
        11 => touch(Action::Choose { question: "purpose".to_owned(), value: "school".to_owned() }),
        12 => touch(Action::Change("purpose".to_owned())),
        13 | 14 => touch(Action::Submit),
        15 => touch(Action::Leave),
        16 => touch(Action::Stay),
        17 => Event::CardPresent(true),
        18 => Event::CardPresent(false),
        19 => Event::CardReading(command),
        20 | 21 => Event::CardRead(command, Box::new(citizen())),
        22 => Event::CardFailed(command, Fault::CardRemoved),
        23 => Event::ReaderHealth(Some(Fault::CardServiceDown)),
        24 => Event::ReaderHealth(None),
        25 => Event::Saved(command, Ok(CASE.to_owned())),
        26 => Event::Saved(command.saturating_sub(1), Err(Fault::StoreWriteFailed)),
        27 => Event::Printed(command, Err(Fault::PrinterJammed)),
        29 => touch(Action::Choose { question: "collection".to_owned(), value: "post".to_owned() }),
        30 => touch(Action::Type("13800138000".to_owned())),
        31 => touch(Action::TakeOver),
        32 | 33 => touch(Action::Shoot),
        34 => Event::Portrait(command, Ok(Box::new(taken()))),
        35 => Event::Portrait(command, Err(vec![Rejection::TooDark])),
        36 => touch(Action::Commit(command % 2 == 0)),
        37 => touch(Action::ScanPage),
        38 => Event::Page(command, Ok(Box::new(scanned()))),
        39 => Event::ScanFinished(command),
        40 => touch(Action::Stroke((0..20).map(|i| (i, i)).collect())),
        41 => touch(Action::PhotographAtCounter),
        42 => touch(Action::Change("phone".to_owned())),
        43 => touch(Action::RemovePage(0)),
        44 => touch(Action::ToggleLarge),
        45 => Event::CameraHealth((command % 2 == 0).then_some(Fault::CardMute)),
        46 => touch(Action::Erase),
        28 => Event::StoreHealth((command % 2 == 0).then_some(Fault::StoreFull)),
        _ => {
            kiosk.seconds(7);
            return;
        }
    };
    kiosk.happens(event);
}

/// True when something on the screen is about a person.
fn personal(view: &crate::view::View) -> bool {
    view.person.is_some()
        || matches!(
            view.page,
            Page::Confirm(_) | Page::Review(_) | Page::Photograph(_) | Page::Scan(_) | Page::Sign(_)
        )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn from_every_state_ticks_alone_lead_home(script in prop::collection::vec(events(), 1..60)) {
        let mut kiosk = Kiosk::new();
        for which in script {
            happen(&mut kiosk, which);
        }
        // The longest way home, in large text: a save that never answers, the apology, a card left behind.
        let limits = Limits::default();
        let idle = 3 * (limits.idle + limits.warning + limits.done);
        kiosk.wait(limits.saving + idle + limits.wipe_with_card + Duration::from_secs(5));
        prop_assert!(matches!(kiosk.page(), Page::Attract | Page::OutOfService(_)));
        prop_assert!(!personal(&kiosk.view()));
    }

    #[test]
    fn after_a_wipe_nothing_personal_is_shown_until_the_next_card(
        script in prop::collection::vec(events(), 1..120)
    ) {
        let mut kiosk = Kiosk::new();
        let mut read_since_wipe = false;
        for which in script {
            let before = kiosk.effects.len();
            happen(&mut kiosk, which);
            if kiosk.effects.iter().skip(before).any(|e| matches!(e, Effect::Wipe)) {
                read_since_wipe = false;
                prop_assert!(!personal(&kiosk.view()));
            }
            read_since_wipe |= matches!(kiosk.page(), Page::Confirm(_));
            prop_assert!(read_since_wipe || !personal(&kiosk.view()));
        }
    }
}
