//! One job, step by step: open, set, scan until the paper ends.

use std::ffi::CString;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};

use drivers::document_scanner::wire::{Answer, CONTRACT, Request, ScanRequest};
use drivers::document_scanner::{SaneStatus, Source, Step};

use crate::Answers;
use crate::assemble::{Assembler, Impossible};
use crate::choose::{self, Constraint, Kind, Setting};
use crate::sane::{Bad, Device, Sane};

/// What one `sane_read` may bring. Libraries hand over what their pipe holds, mostly 32 or 64 KB.
const CHUNK: usize = 128 * 1024;

/// How a job ends early.
pub enum Failure {
    /// To be told.
    Job { step: Step, status: Option<i32>, text: String },
    /// The kiosk does not take our answers.
    Pipe(io::Error),
    /// The kiosk asked to stop.
    Stopped,
}

impl Failure {
    fn sane(step: Step, bad: Bad) -> Self {
        Failure::Job { step, status: Some(bad.0), text: bad.text() }
    }
}

/// Does what was asked, and counts the pages sent.
pub fn run(request: &Request, answers: &mut Answers, stop: &AtomicBool) -> Result<u32, Failure> {
    let (Request::Probe { device, .. } | Request::Scan(ScanRequest { device, .. })) = request;
    let name = CString::new(device.as_str()).map_err(|_| Failure::Job {
        step: Step::Request,
        status: None,
        text: "a zero in the scanner's name".into(),
    })?;
    let sane = Sane::start().map_err(|bad| Failure::sane(Step::Init, bad))?;
    let scanner = sane.open(&name).map_err(|bad| Failure::sane(Step::Open, bad))?;
    let opened = |model| Answer::Opened { contract: CONTRACT, model };
    match request {
        Request::Probe { options, .. } => {
            // Before it counts as open: staff looks at the scanner to see whether its configuration is right. What can
            // be set only after source and mode were is left to the job.
            let now: Vec<_> =
                options.iter().filter(|(name, _)| !scanner.is_inactive(name)).cloned().collect();
            set_options(&scanner, &now)?;
            // Listing asks every cable; only a look has that time.
            answers.tell(&opened(sane.model(&name))).map_err(Failure::Pipe)?;
            Ok(0)
        }
        Request::Scan(job) => {
            answers.tell(&opened(None)).map_err(Failure::Pipe)?;
            Job { scanner: &scanner, job, answers, stop }.scan()
        }
    }
}

struct Job<'a> {
    scanner: &'a Device<'a>,
    job: &'a ScanRequest,
    answers: &'a mut Answers,
    stop: &'a AtomicBool,
}

