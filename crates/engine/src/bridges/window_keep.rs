//! Bringing a maintenance window in PagerDuty to what is wanted. Opening one is written down before it is sent and looked up by its
//! marker afterwards; whoever ended one over there is respected; none is opened whose time is over.

use crate::Shared;
use crate::effects::{Done, Hand, done, later};
use crate::follow::After;
use connectors::pagerduty::{Client, NewWindow};
use connectors::{CallError, Kind as CallKind};
use duties::calendar::{Refusal, WindowTrouble};
use model::action::{Fault, Outcome};
use model::customer::{self, Customer};
use model::incident::Ref;
use model::reference::{Kind, Thing};
use model::setting::MaintenanceWindow;
use model::signal::digest;
use model::{Micros, Scope};
use std::collections::BTreeSet;
use store::own_windows::{self, Stands, Window};
use store::{StoreError, Tx, crash_point, faults, reference};

/// All services of a customer, by its id.
pub const CUSTOMER: &str = "customer:";
/// PagerDuty and we tell the time differently; and it knows whole seconds.
const SLACK_S: i64 = 30;
/// The mirror has not been read yet.
const UNREAD_S: i64 = 10;

/// A window and the services that its names mean.
struct Loaded {
    window: Window,
    services: Vec<Thing>,
    unknown: Vec<String>,
}

pub async fn keep(shared: &Shared, client: &Client, hand: &Hand<'_>, id: &str) -> Done {
    let (name, customers) = (id.to_owned(), shared.settings.customers.clone());
    let read = shared.store.read(move |tx| {
        let (name, customers) = (name.clone(), customers.clone());
        Box::pin(async move { load(tx, &name, &customers).await })
    });
    match read.await {
        Ok(Some(loaded)) if loaded.window.over_at.is_none() => settle(shared, client, hand, &loaded).await,
        Ok(_) => (Outcome::Skipped { why: "this window is over".into() }, Vec::new()),
        Err(error) => later(hand.now().plus_s(2), Fault::Limit, &error.to_string()),
    }
}

async fn load(tx: &mut Tx, id: &str, customers: &[Customer]) -> Result<Option<Loaded>, StoreError> {
    let Some(window) = own_windows::get(tx, id).await? else { return Ok(None) };
    let all = reference::list(tx, &Scope::All, Kind::Service).await?;
    let (mut services, mut unknown, mut ids) = (Vec::new(), Vec::new(), BTreeSet::new());
    for named in &window.services {
        let meant = meant(&all, customers, named);
        if meant.is_empty() {
            unknown.push(named.clone());
        }
        services.extend(meant.into_iter().filter(|service| ids.insert(service.id.clone())).cloned());
    }
    Ok(Some(Loaded { window, services, unknown }))
}

/// The services of a name: by id, by an exact name that only one has, or all of a customer.
fn meant<'a>(all: &'a [Thing], customers: &[Customer], named: &str) -> Vec<&'a Thing> {
    if let Some(customer) = named.strip_prefix(CUSTOMER) {
        let whose = |service: &Thing| {
            let of = Ref { id: service.id.clone(), name: service.name.clone(), ..Ref::default() };
            customer::of_service(customers, &of, &[]).map(str::to_owned)
        };
        return all.iter().filter(|service| whose(service).as_deref() == Some(customer)).collect();
    }
    let by_id = all.iter().find(|service| service.id == named);
    let by_name: Vec<&Thing> = all.iter().filter(|service| service.name == named).collect();
    by_id.map_or_else(|| if by_name.len() == 1 { by_name } else { Vec::new() }, |service| vec![service])
}

/// What a window of ours is found by.
pub fn marker(id: &str) -> String {
    format!("[arayashiki {}]", hex::encode(digest(id.as_bytes()).get(..8).unwrap_or_default()))
}

async fn settle(shared: &Shared, client: &Client, hand: &Hand<'_>, loaded: &Loaded) -> Done {
    let window = &loaded.window;
    let found = match find(client, hand, loaded).await {
        Ok(found) => found,
        Err(error) => return failed(shared, hand, window, &error),
    };
    let now = hand.now();
    let is_to_be = window.is_wanted && window.ends_at > now;
    match found {
        Found::Gone if is_to_be => {
            (done(None), vec![After::WindowGone { window: window.id.clone(), version: window.wanted }])
        }
        Found::Gone => over(window, None),
        Found::There(there) if is_to_be => change(shared, client, hand, loaded, &there).await,
        Found::There(there) => end(shared, client, hand, window, &there.window.id).await,
        // One whose time is over is never opened.
        Found::Nothing if !is_to_be => missed(window, now),
        Found::Nothing => open(shared, client, hand, loaded).await,
    }
}

