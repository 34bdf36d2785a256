//! `COSE_Encrypt` (a request) and `COSE_Encrypt0` (an attachment), RFC 9052 §5, each with one form of header.
//!
//! ```text
//! 96([ << { 1: 3 (A256GCM), 3: content type, -65537: suite } >>, { 5: nonce }, ciphertext, [ + recipient ] ])
//! recipient = [ << { 1: -31 (ECDH-ES+A256KW) } >>, { 4: key id, -1: { 1: 2, -1: 1, -2: x, -3: y } }, wrapped key ]
//! 16([ << { 1: 3 (A256GCM), 3: content type, -65537: suite } >>, { 5: nonce }, ciphertext ])
//! ```

use ciborium::Value;
use coset::{
    CoseEncrypt, CoseEncrypt0, CoseRecipient, EncryptionContext, Header, HeaderBuilder, Label,
    ProtectedHeader, TaggedCborSerializable, enc_structure_data, iana,
};
use zeroize::Zeroizing;

use super::cbor::{self, Writer};
use super::error::EnvelopeError;
use super::sealing::{KEY_ID, KeyId, MAX_KEYS, OpeningKey, SealingKey};
use super::suite::{self, COORDINATE, Key, NONCE, Suite, TAG, WRAPPED, Wrapped};

/// Room for the headers around a ciphertext.
const OVERHEAD: usize = 256;
/// Room for a recipient.
const RECIPIENT: usize = 192;

/// A content key for one message, wrapped for each recipient already. That is most of the work of sealing, and it can be
/// done before the content is known. Wiped on drop.
pub struct ContentKey {
    key: Key,
    nonce: [u8; NONCE],
    recipients: Vec<(KeyId, Wrapped)>,
}

impl ContentKey {
    /// A new random key, wrapped for each of them.
    ///
    /// # Errors
    /// [`EnvelopeError::Crypto`] without random numbers.
    pub fn random(to: &[SealingKey]) -> Result<Self, EnvelopeError> {
        let ephemerals = to.iter().map(|_| suite::random_secret()).collect::<Result<Vec<_>, _>>()?;
        Self::with(suite::random_key()?, suite::random_nonce()?, to, &ephemerals)
    }

    /// Every random value is given: only test vectors know them.
    pub(crate) fn with(
        key: Key,
        nonce: [u8; NONCE],
        to: &[SealingKey],
        ephemerals: &[p256::SecretKey],
    ) -> Result<Self, EnvelopeError> {
        let protected = recipient_header();
        let wrap = |(to, ephemeral): (&SealingKey, _)| {
            Ok((to.id, Suite::CURRENT.wrap(&key, &to.point, ephemeral, &protected)?))
        };
        let recipients = to.iter().zip(ephemerals).map(wrap).collect::<Result<Vec<_>, _>>()?;
        if recipients.is_empty() || recipients.len() != to.len() {
            return Err(EnvelopeError::Crypto);
        }
        Ok(Self { key, nonce, recipients })
    }

    /// Who will be able to read it.
    pub(crate) fn recipients(&self) -> Vec<KeyId> {
        self.recipients.iter().map(|(id, _)| *id).collect()
    }
}

/// Seals `content` under a key that is wiped afterwards.
pub(crate) fn seal(content_type: &str, content: &[u8], key: ContentKey) -> Result<Vec<u8>, EnvelopeError> {
    let room = OVERHEAD + key.recipients.len() * RECIPIENT;
    let mut message = Writer::with_capacity(content.len() + room);
    message.tag(CoseEncrypt::TAG).array(4);
    encrypt(&mut message, "Encrypt", content_type, content, &key.key, &key.nonce)?;
    message.array(key.recipients.len());
    let protected = recipient_header();
    for (id, wrapped) in &key.recipients {
        message.array(3).bytes(&protected).map(2);
        message.int(4).bytes(id);
        message.int(-1).map(4);
        message.int(1).int(iana::KeyType::EC2 as i64);
        message.int(-1).int(iana::EllipticCurve::P_256 as i64);
        message.int(-2).bytes(&wrapped.x).int(-3).bytes(&wrapped.y);
        message.bytes(&wrapped.key);
    }
    Ok(message.finish_public())
}

