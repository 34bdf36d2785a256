//! Signs of life.

use axum::Json as Answer;
use axum::extract::State;
use protocol::api::heartbeats::{
    HEARTBEATS, HeartbeatAnswer, HeartbeatReport, MAX_DEVICES, MAX_NUMBER, MAX_WORD,
};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Json, Peer};
use super::shared::Intake;
use crate::problem::Problem;
use crate::store::heartbeats::Heartbeat;
use crate::time::now;

pub(super) fn routes() -> OpenApiRouter<Intake> {
    OpenApiRouter::new().routes(routes!(beat))
}

/// Say that the kiosk lives
///
/// The last report of each kiosk is kept; `kiosk-platform kiosks` shows it.
#[utoipa::path(
    post, path = HEARTBEATS, tag = "kiosks",
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
    let devices_good = report.devices.iter().all(|device| {
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
    Ok(Heartbeat {
        clock: report.clock,
        version: report.version,
        uptime_s: report.uptime_s,
        queued: report.queued,
        held: report.held,
        oldest_s: report.oldest_s,
        devices: serde_json::to_string(&report.devices).map_err(|_| Problem::Failed)?,
    })
}
