//! How a matter's file is read. Every mistake stays in its table until `finalize`, so that all of them are listed.

use std::ops::RangeInclusive;

use jiff::civil::Date;
use toml_span::de_helpers::TableHelper;
use toml_span::{DeserError, Deserialize, Value};

use super::{Choice, Commitment, Format, Kind, Matter, Notice, Paper, Portrait, Question, Typed, Validity};
use crate::problem::custom;
use crate::rules::Rule;
use crate::text::Text;

/// The largest deadline a file may name; more is surely a slip of the pen.
const LONGEST_DEADLINE_DAYS: u32 = 366;

impl<'de> Deserialize<'de> for Matter {
    fn deserialize(value: &mut Value<'de>) -> Result<Self, DeserError> {
        let mut t = TableHelper::new(value)?;
        let id = name(&mut t, "id");
        let revision = number(&mut t, "revision", 1..=u32::MAX);
        let effective_from = date(&mut t, "effective_from");
        let icon = name(&mut t, "icon");
        let minutes = number(&mut t, "minutes", 1..=60);
        let fee_yuan = number(&mut t, "fee_yuan", 0..=10_000);
        let deadline_days = number(&mut t, "deadline_days", 0..=LONGEST_DEADLINE_DAYS);
        let title = t.required("title");
        let summary = t.required("summary");
        let bring = t.required("bring");
        let collect = t.required("collect");
        let notice = t.required("notice");
        let questions: Vec<Question> = t.optional("question").unwrap_or_default();
        let portrait = t.optional("portrait");
        let validity = t.optional("validity").unwrap_or_default();
        let papers: Vec<Paper> = t.optional("paper").unwrap_or_default();
        let commitment = t.optional("commitment");
        let signature = t.optional("signature").unwrap_or(false);
        let rules: Vec<Rule> = t.optional("rule").unwrap_or_default();
        t.finalize(None)?;
        Ok(Matter {
            id,
            revision,
            effective_from,
            icon,
            minutes,
            fee_yuan,
            deadline_days,
            title: title?,
            summary: summary?,
            bring: bring?,
            collect: collect?,
            notice: notice?,
            questions,
            portrait,
            validity,
            papers,
            commitment,
            signature,
            rules,
        })
    }
}

impl<'de> Deserialize<'de> for Notice {
    fn deserialize(value: &mut Value<'de>) -> Result<Self, DeserError> {
        let mut t = TableHelper::new(value)?;
        let version = t.required::<String>("version");
        let paragraphs = t.required_s::<Vec<Paragraph>>("paragraph");
        if let Ok(list) = &paragraphs
            && list.value.is_empty()
        {
            t.errors.push(custom("a notice needs at least one paragraph", list.span));
        }
        t.finalize(None)?;
        let paragraphs = paragraphs?.value.into_iter().map(|p| (p.heading, p.text)).collect();
        Ok(Notice { version: version?, paragraphs })
    }
}

struct Paragraph {
    heading: Text,
    text: Text,
}

impl<'de> Deserialize<'de> for Paragraph {
    fn deserialize(value: &mut Value<'de>) -> Result<Self, DeserError> {
        let mut t = TableHelper::new(value)?;
        let (heading, text) = (t.required("heading"), t.required("text"));
        t.finalize(None)?;
        Ok(Paragraph { heading: heading?, text: text? })
    }
}

impl<'de> Deserialize<'de> for Question {
    fn deserialize(value: &mut Value<'de>) -> Result<Self, DeserError> {
        let mut t = TableHelper::new(value)?;
        let id = name(&mut t, "id");
        let prompt = t.required("prompt");
        let help = t.optional("help");
        let label = t.required("label");
        let when = t.optional("when");
        let kind = if t.contains("typed") {
            t.required("typed").map(Kind::Typed)
        } else {
            choices(&mut t).map(Kind::Choice)
        };
        t.finalize(None)?;
        Ok(Question { id, prompt: prompt?, help, label: label?, kind: kind?, when })
    }
}

fn choices(t: &mut TableHelper<'_>) -> Result<Vec<Choice>, toml_span::Error> {
    let list = t.required_s::<Vec<Choice>>("choice")?;
    if list.value.len() < 2 {
        t.errors.push(custom("a question needs at least two choices", list.span));
    }
    Ok(list.value)
}

/// The longest text that can be typed or submitted as one answer.
const LONGEST_TEXT: u32 = 200;

impl<'de> Deserialize<'de> for Typed {
    fn deserialize(value: &mut Value<'de>) -> Result<Self, DeserError> {
        let mut t = TableHelper::new(value)?;
        let format = t.required("format");
        let shortest = number(&mut t, "shortest", 1..=LONGEST_TEXT);
        let longest = number(&mut t, "longest", shortest..=LONGEST_TEXT);
        let card_address = t.optional("card_address").unwrap_or(false);
        t.finalize(None)?;
        Ok(Typed { format: format?, shortest, longest, card_address })
    }
}

