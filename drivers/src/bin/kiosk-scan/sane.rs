//! The dozen functions of libsane in use, declared by hand, and the only unsafe code of the scanner.
//!
//! Source: `sane.h` of SANE 1.2 and the SANE standard 1.06, section 4. The ABI has not changed since 1.0.

#![expect(unsafe_code, reason = "libsane is a C library without a maintained crate")]

use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::ptr;

use drivers::document_scanner::SaneStatus;

use crate::assemble::Parameters;
use crate::choose::{Constraint, Kind, Setting};

type RawHandle = *mut c_void;

/// `SANE_Option_Descriptor`.
#[repr(C)]
struct RawDescriptor {
    name: *const c_char,
    title: *const c_char,
    desc: *const c_char,
    kind: c_int,
    unit: c_int,
    size: c_int,
    cap: c_int,
    constraint_type: c_int,
    constraint: *const c_void,
}

/// `SANE_Range`.
#[repr(C)]
struct RawRange {
    min: c_int,
    max: c_int,
    quant: c_int,
}

/// `SANE_Device`.
#[repr(C)]
struct RawDevice {
    name: *const c_char,
    vendor: *const c_char,
    model: *const c_char,
    kind: *const c_char,
}

#[link(name = "sane")]
unsafe extern "C" {
    fn sane_init(version: *mut c_int, authorize: *const c_void) -> c_int;
    fn sane_exit();
    fn sane_get_devices(list: *mut *const *const RawDevice, local_only: c_int) -> c_int;
    fn sane_open(name: *const c_char, handle: *mut RawHandle) -> c_int;
    fn sane_close(handle: RawHandle);
    fn sane_get_option_descriptor(handle: RawHandle, option: c_int) -> *const RawDescriptor;
    fn sane_control_option(
        handle: RawHandle,
        option: c_int,
        action: c_int,
        value: *mut c_void,
        info: *mut c_int,
    ) -> c_int;
    fn sane_get_parameters(handle: RawHandle, parameters: *mut Parameters) -> c_int;
    fn sane_start(handle: RawHandle) -> c_int;
    fn sane_read(handle: RawHandle, data: *mut u8, max_length: c_int, length: *mut c_int) -> c_int;
    fn sane_cancel(handle: RawHandle);
    fn sane_strstatus(status: c_int) -> *const c_char;
}

const ACTION_GET: c_int = 0;
const ACTION_SET: c_int = 1;
const CAP_SOFT_SELECT: c_int = 1;
const CAP_INACTIVE: c_int = 1 << 5;
const CONSTRAINT_RANGE: c_int = 1;
const CONSTRAINT_WORDS: c_int = 2;
const CONSTRAINT_STRINGS: c_int = 3;

/// The most entries read from a list of the library, so that a list without an end does not loop.
const MAX_LIST: usize = 4096;

/// A status that is not good, as SANE's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bad(pub c_int);

impl Bad {
    /// The status with its meaning.
    pub fn status(self) -> SaneStatus {
        SaneStatus::from_code(self.0)
    }

    /// The library's words for it.
    pub fn text(self) -> String {
        // SAFETY: takes any number; answers a string constant of the library, or null.
        text(unsafe { sane_strstatus(self.0) }).unwrap_or_default()
    }
}

fn check(status: c_int) -> Result<(), Bad> {
    if status == 0 { Ok(()) } else { Err(Bad(status)) }
}

fn text(string: *const c_char) -> Option<String> {
    if string.is_null() {
        return None;
    }
    // SAFETY: not null; each string of the library ends with a zero and lives until its next call, past this copy.
    Some(unsafe { CStr::from_ptr(string) }.to_string_lossy().into_owned())
}

/// The library, started. Only one may exist; dropping it ends the library.
pub struct Sane(());

impl Sane {
    /// Starts the library.
    pub fn start() -> Result<Self, Bad> {
        // SAFETY: both arguments may be null: no version wanted, and no passwords are given.
        check(unsafe { sane_init(ptr::null_mut(), ptr::null()) }).map(|()| Self(()))
    }

