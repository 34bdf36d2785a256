//! Signs of life, and what they are answered with: the platform's time and the newest catalogue's number.

use serde::{Deserialize, Serialize};
#[cfg(feature = "openapi")]
use utoipa::ToSchema;

use super::json;

/// `POST`: says that the kiosk lives.
pub const HEARTBEATS: &str = "/v1/heartbeats";
/// `GET`: whether anybody is there.
pub const HEALTH: &str = "/v1/health";
/// `GET`: the newest catalogue, `application/cose`.
pub const CATALOGUE: &str = "/v1/catalogue";

/// Most devices of a kiosk.
pub const MAX_DEVICES: usize = 64;
/// Longest word about a device, in characters.
pub const MAX_WORD: usize = 64;
/// Seconds and counts up to here fit every reader of JSON, and SQLite.
pub const MAX_NUMBER: u64 = (1 << 53) - 1;

/// How a kiosk is
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub struct HeartbeatReport {
    /// The kiosk's release.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 64, example = "0.1.0"))]
    pub version: String,
    /// How long it has run: seconds.
    #[serde(deserialize_with = "json::whole")]
    #[cfg_attr(feature = "openapi", schema(maximum = 9_007_199_254_740_991_i64))]
    pub uptime_s: u64,
    /// The kiosk's clock: Unix seconds.
    #[serde(deserialize_with = "json::whole")]
    #[cfg_attr(
        feature = "openapi",
        schema(minimum = -9_007_199_254_740_991_i64, maximum = 9_007_199_254_740_991_i64)
    )]
    pub clock: i64,
    /// Requests that wait on it.
    #[serde(deserialize_with = "json::whole")]
    #[cfg_attr(feature = "openapi", schema(maximum = 9_007_199_254_740_991_i64))]
    pub queued: u64,
    /// Requests that wait for its staff.
    #[serde(deserialize_with = "json::whole")]
    #[cfg_attr(feature = "openapi", schema(maximum = 9_007_199_254_740_991_i64))]
    pub held: u64,
    /// Age of the oldest request that waits: seconds; null when none does.
    #[serde(default, deserialize_with = "json::whole_or_null")]
    #[cfg_attr(feature = "openapi", schema(maximum = 9_007_199_254_740_991_i64))]
    pub oldest_s: Option<u64>,
    #[serde(deserialize_with = "json::objects")]
    #[cfg_attr(feature = "openapi", schema(max_items = 64))]
    pub devices: Vec<DeviceReport>,
}

/// How a device is
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub struct DeviceReport {
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 64, example = "id_card"))]
    pub name: String,
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 64, example = "Online"))]
    pub status: String,
    /// The code of its last failure; null when it is well.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 64, example = "CRD-02"))]
    pub fault: Option<String>,
}

/// What a kiosk should know
#[derive(Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub struct HeartbeatAnswer {
    /// What time it is: Unix seconds.
    #[serde(default, deserialize_with = "json::or_absent")]
    #[cfg_attr(feature = "openapi", schema(required))]
    pub time: i64,
    /// The number of the newest catalogue; null when there is none.
    #[serde(default, deserialize_with = "json::or_absent")]
    #[cfg_attr(feature = "openapi", schema(minimum = 1))]
    pub catalogue: Option<u64>,
}

/// How the platform is
#[derive(Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub struct Health {
    #[cfg_attr(feature = "openapi", schema(example = "ok"))]
    pub status: String,
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn what_cannot_be_understood_of_an_answer_takes_nothing_else_away() {
        let heard = |answer: Value| json::read(answer).map(|it: HeartbeatAnswer| (it.time, it.catalogue));
        assert_eq!(heard(json!({"time": 7, "catalogue": 3, "later": 1})), Some((7, Some(3))));
        assert_eq!(heard(json!({"time": 7, "catalogue": "three"})), Some((7, None)));
        assert_eq!(heard(json!({"time": 7.5, "catalogue": 3})), Some((0, Some(3))));
        assert_eq!(heard(json!({})), Some((0, None)));
        assert_eq!(heard(json!([7, 3])), None);
        assert_eq!(heard(Value::Null), None);
    }
}
