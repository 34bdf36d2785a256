//! Questions about names and characters, answered from the operator's data.

use serde::{Deserialize, Serialize};
#[cfg(feature = "openapi")]
use utoipa::ToSchema;

/// `GET`: how many people bear a name.
pub const NAME: &str = "/v1/names/{name}/count";
/// `GET`: whether a name may have a character.
pub const CHARACTER: &str = "/v1/characters/{char}";

/// Longest name, in characters: the card has room for 35.
pub const MAX_NAME: usize = 64;

/// How many people bear a name
#[derive(Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub struct NameCount {
    pub name: String,
    /// People in the operator's data; 0 when the name is not in it.
    pub count: u64,
    /// The day of the data.
    pub as_of: String,
    /// Where the data comes from.
    pub source: String,
}

/// A character and whether a name may have it
#[derive(Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub struct CharacterFacts {
    pub character: String,
    /// Such as `U+4FBF`.
    #[cfg_attr(feature = "openapi", schema(pattern = "^U\\+[0-9A-F]{4,6}$"))]
    pub code_point: String,
    /// Whether the operator's list has it.
    pub listed: bool,
    /// Level in the list; null when it is not listed.
    pub level: Option<u8>,
    /// Readings in pinyin.
    pub readings: Vec<String>,
    /// Strokes, when the list says so.
    pub strokes: Option<u8>,
    /// The day of the data.
    pub as_of: String,
    /// Where the data comes from.
    pub source: String,
}
