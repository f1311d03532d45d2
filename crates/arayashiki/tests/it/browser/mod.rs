//! The pages in a real browser, as the people see them who work with them: signing in, finding, opening, acting, live
//! changes, the keyboard, the phone, no scripts, and accessibility. Chromium is driven over its DevTools protocol.

mod accessible;
mod acts;
mod chromium;
mod journey;
mod live;
mod window;
mod wire;

use crate::outside::process::{err, out};
use crate::outside::signing;
use crate::stranger;
use crate::world::sandbox::{PEOPLE, SERVICES};
use crate::world::{Database, SHORT, World};
use chromium::Chromium;
use serde_json::json;
use window::{Look, PHONE, WIDE, Window};

const PASSWORD: &str = "a lantern in the long corridor";

/// A desk to sit at: a running installation with its sandbox, and a browser. `None` where there is no browser.
struct Desk {
    /// First, so that no window waits for a server that has gone.
    chromium: Chromium,
    world: World,
}

impl Desk {
    fn new() -> Option<Self> {
        let chromium = Chromium::start()?;
        Some(Self { chromium, world: World::started(Database::Sqlite, SHORT) })
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.world.site.address)
    }

    /// Makes an account and the link that gives it its first password.
    fn link(&self, email: &str, role: &str) -> String {
        let add = ["user", "add", "--email", email, "--name", "佐藤 花子", "--role", role];
        let made = self.world.site.command(&add);
        assert!(made.status.success(), "{}", err(&made));
        let link = out(&made);
        link.trim().split_once(&self.world.site.address.to_string()).unwrap().1.to_owned()
    }

    /// An account that can be signed in to.
    fn account(&self, email: &str, role: &str) {
        let fields = [("email", email), ("name", "佐藤 花子"), ("password", PASSWORD), ("password_again", PASSWORD)];
        let answer = stranger::Browser::new(self.world.site.address).post(&self.link(email, role), &fields);
        assert!((300..400).contains(&answer.status), "{} {}", answer.status, answer.text());
    }

    /// A window in which somebody has signed in through the page, at the address that they wanted.
    fn signed_in(&self, email: &str, look: Look, wanted: &str) -> Window {
        let mut window = self.chromium.window(look);
        window.go(&self.url(wanted));
        assert!(window.path().starts_with("/sign-in"), "{}", window.path());
        window.click(&window::shown("input[name=email]"));
        window.write(email);
        window.press("Tab");
        window.write(PASSWORD);
        window.follow("signing in", |w| w.press("Enter"));
        assert_eq!(window.path(), wanted, "who signs in gets where they wanted: {}", window.text("body"));
        window
    }

    /// Incidents of every status with notes, priorities and alerts, a job that nobody will do by itself and a signal that
    /// can't be read; the incidents' ids.
    fn fill(&self) -> Vec<String> {
        let sandbox = &self.world.sandbox;
        let refusal = json!({ "error": { "message": "Invalid Input Provided", "code": 2001, "errors": ["no"] } });
        sandbox.fault(&json!({
            "on": "rest", "method": "POST", "path": "/incidents/*/notes", "do": { "status": 400, "body": refusal },
        }));
        let trigger = |service: &&str| sandbox.trigger(service, &format!("{service} の遅延"));
        let mut ids: Vec<String> = SERVICES.iter().map(trigger).collect();
        ids.push(sandbox.enqueue(SERVICES[0], "web01/disk"));
        for (at, mut act) in [
            (1, json!({ "act": "acknowledge" })),
            (1, json!({ "act": "note", "content": "見ています 🔧" })),
            (1, json!({ "act": "priority", "priority": "P1" })),
            (2, json!({ "act": "resolve" })),
            (3, json!({ "act": "status_update", "message": "調査中" })),
        ] {
            act["incident"] = json!(ids[at]);
            act["by"] = json!(PEOPLE[0]);
            sandbox.control("act", &act);
        }
        let strange = b"{\"event\":{\"id\":\"01STRANGE\",\"event_type\":7}}".to_vec();
        signing::deliver(self.world.site.address, &sandbox.secret(), strange).unwrap();
        self.world.settle();
        let account = self.world.site.account().unwrap();
        assert!(account["unreadable"] == 1 && account["jobs"]["dead"] == 1, "{account}");
        ids
    }
}

const fn look(language: &'static str, width: u32) -> Look {
    Look { language, width, scripting: true }
}
