//! Dates and numbers as people read them, by language. Pure.

use jiff::civil::{Date, DateTime};
use matters::Language;

use crate::wording::Words;

/// How days and times are written: with the names below, and `{wkd}` and `{mon}` with the first three letters of them.
const DAY: Words = ["{year}年{month}月{day}日（{weekday}）", "{weekday} {day} {month} {year}"];
const PLAIN_DAY: Words = ["{year}年{month}月{day}日", "{day} {month} {year}"];
const CLOCK_DAY: Words = ["{year}年{month}月{day}日 {weekday}", "{weekday} {day} {month} {year}"];
const CLOCK: Words = ["{year}年{month}月{day}日 {weekday} {time}", "{wkd} {day} {mon} {year} {time}"];

/// From Monday.
const WEEKDAYS: [Words; 7] = [
    ["星期一", "Monday"],
    ["星期二", "Tuesday"],
    ["星期三", "Wednesday"],
    ["星期四", "Thursday"],
    ["星期五", "Friday"],
    ["星期六", "Saturday"],
    ["星期日", "Sunday"],
];

const MONTHS: [Words; 12] = [
    ["1", "January"],
    ["2", "February"],
    ["3", "March"],
    ["4", "April"],
    ["5", "May"],
    ["6", "June"],
    ["7", "July"],
    ["8", "August"],
    ["9", "September"],
    ["10", "October"],
    ["11", "November"],
    ["12", "December"],
];

/// A day with its weekday: `2026年12月9日（星期三）`, `Wednesday 9 December 2026`.
pub fn day(date: Date, language: Language) -> String {
    written(DAY, date, language)
}

/// A day without its weekday, for birthdays and validity: `1988年1月1日`, `1 January 1988`.
pub fn plain_day(date: Date, language: Language) -> String {
    written(PLAIN_DAY, date, language)
}

/// The day of a wall clock: `2026年11月21日 星期六`, `Saturday 21 November 2026`.
pub fn clock_day(date: Date, language: Language) -> String {
    written(CLOCK_DAY, date, language)
}

/// The time of a wall clock, of 24 hours: `09:41`.
pub fn clock_time(clock: DateTime) -> String {
    format!("{:02}:{:02}", clock.hour(), clock.minute())
}

/// Day and time of a wall clock on one short line: `2026年11月21日 星期六 09:41`, `Sat 21 Nov 2026 09:41`.
pub fn clock(clock: DateTime, language: Language) -> String {
    written(CLOCK, clock.date(), language).replace("{time}", &clock_time(clock))
}

fn written(pattern: Words, date: Date, language: Language) -> String {
    let name = |names: &[Words], at: i8| {
        let words = usize::try_from(at).ok().and_then(|at| names.get(at));
        words.map_or("", |words| language.of(words))
    };
    let weekday = name(&WEEKDAYS, date.weekday().to_monday_zero_offset());
    let month = name(&MONTHS, date.month() - 1);
    let short = |name: &'static str| name.get(..3).unwrap_or(name);
    language
        .of(&pattern)
        .replace("{year}", &date.year().to_string())
        .replace("{month}", month)
        .replace("{mon}", short(month))
        .replace("{day}", &date.day().to_string())
        .replace("{weekday}", weekday)
        .replace("{wkd}", short(weekday))
}

/// An identity number, masked or not, as the card prints it in the reader's eye: 6 for the place, 8 for the birth,
/// 4 at the end. Numbers of another length are grouped in fours.
pub fn identity_number(number: &str) -> String {
    if number.chars().count() == 18 { groups(number, &[6, 8, 4]) } else { groups(number, &[]) }
}

/// A telephone number while it is typed: a mobile number of eleven digits in 3, 4 and 4.
pub fn telephone(digits: &str) -> String {
    groups(digits, &[3, 4, 4])
}

/// An identity number while it is typed: 6, 8 and 4 from the first digit on.
pub fn growing_identity_number(number: &str) -> String {
    groups(number, &[6, 8, 4])
}

