//! Payment orders of cases.

use axum::Json as Answer;
use axum::extract::State;
use axum::http::StatusCode;
use protocol::api::payments::{MAX_FEN, ORDER, PaymentOrder, PaymentState, PaymentWish};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Following, Json, Peer, Segment, Wait};
use super::shared::Intake;
use crate::problem::Problem;
use crate::store::Store;
use crate::store::news::Topic;
use crate::store::payments::{self, Order, Ordered};

pub(super) fn routes() -> OpenApiRouter<Intake> {
    OpenApiRouter::new().routes(routes!(order, find))
}

/// Get the payment order of a case, made when there is none
#[utoipa::path(
    put, path = ORDER, tag = "cases",
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
    let fen = wish.amount_fen;
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
    get, path = ORDER, tag = "cases",
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
