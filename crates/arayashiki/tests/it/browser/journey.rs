//! The way of a responder who was woken: in, to the right incident, and seeing it move; in both languages, on a phone, by
//! keyboard alone, and without scripts.

use super::window::{by_text, shown};
use super::*;
use crate::outside::wait;

/// How somebody works with the pages.
pub struct Way {
    pub look: Look,
    pub keyboard: bool,
    words: Words,
}

struct Words {
    sign_in: &'static str,
    triggered: &'static str,
    acknowledged: &'static str,
    filter: &'static str,
    apply: &'static str,
}

const ENGLISH: Words = Words {
    sign_in: "Sign in",
    triggered: "Triggered",
    acknowledged: "Acknowledged",
    filter: "Filter",
    apply: "Apply",
};
const JAPANESE: Words =
    Words {
        sign_in: "サインイン", triggered: "発生中", acknowledged: "確認済み", filter: "絞り込み", apply: "適用"
    };

impl Way {
    pub fn english() -> Self {
        Self { look: look("en", WIDE), keyboard: false, words: ENGLISH }
    }

    pub fn japanese_on_a_phone() -> Self {
        Self { look: look("ja-JP,ja;q=0.9", PHONE), keyboard: false, words: JAPANESE }
    }

    pub fn by_keyboard() -> Self {
        Self { keyboard: true, ..Self::english() }
    }

    pub fn without_scripts() -> Self {
        Self { look: Look { scripting: false, ..look("ja", WIDE) }, keyboard: false, words: JAPANESE }
    }

    pub fn without_scripts_on_a_phone() -> Self {
        Self { look: Look { scripting: false, ..look("en", PHONE) }, keyboard: false, words: ENGLISH }
    }

    fn sign_in(&self, desk: &Desk, email: &str) -> Window {
        let mut window = desk.chromium.window(self.look);
        window.go(&desk.url("/incidents?status=open"));
        assert_eq!(window.text("h1"), self.words.sign_in);
        assert_eq!(window.see("document.documentElement.lang"), self.look.language[..2]);
        window.click(&shown("input[name=email]"));
        window.write(email);
        window.tab_to("input[name=password]");
        window.write(PASSWORD);
        let button = by_text("button", self.words.sign_in);
        window.follow("signing in", |w| if self.keyboard { w.press("Enter") } else { w.click(&button) });
        assert_eq!(window.path(), "/incidents?status=open", "{}", window.text("body"));
        window
    }

    /// By status and by words, so that one row is left.
    fn find(&self, window: &mut Window, words: &str) {
        if self.keyboard {
            window.press("/");
            window.write(words);
            window.follow("a search", |w| w.press("Enter"));
            window.tab_to("nav.tabs a[href*='status=triggered']");
            window.follow("a status", |w| w.press("Enter"));
            return;
        }
        window.follow("a status", |w| w.click(&by_text("nav.tabs a", self.words.triggered)));
        window.click(&by_text("summary", self.words.filter));
        window.click(&shown("details.filters input[name=text]"));
        window.write(words);
        window.follow("a filter", |w| w.click(&by_text("details.filters button", self.words.apply)));
    }

    /// From the list to the only incident in it.
    fn open(&self, window: &mut Window) {
        let rows = window.see("[...document.querySelectorAll('tr[data-row] [data-go]')].map((a) => a.textContent)");
        assert_eq!(rows.as_array().unwrap().len(), 1, "{rows}");
        if self.keyboard {
            window.press("j");
            window.follow("an incident", |w| w.press("Enter"));
        } else {
            window.follow("an incident", |w| w.click(&shown("tr[data-row] [data-go]")));
        }
    }

    /// The whole way to an incident that waits for somebody.
    pub fn to_the_incident(&self, desk: &Desk, email: &str, words: &str, id: &str) -> Window {
        let mut window = self.sign_in(desk, email);
        self.find(&mut window, words);
        let path = window.path();
        assert!(path.contains("status=triggered") && path.contains("text="), "{path}");
        self.open(&mut window);
        assert_eq!(window.path(), format!("/incidents/{id}"));
        assert!(window.text("h1").contains(words), "{}", window.text("h1"));
        assert!(window.text(".lead").contains(self.words.triggered), "{}", window.text(".lead"));
        window
    }

