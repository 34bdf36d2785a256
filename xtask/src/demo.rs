//! `cargo xtask demo`: the kiosk in a window, with everything around it simulated; by hand or by the robot.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};

use crate::process::{self, Interrupt};
use crate::robot::{Matter, Robot, Visit};
use crate::stage::{Build, Folder, Screen, Stage, text_of};

/// A demo has no end by itself: it waits this long, which is for ever.
const FOR_EVER: Duration = Duration::from_secs(u32::MAX as u64);

/// How much of each log a failed demo prints.
const TAIL: usize = 25;

/// `cargo xtask demo`
#[derive(clap::Args)]
pub struct Arguments {
    /// A robot plays one whole visit on a private display
    #[arg(long)]
    auto: bool,
    /// The matter the robot chooses
    #[arg(long, value_name = "ID", default_value = "household-certificate")]
    matter: String,
    /// Keeps state, pictures and logs in this folder instead of a temporary one
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
    /// The simulated card the robot lays on the reader; `ending` can be renewed
    #[arg(long, value_name = "NAME", default_value = "ending")]
    card: String,
}

/// Runs the demo.
///
/// # Errors
/// At the first step that fails, after printing where the pictures are and the end of each log.
pub fn run(arguments: &Arguments, interrupt: &Interrupt) -> Result<()> {
    let folder = Folder::make(arguments.keep.as_deref())?;
    let screen = if arguments.auto { Screen::Private } else { Screen::Users };
    let played = Stage::set(&folder, Build::Debug, screen, interrupt).and_then(|mut stage| {
        if arguments.auto { by_robot(arguments, &mut stage, interrupt) } else { by_hand(&stage, interrupt) }
    });
    // Everything has ended by now, so the logs are complete.
    if played.is_err() && !interrupt.raised() {
        tell_failure(&folder)?;
    }
    if let Some(answer) = played? {
        println!("{answer}");
    }
    Ok(())
}

/// Shows the kiosk until its window is closed or Ctrl-C is pressed.
fn by_hand(stage: &Stage, interrupt: &Interrupt) -> Result<Option<Value>> {
    let mut kiosk = stage.start_kiosk()?;
    let bench = stage.binary("kiosk-bench");
    let send = format!("{} send --control {}", bench.display(), stage.control.address);
    eprintln!();
    if let Some(display) = &stage.display {
        eprintln!("There is no display here: the kiosk is on a private one, DISPLAY={}.", display.name);
    }
    eprintln!("Touch the screen with the mouse. When the kiosk asks for a card, lay one on the reader:");
    eprintln!("  {send} card insert ending");
    eprintln!("  {send} card remove");
    eprintln!("When somebody is called, be the attendant: {send} lamp press");
    eprintln!("When something is to be paid, press the button of the page that the code leads to:");
    eprintln!("  {} pay URL --ca {}", bench.display(), stage.hall.folder.enrol().join("ca.pem").display());
    eprintln!(
        "Camera and scanner see what the bench shows them; break them with: {send} camera fault frozen"
    );
    eprintln!("Printed paper appears as PNG in {}", stage.hall.folder.screens().display());
    eprintln!("The platform's pages for people are at {}", stage.hall.pages);
    eprintln!("Close the window or press Ctrl-C to end.");
    let end = interrupt.wait_for("the window being closed", FOR_EVER, || kiosk.ended());
    match end {
        // Ctrl-C is how a demo ends.
        Err(_) if interrupt.raised() => Ok(None),
        Err(error) => Err(error),
        Ok(status) if status.success() => Ok(None),
        Ok(status) => bail!("the kiosk ended ({status})"),
    }
}

/// Lets the robot play a visit, checks what it left on both sides, and gives the last line.
fn by_robot(arguments: &Arguments, stage: &mut Stage, interrupt: &Interrupt) -> Result<Option<Value>> {
    let matter = Matter::read(&crate::root().join("matters/catalogue"), &arguments.matter)?;
    let display = stage.display.as_ref().context("the robot needs a private display")?;
    let mut robot = Robot::new(display, &stage.hall.folder.screens(), interrupt)?;
    let mut kiosk = stage.start_kiosk()?;
    let visit = robot.visit(&mut kiosk, stage, &matter, &arguments.card).with_context(|| {
        match robot.screens().last() {
            Some(picture) => {
                let name = picture.file_name().unwrap_or_default().to_string_lossy();
                format!("the visit stopped; the last screen is {name}")
            }
            None => "the visit did not begin".to_owned(),
        }
    })?;
    kiosk.must_run()?;
    // The store belongs to one process at a time.
    drop(kiosk);

    eprintln!("· checking both sides");
    let request = check_platform(stage)?;
    check_files(stage, &request, &matter)?;
    check_kiosk(stage)?;
    check_number(&request.acceptance_number, &visit)?;
    Ok(Some(answer_of(arguments, &visit, &request)?))
}

