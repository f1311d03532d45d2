//! What a template may say of an incident, and what people may press on its message. Times are written out, so that the same
//! state gives the same words whenever it is rendered.

use super::{Problem, Wording};
use crate::say::{Language, minute, say, span};
use jiff::tz::TimeZone;
use model::Micros;
use model::act::Act;
use model::incident::{ActorKind, Change, Entry, Incident, Ref, Status, Urgency};
use model::message::{Card, Link, Look, Press};
use serde::Serialize;

/// Lines of the story that its message in the thread has; the page has all of them.
const MOST_ENTRIES: usize = 25;
const MOST_NOTES: usize = 10;
const MOST_ALERTS: usize = 5;
const MOST_CHARS: usize = 600;

/// For whom and from where it is told.
#[derive(Clone, Copy, Debug)]
pub struct Told<'a> {
    pub language: Language,
    pub zone: &'a TimeZone,
    pub public_url: &'a str,
    /// The customer's name as people read it.
    pub customer: Option<&'a str>,
}

#[derive(Clone, Debug, Serialize)]
pub struct Facts {
    pub id: String,
    pub number: Option<i64>,
    pub title: String,
    /// triggered, acknowledged or resolved.
    pub status: &'static str,
    pub status_word: String,
    /// high or low.
    pub urgency: &'static str,
    pub urgency_word: String,
    pub service: Option<String>,
    pub customer: Option<String>,
    pub priority: Option<String>,
    pub assignees: Vec<String>,
    pub acknowledged_by: Vec<String>,
    pub opened_at: String,
    pub acknowledged_at: Option<String>,
    pub resolved_at: Option<String>,
    pub resolved_by: Option<String>,
    /// From its beginning to its end.
    pub lasted: Option<String>,
    pub alerts: usize,
    pub notes: usize,
    pub url: Option<String>,
    pub pagerduty_url: Option<String>,
    /// What happened, oldest first.
    pub story: Vec<Line>,
    pub note_lines: Vec<Line>,
    pub alert_lines: Vec<String>,
    /// Entries that are left out here.
    pub left_out: usize,
}

#[derive(Clone, Debug, Serialize)]
pub struct Line {
    pub at: String,
    pub who: Option<String>,
    pub text: String,
}

pub fn facts(told: &Told<'_>, incident: &Incident, entries: &[Entry]) -> Facts {
    let data = &incident.data;
    let at = |at: Micros| minute(told.language, told.zone, at);
    let opened = data.created_at.unwrap_or(incident.changed_at);
    let ended = entries.iter().rev().find(|entry| is_end(&entry.what)).filter(|_| !data.status.is_open());
    let resolved_at = data.resolved_at.or(ended.map(|entry| entry.at)).filter(|_| !data.status.is_open());
    let shown: Vec<&Entry> = entries.iter().filter(|entry| !matches!(entry.what, Change::Notified { .. })).collect();
    let left_out = shown.len().saturating_sub(MOST_ENTRIES);
    let acknowledged = data.acknowledgements.as_deref().unwrap_or(&incident.acknowledgements);
    Facts {
        id: data.id.clone(),
        number: data.number,
        title: one_line(&data.title),
        status: data.status.as_str(),
        status_word: status_word(told.language, data.status),
        urgency: data.urgency.as_str(),
        urgency_word: urgency_word(told.language, data.urgency),
        service: name(data.service.as_ref()),
        customer: told.customer.map(one_line),
        priority: name(data.priority.as_ref()),
        assignees: names(&data.assignees),
        acknowledged_by: unique(acknowledged.iter().map(|ack| one_line(&ack.by.name)).collect()),
        opened_at: at(opened),
        acknowledged_at: incident.acknowledged_at.map(at),
        resolved_at: resolved_at.map(at),
        resolved_by: ended.and_then(person),
        lasted: resolved_at.map(|end| span(told.language, end.since(opened) / 1_000_000)),
        alerts: incident.alerts.len(),
        notes: incident.notes.len(),
        url: (!told.public_url.is_empty()).then(|| format!("{}/incidents/{}", told.public_url, data.id)),
        pagerduty_url: data.html_url.clone(),
        story: shown
            .iter()
            .skip(left_out)
            .map(|entry| Line {
                at: at(entry.at),
                who: person(entry),
                text: change_words(told, &entry.what, entry.again),
            })
            .collect(),
        note_lines: notes(told, incident),
        alert_lines: incident.alerts.iter().take(MOST_ALERTS).map(|alert| cut(&one_line(&alert.title))).collect(),
        left_out,
    }
}

