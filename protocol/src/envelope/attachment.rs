//! Files that belong to a request: a page, a portrait, a signature. Each is a `COSE_Encrypt0` of its own under a random
//! key that stands in the manifest, and its name is the hash of its bytes.

use sha2::{Digest, Sha256};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::cbor::{Fields, Writer};
use super::encrypt;
use super::error::EnvelopeError;
use super::suite::{self, KEY, Key};

/// Largest content of an attachment: a page at 200 dpi has 1 to 3 MB.
pub const MAX_ATTACHMENT: usize = 8 * 1024 * 1024;

/// Largest sealed attachment: its content and the structure around it.
pub const MAX_SEALED_ATTACHMENT: usize = MAX_ATTACHMENT + 512;

/// Most attachments of one request.
pub const MAX_ATTACHMENTS: usize = 16;

/// The name of a sealed attachment: SHA-256 of all its bytes.
pub type AttachmentHash = [u8; 32];

pub(super) const CONTENT_TYPE: &str = "application/octet-stream";

/// A file of a request: a page, a portrait, a signature. Wiped on drop; no `Debug`.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Attachment {
    /// What it is to the request, such as `paper-1` or `portrait`.
    pub name: String,
    /// Its media type, such as `image/jpeg`.
    pub media_type: String,
    /// Its bytes, at most 8 MB.
    pub content: Vec<u8>,
}

/// An attachment as the manifest describes it. Whoever has this and the file can read it: wiped on drop, no `Debug`.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Described {
    /// What it is to the request, such as `paper-1` or `portrait`.
    pub name: String,
    /// Its media type, such as `image/jpeg`.
    pub media_type: String,
    /// The length of its content.
    pub length: u64,
    /// The name of the sealed file.
    #[zeroize(skip)]
    pub hash: AttachmentHash,
    key: [u8; KEY],
}

impl Described {
    pub(crate) fn room(&self) -> usize {
        self.name.len() + self.media_type.len() + 2 * KEY + 64
    }

    pub(crate) fn encode(&self, out: &mut Writer) {
        out.map(5);
        out.int(1).text(&self.name).int(2).text(&self.media_type).int(3).uint(self.length);
        out.int(4).bytes(&self.hash).int(5).bytes(&self.key);
    }

    pub(crate) fn decode(mut fields: Fields) -> Result<Self, EnvelopeError> {
        let described = Self {
            name: fields.next(1)?.text()?,
            media_type: fields.next(2)?.text()?,
            length: fields.next(3)?.int()?,
            hash: fields.next(4)?.hash()?,
            key: fields.next(5)?.hash()?,
        };
        fields.end()?;
        Ok(described)
    }
}

/// A sealed attachment with its description.
pub struct SealedAttachment {
    /// For the manifest.
    pub described: Described,
    /// The file.
    pub bytes: Vec<u8>,
}

/// Seals an attachment under a fresh random key.
///
/// # Errors
/// [`EnvelopeError::TooLarge`] above [`MAX_ATTACHMENT`]; [`EnvelopeError::Crypto`].
pub fn seal_attachment(attachment: &Attachment) -> Result<SealedAttachment, EnvelopeError> {
    seal_with(attachment, &suite::random_key()?, &suite::random_nonce()?)
}

pub(crate) fn seal_with(
    attachment: &Attachment,
    key: &Key,
    nonce: &[u8; suite::NONCE],
) -> Result<SealedAttachment, EnvelopeError> {
    let content = attachment.content.as_slice();
    if content.len() > MAX_ATTACHMENT {
        return Err(EnvelopeError::TooLarge { bytes: content.len() });
    }
    let bytes = encrypt::seal0(CONTENT_TYPE, content, key, nonce)?;
    let described = Described {
        name: attachment.name.clone(),
        media_type: attachment.media_type.clone(),
        length: content.len() as u64,
        hash: attachment_hash(&bytes),
        key: **key,
    };
    Ok(SealedAttachment { described, bytes })
}

/// The name of a sealed attachment.
pub fn attachment_hash(bytes: &[u8]) -> AttachmentHash {
    Sha256::digest(bytes).into()
}

/// Opens a sealed attachment with its description.
///
/// # Errors
/// [`EnvelopeError`] when the bytes are not the described file.
pub fn open_attachment(bytes: &[u8], described: &Described) -> Result<Zeroizing<Vec<u8>>, EnvelopeError> {
    if bytes.len() > MAX_SEALED_ATTACHMENT {
        return Err(EnvelopeError::TooLarge { bytes: bytes.len() });
    }
    if attachment_hash(bytes) != described.hash {
        return Err(EnvelopeError::Mismatch("attachment hash"));
    }
    let content = encrypt::open0(bytes, CONTENT_TYPE, &Key::new(described.key))?;
    if content.len() as u64 != described.length {
        return Err(EnvelopeError::Mismatch("attachment length"));
    }
    Ok(content)
}
