//! The platform's keys and certificates.
//!
//! | file          | holds                                                        |
//! |---------------|--------------------------------------------------------------|
//! | `ca.key`      | the authority's key, P-256, PEM, 0600                        |
//! | `ca.pem`      | its certificate: kiosks trust it, and it signs theirs        |
//! | `server.key`  | the server's key, P-256, PEM, 0600                           |
//! | `server.pem`  | its certificate for the names given to `init`                |
//! | `receipt.key` | the Ed25519 seed that signs receipts, 32 bytes, 0600         |
//! | `receipt.pub` | its public half, 64 hex digits and a line end                |
//! | `sealing/ID.key` | keys that requests are sealed to, P-256, 32 bytes, 0600; several while one is replaced |

use std::collections::BTreeSet;
use std::fs;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use durable::{Readers, secret_file};
use ed25519_dalek::SigningKey;
use jiff::civil::Date;
use jiff::{Span, Timestamp, tz::TimeZone};
use protocol::envelope::sealing::MAX_KEYS;
use protocol::envelope::{OpeningKey, SealingKeys};
use protocol::kiosk_id;
use rcgen::{
    BasicConstraints, CertificateParams, CertificateSigningRequestParams, DnType, DnValue,
    ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose, SanType, SerialNumber,
};
use serde::Serialize;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::certificate;
use crate::error::{EnrolmentRefusal, PlatformError};
use crate::signed::verifying_key;
use crate::store::{Again, Store};

/// How long the authority's certificate is good: it outlives the kiosks in the field.
const CA_YEARS: i64 = 20;
/// How long a server's or a kiosk's certificate is good. A guess; renewal comes with provisioning.
const LEAF_YEARS: i64 = 5;

/// Where `init` put things.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Initialised {
    /// The authority's certificate: `[platform] ca` of a kiosk.
    pub ca: PathBuf,
    /// The server's certificate.
    pub server_cert: PathBuf,
    /// The public receipt key: `[platform] receipt_key` of a kiosk.
    pub receipt_key: PathBuf,
    /// The ids of the sealing keys.
    pub sealing_keys: Vec<String>,
    /// The names the server's certificate is good for.
    pub names: Vec<String>,
}

/// What a kiosk gets back from its enrolment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Enrolled {
    /// Its id.
    pub kiosk: String,
    /// Its epoch.
    pub epoch: u32,
    /// Its certificate: `[platform] client_cert`.
    pub client_cert: PathBuf,
    /// The authority's certificate: `[platform] ca`.
    pub ca: PathBuf,
    /// The public receipt key: `[platform] receipt_key`.
    pub receipt_key: PathBuf,
    /// The epoch and the public sealing keys: `[platform] sealing_keys`.
    pub sealing_keys: PathBuf,
}

/// Makes whatever is missing in `state`. Keys and the authority are never replaced; the server's certificate is made
/// anew when the names change.
///
/// # Errors
/// [`PlatformError`].
pub fn init(state: &Path, names: &[String]) -> Result<Initialised, PlatformError> {
    secret_file::private_dir(state)?;
    let files = Files::of(state);
    let ca_key = p256(&files.ca_key)?;
    if !files.ca.exists() {
        write(&files.ca, authority()?.self_signed(&ca_key)?.pem().as_bytes())?;
    }
    let server_key = p256(&files.server_key)?;
    if names_of(&files.server)? != Some(names.iter().cloned().collect()) {
        let issuer = Issuer::from_ca_cert_pem(&read(&files.ca)?, ca_key)?;
        let certificate = server(names)?.signed_by(&server_key, &issuer)?;
        write(&files.server, certificate.pem().as_bytes())?;
    }
    let receipt = receipt_seed(&files.receipt_key, true)?;
    write(&files.receipt, format!("{}\n", hex::encode(receipt.verifying_key().as_bytes())).as_bytes())?;
    if sealing_files(&files.sealing)?.is_empty() {
        make_sealing_key(&files.sealing)?;
    }
    drop(Store::create(state)?);
    Ok(Initialised {
        sealing_keys: opening_keys(state)?.iter().map(|key| hex::encode(key.id())).collect(),
        ca: files.ca,
        server_cert: files.server,
        receipt_key: files.receipt,
        names: names.to_vec(),
    })
}

