//! What kiosk and platform say to each other, and what both keep: bytes in their one form, signed and sealed. No I/O, but for
//! reading a catalogue's folder.
//!
//! | module        | holds                                                                     |
//! |---------------|---------------------------------------------------------------------------|
//! | [`api`]       | the routes: addresses, JSON types, problems                               |
//! | [`envelope`]  | the bytes that travel: manifest, `COSE_Sign1`, `COSE_Encrypt`, receipt, head |
//! | [`catalogue`] | the catalogue that the platform signs and a kiosk verifies                |
//! | [`journal`]   | what a record of the audit journal can say                                |
//! | [`frame`]     | records in files that only grow                                           |
//! | [`kiosk_id`]  | a kiosk's id                                                              |

pub mod api;
pub mod catalogue;
pub mod envelope;
pub mod frame;
pub mod journal;
pub mod kiosk_id;
#[doc(hidden)]
pub mod made_up;
