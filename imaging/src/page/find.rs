//! Where the paper lies: a straight line is sought on each side, from the scan's edge inwards.

use crate::{Frame, frame::Plane};

/// The longer side of the copy that is searched: a pixel of it is 0.4 mm on an A4 scan.
const SEARCH_SIDE: f32 = 800.0;
/// The outermost pixels of a scan are often black or torn by the scanner itself.
const TORN: usize = 2;
/// The lid's own brightness is the median of this many pixels along an edge.
const STRIP: usize = 3;
/// A difference from the lid is more than its noise and less than a white sheet's shadow on a white lid (guess: a
/// shadow of 20–60).
const DIFFERENCE: u8 = 12;
/// A thin line is a shadow up to this difference (guess); darker ones are printed and no edge of the paper.
const SHADOW: u8 = 90;
/// Where the brightness is taken behind a thin line.
const BEHIND: std::ops::Range<usize> = 5..9;
/// A side needs edge points on this share of its length: an identity card's short side on A4 is 0.18 of it.
const LEAST_POINTS: f32 = 0.12;
/// Of these points so many must be on one line …
const LEAST_ON_LINE: f32 = 0.5;
/// … within this distance in pixels of the copy.
const NEAR: f32 = 1.2;
/// From its first to its last point a paper's edge is seen almost everywhere, a column of text only on its lines.
const LEAST_COVERED: f32 = 0.8;
/// Nothing lies outside of a paper but some dust (share of the points).
const MOST_OUTSIDE: f32 = 0.02;
/// Papers further askew than this are not looked for (tangent; 20°).
const MOST_SLOPE: f32 = 0.364;
/// Sides whose angles differ more from the longest side's are no sides of the same paper (tangent; 1.5°).
const ALIKE: f32 = 0.026;
/// A paper's shorter side in shares of the scan's longer one; an identity card on A4 has 0.18.
const LEAST_SIDE: f32 = 0.08;
/// The crop starts this far inside of the first difference, which is the shadow (pixels of the copy).
const INSET: f32 = 0.7;

/// A place in a scan in its pixels, from the top left corner.
pub type Corner = (f32, f32);

/// The four corners of a paper: a rectangle that may be turned and may reach out of the scan.
#[derive(Clone, Copy, Debug)]
pub struct Quad {
    /// Top left, top right, bottom right, bottom left as the scan shows them.
    pub corners: [Corner; 4],
}

impl Quad {
    /// Degrees clockwise by which the paper lies askew.
    pub fn skew(&self) -> f32 {
        let [from, to, ..] = self.corners;
        (to.1 - from.1).atan2(to.0 - from.0).to_degrees()
    }

