//! The tables of the devices.

use std::path::PathBuf;

use toml_span::de_helpers::TableHelper;
use toml_span::{DeserError, Deserialize, Value};

use super::read::{absolute, checked, host_and_port, only, path, texts};

/// The devices. One whose table is absent is absent from the machine.
#[derive(Debug, PartialEq, Eq)]
pub struct Devices {
    /// `[id_card]`
    pub id_card: Option<IdCard>,
    /// `[receipt_printer]`
    pub receipt_printer: Option<ReceiptPrinter>,
    /// `[camera]`
    pub camera: Option<Camera>,
    /// `[document_scanner]`
    pub document_scanner: Option<DocumentScanner>,
    /// `[sound]`
    pub sound: Option<Sound>,
    /// `[attendant_call]`
    pub attendant_call: Option<AttendantCall>,
}

impl Devices {
    /// Takes the devices' tables out of the configuration's.
    pub(super) fn take(t: &mut TableHelper<'_>) -> Devices {
        Devices {
            id_card: t.optional("id_card"),
            receipt_printer: t.optional("receipt_printer"),
            camera: t.optional("camera"),
            document_scanner: t.optional("document_scanner"),
            sound: t.optional("sound"),
            attendant_call: t.optional("attendant_call"),
        }
    }
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
    /// The model's own SANE options, by name.
    pub options: Vec<(String, String)>,
    /// The helper process in place of the one beside the kiosk's binary.
    pub helper: Option<PathBuf>,
}

/// The loudspeaker: ALSA.
#[derive(Debug, PartialEq, Eq)]
pub struct Sound {
    /// Its ALSA name.
    pub device: String,
}

/// The attendant's lamp: TCP.
#[derive(Debug, PartialEq, Eq)]
pub struct AttendantCall {
    /// Host and port.
    pub address: String,
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
        let address = host_and_port(&mut t, "address");
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
            Err(error) => {
                // Which of the two belongs here is not known.
                t.take("url");
                t.take("path");
                Err(error.clone())
            }
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
        let options = texts(&mut t, "options");
        let helper = path(&mut t, "helper");
        t.finalize(None)?;
        Ok(DocumentScanner { device: device?, options, helper })
    }
}

impl<'de> Deserialize<'de> for Sound {
    fn deserialize(value: &mut Value<'de>) -> Result<Self, DeserError> {
        let mut t = TableHelper::new(value)?;
        let device = t.required("device");
        t.finalize(None)?;
        Ok(Sound { device: device? })
    }
}

impl<'de> Deserialize<'de> for AttendantCall {
    fn deserialize(value: &mut Value<'de>) -> Result<Self, DeserError> {
        let mut t = TableHelper::new(value)?;
        let address = host_and_port(&mut t, "address");
        t.finalize(None)?;
        Ok(AttendantCall { address: address? })
    }
}
