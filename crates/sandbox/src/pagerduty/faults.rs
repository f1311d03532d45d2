//! Scripted trouble: which request or delivery is disturbed, at which hit, and how. Decides nothing about the account.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Surface {
    Rest,
    Events,
    Webhook,
}

/// Where in an exchange a connection is cut or a process killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Point {
    BeforeRead,
    MidBody,
    AfterEffect,
    MidReply,
    /// Webhooks only: all sent, the reply not read.
    BeforeReply,
    /// Webhooks only: the reply has come.
    AfterReply,
}

impl Point {
    fn fits(self, on: Surface) -> bool {
        match self {
            Self::BeforeRead | Self::MidBody => true,
            Self::AfterEffect | Self::MidReply => on != Surface::Webhook,
            Self::BeforeReply | Self::AfterReply => on == Surface::Webhook,
        }
    }
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Do {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delay_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
    #[serde(skip_serializing_if = "HashMap::is_empty")]
    pub headers: HashMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cut: Option<Point>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub late_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub appear_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stale: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duplicate: Option<u32>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub reorder: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub force: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kill_pid: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Point>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signal: Option<i32>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fault {
    pub on: Surface,
    #[serde(default)]
    pub method: Option<String>,
    /// A prefix, or a pattern with `*`; for webhooks the event type.
    #[serde(default)]
    pub path: Option<String>,
    #[serde(default = "one")]
    pub nth: u32,
    #[serde(default = "one")]
    pub times: u32,
    #[serde(rename = "do")]
    pub act: Do,
    #[serde(default, skip_deserializing)]
    pub hits: u32,
    #[serde(default, skip_deserializing)]
    pub fired: u32,
}

fn one() -> u32 {
    1
}

/// A connection's end without an answer at this point, and perhaps a process's end with it.
impl Do {
    pub(crate) fn ends_at(&self, point: Point) -> bool {
        self.cut == Some(point) || (self.kill_pid.is_some() && self.at == Some(point))
    }

    /// Sends the signal if this is its point.
    pub(crate) fn kill(&self, point: Point) {
        if let Some(pid) = self.kill_pid.filter(|_| self.at == Some(point)) {
            send_signal(pid, self.signal.unwrap_or(libc::SIGKILL));
        }
    }
}

fn send_signal(pid: i32, signal: i32) {
    #[expect(unsafe_code, reason = "kill(2) takes two integers; the process id was checked to be a single process")]
    // SAFETY: kill has no memory effects; validate() refuses 0, 1 and negative ids, which mean groups or everything.
    let outcome = unsafe { libc::kill(pid, signal) };
    if outcome != 0 {
        tracing::warn!(pid, signal, error = %std::io::Error::last_os_error(), "the process to be killed is not there");
    }
}

impl Fault {
    /// What is wrong with it, if anything.
    pub(crate) fn problem(&self) -> Option<&'static str> {
        let act = &self.act;
        let webhook = self.on == Surface::Webhook;
        let outside_webhooks = act.status.is_some() || act.late_ms.is_some() || act.stale.is_some();
        if [act.cut, act.at].into_iter().flatten().any(|p| !p.fits(self.on)) {
            return Some("that point does not exist on this surface");
        }
        if webhook && outside_webhooks {
            return Some("status, late_ms and stale are for rest and events");
        }
        if !webhook && (act.duplicate.is_some() || act.reorder) {
            return Some("duplicate and reorder are for webhooks");
        }
        if act.appear_ms.is_some() && self.on != Surface::Events {
            return Some("appear_ms is for events");
        }
        if act.kill_pid.is_some() != act.at.is_some() || act.kill_pid.is_some_and(|pid| pid < 2) {
            return Some("kill_pid wants a process id above 1 and a point in `at`");
        }
        (self.nth == 0 || self.times == 0).then_some("nth and times count from 1")
    }

    fn matches(&self, on: Surface, method: &str, path: &str) -> bool {
        self.on == on
            && self.method.as_deref().is_none_or(|m| m.eq_ignore_ascii_case(method))
            && self.path.as_deref().is_none_or(|p| path_matches(p, path))
    }
}

/// `*` stands for any run of characters; without one the pattern is a prefix.
pub(crate) fn path_matches(pattern: &str, path: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = path.strip_prefix(first) else { return false };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return true };
    for part in middle {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

#[derive(Debug, Default)]
pub(crate) struct Faults {
    pub all: Vec<Fault>,
    pub outage: Outage,
}

/// A whole surface out of order.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Outage {
    pub rest: bool,
    pub events: bool,
    pub webhooks: bool,
    pub mode: OutageMode,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum OutageMode {
    #[default]
    #[serde(rename = "refuse")]
    Refuse,
    #[serde(rename = "hang")]
    Hang,
    #[serde(rename = "5xx")]
    Error,
}

impl Outage {
    pub(crate) fn on(&self, surface: Surface) -> Option<OutageMode> {
        let out = match surface {
            Surface::Rest => self.rest,
            Surface::Events => self.events,
            Surface::Webhook => self.webhooks,
        };
        out.then_some(self.mode)
    }
}

impl Faults {
    /// Counts the hit in every fault that matches; the first one whose turn it is acts.
    pub(crate) fn hit(&mut self, on: Surface, method: &str, path: &str) -> Option<Do> {
        let mut chosen = None;
        for fault in self.all.iter_mut().filter(|f| f.matches(on, method, path)) {
            fault.hits += 1;
            let due = fault.hits >= fault.nth && fault.fired < fault.times;
            if due && chosen.is_none() {
                fault.fired += 1;
                chosen = Some(fault.act.clone());
            }
        }
        chosen
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        assert!(path_matches("/incidents", "/incidents/Q1/notes"));
        assert!(path_matches("/incidents/*/notes", "/incidents/Q1/notes"));
        assert!(!path_matches("/incidents/*/notes", "/incidents/Q1/alerts"));
        assert!(path_matches("incident.*", "incident.triggered"));
        assert!(!path_matches("/v2", "/incidents"));
    }

    #[test]
    fn the_nth_hit_fires_so_many_times() {
        let fault: Fault =
            serde_json::from_str(r#"{"on":"rest","nth":2,"times":2,"do":{"status":500}}"#).expect("a fault");
        let mut faults = Faults { all: vec![fault], ..Faults::default() };
        let fired: Vec<bool> = (0..4).map(|_| faults.hit(Surface::Rest, "GET", "/x").is_some()).collect();
        assert_eq!(fired, [false, true, true, false]);
    }

    #[test]
    fn nonsense_is_refused() {
        let parse = |text: &str| serde_json::from_str::<Fault>(text).expect("a fault");
        assert!(parse(r#"{"on":"webhook","do":{"status":500}}"#).problem().is_some());
        assert!(parse(r#"{"on":"rest","do":{"kill_pid":1,"at":"mid_body"}}"#).problem().is_some());
        assert!(parse(r#"{"on":"rest","do":{"cut":"before_reply"}}"#).problem().is_some());
        assert!(parse(r#"{"on":"rest","do":{"cut":"after_effect"}}"#).problem().is_none());
        assert!(serde_json::from_str::<Fault>(r#"{"on":"rest","do":{"explode":1}}"#).is_err());
    }
}
