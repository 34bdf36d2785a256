//! Eyes: what the kiosk shows, as assistive technology sees it (AT-SPI over D-Bus).

use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use zbus::blocking::{Connection, MessageIterator};
use zbus::message::Type;
use zbus::zvariant::{OwnedObjectPath, OwnedValue};

use crate::process::Interrupt;

const ACCESSIBLE: &str = "org.a11y.atspi.Accessible";
const COMPONENT: &str = "org.a11y.atspi.Component";
const PROPERTIES: &str = "org.freedesktop.DBus.Properties";
const ROOT: &str = "/org/a11y/atspi/accessible/root";

/// How long one question to the kiosk may take (measured 0.2 ms; a kiosk that draws a page answers after it).
const CALL: Duration = Duration::from_secs(5);

/// The screen is read again after this time even without an event (ours: half of what a person notices).
const GLANCE: Duration = Duration::from_millis(50);

/// Deeper than any screen nests; a cycle in the tree ends here.
const DEEPEST: usize = 40;

/// What a control is, in AT-SPI's numbers (`AtspiRole` in at-spi2-core's atspi-constants.h), as far as it matters here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A push button (43) or a toggle button (62).
    Button,
    /// A radio button (44).
    Radio,
    /// Words: label (29), heading (83), paragraph (73) or static text (116).
    Words,
    /// Anything else.
    Other,
}

impl Role {
    fn from_number(number: u32) -> Role {
        match number {
            43 | 62 => Role::Button,
            44 => Role::Radio,
            29 | 73 | 83 | 116 => Role::Words,
            _ => Role::Other,
        }
    }
}

/// A bit of AT-SPI's state set (`AtspiStateType`).
#[derive(Clone, Copy)]
pub enum State {
    /// Checked (4): the chosen radio button.
    Checked = 4,
    /// Pressed (20): the toggle button that is on.
    Pressed = 20,
    /// Sensitive (24): can be touched.
    Sensitive = 24,
}

/// One thing on the screen.
#[derive(Clone, Debug)]
pub struct Thing {
    /// What it is.
    pub role: Role,
    /// Its words.
    pub name: String,
    bus: String,
    path: OwnedObjectPath,
}

impl Thing {
    /// True for what a finger presses or chooses.
    pub fn can_be_touched(&self) -> bool {
        matches!(self.role, Role::Button | Role::Radio)
    }
}

/// A rectangle on the screen, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extents {
    /// Left edge.
    pub x: i32,
    /// Upper edge.
    pub y: i32,
    /// Width.
    pub width: i32,
    /// Height.
    pub height: i32,
}

impl Extents {
    /// Where a finger goes.
    pub fn middle(self) -> (i32, i32) {
        (self.x + self.width / 2, self.y + self.height / 2)
    }
}

/// A view of every program on the accessibility bus.
pub struct Eyes {
    connection: Connection,
    changes: Receiver<()>,
}

impl Eyes {
    /// Connects to the accessibility bus.
    pub fn open(address: &str) -> Result<Eyes> {
        let connection = zbus::blocking::connection::Builder::address(address)?
            .method_timeout(CALL)
            .build()
            .context("the accessibility bus cannot be reached")?;
        let changes = watch(&connection)?;
        Ok(Eyes { connection, changes })
    }

    /// Everything on the screen, from the top.
    pub fn look(&self) -> Result<Vec<Thing>> {
        let mut things = Vec::new();
        let mut open = self.children("org.a11y.atspi.Registry", ROOT)?;
        open.reverse();
        let mut open: Vec<_> = open.into_iter().map(|(bus, path)| (bus, path, 0)).collect();
        while let Some((bus, path, depth)) = open.pop() {
            // A thing that vanished while the screen changed is no longer on it.
            let Ok(role) = self.role(&bus, &path) else { continue };
            let Ok(name) = self.name(&bus, &path) else { continue };
            if depth < DEEPEST
                && let Ok(children) = self.children(&bus, path.as_str())
            {
                open.extend(children.into_iter().rev().map(|(bus, path)| (bus, path, depth + 1)));
            }
            things.push(Thing { role, name, bus, path });
        }
        Ok(things)
    }

