//! Cards on a reader of the system's smart card service. What it gives is no stream: who is asked, answers with a sight or
//! with one answer a command.
//!
//! `Context::is_valid()` keeps saying yes after the service was restarted, so nothing here asks it: errors decide.
//! On `CommError`, `NoService`, `ServiceStopped` and `InvalidHandle` the context is thrown away and made anew.

use std::ffi::{CStr, CString};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use pcsc::{Card, Context, Disposition, PNP_NOTIFICATION, Protocols, ReaderState, Scope, ShareMode, State};
use zeroize::Zeroizing;

/// What lies on the reader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Sight {
    /// The service runs, but no reader fits the configured name.
    NoReader,
    /// A reader without a card.
    Empty { reader: String },
    /// A card that answered to reset. `placement` changes each time a card is placed.
    Card { reader: String, placement: u32, atr: Vec<u8> },
    /// Something that does not answer to reset.
    Mute { reader: String, placement: u32 },
}

impl Sight {
    /// Which placement of a card it is.
    pub(crate) fn placement(&self) -> Option<u32> {
        match self {
            Self::NoReader | Self::Empty { .. } => None,
            Self::Card { placement, .. } | Self::Mute { placement, .. } => Some(*placement),
        }
    }
}

/// Why bytes did not come. Each carries the system's own words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum LinkError {
    /// The service is gone; the link looks for it again by itself.
    Service(String),
    /// The reader is gone.
    Reader(String),
    /// The card is gone.
    Removed(String),
    /// The card does not answer.
    Mute(String),
    /// Another program holds the card.
    Busy(String),
    /// Any other failure.
    Failed(String),
}

/// Bytes to and from the card on one reader.
pub(crate) trait Reader {
    /// Waits until something changed since the last look, for `limit` at most, and says what is there. The first look
    /// and the first one after an error answer at once.
    fn look(&mut self, limit: Duration) -> Result<Sight, LinkError>;

    /// Takes the card up.
    fn connect(&mut self) -> Result<(), LinkError>;

    /// Sends a command and hands back the answer with its status word. The answer lies in the link's own
    /// buffer, which is wiped when the card is let go.
    fn transmit(&mut self, command: &[u8]) -> Result<&[u8], LinkError>;

    /// Lets the card go without resetting it.
    fn disconnect(&mut self);
}

/// The longest answer: 256 bytes and the status word.
const ANSWER: usize = 258;

/// One reader of the service, chosen by a part of its name.
pub(crate) struct Pcsc {
    wanted: String,
    context: Option<Context>,
    waker: Waker,
    /// The reader in use, as the service last described it.
    reader: Option<ReaderState>,
    card: Option<Card>,
    answer: Zeroizing<[u8; ANSWER]>,
}

/// Ends a wait of [`Pcsc::look`] from another thread.
#[derive(Clone, Default)]
pub(crate) struct Waker(Arc<Mutex<Option<Context>>>);

impl Waker {
    /// Ends the wait that is under way, if there is one. Errors do not matter: the wait has an end of its own.
    pub fn wake(&self) {
        let context = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(context) = context {
            let _ = context.cancel();
        }
    }

    fn set(&self, context: Option<Context>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = context;
    }
}

impl Pcsc {
    /// Nothing is opened before the first look. `wanted` is a part of the reader's name; empty takes the first.
    pub fn new(wanted: &str) -> Self {
        Self {
            wanted: wanted.to_owned(),
            context: None,
            waker: Waker::default(),
            reader: None,
            card: None,
            answer: Zeroizing::new([0; ANSWER]),
        }
    }

    /// A handle that ends waits.
    pub fn waker(&self) -> Waker {
        self.waker.clone()
    }

    fn context(&mut self) -> Result<Context, LinkError> {
        if let Some(context) = &self.context {
            return Ok(context.clone());
        }
        // Failing to make a context always means the service, whatever the error is called.
        let context = Context::establish(Scope::System).map_err(|error| LinkError::Service(raw(error)))?;
        self.waker.set(Some(context.clone()));
        self.context = Some(context.clone());
        Ok(context)
    }

    /// Chooses the reader: the first in the order of names, so that the choice is the same after every restart.
    fn choose(&mut self, context: &Context) -> Result<(), LinkError> {
        let mut names: Vec<CString> = match context.list_readers_owned() {
            Ok(names) => names,
            Err(pcsc::Error::NoReadersAvailable) => Vec::new(),
            Err(error) => return Err(self.watching_failed(error)),
        };
        names.retain(|name| name.to_string_lossy().contains(&self.wanted));
        names.sort();
        match (names.into_iter().next(), &self.reader) {
            (Some(name), Some(known)) if known.name() == name.as_c_str() => {}
            (Some(name), _) => self.reader = Some(ReaderState::new(name, State::UNAWARE)),
            (None, _) => self.reader = None,
        }
        Ok(())
    }

