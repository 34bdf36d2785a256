//! Prints a sample with everything a receipt can hold: sizes, long values, rare characters, a code.
//!
//! `cargo run -p drivers --example print_receipt -- HOST:PORT`

use std::process::ExitCode;

use drivers::receipt_printer::{Block, Config, Document, Profile, Transport, print_once};

fn main() -> ExitCode {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:9100".into());
    let field = |label: &str, value: &str| Block::Field { label: label.into(), value: value.into() };
    let document = Document {
        blocks: vec![
            Block::Title("受理回执".into()),
            Block::Text("样张 Sample: no case, no person.".into()),
            Block::Rule,
            Block::Big("0007-0042".into()),
            Block::Space,
            field("事项", "居民身份证期满换领（一个很长的事项名称，用来看换行之后是否对齐）"),
            field("姓名", "欧阳𬭚㐂·阿卜杜热合曼"),
            field("英文名", "MARIA ALEJANDRA DE LOS ANGELES OCHOA BECERRIL Ñandú"),
            field("无字形", "\u{10FFFD}\u{E863}"),
            field("办结期限", "2027-01-20（星期三）"),
            field("费用", "20 元，待缴"),
            Block::Rule,
            Block::Text("凭此回执或本人居民身份证到原受理派出所领取。The slip is not a proof of identity; keep it until the new card has been collected.".into()),
            Block::Qr("https://example.invalid/case/0007-0042?check=5f3a9c".into()),
            Block::Text("ㄅㄆㄇ 繁體中文 ①②③ ￥20".into()),
        ],
    };
    let config = Config { transport: Transport::Tcp { address }, profile: Profile::Generic, font: None };
    match print_once(&config, &document) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{}: {error}", error.fault().code());
            ExitCode::FAILURE
        }
    }
}