    /// Looks again at each change until `wanted` answers; fails at the deadline with what was on the screen.
    pub fn wait<T>(
        &self,
        what: &str,
        limit: Duration,
        interrupt: &Interrupt,
        mut wanted: impl FnMut(&[Thing]) -> Result<Option<T>>,
    ) -> Result<T> {
        let end = Instant::now() + limit;
        loop {
            interrupt.check()?;
            // Changes up to here are part of what is read now; later ones wake the wait below.
            while self.changes.try_recv().is_ok() {}
            let things = self.look()?;
            if let Some(found) = wanted(&things)? {
                return Ok(found);
            }
            if Instant::now() >= end {
                let words: Vec<&str> =
                    things.iter().map(|thing| thing.name.as_str()).filter(|name| !name.is_empty()).collect();
                bail!(
                    "{what} was not seen within {} s; on the screen: {}",
                    limit.as_secs(),
                    words.join(" | ")
                );
            }
            match self.changes.recv_timeout(GLANCE) {
                Ok(()) | Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => bail!("the accessibility bus is gone"),
            }
        }
    }

    /// Where a thing is on the screen.
    pub fn extents(&self, thing: &Thing) -> Result<Extents> {
        // Coordinate type 0: relative to the screen.
        let reply = self.connection.call_method(
            Some(thing.bus.as_str()),
            &thing.path,
            Some(COMPONENT),
            "GetExtents",
            &0_u32,
        )?;
        let (x, y, width, height): (i32, i32, i32, i32) = reply.body().deserialize()?;
        Ok(Extents { x, y, width, height })
    }

    /// True when a thing is in a state; false when the thing is gone.
    pub fn is(&self, thing: &Thing, state: State) -> bool {
        let reply = self.connection.call_method(
            Some(thing.bus.as_str()),
            &thing.path,
            Some(ACCESSIBLE),
            "GetState",
            &(),
        );
        let words: Vec<u32> = match reply.and_then(|reply| reply.body().deserialize()) {
            Ok(words) => words,
            Err(_) => return false,
        };
        words.first().is_some_and(|low| low & (1 << state as u32) != 0)
    }

    /// What is said of a thing beside its name; empty when it is gone.
    pub fn description(&self, thing: &Thing) -> String {
        self.property(&thing.bus, &thing.path, "Description").unwrap_or_default()
    }

    fn children(&self, bus: &str, path: &str) -> Result<Vec<(String, OwnedObjectPath)>> {
        let reply = self.connection.call_method(Some(bus), path, Some(ACCESSIBLE), "GetChildren", &())?;
        Ok(reply.body().deserialize()?)
    }

    fn role(&self, bus: &str, path: &OwnedObjectPath) -> Result<Role> {
        let reply = self.connection.call_method(Some(bus), path, Some(ACCESSIBLE), "GetRole", &())?;
        Ok(Role::from_number(reply.body().deserialize()?))
    }

    fn name(&self, bus: &str, path: &OwnedObjectPath) -> Result<String> {
        self.property(bus, path, "Name")
    }

    fn property(&self, bus: &str, path: &OwnedObjectPath, name: &str) -> Result<String> {
        let reply =
            self.connection.call_method(Some(bus), path, Some(PROPERTIES), "Get", &(ACCESSIBLE, name))?;
        let value: OwnedValue = reply.body().deserialize()?;
        Ok(String::try_from(value)?)
    }
}

/// Turns every event of the accessibility bus into one pending wake-up.
fn watch(connection: &Connection) -> Result<Receiver<()>> {
    let rule = zbus::MatchRule::builder()
        .msg_type(Type::Signal)
        .path_namespace("/org/a11y/atspi/accessible")?
        .build();
    let events = MessageIterator::for_match_rule(rule, connection, None)?;
    let (changed, changes) = sync_channel(1);
    // Ends with the bus.
    std::thread::spawn(move || {
        for _event in events.map_while(Result::ok) {
            // Full means that a wake-up is pending already.
            let _pending = changed.try_send(());
        }
    });
    Ok(changes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finger_goes_to_the_middle() {
        assert_eq!(Extents { x: 64, y: 1712, width: 300, height: 128 }.middle(), (214, 1776));
    }

    #[test]
    fn roles_are_those_of_at_spi() {
        assert_eq!(Role::from_number(43), Role::Button);
        assert_eq!(Role::from_number(44), Role::Radio);
        assert_eq!(Role::from_number(83), Role::Words);
        assert_eq!(Role::from_number(23), Role::Other);
    }
}
