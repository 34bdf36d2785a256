//! Failure codes of the kiosk: one list of code, cause and remedy.
//!
//! Every error enum of the house answers `fault()` with a variant of [`Fault`]. The code is what a citizen reads to
//! the officer, what a service command prints and what the journal keeps. The cause and the remedy are for staff and
//! stand, word for word, in `docs/failures.md`; a test compares both. A citizen's wording lives in the screens,
//! keyed by the code.

mod chain;

pub use chain::chain;

/// Who can do something about a failure, and what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// The citizen tries the same thing again.
    Retry,
    /// Nobody: the machine goes on trying and recovers by itself.
    Wait,
    /// The citizen goes to a counter; the machine cannot help this person.
    Counter,
    /// A member of staff opens the machine or its service menu.
    Staff,
}

macro_rules! faults {
    ($($name:ident = $code:literal, $next:ident, $cause:literal, $remedy:literal;)+) => {
        /// One failure that can happen on a kiosk.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Fault { $(#[doc = $cause] $name,)+ }

        impl Fault {
            /// Every failure, in the order of the list.
            pub const ALL: &[Fault] = &[$(Fault::$name,)+];

            /// The code, such as `CRD-04`: three letters for the place, two digits.
            pub const fn code(self) -> &'static str {
                match self { $(Fault::$name => $code,)+ }
            }

            /// What happened, for staff.
            pub const fn cause(self) -> &'static str {
                match self { $(Fault::$name => $cause,)+ }
            }

            /// What staff can do.
            pub const fn remedy(self) -> &'static str {
                match self { $(Fault::$name => $remedy,)+ }
            }

            /// What happens next.
            pub const fn next(self) -> Next {
                match self { $(Fault::$name => Next::$next,)+ }
            }
        }
    };
}

