//! The problem types (RFC 9457) that the platform answers with. They are stable: kiosks act on some of them, and
//! `kiosk queue list` shows them to staff.

/// 403: the certificate names no enrolled kiosk.
pub const KIOSK_UNKNOWN: &str = "urn:bianmin:problem:kiosk-unknown";
/// 403: the kiosk was revoked.
pub const KIOSK_REVOKED: &str = "urn:bianmin:problem:kiosk-revoked";
/// 403: the envelope is another kiosk's.
pub const KIOSK_MISMATCH: &str = "urn:bianmin:problem:kiosk-mismatch";
/// 415: not `application/cose`.
pub const MEDIA_TYPE: &str = "urn:bianmin:problem:media-type";
/// 400: the body broke off.
pub const BROKEN_BODY: &str = "urn:bianmin:problem:broken-body";
/// 413: more bytes than an envelope may have.
pub const TOO_LARGE: &str = "urn:bianmin:problem:too-large";
/// 422: no valid envelope.
pub const MALFORMED: &str = "urn:bianmin:problem:malformed";
/// 422: the signature does not verify with the kiosk's key.
pub const BAD_SIGNATURE: &str = "urn:bianmin:problem:bad-signature";
/// 422: another enrolment of the kiosk.
pub const WRONG_EPOCH: &str = "urn:bianmin:problem:wrong-epoch";
/// 422: sealed to keys that the platform does not have.
pub const UNKNOWN_SEALING_KEY: &str = "urn:bianmin:problem:unknown-sealing-key";
/// 409: an attachment of the request has not come, or not whole.
pub const ATTACHMENT_MISSING: &str = "urn:bianmin:problem:attachment-missing";
/// 422: the attachment's bytes are not those of its name.
pub const WRONG_HASH: &str = "urn:bianmin:problem:wrong-hash";
/// 416: the piece does not begin where the stored part ends; the answer's `Upload-Offset` says where that is.
pub const WRONG_OFFSET: &str = "urn:bianmin:problem:wrong-offset";
/// 409: another request has this sequence number. The kiosk freezes.
pub const SEQUENCE_CONFLICT: &str = "urn:bianmin:problem:sequence-conflict";
/// 409, about a signed head: under its place of this epoch the platform knows another request. The kiosk freezes.
pub const HEAD_FORK: &str = "urn:bianmin:problem:head-fork";
/// 409, about a signed head: the platform knows a later request of this epoch. The kiosk freezes: an old copy of its disk
/// was put back.
pub const HEAD_ROLLBACK: &str = "urn:bianmin:problem:head-rollback";
/// 409, about a signed head: requests before its place never came, and it does not list them as held. Alarmed; the kiosk
/// goes on.
pub const HEAD_GAP: &str = "urn:bianmin:problem:head-gap";
/// 409, about a signed head: its audit journal is shorter than one of this epoch that came before, or another one.
/// Alarmed; the kiosk goes on.
pub const HEAD_JOURNAL: &str = "urn:bianmin:problem:head-journal";
/// 408: the request took too long.
pub const TOO_SLOW: &str = "urn:bianmin:problem:too-slow";
/// 404.
pub const NO_SUCH_RESOURCE: &str = "urn:bianmin:problem:no-such-resource";
/// 405.
pub const NO_SUCH_METHOD: &str = "urn:bianmin:problem:no-such-method";
/// 500.
pub const FAILED: &str = "urn:bianmin:problem:failed";

/// Header: how many bytes of an attachment the platform has. On every answer about an attachment that may be sent.
pub const UPLOAD_OFFSET: &str = "upload-offset";
/// Header: `?1` when the platform has the whole attachment, checked against its name; else `?0`.
pub const UPLOAD_COMPLETE: &str = "upload-complete";
