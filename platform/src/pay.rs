//! The page that a payment QR leads to. One button stands for the bank.
//!
//! Whoever has an order's number may pay it: paying for somebody is no harm, and the page shows nothing that the receipt in
//! that person's hand does not show more of.

use axum::Router;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::response::{Html, Redirect};
use axum::routing::get;
use maud::{Markup, html};

use crate::clerk::refused::Refused;
use crate::clerk::{Desk, layout, words};
use crate::store::payments::Order;

/// The page under `/pay`.
pub fn router(desk: Desk) -> Router {
    Router::new()
        .route("/pay/{order}", get(show).post(pay))
        // The form has no field.
        .layer(DefaultBodyLimit::max(1024))
        .with_state(desk)
}

async fn show(State(desk): State<Desk>, Path(number): Path<String>) -> Result<Html<String>, Refused> {
    desk.work(move |inner| {
        let order = inner.store.order(&number)?.ok_or(Refused::NoOrder)?;
        let catalogue = inner.catalogue()?;
        let matter = words::matter(&catalogue, &order.matter);
        Ok(layout::bare("缴费", &view(&order, matter)))
    })
    .await
}

async fn pay(State(desk): State<Desk>, Path(number): Path<String>) -> Result<Redirect, Refused> {
    let address = format!("/pay/{number}");
    desk.work(move |inner| inner.store.pay(&number)?.ok_or(Refused::NoOrder)).await?;
    Ok(Redirect::to(&address))
}

fn view(order: &Order, matter: &str) -> Markup {
    html! {
        div.sheet.narrow.pay {
            p.brand { span.mark { "便" } span { "便民" small { "公安政务缴费" } } }
            @if order.paid.is_some() {
                div.done { span.tick aria-hidden="true" { "✓" } h1 { "已支付" } }
            } @else { h1.unseen { "缴费" } }
            p.amount { (words::yuan(order.amount_fen.into())) }
            dl.facts {
                div { dt { "事项" } dd { (matter) } }
                div { dt { "办件编号" } dd.number { (words::masked_case(&order.case_number)) } }
                div { dt { "缴费单号" } dd.number { (words::grouped(&order.number)) } }
                @if let Some(paid) = order.paid { div { dt { "支付时间" } dd { (words::time(paid)) } } }
            }
            @if order.paid.is_some() {
                p.faint { "可以关闭本页。机器和办件进度会自动更新。" }
            } @else {
                form method="post" { button.button.wide { "支付（模拟银行）" } }
                p.faint { "演示环境：按下后不会真的扣款。" }
            }
        }
    }
}
