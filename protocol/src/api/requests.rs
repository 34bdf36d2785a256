//! Signed and sealed bytes: requests, their files, and where a kiosk's chains stand.

/// `POST`: a sealed request, answered with a signed receipt.
pub const ENTRIES: &str = "/v1/entries";
/// `HEAD`: how much of a sealed file is there. `PUT`: the file, or a piece of it.
pub const ATTACHMENT: &str = "/v1/attachments/{hash}";
/// `POST`: a signed head.
pub const HEADS: &str = "/v1/heads";

/// Header: how many bytes of an attachment the platform has. On every answer about an attachment that may be sent.
pub const UPLOAD_OFFSET: &str = "upload-offset";
/// Header: `?1` when the platform has the whole attachment, checked against its name; else `?0`.
pub const UPLOAD_COMPLETE: &str = "upload-complete";
