//! What a region does differently: a few values over a matter's file, never a matter of its own.
//!
//! A matter's file names its parameters in `[parameters]` and uses them as `{name}` in any of its texts and conditions.
//! A region's file of the same name gives other values for them, and its own fee and deadline. So one number changes
//! the page, the rule and the receipt together.

use std::collections::BTreeMap;

use toml_span::de_helpers::TableHelper;
use toml_span::value::ValueInner;
use toml_span::{DeserError, Deserialize, Error, Span, Value};

use crate::matter::{Matter, name_fits, number_if};
use crate::problem::custom;

/// Each parameter's value, and where it stands.
type Parameters = BTreeMap<String, (i64, Span)>;

/// A region's file. Empty for a matter that the region leaves as it is.
#[derive(Debug, Default)]
pub(crate) struct Overlay {
    parameters: Parameters,
    fee_yuan: Option<u32>,
    deadline_days: Option<u32>,
}

impl Overlay {
    pub(crate) fn read(source: &str) -> Result<Overlay, DeserError> {
        Overlay::deserialize(&mut toml_span::parse(source).map_err(DeserError::from)?)
    }

    /// Takes `[parameters]` out of a matter's file and writes their values, or the region's, into every text.
    ///
    /// What is wrong is added to the mistakes of the matter's file or of the region's; everything else is filled all
    /// the same, so that one mistake hides no other.
    pub(crate) fn fill(&self, matter: &mut Value<'_>, here: &mut Vec<Error>, region: &mut Vec<Error>) {
        // What is no table is told when it is read.
        if matter.as_table().is_none() {
            return;
        }
        let ValueInner::Table(mut table) = matter.take() else { return };
        let mut values = Parameters::new();
        if let Some(mut own) = table.remove("parameters") {
            match parameters(&mut own) {
                Ok(own) => values = own,
                Err(error) => here.extend(error.errors),
            }
        }
        for (name, value) in &self.parameters {
            match values.get_mut(name) {
                Some(own) => *own = *value,
                None => region.push(custom(format!("`{name}` is no parameter of this matter"), value.1)),
            }
        }
        for value in table.values_mut() {
            fill(value, &values, here);
        }
        matter.set(ValueInner::Table(table));
    }

    pub(crate) fn apply(&self, matter: &mut Matter) {
        matter.fee_yuan = self.fee_yuan.unwrap_or(matter.fee_yuan);
        matter.deadline_days = self.deadline_days.unwrap_or(matter.deadline_days);
    }
}

fn fill(value: &mut Value<'_>, values: &Parameters, errors: &mut Vec<Error>) {
    let span = value.span;
    let filled = match value.take() {
        ValueInner::String(text) if text.contains('{') => {
            let mut text = text.into_owned();
            for (name, (number, _)) in values {
                text = text.replace(&format!("{{{name}}}"), &number.to_string());
            }
            if let Some((_, rest)) = text.split_once('{') {
                let name = rest.split('}').next().unwrap_or(rest);
                errors.push(custom(format!("`{{{name}}}` is no parameter of this matter"), span));
            }
            ValueInner::String(text.into())
        }
        ValueInner::Table(mut table) => {
            table.values_mut().for_each(|value| fill(value, values, errors));
            ValueInner::Table(table)
        }
        ValueInner::Array(mut list) => {
            list.iter_mut().for_each(|value| fill(value, values, errors));
            ValueInner::Array(list)
        }
        same @ (ValueInner::String(_)
        | ValueInner::Integer(_)
        | ValueInner::Float(_)
        | ValueInner::Boolean(_)) => same,
    };
    value.set(filled);
}

impl<'de> Deserialize<'de> for Overlay {
    fn deserialize(value: &mut Value<'de>) -> Result<Self, DeserError> {
        let mut t = TableHelper::new(value)?;
        let fee_yuan = number_if(&mut t, "fee_yuan", 0..=10_000);
        let deadline_days = number_if(&mut t, "deadline_days", 0..=366);
        let given = t.take("parameters").map(|(_, mut table)| parameters(&mut table));
        let parameters = match given.transpose() {
            Ok(given) => given.unwrap_or_default(),
            Err(mut error) => {
                t.errors.append(&mut error.errors);
                Parameters::new()
            }
        };
        t.finalize(None)?;
        Ok(Overlay { parameters, fee_yuan, deadline_days })
    }
}

fn parameters(value: &mut Value<'_>) -> Result<Parameters, DeserError> {
    let TableHelper { table, mut errors, .. } = TableHelper::new(value)?;
    let mut values = Parameters::new();
    for (key, mut value) in table {
        if !name_fits(&key.name) {
            let text = format!("`{}` must be made of a-z, 0-9, - and _", key.name);
            errors.push(custom(text, key.span));
        }
        match i64::deserialize(&mut value) {
            Ok(number) => drop(values.insert(key.name.to_string(), (number, key.span))),
            Err(mut error) => errors.append(&mut error.errors),
        }
    }
    if errors.is_empty() { Ok(values) } else { Err(DeserError { errors }) }
}
