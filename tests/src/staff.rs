//! What people do around a kiosk: enrol it again, change its catalogue, submit from files, answer calls, or pose as its
//! platform.

use std::path::PathBuf;

use platform::ca;
use simulators::clerk::Clerk;

use crate::hall::Hall;

impl Hall {
    /// The kiosk gets a new signing key and is enrolled with it; gives the epoch that begins.
    pub fn enrol_again(&self) -> u64 {
        ::hall::Hall::enrol_again(self).unwrap()["epoch"].as_u64().unwrap()
    }

    /// The folder of an impostor with the platform's certificates and kiosks, but a receipt key of its own.
    pub fn impostor(&self) -> PathBuf {
        let impostor = self.path("impostor");
        ::hall::folder::copy(&self.folder.platform(), &impostor).unwrap();
        std::fs::remove_file(impostor.join("receipt.key")).unwrap();
        ca::init(&impostor, &["127.0.0.1".to_owned()]).unwrap();
        impostor
    }

    /// Somebody edits the catalogue's folder: a renewal costs another fee.
    pub fn raises_the_fee(&self, from: &str, to: &str) {
        let file = self.matters().join("id-card-renewal.toml");
        let text = std::fs::read_to_string(&file).unwrap();
        let fee = |yuan: &str| format!("fee_yuan = {yuan}");
        assert!(text.contains(&fee(from)));
        std::fs::write(&file, text.replacen(&fee(from), &fee(to), 1)).unwrap();
    }

    /// The operator puts a catalogue on the platform in which a renewal costs 25 yuan.
    pub fn puts_a_dearer_catalogue(&self) {
        self.raises_the_fee("20", "25");
        self.platform_command(&["catalogue", "put", self.matters().to_str().unwrap()]);
    }

    /// Submits a household certificate from a file, as staff do; gives its case number.
    pub fn submits_a_certificate(&self) -> String {
        let file = ::hall::root().join("kiosk-app/tests/certificate.toml");
        let words = ["submit", "household-certificate", "--answers", file.to_str().unwrap()];
        let answer = self.command(&words);
        assert!(answer.success, "{}", answer.json);
        answer.json["case_number"].as_str().unwrap().to_owned()
    }

    /// A clerk who signs in to the platform's pages.
    pub fn clerk(&self) -> Clerk {
        let account = self.platform_command(&["clerk", "add", "李明"]);
        let password = account["password"].as_str().unwrap();
        Clerk::sign_in(&self.pages, &self.path("enrol/ca.pem"), "李明", password).unwrap()
    }
}
