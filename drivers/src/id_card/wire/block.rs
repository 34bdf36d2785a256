//! `READ BINARY` of a PC/SC storage card.

/// The bytes of one block: what a one-byte `Le` can ask for.
pub(crate) const BLOCK: usize = 256;

/// Emits `FF B0 P1 P2 Le`: read `length` bytes (1..=256) at `offset`.
///
/// | byte  | meaning                                   |
/// |-------|-------------------------------------------|
/// | FF B0 | class of the reader itself, READ BINARY   |
/// | P1 P2 | offset, big-endian                        |
/// | Le    | bytes wanted; 00 means 256                |
///
/// Source: PC/SC part 3, 3.2.2.1.8.
pub(crate) const fn read_binary(offset: u16, length: usize) -> [u8; 5] {
    let [p1, p2] = offset.to_be_bytes();
    [0xFF, 0xB0, p1, p2, (length % BLOCK) as u8]
}

/// An answer, cut into its data and its status word.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Reply<'a> {
    pub data: &'a [u8],
    pub sw: u16,
}

/// Cuts an answer. `None` when it has not even a status word.
pub(crate) fn parse_reply(bytes: &[u8]) -> Option<Reply<'_>> {
    let (data, &[sw1, sw2]) = bytes.split_last_chunk::<2>()?;
    Some(Reply { data, sw: u16::from_be_bytes([sw1, sw2]) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_six_commands_of_a_card() {
        assert_eq!(read_binary(0, 256), [0xFF, 0xB0, 0x00, 0x00, 0x00]);
        assert_eq!(read_binary(1024, 256), [0xFF, 0xB0, 0x04, 0x00, 0x00]);
        assert_eq!(read_binary(1280, 4), [0xFF, 0xB0, 0x05, 0x00, 0x04]);
    }

    #[test]
    fn answers() {
        assert_eq!(parse_reply(&[1, 2, 0x90, 0x00]), Some(Reply { data: &[1, 2], sw: 0x9000 }));
        assert_eq!(parse_reply(&[0x6A, 0x82]), Some(Reply { data: &[], sw: 0x6A82 }));
        assert_eq!(parse_reply(&[0x90]), None);
        assert_eq!(parse_reply(&[]), None);
    }
}