const fn is_end(what: &Change) -> bool {
    matches!(what, Change::Resolved { .. } | Change::Merged { .. })
}

fn notes(told: &Told<'_>, incident: &Incident) -> Vec<Line> {
    let from = incident.notes.len().saturating_sub(MOST_NOTES);
    let line = |note: &model::incident::IncidentNote| Line {
        at: minute(told.language, told.zone, note.at),
        who: note.by.as_ref().map(|by| one_line(&by.name)),
        text: cut(&one_line(&note.note.content)),
    };
    incident.notes.iter().skip(from).map(line).collect()
}

fn person(entry: &Entry) -> Option<String> {
    let actor = entry.actor.as_ref().filter(|actor| actor.kind == ActorKind::User)?;
    Some(one_line(&actor.who.name)).filter(|name| !name.is_empty())
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn cut(text: &str) -> String {
    model::text::cut(text, MOST_CHARS)
}

fn name(named: Option<&Ref>) -> Option<String> {
    named.map(|named| one_line(&named.name)).filter(|name| !name.is_empty())
}

fn names(named: &[Ref]) -> Vec<String> {
    unique(named.iter().filter_map(|one| name(Some(one))).collect())
}

fn unique(mut names: Vec<String>) -> Vec<String> {
    let mut seen = std::collections::BTreeSet::new();
    names.retain(|name| !name.is_empty() && seen.insert(name.clone()));
    names
}

pub fn status_word(l: Language, status: Status) -> String {
    match status {
        Status::Triggered => say!(l, ja: "発生中", en: "Triggered"),
        Status::Acknowledged => say!(l, ja: "確認済み", en: "Acknowledged"),
        Status::Resolved => say!(l, ja: "解決", en: "Resolved"),
    }
}

fn urgency_word(l: Language, urgency: Urgency) -> String {
    match urgency {
        Urgency::High => say!(l, ja: "緊急度 高", en: "high urgency"),
        Urgency::Low => say!(l, ja: "緊急度 低", en: "low urgency"),
    }
}

/// What happened, without who did it.
fn change_words(told: &Told<'_>, what: &Change, again: bool) -> String {
    let l = told.language;
    let to = |to: &[Ref]| names(to).join(", ");
    match what {
        Change::Triggered { .. } if again => say!(l, ja: "再び通知がありました", en: "told of again"),
        Change::Triggered { .. } => say!(l, ja: "発生", en: "triggered"),
        Change::Acknowledged => say!(l, ja: "確認", en: "acknowledged"),
        Change::Unacknowledged => {
            say!(l, ja: "確認の期限切れ、再び発生中", en: "acknowledgement ran out, triggered again")
        }
        Change::Resolved { resolution } => match resolution.as_deref().map(one_line).filter(|text| !text.is_empty()) {
            Some(text) => say!(l, ja: "解決: {text}", en: "resolved: {text}", text = cut(&text)),
            None => say!(l, ja: "解決", en: "resolved"),
        },
        Change::Reopened => say!(l, ja: "再オープン", en: "reopened"),
        Change::Reassigned { to: who } => say!(l, ja: "担当を {to} に変更", en: "assigned to {to}", to = to(who)),
        Change::Escalated { to: who } => say!(l, ja: "{to} にエスカレーション", en: "escalated to {to}", to = to(who)),
        Change::Delegated { to: policy } => {
            let to = name(policy.as_ref()).unwrap_or_default();
            say!(l, ja: "ポリシー {to} に引き渡し", en: "delegated to the policy {to}", to = to)
        }
        Change::PriorityChanged { to: priority } => {
            let to = name(priority.as_ref()).unwrap_or_else(|| "-".into());
            say!(l, ja: "優先度を {to} に変更", en: "priority set to {to}", to = to)
        }
        Change::Snoozed { until } => {
            let until = until.map(|at| minute(l, told.zone, at)).unwrap_or_default();
            say!(l, ja: "{until} までスヌーズ", en: "snoozed until {until}", until = until)
        }
        Change::Merged { into } => {
            let into = name(into.as_ref()).unwrap_or_default();
            say!(l, ja: "{into} にマージ", en: "merged into {into}", into = into)
        }
        Change::Annotated(note) => {
            let text = cut(&one_line(&note.content));
            say!(l, ja: "メモ: {text}", en: "note: {text}", text = text)
        }
        Change::StatusUpdate { message } => {
            let text = cut(&one_line(message));
            say!(l, ja: "ステータス更新: {text}", en: "status update: {text}", text = text)
        }
        other => rest_words(l, other),
    }
}

fn rest_words(l: Language, what: &Change) -> String {
    match what {
        Change::UrgencyChanged => say!(l, ja: "緊急度を変更", en: "urgency changed"),
        Change::ServiceChanged { to } => {
            let to = name(to.as_ref()).unwrap_or_default();
            say!(l, ja: "サービス {to} に移動", en: "moved to the service {to}", to = to)
        }
        Change::ResponderAsked { who, .. } => {
            let who = name(who.as_ref()).unwrap_or_default();
            say!(l, ja: "{who} に応援を依頼", en: "{who} asked to help", who = who)
        }
        Change::ResponderReplied { who, state } => {
            let who = name(who.as_ref()).unwrap_or_default();
            say!(l, ja: "応援依頼への {who} の返答: {state}", en: "{who} answered the call for help: {state}", who = who, state = one_line(state))
        }
        Change::Other { summary: Some(summary), .. } => cut(&one_line(summary)),
        Change::Other { name, summary: None } => name.clone(),
        _ => say!(l, ja: "詳細を変更", en: "details changed"),
    }
}

/// What is pressed, as it comes back.
pub mod press {
    pub const ACKNOWLEDGE: &str = "acknowledge";
    pub const RESOLVE: &str = "resolve";
    /// It becomes the presser's own.
    pub const TAKE: &str = "take";
    pub const SNOOZE: &str = "snooze";
    pub const NOTE: &str = "note";
    pub const ALL: [&str; 5] = [ACKNOWLEDGE, RESOLVE, TAKE, SNOOZE, NOTE];
}

/// How long a press of *snooze* is for.
pub const SNOOZE_S: i64 = 3_600;

/// What a press asks for; `None` for those that need more than a press.
pub fn act_of(press: &str, own_user: &str) -> Option<Act> {
    Some(match press {
        press::ACKNOWLEDGE => Act::Acknowledge,
        press::RESOLVE => Act::Resolve { resolution: None },
        press::TAKE => Act::Reassign { users: vec![own_user.to_owned()] },
        press::SNOOZE => Act::Snooze { seconds: SNOOZE_S },
        _ => return None,
    })
}

/// The message that an incident has, with what may be pressed in its state.
pub fn card(wording: &Wording, told: &Told<'_>, facts: &Facts, can_press: bool) -> Result<Card, Problem> {
    let l = told.language;
    let mut card = Card::of(wording.say("incident", l, facts)?);
    let mut link = |text: String, url: &Option<String>| {
        card.message.links.extend(url.clone().map(|url| Link { text, url }));
    };
    link(say!(l, ja: "詳しく見る", en: "Open"), &facts.url);
    link("PagerDuty".into(), &facts.pagerduty_url);
    if can_press {
        card.presses = presses(l, facts);
    }
    Ok(card)
}

fn presses(l: Language, facts: &Facts) -> Vec<Press> {
    let press = |act: &str, text: String, look| Press {
        act: act.to_owned(),
        text,
        value: facts.id.clone(),
        look,
        confirm: None,
    };
    let note = press(press::NOTE, say!(l, ja: "メモを書く", en: "Add a note"), Look::Plain);
    if facts.status == Status::Resolved.as_str() {
        return vec![note];
    }
    let mut all = Vec::new();
    if facts.status == Status::Triggered.as_str() {
        all.push(press(press::ACKNOWLEDGE, say!(l, ja: "確認する", en: "Acknowledge"), Look::Main));
    }
    all.push(press(press::TAKE, say!(l, ja: "自分が担当する", en: "Take it"), Look::Plain));
    all.push(press(press::SNOOZE, say!(l, ja: "1時間スヌーズ", en: "Snooze 1 h"), Look::Plain));
    all.push(note);
    let what = facts.number.map_or_else(|| facts.id.clone(), |number| format!("#{number}"));
    all.push(Press {
        confirm: Some(
            say!(l, ja: "{what} を PagerDuty で解決します。", en: "This resolves {what} in PagerDuty.", what = what),
        ),
        ..press(press::RESOLVE, say!(l, ja: "PagerDuty で解決", en: "Resolve in PagerDuty"), Look::Final)
    });
    all
}

/// What stands in the thread: the story, the notes, the alerts.
pub fn details(wording: &Wording, told: &Told<'_>, facts: &Facts) -> Result<Card, Problem> {
    wording.say("incident_details", told.language, facts).map(Card::of)
}
