//! `kiosk.toml`: raw text in, checked values out, every mistake at once.
//!
//! Nothing downstream validates again. The keys are documented one by one in `kiosk-app/kiosk.toml`.

use std::path::{Path, PathBuf};

use faults::Fault;
use matters::Problem;
use matters::problem::{custom, problems};
use thiserror::Error;
use toml_span::de_helpers::TableHelper;
use toml_span::{DeserError, Deserialize, Value};

pub mod devices;
mod platform;
mod read;

pub use platform::Platform;

use devices::Devices;
use platform::RawPlatform;
use read::{absolute, checked, number, path};

/// A checked configuration.
#[derive(Debug, PartialEq, Eq)]
pub struct Config {
    /// `[kiosk]`
    pub kiosk: Kiosk,
    /// The tables of the devices.
    pub devices: Devices,
    /// `[platform]`
    pub platform: Option<Platform>,
    /// `[screen]`
    pub screen: Screen,
    /// `[matters]`
    pub matters: Matters,
}

/// Which machine this is.
#[derive(Debug, PartialEq, Eq)]
pub struct Kiosk {
    /// Hall and machine, `110101-0007`.
    pub id: String,
    /// Everything the kiosk writes is under here.
    pub state: PathBuf,
    /// The hall's name on screens and receipts; the id when it is not given.
    pub hall: String,
}

/// The window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Screen {
    /// Take the whole screen.
    pub fullscreen: bool,
    /// The visible width in millimetres, as it is hung: large text is measured with it.
    pub width_mm: u32,
    /// How far the picture is turned to the right on a bare console, in degrees: 0, 90, 180 or 270.
    pub rotation: u32,
}

impl Default for Screen {
    fn default() -> Self {
        Screen { fullscreen: true, width_mm: WIDTH_MM, rotation: 0 }
    }
}

/// An upright 21.5" screen.
const WIDTH_MM: u32 = 268;

/// The catalogue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Matters {
    /// The folder of the catalogue; the built-in one when absent.
    pub path: Option<PathBuf>,
    /// The region whose files lie over the catalogue's.
    pub region: Option<String>,
}

/// Why there is no configuration.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("{path} cannot be read", path = path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Every mistake with its line.
    #[error("{} mistakes in the configuration: {}", .0.len(), listed(.0))]
    Invalid(Vec<Problem>),
}

impl ConfigError {
    /// The failure code.
    pub fn fault(&self) -> Fault {
        match self {
            ConfigError::Unreadable { .. } => Fault::ConfigUnreadable,
            ConfigError::Invalid(_) => Fault::ConfigInvalid,
        }
    }
}

/// All mistakes in one line, for `error.text`.
pub fn listed(problems: &[Problem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

impl Config {
    /// Reads and checks a file.
    ///
    /// # Errors
    /// [`ConfigError::Invalid`] lists every mistake with its line and what was expected.
    pub fn load(path: &Path) -> Result<Config, ConfigError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| ConfigError::Unreadable { path: path.to_owned(), source })?;
        Config::parse(&path.display().to_string(), &text)
    }

    /// Checks a text that came from `file`.
    ///
    /// # Errors
    /// As [`Config::load`].
    pub fn parse(file: &str, text: &str) -> Result<Config, ConfigError> {
        let read = || Config::deserialize(&mut toml_span::parse(text).map_err(DeserError::from)?);
        read().map_err(|error| ConfigError::Invalid(problems(file, text, error)))
    }
}

impl<'de> Deserialize<'de> for Config {
    fn deserialize(value: &mut Value<'de>) -> Result<Self, DeserError> {
        let mut t = TableHelper::new(value)?;
        let kiosk = t.required::<Kiosk>("kiosk");
        let devices = Devices::take(&mut t);
        let platform = t.optional::<RawPlatform>("platform");
        let screen = t.optional("screen").unwrap_or_default();
        let matters = t.optional("matters").unwrap_or_default();
        t.finalize(None)?;
        let kiosk = kiosk?;
        let platform = platform.map(|raw| raw.with_keys_under(&kiosk.state));
        Ok(Config { kiosk, devices, platform, screen, matters })
    }
}

impl<'de> Deserialize<'de> for Kiosk {
    fn deserialize(value: &mut Value<'de>) -> Result<Self, DeserError> {
        let mut t = TableHelper::new(value)?;
        let id = checked(&mut t, "id", "hall and machine such as \"110101-0007\"", |id| {
            protocol::kiosk_id::is_valid(id).then(|| id.to_owned())
        });
        let state = checked(&mut t, "state", "an absolute path", absolute);
        let hall = t.optional("hall");
        t.finalize(None)?;
        let (id, state) = (id?, state?);
        Ok(Kiosk { hall: hall.unwrap_or_else(|| id.clone()), id, state })
    }
}

/// Where the kiosk's own keys are made.
pub fn keys_folder(state: &Path) -> PathBuf {
    state.join("keys")
}

impl<'de> Deserialize<'de> for Screen {
    fn deserialize(value: &mut Value<'de>) -> Result<Self, DeserError> {
        let mut t = TableHelper::new(value)?;
        let fullscreen = t.optional("fullscreen").unwrap_or(true);
        let width_mm = number(&mut t, "width_mm", 50..=2000).unwrap_or(WIDTH_MM);
        let rotation = t.optional_s::<u32>("rotation");
        if let Some(found) = rotation.as_ref().filter(|found| ![0, 90, 180, 270].contains(&found.value)) {
            let text = format!("`rotation` must be 0, 90, 180 or 270, found {}", found.value);
            t.errors.push(custom(text, found.span));
        }
        t.finalize(None)?;
        Ok(Screen { fullscreen, width_mm, rotation: rotation.map_or(0, |found| found.value) })
    }
}

impl<'de> Deserialize<'de> for Matters {
    fn deserialize(value: &mut Value<'de>) -> Result<Self, DeserError> {
        let mut t = TableHelper::new(value)?;
        let path = path(&mut t, "path");
        let region = t.optional("region");
        t.finalize(None)?;
        Ok(Matters { path, region })
    }
}

#[cfg(test)]
mod tests;
