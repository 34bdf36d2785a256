//! The portrait: the camera looks while the page is shown, each picture is judged, and the best one is chosen.

use super::*;

/// The portrait page. The live preview comes beside the view, straight from the camera.
#[derive(Clone, PartialEq)]
pub struct Photograph {
    /// The portraits taken so far, already cropped; up to three.
    pub shots: Vec<Shot>,
    /// Which of them is chosen: the best, until the visitor chooses another.
    pub chosen: Option<usize>,
    /// True between the shutter and the verdict.
    pub judging: bool,
    /// Why the last picture cannot be used: what to change, in plain words of the screens.
    pub rejected: Vec<Rejection>,
    /// How many more pictures can be taken; at 0 the visitor goes on with the best, or is photographed at the counter.
    pub tries_left: u32,
    /// Why there is no picture at all.
    pub fault: Option<Fault>,
}

/// Why a portrait cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rejection {
    /// No face was found.
    NoFace,
    /// More than one face.
    SeveralFaces,
    /// Come closer.
    TooFar,
    /// Step back.
    TooClose,
    /// Move into the outline.
    NotCentred,
    /// The eyes are covered or in shadow.
    EyesNotSeen,
    /// Hold the head straight.
    Tilted,
    /// Too little light.
    TooDark,
    /// Too much light.
    TooBright,
    /// Hold still.
    Blurred,
    /// Something is behind the head.
    Background,
}

/// A judged and cropped portrait.
pub struct Taken {
    /// The JPEG of GA 461: 358×441.
    pub jpeg: Zeroizing<Vec<u8>>,
    /// The same for the screen.
    pub shot: Shot,
    /// How much its edges are smeared, in pixels: of several good portraits the least is the best.
    pub smear: f32,
}

/// The portrait as far as it has come.
#[derive(Default)]
pub(crate) struct Portrait {
    pub(crate) taken: Vec<Taken>,
    /// The best one, until the citizen chooses another.
    pub(crate) chosen: Option<usize>,
    by_hand: bool,
    pub(crate) judging: Option<Command>,
    pub(crate) rejected: Vec<Rejection>,
    pub(crate) tried: u32,
    pub(crate) at_counter: bool,
}

/// How many portraits are kept to choose from.
const MOST_SHOTS: usize = 3;

impl Draft {
    /// The shutter.
    pub(crate) fn shoot(&mut self, desk: &mut Desk) {
        let ready = self.given.portrait.judging.is_none() && desk.camera.is_none();
        if self.at == Step::Photograph && ready && self.tries_left() > 0 {
            let command = desk.command();
            self.given.portrait.judging = Some(command);
            desk.effect(Effect::Shoot(command));
        }
    }

    /// The citizen wants this one.
    pub(crate) fn choose_shot(&mut self, at: usize) {
        let portrait = &mut self.given.portrait;
        if self.at == Step::Photograph && at < portrait.taken.len() {
            (portrait.chosen, portrait.by_hand) = (Some(at), true);
        }
    }

    /// The portrait is left to the counter.
    pub(crate) fn photograph_at_counter(&mut self, desk: &mut Desk, now: Now) -> Next {
        if self.at != Step::Photograph {
            return None;
        }
        self.given.portrait.at_counter = true;
        self.given.portrait.judging = None;
        self.forward(desk, now)
    }

    /// The verdict on a portrait.
    pub(crate) fn portrait(
        &mut self,
        desk: &mut Desk,
        now: Now,
        command: Command,
        result: Result<Box<Taken>, Vec<Rejection>>,
    ) -> Option<()> {
        let portrait = &mut self.given.portrait;
        portrait.judging.take_if(|judging| *judging == command)?;
        desk.alive = now.uptime;
        match result {
            Ok(taken) => portrait.keep(*taken),
            Err(rejected) => portrait.rejected = rejected,
        }
        portrait.tried += 1;
        Some(())
    }

    /// How many more portraits can be taken.
    pub(crate) fn tries_left(&self) -> u32 {
        let tries = self.matter.portrait.as_ref().map_or(0, |portrait| portrait.tries);
        tries.saturating_sub(self.given.portrait.tried)
    }

    /// The portrait that will be sent, as far as it was taken.
    pub(crate) fn chosen_portrait(&self, now: Now) -> Option<usize> {
        let portrait = &self.given.portrait;
        let chosen = portrait.chosen.filter(|at| *at < portrait.taken.len());
        chosen.filter(|_| !portrait.at_counter && self.photographs(now))
    }

    pub(crate) fn photograph(&self, desk: &Desk) -> Photograph {
        let portrait = &self.given.portrait;
        Photograph {
            shots: portrait.taken.iter().map(|taken| taken.shot.clone()).collect(),
            chosen: portrait.chosen,
            judging: portrait.judging.is_some(),
            rejected: portrait.rejected.clone(),
            tries_left: self.tries_left(),
            fault: desk.camera,
        }
    }
}

impl Portrait {
    /// True when the visitor may go on.
    pub(crate) fn is_settled(&self, tries_left: u32) -> bool {
        self.judging.is_none() && (self.chosen.is_some() || self.at_counter || tries_left == 0)
    }

    /// Keeps a good portrait; where there is no room, the oldest that is not chosen goes. What the citizen chose stays
    /// chosen.
    fn keep(&mut self, taken: Taken) {
        if self.taken.len() >= MOST_SHOTS {
            let oldest = usize::from(self.chosen == Some(0));
            self.taken.remove(oldest);
            self.chosen = self.chosen.map(|at| if at > oldest { at - 1 } else { at });
        }
        self.taken.push(taken);
        if !self.by_hand {
            self.chosen = self.best();
        }
        self.rejected.clear();
        self.at_counter = false;
    }

    /// The sharpest; of equals the newest.
    fn best(&self) -> Option<usize> {
        let sharpest =
            self.taken.iter().enumerate().rev().min_by(|(_, a), (_, b)| a.smear.total_cmp(&b.smear));
        sharpest.map(|(at, _)| at)
    }
}