enum Found {
    There(Box<MaintenanceWindow>),
    /// It ended by the clock, or never was.
    Nothing,
    /// Somebody ended it.
    Gone,
}

async fn find(client: &Client, hand: &Hand<'_>, loaded: &Loaded) -> Result<Found, CallError> {
    let window = &loaded.window;
    if let Some(id) = &window.pagerduty {
        let there = client.window(&hand.call(), id).await?;
        let found = there.map_or(Found::Gone, |there| seen(there, window, hand.now()));
        // Another may have been opened after one that ended by the clock.
        if !matches!(found, Found::Nothing) {
            return Ok(found);
        }
    }
    let in_doubt = hand.job.unsettled.is_some() || window.begun_at.is_some();
    let ids = ids(&loaded.services);
    if !in_doubt || ids.is_empty() || faults::sabotaged("no_look_up") {
        return Ok(Found::Nothing);
    }
    let found = client.find_window(&hand.call(), &ids, &marker(&window.id)).await?;
    Ok(found.map_or(Found::Nothing, |there| Found::There(Box::new(there))))
}

/// One that ended before the end that it was last given was ended by somebody.
fn seen(there: MaintenanceWindow, window: &Window, now: Micros) -> Found {
    let Some(ends_at) = there.ends_at.filter(|at| *at <= now) else { return Found::There(Box::new(there)) };
    let was_ended = window.shown_ends_at.is_some_and(|told| ends_at.plus_s(SLACK_S) < told);
    if was_ended { Found::Gone } else { Found::Nothing }
}

fn ids(services: &[Thing]) -> Vec<String> {
    services.iter().map(|service| service.id.clone()).collect()
}

fn new(loaded: &Loaded, starts_at: Micros) -> NewWindow {
    let window = &loaded.window;
    NewWindow {
        starts_at,
        ends_at: window.ends_at,
        description: format!("{} {}", window.title, marker(&window.id)),
        services: ids(&loaded.services),
    }
}

async fn open(shared: &Shared, client: &Client, hand: &Hand<'_>, loaded: &Loaded) -> Done {
    let window = &loaded.window;
    if loaded.services.is_empty() {
        return no_service(shared, hand, loaded).await;
    }
    if let Some(ended) = hand.kept_from_sending() {
        return ended;
    }
    if let Err(error) = begin(shared, &window.id).await {
        return later(hand.now().plus_s(2), Fault::Limit, &error.to_string());
    }
    crash_point!("window.begun");
    let new = new(loaded, window.starts_at.max(hand.now()));
    match client.open_window(&hand.call(), shared.settings.from.as_deref(), &new).await {
        Ok(there) => stands(loaded, &there),
        Err(error) => failed(shared, hand, window, &error),
    }
}

async fn begin(shared: &Shared, id: &str) -> Result<(), StoreError> {
    let id = id.to_owned();
    let begun = shared.store.write("begin_window", move |tx| {
        let id = id.clone();
        Box::pin(async move { own_windows::begin(tx, &id).await })
    });
    begun.await
}

/// Either the mirror is still empty, or what is configured names nothing.
async fn no_service(shared: &Shared, hand: &Hand<'_>, loaded: &Loaded) -> Done {
    let any = shared.store.read(|tx| Box::pin(reference::list(tx, &Scope::All, Kind::Service))).await;
    if any.is_ok_and(|all| all.is_empty()) {
        return later(hand.now().plus_s(UNREAD_S), Fault::Limit, "the services of PagerDuty have not been read yet");
    }
    let (names, rule) = (loaded.unknown.join(", "), &loaded.window.rule);
    let why = format!(
        "no service of PagerDuty is meant by {names}: write its id or its exact name into maintenance of the [[calendar.rule]] \"{rule}\""
    );
    (Outcome::Never { why }, vec![trouble(&loaded.window, unknown(loaded))])
}

fn trouble(window: &Window, why: WindowTrouble) -> After {
    After::WindowTrouble { window: window.id.clone(), why }
}

fn unknown(loaded: &Loaded) -> WindowTrouble {
    WindowTrouble::NoService { names: loaded.unknown.clone(), rule: loaded.window.rule.clone() }
}