    /// The whole scan, turned by `skew` degrees around its middle.
    pub fn whole(scan: &Frame, skew: f32) -> Self {
        let (x, y) = (scan.width() as f32 / 2.0, scan.height() as f32 / 2.0);
        let (sin, cos) = skew.to_radians().sin_cos();
        let corner = |dx: f32, dy: f32| (x + dx * cos - dy * sin, y + dx * sin + dy * cos);
        Self { corners: [corner(-x, -y), corner(x, -y), corner(x, y), corner(-x, y)] }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Left,
    Top,
    Right,
    Bottom,
}

/// One side's edge in the copy: a point on it is `depth = start + slope × along`.
struct Edge {
    side: Side,
    start: f32,
    slope: f32,
    points: usize,
}

/// Finds the paper. `None` when no side of it stands out from the lid: the paper fills the scan, or there is none.
///
/// A side that does not stand out while others do is taken to be at the scan's own edge.
pub fn find(scan: &Frame) -> Option<Quad> {
    let scale = (scan.width().max(scan.height()) as f32 / SEARCH_SIDE).max(1.0);
    let plane = scan.to_gray().reduced(scale).luma();
    let (wide, high) = (plane.width as f32, plane.height as f32);
    let least = LEAST_SIDE * wide.max(high);
    let mut edges = edges(&plane);
    let turn = Turn::of(&edges, wide, high)?;
    // Where the paper touches the scan's edge, looking inwards from there finds the paper's far side, through the
    // gaps in its text. From the far side itself more of it is seen.
    for (one, other) in [(Side::Left, Side::Right), (Side::Top, Side::Bottom)] {
        let find = |side: Side| edges.iter().find(|edge| edge.side == side);
        if let (Some(start), Some(end)) = (find(one), find(other))
            && turn.position(end) - turn.position(start) < least
        {
            let worse = if start.points < end.points { one } else { other };
            edges.retain(|edge| edge.side != worse);
        }
    }
    let place = |side: Side| match edges.iter().find(|edge| edge.side == side) {
        Some(edge) => turn.position(edge) + INSET * side.inwards(),
        None => turn.outermost(side),
    };
    let (left, top) = (place(Side::Left), place(Side::Top));
    let (right, bottom) = (place(Side::Right), place(Side::Bottom));
    if right - left < least || bottom - top < least {
        return None;
    }
    let (across, down) = (scan.width() as f32 / wide, scan.height() as f32 / high);
    let corner = |u: f32, v: f32| {
        let (x, y) = turn.back(u, v);
        (x * across, y * down)
    };
    Some(Quad {
        corners: [corner(left, top), corner(right, top), corner(right, bottom), corner(left, bottom)],
    })
}

/// The edges that belong to one rectangle, the one with most points first.
fn edges(plane: &Plane) -> Vec<Edge> {
    let sides = [Side::Left, Side::Top, Side::Right, Side::Bottom];
    let mut edges: Vec<Edge> = sides.into_iter().filter_map(|side| fit(side, &points(plane, side))).collect();
    edges.sort_by_key(|edge| std::cmp::Reverse(edge.points));
    if let Some(tangent) = edges.first().map(Edge::tangent) {
        edges.retain(|edge| (edge.tangent() - tangent).abs() <= ALIKE);
    }
    edges
}

impl Side {
    /// Whether the side runs from top to bottom.
    fn upright(self) -> bool {
        match self {
            Side::Left | Side::Right => true,
            Side::Top | Side::Bottom => false,
        }
    }

    /// The sign of the way from the side to the paper's middle.
    fn inwards(self) -> f32 {
        match self {
            Side::Left | Side::Top => 1.0,
            Side::Right | Side::Bottom => -1.0,
        }
    }
}

impl Edge {
    /// The tangent of the paper's clockwise turn.
    fn tangent(&self) -> f32 {
        match self.side {
            Side::Top | Side::Right => self.slope,
            Side::Left | Side::Bottom => -self.slope,
        }
    }
}

/// The paper's own axes: along them each of its sides is one number.
struct Turn {
    sin: f32,
    cos: f32,
    wide: f32,
    high: f32,
}

impl Turn {
    /// The mean turn of the edges; long ones know it best. `None` without edges.
    fn of(edges: &[Edge], wide: f32, high: f32) -> Option<Self> {
        let weight = |edge: &Edge| (edge.points as f32).powi(2);
        let sum: f32 = edges.iter().map(weight).sum();
        let tangent = edges.iter().map(|edge| edge.tangent() * weight(edge)).sum::<f32>() / sum;
        let (sin, cos) = tangent.atan().sin_cos();
        (!edges.is_empty()).then_some(Self { sin, cos, wide, high })
    }

    /// Where a place of the copy is on the axis that a side is a number of.
    fn across(&self, side: Side, (x, y): Corner) -> f32 {
        if side.upright() { x * self.cos + y * self.sin } else { y * self.cos - x * self.sin }
    }

    /// A place on both axes as one of the copy.
    fn back(&self, u: f32, v: f32) -> Corner {
        (u * self.cos - v * self.sin, u * self.sin + v * self.cos)
    }

    /// An edge's number, taken at the middle of the scan's side.
    fn position(&self, edge: &Edge) -> f32 {
        let along = if edge.side.upright() { self.high / 2.0 } else { self.wide / 2.0 };
        let depth = edge.start + edge.slope * along;
        let place = match edge.side {
            Side::Left => (depth, along),
            Side::Top => (along, depth),
            Side::Right => (self.wide - depth, along),
            Side::Bottom => (along, self.high - depth),
        };
        self.across(edge.side, place)
    }

