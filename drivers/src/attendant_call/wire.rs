//! The lamp's language: lines of ASCII, ended by `\n`. Pure.
//!
//! | kiosk says | lamp answers | meaning |
//! |---|---|---|
//! | `LAMP off` | `OK` | dark: nobody is needed |
//! | `LAMP blink` | `OK` | somebody called |
//! | `LAMP on` | `OK` | an attendant is on the way |
//! | anything else | `ERROR` | |
//! | – | `ANSWERED` | an attendant pressed the lamp's button |
//!
//! Ours: no lamp with a standard protocol is known. A serial lamp stands behind any serial-to-TCP adapter.

/// The longest line, in bytes.
pub(super) const MAX_LINE: u64 = 64;

/// How the lamp shines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shine {
    Off,
    Blink,
    On,
}

impl Shine {
    pub const fn line(self) -> &'static [u8] {
        match self {
            Shine::Off => b"LAMP off\n",
            Shine::Blink => b"LAMP blink\n",
            Shine::On => b"LAMP on\n",
        }
    }
}

/// What the lamp says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word {
    Ok,
    Error,
    Answered,
}

/// `None` for anything that is not in the language.
pub(super) fn parse(line: &[u8]) -> Option<Word> {
    match line.trim_ascii_end() {
        b"OK" => Some(Word::Ok),
        b"ERROR" => Some(Word::Error),
        b"ANSWERED" => Some(Word::Answered),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_the_lamp() {
        assert_eq!(parse(b"OK\r\n"), Some(Word::Ok));
        assert_eq!(parse(b"ERROR\n"), Some(Word::Error));
        assert_eq!(parse(b"ANSWERED"), Some(Word::Answered));
        for nonsense in [b"".as_slice(), b"ok", b"OKAY", b"\xFF\xFE", b" OK"] {
            assert_eq!(parse(nonsense), None);
        }
    }
}
