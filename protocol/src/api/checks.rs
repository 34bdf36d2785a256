//! Identity checks: of a request that came, and before there is one.

use serde::{Deserialize, Serialize};
#[cfg(feature = "openapi")]
use utoipa::ToSchema;

use super::json;
use super::progress::{UnknownState, unknown};

/// `POST`: asks about a portrait of a request.
pub const CHECKS: &str = "/v1/identity-checks";
/// `PUT`: asks before anything is submitted, `application/cose`. `GET`: follows a check. `DELETE`: takes it back.
pub const CHECK: &str = "/v1/identity-checks/{id}";

/// A portrait that is to be compared with the case's card
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub struct CheckWish {
    /// A request that this kiosk sent.
    #[cfg_attr(feature = "openapi", schema(max_length = 64))]
    pub case_number: String,
    /// The name of the portrait among its attachments: SHA-256 of the sealed file.
    #[cfg_attr(feature = "openapi", schema(pattern = "^[0-9a-f]{64}$"))]
    pub portrait: String,
}

/// An identity check
#[derive(Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub struct IdentityCheck {
    /// Its name.
    #[cfg_attr(feature = "openapi", schema(pattern = "^[0-9a-f]{32}$"))]
    pub id: String,
    /// The request that it is about; null for a check before one.
    pub case_number: Option<String>,
    /// The sealed portrait of that request; null for a check before one.
    #[cfg_attr(feature = "openapi", schema(pattern = "^[0-9a-f]{64}$"))]
    pub portrait: Option<String>,
    #[serde(deserialize_with = "json::word")]
    pub state: CheckState,
    pub decided_by: Option<DecidedBy>,
    /// When it was asked for: Unix seconds.
    pub asked: i64,
    /// When it was decided: Unix seconds.
    pub decided: Option<i64>,
    /// Until when what was sent is kept: Unix seconds; null for a check of a request, and once it is erased.
    pub kept_until: Option<i64>,
}

/// Who decided a check
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub enum DecidedBy {
    Clerk,
    Matcher,
}

/// How an identity check stands.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, strum::EnumString, strum::IntoStaticStr,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case", parse_err_ty = UnknownState, parse_err_fn = unknown)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub enum CheckState {
    /// Nobody has decided.
    Pending,
    /// The same person.
    Match,
    /// Another person.
    NoMatch,
    /// It cannot be told. After the matcher's, a clerk decides.
    Unsure,
    /// Given up: the kiosk took it back, or nobody decided in time.
    Ended,
}

impl CheckState {
    /// Its word, such as `no-match`.
    pub fn word(self) -> &'static str {
        self.into()
    }

    /// Whether somebody can decide so.
    pub const fn is_decision(self) -> bool {
        match self {
            Self::Match | Self::NoMatch | Self::Unsure => true,
            Self::Pending | Self::Ended => false,
        }
    }
}
