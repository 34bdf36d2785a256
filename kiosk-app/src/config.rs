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

/// A checked configuration. A device whose table is absent is absent from the machine.
#[derive(Debug, PartialEq, Eq)]
pub struct Config {
    /// `[kiosk]`
    pub kiosk: Kiosk,
    /// `[id_card]`
    pub id_card: Option<IdCard>,
    /// `[receipt_printer]`
    pub receipt_printer: Option<ReceiptPrinter>,
    /// `[camera]`
    pub camera: Option<Camera>,
    /// `[document_scanner]`
    pub document_scanner: Option<DocumentScanner>,
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

/// The reader of identity cards: PC/SC, storage card.
#[derive(Debug, PartialEq, Eq)]
pub struct IdCard {
    /// Part of the reader's name.
    pub reader: String,
}

/// The receipt printer: TCP, generic.
#[derive(Debug, PartialEq, Eq)]
pub struct ReceiptPrinter {
    /// Host and port.
    pub address: String,
}

/// The camera.
#[derive(Debug, PartialEq, Eq)]
pub enum Camera {
    /// A network camera.
    Mjpeg {
        /// `http://host[:port]/path`
        url: String,
    },
    /// A picture that stands for one, for exhibitions and tests.
    File {
        /// A JPEG file.
        path: PathBuf,
    },
}

/// The document scanner: SANE.
#[derive(Debug, PartialEq, Eq)]
pub struct DocumentScanner {
    /// Its SANE name.
    pub device: String,
}

/// The central platform.
#[derive(Debug, PartialEq, Eq)]
pub struct Platform {
    /// `https://host:port`.
    pub url: String,
    /// The authority that the platform's certificate must come from.
    pub ca: PathBuf,
    /// The key that receipts are verified with.
    pub receipt_key: PathBuf,
    /// The keys that requests are sealed to.
    pub sealing_keys: PathBuf,
    /// This kiosk's certificate.
    pub client_cert: PathBuf,
    /// The certificate's key.
    pub client_key: PathBuf,
}

/// The window.
#[derive(Debug, PartialEq, Eq)]
pub struct Screen {
    /// Take the whole screen.
    pub fullscreen: bool,
    /// The visible width in millimetres: large text is measured with it.
    pub width_mm: u32,
}

impl Default for Screen {
    fn default() -> Self {
        Screen { fullscreen: true, width_mm: WIDTH_MM }
    }
}

/// An upright 21.5" screen.
const WIDTH_MM: u32 = 268;

/// The catalogue.
#[derive(Debug, Default, PartialEq, Eq)]
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

    fn parse(file: &str, text: &str) -> Result<Config, ConfigError> {
        let read = || Config::deserialize(&mut toml_span::parse(text).map_err(DeserError::from)?);
        read().map_err(|error| ConfigError::Invalid(problems(file, text, error)))
    }
}

impl<'de> Deserialize<'de> for Config {
    fn deserialize(value: &mut Value<'de>) -> Result<Self, DeserError> {
        let mut t = TableHelper::new(value)?;
        let kiosk = t.required::<Kiosk>("kiosk");
        let id_card = t.optional("id_card");
        let receipt_printer = t.optional("receipt_printer");
        let camera = t.optional("camera");
        let document_scanner = t.optional("document_scanner");
        let platform = t.optional::<RawPlatform>("platform");
        let screen = t.optional("screen").unwrap_or_default();
        let matters = t.optional("matters").unwrap_or_default();
        t.finalize(None)?;
        let kiosk = kiosk?;
        let platform = platform.map(|raw| raw.with_keys_under(&kiosk.state));
        Ok(Config { kiosk, id_card, receipt_printer, camera, document_scanner, platform, screen, matters })
    }
}

impl<'de> Deserialize<'de> for Kiosk {
    fn deserialize(value: &mut Value<'de>) -> Result<Self, DeserError> {
        let mut t = TableHelper::new(value)?;
        let id = checked(&mut t, "id", "hall and machine such as \"110101-0007\"", |id| {
            outbox::kiosk_id::is_valid(id).then(|| id.to_owned())
        });
        let state = checked(&mut t, "state", "an absolute path", absolute);
        let hall = t.optional("hall");
        t.finalize(None)?;
        let (id, state) = (id?, state?);
        Ok(Kiosk { hall: hall.unwrap_or_else(|| id.clone()), id, state })
    }
}

