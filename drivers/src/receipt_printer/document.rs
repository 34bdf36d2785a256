//! What is printed, without any wording or device: the caller has the words, the driver has the layout.

use zeroize::Zeroize;

/// A receipt. May hold personal data: no `Debug`, wiped when dropped.
#[derive(Clone)]
pub struct Document {
    /// The parts, from top to bottom.
    pub blocks: Vec<Block>,
}

/// One part of a receipt. A line feed in a text begins a new line; texts of any length are wrapped, never cut.
#[derive(Clone)]
pub enum Block {
    /// A heading: double size, bold, centred.
    Title(String),
    /// A paragraph in normal size.
    Text(String),
    /// A label with its value beside it; all values of a receipt begin in the same column.
    Field {
        /// What the value is, without a colon.
        label: String,
        /// The value.
        value: String,
    },
    /// What must be readable at arm's length, such as a case number: double size, centred.
    Big(String),
    /// A line across the paper.
    Rule,
    /// An empty line.
    Space,
    /// A QR code of this text, by the printer's own command. Text too long for any QR code is printed as text.
    Qr(String),
}

impl Drop for Document {
    fn drop(&mut self) {
        for block in &mut self.blocks {
            match block {
                Block::Title(text) | Block::Text(text) | Block::Big(text) | Block::Qr(text) => text.zeroize(),
                Block::Field { label, value } => {
                    label.zeroize();
                    value.zeroize();
                }
                Block::Rule | Block::Space => {}
            }
        }
    }
}
