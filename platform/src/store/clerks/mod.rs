//! Who may sign in to the pages, and who looked at what: `clerks.sqlite`, a database of its own beside the platform's. A
//! clerk who clicks never makes a kiosk wait, and what clerks looked at can be kept and handed over apart from what citizens
//! asked for.

pub(crate) mod accounts;
pub(crate) mod error;
pub(crate) mod heads;
pub(crate) mod journal;
pub(crate) mod password;
pub(crate) mod sessions;
