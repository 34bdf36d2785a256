//! Breaks a document into lines of the paper's width. Pure.

use zeroize::Zeroizing;

use super::document::{Block, Document};
use super::wire::kanji::cell;

/// How a line is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// Normal size, from the left.
    Normal,
    /// Double size, centred.
    Big,
    /// Double size, centred, bold.
    Title,
}

/// A line of the receipt.
pub(crate) enum Line<'a> {
    /// Text that fits the width.
    Text(Style, Zeroizing<String>),
    /// A code.
    Qr(&'a str),
}

/// The widest column of labels, in columns: five Chinese characters and a gap leave 36 for the values.
const LABELS: usize = 18;

/// The least space between a label and its value.
const GAP: usize = 2;

/// Sets a document on paper of `width` columns.
pub(crate) fn lines(document: &Document, width: usize) -> Vec<Line<'_>> {
    let indent = indent(document);
    let mut lines = Vec::new();
    for block in &document.blocks {
        match block {
            Block::Title(text) => add(&mut lines, Style::Title, text, width / 2),
            Block::Big(text) => add(&mut lines, Style::Big, text, width / 2),
            Block::Text(text) => add(&mut lines, Style::Normal, text, width),
            Block::Field { label, value } => field(&mut lines, label, value, width, indent),
            // GB 2312 has the box-drawing line, so that the rule has no gaps.
            Block::Rule => lines.push(Line::Text(Style::Normal, Zeroizing::new("─".repeat(width / 2)))),
            Block::Space => lines.push(Line::Text(Style::Normal, Zeroizing::default())),
            Block::Qr(text) => lines.push(Line::Qr(text)),
        }
    }
    lines
}

/// The column in which all values begin.
fn indent(document: &Document) -> usize {
    let labels = document.blocks.iter().filter_map(|block| match block {
        Block::Field { label, .. } => Some(columns(label) + GAP),
        Block::Title(_) | Block::Text(_) | Block::Big(_) | Block::Rule | Block::Space | Block::Qr(_) => None,
    });
    labels.filter(|width| *width <= LABELS).max().unwrap_or(GAP)
}

fn add(lines: &mut Vec<Line<'_>>, style: Style, text: &str, width: usize) {
    lines.extend(wrap(text, width).into_iter().map(|line| Line::Text(style, line)));
}

fn field(lines: &mut Vec<Line<'_>>, label: &str, value: &str, width: usize, indent: usize) {
    let mut label_lines = wrap(label, width);
    // A label that fits the column shares its line with the value; a longer one stands above it.
    let mut first = match label_lines.pop() {
        Some(last) if label_lines.is_empty() && columns(&last) + GAP <= indent => last,
        Some(last) => {
            label_lines.push(last);
            Zeroizing::default()
        }
        None => Zeroizing::default(),
    };
    lines.extend(label_lines.into_iter().map(|line| Line::Text(Style::Normal, line)));
    for part in wrap(value, width.saturating_sub(indent).max(2)) {
        let padding = indent.saturating_sub(columns(&first));
        let mut line = Zeroizing::new(String::with_capacity(first.len() + padding + part.len()));
        line.push_str(&first);
        line.extend(std::iter::repeat_n(' ', padding));
        line.push_str(&part);
        lines.push(Line::Text(Style::Normal, line));
        first = Zeroizing::default();
    }
}

/// The columns that a text takes.
pub(crate) fn columns(text: &str) -> usize {
    text.chars().map(|character| cell(character).columns()).sum()
}

/// Breaks a text into lines of `width` columns at most. Nothing is lost but spaces at a break. Latin words and
/// numbers stay whole where they fit; closing marks never begin a line and opening ones never end it.
pub(crate) fn wrap(text: &str, width: usize) -> Vec<Zeroizing<String>> {
    let mut lines = Vec::new();
    for paragraph in text.split('\n') {
        let mut rest = paragraph.trim_end();
        while let Some(at) = break_at(rest, width) {
            let (line, after) = rest.split_at_checked(at).unwrap_or((rest, ""));
            lines.push(Zeroizing::new(line.trim_end().to_owned()));
            rest = after.trim_start();
        }
        lines.push(Zeroizing::new(rest.to_owned()));
    }
    lines
}

