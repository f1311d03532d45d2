//! Acknowledging from an incident's page, as the signed-in person's own PagerDuty user: one press, one effect outside,
//! and the change arrives by itself in every window that shows the incident.

use super::journey::Way;
use super::window::shown;
use super::*;
use crate::outside::wait;

const BUTTON: &str = "[data-act=acknowledge]";
const TITLE: &str = "決済が遅い";

/// What the sandbox was told about an incident by way of its API, as who.
fn told(desk: &Desk, id: &str) -> Vec<String> {
    let effects = desk.world.sandbox.effects();
    let ours = effects.iter().filter(|e| e["incident"] == id && e["kind"] == "incident.updated" && e["via"] == "rest");
    ours.map(|e| e["from"].as_str().unwrap_or_default().to_owned()).collect()
}

/// Opens the incident and waits until the act is offered: who somebody is in PagerDuty is known only when its users have
/// been read.
fn offered(desk: &Desk, way: &Way, id: &str) -> Window {
    let mut window = way.to_the_incident(desk, PEOPLE[0], TITLE, id);
    let offered = wait::within(wait::LONG, || {
        let offered = window.sees(BUTTON);
        if !offered {
            window.reload();
        }
        offered.then_some(())
    });
    assert!(offered.is_some(), "no act is offered: {}", window.text("main"));
    window
}

fn triggered(desk: &Desk) -> String {
    let id = desk.world.sandbox.trigger(SERVICES[3], TITLE);
    desk.account(PEOPLE[0], "responder");
    desk.world.settle();
    id
}

/// In PagerDuty it happened once, and as whom.
fn happened_once(desk: &Desk, id: &str) {
    desk.world.settle();
    assert_eq!(told(desk, id), [PEOPLE[0]], "one effect, in the person's own name");
    let outside = desk.world.sandbox.incidents();
    let outside = outside.iter().find(|incident| incident["id"] == id).unwrap();
    assert_eq!(outside["status"], "acknowledged");
}

fn somebody_acknowledges(way: &Way) {
    let Some(desk) = Desk::new() else { return };
    let id = triggered(&desk);
    let mut window = offered(&desk, way, &id);
    // Another window of the same person, in which nobody touches anything.
    let mut other = desk.chromium.beside(&window, Look { scripting: true, ..way.look });
    other.go(&desk.url(&format!("/incidents/{id}")));
    other.mark();
    assert!(other.sees(".lead .st.triggered") && other.sees(BUTTON));
    if way.keyboard {
        window.tab_to(BUTTON);
        window.follow("the act", |w| w.press("Enter"));
    } else {
        window.follow("the act", |w| w.click(&shown(BUTTON)));
    }
    other.until("the acknowledgement, live", "!!document.querySelector('.lead .st.acknowledged')");
    assert!(other.is_marked(), "live is without loading the page again");
    way.sees_it_taken(&mut window);
    happened_once(&desk, &id);
    other.until("the act to be offered no more", &format!("!document.querySelector('{BUTTON}')"));
}

#[test]
fn a_responder_acknowledges_and_it_arrives_live() {
    somebody_acknowledges(&Way::english());
}

#[test]
fn in_japanese_on_a_phone() {
    somebody_acknowledges(&Way::japanese_on_a_phone());
}

#[test]
fn by_keyboard_alone() {
    somebody_acknowledges(&Way::by_keyboard());
}

#[test]
fn without_scripts() {
    somebody_acknowledges(&Way::without_scripts());
    somebody_acknowledges(&Way::without_scripts_on_a_phone());
}

#[test]
fn an_impatient_finger_acts_once() {
    let Some(desk) = Desk::new() else { return };
    let id = triggered(&desk);
    let mut window = offered(&desk, &Way::japanese_on_a_phone(), &id);
    window.follow("the act", |w| w.click_twice(&shown(BUTTON)));
    Way::japanese_on_a_phone().sees_it_taken(&mut window);
    happened_once(&desk, &id);
}

#[test]
fn who_is_nobody_in_pagerduty_is_told_so_and_offered_nothing() {
    let Some(desk) = Desk::new() else { return };
    let id = desk.world.sandbox.trigger(SERVICES[3], TITLE);
    desk.account("stranger@example.jp", "responder");
    desk.world.settle();
    let path = format!("/incidents/{id}");
    let mut window = desk.signed_in("stranger@example.jp", look("en", WIDE), &path);
    assert!(!window.sees("[data-act]"), "an act in somebody else's name");
    assert!(window.text("main").contains("stranger@example.jp"), "the reason: {}", window.text("main"));
}
