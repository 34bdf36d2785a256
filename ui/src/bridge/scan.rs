//! The papers of one kind.

use session::Action;
use session::view::{Scan, Shot};

use super::actions::Act;
use super::rows::pictures;
use super::{PageModel, Turn, Writes, int, put};
use crate::generated::{App, ScanModel};
use crate::wording;

impl PageModel for ScanModel<'_> {
    type Content = Scan;

    fn connect(&self, _app: &App, act: &Act) {
        self.on_scan(act.send(Action::ScanPage));
        self.on_remove(act.at(Action::RemovePage));
    }

    fn write(&self, turn: Turn<'_, Scan>, out: &mut Writes) {
        let scan = turn.now;
        let problem = scan.and_then(|scan| scan.problem).map(|problem| wording::scan(problem, turn.language));
        let (title, advice) = problem.unwrap_or_default();
        put! { out, self, scan =>
            get_title set_title scan.title.as_str().into();
            get_help set_help scan.help.as_str().into();
            get_most set_most int(scan.most);
            get_scanning set_scanning scan.scanning;
        }
        put! { out, self,
            get_problem set_problem title.into();
            get_advice set_advice advice.into();
        }
        pictures(&self.get_pages(), pages(scan), pages(turn.before), out, |rows| self.set_pages(rows));
    }
}

fn pages(scan: Option<&Scan>) -> &[Shot] {
    scan.map_or(&[], |scan| &scan.pages)
}
