//! The targets whose parsers are public, or a program's own.

use assemble::{Assembler, Impossible, Parameters};
use choose::{Constraint, Kind, Setting};
use drivers::document_scanner::Source;
use drivers::document_scanner::wire::{self, Answer, Request};
use drivers::id_card::Record;
use kiosk_app::config::Config;
use matters::Catalogue;

/// The parsers of the program `kiosk-scan`, which cannot be reached otherwise.
#[path = "../../drivers/src/bin/kiosk-scan/assemble.rs"]
mod assemble;
#[path = "../../drivers/src/bin/kiosk-scan/choose.rs"]
mod choose;

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
    let region = Some(("regions/r/id.toml", region)).filter(|(_, region)| !region.is_empty());
    let files = [("id.toml", matter)].into_iter().chain(region);
    if let Err(mistakes) = Catalogue::parse_for_region(files, region.map(|_| "r")) {
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

/// An option as a scanner's library describes it, and what is chosen of it: the type of its value, the number that is
/// wanted in two bytes, and then what it takes, read as words behind each other, as numbers and as a range.
pub fn scanner_options(bytes: &[u8]) {
    let Some((&[kind, high, low], offer)) = bytes.split_first_chunk::<3>() else { return };
    let kinds = [Kind::Bool, Kind::Int, Kind::Fixed, Kind::Text, Kind::Other];
    let Some(kind) = kinds.get(usize::from(kind) % kinds.len()).copied() else { return };
    let wanted = u32::from(u16::from_be_bytes([high, low]));

    let texts: Vec<String> = offer.split(|byte| *byte == 0).map(lossy).collect();
    let is_offered = |chosen: Option<&String>| chosen.is_none_or(|word| texts.contains(word));
    assert!(is_offered(choose::mode(&texts)), "a mode that the scanner has");
    for source in [Source::Auto, Source::Feeder, Source::Flatbed] {
        assert!(is_offered(choose::source(&texts, source)), "a source that the scanner has");
    }
    for text in &texts {
        let value = choose::parse(kind, text);
        assert!(kind != Kind::Bool || value.is_none_or(|value| matches!(value, 0 | 1)), "yes or no");
    }

    let words: Vec<i32> =
        offer.chunks_exact(4).map(|word| word.try_into().map_or(0, i32::from_le_bytes)).collect();
    let option = |constraint| {
        let (number, in_pixels, size) = (1, false, 4);
        Setting { number, name: String::new(), kind, in_pixels, size, constraint }
    };
    if let &[min, max, ..] = words.as_slice() {
        let near = choose::nearest(&option(Constraint::Range(min, max)), wanted);
        assert!(min > max || (min..=max).contains(&near), "a value in the range");
    }
    let near = choose::nearest(&option(Constraint::Words(words.clone())), wanted);
    assert!(words.is_empty() || words.contains(&near), "a value of the list");
    let near = choose::nearest(&option(Constraint::Texts(texts)), wanted);
    assert_eq!(near, choose::nearest(&option(Constraint::None), wanted));
    for word in words {
        let most = u32::try_from(word).unwrap_or(0);
        assert!(choose::from_word(kind, word) <= most, "a length has no sign");
    }
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Frames as a scanner's library hands them over: six numbers of four bytes, little-endian, as in [`Parameters`], then
/// the length of the data in two bytes and the data.
pub fn scanner_frames(bytes: &[u8]) {
    let Err(Impossible(text)) = page(bytes) else { return };
    assert!(!text.is_empty(), "a refusal says why");
}

fn page(mut bytes: &[u8]) -> Result<(), Impossible> {
    let mut assembler = Assembler::default();
    let all = bytes.len();
    while let Some((head, rest)) = bytes.split_first_chunk::<26>() {
        let mut numbers = head.chunks_exact(4).map(|number| number.try_into().map_or(0, i32::from_le_bytes));
        let mut number = || numbers.next().unwrap_or_default();
        let parameters = Parameters {
            format: number(),
            last_frame: number(),
            bytes_per_line: number(),
            pixels_per_line: number(),
            lines: number(),
            depth: number(),
        };
        let length = head.last_chunk().map_or(0, |length| usize::from(u16::from_le_bytes(*length)));
        let (data, later) = rest.split_at(length.min(rest.len()));
        bytes = later;
        assembler.begin(&parameters)?;
        // In two pieces, as pipes do.
        let (front, back) = data.split_at(data.len() / 3);
        assembler.push(front)?;
        assembler.push(back)?;
    }
    let (head, pixels) = assembler.finish(200)?;
    assert_eq!(head.bytes(), Some(pixels.len()), "a page is as large as it says");
    // One bit becomes eight, and a third of the colours all three.
    assert!(pixels.len() <= 24 * all, "a page has no more pixels than came");
    Ok(())
}
