//! The few fields of a card record that `show` prints. Only the platform's side reads a record.
//!
//! A record is what the reader gave: the lengths of text and photo as two big-endian 16-bit numbers (three when
//! fingerprints were read), the text of 256 bytes in UTF-16LE padded with spaces, the photo. Source: GA/T 490.

use serde::Serialize;

const TEXT: usize = 256;
/// Where the type of the card stands: a space, `J`, `Y` or `I`.
const TYPE: usize = 248;

/// What `show` prints of a record.
#[derive(Serialize)]
pub struct CardText {
    /// `citizen`, `hmt`, `pr2023`, `pr2017` or `unknown`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The name; for a permanent residence card of 2017 its Chinese name.
    pub name: String,
    /// The number.
    pub number: String,
    /// The sex as coded (GB/T 2261.1): 1 male, 2 female, 0 unknown, 9 unstated.
    pub sex: String,
    /// The ethnic group as coded (GB/T 3304); citizens only.
    pub ethnicity: Option<String>,
    /// The birth date as written, `YYYYMMDD`.
    pub birth: String,
    /// The address as stored on the card; citizens and residents of Hong Kong, Macao and Taiwan.
    pub address: Option<String>,
    /// Who issued the card; on the card of 2017 the code of the accepting authority.
    pub issuer: String,
    /// The first day of validity as written.
    pub valid_from: String,
    /// The last day of validity as written, or 长期.
    pub valid_to: String,
    /// The length of the photo.
    pub photo_bytes: usize,
}

/// Reads a record's text; `None` when it has no text of 256 bytes.
pub fn decode(record: &[u8]) -> Option<CardText> {
    let (text, photo) = split(record)?;
    let photo_bytes = photo.len();
    let kind = match text.get(TYPE..TYPE + 2)? {
        b" \0" => "citizen",
        b"J\0" => "hmt",
        b"Y\0" => "pr2023",
        b"I\0" => "pr2017",
        _ => "unknown",
    };
    let field = |at: usize, bytes: usize| text.get(at..at + bytes).map(utf16);
    let valid_from = field(188, 16)?;
    let valid_to = field(204, 16)?;
    if kind == "pr2017" {
        return Some(CardText {
            kind,
            name: field(158, 30)?,
            number: field(122, 30)?,
            sex: field(120, 2)?,
            ethnicity: None,
            birth: field(220, 16)?,
            address: None,
            issuer: field(240, 8)?,
            valid_from,
            valid_to,
            photo_bytes,
        });
    }
    Some(CardText {
        kind,
        name: field(0, 30)?,
        number: field(122, 36)?,
        sex: field(30, 2)?,
        ethnicity: if kind == "citizen" { field(32, 4) } else { None },
        birth: field(36, 16)?,
        // The card of 2023 has the name in Latin letters there.
        address: if kind == "pr2023" { None } else { field(52, 70) },
        issuer: if kind == "pr2023" { String::new() } else { field(158, 30)? },
        valid_from,
        valid_to,
        photo_bytes,
    })
}

/// The photo as the card has it, WLT-coded; `None` when the record has none.
pub(crate) fn photo(record: &[u8]) -> Option<&[u8]> {
    split(record).map(|(_, photo)| photo).filter(|photo| !photo.is_empty())
}

/// The text and the photo.
fn split(record: &[u8]) -> Option<(&[u8], &[u8])> {
    let length = |at: usize| {
        let bytes = record.get(at..at + 2)?;
        Some(usize::from(u16::from_be_bytes(bytes.try_into().ok()?)))
    };
    let (text, photo, prints) = (length(0)?, length(2)?, length(4)?);
    for (head, total) in [(4, text + photo), (6, text + photo + prints)] {
        if text == TEXT && record.len() == head + total {
            let (text, rest) = record.get(head..)?.split_at_checked(TEXT)?;
            return Some((text, rest.get(..photo)?));
        }
    }
    // A bare text, with or without its photo.
    record.split_at_checked(TEXT)
}

fn utf16(bytes: &[u8]) -> String {
    let units = bytes.chunks_exact(2).filter_map(|unit| Some(u16::from_le_bytes(unit.try_into().ok()?)));
    let text: String = char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
    text.trim_end_matches([' ', '\0']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(kind: char) -> Vec<u8> {
        let mut units = vec![u16::from(b' '); 128];
        let mut put = |at: usize, value: &str| {
            for (unit, new) in units[at / 2..].iter_mut().zip(value.encode_utf16()) {
                *unit = new;
            }
        };
        put(0, "测试员");
        put(30, "2");
        put(32, "11");
        put(36, "19880101");
        put(52, "样本省样本市");
        put(122, "11010519880101002X");
        put(158, "样本市公安局");
        put(188, "20200101");
        put(204, "长期");
        put(248, &kind.to_string());
        units.into_iter().flat_map(u16::to_le_bytes).collect()
    }

    #[test]
    fn a_record_is_read_with_any_head() {
        let photo = vec![0u8; 1024];
        let plain = [&[1, 0, 4, 0][..], &text(' '), &photo].concat();
        let prints = [&[1, 0, 4, 0, 2, 0][..], &text(' '), &photo, &[0; 512]].concat();
        for record in [plain, prints, text(' ')] {
            let card = decode(&record).unwrap();
            assert_eq!((card.kind, card.name.as_str()), ("citizen", "测试员"));
            assert_eq!(card.number, "11010519880101002X");
            assert_eq!((card.birth.as_str(), card.valid_to.as_str()), ("19880101", "长期"));
            assert_eq!((card.sex.as_str(), card.ethnicity.as_deref()), ("2", Some("11")));
            assert_eq!(
                (card.address.as_deref(), card.issuer.as_str()),
                (Some("样本省样本市"), "样本市公安局")
            );
        }
        assert_eq!(decode(&text('J')).unwrap().kind, "hmt");
    }

    #[test]
    fn any_length_is_harmless() {
        let record = [&[1, 0, 4, 0][..], &text(' '), &[0; 1024]].concat();
        for end in 0..record.len() {
            let _ = decode(&record[..end]);
        }
        assert!(decode(&[]).is_none());
    }
}
