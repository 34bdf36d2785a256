//! How far a case is.

use serde::{Deserialize, Serialize};
#[cfg(feature = "openapi")]
use utoipa::ToSchema;

use super::json;

/// `GET`: what became of a case.
pub const PROGRESS: &str = "/v1/cases/{case_number}/progress";

/// A case and what became of it
#[derive(Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub struct Progress {
    /// The kiosk's number.
    pub case_number: String,
    /// The platform's number.
    #[cfg_attr(feature = "openapi", schema(pattern = "^[0-9]{16}$"))]
    pub acceptance_number: String,
    /// The matter's id.
    pub matter: String,
    /// Oldest first; the first state is always `accepted`.
    pub timeline: Vec<ProgressStep>,
}

/// One state of a case
#[derive(Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub struct ProgressStep {
    #[serde(deserialize_with = "json::word")]
    pub state: State,
    /// When it was set: Unix seconds.
    pub at: i64,
    /// What the clerk wrote for the applicant.
    pub note: Option<String>,
}

/// A state of a case. The words stand in the database and on the wire.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::VariantArray,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case", parse_err_ty = UnknownState, parse_err_fn = unknown)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub enum State {
    /// The platform has the request.
    Accepted,
    /// A clerk works on it.
    Reviewing,
    /// The applicant has to bring something.
    MoreNeeded,
    /// It is granted.
    Approved,
    /// The card or paper is being made.
    Producing,
    /// It can be collected.
    Ready,
    /// It is in the post.
    Sent,
    /// It is with the applicant.
    Finished,
    /// It is refused.
    Refused,
}

impl State {
    /// Every state, in the usual order.
    pub const ALL: &[Self] = <Self as strum::VariantArray>::VARIANTS;

    /// Its word, such as `more-needed`.
    pub fn word(self) -> &'static str {
        self.into()
    }
}

/// No such state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no such state")]
pub struct UnknownState;

pub(super) fn unknown(_: &str) -> UnknownState {
    UnknownState
}
