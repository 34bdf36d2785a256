//! Payment orders of cases.

use serde::{Deserialize, Serialize};
#[cfg(feature = "openapi")]
use utoipa::ToSchema;

use super::json;

/// `PUT`: the payment order of a case, made when there is none. `GET`: follows it.
pub const ORDER: &str = "/v1/cases/{case_number}/payment-order";

/// Largest amount: 100,000 yuan. No fee comes near it.
pub const MAX_FEN: u32 = 10_000_000;
/// The longest number of an order that a kiosk shows. A guess: those of 非税缴款码 have 20 digits.
pub const LONGEST_ORDER: usize = 64;
/// The longest address to pay at that a kiosk shows. A guess, and still a code that a telephone reads from the receipt.
pub const LONGEST_URL: usize = 512;

/// What is to be paid
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub struct PaymentWish {
    /// Hundredths of a yuan.
    #[serde(deserialize_with = "json::whole")]
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 10_000_000, example = 2000))]
    pub amount_fen: u32,
}

/// A payment order
#[derive(Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub struct PaymentOrder {
    /// Its number.
    #[cfg_attr(feature = "openapi", schema(pattern = "^[0-9]{20}$"))]
    pub order: String,
    /// Hundredths of a yuan.
    pub amount_fen: u32,
    #[serde(deserialize_with = "json::word")]
    pub state: PaymentState,
    /// Where the citizen pays: becomes the QR code.
    pub pay_url: String,
}

/// Whether an order is paid
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub enum PaymentState {
    Open,
    Paid,
}

impl PaymentOrder {
    /// Whether a kiosk may show it: nobody is sent to pay another sum, or to something that is no address.
    pub fn fits(&self, fen: u32) -> bool {
        let plain = |text: &str, longest: usize| {
            (1..=longest).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
        };
        self.amount_fen == fen
            && plain(&self.order, LONGEST_ORDER)
            && plain(&self.pay_url, LONGEST_URL)
            && self.pay_url.starts_with("https://")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn shown(order: Value) -> bool {
        json::read(order).is_some_and(|order: PaymentOrder| order.fits(2000))
    }

    #[test]
    fn an_order_is_shown_only_as_it_is_documented() {
        let good =
            json!({"order": "1", "amount_fen": 2000, "state": "open", "pay_url": "https://p/1", "later": []});
        assert!(shown(good.clone()), "a newer platform says more");
        for (field, bad) in [
            ("order", json!("1".repeat(LONGEST_ORDER + 1))),
            ("order", json!("1 2")),
            ("amount_fen", json!(1999)),
            ("amount_fen", json!(2000.0)),
            ("state", json!({"open": null})),
            ("state", json!("Open")),
            ("pay_url", json!("http://p/1")),
            ("pay_url", json!(format!("https://{}", "p".repeat(LONGEST_URL)))),
        ] {
            let mut order = good.clone();
            order[field] = bad;
            assert!(!shown(order.clone()), "{order}");
        }
        assert!(!shown(json!(["1", 2000, "open", "https://p/1"])));
    }
}