/// What the platform knows of the one request of this demo.
struct Request {
    id: String,
    acceptance_number: String,
}

/// The platform must hold exactly one request, with a good signature.
fn check_platform(stage: &Stage) -> Result<Request> {
    let list = stage.hall.platform_command(&["list"])?;
    let requests = list.get("requests").and_then(Value::as_array).context("the platform gave no list")?;
    let [request] = requests.as_slice() else {
        bail!("the platform holds {} requests instead of one", requests.len());
    };
    if request.get("signature").and_then(Value::as_str) != Some("verified") {
        bail!("the platform did not verify the kiosk's signature: {request}");
    }
    Ok(Request {
        id: text_of(request, "id")?.to_owned(),
        acceptance_number: text_of(request, "acceptance_number")?.to_owned(),
    })
}

/// Portrait, papers and signature must be with the request, each whole.
fn check_files(stage: &Stage, request: &Request, matter: &Matter) -> Result<()> {
    let shown = stage.hall.platform_command(&["show", &request.id])?;
    let files = shown.pointer("/request/attachments").and_then(Value::as_array);
    let files = files.context("the platform does not open the request")?;
    if let Some(bad) =
        files.iter().find(|file| file.get("content").and_then(Value::as_str) != Some("verified"))
    {
        bail!("the platform cannot open a file of the request: {bad}");
    }
    for name in matter.files() {
        if !files
            .iter()
            .any(|file| file.get("name").and_then(Value::as_str).is_some_and(|n| n.starts_with(name)))
        {
            bail!("the request came without its {name}");
        }
    }
    Ok(())
}

/// The kiosk must have no request that waits for the platform.
fn check_kiosk(stage: &Stage) -> Result<()> {
    let list = stage.hall.command(&["queue", "list"])?.good()?;
    let requests = list.get("requests").and_then(Value::as_array).context("the kiosk gave no list")?;
    let waiting =
        requests.iter().find(|request| request.get("state").and_then(Value::as_str) != Some("acknowledged"));
    match waiting {
        None => Ok(()),
        Some(request) => bail!("the platform has this request and the kiosk does not know: {request}"),
    }
}

/// The platform's number must stand on the screen and on the paper; both group its digits.
fn check_number(number: &str, visit: &Visit) -> Result<()> {
    let says = |text: &str| text.split_whitespace().collect::<String>().contains(number);
    if !visit.accepted_page.iter().any(|words| says(words)) {
        bail!("the screen did not show the acceptance number {number}");
    }
    if !says(&visit.receipt_words) {
        bail!("the receipt does not say the acceptance number {number}");
    }
    Ok(())
}

/// The contract's last line.
fn answer_of(arguments: &Arguments, visit: &Visit, request: &Request) -> Result<Value> {
    Ok(json!({
        "matter": arguments.matter,
        "card_read_ms": u64::try_from(visit.card_read.as_millis())?,
        "request": request.id,
        "acceptance_number": request.acceptance_number,
        "receipt_png": visit.receipt,
        "screens": visit.screens,
    }))
}

/// Prints the end of each log and says where pictures and logs are.
fn tell_failure(folder: &Folder) -> Result<()> {
    let refuge = folder.rescue(&crate::root().join("target/demo-failed"))?;
    let logs = refuge.join("logs");
    let mut names: Vec<PathBuf> =
        std::fs::read_dir(&logs)?.filter_map(|entry| Some(entry.ok()?.path())).collect();
    names.sort();
    for log in names {
        let end = process::tail(&log, TAIL);
        if !end.is_empty() {
            eprintln!("--- {} ---\n{end}", log.display());
        }
    }
    eprintln!("--- pictures: {} ---", refuge.join("screens").display());
    Ok(())
}
