//! Pictures out of `multipart/x-mixed-replace`.

use zeroize::Zeroizing;

/// The largest picture in bytes: 4096 × 3072 at the best quality is 6 MB.
pub(crate) const MAX_PART: usize = 8 * 1024 * 1024;

/// The longest head of a part with all before it. Guess: those of cameras are below 200 bytes.
const MAX_PART_HEAD: usize = 4 * 1024;

/// A stream that cannot be followed any further.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PartError {
    /// Where a part ends, something else than the boundary comes.
    #[error("a boundary is missing between two pictures")]
    NoBoundary,
    /// The head of a part does not end.
    #[error("the head of a picture is longer than {MAX_PART_HEAD} bytes")]
    LongHead,
    /// The length is no number.
    #[error("the length of a picture is no number")]
    BadLength,
    /// The part is longer than any picture, or does not end.
    #[error("a picture is longer than {MAX_PART} bytes")]
    LongPart,
    /// The stream's last boundary came.
    #[error("the camera ended the stream")]
    Over,
}

/// Takes the stream apart, however it arrives. Holds one part at most.
pub(crate) struct Multipart {
    /// The boundary with its dashes.
    boundary: Vec<u8>,
    buffer: Zeroizing<Vec<u8>>,
    state: State,
}

#[derive(Clone, Copy)]
enum State {
    /// Before a part's boundary and head. The first part may come after anything, later ones only after line ends.
    Head { first: bool },
    /// In a part of this length.
    Sized(usize),
    /// In a part that ends with the next boundary; as much of it was looked at.
    Unsized { seen: usize },
}

impl Multipart {
    /// A stream with this boundary, without its dashes.
    pub fn new(boundary: &str) -> Self {
        Self {
            boundary: [b"--", boundary.as_bytes()].concat(),
            buffer: Zeroizing::default(),
            state: State::Head { first: true },
        }
    }

