//! `person hours`: is somebody at work at an instant, why, and until when. By the configuration and by what people said on the page;
//! changes nothing.

use super::{Failure, say, when};
use crate::config::{Config, StoreUrl};
use crate::wiring::{self, people};
use clap::{Args, Subcommand};
use duties::hours_words::{self, Words};
use model::Micros;
use model::hours::{Roster, Standing, Subject, Why, standing_of};
use serde_json::json;
use store::Clock;

#[derive(Debug, Subcommand)]
pub enum Person {
    /// Is this person at work then, and why.
    #[command(after_help = "Example:\n  arayashiki person hours sato\n  \
        arayashiki person hours 'Sato Hanako' --at '2026-12-30 19:00'\n  arayashiki person hours desk --at 2026-12-30T19:00:00+09:00 --json\n\n\
        Exit status: 0 told, at work or not; 1 their hours are not known; 2 there is no such person, or the time can't be read.")]
    Hours(Hours),
}

#[derive(Debug, Args)]
pub struct Hours {
    /// A person's id, name or mail address, or a group's id or name.
    #[arg(value_name = "NAME")]
    name: String,
    /// Then instead of now: "2026-12-30 19:00" in the installation's zone, or RFC 3339.
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    /// In their work for this customer, by its id.
    #[arg(long, value_name = "ID")]
    customer: Option<String>,
}

/// Whose hours, by the configuration.
struct Found<'a> {
    subject: Subject<'a>,
    id: &'a str,
    name: &'a str,
    kind: &'static str,
}

pub async fn run(config: &Config, command: &Person, json: bool) -> Result<(), Failure> {
    let Person::Hours(asked) = command;
    let found = find(config, asked)?;
    let at = when::at(asked.at.as_deref(), &people::zone(config))?;
    let now = Clock::default().now();
    let at = at.unwrap_or(now);
    let (roster, unread) = roster(config, at.min(now)).await?;
    let standing = standing_of(&roster, found.subject, at);
    let words = hours_words::words(&people::locale(config), found.name, at, &standing);
    if json {
        say(as_json(&found, at, &standing, &words));
    } else {
        [Some(&words.headline), Some(&words.why), Some(&words.until), words.hours_of.as_ref()]
            .into_iter()
            .flatten()
            .for_each(say);
    }
    if unread > 0 {
        super::say_on_stderr(format_args!(
            "{unread} entries of the page of people can't be read and are left out: withdraw them there and write them anew"
        ));
    }
    match standing.why {
        Why::NoPattern => Err(Failure::Failed(format!("the hours of {} are not known", found.name))),
        _ => Ok(()),
    }
}

fn find<'a>(config: &'a Config, asked: &'a Hours) -> Result<Found<'a>, Failure> {
    if let Some(id) = asked.customer.as_deref()
        && !config.customers.iter().any(|customer| customer.id == id)
    {
        return Err(Failure::Wrong(format!(
            "--customer {id}: there is no [[customer]] of that id; name one that is configured"
        )));
    }
    let persons = config.people.iter().filter(|person| is_person(person, &asked.name)).map(|person| Found {
        subject: Subject::Person { id: &person.id, customer: asked.customer.as_deref() },
        id: &person.id,
        name: &person.name,
        kind: "person",
    });
    let groups = config.groups.iter().filter(|group| same(&group.id, &asked.name) || same(&group.name, &asked.name));
    let groups = groups.map(|group| Found {
        subject: Subject::Group(&group.id),
        id: &group.id,
        name: &group.name,
        kind: "group",
    });
    let mut found: Vec<Found<'_>> = persons.chain(groups).collect();
    // An id is one's own; a name may be several people's.
    if let Some(exact) = found.iter().position(|one| one.id == asked.name) {
        return Ok(found.swap_remove(exact));
    }
    match found.len() {
        0 => Err(unknown(config, &asked.name)),
        1 => Ok(found.swap_remove(0)),
        _ => {
            let ids: Vec<&str> = found.iter().map(|one| one.id).collect();
            Err(Failure::Wrong(format!("{:?} may be any of {}: write the id", asked.name, ids.join(", "))))
        }
    }
}

fn is_person(person: &crate::config::Person, name: &str) -> bool {
    let addresses = [&person.mail, &person.calendar, &person.pagerduty];
    same(&person.id, name)
        || same(&person.name, name)
        || addresses.into_iter().flatten().any(|address| address.eq_ignore_ascii_case(name.trim()))
}

/// Whatever their width, case and blanks.
fn same(one: &str, other: &str) -> bool {
    model::text::fold(one).trim() == model::text::fold(other).trim()
}

fn unknown(config: &Config, name: &str) -> Failure {
    let persons = config.people.iter().flat_map(|person| [&person.id, &person.name]);
    let groups = config.groups.iter().flat_map(|group| [&group.id, &group.name]);
    let hint = match crate::config::nearest(name, persons.chain(groups)) {
        Some(near) => format!("did you mean {near:?}?"),
        None if config.people.is_empty() => "write a [[person]] for each".to_owned(),
        None => {
            "the persons are ".to_owned()
                + &config.people.iter().map(|person| person.id.as_str()).collect::<Vec<_>>().join(", ")
        }
    };
    Failure::Wrong(format!("there is no person and no group called {name:?}; {hint}"))
}

/// With the leave and the days of calendars and of the page; and how many of the page's can't be read. A store that nobody has made
/// yet has none.
async fn roster(config: &Config, at: Micros) -> Result<(Roster, usize), Failure> {
    let settings = wiring::bridges::settings(config)?;
    if matches!(&config.store.url, StoreUrl::Sqlite(path) if !path.exists()) {
        return Ok((settings.roster, 0));
    }
    let store = wiring::open_store(config)?;
    let read = store.read(move |tx| {
        let settings = settings.clone();
        Box::pin(async move { engine::bridges::load_roster(tx, &settings, at).await })
    });
    let read = read.await;
    store.close().await;
    Ok(read?)
}

fn as_json(found: &Found<'_>, at: Micros, standing: &Standing, words: &Words) -> serde_json::Value {
    json!({
        "id": found.id, "name": found.name, "kind": found.kind, "at": at.rfc3339(), "at_work": standing.is_at_work,
        "why": standing.why, "hours_of": standing.hours_of, "since": standing.since.map(Micros::rfc3339),
        "until": standing.until.map(Micros::rfc3339),
        "words": [words.headline, words.why, words.until],
    })
}
