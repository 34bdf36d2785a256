//! What a network camera sends, taken apart. Pure: bytes in, pictures out.
//!
//! ```text
//! HTTP/1.0 200 OK
//! Content-Type: multipart/x-mixed-replace; boundary=frame
//!
//! --frame
//! Content-Type: image/jpeg
//! Content-Length: 8123            (not from all cameras)
//!
//! …8123 bytes of JPEG…
//! --frame
//! …
//! ```
//!
//! Source: RFC 2046 section 5.1 for multipart; x-mixed-replace is Netscape's, without a standard, so cameras differ.

mod http;
mod multipart;
mod url;

pub(super) use http::{Chunks, Head, HeadError};
pub(super) use multipart::{MAX_PART, Multipart, PartError};
pub(super) use url::{Url, UrlError};
