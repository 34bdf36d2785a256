//! The screens: they draw a [`session::view::View`] and report what the visitor touches. They decide nothing.
//!
//! The pages stand in `ui/pages`, what they are built of in `ui/components`, colours and sizes in `ui/theme`. Each page
//! reads its own global, and what several share in `ui/globals`; the bridge has a file a page that writes the global,
//! and only what changed. Fixed words are translated in `ui/lang`; words with dates or numbers of a kind come from
//! [`mod@format`], the citizen's wording of a failure from [`wording`].

mod balance;
mod bridge;
pub mod format;
mod lines;
mod pad;
mod qr;
mod screen;
mod sheets;
pub mod wording;

pub use screen::{Screen, ScreenError, ScreenHandle, ScreenOptions};

#[doc(hidden)]
pub use screens as generated;