    /// Opens a scanner.
    pub fn open(&self, name: &CStr) -> Result<Device<'_>, Bad> {
        let mut handle = ptr::null_mut();
        // SAFETY: the library is started while `self` lives; the name ends with a zero; `handle` is ours.
        check(unsafe { sane_open(name.as_ptr(), &raw mut handle) })?;
        Ok(Device { handle, _sane: self })
    }

    /// Maker and model of a scanner, when the library lists it. Network scanners are not asked for: that takes seconds,
    /// and their names say what they are.
    pub fn model(&self, name: &CStr) -> Option<String> {
        let mut list: *const *const RawDevice = ptr::null();
        // SAFETY: the library is started while `self` lives; `list` is ours.
        check(unsafe { sane_get_devices(&raw mut list, 1) }).ok()?;
        if list.is_null() {
            return None;
        }
        for index in 0..MAX_LIST {
            // SAFETY: the list ends with a null pointer, at which this loop ends; it lives until the next call.
            let device = unsafe { (*list.add(index)).as_ref() }?;
            // SAFETY: the name of a listed device is never null (standard 4.2.8) and ends with a zero.
            if !device.name.is_null() && unsafe { CStr::from_ptr(device.name) } == name {
                return Some(format!("{} {}", text(device.vendor)?, text(device.model)?));
            }
        }
        None
    }
}

impl Drop for Sane {
    fn drop(&mut self) {
        // SAFETY: the library was started, and no device outlives `self`.
        unsafe { sane_exit() }
    }
}

/// An open scanner. Dropping it stops the scan and closes the scanner.
pub struct Device<'a> {
    handle: RawHandle,
    _sane: &'a Sane,
}

