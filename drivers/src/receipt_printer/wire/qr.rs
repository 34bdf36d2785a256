//! QR codes by the printer's own command.

/// The most bytes that a QR code holds at error correction M (version 40, byte mode).
pub(crate) const MOST: usize = 2331;

/// Emits the five commands of a code: model 2, module size in dots, error correction M, data, print.
///
/// | bytes                        | meaning                              |
/// |------------------------------|--------------------------------------|
/// | 1D 28 6B 04 00 31 41 32 00   | model 2                              |
/// | 1D 28 6B 03 00 31 43 n       | module of n dots                     |
/// | 1D 28 6B 03 00 31 45 31      | error correction M (15 %)            |
/// | 1D 28 6B pL pH 31 50 30 data | store; p = length of the data + 3    |
/// | 1D 28 6B 03 00 31 51 30      | print what is stored                 |
///
/// False, and nothing emitted, when the data do not fit any code.
///
/// Source: ESC/POS, `GS ( k`, cn = 49.
pub(crate) fn qr(out: &mut Vec<u8>, data: &[u8], module: u8) -> bool {
    let Ok(length) = u16::try_from(data.len() + 3) else { return false };
    if data.is_empty() || data.len() > MOST {
        return false;
    }
    let [low, high] = length.to_le_bytes();
    out.extend_from_slice(&[0x1D, 0x28, 0x6B, 0x04, 0x00, 0x31, 0x41, 0x32, 0x00]);
    out.extend_from_slice(&[0x1D, 0x28, 0x6B, 0x03, 0x00, 0x31, 0x43, module]);
    out.extend_from_slice(&[0x1D, 0x28, 0x6B, 0x03, 0x00, 0x31, 0x45, 0x31]);
    out.extend_from_slice(&[0x1D, 0x28, 0x6B, low, high, 0x31, 0x50, 0x30]);
    out.extend_from_slice(data);
    out.extend_from_slice(&[0x1D, 0x28, 0x6B, 0x03, 0x00, 0x31, 0x51, 0x30]);
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_of_two_bytes() {
        let mut out = Vec::new();
        assert!(qr(&mut out, b"AB", 6));
        let expected =
            b"\x1D(k\x04\x001A2\x00\x1D(k\x03\x001C\x06\x1D(k\x03\x001E1\x1D(k\x05\x001P0AB\x1D(k\x03\x001Q0";
        assert_eq!(out, expected);
    }

    #[test]
    fn what_fits_no_code_is_refused() {
        let mut out = Vec::new();
        assert!(!qr(&mut out, b"", 6));
        assert!(!qr(&mut out, &[b'x'; MOST + 1], 6));
        assert!(!qr(&mut out, &vec![b'x'; 70_000], 6));
        assert!(out.is_empty());
        assert!(qr(&mut out, &[b'x'; 300], 6));
        assert_eq!(out.get(25..33), Some(&b"\x1D(k\x2F\x011P0"[..]));
    }
}
