//! Every limit of a visit, with its origin.

use std::time::Duration;

/// How long things may take. All are measured on the monotonic clock.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Without a touch until the warning. Ours; WCAG 2.2.1 asks only for the warning.
    pub idle: Duration,
    /// From the warning until the visit ends. WCAG 2.2.1: at least 20 s.
    pub warning: Duration,
    /// The done page leaves by itself. A guess: long enough to take card and paper.
    pub done: Duration,
    /// The done page leaves by itself while there is a payment to be made. A guess: take out a telephone, scan, confirm;
    /// paying takes most people under a minute, and the fee can also be paid later.
    pub paying: Duration,
    /// The page waits this long for the platform before the receipt is printed without its number.
    pub acceptance: Duration,
    /// The platform gives its payment order within this after it accepted, or it is paid later: the receipt waits for
    /// it. The same as `acceptance`.
    pub order: Duration,
    /// The printer confirms within this, or nobody knows. A guess: three receipts' time on a slow printer.
    pub printing: Duration,
    /// The disk confirms within this. A guess: far beyond any fsync that still succeeds.
    pub saving: Duration,
    /// A card may lie this long on the reader after a visit before the alarm. Required.
    pub card_left: Duration,
    /// The last page gives up on a card left behind. A guess: the owner has gone.
    pub wipe_with_card: Duration,
    /// The last page stands at least this long, so that it can be read. A guess.
    pub wipe: Duration,
    /// A call of an attendant ends by itself this long after it was made or answered. A guess: whoever called is gone,
    /// or is being looked after.
    pub call: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            idle: Duration::from_secs(60),
            warning: Duration::from_secs(20),
            done: Duration::from_secs(45),
            paying: Duration::from_secs(180),
            acceptance: Duration::from_secs(5),
            order: Duration::from_secs(5),
            printing: Duration::from_secs(30),
            saving: Duration::from_secs(20),
            card_left: Duration::from_secs(5),
            wipe_with_card: Duration::from_secs(60),
            wipe: Duration::from_secs(4),
            call: Duration::from_secs(600),
        }
    }
}
