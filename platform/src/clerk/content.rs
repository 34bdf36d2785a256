//! The content of a request as a page: card, answers, pictures, commitment, signature, and what was verified.

use matters::{Format, Kind, Language};
use maud::{Markup, html};
use protocol::envelope::{Described, Manifest};

use super::desk::Inner;
use super::opened::{Opened, is_picture, portrait, read};
use super::{signature, words};
use crate::card::{self, CardText};
use crate::store::listing::Paid;

const ZH: Language = Language::ZhHans;

/// Title, numbers, state and fee.
pub(super) fn head(opened: &Opened) -> Markup {
    let row = &opened.row;
    html! {
        div.title.request {
            div.grow {
                h1 { (words::matter(&opened.catalogue, &row.matter)) " " (words::state_label(row.state)) }
                p.faint { "受理编号 " b.number { (words::grouped(&row.acceptance_number)) }
                    span.dot { "·" } "办件编号 " b.number { (row.case_number) } }
            }
            dl.facts.inline {
                div { dt { "机器" } dd { (words::kiosk(&row.kiosk)) } }
                div { dt { "收到" } dd { (words::time(row.received)) } }
                @if let Some(manifest) = &opened.manifest {
                    div { dt { "承诺办结" } dd { (words::date(&manifest.deadline)) } }
                }
                div { dt { "缴费" } dd { @match row.paid {
                    Paid::Nothing => span.faint { "没有缴费单" },
                    Paid::Open(_) | Paid::Done(_) => (words::paid(row.paid)),
                } } }
            }
        }
    }
}

/// Everything that the citizen gave; with `full`, numbers are not masked.
pub(super) fn all(inner: &Inner, opened: &Opened, full: bool) -> Markup {
    let Some(manifest) = &opened.manifest else {
        return html! {
            section.sheet { p.note.stop role="alert" {
                "这份办件的内容打不开：存储的数据与机器签名的不一致。请不要办理，并联系平台管理员。"
            } }
        };
    };
    html! {
        (person(inner, opened, manifest, full))
        (answers(opened, manifest, full))
        (pictures(inner, opened, manifest))
        (commitment(opened, manifest))
        (signed(inner, manifest))
    }
}

fn person(inner: &Inner, opened: &Opened, manifest: &Manifest, full: bool) -> Markup {
    let number = &opened.row.acceptance_number;
    let at_counter = manifest.answers.iter().any(|(question, _)| question == "portrait");
    html! {
        section.sheet {
            div.row { h2.grow { "证件信息" }
                @if full { a.plain href={ "/clerk/requests/" (number) } { "隐藏号码" } }
                @else { a.plain href={ "/clerk/requests/" (number) "?full=1" } { "显示完整号码" } }
            }
            div.person {
                @match manifest.attachments.iter().position(|file| portrait(manifest).is_some_and(|p| p.hash == file.hash)) {
                    Some(at) => figure.portrait { (picture(inner, number, at, manifest, "现场相片")) figcaption { "现场相片" } },
                    None => div.portrait.none { p { @if at_counter { "到窗口拍照" } @else { "没有相片" } } },
                }
                @match card::decode(manifest.card.as_bytes()) {
                    Some(card) => (fields(&card, full)),
                    None => p.note.warn { "证件记录无法读取（" (manifest.card.as_bytes().len()) " 字节）。" },
                }
            }
        }
    }
}

fn fields(card: &CardText, full: bool) -> Markup {
    let kind = match card.kind {
        "citizen" => "居民身份证",
        "hmt" => "港澳台居民居住证",
        "pr2023" | "pr2017" => "外国人永久居留身份证",
        _ => "未知证件",
    };
    let sex = match card.sex.as_str() {
        "1" => "男",
        "2" => "女",
        "0" => "未知",
        "9" => "未说明",
        other => other,
    };
    let number = if full { card.number.clone() } else { words::masked(&card.number, 6) };
    let rows = [
        ("姓名", Some(card.name.clone())),
        ("性别", Some(sex.to_owned())),
        (
            "民族",
            card.ethnicity.as_deref().map(|code| standards::ethnic::name(code).unwrap_or(code).to_owned()),
        ),
        ("出生", Some(day(&card.birth))),
        ("住址", card.address.clone()),
        ("号码", Some(number)),
        ("签发机关", Some(card.issuer.clone())),
        ("有效期", Some(format!("{} 至 {}", day(&card.valid_from), day(&card.valid_to)))),
    ];
    html! {
        dl.facts.card-fields {
            div { dt { "证件" } dd { (kind) } }
            @for (name, value) in rows { @if let Some(value) = value.filter(|value| !value.is_empty()) {
                div { dt { (name) } dd.number[name == "号码"].strong[name == "姓名"] { (value) } }
            } }
            div { dt { "芯片相片" } dd.faint { @if card.photo_bytes > 0 {
                "已随办件保存，需专用解码组件才能显示" } @else { "没有" } } }
        }
    }
}

/// `19491231` as a date; anything else, such as 长期, as it is.
fn day(text: &str) -> String {
    match (text.get(..4), text.get(4..6), text.get(6..8)) {
        (Some(year), Some(month), Some(day))
            if text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit()) =>
        {
            format!("{year}-{month}-{day}")
        }
        _ => text.to_owned(),
    }
}

