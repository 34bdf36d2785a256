//! Pictures between letters.

/// Dots of a line of text, and of the pictures in it.
pub(crate) const HEIGHT: usize = 24;

/// A picture 24 dots high: a column is 24 bits, the top dot in bit 23.
pub(crate) struct Columns(pub Vec<u32>);

/// Emits `1B 2A 21 nL nH data`: a 24-dot column image at full density, in the line like a letter.
///
/// `1D 76 30` would start on a line of its own, so it cannot stand in the middle of a name.
///
/// | byte  | meaning                                     |
/// |-------|---------------------------------------------|
/// | nL nH | columns, little-endian                      |
/// | data  | three bytes a column, top first, high bit up |
///
/// Source: ESC/POS, `ESC *`, m = 33.
pub(crate) fn columns(out: &mut Vec<u8>, picture: &Columns) {
    let width = picture.0.len().min(usize::from(u16::MAX)) as u16;
    out.extend_from_slice(&[0x1B, 0x2A, 0x21]);
    out.extend_from_slice(&width.to_le_bytes());
    for column in picture.0.iter().take(usize::from(width)) {
        let [_, top, middle, bottom] = column.to_be_bytes();
        out.extend_from_slice(&[top, middle, bottom]);
    }
}

#[test]
fn two_columns() {
    let mut out = Vec::new();
    columns(&mut out, &Columns(vec![0x80_0001, 0x00_FF00]));
    assert_eq!(out, [0x1B, 0x2A, 0x21, 0x02, 0x00, 0x80, 0x00, 0x01, 0x00, 0xFF, 0x00]);
}
