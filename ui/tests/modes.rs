//! Every page, turned through all its sheets, in every way it can be drawn: nothing small, clipped or on top of
//! something else.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

mod stage;

use i_slint_backend_testing::{AccessibleRole, ElementHandle, ElementQuery};
use matters::Language;
use stage::{Mode, Stage, samples};

/// A place on the screen.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Place {
    left: f32,
    top: f32,
    right: f32,
    bottom: f32,
}

impl Place {
    fn of(element: &ElementHandle) -> Place {
        let (at, size) = (element.absolute_position(), element.size());
        Place { left: at.x, top: at.y, right: at.x + size.width, bottom: at.y + size.height }
    }

    /// How far two places reach into each other; not at all when either is negative.
    fn common(self, other: Place) -> (f32, f32) {
        let across = self.right.min(other.right) - self.left.max(other.left);
        (across, self.bottom.min(other.bottom) - self.top.max(other.top))
    }

    fn holds(self, other: Place) -> bool {
        other.left >= self.left - 0.6
            && other.top >= self.top - 0.6
            && other.right <= self.right + 0.6
            && other.bottom <= self.bottom + 0.6
    }
}

fn controls(stage: &Stage) -> Vec<ElementHandle> {
    let mut found: Vec<ElementHandle> = Vec::new();
    for role in [AccessibleRole::Button, AccessibleRole::RadioButton] {
        for element in
            ElementQuery::from_root(stage.screen.component()).match_accessible_role(role).find_all()
        {
            // A query may find the same element twice.
            // Rows that went while it searched are found without a place.
            let place = Place::of(&element);
            let there = place.right > place.left;
            if there && !found.iter().any(|other| Place::of(other) == place) {
                found.push(element);
            }
        }
    }
    found
}

/// Texts of the page itself, those in controls aside.
fn texts(stage: &Stage) -> Vec<(Place, String)> {
    let mut found: Vec<(Place, String)> = Vec::new();
    for text in ElementQuery::from_root(stage.screen.component())
        .match_accessible_role(AccessibleRole::Text)
        .find_all()
    {
        let entry = (Place::of(&text), text.accessible_label().unwrap_or_default().to_string());
        if !entry.1.is_empty() && !found.contains(&entry) {
            found.push(entry);
        }
    }
    found
}

/// Calls `check` for each sheet of each page in a mode, with what to call it in a failure.
fn each_sheet(mode: Mode, mut check: impl FnMut(&Stage, &str)) {
    let stage = Stage::new();
    for language in Language::ALL {
        let between = samples::all(language).swap_remove(0).1;
        for (name, view) in samples::all(language) {
            // A page that is left forgets its sheet.
            stage.show_as(mode, between.clone());
            let _ = controls(&stage);
            stage.show_as(mode, view);
            for sheet in 1.. {
                check(&stage, &format!("{name} {sheet} in {} {}", language.tag(), mode.name()));
                let next = controls(&stage).into_iter().find(|control| {
                    let label = control.accessible_label().unwrap_or_default();
                    label.starts_with("下一页（") || label.starts_with("Next page (")
                });
                let Some(next) = next else { break };
                next.invoke_accessible_default_action();
            }
        }
    }
}

/// Colours move no control and none of its words, so four of the eight modes are enough for those.
fn shapes() -> impl Iterator<Item = Mode> {
    Mode::all().into_iter().filter(|mode| !mode.display.contrast)
}

