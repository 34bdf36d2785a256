//! A virtual attendant lamp on TCP: shines as it is told and has a button that an attendant presses.
//!
//! The protocol, in lines of ASCII ended by `\n`: the kiosk says `LAMP on`, `LAMP off` or `LAMP blink`, the lamp answers
//! `OK`, or `ERROR` to anything else; when the button is pressed the lamp says `ANSWERED` by itself.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// How the lamp shines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shine {
    /// Not at all.
    #[default]
    Off,
    /// Steadily.
    On,
    /// On and off, once a second.
    Blink,
}

/// What is wrong with the lamp.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LampFault {
    /// Nothing.
    #[default]
    None,
    /// Refuses connections and drops the one it has.
    Off,
    /// Takes lines and never answers.
    Silent,
    /// Answers nonsense.
    Garbage,
}

/// How often the thread looks whether something changed.
const TICK: Duration = Duration::from_millis(20);

/// A virtual lamp. Dropping it ends it.
pub struct Lamp {
    shared: Arc<Shared>,
    address: SocketAddr,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    inner: Mutex<Inner>,
    changed: Condvar,
}

#[derive(Default)]
struct Inner {
    fault: LampFault,
    shine: Shine,
    pressed: bool,
    stopping: bool,
}

impl Lamp {
    /// Switches a lamp on that does not shine yet.
    ///
    /// # Errors
    /// When the address cannot be taken.
    pub fn start(address: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(address)?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared::default());
        let lamp = Arc::clone(&shared);
        let run = move || lamp.run(address, Some(listener));
        let thread = std::thread::Builder::new().name("virtual-lamp".into()).spawn(run)?;
        Ok(Self { shared, address, thread: Some(thread) })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Breaks or mends it.
    pub fn fault(&self, fault: LampFault) {
        self.shared.lock().fault = fault;
    }

    /// Presses the button: the attendant has seen the call.
    pub fn press(&self) {
        self.shared.lock().pressed = true;
    }

    /// How it shines.
    pub fn shine(&self) -> Shine {
        self.shared.lock().shine
    }

    /// Waits until it shines so, for `timeout` at most. True when it does.
    pub fn wait(&self, shine: Shine, timeout: Duration) -> bool {
        let inner = self.shared.lock();
        let waited = self.shared.changed.wait_timeout_while(inner, timeout, |inner| inner.shine != shine);
        waited.unwrap_or_else(PoisonError::into_inner).0.shine == shine
    }
}

impl Drop for Lamp {
    fn drop(&mut self) {
        self.shared.lock().stopping = true;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn fault(&self) -> Option<LampFault> {
        let inner = self.lock();
        (!inner.stopping).then_some(inner.fault)
    }

    fn run(&self, address: SocketAddr, mut listener: Option<TcpListener>) {
        while let Some(fault) = self.fault() {
            if fault == LampFault::Off {
                // A lamp without power does not shine and knows nothing afterwards.
                self.shine(Shine::Off);
                listener = None;
            } else if listener.is_none() {
                listener = TcpListener::bind(address).ok();
            }
            match &listener {
                Some(listener) if listener.set_nonblocking(true).is_ok() => match listener.accept() {
                    Ok((socket, _)) => drop(self.serve(socket)),
                    Err(_) => std::thread::sleep(TICK),
                },
                Some(_) | None => std::thread::sleep(TICK),
            }
        }
    }

    fn serve(&self, mut socket: TcpStream) -> io::Result<()> {
        socket.set_nonblocking(false)?;
        socket.set_read_timeout(Some(TICK))?;
        let (mut line, mut byte) = (Vec::new(), [0]);
        while let Some(fault) = self.fault() {
            if fault == LampFault::Off {
                return Ok(());
            }
            if std::mem::take(&mut self.lock().pressed) {
                socket.write_all(b"ANSWERED\n")?;
            }
            match socket.read(&mut byte) {
                Ok(0) => return Ok(()),
                Ok(_) if byte == *b"\n" => {
                    let answer = self.obey(&line, fault);
                    line.clear();
                    socket.write_all(answer)?;
                }
                Ok(_) if line.len() < 64 => line.extend(byte),
                Ok(_) => {}
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn obey(&self, line: &[u8], fault: LampFault) -> &'static [u8] {
        match fault {
            LampFault::Silent | LampFault::Off => return b"",
            LampFault::Garbage => return b"\xFF\xFE\n",
            LampFault::None => {}
        }
        let shine = match line.trim_ascii_end() {
            b"LAMP on" => Shine::On,
            b"LAMP off" => Shine::Off,
            b"LAMP blink" => Shine::Blink,
            _ => return b"ERROR\n",
        };
        self.shine(shine);
        b"OK\n"
    }

    fn shine(&self, shine: Shine) {
        self.lock().shine = shine;
        self.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader};

    use super::*;

    #[test]
    fn it_shines_as_it_is_told_and_says_when_it_is_pressed() {
        let lamp = Lamp::start(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
        let mut socket = TcpStream::connect(lamp.address()).unwrap();
        let mut lines = BufReader::new(socket.try_clone().unwrap()).lines();
        let mut ask = |text: &str| {
            socket.write_all(text.as_bytes()).unwrap();
            lines.next().unwrap().unwrap()
        };
        assert_eq!((ask("LAMP blink\n"), lamp.shine()), ("OK".into(), Shine::Blink));
        assert_eq!((ask("LAMP on\r\n"), lamp.shine()), ("OK".into(), Shine::On));
        assert_eq!((ask("COFFEE\n"), lamp.shine()), ("ERROR".into(), Shine::On));
        lamp.press();
        assert_eq!(ask(""), "ANSWERED");
        assert_eq!((ask("LAMP off\n"), lamp.shine()), ("OK".into(), Shine::Off));
    }
}
