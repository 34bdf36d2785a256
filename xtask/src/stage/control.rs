//! The bench's control line: one command a line, one JSON object a line back.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

/// How long the bench may take to answer (measured 1 ms; inserting waits until the reader has taken the card).
const ANSWER: Duration = Duration::from_secs(15);

/// A connection to `kiosk-bench`.
pub struct Control {
    /// Where it was reached.
    pub address: String,
    stream: BufReader<TcpStream>,
}

impl Control {
    /// Connects to a bench.
    pub fn connect(address: &str) -> Result<Control> {
        let stream = TcpStream::connect(address).with_context(|| format!("no bench at {address}"))?;
        stream.set_read_timeout(Some(ANSWER))?;
        Ok(Control { address: address.to_owned(), stream: BufReader::new(stream) })
    }

    /// Sends a command and gives its answer.
    ///
    /// # Errors
    /// When the bench is gone or its answer is `{"error": …}`.
    pub fn send(&mut self, command: &str) -> Result<Value> {
        let stream = self.stream.get_mut();
        stream.write_all(format!("{command}\n").as_bytes()).context("the bench is gone")?;
        let mut line = String::new();
        self.stream.read_line(&mut line).with_context(|| format!("no answer to `{command}`"))?;
        let answer: Value =
            serde_json::from_str(&line).with_context(|| format!("strange answer to `{command}`: {line}"))?;
        if let Some(error) = answer.get("error") {
            bail!("the bench refused `{command}`: {error}");
        }
        Ok(answer)
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    fn bench_that_answers(answer: &'static str) -> (Control, std::thread::JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let bench = std::thread::spawn(move || {
            let (stream, _) = listener.accept().unwrap();
            let mut stream = BufReader::new(stream);
            let mut line = String::new();
            stream.read_line(&mut line).unwrap();
            stream.get_mut().write_all(answer.as_bytes()).unwrap();
            line
        });
        (Control::connect(&address).unwrap(), bench)
    }

    #[test]
    fn a_command_is_one_line_each_way() {
        let (mut control, bench) = bench_that_answers("{\"receipts\": []}\n");
        let answer = control.send("printer receipts").unwrap();
        assert!(answer["receipts"].as_array().unwrap().is_empty());
        assert_eq!(bench.join().unwrap(), "printer receipts\n");
    }

    #[test]
    fn a_refusal_and_a_hang_up_are_errors() {
        let (mut control, bench) = bench_that_answers("{\"error\": \"no such card\"}\n");
        assert!(control.send("card insert nobody").unwrap_err().to_string().contains("no such card"));
        bench.join().unwrap();
        let (mut control, bench) = bench_that_answers("");
        assert!(control.send("card remove").is_err());
        bench.join().unwrap();
    }
}
