//! Calls for an attendant.

use serde::{Deserialize, Serialize};
#[cfg(feature = "openapi")]
use utoipa::ToSchema;

use super::json;

/// `POST`: calls.
pub const CALLS: &str = "/v1/attendant-calls";
/// `GET`: follows a call. `DELETE`: ends it.
pub const CALL: &str = "/v1/attendant-calls/{call}";

/// A wish that somebody comes
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub struct CallWish {
    /// A name that the kiosk makes up: 128 random bits.
    #[cfg_attr(
        feature = "openapi",
        schema(pattern = "^[0-9a-f]{32}$", example = "0123456789abcdef0123456789abcdef")
    )]
    pub call: String,
}

/// How far a call is
#[derive(Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub struct CallAnswer {
    #[serde(deserialize_with = "json::word")]
    pub state: CallState,
}

/// How far a call is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub enum CallState {
    /// It rings.
    Open,
    /// Somebody comes.
    Answered,
    /// It was taken back, or the visit is over.
    Ended,
}
