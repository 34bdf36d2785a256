//! Deterministic CBOR (RFC 8949 §4.2.1): a small writer that leaves no copies behind, and a strict reader.
//!
//! The writer is our own because general encoders pass personal data through buffers that nobody wipes.

use ciborium::Value;
use zeroize::{Zeroize, Zeroizing};

use super::error::EnvelopeError;
use super::suite::TAG;

/// Nesting that our formats need: tag, message, recipients, recipient, header, key; and some room.
const MAX_DEPTH: usize = 12;

/// Writes deterministic CBOR into one buffer that is wiped on drop.
pub struct Writer(Zeroizing<Vec<u8>>);

impl Writer {
    /// `capacity` in bytes: large enough that the buffer never moves and leaves an unwiped copy.
    pub fn with_capacity(capacity: usize) -> Self {
        Self(Zeroizing::new(Vec::with_capacity(capacity)))
    }

    /// An integer.
    pub fn int(&mut self, value: i64) -> &mut Self {
        match u64::try_from(value) {
            Ok(positive) => self.head(0, positive),
            Err(_) => self.head(1, value.unsigned_abs() - 1),
        }
    }

    /// An unsigned integer.
    pub fn uint(&mut self, value: u64) -> &mut Self {
        self.head(0, value)
    }

    /// A byte string.
    pub fn bytes(&mut self, value: &[u8]) -> &mut Self {
        self.head(2, value.len() as u64);
        self.0.extend_from_slice(value);
        self
    }

    /// A text.
    pub fn text(&mut self, value: &str) -> &mut Self {
        self.head(3, value.len() as u64);
        self.0.extend_from_slice(value.as_bytes());
        self
    }

    /// The head of an array; its items follow.
    pub fn array(&mut self, items: usize) -> &mut Self {
        self.head(4, items as u64)
    }

    /// The caller writes the pairs in ascending order of their encoded keys.
    pub fn map(&mut self, pairs: usize) -> &mut Self {
        self.head(5, pairs as u64)
    }

    /// A tag; what it marks follows.
    pub fn tag(&mut self, tag: u64) -> &mut Self {
        self.head(6, tag)
    }

    /// Null.
    pub fn null(&mut self) -> &mut Self {
        self.0.push(0xf6);
        self
    }

    /// A byte string that `seal` encrypts where it stands; what `seal` gives, its tag, stands behind it.
    pub fn sealed_bytes<E>(
        &mut self,
        value: &[u8],
        seal: impl FnOnce(&mut [u8]) -> Result<[u8; TAG], E>,
    ) -> Result<(), E> {
        self.head(2, (value.len() + TAG) as u64);
        let begin = self.0.len();
        self.0.extend_from_slice(value);
        let tag = seal(self.0.get_mut(begin..).unwrap_or_default())?;
        self.0.extend_from_slice(&tag);
        Ok(())
    }

    /// What was written.
    pub fn finish(self) -> Zeroizing<Vec<u8>> {
        self.0
    }

    /// What anybody may read: nothing of it is wiped.
    pub fn finish_public(mut self) -> Vec<u8> {
        std::mem::take(&mut *self.0)
    }

    fn head(&mut self, major: u8, value: u64) -> &mut Self {
        let major = major << 5;
        let wide = value.to_be_bytes();
        match value {
            0..=23 => self.0.push(major | value as u8),
            24..=0xff => self.0.extend_from_slice(&[major | 24, value as u8]),
            0x100..=0xffff => {
                self.0.push(major | 25);
                self.0.extend(wide.iter().skip(6));
            }
            0x1_0000..=0xffff_ffff => {
                self.0.push(major | 26);
                self.0.extend(wide.iter().skip(4));
            }
            _ => {
                self.0.push(major | 27);
                self.0.extend(wide);
            }
        }
        self
    }
}

/// A decoded value that is wiped on drop.
pub struct Wiped(Value);

impl Drop for Wiped {
    fn drop(&mut self) {
        wipe(&mut self.0);
    }
}

fn wipe(value: &mut Value) {
    if let Value::Bytes(bytes) = value {
        bytes.zeroize();
    } else if let Value::Text(text) = value {
        text.zeroize();
    } else if let Value::Array(items) = value {
        items.iter_mut().for_each(wipe);
    } else if let Value::Map(pairs) = value {
        for (key, item) in pairs {
            wipe(key);
            wipe(item);
        }
    } else if let Value::Tag(_, item) = value {
        wipe(item);
    }
}

