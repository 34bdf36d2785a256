//! The programs as their users start them.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

/// What a command printed last, and whether it succeeded.
pub struct Answer {
    /// The exit status was 0.
    pub success: bool,
    /// The JSON object on the last line of stdout.
    pub json: Value,
}

/// The path of one of the house's programs, beside the test's own executable.
pub fn program(name: &str) -> PathBuf {
    let mut path = std::env::current_exe().unwrap();
    path.pop();
    path.pop();
    path.push(name);
    assert!(path.exists(), "{} is not built: cargo build --workspace", path.display());
    path
}

/// Runs `kiosk --config FILE --json …`.
pub fn kiosk(kiosk: &Path, config: &Path, words: &[&str]) -> Answer {
    let output = Command::new(kiosk)
        .arg("--config")
        .arg(config)
        .arg("--json")
        .args(words)
        .stderr(Stdio::inherit())
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let json = serde_json::from_str(text.lines().last().unwrap_or_default())
        .unwrap_or_else(|_| panic!("no JSON in {text:?}"));
    Answer { success: output.status.success(), json }
}

/// Reads one line of a program's output.
pub(crate) fn first_line(child: &mut Child) -> String {
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    line
}
