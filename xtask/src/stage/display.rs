//! A private display of the kiosk's size with a private session bus and the accessibility bus.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result};
use zbus::zvariant::Value;

use crate::process::{Interrupt, Kept, Owner};

/// A kiosk's portrait screen at 24 bit.
const SCREEN: &str = "1080x1920x24";

/// How long a display or a bus may take to start (measured 0.1–0.4 s).
const START: Duration = Duration::from_secs(15);

/// How long the accessibility bus may take to answer one call (measured 1–5 ms).
const CALL: Duration = Duration::from_secs(5);

/// The private display; everything ends on drop, in reverse order of starting.
pub struct Display {
    /// The accessibility bus, for the robot's eyes.
    pub accessibility: String,
    /// The display's name, such as `:99`.
    pub name: String,
    session: String,
    runtime: PathBuf,
    // Fields drop from the top: what was started last ends first.
    _bus: Kept,
    _server: Kept,
}

impl Display {
    /// Starts X server, session bus and accessibility bus, and switches accessibility on.
    ///
    /// `runtime` is a folder for sockets; its path must be short.
    pub fn start(logs: &Path, runtime: &Path, interrupt: &Interrupt) -> Result<Display> {
        let mut server = Kept::start("xvfb", Path::new("Xvfb"), logs, Owner::Us, |command| {
            command.args(["-displayfd", "1", "-screen", "0", SCREEN, "-nolisten", "tcp", "-noreset"]);
        })?;
        let name = format!(":{}", server.next_line(START, interrupt)?.trim());

        let mut bus = Kept::start("dbus", Path::new("dbus-daemon"), logs, Owner::Us, |command| {
            command.args(["--session", "--nofork", "--nopidfile", "--print-address=1"]);
            // Services the bus activates must find this display, not the user's.
            command.env("DISPLAY", &name).env("XDG_RUNTIME_DIR", runtime).env("GSETTINGS_BACKEND", "memory");
            command.env("XDG_DATA_DIRS", "/usr/local/share:/usr/share");
            command.env_remove("DBUS_SESSION_BUS_ADDRESS").env_remove("WAYLAND_DISPLAY");
        })?;
        let session = bus.next_line(START, interrupt)?.trim().to_owned();

        // The session bus starts the accessibility bus when it is asked for the first time.
        let accessibility = interrupt.wait_for("the accessibility bus's start", START, || {
            bus.must_run()?;
            Ok(switch_on(&session).ok())
        })?;
        let runtime = runtime.to_path_buf();
        Ok(Display { accessibility, name, session, runtime, _bus: bus, _server: server })
    }

    /// Lets a program appear on this display and be seen over the accessibility bus.
    pub fn dress(&self, command: &mut Command) {
        command.env("DISPLAY", &self.name).env("DBUS_SESSION_BUS_ADDRESS", &self.session);
        command.env("XDG_RUNTIME_DIR", &self.runtime).env_remove("WAYLAND_DISPLAY");
        // One logical pixel is one pixel, whatever the virtual monitor's size in millimetres would suggest.
        command.env("WINIT_X11_SCALE_FACTOR", "1").env("SLINT_SCALE_FACTOR", "1");
    }
}

/// Sets `org.a11y.Status.IsEnabled`, which toolkits look at when they start, and asks where the accessibility bus is.
fn switch_on(session: &str) -> Result<String> {
    let connection = zbus::blocking::connection::Builder::address(session)?.method_timeout(CALL).build()?;
    let on = Value::from(true);
    connection.call_method(
        Some("org.a11y.Bus"),
        "/org/a11y/bus",
        Some("org.freedesktop.DBus.Properties"),
        "Set",
        &("org.a11y.Status", "IsEnabled", on),
    )?;
    let reply = connection.call_method(
        Some("org.a11y.Bus"),
        "/org/a11y/bus",
        Some("org.a11y.Bus"),
        "GetAddress",
        &(),
    )?;
    let address: String = reply.body().deserialize().context("the accessibility bus has no address")?;
    Ok(address)
}
