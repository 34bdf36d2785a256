//! Payment orders of cases.

use axum::Json as Answer;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Following, Integer, Json, Peer, Segment, Wait};
use super::shared::Intake;
use crate::problem::Problem;
use crate::store::Store;
use crate::store::news::Topic;
use crate::store::payments::{self, Order, Ordered};

pub(super) fn routes() -> OpenApiRouter<Intake> {
    OpenApiRouter::new().routes(routes!(order, find))
}

/// Largest amount: 100,000 yuan. No fee comes near it.
const MAX_FEN: u32 = 10_000_000;

/// What is to be paid
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PaymentWish {
    /// Hundredths of a yuan.
    #[schema(value_type = u32, minimum = 1, maximum = 10_000_000, example = 2000)]
    amount_fen: Integer<u32>,
}

/// A payment order
#[derive(Serialize, ToSchema)]
pub(super) struct PaymentOrder {
    /// Its number.
    #[schema(pattern = "^[0-9]{20}$")]
    order: String,
    /// Hundredths of a yuan.
    amount_fen: u32,
    state: PaymentState,
    /// Where the citizen pays: becomes the QR code.
    pay_url: String,
}

/// Whether an order is paid
#[derive(Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum PaymentState {
    Open,
    Paid,
}

/// Get the payment order of a case, made when there is none
#[utoipa::path(
    put, path = "/v1/cases/{case_number}/payment-order", tag = "cases",
    params(("case_number" = String, Path, description = "A request that this kiosk sent")),
    request_body = PaymentWish,
    responses(
        (status = 200, description = "It was there", body = PaymentOrder),
        (status = 201, description = "It was made", body = PaymentOrder),
        (status = 404, description = "`case-unknown`"),
        (status = 409, description = "`amount-differs`"),
        (status = 503, description = "`payment-unavailable`; `busy`"),
    )
)]
async fn order(
    State(intake): State<Intake>,
    peer: Peer,
    Segment(case_number): Segment,
    Json(wish): Json<PaymentWish>,
) -> Result<(StatusCode, Answer<PaymentOrder>), Problem> {
    let Integer(fen) = wish.amount_fen;
    if !(1..=MAX_FEN).contains(&fen) {
        return Err(Problem::BadField);
    }
    let number = payments::new_number().map_err(|_| Problem::Failed)?;
    let ordered =
        intake.change(&peer, move |store, peer| store.order_payment(peer, case_number, fen, number));
    let (status, order) = match ordered.await? {
        Ordered::Made(order) => (StatusCode::CREATED, order),
        Ordered::There(order) => (StatusCode::OK, order),
        Ordered::OtherAmount => return Err(Problem::AmountDiffers),
        Ordered::NoCase => return Err(Problem::CaseUnknown),
    };
    Ok((status, Answer(shown(&intake, order)?)))
}

/// Follow the payment order of a case
///
/// Answers at once when it is paid, else when it becomes so or the wait is over.
#[utoipa::path(
    get, path = "/v1/cases/{case_number}/payment-order", tag = "cases",
    params(("case_number" = String, Path, description = "A request that this kiosk sent"), Wait),
    responses(
        (status = 200, body = PaymentOrder),
        (status = 404, description = "`case-unknown`; `order-unknown`"),
        (status = 503, description = "`payment-unavailable`"),
    )
)]
async fn find(State(intake): State<Intake>, following: Following) -> Result<Answer<PaymentOrder>, Problem> {
    let look = |store: &Store, kiosk: &str, case_number: &str| {
        if let Some(order) = store.own_order(kiosk, case_number)? {
            return Ok(order);
        }
        let case = store.own_case(kiosk, case_number)?;
        Err(case.map_or(Problem::CaseUnknown, |_| Problem::OrderUnknown))
    };
    let order = intake.follow(Topic::Orders, following, look, |order| order.paid.is_some()).await?;
    Ok(Answer(shown(&intake, order)?))
}

fn shown(intake: &Intake, order: Order) -> Result<PaymentOrder, Problem> {
    let url = intake.inner.public_url.as_deref().ok_or(Problem::PaymentUnavailable)?;
    Ok(PaymentOrder {
        pay_url: format!("{}/pay/{}", url.trim_end_matches('/'), order.number),
        order: order.number,
        amount_fen: order.amount_fen,
        state: if order.paid.is_some() { PaymentState::Paid } else { PaymentState::Open },
    })
}
