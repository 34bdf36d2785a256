//! A headless Chromium of our own, driven over WebDriver. Debian: `chromium`, `chromium-driver`, `fonts-noto-cjk`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use fantoccini::elements::Element;
use fantoccini::error::CmdError;
use fantoccini::{Client, ClientBuilder, Locator};
use hall::START;
use hall::process::{Interrupt, Kept, Owner};
use hyper_util::client::legacy::connect::HttpConnector;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use serde_json::json;
use sha2::{Digest, Sha256};
use x509_parser::prelude::{FromDer, X509Certificate};

/// What root in a container needs, and what keeps the browser from calling anybody but us.
const ARGUMENTS: &[&str] = &[
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--hide-scrollbars",
    "--lang=zh-CN",
];

/// How long something may take until it is seen.
const SEEN: Duration = Duration::from_secs(20);

pub struct Browser {
    pub driver: Client,
    shots: PathBuf,
    // Ends after the driver's session did.
    _process: Kept,
    _profile: tempfile::TempDir,
}

impl Browser {
    /// Starts a browser that takes the platform's certificate, and no other that nobody vouches for.
    pub async fn start(platform: &Path) -> Self {
        let profile = tempfile::tempdir().unwrap();
        let logs = profile.path().join("logs");
        let mut process = Kept::start("driver", Path::new("chromedriver"), &logs, Owner::Us, |command| {
            command.arg("--port=0");
        })
        .unwrap();
        let port = loop {
            let line = process
                .next_line(START, &Interrupt::never())
                .expect("chromedriver: apt-get install chromium chromium-driver fonts-noto-cjk");
            if let Some((_, port)) = line.split_once("successfully on port ") {
                break port.trim_end_matches('.').to_owned();
            }
        };
        let mut arguments: Vec<String> = ARGUMENTS.iter().map(ToString::to_string).collect();
        arguments.push(format!("--user-data-dir={}", profile.path().display()));
        arguments.push(format!("--ignore-certificate-errors-spki-list={}", key_hash(platform)));
        let wishes = json!({ "browserName": "chrome", "goog:chromeOptions": { "args": arguments } });
        // The driver is on this machine: no TLS.
        let driver = ClientBuilder::new(HttpConnector::new())
            .capabilities(wishes.as_object().unwrap().clone())
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .unwrap();
        let shots = Path::new(env!("CARGO_TARGET_TMPDIR")).join("clerk");
        std::fs::create_dir_all(&shots).unwrap();
        Self { driver, shots, _process: process, _profile: profile }
    }

    /// A window of this size inside.
    pub async fn size(&self, width: u32, height: u32) {
        self.driver.set_window_rect(0, 0, width, height).await.unwrap();
        let inside = self.driver.execute("return [innerWidth, innerHeight]", Vec::new()).await.unwrap();
        let inside: (u32, u32) = serde_json::from_value(inside).unwrap();
        let (more_width, more_height) = (width - inside.0.min(width), height - inside.1.min(height));
        self.driver.set_window_rect(0, 0, width + more_width, height + more_height).await.unwrap();
    }

    /// Keeps a picture of what is seen, for people.
    pub async fn shot(&self, name: &str) {
        let picture = self.driver.screenshot().await.unwrap();
        std::fs::write(self.shots.join(format!("{name}.png")), picture).unwrap();
    }

    /// Keeps a picture of the whole page.
    pub async fn long_shot(&self, name: &str) {
        let height =
            self.driver.execute("return document.documentElement.scrollHeight", Vec::new()).await.unwrap();
        let height = u32::try_from(height.as_u64().unwrap()).unwrap();
        self.size(1280, height.max(800)).await;
        self.shot(name).await;
        self.size(1280, 800).await;
    }

    /// Waits for something that these words are in.
    pub async fn see(&self, words: &str) -> Element {
        let path = format!(
            "//*[contains(normalize-space(.), '{words}')][not(*)] | //*[contains(text(), '{words}')]"
        );
        self.wait(Locator::XPath(&path)).await.unwrap_or_else(|error| panic!("{words}: {error}"))
    }

    /// Presses what these words are on, and waits until the page they are on is gone.
    pub async fn press(&self, words: &str) {
        let path = format!("//button[normalize-space(.)='{words}'] | //a[normalize-space(.)='{words}']");
        let found = self.wait(Locator::XPath(&path)).await;
        let found = found.unwrap_or_else(|error| panic!("{words}: {error}"));
        self.driver.execute("document.documentElement.dataset.old = ''", Vec::new()).await.unwrap();
        found.click().await.unwrap();
        self.wait(Locator::Css("html:not([data-old])")).await.unwrap();
    }

    async fn wait(&self, what: Locator<'_>) -> Result<Element, CmdError> {
        self.driver.wait().at_most(SEEN).for_element(what).await
    }

    pub async fn fill(&self, name: &str, text: &str) {
        let field = self.driver.find(Locator::Css(&format!("[name='{name}']"))).await.unwrap();
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    pub async fn text(&self) -> String {
        self.driver.find(Locator::Css("main")).await.unwrap().text().await.unwrap()
    }

    /// Pictures of the page that the browser could not decode.
    pub async fn broken_pictures(&self) -> u64 {
        let script = "return [...document.images].filter(i => !i.complete || !i.naturalWidth).length";
        self.driver.execute(script, Vec::new()).await.unwrap().as_u64().unwrap()
    }

    pub async fn close(self) {
        self.driver.close().await.unwrap();
    }
}

/// The hash of the server's public key, as Chromium's allow list wants it.
fn key_hash(platform: &Path) -> String {
    let certificate = CertificateDer::from_pem_file(platform.join("server.pem")).unwrap();
    let (_, certificate) = X509Certificate::from_der(&certificate).unwrap();
    BASE64_STANDARD.encode(Sha256::digest(certificate.public_key().raw))
}
