//! The pictures of a request that comes from files: read with limits, then judged like the camera's and the scanner's.

use std::collections::BTreeSet;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use image::{ColorType, ImageFormat, ImageReader, Limits};
use imaging::page::Page;
use imaging::portrait::{HEIGHT, WIDTH};
use imaging::{Frame, MAX_PIXELS, MAX_SIDE, page};
use matters::Matter;
use session::view::Rejection;
use zeroize::Zeroizing;

use crate::commands::capture::word;
use crate::{pictures, private_file};

/// The largest picture file: an A4 page at 600 dpi in the best quality.
const MOST: u64 = 24 * 1024 * 1024;
/// Assumed of a page that does not say otherwise: what the scanner is asked for.
const DPI: u16 = 200;

/// A JPEG ready to be sent. No `Debug`; wiped on drop.
pub type Picture = Zeroizing<Vec<u8>>;

/// What was attached, by its name.
#[derive(Default)]
pub struct Files {
    pub portrait: Option<Picture>,
    /// The papers' ids with their pages, in the order in which they were given.
    pages: Vec<(String, Picture)>,
    /// Every name that was given, also with a picture that cannot be used.
    given: BTreeSet<String>,
}

impl Files {
    /// Reads and judges every picture; mistakes go to `list`. A paper with more pages than it can have is not even
    /// read.
    pub fn read(attachments: &[(String, PathBuf)], matter: &Matter, list: &mut Vec<String>) -> Files {
        let given = attachments.iter().map(|(name, _)| name.clone()).collect();
        let mut files = Files { given, ..Files::default() };
        let count = |name: &str| attachments.iter().filter(|(other, _)| other == name).count();
        let mut told = BTreeSet::new();
        for (name, path) in attachments {
            let most = match matter.papers.iter().find(|paper| paper.id == *name) {
                Some(paper) => paper.most as usize,
                None if name == "portrait" && matter.portrait.is_some() => 1,
                None => {
                    if told.insert(name) {
                        list.push(format!("attach {}: {}", super::given::shown(name), wanted(matter)));
                    }
                    continue;
                }
            };
            if count(name) > most {
                if told.insert(name) {
                    list.push(format!("attach {name}: {} pictures; at most {most}", count(name)));
                }
                continue;
            }
            match judged(name, path) {
                Ok(picture) if name == "portrait" => files.portrait = Some(picture),
                Ok(picture) => files.pages.push((name.clone(), picture)),
                Err(text) => list.push(format!("attach {name}: {}: {text}", path.display())),
            }
        }
        files
    }

    /// Whether anything was attached under this name, good or bad.
    pub fn has(&self, name: &str) -> bool {
        self.given.contains(name)
    }

    /// The pages of a paper.
    pub fn pages(&self, paper: &str) -> impl Iterator<Item = &Picture> {
        self.pages.iter().filter(move |(id, _)| id == paper).map(|(_, picture)| picture)
    }
}

fn wanted(matter: &Matter) -> String {
    let portrait = matter.portrait.as_ref().map(|_| "portrait");
    let names: Vec<&str> =
        portrait.into_iter().chain(matter.papers.iter().map(|paper| paper.id.as_str())).collect();
    if names.is_empty() {
        return "this matter takes no pictures".to_owned();
    }
    format!("this matter takes: {}", names.join(", "))
}

/// A picture as a visit would keep it, or why not.
fn judged(name: &str, path: &Path) -> Result<Picture, String> {
    let bytes = private_file::read(path, MOST).map_err(|error| error.to_string())?;
    let frame = decoded(&bytes)?;
    if name == "portrait" {
        return portrait(&frame, &bytes);
    }
    let Page { jpeg, blank, blurred, .. } = page::take(&frame, DPI).map_err(|error| error.to_string())?;
    match (blank, blurred) {
        (true, _) => Err("the page is blank".to_owned()),
        (_, true) => Err("the page is blurred".to_owned()),
        _ => Ok(Zeroizing::new(jpeg.bytes().to_vec())),
    }
}

/// A JPEG's pixels. Only JPEG: no other codec reads what came from outside.
fn decoded(bytes: &[u8]) -> Result<Frame, String> {
    let broken = |_| "it is no picture (JPEG)".to_owned();
    let mut reader = ImageReader::with_format(Cursor::new(bytes), ImageFormat::Jpeg);
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_PIXELS * 4);
    reader.limits(limits);
    let picture = reader.decode().map_err(broken)?;
    let (width, height) = (picture.width(), picture.height());
    let frame = if picture.color() == ColorType::L8 {
        Frame::gray8(width, height, picture.into_luma8().into_raw())
    } else {
        Frame::rgb8(width, height, picture.into_rgb8().into_raw())
    };
    frame.map_err(|error| error.to_string())
}

/// What the camera's picture must be. A picture that is already a portrait of GA 461, such as one of `kiosk capture`,
/// ends where the portrait ends: its face is judged, but not the room around it.
fn portrait(frame: &Frame, bytes: &[u8]) -> Result<Picture, String> {
    let verdict = pictures::portrait(frame).map_err(|error| error.to_string())?;
    let placed = |rejection: &Rejection| {
        [Rejection::TooFar, Rejection::TooClose, Rejection::NotCentred].contains(rejection)
    };
    match verdict {
        Ok(jpeg) => Ok(Zeroizing::new(jpeg.bytes().to_vec())),
        Err(rejections)
            if (frame.width(), frame.height()) == (WIDTH, HEIGHT) && rejections.iter().all(placed) =>
        {
            Ok(Zeroizing::new(bytes.to_vec()))
        }
        Err(rejections) => {
            let reasons: Vec<&str> = rejections.into_iter().map(word).collect();
            Err(format!("no portrait: {}", reasons.join(", ")))
        }
    }
}
