//! Lines of about the same length: a text on no more lines than it needs, none of them left with a word or two. Pure.

use crate::lines::{self, HARD_SPACE, JOINER};

/// The advances of U+0020 to U+007E in thousandths of an em, as the faces of the screens have them. A test compares.
#[rustfmt::skip]
const REGULAR: [u16; 95] = [
    224, 323, 474, 555, 555, 921, 680, 278, 338, 338, 467, 555, 278, 347, 278, 392, 555, 555, 555, 555, 555, 555, 555, 555,
    555, 555, 278, 278, 555, 555, 555, 474, 946, 608, 657, 638, 688, 589, 552, 689, 728, 293, 535, 646, 543, 812, 723, 742,
    633, 742, 635, 596, 599, 721, 575, 878, 573, 531, 603, 338, 392, 338, 555, 559, 606, 563, 618, 510, 620, 554, 325, 564,
    607, 275, 275, 552, 284, 926, 610, 606, 620, 620, 388, 468, 377, 607, 521, 802, 498, 521, 475, 338, 270, 338, 555,
];
#[rustfmt::skip]
const BOLD: [u16; 95] = [
    227, 370, 574, 590, 590, 963, 740, 325, 378, 378, 507, 590, 325, 370, 325, 387, 590, 590, 590, 590, 590, 590, 590, 590,
    590, 590, 325, 325, 590, 590, 590, 514, 1007, 641, 681, 656, 714, 615, 585, 717, 757, 330, 568, 686, 578, 853, 749, 770,
    667, 770, 682, 624, 625, 748, 619, 915, 627, 580, 613, 378, 387, 378, 590, 567, 626, 591, 644, 527, 644, 581, 372, 597,
    640, 304, 306, 604, 315, 964, 641, 626, 644, 644, 436, 495, 421, 637, 576, 863, 562, 574, 511, 378, 296, 378, 590,
];

/// Longer texts keep the toolkit's lines: even ones would only make the column narrower.
const MOST_LINES: usize = 6;

/// What the toolkit's rounding may add to a line, in em.
const SLACK: f32 = 0.02;

/// A line does not like to end with one of these.
const WEAK: [&str; 10] = ["I", "a", "an", "at", "by", "in", "of", "or", "the", "to"];

/// Stands between two parts on one line; between two lines nothing needs to.
const SWALLOWED: [char; 2] = [' ', '·'];

/// No line begins with one of these, and none ends with one of the others.
const NO_START: &str = "，。？！、：；）》」』】〕％…”’)],.:;!?%·";
const NO_END: &str = "（《「『【〔“‘([";

/// A text with its lines broken where they come out about equally long, in a column of so many em.
///
/// The breaks are those that [`lines::whole`] allows. A text that fits on one line, or has a word that is too long for
/// any, stays as `whole` leaves it, and so does one without a column.
pub fn balanced(text: &str, room: f32, bold: bool) -> String {
    let whole = lines::whole(text);
    if room <= 0.0 {
        return whole;
    }
    let paragraphs = whole.split('\n').map(|paragraph| even(paragraph, room - SLACK, bold));
    paragraphs.collect::<Vec<_>>().join("\n")
}

/// How many lines [`balanced`] makes of a text; none of an empty one.
pub fn count(text: &str, room: f32, bold: bool) -> i32 {
    if text.is_empty() || room <= 0.0 {
        return i32::from(!text.is_empty());
    }
    let whole = lines::whole(text);
    let lines = whole.split('\n').map(|paragraph| least(&pieces(paragraph, bold), room - SLACK));
    i32::try_from(lines.sum::<usize>()).unwrap_or(i32::MAX)
}

/// What stands between two places where a line may break.
struct Piece<'a> {
    text: &'a str,
    width: f32,
    /// How much of the width is the space at its end, or a dot between two parts, which a line's end swallows.
    space: f32,
}

impl Piece<'_> {
    /// How much uneven lines are worth it when a line ends here.
    fn reward(&self) -> f32 {
        let end = self.text.trim_end_matches([' ', JOINER]).chars().next_back();
        match end {
            Some('·' | '.' | '!' | '?' | '。' | '！' | '？') => 0.2,
            Some(',' | ';' | ':' | '，' | '；' | '：') => 0.1,
            _ if WEAK.contains(&self.text.trim_start_matches(JOINER).trim_end()) => -0.03,
            _ => 0.0,
        }
    }
}

