//! The citizen's wording of every failure: what is wrong, and what to do now. Pure.
//!
//! A failure without wording in some language does not compile. Staff read the cause and the remedy in
//! `docs/failures.md` instead; both sides share the code.

use faults::Fault;
use matters::Language;
use session::view::{Rejection, ScanProblem};

/// A failure in a citizen's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wording {
    /// What is wrong, without a full stop: it also stands inside other sentences.
    pub title: &'static str,
    /// What to do now: a sentence or two.
    pub advice: &'static str,
}

const OTHER_ZH: &str = "请到人工窗口办理，或使用其他自助机。";
const OTHER_EN: &str = "Please go to the counter or use another machine.";
const PAPER_ZH: &str = "请抄下或拍下登记编号。需要纸质回执，请找民警。";
const PAPER_EN: &str = "Write the case number down or take a photo. For a paper receipt ask an officer.";
const KEPT_ZH: &str = "申请保存在本机，恢复后自动送达，您不用在这里等。";
const KEPT_EN: &str = "Your request is kept on this machine and sent later. You need not wait.";

/// What a citizen reads of this failure.
pub const fn citizen(fault: Fault, language: Language) -> Wording {
    let (title, advice) = match language {
        Language::ZhHans => simplified(fault),
        Language::En => english(fault),
    };
    Wording { title, advice }
}

/// What to change before the next portrait.
pub const fn rejection(reason: Rejection, language: Language) -> &'static str {
    let (zh_hans, en) = match reason {
        Rejection::NoFace => ("没有看到脸，请正对镜头。", "No face was seen: look into the camera."),
        Rejection::SeveralFaces => ("画面里请只有您一个人。", "Only you may be in the picture."),
        Rejection::TooFar => ("请靠近一点。", "Please come a little closer."),
        Rejection::TooClose => ("请往后退一点。", "Please step back a little."),
        Rejection::NotCentred => ("请把脸放在轮廓线里。", "Move your face into the outline."),
        Rejection::EyesNotSeen => {
            ("看不清眼睛，请摘下墨镜、拨开头发。", "Eyes not seen: no dark glasses, hair aside.")
        }
        Rejection::Tilted => ("请把头摆正。", "Please hold your head straight."),
        Rejection::TooDark => ("光线太暗，请面向灯光。", "Too dark: please face the light."),
        Rejection::TooBright => ("光线太亮，请避开强光。", "Too bright: please turn from the light."),
        Rejection::Blurred => ("请站稳不动，再拍一次。", "Please hold still and try again."),
        Rejection::Background => ("身后有别的东西，请移开。", "Please clear what is behind you."),
    };
    match language {
        Language::ZhHans => zh_hans,
        Language::En => en,
    }
}

/// What is wrong with a scanned page, and what to do.
pub fn scan(problem: ScanProblem, language: Language) -> (String, String) {
    let (zh_hans, en) = match problem {
        ScanProblem::Blank => (
            ("这一页是空白的", "请翻一面，有字的一面朝下。"),
            ("This page is blank", "Turn it over: print side down."),
        ),
        ScanProblem::Blurred => (
            ("这一页不清楚", "请放平压好，合上盖子再扫一次。"),
            ("This page is not sharp", "Lay it flat, close the lid and scan again."),
        ),
        ScanProblem::NoPage => (
            ("没有找到纸张", "请把纸放在玻璃上，对齐角上的标记。"),
            ("No page was found", "Lay it on the glass, in the marked corner."),
        ),
        ScanProblem::Fault(fault) => {
            let words = citizen(fault, language);
            let code = match language {
                Language::ZhHans => format!("{}代码 {}", words.advice, fault.code()),
                Language::En => format!("{} Code {}", words.advice, fault.code()),
            };
            return (words.title.to_owned(), code);
        }
    };
    let (title, advice) = match language {
        Language::ZhHans => zh_hans,
        Language::En => en,
    };
    (title.to_owned(), advice.to_owned())
}

