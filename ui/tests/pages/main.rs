//! What a visitor, or an assistive device, finds on every page and what it does.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

mod controls;
mod sheets;
#[path = "../stage/mod.rs"]
mod stage;
mod words;

use std::time::Duration;

use i_slint_backend_testing::{AccessibleRole, ElementHandle, ElementQuery};
use matters::Language;
use stage::{Stage, samples};

const ZH: Language = Language::ZhHans;
const EN: Language = Language::En;

/// All controls, by role and label, each once and in the order of the page.
fn controls(stage: &Stage) -> Vec<ElementHandle> {
    let mut found: Vec<ElementHandle> = Vec::new();
    for role in [AccessibleRole::Button, AccessibleRole::RadioButton] {
        for element in
            ElementQuery::from_root(stage.screen.component()).match_accessible_role(role).find_all()
        {
            let place = element.absolute_position();
            // A query may find the same element twice, and rows that went while it searched without a place.
            if element.size().width > 0.0 && !found.iter().any(|other| other.absolute_position() == place) {
                found.push(element);
            }
        }
    }
    found.sort_by_key(|element| {
        let place = element.absolute_position();
        (place.y as i32, place.x as i32)
    });
    found
}

fn labels(stage: &Stage) -> Vec<String> {
    controls(stage).iter().map(|control| control.accessible_label().unwrap().to_string()).collect()
}

fn control(stage: &Stage, label: &str) -> ElementHandle {
    controls(stage)
        .into_iter()
        .find(|control| control.accessible_label().is_some_and(|found| found == label))
        .unwrap_or_else(|| panic!("no control {label:?} among {:?}", labels(stage)))
}

/// Every text that assistive technology finds.
fn texts(stage: &Stage) -> Vec<String> {
    ElementQuery::from_root(stage.screen.component())
        .match_accessible_role(AccessibleRole::Text)
        .find_all()
        .iter()
        .filter_map(|text| text.accessible_label())
        .map(String::from)
        .collect()
}

fn shown(name: &str, language: Language) -> Stage {
    let stage = Stage::new();
    let view = samples::all(language).into_iter().find(|(n, _)| *n == name).unwrap().1;
    stage.show(view);
    stage
}

fn touch_middle(stage: &Stage, element: &ElementHandle) {
    let (place, size) = (element.absolute_position(), element.size());
    touch(stage, place.x + size.width / 2.0, place.y + size.height / 2.0);
}

fn touch(stage: &Stage, x: f32, y: f32) {
    use slint::ComponentHandle;
    use slint::platform::{PointerEventButton, WindowEvent};
    let window = stage.screen.component().window();
    let position = slint::LogicalPosition::new(x, y);
    let button = PointerEventButton::Left;
    window.dispatch_event(WindowEvent::PointerPressed { position, button });
    i_slint_backend_testing::mock_elapsed_time(Duration::from_millis(50));
    window.dispatch_event(WindowEvent::PointerReleased { position, button });
    window.dispatch_event(WindowEvent::PointerExited);
}