/// Records a kiosk with its signing key and signs its certificate request. The kiosk's private keys stay with it.
///
/// Enrolling once more with the same signing key gives a new certificate. With [`Again::Yes`] another signing key
/// begins a new epoch: for a kiosk that was revoked, whose store was lost, or whose key may be known.
///
/// # Errors
/// [`PlatformError::Enrolment`] when the request is for another kiosk, the signing key differs from the recorded one
/// without [`Again::Yes`], or a revoked kiosk comes with its old key.
pub fn enrol(
    state: &Path,
    kiosk: &str,
    signing_key_hex: &str,
    csr_pem: &str,
    out: &Path,
    again: Again,
) -> Result<Enrolled, PlatformError> {
    let files = Files::of(state);
    if !kiosk_id::is_valid(kiosk) {
        return Err(PlatformError::Enrolment(EnrolmentRefusal::KioskId));
    }
    let signing_key = verifying_key(signing_key_hex.trim())
        .ok_or(PlatformError::Enrolment(EnrolmentRefusal::SigningKey))?;
    let ca_pem = read(&files.ca)?;
    let issuer = Issuer::from_ca_cert_pem(&ca_pem, p256(&files.ca_key)?)?;
    // Reading checks the request's own signature: whoever asks holds the key.
    let mut request = CertificateSigningRequestParams::from_pem(csr_pem)?;
    if common_name(&request.params) != Some(kiosk) {
        return Err(PlatformError::Enrolment(EnrolmentRefusal::OtherName));
    }
    // Nothing else of the request is taken over: what the certificate says is ours to decide.
    request.params = client(kiosk)?;
    let certificate = request.signed_by(&issuer)?;

    let keys = opening_keys(state)?.iter().map(OpeningKey::public).collect();
    let fingerprint = Sha256::digest(certificate.der()).into();
    let now = Timestamp::now().as_second();
    let epoch = Store::open(state)?.enrol(kiosk, &signing_key, fingerprint, again, now)?;
    let sealing =
        SealingKeys::new(epoch, keys).ok_or_else(|| PlatformError::NotAKey(files.sealing.clone()))?;
    fs::create_dir_all(out).map_err(|source| PlatformError::File { path: out.to_owned(), source })?;
    let enrolled = Enrolled {
        kiosk: kiosk.to_owned(),
        epoch,
        client_cert: out.join("client.pem"),
        ca: out.join("ca.pem"),
        receipt_key: out.join("receipt.pub"),
        sealing_keys: out.join("sealing.pub"),
    };
    write(&enrolled.client_cert, certificate.pem().as_bytes())?;
    write(&enrolled.ca, ca_pem.as_bytes())?;
    write(&enrolled.receipt_key, read(&files.receipt)?.as_bytes())?;
    write(&enrolled.sealing_keys, sealing.text().as_bytes())?;
    Ok(enrolled)
}

/// The key that signs receipts.
///
/// # Errors
/// [`PlatformError::NotInitialised`] before `init`.
pub fn receipt_key(state: &Path) -> Result<SigningKey, PlatformError> {
    receipt_seed(&Files::of(state).receipt_key, false)
}

/// The keys that open what kiosks sealed.
///
/// # Errors
/// [`PlatformError::NotInitialised`] before `init`; [`PlatformError::NotAKey`].
pub fn opening_keys(state: &Path) -> Result<Vec<OpeningKey>, PlatformError> {
    let folder = Files::of(state).sealing;
    let mut keys = Vec::new();
    for path in sealing_files(&folder)? {
        let bytes = secret_file::load(&path)?.ok_or_else(|| PlatformError::NotAKey(path.clone()))?;
        keys.push(OpeningKey::from_bytes(&bytes).ok_or(PlatformError::NotAKey(path))?);
    }
    if keys.is_empty() { Err(PlatformError::NotInitialised(folder)) } else { Ok(keys) }
}

/// Makes a further sealing key; gives its id. Kiosks seal to it once they have the `sealing.pub` of a later enrolment,
/// and to the older ones too, until these are taken out of the folder.
///
/// # Errors
/// [`PlatformError::SealingKeys`] when there are as many as a kiosk takes.
pub fn new_sealing_key(state: &Path) -> Result<String, PlatformError> {
    let folder = Files::of(state).sealing;
    let found = sealing_files(&folder)?.len();
    if found >= MAX_KEYS {
        return Err(PlatformError::SealingKeys(found));
    }
    make_sealing_key(&folder)
}

fn make_sealing_key(folder: &Path) -> Result<String, PlatformError> {
    let key = OpeningKey::generate()?;
    let id = hex::encode(key.id());
    secret_file::load_or_create(&folder.join(format!("{id}.key")), || {
        Ok::<_, PlatformError>(key.to_bytes())
    })?;
    Ok(id)
}

