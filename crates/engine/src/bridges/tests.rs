//! Tickets and events against a database of its own: what becomes of them when what was remembered can't be read. Nobody outside is
//! called.

mod called;

use super::calendar::{self as events, Calendar, News, Reads};
use super::{Settings as Bridges, Space, concern, tickets as board};
use crate::Settings;
use crate::interpret::Meaning;
use crate::net::tests::{Bed, on_a_bed_with, settings};
use connectors::slack::{Inbound, Pressed};
use duties::{Mode, calendar, tickets};
use model::calendar::{CalendarEvent, Change as EventChange};
use model::incident::{Fact, FactBody, Source};
use model::signal::{Key, Origin, Signal, digest, source};
use model::ticket::{Change, Happening, Named, Reading, Ticket, Who};
use model::{Micros, Scope};
use std::collections::BTreeMap;
use store::concerns::{self, Concern};
use store::{StoreError, Tx, calendar_events, inbox, polls};

const EVENT: &str = "ops/ev1";
const TICKET: &str = "example/1001";

/// A space whose tickets without an assignee are a case, and a calendar of promises.
fn bridged() -> Settings {
    let locale = duties::locale::Locale { language: duties::Language::En, ..Default::default() };
    let rule = tickets::Rule { name: "unassigned".into(), when: tickets::When::Unassigned, ..Default::default() };
    let tickets =
        tickets::Settings { mode: Mode::Page, locale: locale.clone(), rules: vec![rule], ..Default::default() };
    let space = Space {
        name: "example".into(),
        tickets,
        customer: None,
        customers: BTreeMap::new(),
        poll_s: 60,
        webhook: None,
        route: None,
    };
    let calendar = Calendar { name: "ops".into(), customer: None, google_id: None, reads: Reads::Events };
    let rule = calendar::Rule { name: "promise".into(), ..Default::default() };
    let calendar_rules = calendar::Settings { mode: Mode::Page, locale: locale.clone(), rules: vec![rule] };
    let bridges =
        Bridges { spaces: vec![space], locale, calendars: vec![calendar], calendar_rules, ..Default::default() };
    Settings { bridges, posts: true, ..settings() }
}

fn did(id: i64, at: Micros, changes: Vec<Change>) -> Happening {
    let by = Who { id: 1_000, name: "Yamada".into(), ..Who::default() };
    Happening { id, at, by, text: None, changes }
}

fn reading(history: Vec<Happening>) -> Reading {
    let (first, last) = (history[0].clone(), history[history.len() - 1].clone());
    let mut assigned = history.iter().flat_map(|one| &one.changes).filter_map(|change| match change {
        Change::Assignee { to, .. } => Some(to.clone()),
        _ => None,
    });
    let assignee = assigned.next_back().flatten().map(|name| Who { id: 7, name, ..Who::default() });
    let ticket = Ticket {
        id: TICKET.into(),
        space: "example".into(),
        key: "OPS-12".into(),
        project: "OPS".into(),
        title: "web01".into(),
        body: String::new(),
        kind: "Bug".into(),
        categories: Vec::new(),
        priority: None,
        status: Named { id: 1, name: "Open".into() },
        is_done: false,
        assignee,
        created_by: first.by,
        created_at: first.at,
        updated_at: last.at,
        url: "https://example.backlog.jp/view/OPS-12".into(),
    };
    Reading { ticket, history }
}

impl Bed {
    /// What was known before is history.
    async fn with_a_baseline(&self) {
        self.write(|tx| {
            Box::pin(async move {
                let baseline_at = Some(tx.now().plus_s(-60));
                let of_tickets = model::connection::TicketsState { baseline_at, ..Default::default() };
                let of_events = model::connection::CalendarState { baseline_at, ..Default::default() };
                for name in ["backlog-tickets/example", "calendar/ops"] {
                    polls::register(tx, name).await?;
                }
                polls::keep(tx, "backlog-tickets/example", &of_tickets).await?;
                polls::keep(tx, "calendar/ops", &of_events).await
            })
        })
        .await;
    }

