//! What the driver and the helper process `kiosk-scan` say to each other. Pure: no I/O.
//!
//! The helper runs one job and ends. Each message is one line of JSON, ended by `\n`; a page is followed by its pixels.
//!
//! ```text
//! driver → helper, standard input:   one request, then the pipe stays open; its end means "stop now"
//!   {"probe":{"device":"test:0","options":[]}}
//!   {"scan":{"device":"test:0","options":[["test-picture","Grid"]],"source":"auto","resolution":200,
//!            "width_mm":216,"height_mm":300,"max_pages":200}}
//!
//! helper → driver, standard output:
//!   {"opened":{"contract":1,"model":"Noname frontend-tester"}}     once, when the scanner is open
//!   {"page":{"width":1700,"height":2362,"channels":3,"dpi":200}}    and width × height × channels bytes
//!   {"finished":{"pages":3}}                                        the end, or
//!   {"failed":{"step":"start","status":6,"text":"…"}}               the end; no status when the fault is not SANE's
//! ```
//!
//! Pixels are rows from the top, left to right, 8 bits a sample, 1 (grey, 0 is black) or 3 (red, green, blue) samples
//! a pixel, without padding. Diagnostics of the scanner's library go to standard error, never into the answers.

use serde::{Deserialize, Serialize};

/// The version of this contract. Driver and helper are installed together, but a half-finished update must not be
/// mistaken for a broken scanner.
pub const CONTRACT: u32 = 1;

/// The longest line, in bytes with its end. A request with every option a scanner has is below 2 KB.
pub const MAX_LINE: usize = 16 * 1024;

/// The largest page in bytes: A3 in colour at 300 dpi is 52 MB. Anything beyond is a scanner gone mad.
pub const MAX_PAGE: usize = 64 * 1024 * 1024;

/// What the helper is asked to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Request {
    /// Open the scanner, try its options, say its name, close it.
    Probe {
        /// The scanner's SANE name.
        device: String,
        /// Options of the model, by SANE name, set as they are.
        options: Vec<(String, String)>,
    },
    /// Open the scanner and deliver pages.
    Scan(ScanRequest),
}

/// One scanning job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScanRequest {
    /// The scanner's SANE name.
    pub device: String,
    /// Options of the model, by SANE name, set last so that they win over what the helper chose.
    pub options: Vec<(String, String)>,
    /// Where the paper comes from.
    pub source: Source,
    /// Dots an inch; the nearest the scanner can is taken and told with each page.
    pub resolution: u32,
    /// Width of the area in millimetres; clamped to the bed.
    pub width_mm: u32,
    /// Height of the area in millimetres; clamped to the bed.
    pub height_mm: u32,
    /// The most pages to take from a feeder.
    pub max_pages: u32,
}

/// Where the paper comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The feeder when the scanner has one and paper lies in it, else the glass.
    Auto,
    /// The glass: one page.
    Flatbed,
    /// The feeder, until it is empty.
    Feeder,
}

/// What the helper answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Answer {
    /// The scanner is open.
    Opened {
        /// See [`CONTRACT`].
        contract: u32,
        /// Maker and model in the scanner's words, when the library lists it.
        model: Option<String>,
    },
    /// A page; its pixels follow the line.
    Page(PageHead),
    /// The job is over; `pages` were sent.
    Finished {
        /// How many pages were sent.
        pages: u32,
    },
    /// The job is over, with a failure.
    Failed {
        /// What was being done.
        step: Step,
        /// SANE's status as its number, see [`SaneStatus`]; absent when the failure is not one of SANE's.
        status: Option<i32>,
        /// More words, for staff.
        text: String,
    },
}

/// The shape of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PageHead {
    /// Pixels a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Samples a pixel: 1 or 3.
    pub channels: u32,
    /// Dots an inch, both ways; 0 when the scanner does not say.
    pub dpi: u32,
}

impl PageHead {
    /// The number of bytes that follow the line; `None` when the shape is impossible or beyond [`MAX_PAGE`].
    pub fn bytes(&self) -> Option<usize> {
        let known = matches!(self.channels, 1 | 3);
        let size = usize::try_from(self.width)
            .ok()?
            .checked_mul(usize::try_from(self.height).ok()?)?
            .checked_mul(usize::try_from(self.channels).ok()?)?;
        (known && (1..=MAX_PAGE).contains(&size)).then_some(size)
    }
}

/// What the helper was doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Reading the request.
    Request,
    /// Starting the library (`sane_init`).
    Init,
    /// Opening the scanner (`sane_open`).
    Open,
    /// Setting options (`sane_control_option`).
    Options,
    /// Beginning a page (`sane_start`, `sane_get_parameters`).
    Start,
    /// Reading a page (`sane_read`).
    Read,
}

