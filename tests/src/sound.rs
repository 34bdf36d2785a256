//! What the loudspeaker of a hall said: ALSA's recorder appends it to a file.

use std::time::{Duration, Instant};

use drivers::sound::Tone;

use crate::hall::Hall;
use crate::visitor::PATIENCE;

/// How often a recording is looked at.
const GLANCE: Duration = Duration::from_millis(20);

impl Hall {
    /// The tones that have sounded so far, in order. A tone that another one cut off is none.
    pub fn heard(&self) -> Vec<Tone> {
        let recorded = std::fs::read(self.path("sound.raw")).unwrap_or_default();
        let mut found: Vec<(usize, Tone)> = Vec::new();
        for tone in [Tone::Ok, Tone::Error, Tone::Warning, Tone::Alarm] {
            // Two channels that say the same.
            let samples = tone.samples(48_000);
            let bytes: Vec<u8> =
                samples.iter().flat_map(|s| [s.to_ne_bytes(), s.to_ne_bytes()].concat()).collect();
            found.extend(memchr::memmem::find_iter(&recorded, &bytes).map(|at| (at, tone)));
        }
        found.sort_by_key(|(at, _)| *at);
        found.into_iter().map(|(_, tone)| tone).collect()
    }

    /// Waits until so many tones have sounded, and gives them. The recording tells nobody when it grows.
    pub fn hears(&self, count: usize) -> Vec<Tone> {
        let deadline = Instant::now() + PATIENCE;
        while self.heard().len() < count && Instant::now() < deadline {
            std::thread::sleep(GLANCE);
        }
        self.heard()
    }
}
