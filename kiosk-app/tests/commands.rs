//! The service commands as staff and other programs use them: the real program, its files and its answers.

// The lints of the house allow these in `#[test]` functions; this whole crate is one.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// The sealing keys of `docs/envelope.md`'s test vectors: nothing here needs to be opened again.
const SEALING: &str = "epoch 1\nkey d8c6b0c7044fabbb 047135fa4fd93a09dce98bbf681b4bfcf50e7c0d6354e62afb0bff2a3429617865ed4c1f02ddb9023ee56a557e515d6a9dc66c11f220960de594334df588776724\n";

const CERTIFICATE: &str = include_str!("certificate.toml");

/// Portraits of a public-domain astronaut: the room of the imaging has its story.
fn astronaut() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../imaging/tests/data/astronaut.jpg")
}

struct Machine(TempDir);

struct Answer {
    success: bool,
    lines: Vec<Value>,
    stderr: String,
}

impl Answer {
    fn json(&self) -> &Value {
        self.lines.last().unwrap_or(&Value::Null)
    }

    fn mistakes(&self) -> Vec<&str> {
        let error = &self.json()["error"];
        assert!(!self.success && error["code"] == "SUB-01", "{error}");
        error["mistakes"].as_array().unwrap().iter().filter_map(Value::as_str).collect()
    }
}

