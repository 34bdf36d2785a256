//! Appointments.

use axum::Json as Answer;
use axum::extract::State;
use axum::http::StatusCode;
use protocol::api::appointments::{
    APPOINTMENT, APPOINTMENTS, Appointment, AppointmentState, AppointmentWish, Between, FreeSlot, SLOTS,
    Slots,
};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Asked, Json, Peer, Segment, is_made_up, is_name};
use super::shared::Intake;
use crate::limits::Asking;
use crate::problem::Problem;
use crate::store::Store;
use crate::store::appointments::{self, Booked};
use crate::time::now;

pub(super) fn routes() -> OpenApiRouter<Intake> {
    OpenApiRouter::new().routes(routes!(slots)).routes(routes!(book)).routes(routes!(find, cancel))
}

/// Each place is kept for good: one a visitor, and some who choose again. A guess.
const ASKING: Asking = Asking::new("appointment", 120, 3600);

/// Slots that begin from now on
#[utoipa::path(
    get, path = SLOTS, tag = "appointments",
    params(Between),
    responses((status = 200, body = Slots))
)]
async fn slots(
    State(intake): State<Intake>,
    peer: Peer,
    Asked(asked): Asked<Between>,
) -> Result<Answer<Slots>, Problem> {
    let from = asked.from.unwrap_or(i64::MIN).max(now());
    let to = asked.to.unwrap_or(i64::MAX);
    let found = intake.read(&peer, move |store| Ok(store.slots(from, to)?));
    let slot = |slot: appointments::Slot| FreeSlot {
        slot: slot.number,
        office: slot.office,
        starts: slot.starts,
        ends: slot.ends,
        free: slot.free,
    };
    Ok(Answer(Slots { slots: found.await?.into_iter().map(slot).collect() }))
}

/// Book a place
///
/// Booking twice under one name is one appointment.
#[utoipa::path(
    post, path = APPOINTMENTS, tag = "appointments",
    request_body = AppointmentWish,
    responses(
        (status = 200, description = "It was booked before", body = Appointment),
        (status = 201, description = "It is booked", body = Appointment),
        (status = 404, description = "`slot-unknown`; `case-unknown`"),
        (status = 409, description = "`slot-full`; `case-booked`; `booking-differs`"),
        (status = 429, description = "`too-often`: 120 an hour by a kiosk",
            headers(("retry-after" = u64, description = "Seconds"))),
    )
)]
async fn book(
    State(intake): State<Intake>,
    peer: Peer,
    Json(wish): Json<AppointmentWish>,
) -> Result<(StatusCode, Answer<Appointment>), Problem> {
    let case_good = wish.case_number.as_deref().is_none_or(|case| is_name(case, 64));
    if !is_made_up(&wish.appointment) || !case_good {
        return Err(Problem::BadField);
    }
    intake.inner.limits.kiosk(ASKING, &peer)?;
    let booked = intake
        .change(&peer, move |store, peer| store.book(peer, wish.appointment, wish.slot, wish.case_number));
    let (status, appointment) = match booked.await? {
        Booked::Made(made) => (StatusCode::CREATED, made),
        Booked::There(there) => (StatusCode::OK, there),
        Booked::OtherWish => return Err(Problem::BookingDiffers),
        Booked::CaseHasOne => return Err(Problem::CaseBooked),
        Booked::Full => return Err(Problem::SlotFull),
        Booked::NoSlot => return Err(Problem::SlotUnknown),
        Booked::NoCase => return Err(Problem::CaseUnknown),
    };
    Ok((status, Answer(shown(appointment))))
}

/// An appointment of this kiosk
#[utoipa::path(
    get, path = APPOINTMENT, tag = "appointments",
    params(("appointment" = String, Path, description = "The name that the kiosk made up")),
    responses((status = 200, body = Appointment), (status = 404, description = "`appointment-unknown`"))
)]
async fn find(
    State(intake): State<Intake>,
    peer: Peer,
    Segment(name): Segment,
) -> Result<Answer<Appointment>, Problem> {
    let kiosk = peer.clone();
    let found =
        intake.read(&peer, move |store| store.appointment(&kiosk, &name)?.ok_or(Problem::AppointmentUnknown));
    found.await.map(shown).map(Answer)
}

/// Cancel an appointment
///
/// Its place is free again. Cancelling twice changes nothing.
#[utoipa::path(
    delete, path = APPOINTMENT, tag = "appointments",
    params(("appointment" = String, Path, description = "The name that the kiosk made up")),
    responses((status = 204, description = "Cancelled"), (status = 404, description = "`appointment-unknown`"))
)]
async fn cancel(
    State(intake): State<Intake>,
    peer: Peer,
    Segment(name): Segment,
) -> Result<StatusCode, Problem> {
    intake.end(&peer, name, Store::cancel_appointment, Problem::AppointmentUnknown).await
}

fn shown(found: appointments::Appointment) -> Appointment {
    Appointment {
        appointment: found.id,
        slot: found.slot,
        office: found.office,
        starts: found.starts,
        ends: found.ends,
        case_number: found.case_number,
        state: if found.cancelled { AppointmentState::Cancelled } else { AppointmentState::Booked },
    }
}
