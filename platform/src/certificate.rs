//! What stands in a certificate.

use std::collections::BTreeSet;
use std::net::IpAddr;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use x509_parser::prelude::{FromDer, GeneralName, X509Certificate};

/// The one common name of a certificate that our authority has signed.
pub(crate) fn kiosk_of(certificate: &CertificateDer<'_>) -> Option<String> {
    let (_, certificate) = X509Certificate::from_der(certificate).ok()?;
    let mut names = certificate.subject().iter_common_name();
    let name = names.next()?.as_str().ok()?;
    (names.next().is_none() && protocol::kiosk_id::is_valid(name)).then(|| name.to_owned())
}

/// The alternative names of the first certificate in a PEM text.
pub(crate) fn names_in_pem(pem: &str) -> Option<BTreeSet<String>> {
    let der = CertificateDer::from_pem_slice(pem.as_bytes()).ok()?;
    let (_, certificate) = X509Certificate::from_der(&der).ok()?;
    let names = certificate.subject_alternative_name().ok()??;
    let mut found = BTreeSet::new();
    for name in &names.value.general_names {
        if let GeneralName::DNSName(name) = name {
            found.insert((*name).to_owned());
        } else if let GeneralName::IPAddress(bytes) = name {
            if let Ok(v4) = <[u8; 4]>::try_from(*bytes) {
                found.insert(IpAddr::from(v4).to_string());
            } else if let Ok(v6) = <[u8; 16]>::try_from(*bytes) {
                found.insert(IpAddr::from(v6).to_string());
            }
        }
    }
    Some(found)
}