/// The end of a text, so many half ems of it, behind an ellipsis when something is left out.
pub fn tail(text: &str, half_ems: usize) -> String {
    let mut room = half_ems;
    let kept = text.chars().rev().take_while(|c| {
        let wide = width(*c);
        let fits = room >= wide;
        room = room.saturating_sub(wide);
        fits
    });
    let kept = kept.count();
    let left_out = text.chars().count() - kept;
    let end: String = text.chars().skip(left_out).collect();
    if left_out > 0 { format!("…{end}") } else { end }
}

/// How wide a text is, in half ems.
pub fn half_ems(text: &str) -> usize {
    text.chars().map(width).sum()
}

/// A character's half ems: Latin letters and digits have one, Chinese characters two.
const fn width(character: char) -> usize {
    if character.is_ascii() { 1 } else { 2 }
}

/// A number in groups of four. One that has separators of its own stays as it is.
pub fn long_number(number: &str) -> String {
    if number.len() > 4 && number.bytes().all(|b| b.is_ascii_alphanumeric()) {
        groups(number, &[])
    } else {
        number.to_owned()
    }
}

/// The name of a language in itself, for the button that switches to it.
pub const fn own_name(language: Language) -> &'static str {
    language.of(&["中文", "English"])
}

/// Groups of the given lengths, then of four.
fn groups(text: &str, lengths: &[usize]) -> String {
    let mut lengths = lengths.iter().copied().chain(std::iter::repeat(4));
    let mut left = lengths.next().unwrap_or(4);
    let mut out = String::with_capacity(text.len() + text.len() / 4);
    for character in text.chars() {
        if left == 0 {
            out.push(' ');
            left = lengths.next().unwrap_or(4);
        }
        out.push(character);
        left -= 1;
    }
    out
}

#[cfg(test)]
mod tests {
    use jiff::civil::{date, datetime};

    use super::*;

    #[test]
    fn days_have_their_weekday_in_both_languages() {
        let day_of_deadline = date(2026, 12, 9);
        assert_eq!(day(day_of_deadline, Language::ZhHans), "2026年12月9日（星期三）");
        assert_eq!(day(day_of_deadline, Language::En), "Wednesday 9 December 2026");
        assert_eq!(plain_day(date(1988, 1, 1), Language::ZhHans), "1988年1月1日");
        assert_eq!(plain_day(date(1988, 1, 1), Language::En), "1 January 1988");
    }

    #[test]
    fn the_clock_has_two_digits_each() {
        let moment = datetime(2026, 11, 21, 9, 5, 59, 0);
        assert_eq!(clock(moment, Language::ZhHans), "2026年11月21日 星期六 09:05");
        assert_eq!(clock(moment, Language::En), "Sat 21 Nov 2026 09:05");
    }

    #[test]
    fn numbers_are_grouped() {
        assert_eq!(identity_number("4405**********0014"), "4405** ******** 0014");
        assert_eq!(identity_number("CAN110081010101"), "CAN1 1008 1010 101");
        assert_eq!(identity_number(""), "");
        assert_eq!(long_number("3301082611210047"), "3301 0826 1121 0047");
        assert_eq!(long_number("110101-0007-000012"), "110101-0007-000012");
        assert_eq!(long_number("0047"), "0047");
    }

    #[test]
    fn the_tail_is_as_long_as_it_may_be() {
        assert_eq!(tail("Room 502", 8), "Room 502");
        assert_eq!(tail("Room 502", 3), "…502");
        assert_eq!(tail("金砂东路128号", 6), "…128号");
        assert_eq!(tail("", 4), "");
    }

    #[test]
    fn what_is_typed_is_grouped_from_its_first_digit() {
        assert_eq!(telephone("13812345678"), "138 1234 5678");
        assert_eq!(telephone("1381"), "138 1");
        assert_eq!(growing_identity_number("440524198"), "440524 198");
        assert_eq!(growing_identity_number("44052419880101001X"), "440524 19880101 001X");
    }

    #[test]
    fn every_month_and_weekday_has_a_name() {
        for language in Language::ALL {
            let names = |table: &[Words]| -> std::collections::BTreeSet<_> {
                table.iter().map(|words| language.of(words)).collect()
            };
            assert_eq!(names(&MONTHS).len(), 12);
            assert_eq!(names(&WEEKDAYS).len(), 7);
        }
        let monday = date(2026, 11, 2);
        assert!(clock_day(monday, Language::En).starts_with("Monday"), "a week begins with it");
    }
}
