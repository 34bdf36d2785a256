//! A way in for the fuzzing targets: all that a helper says, lines and pages.

use super::helper::{Message, read_answers};
use super::page::Gate;

/// Reads the answers of a helper that says these bytes and ends.
pub fn answers(bytes: &[u8]) {
    let (mut garbage, mut pixels) = (false, 0);
    read_answers(bytes, &Gate::default(), &mut |message| {
        assert!(!garbage, "nothing is read behind nonsense");
        match message {
            Message::Page(page) => {
                let size = u64::from(page.width()) * u64::from(page.height()) * u64::from(page.channels());
                assert_eq!(u64::try_from(page.pixels().len()), Ok(size), "a page is as large as it says");
                pixels += page.pixels().len();
            }
            Message::Garbage(_) => garbage = true,
            Message::Opened { .. }
            | Message::Finished { .. }
            | Message::Failed { .. }
            | Message::Ended(_) => {}
        }
    });
    assert!(pixels <= bytes.len(), "pages have no more bytes than came");
}
