//! The printer's own state: start, alignment, size, weight, feeding.

/// A clean start whatever was sent before.
///
/// | bytes    | meaning                                                                        |
/// |----------|--------------------------------------------------------------------------------|
/// | 1B 40    | initialise                                                                     |
/// | 1B 52 00 | international set USA: otherwise `$` prints as `¥` on machines set to China     |
/// | 1B 74 00 | code page 437: only its ASCII half is ever used, but it must be a single-byte one |
/// | 1C 2E    | Chinese mode off: some models start with it on                                 |
pub(crate) const START: &[u8] = &[0x1B, 0x40, 0x1B, 0x52, 0x00, 0x1B, 0x74, 0x00, 0x1C, 0x2E];

/// `LF`: prints the line and feeds.
pub(crate) const LINE_FEED: u8 = 0x0A;

/// Emits `1B 61 n`: 0 left, 1 centred. Works at the beginning of a line only.
pub(crate) fn centred(out: &mut Vec<u8>, on: bool) {
    out.extend_from_slice(&[0x1B, 0x61, u8::from(on)]);
}

/// Emits `1B 45 n`: bold.
pub(crate) fn bold(out: &mut Vec<u8>, on: bool) {
    out.extend_from_slice(&[0x1B, 0x45, u8::from(on)]);
}

/// Emits double width and height, for ASCII (`1D 21 11`) and for Chinese characters (`1C 57 01`). Where a model
/// applies the first to both, the second says the same again: sizes are set, not multiplied.
pub(crate) fn double(out: &mut Vec<u8>, on: bool) {
    let size = if on { 0x11 } else { 0x00 };
    out.extend_from_slice(&[0x1D, 0x21, size, 0x1C, 0x57, u8::from(on)]);
}

/// Emits `1B 4A n`: prints the line and feeds `n` dots.
pub(crate) fn feed(out: &mut Vec<u8>, dots: u8) {
    out.extend_from_slice(&[0x1B, 0x4A, dots]);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn emitted(emit: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
        let mut out = Vec::new();
        emit(&mut out);
        out
    }

    #[test]
    fn bytes() {
        assert_eq!(START, b"\x1B@\x1BR\0\x1Bt\0\x1C.");
        assert_eq!(emitted(|out| centred(out, true)), [0x1B, 0x61, 0x01]);
        assert_eq!(emitted(|out| centred(out, false)), [0x1B, 0x61, 0x00]);
        assert_eq!(emitted(|out| bold(out, true)), [0x1B, 0x45, 0x01]);
        assert_eq!(emitted(|out| double(out, true)), [0x1D, 0x21, 0x11, 0x1C, 0x57, 0x01]);
        assert_eq!(emitted(|out| double(out, false)), [0x1D, 0x21, 0x00, 0x1C, 0x57, 0x00]);
        assert_eq!(emitted(|out| feed(out, 12)), [0x1B, 0x4A, 0x0C]);
    }
}
