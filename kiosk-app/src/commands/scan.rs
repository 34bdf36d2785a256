//! `scan`: what lies in the scanner, as a visit would keep it. The pages belong to somebody: nobody else may read them.

use std::path::{Path, PathBuf};

use drivers::document_scanner;
use durable::Readers;
use faults::Fault;
use imaging::page::Page;
use serde_json::{Value, json};

use super::{Failure, Report};
use crate::config::Config;
use crate::devices;
use crate::pictures;

/// The most sheets that one command takes: above what any feeder holds, so that one that never ends fills no disk.
const MOST_SHEETS: u32 = 999;

/// Scans one page into a file, or all into a folder. Blank and blurred pages are kept too, and said to be so.
pub fn scan(config: &Config, out: &Path) -> Result<Report, Failure> {
    let table =
        config.devices.document_scanner.as_ref().ok_or_else(|| Failure::absent("document_scanner"))?;
    let no_helper = || Failure::plain(Fault::ScannerUnreachable, "kiosk-scan is not beside this program");
    let scanner = devices::document_scanner::config(table).ok_or_else(no_helper)?;
    let one = is_file(out);
    if !one {
        let made = std::fs::create_dir_all(out);
        made.map_err(|error| Failure::file(out, &error))?;
    }
    let (mut pages, mut failed) = (Vec::new(), None);
    let scanned = document_scanner::scan_once(&scanner, if one { 1 } else { MOST_SHEETS }, |raw| {
        if failed.is_some() {
            return;
        }
        let file = if one { out.to_owned() } else { out.join(format!("page-{:03}.jpg", pages.len() + 1)) };
        match keep(&raw, &file) {
            Ok(page) => pages.push(page),
            Err(failure) => failed = Some(failure),
        }
    });
    let (_, elapsed) = scanned.map_err(|error| Failure::new(error.fault(), &error))?;
    if let Some(failure) = failed {
        return Err(failure);
    }
    let text = pages.iter().map(line).collect::<String>();
    let elapsed_ms = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
    Ok(Report::new(json!({"pages": pages, "elapsed_ms": elapsed_ms}), text))
}

fn is_file(out: &Path) -> bool {
    let jpeg =
        out.extension().is_some_and(|e| e.eq_ignore_ascii_case("jpg") || e.eq_ignore_ascii_case("jpeg"));
    jpeg && !out.is_dir()
}

fn keep(raw: &document_scanner::RawPage, file: &PathBuf) -> Result<Value, Failure> {
    let page = pictures::page(raw).map_err(|error| Failure::new(Fault::ScannerFailed, &error))?;
    durable::write(file, page.jpeg.bytes(), Readers::Owner).map_err(|error| Failure::file(file, &error))?;
    let Page { width, height, dpi, edges_seen, skew, blank, blurred, jpeg: _ } = page;
    Ok(json!({
        "file": file, "width": width, "height": height, "dpi": dpi, "edges_seen": edges_seen,
        // Hundredths of a degree are below what a scanner's own feeder does.
        "skew": (f64::from(skew) * 100.0).round() / 100.0, "blank": blank, "blurred": blurred,
    }))
}

fn line(page: &Value) -> String {
    let file = page.get("file").and_then(Value::as_str).unwrap_or_default();
    let number = |key: &str| page.get(key).and_then(Value::as_u64).unwrap_or_default();
    let is = |key: &str, word: &str| {
        if page.get(key) == Some(&Value::Bool(true)) { format!(" {word}") } else { String::new() }
    };
    format!(
        "{file} {}×{} {} dpi{}{}\n",
        number("width"),
        number("height"),
        number("dpi"),
        is("blank", "blank"),
        is("blurred", "blurred")
    )
}
