//! A virtual attendant lamp on TCP: shines as it is told and has a button that an attendant presses.
//!
//! The protocol, in lines of ASCII ended by `\n`: the kiosk says `LAMP on`, `LAMP off` or `LAMP blink`, the lamp answers
//! `OK`, or `ERROR` to anything else; when the button is pressed the lamp says `ANSWERED` by itself.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::str::FromStr;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::faults::{UnknownFault, by_name};
use crate::outlet::{Device, Outlet, Power, TICK};

/// How the lamp shines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
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

/// The faults and their names.
pub const LAMP_FAULTS: &[(&str, LampFault)] = &[
    ("none", LampFault::None),
    ("off", LampFault::Off),
    ("silent", LampFault::Silent),
    ("garbage", LampFault::Garbage),
];

impl FromStr for LampFault {
    type Err = UnknownFault;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        by_name(LAMP_FAULTS, name)
    }
}

/// A virtual lamp. Dropping it ends it.
pub struct Lamp {
    outlet: Outlet<Shared>,
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
        Ok(Self { outlet: Outlet::start(address, Shared::default())? })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.outlet.address()
    }

    /// Breaks or mends it.
    pub fn fault(&self, fault: LampFault) {
        self.outlet.device.lock().fault = fault;
    }

    /// Presses the button: the attendant has seen the call.
    pub fn press(&self) {
        self.outlet.device.lock().pressed = true;
    }

    /// How it shines.
    pub fn shine(&self) -> Shine {
        self.outlet.device.lock().shine
    }

    /// Waits until it shines so, for `timeout` at most. True when it does.
    pub fn wait(&self, shine: Shine, timeout: Duration) -> bool {
        let shared = &self.outlet.device;
        let inner = shared.lock();
        let waited = shared.changed.wait_timeout_while(inner, timeout, |inner| inner.shine != shine);
        waited.unwrap_or_else(PoisonError::into_inner).0.shine == shine
    }
}

impl Device for Shared {
    const THREAD: &'static str = "virtual-lamp";

    fn power(&self) -> Power {
        let inner = self.lock();
        if inner.stopping {
            Power::Ended
        } else if inner.fault == LampFault::Off {
            Power::Off
        } else {
            Power::On
        }
    }

    /// A lamp without power does not shine and knows nothing afterwards.
    fn lost_power(&self) {
        self.shine(Shine::Off);
    }

    fn serve(self: &Arc<Self>, client: TcpStream) {
        let result = self.work(client);
        tracing::debug!(?result, "the virtual lamp's client left");
    }

    fn end(&self) {
        self.lock().stopping = true;
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn work(&self, mut socket: TcpStream) -> io::Result<()> {
        socket.set_read_timeout(Some(TICK))?;
        let (mut line, mut byte) = (Vec::new(), [0]);
        while self.power() == Power::On {
            if std::mem::take(&mut self.lock().pressed) {
                socket.write_all(b"ANSWERED\n")?;
            }
            match socket.read(&mut byte) {
                Ok(0) => return Ok(()),
                Ok(_) if byte == *b"\n" => {
                    let answer = self.obey(&line);
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

    fn obey(&self, line: &[u8]) -> &'static [u8] {
        let fault = self.lock().fault;
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

    #[test]
    fn without_power_it_forgets_and_returns_where_it_was() {
        let lamp = Lamp::start(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
        TcpStream::connect(lamp.address()).unwrap().write_all(b"LAMP on\n").unwrap();
        let long = Duration::from_secs(20);
        assert!(lamp.wait(Shine::On, long));
        lamp.fault("off".parse().unwrap());
        assert!(lamp.wait(Shine::Off, long));
        while TcpStream::connect(lamp.address()).is_ok() {}
        lamp.fault("none".parse().unwrap());
        while TcpStream::connect(lamp.address()).is_err() {}
        assert!("espresso".parse::<LampFault>().is_err());
    }
}
