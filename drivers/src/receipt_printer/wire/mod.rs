//! ESC/POS, a module a family of commands. Pure: bytes in, bytes out.

pub(crate) mod cut;
pub(crate) mod kanji;
pub(crate) mod page;
pub(crate) mod qr;
pub(crate) mod raster;
pub(crate) mod status;
