//! A device in the network, or behind an adapter to it: raw bytes on a TCP port.

use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream, ToSocketAddrs};
use std::time::Duration;

use super::Link;

/// How long each address of the device may take to connect. One in the same cabinet answers in milliseconds; a
/// switched-off one never does. Guess.
const CONNECT_LIMIT: Duration = Duration::from_secs(2);

/// A line to one address. Dropping it closes it.
pub(crate) struct Tcp {
    address: String,
    send_limit: Duration,
    stream: Option<TcpStream>,
}

impl Tcp {
    /// Host and port, and how long the device may refuse to take bytes. Nothing is opened yet.
    pub fn new(address: impl Into<String>, send_limit: Duration) -> Self {
        Self { address: address.into(), send_limit, stream: None }
    }

    /// Reads what comes on the open line on a thread of its own, so that it is heard at once, and tells each line of text
    /// with its end, cut at `longest` bytes. The last thing told is an error; closing the line ends the thread.
    ///
    /// # Errors
    /// The system's, when the thread cannot be started.
    pub fn listen(
        &mut self,
        thread: &str,
        longest: u64,
        tell: impl Fn(io::Result<Vec<u8>>) + Send + 'static,
    ) -> io::Result<()> {
        let mut reader = BufReader::new(self.stream()?.try_clone()?);
        let listen = move || {
            loop {
                let mut line = Vec::new();
                match reader.by_ref().take(longest).read_until(b'\n', &mut line) {
                    Ok(0) => return tell(Err(ErrorKind::UnexpectedEof.into())),
                    Ok(_) => tell(Ok(line)),
                    Err(error) => return tell(Err(error)),
                }
            }
        };
        std::thread::Builder::new().name(thread.into()).spawn(listen).map(drop)
    }

    fn stream(&mut self) -> io::Result<&mut TcpStream> {
        self.stream.as_mut().ok_or_else(|| ErrorKind::NotConnected.into())
    }
}

impl Link for Tcp {
    fn open(&mut self) -> io::Result<()> {
        self.close();
        let mut last = io::Error::new(ErrorKind::NotFound, "the name has no address");
        for address in self.address.to_socket_addrs()? {
            match TcpStream::connect_timeout(&address, CONNECT_LIMIT) {
                Ok(stream) => {
                    stream.set_nodelay(true)?;
                    stream.set_write_timeout(Some(self.send_limit))?;
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

    fn receive(&mut self, buffer: &mut [u8], limit: Duration) -> io::Result<Option<usize>> {
        let stream = self.stream()?;
        // A timeout of zero would mean none at all.
        stream.set_read_timeout(Some(limit.max(Duration::from_millis(1))))?;
        match stream.read(buffer) {
            Ok(0) => Err(ErrorKind::UnexpectedEof.into()),
            Ok(length) => Ok(Some(length)),
            Err(error)
                if matches!(
                    error.kind(),
                    ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted
                ) =>
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

impl Drop for Tcp {
    fn drop(&mut self) {
        self.close();
    }
}
