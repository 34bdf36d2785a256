//! The seam between pictures and behaviour: who fetches the next picture.

#[cfg(test)]
pub(crate) mod fake;
pub(crate) mod file;
pub(crate) mod mjpeg;

use std::time::Duration;

use zeroize::Zeroizing;

/// Why no picture came. Each carries the system's own words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum LinkError {
    /// Nobody there, or the link broke.
    Unreachable(String),
    /// Somebody there who sends no pictures.
    Garbage(String),
}

/// Pictures from one camera.
pub(crate) trait Transport {
    /// The next picture as JPEG; connects when it must. `None` when none came within `limit`. Connecting has a limit of
    /// its own.
    fn next(&mut self, limit: Duration) -> Result<Option<Zeroizing<Vec<u8>>>, LinkError>;

    /// Lets the camera go; nothing is fetched any more.
    fn close(&mut self);

    /// What the camera is called.
    fn name(&self) -> String;

    /// The source is a picture, not a camera: it never changes.
    fn is_still(&self) -> bool {
        false
    }
}

impl<T: Transport + ?Sized> Transport for Box<T> {
    fn next(&mut self, limit: Duration) -> Result<Option<Zeroizing<Vec<u8>>>, LinkError> {
        (**self).next(limit)
    }

    fn close(&mut self) {
        (**self).close();
    }

    fn name(&self) -> String {
        (**self).name()
    }

    fn is_still(&self) -> bool {
        (**self).is_still()
    }
}
