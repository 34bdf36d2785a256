//! `submit`: a request from files, through the very pages that a visitor walks through.
//!
//! ```text
//! --answers FILE ─▶ given ──╮
//! [card] or reader ─▶ card ─┼─▶ mistakes (all at once, SUB-01) ─▶ visit (session) ─▶ store
//! --attach NAME=PATH ▶ files╯
//! ```
//!
//! [`mistakes`] uses the matter's own form, rules and papers to list everything; [`visit`] then plays the session, which
//! makes the request. Nothing is taken here that a screen would not take.

#[cfg(feature = "fault-points")]
mod campaign;
mod card;
mod files;
mod given;
mod mistakes;
mod visit;

use std::io::Write;
use std::path::PathBuf;
use std::sync::{Arc, mpsc};
use std::time::Duration;

use clap::Args;
use drivers::id_card;
use faults::Fault;
use jiff::Zoned;
use matters::{Catalogue, Matter};
use outbox::{Outbox, Saved, SubmitError};
use serde_json::{Value, json};
use session::{Limits, Now, Request, Setting};

use super::{Failure, Report};
use crate::audit::Audit;
use crate::catalogue::Origin;
use crate::config::Config;
use crate::devices;
use crate::{audit, convert, store};
use card::Card;
use files::Files;
use given::Given;

/// How long `--card-from-reader` waits for a card. As `card read`.
const CARD_TIMEOUT: Duration = Duration::from_secs(30);

/// `kiosk submit …`
#[derive(Args)]
#[command(after_long_help = HELP)]
pub struct Submission {
    /// The matter's id, such as `household-certificate`.
    matter: String,
    /// The answers: TOML, or JSON when the name ends in .json. `--help` shows one.
    #[arg(long, value_name = "FILE")]
    answers: PathBuf,
    /// A picture (JPEG) of the request: `portrait=FILE`, or a paper's id with one page; again for each further page.
    #[arg(long = "attach", value_name = "NAME=PATH", value_parser = attachment)]
    attachments: Vec<(String, PathBuf)>,
    /// Read the card on the reader instead of the table `[card]`.
    #[arg(long)]
    card_from_reader: bool,
    /// Submit the same again and again, each as a request of its own: for measurements.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    repeat: u32,
    #[cfg(feature = "fault-points")]
    #[command(flatten)]
    campaign: campaign::Campaign,
}

const HELP: &str = r#"The answers file:

  language = "zh-Hans"      # or "en"; optional
  notice = "2026-01"        # the version of the privacy notice that the applicant has read and accepted
  commitment = true         # only where papers can be replaced by a written commitment; false brings the papers
  portrait = "at-counter"   # only where a portrait is wanted and none is attached
  signature = [[[100, 500], [300, 450], ...], ...]   # only where one is wanted: strokes of points, thousandths of the pad

  [answers]                 # the matter's questions by their ids; choices by their values
  certificate = "kinship"

  [card]                    # as `kiosk card read --json` prints it; the request says that it was typed
  type = "citizen"          # citizen, hmt, pr2023 or pr2017
  name = "张三"
  sex = "male"              # male, female, unknown or unstated
  ethnicity = "汉"
  birth = "1988-01-01"
  address = "..."
  number = "110105198801010022"
  issuer = "..."
  valid_from = "2017-03-05"
  valid_to = "2037-03-05"   # or "long-term"

Everything is checked as at the screen: questions, rules, portrait, papers, commitment, signature. All mistakes are listed at
once (SUB-01), and nothing is stored. An id is printed only once its request is on the disk."#;

fn attachment(text: &str) -> Result<(String, PathBuf), String> {
    match text.split_once('=') {
        Some((name, path)) if !name.is_empty() && !path.is_empty() => {
            Ok((name.to_owned(), PathBuf::from(path)))
        }
        Some(_) | None => Err("expected NAME=PATH".to_owned()),
    }
}

