//! The bench by remote control: one command a line over TCP, one line of JSON in answer.
//!
//! | command                                  | answer beside `"ok": true`                     |
//! |------------------------------------------|------------------------------------------------|
//! | `card insert NAME\|PATH`                 | `connected`: the reader took it                |
//! | `card remove`                            |                                                |
//! | `card vanish-after-blocks N`             |                                                |
//! | `card slow MS`                           |                                                |
//! | `card state`                             | `card`, `connected`, `blocks`                  |
//! | `printer fault NAME`                     |                                                |
//! | `printer receipts`                       | `receipts`: `png`, `lines`, `qr` of each       |
//! | `printer wait N TIMEOUT_MS`              | the same, once there are N                     |
//! | `camera fault NAME`                      |                                                |
//! | `camera show PATH`                       |                                                |
//! | `lamp fault NAME`                        |                                                |
//! | `lamp press`                             |                                                |
//! | `lamp state`                             | `shine`: `off`, `on` or `blink`                |
//! | `quit`                                   | and the bench ends                             |
//!
//! A command that fails answers `{"ok": false, "error": "…"}`.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use faults::chain;
use serde_json::{Value, json};

use crate::bench::Bench;

/// How long `printer wait` waits without a number of its own.
const WAIT: Duration = Duration::from_secs(10);

/// Serves commands until one is `quit`. Each client has a thread, so that one that waits holds up nobody.
///
/// # Errors
/// Those of the listener.
pub fn serve(listener: &TcpListener, bench: &Arc<Bench>) -> io::Result<()> {
    let (quit, quits) = std::sync::mpsc::channel::<()>();
    let acceptor = listener.try_clone()?;
    let bench = Arc::clone(bench);
    std::thread::Builder::new().name("bench-control".into()).spawn(move || {
        for client in acceptor.incoming().flatten() {
            let (bench, quit) = (Arc::clone(&bench), quit.clone());
            let serve = move || {
                if let Ok(true) = client_commands(client, &bench) {
                    let _ = quit.send(());
                }
            };
            if std::thread::Builder::new().spawn(serve).is_err() {
                tracing::error!("no thread for another client");
            }
        }
    })?;
    let _ = quits.recv();
    Ok(())
}

fn client_commands(client: TcpStream, bench: &Bench) -> io::Result<bool> {
    client.set_nodelay(true)?;
    let mut answers = client.try_clone()?;
    for line in BufReader::new(client).lines() {
        let line = line?;
        let words: Vec<&str> = line.split_whitespace().collect();
        let answer = obey(bench, &words).unwrap_or_else(|error| json!({ "ok": false, "error": error }));
        answers.write_all(format!("{answer}\n").as_bytes())?;
        if words == ["quit"] {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Does what a command says.
fn obey(bench: &Bench, words: &[&str]) -> Result<Value, String> {
    match words {
        ["card", "insert", name] => {
            let connected = bench.insert(name).map_err(|error| chain(&error))?;
            return Ok(json!({ "ok": true, "connected": connected }));
        }
        ["card", "remove"] => bench.remove(),
        ["card", "vanish-after-blocks", blocks] => bench.vanish_after_blocks(number(blocks)?),
        ["card", "slow", ms] => bench.slow(Duration::from_millis(number(ms)? as u64)),
        ["card", "state"] => {
            let state = bench.card();
            return Ok(json!({
                "ok": true, "card": state.card, "connected": state.connected, "blocks": state.blocks,
            }));
        }
        ["printer", "fault", name] => bench.printer_fault(name.parse().map_err(|error| chain(&error))?),
        ["printer", "receipts"] => return Ok(json!({ "ok": true, "receipts": bench.receipts() })),
        ["printer", "wait", count] => return wait(bench, number(count)?, WAIT),
        ["printer", "wait", count, ms] => {
            return wait(bench, number(count)?, Duration::from_millis(number(ms)? as u64));
        }
        ["camera", "fault", name] => bench.camera.fault(name.parse().map_err(|error| chain(&error))?),
        ["camera", "show", path] => bench.camera.show(std::fs::read(path).map_err(|error| chain(&error))?),
        ["lamp", "fault", name] => bench.lamp.fault(name.parse().map_err(|error| chain(&error))?),
        ["lamp", "press"] => bench.lamp.press(),
        ["lamp", "state"] => return Ok(json!({ "ok": true, "shine": bench.lamp.shine() })),
        ["quit"] => {}
        _ => return Err(format!("no command: {}", words.join(" "))),
    }
    Ok(json!({ "ok": true }))
}

fn wait(bench: &Bench, count: usize, timeout: Duration) -> Result<Value, String> {
    let receipts = bench.wait_receipts(count, timeout);
    if receipts.len() < count {
        return Err(format!("{} receipts after {} ms", receipts.len(), timeout.as_millis()));
    }
    Ok(json!({ "ok": true, "receipts": receipts }))
}

fn number(word: &str) -> Result<usize, String> {
    word.parse().map_err(|_| format!("{word} is no number"))
}

/// Sends one command to a running bench and gives its answer.
///
/// # Errors
/// Those of the connection.
pub fn send(address: SocketAddr, command: &str) -> io::Result<String> {
    let mut stream = TcpStream::connect(address)?;
    stream.write_all(format!("{command}\n").as_bytes())?;
    let mut answer = String::new();
    BufReader::new(stream).read_line(&mut answer)?;
    Ok(answer.trim_end().to_owned())
}
