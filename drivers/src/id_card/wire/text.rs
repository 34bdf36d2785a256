//! Text fields of the record: UTF-16LE padded with spaces.

use std::fmt::Write;

use jiff::civil::Date;
use zeroize::Zeroizing;

use super::{RecordError, ValidTo};

/// `长期`, which stands for a card without an end.
pub(crate) const LONG_TERM: &str = "长期";

/// A field: its name for error messages, its offset and its length in bytes.
pub(crate) type Field = (&'static str, usize, usize);

/// Decodes a field and takes off its padding.
///
/// # Errors
/// [`RecordError::Characters`] for half a surrogate pair, a control character, a non-character, or a mark that turns
/// the direction of writing (it could make a screen show another name than the one stored).
pub(crate) fn field(text: &[u8], (name, offset, length): Field) -> Result<Zeroizing<String>, RecordError> {
    decode(name, part(text, (name, offset, length))?)
}

/// The bytes of a field, before decoding.
pub(crate) fn part(text: &[u8], (name, offset, length): Field) -> Result<&[u8], RecordError> {
    text.get(offset..offset + length).ok_or(RecordError::Characters { field: name })
}

/// Decodes UTF-16LE strictly. See [`field`].
pub(crate) fn decode(name: &'static str, bytes: &[u8]) -> Result<Zeroizing<String>, RecordError> {
    let wrong = RecordError::Characters { field: name };
    let (units, rest) = bytes.as_chunks::<2>();
    if !rest.is_empty() {
        return Err(wrong);
    }
    // Three bytes of UTF-8 hold any unit, so that the string never moves and leaves a copy behind.
    let mut decoded = Zeroizing::new(String::with_capacity(units.len() * 3));
    for character in char::decode_utf16(units.iter().map(|unit| u16::from_le_bytes(*unit))) {
        match character {
            Ok(character) if !forbidden(character) => decoded.push(character),
            Ok(_) | Err(_) => return Err(wrong),
        }
    }
    let end = decoded.trim_end_matches(' ').len();
    decoded.truncate(end);
    Ok(decoded)
}

fn forbidden(character: char) -> bool {
    character.is_control()
        || u32::from(character) & 0xFFFE == 0xFFFE
        || matches!(character,
            '\u{FDD0}'..='\u{FDEF}' | '\u{FEFF}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}'
            | '\u{2066}'..='\u{2069}')
}

/// Makes one dot of all its look-alikes: the one between the parts of a name is U+00B7 (GB/T 15834).
pub(crate) fn one_dot(name: &str) -> Zeroizing<String> {
    let mut same = Zeroizing::new(String::with_capacity(name.len()));
    same.extend(name.chars().map(|character| match character {
        '\u{0387}' | '\u{2022}' | '\u{2027}' | '\u{2219}' | '\u{22C5}' | '\u{2E31}' | '\u{30FB}'
        | '\u{FF0E}' | '\u{FF65}' => '\u{00B7}',
        other => other,
    }));
    same
}

/// Decodes `YYYYMMDD`.
///
/// # Errors
/// [`RecordError::Date`] for anything that is not a day of the calendar.
pub(crate) fn date(text: &[u8], at: Field) -> Result<Date, RecordError> {
    day(at.0, &field(text, at)?)
}

/// Decodes the end of validity: a day, or `长期`.
///
/// # Errors
/// [`RecordError::Date`] as for [`date`].
pub(crate) fn valid_to(text: &[u8], at: Field) -> Result<ValidTo, RecordError> {
    let field = field(text, at)?;
    if *field == LONG_TERM { Ok(ValidTo::LongTerm) } else { day(at.0, &field).map(ValidTo::Date) }
}

/// Encodes a day as `YYYYMMDD`. Wiped on drop: it may be a birthday.
pub(crate) fn digits(day: Date) -> Zeroizing<String> {
    let mut digits = Zeroizing::new(String::with_capacity(16));
    // Writing into a string never fails.
    let _ = write!(digits, "{:04}{:02}{:02}", day.year(), day.month(), day.day());
    digits
}

fn day(name: &'static str, digits: &str) -> Result<Date, RecordError> {
    let wrong = RecordError::Date { field: name };
    if digits.len() != 8 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(wrong);
    }
    let number: u32 = digits.parse().map_err(|_| wrong.clone())?;
    let (year, month, day) = (number / 10_000, number / 100 % 100, number % 100);
    match (i16::try_from(year), i8::try_from(month), i8::try_from(day)) {
        (Ok(year), Ok(month), Ok(day)) if year > 0 => Date::new(year, month, day).map_err(|_| wrong),
        _ => Err(wrong),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    #[test]
    fn padding_goes_and_inner_spaces_stay() {
        assert_eq!(decode("name", &utf16("王  ")).unwrap().as_str(), "王");
        assert_eq!(decode("name", &utf16("A B  ")).unwrap().as_str(), "A B");
        assert_eq!(decode("name", &utf16("𬭚 ")).unwrap().as_str(), "𬭚");
        assert_eq!(
            decode("name", &utf16("\u{E863}")).unwrap().as_str(),
            "\u{E863}",
            "private use names exist"
        );
    }

    #[test]
    fn broken_text_is_refused() {
        let wrong = Err(RecordError::Characters { field: "name" });
        for bytes in [&[0x40, 0xD8, 0x20, 0x00][..], &[0x00, 0xDC], &[0x20], &[0x00, 0x00], &[0x0A, 0x00]] {
            assert_eq!(decode("name", bytes), wrong, "{bytes:02X?}");
        }
        for text in ["\u{85}", "\u{FFFF}", "a\u{202E}b", "\u{FEFF}x", "\u{FDD0}"] {
            assert_eq!(decode("name", &utf16(text)), wrong, "{text:?}");
        }
    }

    #[test]
    fn dots_become_one() {
        for dot in "·•‧∙⋅・．･".chars() {
            assert_eq!(one_dot(&format!("阿依{dot}古丽")).as_str(), "阿依·古丽", "{dot:?}");
        }
    }

    #[test]
    fn days() {
        let at = ("birth", 0, 16);
        assert_eq!(date(&utf16("20000229"), at), Ok(jiff::civil::date(2000, 2, 29)));
        for wrong in
            ["19000229", "20010431", "20011301", "00000101", "2001010 ", "２0010101", "+2001010", "        "]
        {
            assert_eq!(date(&utf16(wrong), at), Err(RecordError::Date { field: "birth" }), "{wrong}");
        }
        assert_eq!(valid_to(&utf16("长期      "), at), Ok(ValidTo::LongTerm));
        assert_eq!(&utf16("长期"), &[0x7F, 0x95, 0x1F, 0x67]);
    }
}
