//! Makes a kiosk's keys, or keeps a synthetic request and sends it: the outbox by hand.
//!
//! ```text
//! cargo run -p outbox --example submit -- --state K keys            # prints the signing key; writes K/keys/tls.csr
//! kiosk-platform --state P enrol --kiosk 110101-0007 --signing-key … --csr K/keys/tls.csr --out K/platform
//! cargo run -p outbox --example submit -- --state K send --url https://127.0.0.1:8443 --name 测试员
//! ```

use std::error::Error;
use std::path::PathBuf;
use std::sync::mpsc;
use std::time::Duration;

use clap::{Parser, Subcommand};
use jiff::Timestamp;
use outbox::forward::{PlatformClient, PlatformConfig, forward_once};
use outbox::{Draft, Keys, Outbox, identity};
use protocol::envelope::CardRecord;

const KIOSK: &str = "110101-0007";

#[derive(Parser)]
struct Arguments {
    /// The kiosk's folder.
    #[arg(long)]
    state: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make the keys.
    Keys,
    /// Keep a request and send all that wait.
    Send {
        /// The platform.
        #[arg(long)]
        url: String,
        /// The name on the synthetic card.
        #[arg(long, default_value = "测试员")]
        name: String,
    },
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse();
    let state = arguments.state;
    let keys_dir = state.join("keys");
    let keys = Keys::load_or_create(&keys_dir)?;
    match arguments.command {
        Command::Keys => {
            let identity = identity::load_or_create_tls_key_and_csr(&keys_dir, KIOSK)?;
            std::fs::write(keys_dir.join("tls.csr"), identity.csr_pem)?;
            println!("{}", keys.public_hex());
        }
        Command::Send { url, name } => {
            let sealing = outbox::sealing_keys::load(&state.join("platform/sealing.pub"))?;
            let outbox = Outbox::open_sealing(&state.join("outbox"), KIOSK, keys, sealing)?;
            let now = Timestamp::now();
            let date = now.to_zoned(jiff::tz::TimeZone::UTC).date();
            let (answer, saved) = mpsc::channel();
            outbox.submit(draft(&name, now), date, move |result| drop(answer.send(result)));
            println!("saved {}", saved.recv()??.case_number);
            let platform = state.join("platform");
            let client = PlatformClient::new(PlatformConfig {
                url,
                ca: platform.join("ca.pem"),
                receipt_key: platform.join("receipt.pub"),
                client_cert: platform.join("client.pem"),
                client_key: keys_dir.join(identity::KEY_FILE),
                timeout: Duration::from_secs(10),
            })?;
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            println!("{:?}", runtime.block_on(forward_once(&outbox, &client)));
            for row in outbox.list()? {
                println!("{row:?}");
            }
        }
    }
    Ok(())
}

/// Nobody's card: a made-up record in the form of GA/T 490.
fn draft(name: &str, now: Timestamp) -> Draft {
    let mut text = [u16::from(b' '); 128];
    let mut put = |at: usize, value: &str| {
        for (unit, new) in text.iter_mut().skip(at / 2).zip(value.encode_utf16()) {
            *unit = new;
        }
    };
    put(0, name);
    put(36, "19491231");
    put(122, "11010519491231002X");
    put(204, "长期");
    let mut card = vec![1, 0, 4, 0];
    card.extend(text.iter().flat_map(|unit| unit.to_le_bytes()));
    card.extend([0; 1024]);
    Draft {
        matter: "household-certificate".into(),
        matter_revision: 1,
        language: "zh-Hans".into(),
        notice_version: "1".into(),
        notice_accepted: now.as_second(),
        created: now.as_second(),
        card: CardRecord::new(card),
        answers: vec![("purpose".into(), "school".into())],
        deadline: "2027-01-20".into(),
        attachments: Vec::new(),
    }
}
