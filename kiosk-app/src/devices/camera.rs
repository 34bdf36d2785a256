//! The camera: its table as its driver wants it described, and what its events mean to the house.

use std::sync::Arc;

use drivers::camera::{Config, Event, Link};
use session::Event as Happened;
use tracing::warn;

use super::Tell;
use crate::device::Device;
use crate::{config, event, pictures};

/// Width and height of the preview on the portrait page, in pixels of the screen: it is drawn 1:1. Of a camera's 1280 ×
/// 720 they are the middle as it is, so that nothing has to be scaled.
const PREVIEW: (u32, u32) = (576, 720);

/// The camera as its driver wants it described.
pub fn config(table: &config::devices::Camera) -> Config {
    let link = match table {
        config::devices::Camera::Mjpeg { url } => Link::Mjpeg { url: url.clone() },
        config::devices::Camera::File { path } => Link::File { path: path.clone() },
    };
    Config { link, preview: PREVIEW, overlay: Some(Arc::new(imaging::portrait::draw_outline_on)) }
}

/// What the camera says, with its still already judged: that runs here, on the camera's thread.
pub(super) fn told(tell: &Tell, event: Event) {
    match event {
        Event::Health(health) => tell.health(Device::Camera, health),
        Event::FrameReady(slot) => drop(tell.0.send(event::Event::FrameReady(slot))),
        Event::Still(command, frame) => {
            tell.happened(Happened::Portrait(command, pictures::taken(&frame).map(Box::new)));
        }
        Event::Failed(command, error) => {
            warn!(code = error.fault().code(), "camera: {error}");
            tell.happened(Happened::Portrait(command, Err(Vec::new())));
        }
    }
}