    /// Waits until an incident's page says that somebody has it: by itself where scripts run, read again otherwise.
    pub fn sees_it_taken(&self, window: &mut Window) {
        let words = self.words.acknowledged;
        if self.look.scripting {
            window.until("an acknowledgement to arrive", "!!document.querySelector('.lead .st.acknowledged')");
        } else {
            wait::until("an acknowledgement to be read", || {
                window.reload();
                window.sees(".lead .st.acknowledged").then_some(())
            });
        }
        assert!(window.text(".lead").contains(words), "{}", window.text(".lead"));
    }
}

/// Two incidents, of which one is looked for; somebody else takes it in PagerDuty meanwhile.
fn somebody_finds_an_incident_and_sees_it_taken(way: &Way) {
    let Some(desk) = Desk::new() else { return };
    let id = desk.world.sandbox.trigger(SERVICES[3], "決済が遅い");
    desk.world.sandbox.trigger(SERVICES[0], "another");
    desk.account(PEOPLE[0], "responder");
    desk.world.settle();
    let mut window = way.to_the_incident(&desk, PEOPLE[0], "決済が遅い", &id);
    window.mark();
    let act = json!({ "incident": id, "act": "acknowledge", "by": PEOPLE[1] });
    desk.world.sandbox.control("act", &act);
    way.sees_it_taken(&mut window);
    assert_eq!(window.is_marked(), way.look.scripting, "live is without loading the page again");
    assert!(window.text(".line").contains("Tanaka Ken"), "who has it: {}", window.text("main"));
}

#[test]
fn a_responder_finds_an_incident_and_sees_it_taken_live() {
    somebody_finds_an_incident_and_sees_it_taken(&Way::english());
}

#[test]
fn the_same_in_japanese_on_a_phone() {
    somebody_finds_an_incident_and_sees_it_taken(&Way::japanese_on_a_phone());
}

#[test]
fn the_same_by_keyboard_alone() {
    somebody_finds_an_incident_and_sees_it_taken(&Way::by_keyboard());
}

#[test]
fn the_same_without_scripts() {
    somebody_finds_an_incident_and_sees_it_taken(&Way::without_scripts());
    somebody_finds_an_incident_and_sees_it_taken(&Way::without_scripts_on_a_phone());
}

#[test]
fn keys_move_through_the_rows_and_lead_to_search_and_help() {
    let Some(desk) = Desk::new() else { return };
    for service in &SERVICES[..3] {
        desk.world.sandbox.trigger(service, &format!("a row of {service}"));
    }
    desk.account(PEOPLE[0], "responder");
    desk.world.settle();
    let mut window = desk.signed_in(PEOPLE[0], look("en", WIDE), "/incidents?status=open");
    let rows = window.see("[...document.querySelectorAll('[data-row] [data-go]')].map((a) => a.pathname)");
    assert_eq!(rows.as_array().unwrap().len(), 3, "{rows}");
    for (key, at) in [("j", 0), ("j", 1), ("j", 2), ("j", 2), ("k", 1), ("k", 0), ("k", 0), ("j", 1)] {
        window.press(key);
        assert_eq!(window.see("document.activeElement.pathname"), rows[at], "after {key}");
        let outline = window.see("getComputedStyle(document.activeElement).outlineStyle");
        assert_eq!(outline, "solid", "the focus can be seen");
    }
    window.press("/");
    assert_eq!(window.see("document.activeElement.matches('[data-search]')"), true);
    window.write("jk?/");
    assert_eq!(window.see("document.activeElement.value"), "jk?/", "who types moves nothing");
    window.press("Escape");
    window.press("j");
    assert_eq!(window.see("document.activeElement.pathname"), rows[0], "after Escape");
    let second = rows[1].as_str().unwrap().to_owned();
    window.press("j");
    window.follow("a row", |w| w.press("Enter"));
    assert_eq!(window.path(), second);
    window.follow("help", |w| w.press("?"));
    assert_eq!(window.path(), "/help");
}
