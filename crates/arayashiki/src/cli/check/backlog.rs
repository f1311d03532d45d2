//! The spaces of Backlog: whose key it is, which projects it may see, what is left of its limits, who of us has an account there.
//! Reads, and writes nothing.

use super::PATIENCE;
use super::line::{Line, State};
use crate::cli::Failure;
use crate::config::{Config, Mode, Space};
use crate::wiring::{bridges, people};
use connectors::backlog::{Client, Project};
use connectors::{Call, CallError, Class};
use duties::tickets::{Directory, Party};
use model::ticket::Who;

const WHAT: &str = "backlog";

/// By the file alone.
pub fn set(config: &Config) -> Vec<Line> {
    let mut lines = Vec::new();
    if config.spaces.is_empty() {
        return lines;
    }
    for space in &config.spaces {
        match bridges::ticket_settings(config, space) {
            Ok(_) => lines.extend(joined(config, space)),
            Err(Failure::Wrong(text) | Failure::Failed(text)) => lines.push(Line::told(WHAT, State::Fail, &text)),
        }
    }
    lines.extend(called(config));
    lines
}

/// What keeps a rule from calling anybody.
fn called(config: &Config) -> Option<Line> {
    if config.ticket_rules.is_empty() {
        let text = "no [[backlog.rule]] is set: tickets are watched and call nobody";
        return Some(Line::warn(WHAT, text, "write a rule, such as when = \"unassigned\""));
    }
    let has_key = config.backlog.routing_key.is_some() || config.pagerduty.unconfigured_routing_key.is_some();
    (config.backlog.mode == Mode::Page && !has_key).then(|| {
        Line::fail(
            WHAT,
            "[backlog] mode is \"page\" and no Events v2 key is set, so that nobody can be paged",
            "set [backlog] routing_key, or [pagerduty] unconfigured_routing_key",
        )
    })
}

/// Persons and groups that no account joins.
fn joined(config: &Config, space: &Space) -> Option<Line> {
    let directory = people::directory(config, space);
    let persons = directory.persons.iter().filter(|person| person.accounts.is_empty());
    let names: Vec<&str> = persons.map(|person| person.id.as_str()).collect();
    (!names.is_empty()).then(|| {
        Line::warn(
            WHAT,
            format!(
                "{}: no account is joined to {}, so that they count as the customer's side",
                space.name,
                names.join(", ")
            ),
            "set backlog or mail for them",
        )
    })
}

pub async fn look(config: &Config) -> Vec<Line> {
    let mut lines = set(config);
    let asked = config.spaces.iter().map(|space| one(config, space));
    lines.extend(futures_util::future::join_all(asked).await.into_iter().flatten());
    lines
}

async fn one(config: &Config, space: &Space) -> Vec<Line> {
    let client = match bridges::backlog_client_by_key(space) {
        Some(Ok(client)) => client,
        Some(Err(Failure::Wrong(text) | Failure::Failed(text))) => return vec![Line::told(WHAT, State::Fail, &text)],
        None => {
            let text =
                "signs in by OAuth, which a running server alone may do, since each sign-in may change the token";
            return vec![Line::ok(WHAT, format!("{}: {text}: see Connections (not asked)", space.name))];
        }
    };
    match tokio::time::timeout(PATIENCE * 3, asked(config, space, &client)).await {
        Ok(Ok(lines)) => lines,
        Ok(Err(error)) => {
            let told = Line::told(WHAT, State::Fail, &error.text);
            vec![Line { text: format!("{}: {}", space.name, told.text), ..told }]
        }
        Err(_) => {
            vec![Line::fail(
                WHAT,
                format!("{} did not answer in time", space.name),
                "let this machine reach its address",
            )]
        }
    }
}

async fn asked(config: &Config, space: &Space, client: &Client) -> Result<Vec<Line>, CallError> {
    let call = || Call::new(Class::Live, store::Clock::default().now());
    let me = client.myself(&call()).await?;
    let projects = client.projects(&call()).await?;
    let directory = people::directory(config, space);
    let mut lines = vec![key(space, &me)];
    lines.extend(seen(space, &projects));
    lines.push(limits(space, client.rate_limits(&call()).await));
    lines.push(webhook(config, space));
    // Not every key may list people.
    if let Ok(users) = client.users(&call()).await {
        lines.extend(strangers(space, &directory, &users));
    }
    Ok(lines)
}

/// Whose key it is tells what we wrote ourselves; `account` may name further accounts of ours.
fn key(space: &Space, me: &Who) -> Line {
    let name = if me.name.is_empty() { me.id.to_string() } else { me.name.clone() };
    Line::ok(WHAT, format!("{}: the key is that of {name}, and what it writes is known as ours", space.name))
}

fn seen(space: &Space, projects: &[Project]) -> Vec<Line> {
    let live: Vec<&Project> = projects.iter().filter(|project| !project.is_archived).collect();
    let is_seen = |key: &&String| live.iter().any(|project| project.key.eq_ignore_ascii_case(key));
    let unseen: Vec<&str> = space.projects.iter().filter(|key| !is_seen(key)).map(String::as_str).collect();
    let count = if space.projects.is_empty() { live.len() } else { space.projects.len() - unseen.len() };
    let mut lines = vec![Line::ok(WHAT, format!("{}: {count} projects are watched", space.name))];
    if count == 0 {
        let text = format!("{}: the key may see none of the projects", space.name);
        lines = vec![Line::fail(WHAT, text, "make its user a member of the projects")];
    } else if !unseen.is_empty() {
        let text = format!("{}: the key may not see {}, or they are archived", space.name, unseen.join(", "));
        lines.push(Line::fail(WHAT, text, "make its user a member of them, or take them out of projects"));
    }
    lines
}

fn limits(space: &Space, told: Result<connectors::backlog::RateLimits, CallError>) -> Line {
    let Some(read) = told.ok().and_then(|limits| limits.read) else {
        return Line::ok(WHAT, format!("{}: it does not tell its limits", space.name));
    };
    let text = format!("{}: {} of {} reads a minute are left", space.name, read.remaining, read.limit);
    if read.remaining * 10 < read.limit {
        return Line::warn(WHAT, text, "find who else calls with this key, or give us a user of our own");
    }
    Line::ok(WHAT, text)
}

fn webhook(config: &Config, space: &Space) -> Line {
    match (&space.webhook_secret, &config.server.public_url) {
        (None, _) => {
            Line::ok(WHAT, format!("{}: no webhook_secret is set: only the poll tells what is new", space.name))
        }
        (Some(_), Some(base)) => {
            Line::ok(WHAT, format!("{}: webhooks are taken at {base}/webhooks/backlog/ and the secret", space.name))
        }
        (Some(_), None) => {
            Line::ok(WHAT, format!("{}: webhooks are taken at /webhooks/backlog/ and the secret", space.name))
        }
    }
}

/// Persons whose accounts nobody in the space has.
fn strangers(space: &Space, directory: &Directory, users: &[Who]) -> Option<Line> {
    let parties: Vec<Party> = users.iter().map(|user| directory.who(user)).collect();
    let is_there = |id: &str| parties.iter().any(|party| matches!(party, Party::Person { id: found } if found == id));
    let named = directory.persons.iter().filter(|person| !person.accounts.is_empty());
    let lost: Vec<&str> = named.map(|person| person.id.as_str()).filter(|id| !is_there(id)).collect();
    (!lost.is_empty()).then(|| {
        Line::warn(
            WHAT,
            format!("{}: no account there is that of {}", space.name, lost.join(", ")),
            "compare backlog and mail of [[person]] with the accounts' numbers, user ids and names there",
        )
    })
}
