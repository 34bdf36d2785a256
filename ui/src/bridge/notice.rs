//! What a matter is, what it costs and what happens with the data.

use session::Action;
use session::view::Notice;
use slint::ComponentHandle;

use super::actions::Act;
use super::rows::{even_sheets, rows};
use super::{PageModel, Turn, Writes, int, put};
use crate::format;
use crate::generated::{App, NoticeModel, Paragraph};

impl PageModel for NoticeModel<'_> {
    type Content = Notice;

    fn connect(&self, app: &App, act: &Act) {
        self.on_accept(act.send(Action::Accept));
        let weak = app.as_weak();
        self.on_begins(move |paragraphs, size, width, gap, first, others| {
            let height =
                |app: &App, paragraph| app.global::<NoticeModel>().invoke_height(paragraph, size, width);
            even_sheets(&weak, &paragraphs, height, gap, first, others)
        });
    }

    fn write(&self, turn: Turn<'_, Notice>, out: &mut Writes) {
        let notice = turn.now;
        put! { out, self, notice =>
            get_summary set_summary notice.summary.as_str().into();
            get_bring set_bring notice.bring.as_str().into();
            get_minutes set_minutes int(notice.minutes);
            get_fee_yuan set_fee_yuan int(notice.fee_yuan);
            get_deadline set_deadline format::day(notice.deadline, turn.language).into();
        }
        let paragraphs = notice.into_iter().flat_map(|notice| &notice.paragraphs);
        let wanted = paragraphs
            .map(|(heading, text)| Paragraph { heading: heading.as_str().into(), text: text.as_str().into() })
            .collect();
        rows(&self.get_paragraphs(), wanted, out, |rows| self.set_paragraphs(rows));
    }
}
