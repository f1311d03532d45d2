//! Pages that change by themselves: never under the finger, never while somebody types, and back in order after the
//! server was away.

use super::*;
use crate::world::Arms;

/// Enough to be scrolled.
const MANY: usize = 30;

fn many(desk: &Desk) {
    for n in 0..MANY {
        desk.world.sandbox.trigger(SERVICES[n % SERVICES.len()], &format!("row {n:02}"));
    }
    desk.account(PEOPLE[0], "responder");
    desk.world.settle();
}

/// Where a row stands in the window.
fn place(window: &mut Window, href: &str) -> f64 {
    let row = format!("document.querySelector('[data-go][href=\"{href}\"]').getBoundingClientRect().top");
    window.see(&row).as_f64().unwrap()
}

fn arrives(window: &mut Window, id: &str) {
    window.until("a new row", &format!("!!document.querySelector('[data-go][href=\"/incidents/{id}\"]')"));
}

#[test]
fn a_change_never_moves_what_is_being_read() {
    let Some(desk) = Desk::new() else { return };
    many(&desk);
    for (n, width) in [WIDE, PHONE].into_iter().enumerate() {
        let mut window = desk.signed_in(PEOPLE[0], look("ja", width), "/incidents?status=open");
        window.see("scrollTo(0, document.querySelectorAll('[data-row]')[12].offsetTop + 300)");
        let seen = window.see(
            "[...document.querySelectorAll('[data-row]')].find((r) => r.getBoundingClientRect().top > 120).querySelector('[data-go]').getAttribute('href')",
        );
        let seen = seen.as_str().unwrap().to_owned();
        assert!(window.see("scrollY").as_f64().unwrap() > 100.0, "the list is too short to scroll");
        let before = place(&mut window, &seen);
        window.mark();
        let id = desk.world.sandbox.trigger(SERVICES[0], &format!("new {n}"));
        arrives(&mut window, &id);
        let after = place(&mut window, &seen);
        assert!(window.is_marked() && (after - before).abs() <= 1.0, "at {width}: from {before} to {after}");
    }
}

#[test]
fn a_change_takes_no_focus_and_no_half_typed_word() {
    let Some(desk) = Desk::new() else { return };
    many(&desk);
    let mut window = desk.signed_in(PEOPLE[0], look("en", WIDE), "/incidents?status=open");
    window.press("j");
    window.press("j");
    let chosen = window.see("document.activeElement.getAttribute('href')");
    let first = desk.world.sandbox.trigger(SERVICES[0], "while a row has the focus");
    arrives(&mut window, &first);
    assert_eq!(window.see("document.activeElement.getAttribute('href')"), chosen);
    window.press("/");
    window.write("half a wo");
    let second = desk.world.sandbox.trigger(SERVICES[1], "while somebody types");
    arrives(&mut window, &second);
    assert_eq!(window.see("document.activeElement.value"), "half a wo");
}

#[test]
fn a_page_that_lost_its_server_goes_on_by_itself() {
    let Some(mut desk) = Desk::new() else { return };
    desk.account(PEOPLE[0], "responder");
    let mut window = desk.signed_in(PEOPLE[0], look("en", WIDE), "/incidents?status=open");
    window.mark();
    desk.world.site.stop();
    desk.world.site.start(&Arms::default());
    let id = desk.world.sandbox.trigger(SERVICES[0], "after the restart");
    arrives(&mut window, &id);
    assert!(window.is_marked(), "the same page, not another one");
}
