//! The kiosk's id, such as `110101-0007`: hall and machine.

/// Longest id: it must fit a DNS label of a certificate's alternative name.
pub const MAX_LEN: usize = 32;

/// Whether `id` can name a kiosk: ASCII letters, digits and inner hyphens, at most [`MAX_LEN`], with a digit in it: it begins
/// every case number, and people read that out.
pub fn is_valid(id: &str) -> bool {
    id.len() <= MAX_LEN
        && id.bytes().any(|b| b.is_ascii_digit())
        && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        && !id.starts_with('-')
        && !id.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids() {
        for good in ["110101-0007", "1", "HALL7"] {
            assert!(is_valid(good), "{good}");
        }
        for bad in ["", "hall", "-1", "1-", "1 2", "1/2", "１", &"1".repeat(33)] {
            assert!(!is_valid(bad), "{bad}");
        }
    }
}
