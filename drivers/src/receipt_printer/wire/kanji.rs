//! Text: ASCII bytes outside the Chinese mode, GBK's two-byte codes inside it.

use encoding_rs::{EncoderResult, GBK};

/// `1C 26`: Chinese mode on.
pub(crate) const ON: [u8; 2] = [0x1C, 0x26];

/// `1C 2E`: Chinese mode off.
pub(crate) const OFF: [u8; 2] = [0x1C, 0x2E];

/// How a character reaches the paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cell {
    /// A letter of the printer's ASCII font, one column.
    Ascii(u8),
    /// A character of its Chinese font, two columns.
    Gbk([u8; 2]),
    /// In neither font: to be drawn, one or two columns wide.
    Drawn(char, usize),
}

impl Cell {
    /// The columns that it takes at normal size.
    pub fn columns(self) -> usize {
        match self {
            Cell::Ascii(_) => 1,
            Cell::Gbk(_) => 2,
            Cell::Drawn(_, columns) => columns,
        }
    }
}

/// How a character reaches the paper. Control characters become spaces, so that no text can command the printer.
///
/// Four-byte codes of GB 18030 are never sent: many models print them as two wrong characters, even where they claim
/// the standard. Private-use characters have two-byte codes too, but no two printers draw the same there.
pub(crate) fn cell(character: char) -> Cell {
    match character {
        ' '..='~' => Cell::Ascii(character as u8),
        '\u{A0}' => Cell::Ascii(b' '),
        _ if character.is_control() => Cell::Ascii(b' '),
        '\u{E000}'..='\u{F8FF}' => Cell::Drawn(character, 2),
        _ => match gbk(character) {
            Some(code) => Cell::Gbk(code),
            None => Cell::Drawn(character, if u32::from(character) < 0x1100 { 1 } else { 2 }),
        },
    }
}

fn gbk(character: char) -> Option<[u8; 2]> {
    let (mut text, mut code) = ([0; 4], [0; 8]);
    let text = character.encode_utf8(&mut text);
    let (result, _, written) = GBK.new_encoder().encode_from_utf8_without_replacement(text, &mut code, true);
    match (result, code.get(..written)) {
        // The encoding has the euro sign as one byte, 80, which no printer's font knows.
        (EncoderResult::InputEmpty, Some(&[lead @ 0x81..=0xFE, trail @ 0x40..=0xFE])) => Some([lead, trail]),
        (EncoderResult::InputEmpty | EncoderResult::OutputFull | EncoderResult::Unmappable(_), _) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_character_goes_its_way() {
        assert_eq!(cell('A'), Cell::Ascii(b'A'));
        assert_eq!(cell('张'), Cell::Gbk([0xD5, 0xC5]));
        assert_eq!(cell('·'), Cell::Gbk([0xA1, 0xA4]));
        assert_eq!(cell('繁'), Cell::Gbk([0xB7, 0xB1]));
        assert_eq!(cell('囍'), Cell::Gbk([0x87, 0xD6]));
        assert_eq!(cell('㐂'), Cell::Drawn('㐂', 2), "GB 18030 has it in four bytes only");
        assert_eq!(cell('\u{2CB5A}'), Cell::Drawn('\u{2CB5A}', 2));
        assert_eq!(cell('\u{E863}'), Cell::Drawn('\u{E863}', 2));
        assert_eq!(cell('ñ'), Cell::Drawn('ñ', 1));
        assert_eq!(cell('€'), Cell::Drawn('€', 2));
        assert_eq!(cell('\u{1B}'), Cell::Ascii(b' '), "no text can command the printer");
    }
}
