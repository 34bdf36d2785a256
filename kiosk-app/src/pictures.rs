//! What the camera and the scanner give, judged and made ready. Runs on the device's own thread: it takes a while.

use std::sync::Arc;

use drivers::{camera, document_scanner};
use imaging::portrait::{Reason, Verdict, crop, judge};
use imaging::{Frame, Jpeg, page};
use session::view::{Picture, Rejection, ScanProblem, Shot};
use session::{ScannedPage, Taken};
use tracing::warn;
use zeroize::Zeroizing;

/// The portrait on the portrait page, in pixels.
const SHOT: (u32, u32) = (358, 441);
/// A page among its like on the scan page, in pixels.
const THUMBNAIL: (u32, u32) = (240, 340);
/// Assumed where a scanner does not tell its resolution: what it was asked for.
const USUAL_DPI: u32 = 200;

/// A portrait of GA 461, or why this frame gives none. An empty list: the picture itself is unusable.
pub fn taken(frame: &camera::Frame) -> Result<Taken, Vec<Rejection>> {
    let frame = Frame::rgb8(frame.width(), frame.height(), frame.pixels().to_vec()).map_err(|error| {
        warn!("portrait: {error}");
        Vec::new()
    })?;
    match judge(&frame) {
        Verdict::Good(face) => {
            let jpeg = crop(&frame, &face).map_err(|error| {
                warn!("portrait: {error}");
                Vec::new()
            })?;
            let shot = shown(&jpeg, SHOT).ok_or_else(Vec::new)?;
            Ok(Taken { jpeg: Zeroizing::new(jpeg.bytes().to_vec()), shot })
        }
        Verdict::Rejected { reasons, .. } => Err(reasons.into_iter().map(rejection).collect()),
    }
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

/// A straightened page, or what is wrong with it.
pub fn scanned(raw: &document_scanner::RawPage) -> Result<ScannedPage, ScanProblem> {
    let broken = |error: &dyn std::error::Error| {
        warn!("scan: {error}");
        ScanProblem::Fault(faults::Fault::ScannerFailed)
    };
    let pixels = raw.pixels().to_vec();
    let frame = match raw.channels() {
        1 => Frame::gray8(raw.width(), raw.height(), pixels),
        _ => Frame::rgb8(raw.width(), raw.height(), pixels),
    }
    .map_err(|error| broken(&error))?;
    let dpi = u16::try_from(raw.dpi().unwrap_or(USUAL_DPI)).unwrap_or(u16::MAX);
    let page = page::take(&frame, dpi).map_err(|error| broken(&error))?;
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

/// Draws the outline of the head into a preview frame.
pub fn outline(rgb: &mut [u8], width: u32, height: u32) {
    // A frame of another size than its pixels is left as it is: the preview is only a mirror.
    if let Ok(mut frame) = Frame::rgb8(width, height, rgb.to_vec()) {
        imaging::portrait::draw_outline(&mut frame);
        rgb.copy_from_slice(frame.pixels());
    }
}
