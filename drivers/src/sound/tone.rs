//! The tones, as numbers. Pure.

use std::f64::consts::{PI, TAU};
use std::time::Duration;

/// What sounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Something went well: one short high note.
    Ok,
    /// Something did not: two low notes.
    Error,
    /// Something is about to happen, such as the end of an idle visit: two rising notes.
    Warning,
    /// Somebody must come back, such as for a card left behind: four pairs of notes.
    Alarm,
}

/// A note: its pitch in hertz (0 is a rest) and its length in milliseconds.
type Note = (u32, u64);

/// Loudness as a part of full scale. Half leaves room for a mixer and does not startle.
const LOUDNESS: f64 = 0.5;

/// How long a note takes to rise and to fall: without it each end clicks. Guess.
const RAMP_MS: u64 = 8;

impl Tone {
    /// Pitches lie between 300 and 1200 Hz: small loudspeakers have nothing below, old ears little above.
    const fn notes(self) -> &'static [Note] {
        match self {
            Tone::Ok => &[(880, 140)],
            Tone::Error => &[(330, 180), (0, 60), (330, 260)],
            Tone::Warning => &[(660, 160), (0, 40), (880, 220)],
            Tone::Alarm => &[
                (988, 180),
                (784, 180),
                (0, 60),
                (988, 180),
                (784, 180),
                (0, 60),
                (988, 180),
                (784, 180),
                (0, 60),
                (988, 180),
                (784, 180),
            ],
        }
    }

    /// How long it sounds.
    pub fn length(self) -> Duration {
        Duration::from_millis(self.notes().iter().map(|(_, length)| length).sum())
    }

    /// Its samples at this rate, one channel, full scale ±32767.
    pub fn samples(self, rate: u32) -> Vec<i16> {
        let count = |ms: u64| usize::try_from(ms * u64::from(rate) / 1000).unwrap_or_default();
        let ramp = count(RAMP_MS).max(1);
        let mut samples = Vec::with_capacity(count(self.length().as_millis() as u64));
        for &(pitch, length) in self.notes() {
            let length = count(length);
            samples.extend((0..length).map(|at| {
                let edge = at.min(length - 1 - at).min(ramp) as f64 / ramp as f64;
                let envelope = (1.0 - (PI * edge).cos()) / 2.0;
                let phase = TAU * f64::from(pitch) * at as f64 / f64::from(rate);
                (phase.sin() * envelope * LOUDNESS * f64::from(i16::MAX)) as i16
            }));
        }
        samples
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Tone; 4] = [Tone::Ok, Tone::Error, Tone::Warning, Tone::Alarm];

    #[test]
    fn tones_are_as_long_as_they_say_and_never_clip_or_click() {
        for tone in ALL {
            let samples = tone.samples(48_000);
            assert_eq!(samples.len() as u128, tone.length().as_millis() * 48);
            let loudest = samples.iter().map(|sample| sample.unsigned_abs()).max().unwrap();
            assert!((15_000..=16_384).contains(&loudest), "{tone:?}: {loudest}");
            // The steepest step of a sine of 988 Hz at half scale is 2119; a click would be far beyond.
            assert!(samples.windows(2).all(|pair| pair[0].abs_diff(pair[1]) < 2200), "{tone:?} clicks");
            assert_eq!((samples[0], *samples.last().unwrap()), (0, 0));
        }
    }

    #[test]
    fn tones_flash_at_most_three_times_a_second_if_drawn() {
        // The alarm goes with a light that follows its pairs.
        let pairs = 4.0 / Tone::Alarm.length().as_secs_f64();
        assert!(pairs <= 3.0);
    }
}
