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
use outbox::envelope::{self, OpeningKey};
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, Zeroizing};

use crate::error::PlatformError;
use crate::store::checks::{Check, CheckState, Decision};
use crate::store::journal::Line;
use crate::store::{Store, now};
use crate::{attachments, ca, card, report};

/// How long the program may think. A guess: a face comparison takes a second.
const THINK: Duration = Duration::from_secs(30);
/// Longest line of an answer.
const ANSWER: u64 = 4096;
/// Longest name of a model that is kept.
const MODEL: usize = 64;

/// Hands checks to the matcher's thread, one after the other.
#[derive(Clone)]
pub(crate) struct Matcher {
    wanted: mpsc::Sender<String>,
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
    Database(#[from] rusqlite::Error),
    #[error("the platform's keys cannot be read")]
    Platform(#[from] PlatformError),
}

impl Matcher {
    /// Starts the thread; checks that were pending before are looked at first.
    pub(crate) fn start(state: &Path, program: PathBuf) -> Result<Self, PlatformError> {
        std::fs::metadata(&program)
            .map_err(|source| PlatformError::Matcher { path: program.clone(), source })?;
        let mut store = Store::open(state)?;
        let keys = ca::opening_keys(state)?;
        let state = state.to_owned();
        let (wanted, checks) = mpsc::channel::<String>();
        for check in store.open_checks()? {
            // The receiver is right here.
            let _ = wanted.send(check.id);
        }
        let run = move || {
            for id in checks {
                if let Err(error) = look_at(&mut store, &state, &keys, &program, &id) {
                    tracing::warn!(check = id, %error, "the matcher decided nothing");
                    let line = Line::of("matcher-failed").subject(&id);
                    let _ = store.change(|connection| line.write(connection, now()));
                }
            }
        };
        thread::Builder::new().name("matcher".into()).spawn(run).map_err(PlatformError::Thread)?;
        Ok(Self { wanted })
    }

    /// Has a check looked at some time soon.
    pub(crate) fn look_at(&self, id: &str) {
        // The thread ends only with the last handle.
        let _ = self.wanted.send(id.to_owned());
    }
}

fn look_at(
    store: &mut Store,
    state: &Path,
    keys: &[OpeningKey],
    program: &Path,
    id: &str,
) -> Result<(), Failure> {
    let Some(check) = store.check(id)?.filter(|check| check.state == CheckState::Pending) else {
        return Ok(());
    };
    let question = question(store, state, keys, &check)?;
    let verdict = ask(&mut Command::new(program), question)?;
    let model: String = verdict.model.chars().filter(|c| !c.is_control()).take(MODEL).collect();
    let by = format!("matcher {model}");
    let score = verdict.score.filter(|score| score.is_finite());
    store.decide_check(id, &Decision { state: verdict.decision, by: &by, score })?;
    Ok(())
}

/// The line for the program.
fn question(
    store: &Store,
    state: &Path,
    keys: &[OpeningKey],
    check: &Check,
) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let stored = store.find_request(&check.acceptance_number)?.ok_or(Failure::Unreadable)?;
    let manifest = report::verified(store, &stored, keys)?.ok_or(Failure::Unreadable)?;
    let described = manifest.attachments.iter().find(|file| file.hash == check.portrait);
    let described = described.ok_or(Failure::Unreadable)?;
    let sealed = attachments::read(state, &described.hash).ok_or(Failure::Unreadable)?;
    let portrait = envelope::open_attachment(&sealed, described).map_err(|_| Failure::Unreadable)?;
    let portrait = Zeroizing::new(STANDARD.encode(&*portrait));
    let record = manifest.card.as_bytes();
    let photo = card::photo(record).map(|photo| Zeroizing::new(STANDARD.encode(photo)));
    let (mut number, mut name) =
        card::decode(record).map(|card| (card.number, card.name)).unwrap_or_default();
    let question = Question {
        version: 1,
        check: &check.id,
        number: &number,
        name: &name,
        card_photo_wlt: photo.as_ref().map(|photo| photo.as_str()),
        portrait: &portrait,
        portrait_type: &described.media_type,
    };
    let mut line = Zeroizing::new(Vec::with_capacity(portrait.len() + 8192));
    let written = serde_json::to_writer(&mut *line, &question).map_err(|_| Failure::Unreadable);
    number.zeroize();
    name.zeroize();
    written?;
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
    if good && verdict.decision != CheckState::Pending { Ok(verdict) } else { Err(Failure::Answer) }
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
