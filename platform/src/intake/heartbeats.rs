//! Signs of life.

use axum::Json as Answer;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Integer, Json, Object, Peer};
use super::shared::Intake;
use crate::problem::Problem;
use crate::store::heartbeats::Heartbeat;
use crate::time::now;

pub(super) fn routes() -> OpenApiRouter<Intake> {
    OpenApiRouter::new().routes(routes!(beat))
}

const MAX_DEVICES: usize = 64;
const MAX_WORD: usize = 64;
/// Seconds and counts up to here fit every reader of JSON, and SQLite.
const MAX_NUMBER: u64 = (1 << 53) - 1;

/// How a kiosk is
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct HeartbeatReport {
    /// The kiosk's release.
    #[schema(min_length = 1, max_length = 64, example = "0.1.0")]
    version: String,
    /// How long it has run: seconds.
    #[schema(value_type = u64, maximum = 9_007_199_254_740_991_i64)]
    uptime_s: Integer<u64>,
    /// The kiosk's clock: Unix seconds.
    #[schema(value_type = i64, minimum = -9_007_199_254_740_991_i64, maximum = 9_007_199_254_740_991_i64)]
    clock: Integer<i64>,
    /// Requests that wait on it.
    #[schema(value_type = u64, maximum = 9_007_199_254_740_991_i64)]
    queued: Integer<u64>,
    /// Requests that wait for its staff.
    #[schema(value_type = u64, maximum = 9_007_199_254_740_991_i64)]
    held: Integer<u64>,
    /// Age of the oldest request that waits: seconds; null when none does.
    #[schema(value_type = Option<u64>, maximum = 9_007_199_254_740_991_i64)]
    oldest_s: Option<Integer<u64>>,
    #[schema(max_items = 64, value_type = Vec<DeviceReport>)]
    devices: Vec<Object<DeviceReport>>,
}

/// How a device is
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DeviceReport {
    #[schema(min_length = 1, max_length = 64, example = "id_card")]
    name: String,
    #[schema(min_length = 1, max_length = 64, example = "Online")]
    status: String,
    /// The code of its last failure; null when it is well.
    #[schema(min_length = 1, max_length = 64, example = "CRD-02")]
    fault: Option<String>,
}

/// What a kiosk should know
#[derive(Serialize, ToSchema)]
pub(super) struct HeartbeatAnswer {
    /// What time it is: Unix seconds.
    time: i64,
    /// The number of the newest catalogue; null when there is none.
    #[schema(minimum = 1)]
    catalogue: Option<u64>,
}

/// Say that the kiosk lives
///
/// The last report of each kiosk is kept; `kiosk-platform kiosks` shows it.
#[utoipa::path(
    post, path = "/v1/heartbeats", tag = "kiosks",
    request_body = HeartbeatReport,
    responses((status = 200, body = HeartbeatAnswer))
)]
async fn beat(
    State(intake): State<Intake>,
    peer: Peer,
    Json(report): Json<HeartbeatReport>,
) -> Result<Answer<HeartbeatAnswer>, Problem> {
    let beat = checked(report)?;
    let time = now();
    let catalogue = intake.change(&peer, move |store, peer| store.keep_heartbeat(peer, beat, time)).await?;
    Ok(Answer(HeartbeatAnswer { time, catalogue }))
}

fn checked(report: HeartbeatReport) -> Result<Heartbeat, Problem> {
    let is_word = |text: &str| (1..=MAX_WORD).contains(&text.chars().count());
    let is_number = |number: u64| number <= MAX_NUMBER;
    let devices_good = report.devices.iter().all(|Object(device)| {
        is_word(&device.name) && is_word(&device.status) && device.fault.as_deref().is_none_or(is_word)
    });
    let (Integer(uptime_s), Integer(clock)) = (report.uptime_s, report.clock);
    let (Integer(queued), Integer(held)) = (report.queued, report.held);
    let oldest_s = report.oldest_s.map(|Integer(oldest_s)| oldest_s);
    let numbers = [uptime_s, queued, held, oldest_s.unwrap_or(0)];
    let good = is_word(&report.version)
        && report.devices.len() <= MAX_DEVICES
        && devices_good
        && numbers.into_iter().chain([clock.unsigned_abs()]).all(is_number);
    if !good {
        return Err(Problem::BadField);
    }
    let devices: Vec<DeviceReport> = report.devices.into_iter().map(|Object(device)| device).collect();
    Ok(Heartbeat {
        clock,
        version: report.version,
        uptime_s,
        queued,
        held,
        oldest_s,
        devices: serde_json::to_string(&devices).map_err(|_| Problem::Failed)?,
    })
}
