//! A simulated space of Backlog beside a desk: what people do there, and what we wrote there.

use crate::net::others::Other;
use crate::outside::wait;
use crate::world::World;
use serde_json::{Value, json};
use std::path::Path;

pub const SPACE: &str = "hoshino";
pub const SECRET: &str = "hint-4f1c9ab2e07d";
pub const PROJECT: &str = "MINATO";
/// Somebody of the customer's, somebody of ours.
pub const CUSTOMER: &str = "tanaka";
pub const OURS: &str = "sato";

pub struct Tracker {
    pub backlog: Other,
}

impl Tracker {
    pub fn start(folder: &Path, webhook_url: &str) -> Self {
        let log = folder.join("backlog.jsonl");
        let options = ["--webhook-url", webhook_url, "--log", log.to_str().unwrap()];
        Self { backlog: Other::start(folder, "backlog", &options) }
    }

    /// The keys of the configuration by which the space is opened.
    pub fn access(&self, by_oauth: bool) -> String {
        let oauth = &self.backlog.info["oauth"];
        let text = |name: &str| oauth[name].as_str().unwrap_or_else(|| panic!("{}", self.backlog.info));
        if !by_oauth {
            return format!("api_key = \"{}\"\n", self.backlog.text("api_key"));
        }
        let keys = ["client_id", "client_secret", "refresh_token"];
        keys.iter().map(|key| format!("{key} = \"{}\"\n", text(key))).collect()
    }

    /// A ticket that a customer creates; its key.
    pub fn create(&self, title: &str) -> String {
        let body = json!({ "as": CUSTOMER, "project": PROJECT, "summary": title, "priority": "高" });
        self.acted("create", &body)
    }

    pub fn control(&self, what: &str, body: &Value) -> Value {
        self.backlog.control(what, body)
    }

    /// What somebody does over there; the ticket's key.
    pub fn acted(&self, what: &str, body: &Value) -> String {
        let done = self.backlog.control(what, body);
        done["ticket"].as_str().unwrap_or_else(|| panic!("{what} {body}: {done}")).to_owned()
    }

    /// The keys of the tickets whose titles have this.
    pub fn titled(&self, words: &str) -> Vec<String> {
        self.found(|row| row["summary"].as_str().is_some_and(|title| title.contains(words)))
    }

    /// Those of them that nobody has.
    pub fn unassigned(&self, words: &str) -> Vec<String> {
        self.found(|row| {
            row["assignee"].is_null() && row["summary"].as_str().is_some_and(|title| title.contains(words))
        })
    }

    fn found(&self, is_meant: impl Fn(&Value) -> bool) -> Vec<String> {
        let all = self.backlog.get("tickets");
        let rows = all["tickets"].as_array().unwrap_or_else(|| panic!("{all}"));
        let made = rows.iter().filter(|row| is_meant(row));
        made.filter_map(|row| row["issueKey"].as_str().or(row["key"].as_str())).map(str::to_owned).collect()
    }

    /// Waits until the first contact is over, so that what happens from now on is news.
    pub fn settled(&self, world: &World) {
        let is_over = || {
            let jobs = world.site.all("jobs?state=done").ok()?;
            let of = |effect: &str| jobs.iter().any(|job| job["effect"] == effect);
            (of("list_activities") && of("list_tickets")).then_some(())
        };
        assert!(wait::within(wait::LONG, is_over).is_some(), "no first contact: {}", world.unrest());
        world.settle();
    }
}
