//! `receipt test`.

use drivers::receipt_printer::{self, Block, Document};
use jiff::Zoned;
use serde_json::json;

use super::{Failure, Report};
use crate::config::Config;
use crate::devices;

/// Prints a page that shows everything a receipt uses, and waits for the printer's confirmation.
pub fn test(config: &Config) -> Result<Report, Failure> {
    let table = config.devices.receipt_printer.as_ref().ok_or_else(|| Failure::absent("receipt_printer"))?;
    receipt_printer::print_once(&devices::receipt_printer::config(table), &page(config))
        .map_err(|error| Failure::new(error.fault(), &error))?;
    Ok(Report::new(json!({"printed": true}), "printed and confirmed"))
}

fn page(config: &Config) -> Document {
    let now = Zoned::now();
    let time = format!("{} {:02}:{:02}", now.date(), now.hour(), now.minute());
    let field = |label: &str, value: &str| Block::Field { label: label.to_owned(), value: value.to_owned() };
    let blocks = vec![
        Block::Title("测试页 TEST".to_owned()),
        Block::Rule,
        field("机器", &config.kiosk.id),
        field("单位", &config.kiosk.hall),
        field("时间", &time),
        field("生僻字", "㛃 𬭚 䶮"),
        Block::Rule,
        Block::Big("0123 4567 89".to_owned()),
        Block::Text("这是一张测试页，不是回执。This is a test page, not a receipt.".to_owned()),
        Block::Qr(format!("bianmin:test:{}", config.kiosk.id)),
    ];
    Document { blocks }
}
