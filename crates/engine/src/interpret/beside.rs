//! What comes beside PagerDuty's incidents: presses of buttons, what people do in Slack, tickets, calendars. Pure, like all reading.

use super::{Meaning, json};
use connectors::google::UnreadEvent;
use connectors::pagerduty;
use connectors::slack::Inbound;
use duties::mail::Desk;
use model::Micros;
use model::press::Claim;
use model::signal::source;
use serde::Deserialize;
use store::inbox::New;

/// The longest name of a kind of signal.
const MOST_TYPE: usize = 80;

/// What stands beside the press of a button.
#[derive(Deserialize)]
struct OfButton {
    #[serde(default)]
    runbook: Option<String>,
}

pub fn pressed(row: &New) -> (Option<String>, Meaning) {
    let of = match json::<OfButton>(row.headers.as_bytes(), "whose button it is") {
        Ok(of) => of,
        Err(why) => return (None, Meaning::Unreadable(why)),
    };
    match pagerduty::parse_custom_action(&row.raw) {
        Ok(claims) if claims.is_empty() => (Some("action.other".into()), Meaning::Nothing),
        Ok(claims) => {
            let claims = claims.into_iter().map(|claim| Claim { runbook: of.runbook.clone(), ..claim }).collect();
            (Some("action.pressed".into()), Meaning::Pressed(claims))
        }
        Err(error) => (None, Meaning::Unreadable(error.to_string())),
    }
}

pub fn slack(raw: &[u8]) -> (Option<String>, Meaning) {
    let inbound = match connectors::slack::parse(raw) {
        Ok(inbound) => inbound,
        Err(error) => return (None, Meaning::Unreadable(error.to_string())),
    };
    let what = match &inbound {
        Inbound::Pressed(one) => format!("slack.pressed.{}", one.action_id),
        Inbound::Submitted(one) => format!("slack.sent.{}", one.callback_id),
        Inbound::Closed(_) => "slack.closed".into(),
        Inbound::Command(one) => format!("slack.command{}", one.command),
        Inbound::Event(one) => format!("slack.event.{}", one.kind),
        Inbound::Unknown(one) => format!("slack.{}", one.kind),
        Inbound::Overflow { .. } => "slack.overflow".into(),
        Inbound::Challenge(_) | Inbound::SslCheck => "slack.check".into(),
    };
    (Some(model::text::cut(&what, MOST_TYPE)), Meaning::Slack(Box::new(inbound)))
}

/// What stands beside a document of Backlog's.
#[derive(Deserialize)]
struct OfSpace {
    space: String,
    #[serde(default)]
    asked_at: Micros,
}

pub fn backlog_hint(row: &New) -> (Option<String>, Meaning) {
    let of = match json::<OfSpace>(row.headers.as_bytes(), "whose webhook it is") {
        Ok(of) => of,
        Err(why) => return (None, Meaning::Unreadable(why)),
    };
    match connectors::backlog::parse_webhook(&row.raw) {
        Ok(hint) => (Some("backlog.hint".into()), Meaning::Hint { space: of.space, hint }),
        Err(error) => (None, Meaning::Unreadable(error.to_string())),
    }
}

pub fn ticket(row: &New) -> (Option<String>, Meaning) {
    let of = match json::<OfSpace>(row.headers.as_bytes(), "when a ticket was read") {
        Ok(of) => of,
        Err(why) => return (None, Meaning::Unreadable(why)),
    };
    match connectors::backlog::reading_from_document(&row.raw) {
        Ok(reading) => {
            (Some("ticket.read".into()), Meaning::Ticket { reading: Box::new(reading), asked_at: of.asked_at })
        }
        Err(error) => (Some("ticket.read".into()), Meaning::Unreadable(error.to_string())),
    }
}

/// What stands beside a document of a calendar's.
#[derive(Deserialize)]
struct OfCalendar {
    calendar: String,
    asked_at: Micros,
    #[serde(default)]
    ahead_s: i64,
    /// It is one part of what was too much for one transaction.
    part: Option<u64>,
}

pub fn events(row: &New, desk: &Desk) -> (Option<String>, Meaning) {
    let of = match json::<OfCalendar>(row.headers.as_bytes(), "which calendar was read") {
        Ok(of) => of,
        Err(why) => return (None, Meaning::Unreadable(why)),
    };
    let read = if of.part.is_some() {
        let part = json::<crate::bridges::calendar::Part>(&row.raw, "a part of what a calendar told");
        part.map(|part| (part.changes, part.unread))
    } else if row.source == source::CALENDAR_API {
        let page = connectors::google::changes_from_page(&of.calendar, &desk.zone, &row.raw);
        let ids = |unread: Vec<UnreadEvent>| unread.into_iter().filter_map(|one| one.id).collect();
        page.map(|page| (page.changes, ids(page.unread))).map_err(|error| error.to_string())
    } else {
        let feed = duties::ical::events(&row.raw, &of.calendar, &desk.zone, of.asked_at, of.ahead_s);
        feed.map(|feed| (feed.changes, feed.unread))
    };
    let news = |(changes, unread)| {
        Meaning::Events(crate::bridges::calendar::News {
            calendar: of.calendar.clone(),
            changes,
            unread,
            asked_at: of.asked_at,
        })
    };
    (Some("calendar.read".into()), read.map_or_else(Meaning::Unreadable, news))
}

pub fn pushed(row: &New) -> (Option<String>, Meaning) {
    let heard = json(row.headers.as_bytes(), "by which channel a push came");
    (Some("calendar.push".into()), heard.map_or_else(Meaning::Unreadable, Meaning::Push))
}