impl Device<'_> {
    /// The option of this name, when it can be set now.
    pub fn setting(&self, name: &str) -> Option<Setting> {
        let count = self.option_count()?;
        (1..count).filter_map(|number| self.describe(number)).find(|setting| setting.name == name)
    }

    /// Whether the scanner has an option of this name that exists only under other settings than those of now.
    pub fn is_inactive(&self, name: &str) -> bool {
        let Some(count) = self.option_count() else { return false };
        (1..count)
            .filter_map(|number| self.descriptor(number))
            .any(|raw| raw.cap & CAP_INACTIVE != 0 && text(raw.name).is_some_and(|known| known == name))
    }

    fn option_count(&self) -> Option<c_int> {
        let mut count: c_int = 0;
        // SAFETY: option 0 is in every scanner and is one word, for which `count` is room.
        let status = unsafe {
            sane_control_option(self.handle, 0, ACTION_GET, (&raw mut count).cast(), ptr::null_mut())
        };
        check(status).ok()?;
        Some(count)
    }

    fn descriptor(&self, number: c_int) -> Option<&RawDescriptor> {
        // SAFETY: the handle is open; the answer is null or lives until the scanner is closed.
        unsafe { sane_get_option_descriptor(self.handle, number).as_ref() }
    }

    fn describe(&self, number: c_int) -> Option<Setting> {
        let raw = self.descriptor(number)?;
        if raw.cap & CAP_SOFT_SELECT == 0 || raw.cap & CAP_INACTIVE != 0 {
            return None;
        }
        let kind = match raw.kind {
            0 => Kind::Bool,
            1 => Kind::Int,
            2 => Kind::Fixed,
            3 => Kind::Text,
            _ => Kind::Other,
        };
        let size = usize::try_from(raw.size).ok()?;
        Some(Setting {
            number,
            name: text(raw.name)?,
            kind,
            in_pixels: raw.unit == 1,
            size,
            constraint: constraint(raw),
        })
    }

    /// Sets an option to a number, in the option's own type.
    pub fn set_word(&self, setting: &Setting, mut value: c_int) -> Result<(), Bad> {
        // An array would be read past our one word.
        if setting.size != size_of::<c_int>() || !matches!(setting.kind, Kind::Bool | Kind::Int | Kind::Fixed)
        {
            return Err(Bad(4));
        }
        // SAFETY: the option is of the one word that `value` is.
        check(unsafe {
            sane_control_option(
                self.handle,
                setting.number,
                ACTION_SET,
                (&raw mut value).cast(),
                ptr::null_mut(),
            )
        })
    }

    /// The number an option is set to.
    pub fn word(&self, setting: &Setting) -> Option<c_int> {
        if setting.size != size_of::<c_int>() || !matches!(setting.kind, Kind::Bool | Kind::Int | Kind::Fixed)
        {
            return None;
        }
        let mut value: c_int = 0;
        // SAFETY: the option is of the one word that `value` is.
        let status = unsafe {
            sane_control_option(
                self.handle,
                setting.number,
                ACTION_GET,
                (&raw mut value).cast(),
                ptr::null_mut(),
            )
        };
        check(status).ok().map(|()| value)
    }

    /// Sets an option to a text.
    pub fn set_text(&self, setting: &Setting, value: &str) -> Result<(), Bad> {
        let value = CString::new(value).map_err(|_| Bad(4))?.into_bytes_with_nul();
        if setting.kind != Kind::Text || value.len() > setting.size {
            return Err(Bad(4));
        }
        // The library may read, and on an inexact match write, up to the option's full size.
        let mut room = value;
        room.resize(setting.size, 0);
        // SAFETY: `room` has the option's size and ends with a zero.
        check(unsafe {
            sane_control_option(
                self.handle,
                setting.number,
                ACTION_SET,
                room.as_mut_ptr().cast(),
                ptr::null_mut(),
            )
        })
    }

    /// Begins a frame.
    pub fn start(&self) -> Result<(), Bad> {
        // SAFETY: the handle is open.
        check(unsafe { sane_start(self.handle) })
    }

    /// The shape of the frame that was begun.
    pub fn parameters(&self) -> Result<Parameters, Bad> {
        let mut parameters = Parameters::default();
        // SAFETY: the handle is open; `parameters` has the layout of the standard.
        check(unsafe { sane_get_parameters(self.handle, &raw mut parameters) })?;
        Ok(parameters)
    }

    /// Reads a part of the frame; the end is the status `Eof`.
    pub fn read(&self, buffer: &mut [u8]) -> Result<usize, Bad> {
        let room = c_int::try_from(buffer.len()).unwrap_or(c_int::MAX);
        let mut length: c_int = 0;
        // SAFETY: the handle is open; the buffer has at least `room` bytes.
        check(unsafe { sane_read(self.handle, buffer.as_mut_ptr(), room, &raw mut length) })?;
        Ok(usize::try_from(length).unwrap_or(0).min(buffer.len()))
    }

    /// Ends the scan; the standard asks for it after the last frame too.
    pub fn cancel(&self) {
        // SAFETY: the handle is open.
        unsafe { sane_cancel(self.handle) }
    }
}

impl Drop for Device<'_> {
    fn drop(&mut self) {
        self.cancel();
        // SAFETY: the handle is open and is not used again.
        unsafe { sane_close(self.handle) }
    }
}

fn constraint(raw: &RawDescriptor) -> Constraint {
    if raw.constraint.is_null() {
        return Constraint::None;
    }
    match raw.constraint_type {
        CONSTRAINT_RANGE => {
            // SAFETY: not null, and the type says that it points to a range.
            let range = unsafe { &*raw.constraint.cast::<RawRange>() };
            Constraint::Range(range.min, range.max)
        }
        CONSTRAINT_WORDS => {
            let words = raw.constraint.cast::<c_int>();
            // SAFETY: not null; the first word is the number of those that follow.
            let count = usize::try_from(unsafe { *words }).unwrap_or(0).min(MAX_LIST);
            // SAFETY: `count` words follow the first.
            Constraint::Words(unsafe { std::slice::from_raw_parts(words.add(1), count) }.to_vec())
        }
        CONSTRAINT_STRINGS => {
            let strings = raw.constraint.cast::<*const c_char>();
            let mut texts = Vec::new();
            while texts.len() < MAX_LIST {
                // SAFETY: the list ends with a null pointer, at which this loop ends.
                match text(unsafe { *strings.add(texts.len()) }) {
                    Some(string) => texts.push(string),
                    None => break,
                }
            }
            Constraint::Texts(texts)
        }
        _ => Constraint::None,
    }
}
