//! The person at the machine, as the card describes them.

use jiff::civil::Date;
use matters::rules::CardFacts;
use zeroize::Zeroizing;

use crate::view::Personal;

/// What the card says. No `Debug`; texts and record are wiped on drop. Dates and codes are overwritten with the memory
/// they lie in, which the program has its allocator do.
pub struct Citizen {
    /// The kind of card.
    pub card_type: CardType,
    /// Full name.
    pub name: Personal,
    /// Identity number, unmasked.
    pub number: Personal,
    /// False when the number's check digit is wrong.
    pub number_valid: bool,
    /// GB/T 2261.1.
    pub sex: Sex,
    /// Name of the ethnic group as on the card; empty for cards without one.
    pub ethnicity: Personal,
    /// Date of birth.
    pub birth: Date,
    /// Address; empty for cards without one.
    pub address: Personal,
    /// First day of validity: the portrait on file is at least as old as this.
    pub valid_from: Date,
    /// Last day of validity; `None` is long-term.
    pub valid_to: Option<Date>,
    /// The record as it came from the card, photo included: it travels to the platform untouched.
    pub record: Zeroizing<Vec<u8>>,
}

/// GB/T 2261.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sex {
    /// 男
    Male,
    /// 女
    Female,
    /// 未知
    Unknown,
    /// 未说明
    Unstated,
}

/// The four kinds of card that the reader decodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CardType {
    /// 居民身份证
    Citizen,
    /// 港澳台居民居住证
    Hmt,
    /// 外国人永久居留身份证, 2023
    Pr2023,
    /// 外国人永久居留身份证, 2017
    Pr2017,
}

impl CardType {
    /// The name that rules compare `card_type` with.
    pub const fn name(self) -> &'static str {
        match self {
            CardType::Citizen => "citizen",
            CardType::Hmt => "hmt",
            CardType::Pr2023 => "pr2023",
            CardType::Pr2017 => "pr2017",
        }
    }
}

impl Citizen {
    /// What the card tells a rule.
    pub fn facts(&self) -> CardFacts<'_> {
        CardFacts {
            card_type: self.card_type.name(),
            birth: self.birth,
            valid_from: self.valid_from,
            valid_to: self.valid_to,
        }
    }

    /// The number with its middle hidden: the first four and the last four characters stay.
    pub fn masked_number(&self) -> Personal {
        let length = self.number.expose().chars().count();
        mask(self.number.expose(), |i| i < 4 || i + 4 >= length)
    }

    /// The name with all but its first and last character hidden; of two characters the first stays.
    pub fn masked_name(&self) -> Personal {
        let length = self.name.expose().chars().count();
        mask(self.name.expose(), |i| i == 0 || (length > 2 && i + 1 == length))
    }
}

fn mask(text: &str, shown: impl Fn(usize) -> bool) -> Personal {
    let masked: String = text.chars().enumerate().map(|(i, c)| if shown(i) { c } else { '*' }).collect();
    Personal::new(masked)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::citizen;

    #[test]
    fn a_mask_keeps_the_ends_and_the_length() {
        for (name, masked) in
            [("张三丰", "张*丰"), ("李四", "李*"), ("王", "王"), ("阿凡提·买买提", "阿*****提")]
        {
            let citizen = Citizen { name: Personal::new(name), ..citizen() };
            assert_eq!(citizen.masked_name().expose(), masked);
        }
        assert_eq!(citizen().masked_number().expose(), "1101**********002X");
    }
}