#[test]
fn nothing_that_can_be_touched_is_small_crowded_or_outside() {
    let mut wrong = Vec::new();
    for mode in shapes() {
        let (width, height) = (mode.size().0 as f32, mode.size().1 as f32);
        let least = if mode.display.large { 119.5 } else { 79.5 };
        each_sheet(mode, |stage, name| {
            let found: Vec<(Place, String)> = controls(stage)
                .iter()
                .map(|control| (Place::of(control), control.accessible_label().unwrap_or_default().into()))
                .collect();
            for (at, (place, label)) in found.iter().enumerate() {
                if place.right - place.left < least || place.bottom - place.top < least {
                    wrong.push(format!("{name}: {label} is small: {place:?}"));
                }
                if place.left < 63.5 || place.right > width - 63.5 || place.bottom > height {
                    wrong.push(format!("{name}: {label} is outside: {place:?}"));
                }
                for (other, other_label) in found.iter().skip(at + 1) {
                    let (across, down) = place.common(*other);
                    if across > -14.5 && down > -14.5 {
                        wrong
                            .push(format!("{name}: {label} and {other_label} are {across} and {down} apart"));
                    }
                }
            }
        });
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn no_text_lies_on_another_or_in_the_footer() {
    let mut wrong = Vec::new();
    // A code on black is larger, so colours count here.
    for mode in Mode::all() {
        let height = mode.size().1 as f32;
        let footer = height
            - if mode.wide {
                176.0
            } else if mode.display.large {
                248.0
            } else {
                208.0
            };
        each_sheet(mode, |stage, name| {
            let found = texts(stage);
            let controls: Vec<Place> = controls(stage).iter().map(Place::of).collect();
            for (at, (place, words)) in found.iter().enumerate() {
                if place.top < footer - 0.5 && place.bottom > footer + 0.5 {
                    wrong.push(format!("{name}: {words:?} runs into the footer: {place:?}"));
                }
                if place.right > mode.size().0 as f32 {
                    wrong.push(format!("{name}: {words:?} leaves the screen: {place:?}"));
                }
                for (other, other_words) in found.iter().skip(at + 1) {
                    let (across, down) = place.common(*other);
                    if across > 1.0 && down > 1.0 {
                        wrong.push(format!("{name}: {words:?} lies on {other_words:?}"));
                    }
                }
                for control in &controls {
                    let (across, down) = place.common(*control);
                    if across > 1.0 && down > 1.0 {
                        wrong.push(format!("{name}: {words:?} lies on a control at {control:?}"));
                    }
                }
            }
            // So do the surfaces that words stand on.
            for kind in ["Surface", "Band"] {
                let root = ElementQuery::from_root(stage.screen.component());
                for surface in root.match_inherits(kind).find_all().iter().map(Place::of) {
                    if surface.top < footer - 0.5 && surface.bottom > footer + 0.5 {
                        wrong.push(format!("{name}: a {kind} runs into the footer: {surface:?}"));
                    }
                }
            }
            // Controls in the content end above the footer too.
            for control in &controls {
                if control.top < footer - 0.5 && control.bottom > footer + 0.5 {
                    wrong.push(format!("{name}: a control runs into the footer: {control:?}"));
                }
            }
        });
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_words_of_a_control_stay_inside_it() {
    let mut wrong = Vec::new();
    for mode in shapes() {
        each_sheet(mode, |stage, name| {
            for control in controls(stage) {
                let place = Place::of(&control);
                for text in control.query_descendants().match_inherits("Text").find_all() {
                    let words = Place::of(&text);
                    // The measure of a title has no place of its own.
                    let measure = text.id().is_some_and(|id| id.ends_with("::measure"));
                    if !measure && !place.holds(words) {
                        let label = control.accessible_label().unwrap_or_default();
                        wrong.push(format!("{name}: the words of {label} leave it: {words:?} of {place:?}"));
                    }
                }
            }
        });
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_window_s_shape_alone_turns_the_pages() {
    use slint::ComponentHandle;
    use ui::generated::Theme;
    let stage = Stage::new();
    for mode in [false, true, false].map(|wide| Mode { wide, ..Mode::default() }) {
        let (_, view) = samples::all(Language::ZhHans).swap_remove(0);
        stage.show_as(mode, view);
        assert_eq!(stage.screen.component().global::<Theme>().get_wide(), mode.wide);
    }
}

#[test]
fn another_screen_shows_the_same_pages_smaller_or_finer() {
    use slint::{ComponentHandle, PhysicalSize};
    let stage = Stage::new();
    let window = stage.screen.component().window();
    let mut wrong = Vec::new();
    let sizes = [(1024, 768), (1280, 800), (1280, 1024), (1366, 768), (768, 1024), (800, 1280), (2160, 3840)];
    for (width, height) in sizes {
        window.set_size(PhysicalSize::new(width, height));
        // The new size is told in one turn, and scaled in the next.
        for _ in 0..3 {
            slint::platform::update_timers_and_animations();
        }
        let size = window.size().to_logical(window.scale_factor());
        let (short, long) = (size.width.min(size.height), size.width.max(size.height));
        assert!(
            (short / 1080.0).min(long / 1920.0) - 1.0 < 0.01 && short > 1079.0 && long > 1919.0,
            "{size:?}"
        );
        let screen = Place { left: 0.0, top: 0.0, right: size.width, bottom: size.height };
        for large in [false, true] {
            for language in Language::ALL {
                for (name, mut view) in samples::all(language) {
                    view.display.large = large;
                    stage.show(view);
                    for (place, words) in texts(&stage) {
                        if !screen.holds(place) {
                            wrong.push(format!(
                                "{name} {} {large} {width}×{height}: {words:?} {place:?}",
                                language.tag()
                            ));
                        }
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
