//! A platform with both listeners, a kiosk that talks to it, and a clerk who may sign in.

use outbox::Draft;
use outbox::forward::{PlatformClient, forward_once};
use platform::clerk::{Accounts, Role};
use platform::{Options, Server, public};
use reqwest::Method;
use serde_json::{Value, json};

use crate::bench::{self, Bench, KIOSK, Kiosk, SOON};

pub const CLERK: &str = "李明";
pub const PASSWORD: &str = "correct horse battery staple";

pub struct Hall {
    pub bench: Bench,
    pub kiosk: Kiosk,
    pub intake: Server,
    pub public: Server,
}

/// A request that arrived.
pub struct Arrived {
    pub case_number: String,
    pub acceptance_number: String,
}

impl Hall {
    pub async fn open() -> Self {
        let bench = Bench::new();
        let kiosk = bench.kiosk(KIOSK);
        let public = public::serve(&bench.state(), bench::listener().await).unwrap();
        let public_url = Some(format!("https://{}", public.local_addr()));
        let options = Options { public_url, ..Options::default() };
        let intake = platform::serve_with(&bench.state(), bench::listener().await, options).unwrap();
        Accounts::open(&bench.state()).unwrap().add(CLERK, PASSWORD, Role::Clerk, 0).unwrap();
        Self { bench, kiosk, intake, public }
    }

    pub fn url(&self, path: &str) -> String {
        format!("https://{}{path}", self.public.local_addr())
    }

    pub fn client(&self) -> PlatformClient {
        self.kiosk.client(&self.intake)
    }

    /// Seals a request on the kiosk and sends it.
    pub async fn send(&self, draft: Draft) -> Arrived {
        let case_number = self.kiosk.save_draft(draft).case_number;
        let summary = forward_once(&self.kiosk.outbox, &self.client()).await;
        assert_eq!((summary.sent, summary.last_fault), (1, None));
        let listed = self.bench.list().into_iter().find(|listed| listed.case_number == case_number).unwrap();
        Arrived { case_number, acceptance_number: listed.acceptance_number }
    }

    /// What the kiosk asks of the platform.
    pub async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> Value {
        self.client().call(method, path, body.as_ref(), SOON).await.unwrap()
    }

    /// A payment order; gives its number.
    pub async fn order(&self, arrived: &Arrived, fen: u32) -> String {
        let path = format!("/v1/cases/{}/payment-order", arrived.case_number);
        let order = self.ask(Method::PUT, &path, Some(json!({ "amount_fen": fen }))).await;
        order["order"].as_str().unwrap().to_owned()
    }

    pub async fn close(self) {
        self.public.shutdown().await;
        self.intake.shutdown().await;
    }
}
