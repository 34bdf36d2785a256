//! Which parts of a page stand on which sheet. Pure.

/// The first part of each sheet, when the first sheet has so much room for them, each other one so much, and so much
/// stays free between two parts: as many parts on a sheet as fit.
///
/// The first sheet may be left without any, when something else takes its room. Every other one has at least one, so
/// a part that is too high for any sheet has one of its own.
pub fn begins(heights: &[f32], gap: f32, first: f32, others: f32) -> Vec<i32> {
    filled(heights, gap, first, others).0
}

/// The same for parts of one kind: on no more sheets than that, and none fuller than it must be.
pub fn evenly(heights: &[f32], gap: f32, first: f32, others: f32) -> Vec<i32> {
    let (mut begins, mut fullest) = filled(heights, gap, first, others);
    loop {
        let less = fullest - 1.0;
        let (even, now) = filled(heights, gap, first.min(less), others.min(less));
        if even.len() > begins.len() || now >= fullest {
            return begins;
        }
        (begins, fullest) = (even, now);
    }
}

/// Where each sheet begins, and how full the fullest is.
fn filled(heights: &[f32], gap: f32, first: f32, others: f32) -> (Vec<i32>, f32) {
    let mut begins = vec![0];
    let mut used = 0.0;
    let mut fullest = 0.0_f32;
    for (at, height) in (0..).zip(heights) {
        let empty = begins.last() == Some(&at);
        let wanted = if empty { *height } else { used + gap + height };
        let room = if begins.len() > 1 { others } else { first };
        if wanted <= room || (empty && begins.len() > 1) {
            used = wanted;
        } else {
            begins.push(at);
            used = *height;
        }
        fullest = fullest.max(used);
    }
    (begins, fullest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_stand_on_a_sheet_as_fit() {
        assert_eq!(begins(&[30.0; 5], 10.0, 110.0, 110.0), [0, 3]);
        assert_eq!(begins(&[30.0; 5], 10.0, 109.0, 69.0), [0, 2, 3, 4]);
        assert_eq!(begins(&[30.0, 80.0, 30.0], 0.0, 100.0, 110.0), [0, 1]);
        assert_eq!(begins(&[], 10.0, 110.0, 110.0), [0]);
    }

    #[test]
    fn parts_of_one_kind_stand_evenly() {
        assert_eq!(evenly(&[30.0; 5], 10.0, 0.0, 150.0), [0, 0, 3]);
        assert_eq!(evenly(&[30.0; 7], 10.0, 0.0, 150.0), [0, 0, 4]);
        assert_eq!(evenly(&[30.0; 5], 10.0, 150.0, 150.0), [0, 3]);
        assert_eq!(evenly(&[30.0; 4], 10.0, 30.0, 110.0), [0, 1]);
    }

    #[test]
    fn only_the_first_sheet_may_stay_empty() {
        assert_eq!(begins(&[30.0, 30.0], 10.0, 20.0, 100.0), [0, 0]);
        assert_eq!(begins(&[30.0, 30.0], 10.0, -5.0, 30.0), [0, 0, 1]);
        assert_eq!(begins(&[300.0, 30.0, 300.0], 10.0, 20.0, 100.0), [0, 0, 1, 2], "higher than any sheet");
    }
}
