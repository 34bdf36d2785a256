//! The head of the camera's answer, and chunks where a camera sends them.

/// The longest head of an answer, in bytes. Guess: those of cameras are below 500.
const MAX_HEAD: usize = 8 * 1024;

/// How many headers an answer may have. Guess.
const MAX_HEADERS: usize = 48;

/// The longest line before a chunk, in bytes: a length and extensions. Guess.
const MAX_CHUNK_LINE: usize = 256;

/// What the head says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    /// The boundary between pictures.
    pub boundary: String,
    /// The body comes in chunks.
    pub chunked: bool,
}

/// An answer that is no stream of pictures.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeadError {
    /// Not HTTP.
    #[error("the answer is not HTTP")]
    NotHttp,
    /// The head does not end.
    #[error("the answer's head is longer than {MAX_HEAD} bytes")]
    TooLong,
    /// Not the status 200.
    #[error("the camera answers with status {0}")]
    Status(u16),
    /// Not `multipart/x-mixed-replace` with a boundary.
    #[error("the camera sends no stream of pictures")]
    NotPictures,
}

impl Head {
    /// Reads the head. `None` when more bytes are needed; else also says how long it is.
    ///
    /// # Errors
    /// [`HeadError`] when the answer is no stream of pictures.
    pub fn parse(bytes: &[u8]) -> Result<Option<(Self, usize)>, HeadError> {
        let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
        let mut response = httparse::Response::new(&mut headers);
        let length = match response.parse(bytes) {
            Ok(httparse::Status::Complete(length)) => length,
            Ok(httparse::Status::Partial) if bytes.len() >= MAX_HEAD => return Err(HeadError::TooLong),
            Ok(httparse::Status::Partial) => return Ok(None),
            Err(httparse::Error::TooManyHeaders) => return Err(HeadError::TooLong),
            Err(_) => return Err(HeadError::NotHttp),
        };
        match response.code {
            Some(200) => {}
            Some(code) => return Err(HeadError::Status(code)),
            None => return Err(HeadError::NotHttp),
        }
        let header = |name: &str| {
            let header = response.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name))?;
            std::str::from_utf8(header.value).ok()
        };
        let boundary = header("content-type").and_then(boundary).ok_or(HeadError::NotPictures)?;
        let chunked = header("transfer-encoding").is_some_and(|value| value.eq_ignore_ascii_case("chunked"));
        Ok(Some((Self { boundary, chunked }, length)))
    }
}

/// The boundary in a content type. Some cameras write the dashes, which belong to its use, into its name.
fn boundary(content_type: &str) -> Option<String> {
    let mut parts = content_type.split(';').map(str::trim);
    if !parts.next()?.eq_ignore_ascii_case("multipart/x-mixed-replace") {
        return None;
    }
    parts.find_map(|part| {
        let (name, value) = part.split_once('=')?;
        let value = value.trim().trim_matches('"').trim_start_matches("--");
        // 70 characters at most: RFC 2046 section 5.1.1.
        let proper = !value.is_empty() && value.len() <= 70;
        (name.trim().eq_ignore_ascii_case("boundary") && proper).then(|| value.to_owned())
    })
}

/// Takes the chunks of HTTP/1.1 away from a body (RFC 9112 section 7.1).
#[derive(Default)]
pub(crate) struct Chunks {
    state: ChunkState,
    line: Vec<u8>,
}

#[derive(Default)]
enum ChunkState {
    #[default]
    Length,
    Body(u64),
    AfterBody,
    Over,
}