impl<'de> Deserialize<'de> for IdCard {
    fn deserialize(value: &mut Value<'de>) -> Result<Self, DeserError> {
        let mut t = TableHelper::new(value)?;
        only(&mut t, "transport", "pcsc");
        only(&mut t, "profile", "storage-card");
        let reader = t.required("reader");
        t.finalize(None)?;
        Ok(IdCard { reader: reader? })
    }
}

impl<'de> Deserialize<'de> for ReceiptPrinter {
    fn deserialize(value: &mut Value<'de>) -> Result<Self, DeserError> {
        let mut t = TableHelper::new(value)?;
        only(&mut t, "transport", "tcp");
        only(&mut t, "profile", "generic");
        let address = checked(&mut t, "address", "host and port such as \"127.0.0.1:9100\"", |address| {
            let (host, port) = address.rsplit_once(':')?;
            (!host.is_empty() && port.parse::<u16>().is_ok()).then(|| address.to_owned())
        });
        t.finalize(None)?;
        Ok(ReceiptPrinter { address: address? })
    }
}

impl<'de> Deserialize<'de> for Camera {
    fn deserialize(value: &mut Value<'de>) -> Result<Self, DeserError> {
        let mut t = TableHelper::new(value)?;
        let transport = checked(&mut t, "transport", "\"mjpeg\" or \"file\"", |found| {
            ["mjpeg", "file"].contains(&found).then(|| found.to_owned())
        });
        let camera = match transport.as_deref() {
            Ok("file") => {
                checked(&mut t, "path", "an absolute path", absolute).map(|path| Camera::File { path })
            }
            Ok(_) => checked(&mut t, "url", "an address such as \"http://127.0.0.1:8081/stream\"", |url| {
                url.starts_with("http://").then(|| Camera::Mjpeg { url: url.to_owned() })
            }),
            Err(error) => Err(error.clone()),
        };
        t.finalize(None)?;
        Ok(camera?)
    }
}

impl<'de> Deserialize<'de> for DocumentScanner {
    fn deserialize(value: &mut Value<'de>) -> Result<Self, DeserError> {
        let mut t = TableHelper::new(value)?;
        only(&mut t, "transport", "sane");
        let device = t.required("device");
        t.finalize(None)?;
        Ok(DocumentScanner { device: device? })
    }
}

/// The platform table as it stands in the file: key files may be left to their places under the state folder.
struct RawPlatform {
    url: String,
    ca: Option<PathBuf>,
    receipt_key: Option<PathBuf>,
    sealing_keys: Option<PathBuf>,
    client_cert: Option<PathBuf>,
    client_key: Option<PathBuf>,
}

impl<'de> Deserialize<'de> for RawPlatform {
    fn deserialize(value: &mut Value<'de>) -> Result<Self, DeserError> {
        let mut t = TableHelper::new(value)?;
        let url = checked(&mut t, "url", "an address such as \"https://127.0.0.1:8443\"", |url| {
            let host = url.strip_prefix("https://")?;
            (!host.is_empty() && !host.contains(['/', ' '])).then(|| url.to_owned())
        });
        let ca = path(&mut t, "ca");
        let receipt_key = path(&mut t, "receipt_key");
        let sealing_keys = path(&mut t, "sealing_keys");
        let client_cert = path(&mut t, "client_cert");
        let client_key = path(&mut t, "client_key");
        t.finalize(None)?;
        Ok(RawPlatform { url: url?, ca, receipt_key, sealing_keys, client_cert, client_key })
    }
}

