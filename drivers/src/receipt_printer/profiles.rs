//! Models of receipt printers, as rows of data. Each value says where it comes from.

use super::wire::cut::Cut;

/// A model, or a family that behaves alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// 80 mm ESC/POS with a Chinese font, an automatic cutter and the common status answers.
    Generic,
}

/// What differs between models.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    /// Columns of a line in ASCII; a Chinese character takes two.
    pub columns: usize,
    /// How the paper is cut.
    pub cut: Cut,
    /// Dots of a QR module.
    pub qr_module: u8,
}

const GENERIC: Row = Row {
    // 576 dots (72 mm at 203 dpi) of 12-dot ASCII.
    columns: 48,
    // Partial: the slip hangs on a point and cannot fall behind the mouth. All cutters with a `1D 56` know it.
    cut: Cut::FeedPartial { dots: 0 },
    // A 37-module code of about 100 bytes becomes 28 mm wide, which a telephone reads from 30 cm.
    qr_module: 6,
};

impl Profile {
    pub(crate) const fn row(self) -> &'static Row {
        match self {
            Profile::Generic => &GENERIC,
        }
    }
}
