//! Synthetic records for tests: made-up people, never a real card.

use zeroize::Zeroizing;

/// A payload with the given type character and fields `(offset in bytes, text)`; the rest is padding, the photo a
/// pattern behind the usual header.
pub(crate) fn payload(kind: char, fields: &[(usize, &str)]) -> Zeroizing<Vec<u8>> {
    let mut text = [0x20, 0x00].repeat(128);
    put(&mut text, 248, &kind.to_string());
    for (offset, field) in fields {
        put(&mut text, *offset, field);
    }
    let mut raw = vec![0x01, 0x00, 0x04, 0x00];
    raw.extend(text);
    raw.extend([0x57, 0x4C, 0x66, 0x00, 0x7E, 0x00, 0x32, 0x00, 0x00, 0xFF, 0x85]);
    raw.extend((0..1013).map(|at| at as u8));
    Zeroizing::new(raw)
}

fn put(text: &mut [u8], offset: usize, field: &str) {
    for (at, unit) in field.encode_utf16().enumerate() {
        text[offset + 2 * at..offset + 2 * at + 2].copy_from_slice(&unit.to_le_bytes());
    }
}

/// The fields of a citizen without flaw.
pub(crate) const CITIZEN: [(usize, &str); 9] = [
    (0, "王小明"),
    (30, "1"),
    (32, "11"),
    (36, "18800101"),
    (52, "广东省汕头市某某街道1号"),
    (122, "440524188001010014"),
    (158, "某某市公安局"),
    (188, "20070305"),
    (204, "20270305"),
];

/// A citizen's payload with fields replaced.
pub(crate) fn citizen(changes: &[(usize, &str)]) -> Zeroizing<Vec<u8>> {
    let mut fields: Vec<_> = CITIZEN.to_vec();
    fields.retain(|(offset, _)| !changes.iter().any(|(changed, _)| changed == offset));
    fields.extend(changes);
    payload(' ', &fields)
}
