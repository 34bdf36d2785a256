//! The table of the platform.

use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use toml_span::de_helpers::TableHelper;
use toml_span::{DeserError, Deserialize, Value};

use super::keys_folder;
use super::read::{checked, number, path};

/// What a line can be limited to, in kbit/s: below the least a page of half a megabyte takes longer than a minute.
const BANDWIDTH: RangeInclusive<u32> = 64..=1_000_000;

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
    /// The most that attachments may use of the line, in kbit/s; `None` is no limit.
    pub bandwidth: Option<u32>,
}

/// The platform table as it stands in the file: key files may be left to their places under the state folder.
pub(super) struct RawPlatform {
    url: String,
    ca: Option<PathBuf>,
    receipt_key: Option<PathBuf>,
    sealing_keys: Option<PathBuf>,
    client_cert: Option<PathBuf>,
    client_key: Option<PathBuf>,
    bandwidth: Option<u32>,
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
        let bandwidth = number(&mut t, "bandwidth", BANDWIDTH);
        t.finalize(None)?;
        Ok(RawPlatform { url: url?, ca, receipt_key, sealing_keys, client_cert, client_key, bandwidth })
    }
}

impl RawPlatform {
    pub(super) fn with_keys_under(self, state: &Path) -> Platform {
        let keys = keys_folder(state);
        let or = |given: Option<PathBuf>, name: &str| given.unwrap_or_else(|| keys.join(name));
        Platform {
            url: self.url,
            ca: or(self.ca, "ca.pem"),
            receipt_key: or(self.receipt_key, "receipt.pub"),
            sealing_keys: or(self.sealing_keys, "sealing.pub"),
            client_cert: or(self.client_cert, "client.pem"),
            client_key: or(self.client_key, "tls.key"),
            bandwidth: self.bandwidth,
        }
    }
}