/// The byte at which a line must end, or `None` when the text fits.
fn break_at(text: &str, width: usize) -> Option<usize> {
    let mut used = 0;
    let mut good = 0;
    let mut before: Option<char> = None;
    for (at, character) in text.char_indices() {
        if let Some(before) = before
            && may_break(before, character)
        {
            good = at;
        }
        used += cell(character).columns();
        if used > width {
            // At least one character a line, or it would never end.
            let forced = if at == 0 { character.len_utf8() } else { at };
            return Some(if good > 0 { good } else { forced });
        }
        before = Some(character);
    }
    None
}

fn may_break(before: char, after: char) -> bool {
    const CLOSING: &str = "，。；：！？、）》」』】〉”’％·,.;:!?)]}%";
    const OPENING: &str = "（《「『【〈“‘([{";
    if after == ' ' || CLOSING.contains(after) || OPENING.contains(before) {
        return false;
    }
    before == ' ' || cell(before).columns() == 2 || cell(after).columns() == 2
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrapped(text: &str, width: usize) -> Vec<String> {
        wrap(text, width).iter().map(|line| line.to_string()).collect()
    }

    fn set(blocks: Vec<Block>) -> Vec<String> {
        let document = Document { blocks };
        let text = |line| match line {
            Line::Text(_, text) => text.to_string(),
            Line::Qr(data) => format!("QR {data}"),
        };
        lines(&document, 24).into_iter().map(text).collect()
    }

    #[test]
    fn short_texts_stay() {
        assert_eq!(wrapped("", 10), [""]);
        assert_eq!(wrapped("a\n\nb", 10), ["a", "", "b"]);
        assert_eq!(wrapped("一二三四五", 10), ["一二三四五"]);
    }

    #[test]
    fn long_texts_break_where_a_reader_expects() {
        assert_eq!(wrapped("一二三四五六", 10), ["一二三四五", "六"]);
        assert_eq!(wrapped("一二三四五。六", 10), ["一二三四", "五。六"]);
        assert_eq!(wrapped("一二三四（五）", 10), ["一二三四", "（五）"]);
        assert_eq!(wrapped("take the card now", 9), ["take the", "card now"]);
        assert_eq!(wrapped("号码110105199001011234", 20), ["号码", "110105199001011234"]);
        assert_eq!(wrapped("ABCDEFGHIJKL", 5), ["ABCDE", "FGHIJ", "KL"]);
        assert_eq!(wrapped("一", 1), ["一", ""]);
    }

    #[test]
    fn values_hang_in_one_column() {
        let field = |label: &str, value: &str| Block::Field { label: label.into(), value: value.into() };
        let lines =
            set(vec![field("姓名", "张三"), field("办理事项", "居民身份证期满换领申请"), Block::Rule]);
        assert_eq!(
            lines,
            ["姓名      张三", "办理事项  居民身份证期满", "          换领申请", "────────────"]
        );
        let lines = set(vec![field("一个很长很长很长的标签", "值"), field("甲", "乙")]);
        assert_eq!(lines, ["一个很长很长很长的标签", "    值", "甲  乙"]);
    }

    proptest::proptest! {
        #[test]
        fn nothing_is_lost_and_nothing_is_too_wide(text in "[a-z 张三，。（）𬭚·]{0,80}", width in 2usize..40) {
            let lines = wrap(&text, width);
            for line in &lines {
                proptest::prop_assert!(columns(line) <= width);
            }
            let kept: String = lines.iter().map(|line| line.replace(' ', "")).collect();
            proptest::prop_assert_eq!(kept, text.replace(' ', ""));
        }
    }
}