fn even(paragraph: &str, room: f32, bold: bool) -> String {
    let pieces = pieces(paragraph, bold);
    let widest = pieces.iter().map(|piece| piece.width - piece.space).fold(0.0, f32::max);
    let least = least(&pieces, room);
    if widest > room || !(2..=MOST_LINES).contains(&least) {
        return paragraph.to_owned();
    }
    let breaks = best(&pieces, room, least);
    let mut out = String::with_capacity(paragraph.len() + breaks.len());
    for (at, piece) in pieces.iter().enumerate() {
        if breaks.contains(&at) {
            out.truncate(kept(&out).len());
            out.push('\n');
        }
        out.push_str(piece.text);
    }
    out
}

/// The lines when each takes as many pieces as it holds, and as many more as a piece that is too long for one needs.
fn least(pieces: &[Piece<'_>], room: f32) -> usize {
    let mut lines = 1;
    let mut used = 0.0;
    for piece in pieces {
        let width = piece.width - piece.space;
        if used > 0.0 && used + width > room {
            lines += 1;
            used = 0.0;
        }
        lines += ((used + width) / room).ceil().max(1.0) as usize - 1;
        used = if width > room { width % room + piece.space } else { used + piece.width };
    }
    lines
}

/// The breaks of so many lines that leave them closest to one length, ends of sentences and clauses first.
fn best(pieces: &[Piece<'_>], room: f32, lines: usize) -> Vec<usize> {
    let total: f32 = pieces.iter().map(|piece| piece.width).sum();
    let even = total / lines as f32;
    // For each place: what the lines before it cost at best, and where they begin. One line more in each round.
    let mut ways: Vec<Option<(f32, Vec<usize>)>> = vec![None; pieces.len() + 1];
    ways.splice(..1, [Some((0.0, Vec::new()))]);
    for _ in 0..lines {
        let mut longer = vec![None; pieces.len() + 1];
        for (start, way) in ways.iter().enumerate() {
            let Some((cost, begins)) = way else { continue };
            let mut width = 0.0;
            for (at, piece) in pieces.iter().enumerate().skip(start) {
                width += piece.width;
                let line = width - piece.space;
                if line > room {
                    break;
                }
                let last = at + 1 == pieces.len();
                let reward = if last { 0.0 } else { piece.reward() };
                let cost = cost + ((line - even) / even).powi(2) - reward;
                let Some(end) = longer.get_mut(at + 1) else { break };
                if end.as_ref().is_none_or(|(other, _)| cost < *other) {
                    let mut begins = begins.clone();
                    begins.extend((!last).then_some(at + 1));
                    *end = Some((cost, begins));
                }
            }
        }
        ways = longer;
    }
    ways.pop().flatten().map_or_else(Vec::new, |(_, begins)| begins)
}

fn pieces(paragraph: &str, bold: bool) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut width = 0.0;
    let mut before = None;
    for (at, now) in paragraph.char_indices() {
        if before.is_some_and(|before| may_break(before, now)) {
            pieces.extend(piece(paragraph, start..at, width, bold));
            (start, width) = (at, 0.0);
        }
        width += advance(now, bold);
        before = Some(now);
    }
    pieces.extend(piece(paragraph, start..paragraph.len(), width, bold));
    pieces
}

fn piece(paragraph: &str, range: std::ops::Range<usize>, width: f32, bold: bool) -> Option<Piece<'_>> {
    let text = paragraph.get(range)?;
    let swallowed = text.get(kept(text).len()..).unwrap_or_default();
    Some(Piece { text, width, space: swallowed.chars().map(|c| advance(c, bold)).sum() })
}

/// What of a line stays when it ends here. The dot in a name has no space behind it and stays.
fn kept(line: &str) -> &str {
    if line.ends_with(' ') { line.trim_end_matches(SWALLOWED) } else { line }
}

/// Whether a line may end behind `before`.
fn may_break(before: char, now: char) -> bool {
    if before == ' ' {
        return !SWALLOWED.contains(&now);
    }
    let joined = [before, now].iter().any(|c| [' ', JOINER, HARD_SPACE].contains(c));
    let chinese = |c: char| c >= '\u{2e80}';
    !joined && (chinese(before) || chinese(now)) && !NO_END.contains(before) && !NO_START.contains(now)
}

