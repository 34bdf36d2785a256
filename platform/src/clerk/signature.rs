//! The signature of a request: the kiosk's drawing is read for its points and drawn anew.
//!
//! A drawing from outside is never handed to a browser as it is: it could hold a script.

use maud::{Markup, html};

/// The pad is 1000 by 1000 whatever its shape; points outside are pulled in.
const SIDE: f64 = 1000.0;
/// The most points that are drawn: the kiosk keeps fewer.
const MOST_POINTS: usize = 20_000;

/// Points of each stroke, in thousandths of the pad's width and height.
pub(super) struct Signature(Vec<Vec<(i32, i32)>>);

/// Reads the strokes of a drawing; `None` when there are none, or it is none of ours.
pub(super) fn read(drawing: &[u8]) -> Option<Signature> {
    let text = std::str::from_utf8(drawing).ok()?;
    // Its own limits: no document type, so no entities that grow.
    let document = roxmltree::Document::parse(text).ok()?;
    let mut left = MOST_POINTS;
    let mut strokes = Vec::new();
    for line in
        document.descendants().filter(|node| node.has_tag_name(("http://www.w3.org/2000/svg", "polyline")))
    {
        let mut stroke = Vec::new();
        for pair in line.attribute("points")?.split_ascii_whitespace() {
            let (x, y) = pair.split_once(',')?;
            left = left.checked_sub(1)?;
            stroke.push((point(x)?, point(y)?));
        }
        if !stroke.is_empty() {
            strokes.push(stroke);
        }
    }
    (!strokes.is_empty()).then_some(Signature(strokes))
}

/// A coordinate inside of the pad.
fn point(text: &str) -> Option<i32> {
    let value: f64 = text.parse().ok()?;
    // The cast cannot overflow after the clamp; not-a-number is refused.
    (!value.is_nan()).then(|| value.clamp(0.0, SIDE).round() as i32)
}

impl Signature {
    /// As a picture of our own, in the shape of the kiosk's pad.
    pub(super) fn svg(&self) -> Markup {
        html! {
            svg.signature viewBox="0 0 1000 1000" preserveAspectRatio="none" role="img" aria-label="手写签名" {
                @for stroke in &self.0 {
                    @let points = stroke.iter().map(|(x, y)| format!("{x},{y}")).collect::<Vec<_>>().join(" ");
                    polyline points=(points) {}
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1000 1000" fill="none">"#;

    #[test]
    fn strokes_are_drawn_and_nothing_else() {
        let drawing = format!(
            r#"{HEAD}<script>alert(1)</script><polyline onclick="x" points="1,2 3.4,5 "/><polyline points="9999,-7"/></svg>"#
        );
        let svg = read(drawing.as_bytes()).unwrap().svg().into_string();
        assert!(
            svg.contains(r#"<polyline points="1,2 3,5">"#) && svg.contains(r#"points="1000,0""#),
            "{svg}"
        );
        assert!(!svg.contains("script") && !svg.contains("onclick"));
    }

    #[test]
    fn other_drawings_are_refused() {
        let many = format!("{HEAD}<polyline points=\"{}\"/></svg>", "1,1 ".repeat(MOST_POINTS + 1));
        for drawing in [
            "",
            "<svg",
            r#"<svg xmlns="http://www.w3.org/2000/svg"/>"#,
            r#"<svg><polyline points="1,1 2,2"/></svg>"#,
            &format!(r#"{HEAD}<polyline points="1 2"/></svg>"#),
            &format!(r#"{HEAD}<polyline points="NaN,2"/></svg>"#),
            &format!(r#"{HEAD}<polyline points='"><script>,1'/></svg>"#),
            &format!(r#"<!DOCTYPE svg [<!ENTITY a "1,1">]>{HEAD}<polyline points="&a;"/></svg>"#),
            &many,
        ] {
            assert!(read(drawing.as_bytes()).is_none(), "{}", &drawing[..drawing.len().min(80)]);
        }
    }
}
