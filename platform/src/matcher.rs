//! The operator's program that compares faces: it runs once for each check, reads one line of JSON and writes one
//! (`docs/platform-api.md`). It decides or says that it cannot; a program that fails decides nothing.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use protocol::envelope::{self, OpeningKey};
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, Zeroizing};

use crate::error::PlatformError;
use crate::store::checks::{Check, CheckState, Decision};
use crate::store::{Store, StoreError};
use crate::{attachments, ca, card, report};

/// How long the program may think. A guess: a face comparison takes a second.
const THINK: Duration = Duration::from_secs(30);
/// Checks that may wait for it: more than a hall asks for in half an hour. A guess.
const QUEUE: usize = 64;
/// Longest line of an answer.
const ANSWER: u64 = 4096;
/// Longest name of a model that is kept.
const MODEL: usize = 64;

/// Hands checks to the matcher's thread, one after the other.
#[derive(Clone)]
pub(crate) struct Matcher {
    wanted: mpsc::SyncSender<String>,
}

/// What the program reads. Pictures are base64.
#[derive(Serialize)]
struct Question<'a> {
    version: u8,
    check: &'a str,
    number: &'a str,
    name: &'a str,
    card_photo_wlt: Option<&'a str>,
    portrait: &'a str,
    portrait_type: &'a str,
}

/// What it writes.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Verdict {
    decision: CheckState,
    score: Option<f64>,
    model: String,
}

/// Why a check stays pending.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("the request or its portrait does not open")]
    Unreadable,
    #[error("the program does not run or broke off")]
    Program(#[from] io::Error),
    #[error("the program took too long")]
    TooLong,
    #[error("the program's answer is none")]
    Answer,
    #[error("the database failed")]
    Database(#[from] StoreError),
    #[error("the platform's keys cannot be read")]
    Platform(#[from] PlatformError),
}

impl Matcher {
    /// Starts the thread; checks that were pending before are looked at first.
    pub(crate) fn start(store: Store, program: PathBuf) -> Result<Self, PlatformError> {
        std::fs::metadata(&program)
            .map_err(|source| PlatformError::Matcher { path: program.clone(), source })?;
        let keys = ca::opening_keys(store.folder())?;
        let (wanted, checks) = mpsc::sync_channel::<String>(QUEUE);
        let before = store.open_checks()?.into_iter().map(|check| check.id);
        let run = move || {
            for id in before.chain(checks) {
                if let Err(error) = look_at(&store, &keys, &program, &id) {
                    tracing::warn!(check = id, %error, "the matcher decided nothing");
                    let _ = store.note_matcher_failure(&id);
                }
            }
        };
        thread::Builder::new().name("matcher".into()).spawn(run).map_err(PlatformError::Thread)?;
        Ok(Self { wanted })
    }

    /// Has a check looked at some time soon. While too many wait it is left to a clerk.
    pub(crate) fn look_at(&self, id: &str) {
        if self.wanted.try_send(id.to_owned()).is_err() {
            tracing::warn!(check = id, "the matcher has too much to do");
        }
    }
}

fn look_at(store: &Store, keys: &[OpeningKey], program: &Path, id: &str) -> Result<(), Failure> {
    let Some(check) = store.check(id)?.filter(|check| check.state == CheckState::Pending) else {
        return Ok(());
    };
    let question = question(store, keys, &check)?;
    let verdict = ask(&mut Command::new(program), question)?;
    let model: String = verdict.model.chars().filter(|c| !c.is_control()).take(MODEL).collect();
    let by = format!("matcher {model}");
    let score = verdict.score.filter(|score| score.is_finite());
    store.decide_check(id, &Decision { state: verdict.decision, by: &by, score })?;
    Ok(())
}

/// The line for the program: of a request with its card, or of what was typed.
fn question(store: &Store, keys: &[OpeningKey], check: &Check) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let Some(case) = &check.case else {
        let asked = report::question(store, &check.id, keys)?.ok_or(Failure::Unreadable)?;
        return line(&check.id, (&asked.number, &asked.name), None, &asked.portrait, "image/jpeg");
    };
    let stored = store.find_request(&case.acceptance_number)?.ok_or(Failure::Unreadable)?;
    let manifest = report::verified(store, &stored, keys)?.ok_or(Failure::Unreadable)?;
    let described = manifest.attachments.iter().find(|file| file.hash == case.portrait);
    let described = described.ok_or(Failure::Unreadable)?;
    let sealed = attachments::read(store.folder(), &described.hash).ok_or(Failure::Unreadable)?;
    let portrait = envelope::open_attachment(&sealed, described).map_err(|_| Failure::Unreadable)?;
    let record = manifest.card.as_bytes();
    let (mut number, mut name) =
        card::decode(record).map(|card| (card.number, card.name)).unwrap_or_default();
    let line = line(&check.id, (&number, &name), card::photo(record), &portrait, &described.media_type);
    number.zeroize();
    name.zeroize();
    line
}

fn line(
    check: &str,
    (number, name): (&str, &str),
    photo: Option<&[u8]>,
    portrait: &[u8],
    portrait_type: &str,
) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let portrait = Zeroizing::new(STANDARD.encode(portrait));
    let photo = photo.map(|photo| Zeroizing::new(STANDARD.encode(photo)));
    let card_photo_wlt = photo.as_ref().map(|photo| photo.as_str());
    let question =
        Question { version: 1, check, number, name, card_photo_wlt, portrait: &portrait, portrait_type };
    let mut line = Zeroizing::new(Vec::with_capacity(portrait.len() + 8192));
    serde_json::to_writer(&mut *line, &question).map_err(|_| Failure::Unreadable)?;
    line.push(b'\n');
    Ok(line)
}

