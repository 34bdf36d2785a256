//! What happens in a visit: a pure state machine.
//!
//! [`Session::step`] takes a moment and an [`Event`] and answers with [`Effect`]s; [`Session::view`] says what the
//! screen shows. Nothing here knows a device, a file, a socket, a clock or a toolkit. A state carries what it may know,
//! and leaving it wipes that. From every state ticks alone lead home, except from `Submitting`, which ends in `Done`
//! or `Sorry`.

mod citizen;
mod desk;
mod event;
mod filling;
mod limits;
mod receipt;
mod request;
mod show;
mod state;
mod step;
pub mod view;
mod words;

pub use citizen::{CardType, Citizen};
pub use event::{Action, Command, Effect, Ending, Event, Note, Now, Part, PaymentOrder, Sound};
pub use filling::{ScannedPage, Taken};
pub use limits::Limits;
pub use receipt::{Line, Receipt};
pub use request::{Attachment, Request};
pub use state::{Session, Setting};

#[cfg(test)]
mod tests;
