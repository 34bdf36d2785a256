//! What happens in a visit: a pure state machine.
//!
//! [`Session::step`] takes a moment and an [`Event`] and answers with [`Effect`]s; [`Session::view`] says what the
//! screen shows. Nothing here knows a device, a file, a socket, a clock or a toolkit. Each page is a file in `page/`; a
//! state carries what it may know, and leaving it wipes that. From every state ticks alone lead home, except from
//! `Submitting`, which ends in `Done` or `Sorry`.

mod action;
mod between;
mod call;
mod citizen;
mod desk;
mod draft;
mod event;
mod limits;
mod page;
mod picture;
mod printing;
mod receipt;
mod request;
mod show;
mod state;
mod step;
pub mod view;
mod visit;
mod words;

pub use action::Action;
pub use citizen::{CardType, Citizen};
pub use event::{Command, Effect, Ending, Event, Note, Now, Part, PaymentOrder, Sound};
pub use limits::Limits;
pub use page::photograph::Taken;
pub use page::scan::ScannedPage;
pub use receipt::{Line, Receipt};
pub use request::{Attachment, Request};
pub use state::{Session, Setting};

#[cfg(test)]
mod tests;
