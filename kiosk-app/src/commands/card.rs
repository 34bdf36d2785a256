//! `card read`: for staff who test the reader. The answer names a person and goes to stdout only.

use std::time::Duration;

use drivers::id_card::{self, Record, ValidTo};
use serde_json::{Value, json};

use super::{Failure, Report};
use crate::config::Config;
use crate::devices;

/// Waits for a card and reads it.
pub fn read(config: &Config, timeout: u64) -> Result<Report, Failure> {
    let table = config.devices.id_card.as_ref().ok_or_else(|| Failure::absent("id_card"))?;
    let timeout = Duration::from_secs(timeout);
    let (record, elapsed) = id_card::read_once(&devices::id_card::config(table), timeout)
        .map_err(|error| Failure::new(error.fault(), &error))?;
    Ok(Report::lines(fields(&record, elapsed)))
}

fn fields(record: &Record, elapsed: Duration) -> Value {
    json!({
        "type": record.card_type().as_str(),
        "name": record.name(),
        "sex": record.sex().as_str(),
        "ethnicity": record.ethnicity(),
        "birth": record.birth().to_string(),
        "address": record.address(),
        "number": record.number(),
        "number_valid": record.number_valid(),
        "issuer": record.issuer(),
        "valid_from": record.valid_from().to_string(),
        "valid_to": match record.valid_to() {
            ValidTo::Date(day) => day.to_string(),
            ValidTo::LongTerm => "long-term".to_owned(),
        },
        "photo_bytes": record.photo().len(),
        "elapsed_ms": u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX),
    })
}
