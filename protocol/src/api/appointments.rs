//! Appointments.

use serde::{Deserialize, Serialize};
#[cfg(feature = "openapi")]
use utoipa::{IntoParams, ToSchema};

use super::json;

/// `GET`: slots that begin from now on.
pub const SLOTS: &str = "/v1/appointments/slots";
/// `POST`: books a place.
pub const APPOINTMENTS: &str = "/v1/appointments";
/// `GET`: an appointment of this kiosk. `DELETE`: cancels it.
pub const APPOINTMENT: &str = "/v1/appointments/{appointment}";

/// Which slots
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(IntoParams), into_params(parameter_in = Query))]
pub struct Between {
    /// Slots that begin at this time or later: Unix seconds; now when absent or earlier.
    pub from: Option<i64>,
    /// Slots that begin before this time: Unix seconds; absent for all.
    pub to: Option<i64>,
}

/// Slots, earliest first, at most 1000
#[derive(Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub struct Slots {
    pub slots: Vec<FreeSlot>,
}

/// A slot and how many places are left
#[derive(Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub struct FreeSlot {
    /// Its number.
    pub slot: i64,
    /// The office.
    pub office: String,
    /// From when: Unix seconds.
    pub starts: i64,
    /// Until when: Unix seconds.
    pub ends: i64,
    /// Places that are left.
    pub free: u32,
}

/// A wish for a place
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub struct AppointmentWish {
    /// A name that the kiosk makes up: 128 random bits. It stands on the citizen's slip.
    #[cfg_attr(
        feature = "openapi",
        schema(pattern = "^[0-9a-f]{32}$", example = "0123456789abcdef0123456789abcdef")
    )]
    pub appointment: String,
    /// The slot's number.
    #[serde(deserialize_with = "json::whole")]
    pub slot: i64,
    /// The case that it is for, one that this kiosk sent: a case has at most one appointment.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 64, pattern = "^[0-9A-Za-z-]+$"))]
    pub case_number: Option<String>,
}

/// A booked place
#[derive(Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub struct Appointment {
    pub appointment: String,
    pub slot: i64,
    pub office: String,
    /// From when: Unix seconds.
    pub starts: i64,
    /// Until when: Unix seconds.
    pub ends: i64,
    pub case_number: Option<String>,
    #[serde(deserialize_with = "json::word")]
    pub state: AppointmentState,
}

/// Whether an appointment stands
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub enum AppointmentState {
    Booked,
    Cancelled,
}
