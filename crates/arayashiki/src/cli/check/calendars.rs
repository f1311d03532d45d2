//! Calendars: whether the service account gets a token, which role it has in each calendar, whether each feed answers and can be read.
//! Reads, and opens no channel.

use super::PATIENCE;
use super::line::{Line, State};
use crate::cli::Failure;
use crate::config::{Config, Mode};
use crate::wiring::bridges::{self, Calendars, Reads};
use crate::wiring::people;
use connectors::google::{AccessRole, Client, Feed, FeedAnswer, FeedVersion};
use connectors::{Call, Class};
use model::Micros;

const WHAT: &str = "calendar";
/// What a look at a feed takes in.
const DAYS_S: i64 = 92 * 86_400;

/// By the file alone.
pub fn set(config: &Config) -> Vec<Line> {
    match bridges::calendars(config) {
        Ok(calendars) => of(config, &calendars),
        Err(Failure::Wrong(text) | Failure::Failed(text)) => vec![Line::told(WHAT, State::Fail, &text)],
    }
}

fn of(config: &Config, calendars: &Calendars) -> Vec<Line> {
    let mut lines = Vec::new();
    let has_events = calendars.list.iter().any(|calendar| calendar.reads == Reads::Events);
    if has_events && calendars.settings.rules.is_empty() {
        let text = "no [[calendar.rule]] is set: events are read and call nobody";
        lines.push(Line::warn(WHAT, text, "write a rule, such as keywords = [\"立ち会い\"]"));
    }
    let has_key = calendars.route.is_some() || config.pagerduty.unconfigured_routing_key.is_some();
    if has_events && config.google_calendar.mode == Mode::Page && !has_key {
        lines.push(Line::fail(
            WHAT,
            "[google_calendar] mode is \"page\" and no Events v2 key is set, so that nobody can be paged",
            "set [google_calendar] routing_key, or [pagerduty] unconfigured_routing_key",
        ));
    }
    if calendars.client.is_some() {
        lines.push(match &calendars.push_url {
            Some(url) => Line::ok(WHAT, format!("Google is asked to tell of changes at {url}")),
            None => Line::ok(
                WHAT,
                format!(
                    "no push: [server] public_url is no https:// address or push is off; asked every {} s",
                    calendars.poll_s
                ),
            ),
        });
    }
    lines
}

pub async fn look(config: &Config) -> Vec<Line> {
    let calendars = match bridges::calendars(config) {
        Ok(calendars) => calendars,
        Err(Failure::Wrong(text) | Failure::Failed(text)) => return vec![Line::told(WHAT, State::Fail, &text)],
    };
    let mut lines = of(config, &calendars);
    if let Some(client) = &calendars.client {
        lines.extend(google(&calendars, client).await);
    }
    let asked = calendars.feeds.iter().map(|(name, feed)| in_time(name, read(config, name, feed)));
    lines.extend(futures_util::future::join_all(asked).await);
    lines
}

async fn google(calendars: &Calendars, client: &Client) -> Vec<Line> {
    let ids =
        calendars.list.iter().filter_map(|calendar| Some((calendar.name.as_str(), calendar.google_id.as_deref()?)));
    let asked = ids.map(|(name, id)| in_time(name, role(name, id, client)));
    let lines = futures_util::future::join_all(asked).await;
    if lines.is_empty() {
        let text = format!("{} has no calendar to read", client.email());
        return vec![Line::warn(WHAT, text, "write a [[calendar]] with its google_id")];
    }
    lines
}

async fn role(name: &str, id: &str, client: &Client) -> Line {
    match client.calendar(&call(), id).await {
        Ok(seen) => match seen.lack(client.email()) {
            Some(lack) => Line::told(WHAT, State::Fail, &lack).or_do("share the calendar with all its details"),
            None => {
                Line::ok(WHAT, format!("{name} ({}) is read by {}, {}", seen.name, client.email(), word(&seen.role)))
            }
        },
        Err(error) => told(name, &error.text),
    }
}

fn word(role: &AccessRole) -> String {
    match role {
        AccessRole::FreeBusyReader => "who sees busy times alone".to_owned(),
        AccessRole::Reader => "who may read it".to_owned(),
        AccessRole::Writer | AccessRole::Owner => "who may change it, although reading is enough".to_owned(),
        AccessRole::Unknown(role) => format!("whose role is {role:?}"),
    }
}

async fn read(config: &Config, name: &str, feed: &Feed) -> Line {
    let now = store::Clock::default().now();
    match feed.fetch(&call(), &FeedVersion::default()).await {
        Ok(FeedAnswer::Changed { raw, .. }) => counted(config, name, feed.host(), &raw, now),
        Ok(FeedAnswer::Unchanged) => Line::ok(WHAT, format!("{name}: {} answers", feed.host())),
        Err(error) => told(name, &error.text),
    }
}

fn counted(config: &Config, name: &str, host: &str, raw: &[u8], now: Micros) -> Line {
    match duties::ical::read(raw, &people::zone(config), now.plus_s(-DAYS_S), now.plus_s(DAYS_S)) {
        Ok(calendar) => {
            let (events, problems) = (calendar.occurrences.len(), calendar.problems.len());
            let text = format!("{name}: {host} answers; {events} events within three months before and after now");
            match calendar.problems.first() {
                None => Line::ok(WHAT, text),
                Some(first) => Line::warn(
                    WHAT,
                    format!("{text}; {problems} could not be read as they were meant, the first: {}", first.fault),
                    "look at that event in its calendar",
                ),
            }
        }
        Err(problem) => told(name, &problem.to_string()),
    }
}

fn told(name: &str, text: &str) -> Line {
    let line = Line::told(WHAT, State::Fail, text).or_do("copy the address anew from the calendar's settings");
    Line { text: format!("{name}: {}", line.text), ..line }
}

async fn in_time(name: &str, asked: impl Future<Output = Line>) -> Line {
    tokio::time::timeout(PATIENCE * 2, asked).await.unwrap_or_else(|_| {
        Line::fail(
            WHAT,
            format!("{name} did not answer within 20 s"),
            "let this machine reach it; a firewall may be in the way",
        )
    })
}

fn call() -> Call {
    Call::new(Class::Live, store::Clock::default().now())
}