    /// The next bytes of the stream. Call [`Multipart::next`] until it has nothing before pushing more.
    pub fn push(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// The next complete part. `None` when more bytes are needed.
    ///
    /// # Errors
    /// [`PartError`] when the stream cannot be followed any further.
    pub fn next(&mut self) -> Result<Option<Zeroizing<Vec<u8>>>, PartError> {
        loop {
            match self.state {
                State::Head { first } => {
                    let Some((length, head)) = self.head(first)? else { return Ok(None) };
                    drop(self.take(head));
                    self.state = match length {
                        Some(length) => {
                            let missing = length.saturating_sub(self.buffer.len());
                            self.buffer.reserve_exact(missing);
                            State::Sized(length)
                        }
                        None => State::Unsized { seen: 0 },
                    };
                }
                State::Sized(length) if self.buffer.len() < length => return Ok(None),
                State::Sized(length) => {
                    self.state = State::Head { first: false };
                    return Ok(Some(self.take(length)));
                }
                State::Unsized { seen } => {
                    let Some(end) = find(&self.buffer, &self.boundary, seen) else {
                        if self.buffer.len() > MAX_PART {
                            return Err(PartError::LongPart);
                        }
                        let seen = self.buffer.len().saturating_sub(self.boundary.len());
                        self.state = State::Unsized { seen };
                        return Ok(None);
                    };
                    self.state = State::Head { first: false };
                    let mut part = self.take(end);
                    // The line end before the boundary belongs to the boundary.
                    for ending in [b'\n', b'\r'] {
                        if part.last() == Some(&ending) {
                            part.pop();
                        }
                    }
                    return Ok(Some(part));
                }
            }
        }
    }

    /// Reads boundary and head of a part: the length it says, and how many bytes they are.
    fn head(&self, first: bool) -> Result<Option<(Option<usize>, usize)>, PartError> {
        let more = || if self.buffer.len() > MAX_PART_HEAD { Err(PartError::LongHead) } else { Ok(None) };
        let (mut at, mut length, mut inside) = (0, None, false);
        loop {
            let rest = self.buffer.get(at..).unwrap_or_default();
            let Some(end) = rest.iter().take(MAX_PART_HEAD).position(|byte| *byte == b'\n') else {
                return more();
            };
            at += end + 1;
            if at > MAX_PART_HEAD {
                return Err(PartError::LongHead);
            }
            let line = rest.get(..end).unwrap_or_default().trim_ascii();
            if inside {
                if line.is_empty() {
                    return Ok(Some((length, at)));
                }
                length = content_length(line)?.or(length);
            } else if let Some(after) = line.strip_prefix(self.boundary.as_slice()) {
                match after.trim_ascii() {
                    b"" => inside = true,
                    b"--" => return Err(PartError::Over),
                    _ if first => {}
                    _ => return Err(PartError::NoBoundary),
                }
            } else if !first && !line.is_empty() {
                return Err(PartError::NoBoundary);
            }
        }
    }

    /// Takes bytes from the front.
    fn take(&mut self, length: usize) -> Zeroizing<Vec<u8>> {
        let rest = Zeroizing::new(self.buffer.get(length..).unwrap_or_default().to_vec());
        let mut part = std::mem::replace(&mut self.buffer, rest);
        part.truncate(length);
        part
    }
}

fn content_length(line: &[u8]) -> Result<Option<usize>, PartError> {
    let mut halves = line.splitn(2, |byte| *byte == b':');
    let (Some(name), Some(value)) = (halves.next(), halves.next()) else { return Ok(None) };
    if !name.trim_ascii().eq_ignore_ascii_case(b"content-length") {
        return Ok(None);
    }
    let value = value.trim_ascii();
    if value.is_empty() || !value.iter().all(u8::is_ascii_digit) {
        return Err(PartError::BadLength);
    }
    let length = std::str::from_utf8(value).ok().and_then(|value| value.parse().ok());
    length.filter(|length| *length <= MAX_PART).map(Some).ok_or(PartError::LongPart)
}

/// Where the boundary begins, searched from `from` on.
fn find(bytes: &[u8], boundary: &[u8], from: usize) -> Option<usize> {
    let bytes = bytes.get(from..)?;
    bytes.windows(boundary.len()).position(|window| window == boundary).map(|at| at + from)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parts(stream: &[u8], piece: usize) -> (Vec<Vec<u8>>, Option<PartError>) {
        let (mut multipart, mut parts) = (Multipart::new("frame"), Vec::new());
        for bytes in stream.chunks(piece) {
            multipart.push(bytes);
            loop {
                match multipart.next() {
                    Ok(Some(part)) => parts.push(part.to_vec()),
                    Ok(None) => break,
                    Err(error) => return (parts, Some(error)),
                }
            }
        }
        (parts, None)
    }

    #[test]
    fn parts_with_a_length_are_taken_exactly() {
        let stream = b"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: 9\r\n\r\n\n--frame\n\r\n\
            --frame\r\ncontent-length:2\r\n\r\nab\r\n--frame--\r\n";
        for piece in 1..stream.len() {
            let (parts, error) = parts(stream, piece);
            assert_eq!(parts, [b"\n--frame\n".to_vec(), b"ab".to_vec()]);
            assert_eq!(error, Some(PartError::Over));
        }
    }

    #[test]
    fn parts_without_a_length_end_at_the_boundary() {
        let stream =
            b"garbage\r\n--frame\r\nContent-Type: image/jpeg\r\n\r\nab\n\r\n--frame\n\ncd\n--frame\r\n";
        for piece in 1..stream.len() {
            assert_eq!(parts(stream, piece), (vec![b"ab\n".to_vec(), b"cd".to_vec()], None));
        }
    }

    #[test]
    fn hostile_streams_are_given_up() {
        let error = |stream: &str| parts(stream.as_bytes(), 1000).1;
        assert_eq!(error("--frame\r\nContent-Length: 99999999999\r\n\r\n"), Some(PartError::LongPart));
        assert_eq!(
            error("--frame\r\nContent-Length: 99999999999999999999999\r\n\r\n"),
            Some(PartError::LongPart)
        );
        assert_eq!(error("--frame\r\nContent-Length: -1\r\n\r\n"), Some(PartError::BadLength));
        assert_eq!(error("--frame\r\nContent-Length: 1\r\n\r\nabc\r\n"), Some(PartError::NoBoundary));
        assert_eq!(error(&format!("--frame\r\n{}", "A: b\r\n".repeat(1000))), Some(PartError::LongHead));
        assert_eq!(error(&"x".repeat(10_000)), Some(PartError::LongHead));
        assert_eq!(error(&"\r\n".repeat(10_000)), Some(PartError::LongHead));
    }

    #[test]
    fn a_part_without_an_end_is_given_up() {
        let mut multipart = Multipart::new("frame");
        multipart.push(b"--frame\r\n\r\n");
        let block = vec![b'-'; 1 << 20];
        let pushed = (0..100).take_while(|_| {
            multipart.push(&block);
            multipart.next().is_ok()
        });
        assert_eq!(pushed.count(), MAX_PART >> 20);
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic_or_grow(stream: Vec<u8>, piece in 1usize..50) {
            let stream = [b"--frame\r\n".as_slice(), &stream, b"\r\n\r\n--frame\r\n"].concat();
            let _ = parts(&stream, piece);
        }
    }
}
