//! Check digits of the numbers on identity documents.

/// Whether an 18-character number ends with its check digit.
///
/// Weights 7 9 10 5 8 4 2 1 6 3 7 9 10 5 8 4 2, the sum modulo 11 chosen from `1 0 X 9 8 7 6 5 4 3 2`. Citizens'
/// numbers, residence permits for Hong Kong, Macao and Taiwan and the permanent residence card of 2023 share it.
///
/// Source: GB 11643 (ISO 7064, MOD 11-2).
pub fn gb11643(number: &str) -> bool {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    const CHECK: &[u8; 11] = b"10X98765432";
    let Ok(&[ref digits @ .., last]) = <&[u8; 18]>::try_from(number.as_bytes()) else { return false };
    if !digits.iter().all(u8::is_ascii_digit) {
        return false;
    }
    let sum: u32 = digits.iter().zip(WEIGHTS).map(|(&d, w)| u32::from(d - b'0') * w).sum();
    CHECK.get((sum % 11) as usize) == Some(&last)
}

/// Whether a 15-character number of the permanent residence card of 2017 ends with its check digit.
///
/// Three letters and eleven digits, weighted 7 3 1 in turn (letters count 10 to 35); the sum modulo 10.
///
/// Source: ICAO 9303 part 3, 4.9, over the first 14 characters.
pub fn icao731(number: &str) -> bool {
    let Ok(&[ref body @ .., last]) = <&[u8; 15]>::try_from(number.as_bytes()) else { return false };
    let (country, rest) = body.split_at(3);
    if !country.iter().all(u8::is_ascii_uppercase) || !rest.iter().all(u8::is_ascii_digit) {
        return false;
    }
    let value = |&b: &u8| if b.is_ascii_digit() { u32::from(b - b'0') } else { u32::from(b - b'A') + 10 };
    let sum: u32 = body.iter().map(value).zip([7, 3, 1].into_iter().cycle()).map(|(v, w)| v * w).sum();
    u32::from(last.wrapping_sub(b'0')) == sum % 10
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_numbers_pass() {
        for number in [
            "11010519491231002X",
            "440524188001010014",
            "810000199408230021",
            "830000199201300022",
            "932682198501010017",
            "911124198108030024",
        ] {
            assert!(gb11643(number), "{number}");
        }
        assert!(icao731("PAK310080010103"));
        assert!(icao731("KAZ110090123105"));
    }

    #[test]
    fn every_single_wrong_digit_is_found() {
        let number = "440524188001010014";
        for at in 0..18 {
            for wrong in b'0'..=b'9' {
                let mut bytes = number.as_bytes().to_vec();
                if bytes[at] != wrong {
                    bytes[at] = wrong;
                    assert!(!gb11643(std::str::from_utf8(&bytes).unwrap()), "digit {at}");
                }
            }
        }
    }

    #[test]
    fn other_shapes_fail_quietly() {
        for number in
            ["", "11010519491231002", "11010519491231002XX", "1101051949123100二X", "A1010519491231002X"]
        {
            assert!(!gb11643(number), "{number}");
            assert!(!icao731(number), "{number}");
        }
        assert!(!icao731("PAK310080010104"));
        assert!(!icao731("pak310080010103"));
    }
}
