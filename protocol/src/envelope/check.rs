//! An identity check before anything is submitted: is the person before the machine the holder of a number? Version 1.
//!
//! ```text
//! check = COSE_Encrypt( COSE_Sign1( question ) )
//! ```
//!
//! | key | field                                                     | type       |
//! |-----|-----------------------------------------------------------|------------|
//! | 1   | version, 1                                                | uint       |
//! | 2   | kiosk                                                     | text       |
//! | 3   | the check's name, random                                  | bytes (16) |
//! | 4   | the number as typed, 1 to 64 bytes                        | text       |
//! | 5   | the name as typed, at most 256 bytes, empty when not asked for | text  |
//! | 6   | the portrait, JPEG                                        | bytes      |
//! | 7   | time of asking, Unix seconds of the kiosk's clock         | int        |
//! | 8   | the keys it is sealed to, in order                        | array of bytes (8) |
//!
//! It never lies on the kiosk's disk: the citizen waits for the answer, and a machine that goes off has asked nothing.

use ed25519_dalek::{SigningKey, VerifyingKey};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::cbor::{self, Writer};
use super::encrypt::{self, ContentKey};
use super::error::EnvelopeError;
use super::sealing::{OpeningKey, SealingKey, SealingKeys};
use super::{MAX_ENVELOPE, SEALED_TYPE, sign1};
use crate::kiosk_id;

/// The version that is written and read.
pub const VERSION: u64 = 1;

/// Largest sealed check: a portrait of GA 461 has 15 to 60 KB, and a line of 100 kbit/s carries this in 21 s.
pub const MAX_CHECK: usize = MAX_ENVELOPE;

/// Bytes of a check's name.
pub const NAME: usize = 16;

/// Longest number as typed, in bytes: foreign documents have letters and hyphens.
const MAX_NUMBER: usize = 64;
/// Longest name as typed, in bytes: 35 characters fit a card, and some take four bytes.
const MAX_PERSON: usize = 256;
/// Room for everything but the texts and the portrait.
const FIXED: usize = 512;

const CONTENT_TYPE: &str = "application/vnd.bianmin.identity-check+cbor";
/// How every JPEG begins.
const JPEG: &[u8] = &[0xff, 0xd8, 0xff];

/// What a kiosk asks. Wiped on drop; no `Debug`, because it is a person.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct Question {
    /// The kiosk's id.
    pub kiosk: String,
    /// A random name for the check.
    pub check: [u8; NAME],
    /// The number as typed.
    pub number: String,
    /// The name as typed; empty when it was not asked for.
    pub name: String,
    /// The portrait, JPEG.
    pub portrait: Vec<u8>,
    /// When it was asked: Unix seconds of the kiosk's clock, which may be wrong.
    pub asked: i64,
}

/// Signs a question and seals it to the platform's keys: the kiosk's part. Nobody on the kiosk can open it again.
///
/// # Errors
/// [`EnvelopeError::Field`] for a field outside of its limits, [`EnvelopeError::TooLarge`] above [`MAX_CHECK`],
/// [`EnvelopeError::Crypto`].
pub fn seal(question: &Question, key: &SigningKey, sealing: &SealingKeys) -> Result<Vec<u8>, EnvelopeError> {
    seal_with(question, key, sealing.keys())
}

fn seal_with(question: &Question, key: &SigningKey, to: &[SealingKey]) -> Result<Vec<u8>, EnvelopeError> {
    check_fields(question)?;
    let inner = sign1::sign(CONTENT_TYPE, question.kiosk.as_bytes(), &encode(question, to), key);
    let sealed = encrypt::seal(SEALED_TYPE, &inner, ContentKey::random(to)?)?;
    check_size(&sealed)?;
    Ok(sealed)
}

/// Opens a check with the platform's keys and verifies that the kiosk with this signing key asked it.
///
/// # Errors
/// [`EnvelopeError`] for any byte that a kiosk would not have written; [`EnvelopeError::NotForUs`] when none of `keys`
/// opens it.
pub fn open(bytes: &[u8], key: &VerifyingKey, keys: &[OpeningKey]) -> Result<Question, EnvelopeError> {
    check_size(bytes)?;
    let (content, recipients) = encrypt::open(bytes, SEALED_TYPE, keys)?;
    let opened = sign1::open(&content, CONTENT_TYPE, key)?;
    let mut fields = cbor::parse(&opened.payload)?.into_fields()?;
    let version = fields.next(1)?.int()?;
    if version != VERSION {
        return Err(EnvelopeError::Version(version));
    }
    let question = Question {
        kiosk: fields.next(2)?.text()?,
        check: fields.next(3)?.bytes()?.try_into().map_err(|_| EnvelopeError::Field(3))?,
        number: fields.next(4)?.text()?,
        name: fields.next(5)?.text()?,
        portrait: fields.next(6)?.bytes()?,
        asked: fields.next(7)?.int()?,
    };
    let named: Vec<[u8; 8]> = fields.next(8)?.byte_strings()?;
    fields.end()?;
    check_fields(&question)?;
    if question.kiosk.as_bytes() != opened.key_id {
        return Err(EnvelopeError::Header("key id"));
    }
    // Somebody who opened it could have sealed it on to others.
    if named != recipients {
        return Err(EnvelopeError::Mismatch("recipients"));
    }
    Ok(question)
}

