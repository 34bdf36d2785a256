//! A printer in the network, or behind a print server: raw bytes on a TCP port, usually 9100.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream, ToSocketAddrs};
use std::time::Duration;

use super::Link;

/// How long connecting may take. A printer in the same cabinet answers in milliseconds; a switched-off one never
/// does. Guess.
const CONNECT_LIMIT: Duration = Duration::from_secs(2);

/// How long the printer may refuse to take bytes. It stops taking them while it prints with a full buffer; a metre
/// of paper takes 7 s at 150 mm/s. Guess.
const SEND_LIMIT: Duration = Duration::from_secs(10);

pub(crate) struct Tcp {
    address: String,
    stream: Option<TcpStream>,
}

impl Tcp {
    pub fn new(address: &str) -> Self {
        Self { address: address.to_owned(), stream: None }
    }

    fn stream(&mut self) -> io::Result<&mut TcpStream> {
        self.stream.as_mut().ok_or_else(|| ErrorKind::NotConnected.into())
    }
}

impl Link for Tcp {
    fn open(&mut self) -> io::Result<()> {
        self.close();
        let mut last = io::Error::new(ErrorKind::NotFound, "the address has no host");
        for address in self.address.to_socket_addrs()? {
            match TcpStream::connect_timeout(&address, CONNECT_LIMIT) {
                Ok(stream) => {
                    stream.set_nodelay(true)?;
                    stream.set_write_timeout(Some(SEND_LIMIT))?;
                    self.stream = Some(stream);
                    return Ok(());
                }
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream()?.write_all(bytes)
    }

    fn receive(&mut self, limit: Duration) -> io::Result<Option<u8>> {
        let stream = self.stream()?;
        // A timeout of zero would mean none at all.
        stream.set_read_timeout(Some(limit.max(Duration::from_millis(1))))?;
        let mut byte = [0];
        match stream.read(&mut byte) {
            Ok(0) => Err(ErrorKind::UnexpectedEof.into()),
            Ok(_) => Ok(byte.first().copied()),
            Err(error)
                if [ErrorKind::WouldBlock, ErrorKind::TimedOut, ErrorKind::Interrupted]
                    .contains(&error.kind()) =>
            {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    fn close(&mut self) {
        if let Some(stream) = self.stream.take() {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}