/// Reads one value that fills `bytes` and has the one deterministic form.
pub fn parse(bytes: &[u8]) -> Result<Wiped, EnvelopeError> {
    let value: Value = ciborium::de::from_reader_with_recursion_limit(bytes, MAX_DEPTH)
        .map_err(|_| EnvelopeError::Malformed)?;
    let value = Wiped(value);
    check_maps(&value.0)?;
    // One comparison refuses trailing bytes, long forms and indefinite lengths: writing again gives the short form.
    let again = encode(&value.0)?;
    if again.as_slice() != bytes {
        return Err(EnvelopeError::NotDeterministic);
    }
    Ok(value)
}

fn encode(value: &Value) -> Result<Zeroizing<Vec<u8>>, EnvelopeError> {
    let mut out = Zeroizing::new(Vec::new());
    ciborium::into_writer(value, &mut *out).map_err(|_| EnvelopeError::Malformed)?;
    Ok(out)
}

fn check_maps(value: &Value) -> Result<(), EnvelopeError> {
    if let Value::Array(items) = value {
        return items.iter().try_for_each(check_maps);
    }
    if let Value::Tag(_, item) = value {
        return check_maps(item);
    }
    let Value::Map(pairs) = value else { return Ok(()) };
    let keys = pairs.iter().map(|(key, _)| encode(key)).collect::<Result<Vec<_>, _>>()?;
    for (at, key) in keys.iter().enumerate() {
        // Quadratic, and bounded: duplicates must be told apart from bad order, and our maps have 17 keys.
        if at >= 64 {
            return Err(EnvelopeError::Malformed);
        }
        if keys.iter().skip(at + 1).any(|other| other == key) {
            return Err(EnvelopeError::DuplicateKey);
        }
    }
    if !keys.is_sorted_by(|a, b| a.as_slice() < b.as_slice()) {
        return Err(EnvelopeError::NotDeterministic);
    }
    pairs.iter().try_for_each(|(key, item)| check_maps(key).and_then(|()| check_maps(item)))
}

impl Wiped {
    /// The items of an array.
    pub fn into_items(self) -> Option<Vec<Field>> {
        Field { key: 0, value: self }.items().ok()
    }

    /// The byte strings of an array that holds exactly `N` of them.
    pub fn into_byte_strings<const N: usize>(mut self) -> Result<[Vec<u8>; N], EnvelopeError> {
        let Value::Array(items) = &mut self.0 else { return Err(EnvelopeError::Malformed) };
        let parts: Option<Vec<Vec<u8>>> =
            items.iter_mut().map(|item| item.as_bytes_mut().map(std::mem::take)).collect();
        parts.and_then(|parts| parts.try_into().ok()).ok_or(EnvelopeError::Malformed)
    }

    /// The fields of a map with integer keys, to be taken in ascending order.
    pub fn into_fields(mut self) -> Result<Fields, EnvelopeError> {
        let Value::Map(pairs) = &mut self.0 else { return Err(EnvelopeError::Malformed) };
        let mut pairs = std::mem::take(pairs);
        pairs.reverse();
        Ok(Fields(pairs))
    }
}

/// The fields of a map, taken one after the other; what is left is wiped on drop.
pub struct Fields(Vec<(Value, Value)>);

impl Drop for Fields {
    fn drop(&mut self) {
        for (_, value) in &mut self.0 {
            wipe(value);
        }
    }
}

impl Fields {
    /// The next field, which must have this key.
    pub fn next(&mut self, key: i64) -> Result<Field, EnvelopeError> {
        match self.0.pop() {
            Some((found, value)) if found == Value::from(key) => Ok(Field { key, value: Wiped(value) }),
            Some((_, value)) => {
                drop(Wiped(value));
                Err(EnvelopeError::Field(key))
            }
            None => Err(EnvelopeError::Field(key)),
        }
    }

    /// There must be no further field.
    pub fn end(self) -> Result<(), EnvelopeError> {
        match self.0.last() {
            None => Ok(()),
            Some((key, _)) => {
                let key = key.as_integer().and_then(|key| i64::try_from(key).ok());
                Err(EnvelopeError::Field(key.unwrap_or(i64::MAX)))
            }
        }
    }
}

/// One field of a map.
pub struct Field {
    key: i64,
    value: Wiped,
}

impl Field {
    /// An integer that fits.
    pub fn int<T: TryFrom<i128>>(self) -> Result<T, EnvelopeError> {
        let wrong = self.wrong();
        let Value::Integer(found) = &self.value.0 else { return Err(wrong) };
        T::try_from(i128::from(*found)).map_err(|_| wrong)
    }

