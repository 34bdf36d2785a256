//! The operator puts a newer catalogue on the platform: kiosks take it while they run, and keep it.

use tests::{Hall, Options};

#[test]
fn a_newer_one_of_the_platform_comes_into_effect_and_outlives_a_restart() {
    let mut hall = Hall::new(Options { folder: false, ..Options::default() }.without_reader());
    hall.puts_a_dearer_catalogue();
    hall.open().finds_the_fee(25);
    hall.close();

    hall.switch_platform_off();
    let answer = hall.command(&["catalogue", "check"]);
    assert_eq!((answer.success, &answer.json["number"]), (true, &1.into()), "{}", answer.json);
    hall.open().finds_the_fee(25);
}