const fn simplified(fault: Fault) -> (&'static str, &'static str) {
    match fault {
        Fault::CardServiceDown => ("读卡器暂时不能用", "机器会自动恢复。请稍候，或到人工窗口办理。"),
        Fault::CardReaderMissing => ("读卡器没有连接", OTHER_ZH),
        Fault::CardMute => ("读不到这张卡", "请只放一张身份证，放平，翻一面再试。"),
        Fault::CardForeign => ("这不是身份证", "请放居民身份证或居住证。银行卡、交通卡不能用。"),
        Fault::CardRemoved => ("身份证拿开得太早", "请再放一次，看到您的信息后再拿走。"),
        Fault::CardRecordInvalid => ("卡里的信息无法识别", "请带身份证到人工窗口办理。"),
        Fault::CardReaderFailed => ("这次没有读成功", "请拿起身份证，再放一次。"),
        Fault::CardTimeOut => ("读卡用时太长", "请拿起身份证，再放一次，放平不要动。"),
        Fault::CardLeftBehind => ("读卡区有别人的证件", "请把它交给民警，再放您自己的身份证。"),
        Fault::CardNumberInvalid => ("卡里的身份号码有误", "请带身份证到人工窗口办理。"),
        Fault::PrinterUnreachable => ("打印机没有连接", PAPER_ZH),
        Fault::PrinterPaperOut => ("回执纸用完了", PAPER_ZH),
        Fault::PrinterCoverOpen => ("打印机盖没有关好", PAPER_ZH),
        Fault::PrinterJammed => ("打印机卡纸", PAPER_ZH),
        Fault::PrinterUnconfirmed => ("不确定回执是否打出", "请看看出纸口。没有回执时，请抄下登记编号。"),
        Fault::PrinterGarbage => ("打印机工作不正常", PAPER_ZH),
        Fault::PrinterFailed => ("打印机出了故障", PAPER_ZH),
        Fault::PrinterHot => ("打印机过热，正在降温", PAPER_ZH),
        Fault::CameraUnreachable => ("摄像头没有连接", OTHER_ZH),
        Fault::CameraFrozen => ("摄像头画面停住了", OTHER_ZH),
        Fault::CameraGarbage => ("摄像头工作不正常", OTHER_ZH),
        Fault::CameraDark => ("摄像头看不到画面", "请看看镜头有没有被挡住。仍然不行，请到人工窗口办理。"),
        Fault::ScannerUnreachable => ("扫描仪没有连接", OTHER_ZH),
        Fault::ScannerJammed => ("扫描仪卡纸", "请不要用力拉纸，请民警来取出。"),
        Fault::ScannerNoPaper => ("扫描仪里没有纸", "请把材料放到底，再试一次。"),
        Fault::ScannerCoverOpen => ("扫描仪盖没有关好", "请盖好扫描仪的盖子，再试一次。"),
        Fault::ScannerOverdue => ("扫描用时太长", "请再试一次，或到人工窗口办理。"),
        Fault::ScannerFailed => ("这次没有扫描成功", "请把材料重新放好，再试一次。"),
        Fault::ScannerBusy => ("扫描仪正忙", "请稍候，扫描仪马上就好。"),
        Fault::SoundUnavailable => ("本机没有声音", "您可以继续办理，请留意屏幕上的提示。"),
        Fault::LampUnreachable => ("呼叫灯暂时不能用", "需要帮助时，请直接到人工窗口。"),
        Fault::StoreUnavailable => ("本机暂时不能受理", OTHER_ZH),
        Fault::StoreFull => ("本机存储已满", OTHER_ZH),
        Fault::StoreWriteFailed => ("申请没有保存成功", "这次没有提交。请到人工窗口办理，或使用其他自助机。"),
        Fault::StoreDamaged => ("本机存储需要检查", OTHER_ZH),
        Fault::StoreLate => ("不确定申请是否已保存", "请先不要重新申请，由民警帮您查询。"),
        Fault::StoreFrozen => ("本机已停止受理", OTHER_ZH),
        Fault::KeyUnavailable => ("本机的密钥不可用", OTHER_ZH),
        Fault::SealingKeyMissing => ("本机还不能加密保存申请", OTHER_ZH),
        Fault::PlatformUnreachable => ("暂时连不上平台", KEPT_ZH),
        Fault::PlatformUntrusted => ("与平台的安全连接失败", OTHER_ZH),
        Fault::PlatformSlow => ("平台没有及时回应", KEPT_ZH),
        Fault::PlatformFailed => ("平台暂时有故障", KEPT_ZH),
        Fault::PlatformRefused => ("平台没有接受申请", "申请保存在本机。请由民警查明原因。"),
        Fault::ReceiptInvalid => ("平台的回执核对不通过", "申请保存在本机。请由民警查明原因。"),
        Fault::PaymentUnavailable => {
            ("暂时取不到缴费单", "申请不受影响，以后可凭登记编号在自助机或窗口缴费。")
        }
        Fault::RequestMissing => ("平台缺少本机的一件申请", "请由民警查明原因。"),
        Fault::JournalDamaged => ("本机的运行记录有损坏", OTHER_ZH),
        Fault::CrashLoop => ("本机程序反复中断，已停止服务", OTHER_ZH),
        Fault::SubmissionInvalid => ("提交的内容不符合事项要求", OTHER_ZH),
        Fault::RequestUnknown => ("本机没有这个登记编号", "请核对登记编号，或到窗口查询。"),
        Fault::FileUnusable => ("给出的文件不能使用", OTHER_ZH),
        Fault::ConfigUnreadable => ("本机没有设置好", OTHER_ZH),
        Fault::ConfigInvalid => ("本机的设置有误", OTHER_ZH),
        Fault::CatalogueInvalid => ("本机的事项目录有误", OTHER_ZH),
        Fault::CatalogueRefused => ("新的事项目录不能采用", OTHER_ZH),
        Fault::NoDevice => ("本机没有需要的设备", OTHER_ZH),
        Fault::ScreenUnavailable => ("屏幕打不开", OTHER_ZH),
    }
}

