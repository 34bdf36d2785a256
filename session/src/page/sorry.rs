//! The apology: the request did not get to the disk, as far as anybody knows.

use super::*;

/// A failure that ends the visit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sorry {
    /// Which.
    pub fault: Fault,
    /// Set when the request is on disk in spite of it.
    pub case_number: Option<String>,
    /// True while the card still lies on the reader.
    pub card_present: bool,
}

pub(crate) struct Failed {
    matter: Arc<Matter>,
    fault: Fault,
    /// The save that was given up; its late answer brings the case number.
    late: Option<Command>,
    case_number: Option<String>,
}

impl Failed {
    pub(crate) fn begin(matter: &Arc<Matter>, fault: Fault, late: Option<Command>, desk: &mut Desk) -> State {
        desk.fails(fault);
        let matter = Arc::clone(matter);
        State::Visit(Visit::Sorry(Failed { matter, fault, late, case_number: None }))
    }

    /// The request is on disk in spite of it.
    pub(crate) fn saved_late(&mut self, command: Command, case_number: &str) {
        if self.late.take_if(|late| *late == command).is_some() {
            self.case_number = Some(case_number.to_owned());
        }
    }
}

impl Behaviour for Failed {
    fn show(&self, desk: &Desk, _now: Now) -> Page {
        Page::Sorry(Sorry {
            fault: self.fault,
            case_number: self.case_number.clone(),
            card_present: desk.card_present,
        })
    }

    fn ending(&self, _otherwise: Ending) -> Ending {
        Ending::Failed(self.fault)
    }

    fn matter(&self) -> Option<&Matter> {
        Some(&self.matter)
    }
}