fn answers(opened: &Opened, manifest: &Manifest, full: bool) -> Markup {
    let known = opened.catalogue.matter(&manifest.matter);
    // Two answers that the kiosk adds by itself have places of their own on the page.
    let given =
        manifest.answers.iter().filter(|(question, _)| question != "commitment" && question != "portrait");
    let given: Vec<_> = given
        .map(|(question, value)| {
            let (label, words) = words::answer(&opened.catalogue, &manifest.matter, question, value);
            let secret = known
                .and_then(|matter| matter.question(question))
                .is_none_or(|question| is_number(&question.kind));
            let hidden = secret
                && !full
                && words.chars().count() > 7
                && words.bytes().all(|b| b.is_ascii_alphanumeric());
            (label, if hidden { words::masked(words, 3) } else { words.to_owned() })
        })
        .collect();
    html! {
        section.sheet {
            h2 { "填写内容" }
            @if given.is_empty() { p.faint { "本事项没有需要填写的内容。" } }
            @else { dl.facts { @for (label, value) in &given { div { dt { (label) } dd { (value) } } } } }
            @if known.is_none_or(|matter| matter.revision != manifest.matter_revision) {
                p.faint { "按第 " (manifest.matter_revision) " 版事项目录填写，与本平台的版本不同；不认识的内容按原值显示。" }
            }
            p.faint { "隐私告知 " (manifest.notice_version) " 版，" (words::time(manifest.notice_accepted)) " 同意；"
                (words::time(manifest.created)) " 提交" @if manifest.language != ZH.tag() { "；办理语言 " (manifest.language) } "。" }
        }
    }
}

/// Numbers of people and telephones are masked like the card's.
fn is_number(kind: &Kind) -> bool {
    match kind {
        Kind::Choice(_) => false,
        Kind::Typed(typed) => match typed.format {
            Format::Digits | Format::IdNumber => true,
            Format::Date | Format::Text => false,
        },
    }
}

fn pictures(inner: &Inner, opened: &Opened, manifest: &Manifest) -> Markup {
    let portrait = portrait(manifest).map(|file| file.hash);
    let papers: Vec<(usize, &Described)> = manifest
        .attachments
        .iter()
        .enumerate()
        .filter(|(_, file)| Some(file.hash) != portrait && file.name != "signature")
        .collect();
    html! {
        @if !papers.is_empty() {
            section.sheet {
                h2 { "材料" span.faint { " " (papers.len()) " 页" } }
                div.papers { @for (at, file) in papers {
                    @let name = words::file(&opened.catalogue, &manifest.matter, &file.name);
                    figure { (picture(inner, &opened.row.acceptance_number, at, manifest, &name)) figcaption { (name) } }
                } }
            }
        }
    }
}

/// A picture that leads to itself in full size, or why there is none.
fn picture(inner: &Inner, number: &str, at: usize, manifest: &Manifest, name: &str) -> Markup {
    let file = manifest.attachments.get(at);
    let opens = file.is_some_and(|file| is_picture(file) && read(inner, file).is_some());
    let address = format!("/clerk/requests/{number}/files/{at}");
    html! {
        @if opens { a href=(address) { img src=(address) alt=(name); } }
        @else { div.missing { p { "无法显示" } p.faint { (file.map_or("", |file| &file.media_type)) } } }
    }
}

fn commitment(opened: &Opened, manifest: &Manifest) -> Markup {
    let given = manifest.answers.iter().find(|(question, _)| question == "commitment");
    let words = opened.catalogue.matter(&manifest.matter).and_then(|matter| matter.commitment.as_ref());
    html! {
        @if let Some((_, value)) = given {
            section.sheet {
                h2 { "告知承诺" }
                @match value.as_str() {
                    "given" => {
                        p { span.label.ok { "已作出书面承诺" } }
                        @if let Some(words) = words {
                            p.quote { (words.content.get(ZH)) }
                            p.faint { (words.liability.get(ZH)) }
                        }
                    }
                    "papers" => p { span.label.new { "选择提交材料" } },
                    other => p { (other) },
                }
            }
        }
    }
}

fn signed(inner: &Inner, manifest: &Manifest) -> Markup {
    let file = manifest.attachments.iter().find(|file| file.name == "signature");
    html! {
        @if let Some(file) = file {
            section.sheet {
                h2 { "签名" }
                @match read(inner, file).and_then(|drawing| signature::read(&drawing)) {
                    Some(signature) => (signature.svg()),
                    None => p.note.warn { "签名无法显示。" },
                }
            }
        }
    }
}

/// What was checked for this page.
pub(super) fn trust(opened: &Opened) -> Markup {
    let (mark, text) = match opened.listed.signature {
        "verified" => ("ok", "机器签名有效，内容未被改动"),
        _ => ("stop", "签名无效，内容与机器签名的不一致"),
    };
    let (chain_mark, chain) = match opened.listed.chain {
        "intact" => ("ok", "与上一件连续"),
        "gap" => ("warn", "上一件尚未送达"),
        _ => ("stop", "与上一件对不上"),
    };
    html! {
        section.sheet {
            h2 { "可信状态" }
            ul.lights {
                li class=(mark) { (sign(mark)) span { (text) } }
                li class=(chain_mark) { (sign(chain_mark)) span { (chain) } }
            }
            p.faint { "机器第 " (opened.listed.epoch) " 期记录，第 " (opened.listed.seq) " 件" }
        }
    }
}

fn sign(mark: &str) -> Markup {
    html! { span.light aria-hidden="true" { @if mark == "ok" { "✓" } @else { "!" } } }
}