    async fn ticket(&self, history: Vec<Happening>) {
        let (settings, reading) = (self.settings.clone(), reading(history));
        self.write(move |tx| {
            Box::pin(async move {
                let now = tx.now();
                board::absorb(tx, &settings, &reading, now, Origin::Live).await
            })
        })
        .await;
    }

    async fn event(&self, change: impl FnOnce(&mut CalendarEvent)) {
        let mut event = CalendarEvent {
            id: EVENT.into(),
            calendar: "ops".into(),
            title: "certificates".into(),
            starts_at: self.clock.now().plus_s(60),
            ends_at: self.clock.now().plus_s(3_600),
            ..CalendarEvent::default()
        };
        change(&mut event);
        let (settings, asked_at) = (self.settings.clone(), self.clock.now());
        let changes = vec![EventChange::Event(Box::new(event))];
        let news = News { calendar: "ops".into(), changes, unread: Vec::new(), asked_at };
        self.write(move |tx| Box::pin(async move { events::absorb(tx, &settings, &news, Origin::Live).await })).await;
    }

    /// Its timer fires.
    async fn fire(&self) {
        let (settings, told) = (self.settings.clone(), events::Told { event: EVENT.into() });
        self.write(move |tx| Box::pin(async move { events::timer(tx, &settings, &told).await })).await;
    }

    async fn lose_event(&self) {
        self.write(|tx| {
            Box::pin(async move {
                let kept = calendar_events::get(tx, &Scope::All, EVENT).await?.unwrap();
                calendar_events::save(tx, &calendar_events::Kept { memory: "lost".into(), ..kept }).await
            })
        })
        .await;
    }

    async fn lose_ticket(&self) {
        self.write(|tx| Box::pin(store::tickets::remember(tx, TICKET, "{\"seen\":1}"))).await;
    }

    async fn concerns(&self, duty: &'static str, subject: &'static str) -> Vec<Concern> {
        self.write(move |tx| Box::pin(concerns::of_subject(tx, &Scope::All, duty, subject))).await
    }

    /// What was raised and ended, in the order of their generations.
    async fn told(&self, duty: &'static str, subject: &'static str) -> Vec<(i64, Option<String>)> {
        let mut all = self.concerns(duty, subject).await;
        all.reverse();
        let why = |ended: String| {
            let end: serde_json::Value = serde_json::from_str(&ended).unwrap();
            end["why"].as_str().or(end["why"]["why"].as_str()).unwrap().to_owned()
        };
        all.into_iter().map(|one| (one.generation, one.ended.map(why))).collect()
    }

    /// What is sent to PagerDuty, in its order.
    async fn sent(&self) -> Vec<String> {
        let mut jobs = self.write(|tx| Box::pin(store::jobs::list(tx, &Scope::All, &[], None, 100))).await;
        jobs.reverse();
        let kept = |key: String| key.rsplit('/').take(2).collect::<Vec<_>>().join(" ");
        let sent = jobs.into_iter().filter(|job| ["page", "settle"].contains(&job.effect.as_str()));
        sent.map(|job| kept(job.key)).collect()
    }

    /// Its memory and the reason of what people are called for are what nobody can read.
    async fn called_for_what_nobody_can_read(&self, duty: &'static str, subject: &'static str) {
        let (id, subject) = (concern::id(duty, subject, 4), subject.into());
        let one = Concern { id, duty: duty.into(), subject, generation: 4, since: self.clock.now(), ..unreadable() };
        assert!(self.write(move |tx| Box::pin(async move { concerns::add(tx, &one).await })).await);
    }
}

fn unreadable() -> Concern {
    Concern {
        id: String::new(),
        duty: String::new(),
        subject: String::new(),
        generation: 1,
        rule: "promise".into(),
        customer: None,
        channel: None,
        title: "what people were told".into(),
        reason: "{}".into(),
        severity: "error".into(),
        mode: "page".into(),
        since: Micros(1),
        dedup_key: "key".into(),
        incident: None,
        moved_at: None,
        moved_by: None,
        ended_at: None,
        ended: None,
    }
}