fn ask(program: &mut Command, question: Zeroizing<Vec<u8>>) -> Result<Verdict, Failure> {
    let mut child =
        program.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).env_clear().spawn()?;
    let answer = converse(&mut child, question);
    // Killing one that has ended does nothing; either way its process is collected.
    let _ = child.kill();
    let status = child.wait()?;
    let verdict: Verdict = serde_json::from_slice(&answer?).map_err(|_| Failure::Answer)?;
    // A program that answered is killed while it ends: only a failure of its own counts.
    let good = status.success() || status.code().is_none();
    if good && verdict.decision.is_decision() { Ok(verdict) } else { Err(Failure::Answer) }
}

/// Writes the question and reads a line, each in a thread of its own: a program may do neither.
fn converse(child: &mut Child, question: Zeroizing<Vec<u8>>) -> Result<Vec<u8>, Failure> {
    let (mut stdin, stdout) = child.stdin.take().zip(child.stdout.take()).ok_or(Failure::Answer)?;
    thread::spawn(move || stdin.write_all(&question));
    let (said, answer) = mpsc::channel();
    thread::spawn(move || {
        let mut line = Vec::new();
        let read = BufReader::new(stdout.take(ANSWER)).read_until(b'\n', &mut line);
        said.send(read.map(|_| line))
    });
    Ok(answer.recv_timeout(THINK).map_err(|_| Failure::TooLong)??)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer_of(script: &str) -> Result<Verdict, Failure> {
        ask(Command::new("/bin/sh").args(["-c", script]), Zeroizing::new(b"{}\n".to_vec()))
    }

    #[test]
    fn a_program_decides_only_with_a_whole_answer() {
        let good = r#"read line; echo '{"decision":"no-match","score":0.12,"model":"m/1"}'"#;
        let verdict = answer_of(good).unwrap();
        assert_eq!((verdict.decision, verdict.score), (CheckState::NoMatch, Some(0.12)));
        for bad in [
            "exit 0",
            "read line; exit 3",
            "echo nonsense",
            r#"echo '{"decision":"pending","model":"m"}'"#,
            r#"echo '{"decision":"ended","model":"m"}'"#,
            r#"echo '{"decision":"match"}'"#,
            r#"echo '{"decision":"match","model":"m","sure":true}'"#,
            "while echo -n yes; do :; done",
        ] {
            assert!(answer_of(bad).is_err(), "{bad}");
        }
        let nowhere = ask(&mut Command::new("/nowhere/matcher"), Zeroizing::default());
        assert!(matches!(nowhere, Err(Failure::Program(_))));
    }
}
