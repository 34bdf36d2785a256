//! Pictures that the machine took.

use std::sync::Arc;

use zeroize::Zeroizing;

/// A picture that the machine took, 8-bit RGB, rows without gaps. No `Debug`; wiped on drop.
#[derive(PartialEq, Eq)]
pub struct Picture {
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    /// `width × height × 3` bytes.
    pub rgb: Zeroizing<Vec<u8>>,
}

/// A picture that is shared, never copied.
#[derive(Clone)]
pub struct Shot(pub Arc<Picture>);

impl PartialEq for Shot {
    /// Two shots are equal when they are the same one: pixels are never compared.
    fn eq(&self, other: &Shot) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}