fn some(generation: i64, ended: Option<&str>) -> (i64, Option<String>) {
    (generation, ended.map(str::to_owned))
}

#[test]
fn what_people_were_told_of_an_event_goes_on_when_its_memory_is_lost() {
    on_a_bed_with(bridged(), async |bed: &Bed| {
        bed.with_a_baseline().await;
        let starts_at = bed.clock.now().plus_s(60);
        bed.event(|event| event.starts_at = starts_at).await;
        bed.lose_event().await;
        bed.clock.advance_s(30);
        bed.fire().await;
        let told = bed.concerns(calendar::DUTY, EVENT).await;
        assert_eq!((told.len(), told[0].ended_at), (1, None), "it is the same one still");
        let (settings, id) = (bed.settings.clone(), told[0].id.clone());
        bed.lose_event().await;
        let done = bed.write(move |tx| Box::pin(async move { concern::finish(tx, &settings, &id, "Sato").await }));
        assert!(done.await);
        assert_eq!(bed.told(calendar::DUTY, EVENT).await, [some(1, Some("acted"))]);
        // What was served stays so.
        bed.lose_event().await;
        bed.fire().await;
        bed.lose_event().await;
        bed.event(|event| event.starts_at = starts_at).await;
        assert_eq!(bed.told(calendar::DUTY, EVENT).await, [some(1, Some("acted"))]);
        assert_eq!(bed.sent().await, ["page 1", "settle 1"]);
        // Another time is another one, after all that there were.
        bed.lose_event().await;
        bed.event(|event| event.starts_at = starts_at.plus_s(300)).await;
        assert_eq!(bed.told(calendar::DUTY, EVENT).await, [some(1, Some("acted")), some(2, None)]);
    });
}

#[test]
fn an_event_that_is_cancelled_with_its_memory_lost_ends_what_people_were_told() {
    on_a_bed_with(bridged(), async |bed: &Bed| {
        bed.with_a_baseline().await;
        bed.event(|_| ()).await;
        bed.lose_event().await;
        bed.event(|event| event.is_cancelled = true).await;
        assert_eq!(bed.told(calendar::DUTY, EVENT).await, [some(1, Some("cancelled"))]);
        assert_eq!(bed.sent().await, ["page 1", "settle 1"]);
    });
}

#[test]
fn what_nobody_can_read_of_an_event_ends_and_is_told_anew() {
    on_a_bed_with(bridged(), async |bed: &Bed| {
        bed.with_a_baseline().await;
        bed.event(|event| event.starts_at = event.starts_at.plus_s(1_800)).await;
        bed.lose_event().await;
        bed.called_for_what_nobody_can_read(calendar::DUTY, EVENT).await;
        bed.clock.advance_s(1_500);
        bed.fire().await;
        assert_eq!(bed.told(calendar::DUTY, EVENT).await, [some(4, Some("lost")), some(5, None)]);
        assert_eq!(bed.sent().await, ["settle 4", "page 5"]);
    });
}

#[test]
fn what_people_were_called_for_goes_on_when_a_tickets_memory_is_lost() {
    on_a_bed_with(bridged(), async |bed: &Bed| {
        bed.with_a_baseline().await;
        let created = did(0, bed.clock.now(), vec![Change::Created]);
        bed.ticket(vec![created.clone()]).await;
        bed.lose_ticket().await;
        bed.clock.advance_s(60);
        bed.ticket(vec![created.clone()]).await;
        assert_eq!(bed.told(tickets::DUTY, TICKET).await, [some(1, None)], "the same, and nothing new");
        bed.lose_ticket().await;
        bed.clock.advance_s(60);
        let to = Change::Assignee { from: None, to: Some("Sato".into()) };
        let history = vec![created, did(1, bed.clock.now(), vec![to])];
        bed.ticket(history.clone()).await;
        assert_eq!(bed.told(tickets::DUTY, TICKET).await, [some(1, Some("assigned"))]);
        bed.lose_ticket().await;
        bed.clock.advance_s(60);
        bed.ticket(history).await;
        assert_eq!(bed.told(tickets::DUTY, TICKET).await, [some(1, Some("assigned"))], "and nobody is called again");
        assert_eq!(bed.sent().await, ["page 1", "settle 1"]);
    });
}