impl<'de> Deserialize<'de> for Format {
    fn deserialize(value: &mut Value<'de>) -> Result<Self, DeserError> {
        let found = value.take_string(None)?;
        match found.as_ref() {
            "digits" => Ok(Format::Digits),
            "date" => Ok(Format::Date),
            "id-number" => Ok(Format::IdNumber),
            "text" => Ok(Format::Text),
            other => {
                let text = format!("expected digits, date, id-number or text, found `{other}`");
                Err(custom(text, value.span).into())
            }
        }
    }
}

impl<'de> Deserialize<'de> for Portrait {
    fn deserialize(value: &mut Value<'de>) -> Result<Self, DeserError> {
        let mut t = TableHelper::new(value)?;
        let tries = number(&mut t, "tries", 1..=10);
        let unless = t.optional("unless");
        t.finalize(None)?;
        Ok(Portrait { tries, unless })
    }
}

impl<'de> Deserialize<'de> for Validity {
    fn deserialize(value: &mut Value<'de>) -> Result<Self, DeserError> {
        let mut t = TableHelper::new(value)?;
        let (when, text) = (t.required("when"), t.required("text"));
        t.finalize(None)?;
        Ok(Validity { when: when?, text: text? })
    }
}

impl<'de> Deserialize<'de> for Paper {
    fn deserialize(value: &mut Value<'de>) -> Result<Self, DeserError> {
        let mut t = TableHelper::new(value)?;
        let id = name(&mut t, "id");
        let title = t.required("title");
        let help = t.optional("help");
        let most = number(&mut t, "most", 1..=50);
        let waivable = t.optional("waivable").unwrap_or(false);
        let when = t.optional("when");
        t.finalize(None)?;
        Ok(Paper { id, title: title?, help, most, waivable, when })
    }
}

impl<'de> Deserialize<'de> for Commitment {
    fn deserialize(value: &mut Value<'de>) -> Result<Self, DeserError> {
        let mut t = TableHelper::new(value)?;
        let (duty, content) = (t.required("duty"), t.required("content"));
        let (liability, papers) = (t.required("liability"), t.required("papers"));
        t.finalize(None)?;
        Ok(Commitment { duty: duty?, content: content?, liability: liability?, papers: papers? })
    }
}

impl<'de> Deserialize<'de> for Choice {
    fn deserialize(value: &mut Value<'de>) -> Result<Self, DeserError> {
        let mut t = TableHelper::new(value)?;
        let value = name(&mut t, "value");
        let label = t.required("label");
        let detail = t.optional("detail");
        t.finalize(None)?;
        Ok(Choice { value, label: label?, detail })
    }
}

/// Reads a short name; like the other readers here it leaves its mistake in the table until `finalize`.
fn name(t: &mut TableHelper<'_>, key: &'static str) -> String {
    let Ok(found) = t.required_s::<String>(key) else { return String::new() };
    if !name_fits(&found.value) {
        let text = format!("`{key}` must be made of a-z, 0-9, - and _, found `{}`", found.value);
        t.errors.push(custom(text, found.span));
    }
    found.value
}

/// Whether a text can be a short name.
pub(crate) fn name_fits(name: &str) -> bool {
    let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_';
    !name.is_empty() && name.bytes().all(fits)
}

/// Reads a number that must be there.
fn number(t: &mut TableHelper<'_>, key: &'static str, range: RangeInclusive<u32>) -> u32 {
    let low = *range.start();
    if !t.contains(key) {
        // Leaves "missing" in the table.
        let _ = t.required::<i64>(key);
        return low;
    }
    number_if(t, key, range).unwrap_or(low)
}

/// Reads a number that may be there.
pub(crate) fn number_if(
    t: &mut TableHelper<'_>,
    key: &'static str,
    range: RangeInclusive<u32>,
) -> Option<u32> {
    let found = t.optional_s::<i64>(key)?;
    let number = u32::try_from(found.value).ok().filter(|n| range.contains(n));
    if number.is_none() {
        let (low, high) = (range.start(), range.end());
        let text = format!("`{key}` must be between {low} and {high}, found {}", found.value);
        t.errors.push(custom(text, found.span));
    }
    number
}

fn date(t: &mut TableHelper<'_>, key: &'static str) -> Date {
    let Ok(found) = t.required_s::<String>(key) else { return Date::ZERO };
    found.value.parse().unwrap_or_else(|_| {
        let text = format!("`{key}` must be a date such as \"2026-01-31\", found \"{}\"", found.value);
        t.errors.push(custom(text, found.span));
        Date::ZERO
    })
}