/// Opens with the first of `keys` that it is sealed to; gives the content and all recipients.
pub(crate) fn open(
    bytes: &[u8],
    content_type: &str,
    keys: &[OpeningKey],
) -> Result<(Zeroizing<Vec<u8>>, Vec<KeyId>), EnvelopeError> {
    cbor::parse(bytes)?;
    let mut message = CoseEncrypt::from_tagged_slice(bytes).map_err(|_| EnvelopeError::Malformed)?;
    // A recipient may have an empty list of recipients of its own, which says nothing: a second form of the same.
    if message.clone().to_tagged_vec().ok().as_deref() != Some(bytes) {
        return Err(EnvelopeError::Malformed);
    }
    let nonce = check_content_headers(&message.protected, &message.unprotected, content_type)?;
    if message.recipients.is_empty() || message.recipients.len() > MAX_KEYS {
        return Err(EnvelopeError::Header("recipients"));
    }
    let recipients = message.recipients.iter().map(recipient).collect::<Result<Vec<_>, _>>()?;
    let found =
        recipients.iter().find_map(|(id, wrapped)| Some((keys.iter().find(|key| key.id() == *id)?, wrapped)));
    let (key, wrapped) = found.ok_or(EnvelopeError::NotForUs)?;
    let content_key = key.unwrap(wrapped, &recipient_header())?;
    let sealed = message.ciphertext.take().ok_or(EnvelopeError::Malformed)?;
    let aad = enc_structure_data(EncryptionContext::CoseEncrypt, message.protected, &[]);
    let content = decrypt(&aad, sealed, &content_key, &nonce)?;
    Ok((content, recipients.into_iter().map(|(id, _)| id).collect()))
}

/// Seals an attachment under a key of its own.
pub(crate) fn seal0(
    content_type: &str,
    content: &[u8],
    key: &Key,
    nonce: &[u8; NONCE],
) -> Result<Vec<u8>, EnvelopeError> {
    let mut message = Writer::with_capacity(content.len() + OVERHEAD);
    message.tag(CoseEncrypt0::TAG).array(3);
    encrypt(&mut message, "Encrypt0", content_type, content, key, nonce)?;
    Ok(message.finish_public())
}

/// Opens an attachment.
pub(crate) fn open0(
    bytes: &[u8],
    content_type: &str,
    key: &Key,
) -> Result<Zeroizing<Vec<u8>>, EnvelopeError> {
    cbor::parse(bytes)?;
    let mut message = CoseEncrypt0::from_tagged_slice(bytes).map_err(|_| EnvelopeError::Malformed)?;
    let nonce = check_content_headers(&message.protected, &message.unprotected, content_type)?;
    let sealed = message.ciphertext.take().ok_or(EnvelopeError::Malformed)?;
    let aad = enc_structure_data(EncryptionContext::CoseEncrypt0, message.protected, &[]);
    decrypt(&aad, sealed, key, &nonce)
}

fn content_header(content_type: &str) -> Zeroizing<Vec<u8>> {
    let mut header = Writer::with_capacity(OVERHEAD);
    header.map(3);
    header.int(1).int(Suite::CURRENT.content_algorithm() as i64);
    header.int(3).text(content_type);
    header.int(Suite::LABEL).int(Suite::CURRENT.number());
    header.finish()
}

fn recipient_header() -> Zeroizing<Vec<u8>> {
    let mut header = Writer::with_capacity(8);
    header.map(1).int(1).int(Suite::CURRENT.key_algorithm() as i64);
    header.finish()
}

