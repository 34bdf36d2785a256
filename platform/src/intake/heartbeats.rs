//! Signs of life.

use axum::Json as Answer;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Intake;
use super::extract::{Json, Object, Peer};
use crate::problem::Problem;
use crate::store::heartbeats::{self, Heartbeat};
use crate::store::now;

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
    #[schema(maximum = 9_007_199_254_740_991_i64)]
    uptime_s: u64,
    /// The kiosk's clock: Unix seconds.
    #[schema(minimum = -9_007_199_254_740_991_i64, maximum = 9_007_199_254_740_991_i64)]
    clock: i64,
    /// Requests that wait on it.
    #[schema(maximum = 9_007_199_254_740_991_i64)]
    queued: u64,
    /// Requests that wait for its staff.
    #[schema(maximum = 9_007_199_254_740_991_i64)]
    held: u64,
    /// Age of the oldest request that waits: seconds; null when none does.
    #[schema(maximum = 9_007_199_254_740_991_i64)]
    oldest_s: Option<u64>,
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

/// What time it is
#[derive(Serialize, ToSchema)]
pub(super) struct PlatformTime {
    /// Unix seconds.
    time: i64,
}

/// Say that the kiosk lives
///
/// The last report of each kiosk is kept; `kiosk-platform kiosks` shows it.
#[utoipa::path(
    post, path = "/v1/heartbeats", tag = "kiosks",
    request_body = HeartbeatReport,
    responses((status = 200, body = PlatformTime))
)]
async fn beat(
    State(intake): State<Intake>,
    Peer(peer): Peer,
    Json(report): Json<HeartbeatReport>,
) -> Result<Answer<PlatformTime>, Problem> {
    let beat = checked(report)?;
    let (kiosk, time) = (peer.clone(), now());
    let kept =
        move |connection: &rusqlite::Connection| heartbeats::keep(connection, &kiosk, &beat, time).map(Ok);
    intake.change(&peer, kept).await?;
    Ok(Answer(PlatformTime { time }))
}

fn checked(report: HeartbeatReport) -> Result<Heartbeat, Problem> {
    let is_word = |text: &str| (1..=MAX_WORD).contains(&text.chars().count());
    let is_number = |number: u64| number <= MAX_NUMBER;
    let devices_good = report.devices.iter().all(|Object(device)| {
        is_word(&device.name) && is_word(&device.status) && device.fault.as_deref().is_none_or(is_word)
    });
    let numbers = [report.uptime_s, report.queued, report.held, report.oldest_s.unwrap_or(0)];
    let good = is_word(&report.version)
        && report.devices.len() <= MAX_DEVICES
        && devices_good
        && numbers.into_iter().chain([report.clock.unsigned_abs()]).all(is_number);
    if !good {
        return Err(Problem::BadField);
    }
    let devices: Vec<DeviceReport> = report.devices.into_iter().map(|Object(device)| device).collect();
    Ok(Heartbeat {
        clock: report.clock,
        version: report.version,
        uptime_s: report.uptime_s,
        queued: report.queued,
        held: report.held,
        oldest_s: report.oldest_s,
        devices: serde_json::to_string(&devices).map_err(|_| Problem::Failed)?,
    })
}
