//! The words of `kiosk-platform` and what they do.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use clap::{Parser, Subcommand};
use jiff::{Timestamp, ToSpan};
use platform::clerk::ClerkCommand;
use platform::store::checks::{CheckState, Decision};
use platform::store::progress::State;
use platform::store::{Again, Store};
use platform::{PlatformError, ca, catalogue, report, verify};
use serde_json::{Value, json};

/// Reference intake of the central platform.
#[derive(Parser)]
#[command(name = "kiosk-platform", version)]
pub struct Arguments {
    /// The platform's folder: keys, certificates, database.
    #[arg(long, value_name = "DIR")]
    pub state: PathBuf,
    /// Print one JSON object.
    #[arg(long, global = true)]
    pub json: bool,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand)]
pub enum Command {
    /// Take requests until SIGTERM or SIGINT.
    Serve {
        /// Address and port for kiosks; port 0 takes a free one.
        #[arg(long, default_value = "127.0.0.1:8443")]
        listen: SocketAddr,
        /// Address and port for browsers: clerks' pages and the pay page; port 0 takes a free one.
        #[arg(long, value_name = "ADDR")]
        public: Option<SocketAddr>,
        /// What citizens' phones call the public address; without it, https:// and the address itself.
        #[arg(long, value_name = "URL", requires = "public")]
        public_url: Option<String>,
        /// A program that compares faces, see docs/platform-api.md.
        #[arg(long, value_name = "PROGRAM")]
        matcher: Option<PathBuf>,
        /// Room on the disk that kiosks' requests and files leave free.
        #[arg(long, value_name = "MIB", default_value_t = platform::KEEP_FREE)]
        keep_free: u32,
    },
    #[command(flatten)]
    Once(Once),
}

/// What is done at once, and answered with one object.
#[derive(Subcommand)]
pub enum Once {
    /// Make the authority, the server's certificate and the receipt key; what exists stays.
    Init {
        /// A name or address that kiosks reach the server by; may be given several times.
        #[arg(long = "name", default_value = "127.0.0.1")]
        names: Vec<String>,
    },
    /// Record a kiosk and sign its certificate.
    Enrol {
        /// Its id, such as 110101-0007.
        #[arg(long)]
        kiosk: String,
        /// Its public signing key, 64 hex digits.
        #[arg(long, value_name = "HEX")]
        signing_key: String,
        /// Its certificate request, PEM.
        #[arg(long, value_name = "FILE")]
        csr: PathBuf,
        /// Where to put client.pem, ca.pem, receipt.pub and sealing.pub.
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
        /// Begin a new epoch with a new signing key: the kiosk was revoked, or lost its store or its key.
        #[arg(long)]
        again: bool,
    },
    /// Make a further key that requests are sealed to; kiosks learn it with their next enrolment.
    NewSealingKey,
    /// All requests, each verified again.
    List,
    /// One request with its content.
    Show {
        /// Its id, acceptance number or case number.
        id: String,
    },
    /// Every kiosk with its last heartbeat.
    Kiosks,
    /// Check a kiosk's chains: every signature, every link, the newest head.
    Verify {
        /// Its id.
        kiosk: String,
    },
    /// Refuse a kiosk from now on.
    Revoke {
        /// Its id.
        #[arg(long)]
        kiosk: String,
    },
    /// Forks, rollbacks, gaps and changed journals that nobody has ended.
    Alarms {
        /// Those that ended too.
        #[arg(long)]
        all: bool,
        /// End an alarm that somebody has looked into.
        #[arg(long, value_name = "NUMBER")]
        end: Option<i64>,
    },
    /// The newest lines of the journal.
    Journal {
        /// How many.
        #[arg(long, default_value_t = 100)]
        last: u32,
    },
    /// Set how far a case is.
    Progress {
        /// Its acceptance number or case number.
        case: String,
        /// accepted, reviewing, more-needed, approved, producing, ready, sent, finished or refused.
        state: State,
        /// A word for the applicant.
        #[arg(long)]
        note: Option<String>,
    },
    /// Calls for an attendant that have not ended.
    Calls {
        /// Say that somebody comes to this kiosk's calls.
        #[arg(long, value_name = "KIOSK")]
        answer: Option<String>,
    },
    /// Identity checks that nobody has decided for good.
    Checks,
    /// Decide an identity check.
    Decide {
        /// Its id.
        check: String,
        /// match, no-match or unsure.
        state: CheckState,
        /// Who decides.
        #[arg(long, value_name = "NAME")]
        by: String,
    },
    /// Slots for appointments.
    Slots {
        #[command(subcommand)]
        what: Option<Slots>,
    },
    /// The catalogue that kiosks fetch.
    Catalogue {
        #[command(subcommand)]
        what: Catalogue,
    },
    /// Clerks who may sign in to the pages.
    Clerk {
        #[command(subcommand)]
        what: ClerkCommand,
    },
}

