//! The citizen's wording of every failure: what is wrong, and what to do now. Pure.
//!
//! A failure without wording in some language does not compile. Staff read the cause and the remedy in
//! `docs/failures.md` instead; both sides share the code.

use faults::Fault;
use matters::Language;
use session::view::{Rejection, ScanProblem};

/// A text in all languages, in the order of [`Language::ALL`].
pub(crate) type Words = [&'static str; Language::COUNT];

/// A failure in a citizen's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wording {
    /// What is wrong, without a full stop: it also stands inside other sentences.
    pub title: &'static str,
    /// What to do now: a sentence or two.
    pub advice: &'static str,
}

/// What a citizen reads of this failure.
pub const fn citizen(fault: Fault, language: Language) -> Wording {
    let (title, advice) = words(fault);
    Wording { title: language.of(&title), advice: language.of(&advice) }
}

/// What to change before the next portrait.
pub const fn rejection(reason: Rejection, language: Language) -> &'static str {
    let words = match reason {
        Rejection::NoFace => ["没有看到脸，请正对镜头。", "No face was seen: look into the camera."],
        Rejection::SeveralFaces => ["画面里请只有您一个人。", "Only you may be in the picture."],
        Rejection::TooFar => ["请靠近一点。", "Please come a little closer."],
        Rejection::TooClose => ["请往后退一点。", "Please step back a little."],
        Rejection::NotCentred => ["请把脸放在轮廓线里。", "Move your face into the outline."],
        Rejection::EyesNotSeen => {
            ["看不清眼睛，请摘下墨镜、拨开头发。", "Eyes not seen: no dark glasses, hair aside."]
        }
        Rejection::Tilted => ["请把头摆正。", "Please hold your head straight."],
        Rejection::TooDark => ["光线太暗，请面向灯光。", "Too dark: please face the light."],
        Rejection::TooBright => ["光线太亮，请避开强光。", "Too bright: please turn from the light."],
        Rejection::Blurred => ["请站稳不动，再拍一次。", "Please hold still and try again."],
        Rejection::Background => ["身后有别的东西，请移开。", "Please clear what is behind you."],
    };
    language.of(&words)
}

/// What is wrong with a scanned page, and what to do.
pub fn scan(problem: ScanProblem, language: Language) -> (String, String) {
    let (title, advice) = match problem {
        ScanProblem::Blank => (
            ["这一页是空白的", "This page is blank"],
            ["请翻一面，有字的一面朝下。", "Turn it over: print side down."],
        ),
        ScanProblem::Blurred => (
            ["这一页不清楚", "This page is not sharp"],
            ["请放平压好，合上盖子再扫一次。", "Lay it flat, close the lid and scan again."],
        ),
        ScanProblem::NoPage => (
            ["没有找到纸张", "No page was found"],
            ["请把纸放在玻璃上，对齐角上的标记。", "Lay it on the glass, in the marked corner."],
        ),
        ScanProblem::Fault(fault) => {
            let Wording { title, advice } = citizen(fault, language);
            return (title.to_owned(), format!("{advice}{}{}", language.of(&CODE), fault.code()));
        }
    };
    (language.of(&title).to_owned(), language.of(&advice).to_owned())
}

/// Between a sentence and the code behind it.
const CODE: Words = ["代码 ", " Code "];

const OTHER: Words =
    ["请到人工窗口办理，或使用其他自助机。", "Please go to the counter or use another machine."];
const PAPER: Words = [
    "请抄下或拍下登记编号。需要纸质回执，请找民警。",
    "Write the case number down or take a photo. For a paper receipt ask an officer.",
];
const KEPT: Words = [
    "申请保存在本机，恢复后自动送达，您不用在这里等。",
    "Your request is kept on this machine and sent later. You need not wait.",
];

