//! Cuts a stream of ESC/POS bytes into what the printer is told.
//!
//! Written from the command reference and on purpose without any code of the drivers.

use encoding_rs::GBK;

/// One thing the printer is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Op {
    /// Back to the state after power-on.
    Initialise,
    /// A character: its text and whether it came as a Chinese code (two columns).
    Character(char, bool),
    /// Print the line and feed.
    LineFeed,
    /// Print the line and feed so many dots.
    Feed(u8),
    /// Print the line and feed so many lines.
    FeedLines(u8),
    /// 0 left, 1 centre, 2 right.
    Align(u8),
    /// Bold on or off.
    Bold(bool),
    /// Width and height of ASCII, 1 to 8.
    Size(u8, u8),
    /// Width and height of Chinese characters, 1 or 2.
    ChineseSize(u8, u8),
    /// Dots from line to line; `None` is the built-in one.
    Spacing(Option<u8>),
    /// Columns of a 24-dot picture in the line, top dot in bit 23.
    Columns(Vec<u32>),
    /// A picture of its own line: bytes a row, and the rows.
    Raster(usize, Vec<u8>),
    /// The size of a QR module.
    QrModule(u8),
    /// The data of a QR code.
    QrStore(Vec<u8>),
    /// Print the stored QR code.
    QrPrint,
    /// Cut.
    Cut,
    /// A real-time question, 1 to 4.
    AskNow(u8),
    /// A question that waits behind the data.
    AskQueued,
    /// Bytes that no printer of this kind understands; printed as a mark, so that a test sees them.
    Unknown(u8),
}

/// The decoder; bytes may come in any portions.
#[derive(Default)]
pub struct Decoder {
    waiting: Vec<u8>,
    chinese: bool,
}

impl Decoder {
    /// Takes bytes and gives what is complete.
    pub fn feed(&mut self, bytes: &[u8]) -> Vec<Op> {
        self.waiting.extend_from_slice(bytes);
        let waiting = std::mem::take(&mut self.waiting);
        let mut rest = waiting.as_slice();
        let mut ops = Vec::new();
        while !rest.is_empty() {
            let Some((op, length)) = self.next(rest) else { break };
            ops.extend(op);
            rest = rest.get(length..).unwrap_or_default();
        }
        self.waiting = rest.to_vec();
        ops
    }

    /// The next command and its length; `None` when it is not complete.
    fn next(&mut self, bytes: &[u8]) -> Option<(Option<Op>, usize)> {
        let op = match *bytes {
            [0x10, 0x04, n, ..] => (Some(Op::AskNow(n)), 3),
            [0x10] | [0x10, 0x04] | [0x1B] | [0x1C] | [0x1D] => return None,
            [0x0A, ..] => (Some(Op::LineFeed), 1),
            [0x0D, ..] => (None, 1),
            [0x1B, command, ref rest @ ..] => return escape(self, command, rest),
            [0x1C, command, ref rest @ ..] => return chinese(self, command, rest),
            [0x1D, command, ref rest @ ..] => return group(command, rest),
            [lead @ 0x81..=0xFE, ref rest @ ..] if self.chinese => {
                let trail = *rest.first()?;
                let code = [lead, trail];
                let (text, _, _) = GBK.decode(&code);
                (Some(Op::Character(text.chars().next().unwrap_or('\u{FFFD}'), true)), 2)
            }
            [byte @ 0x20..=0x7E, ..] => (Some(Op::Character(char::from(byte), false)), 1),
            [byte, ..] => (Some(Op::Unknown(byte)), 1),
            [] => return None,
        };
        Some(op)
    }
}

fn escape(decoder: &mut Decoder, command: u8, rest: &[u8]) -> Option<(Option<Op>, usize)> {
    if command == 0x40 {
        decoder.chinese = false;
        return Some((Some(Op::Initialise), 2));
    }
    if matches!(command, 0x69 | 0x6D) {
        return Some((Some(Op::Cut), 2));
    }
    if command == 0x32 {
        return Some((Some(Op::Spacing(None)), 2));
    }
    let n = *rest.first()?;
    let op = match command {
        0x2A => return column_image(rest),
        0x33 => Op::Spacing(Some(n)),
        0x45 => Op::Bold(n & 1 == 1),
        0x4A => Op::Feed(n),
        0x61 => Op::Align(n % 0x30),
        0x64 => Op::FeedLines(n),
        // Code page and international set: only their common half is drawn.
        0x52 | 0x74 => return Some((None, 3)),
        _ => Op::Unknown(command),
    };
    Some((Some(op), 3))
}

