//! Drawn pictures: what a camera and a scanner would give.

use session::view::Picture;
use zeroize::Zeroizing;

/// A drawn head and shoulders of 358 × 441, the size of GA 461.
pub fn portrait(shade: u32) -> Picture {
    draw(358, 441, |x, y| {
        let (dx, dy) = (x - 179.0, y - 190.0);
        let head = (dx / 92.0).powi(2) + (dy / 120.0).powi(2) < 1.0;
        let shoulders = y > 330.0 && (dx / 160.0).powi(2) + ((y - 441.0) / 130.0).powi(2) < 1.0;
        let hair = head && y < 150.0;
        let step = shade as u8 * 12;
        match (hair, head, shoulders) {
            (true, _, _) => [40 + step, 36 + step, 34 + step],
            (_, true, _) => [222 - step, 184 - step, 160 - step],
            (_, _, true) => [58, 74 + step, 110],
            (false, false, false) => [240, 243, 247],
        }
    })
}

/// What a camera shows, as [`ui::ScreenHandle::preview`] takes it: a head in the outline, of the size that the
/// kiosk asks of the camera.
pub fn preview() -> (u32, u32, Vec<u8>) {
    let picture = draw(576, 720, |x, y| {
        let (dx, dy) = (x - 288.0, y - 305.0);
        let oval = (dx / 181.0).powi(2) + (dy / 262.0).powi(2);
        let shoulders = (dx / 300.0).powi(2) + ((y - 730.0) / 150.0).powi(2) < 1.0;
        match (oval, shoulders) {
            (0.97..1.03, _) => [245, 245, 245],
            (0.94..1.06, _) => [30, 30, 30],
            (..0.84, _) if y < 170.0 => [46, 40, 38],
            (..0.84, _) => [214, 176, 152],
            (_, true) => [70, 84, 120],
            (_, false) => [226, 230, 236],
        }
    });
    (picture.width, picture.height, picture.rgb.to_vec())
}

/// A scanned page, small: lines of text and a stamp.
pub fn paper(number: usize) -> Picture {
    draw(200, 283, move |x, y| {
        let line = (y as usize / 12) % 2 == 1 && (24.0..176.0).contains(&x) && (30.0..220.0).contains(&y);
        let short = (y as usize / 24 + number).is_multiple_of(3) && x > 110.0;
        let ring = ((x - 150.0).powi(2) + (y - 236.0).powi(2)).sqrt();
        match (line && !short, (20.0..25.0).contains(&ring)) {
            (_, true) => [190, 50, 44],
            (true, false) => [120, 128, 140],
            (false, false) => [252, 252, 250],
        }
    })
}

fn draw(width: u32, height: u32, colour: impl Fn(f32, f32) -> [u8; 3]) -> Picture {
    let rows = (0..height).flat_map(|y| (0..width).map(move |x| (x as f32, y as f32)));
    Picture { width, height, rgb: Zeroizing::new(rows.flat_map(|(x, y)| colour(x, y)).collect()) }
}