/// Title and advice of each failure.
#[rustfmt::skip]
const fn words(fault: Fault) -> (Words, Words) {
    match fault {
        Fault::CardServiceDown => (["读卡器暂时不能用", "The card reader is not ready"],
            ["机器会自动恢复。请稍候，或到人工窗口办理。", "It recovers by itself. Please wait a moment or go to the counter."]),
        Fault::CardReaderMissing => (["读卡器没有连接", "No card reader is connected"], OTHER),
        Fault::CardMute => (["读不到这张卡", "This card does not answer"],
            ["请只放一张身份证，放平，翻一面再试。", "Place one card only, flat, and try the other side."]),
        Fault::CardForeign => (["这不是身份证", "This is not an identity card"],
            ["请放居民身份证或居住证。银行卡、交通卡不能用。", "Please use your resident identity card. Bank and transport cards do not work."]),
        Fault::CardRemoved => (["身份证拿开得太早", "The card was taken away too early"],
            ["请再放一次，看到您的信息后再拿走。", "Place it again and leave it until your details appear."]),
        Fault::CardRecordInvalid => (["卡里的信息无法识别", "The data on this card cannot be read"],
            ["请带身份证到人工窗口办理。", "Please take your card to the counter."]),
        Fault::CardReaderFailed => (["这次没有读成功", "The card could not be read this time"],
            ["请拿起身份证，再放一次。", "Lift the card and place it again."]),
        Fault::CardTimeOut => (["读卡用时太长", "Reading took too long"],
            ["请拿起身份证，再放一次，放平不要动。", "Lift the card, place it again flat and do not move it."]),
        Fault::CardLeftBehind => (["读卡区有别人的证件", "Somebody else's card lies on the reader"],
            ["请把它交给民警，再放您自己的身份证。", "Please give it to an officer, then place your own card."]),
        Fault::CardNumberInvalid => (["卡里的身份号码有误", "The identity number on this card is wrong"],
            ["请带身份证到人工窗口办理。", "Please take your card to the counter."]),
        Fault::PrinterUnreachable => (["打印机没有连接", "The printer is not connected"], PAPER),
        Fault::PrinterPaperOut => (["回执纸用完了", "The receipt paper is used up"], PAPER),
        Fault::PrinterCoverOpen => (["打印机盖没有关好", "The printer's cover is open"], PAPER),
        Fault::PrinterJammed => (["打印机卡纸", "The receipt paper is jammed"], PAPER),
        Fault::PrinterUnconfirmed => (["不确定回执是否打出", "We cannot tell whether the receipt came out"],
            ["请看看出纸口。没有回执时，请抄下登记编号。", "Please look at the paper exit. If there is none, write the case number down."]),
        Fault::PrinterGarbage => (["打印机工作不正常", "The printer does not work properly"], PAPER),
        Fault::PrinterFailed => (["打印机出了故障", "The printer has failed"], PAPER),
        Fault::PrinterHot => (["打印机过热，正在降温", "The printer is cooling down"], PAPER),
        Fault::CameraUnreachable => (["摄像头没有连接", "The camera is not connected"], OTHER),
        Fault::CameraFrozen => (["摄像头画面停住了", "The camera's picture stands still"], OTHER),
        Fault::CameraGarbage => (["摄像头工作不正常", "The camera does not work properly"], OTHER),
        Fault::CameraDark => (["摄像头看不到画面", "The camera sees nothing"],
            ["请看看镜头有没有被挡住。仍然不行，请到人工窗口办理。", "Look whether something covers the lens. If it stays so, please go to the counter."]),
        Fault::ScannerUnreachable => (["扫描仪没有连接", "The scanner is not connected"], OTHER),
        Fault::ScannerJammed => (["扫描仪卡纸", "Paper is jammed in the scanner"],
            ["请不要用力拉纸，请民警来取出。", "Please do not pull it. Ask an officer to take it out."]),
        Fault::ScannerNoPaper => (["扫描仪里没有纸", "There is no paper in the scanner"],
            ["请把材料放到底，再试一次。", "Put your papers in as far as they go and try again."]),
        Fault::ScannerCoverOpen => (["扫描仪盖没有关好", "The scanner's cover is open"],
            ["请盖好扫描仪的盖子，再试一次。", "Close the scanner's cover and try again."]),
        Fault::ScannerOverdue => (["扫描用时太长", "Scanning took too long"],
            ["请再试一次，或到人工窗口办理。", "Please try again or go to the counter."]),
        Fault::ScannerFailed => (["这次没有扫描成功", "The scan did not work this time"],
            ["请把材料重新放好，再试一次。", "Place your papers again and try once more."]),
        Fault::ScannerBusy => (["扫描仪正忙", "The scanner is busy"],
            ["请稍候，扫描仪马上就好。", "Please wait a moment. It will be ready soon."]),
        Fault::SoundUnavailable => (["本机没有声音", "This machine has no sound"],
            ["您可以继续办理，请留意屏幕上的提示。", "You can go on. Please watch the messages on the screen."]),
        Fault::LampUnreachable => (["呼叫灯暂时不能用", "The call lamp does not work now"],
            ["需要帮助时，请直接到人工窗口。", "If you need help, please go to the counter."]),
        Fault::StoreUnavailable => (["本机暂时不能受理", "This machine cannot take requests now"], OTHER),
        Fault::StoreFull => (["本机存储已满", "This machine's storage is full"], OTHER),
        Fault::StoreWriteFailed => (["申请没有保存成功", "Your request could not be saved"],
            ["这次没有提交。请到人工窗口办理，或使用其他自助机。", "Nothing was submitted. Please go to the counter or use another machine."]),
        Fault::StoreDamaged => (["本机存储需要检查", "This machine's storage must be checked"], OTHER),
        Fault::StoreLate => (["不确定申请是否已保存", "We cannot tell whether your request was saved"],
            ["请先不要重新申请，由民警帮您查询。", "Please do not apply again yet: an officer can look it up."]),
        Fault::StoreFrozen => (["本机已停止受理", "This machine has stopped taking requests"], OTHER),
        Fault::KeyUnavailable => (["本机的密钥不可用", "A key of this machine is not available"], OTHER),
        Fault::SealingKeyMissing => (["本机还不能加密保存申请", "This machine cannot seal requests yet"], OTHER),
        Fault::PlatformUnreachable => (["暂时连不上平台", "The platform cannot be reached now"], KEPT),
        Fault::PlatformUntrusted => (["与平台的安全连接失败", "The secure connection to the platform failed"], OTHER),
        Fault::PlatformSlow => (["平台没有及时回应", "The platform did not answer in time"], KEPT),
        Fault::PlatformFailed => (["平台暂时有故障", "The platform has a failure of its own"], KEPT),
        Fault::PlatformRefused => (["平台没有接受申请", "The platform did not accept the request"],
            ["申请保存在本机。请由民警查明原因。", "It is kept on this machine. Please ask an officer to find out why."]),
        Fault::ReceiptInvalid => (["平台的回执核对不通过", "The platform's receipt is not valid"],
            ["申请保存在本机。请由民警查明原因。", "Your request is kept on this machine. Please ask an officer to find out why."]),
        Fault::PaymentUnavailable => (["暂时取不到缴费单", "No payment order can be had just now"],
            ["申请不受影响，以后可凭登记编号在自助机或窗口缴费。", "Your request is not affected. Pay later with the case number, at a machine or at the counter."]),
        Fault::RequestMissing => (["平台缺少本机的一件申请", "The platform lacks a request of this machine"],
            ["请由民警查明原因。", "Please ask an officer to find out why."]),
        Fault::JournalDamaged => (["本机的运行记录有损坏", "This machine's journal is damaged"], OTHER),
        Fault::CrashLoop => (["本机程序反复中断，已停止服务", "This machine's program broke off several times and has stopped"], OTHER),
        Fault::SubmissionInvalid => (["提交的内容不符合事项要求", "What was submitted does not fit this service"], OTHER),
        Fault::RequestUnknown => (["本机没有这个登记编号", "This machine has no such case number"],
            ["请核对登记编号，或到窗口查询。", "Please check the case number, or ask at the counter."]),
        Fault::FileUnusable => (["给出的文件不能使用", "The file given cannot be used"], OTHER),
        Fault::ConfigUnreadable => (["本机没有设置好", "This machine is not set up"], OTHER),
        Fault::ConfigInvalid => (["本机的设置有误", "This machine is set up wrongly"], OTHER),
        Fault::CatalogueInvalid => (["本机的事项目录有误", "This machine's list of services has mistakes"], OTHER),
        Fault::CatalogueRefused => (["新的事项目录不能采用", "A new list of services cannot be used"], OTHER),
        Fault::NoDevice => (["本机没有需要的设备", "This machine lacks the device"], OTHER),
        Fault::ScreenUnavailable => (["屏幕打不开", "The screen cannot be opened"], OTHER),
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
