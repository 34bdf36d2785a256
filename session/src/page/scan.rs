//! The papers of one kind: scanned page by page, looked at, taken away again.

use super::*;

/// The scan page of one kind of paper.
#[derive(Clone, PartialEq)]
pub struct Scan {
    /// The paper's name.
    pub title: String,
    /// What it must show, or empty.
    pub help: String,
    /// The pages scanned so far, small.
    pub pages: Vec<Shot>,
    /// The most pages it can have.
    pub most: u32,
    /// True while the scanner works.
    pub scanning: bool,
    /// What is wrong with the last page or the scanner.
    pub problem: Option<ScanProblem>,
}

/// What is wrong with a scan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScanProblem {
    /// The page is blank.
    Blank,
    /// The page is blurred.
    Blurred,
    /// No page was found on the glass.
    NoPage,
    /// The scanner failed.
    Fault(Fault),
}

/// A straightened page.
pub struct ScannedPage {
    /// The JPEG at 200 dpi.
    pub jpeg: Zeroizing<Vec<u8>>,
    /// A small picture for the screen.
    pub thumbnail: Shot,
}

/// The pages of one paper.
#[derive(Default)]
pub(crate) struct Pages {
    pub(crate) pages: Vec<ScannedPage>,
    pub(crate) scanning: Option<Command>,
    problem: Option<ScanProblem>,
}

impl Pages {
    /// True when the visitor may go on.
    pub(crate) fn are_all(&self) -> bool {
        !self.pages.is_empty() && self.scanning.is_none()
    }
}

impl Draft {
    pub(crate) fn scan_page(&mut self, desk: &mut Desk) {
        if let Some((paper, pages)) = self.scanned()
            && pages.scanning.is_none()
            && pages.pages.len() < paper.most as usize
        {
            let command = desk.command();
            (pages.scanning, pages.problem) = (Some(command), None);
            desk.effect(Effect::Scan(command));
        }
    }

    pub(crate) fn remove_page(&mut self, at: usize) {
        if let Some((_, pages)) = self.scanned()
            && at < pages.pages.len()
        {
            pages.pages.remove(at);
        }
    }

    /// A page from the scanner.
    pub(crate) fn page(
        &mut self,
        desk: &mut Desk,
        now: Now,
        command: Command,
        result: Result<Box<ScannedPage>, ScanProblem>,
    ) -> Option<()> {
        let (paper, pages) = self.scanned().filter(|(_, pages)| pages.scanning == Some(command))?;
        desk.alive = now.uptime;
        match result {
            Ok(scanned) => {
                pages.pages.push(*scanned);
                // A feeder may hold more than the paper can have.
                if pages.pages.len() >= paper.most as usize {
                    pages.scanning = None;
                    desk.effect(Effect::StopScanning);
                }
            }
            Err(problem) => {
                pages.problem = Some(problem);
                if let ScanProblem::Fault(fault) = problem {
                    desk.fails(fault);
                } else {
                    // Whoever handles paper does not look at the screen.
                    desk.sound(Sound::Attention);
                }
            }
        }
        Some(())
    }

    pub(crate) fn scan_finished(&mut self, command: Command) -> Option<()> {
        let (_, pages) = self.scanned()?;
        pages.scanning.take_if(|scanning| *scanning == command).map(drop)
    }

    pub(crate) fn scan(&self, at: usize, desk: &Desk) -> Option<Scan> {
        let (paper, pages) = (self.matter.papers.get(at)?, self.given.papers.get(at)?);
        Some(Scan {
            title: desk.words(&paper.title),
            help: paper.help.as_ref().map_or(String::new(), |help| desk.words(help)),
            pages: pages.pages.iter().map(|page| page.thumbnail.clone()).collect(),
            most: paper.most,
            scanning: pages.scanning.is_some(),
            // What went wrong with the page says more than that the scanner is unwell.
            problem: pages.problem.or(desk.scanner.map(ScanProblem::Fault)),
        })
    }
}
