//! What a kiosk promised, and what became of it.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, bail};
use hall::Hall;
use serde_json::{Value, json};

/// The journal's own failure, in `audit verify`.
const JOURNAL_DAMAGED: &str = "JRN-01";

/// What became of the promises.
#[derive(Default)]
pub struct Judgement {
    pub promised: usize,
    pub delivered: usize,
    pub queued: usize,
    /// Kept for staff, and said so: a place that the platform gave to another, a file that the disk changed.
    pub held: usize,
    pub losses: Vec<String>,
}

impl Judgement {
    pub fn add(&mut self, other: &Judgement) {
        self.promised += other.promised;
        self.delivered += other.delivered;
        self.queued += other.queued;
        self.held += other.held;
        self.losses.extend(other.losses.iter().cloned());
    }
}

/// The requests that a kiosk promised to keep.
#[derive(Default)]
pub struct Promises {
    pub made: BTreeSet<String>,
    /// Runs that ended without an answer to what was asked last: that request may be there or not.
    pub unanswered: usize,
    /// What the platform refused: it waits for staff.
    pub refused: BTreeSet<String>,
    pub losses: Vec<String>,
}

impl Promises {
    /// Nothing may be missing in what was found.
    pub fn look(&mut self, found: &Found, when: &str) {
        for id in &self.made {
            if !self.refused.contains(id) {
                self.losses.extend(found.loss(id).map(|loss| format!("{when}: {loss}")));
            } else if !found.held.contains(id) {
                self.losses.push(format!("{when}: {id} was held for staff and is no more"));
            }
        }
        // What the citizen was told was not taken must not turn up, unless staff alone see it.
        let here: BTreeSet<_> =
            found.platform.keys().chain(&found.queued).chain(&found.acknowledged).collect();
        let strangers = here.iter().filter(|id| !self.made.contains(**id)).count();
        if strangers > self.unanswered {
            let unanswered = self.unanswered;
            self.losses.push(format!(
                "{when}: {strangers} requests that nobody was promised; {unanswered} went without an answer"
            ));
        }
    }

    pub fn judge(&mut self, found: &Found) -> Judgement {
        let mut judged = Judgement { promised: self.made.len(), ..Judgement::default() };
        for id in &self.made {
            if found.platform.contains_key(id) {
                judged.delivered += 1;
            } else if found.queued.contains(id) {
                judged.queued += 1;
            } else if found.held.contains(id) {
                judged.held += 1;
            }
        }
        judged.losses.append(&mut self.losses);
        if found.journal_is_broken {
            judged.losses.push("the audit journal does not hold".to_owned());
        }
        judged
    }
}

/// What is where.
#[derive(Default)]
pub struct Found {
    platform: BTreeMap<String, (u32, bool)>,
    pub queued: BTreeSet<String>,
    pub held: BTreeSet<String>,
    pub acknowledged: BTreeSet<String>,
    journal_is_broken: bool,
}

impl Found {
    /// What is on the kiosk, as its staff see it.
    pub fn on_the_kiosk(hall: &Hall) -> Result<Found> {
        let mut found = Found::default();
        for row in rows(&hall.command(&["queue", "list"])?.good()?) {
            let ids = match row.get("state").and_then(Value::as_str) {
                Some("queued" | "sending") => &mut found.queued,
                Some("held") => &mut found.held,
                Some("acknowledged") => &mut found.acknowledged,
                state => bail!("a request is {state:?}"),
            };
            ids.extend(row.get("id").and_then(Value::as_str).map(str::to_owned));
        }
        Ok(found)
    }

    /// What is on both sides. The kiosk checks every link, signature, content and file first, and holds what is not whole.
    pub fn everywhere(hall: &Hall) -> Result<Found> {
        let verified = hall.command(&["audit", "verify"])?;
        let mut found = Found::on_the_kiosk(hall)?;
        found.journal_is_broken = verified.json.pointer("/error/code") == Some(&json!(JOURNAL_DAMAGED));
        for request in rows(&hall.platform_command(&["list"])?) {
            let id = request.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
            let entry = found.platform.entry(id).or_insert((0, true));
            entry.0 += 1;
            entry.1 &= request.get("signature").and_then(Value::as_str) == Some("verified");
        }
        Ok(found)
    }

    fn loss(&self, id: &str) -> Option<String> {
        match self.platform.get(id) {
            Some((1, true)) => None,
            Some((1, false)) => Some(format!("{id} does not verify on the platform")),
            Some((times, _)) => Some(format!("{id} is on the platform {times} times")),
            None if self.acknowledged.contains(id) => {
                Some(format!("{id} is acknowledged here and not on the platform"))
            }
            None if self.queued.contains(id) => None,
            // Staff see it, but whole it is not: nothing that these campaigns do may end so.
            None if self.held.contains(id) => Some(format!("{id} is held as damaged")),
            None => Some(format!("{id} is nowhere")),
        }
    }
}

fn rows(list: &Value) -> impl Iterator<Item = &Value> {
    list.get("requests").and_then(Value::as_array).into_iter().flatten()
}