impl Chunks {
    /// Appends what `bytes` hold of the body. False when they are no chunks.
    #[must_use]
    pub fn push(&mut self, mut bytes: &[u8], body: &mut impl FnMut(&[u8])) -> bool {
        while let Some((&first, rest)) = bytes.split_first() {
            match &mut self.state {
                ChunkState::Body(missing) => {
                    let now = usize::try_from(*missing).unwrap_or(usize::MAX).min(bytes.len());
                    let (part, rest) = bytes.split_at(now);
                    body(part);
                    *missing -= now as u64;
                    if *missing == 0 {
                        self.state = ChunkState::AfterBody;
                    }
                    bytes = rest;
                    continue;
                }
                ChunkState::AfterBody => match first {
                    b'\r' => {}
                    b'\n' => self.state = ChunkState::Length,
                    _ => return false,
                },
                ChunkState::Length if first == b'\n' => {
                    self.state = match chunk_length(&self.line) {
                        Some(0) => ChunkState::Over,
                        Some(length) => ChunkState::Body(length),
                        None => return false,
                    };
                    self.line.clear();
                }
                ChunkState::Length if self.line.len() >= MAX_CHUNK_LINE => return false,
                ChunkState::Length => self.line.push(first),
                ChunkState::Over => return true,
            }
            bytes = rest;
        }
        true
    }

    /// The last chunk came.
    pub fn is_over(&self) -> bool {
        matches!(self.state, ChunkState::Over)
    }
}

fn chunk_length(line: &[u8]) -> Option<u64> {
    let digits = line.split(|byte| *byte == b';').next()?.trim_ascii();
    // A sign would be parsed too.
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    u64::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(kind: &str) -> Result<Option<(Head, usize)>, HeadError> {
        Head::parse(format!("HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\n\r\n").as_bytes())
    }

    #[test]
    fn boundaries_are_found_as_cameras_write_them() {
        for kind in [
            "multipart/x-mixed-replace; boundary=frame",
            "multipart/x-mixed-replace;boundary=--frame",
            "Multipart/X-Mixed-Replace; charset=x; Boundary=\"frame\"",
        ] {
            let (head, _) = head(kind).unwrap().unwrap();
            assert_eq!(head, Head { boundary: "frame".into(), chunked: false }, "{kind}");
        }
    }

    #[test]
    fn other_answers_are_refused() {
        assert_eq!(head("text/html"), Err(HeadError::NotPictures));
        assert_eq!(head("multipart/x-mixed-replace"), Err(HeadError::NotPictures));
        assert_eq!(head("multipart/x-mixed-replace; boundary="), Err(HeadError::NotPictures));
        assert_eq!(Head::parse(b"HTTP/1.0 401 Unauthorized\r\n\r\n"), Err(HeadError::Status(401)));
        assert_eq!(Head::parse(b"SSH-2.0-dropbear\r\n"), Err(HeadError::NotHttp));
        assert_eq!(Head::parse(b"HTTP/1.0 200 OK\r\nA: b"), Ok(None));
        let endless = format!("HTTP/1.0 200 OK\r\nA: {}", "b".repeat(MAX_HEAD));
        assert_eq!(Head::parse(endless.as_bytes()), Err(HeadError::TooLong));
        let many = format!("HTTP/1.0 200 OK\r\n{}\r\n", "A: b\r\n".repeat(MAX_HEADERS + 1));
        assert_eq!(Head::parse(many.as_bytes()), Err(HeadError::TooLong));
    }

    fn dechunk(text: &[u8], piece: usize) -> Option<Vec<u8>> {
        let (mut chunks, mut body) = (Chunks::default(), Vec::new());
        for bytes in text.chunks(piece) {
            if !chunks.push(bytes, &mut |part| body.extend_from_slice(part)) {
                return None;
            }
        }
        Some(body)
    }

    #[test]
    fn chunks_are_joined_however_they_are_cut() {
        let text = b"4\r\nWiki\r\n6;x=y\r\npedia \r\nE\r\nin \r\n\r\nchunks.\r\n0\r\n\r\n";
        for piece in 1..text.len() {
            assert_eq!(dechunk(text, piece).unwrap(), b"Wikipedia in \r\n\r\nchunks.");
        }
    }

    #[test]
    fn nonsense_is_no_chunk() {
        assert_eq!(dechunk(b"--frame\r\n", 3), None);
        assert_eq!(dechunk(b"+4\r\nWiki", 3), None);
        assert_eq!(dechunk(b"2\r\nWiki", 3), None);
        assert_eq!(dechunk(b"fffffffffffffffff\r\n", 30), None);
        assert_eq!(dechunk(&[b'1'; 1000], 10), None);
    }
}
