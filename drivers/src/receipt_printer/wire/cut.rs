//! Cutting the paper.

/// How a cutter is driven.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    /// `1D 56 42 n`: feed to the cutter and `n` dots more, then leave a point standing.
    FeedPartial {
        /// Extra dots.
        dots: u8,
    },
}

/// Emits the cut. Source: ESC/POS, `GS V`, function B.
pub(crate) fn cut(out: &mut Vec<u8>, cut: Cut) {
    match cut {
        Cut::FeedPartial { dots } => out.extend_from_slice(&[0x1D, 0x56, 0x42, dots]),
    }
}

#[test]
fn partial_cut_with_feed() {
    let mut out = Vec::new();
    cut(&mut out, Cut::FeedPartial { dots: 3 });
    assert_eq!(out, [0x1D, 0x56, 0x42, 0x03]);
}
