//! The payload: lengths, text, photo. The same bytes in a storage card's file and in a security module's answer.

use zeroize::Zeroizing;

use super::RecordError;

/// Bytes of the two lengths in front.
pub(crate) const PREFIX: usize = 4;

/// Bytes of the text that a record's layout needs (GA/T 490).
pub(crate) const TEXT: usize = 256;

/// The most that a record may announce: the offset of a block has 15 usable bits.
const LARGEST: usize = 0x7FFF;

/// The longest photo.
pub(crate) const LARGEST_PHOTO: usize = LARGEST - PREFIX - TEXT;

/// The parts of a whole payload, checked against its lengths.
pub(crate) struct Payload<'a> {
    pub text: &'a [u8],
    pub photo: &'a [u8],
}

/// The size of the whole payload, as its first bytes announce it.
///
/// | bytes | meaning                   |
/// |-------|---------------------------|
/// | 0–1   | text length, big-endian   |
/// | 2–3   | photo length, big-endian  |
///
/// # Errors
/// [`RecordError::Lengths`] when no record can have such lengths, or the bytes are missing.
pub(crate) fn announced(start: &[u8]) -> Result<usize, RecordError> {
    let (text, photo) = lengths(start)?;
    let total = PREFIX + text + photo;
    if text != TEXT || total > LARGEST {
        return Err(RecordError::Lengths);
    }
    Ok(total)
}

impl<'a> Payload<'a> {
    /// Cuts a payload by its own lengths.
    ///
    /// # Errors
    /// [`RecordError::Lengths`] when they do not fit the bytes.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, RecordError> {
        if bytes.len() != announced(bytes)? {
            return Err(RecordError::Lengths);
        }
        let (text, _) = lengths(bytes)?;
        let body = bytes.get(PREFIX..).ok_or(RecordError::Lengths)?;
        let (text, photo) = body.split_at_checked(text).ok_or(RecordError::Lengths)?;
        Ok(Self { text, photo })
    }

    /// The whole payload. The text must have 256 bytes and the photo at most [`LARGEST_PHOTO`].
    pub fn emit(&self) -> Zeroizing<Vec<u8>> {
        let mut bytes = Zeroizing::new(Vec::with_capacity(PREFIX + self.text.len() + self.photo.len()));
        for part in [self.text, self.photo] {
            bytes.extend_from_slice(&u16::try_from(part.len()).unwrap_or(u16::MAX).to_be_bytes());
        }
        bytes.extend_from_slice(self.text);
        bytes.extend_from_slice(self.photo);
        bytes
    }
}

fn lengths(start: &[u8]) -> Result<(usize, usize), RecordError> {
    let &[t1, t2, p1, p2] = start.first_chunk::<PREFIX>().ok_or(RecordError::Lengths)?;
    Ok((usize::from(u16::from_be_bytes([t1, t2])), usize::from(u16::from_be_bytes([p1, p2]))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_decide() {
        assert_eq!(announced(&[0x01, 0x00, 0x04, 0x00]), Ok(1284));
        assert_eq!(announced(&[0x01, 0x00, 0x00, 0x00]), Ok(260));
        assert_eq!(announced(&[0x01, 0x00, 0x04]), Err(RecordError::Lengths));
        assert_eq!(announced(&[0x00, 0xFF, 0x04, 0x00]), Err(RecordError::Lengths));
        assert_eq!(announced(&[0x01, 0x00, 0xFF, 0xFF]), Err(RecordError::Lengths));
    }

    #[test]
    fn a_payload_is_cut_where_its_lengths_say() {
        let mut bytes = vec![0x01, 0x00, 0x00, 0x02];
        bytes.extend([b'a'; 256]);
        bytes.extend([1, 2]);
        let payload = Payload::parse(&bytes).ok().unwrap();
        assert_eq!((payload.text.len(), payload.photo), (256, &[1, 2][..]));
        assert_eq!(*payload.emit(), bytes);
        bytes.push(3);
        assert!(Payload::parse(&bytes).is_err(), "a byte too many");
        bytes.truncate(261);
        assert!(Payload::parse(&bytes).is_err(), "a byte too few");
    }
}