#[test]
fn what_nobody_can_read_of_a_ticket_ends_and_is_told_anew() {
    on_a_bed_with(bridged(), async |bed: &Bed| {
        bed.with_a_baseline().await;
        let at = bed.clock.now();
        let to = Change::Assignee { from: None, to: Some("Sato".into()) };
        bed.ticket(vec![did(0, at, vec![Change::Created, to])]).await;
        assert!(bed.sent().await.is_empty(), "somebody has it");
        bed.lose_ticket().await;
        bed.called_for_what_nobody_can_read(tickets::DUTY, TICKET).await;
        bed.clock.advance_s(60);
        let from = Change::Assignee { from: Some("Sato".into()), to: None };
        let to = Change::Assignee { from: None, to: Some("Sato".into()) };
        bed.ticket(vec![did(0, at, vec![Change::Created, to]), did(1, bed.clock.now(), vec![from])]).await;
        assert_eq!(bed.told(tickets::DUTY, TICKET).await, [some(4, Some("lost")), some(5, None)]);
        assert_eq!(bed.sent().await, ["settle 4", "page 5"]);
    });
}

fn shown(id: &str, series: Option<&str>) -> CalendarEvent {
    CalendarEvent {
        id: id.into(),
        calendar: "ops".into(),
        recurring: series.map(str::to_owned),
        ends_at: Micros::from_seconds(4_000_000_000),
        ..CalendarEvent::default()
    }
}

/// A ticket, events, a timer, a press on the concern 3, an alert of the incident Q1.
fn signals() -> Vec<Meaning> {
    let pressed = Pressed {
        user: String::new(),
        user_name: String::new(),
        team: String::new(),
        app: String::new(),
        action_id: concern::TAKE.into(),
        block_id: String::new(),
        value: Some("3".into()),
        channel: None,
        message_ts: None,
        thread_ts: None,
        is_ephemeral: false,
        response_url: None,
        trigger_id: String::new(),
        key: String::new(),
    };
    let alert = serde_json::json!({ "id": "A1", "key": "arayashiki/event/1/1", "title": "", "status": "triggered",
        "severity": null, "suppressed": false, "created_at": null, "html_url": null, "integration": null, "body": null,
        "links": [] });
    let told = Fact {
        incident: "Q1".into(),
        source: Source::Snapshot,
        source_id: "1".into(),
        at: Micros(1),
        actor: None,
        body: FactBody::Alert(serde_json::from_value(alert).unwrap()),
    };
    let changes = vec![EventChange::Event(Box::new(shown("ops/z", None))), EventChange::Gone { id: "ops/s".into() }];
    let news = News { calendar: "ops".into(), changes, unread: vec!["ops/u".into()], asked_at: Micros(2) };
    let reading = Box::new(reading(vec![did(0, Micros(1), vec![Change::Created])]));
    vec![
        Meaning::Ticket { reading, asked_at: Micros(1) },
        Meaning::Events(news),
        Meaning::EventTimer(events::Told { event: "ops/t".into() }),
        Meaning::Slack(Box::new(Inbound::Pressed(pressed))),
        Meaning::Told(vec![told]),
        Meaning::Nothing,
    ]
}