/// What stands there is left as it is unless something else is wanted since: people may change it over there.
async fn change(shared: &Shared, client: &Client, hand: &Hand<'_>, loaded: &Loaded, there: &MaintenanceWindow) -> Done {
    let (window, now) = (&loaded.window, hand.now());
    let is_told = window.pagerduty.is_some() && window.shown >= window.wanted;
    let starts_at = there.starts_at.filter(|at| *at <= now).unwrap_or_else(|| window.starts_at.max(now));
    if is_told || loaded.services.is_empty() || is_the_same(loaded, there, starts_at) {
        return stands(loaded, there);
    }
    if let Some(ended) = hand.kept_from_sending() {
        return ended;
    }
    crash_point!("act.before_send");
    match client.change_window(&hand.call(), &there.window.id, &new(loaded, starts_at)).await {
        Ok(there) => stands(loaded, &there),
        Err(error) => failed(shared, hand, window, &error),
    }
}

fn is_the_same(loaded: &Loaded, there: &MaintenanceWindow, starts_at: Micros) -> bool {
    let second = |at: Option<Micros>| at.map(Micros::second);
    let held: BTreeSet<&str> = there.services.iter().map(|service| service.id.as_str()).collect();
    let wanted: BTreeSet<&str> = loaded.services.iter().map(|service| service.id.as_str()).collect();
    second(there.starts_at) == second(Some(starts_at))
        && second(there.ends_at) == second(Some(loaded.window.ends_at))
        && held == wanted
}

fn stands(loaded: &Loaded, there: &MaintenanceWindow) -> Done {
    let window = &loaded.window;
    let names = |service: &Thing| [service.id.clone(), service.name.clone()];
    let held = |service: &&Thing| there.services.iter().any(|held| held.id == service.id);
    let stands = Stands {
        pagerduty: there.window.id.clone(),
        names: loaded.services.iter().filter(held).flat_map(names).collect(),
        ends_at: there.ends_at.unwrap_or(window.ends_at),
    };
    let mut after = vec![After::WindowStands { window: window.id.clone(), version: window.wanted, stands }];
    if !loaded.unknown.is_empty() {
        after.push(trouble(window, unknown(loaded)));
    }
    (done(Some(there.window.id.clone())), after)
}

fn over(window: &Window, external: Option<String>) -> Done {
    (done(external), vec![After::WindowOver { window: window.id.clone(), version: window.wanted }])
}

/// None stands there. Where one should have, people thought that nobody was paged: they hear of it, unless they know already.
fn missed(window: &Window, now: Micros) -> Done {
    let (outcome, mut after) = over(window, None);
    if window.opened_at.is_none() && window.ends_at <= now && window.trouble.is_none() {
        after.push(trouble(window, WindowTrouble::Missed));
    }
    (outcome, after)
}

/// Without a token it can't be opened, and people hear of it at once.
pub fn keep_nothing(id: &str, why: &str) -> Done {
    let told = After::WindowTrouble { window: id.into(), why: WindowTrouble::NoToken };
    (Outcome::Never { why: why.into() }, vec![told])
}

async fn end(shared: &Shared, client: &Client, hand: &Hand<'_>, window: &Window, id: &str) -> Done {
    if let Some(ended) = hand.kept_from_sending() {
        return ended;
    }
    crash_point!("act.before_send");
    match client.end_window(&hand.call(), id).await {
        Ok(()) => over(window, Some(id.to_owned())),
        Err(error) => failed(shared, hand, window, &error),
    }
}

/// What will never work is told to people: they think that nobody is paged meanwhile.
fn failed(shared: &Shared, hand: &Hand<'_>, window: &Window, error: &CallError) -> Done {
    let (outcome, mut after) = hand.failed(shared, error);
    if matches!(outcome, Outcome::Never { .. }) {
        after.push(trouble(window, refused(error)));
    }
    (outcome, after)
}

