//! Good files, and every mistake at once.

use super::*;

const DOCUMENTED: &str = include_str!("../../kiosk.toml");

#[test]
fn the_documented_file_is_valid_and_names_every_key() {
    let config = Config::parse("kiosk.toml", DOCUMENTED).unwrap();
    assert_eq!(config.kiosk.id, "110101-0007");
    assert_eq!(config.devices.id_card.unwrap().reader, "Virtual PCD 00 00");
    let platform = config.platform.unwrap();
    assert_eq!(platform.client_key, Path::new("/var/lib/kiosk/keys/tls.key"));
    assert_eq!(config.devices.document_scanner.unwrap().options, []);
    assert_eq!(config.devices.sound.unwrap().device, "default");
    assert_eq!(config.devices.attendant_call.unwrap().address, "192.168.1.40:4001");
}

#[test]
fn all_mistakes_are_listed_at_once_with_lines_and_what_was_expected() {
    let text = r#"
[kiosk]
id = "hall seven"
state = "var/lib/kiosk"
colour = "red"

[id_card]
transport = "telepathy"
reader = 7
profile = "storage-card"

[receipt_printer]
transport = "tcp"
address = "127.0.0.1"
profile = "generic"

[document_scanner]
transport = "sane"
device = "test:0"
options = { swdeskew = true }

[attendant_call]
address = "lamp"

[platform]
url = "http://127.0.0.1"
bandwidth = 1

[screen]
rotation = 45

[toaster]
"#;
    let ConfigError::Invalid(list) = Config::parse("kiosk.toml", text).unwrap_err() else {
        panic!("readable")
    };
    let list: Vec<String> = list.iter().map(ToString::to_string).collect();
    let expected = [
        "kiosk.toml:3: `id`: expected hall and machine such as \"110101-0007\", found \"hall seven\"",
        "kiosk.toml:4: `state`: expected an absolute path, found \"var/lib/kiosk\"",
        "kiosk.toml:5: unknown key `colour`; expected one of: id, state, hall",
        "kiosk.toml:8: `transport`: expected \"pcsc\", found \"telepathy\"",
        "kiosk.toml:9: expected a string, found integer",
        "kiosk.toml:14: `address`: expected host and port such as \"127.0.0.1:9100\", found \"127.0.0.1\"",
        "kiosk.toml:20: `options`: expected a table of texts such as { swdeskew = \"yes\" }",
        "kiosk.toml:23: `address`: expected host and port such as \"127.0.0.1:9100\", found \"lamp\"",
        "kiosk.toml:26: `url`: expected an address such as \"https://127.0.0.1:8443\", found \"http://127.0.0.1\"",
        "kiosk.toml:27: `bandwidth` must be between 64 and 1000000, found 1",
        "kiosk.toml:30: `rotation` must be 0, 90, 180 or 270, found 45",
        "kiosk.toml:32: unknown key `toaster`; expected one of: kiosk, id_card, receipt_printer, camera, document_scanner, sound, attendant_call, platform, screen, matters",
    ];
    assert_eq!(list, expected);
}

#[test]
fn a_machine_with_nothing_but_a_name_is_a_machine() {
    let config = Config::parse("k", "[kiosk]\nid = \"110101-0007\"\nstate = \"/s\"\n").unwrap();
    assert_eq!(config.kiosk.hall, "110101-0007");
    assert!(
        config.devices.id_card.is_none()
            && config.devices.receipt_printer.is_none()
            && config.platform.is_none()
    );
}

#[test]
fn text_that_is_no_toml_is_one_mistake_with_its_line() {
    let Err(ConfigError::Invalid(list)) = Config::parse("k", "[kiosk]\nid = = 7\n") else {
        panic!("accepted")
    };
    assert_eq!(list[0].line, 2);
}
