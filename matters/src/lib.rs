//! The catalogue: everything about a matter is data in one TOML file, in all languages.
//!
//! A file is read and checked by [`Catalogue::parse`], which lists every mistake. [`rules`] decides who may, in CEL;
//! [`Form`] holds the answers. No matter has code of its own, and nothing here does I/O or reads a clock.

mod asking;
mod catalogue;
mod form;
mod matter;
mod overlay;
pub mod problem;
pub mod rules;
mod text;
mod whole;

pub use asking::Complaint;
pub use catalogue::{BUILT_IN, Catalogue, regions};
pub use form::Form;
pub use matter::{
    Choice, Commitment, Format, Kind, Matter, Notice, Paper, Portrait, Question, Typed, Validity,
};
pub use problem::Problem;
pub use text::{Language, Text};