    fn sight(&self) -> Sight {
        let Some(state) = &self.reader else { return Sight::NoReader };
        let reader = state.name().to_string_lossy().into_owned();
        let placement = state.event_count();
        let flags = state.event_state();
        if !flags.contains(State::PRESENT) {
            Sight::Empty { reader }
        } else if flags.contains(State::MUTE) || state.atr().is_empty() {
            Sight::Mute { reader, placement }
        } else {
            Sight::Card { reader, placement, atr: state.atr().to_vec() }
        }
    }

    /// Maps an error of a question that no card takes part in: whatever it is called, it is about the service. One
    /// that is being killed has been seen to answer with a security violation.
    fn watching_failed(&mut self, error: pcsc::Error) -> LinkError {
        match self.failed(error) {
            LinkError::Service(raw)
            | LinkError::Removed(raw)
            | LinkError::Mute(raw)
            | LinkError::Busy(raw)
            | LinkError::Failed(raw) => {
                self.forget();
                LinkError::Service(raw)
            }
            LinkError::Reader(raw) => LinkError::Reader(raw),
        }
    }

    /// Throws away everything that belongs to a dead service.
    fn forget(&mut self) {
        self.disconnect();
        self.reader = None;
        self.waker.set(None);
        self.context = None;
    }

    /// Maps an error, and throws the context away where it is dead.
    fn failed(&mut self, error: pcsc::Error) -> LinkError {
        let mapped = map(error);
        match mapped {
            LinkError::Service(_) => self.forget(),
            LinkError::Reader(_) => {
                self.disconnect();
                self.reader = None;
            }
            LinkError::Removed(_) | LinkError::Mute(_) | LinkError::Busy(_) | LinkError::Failed(_) => {}
        }
        mapped
    }
}

impl Reader for Pcsc {
    fn look(&mut self, limit: Duration) -> Result<Sight, LinkError> {
        let context = self.context()?;
        // One cheap question each look: a reader that came or went between two waits is in no notification.
        self.choose(&context)?;
        let plug = ReaderState::new(PNP_NOTIFICATION(), State::UNAWARE);
        let result = match self.reader.take() {
            Some(mut reader) => {
                reader.sync_current_state();
                let mut states = [plug, reader];
                let result = context.get_status_change(limit, &mut states);
                let [_, reader] = states;
                self.reader = Some(reader);
                result
            }
            None => context.get_status_change(limit, &mut [plug]),
        };
        match result {
            Ok(()) | Err(pcsc::Error::Timeout | pcsc::Error::Cancelled) => {}
            Err(error) => {
                let error = self.watching_failed(error);
                // Unplugged while we waited: that is a sight, not a failure.
                return if let LinkError::Reader(_) = error { Ok(Sight::NoReader) } else { Err(error) };
            }
        }
        let unplugged = self.reader.as_ref().is_some_and(|reader| {
            reader.event_state().intersects(State::UNKNOWN | State::UNAVAILABLE | State::IGNORE)
        });
        if unplugged {
            self.reader = None;
        }
        Ok(self.sight())
    }

    fn connect(&mut self) -> Result<(), LinkError> {
        let context = self.context()?;
        let name = self.reader.as_ref().map(|reader| reader.name().to_owned());
        let name: &CStr = name.as_deref().ok_or_else(|| LinkError::Reader("no reader chosen".into()))?;
        let card =
            context.connect(name, ShareMode::Shared, Protocols::ANY).map_err(|error| self.failed(error))?;
        self.card = Some(card);
        Ok(())
    }

    fn transmit(&mut self, command: &[u8]) -> Result<&[u8], LinkError> {
        let card = self.card.as_ref().ok_or_else(|| LinkError::Removed("not connected".into()))?;
        let length = match card.transmit(command, self.answer.as_mut_slice()) {
            Ok(answer) => answer.len(),
            Err(error) => return Err(self.failed(error)),
        };
        Ok(self.answer.get(..length).unwrap_or_default())
    }

    fn disconnect(&mut self) {
        zeroize::Zeroize::zeroize(self.answer.as_mut_slice());
        if let Some(card) = self.card.take() {
            // The card may be gone already; there is nothing left to do then.
            let _ = card.disconnect(Disposition::LeaveCard);
        }
    }
}

fn raw(error: pcsc::Error) -> String {
    format!("{error} ({error:?})")
}

// The service knows some sixty errors and each release may add one; those without a meaning of their own for a card
// on a reader are failures of the reader.
#[allow(clippy::wildcard_enum_match_arm)]
fn map(error: pcsc::Error) -> LinkError {
    use pcsc::Error as E;
    let kind = match error {
        E::CommError | E::NoService | E::ServiceStopped | E::InvalidHandle => LinkError::Service,
        E::UnknownReader | E::ReaderUnavailable | E::NoReadersAvailable => LinkError::Reader,
        E::NoSmartcard | E::RemovedCard => LinkError::Removed,
        E::UnresponsiveCard | E::UnpoweredCard | E::UnsupportedCard | E::ProtoMismatch => LinkError::Mute,
        E::SharingViolation => LinkError::Busy,
        _ => LinkError::Failed,
    };
    kind(raw(error))
}
