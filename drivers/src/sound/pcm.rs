//! Samples to ALSA, without ever waiting for long.

use std::time::{Duration, Instant};

use alsa::pcm::{Access, Format, HwParams, PCM};
use alsa::{Direction, ValueOr};

use super::error::Error;
use super::tone::Tone;

/// The rate asked for; what the device takes instead is used.
const RATE: u32 = 48_000;

/// How much the device holds, so that a stop is heard at once.
const BUFFER: Duration = Duration::from_millis(200);

/// The longest wait before commands are looked at.
const SLICE_MS: u32 = 50;

/// How much longer than the tone itself playing may take. Guess.
const SPARE: Duration = Duration::from_secs(2);

/// How many gaps in the stream are mended. Guess: a busy machine makes one.
const MAX_GAPS: u32 = 3;

const EAGAIN: i32 = 11;
const EPIPE: i32 = 32;
const ESTRPIPE: i32 = 86;

/// A tone on an open device. Nothing is kept open between tones: a USB loudspeaker may be replugged, and others may use it.
pub(super) struct Playing {
    pcm: PCM,
    channels: usize,
    frames: Vec<i16>,
    written: usize,
    gaps: u32,
    deadline: Instant,
}

impl Playing {
    /// Opens the device by its ALSA name. A device that somebody else holds is an error, not a wait.
    pub fn open(name: &str, tone: Tone) -> Result<Self, Error> {
        let fail = |error: alsa::Error| Error::NoDevice { raw: error.to_string() };
        let pcm = PCM::new(name, Direction::Playback, true).map_err(fail)?;
        let (rate, channels) = configure(&pcm).map_err(fail)?;
        let channels = usize::try_from(channels).unwrap_or(1).max(1);
        let samples = tone.samples(rate).into_iter();
        let frames = samples.flat_map(|sample| std::iter::repeat_n(sample, channels)).collect();
        let deadline = Instant::now() + tone.length() + SPARE;
        Ok(Self { pcm, channels, frames, written: 0, gaps: 0, deadline })
    }

    /// Plays on, for a moment. True at the tone's end.
    pub fn step(&mut self) -> Result<bool, Error> {
        let fail = |error: alsa::Error| Error::Failed { raw: error.to_string() };
        if Instant::now() >= self.deadline {
            let _ = self.pcm.drop();
            return Err(Error::Overdue);
        }
        let rest = self.frames.get(self.written..).unwrap_or_default();
        // When all is written, the end of the sound is awaited by the same rules.
        let step = if rest.is_empty() {
            self.pcm.drain().map(|()| 0)
        } else {
            self.pcm.io_i16().and_then(|io| io.writei(rest))
        };
        match step {
            Ok(_) if rest.is_empty() => return Ok(true),
            Ok(written) => self.written += written * self.channels,
            Err(error) if error.errno() == EAGAIN && rest.is_empty() => {
                std::thread::sleep(Duration::from_millis(SLICE_MS.into()));
            }
            Err(error) if error.errno() == EAGAIN => {
                self.pcm.wait(Some(SLICE_MS)).map_err(fail)?;
            }
            Err(error) if matches!(error.errno(), EPIPE | ESTRPIPE) && self.gaps < MAX_GAPS => {
                self.gaps += 1;
                self.pcm.try_recover(error, true).map_err(fail)?;
            }
            Err(error) => return Err(fail(error)),
        }
        Ok(false)
    }

    /// Ends it now.
    pub fn stop(self) {
        let _ = self.pcm.drop();
    }
}

fn configure(pcm: &PCM) -> alsa::Result<(u32, u32)> {
    let params = HwParams::any(pcm)?;
    params.set_access(Access::RWInterleaved)?;
    params.set_format(Format::s16())?;
    params.set_channels_near(2)?;
    params.set_rate_near(RATE, ValueOr::Nearest)?;
    params.set_buffer_time_near(u32::try_from(BUFFER.as_micros()).unwrap_or(u32::MAX), ValueOr::Nearest)?;
    pcm.hw_params(&params)?;
    Ok((params.get_rate()?, params.get_channels()?))
}
