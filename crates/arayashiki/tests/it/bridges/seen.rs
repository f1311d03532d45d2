//! What the simulated systems wrote down themselves: the judge's view of what people were told and paged, from the logs on the disk.

use super::desk::{CHANNEL, Desk};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The lines of a log that are whole.
fn lines(desk: &Desk, file: &str) -> Vec<Value> {
    let mut bytes = std::fs::read(desk.world.site.folder.path().join(file)).unwrap();
    // The last one may be half written.
    bytes.truncate(bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1));
    String::from_utf8(bytes).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

impl Desk {
    /// Everything that `slack`, `backlog` or `google` wrote down, oldest first.
    pub fn log(&self, system: &str) -> Vec<Value> {
        lines(self, &format!("{system}.jsonl"))
    }

    /// What was posted by the program for all to see, in the channel or in threads.
    pub fn posted(&self) -> Vec<Value> {
        let all = self.log("slack").into_iter().filter(|entry| entry["kind"] == "slack.posted");
        let mut posted: Vec<Value> = all.map(|entry| entry["detail"].clone()).collect();
        posted.retain(|one| one["channel"] == CHANNEL && one["only_for"].is_null());
        posted
    }

    /// The messages about something, as they were posted; no threads.
    pub fn told(&self, word: &str) -> Vec<Value> {
        let mut told = self.posted();
        told.retain(|one| one["thread_ts"].is_null() && one["text"].as_str().is_some_and(|text| text.contains(word)));
        told
    }

    /// How often somebody alone was answered.
    pub fn answers(&self) -> usize {
        self.log("slack").iter().filter(|entry| entry["kind"] == "slack.ephemeral").count()
    }

    /// How a message reads now, by its `ts`; with its replies.
    pub fn reads(&self, ts: &Value) -> Value {
        let all = self.messages();
        all.iter().find(|one| one["ts"] == *ts).cloned().unwrap_or_else(|| panic!("{ts} is gone: {}", json!(all)))
    }

    /// Incidents that somebody was called for, by what stands in their titles.
    pub fn paged(&self, word: &str) -> Vec<Value> {
        let all = self.sandbox().incidents();
        all.into_iter().filter(|one| one["title"].as_str().is_some_and(|title| title.contains(word))).collect()
    }

    /// The events that were accepted for an incident, oldest first.
    pub fn events(&self, key: &Value) -> Vec<String> {
        let all = self.sandbox().effects().into_iter();
        let own = all.filter(|one| one["key"] == *key && one["via"] == "events");
        let kinds = own.filter_map(|one| one["kind"].as_str().map(str::to_owned));
        kinds.filter(|kind| ["event.trigger", "event.resolve"].contains(&kind.as_str())).collect()
    }

    /// One message, and if it was paged one trigger, whatever happened on the way.
    pub fn once(&self, word: &str, pages: usize) -> Value {
        let told = self.told(word);
        assert_eq!(told.len(), 1, "{word} was told so often: {}\n{}", json!(told), self.world.unrest());
        let paged = self.paged(word);
        assert_eq!(paged.len(), pages, "{word} was paged so often: {}", json!(paged));
        // Those that monitors began are not ours to count.
        let is_ours = |one: &&Value| one["incident_key"].as_str().is_some_and(|key| key.starts_with("arayashiki/"));
        for one in paged.iter().filter(is_ours) {
            let events = self.events(&one["incident_key"]);
            let triggers = events.iter().filter(|kind| *kind == "event.trigger").count();
            assert_eq!(triggers, 1, "{word} was sent as {events:?}");
        }
        self.reads(&told[0]["ts"])
    }

    /// No post of the program's stands there twice: each has a marker of its own.
    pub fn no_repeats(&self) {
        let mut times: BTreeMap<String, usize> = BTreeMap::new();
        for one in self.posted().iter().filter(|one| one["metadata"].is_object()) {
            *times.entry(one["metadata"].to_string()).or_default() += 1;
        }
        times.retain(|_, n| *n > 1);
        assert!(times.is_empty(), "posted more than once: {times:?}");
    }
}

/// An instant of a log, in microseconds.
pub fn micros(entry: &Value) -> i64 {
    let at = entry["at"].as_str().unwrap_or_else(|| panic!("{entry}"));
    at.parse::<jiff::Timestamp>().unwrap().as_microsecond()
}
