//! Kinds of identity-card readers, as rows of data. Each value says where it comes from.

/// How a reader hands over the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// The reader has the security module built in and shows the decoded record as a PC/SC storage card.
    StorageCard,
}

/// What differs between readers of one kind.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    /// Where the card's name stands in the answer to reset, counted from 0 at `3B`.
    pub atr_name_at: usize,
    /// The card's name that marks a decoded identity card.
    pub atr_name: [u8; 2],
    /// The size of the virtual file for every card seen so far. Only a shortcut: the lengths in the file decide, and
    /// a file of another size is probed for data behind its end.
    pub usual_file: usize,
}

const STORAGE_CARD: Row = Row {
    // PC/SC part 3, 3.1.3.2.3: `3B 8F 80 01 80 4F 0C A0 00 00 03 06 SS NN NN`, so the name's two bytes are 13 and 14.
    // `90 00` lies outside the names that the standard has given out; readers with a security module use it.
    atr_name_at: 13,
    atr_name: [0x90, 0x00],
    // 4 bytes of lengths, 256 of text, 1024 of photo: the same payload that the security module sends to `30 01`.
    usual_file: 1284,
};

impl Profile {
    pub(crate) const fn row(self) -> &'static Row {
        match self {
            Profile::StorageCard => &STORAGE_CARD,
        }
    }
}

impl Row {
    /// Whether an answer to reset belongs to an identity card that the reader decoded.
    pub fn knows(&self, atr: &[u8]) -> bool {
        atr.get(self.atr_name_at..).is_some_and(|rest| rest.starts_with(&self.atr_name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_marked_storage_card_is_known() {
        let row = Profile::StorageCard.row();
        let marked = b"\x3B\x8F\x80\x01\x80\x4F\x0C\xA0\x00\x00\x03\x06\x00\x90\x00\x00\x00\x00\x00\xF8";
        assert!(row.knows(marked));
        let mifare = b"\x3B\x8F\x80\x01\x80\x4F\x0C\xA0\x00\x00\x03\x06\x03\x00\x01\x00\x00\x00\x00\x6A";
        assert!(!row.knows(mifare));
        assert!(!row.knows(b"\x3B\x65\x00\x00\x20\x63\xCB\xA6\xA0"));
        assert!(!row.knows(b"\x3B\x8F\x80\x01\x80\x4F\x0C\xA0\x00\x00\x03\x06\x00\x90"));
        assert!(!row.knows(b""));
    }
}
