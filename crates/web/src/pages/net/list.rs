//! The list of mails, as the filters in the address ask for it, below the answer to the whole.

use crate::api::cursor;
use crate::auth::{Person, Reader};
use crate::page;
use crate::pages::frame::{customers, unsigned};
use crate::pages::signals::links;
use crate::pages::{Asks, PAGE_ROWS, cut, live};
use crate::problem::Fault;
use crate::state::{Desk, Settings};
use crate::view::{IncidentLink, MOST_COUNTED, MailFilters, MailRow, MailsView, NetAnswer, Section, Today};
use axum::extract::State;
use axum::response::Response;
use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use model::mail::{State as MailState, Trust};
use model::{Micros, Scope};
use std::collections::BTreeMap;
use store::ledger::Balance;
use store::mails::{self, Filter, Item};
use store::{StoreError, Tx, nets};

/// Monitors that sent within this time are offered as a filter.
const OFFERED_S: i64 = 8 * 86_400;

pub(in crate::pages) async fn show(
    State(desk): State<Desk>,
    reader: Reader,
    Asks(filters): Asks<MailFilters>,
) -> Result<Response, Fault> {
    let frame = reader.frame(&desk, Section::SafetyNet).await?;
    let (person, settings) = (reader.person.clone(), desk.settings.clone());
    let filter = filter(&filters, &frame.zone);
    // The receivers count everybody's mails together: a part of them has no balance.
    let today = if person.sees == Scope::All { Some(sides(&desk.today().await?)) } else { None };
    let view = desk
        .store
        .read(move |tx| Box::pin(async move { load(tx, &person, &settings, filters, &filter).await }))
        .await?;
    let view = MailsView { answer: NetAnswer { today, ..view.answer }, ..view };
    live(&reader, &frame, &view, page::mails, page::mails_partial)
}

pub(crate) fn sides(balance: &Balance) -> Today {
    Today {
        mails: unsigned(balance.received - balance.duplicates),
        entries: unsigned(balance.entries()),
        waiting: unsigned(balance.waiting),
        difference: balance.difference(),
    }
}

async fn load(
    tx: &mut Tx,
    person: &Person,
    settings: &Settings,
    filters: MailFilters,
    filter: &Filter,
) -> Result<MailsView, StoreError> {
    let scope = &person.sees;
    let mut items = mails::list(tx, scope, filter, PAGE_ROWS + 1).await?;
    let next_cursor = cursor::next(&mut items, PAGE_ROWS, |item| cursor::id(item.id));
    let total = mails::count_up_to(tx, scope, filter, MOST_COUNTED + 1).await?;
    let links = links(tx, scope, items.iter().filter_map(|item| item.incident.clone())).await?;
    let missing = nets::count_missing(tx, scope, MOST_COUNTED + 1).await?;
    let ever = !items.is_empty() || mails::count_up_to(tx, scope, &Filter::default(), 1).await? > 0;
    Ok(MailsView {
        answer: NetAnswer {
            ever,
            has_door: !settings.safety_net.doors.is_empty(),
            lacking: unsigned(missing.lacking),
            oldest_at: missing.oldest,
            registered: unsigned(missing.registered),
            today: None,
            mode: settings.safety_net.net.mode,
        },
        monitors: monitors(tx, scope, settings).await?,
        customers: customers(settings, scope),
        rows: items.iter().map(|item| row(item, settings, &links)).collect(),
        total: unsigned(total),
        next_cursor,
        filters,
    })
}

/// A monitor's name may be a customer's: those who see some customers are shown their own monitors.
pub(crate) fn monitor_is_seen(settings: &Settings, scope: &Scope, name: &str) -> bool {
    let configured = settings.safety_net.desk.monitors.iter().find(|monitor| monitor.name == name);
    scope.allows(configured.and_then(|monitor| monitor.customer.as_deref()))
}

async fn monitors(tx: &mut Tx, scope: &Scope, settings: &Settings) -> Result<Vec<String>, StoreError> {
    let since = tx.now().plus_s(-OFFERED_S);
    let sent = mails::list_monitors(tx, scope, since).await?.into_iter().map(|monitor| monitor.name);
    let configured = settings.safety_net.desk.monitors.iter().map(|monitor| monitor.name.clone());
    let mut names: Vec<String> = sent.chain(configured).filter(|name| monitor_is_seen(settings, scope, name)).collect();
    names.sort();
    names.dedup();
    Ok(names)
}

/// A row of a list.
pub(crate) fn row(item: &Item, settings: &Settings, links: &BTreeMap<String, IncidentLink>) -> MailRow {
    MailRow {
        id: item.id,
        ledger: item.ledger,
        reason: item.reason.clone(),
        subject: item.subject.clone(),
        monitor: item.monitor.clone(),
        host: item.host.clone(),
        check: item.check.clone(),
        state: item.state,
        severity: item.severity.clone(),
        trust: item.trust,
        received_at: item.received_at,
        customer: item.customer.as_ref().map(|id| settings.customer_name(id)),
        incident: item.incident.as_ref().and_then(|id| links.get(id).cloned()),
    }
}

/// What the address asks for. A value that means nothing filters by nothing.
pub(super) fn filter(filters: &MailFilters, zone: &TimeZone) -> Filter {
    let some = |text: &str| Some(cut(text)).filter(|t| !t.is_empty());
    Filter {
        ledgers: filters.ledgers(),
        monitor: some(&filters.monitor),
        state: MailState::parse(&filters.state).map(|state| state.as_str().to_owned()),
        trust: Trust::parse(&filters.trust).map(|trust| trust.as_str().to_owned()),
        host: some(&filters.host),
        customer: some(&filters.customer),
        text: some(&filters.text),
        since: moment(&filters.since, zone, 0),
        until: moment(&filters.until, zone, 1),
        before: cursor::read_id(&filters.cursor),
    }
}

/// An instant as it stands, or the beginning of a day in a person's zone, some days on.
fn moment(text: &str, zone: &TimeZone, plus_days: i32) -> Option<Micros> {
    let text = text.trim();
    if let Some(at) = Micros::parse(text) {
        return Some(at);
    }
    let day: Date = text.parse().ok()?;
    let day = day.checked_add(plus_days.days()).ok()?;
    Some(Micros(day.to_zoned(zone.clone()).ok()?.timestamp().as_microsecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_the_persons_own_and_instants_are_exact() {
        let tokyo = TimeZone::get("Asia/Tokyo").unwrap();
        let by = |since: &str, until: &str| {
            filter(&MailFilters { since: since.into(), until: until.into(), ..MailFilters::default() }, &tokyo)
        };
        let days = by("2026-05-01", "2026-05-01");
        assert_eq!(
            (days.since, days.until),
            (Micros::parse("2026-04-30T15:00:00Z"), Micros::parse("2026-05-01T15:00:00Z"))
        );
        let exact = by("2026-04-30T15:00:00Z", "2026-05-01T15:00:00Z");
        assert_eq!((exact.since, exact.until), (days.since, days.until));
    }

    #[test]
    fn nonsense_filters_by_nothing() {
        let nonsense = MailFilters {
            ledger: "x".into(),
            state: "x".into(),
            trust: "x".into(),
            since: "yesterday".into(),
            until: "9999-12-31".into(),
            cursor: "%%".into(),
            ..MailFilters::default()
        };
        assert_eq!(filter(&nonsense, &TimeZone::UTC), Filter::default());
    }
}