impl RawPlatform {
    fn with_keys_under(self, state: &Path) -> Platform {
        let keys = keys_folder(state);
        let or = |given: Option<PathBuf>, name: &str| given.unwrap_or_else(|| keys.join(name));
        Platform {
            url: self.url,
            ca: or(self.ca, "ca.pem"),
            receipt_key: or(self.receipt_key, "receipt.pub"),
            sealing_keys: or(self.sealing_keys, "sealing.pub"),
            client_cert: or(self.client_cert, "client.pem"),
            client_key: or(self.client_key, "tls.key"),
        }
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
        let width_mm = t.optional_s::<u32>("width_mm");
        if let Some(found) = &width_mm
            && !(50..=2000).contains(&found.value)
        {
            let text = format!("`width_mm` must be between 50 and 2000, found {}", found.value);
            t.errors.push(custom(text, found.span));
        }
        t.finalize(None)?;
        Ok(Screen { fullscreen, width_mm: width_mm.map_or(WIDTH_MM, |found| found.value) })
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

/// Reads a text and turns it into what it stands for; a text that stands for nothing is a mistake.
fn checked<T>(
    t: &mut TableHelper<'_>,
    key: &'static str,
    expected: &str,
    check: impl FnOnce(&str) -> Option<T>,
) -> Result<T, toml_span::Error> {
    let found = t.required_s::<String>(key)?;
    check(&found.value).ok_or_else(|| {
        let error = custom(format!("`{key}`: expected {expected}, found \"{}\"", found.value), found.span);
        t.errors.push(error.clone());
        error
    })
}

/// A key that has one possible value in this version, and says so.
fn only(t: &mut TableHelper<'_>, key: &'static str, value: &str) {
    // The mistake stays in the table until `finalize`.
    let _ = checked(t, key, &format!("\"{value}\""), |found| (found == value).then_some(()));
}

fn path(t: &mut TableHelper<'_>, key: &'static str) -> Option<PathBuf> {
    t.contains(key).then(|| checked(t, key, "an absolute path", absolute).ok()).flatten()
}

fn absolute(path: &str) -> Option<PathBuf> {
    Path::new(path).is_absolute().then(|| PathBuf::from(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENTED: &str = include_str!("../kiosk.toml");

    #[test]
    fn the_documented_file_is_valid_and_names_every_key() {
        let config = Config::parse("kiosk.toml", DOCUMENTED).unwrap();
        assert_eq!(config.kiosk.id, "110101-0007");
        assert_eq!(config.id_card.unwrap().reader, "Virtual PCD 00 00");
        let platform = config.platform.unwrap();
        assert_eq!(platform.client_key, Path::new("/var/lib/kiosk/keys/tls.key"));
    }

    #[test]
    fn all_mistakes_are_listed_at_once_with_lines_and_what_was_expected() {
        let text = r#"
[kiosk]
id = "hall seven"
state = "var/lib/kiosk"
colour = "red"

[id_card]
transport = "telepathy"
reader = 7
profile = "storage-card"

[receipt_printer]
transport = "tcp"
address = "127.0.0.1"
profile = "generic"

[platform]
url = "http://127.0.0.1"

[toaster]
"#;
        let ConfigError::Invalid(list) = Config::parse("kiosk.toml", text).unwrap_err() else {
            panic!("readable")
        };
        let list: Vec<String> = list.iter().map(ToString::to_string).collect();
        let expected = [
            "kiosk.toml:3: `id`: expected hall and machine such as \"110101-0007\", found \"hall seven\"",
            "kiosk.toml:4: `state`: expected an absolute path, found \"var/lib/kiosk\"",
            "kiosk.toml:5: unknown key `colour`; expected one of: id, state, hall",
            "kiosk.toml:8: `transport`: expected \"pcsc\", found \"telepathy\"",
            "kiosk.toml:9: expected a string, found integer",
            "kiosk.toml:14: `address`: expected host and port such as \"127.0.0.1:9100\", found \"127.0.0.1\"",
            "kiosk.toml:18: `url`: expected an address such as \"https://127.0.0.1:8443\", found \"http://127.0.0.1\"",
            "kiosk.toml:20: unknown key `toaster`; expected one of: kiosk, id_card, receipt_printer, camera, document_scanner, platform, screen, matters",
        ];
        assert_eq!(list, expected);
    }

    #[test]
    fn a_machine_with_nothing_but_a_name_is_a_machine() {
        let config = Config::parse("k", "[kiosk]\nid = \"110101-0007\"\nstate = \"/s\"\n").unwrap();
        assert_eq!(config.kiosk.hall, "110101-0007");
        assert!(config.id_card.is_none() && config.receipt_printer.is_none() && config.platform.is_none());
    }

    #[test]
    fn text_that_is_no_toml_is_one_mistake_with_its_line() {
        let Err(ConfigError::Invalid(list)) = Config::parse("k", "[kiosk]\nid = = 7\n") else {
            panic!("accepted")
        };
        assert_eq!(list[0].line, 2);
    }
}