/// Writes both headers and the ciphertext. The content is encrypted where it will stay: a page of several megabytes is
/// copied once.
fn encrypt(
    message: &mut Writer,
    context: &str,
    content_type: &str,
    content: &[u8],
    key: &Key,
    nonce: &[u8; NONCE],
) -> Result<(), EnvelopeError> {
    let protected = content_header(content_type);
    let mut aad = Writer::with_capacity(OVERHEAD);
    aad.array(3).text(context).bytes(&protected).bytes(&[]);
    message.bytes(&protected).map(1).int(5).bytes(nonce);
    message.sealed_bytes(content, |content| Suite::CURRENT.seal(key, nonce, &aad.finish(), content))
}

fn decrypt(
    aad: &[u8],
    sealed: Vec<u8>,
    key: &Key,
    nonce: &[u8; NONCE],
) -> Result<Zeroizing<Vec<u8>>, EnvelopeError> {
    if sealed.len() < TAG {
        return Err(EnvelopeError::Sealed);
    }
    let mut content = Zeroizing::new(sealed);
    Suite::CURRENT.open(key, nonce, aad, &mut content)?;
    Ok(content)
}

fn check_content_headers(
    protected: &ProtectedHeader,
    unprotected: &Header,
    content_type: &str,
) -> Result<[u8; NONCE], EnvelopeError> {
    let original = protected.original_data.as_deref().ok_or(EnvelopeError::Malformed)?;
    cbor::parse(original)?;
    let header = &protected.header;
    let suite = Suite::CURRENT;
    if header.alg != Some(coset::RegisteredLabelWithPrivate::Assigned(suite.content_algorithm())) {
        return Err(EnvelopeError::Algorithm);
    }
    let expected = HeaderBuilder::new()
        .algorithm(suite.content_algorithm())
        .content_type(content_type.to_owned())
        .value(Suite::LABEL, suite.number().into())
        .build();
    if *header != expected {
        return Err(EnvelopeError::Header("content"));
    }
    let nonce = unprotected.iv.as_slice().try_into().map_err(|_| EnvelopeError::Header("nonce"))?;
    if *unprotected != HeaderBuilder::new().iv(unprotected.iv.clone()).build() {
        return Err(EnvelopeError::Header("unprotected fields"));
    }
    Ok(nonce)
}

/// A recipient's key id and what it needs.
fn recipient(found: &CoseRecipient) -> Result<(KeyId, Wrapped), EnvelopeError> {
    let wrong = || EnvelopeError::Header("recipient");
    if found.protected.original_data.as_deref() != Some(recipient_header().as_slice())
        || !found.recipients.is_empty()
    {
        return Err(wrong());
    }
    let id: [u8; KEY_ID] = found.unprotected.key_id.as_slice().try_into().map_err(|_| wrong())?;
    let [(Label::Int(-1), Value::Map(key))] = found.unprotected.rest.as_slice() else { return Err(wrong()) };
    let [(kty, two), (curve, one), (x_label, Value::Bytes(x)), (y_label, Value::Bytes(y))] = key.as_slice()
    else {
        return Err(wrong());
    };
    let labels = [kty, two, curve, one, x_label, y_label].map(Value::as_integer);
    if labels != [1, 2, -1, 1, -2, -3].map(|label: i64| Some(label.into())) {
        return Err(wrong());
    }
    let expected = HeaderBuilder::new().key_id(id.to_vec()).value(-1, Value::Map(key.clone())).build();
    if found.unprotected != expected {
        return Err(wrong());
    }
    let x: [u8; COORDINATE] = x.as_slice().try_into().map_err(|_| wrong())?;
    let y: [u8; COORDINATE] = y.as_slice().try_into().map_err(|_| wrong())?;
    let key: [u8; WRAPPED] =
        found.ciphertext.as_deref().and_then(|key| key.try_into().ok()).ok_or_else(wrong)?;
    Ok((id, Wrapped { x, y, key }))
}