#[derive(Subcommand)]
pub enum Slots {
    /// Offer a slot; the same office and time again changes it.
    Offer {
        /// The office.
        #[arg(long)]
        office: String,
        /// From when, such as 2026-12-01T09:00+08:00.
        #[arg(long)]
        start: Timestamp,
        /// How long.
        #[arg(long, default_value_t = 30)]
        minutes: u32,
        /// How many can come.
        #[arg(long, default_value_t = 1)]
        places: u32,
    },
}

#[derive(Subcommand)]
pub enum Catalogue {
    /// Check the files of a folder, sign them and offer them to every kiosk.
    Put {
        /// The folder: a file for each matter, and those of each region in its folder under `regions`.
        folder: PathBuf,
    },
}

/// Does one thing.
pub fn run(state: &Path, command: Once) -> Result<Value, PlatformError> {
    Ok(match command {
        Once::Init { names } => json!(ca::init(state, &names)?),
        Once::Enrol { kiosk, signing_key, csr, out, again } => {
            let csr = std::fs::read_to_string(&csr)
                .map_err(|source| PlatformError::File { path: csr.clone(), source })?;
            let again = if again { Again::Yes } else { Again::No };
            json!(ca::enrol(state, &kiosk, &signing_key, &csr, &out, again)?)
        }
        Once::NewSealingKey => json!({ "sealing_key": ca::new_sealing_key(state)? }),
        Once::Clerk { what } => what.run(state)?,
        Once::List => json!({ "requests": report::list(state)? }),
        Once::Show { id } => json!(report::show(state, &id)?),
        Once::Kiosks => json!({ "kiosks": Store::open(state)?.kiosks()? }),
        Once::Verify { kiosk } => {
            let found = verify::verify(state, &kiosk)?;
            if !found.is_intact() {
                return Err(PlatformError::Chain { kiosk, findings: json!(found.epochs).to_string() });
            }
            json!(found)
        }
        Once::Revoke { kiosk } => {
            platform::revoke(state, &kiosk)?;
            json!({ "revoked": kiosk })
        }
        Once::Alarms { all, end } => {
            let store = Store::open(state)?;
            if let Some(number) = end {
                known(store.end_alarm(number)?, "alarm", &number.to_string())?;
            }
            json!({ "alarms": store.alarms(all)? })
        }
        Once::Journal { last } => json!({ "journal": Store::open(state)?.journal(last)? }),
        Once::Progress { case, state: to, note } => {
            known(Store::open(state)?.set_progress(&case, to, note.as_deref())?, "case", &case)?;
            json!({ "case": case, "state": to })
        }
        Once::Calls { answer } => {
            let store = Store::open(state)?;
            for call in store.calls()? {
                if answer.as_ref() == Some(&call.kiosk) {
                    store.answer_call(&call.kiosk, &call.id)?;
                }
            }
            json!({ "calls": store.calls()? })
        }
        Once::Checks => json!({ "checks": Store::open(state)?.open_checks()? }),
        Once::Decide { check, state: to, by } => {
            known(to.is_decision(), "decision", to.word())?;
            let decision = Decision { state: to, by: &format!("clerk {by}"), score: None };
            known(Store::open(state)?.decide_check(&check, &decision)?, "identity check", &check)?;
            json!({ "check": check, "state": to })
        }
        Once::Slots { what: None } => {
            let now = Timestamp::now().as_second();
            json!({ "slots": Store::open(state)?.slots(now, i64::MAX)? })
        }
        Once::Slots { what: Some(Slots::Offer { office, start, minutes, places }) } => {
            let end = start.checked_add(i64::from(minutes).minutes());
            let end = end.map_err(|_| PlatformError::Slot("its end is outside of the calendar"))?;
            if minutes == 0 || places == 0 || office.is_empty() {
                return Err(PlatformError::Slot("it needs an office, a minute and a place"));
            }
            let store = Store::open(state)?;
            json!({ "slot": store.offer_slot(&office, start.as_second(), end.as_second(), places)? })
        }
        Once::Catalogue { what: Catalogue::Put { folder } } => {
            json!({ "catalogue": catalogue::put(state, &folder)? })
        }
    })
}

fn known(found: bool, what: &'static str, name: &str) -> Result<(), PlatformError> {
    if found { Ok(()) } else { Err(PlatformError::Unknown { what, name: name.to_owned() }) }
}
