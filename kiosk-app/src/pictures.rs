//! What the camera and the scanner give, judged and made ready. Runs on the device's own thread: it takes a while.

use std::sync::Arc;

use drivers::{camera, document_scanner};
use imaging::page::{Page, PageError};
use imaging::portrait::{CropError, Reason, Verdict, crop, judge};
use imaging::{Frame, FrameError, Jpeg, page};
use session::view::{Picture, Rejection, ScanProblem, Shot};
use session::{ScannedPage, Taken};
use thiserror::Error;
use tracing::warn;
use zeroize::Zeroizing;

/// The portrait on the portrait page, in pixels.
const SHOT: (u32, u32) = (358, 441);
/// A page among its like on the scan page, in pixels.
const THUMBNAIL: (u32, u32) = (240, 340);
/// Assumed where a scanner does not tell its resolution: what it was asked for.
const USUAL_DPI: u32 = 200;

/// A driver's frame as pictures are judged. The pixels are copied: the driver wipes its own.
pub fn frame(frame: &camera::Frame) -> Result<Frame, FrameError> {
    Frame::rgb8(frame.width(), frame.height(), frame.pixels().to_vec())
}

/// A portrait of GA 461, or why this frame gives none.
pub fn portrait(frame: &Frame) -> Result<Result<Jpeg, Vec<Rejection>>, CropError> {
    Ok(judged(frame)?.map(|(jpeg, _)| jpeg))
}

/// A portrait and how much its edges are smeared.
fn judged(frame: &Frame) -> Result<Result<(Jpeg, f32), Vec<Rejection>>, CropError> {
    match judge(frame) {
        Verdict::Good(face) => crop(frame, &face).map(|jpeg| Ok((jpeg, face.smear))),
        Verdict::Rejected { reasons, .. } => Ok(Err(reasons.into_iter().map(rejection).collect())),
    }
}

/// What a visit is given of a frame. An empty list: the picture itself is unusable.
pub fn taken(camera: &camera::Frame) -> Result<Taken, Vec<Rejection>> {
    let unusable = |error: &dyn std::error::Error| {
        warn!("portrait: {error}");
        Vec::new()
    };
    let frame = frame(camera).map_err(|error| unusable(&error))?;
    let (jpeg, smear) = judged(&frame).map_err(|error| unusable(&error))??;
    let shot = shown(&jpeg, SHOT).ok_or_else(Vec::new)?;
    Ok(Taken { jpeg: Zeroizing::new(jpeg.bytes().to_vec()), shot, smear })
}

fn rejection(reason: Reason) -> Rejection {
    match reason {
        Reason::NoFace => Rejection::NoFace,
        Reason::SeveralFaces => Rejection::SeveralFaces,
        Reason::TooFar => Rejection::TooFar,
        Reason::TooClose => Rejection::TooClose,
        Reason::NotCentred => Rejection::NotCentred,
        Reason::EyesNotSeen => Rejection::EyesNotSeen,
        Reason::HeadTilted => Rejection::Tilted,
        Reason::TooDark => Rejection::TooDark,
        Reason::TooBright => Rejection::TooBright,
        Reason::Blurred => Rejection::Blurred,
        Reason::BackgroundNotPlain | Reason::BackgroundNotWhite => Rejection::Background,
    }
}

/// Why there is no page of a scan.
#[derive(Debug, Error)]
pub enum ScanError {
    /// The scanner's pixels are no picture.
    #[error("the scan is no picture")]
    Frame(#[from] FrameError),
    /// It cannot be made into a page.
    #[error("the scan gives no page")]
    Page(#[from] PageError),
}

/// A straightened page, which may be blank or blurred.
pub fn page(raw: &document_scanner::RawPage) -> Result<Page, ScanError> {
    let pixels = raw.pixels().to_vec();
    let frame = match raw.channels() {
        1 => Frame::gray8(raw.width(), raw.height(), pixels),
        _ => Frame::rgb8(raw.width(), raw.height(), pixels),
    }?;
    let dpi = u16::try_from(raw.dpi().unwrap_or(USUAL_DPI)).unwrap_or(u16::MAX);
    Ok(page::take(&frame, dpi)?)
}

/// What a visit is given of a scan, or what is wrong with it.
pub fn scanned(raw: &document_scanner::RawPage) -> Result<ScannedPage, ScanProblem> {
    let page = page(raw).map_err(|error| {
        warn!("scan: {error}");
        ScanProblem::Fault(faults::Fault::ScannerFailed)
    })?;
    if page.blank {
        return Err(ScanProblem::Blank);
    }
    if page.blurred {
        return Err(ScanProblem::Blurred);
    }
    let thumbnail = shown(&page.jpeg, THUMBNAIL).ok_or(ScanProblem::NoPage)?;
    Ok(ScannedPage { jpeg: Zeroizing::new(page.jpeg.bytes().to_vec()), thumbnail })
}

fn shown(jpeg: &Jpeg, (width, height): (u32, u32)) -> Option<Shot> {
    let small = jpeg.thumbnail(width, height).inspect_err(|error| warn!("thumbnail: {error}")).ok()?;
    let (width, height) = (small.width(), small.height());
    Some(Shot(Arc::new(Picture { width, height, rgb: Zeroizing::new(small.pixels().to_vec()) })))
}
