//! One incident: what state, who has it, since when, and everything anybody told us about it.

use super::frame::BRIEF_CHARS;
use super::{ActsView, EvidenceView, Frame, IncidentLink, MailRow, Named, SignalState, label};
use crate::markup::encode;
use crate::{DetailRow, details, text, when};
use model::Micros;
use model::incident::{Alert, Change, Entry, Incident, Ref, Source, Status, Urgency};
use model::mail::Ledger;

#[derive(Clone, Debug)]
pub struct IncidentView {
    /// Since when PagerDuty shows it no more.
    pub hidden_at: Option<Micros>,
    pub incident: Incident,
    /// Oldest first, as `model::incident::timeline` makes it.
    pub timeline: Vec<Entry>,
    pub customer: Option<Named>,
    /// When the API's answer that rules was asked for, by our clock.
    pub read_at: Option<Micros>,
    /// Incidents that were merged into this one.
    pub merged_from: Vec<IncidentLink>,
    /// The signals behind it, newest first.
    pub raw: Vec<RawEvent>,
    pub raw_more: bool,
    /// The alert mails that this incident stands against, newest first.
    pub mails: Vec<MailRow>,
    pub mails_more: bool,
    /// Our registration, rather than one of PagerDuty's own.
    pub is_ours: bool,
    pub acts: ActsView,
    pub evidence: EvidenceView,
}

/// A signal that told something about this incident.
#[derive(Clone, Debug)]
pub struct RawEvent {
    /// The signal's id.
    pub id: String,
    pub received_at: Micros,
    pub source: String,
    /// The event type or kind, as the sender called it.
    pub what: Option<String>,
    pub state: SignalState,
    pub size_bytes: u64,
}

impl RawEvent {
    pub fn href(&self) -> String {
        format!("/signals/{}", encode(&self.id))
    }
}

/// A day of the timeline.
#[derive(Debug)]
pub struct Day<'a> {
    pub at: Micros,
    pub entries: Vec<&'a Entry>,
}

impl IncidentView {
    /// The mail that no incident had come for, where this one is our registration for it: the first that told of it.
    pub fn registered_for(&self) -> Option<&MailRow> {
        let is_registered = |mail: &&MailRow| {
            matches!(mail.ledger, Ledger::Registered | Ledger::UnreadableRegistered | Ledger::MatchedLate)
        };
        self.mails.iter().rfind(is_registered).filter(|_| self.is_ours)
    }

    /// That PagerDuty shows it no more, if so.
    pub fn hidden_words(&self, f: &Frame) -> Option<String> {
        Some(f.t1("incident-hidden", "ago", when::ago(f.language, f.now, self.hidden_at?)))
    }

    pub fn label(&self) -> String {
        label(self.incident.data.number, &self.incident.data.id)
    }

    pub fn title_is_cut(&self) -> bool {
        self.incident.data.title.chars().nth(BRIEF_CHARS).is_some()
    }

    pub fn is_high(&self) -> bool {
        self.incident.data.urgency == Urgency::High
    }

    /// State, since when, who has it.
    pub fn sentence(&self, f: &Frame) -> String {
        let data = &self.incident.data;
        let opened = data.created_at.unwrap_or(self.incident.changed_at);
        let names = |refs: &[Ref]| f.join(&refs.iter().map(|r| r.name.clone()).collect::<Vec<_>>());
        let holders: Vec<Ref> = data.acknowledgements.iter().flatten().map(|a| a.by.clone()).collect();
        let since_ack = data.acknowledgements.iter().flatten().map(|a| a.at).max();
        match data.status {
            Status::Resolved => {
                let took = f.between(&opened, &data.resolved_at.unwrap_or(self.incident.changed_at));
                f.t1("incident-is-resolved", "took", took)
            }
            Status::Acknowledged => {
                let who = if holders.is_empty() { names(&data.assignees) } else { names(&holders) };
                let age = f.between(&since_ack.unwrap_or(self.incident.changed_at), &f.now);
                if who.is_empty() {
                    f.t1("incident-is-acknowledged", "age", age)
                } else {
                    f.t2("incident-is-acknowledged-by", "who", who, "age", age)
                }
            }
            Status::Triggered => {
                let age = f.between(&opened, &f.now);
                if data.assignees.is_empty() {
                    f.t1("incident-is-triggered", "age", age)
                } else {
                    f.t2("incident-is-triggered-for", "who", names(&data.assignees), "age", age)
                }
            }
        }
    }

    pub fn days<'a>(&'a self, f: &Frame) -> Vec<Day<'a>> {
        let mut days: Vec<(String, Day<'a>)> = Vec::new();
        for entry in &self.timeline {
            let name = f.day(&entry.at);
            match days.last_mut() {
                Some((held, day)) if *held == name => day.entries.push(entry),
                _ => days.push((name, Day { at: entry.at, entries: vec![entry] })),
            }
        }
        days.into_iter().map(|(_, day)| day).collect()
    }

    pub fn line(&self, f: &Frame, entry: &Entry) -> String {
        text::happened(f, entry.actor.as_ref(), &entry.what, entry.again)
    }

    /// The words that somebody wrote, shown below the line.
    pub fn quote(&self, entry: &Entry) -> Option<String> {
        text::quote(&entry.what)
    }

    pub fn shape(&self, entry: &Entry) -> &'static str {
        match entry.what {
            Change::Triggered { .. } | Change::Reopened | Change::Unacknowledged => "triggered",
            Change::Acknowledged => "acknowledged",
            Change::Resolved { .. } | Change::Merged { .. } => "resolved",
            _ => "dot",
        }
    }

    pub fn is_quiet(&self, entry: &Entry) -> bool {
        matches!(entry.what, Change::Notified { .. })
    }

    /// Who told: each source once, with the ids there for whoever wants to check.
    pub fn told_by(&self, f: &Frame, entry: &Entry) -> Vec<(String, String)> {
        entry.told_by.iter().map(|o| (f.word("source", o.source.as_str()), o.source_id.clone())).collect()
    }

    pub fn merged_into(&self) -> Option<IncidentLink> {
        let into = self.incident.data.resolve_reason.as_ref().and_then(|r| r.into.as_ref()).or_else(|| {
            self.timeline.iter().rev().find_map(|e| match &e.what {
                Change::Merged { into } => into.as_ref(),
                _ => None,
            })
        })?;
        Some(IncidentLink { id: into.id.clone(), number: None, title: into.name.clone() })
    }

    pub fn names(&self, f: &Frame, refs: &[Ref]) -> String {
        f.join(&refs.iter().map(|r| r.name.clone()).collect::<Vec<_>>())
    }

    pub fn alert_rows(&self, alert: &Alert) -> Vec<DetailRow> {
        details::rows(&alert.body)
    }

    pub fn alerts_open_at_once(&self) -> bool {
        self.incident.alerts.len() <= 2
    }

    /// Whether anything here came through the API.
    pub fn was_read(&self) -> bool {
        self.read_at.is_some() || self.incident.snapshot_at.is_some()
    }

    pub fn only_webhooks(&self) -> bool {
        !self.timeline.iter().any(|e| e.told_by.iter().any(|o| o.source != Source::Webhook))
    }
}
