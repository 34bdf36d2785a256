//! What kiosk and platform say to each other over HTTPS: a file a family of routes, with its addresses, its limits and the
//! types of its bodies. In words: `docs/platform-api.md`. Whoever asks and whoever answers use the same types.
//!
//! | module           | routes                                                                   |
//! |------------------|--------------------------------------------------------------------------|
//! | [`requests`]     | `/v1/entries`, `/v1/attachments`, `/v1/heads`: signed and sealed bytes   |
//! | [`payments`]     | `/v1/cases/{case_number}/payment-order`                                  |
//! | [`progress`]     | `/v1/cases/{case_number}/progress`                                       |
//! | [`checks`]       | `/v1/identity-checks`                                                    |
//! | [`appointments`] | `/v1/appointments`                                                       |
//! | [`calls`]        | `/v1/attendant-calls`                                                    |
//! | [`heartbeats`]   | `/v1/heartbeats`, `/v1/health`, `/v1/catalogue`                          |
//! | [`queries`]      | `/v1/names`, `/v1/characters`                                            |
//! | [`Problem`]      | every refusal                                                            |

#![allow(
    missing_docs,
    reason = "the texts are those of the OpenAPI document: none where name and type say it"
)]

pub mod appointments;
pub mod calls;
pub mod checks;
pub mod heartbeats;
pub mod json;
pub mod payments;
mod problem;
pub mod progress;
pub mod queries;
pub mod requests;

use std::time::Duration;

use serde::Deserialize;

pub use problem::{Problem, ProblemDetails};

/// Longest wait that a kiosk may ask for, so that a line that died shows.
pub const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// How long a request may wait
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
pub struct Wait {
    /// Seconds to wait for a change at most.
    #[cfg_attr(feature = "openapi", param(minimum = 0, maximum = 30))]
    pub wait: Option<u8>,
}

/// The address of a route with `name` in place of the braces.
pub fn path(route: &str, name: &str) -> String {
    let Some((before, rest)) = route.split_once('{') else { return route.to_owned() };
    let (_, after) = rest.split_once('}').unwrap_or_default();
    format!("{before}{name}{after}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_route_leads_to_what_it_names() {
        assert_eq!(path(payments::ORDER, "110101-7"), "/v1/cases/110101-7/payment-order");
        assert_eq!(path(calls::CALL, "00ff"), "/v1/attendant-calls/00ff");
        assert_eq!(path(heartbeats::HEARTBEATS, "unused"), "/v1/heartbeats");
    }
}
