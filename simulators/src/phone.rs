//! A citizen's phone: opens the page that a payment code leads to, and presses its button.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use ureq::Agent;
use ureq::tls::{Certificate, RootCerts, TlsConfig};

/// How long a page may take. A guess, far above the milliseconds of a page on the same machine.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why nothing was paid.
#[derive(Debug, thiserror::Error)]
pub enum PhoneError {
    /// The authority's certificate.
    #[error("the authority's certificate cannot be read")]
    Authority(#[source] io::Error),
    /// The page or its button did not answer, or refused.
    #[error("the payment page does not answer as it should")]
    Page(#[from] ureq::Error),
}

/// Opens the payment page at `url` and presses "pay". `ca` is the authority that the page's server comes from, PEM.
///
/// # Errors
/// Any [`PhoneError`].
pub fn pay(url: &str, ca: &Path) -> Result<(), PhoneError> {
    let pem = std::fs::read(ca).map_err(PhoneError::Authority)?;
    let tls = TlsConfig::builder()
        .root_certs(RootCerts::from(vec![Certificate::from_pem(&pem)?]))
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .build();
    let agent: Agent = Agent::config_builder().tls_config(tls).timeout_global(Some(PATIENCE)).build().into();
    agent.get(url).call()?;
    agent.post(url).send_empty()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_without_the_authority_is_not_opened() {
        let nowhere = pay("https://127.0.0.1:1/pay/1", Path::new("/nonexistent/ca.pem"));
        assert!(matches!(nowhere, Err(PhoneError::Authority(_))));
        let folder = std::env::temp_dir().join(format!("virtual-phone-{}.pem", std::process::id()));
        std::fs::write(&folder, "no certificate").unwrap();
        let refused = pay("https://127.0.0.1:1/pay/1", &folder);
        std::fs::remove_file(&folder).unwrap();
        assert!(matches!(refused, Err(PhoneError::Page(_))));
    }
}
