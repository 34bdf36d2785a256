//! The bare console as the kiosk's own: nobody at a keyboard ends the program, leaves the screen or restarts the machine,
//! and a screen that is hung upright shows and feels upright.
//!
//! | who listens to keys  | what it would do                                   | what stops it                 |
//! |----------------------|----------------------------------------------------|-------------------------------|
//! | the toolkit          | ends its loop at Ctrl+Alt+Del, Ctrl+Alt+Backspace  | the hook here                 |
//! | the kernel's console | Ctrl+C and Ctrl+\ as signals, Alt+F2, Ctrl+Alt+Del | its keyboard is off (`K_OFF`) |
//! | systemd, SysRq       | restart the machine                                | files of the Debian package   |

#[cfg(feature = "device")]
pub use taken::take;

/// `input-event-codes.h`
const KEY_LEFTCTRL: u32 = 29;
const KEY_LEFTALT: u32 = 56;
const KEY_RIGHTCTRL: u32 = 97;
const KEY_RIGHTALT: u32 = 100;

/// How many Ctrl and Alt keys are down, on all keyboards together.
#[derive(Clone, Copy, Default)]
struct Held {
    ctrl: u8,
    alt: u8,
}

impl Held {
    /// True for a key that must not reach the toolkit: one that is pressed while Ctrl and Alt are held. The kiosk has no
    /// such shortcut. Ctrl, Alt and releases pass, so that the toolkit knows what is held.
    fn swallows(&mut self, key: u32, pressed: bool) -> bool {
        let held = match key {
            KEY_LEFTCTRL | KEY_RIGHTCTRL => &mut self.ctrl,
            KEY_LEFTALT | KEY_RIGHTALT => &mut self.alt,
            _ => return pressed && self.ctrl > 0 && self.alt > 0,
        };
        *held = if pressed { held.saturating_add(1) } else { held.saturating_sub(1) };
        false
    }
}

/// Where on the picture a touch on the glass is, as libinput wants it: the two rows of a matrix over fractions of width
/// and height. `None` where the picture is not turned.
fn turned(rotation: u32) -> Option<[f32; 6]> {
    match rotation {
        90 => Some([0.0, 1.0, 0.0, -1.0, 0.0, 1.0]),
        180 => Some([-1.0, 0.0, 1.0, 0.0, -1.0, 1.0]),
        270 => Some([0.0, -1.0, 1.0, 1.0, 0.0, 0.0]),
        _ => None,
    }
}

#[cfg(feature = "device")]
mod taken {
    use std::cell::Cell;

    use input::event::keyboard::{KeyState, KeyboardEventTrait};
    use input::event::{DeviceEvent, EventTrait, KeyboardEvent};
    use input::{Device, Event};
    use rustix::io::Errno;
    use rustix::ioctl::{IntegerSetter, ioctl};
    use slint::{BackendSelector, PlatformError};

    use super::{Held, turned};

    /// `linux/kd.h`: the keyboard's mode of a virtual console, and the one in which it gives nothing.
    const KDSKBMODE: u32 = 0x4B45;
    const K_OFF: usize = 4;

    /// Takes the console when `SLINT_BACKEND` says that the kiosk draws there, with the picture turned to the right by
    /// `rotation` degrees; otherwise changes nothing. Call it before the first window is made and the first thread started.
    ///
    /// # Errors
    /// When the toolkit cannot use the console.
    pub fn take(rotation: u32) -> Result<(), PlatformError> {
        if !std::env::var("SLINT_BACKEND").is_ok_and(|backend| backend.starts_with("linuxkms")) {
            return Ok(());
        }
        silence_the_kernels_keyboard();
        turn_the_picture(rotation);
        let held = Cell::new(Held::default());
        let hook = move |event: &Event| {
            if let Event::Device(DeviceEvent::Added(added)) = event {
                turn_touches(added.device(), rotation);
            }
            let Event::Keyboard(KeyboardEvent::Key(key)) = event else { return false };
            let mut now = held.get();
            let swallowed = now.swallows(key.key(), key.key_state() == KeyState::Pressed);
            held.set(now);
            swallowed
        };
        BackendSelector::new().with_libinput_event_hook(hook).select()
    }

