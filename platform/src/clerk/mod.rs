//! Pages for clerks: requests, calls, kiosks, alarms, and who looked at what.
//!
//! Server-rendered, without a script and without anything from elsewhere. A request is opened with the platform's sealing
//! keys for the page that shows it, and only after the view is in the journal; nothing opened is kept.
//!
//! | module      | holds                                                                 |
//! |-------------|-----------------------------------------------------------------------|
//! | [`ClerkCommand`] | accounts from the command line                                    |
//! | `desk`      | what the pages share                                                   |
//! | `guard`     | who is asking: session cookie, form tokens                             |
//! | `layout`    | the frame of every page, the style, the headers of every answer        |
//! | `sign_in`   | the way in and out                                                     |
//! | `list`      | the list of requests                                                   |
//! | `opened`    | a request with its content, for one page                               |
//! | `request`   | one request: its page, its files, its forms                            |
//! | `checks`    | identity checks that wait, and those before any request                |
//! | `verdict`   | the decision of an identity check, shown and asked for                 |
//! | `content`   | what a request says, as a page                                         |
//! | `steps`     | progress: history, and which way it can go on                          |
//! | `hall`      | attendant calls, kiosks, alarms                                        |
//! | `views`     | the journal as a page                                                  |
//! | `signature` | the points of a signature, read from the kiosk's drawing               |
//! | `words`     | Chinese for states, times and numbers                                  |

mod checks;
mod command;
mod content;
mod desk;
mod guard;
mod hall;
pub(crate) mod layout;
mod list;
mod opened;
pub(crate) mod refused;
mod request;
mod sign_in;
mod signature;
mod steps;
mod verdict;
mod views;
pub(crate) mod words;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};

pub use command::ClerkCommand;
pub use desk::Desk;

pub use crate::store::clerks::accounts::{Account, Accounts, Role, UnknownRole};
pub use crate::store::clerks::error::ClerkError;

/// The longest form: a reason of some hundred characters.
const LONGEST_FORM: usize = 16 * 1024;

/// The pages under `/clerk`.
pub fn router(desk: Desk) -> Router {
    Router::new()
        .route("/clerk", get(list::show))
        .route("/clerk/sign-in", get(sign_in::show).post(sign_in::sign_in))
        .route("/clerk/sign-out", post(sign_in::sign_out))
        .route("/clerk/requests/{number}", get(request::show))
        .route("/clerk/requests/{number}/files/{at}", get(request::file))
        .route("/clerk/requests/{number}/progress", post(request::set_progress))
        .route("/clerk/requests/{number}/identity", post(request::decide_identity))
        .route("/clerk/checks", get(checks::list))
        .route("/clerk/checks/{check}", get(checks::show).post(checks::decide))
        .route("/clerk/checks/{check}/portrait", get(checks::portrait))
        .route("/clerk/calls", get(hall::calls))
        .route("/clerk/calls/{kiosk}/{call}/answer", post(hall::answer))
        .route("/clerk/kiosks", get(hall::kiosks))
        .route("/clerk/alarms", get(hall::alarms))
        .route("/clerk/journal", get(views::show))
        .layer(DefaultBodyLimit::max(LONGEST_FORM))
        .with_state(desk)
}