/// How far a character moves the pen, in em. What is neither ASCII nor a mark of ours is as wide as a Chinese one.
fn advance(character: char, bold: bool) -> f32 {
    let character = if character == HARD_SPACE { ' ' } else { character };
    if character == JOINER {
        return 0.0;
    }
    let table = if bold { &BOLD } else { &REGULAR };
    let at = u32::from(character).wrapping_sub(0x20) as usize;
    table.get(at).map_or(1.0, |thousandths| f32::from(*thousandths) / 1000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken(text: &str, room: f32) -> String {
        balanced(text, room, false).replace(JOINER, "").replace(HARD_SPACE, " ")
    }

    #[test]
    fn no_line_is_left_with_a_word_or_two() {
        let text = "Please tell an officer the code, so that the machine can be mended.";
        assert_eq!(
            broken(text, 30.0),
            "Please tell an officer the code,\nso that the machine can be mended."
        );
        assert_eq!(
            broken("Nothing was submitted, and nothing is kept.", 17.0),
            "Nothing was submitted,\nand nothing is kept."
        );
        assert_eq!(
            broken("请到人工窗口办理，或使用其他自助机。", 15.0),
            "请到人工窗口办理，\n或使用其他自助机。"
        );
    }

    #[test]
    fn a_line_rather_ends_with_its_clause() {
        assert_eq!(broken("请翻一面，有字的一面朝下。", 11.0), "请翻一面，\n有字的一面朝下。");
        assert_eq!(
            broken("Both ways are accepted. You choose.", 15.0),
            "Both ways are accepted.\nYou choose."
        );
        assert_eq!(
            broken("No. The card has been read already.", 15.0),
            "No. The card has\nbeen read already."
        );
    }

    #[test]
    fn a_break_takes_the_place_of_a_dot_between_two_parts() {
        assert_eq!(broken("Out of order · Use the counter", 12.0), "Out of order\nUse the counter");
        assert_eq!(broken("扫描仪没有连接 · 请到窗口办理", 10.0), "扫描仪没有连接\n请到窗口办理");
        assert_eq!(broken("Out of order · Use the counter", 20.0), "Out of order · Use the counter");
        assert_eq!(broken("阿卜杜热依木·买买提", 7.5), "阿卜杜热依木·\n买买提");
    }

    #[test]
    fn a_text_has_no_more_lines_than_it_needs() {
        let text = "A sealed statement of what the household register says about you.";
        for room in 8..40 {
            let room = f32::from(room_of(room));
            let least = least(&pieces(&lines::whole(text), false), room - SLACK);
            let lines = broken(text, room);
            assert!(least > MOST_LINES || lines.lines().count() == least, "{room}: {lines}");
            assert_eq!(lines.replace('\n', " "), text);
        }
    }

    fn room_of(room: i32) -> u8 {
        u8::try_from(room).unwrap()
    }

    #[test]
    fn what_fits_on_one_line_or_on_none_stays_as_it_is() {
        assert_eq!(broken("Is this you?", 20.0), "Is this you?");
        assert_eq!(broken("新疆维吾尔自治区", 3.0), "新疆维吾尔自治区");
        assert_eq!(broken("Is this you?", 0.0), "Is this you?");
        assert_eq!(broken("", 20.0), "");
        assert_eq!(broken("One.\n\nTwo.", 20.0), "One.\n\nTwo.");
    }

    #[test]
    fn lines_are_counted_as_they_are_broken() {
        for text in ["The police station is working on your request.", "请到人工窗口办理，或使用其他自助机。"]
        {
            for room in [8.0, 12.0, 20.0, 60.0] {
                assert_eq!(
                    count(text, room, false),
                    broken(text, room).lines().count() as i32,
                    "{text} in {room}"
                );
            }
        }
        assert_eq!(count("新疆维吾尔自治区", 3.1, false), 3, "too long for a line");
        assert_eq!(count("One.\n\nTwo.", 20.0, false), 3);
        assert_eq!(count("", 20.0, false), 0);
    }

    #[test]
    fn no_line_begins_or_ends_with_the_wrong_mark() {
        let text = "提交后（三日内）送达，本机内容即被清除；如有疑问，请到窗口。";
        for room in 5..20 {
            for line in broken(text, f32::from(room_of(room))).lines() {
                assert!(!line.starts_with(|c| NO_START.contains(c)), "{room}: {line}");
                assert!(!line.ends_with(|c| NO_END.contains(c)), "{room}: {line}");
            }
        }
    }

    #[test]
    fn the_faces_are_as_wide_as_the_tables_say() {
        for (name, bold) in [("Regular", false), ("Bold", true)] {
            let file = format!("{}/ui/fonts/BianminSans-{name}.otf", env!("CARGO_MANIFEST_DIR"));
            let bytes = std::fs::read(file).unwrap();
            let face = ttf_parser::Face::parse(&bytes, 0).unwrap();
            for character in (' '..='~').chain(['张', '，', '“', '·', HARD_SPACE]) {
                let glyph = face.glyph_index(character).unwrap();
                let real = f32::from(face.glyph_hor_advance(glyph).unwrap()) / f32::from(face.units_per_em());
                assert!((advance(character, bold) - real).abs() < 0.001, "{character:?} of {name}: {real}");
            }
        }
    }
}
