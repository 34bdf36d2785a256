//! What is given besides answers: portraits, scanned pages and a signature.

use matters::Paper;
use zeroize::{Zeroize, Zeroizing};

use crate::event::Command;
use crate::view::{Rejection, ScanProblem, Shot};

/// A judged and cropped portrait.
pub struct Taken {
    /// The JPEG of GA 461: 358×441.
    pub jpeg: Zeroizing<Vec<u8>>,
    /// The same for the screen.
    pub shot: Shot,
    /// How much its edges are smeared, in pixels: of several good portraits the least is the best.
    pub smear: f32,
}

/// A straightened page.
pub struct ScannedPage {
    /// The JPEG at 200 dpi.
    pub jpeg: Zeroizing<Vec<u8>>,
    /// A small picture for the screen.
    pub thumbnail: Shot,
}

/// The portrait as far as it has come.
#[derive(Default)]
pub(crate) struct Portrait {
    pub(crate) taken: Vec<Taken>,
    /// The best one, until the citizen chooses another.
    pub(crate) chosen: Option<usize>,
    by_hand: bool,
    pub(crate) judging: Option<Command>,
    pub(crate) rejected: Vec<Rejection>,
    pub(crate) tried: u32,
    pub(crate) at_counter: bool,
}

/// The pages of one paper.
pub(crate) struct Pages {
    pub(crate) most: usize,
    pub(crate) pages: Vec<ScannedPage>,
    pub(crate) scanning: Option<Command>,
    pub(crate) problem: Option<ScanProblem>,
}

/// The strokes of the pen, in thousandths of the pad.
#[derive(Default)]
pub(crate) struct Signature(Vec<Vec<(u16, u16)>>);

/// How many portraits are kept to choose from.
const MOST_SHOTS: usize = 3;

/// A signature has at least this many points: a touch by mistake has one or two. A guess.
const FEWEST_POINTS: usize = 8;

/// The most points a signature keeps, so that a resting sleeve cannot fill the memory. A guess.
const MOST_POINTS: usize = 20_000;

impl Pages {
    pub(crate) fn none(paper: &Paper) -> Pages {
        Pages { most: paper.most as usize, pages: Vec::new(), scanning: None, problem: None }
    }
}

impl Portrait {
    /// Keeps a good portrait; where there is no room, the oldest that is not chosen goes. What the citizen chose stays
    /// chosen.
    pub(crate) fn keep(&mut self, taken: Taken) {
        if self.taken.len() >= MOST_SHOTS {
            let oldest = usize::from(self.chosen == Some(0));
            self.taken.remove(oldest);
            self.chosen = self.chosen.map(|at| if at > oldest { at - 1 } else { at });
        }
        self.taken.push(taken);
        if !self.by_hand {
            self.chosen = self.best();
        }
        self.rejected.clear();
        self.at_counter = false;
    }

    /// The citizen wants this one.
    pub(crate) fn choose(&mut self, at: usize) {
        if at < self.taken.len() {
            (self.chosen, self.by_hand) = (Some(at), true);
        }
    }

    /// The sharpest; of equals the newest.
    fn best(&self) -> Option<usize> {
        let sharpest =
            self.taken.iter().enumerate().rev().min_by(|(_, a), (_, b)| a.smear.total_cmp(&b.smear));
        sharpest.map(|(at, _)| at)
    }
}

impl Signature {
    pub(crate) fn add(&mut self, stroke: &[(u16, u16)]) {
        let points: usize = self.0.iter().map(Vec::len).sum();
        if points + stroke.len() <= MOST_POINTS {
            self.0.push(stroke.to_vec());
        }
    }

    pub(crate) fn clear(&mut self) {
        self.0.iter_mut().for_each(Zeroize::zeroize);
        self.0.clear();
    }

    /// True when it can be one: a touch by mistake cannot.
    pub(crate) fn is_one(&self) -> bool {
        self.0.iter().map(Vec::len).sum::<usize>() >= FEWEST_POINTS
    }

    /// The points as a drawing, in thousandths of the pad: the record keeps the lines, not a picture of them.
    pub(crate) fn svg(&self) -> Zeroizing<Vec<u8>> {
        let mut text = Zeroizing::new(String::from(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 1000 1000\" fill=\"none\" stroke=\"black\" \
             stroke-width=\"6\" stroke-linecap=\"round\" stroke-linejoin=\"round\">",
        ));
        for stroke in &self.0 {
            text.push_str("<polyline points=\"");
            for (x, y) in stroke {
                text.push_str(&format!("{x},{y} "));
            }
            text.push_str("\"/>");
        }
        text.push_str("</svg>");
        Zeroizing::new(text.as_bytes().to_vec())
    }
}

impl Drop for Signature {
    fn drop(&mut self) {
        self.clear();
    }
}
