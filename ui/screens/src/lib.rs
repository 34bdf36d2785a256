//! What the Slint compiler makes of the pages. Its code follows other rules than ours.
//!
//! A crate of its own: a hundred thousand lines that the tests of the screens need not compile again.

#![allow(clippy::all)]

slint::include_modules!();
