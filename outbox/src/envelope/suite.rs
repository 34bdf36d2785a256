//! Which algorithms an envelope uses.

/// A set of algorithms. Its number stands in the protected header, so that a second set (SM2, SM3, SM4) can be told
/// apart before anything is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Suite {
    /// EdDSA on Curve25519, SHA-256.
    Ed25519Sha256,
}

impl Suite {
    /// Label of the suite in the protected header: private use is below -65536 (RFC 9052 §11.1).
    pub const LABEL: i64 = -65537;

    /// The number in the header.
    pub const fn number(self) -> i64 {
        match self {
            Self::Ed25519Sha256 => 1,
        }
    }
}
