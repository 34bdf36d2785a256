//! A finger: touches of the X server's test extension, which no program can tell from a device's.

use std::time::Duration;

use anyhow::{Context as _, Result};
use x11rb::connection::Connection as _;
use x11rb::protocol::xproto::{
    BUTTON_PRESS_EVENT, BUTTON_RELEASE_EVENT, ConnectionExt as _, MOTION_NOTIFY_EVENT,
};
use x11rb::protocol::xtest::ConnectionExt as _;
use x11rb::rust_connection::RustConnection;

/// The left button, which a touch screen without multi-touch presses.
const BUTTON: u8 = 1;

/// From one point of a line to the next: a frame. A window that is drawing takes only the last of several.
const POINT: Duration = Duration::from_millis(20);

/// A connection to the display.
pub struct Finger {
    connection: RustConnection,
    root: u32,
}

impl Finger {
    /// Connects to a display such as `:99`.
    pub fn open(display: &str) -> Result<Finger> {
        let (connection, screen) =
            RustConnection::connect(Some(display)).with_context(|| format!("no display {display}"))?;
        let root = connection.setup().roots.get(screen).context("the display has no screen")?.root;
        connection.xtest_get_version(2, 2)?.reply().context("the display has no test extension")?;
        Ok(Finger { connection, root })
    }

    /// Touches a point of the screen, in pixels from its upper left corner, and lifts again.
    pub fn touch(&self, (x, y): (i32, i32)) -> Result<()> {
        let (x, y) = (i16::try_from(x)?, i16::try_from(y)?);
        self.fake(MOTION_NOTIFY_EVENT, 0, x, y)?;
        self.fake(BUTTON_PRESS_EVENT, BUTTON, x, y)?;
        self.fake(BUTTON_RELEASE_EVENT, BUTTON, x, y)?;
        // An answer means that the server has handed the events on.
        self.connection.get_input_focus()?.reply()?;
        Ok(())
    }

    /// Draws a line through these points without lifting.
    pub fn draw(&self, points: &[(i32, i32)]) -> Result<()> {
        let mut last = None;
        for &(x, y) in points {
            let (x, y) = (i16::try_from(x)?, i16::try_from(y)?);
            self.fake(MOTION_NOTIFY_EVENT, 0, x, y)?;
            if last.is_none() {
                self.fake(BUTTON_PRESS_EVENT, BUTTON, x, y)?;
            }
            last = Some((x, y));
            self.connection.get_input_focus()?.reply()?;
            std::thread::sleep(POINT);
        }
        if let Some((x, y)) = last {
            self.fake(BUTTON_RELEASE_EVENT, BUTTON, x, y)?;
            self.connection.get_input_focus()?.reply()?;
        }
        Ok(())
    }

    fn fake(&self, kind: u8, detail: u8, x: i16, y: i16) -> Result<()> {
        self.connection.xtest_fake_input(kind, detail, x11rb::CURRENT_TIME, self.root, x, y, 0)?.check()?;
        Ok(())
    }
}
