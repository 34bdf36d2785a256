//! What the printer says about itself.

/// Emits `10 04 n`, the real-time question: it is answered at once, before anything that is still in the buffer.
///
/// Source: ESC/POS, `DLE EOT`, n = 1…4.
pub(crate) const fn ask(question: Question) -> [u8; 3] {
    [0x10, 0x04, question as u8]
}

/// `1D 72 01`: a question that waits behind the data. Its answer means that everything before it was worked off.
///
/// Source: ESC/POS, `GS r`.
pub(crate) const ASK_QUEUED: [u8; 3] = [0x1D, 0x72, 0x01];

/// The real-time questions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Question {
    /// Online or not.
    Printer = 1,
    /// Why offline.
    Offline = 2,
    /// Which error.
    Error = 3,
    /// The paper.
    Paper = 4,
}

impl Question {
    pub const ALL: [Question; 4] = [Question::Printer, Question::Offline, Question::Error, Question::Paper];
}

/// A byte that is no answer to the question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NotStatus(pub u8);

/// The answers to the four questions, joined.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Report {
    pub offline: bool,
    pub cover_open: bool,
    pub feeding: bool,
    pub error: bool,
    pub cutter: bool,
    pub unrecoverable: bool,
    pub hot: bool,
    pub near_end: bool,
    pub paper_out: bool,
    /// The four bytes as they came.
    pub raw: [u8; 4],
}

impl Report {
    /// Takes in the answer to one question.
    ///
    /// | question | bits set mean                                                                 |
    /// |----------|-------------------------------------------------------------------------------|
    /// | 1        | 08 offline (04 drawer: not used)                                              |
    /// | 2        | 04 cover open, 08 feeding by button, 20 stopped on paper end, 40 error        |
    /// | 3        | 08 cutter, 20 unrecoverable, 40 recovers by itself (head too hot)             |
    /// | 4        | 0C near end, 60 paper end                                                     |
    ///
    /// Bits 1 and 4 are always set, 0 and 7 never.
    ///
    /// # Errors
    /// [`NotStatus`] when the fixed bits are wrong: drain the line and ask again.
    ///
    /// Source: ESC/POS, `DLE EOT`, n = 1…4.
    pub fn take(&mut self, question: Question, byte: u8) -> Result<(), NotStatus> {
        if !is_realtime(byte) {
            return Err(NotStatus(byte));
        }
        let has = |bits: u8| byte & bits != 0;
        let [printer, offline, error, paper] = &mut self.raw;
        match question {
            Question::Printer => {
                *printer = byte;
                self.offline = has(0x08);
            }
            Question::Offline => {
                *offline = byte;
                self.cover_open = has(0x04);
                self.feeding = has(0x08);
                self.paper_out |= has(0x20);
                self.error = has(0x40);
            }
            Question::Error => {
                *error = byte;
                self.cutter = has(0x08);
                self.unrecoverable = has(0x20);
                self.hot = has(0x40);
            }
            Question::Paper => {
                *paper = byte;
                self.near_end = has(0x0C);
                self.paper_out |= has(0x60);
            }
        }
        Ok(())
    }

    /// The four bytes for people.
    pub fn hex(&self) -> String {
        let [a, b, c, d] = self.raw;
        format!("{a:02X} {b:02X} {c:02X} {d:02X}")
    }
}

/// Whether a byte can be the answer to a real-time question.
pub(crate) const fn is_realtime(byte: u8) -> bool {
    byte & 0x93 == 0x12
}

/// Whether a byte can be the answer to the queued question: bits 4 and 7 are never set.
pub(crate) const fn is_queued(byte: u8) -> bool {
    byte & 0x90 == 0x00
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(bytes: [u8; 4]) -> Report {
        let mut report = Report::default();
        for (question, byte) in Question::ALL.into_iter().zip(bytes) {
            report.take(question, byte).unwrap();
        }
        report
    }

    #[test]
    fn questions() {
        assert_eq!(Question::ALL.map(ask), [[0x10, 4, 1], [0x10, 4, 2], [0x10, 4, 3], [0x10, 4, 4]]);
        assert_eq!(ASK_QUEUED, [0x1D, 0x72, 0x01]);
    }

    #[test]
    fn every_bit_has_its_meaning() {
        let ready = [0x12; 4];
        assert_eq!(report(ready), Report { raw: ready, ..Report::default() });
        assert!(report([0x1A, 0x12, 0x12, 0x12]).offline);
        assert!(report([0x1A, 0x16, 0x12, 0x12]).cover_open);
        assert!(report([0x12, 0x1A, 0x12, 0x12]).feeding);
        assert!(report([0x1A, 0x32, 0x12, 0x12]).paper_out);
        assert!(report([0x1A, 0x52, 0x1A, 0x12]).cutter);
        assert!(report([0x1A, 0x52, 0x32, 0x12]).unrecoverable);
        assert!(report([0x1A, 0x52, 0x52, 0x12]).hot);
        assert!(report([0x12, 0x12, 0x12, 0x1E]).near_end);
        let out = report([0x1A, 0x12, 0x12, 0x7E]);
        assert!(out.paper_out && out.near_end);
        assert_eq!(out.hex(), "1A 12 12 7E");
    }

    #[test]
    fn garbage_is_no_status() {
        for byte in [0x00, 0xFF, 0x10, 0x92, 0x13, b'A'] {
            assert_eq!(Report::default().take(Question::Paper, byte), Err(NotStatus(byte)));
        }
        assert!(is_queued(0x00) && is_queued(0x0C) && is_queued(0x03));
        assert!(!is_queued(0x12) && !is_queued(0xFF));
    }
}
