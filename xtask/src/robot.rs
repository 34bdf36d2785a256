//! A robot that uses the kiosk as a citizen does: it reads the screen over the accessibility bus, touches what it
//! found there, and takes pictures.

mod atspi;
mod giving;
mod paying;
mod shot;
mod touch;
mod visit;
mod words;

pub use shot::Camera;
pub use visit::{Robot, Visit};
pub use words::Matter;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::atspi::Eyes;
    use super::shot::Camera;
    use super::touch::Finger;
    use crate::process::Interrupt;
    use crate::stage::Display;

    /// Eyes, finger and camera on an empty private display; afterwards nothing of it is left.
    #[test]
    fn a_private_display_can_be_seen_and_touched_and_goes() {
        let folder = tempfile::tempdir().unwrap();
        let interrupt = Interrupt::never();
        let display = Display::start(folder.path(), folder.path(), &interrupt).unwrap();
        let eyes = Eyes::open(&display.accessibility).unwrap();
        assert!(eyes.look().unwrap().is_empty(), "nobody shows anything yet");
        let unseen = eyes.wait("a kiosk", Duration::from_millis(200), &interrupt, |things| {
            Ok(things.iter().any(|thing| thing.name == "kiosk").then_some(()))
        });
        assert!(unseen.unwrap_err().to_string().contains("a kiosk was not seen"));

        Finger::open(&display.name).unwrap().touch((540, 960)).unwrap();
        assert!(!Camera::open(&display.name).unwrap().now().unwrap().shows_something());

        let name = display.name.clone();
        drop(display);
        assert!(Finger::open(&name).is_err(), "the X server has ended");
    }
}