fn sealing_files(folder: &Path) -> Result<Vec<PathBuf>, PlatformError> {
    let failed = |source| PlatformError::File { path: folder.to_owned(), source };
    let mut found = Vec::new();
    match fs::read_dir(folder) {
        Ok(files) => {
            for file in files {
                let path = file.map_err(failed)?.path();
                if path.extension().is_some_and(|ending| ending == "key") {
                    found.push(path);
                }
            }
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(failed(error)),
    }
    found.sort();
    Ok(found)
}

/// Names of the files in the platform's folder.
pub(crate) struct Files {
    ca_key: PathBuf,
    pub(crate) ca: PathBuf,
    pub(crate) server_key: PathBuf,
    pub(crate) server: PathBuf,
    receipt_key: PathBuf,
    receipt: PathBuf,
    sealing: PathBuf,
}

impl Files {
    pub(crate) fn of(state: &Path) -> Self {
        Self {
            ca_key: state.join("ca.key"),
            ca: state.join("ca.pem"),
            server_key: state.join("server.key"),
            server: state.join("server.pem"),
            receipt_key: state.join("receipt.key"),
            receipt: state.join("receipt.pub"),
            sealing: state.join("sealing"),
        }
    }
}

fn p256(path: &Path) -> Result<KeyPair, PlatformError> {
    let pem = secret_file::load_or_create(path, || {
        let pair = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256)?;
        Ok::<_, PlatformError>(Zeroizing::new(pair.serialize_pem().into_bytes()))
    })?;
    let not_a_key = || PlatformError::NotAKey(path.to_owned());
    let text = std::str::from_utf8(&pem).map_err(|_| not_a_key())?;
    KeyPair::from_pkcs8_pem_and_sign_algo(text, &rcgen::PKCS_ECDSA_P256_SHA256).map_err(|_| not_a_key())
}

fn receipt_seed(path: &Path, create: bool) -> Result<SigningKey, PlatformError> {
    let seed = if create {
        secret_file::load_or_create(path, || {
            let mut seed = Zeroizing::new(vec![0; 32]);
            getrandom::fill(&mut seed).map_err(PlatformError::Random)?;
            Ok::<_, PlatformError>(seed)
        })?
    } else {
        secret_file::load(path)?.ok_or_else(|| PlatformError::NotInitialised(path.to_owned()))?
    };
    let seed: &[u8; 32] = seed.as_slice().try_into().map_err(|_| PlatformError::NotAKey(path.to_owned()))?;
    Ok(SigningKey::from_bytes(seed))
}

fn authority() -> Result<CertificateParams, PlatformError> {
    let mut params = dated(CA_YEARS)?;
    params.distinguished_name.push(DnType::CommonName, "Bianmin platform");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    Ok(params)
}

fn server(names: &[String]) -> Result<CertificateParams, PlatformError> {
    let mut params = dated(LEAF_YEARS)?;
    params.distinguished_name.push(DnType::CommonName, "Bianmin platform intake");
    for name in names {
        params.subject_alt_names.push(match name.parse::<IpAddr>() {
            Ok(address) => SanType::IpAddress(address),
            Err(_) => SanType::DnsName(name.as_str().try_into()?),
        });
    }
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    Ok(params)
}

fn client(kiosk: &str) -> Result<CertificateParams, PlatformError> {
    let mut params = dated(LEAF_YEARS)?;
    params.distinguished_name.push(DnType::CommonName, kiosk);
    params.subject_alt_names = vec![SanType::DnsName(kiosk.try_into()?)];
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    Ok(params)
}

/// Good from yesterday (clocks differ), with a serial of its own.
fn dated(years: i64) -> Result<CertificateParams, PlatformError> {
    let mut params = CertificateParams::default();
    params.distinguished_name.remove(DnType::CommonName);
    let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
    let from = today.saturating_sub(Span::new().days(1));
    let to = today.saturating_add(Span::new().years(years));
    let midnight = |day: Date| {
        rcgen::date_time_ymd(day.year().into(), day.month().unsigned_abs(), day.day().unsigned_abs())
    };
    params.not_before = midnight(from);
    params.not_after = midnight(to);
    params.use_authority_key_identifier_extension = true;
    let mut serial = [0u8; 16];
    getrandom::fill(&mut serial).map_err(PlatformError::Random)?;
    // A serial is a positive number that needs no padding (RFC 5280 §4.1.2.2).
    if let Some(first) = serial.first_mut() {
        *first = (*first & 0x7f) | 0x40;
    }
    params.serial_number = Some(SerialNumber::from_slice(&serial));
    Ok(params)
}

fn common_name(params: &CertificateParams) -> Option<&str> {
    let name = params.distinguished_name.get(&DnType::CommonName)?;
    if let DnValue::Utf8String(name) = name {
        Some(name)
    } else if let DnValue::PrintableString(name) = name {
        Some(name.as_str())
    } else {
        None
    }
}

/// The names in a certificate; `None` when there is no such file.
fn names_of(path: &Path) -> Result<Option<BTreeSet<String>>, PlatformError> {
    if !path.exists() {
        return Ok(None);
    }
    let pem = read(path)?;
    Ok(certificate::names_in_pem(&pem))
}

fn read(path: &Path) -> Result<String, PlatformError> {
    fs::read_to_string(path).map_err(|source| {
        if source.kind() == std::io::ErrorKind::NotFound {
            PlatformError::NotInitialised(path.to_owned())
        } else {
            PlatformError::File { path: path.to_owned(), source }
        }
    })
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), PlatformError> {
    durable::write(path, bytes, Readers::Anybody)
        .map_err(|source| PlatformError::File { path: path.to_owned(), source })
}