    /// The scan's outermost corner towards a side: with it nothing of the scan is lost.
    fn outermost(&self, side: Side) -> f32 {
        let corners = [(0.0, 0.0), (self.wide, 0.0), (self.wide, self.high), (0.0, self.high)];
        let inwards = side.inwards();
        corners.iter().map(|&corner| self.across(side, corner) * inwards).fold(f32::INFINITY, f32::min)
            * inwards
    }
}

/// For each line from a side inwards: how far along the side it is, and how deep the first edge.
fn points(plane: &Plane, side: Side) -> Vec<(f32, f32)> {
    let (length, depth) = match side {
        Side::Left | Side::Right => (plane.height, plane.width),
        Side::Top | Side::Bottom => (plane.width, plane.height),
    };
    let value = |along: usize, deep: usize| match side {
        Side::Left => plane.get(deep, along),
        Side::Top => plane.get(along, deep),
        Side::Right => plane.get(plane.width.checked_sub(1 + deep)?, along),
        Side::Bottom => plane.get(along, plane.height.checked_sub(1 + deep)?),
    };
    let mut strip: Vec<u8> = (0..length)
        .flat_map(|along| (TORN..TORN + STRIP).filter_map(move |deep| value(along, deep)))
        .collect();
    strip.sort_unstable();
    let Some(&lid) = strip.get(strip.len() / 2) else { return Vec::new() };
    let differs = |along, deep| value(along, deep).is_some_and(|value| value.abs_diff(lid) > DIFFERENCE);
    let mut points = Vec::with_capacity(length);
    for along in 0..length {
        let start = (TORN + STRIP..depth).find(|&deep| differs(along, deep));
        let Some(start) = start.filter(|_| !(TORN..TORN + STRIP).any(|deep| differs(along, deep))) else {
            continue;
        };
        let behind = BEHIND.filter(|ahead| differs(along, start + ahead)).count();
        let darkest = (start..start + BEHIND.start).filter_map(|deep| value(along, deep)).min().unwrap_or(0);
        if 2 * behind >= BEHIND.len() || lid.saturating_sub(darkest) <= SHADOW {
            points.push((along as f32 + 0.5, start as f32));
        }
    }
    if (points.len() as f32) < LEAST_POINTS * length as f32 {
        points.clear();
    }
    points
}

/// The line that most points are on; `None` when too few are.
fn fit(side: Side, points: &[(f32, f32)]) -> Option<Edge> {
    let count = points.len();
    let near = |start: f32, slope: f32| {
        points.iter().filter(move |(along, depth)| (depth - start - slope * along).abs() <= NEAR)
    };
    let mut best = (0, 0.0, 0.0);
    // Pairs half and a third of the points apart: one of them misses torn corners and dust.
    for step in [count / 2, count / 3] {
        for (one, other) in points.iter().zip(points.iter().skip(step.max(1))).step_by(1 + count / 100) {
            let slope = (other.1 - one.1) / (other.0 - one.0);
            let start = one.1 - slope * one.0;
            let votes = near(start, slope).count();
            if slope.abs() <= MOST_SLOPE && votes > best.0 {
                best = (votes, start, slope);
            }
        }
    }
    let (votes, start, slope) = best;
    if votes < 3 || (votes as f32) < LEAST_ON_LINE * count as f32 {
        return None;
    }
    let outside = points.iter().filter(|(along, depth)| depth - start - slope * along < -NEAR).count();
    let first = near(start, slope).next()?;
    let covered = votes as f32 / (near(start, slope).next_back()?.0 - first.0 + 1.0);
    if covered < LEAST_COVERED || outside as f32 > MOST_OUTSIDE * count as f32 {
        return None;
    }
    // Least squares over the points of that line: finer than a pixel.
    let total = votes as f32;
    let mean_along = near(start, slope).map(|point| point.0).sum::<f32>() / total;
    let mean_depth = near(start, slope).map(|point| point.1).sum::<f32>() / total;
    let (mut product, mut square) = (0.0, 0.0);
    for (along, depth) in near(start, slope) {
        product += (along - mean_along) * (depth - mean_depth);
        square += (along - mean_along).powi(2);
    }
    let slope = if square > 0.0 { product / square } else { return None };
    Some(Edge { side, start: mean_depth - slope * mean_along, slope, points: votes })
}
