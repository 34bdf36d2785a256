//! A paper on a scan: found, cropped, straightened, checked, and written as JPEG at 200 dpi.
//!
//! [`take`] does all of it. The scan may come from a flatbed (paper somewhere on a white, grey or black lid) or from a
//! feeder (the paper fills the scan, perhaps askew).

mod checks;
mod find;
mod skew;
mod straighten;

pub use checks::{is_blank, is_blurred};
pub use find::{Quad, find};
pub use skew::text_skew;
pub use straighten::straighten;

use crate::{Frame, Jpeg, JpegError};

/// Resolution of a page (ours: small print stays readable, an A4 page in colour has about half a megabyte).
pub const DPI: u16 = 200;
/// What a scan may say of itself; others come from broken backends. 75 is a fax, 1200 the best flatbeds.
const SCAN_DPI: std::ops::RangeInclusive<u16> = 75..=1200;
/// JPEG quality (ours: no visible rings around characters at 200 dpi).
const QUALITY: u8 = 80;

/// Why a scan gives no page.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    /// The scan's resolution is impossible.
    #[error("a scan cannot have {0} dpi")]
    Resolution(u16),
    /// The encoder refused.
    #[error("the page cannot be written")]
    Encode(#[source] JpegError),
}

/// A finished page.
pub struct Page {
    /// The file, with its resolution in the header.
    pub jpeg: Jpeg,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Pixels an inch: [`DPI`], or less when the scan had less.
    pub dpi: u16,
    /// Whether the paper's edges were seen; otherwise the page is the whole scan.
    pub edges_seen: bool,
    /// How far it lay askew, in degrees clockwise; it no longer does.
    pub skew: f32,
    /// Nothing is on it: the wrong side, or no paper at all.
    pub blank: bool,
    /// Its characters are smeared.
    pub blurred: bool,
}

/// Makes a page of a scan with `scan_dpi` pixels an inch. Nothing is sharpened, cleaned or enlarged.
///
/// # Errors
/// [`PageError`] when the resolution is impossible; any picture gives a page, whose `blank` and `blurred` say
/// whether it is worth keeping.
pub fn take(scan: &Frame, scan_dpi: u16) -> Result<Page, PageError> {
    if !SCAN_DPI.contains(&scan_dpi) {
        return Err(PageError::Resolution(scan_dpi));
    }
    let dpi = scan_dpi.min(DPI);
    let found = find(scan);
    let quad = found.unwrap_or_else(|| Quad::whole(scan, text_skew(scan)));
    let straight = straighten(scan, &quad, f32::from(scan_dpi) / f32::from(dpi));
    Ok(Page {
        jpeg: Jpeg::encode(&straight, QUALITY, dpi).map_err(PageError::Encode)?,
        width: straight.width(),
        height: straight.height(),
        dpi,
        edges_seen: found.is_some(),
        skew: quad.skew(),
        blank: is_blank(&straight),
        blurred: is_blurred(&straight),
    })
}