    /// The toolkit knows the rotation from the environment only.
    #[expect(unsafe_code, reason = "the environment belongs to all threads")]
    fn turn_the_picture(rotation: u32) {
        if rotation != 0 {
            // SAFETY: no other thread runs yet.
            unsafe { std::env::set_var("SLINT_KMS_ROTATION", rotation.to_string()) };
        }
    }

    /// The toolkit takes touches as they come from the screen, which knows nothing of how it is hung.
    fn turn_touches(mut device: Device, rotation: u32) {
        if device.config_calibration_has_matrix()
            && let Some(turned) = turned(rotation)
            && let Err(error) = device.config_calibration_set_matrix(turned)
        {
            tracing::warn!("{} cannot be turned: {error:?}", device.name());
        }
    }

    /// systemd makes the console the program's stdin, and gives it its keyboard back when the program has ended
    /// (`TTYReset`). Without a console there is nothing to silence.
    #[expect(unsafe_code, reason = "no crate has this call of the console in safe words")]
    fn silence_the_kernels_keyboard() {
        // SAFETY: KDSKBMODE takes one of the modes as an integer.
        let done = unsafe { ioctl(std::io::stdin(), IntegerSetter::<KDSKBMODE>::new_usize(K_OFF)) };
        if let Err(error) = done
            && error != Errno::NOTTY
        {
            tracing::warn!("the console's own keyboard stays on: {error}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DELETE: u32 = 111;
    const BACKSPACE: u32 = 14;
    const F2: u32 = 60;

    /// Which of these keys are swallowed; a negative one is released.
    fn swallowed(keys: &[i64]) -> Vec<i64> {
        let mut held = Held::default();
        let hit = |key: &&i64| held.swallows(u32::try_from(key.abs()).unwrap(), **key > 0);
        keys.iter().filter(hit).copied().collect()
    }

    #[test]
    fn what_would_end_the_program_is_swallowed_whichever_ctrl_and_alt_are_held() {
        for ctrl in [KEY_LEFTCTRL, KEY_RIGHTCTRL].map(i64::from) {
            for alt in [KEY_LEFTALT, KEY_RIGHTALT].map(i64::from) {
                for key in [DELETE, BACKSPACE, F2].map(i64::from) {
                    assert_eq!(swallowed(&[ctrl, alt, key, -key]), [key]);
                    assert_eq!(swallowed(&[alt, ctrl, key, -key, key]), [key, key]);
                }
            }
        }
    }

    #[test]
    fn ordinary_keys_pass() {
        let [ctrl, alt, delete, backspace] = [KEY_LEFTCTRL, KEY_LEFTALT, DELETE, BACKSPACE].map(i64::from);
        assert!(swallowed(&[backspace, -backspace, delete, -delete]).is_empty());
        assert!(swallowed(&[ctrl, delete, -delete, -ctrl, alt, delete, -delete]).is_empty());
        assert!(swallowed(&[ctrl, alt, -ctrl, delete]).is_empty());
        assert!(
            swallowed(&[-ctrl, -alt, alt, delete]).is_empty(),
            "keys held before the start are let go of"
        );
    }

    #[test]
    fn the_corners_of_the_glass_are_corners_of_the_picture() {
        let at = |rotation, [x, y]: [f32; 2]| {
            let [a, b, c, d, e, f] = turned(rotation).unwrap_or([1.0, 0.0, 0.0, 0.0, 1.0, 0.0]);
            [a * x + b * y + c, d * x + e * y + f]
        };
        // The glass's upper left corner, and the one to the right of it.
        for (rotation, corner, right) in [
            (0, [0.0, 0.0], [1.0, 0.0]),
            (90, [0.0, 1.0], [0.0, 0.0]),
            (180, [1.0, 1.0], [0.0, 1.0]),
            (270, [1.0, 0.0], [1.0, 1.0]),
        ] {
            assert_eq!((at(rotation, [0.0, 0.0]), at(rotation, [1.0, 0.0])), (corner, right), "{rotation}");
        }
    }

    #[test]
    fn a_second_keyboard_does_not_hide_what_the_first_one_holds() {
        let [ctrl, alt, delete] = [KEY_LEFTCTRL, KEY_LEFTALT, DELETE].map(i64::from);
        assert_eq!(swallowed(&[ctrl, alt, ctrl, -ctrl, delete]), [delete]);
    }
}