impl Step {
    /// For logs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Step::Request => "request",
            Step::Init => "init",
            Step::Open => "open",
            Step::Options => "options",
            Step::Start => "start",
            Step::Read => "read",
        }
    }
}

/// SANE's statuses, one to one. Source: `sane.h` of SANE 1.2; 12 and 13 are reserved there for later versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SaneStatus {
    /// 0: everything is well.
    Good,
    /// 1: the operation is not supported.
    Unsupported,
    /// 2: the operation was cancelled.
    Cancelled,
    /// 3: the scanner is busy.
    DeviceBusy,
    /// 4: an invalid argument; at the opening, there is no such scanner.
    Inval,
    /// 5: no more data.
    Eof,
    /// 6: the feeder is jammed.
    Jammed,
    /// 7: the feeder is empty.
    NoDocs,
    /// 8: the cover is open.
    CoverOpen,
    /// 9: an error on the line to the scanner.
    IoError,
    /// 10: out of memory.
    NoMem,
    /// 11: no right to use the scanner.
    AccessDenied,
    /// 12: the lamp warms up.
    WarmingUp,
    /// 13: the carriage is locked for transport.
    HwLocked,
    /// A number that SANE does not define.
    Unknown(i32),
}

impl SaneStatus {
    /// The status for SANE's number.
    pub const fn from_code(code: i32) -> Self {
        match code {
            0 => Self::Good,
            1 => Self::Unsupported,
            2 => Self::Cancelled,
            3 => Self::DeviceBusy,
            4 => Self::Inval,
            5 => Self::Eof,
            6 => Self::Jammed,
            7 => Self::NoDocs,
            8 => Self::CoverOpen,
            9 => Self::IoError,
            10 => Self::NoMem,
            11 => Self::AccessDenied,
            12 => Self::WarmingUp,
            13 => Self::HwLocked,
            other => Self::Unknown(other),
        }
    }
}

/// A message as its line, with the end of the line.
///
/// # Errors
/// Never for the types of this module; serde's signature has one.
pub fn line<T: Serialize>(message: &T) -> Result<Vec<u8>, serde_json::Error> {
    let mut line = serde_json::to_vec(message)?;
    line.push(b'\n');
    Ok(line)
}

/// A message from its line, with or without the end of the line.
///
/// # Errors
/// When the line is no JSON or not this message.
pub fn parse<'a, T: Deserialize<'a>>(line: &'a [u8]) -> Result<T, serde_json::Error> {
    serde_json::from_slice(line.trim_ascii_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_the_documented_lines() {
        let request = Request::Scan(ScanRequest {
            device: "test:0".into(),
            options: vec![("test-picture".into(), "Grid".into())],
            source: Source::Auto,
            resolution: 200,
            width_mm: 216,
            height_mm: 300,
            max_pages: 200,
        });
        let text = br#"{"scan":{"device":"test:0","options":[["test-picture","Grid"]],"source":"auto","resolution":200,"width_mm":216,"height_mm":300,"max_pages":200}}"#;
        assert_eq!(line(&request).unwrap(), [text.as_slice(), b"\n"].concat());
        assert_eq!(parse::<Request>(text).unwrap(), request);

        let failed = Answer::Failed { step: Step::Start, status: Some(6), text: String::new() };
        let text = br#"{"failed":{"step":"start","status":6,"text":""}}"#;
        assert_eq!(line(&failed).unwrap(), [text.as_slice(), b"\n"].concat());
        assert_eq!(parse::<Answer>(text).unwrap(), failed);
    }

    #[test]
    fn nonsense_is_refused() {
        for text in [
            "",
            "{",
            "[]",
            r#"{"paper":{}}"#,
            r#"{"page":{"width":1,"height":1}}"#,
            r#"{"page":{"width":-1,"height":1,"channels":3,"dpi":0}}"#,
            r#"{"finished":{"pages":1,"more":2}}"#,
        ] {
            assert!(parse::<Answer>(text.as_bytes()).is_err(), "{text}");
        }
    }

    #[test]
    fn impossible_pages_have_no_size() {
        let head = |width, height, channels| PageHead { width, height, channels, dpi: 200 }.bytes();
        assert_eq!(head(1700, 2362, 3), Some(12_046_200));
        assert_eq!(head(2, 3, 1), Some(6));
        assert_eq!(head(0, 10, 3), None);
        assert_eq!(head(10, 10, 4), None);
        assert_eq!(head(10_000, 10_000, 1), None);
        assert_eq!(head(u32::MAX, u32::MAX, 3), None);
    }

    #[test]
    fn every_number_has_its_own_status() {
        let all: Vec<SaneStatus> = (0..=14).map(SaneStatus::from_code).collect();
        for (code, status) in all.iter().enumerate() {
            assert_eq!(all.iter().position(|other| other == status), Some(code));
        }
        assert_eq!(SaneStatus::from_code(-1), SaneStatus::Unknown(-1));
    }
}
