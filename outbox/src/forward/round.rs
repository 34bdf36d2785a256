//! Which request is next, and what a platform did to those before: pure, and shared by the clones of a client.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

/// Requests in a row that a platform may refuse before it is the platform that is in doubt. A guess.
const MAX_REFUSALS: u32 = 3;

/// What the passes before have met.
#[derive(Debug, Default)]
pub(super) struct Tries {
    begin_after: AtomicU64,
    refused: AtomicU32,
}

impl Tries {
    /// The next pass.
    pub(super) fn next_round(&self) -> Round {
        Round { from: self.begin_after.load(Ordering::Relaxed), after: None, wrapped: false }
    }

    /// How a pass ended. Where the request that it ended with may be to blame, the next one begins behind it: whatever is
    /// wrong with it, those behind it are tried too.
    pub(super) fn ended(&self, round: &Round, may_be_the_requests: bool) {
        let after = if may_be_the_requests { round.after() } else { 0 };
        self.begin_after.store(after, Ordering::Relaxed);
    }

    /// A request went through.
    pub(super) fn went_through(&self) {
        self.refused.store(0, Ordering::Relaxed);
    }

    /// The platform refused a request. True while that is the request's trouble; a platform that refuses one after the
    /// other must not have the whole queue held, because staff release them one by one.
    pub(super) fn refused(&self) -> bool {
        self.refused.fetch_add(1, Ordering::Relaxed) < MAX_REFUSALS
    }
}

/// One pass over the queue: from a place to the end, and then from the beginning up to that place.
#[derive(Debug)]
pub(super) struct Round {
    from: u64,
    after: Option<u64>,
    wrapped: bool,
}

/// What to do with what was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Send it.
    Send,
    /// Ask again, from the beginning.
    Again,
    /// The pass is over.
    Done,
    /// The store gives the same requests again and again.
    Broken,
}

impl Round {
    /// The next request has a number above this.
    pub(super) fn after(&self) -> u64 {
        self.after.unwrap_or(if self.wrapped { 0 } else { self.from })
    }

    /// Takes the number of the oldest request above [`Round::after`].
    pub(super) fn take(&mut self, found: Option<u64>) -> Step {
        match found {
            Some(number) if number <= self.after() => Step::Broken,
            Some(number) if self.wrapped && number > self.from => Step::Done,
            Some(number) => {
                self.after = Some(number);
                Step::Send
            }
            None if self.wrapped || self.from == 0 => Step::Done,
            None => {
                self.wrapped = true;
                self.after = None;
                Step::Again
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sends what waits until `stop`; gives what was tried.
    fn pass(tries: &Tries, waiting: &[u64], stop: impl Fn(u64) -> bool) -> Vec<u64> {
        let (mut round, mut tried) = (tries.next_round(), Vec::new());
        loop {
            let found = waiting.iter().copied().find(|number| *number > round.after());
            match round.take(found) {
                Step::Send => tried.extend(found),
                Step::Again => continue,
                Step::Done => {
                    tries.ended(&round, false);
                    return tried;
                }
                Step::Broken => panic!("{round:?}"),
            }
            if stop(round.after()) {
                tries.ended(&round, true);
                return tried;
            }
        }
    }

    #[test]
    fn a_pass_without_trouble_is_oldest_first_and_each_once() {
        let tries = Tries::default();
        assert_eq!(pass(&tries, &[2, 5, 9], |_| false), [2, 5, 9]);
        assert_eq!(pass(&tries, &[], |_| false), [0u64; 0]);
    }

    #[test]
    fn one_that_stops_each_pass_stops_nobody_else() {
        let tries = Tries::default();
        let poisoned = |number| number == 1;
        assert_eq!(pass(&tries, &[1, 2, 3], poisoned), [1]);
        assert_eq!(pass(&tries, &[1, 2, 3], poisoned), [2, 3, 1], "those behind it go first");
        assert_eq!(pass(&tries, &[1, 4], poisoned), [4, 1], "and so do new ones");
        assert_eq!(pass(&tries, &[1], poisoned), [1]);
        assert_eq!(pass(&tries, &[1], |_| false), [1]);
        assert_eq!(pass(&tries, &[6, 7], |_| false), [6, 7], "oldest first again");
    }

    #[test]
    fn a_line_that_is_down_changes_no_order() {
        let tries = Tries::default();
        let mut round = tries.next_round();
        assert_eq!(round.take(Some(3)), Step::Send);
        tries.ended(&round, false);
        assert_eq!(pass(&tries, &[3, 4], |_| false), [3, 4]);
    }

    #[test]
    fn a_store_that_repeats_itself_is_noticed() {
        let mut round = Tries::default().next_round();
        assert_eq!(round.take(Some(4)), Step::Send);
        assert_eq!(round.take(Some(4)), Step::Broken);
        assert_eq!(round.take(Some(3)), Step::Broken);
    }

    #[test]
    fn three_refusals_in_a_row_are_the_requests_trouble_and_a_fourth_is_not() {
        let tries = Tries::default();
        assert_eq!([(); 5].map(|()| tries.refused()), [true, true, true, false, false]);
        tries.went_through();
        assert!(tries.refused());
    }
}
