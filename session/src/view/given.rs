//! The portrait, the papers, the commitment and the signature.

use std::sync::Arc;

use faults::Fault;
use zeroize::Zeroizing;

/// A picture that the machine took, 8-bit RGB, rows without gaps. No `Debug`; wiped on drop.
#[derive(PartialEq, Eq)]
pub struct Picture {
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    /// `width × height × 3` bytes.
    pub rgb: Zeroizing<Vec<u8>>,
}

/// A picture that is shared, never copied.
#[derive(Clone)]
pub struct Shot(pub Arc<Picture>);

impl PartialEq for Shot {
    /// Two shots are equal when they are the same one: pixels are never compared.
    fn eq(&self, other: &Shot) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// The portrait page. The live preview comes beside the view, straight from the camera.
#[derive(Clone, PartialEq)]
pub struct Photograph {
    /// The portraits taken so far, already cropped; up to three.
    pub shots: Vec<Shot>,
    /// Which of them is chosen: the best, until the visitor chooses another.
    pub chosen: Option<usize>,
    /// True between the shutter and the verdict.
    pub judging: bool,
    /// Why the last picture cannot be used: what to change, in plain words of the screens.
    pub rejected: Vec<Rejection>,
    /// How many more pictures can be taken; at 0 the visitor goes on with the best, or is photographed at the counter.
    pub tries_left: u32,
    /// Why there is no picture at all.
    pub fault: Option<Fault>,
}

/// Why a portrait cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rejection {
    /// No face was found.
    NoFace,
    /// More than one face.
    SeveralFaces,
    /// Come closer.
    TooFar,
    /// Step back.
    TooClose,
    /// Move into the outline.
    NotCentred,
    /// The eyes are covered or in shadow.
    EyesNotSeen,
    /// Hold the head straight.
    Tilted,
    /// Too little light.
    TooDark,
    /// Too much light.
    TooBright,
    /// Hold still.
    Blurred,
    /// Something is behind the head.
    Background,
}

/// The scan page of one kind of paper.
#[derive(Clone, PartialEq)]
pub struct Scan {
    /// The paper's name.
    pub title: String,
    /// What it must show, or empty.
    pub help: String,
    /// The pages scanned so far, small.
    pub pages: Vec<Shot>,
    /// The most pages it can have.
    pub most: u32,
    /// True while the scanner works.
    pub scanning: bool,
    /// What is wrong with the last page or the scanner.
    pub problem: Option<ScanProblem>,
}

/// What is wrong with a scan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScanProblem {
    /// The page is blank.
    Blank,
    /// The page is blurred.
    Blurred,
    /// No page was found on the glass.
    NoPage,
    /// The scanner failed.
    Fault(Fault),
}

/// 告知承诺: what the citizen commits to, and the other way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commitment {
    /// What must be proved.
    pub duty: String,
    /// What the citizen states.
    pub content: String,
    /// What follows from a false statement.
    pub liability: String,
    /// Which papers are needed otherwise.
    pub papers: String,
    /// `true`: commit; `false`: papers; `None`: not chosen yet.
    pub chosen: Option<bool>,
    /// Why papers cannot be scanned here now; then only the commitment can be chosen.
    pub no_scans: Option<Fault>,
}

/// The signature page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sign {
    /// True once something was written that can be a signature.
    pub signed: bool,
}