    /// A text.
    pub fn text(mut self) -> Result<String, EnvelopeError> {
        let wrong = self.wrong();
        let Value::Text(text) = &mut self.value.0 else { return Err(wrong) };
        Ok(std::mem::take(text))
    }

    /// A byte string.
    pub fn bytes(mut self) -> Result<Vec<u8>, EnvelopeError> {
        let wrong = self.wrong();
        let Value::Bytes(bytes) = &mut self.value.0 else { return Err(wrong) };
        Ok(std::mem::take(bytes))
    }

    /// A byte string of 32.
    pub fn hash(self) -> Result<[u8; 32], EnvelopeError> {
        let wrong = self.wrong();
        self.bytes()?.try_into().map_err(|_| wrong)
    }

    /// An array of byte strings of one length.
    pub fn byte_strings<const N: usize>(mut self) -> Result<Vec<[u8; N]>, EnvelopeError> {
        let wrong = self.wrong();
        let Value::Array(items) = &mut self.value.0 else { return Err(wrong) };
        items
            .iter()
            .map(|item| item.as_bytes().and_then(|bytes| bytes.as_slice().try_into().ok()))
            .collect::<Option<_>>()
            .ok_or(wrong)
    }

    /// The items of an array, each with its place as its key.
    pub fn items(mut self) -> Result<Vec<Field>, EnvelopeError> {
        let wrong = self.wrong();
        let Value::Array(items) = &mut self.value.0 else { return Err(wrong) };
        Ok((0..)
            .zip(items)
            .map(|(key, item)| Field { key, value: Wiped(std::mem::replace(item, Value::Null)) })
            .collect())
    }

    /// An array of maps with integer keys.
    pub fn maps(mut self) -> Result<Vec<Fields>, EnvelopeError> {
        let wrong = self.wrong();
        let Value::Array(items) = &mut self.value.0 else { return Err(wrong) };
        items.iter_mut().map(|item| Wiped(std::mem::replace(item, Value::Null)).into_fields()).collect()
    }

    /// An array of `[text, text]`.
    pub fn text_pairs(mut self) -> Result<Vec<(String, String)>, EnvelopeError> {
        let wrong = self.wrong();
        let mut pairs = Vec::new();
        let Value::Array(items) = &mut self.value.0 else { return Err(wrong) };
        for item in items {
            let Value::Array(pair) = item else { return Err(wrong) };
            let [Value::Text(first), Value::Text(second)] = pair.as_mut_slice() else { return Err(wrong) };
            pairs.push((std::mem::take(first), std::mem::take(second)));
        }
        Ok(pairs)
    }

    /// Whether it is null.
    pub fn is_null(&self) -> bool {
        self.value.0.is_null()
    }

    fn wrong(&self) -> EnvelopeError {
        EnvelopeError::Field(self.key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(hex: &str) -> EnvelopeError {
        parse(&hex::decode(hex).unwrap()).err().unwrap()
    }

    #[test]
    fn the_writer_takes_the_shortest_form() {
        let mut writer = Writer::with_capacity(64);
        writer.int(0).int(23).int(24).int(255).int(256).int(65_536).int(1 << 32).int(-1).int(-65_537);
        let expected = "00171818 18ff 190100 1a00010000 1b0000000100000000 20 3a00010000";
        assert_eq!(hex::encode(&*writer.finish()), expected.replace(' ', ""));
    }

    #[test]
    fn one_form_only() {
        assert!(parse(&[0xa2, 0x01, 0x02, 0x03, 0x04]).is_ok());
        assert_eq!(refused("a201020104"), EnvelopeError::DuplicateKey);
        assert_eq!(refused("a203040102"), EnvelopeError::NotDeterministic, "unsorted");
        assert_eq!(refused("0000"), EnvelopeError::NotDeterministic, "trailing byte");
        assert_eq!(refused("1800"), EnvelopeError::NotDeterministic, "long form");
        assert_eq!(refused("9f00ff"), EnvelopeError::NotDeterministic, "indefinite length");
        assert_eq!(refused("5f4100ff"), EnvelopeError::NotDeterministic, "indefinite string");
        assert_eq!(refused("81a201020104"), EnvelopeError::DuplicateKey, "inside");
        assert_eq!(refused("5bffffffffffffffff00"), EnvelopeError::Malformed, "a length that is not there");
        assert_eq!(refused(""), EnvelopeError::Malformed);
        assert_eq!(refused(&"81".repeat(2000)), EnvelopeError::Malformed, "a tower of arrays");
    }
}
