//! What is configured about Backlog, calendars and reminders, as the duties and the connectors take it. Reads the key file of the
//! service account and opens no socket.

mod refresh;
#[cfg(test)]
mod tests;

use super::people;
use crate::cli::Failure;
use crate::config::{CalendarRule, CalendarUse, Config, Space, TicketRule};
use connectors::google::{self, Feed, ServiceAccount};
use connectors::{Secret, backlog, http};
use duties::{calendar, reminders, tickets};
use engine::bridges;
pub use engine::bridges::calendar::{Calendar, Reads};
use model::hours::HolidaySource;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;
use store::Store;

/// The routes whose integration keys pages about tickets and events go by; no monitor can be called so.
pub const TICKETS_ROUTE: &str = "[backlog]";
pub const CALENDAR_ROUTE: &str = "[google_calendar]";

/// Of a poll that is switched off: after its first round, which finds where to begin, none comes.
const NEVER_S: i64 = 10 * 365 * 86_400;

/// Everything that the engine's bridges are told.
pub fn settings(config: &Config) -> Result<bridges::Settings, Failure> {
    Ok(bridges::Settings {
        spaces: config.spaces.iter().map(|one| space(config, one)).collect::<Result<_, _>>()?,
        locale: people::locale(config),
        roster: people::roster(config)?,
        reminders: reminder_settings(config),
        people: config.people.iter().map(person).collect(),
        slack_groups: config.groups.iter().filter_map(|group| Some((group.id.clone(), group.slack.clone()?))).collect(),
        calendars: calendar_list(config),
        calendar_rules: calendar_settings(config)?,
        calendar_poll_s: s(config.google_calendar.poll),
        push_url: push_url(config),
        calendar_route: config.google_calendar.routing_key.as_ref().map(|_| CALENDAR_ROUTE.to_owned()),
    })
}

/// What pages tell of spaces and calendars.
pub fn shown(config: &Config, settings: &bridges::Settings) -> web::Bridges {
    let space = |space: &bridges::Space| web::Space {
        name: space.name.clone(),
        hears: space.webhook.is_some(),
        tickets: space.tickets.clone(),
    };
    let calendar = |calendar: &Calendar| web::Calendar {
        name: calendar.name.clone(),
        customer: calendar.customer.clone(),
        is_google: calendar.google_id.is_some(),
        reads: match calendar.reads {
            Reads::Events => web::Reads::Events,
            Reads::Leave { .. } => web::Reads::Leave,
            Reads::Holidays { .. } => web::Reads::Holidays,
        },
    };
    web::Bridges {
        spaces: settings.spaces.iter().map(space).collect(),
        calendars: settings.calendars.iter().map(calendar).collect(),
        pushing: match (config.google_calendar.push, &settings.push_url) {
            (false, _) => web::Pushing::Off,
            (true, None) => web::Pushing::NoAddress,
            (true, Some(_)) => web::Pushing::On,
        },
        rules: settings.calendar_rules.clone(),
    }
}

fn space(config: &Config, space: &Space) -> Result<bridges::Space, Failure> {
    Ok(bridges::Space {
        name: space.name.clone(),
        tickets: ticket_settings(config, space)?,
        customer: space.customer.clone(),
        customers: space.customers.iter().cloned().collect(),
        poll_s: if config.backlog.poll.is_zero() { NEVER_S } else { s(config.backlog.poll) },
        webhook: space.webhook_secret.as_ref().map(|secret| model::signal::digest(secret.expose().as_bytes())),
        route: config.backlog.routing_key.as_ref().map(|_| TICKETS_ROUTE.to_owned()),
    })
}

fn person(person: &crate::config::Person) -> bridges::Person {
    bridges::Person {
        id: person.id.clone(),
        name: person.name.clone(),
        slack: person.slack.clone(),
        pagerduty: person.pagerduty.clone(),
        mail: person.mail.clone(),
        calendar: person.calendar.clone(),
    }
}

fn s(time: Duration) -> i64 {
    i64::try_from(time.as_secs()).unwrap_or(i64::MAX)
}

