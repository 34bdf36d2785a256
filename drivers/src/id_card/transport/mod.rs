//! The seam between bytes and behaviour: who looks at the reader and moves bytes to the card in it.

#[cfg(test)]
pub(crate) mod fake;
pub(crate) mod pcsc;

use std::time::Duration;

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
    /// The service is gone; the transport looks for it again by itself.
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
pub(crate) trait Transport {
    /// Waits until something changed since the last look, for `limit` at most, and says what is there. The first look
    /// and the first one after an error answer at once.
    fn look(&mut self, limit: Duration) -> Result<Sight, LinkError>;

    /// Takes the card up.
    fn connect(&mut self) -> Result<(), LinkError>;

    /// Sends a command and hands back the answer with its status word. The answer lies in the transport's own
    /// buffer, which is wiped when the card is let go.
    fn transmit(&mut self, command: &[u8]) -> Result<&[u8], LinkError>;

    /// Lets the card go without resetting it.
    fn disconnect(&mut self);
}
