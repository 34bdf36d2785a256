//! `capture`: a portrait as a visit would take it, or the reasons against it.

use std::path::Path;

use drivers::camera;
use durable::Readers;
use faults::Fault;
use image::ExtendedColorType;
use image::codecs::jpeg::JpegEncoder;
use imaging::Frame;
use serde_json::json;
use session::view::Rejection;
use zeroize::Zeroizing;

use super::{Failure, Report};
use crate::config::Config;
use crate::devices;
use crate::pictures;

/// Of the whole frame: what the camera's own coding left is kept.
const RAW_QUALITY: u8 = 95;

/// Takes a picture. A rejected one is an answer, not a failure: nothing is written, and the reasons are printed.
pub fn capture(config: &Config, out: &Path, raw: bool) -> Result<Report, Failure> {
    let table = config.devices.camera.as_ref().ok_or_else(|| Failure::absent("camera"))?;
    let (frame, elapsed) = camera::capture_once(&devices::camera::config(table))
        .map_err(|error| Failure::new(error.fault(), &error))?;
    let elapsed_ms = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
    let broken = |error: &dyn std::error::Error| Failure::new(Fault::CameraGarbage, error);
    let frame = pictures::frame(&frame).map_err(|error| broken(&error))?;
    let (jpeg, width, height) = if raw {
        (encoded(&frame).map_err(|error| broken(&error))?, frame.width(), frame.height())
    } else {
        match pictures::portrait(&frame).map_err(|error| broken(&error))? {
            Ok(jpeg) => {
                let jpeg = Zeroizing::new(jpeg.bytes().to_vec());
                (jpeg, imaging::portrait::WIDTH, imaging::portrait::HEIGHT)
            }
            Err(rejections) => {
                let reasons: Vec<&str> = rejections.into_iter().map(word).collect();
                let text = format!("no portrait: {}", reasons.join(", "));
                return Ok(Report::new(
                    json!({"file": null, "rejections": reasons, "elapsed_ms": elapsed_ms}),
                    text,
                ));
            }
        }
    };
    durable::write(out, &jpeg, Readers::Owner).map_err(|error| Failure::file(out, &error))?;
    let text = format!("{} {width}×{height}", out.display());
    let json = json!({
        "file": out, "width": width, "height": height, "bytes": jpeg.len(), "rejections": [],
        "elapsed_ms": elapsed_ms,
    });
    Ok(Report::new(json, text))
}

fn encoded(frame: &Frame) -> Result<Zeroizing<Vec<u8>>, image::ImageError> {
    // Growing would leave copies of the picture behind in freed memory.
    let mut bytes = Zeroizing::new(Vec::with_capacity(frame.pixels().len()));
    let color = if frame.channels() == 1 { ExtendedColorType::L8 } else { ExtendedColorType::Rgb8 };
    JpegEncoder::new_with_quality(&mut *bytes, RAW_QUALITY).encode(
        frame.pixels(),
        frame.width(),
        frame.height(),
        color,
    )?;
    Ok(bytes)
}

/// The reason's name in answers of commands.
pub(super) const fn word(rejection: Rejection) -> &'static str {
    match rejection {
        Rejection::NoFace => "no-face",
        Rejection::SeveralFaces => "several-faces",
        Rejection::TooFar => "too-far",
        Rejection::TooClose => "too-close",
        Rejection::NotCentred => "not-centred",
        Rejection::EyesNotSeen => "eyes-not-seen",
        Rejection::Tilted => "tilted",
        Rejection::TooDark => "too-dark",
        Rejection::TooBright => "too-bright",
        Rejection::Blurred => "blurred",
        Rejection::Background => "background",
    }
}