/// How the tickets of a space are judged.
pub fn ticket_settings(config: &Config, space: &Space) -> Result<tickets::Settings, Failure> {
    let settings = tickets::Settings {
        mode: super::mode(config.backlog.mode),
        locale: people::locale(config),
        directory: people::directory(config, space),
        rules: config.ticket_rules.iter().map(ticket_rule).collect(),
        projects: space.projects.clone(),
        done: config.backlog.done_statuses.clone(),
        pause_most_s: s(config.backlog.pause_most),
    };
    right("[[backlog.rule]]", settings.problems()).map(|()| settings)
}

fn ticket_rule(rule: &TicketRule) -> tickets::Rule {
    let minutes = i64::try_from(rule.waits_minutes).unwrap_or(i64::MAX);
    tickets::Rule {
        name: rule.name.clone(),
        when: rule.when,
        spaces: rule.spaces.clone(),
        projects: rule.projects.clone(),
        kinds: rule.kinds.clone(),
        categories: rule.categories.clone(),
        priorities: rule.priorities.clone(),
        keywords: rule.keywords.clone(),
        customers: rule.customers.clone(),
        by: rule.by.clone(),
        happenings: rule.happenings.clone(),
        while_off: rule.while_off.clone(),
        done: rule.done,
        waits: (minutes > 0).then(|| tickets::Waits { minutes, of: rule.waits_of.clone() }),
        ignore: rule.ignore,
        outcome: tickets::Outcome {
            mode: rule.mode.map(super::mode),
            severity: rule.severity,
            channel: rule.channel.clone(),
            tells_customer: rule.tells_customer,
        },
    }
}

fn right(what: &str, problems: Vec<String>) -> Result<(), Failure> {
    if problems.is_empty() {
        return Ok(());
    }
    let lines: Vec<String> = problems.into_iter().map(|problem| format!("{what}: {problem}")).collect();
    Err(Failure::Wrong(lines.join("\n")))
}

pub fn reminder_settings(config: &Config) -> reminders::Settings {
    let own = &config.reminders;
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    reminders::Settings {
        first_after_s: s(own.first_after),
        every_s: s(own.every),
        circle: own.circle.clone(),
        grow_after: count(own.grow_after),
        quiet: own.quiet.clone(),
        urgent_ignores_quiet: own.urgent_ignores_quiet,
        incidents: own.incidents,
        most: Some(count(own.most)).filter(|most| *most > 0),
        zone: config.server.time_zone.clone(),
    }
}

/// The spaces' clients by their names. A refresh token that Backlog changed is kept in the store, and taken from there.
pub fn backlog_clients(config: &Config, store: &Store) -> Result<BTreeMap<String, backlog::Client>, Failure> {
    let named = config.spaces.iter().map(|space| {
        let keeper = refresh::keeper(space, store);
        let kept = space.refresh_token.as_ref().and_then(|_| refresh::kept(space, store));
        Ok((space.name.clone(), backlog_client(space, kept, keeper)?))
    });
    named.collect()
}

/// One that keeps no token, for a look: a token that Backlog changes meanwhile would be lost, so it takes an API key alone.
pub fn backlog_client_by_key(space: &Space) -> Option<Result<backlog::Client, Failure>> {
    space.api_key.as_ref()?;
    let keeper = backlog::Keeper::new(|_| std::future::ready(Err("nothing keeps it here".to_owned())));
    Some(backlog_client(space, None, keeper))
}

fn backlog_client(space: &Space, kept: Option<Secret>, keeper: backlog::Keeper) -> Result<backlog::Client, Failure> {
    let secret = |secret: &Option<crate::config::Secret>| Secret::new(secret.as_ref().map_or("", |it| it.expose()));
    let auth = match &space.api_key {
        Some(key) => backlog::Auth::ApiKey(Secret::new(key.expose())),
        None => backlog::Auth::OAuth {
            client_id: space.client_id.clone().unwrap_or_default(),
            client_secret: secret(&space.client_secret),
            refresh_token: kept.unwrap_or_else(|| secret(&space.refresh_token)),
            keeper,
        },
    };
    let settings =
        backlog::Settings { space: space.name.clone(), url: space.url.clone(), auth, http: http::Settings::default() };
    backlog::Client::new(&settings)
        .map_err(|error| Failure::Wrong(format!("[[backlog.space]] {} url: {error}", space.name)))
}

