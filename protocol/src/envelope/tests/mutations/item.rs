//! A CBOR item that remembers how it is written, so that the same can be written in every other way.

/// One item. Byte strings that hold CBOR themselves (headers, payloads, messages) are opened up.
#[derive(Clone)]
pub(super) struct Item {
    major: u8,
    /// The value of an integer, tag or simple value; lengths follow from the body.
    value: u64,
    form: Form,
    body: Body,
}

#[derive(Clone)]
enum Body {
    None,
    Bytes(Vec<u8>),
    /// Items of an array; keys and values of a map in turn; the content of a tag or of a byte string.
    Items(Vec<Item>),
}

#[derive(Clone, Copy)]
enum Form {
    Shortest,
    /// With this many bytes behind the head, although fewer would do.
    Wide(u32),
    Indefinite,
    /// A string in several pieces.
    Pieces,
}

const UINT: u8 = 0;
const NEGATIVE: u8 = 1;
const BYTES: u8 = 2;
const TEXT: u8 = 3;
const ARRAY: u8 = 4;
const MAP: u8 = 5;
const TAG: u8 = 6;
const SIMPLE: u8 = 7;

/// A change and what kind it is.
pub(super) type Change = (&'static str, Item);

impl Item {
    fn new(major: u8, value: u64, body: Body) -> Self {
        Self { major, value, form: Form::Shortest, body }
    }

    pub(super) fn int(value: i64) -> Self {
        match u64::try_from(value) {
            Ok(value) => Self::new(UINT, value, Body::None),
            Err(_) => Self::new(NEGATIVE, !value as u64, Body::None),
        }
    }

    pub(super) fn bytes(bytes: &[u8]) -> Self {
        Self::new(BYTES, 0, Body::Bytes(bytes.to_vec()))
    }

    pub(super) fn text(text: &str) -> Self {
        Self::new(TEXT, 0, Body::Bytes(text.as_bytes().to_vec()))
    }

    pub(super) fn array(items: Vec<Item>) -> Self {
        Self::new(ARRAY, 0, Body::Items(items))
    }

    pub(super) fn map(pairs: Vec<Item>) -> Self {
        Self::new(MAP, 0, Body::Items(pairs))
    }

    pub(super) fn tag(tag: u64, content: Item) -> Self {
        Self::new(TAG, tag, Body::Items(vec![content]))
    }

    fn null() -> Self {
        Self::new(SIMPLE, 22, Body::None)
    }

    /// Reads what our own writer wrote.
    pub(super) fn read(bytes: &[u8]) -> Self {
        let (item, rest) = Self::begin(bytes).expect("our own CBOR");
        assert!(rest.is_empty());
        item
    }

    fn begin(bytes: &[u8]) -> Option<(Self, &[u8])> {
        let (first, rest) = bytes.split_first()?;
        let (major, short) = (first >> 5, first & 31);
        let wide = match short {
            0..=23 => 0,
            24..=27 => 1 << (short - 24),
            _ => return None,
        };
        let (argument, mut rest) = rest.split_at_checked(wide)?;
        let value = match argument {
            [] => u64::from(short),
            argument => argument.iter().fold(0, |value, byte| value << 8 | u64::from(*byte)),
        };
        let mut items = |count: u64| {
            let mut items = Vec::new();
            for _ in 0..count {
                let (item, behind) = Self::begin(rest)?;
                items.push(item);
                rest = behind;
            }
            Some(Body::Items(items))
        };
        let body = match major {
            BYTES | TEXT => {
                let (content, behind) = rest.split_at_checked(usize::try_from(value).ok()?)?;
                rest = behind;
                let inside = Self::begin(content).filter(|(item, behind)| {
                    major == BYTES && behind.is_empty() && matches!(item.major, MAP | TAG)
                });
                match inside {
                    Some((item, _)) => Body::Items(vec![item]),
                    None => Body::Bytes(content.to_vec()),
                }
            }
            ARRAY => items(value)?,
            // Sealed bytes may begin like a map of any size.
            MAP => items(value.checked_mul(2)?)?,
            TAG => items(1)?,
            _ => Body::None,
        };
        Some((Self::new(major, value, body), rest))
    }

    pub(super) fn write(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write_to(&mut out);
        out
    }

    fn write_to(&self, out: &mut Vec<u8>) {
        let content = match &self.body {
            Body::None => Vec::new(),
            Body::Bytes(bytes) => bytes.clone(),
            Body::Items(items) => items.iter().flat_map(Item::write).collect(),
        };
        let value = match (self.major, &self.body) {
            (BYTES | TEXT, _) => content.len() as u64,
            (ARRAY, Body::Items(items)) => items.len() as u64,
            (MAP, Body::Items(items)) => items.len() as u64 / 2,
            _ => self.value,
        };
        match self.form {
            Form::Shortest => head(out, self.major, value, 0),
            Form::Wide(bytes) => head(out, self.major, value, bytes),
            Form::Indefinite | Form::Pieces => out.push(self.major << 5 | 31),
        }
        match (self.form, self.major) {
            (Form::Indefinite, BYTES | TEXT) => {
                head(out, self.major, value, 0);
                out.extend(content);
            }
            (Form::Pieces, _) => {
                let (one, other) = content.split_at(content.len() / 2);
                for piece in [one, other] {
                    head(out, self.major, piece.len() as u64, 0);
                    out.extend(piece);
                }
            }
            _ => out.extend(content),
        }
        if matches!(self.form, Form::Indefinite | Form::Pieces) {
            out.push(0xff);
        }
    }

    /// The items inside.
    pub(super) fn items(&self) -> &[Item] {
        match &self.body {
            Body::Items(items) => items,
            Body::None | Body::Bytes(_) => &[],
        }
    }

    /// The same with one of the items inside replaced.
    pub(super) fn with(&self, at: usize, item: Item) -> Self {
        let mut copy = self.clone();
        if let Body::Items(items) = &mut copy.body {
            items[at] = item;
        }
        copy
    }

    /// The same with a piece of another in the place of the piece that stands there, at every place.
    pub(super) fn exchanged(&self, other: &Item) -> Vec<Vec<u8>> {
        let whole = other.write();
        let pieces = self.pieces(other).into_iter().map(|item| item.write());
        pieces.filter(|piece| *piece != whole).collect()
    }

    fn pieces(&self, other: &Item) -> Vec<Item> {
        if self.write() == other.write() {
            return Vec::new();
        }
        let mut pieces = vec![other.clone()];
        if self.items().len() == other.items().len() {
            for (at, (mine, others)) in self.items().iter().zip(other.items()).enumerate() {
                pieces.extend(mine.pieces(others).into_iter().map(|piece| self.with(at, piece)));
            }
        }
        pieces
    }

    fn formed(&self, form: Form) -> Self {
        Self { form, ..self.clone() }
    }

    fn holding(&self, items: Vec<Item>) -> Self {
        Self { body: Body::Items(items), ..self.clone() }
    }

    /// Everything that is not allowed whatever is signed: each way to write the same otherwise, and each way to say what
    /// the format has no room for, at every place.
    pub(super) fn malformed(&self) -> Vec<Change> {
        self.everywhere(&Item::malformed_here)
    }

    /// The former, and what would be allowed had it been signed so: items dropped or exchanged.
    pub(super) fn changed(&self) -> Vec<Change> {
        self.everywhere(&|item| [item.malformed_here(), item.rearranged()].concat())
    }

    fn everywhere(&self, change: &impl Fn(&Item) -> Vec<Change>) -> Vec<Change> {
        let mut changes = change(self);
        for (at, item) in self.items().iter().enumerate() {
            changes
                .extend(item.everywhere(change).into_iter().map(|(kind, item)| (kind, self.with(at, item))));
        }
        changes
    }

    fn malformed_here(&self) -> Vec<Change> {
        let mut changes: Vec<Change> = Vec::new();
        let shortest = self.write().len();
        if self.major != SIMPLE {
            let wider = [1, 2, 4, 8].map(|bytes| self.formed(Form::Wide(bytes)));
            changes.extend(
                wider.into_iter().filter(|it| it.write().len() > shortest).map(|it| ("long form", it)),
            );
        }
        match self.major {
            BYTES | TEXT => {
                changes.push(("indefinite length", self.formed(Form::Indefinite)));
                changes.push(("indefinite length", self.formed(Form::Pieces)));
                let other = if self.major == BYTES { TEXT } else { BYTES };
                changes.push(("other type", Self { major: other, ..self.clone() }));
            }
            ARRAY | MAP => changes.push(("indefinite length", self.formed(Form::Indefinite))),
            _ => {}
        }
        if let (BYTES, Body::Items(_)) = (self.major, &self.body) {
            changes.push(("emptied", Item::bytes(&[])));
        }
        if self.major == MAP {
            changes.extend(self.other_pairs());
        }
        if self.major == ARRAY {
            for further in [Item::int(0), Item::null(), Item::array(vec![])] {
                changes.push(("extra item", self.holding([self.items(), &[further]].concat())));
            }
        }
        changes.extend(self.other_types());
        changes.extend(self.other_tags());
        changes
    }

    /// A map whose pairs are not those that belong there, or not in order.
    fn other_pairs(&self) -> Vec<Change> {
        let mut changes = Vec::new();
        let pairs: Vec<Vec<Item>> = self.items().chunks(2).map(<[Item]>::to_vec).collect();
        let built = |pairs: Vec<Vec<Item>>| self.holding(pairs.concat());
        for (at, pair) in pairs.iter().enumerate() {
            let mut twice = pairs.clone();
            twice.insert(at, pair.clone());
            changes.push(("key twice", built(twice)));
            let mut again = pairs.clone();
            again.push(vec![pair[0].clone(), Item::int(0)]);
            changes.push(("key twice", built(again)));
            let mut fewer = pairs.clone();
            fewer.remove(at);
            changes.push(("missing key", built(fewer)));
            if at > 0 {
                let mut swapped = pairs.clone();
                swapped.swap(at - 1, at);
                changes.push(("other order", built(swapped)));
            }
        }
        if pairs.len() > 2 {
            changes.push(("other order", built(pairs.iter().rev().cloned().collect())));
        }
        // In their right place, so that not the order alone gives them away.
        let keys = [0, 6, 7, 18, 23, 24, 99, 1 << 40, -1, -4, -9, -24, -65_538].map(Item::int);
        for key in keys.into_iter().chain([Item::text(""), Item::text("alg"), Item::bytes(b"")]) {
            if !pairs.iter().any(|pair| pair[0].write() == key.write()) {
                let mut more = pairs.clone();
                more.push(vec![key, Item::int(0)]);
                more.sort_by_key(|pair| pair[0].write());
                changes.push(("extra key", built(more)));
            }
        }
        changes
    }

    fn other_types(&self) -> Vec<Change> {
        let others = [
            Item::int(1),
            Item::int(-1),
            Item::bytes(b""),
            Item::text(""),
            Item::array(vec![]),
            Item::map(vec![]),
            Item::null(),
            Item::new(SIMPLE, 21, Body::None),
            Item::new(SIMPLE, 23, Body::None),
        ];
        let is_int = |major: u8| matches!(major, UINT | NEGATIVE);
        let differs =
            |other: &Item| other.major != self.major && !(is_int(other.major) && is_int(self.major));
        let mut changes: Vec<Change> =
            others.into_iter().filter(differs).map(|other| ("other type", other)).collect();
        if self.major == UINT {
            changes.push(("bignum", Item::tag(2, Item::bytes(&self.value.to_be_bytes()))));
            // A double; its bits are what stands behind the head.
            let bits = (self.value as f64).to_bits();
            changes.push(("float", Item { form: Form::Wide(8), ..Item::new(SIMPLE, bits, Body::None) }));
        }
        changes
    }

    fn other_tags(&self) -> Vec<Change> {
        let mut changes: Vec<Change> =
            [1, 24, 55_799].map(|tag| ("tagged", Item::tag(tag, self.clone()))).into();
        if self.major == TAG {
            changes.push(("untagged", self.items()[0].clone()));
            for tag in [2, 16, 17, 18, 61, 96, 97, 98] {
                if tag != self.value {
                    changes.push(("other tag", Self { value: tag, ..self.clone() }));
                }
            }
        }
        changes
    }

    fn rearranged(&self) -> Vec<Change> {
        let mut changes = Vec::new();
        if self.major == ARRAY {
            for at in 0..self.items().len() {
                let mut fewer = self.items().to_vec();
                fewer.remove(at);
                changes.push(("missing item", self.holding(fewer)));
                if at > 0 {
                    let mut swapped = self.items().to_vec();
                    swapped.swap(at - 1, at);
                    changes.push(("other order", self.holding(swapped)));
                }
            }
        }
        if let (BYTES | TEXT, Body::Bytes(bytes)) = (self.major, &self.body) {
            let others = [vec![], bytes.iter().rev().copied().collect(), [&bytes[..], &[0]].concat()];
            changes.extend(
                others.map(|other| ("other content", Self { body: Body::Bytes(other), ..self.clone() })),
            );
        }
        if matches!(self.major, UINT | NEGATIVE) {
            for value in [0, 1, self.value + 1, u64::from(u32::MAX) + 1, u64::MAX] {
                changes.push(("other content", Self { value, ..self.clone() }));
            }
        }
        changes
    }
}

/// Writes a head with at least this many bytes behind its first.
fn head(out: &mut Vec<u8>, major: u8, value: u64, least: u32) {
    let needed = match value {
        0..=23 => 0,
        24..=0xff => 1,
        0x100..=0xffff => 2,
        0x1_0000..=0xffff_ffff => 4,
        _ => 8,
    };
    let bytes = needed.max(least);
    let short = if bytes == 0 { value as u8 } else { 24 + bytes.trailing_zeros() as u8 };
    out.push(major << 5 | short);
    out.extend(&value.to_be_bytes()[8 - bytes as usize..]);
}
