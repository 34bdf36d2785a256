//! The targets whose parsers are public.

use drivers::document_scanner::wire::{self, Answer, Request};
use drivers::id_card::Record;
use kiosk_app::config::Config;
use matters::Catalogue;

/// Bytes of the text of a card's record.
const TEXT: usize = 256;

/// A payload as a reader gives it, and the bytes as the text of one.
pub fn card_record(bytes: &[u8]) {
    let mut text = [0x20, 0x00].repeat(TEXT / 2);
    for (place, byte) in text.iter_mut().zip(bytes) {
        *place = *byte;
    }
    let framed = [&[0x01, 0x00, 0x00, 0x00][..], &text].concat();
    for payload in [bytes, &framed] {
        let Ok(record) = Record::decode(payload.to_vec().into()) else { continue };
        let again = record.fields().encode(record.photo()).ok().and_then(|raw| Record::decode(raw).ok());
        let same =
            again.is_some_and(|again| again.fields() == record.fields() && again.photo() == record.photo());
        assert!(same, "what was read can be written and read again");
    }
}

/// A matter's file, and behind a zero byte a region's over it.
pub fn catalogue(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let (matter, region) = text.split_once('\0').unwrap_or((text, ""));
    let region = Some(("id.toml", region)).filter(|(_, region)| !region.is_empty());
    if let Err(mistakes) = Catalogue::parse_for_region([("id.toml", matter)], region) {
        assert!(!mistakes.is_empty(), "a refusal says why");
        mistakes.iter().for_each(|mistake| assert!(!mistake.to_string().is_empty()));
    }
}

/// The configuration of a machine.
pub fn config(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Err(error) = Config::parse("kiosk.toml", text) {
        assert!(!error.to_string().is_empty());
    }
}

/// A line from the scanner's helper, and one to it.
pub fn scanner_helper(bytes: &[u8]) {
    if let Ok(answer) = wire::parse::<Answer>(bytes) {
        if let Answer::Page(page) = &answer {
            assert!(page.bytes().is_none_or(|bytes| (1..=wire::MAX_PAGE).contains(&bytes)));
        }
        let again = wire::line(&answer).ok().and_then(|line| wire::parse(&line).ok());
        assert!(again == Some(answer), "an answer can be said again");
    }
    if let Ok(request) = wire::parse::<Request>(bytes) {
        let again = wire::line(&request).ok().and_then(|line| wire::parse(&line).ok());
        assert!(again == Some(request), "a request can be said again");
    }
}
