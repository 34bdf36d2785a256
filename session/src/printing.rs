//! A paper at the printer: a receipt, or the slip of a refusal.

use std::time::Duration;

use faults::Fault;

use crate::desk::Desk;
use crate::event::{Command, Effect, Now};
use crate::receipt::Receipt;

/// The printed receipt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paper {
    /// Waiting for the platform's answer or for the printer.
    Printing,
    /// The printer confirmed it.
    Printed,
    /// No paper came, or nobody knows: write the case number down. Why.
    Failed(Fault),
    /// This machine has no printer: write the case number down.
    NoPrinter,
}

/// A paper that was sent to the printer.
pub(crate) enum Job {
    Sent { command: Command, since: Duration },
    Over(Paper),
}

impl Job {
    pub(crate) fn send(desk: &mut Desk, now: Now, receipt: Receipt) -> Job {
        let command = desk.command();
        desk.effect(Effect::Print(command, Box::new(receipt)));
        Job::Sent { command, since: now.uptime }
    }

    pub(crate) fn tick(&mut self, desk: &mut Desk, now: Now) {
        if let Job::Sent { since, .. } = self
            && now.uptime >= *since + desk.limits().printing
        {
            self.over(desk, Err(Fault::PrinterUnconfirmed));
        }
    }

    /// The printer's answer.
    pub(crate) fn printed(
        &mut self,
        desk: &mut Desk,
        command: Command,
        result: Result<(), Fault>,
    ) -> Option<()> {
        matches!(*self, Job::Sent { command: sent, .. } if sent == command).then(|| self.over(desk, result))
    }

    /// What the page says of it.
    pub(crate) fn paper(&self) -> Paper {
        match self {
            Job::Sent { .. } => Paper::Printing,
            Job::Over(paper) => *paper,
        }
    }

    fn over(&mut self, desk: &mut Desk, result: Result<(), Fault>) {
        *self = Job::Over(match result {
            Ok(()) => Paper::Printed,
            Err(fault) => {
                desk.fails(fault);
                Paper::Failed(fault)
            }
        });
    }
}