/// What a check of calendars goes by.
#[derive(Debug)]
pub struct Calendars {
    pub settings: calendar::Settings,
    pub list: Vec<Calendar>,
    pub client: Option<google::Client>,
    /// By the calendar's name.
    pub feeds: BTreeMap<String, Feed>,
    pub poll_s: i64,
    /// Where Google tells of changes; `None`: it can't.
    pub push_url: Option<String>,
    pub route: Option<String>,
}

pub fn calendars(config: &Config) -> Result<Calendars, Failure> {
    let own = &config.google_calendar;
    Ok(Calendars {
        settings: calendar_settings(config)?,
        list: calendar_list(config),
        client: google_client(config)?,
        feeds: feeds(config)?,
        poll_s: s(own.poll),
        push_url: push_url(config),
        route: own.routing_key.as_ref().map(|_| CALENDAR_ROUTE.to_owned()),
    })
}

/// Where Google tells of changes, which it does at https addresses only.
pub fn push_url(config: &Config) -> Option<String> {
    let base = config.server.public_url.as_deref().filter(|url| url.starts_with("https://"))?;
    config.google_calendar.push.then(|| format!("{}/webhooks/google-calendar", base.trim_end_matches('/')))
}

/// How events are judged.
pub fn calendar_settings(config: &Config) -> Result<calendar::Settings, Failure> {
    let settings = calendar::Settings {
        mode: super::mode(config.google_calendar.mode),
        locale: people::locale(config),
        rules: config.calendar_rules.iter().map(calendar_rule).collect(),
    };
    let unknown = config.calendar_rules.iter().flat_map(|rule| unknown_customers(config, rule));
    right("[[calendar.rule]]", settings.problems().into_iter().chain(unknown).collect()).map(|()| settings)
}

fn unknown_customers(config: &Config, rule: &CalendarRule) -> Vec<String> {
    let named = rule.maintenance.iter().filter_map(|service| service.strip_prefix(bridges::CUSTOMER));
    let unknown = named.filter(|id| !config.customers.iter().any(|customer| customer.id == *id));
    let name = &rule.name;
    unknown.map(|id| format!("rule \"{name}\", maintenance: \"{id}\" is the id of no [[customer]]")).collect()
}

fn calendar_rule(rule: &CalendarRule) -> calendar::Rule {
    let services = rule.maintenance.clone();
    calendar::Rule {
        name: rule.name.clone(),
        calendars: rule.calendars.clone(),
        keywords: rule.keywords.clone(),
        colours: rule.colours.clone(),
        attendees: rule.attendees.clone(),
        registrants: rule.registrants.clone(),
        ignore: rule.ignore,
        purpose: match services.is_empty() {
            true => calendar::Purpose::Promise,
            false => calendar::Purpose::Maintenance { services },
        },
        leads: rule.leads.clone(),
        all_day_leads: rule.all_day_leads.clone(),
        grace_minutes: s(rule.grace) / 60,
        outcome: calendar::Outcome {
            mode: rule.mode.map(super::mode),
            severity: rule.severity,
            channel: rule.channel.clone(),
        },
    }
}

/// Every calendar: the configured ones, those of persons' leave, those of lists of holidays.
pub fn calendar_list(config: &Config) -> Vec<Calendar> {
    let own = config.calendars.iter().map(|one| Calendar {
        name: one.name.clone(),
        customer: one.customer.clone(),
        google_id: one.google_id.clone(),
        reads: match (one.what, &one.list) {
            (CalendarUse::Leave, _) => Reads::Leave { person: one.person.clone() },
            (CalendarUse::Holidays, Some(list)) => {
                Reads::Holidays { list: list.clone(), source: HolidaySource::Feed(one.name.clone()) }
            }
            _ => Reads::Events,
        },
    });
    let feed = |name: String, reads| Calendar { name, customer: None, google_id: None, reads };
    let leave = config.people.iter().filter(|person| person.leave_ics_url.is_some());
    let leave = leave.map(|one| feed(leave_name(&one.id), Reads::Leave { person: Some(one.id.clone()) }));
    let lists = config.holidays.iter().filter(|list| list.ics_url.is_some());
    let lists = lists.map(|list| {
        let source = HolidaySource::Feed(list.name.clone());
        feed(list_name(&list.name), Reads::Holidays { list: list.name.clone(), source })
    });
    own.chain(leave).chain(lists).collect()
}

