//! A network camera: HTTP, `multipart/x-mixed-replace`, JPEG.
//!
//! Written over a plain socket: HTTP clients limit the time of a whole answer, but this answer never ends; what needs a
//! limit is each wait for the next bytes, so that commands are heard and a camera that falls silent is noticed.

use std::io::ErrorKind;
use std::time::{Duration, Instant};

use zeroize::Zeroizing;

use super::{LinkError, Transport};
use crate::camera::wire::{Chunks, Head, HeadError, Multipart, PartError, Url, UrlError};
use crate::link::Link;
use crate::link::tcp::Tcp;

/// How long the camera may take to begin its answer. Guess: some wake their sensor first.
const HEAD_LIMIT: Duration = Duration::from_secs(4);

/// What one read may bring.
const CHUNK: usize = 64 * 1024;

pub(crate) struct Mjpeg {
    url: Result<Url, UrlError>,
    text: String,
    stream: Option<Stream>,
}

struct Stream {
    line: Tcp,
    chunks: Option<Chunks>,
    parts: Multipart,
    buffer: Zeroizing<Vec<u8>>,
}

impl Mjpeg {
    pub fn new(url: &str) -> Self {
        Self { url: Url::parse(url), text: url.into(), stream: None }
    }

    fn open(&self) -> Result<Stream, LinkError> {
        let url = self.url.as_ref().map_err(unreachable)?;
        let mut line = Tcp::new(url.address(), HEAD_LIMIT);
        line.open().map_err(unreachable)?;
        line.send(url.request().to_string().as_bytes()).map_err(unreachable)?;
        let end = Instant::now() + HEAD_LIMIT;
        let mut buffer = Zeroizing::new(vec![0; CHUNK]);
        let mut head = Zeroizing::new(Vec::new());
        loop {
            let left = end.saturating_duration_since(Instant::now());
            let Some(bytes) = read(&mut line, &mut buffer, left)? else {
                return Err(LinkError::Unreachable("no answer in time".into()));
            };
            head.extend_from_slice(bytes);
            let parsed = Head::parse(&head).map_err(|error| match error {
                // Somebody is there who does not want, or cannot now.
                HeadError::Status(_) => unreachable(error),
                HeadError::NotHttp | HeadError::TooLong | HeadError::NotPictures => garbage(error),
            })?;
            if let Some((found, length)) = parsed {
                let mut stream = Stream {
                    line,
                    chunks: found.chunked.then(Chunks::default),
                    parts: Multipart::new(&found.boundary),
                    buffer,
                };
                stream.push(head.get(length..).unwrap_or_default())?;
                return Ok(stream);
            }
        }
    }
}

impl Transport for Mjpeg {
    fn next(&mut self, limit: Duration) -> Result<Option<Zeroizing<Vec<u8>>>, LinkError> {
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => self.open()?,
        };
        // Only a stream without an error is kept.
        let picture = stream.next(limit)?;
        self.stream = Some(stream);
        Ok(picture)
    }

    fn close(&mut self) {
        self.stream = None;
    }

    fn name(&self) -> String {
        self.text.clone()
    }
}

impl Stream {
    fn next(&mut self, limit: Duration) -> Result<Option<Zeroizing<Vec<u8>>>, LinkError> {
        let end = Instant::now() + limit;
        loop {
            match self.parts.next() {
                Ok(Some(picture)) => return Ok(Some(picture)),
                Ok(None) => {}
                Err(error @ PartError::Over) => return Err(unreachable(error)),
                Err(
                    error @ (PartError::NoBoundary
                    | PartError::LongHead
                    | PartError::BadLength
                    | PartError::LongPart),
                ) => return Err(garbage(error)),
            }
            if self.chunks.as_ref().is_some_and(Chunks::is_over) {
                return Err(unreachable(PartError::Over));
            }
            let mut buffer = std::mem::take(&mut self.buffer);
            let left = end.saturating_duration_since(Instant::now());
            // A camera may send for ever without finishing a picture: commands are waiting.
            if left.is_zero() {
                self.buffer = buffer;
                return Ok(None);
            }
            let result = match read(&mut self.line, &mut buffer, left) {
                Ok(Some(bytes)) => self.push(bytes).map(|()| true),
                Ok(None) => Ok(false),
                Err(error) => Err(error),
            };
            self.buffer = buffer;
            if !result? {
                return Ok(None);
            }
        }
    }

    fn push(&mut self, bytes: &[u8]) -> Result<(), LinkError> {
        let parts = &mut self.parts;
        match &mut self.chunks {
            None => parts.push(bytes),
            Some(chunks) => {
                if !chunks.push(bytes, &mut |body| parts.push(body)) {
                    return Err(LinkError::Garbage("the answer's chunks are broken".into()));
                }
            }
        }
        Ok(())
    }
}

/// The next bytes; `None` when none came in time.
fn read<'a>(line: &mut Tcp, buffer: &'a mut [u8], limit: Duration) -> Result<Option<&'a [u8]>, LinkError> {
    match line.receive(buffer, limit) {
        Ok(length) => Ok(length.and_then(|length| buffer.get(..length))),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => {
            Err(LinkError::Unreachable("the camera closed the connection".into()))
        }
        Err(error) => Err(unreachable(error)),
    }
}

fn unreachable(error: impl ToString) -> LinkError {
    LinkError::Unreachable(error.to_string())
}

fn garbage(error: impl ToString) -> LinkError {
    LinkError::Garbage(error.to_string())
}

#[cfg(test)]
mod tests;