const fn english(fault: Fault) -> (&'static str, &'static str) {
    match fault {
        Fault::CardServiceDown => (
            "The card reader is not ready",
            "It recovers by itself. Please wait a moment or go to the counter.",
        ),
        Fault::CardReaderMissing => ("No card reader is connected", OTHER_EN),
        Fault::CardMute => {
            ("This card does not answer", "Place one card only, flat, and try the other side.")
        }
        Fault::CardForeign => (
            "This is not an identity card",
            "Please use your resident identity card. Bank and transport cards do not work.",
        ),
        Fault::CardRemoved => {
            ("The card was taken away too early", "Place it again and leave it until your details appear.")
        }
        Fault::CardRecordInvalid => {
            ("The data on this card cannot be read", "Please take your card to the counter.")
        }
        Fault::CardReaderFailed => {
            ("The card could not be read this time", "Lift the card and place it again.")
        }
        Fault::CardTimeOut => {
            ("Reading took too long", "Lift the card, place it again flat and do not move it.")
        }
        Fault::CardLeftBehind => (
            "Somebody else's card lies on the reader",
            "Please give it to an officer, then place your own card.",
        ),
        Fault::CardNumberInvalid => {
            ("The identity number on this card is wrong", "Please take your card to the counter.")
        }
        Fault::PrinterUnreachable => ("The printer is not connected", PAPER_EN),
        Fault::PrinterPaperOut => ("The receipt paper is used up", PAPER_EN),
        Fault::PrinterCoverOpen => ("The printer's cover is open", PAPER_EN),
        Fault::PrinterJammed => ("The receipt paper is jammed", PAPER_EN),
        Fault::PrinterUnconfirmed => (
            "We cannot tell whether the receipt came out",
            "Please look at the paper exit. If there is none, write the case number down.",
        ),
        Fault::PrinterGarbage => ("The printer does not work properly", PAPER_EN),
        Fault::PrinterFailed => ("The printer has failed", PAPER_EN),
        Fault::PrinterHot => ("The printer is cooling down", PAPER_EN),
        Fault::CameraUnreachable => ("The camera is not connected", OTHER_EN),
        Fault::CameraFrozen => ("The camera's picture stands still", OTHER_EN),
        Fault::CameraGarbage => ("The camera does not work properly", OTHER_EN),
        Fault::CameraDark => (
            "The camera sees nothing",
            "Look whether something covers the lens. If it stays so, please go to the counter.",
        ),
        Fault::ScannerUnreachable => ("The scanner is not connected", OTHER_EN),
        Fault::ScannerJammed => {
            ("Paper is jammed in the scanner", "Please do not pull it. Ask an officer to take it out.")
        }
        Fault::ScannerNoPaper => {
            ("There is no paper in the scanner", "Put your papers in as far as they go and try again.")
        }
        Fault::ScannerCoverOpen => {
            ("The scanner's cover is open", "Close the scanner's cover and try again.")
        }
        Fault::ScannerOverdue => ("Scanning took too long", "Please try again or go to the counter."),
        Fault::ScannerFailed => {
            ("The scan did not work this time", "Place your papers again and try once more.")
        }
        Fault::ScannerBusy => ("The scanner is busy", "Please wait a moment. It will be ready soon."),
        Fault::SoundUnavailable => {
            ("This machine has no sound", "You can go on. Please watch the messages on the screen.")
        }
        Fault::LampUnreachable => {
            ("The call lamp does not work now", "If you need help, please go to the counter.")
        }
        Fault::StoreUnavailable => ("This machine cannot take requests now", OTHER_EN),
        Fault::StoreFull => ("This machine's storage is full", OTHER_EN),
        Fault::StoreWriteFailed => (
            "Your request could not be saved",
            "Nothing was submitted. Please go to the counter or use another machine.",
        ),
        Fault::StoreDamaged => ("This machine's storage must be checked", OTHER_EN),
        Fault::StoreLate => (
            "We cannot tell whether your request was saved",
            "Please do not apply again yet: an officer can look it up.",
        ),
        Fault::StoreFrozen => ("This machine has stopped taking requests", OTHER_EN),
        Fault::KeyUnavailable => ("A key of this machine is not available", OTHER_EN),
        Fault::SealingKeyMissing => ("This machine cannot seal requests yet", OTHER_EN),
        Fault::PlatformUnreachable => ("The platform cannot be reached now", KEPT_EN),
        Fault::PlatformUntrusted => ("The secure connection to the platform failed", OTHER_EN),
        Fault::PlatformSlow => ("The platform did not answer in time", KEPT_EN),
        Fault::PlatformFailed => ("The platform has a failure of its own", KEPT_EN),
        Fault::PlatformRefused => (
            "The platform did not accept the request",
            "It is kept on this machine. Please ask an officer to find out why.",
        ),
        Fault::ReceiptInvalid => (
            "The platform's receipt is not valid",
            "Your request is kept on this machine. Please ask an officer to find out why.",
        ),
        Fault::PaymentUnavailable => (
            "No payment order can be had just now",
            "Your request is not affected. Pay later with the case number, at a machine or at the counter.",
        ),
        Fault::RequestMissing => {
            ("The platform lacks a request of this machine", "Please ask an officer to find out why.")
        }
        Fault::JournalDamaged => ("This machine's journal is damaged", OTHER_EN),
        Fault::CrashLoop => ("This machine's program broke off several times and has stopped", OTHER_EN),
        Fault::SubmissionInvalid => ("What was submitted does not fit this service", OTHER_EN),
        Fault::RequestUnknown => {
            ("This machine has no such case number", "Please check the case number, or ask at the counter.")
        }
        Fault::FileUnusable => ("The file given cannot be used", OTHER_EN),
        Fault::ConfigUnreadable => ("This machine is not set up", OTHER_EN),
        Fault::ConfigInvalid => ("This machine is set up wrongly", OTHER_EN),
        Fault::CatalogueInvalid => ("This machine's list of services has mistakes", OTHER_EN),
        Fault::CatalogueRefused => ("A new list of services cannot be used", OTHER_EN),
        Fault::NoDevice => ("This machine lacks the device", OTHER_EN),
        Fault::ScreenUnavailable => ("The screen cannot be opened", OTHER_EN),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_failure_has_words_of_its_own_in_both_languages() {
        for language in Language::ALL {
            let mut titles = std::collections::BTreeSet::new();
            for fault in Fault::ALL {
                let Wording { title, advice } = citizen(*fault, language);
                assert!(titles.insert(title), "{}: {title} is said of another failure too", fault.code());
                assert!(!title.ends_with(['.', '。']) && advice.ends_with(['.', '。']), "{}", fault.code());
                let chinese = |text: &str| text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
                assert_eq!(chinese(title), language == Language::ZhHans, "{}", fault.code());
                assert_eq!(chinese(advice), language == Language::ZhHans, "{}", fault.code());
                assert!(!title.contains(fault.code()), "the code is shown apart");
            }
        }
    }
}