fn leave_name(person: &str) -> String {
    format!("person/{person}")
}

fn list_name(list: &str) -> String {
    format!("holidays/{list}")
}

/// The lists that calendars add days to, and the source by which each is known.
pub fn feeds_of_holidays(config: &Config) -> Vec<(String, HolidaySource)> {
    let of = |calendar: Calendar| match calendar.reads {
        Reads::Holidays { list, source } => Some((list, source)),
        _ => None,
    };
    calendar_list(config).into_iter().filter_map(of).collect()
}

fn feeds(config: &Config) -> Result<BTreeMap<String, Feed>, Failure> {
    let own = config.calendars.iter().map(|one| (one.name.clone(), &one.ics_url, "[[calendar]]", &one.name));
    let leave = config.people.iter().map(|one| (leave_name(&one.id), &one.leave_ics_url, "[[person]]", &one.id));
    let lists = config.holidays.iter().map(|one| (list_name(&one.name), &one.ics_url, "[[holidays]]", &one.name));
    let set = own.chain(leave).chain(lists).filter_map(|(name, url, table, id)| Some((name, url.as_ref()?, table, id)));
    let named = set.map(|(name, url, table, id)| {
        let feed = Feed::new(&Secret::new(url.expose()), Feed::http_settings());
        Ok((name, feed.map_err(|error| Failure::Wrong(format!("{table} {id}: the ICS address: {error}")))?))
    });
    named.collect()
}

/// Google's API by the service account, where there is one.
pub fn google_client(config: &Config) -> Result<Option<google::Client>, Failure> {
    let own = &config.google_calendar;
    let Some(path) = &own.key_file else { return Ok(None) };
    let setup = google::Setup {
        subject: own.delegate.clone(),
        api_url: own.api_url.clone(),
        ..google::Setup::new(service_account(path, own.token_url.as_deref())?)
    };
    google::Client::new(&setup)
        .map(Some)
        .map_err(|error| Failure::Wrong(format!("[google_calendar] api_url or token_url: {error}")))
}

/// The account of a key file, which asks for tokens elsewhere if that is said.
fn service_account(path: &Path, token_url: Option<&str>) -> Result<ServiceAccount, Failure> {
    let wrong = |what: String| Failure::Wrong(format!("[google_calendar] key_file: {}: {what}", path.display()));
    let mut raw = std::fs::read(path)
        .map_err(|error| wrong(format!("can't be read ({error}); mend the path or its permissions")))?;
    let parsed = token_url.and_then(|url| Some((url, serde_json::from_slice::<serde_json::Value>(&raw).ok()?)));
    if let Some((url, serde_json::Value::Object(mut file))) = parsed {
        file.insert("token_uri".to_owned(), url.into());
        raw = serde_json::Value::Object(file).to_string().into_bytes();
    }
    ServiceAccount::from_key_file(&raw).map_err(|problem| wrong(problem.to_string()))
}

/// Fills in what may be called.
pub fn outside(config: &Config, store: &Store, outside: &mut engine::Outside) -> Result<(), Failure> {
    outside.backlog = backlog_clients(config, store)?;
    outside.google = google_client(config)?;
    outside.feeds = feeds(config)?;
    for (name, key) in
        [(TICKETS_ROUTE, &config.backlog.routing_key), (CALENDAR_ROUTE, &config.google_calendar.routing_key)]
    {
        if let Some(key) = key {
            outside.routes.insert(name.to_owned(), super::events(config, key)?);
        }
    }
    Ok(())
}