impl Machine {
    /// A machine with a camera that is a file, and with sealing keys.
    fn new() -> Machine {
        let dir = tempfile::tempdir().unwrap();
        let machine = Machine(dir);
        let keys = machine.path("state/keys");
        std::fs::create_dir_all(&keys).unwrap();
        std::os::unix::fs::symlink(machine.write("sealing.pub", SEALING), keys.join("sealing.pub")).unwrap();
        let text = format!(
            "[kiosk]\nid = \"110101-0007\"\nstate = \"{}\"\n[camera]\ntransport = \"file\"\npath = \"{}\"\n",
            machine.path("state").display(),
            astronaut().canonicalize().unwrap().display()
        );
        machine.write("kiosk.toml", &text);
        machine
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    fn run(&self, words: &[&str]) -> Answer {
        self.run_with(None, words)
    }

    /// As systemd runs a service: with a folder of credentials.
    fn run_with(&self, credentials: Option<&Path>, words: &[&str]) -> Answer {
        let output = Command::new(env!("CARGO_BIN_EXE_kiosk"))
            .env_remove("CREDENTIALS_DIRECTORY")
            .envs(credentials.map(|folder| ("CREDENTIALS_DIRECTORY", folder)))
            .arg("--config")
            .arg(self.path("kiosk.toml"))
            .arg("--json")
            .args(words)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let lines = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        Answer { success: output.status.success(), lines, stderr }
    }

    fn submit(&self, matter: &str, answers: &str, more: &[&str]) -> Answer {
        let file = self.write("answers.toml", answers);
        let words = [&["submit", matter, "--answers", file.to_str().unwrap()], more].concat();
        self.run(&words)
    }

    /// A portrait of GA 461, taken by the machine itself.
    fn portrait(&self) -> String {
        let file = self.path("portrait.jpg");
        let taken = self.run(&["capture", "--out", file.to_str().unwrap()]);
        assert!(taken.success && taken.json()["width"] == 358, "{}", taken.json());
        format!("portrait={}", file.display())
    }
}

/// The certificate's card, which ended long ago.
fn card() -> String {
    let (_, card) = CERTIFICATE.split_once("[card]").unwrap();
    format!("[card]{}", card.replace("long-term", "2020-12-01"))
}

fn renewal(head: &str, address: &str) -> String {
    let card = card();
    format!(
        "notice = \"2026-01\"\nlanguage = \"en\"\n{head}\n\
         signature = [[[100, 500], [120, 480], [140, 500], [160, 520], [180, 500], [200, 480], [220, 500], [240, 520]]]\n\
         [answers]\ncollection = \"post\"\nphone = \"13800000000\"\naddress = \"{address}\"\n{card}"
    )
}

#[test]
fn a_submitted_request_is_on_the_disk_and_can_be_looked_at_but_not_read() {
    let machine = Machine::new();
    let answer = machine.submit("household-certificate", CERTIFICATE, &[]);
    assert!(answer.success, "{}", answer.json());
    let id = answer.json()["id"].as_str().unwrap();
    let shown = machine.run(&["queue", "show", &id[..12]]);
    assert_eq!(shown.json()["case_number"], answer.json()["case_number"]);
    assert_eq!(shown.json()["state"], "queued");
    assert!(shown.json()["created"].as_i64() > Some(0) && shown.json()["last_error"].is_null());
    let list = machine.run(&["queue", "list"]);
    assert_eq!(list.json()["requests"].as_array().unwrap().len(), 1);
    assert!(machine.run(&["audit", "verify"]).success);
    for other in ["zzzzzz", "110101-0007-200101-00001", ""] {
        assert!(!machine.run(&["queue", "show", other]).success);
    }
}

#[test]
fn a_renewal_takes_a_portrait_a_commitment_and_a_signature() {
    let machine = Machine::new();
    let portrait = machine.portrait();
    let answers = renewal("commitment = true", "示例路1号院2号楼");
    let answer = machine.submit("id-card-renewal", &answers, &["--attach", &portrait]);
    assert!(answer.success, "{}", answer.json());
    let shown = machine.run(&["queue", "show", answer.json()["id"].as_str().unwrap()]);
    assert_eq!(shown.json()["files"].as_array().unwrap().len(), 2, "portrait and signature");
    // The whole picture is judged and cropped; without one the counter takes it.
    let whole = format!("portrait={}", astronaut().display());
    assert!(machine.submit("id-card-renewal", &answers, &["--attach", &whole]).success);
    let counter = renewal("commitment = true\nportrait = \"at-counter\"", "示例路1号院2号楼");
    assert!(machine.submit("id-card-renewal", &counter, &[]).success);
}

#[test]
fn every_mistake_is_listed_at_once_and_nothing_is_stored() {
    let machine = Machine::new();
    let text = machine.write("papers.txt", "no picture");
    let text = text.display();
    let attach = [format!("portrait={text}"), "residence=/dev/zero".to_owned(), format!("toast={text}")];
    let attach: Vec<&str> = attach.iter().flat_map(|a| ["--attach", a.as_str()]).collect();
    let answers = "notice = \"2020\"\nwish = \"x\"\n[answers]\ncollection = \"pigeon\"\nphone = \"138\"\nnose = \"long\"\n";
    let card = card().replace("0017", "0018");
    let answer = machine.submit("id-card-renewal", &format!("{answers}{card}"), &attach);
    let mistakes = answer.mistakes();
    for place in [
        "wish:",
        "notice:",
        "card.number:",
        "answers.collection:",
        "answers.phone:",
        "answers.nose:",
        "attach portrait:",
        "attach residence:",
        "attach toast:",
        "signature:",
    ] {
        assert_eq!(mistakes.iter().filter(|m| m.starts_with(place)).count(), 1, "{place} in {mistakes:?}");
    }
    assert_eq!(mistakes.len(), 10);
    assert!(!answer.stderr.contains("张伟") && !mistakes.concat().contains("long"));
    assert!(machine.run(&["queue", "list"]).json()["requests"].as_array().unwrap().is_empty());
}

#[test]
fn without_a_card_the_other_mistakes_are_listed_too() {
    let machine = Machine::new();
    let answer =
        machine.submit("household-certificate", "notice = \"2026-01\"\n[answers]\npurpose = \"x\"\n", &[]);
    let mistakes = answer.mistakes();
    for place in ["card: missing", "answers.certificate: missing", "answers.purpose: expected one of"] {
        assert!(mistakes.iter().any(|m| m.starts_with(place)), "{place} in {mistakes:?}");
    }
}

#[test]
fn ten_thousand_characters_are_refused_clearly() {
    let machine = Machine::new();
    let portrait = machine.portrait();
    let answers = renewal("commitment = true", &"长".repeat(10_000));
    let answer = machine.submit("id-card-renewal", &answers, &["--attach", &portrait]);
    assert_eq!(answer.mistakes(), ["answers.address: 10000 characters; expected 5 to 100 characters"]);
    let huge = renewal("commitment = true", &"x".repeat(3_000_000));
    let answer = machine.submit("id-card-renewal", &huge, &[]);
    assert!(answer.mistakes()[0].contains("at most 1048576"), "{:?}", answer.mistakes());
}

#[test]
fn rules_and_papers_are_those_of_the_screens() {
    let machine = Machine::new();
    let at_counter = "portrait = \"at-counter\"\nsignature = [[[1, 1]]]\n\
                      [answers]\ncollection = \"here\"\nphone = \"13800000000\"";
    let answers = "[answers]\ncertificate = \"kinship\"\npurpose = \"school\"";
    let early = CERTIFICATE.replace(answers, at_counter);
    let answer = machine.submit("id-card-renewal", &early, &[]);
    assert!(
        answer.mistakes().iter().any(|m| m.starts_with("refused:") && m.contains("第十条")),
        "{:?}",
        answer.mistakes()
    );
    let papers = renewal("commitment = false\nportrait = \"at-counter\"", "示例路1号院2号楼");
    let answer = machine.submit("id-card-renewal", &papers, &[]);
    assert_eq!(answer.mistakes(), ["attach residence: missing (Proof of residence)"]);
    let scribble = early.replace("long-term", "2020-12-01");
    let answer = machine.submit("id-card-renewal", &scribble, &[]);
    assert_eq!(answer.mistakes(), ["signature: too few points to be one"]);
    let answer = machine.submit("no-such-matter", &papers, &[]);
    assert!(answer.mistakes()[0].contains("household-certificate"));
}

#[test]
fn repeated_requests_are_requests_of_their_own_and_told_one_by_one() {
    let machine = Machine::new();
    let answer = machine.submit("household-certificate", CERTIFICATE, &["--repeat", "5"]);
    assert!(answer.success);
    let ids: std::collections::BTreeSet<_> =
        answer.lines.iter().map(|line| line["id"].as_str().unwrap()).collect();
    assert_eq!((answer.lines.len(), ids.len()), (5, 5));
    assert_eq!(machine.run(&["queue", "list"]).json()["requests"].as_array().unwrap().len(), 5);
}

#[test]
fn a_journal_that_was_touched_shows() {
    let machine = Machine::new();
    assert!(machine.submit("household-certificate", CERTIFICATE, &["--repeat", "3"]).success);
    let verified = machine.run(&["audit", "verify"]);
    assert!(
        verified.success && verified.json()["journal"]["records"].as_u64() >= Some(3),
        "{}",
        verified.json()
    );
    let journal = std::fs::read_dir(machine.path("state/journal")).unwrap();
    let file = journal.map(|f| f.unwrap().path()).find(|f| f.extension().is_some()).unwrap();
    let mut bytes = std::fs::read(&file).unwrap();
    bytes[20] ^= 1;
    std::fs::write(&file, bytes).unwrap();
    let verified = machine.run(&["audit", "verify"]);
    assert_eq!(verified.json()["error"]["code"], "JRN-01", "{}", verified.json());
    assert!(verified.json()["error"]["text"].as_str().unwrap().contains("record 1 "));
}

#[test]
fn a_new_key_is_another_key_and_needs_an_enrolment() {
    let machine = Machine::new();
    let out = machine.path("enrol");
    let identity =
        |more: &[&str]| machine.run(&[&["identity", "--out", out.to_str().unwrap()], more].concat());
    let (first, again, new) = (identity(&[]), identity(&[]), identity(&["--new-key"]));
    assert_eq!(first.json()["signing_key"], again.json()["signing_key"]);
    assert_ne!(first.json()["signing_key"], new.json()["signing_key"]);
    assert!(machine.path("state/keys/sign.key.1").exists());
}

#[test]
fn a_signing_key_that_is_a_credential_is_no_file_and_is_never_made_anew() {
    let machine = Machine::new();
    let out = machine.path("enrol");
    let identity = ["identity", "--out", out.to_str().unwrap()];
    assert!(machine.run(&["check"]).json()["signing_key"].is_null());
    let key = machine.run(&identity).json()["signing_key"].clone();
    assert_eq!(machine.run(&["check"]).json()["signing_key"], "file");

    let (file, credentials) = (machine.path("state/keys/sign.key"), machine.path("credentials"));
    std::fs::create_dir(&credentials).unwrap();
    std::fs::rename(&file, credentials.join("sign.key")).unwrap();
    let given = machine.run_with(Some(&credentials), &identity);
    assert_eq!(given.json()["signing_key"], key);
    assert!(!given.stderr.contains("PLAIN FILE"), "{}", given.stderr);
    assert_eq!(machine.run_with(Some(&credentials), &["check"]).json()["signing_key"], "credential");
    assert!(machine.run_with(Some(&credentials), &["queue", "list"]).success);

    for words in [&["queue", "list"][..], &["audit", "verify"], &identity] {
        assert_eq!(machine.run(words).json()["error"]["code"], "KEY-01", "{words:?}");
    }
    assert!(!file.exists());
}

#[test]
fn a_command_line_that_is_none_is_told_like_every_failure() {
    let machine = Machine::new();
    for (words, told) in
        [(&["dance"][..], "dance"), (&["scan"], "--out"), (&["card", "read", "--timeout", "x"], "x")]
    {
        let answer = machine.run(words);
        assert!(!answer.success && answer.lines.len() == 1, "{words:?}");
        let error = &answer.json()["error"];
        assert!(error["code"] == "FIL-01" && error["text"].as_str().unwrap().contains(told), "{error}");
    }
    let nowhere = machine.run(&["identity", "--out", "/proc/none"]);
    assert_eq!(nowhere.json()["error"]["code"], "FIL-01");
}

#[test]
fn a_catalogue_with_ten_mistakes_lists_ten() {
    let machine = Machine::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../matters/catalogue");
    let good = std::fs::read_to_string(folder.join("household-certificate.toml")).unwrap();
    machine.write("matters/household-certificate.toml", &good);
    let dir = machine.path("matters");
    let check = || machine.run(&["catalogue", "check", dir.to_str().unwrap()]);
    assert!(check().success);
    let bad = good
        .replace("revision = ", "revision = -")
        .replace("minutes = ", "minutes = 99")
        .replace("fee_yuan = ", "fee_yuan = -1")
        .replace("deadline_days = ", "deadline_days = 9999")
        .replace("effective_from = \"", "effective_from = \"x")
        .replace("icon = \"", "icon = \"#")
        .replace("id = \"household-certificate\"", "id = \"household\"")
        + "\n[[rule]]\nwhen = \"1 +\"\n\n[toast]\n\n[bread]\n";
    machine.write("matters/household-certificate.toml", &bad);
    let answer = check();
    let mistakes = answer.json()["error"]["mistakes"].as_array().unwrap().clone();
    assert_eq!(answer.json()["error"]["code"], "CAT-01");
    assert!(mistakes.len() >= 10, "{mistakes:#?}");
    machine.write("matters/household-certificate.toml", &good);
    machine.write("matters/regions/north/no-such-matter.toml", "fee_yuan = 1\n");
    assert!(check().json()["error"]["text"].as_str().unwrap().contains("no-such-matter"));
}

#[test]
fn a_camera_that_sees_nobody_gives_its_reasons_and_no_file() {
    let machine = Machine::new();
    let (file, raw) = (machine.path("p.jpg"), machine.path("raw.jpg"));
    let taken = machine.run(&["capture", "--raw", "--out", raw.to_str().unwrap()]);
    assert!(taken.success && taken.json()["width"] != 358);
    let wall = machine.path("wall.jpg");
    let pixels: Vec<u8> = (0..640 * 480 * 3).map(|at| 120 + (at / 3 % 640 / 10) as u8).collect();
    image::codecs::jpeg::JpegEncoder::new(std::fs::File::create(&wall).unwrap())
        .encode(&pixels, 640, 480, image::ExtendedColorType::Rgb8)
        .unwrap();
    let config = format!(
        "[kiosk]\nid = \"110101-0007\"\nstate = \"/nonexistent\"\n[camera]\ntransport = \"file\"\npath = \"{}\"\n",
        wall.display()
    );
    machine.write("kiosk.toml", &config);
    let taken = machine.run(&["capture", "--out", file.to_str().unwrap()]);
    assert!(taken.success && taken.json()["file"].is_null(), "{}", taken.json());
    assert_eq!(taken.json()["rejections"], serde_json::json!(["no-face"]));
    assert!(!file.exists());
}
