//! What only a whole file can tell: names that stand twice or are taken, conditions that refer to nothing.
//!
//! It is asked of the raw file, apart from reading it, so that a mistake in one place hides none in another.

use toml_span::{Error, Span, Value};

use crate::problem::custom;
use crate::rules::{is_name, references};

/// What the house itself calls answers, files and rows of the review page: a question or a paper of such a name would be
/// taken for them.
const RESERVED: [&str; 4] = ["portrait", "commitment", "card", "signature"];

/// Adds every mistake of a matter's file, whose name without its ending is `stem`.
pub(crate) fn check(stem: &str, matter: &Value<'_>, mistakes: &mut Vec<Error>) {
    if let Some((id, span)) = text(matter, "id")
        && id != stem
    {
        mistakes.push(custom(format!("`id` must equal the file's name `{stem}`, found `{id}`"), span));
    }
    twice(entries(matter, "question"), "id", mistakes);
    twice(entries(matter, "paper"), "id", mistakes);
    reserved(entries(matter, "question").chain(entries(matter, "paper")), mistakes);
    let (mut asked, mut always) = (Vec::new(), Vec::new());
    for question in entries(matter, "question") {
        twice(entries(question, "choice"), "value", mistakes);
        // A question can depend only on what was asked before it.
        condition(question, "when", &asked, mistakes);
        let id = text(question, "id").map(|(id, _)| id);
        asked.extend(id);
        always.extend(id.filter(|_| text(question, "when").is_none()));
    }
    for list in ["rule", "paper", "validity"] {
        entries(matter, list).for_each(|entry| condition(entry, "when", &asked, mistakes));
    }
    entries(matter, "rule").for_each(|rule| asks_everybody(rule, &asked, &always, mistakes));
    if let Some(portrait) = matter.pointer("/portrait") {
        condition(portrait, "unless", &asked, mistakes);
    }
    let waivable = |paper: &Value<'_>| paper.pointer("/waivable").and_then(Value::as_bool) == Some(true);
    if let Some(commitment) = matter.pointer("/commitment")
        && !entries(matter, "paper").any(waivable)
    {
        mistakes.push(custom("a commitment stands for no paper: none is `waivable`", commitment.span));
    }
}

/// The tables of a list; none where there is no list.
fn entries<'a, 'de>(table: &'a Value<'de>, list: &str) -> impl Iterator<Item = &'a Value<'de>> {
    table.as_table().and_then(|table| table.get(list)).and_then(Value::as_array).into_iter().flatten()
}

/// A text of a table and where it stands.
fn text<'a>(table: &'a Value<'_>, key: &str) -> Option<(&'a str, Span)> {
    let value = table.as_table()?.get(key)?;
    Some((value.as_str()?, value.span))
}

/// Adds a mistake for each name that stood before.
fn twice<'a, 'de: 'a>(entries: impl Iterator<Item = &'a Value<'de>>, key: &str, mistakes: &mut Vec<Error>) {
    let mut seen = Vec::new();
    for (name, span) in entries.filter_map(|entry| text(entry, key)) {
        if seen.contains(&name) {
            mistakes.push(custom(format!("`{name}` stands twice"), span));
        }
        seen.push(name);
    }
}

/// Adds a mistake for each id that is not a file's to give.
fn reserved<'a, 'de: 'a>(entries: impl Iterator<Item = &'a Value<'de>>, mistakes: &mut Vec<Error>) {
    for (id, span) in entries.filter_map(|entry| text(entry, "id")).filter(|(id, _)| RESERVED.contains(id)) {
        mistakes.push(custom(format!("no question or paper may be called `{id}`"), span));
    }
}

/// Adds a mistake for each name of an expression that nothing answers. What is no expression is told when it is read.
fn condition(table: &Value<'_>, key: &str, asked: &[&str], mistakes: &mut Vec<Error>) {
    let Some((source, span)) = text(table, key) else { return };
    for name in references(source).unwrap_or_default() {
        if !is_name(&name, asked) {
            mistakes
                .push(custom(format!("a condition refers to `{name}`, which nothing has answered"), span));
        }
    }
}

/// Adds a mistake for each answer of a rule that not everybody gives: whoever is not asked would be let through. A paper
/// may depend on such an answer: it is then not needed of those who are not asked.
fn asks_everybody(rule: &Value<'_>, asked: &[&str], always: &[&str], mistakes: &mut Vec<Error>) {
    let Some((source, span)) = text(rule, "when") else { return };
    for name in references(source).unwrap_or_default() {
        if is_name(&name, asked) && !is_name(&name, always) {
            mistakes.push(custom(format!("a rule refers to `{name}`, which not everybody is asked"), span));
        }
    }
}
