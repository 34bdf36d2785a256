//! Who may: rules in CEL over what is known of the visitor.
//!
//! A rule is true for those who may. It is asked only when everything it refers to is known, so the same rules answer
//! "would I qualify?" before a card is read: what is missing is named, nothing is guessed.

use cel::{Context, Env, Program};
use jiff::civil::Date;
use toml_span::de_helpers::TableHelper;
use toml_span::{DeserError, Deserialize, Value};

use crate::form::Form;
use crate::problem::custom;
use crate::text::Text;

/// A yes-or-no expression over what is known.
#[derive(Debug)]
pub struct Condition {
    program: Program,
    /// The names it refers to.
    pub needs: Vec<String>,
}

impl Condition {
    /// The answer, or `None` while something it needs is not known. What is neither yes nor no counts as no.
    pub fn holds(&self, facts: Facts<'_>) -> Option<bool> {
        let ready = self.needs.iter().all(|name| known(name, facts));
        ready
            .then(|| matches!(self.program.execute(&context(&self.needs, facts)), Ok(cel::Value::Bool(true))))
    }
}

/// One rule with what is said to those whom it refuses.
#[derive(Debug)]
pub struct Rule {
    /// True for those who may.
    pub when: Condition,
    /// What is said to those who may not.
    pub refusal: Refusal,
}

/// Why not, on what ground, and where to go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Why, in a sentence.
    pub reason: Text,
    /// The article of law or rule.
    pub article: Text,
    /// The next place to go.
    pub next_place: Text,
}

/// What a card tells a rule. Every field is also a name in CEL, with `card_` before it.
#[derive(Clone, Copy)]
pub struct CardFacts<'a> {
    /// `card_type`: `citizen`, `hmt`, `pr2023` or `pr2017`.
    pub card_type: &'a str,
    /// `age`: whole years today.
    pub birth: Date,
    /// `card_years`: whole years today since the first day of validity.
    pub valid_from: Date,
    /// `card_days_left`: days until the last day of validity, negative when past; [`NEVER`] for long-term.
    pub valid_to: Option<Date>,
}

/// `card_days_left` of a long-term card: more than any card's days, and still a small number to CEL.
pub const NEVER: i64 = 1_000_000;

/// Everything known at the moment.
#[derive(Clone, Copy)]
pub struct Facts<'a> {
    /// Today, at the hall.
    pub today: Date,
    /// Known once a card was read.
    pub card: Option<CardFacts<'a>>,
    /// Known as far as it is filled in.
    pub form: Option<&'a Form>,
}