fn encode(question: &Question, to: &[SealingKey]) -> Zeroizing<Vec<u8>> {
    let texts = question.kiosk.len() + question.number.len() + question.name.len();
    let mut out = Writer::with_capacity(FIXED + texts + question.portrait.len());
    out.map(8);
    out.int(1).uint(VERSION);
    out.int(2).text(&question.kiosk);
    out.int(3).bytes(&question.check);
    out.int(4).text(&question.number);
    out.int(5).text(&question.name);
    out.int(6).bytes(&question.portrait);
    out.int(7).int(question.asked);
    out.int(8).array(to.len());
    for key in to {
        out.bytes(&key.id());
    }
    out.finish()
}

fn check_fields(question: &Question) -> Result<(), EnvelopeError> {
    let good = [
        (2, kiosk_id::is_valid(&question.kiosk)),
        (4, (1..=MAX_NUMBER).contains(&question.number.len())),
        (5, question.name.len() <= MAX_PERSON),
        (6, question.portrait.starts_with(JPEG)),
    ];
    match good.iter().find(|(_, good)| !good) {
        Some((field, _)) => Err(EnvelopeError::Field(*field)),
        None => Ok(()),
    }
}

fn check_size(bytes: &[u8]) -> Result<(), EnvelopeError> {
    if bytes.len() > MAX_CHECK { Err(EnvelopeError::TooLarge { bytes: bytes.len() }) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "11010519491231002X";

    fn key() -> SigningKey {
        SigningKey::from_bytes(&[7; 32])
    }

    fn question() -> Question {
        Question {
            kiosk: "110101-0007".into(),
            check: [5; NAME],
            number: SECRET.into(),
            name: "测试员".into(),
            portrait: [JPEG, &[3; 500]].concat(),
            asked: 1_800_000_000,
        }
    }

    /// The error of what must not open.
    fn refused(bytes: &[u8], key: &VerifyingKey, keys: &[OpeningKey]) -> EnvelopeError {
        open(bytes, key, keys).err().unwrap()
    }

    #[test]
    fn a_check_opens_with_every_key_it_is_sealed_to_and_no_other() {
        let keys = [OpeningKey::generate().unwrap(), OpeningKey::generate().unwrap()];
        let sealed = seal_with(&question(), &key(), &[keys[0].public(), keys[1].public()]).unwrap();
        assert!(!sealed.windows(SECRET.len()).any(|window| window == SECRET.as_bytes()));
        for key_of_platform in &keys {
            let opened =
                open(&sealed, &key().verifying_key(), std::slice::from_ref(key_of_platform)).unwrap();
            let asked = question();
            assert!(
                opened.number == asked.number && opened.name == asked.name && opened.check == asked.check
            );
            assert!(opened.portrait == asked.portrait && opened.asked == asked.asked);
        }
        let stranger = [OpeningKey::generate().unwrap()];
        assert_eq!(refused(&sealed, &key().verifying_key(), &stranger), EnvelopeError::NotForUs);
        let other = SigningKey::from_bytes(&[8; 32]).verifying_key();
        assert_eq!(refused(&sealed, &other, &keys), EnvelopeError::Signature);
    }

    #[test]
    fn an_impossible_question_is_neither_sealed_nor_opened() {
        let keys = [OpeningKey::generate().unwrap()];
        for (field, change) in [
            (2, (|question| question.kiosk = "hall".into()) as fn(&mut Question)),
            (4, |question| question.number = String::new()),
            (4, |question| question.number = "1".repeat(MAX_NUMBER + 1)),
            (5, |question| question.name = "人".repeat(MAX_PERSON)),
            (6, |question| question.portrait = b"<svg/>".to_vec()),
        ] {
            let mut odd = question();
            change(&mut odd);
            let to = [keys[0].public()];
            assert_eq!(seal_with(&odd, &key(), &to), Err(EnvelopeError::Field(field)));
            let inner = sign1::sign(CONTENT_TYPE, odd.kiosk.as_bytes(), &encode(&odd, &to), &key());
            let sealed = encrypt::seal(SEALED_TYPE, &inner, ContentKey::random(&to).unwrap()).unwrap();
            assert_eq!(refused(&sealed, &key().verifying_key(), &keys), EnvelopeError::Field(field));
        }
        let mut large = question();
        large.portrait.resize(MAX_CHECK, 0);
        assert!(matches!(
            seal_with(&large, &key(), &[keys[0].public()]),
            Err(EnvelopeError::TooLarge { .. })
        ));
    }

    #[test]
    fn a_check_that_was_sealed_on_or_changed_is_refused() {
        let (keys, other) = ([OpeningKey::generate().unwrap()], OpeningKey::generate().unwrap());
        // Signed for one recipient, sealed to two.
        let inner =
            sign1::sign(CONTENT_TYPE, b"110101-0007", &encode(&question(), &[keys[0].public()]), &key());
        let to = [keys[0].public(), other.public()];
        let sealed = encrypt::seal(SEALED_TYPE, &inner, ContentKey::random(&to).unwrap()).unwrap();
        let error = refused(&sealed, &key().verifying_key(), &keys);
        assert_eq!(error, EnvelopeError::Mismatch("recipients"));

        let good = seal_with(&question(), &key(), &[keys[0].public()]).unwrap();
        for at in 0..good.len() {
            let mut bent = good.clone();
            bent[at] ^= 1;
            assert!(open(&bent, &key().verifying_key(), &keys).is_err(), "byte {at}");
            assert!(open(&good[..at], &key().verifying_key(), &keys).is_err(), "cut at {at}");
        }
    }
}