faults! {
    CardServiceDown = "CRD-01", Wait,
        "The smart card service (pcscd) does not run, stopped or does not answer.",
        "Nothing at first: the kiosk reconnects by itself. If it lasts, restart pcscd and look at its log.";
    CardReaderMissing = "CRD-02", Wait,
        "No reader with the configured name is connected.",
        "Check the reader's cable, then `[id_card] reader` in kiosk.toml against the names pcscd knows.";
    CardMute = "CRD-03", Retry,
        "A card lies on the reader but does not answer: the wrong way round, damaged, or two cards at once.",
        "Place one card flat on the reader. A card that never answers is damaged.";
    CardForeign = "CRD-04", Retry,
        "The card answers but is not an identity card the reader can decode, such as a bank card.",
        "Use the resident identity card.";
    CardRemoved = "CRD-05", Retry,
        "The card was lifted before it was read to the end.",
        "Place the card again and leave it until the screen says so.";
    CardRecordInvalid = "CRD-06", Counter,
        "The record on the card is impossible: its layout, lengths, characters, type or dates are wrong.",
        "Read the card at a counter. If every card fails, the reader is faulty: replace it.";
    CardReaderFailed = "CRD-07", Retry,
        "The reader answered with an error or broke off.",
        "Try again. If it returns, unplug the reader, plug it in again, then replace it.";
    CardTimeOut = "CRD-08", Retry,
        "The card or its reader did not finish in time.",
        "Try again. If it returns with every card, restart pcscd, then replace the reader.";
    CardLeftBehind = "CRD-09", Staff,
        "A card of an earlier visitor still lies on the reader; the kiosk does not read it.",
        "Take the card away and keep it for its owner. Reading goes on by itself.";
    CardNumberInvalid = "CRD-10", Counter,
        "The identity number on the card has a wrong check digit.",
        "Compare the number with the print on the card at a counter; the card must be replaced.";
    PrinterUnreachable = "PRN-01", Staff,
        "The receipt printer cannot be reached: switched off, unplugged or at another address.",
        "Check power, cable and the address in `[receipt_printer]`.";
    PrinterPaperOut = "PRN-02", Staff,
        "The receipt paper is used up.",
        "Put in a new roll and close the cover.";
    PrinterCoverOpen = "PRN-03", Staff,
        "The printer's cover is open.",
        "Close the cover.";
    PrinterJammed = "PRN-04", Staff,
        "The cutter or the paper is jammed.",
        "Open the cover, take out the paper, switch the printer off and on.";
    PrinterUnconfirmed = "PRN-05", Staff,
        "The printer took the job but did not confirm it: nobody knows whether a receipt came out.",
        "Look at the paper exit. The case number is safe; print a copy from the case if none came out.";
    PrinterGarbage = "PRN-06", Staff,
        "The printer's status answer is no status: wrong profile, wrong device or a bad line.",
        "Check `[receipt_printer] profile` and address.";
    PrinterFailed = "PRN-07", Staff,
        "The printer reports an error that it cannot clear by itself.",
        "Switch the printer off and on. If it returns, replace the printer.";
    PrinterHot = "PRN-08", Wait,
        "The print head is too hot; the printer recovers by itself.",
        "Nothing. If it happens daily, clean the head and check the ventilation.";
    CameraUnreachable = "CAM-01", Wait,
        "The camera cannot be reached or sends nothing.",
        "Check power, cable and the address in `[camera]`. The kiosk reconnects by itself.";
    CameraFrozen = "CAM-02", Staff,
        "The camera sends the same picture again and again.",
        "Switch the camera off and on. If it returns, replace the camera.";
    CameraGarbage = "CAM-03", Staff,
        "What the camera sends is no picture: a wrong address, another device or a bad line.",
        "Check `[camera] url` in a browser: it must show a moving picture. Then check the cable.";
    CameraDark = "CAM-04", Staff,
        "The camera sees only black.",
        "Uncover the lens and look whether the light works. If nothing covers it, replace the camera.";
    ScannerUnreachable = "SCN-01", Staff,
        "The document scanner cannot be opened: switched off, unplugged, under another name, or not allowed.",
        "Check power, cable and the name in `[document_scanner]` against those SANE lists.";
    ScannerJammed = "SCN-02", Staff,
        "Paper is jammed in the scanner's feeder.",
        "Open the feeder, take out the paper, close it.";
    ScannerNoPaper = "SCN-03", Retry,
        "The scanner's feeder is empty.",
        "Put the paper in as far as it goes. If paper lies there, clean the feeder's sensor.";
    ScannerCoverOpen = "SCN-04", Retry,
        "The scanner's cover is open.",
        "Close the cover.";
    ScannerOverdue = "SCN-05", Retry,
        "The scanner did not open or deliver a page in time; its helper process was ended.",
        "Try again. If it returns, switch the scanner off and on.";
    ScannerFailed = "SCN-06", Retry,
        "The scanner or its library failed in the middle of a job.",
        "Try again. If it returns, switch the scanner off and on; the raw error names what failed.";
    ScannerBusy = "SCN-07", Wait,
        "The scanner is busy, warms up, or is used by another program.",
        "Nothing. If it lasts, look for another program that uses it.";
    SoundUnavailable = "SND-01", Staff,
        "The loudspeaker cannot be opened or does not play.",
        "Check the loudspeaker's cable and the name in `[sound]` against those ALSA lists.";
    LampUnreachable = "CAL-01", Staff,
        "The attendant's lamp cannot be reached or does not answer.",
        "Check power, cable and the address in `[attendant_call]`. Look after the machine until it works.";
    StoreUnavailable = "OBX-01", Staff,
        "The store of requests cannot be opened.",
        "Check the disk and the folder in `[kiosk] state`. The kiosk takes no requests until it opens.";
    StoreFull = "OBX-02", Staff,
        "The disk is full, or nearly: no further request is taken.",
        "Restore the connection to the platform so that the queue empties, or free disk space.";
    StoreWriteFailed = "OBX-03", Staff,
        "The disk failed while a request was being written.",
        "Replace the disk. The request was not taken and the citizen was told so.";
    StoreDamaged = "OBX-04", Staff,
        "A stored request no longer matches its signature or its chain.",
        "Keep the disk. `kiosk queue list` shows which request is damaged; nothing is erased.";
    StoreLate = "OBX-05", Staff,
        "The disk did not confirm the request in time: it may still be kept.",
        "Look for the case with `kiosk queue list` before anyone applies again.";
    StoreFrozen = "OBX-06", Staff,
        "The platform knows another request under this sequence number: an old copy of this disk was put back.",
        "Stop the kiosk. Enrol it again; this starts a new epoch. Keep the disk for the inquiry.";
    RequestUnknown = "OBX-07", Staff,
        "This kiosk has no request of that number, or it is not in the state that the command needs.",
        "Look it up with `kiosk queue list`.";
    KeyUnavailable = "KEY-01", Staff,
        "A key of this kiosk cannot be read or made.",
        "Check the owner and the mode (0600) of the files in the state folder's `keys`.";
    SealingKeyMissing = "KEY-02", Staff,
        "The platform's sealing keys cannot be read: requests cannot be made unreadable to this kiosk.",
        "Put `sealing.pub` from the enrolment where `[platform] sealing_keys` says. Until then no request is taken.";
    PlatformUnreachable = "PLT-01", Wait,
        "The central platform cannot be reached.",
        "Check network and `[platform] url`. Requests wait on the kiosk and are sent later.";
    PlatformUntrusted = "PLT-02", Staff,
        "TLS with the platform failed: its certificate or ours was refused.",
        "Check `[platform] ca`, `client_cert` and the clock. A revoked kiosk must be enrolled again.";
    PlatformSlow = "PLT-03", Wait,
        "The platform did not answer in time.",
        "Nothing. Requests wait on the kiosk and are sent later.";
    PlatformFailed = "PLT-04", Wait,
        "The platform answered with a failure of its own (5xx).",
        "Tell the platform's operator if it lasts. Requests wait on the kiosk.";
    PlatformRefused = "PLT-05", Staff,
        "The platform refused the request (4xx).",
        "The request is kept. Report the problem type in `kiosk queue list` to the platform's operator.";
    ReceiptInvalid = "PLT-06", Staff,
        "The platform's receipt does not verify: another key, another request, or not a receipt.",
        "The request is kept and sent again. Check `[platform] receipt_key`; if it is right, raise an alarm.";
    PaymentUnavailable = "PLT-07", Wait,
        "The platform gave no payment order for this request.",
        "Nothing. The request is kept; the fee is paid later with the case number, at a machine or at a counter.";
    RequestMissing = "PLT-08", Staff,
        "The platform lacks a request that this kiosk took in, and nothing explains where it is.",
        "Keep the disk for the inquiry. `kiosk-platform alarms` names the missing numbers; compare them with `kiosk queue list`.";
    JournalDamaged = "JRN-01", Staff,
        "The audit journal no longer matches its own chain or its signed head.",
        "Keep the disk for the inquiry. `kiosk audit verify` names the first record that does not match.";
    CrashLoop = "SYS-01", Staff,
        "The kiosk's program ended unexpectedly several times in a row and no longer serves.",
        "Read the journal (`journalctl -u kiosk`), mend the cause, then restart the unit.";
    SubmissionInvalid = "SUB-01", Staff,
        "What was given to `kiosk submit` does not pass the matter's own checks; each mistake is listed.",
        "Mend the answers or files listed and submit again. Nothing was stored.";
    FileUnusable = "FIL-01", Staff,
        "A file named on the command line cannot be read, is too large, or is not what the command needs.",
        "The message names the file and what is wrong with it. Nothing was changed.";
    ConfigUnreadable = "CFG-01", Staff,
        "The configuration file cannot be read.",
        "Check the path given to `--config`.";
    ConfigInvalid = "CFG-02", Staff,
        "The configuration has mistakes; each is listed with its line.",
        "Mend the lines listed and run `kiosk config check`.";
    CatalogueInvalid = "CAT-01", Staff,
        "The catalogue of matters has mistakes; each is listed with its file.",
        "Mend the files listed and run `kiosk catalogue check`.";
    CatalogueRefused = "CAT-02", Staff,
        "A catalogue is not one that the platform signed, or it is older than the one in force.",
        "The one in force stays. Put the catalogue on the platform again; if it is refused again, compare `receipt_key` with the platform's.";
    NoDevice = "DEV-01", Staff,
        "The command needs a device whose table is absent from the configuration.",
        "Add the table to kiosk.toml if the machine has the device.";
    ScreenUnavailable = "SCR-01", Staff,
        "The screen cannot be opened.",
        "Check the display connection; on a desktop, that DISPLAY is set.";
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `docs/failures.md` is this list in words; `BLESS=1 cargo test -p faults` writes it anew.
    #[test]
    fn the_documentation_lists_exactly_these_failures() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/failures.md");
        let mut page = String::from(
            "# Failures\n\nA citizen reads the code to the officer; service commands and logs show the same one. What \
             happens next: *retry*, the citizen\ntries again; *wait*, the machine recovers by itself; *counter*, the \
             citizen is sent to a counter; *staff*, somebody must act.\n",
        );
        for fault in Fault::ALL {
            let next = match fault.next() {
                Next::Retry => "retry",
                Next::Wait => "wait",
                Next::Counter => "counter",
                Next::Staff => "staff",
            };
            let (code, cause, remedy) = (fault.code(), fault.cause(), fault.remedy());
            page += &format!("\n## {code}\n\n{cause}\n\n*{next}* · {remedy}\n");
        }
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(path, &page).unwrap();
        }
        let written = std::fs::read_to_string(path).unwrap();
        assert!(written == page, "docs/failures.md differs from faults/src/lib.rs");
    }

    #[test]
    fn codes_are_unique_and_well_formed() {
        let mut seen = std::collections::BTreeSet::new();
        for fault in Fault::ALL {
            let code = fault.code();
            let (place, number) = code.split_once('-').unwrap();
            assert!(place.len() == 3 && place.bytes().all(|b| b.is_ascii_uppercase()), "{code}");
            assert!(number.len() == 2 && number.bytes().all(|b| b.is_ascii_digit()), "{code}");
            assert!(seen.insert(code), "{code} stands twice");
        }
    }
}
