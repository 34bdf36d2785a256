//! Turns a document into the bytes of a print job.

use zeroize::Zeroizing;

use super::document::Document;
use super::layout::{Line, Style, lines, wrap};
use super::profiles::Row;
use super::wire::kanji::{self, Cell, cell};
use super::wire::{cut, page, qr, raster};

/// Draws what the printer's fonts lack.
pub(crate) trait Draw {
    /// A picture of the character, `width` dots wide and 24 high.
    fn draw(&mut self, character: char, width: usize) -> raster::Columns;
}

/// Dots between double-size lines, which would touch otherwise.
const LEADING: u8 = 10;

/// Dots above and below a code: four modules of six dots have to stay white (ISO/IEC 18004).
const QUIET: u8 = 24;

/// Dots of an ASCII letter.
const LETTER: usize = 12;

/// The whole job: start, lines, cut.
pub(crate) fn job(document: &Document, row: &Row, draw: &mut impl Draw) -> Zeroizing<Vec<u8>> {
    let mut out = Zeroizing::new(Vec::with_capacity(8 * 1024));
    out.extend_from_slice(page::START);
    for line in lines(document, row.columns) {
        match line {
            Line::Text(style, text) => set(&mut out, style, &text, draw),
            Line::Qr(data) => {
                page::feed(&mut out, QUIET);
                page::centred(&mut out, true);
                let printed = qr::qr(&mut out, data.as_bytes(), row.qr_module);
                page::centred(&mut out, false);
                if printed {
                    page::feed(&mut out, QUIET);
                } else {
                    for line in wrap(data, row.columns) {
                        set(&mut out, Style::Normal, &line, draw);
                    }
                }
            }
        }
    }
    cut::cut(&mut out, row.cut);
    out
}

fn set(out: &mut Vec<u8>, style: Style, text: &str, draw: &mut impl Draw) {
    match style {
        Style::Normal => run(out, text, draw),
        Style::Big | Style::Title => {
            // A picture in the line is 24 dots high whatever the size is, so a line that needs one stays small.
            let double = !text.chars().any(|character| matches!(cell(character), Cell::Drawn(..)));
            page::centred(out, true);
            if style == Style::Title {
                page::bold(out, true);
            }
            if double {
                page::double(out, true);
            }
            run(out, text, draw);
            if double {
                page::feed(out, LEADING);
                page::double(out, false);
            }
            if style == Style::Title {
                page::bold(out, false);
            }
            page::centred(out, false);
        }
    }
}

fn run(out: &mut Vec<u8>, text: &str, draw: &mut impl Draw) {
    let mut chinese = false;
    for character in text.chars() {
        let cell = cell(character);
        if chinese != matches!(cell, Cell::Gbk(_)) {
            chinese = !chinese;
            out.extend_from_slice(if chinese { &kanji::ON } else { &kanji::OFF });
        }
        match cell {
            Cell::Ascii(byte) => out.push(byte),
            Cell::Gbk(code) => out.extend_from_slice(&code),
            Cell::Drawn(character, columns) => raster::columns(out, &draw.draw(character, columns * LETTER)),
        }
    }
    if chinese {
        out.extend_from_slice(&kanji::OFF);
    }
    out.push(page::LINE_FEED);
}

#[cfg(test)]
mod tests {
    use super::super::document::Block;
    use super::super::profiles::Profile;
    use super::*;

    struct Bars;

    impl Draw for Bars {
        fn draw(&mut self, _: char, width: usize) -> raster::Columns {
            raster::Columns(vec![0xFF_FFFF; width])
        }
    }

    fn bytes(blocks: Vec<Block>) -> Vec<u8> {
        let job = job(&Document { blocks }, Profile::Generic.row(), &mut Bars);
        let body = job.strip_prefix(page::START).unwrap().strip_suffix(b"\x1DVB\0").unwrap();
        body.to_vec()
    }

    #[test]
    fn text_switches_between_the_two_modes() {
        assert_eq!(bytes(vec![Block::Text("A张B".into())]), b"A\x1C&\xD5\xC5\x1C.B\n");
        assert_eq!(bytes(vec![Block::Text("张".into()), Block::Space]), b"\x1C&\xD5\xC5\x1C.\n\n");
    }

    #[test]
    fn a_rare_character_stands_in_its_line_as_a_picture() {
        let mut expected = b"\x1C&\xCD\xF5\x1C.\x1B*!\x18\x00".to_vec();
        expected.extend([0xFF; 72]);
        expected.extend(b"\x1C&\xC3\xF7\x1C.\n");
        assert_eq!(bytes(vec![Block::Text("王𬭚明".into())]), expected);
    }

    #[test]
    fn sizes_and_codes() {
        assert_eq!(
            bytes(vec![Block::Title("张".into())]),
            b"\x1Ba\x01\x1BE\x01\x1D!\x11\x1CW\x01\x1C&\xD5\xC5\x1C.\n\x1BJ\x0A\x1D!\x00\x1CW\x00\x1BE\x00\x1Ba\x00"
        );
        let code = bytes(vec![Block::Qr("AB".into())]);
        assert!(code.starts_with(b"\x1BJ\x18\x1Ba\x01\x1D(k") && code.ends_with(b"1Q0\x1Ba\x00\x1BJ\x18"));
        assert_eq!(bytes(vec![Block::Qr(String::new())]), b"\x1BJ\x18\x1Ba\x01\x1Ba\x00\n");
    }

    #[test]
    fn a_double_line_with_a_picture_stays_small() {
        let line = bytes(vec![Block::Big("𬭚".into())]);
        assert!(line.starts_with(b"\x1Ba\x01\x1B*!\x18\x00"));
    }

    #[test]
    fn no_text_can_command_the_printer() {
        assert_eq!(bytes(vec![Block::Text("a\x1Bm\x10\x04\x01b".into())]), b"a m   b\n");
    }
}