impl Job<'_> {
    fn scan(mut self) -> Result<u32, Failure> {
        match self.job.source {
            Source::Feeder => self.use_feeder(),
            Source::Flatbed => self.use_flatbed(),
            Source::Auto => {
                if self.feeder().is_none() {
                    return self.use_flatbed();
                }
                match self.use_feeder() {
                    Err(Failure::Job { step: Step::Start, status: Some(status), .. })
                        if SaneStatus::from_code(status) == SaneStatus::NoDocs && self.has_flatbed() =>
                    {
                        self.scanner.cancel();
                        self.use_flatbed()
                    }
                    other => other,
                }
            }
        }
    }

    fn use_flatbed(&mut self) -> Result<u32, Failure> {
        if let Some((setting, word)) = self.source(Source::Flatbed) {
            self.set(&setting, &word)?;
        }
        let dpi = self.prepare()?;
        self.page(dpi)?;
        Ok(1)
    }

    fn use_feeder(&mut self) -> Result<u32, Failure> {
        // A scanner that is nothing but a feeder has no choice to set.
        if let Some((setting, word)) = self.feeder() {
            self.set(&setting, &word)?;
        }
        let dpi = self.prepare()?;
        let mut pages = 0;
        while pages < self.job.max_pages {
            match self.page(dpi) {
                Ok(()) => pages += 1,
                Err(Failure::Job { step: Step::Start, status: Some(status), .. })
                    if pages > 0 && SaneStatus::from_code(status) == SaneStatus::NoDocs =>
                {
                    break;
                }
                Err(other) => return Err(other),
            }
        }
        Ok(pages)
    }

    fn feeder(&self) -> Option<(Setting, String)> {
        self.source(Source::Feeder)
    }

    fn has_flatbed(&self) -> bool {
        self.source(Source::Flatbed).is_some()
    }

    fn source(&self, wanted: Source) -> Option<(Setting, String)> {
        let setting = self.scanner.setting("source")?;
        let Constraint::Texts(offered) = &setting.constraint else { return None };
        let word = choose::source(offered, wanted)?.clone();
        Some((setting, word))
    }

    fn set(&self, setting: &Setting, word: &str) -> Result<(), Failure> {
        self.scanner.set_text(setting, word).map_err(|bad| Failure::sane(Step::Options, bad))
    }

    /// Sets everything but the source, and says the resolution the scanner took. Each option is looked up just before
    /// it is set, because setting one may change what others take, and whether they exist.
    fn prepare(&mut self) -> Result<u32, Failure> {
        let bad = |bad| Failure::sane(Step::Options, bad);
        if let Some(setting) = self.scanner.setting("mode")
            && let Constraint::Texts(offered) = &setting.constraint
            && let Some(word) = choose::mode(offered)
        {
            self.set(&setting, word)?;
        }
        if let Some(setting) = self.scanner.setting("depth") {
            self.scanner.set_word(&setting, choose::nearest(&setting, 8)).map_err(bad)?;
        }
        if let Some(setting) = self.scanner.setting("resolution") {
            self.scanner.set_word(&setting, choose::nearest(&setting, self.job.resolution)).map_err(bad)?;
        }
        let dpi = self.resolution();
        let (width, height) = (self.job.width_mm, self.job.height_mm);
        for (name, length) in [("tl-x", 0), ("tl-y", 0), ("br-x", width), ("br-y", height)] {
            if let Some(setting) = self.scanner.setting(name) {
                let pixels = u64::from(length) * u64::from(dpi) * 10 / 254;
                let length =
                    if setting.in_pixels { u32::try_from(pixels).unwrap_or(u32::MAX) } else { length };
                self.scanner.set_word(&setting, choose::nearest(&setting, length)).map_err(bad)?;
            }
        }
        set_options(self.scanner, &self.job.options)?;
        // An option of the model may have changed it again.
        Ok(self.resolution())
    }

    /// The resolution in force, 0 when the scanner has none.
    fn resolution(&self) -> u32 {
        let setting = self.scanner.setting("resolution");
        setting
            .and_then(|setting| Some(choose::from_word(setting.kind, self.scanner.word(&setting)?)))
            .unwrap_or(0)
    }

    /// Scans one page and sends it.
    fn page(&mut self, dpi: u32) -> Result<(), Failure> {
        let impossible = |Impossible(text): Impossible| Failure::Job { step: Step::Read, status: None, text };
        let mut assembler = Assembler::default();
        let mut buffer = zeroize::Zeroizing::new(vec![0; CHUNK]);
        loop {
            self.scanner.start().map_err(|bad| Failure::sane(Step::Start, bad))?;
            let parameters = self.scanner.parameters().map_err(|bad| Failure::sane(Step::Start, bad))?;
            assembler.begin(&parameters).map_err(impossible)?;
            loop {
                if self.stop.load(Ordering::SeqCst) {
                    return Err(Failure::Stopped);
                }
                match self.scanner.read(&mut buffer) {
                    Ok(length) => {
                        assembler.push(buffer.get(..length).unwrap_or_default()).map_err(impossible)?;
                    }
                    Err(bad) if bad.status() == SaneStatus::Eof => break,
                    Err(bad) => return Err(Failure::sane(Step::Read, bad)),
                }
            }
            if parameters.last_frame != 0 {
                break;
            }
        }
        let (head, pixels) = assembler.finish(dpi).map_err(impossible)?;
        self.answers.tell(&Answer::Page(head)).map_err(Failure::Pipe)?;
        self.answers.pixels(&pixels).map_err(Failure::Pipe)
    }
}

/// Sets the options that the configuration names.
fn set_options(scanner: &Device<'_>, options: &[(String, String)]) -> Result<(), Failure> {
    for (name, value) in options {
        let wrong = || Failure::Job {
            step: Step::Options,
            status: Some(4),
            text: format!("the scanner has no option \"{name}\" that takes \"{value}\""),
        };
        let setting = scanner.setting(name).ok_or_else(wrong)?;
        if setting.kind == Kind::Text {
            scanner.set_text(&setting, value)
        } else {
            scanner.set_word(&setting, choose::parse(setting.kind, value).ok_or_else(wrong)?)
        }
        .map_err(|_| wrong())?;
    }
    Ok(())
}
