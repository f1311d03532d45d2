//! The end of a day: the receivers' count against the ledger's, told in a line; a difference is an alarm.

use crate::Settings;
use crate::read::apply;
use duties::safety_net::{CLOSE_AFTER_S, DUTY, Language, OUR_KEYS, OUR_TITLES, register, words};
use duties::{Decision, Mode};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use model::action::{Action, Effect, Precondition, Queue};
use model::{Micros, Scope};
use store::actions::Doing;
use store::ledger::{self, Balance};
use store::{StoreError, Tx};

/// Days that are closed after a long stop.
const MOST_DAYS: i64 = 14;

/// Closes each day that is over, the oldest first.
pub async fn close_days(tx: &mut Tx, settings: &Settings) -> Result<(), StoreError> {
    let zone = &settings.net.zone;
    let Some(began) = ledger::began(tx).await? else { return Ok(()) };
    let last = ledger::list_days(tx, &Scope::All, 1).await?.first().and_then(|day| day.day.parse::<Date>().ok());
    let over = date(tx.now().plus_s(-CLOSE_AFTER_S), zone);
    let mut day = match last {
        Some(last) => next(last),
        None => date(began, zone),
    };
    let mut closed = 0;
    while day < over && closed < MOST_DAYS {
        close(tx, settings, day).await?;
        day = next(day);
        closed += 1;
    }
    Ok(())
}

fn date(at: Micros, zone: &TimeZone) -> Date {
    at.timestamp().to_zoned(zone.clone()).date()
}

fn next(day: Date) -> Date {
    day.tomorrow().unwrap_or(day)
}

fn start(day: Date, zone: &TimeZone) -> Option<Micros> {
    let at = day.to_zoned(zone.clone()).ok()?.timestamp();
    Some(Micros(at.as_microsecond()))
}

async fn close(tx: &mut Tx, settings: &Settings, day: Date) -> Result<(), StoreError> {
    let zone = &settings.net.zone;
    let (Some(since), Some(until)) = (start(day, zone), start(next(day), zone)) else { return Ok(()) };
    let balance = ledger::balance(tx, &Scope::All, since, until).await?;
    let name = day.to_string();
    if !ledger::close(tx, &name, &balance).await? {
        return Ok(());
    }
    let difference = balance.difference();
    if difference != 0 {
        tracing::error!(day = name, difference, "the ledger of a day does not balance");
        let page = alarm(&name, &balance);
        let doing = if settings.net.mode >= Mode::Page { Doing::Really } else { Doing::Observed };
        apply(tx, Decision::act(page), doing).await?;
    }
    if balance.received == 0 && difference == 0 {
        return Ok(());
    }
    let message = message(settings, &name, &balance);
    let action = register::tell(&format!("day:{name}"), "closed", None, message, "a day's ledger is closed");
    let doing = if settings.posts && settings.net.mode >= Mode::Post { Doing::Really } else { Doing::Observed };
    apply(tx, Decision::act(action), doing).await
}

fn message(settings: &Settings, day: &str, balance: &Balance) -> model::message::Message {
    let language: Language = settings.net.language;
    let parts: Vec<(String, i64)> =
        balance.counts.iter().map(|(state, count)| (words::state(language, state).to_owned(), *count)).collect();
    let sums = (balance.received - balance.duplicates, balance.entries(), balance.difference());
    words::day(&settings.net, day, sums, &parts)
}

fn alarm(day: &str, balance: &Balance) -> Action {
    let key = format!("{OUR_KEYS}balance/{day}");
    let effect = Effect::Page {
        summary: format!("{OUR_TITLES}the ledger of {day} does not balance: {} mails", balance.difference()),
        source: "arayashiki".into(),
        severity: "error".into(),
        details: serde_json::json!({
            "what": "The receivers counted another number of mails than the ledger has entries.",
            "do": "Open the page Safety net, look at the day, and look for signals in the state dead.",
            "received": balance.received,
            "duplicates": balance.duplicates,
            "entries": balance.entries(),
        }),
        links: Vec::new(),
        route: None,
        tells_more: false,
        dedup_key: key.clone(),
    };
    Action {
        key: format!("{DUTY}/day:{day}/alarm"),
        duty: DUTY.into(),
        subject: format!("day:{day}"),
        lane: format!("events:{key}"),
        effect,
        not_before: None,
        not_after: None,
        precondition: Precondition::None,
        why: "a day's ledger does not balance".into(),
        customer: None,
        queue: Queue::Live,
    }
}
