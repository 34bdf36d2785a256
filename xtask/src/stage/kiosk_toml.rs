//! The kiosk's configuration for a demo.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result};

use super::bench::Addresses;
use super::scanner::DEVICE;
use super::{Folder, READER};

/// What differs from one demo to the next.
pub struct KioskToml<'a> {
    /// The kiosk's id.
    pub id: &'a str,
    /// The hall's name.
    pub hall: &'a str,
    /// The work folder.
    pub folder: &'a Folder,
    /// The catalogue of matters.
    pub matters: PathBuf,
    /// Where the devices are.
    pub addresses: &'a Addresses,
    /// The platform's TCP address.
    pub platform: &'a str,
}

impl KioskToml<'_> {
    /// Writes the configuration into the work folder.
    pub fn write(&self) -> Result<()> {
        let file = self.folder.config();
        fs::write(&file, self.text()?).with_context(|| format!("cannot write {}", file.display()))
    }

    fn text(&self) -> Result<String> {
        let enrol = self.folder.enrol();
        let mut text = String::from("# Written by `cargo xtask demo`.\n");
        let tables: &[(&str, &[(&str, String)])] = &[
            (
                "kiosk",
                &[
                    ("id", quoted(self.id)),
                    ("hall", quoted(self.hall)),
                    ("state", quoted(self.folder.kiosk().display())),
                ],
            ),
            (
                "id_card",
                &[
                    ("transport", quoted("pcsc")),
                    ("reader", quoted(READER)),
                    ("profile", quoted("storage-card")),
                ],
            ),
            (
                "receipt_printer",
                &[
                    ("transport", quoted("tcp")),
                    ("address", quoted(&self.addresses.printer)),
                    ("profile", quoted("generic")),
                ],
            ),
            ("camera", &[("transport", quoted("mjpeg")), ("url", quoted(&self.addresses.camera))]),
            ("document_scanner", &[("transport", quoted("sane")), ("device", quoted(DEVICE))]),
            // ALSA's own recorder: what would have sounded is in a file, on machines without a loudspeaker too.
            ("sound", &[("device", quoted(format!("file:'{}',raw", self.folder.sound().display())))]),
            ("attendant_call", &[("address", quoted(&self.addresses.lamp))]),
            (
                "platform",
                &[
                    ("url", quoted(format!("https://{}", self.platform))),
                    ("ca", quoted(enrol.join("ca.pem").display())),
                    ("receipt_key", quoted(enrol.join("receipt.pub").display())),
                    ("sealing_keys", quoted(enrol.join("sealing.pub").display())),
                    ("client_cert", quoted(enrol.join("client.pem").display())),
                    ("client_key", quoted(self.folder.kiosk().join("keys/tls.key").display())),
                ],
            ),
            ("screen", &[("fullscreen", "false".to_owned())]),
            ("matters", &[("path", quoted(self.matters.display()))]),
        ];
        for (table, rows) in tables {
            writeln!(text, "\n[{table}]")?;
            for (key, value) in *rows {
                writeln!(text, "{key} = {value}")?;
            }
        }
        Ok(text)
    }
}

/// A TOML basic string. JSON's escapes are a subset of TOML's.
fn quoted(text: impl ToString) -> String {
    serde_json::Value::String(text.to_string()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_hold_the_demos_addresses_and_files() {
        let folder = Folder::make(None).unwrap();
        let toml = KioskToml {
            id: "110101-0007",
            hall: "演示\"派出所\"",
            folder: &folder,
            matters: PathBuf::from("/house/matters/catalogue"),
            addresses: &Addresses {
                printer: "127.0.0.1:9100".to_owned(),
                camera: "http://127.0.0.1:8081/stream".to_owned(),
                lamp: "127.0.0.1:4001".to_owned(),
            },
            platform: "127.0.0.1:8443",
        };
        toml.write().unwrap();
        let text = fs::read_to_string(folder.config()).unwrap();
        for line in [
            "[receipt_printer]",
            "address = \"127.0.0.1:9100\"",
            "[camera]",
            "url = \"http://127.0.0.1:8081/stream\"",
            "address = \"127.0.0.1:4001\"",
            "url = \"https://127.0.0.1:8443\"",
            "hall = \"演示\\\"派出所\\\"\"",
            "fullscreen = false",
            "path = \"/house/matters/catalogue\"",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} is missing in\n{text}");
        }
        assert!(text.contains(&format!("client_key = \"{}/keys/tls.key\"", folder.kiosk().display())));
    }
}