/// What the rules say.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict<'a> {
    /// All rules were asked and none refuses.
    Eligible,
    /// None refuses so far; these names are still needed by the others.
    StillNeeded(Vec<&'a str>),
    /// This rule refuses.
    Refused(&'a Refusal),
}

/// Asks the rules in their order. A rule that fails to answer a yes or no refuses: never let through by mistake.
pub fn ask<'a>(rules: &'a [Rule], facts: Facts<'_>) -> Verdict<'a> {
    let mut needed = Vec::new();
    for rule in rules {
        match rule.when.holds(facts) {
            Some(true) => {}
            Some(false) => return Verdict::Refused(&rule.refusal),
            None => needed.extend(rule.when.needs.iter().map(String::as_str).filter(|n| !known(n, facts))),
        }
    }
    needed.sort_unstable();
    needed.dedup();
    if needed.is_empty() { Verdict::Eligible } else { Verdict::StillNeeded(needed) }
}

const CARD_TYPE: &str = "card_type";
const CARD_DAYS_LEFT: &str = "card_days_left";
const CARD_YEARS: &str = "card_years";
const AGE: &str = "age";
const ANSWER: &str = "answer_";

/// True when an expression may refer to this name: it is a fact of the card or the answer to one of `questions`.
pub(crate) fn is_name(name: &str, questions: &[&str]) -> bool {
    match name.strip_prefix(ANSWER) {
        Some(answer) => questions.contains(&answer),
        None => [CARD_TYPE, CARD_DAYS_LEFT, CARD_YEARS, AGE].contains(&name),
    }
}

fn known(name: &str, facts: Facts<'_>) -> bool {
    match name.strip_prefix(ANSWER) {
        Some(question) => facts.form.is_some_and(|form| form.answer(question).is_some()),
        None => facts.card.is_some(),
    }
}

/// Only what is asked for: an answer that no rule needs is not copied about.
fn context(needs: &[String], facts: Facts<'_>) -> Context<'static, 'static> {
    let mut context = Context::default();
    if let Some(card) = facts.card {
        context.add_variable_from_value(CARD_TYPE, card.card_type);
        context.add_variable_from_value(CARD_YEARS, years(card.valid_from, facts.today));
        context.add_variable_from_value(AGE, years(card.birth, facts.today));
        let days = card.valid_to.map_or(NEVER, |last| i64::from((last - facts.today).get_days()));
        context.add_variable_from_value(CARD_DAYS_LEFT, days);
    }
    for (question, value) in facts.form.into_iter().flat_map(Form::answers) {
        let name = format!("{ANSWER}{question}");
        if needs.contains(&name) {
            context.add_variable_from_value(name, value.to_owned());
        }
    }
    context
}

/// Whole years, as the law counts them: one more from the birthday on.
fn years(since: Date, today: Date) -> i64 {
    let had_birthday = (today.month(), today.day()) >= (since.month(), since.day());
    i64::from(today.year()) - i64::from(since.year()) - i64::from(!had_birthday)
}

/// Longest expression in bytes: ten times the longest of ours. The parser calls itself for each operator, and a chain of
/// thousands takes the whole stack.
const MAX_SOURCE: usize = 400;

/// What an expression may do. Without CEL's macros: nested, `map` and `exists` compute for hours.
const FUNCTIONS: [&str; 21] = [
    "!_",
    "-_",
    "_!=_",
    "_%_",
    "_&&_",
    "_*_",
    "_+_",
    "_-_",
    "_/_",
    "_<=_",
    "_<_",
    "_==_",
    "_>=_",
    "_>_",
    "_?_:_",
    "_||_",
    "@in",
    "contains",
    "endsWith",
    "size",
    "startsWith",
];

/// The names that an expression refers to; `None` when it is none.
pub(crate) fn references(source: &str) -> Option<Vec<String>> {
    compile(source).ok().map(|condition| condition.needs)
}

/// Compiles an expression, or says what is wrong with it.
fn compile(source: &str) -> Result<Condition, String> {
    if source.len() > MAX_SOURCE {
        return Err(format!("an expression of more than {MAX_SOURCE} bytes"));
    }
    // An environment without macros shows their calls for what they are.
    let plain = Env::default().compile(source).map_err(|error| format!("no CEL expression: {error}"))?;
    if let Some(name) = plain.references().functions().into_iter().find(|name| !FUNCTIONS.contains(name)) {
        return Err(format!("no CEL expression of ours: `{name}` is not available"));
    }
    let mut needs: Vec<String> = plain.references().variables().into_iter().map(str::to_owned).collect();
    needs.sort();
    let condition = Condition { program: plain, needs };
    condition.answers_yes_or_no()?;
    Ok(condition)
}

impl Condition {
    /// Tries the expression with facts of the right types: comparing a number with a text would refuse everybody later.
    fn answers_yes_or_no(&self) -> Result<(), String> {
        for (card_type, number) in [("citizen", 40), ("hmt", 0)] {
            let mut context = Context::default();
            for name in &self.needs {
                match name.as_str() {
                    CARD_TYPE => context.add_variable_from_value(CARD_TYPE, card_type),
                    CARD_YEARS | AGE | CARD_DAYS_LEFT => context.add_variable_from_value(name, number),
                    answer if answer.starts_with(ANSWER) => context.add_variable_from_value(name, "text"),
                    // A name that nothing has answered is a mistake of its own.
                    _ => return Ok(()),
                }
            }
            match self.program.execute(&context) {
                Ok(cel::Value::Bool(_)) => {}
                Ok(_) => return Err("an expression that is neither true nor false".to_owned()),
                Err(error) => return Err(format!("an expression that fails: {error}")),
            }
        }
        Ok(())
    }
}

impl<'de> Deserialize<'de> for Condition {
    fn deserialize(value: &mut Value<'de>) -> Result<Self, DeserError> {
        let source = value.take_string(None)?;
        Ok(compile(&source).map_err(|text| custom(text, value.span))?)
    }
}

impl<'de> Deserialize<'de> for Rule {
    fn deserialize(value: &mut Value<'de>) -> Result<Self, DeserError> {
        let mut t = TableHelper::new(value)?;
        let when = t.required("when");
        let (reason, article, next_place) =
            (t.required("reason"), t.required("article"), t.required("next_place"));
        t.finalize(None)?;
        Ok(Rule {
            when: when?,
            refusal: Refusal { reason: reason?, article: article?, next_place: next_place? },
        })
    }
}