/// Checks everything, then submits as often as asked. Each id is printed when its request is durable: the last one as
/// the command's answer, those before on lines of their own.
pub fn submit(config: &Config, submission: &Submission) -> Result<Report, Failure> {
    let zoned = Zoned::now();
    let now = Now { uptime: Duration::ZERO, wall: zoned.datetime(), unix: zoned.timestamp().as_second() };
    let loaded = Origin::of(config).load().map_err(|error| Failure::catalogue(&error))?;
    let catalogue = Arc::new(loaded.catalogue);
    let matter = find(&catalogue, now, &submission.matter)?;

    let mut list = Vec::new();
    let given = Given::read(&submission.answers, &mut list);
    let files = Files::read(&submission.attachments, &matter, &mut list);
    let card = if submission.card_from_reader {
        if given.as_ref().is_some_and(Given::has_card) {
            list.push("card: stands in the answers though the reader is to be asked".to_owned());
        }
        Some(from_reader(config)?)
    } else {
        given.as_ref().and_then(|given| Card::typed(given, &mut list))
    };
    if let Some(given) = &given {
        mistakes::look(&matter, given, &files, card.as_ref(), now, &mut list);
    }
    let (Some(given), Some(card), true) = (given, card, list.is_empty()) else { return Err(refused(list)) };

    let audit = Audit::new(audit::open(&config.kiosk.state));
    let store = store::open(config, audit.journal()).map_err(|error| Failure::new(error.fault(), &error))?;
    #[cfg(feature = "fault-points")]
    let forwarder = submission.campaign.begin(config, &store.outbox)?;
    let mut last = Value::Null;
    for place in 1..=submission.repeat {
        let setting = Setting {
            hall: config.kiosk.hall.clone(),
            catalogue: Arc::clone(&catalogue),
            limits: Limits::default(),
            has_printer: false,
        };
        let mut request = visit::play(setting, now, &matter.id, &given, &files, &card)
            .map_err(|stopped| refused(vec![stopped]))?;
        let saved = match save(&store.outbox, &mut request, &card) {
            Ok(saved) => saved,
            #[cfg(feature = "fault-points")]
            Err(error) => {
                submission.campaign.refused(&error);
                continue;
            }
            #[cfg(not(feature = "fault-points"))]
            Err(error) => return Err(Failure::new(error.fault(), &error)),
        };
        audit.saved(store.epoch, saved.seq);
        last = json!({"id": hex::encode(saved.id), "case_number": saved.case_number, "seq": saved.seq});
        if place < submission.repeat || cfg!(feature = "fault-points") {
            // A reader that has gone is no reason to stop what was asked for.
            let _ = writeln!(std::io::stdout(), "{last}");
        }
    }
    #[cfg(feature = "fault-points")]
    forwarder.map_or(Ok(()), |forwarder| forwarder.finish(&store.outbox))?;
    let text =
        [last.get("id"), last.get("case_number")].map(|v| v.and_then(Value::as_str).unwrap_or_default());
    Ok(Report::new(last.clone(), text.join(" ")))
}

fn refused(list: Vec<String>) -> Failure {
    Failure::mistakes(Fault::SubmissionInvalid, "the request", list)
}

fn find(catalogue: &Catalogue, now: Now, id: &str) -> Result<Arc<Matter>, Failure> {
    let found = catalogue.on(now.wall.date()).find(|matter| matter.id == id);
    found.map(Arc::clone).ok_or_else(|| {
        let known: Vec<&str> = catalogue.on(now.wall.date()).map(|matter| matter.id.as_str()).collect();
        refused(vec![format!(
            "matter: none of this name is in effect today; there are: {}",
            known.join(", ")
        )])
    })
}

fn from_reader(config: &Config) -> Result<Card, Failure> {
    let table = config.devices.id_card.as_ref().ok_or_else(|| Failure::absent("id_card"))?;
    let (record, _) = id_card::read_once(&devices::id_card::config(table), CARD_TIMEOUT)
        .map_err(|error| Failure::new(error.fault(), &error))?;
    Ok(Card::read(record))
}

/// Waits until the request is on the disk.
fn save(outbox: &Outbox, request: &mut Request, card: &Card) -> Result<Saved, SubmitError> {
    let (day, mut draft) = (request.day, convert::draft(request));
    if card.is_typed() {
        // Whoever opens the request must see that no machine has read this card.
        draft.answers.push(("card".to_owned(), "typed".to_owned()));
    }
    let (answer, answers) = mpsc::sync_channel(1);
    outbox.submit(draft, day, move |saved| drop(answer.send(saved)));
    answers.recv().unwrap_or(Err(SubmitError::Closed))
}
