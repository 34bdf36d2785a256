//! A way in for the fuzzing targets: the answer of a network camera, taken apart as the transport does it.

use super::wire::{Chunks, Head, Multipart};

/// Takes apart an answer that arrives in pieces as long as its first byte says. What has no head of an answer is read as
/// the body of one.
pub fn stream(bytes: &[u8]) {
    let Some((piece, answer)) = bytes.split_first() else { return };
    let (head, body) = match Head::parse(answer) {
        Ok(Some((head, length))) => {
            assert!(length <= answer.len(), "a head is part of its answer");
            (Some(head), answer.get(length..).unwrap_or_default())
        }
        Ok(None) | Err(_) => (None, answer),
    };
    let mut chunks = head.as_ref().filter(|head| head.chunked).map(|_| Chunks::default());
    let mut parts = Multipart::new(head.as_ref().map_or("frame", |head| &head.boundary));
    let mut taken = 0;
    for bytes in body.chunks(usize::from(*piece).max(1)) {
        match &mut chunks {
            None => parts.push(bytes),
            Some(chunks) => {
                if !chunks.push(bytes, &mut |body| parts.push(body)) {
                    return;
                }
            }
        }
        while let Ok(part) = parts.next() {
            let Some(part) = part else { break };
            taken += part.len();
            assert!(taken <= body.len(), "pictures have no more bytes than came");
        }
        if chunks.as_ref().is_some_and(Chunks::is_over) {
            return;
        }
    }
}
