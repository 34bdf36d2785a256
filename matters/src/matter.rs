//! One matter: what a file of the catalogue says, checked.

use jiff::civil::Date;
use toml_span::de_helpers::TableHelper;
use toml_span::{DeserError, Deserialize, Span, Value};

use crate::problem::custom;
use crate::rules::Rule;
use crate::text::Text;

/// A thing a citizen can have done at the kiosk.
#[derive(Debug)]
pub struct Matter {
    /// Short name, `[a-z0-9-]`, equal to the file's name.
    pub id: String,
    /// Counts the versions of the file; travels with each request.
    pub revision: u32,
    /// The first day on which this version holds.
    pub effective_from: Date,
    /// Name of a line drawing of the screens.
    pub icon: String,
    /// Whole minutes a visit takes.
    pub minutes: u32,
    /// Fee in yuan; 0 is free.
    pub fee_yuan: u32,
    /// Calendar days until it is handled at the latest.
    pub deadline_days: u32,
    /// Title in plain words.
    pub title: Text,
    /// One sentence: what the citizen gets.
    pub summary: Text,
    /// What to bring.
    pub bring: Text,
    /// What comes after submitting: where to collect.
    pub collect: Text,
    /// The privacy notice.
    pub notice: Notice,
    /// The questions, in their order.
    pub questions: Vec<Question>,
    /// Who may; checked in their order.
    pub rules: Vec<Rule>,
}

/// What is said before anything is collected.
#[derive(Debug)]
pub struct Notice {
    /// Travels with each request, so that it can be shown which words were accepted.
    pub version: String,
    /// Heading and text.
    pub paragraphs: Vec<(Text, Text)>,
}

/// One question of a form.
#[derive(Debug)]
pub struct Question {
    /// Short name; a rule refers to the answer as `answer_ID`.
    pub id: String,
    /// The question as it is asked.
    pub prompt: Text,
    /// One sentence of help.
    pub help: Option<Text>,
    /// The name on the review page and on the receipt.
    pub label: Text,
    /// What can be answered.
    pub choices: Vec<Choice>,
}

/// One answer that can be chosen.
#[derive(Debug)]
pub struct Choice {
    /// What the request says.
    pub value: String,
    /// What the citizen reads.
    pub label: Text,
    /// One sentence more.
    pub detail: Option<Text>,
}

impl Matter {
    /// The question with this id.
    pub fn question(&self, id: &str) -> Option<&Question> {
        self.questions.iter().find(|q| q.id == id)
    }

    /// The last day by which something submitted on `day` is handled.
    pub fn deadline(&self, day: Date) -> Date {
        day.saturating_add(jiff::Span::new().days(self.deadline_days))
    }
}

impl Question {
    /// The choice with this value.
    pub fn choice(&self, value: &str) -> Option<&Choice> {
        self.choices.iter().find(|c| c.value == value)
    }
}

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
        let choices = t.required_s::<Vec<Choice>>("choice");
        if let Ok(list) = &choices {
            if list.value.len() < 2 {
                t.errors.push(custom("a question needs at least two choices", list.span));
            }
            twice(list.value.iter().map(|c| c.value.as_str()), list.span, &mut t.errors);
        }
        t.finalize(None)?;
        Ok(Question { id, prompt: prompt?, help, label: label?, choices: choices?.value })
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

/// Adds a mistake for each name that stands twice.
pub(crate) fn twice<'a>(
    names: impl Iterator<Item = &'a str>,
    span: Span,
    errors: &mut Vec<toml_span::Error>,
) {
    let mut seen = std::collections::BTreeSet::new();
    for name in names {
        if !seen.insert(name) {
            errors.push(custom(format!("`{name}` stands twice"), span));
        }
    }
}

/// Reads a short name; like the other readers here it leaves its mistake in the table until `finalize`.
pub(crate) fn name(t: &mut TableHelper<'_>, key: &'static str) -> String {
    let Ok(found) = t.required_s::<String>(key) else { return String::new() };
    let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_';
    if found.value.is_empty() || !found.value.bytes().all(fits) {
        let text = format!("`{key}` must be made of a-z, 0-9, - and _, found `{}`", found.value);
        t.errors.push(custom(text, found.span));
    }
    found.value
}

fn number(t: &mut TableHelper<'_>, key: &'static str, range: std::ops::RangeInclusive<u32>) -> u32 {
    let Ok(found) = t.required_s::<i64>(key) else { return *range.start() };
    match u32::try_from(found.value).ok().filter(|n| range.contains(n)) {
        Some(number) => number,
        None => {
            let (low, high) = (range.start(), range.end());
            let text = format!("`{key}` must be between {low} and {high}, found {}", found.value);
            t.errors.push(custom(text, found.span));
            *range.start()
        }
    }
}

fn date(t: &mut TableHelper<'_>, key: &'static str) -> Date {
    let Ok(found) = t.required_s::<String>(key) else { return Date::ZERO };
    found.value.parse().unwrap_or_else(|_| {
        let text = format!("`{key}` must be a date such as \"2026-01-31\", found \"{}\"", found.value);
        t.errors.push(custom(text, found.span));
        Date::ZERO
    })
}