/// PagerDuty's own words stand as they came; ours are for whoever reads them.
fn refused(error: &CallError) -> WindowTrouble {
    let refusal = match error.kind {
        CallKind::Auth => Refusal::Token,
        CallKind::Forbidden => Refusal::Permission,
        CallKind::NotFound => Refusal::Unknown,
        _ if error.status.is_some() => Refusal::Request,
        _ => return WindowTrouble::Other { said: error.text.clone() },
    };
    let said = error.said().map(str::to_owned);
    WindowTrouble::Refused { refusal, status: error.status, code: error.code, said }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Micros = Micros::from_seconds(1_000_000);

    fn service(id: &str, name: &str) -> Thing {
        Thing {
            kind: Kind::Service,
            id: id.into(),
            name: name.into(),
            url: None,
            email: None,
            status: None,
            user: None,
            starts_at: None,
            ends_at: None,
            level: None,
            names: Vec::new(),
        }
    }

    #[test]
    fn a_service_is_named_by_id_by_a_name_of_its_own_or_by_its_customer() {
        let all = [
            service("P1", "Shop"),
            service("P2", "Bank / core"),
            service("P3", "Bank / web"),
            service("P4", "Twin"),
            service("P5", "Twin"),
        ];
        let bank = Customer { id: "bank".into(), service_contains: vec!["Bank /".into()], ..Customer::default() };
        let named = |name: &str| {
            let found = meant(&all, std::slice::from_ref(&bank), name);
            found.iter().map(|service| service.id.as_str()).collect::<Vec<_>>().join(" ")
        };
        for (name, wanted) in [
            ("P1", "P1"),
            ("Shop", "P1"),
            ("shop", ""),
            ("Twin", ""),
            ("P5", "P5"),
            ("customer:bank", "P2 P3"),
            ("customer:shop", ""),
        ] {
            assert_eq!(named(name), wanted, "{name}");
        }
    }

    #[test]
    fn whoever_ended_a_window_before_its_time_is_told_from_the_clock() {
        let told = Window { shown_ends_at: Some(NOW.plus_s(600)), ..Window::default() };
        let ending = |ends_at: Micros| MaintenanceWindow {
            window: Ref::default(),
            starts_at: None,
            ends_at: Some(ends_at),
            created_by: None,
            services: Vec::new(),
        };
        for (ends_s, now_s, wanted) in
            [(600, 0, "there"), (900, 700, "there"), (600, 700, "nothing"), (599, 700, "nothing"), (0, 1, "gone")]
        {
            let found = match seen(ending(NOW.plus_s(ends_s)), &told, NOW.plus_s(now_s)) {
                Found::There(_) => "there",
                Found::Nothing => "nothing",
                Found::Gone => "gone",
            };
            assert_eq!(found, wanted, "ends at {ends_s}, seen at {now_s}");
        }
    }

    #[test]
    fn one_that_was_never_opened_is_told_once_when_its_time_is_over() {
        let never = Window { is_wanted: true, ends_at: NOW, ..Window::default() };
        let is_told = |window: &Window| missed(window, NOW).1.iter().any(|a| matches!(a, After::WindowTrouble { .. }));
        assert!(is_told(&never));
        assert!(!is_told(&Window { ends_at: NOW.plus_s(1), ..never.clone() }), "called off before its end");
        assert!(!is_told(&Window { opened_at: Some(NOW), ..never.clone() }), "PagerDuty ended it by the clock");
        assert!(!is_told(&Window { trouble: Some("refused".into()), ..never }), "people know");
    }

    #[test]
    fn what_pagerduty_said_is_told_apart_from_what_we_make_of_it() {
        let error = |kind, status: u16, text: &str| CallError::new(kind, true, text).with_status(status);
        let text = "PagerDuty does not allow this (403) \u{201c}Access \u{201c}Denied\u{201d}\u{201d}: the token lacks the permission";
        let said = Some("Access \u{201c}Denied\u{201d}".to_owned());
        assert_eq!(
            refused(&error(CallKind::Forbidden, 403, text)),
            WindowTrouble::Refused { refusal: Refusal::Permission, status: Some(403), code: None, said }
        );
        for (kind, refusal) in [
            (CallKind::Auth, Refusal::Token),
            (CallKind::NotFound, Refusal::Unknown),
            (CallKind::BadRequest, Refusal::Request),
        ] {
            let wanted = WindowTrouble::Refused { refusal, status: Some(400), code: None, said: None };
            assert_eq!(refused(&error(kind, 400, "no words of theirs")), wanted);
        }
        let ours = CallError::new(CallKind::BadRequest, true, "a maintenance window needs a service");
        assert_eq!(refused(&ours), WindowTrouble::Other { said: ours.text.clone() }, "nobody over there was asked");
    }

    #[test]
    fn a_marker_is_its_windows_own() {
        assert_ne!(marker("a/b#1"), marker("a/b#2"));
        assert!(marker("a").starts_with("[arayashiki ") && marker("a").len() == 29, "{}", marker("a"));
    }
}
