//! The signature: the strokes are kept as lines, not as a picture of them.

use zeroize::Zeroize;

use super::*;

/// The signature page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sign {
    /// True once something was written that can be a signature.
    pub signed: bool,
}

/// The strokes of the pen, in thousandths of the pad.
#[derive(Default)]
pub(crate) struct Signature(Vec<Vec<(u16, u16)>>);

/// A signature has at least this many points: a touch by mistake has one or two. A guess.
const FEWEST_POINTS: usize = 8;

/// The most points a signature keeps, so that a resting sleeve cannot fill the memory. A guess.
const MOST_POINTS: usize = 20_000;

impl Draft {
    pub(crate) fn stroke(&mut self, points: &[(u16, u16)]) {
        if self.at == Step::Sign {
            self.given.signature.add(points);
        }
    }

    pub(crate) fn clear_signature(&mut self) {
        if self.at == Step::Sign {
            self.given.signature.clear();
        }
    }

    pub(crate) fn sign(&self) -> Sign {
        Sign { signed: self.given.signature.is_one() }
    }
}

impl Signature {
    fn add(&mut self, stroke: &[(u16, u16)]) {
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
