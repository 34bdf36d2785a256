//! Why the platform refuses: the names are the protocol's.

pub(crate) use protocol::api::Problem;
