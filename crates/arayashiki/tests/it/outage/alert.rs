//! Alerts of a simulated Zabbix: the mail to the net and, where it is rightly set, the event to PagerDuty.

use super::scene::{RECIPIENT, SENDER, Scene};
use serde_json::json;

/// Where the monitor's events go when they go anywhere.
pub const SERVICE: &str = "Hoshino Foods / EC site";

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Alert {
    pub host: String,
    pub check: String,
    /// The monitor's own number of it, under which it tells PagerDuty as well.
    pub number: u64,
}

impl Alert {
    /// The `n`th of a story; no two are alike.
    pub fn nth(story: &str, n: u64) -> Self {
        let checks = ["Disk is full on /var", "HTTP is down", "Memory is low", "CPU load is high"];
        Self {
            host: format!("{story}{n:04}"),
            check: checks[n as usize % checks.len()].to_owned(),
            number: 1_000_000 + n,
        }
    }

    pub fn key(&self) -> String {
        self.number.to_string()
    }

    fn mail(&self, at: jiff::Timestamp, (head, subject, word): (&str, &str, &str), nth: u32) -> Vec<u8> {
        let zoned = at.to_zoned(jiff::tz::TimeZone::UTC);
        let date = jiff::fmt::rfc2822::to_string(&zoned).unwrap();
        let time = zoned.strftime("%H:%M:%S on %Y.%m.%d");
        format!(
            "From: {SENDER}\r\nTo: {RECIPIENT}\r\nSubject: {subject}: {}\r\nMessage-ID: <{}>\r\nDate: {date}\r\n\r\n\
             {head} at {time}\r\nProblem name: {}\r\nHost: {}\r\nSeverity: High\r\nOriginal problem ID: {}\r\n",
            self.check,
            self.message_id(word, nth),
            self.check,
            self.host,
            self.number,
        )
        .into_bytes()
    }

    pub fn message_id(&self, word: &str, nth: u32) -> String {
        format!("{}.{word}.{nth}@mon.example.jp", self.number)
    }

    /// Its problem, for the `nth` time.
    pub fn problem(&self, at: jiff::Timestamp, nth: u32) -> Vec<u8> {
        self.mail(at, ("Problem started", "Problem", "problem"), nth)
    }

    pub fn recovery(&self, at: jiff::Timestamp) -> Vec<u8> {
        self.mail(at, ("Problem has been resolved", "Resolved in 5m", "recovery"), 0)
    }

    /// What the monitor tells PagerDuty, and whether that was taken.
    pub fn event(&self, scene: &Scene, action: &str) -> bool {
        let event = json!({
            "routing_key": scene.routing_key, "event_action": action, "dedup_key": self.key(),
            "payload": {
                "summary": format!("{}: {}", self.host, self.check), "source": self.host, "severity": "critical",
                "custom_details": { "host": self.host, "problem": self.check },
            },
        });
        let request = crate::outside::http::Request::new("POST", "/v2/enqueue").json_body(&event);
        request.send(scene.world.sandbox.address).is_ok_and(|answer| answer.status == 202)
    }
}

impl Scene {
    /// Mails a problem until it is taken, as a relay does.
    pub fn problem(&self, alert: &Alert) {
        self.surely(&alert.problem(self.now(), 0));
    }

    pub fn recovery(&self, alert: &Alert) {
        self.surely(&alert.recovery(self.now()));
    }

    fn surely(&self, raw: &[u8]) {
        crate::outside::wait::until("a mail to be taken", || {
            self.mail(raw).ok().filter(|answer| answer.starts_with("250"))
        });
    }
}
