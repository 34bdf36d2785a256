//! How a person's browser reaches the platform's pages: over TLS, trusting the platform's authority and no other.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use ureq::Agent;
use ureq::tls::{Certificate, RootCerts, TlsConfig};

/// How long a page may take. A guess, far above the milliseconds of a page on the same machine.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why a page cannot be seen.
#[derive(Debug, thiserror::Error)]
pub enum WebError {
    /// The authority's certificate.
    #[error("the authority's certificate cannot be read")]
    Authority(#[from] io::Error),
    /// The page did not answer, or refused.
    #[error("the page does not answer as it should")]
    Page(#[from] ureq::Error),
}

/// A browser that trusts the authority in this PEM file. It follows nothing by itself.
pub(crate) fn agent(ca: &Path) -> Result<Agent, WebError> {
    let pem = std::fs::read(ca)?;
    let tls = TlsConfig::builder()
        .root_certs(RootCerts::from(vec![Certificate::from_pem(&pem)?]))
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .build();
    let config = Agent::config_builder().tls_config(tls).timeout_global(Some(PATIENCE)).max_redirects(0);
    Ok(config.max_redirects_will_error(false).build().into())
}