fn column_image(rest: &[u8]) -> Option<(Option<Op>, usize)> {
    let (&[mode, low, high], data) = rest.split_first_chunk::<3>()?;
    if !matches!(mode, 32 | 33) {
        return Some((Some(Op::Unknown(0x2A)), 5));
    }
    let width = usize::from(u16::from_le_bytes([low, high]));
    let (columns, _) = data.get(..width * 3)?.as_chunks::<3>();
    let columns = columns.iter().map(|[a, b, c]| u32::from_be_bytes([0, *a, *b, *c])).collect();
    Some((Some(Op::Columns(columns)), 5 + width * 3))
}

fn chinese(decoder: &mut Decoder, command: u8, rest: &[u8]) -> Option<(Option<Op>, usize)> {
    match command {
        0x26 => decoder.chinese = true,
        0x2E => decoder.chinese = false,
        _ => {
            let n = *rest.first()?;
            let size = |double: bool| if double { 2 } else { 1 };
            let op = match command {
                0x21 => Some(Op::ChineseSize(size(n & 0x04 != 0), size(n & 0x08 != 0))),
                0x57 => Some(Op::ChineseSize(size(n & 1 == 1), size(n & 1 == 1))),
                0x2D => None,
                _ => Some(Op::Unknown(command)),
            };
            return Some((op, 3));
        }
    }
    Some((None, 2))
}

fn group(command: u8, rest: &[u8]) -> Option<(Option<Op>, usize)> {
    let n = *rest.first()?;
    match command {
        0x21 => Some((Some(Op::Size((n >> 4 & 7) + 1, (n & 7) + 1)), 3)),
        0x56 if matches!(n, 0x41 | 0x42) => rest.get(1).map(|_| (Some(Op::Cut), 4)),
        0x56 => Some((Some(Op::Cut), 3)),
        0x72 => Some((Some(Op::AskQueued), 3)),
        // Automatic status: this printer does not offer it.
        0x61 => Some((None, 3)),
        0x76 => raster_image(rest),
        0x28 => symbol(rest),
        _ => Some((Some(Op::Unknown(command)), 3)),
    }
}

fn raster_image(rest: &[u8]) -> Option<(Option<Op>, usize)> {
    let (&[_, _, xl, xh, yl, yh], data) = rest.split_first_chunk::<6>()?;
    let width = usize::from(u16::from_le_bytes([xl, xh]));
    let length = width * usize::from(u16::from_le_bytes([yl, yh]));
    Some((Some(Op::Raster(width, data.get(..length)?.to_vec())), 8 + length))
}

/// `GS ( k`: two-dimensional codes.
fn symbol(rest: &[u8]) -> Option<(Option<Op>, usize)> {
    let (&[_, low, high], data) = rest.split_first_chunk::<3>()?;
    let length = usize::from(u16::from_le_bytes([low, high]));
    let op = match *data.get(..length)? {
        [0x31, 0x43, module] => Some(Op::QrModule(module)),
        [0x31, 0x50, 0x30, ref data @ ..] => Some(Op::QrStore(data.to_vec())),
        [0x31, 0x51, 0x30] => Some(Op::QrPrint),
        // Model and error correction: the picture is drawn with what the data need.
        [0x31, 0x41 | 0x45, ..] => None,
        _ => Some(Op::Unknown(0x28)),
    };
    Some((op, 5 + length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_in_both_modes_and_in_any_portions() {
        let bytes = b"\x1B@A\x1C&\xD5\xC5\x1C.B\n";
        let expected = [
            Op::Initialise,
            Op::Character('A', false),
            Op::Character('张', true),
            Op::Character('B', false),
            Op::LineFeed,
        ];
        assert_eq!(Decoder::default().feed(bytes), expected);
        let mut decoder = Decoder::default();
        let single: Vec<Op> = bytes.iter().flat_map(|byte| decoder.feed(&[*byte])).collect();
        assert_eq!(single, expected);
    }

    #[test]
    fn pictures_codes_and_cuts() {
        let mut decoder = Decoder::default();
        assert_eq!(
            decoder.feed(b"\x1B*!\x02\x00\x80\x00\x01\x00\xFF\x00"),
            [Op::Columns(vec![0x80_0001, 0x00_FF00])]
        );
        assert_eq!(decoder.feed(b"\x1Dv0\0\x01\0\x02\0\xAA\x55"), [Op::Raster(1, vec![0xAA, 0x55])]);
        assert_eq!(
            decoder.feed(b"\x1D(k\x03\x001C\x06\x1D(k\x05\x001P0AB\x1D(k\x03\x001Q0"),
            [Op::QrModule(6), Op::QrStore(b"AB".to_vec()), Op::QrPrint]
        );
        assert_eq!(decoder.feed(b"\x1DVB\0\x1DV\x01\x1Bi"), [Op::Cut, Op::Cut, Op::Cut]);
        assert_eq!(decoder.feed(b"\x10\x04\x02\x1Dr\x01"), [Op::AskNow(2), Op::AskQueued]);
        assert_eq!(decoder.feed(&[0xD5]), [Op::Unknown(0xD5)], "outside the Chinese mode");
    }
}
