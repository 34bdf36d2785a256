//! Passwords: argon2id (RFC 9106) with the crate's own parameters (19 MiB, two passes: OWASP's recommendation).

use argon2::Argon2;
use argon2::password_hash::{self, PasswordHasher, PasswordVerifier, phc};
use zeroize::Zeroizing;

use super::error::ClerkError;

/// The fewest characters. NIST SP 800-63B asks for 8 beside a second factor and 15 without; ours are made, not chosen.
const SHORTEST: usize = 12;
/// The most bytes: more is no password, but work for the hash.
const LONGEST: usize = 256;
/// What a made password consists of: no letter that looks like another, 5 bits each.
const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz023456789";
/// 16 letters of 5 bits: 80 bits.
const MADE: usize = 16;

/// A password's hash as it is stored: a PHC string.
pub(crate) struct PasswordHash(String);

impl PasswordHash {
    pub(crate) fn stored(text: String) -> Self {
        Self(text)
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// Hashes a new password under a random salt.
///
/// # Errors
/// [`ClerkError::Password`] when it is too short or too long.
pub(crate) fn hash(password: &str) -> Result<PasswordHash, ClerkError> {
    if password.chars().count() < SHORTEST || password.len() > LONGEST {
        return Err(ClerkError::Password);
    }
    hashed(password).map_err(ClerkError::Hash)
}

fn hashed(password: &str) -> Result<PasswordHash, password_hash::Error> {
    Ok(PasswordHash(Argon2::default().hash_password(password.as_bytes())?.to_string()))
}

/// Whether this is the password. Takes as long for a clerk who does not exist, compared with `decoy`.
pub(crate) fn is_right(password: &str, stored: Option<&PasswordHash>, decoy: &PasswordHash) -> bool {
    let against = stored.unwrap_or(decoy);
    let right = password.len() <= LONGEST
        && phc::PasswordHash::new(against.as_str())
            .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok());
    right && stored.is_some()
}

/// A hash that nobody's password has.
///
/// # Errors
/// When the system gives no random bytes.
pub(crate) fn decoy() -> Result<PasswordHash, ClerkError> {
    hash(&made()?)
}

/// A new password: 16 letters and digits in fours.
///
/// # Errors
/// When the system gives no random bytes.
pub fn made() -> Result<Zeroizing<String>, ClerkError> {
    let mut random = Zeroizing::new([0u8; MADE]);
    getrandom::fill(random.as_mut_slice()).map_err(ClerkError::Random)?;
    let mut text = Zeroizing::new(String::with_capacity(MADE + MADE / 4));
    for (at, byte) in random.iter().enumerate() {
        if at > 0 && at % 4 == 0 {
            text.push('-');
        }
        text.extend(LETTERS.get(usize::from(byte % 32)).map(|letter| char::from(*letter)));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_right_only_for_its_clerk() {
        let (made_one, decoy) = (made().unwrap(), decoy().unwrap());
        assert_eq!(made_one.len(), 19);
        let stored = hash(&made_one).unwrap();
        assert!(stored.as_str().starts_with("$argon2id$v=19$"));
        assert!(is_right(&made_one, Some(&stored), &decoy));
        assert!(!is_right("abcd-abcd-abcd-abcd", Some(&stored), &decoy));
        assert!(!is_right(&made_one, None, &decoy));
        assert!(!is_right(&made_one, Some(&PasswordHash::stored("nonsense".into())), &decoy));
    }

    #[test]
    fn passwords_that_are_too_short_or_too_long_are_refused() {
        for password in ["", "elf letters", &"x".repeat(LONGEST + 1)] {
            assert!(matches!(hash(password), Err(ClerkError::Password)));
        }
    }
}