/// Two events of a series, one more; concerns that are known by their key, by their incident, by their own id, and not at all.
async fn known(tx: &mut Tx) -> Result<(), StoreError> {
    for (id, series) in [("ops/s/1", Some("ops/s")), ("ops/s/2", Some("ops/s")), ("ops/u/1", None)] {
        let event = shown(id, series);
        let memory = String::new();
        let kept = calendar_events::Kept { event, customer: None, seen_at: Micros(1), is_gone: false, memory };
        calendar_events::save(tx, &kept).await?;
    }
    for (id, duty, subject) in [
        ("1", calendar::DUTY, "ops/by-key"),
        ("2", tickets::DUTY, "example/by-incident"),
        ("3", tickets::DUTY, "example/pressed"),
        ("4", tickets::DUTY, "example/nobody-told"),
    ] {
        let dedup_key = format!("arayashiki/event/{id}/1");
        let one = Concern { id: id.into(), duty: duty.into(), subject: subject.into(), dedup_key, ..unreadable() };
        concerns::add(tx, &one).await?;
    }
    concerns::became(tx, "2", "Q2").await.map(|_| ())
}

#[test]
fn all_that_signals_are_about_is_locked_first() {
    on_a_bed_with(bridged(), async |bed: &Bed| {
        let names = bed.write(|tx| {
            Box::pin(async move {
                known(tx).await?;
                super::locks::of_signals(tx, signals().iter(), &["Q1".into(), "Q2".into()]).await
            })
        });
        let names: Vec<String> = names.await.into_iter().collect();
        assert_eq!(
            names,
            [
                "event:ops/by-key",
                "event:ops/s",
                "event:ops/s/1",
                "event:ops/s/2",
                "event:ops/t",
                "event:ops/u/1",
                "event:ops/z",
                "ticket:example/1001",
                "ticket:example/by-incident",
                "ticket:example/pressed",
            ]
        );
    });
}

#[test]
fn a_feed_that_is_too_much_for_one_transaction_is_judged_in_parts_and_once() {
    const EVENTS: usize = 1_201;
    on_a_bed_with(bridged(), async |bed: &Bed| {
        bed.with_a_baseline().await;
        let now = bed.clock.now();
        // The first has no time that anybody can read, and was known.
        bed.event(|event| event.id = "ops/broken".into()).await;
        let day = now.plus_s(5 * 86_400).timestamp().strftime("%Y%m%dT%H%M%SZ").to_string();
        let one = |uid: &str, at: &str| {
            format!("BEGIN:VEVENT\r\nUID:{uid}\r\nDTSTART:{at}\r\nSUMMARY:work\r\nEND:VEVENT\r\n")
        };
        let all: String = (0..EVENTS).map(|n| one(&format!("e{n}"), &day)).collect();
        let raw = format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{}{all}END:VCALENDAR\r\n", one("broken", "some day"));
        let headers = serde_json::json!({ "calendar": "ops", "asked_at": now.plus_s(1), "ahead_s": 60 * 86_400 });
        let signal = Signal {
            source: source::CALENDAR_FEED,
            key: Key::of("test", &[b"feed"]),
            digest: digest(raw.as_bytes()),
            received_at: now,
            origin: Origin::Repair,
            raw: raw.into_bytes(),
            headers: headers.to_string(),
        };
        bed.store.accept(signal).await.unwrap();
        let whole = bed.read().await;
        let waiting = async || bed.write(|tx| Box::pin(inbox::waiting(tx, 100, 0, 1))).await.len();
        assert_eq!(waiting().await, 3, "500, 500 and the rest");
        bed.read().await;
        let kept = bed.write(|tx| {
            Box::pin(async move { calendar_events::list(tx, &Scope::All, &Default::default(), 2_000).await })
        });
        let kept = kept.await;
        assert_eq!(kept.len(), EVENTS + 1);
        assert!(kept.iter().all(|one| one.kept.seen_at == now.plus_s(1)), "what nobody can read was seen as well");
        assert!(bed.write(move |tx| Box::pin(inbox::read_again(tx, whole))).await);
        bed.read().await;
        assert_eq!(waiting().await, 0, "read again it makes no other parts");
    });
}
