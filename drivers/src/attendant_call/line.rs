//! The connection to the lamp: writes lines, and reads them on a thread of its own so that a button pressed at any time
//! is heard at once.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream, ToSocketAddrs};
use std::time::Duration;

use super::wire::{MAX_LINE, Word, parse};

/// How long a connection may take, for each of the lamp's addresses. In the hall's own network it takes milliseconds.
/// Guess.
const CONNECT_LIMIT: Duration = Duration::from_secs(2);

/// How long a line may take to leave. Guess: it is ten bytes.
const WRITE_LIMIT: Duration = Duration::from_secs(2);

/// What the connection tells.
pub enum Heard {
    Word(Word),
    Garbage,
    Lost(String),
}

/// An open connection. Dropping it closes it.
pub(super) struct Line {
    socket: TcpStream,
}

impl Line {
    /// Connects. `tell` is called on the reading thread; the last thing told is `Lost` or `Garbage`.
    ///
    /// # Errors
    /// The system's.
    pub fn open(address: &str, tell: impl Fn(Heard) + Send + 'static) -> io::Result<Self> {
        let mut last = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
        let mut found = None;
        for address in address.to_socket_addrs()? {
            match TcpStream::connect_timeout(&address, CONNECT_LIMIT) {
                Ok(socket) => {
                    found = Some(socket);
                    break;
                }
                Err(error) => last = error,
            }
        }
        let socket = found.ok_or(last)?;
        socket.set_nodelay(true)?;
        socket.set_write_timeout(Some(WRITE_LIMIT))?;
        let reader = BufReader::new(socket.try_clone()?);
        let line = Self { socket };
        std::thread::Builder::new().name("attendant-call-line".into()).spawn(move || listen(reader, tell))?;
        Ok(line)
    }

    /// Says a line.
    ///
    /// # Errors
    /// The system's.
    pub fn say(&mut self, line: &[u8]) -> io::Result<()> {
        self.socket.write_all(line)
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        // Ends the reading thread too.
        let _ = self.socket.shutdown(Shutdown::Both);
    }
}

fn listen(mut reader: BufReader<TcpStream>, tell: impl Fn(Heard)) {
    let mut line = Vec::new();
    loop {
        line.clear();
        match reader.by_ref().take(MAX_LINE as u64).read_until(b'\n', &mut line) {
            Ok(0) => return tell(Heard::Lost("the lamp closed the connection".into())),
            Ok(_) => match parse(&line) {
                Some(word) => tell(Heard::Word(word)),
                None => return tell(Heard::Garbage),
            },
            Err(error) => return tell(Heard::Lost(error.to_string())),
        }
    }
}
