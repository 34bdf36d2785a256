//! `kiosk-platform clerk …`: accounts from the command line. There is no page for it: who may add a clerk has the machine.

use std::io::BufRead;
use std::path::Path;

use clap::Subcommand;
use jiff::Timestamp;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::ca;
use crate::error::PlatformError;
use crate::store::Store;
use crate::store::clerks::accounts::{Accounts, Role};
use crate::store::clerks::error::ClerkError;
use crate::store::clerks::{heads, password};

/// The longest line that is read as a password, in bytes.
const LONGEST_LINE: u64 = 1024;

/// What can be done with clerks.
#[derive(Subcommand)]
pub enum ClerkCommand {
    /// Add a clerk; a password is made and printed once.
    Add {
        /// The name to sign in with.
        name: String,
        /// Read the password from standard input instead.
        #[arg(long)]
        password_stdin: bool,
        /// reader: looks and changes nothing; clerk: works on requests.
        #[arg(long, default_value = "clerk")]
        role: Role,
    },
    /// Say what a clerk may do from now on; every session ends.
    Role {
        /// The name.
        name: String,
        /// reader or clerk.
        role: Role,
    },
    /// Give a clerk another password; every session ends.
    Reset {
        /// The name.
        name: String,
        /// Read the password from standard input instead.
        #[arg(long)]
        password_stdin: bool,
    },
    /// Refuse a clerk from now on; every session ends.
    Disable {
        /// The name.
        name: String,
    },
    /// All clerks.
    List,
    /// Check that nobody changed the journal of what clerks looked at, and that it goes on from its signed head.
    VerifyJournal,
    /// Sign the journal's head and print it, in hex: to be kept elsewhere.
    Head,
}

impl ClerkCommand {
    /// Runs it on the folder that `init` filled; gives what is printed.
    ///
    /// # Errors
    /// [`PlatformError`], mostly a [`ClerkError`].
    pub fn run(&self, state: &Path) -> Result<Value, PlatformError> {
        let mut accounts = Accounts::open(state)?;
        match self {
            Self::Add { name, password_stdin, role } => {
                let password = Password::of(*password_stdin)?;
                accounts.add(name, &password.text, *role, Timestamp::now().as_second())?;
                Ok(password.shown(name))
            }
            Self::Role { name, role } => {
                accounts.set_role(name, *role)?;
                Ok(json!({ "clerk": name, "role": role }))
            }
            Self::Reset { name, password_stdin } => {
                let password = Password::of(*password_stdin)?;
                accounts.reset(name, &password.text)?;
                Ok(password.shown(name))
            }
            Self::Disable { name } => {
                accounts.disable(name, Timestamp::now().as_second())?;
                Ok(json!({ "disabled": name }))
            }
            Self::List => Ok(json!({ "clerks": accounts.list()? })),
            Self::VerifyJournal => match accounts.verify_journal()? {
                Ok(lines) => {
                    let key = ca::receipt_key(state)?.verifying_key();
                    let head = heads::check(&Store::open(state)?, &accounts, &key)?;
                    Ok(json!({ "lines": lines, "journal": "intact", "signed_lines": head }))
                }
                Err(line) => Err(ClerkError::JournalBroken(line).into()),
            },
            Self::Head => {
                let store = Store::open(state)?;
                heads::sign(&store, &accounts, &ca::receipt_key(state)?)?;
                Ok(json!({ "head": store.newest_clerk_head()?.map(hex::encode) }))
            }
        }
    }
}

/// A password, and whether it was made here.
struct Password {
    text: Zeroizing<String>,
    made: bool,
}

impl Password {
    fn of(stdin: bool) -> Result<Self, ClerkError> {
        if !stdin {
            return Ok(Self { text: password::made()?, made: true });
        }
        let mut text = Zeroizing::new(String::new());
        std::io::Read::take(std::io::stdin().lock(), LONGEST_LINE)
            .read_line(&mut text)
            .map_err(ClerkError::Input)?;
        let end = text.trim_end_matches(['\r', '\n']).len();
        text.truncate(end);
        Ok(Self { text, made: false })
    }

    /// Only a password that was made here is printed.
    fn shown(&self, name: &str) -> Value {
        if self.made { json!({ "clerk": name, "password": *self.text }) } else { json!({ "clerk": name }) }
    }
}
