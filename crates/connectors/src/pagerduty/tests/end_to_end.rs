//! Against the sandbox's PagerDuty, which shares no type with us: what one side misreads, the other does not.

use crate::http::{Http, Request};
use crate::pagerduty::{
    Acted, Client, Events, Identity, ListIncidents, ListLogEntries, ListReference, NoteUpdate, Setup, Sought,
    facts_from_alerts, facts_from_log_entries, facts_from_whole, parse_webhook, reference_from_list,
};
use crate::testing::{Heard, NOW, Server, call};
use crate::{Call, Class, Kind, Secret};
use model::Micros;
use model::act::Act;
use model::event::Event;
use model::incident::{Change, Fact, FactBody, IncidentData, Status, fold};
use model::reference::Kind as Thing;
use sandbox::pagerduty::{Options, Sandbox, Story, start};
use serde_json::json;
use std::collections::BTreeSet;

/// Events take effect before they are answered, so that nothing has to be waited for.
async fn sandbox(story: Story, webhook_url: Option<String>) -> Sandbox {
    start(Options { story, webhook_url, event_lag_ms: 0, retry_ms: 50, ..Options::default() }).await.unwrap()
}

fn setup(sandbox: &Sandbox) -> Setup {
    let info = sandbox.info();
    let mut setup = Setup::new(info.url.clone(), Secret::new(info.token.clone()));
    setup.events_url = Some(info.events_url.clone());
    setup.from = Some(info.from.clone());
    setup
}

fn events(sandbox: &Sandbox) -> Events {
    let key = sandbox.info().routing_keys.values().next().unwrap();
    Events::new(&setup(sandbox), Secret::new(key.clone())).unwrap()
}

#[tokio::test]
async fn a_page_becomes_an_incident_gets_a_note_and_is_found_after_it_is_resolved() {
    let sandbox = sandbox(Story::None, None).await;
    let (client, events) = (Client::new(&setup(&sandbox)).unwrap(), events(&sandbox));
    let trigger = super::writes::trigger();
    assert!(client.find_incidents_by_key(&call(), &trigger.dedup_key, None).await.unwrap().is_empty());
    assert_eq!(events.trigger(&call(), &trigger).await.unwrap().dedup_key, trigger.dedup_key);
    events.trigger(&call(), &trigger).await.unwrap();
    let opened = client.find_incidents_by_key(&call(), &trigger.dedup_key, None).await.unwrap();
    assert_eq!(opened.len(), 1, "the key makes two triggers one incident");
    assert!(opened[0].status.is_open() && !opened[0].assignees.is_empty());
    let id = opened[0].id.as_str();

    assert_eq!(client.find_note(&call(), id, "[ara:1]").await.unwrap(), None);
    let note = client.add_note(&call(), id, None, "調べた結果\n[ara:1]").await.unwrap();
    assert_eq!(client.find_note(&call(), id, "[ara:1]").await.unwrap(), Some(note.clone()));
    let changed = client.update_note(&call(), id, &note, None, "調べ直した結果\n[ara:1]").await.unwrap();
    assert_eq!(changed, NoteUpdate::Done);
    let again = client.marked_note(&call(), id, "[ara:1]").await.unwrap().unwrap();
    assert_eq!((again.id, again.content.as_str()), (note, "調べ直した結果\n[ara:1]"));
    let gone = client.update_note(&call(), id, "PNONE", None, "x").await.unwrap();
    assert!(matches!(gone, NoteUpdate::Never(error) if error.kind == Kind::NotFound));

    events.resolve(&call(), &trigger.dedup_key).await.unwrap();
    let resolved = client.find_incidents_by_key(&call(), &trigger.dedup_key, None).await.unwrap();
    assert_eq!((resolved.len(), resolved[0].status), (1, Status::Resolved));

    let whole = client.incident_whole(&call(), id).await.unwrap();
    assert_eq!(whole.facts, facts_from_whole(&whole.raw, NOW).unwrap());
    let incident = fold(&whole.facts).unwrap();
    assert_eq!((incident.data.status, incident.notes.len(), incident.alerts.len()), (Status::Resolved, 1, 1));
    assert!(incident.notes[0].note.content.starts_with("調べ直した"), "{}", incident.notes[0].note.content);
    assert_eq!(incident.alerts[0].key.as_deref(), Some(trigger.dedup_key.as_str()));
    assert!(incident.alerts[0].body.to_string().contains("db07"), "{}", incident.alerts[0].body);
}

fn told(heard: &Heard, secret: &str) -> Vec<Fact> {
    let signature = heard.headers["x-pagerduty-signature"].to_str().unwrap();
    assert!(model::signature::pagerduty(signature, &heard.body, &[secret]), "{signature}");
    let parsed = parse_webhook(&heard.body).unwrap();
    let incident = |event| match event {
        Event::Incident(fact) => *fact,
        other => panic!("{}: {other:?}", parsed.event_type),
    };
    parsed.events.into_iter().map(incident).collect()
}

#[tokio::test]
async fn webhooks_are_signed_read_and_agree_with_the_api() {
    let receiver = Server::always(202, "").await;
    let sandbox = sandbox(Story::None, Some(receiver.url.clone())).await;
    let (client, events) = (Client::new(&setup(&sandbox)).unwrap(), events(&sandbox));
    let trigger = super::writes::trigger();
    events.trigger(&call(), &trigger).await.unwrap();
    let id = client.find_incidents_by_key(&call(), &trigger.dedup_key, None).await.unwrap().remove(0).id;
    client.add_note(&call(), &id, None, "見た").await.unwrap();
    events.resolve(&call(), &trigger.dedup_key).await.unwrap();

    receiver.has_heard(3).await;
    let secret = &sandbox.info().webhook_secret;
    let facts: Vec<Fact> = receiver.heard().iter().flat_map(|heard| told(heard, secret)).collect();
    assert!(facts.iter().all(|fact| fact.incident == id));
    let is = |wanted: fn(&Change) -> bool| {
        facts.iter().any(|fact| matches!(&fact.body, FactBody::Changed { what, .. } if wanted(what)))
    };
    assert!(is(|what| matches!(what, Change::Triggered { .. })));
    assert!(is(|what| matches!(what, Change::Annotated(note) if note.content == "見た")));
    assert!(is(|what| matches!(what, Change::Resolved { .. })));

    let seen = fold(&facts).unwrap().data;
    let read = fold(&client.incident_whole(&call(), &id).await.unwrap().facts).unwrap().data;
    assert_eq!((&seen.title, seen.status, seen.number), (&read.title, read.status, read.number));
    // By id and name: the two sides link a service to different pages.
    let names = |data: &IncidentData| {
        let all = data.service.iter().chain(&data.escalation_policy).chain(&data.teams);
        all.map(|r| (r.id.clone(), r.name.clone())).collect::<Vec<_>>()
    };
    assert_eq!(names(&seen), names(&read));
}

#[tokio::test]
async fn an_account_with_a_past_is_listed_page_by_page() {
    let sandbox = sandbox(Story::Past, None).await;
    let client = Client::new(&setup(&sandbox)).unwrap();
    let bulk = Call::new(Class::Bulk, NOW);
    let mut list = ListIncidents { limit: 25, ..ListIncidents::default() };
    let mut seen = BTreeSet::new();
    loop {
        let page = client.incidents(&bulk, &list).await.unwrap().value;
        for incident in page.items {
            assert!(seen.insert(incident.id.clone()), "{} came twice", incident.id);
        }
        list.offset = page.next_offset;
        if !page.more {
            break;
        }
    }
    assert!(seen.len() > 25, "{} incidents make no second page", seen.len());
    let id = seen.first().unwrap();
    assert_eq!(&client.incident(&bulk, id).await.unwrap().value.id, id);
    assert!(client.incident_whole(&bulk, id).await.unwrap().facts.len() > 1);
    let shown = client.limiter().snapshot(NOW);
    assert!(shown.reset_at.is_some() && shown.remaining < shown.limit, "{shown:?}");
}

async fn things(client: &Client, kind: Thing) -> Vec<model::reference::Thing> {
    let list = ListReference { kind, offset: 0, since: None, until: None };
    client.reference(&call(), &list).await.unwrap().value.items
}

#[tokio::test]
async fn the_accounts_things_and_the_tokens_rights_are_read() {
    let sandbox = sandbox(Story::None, None).await;
    let client = Client::new(&setup(&sandbox)).unwrap();
    for kind in [Thing::Service, Thing::User, Thing::Team] {
        assert!(!things(&client, kind).await.is_empty(), "{kind:?}");
    }
    assert!(things(&client, Thing::EscalationPolicy).await[0].level.is_some_and(|levels| levels > 0));
    assert!(matches!(client.current_identity(&call()).await.unwrap(), Identity::Account { .. }));
    let subscriptions = client.webhook_subscriptions(&call(), 0).await.unwrap();
    assert!(subscriptions.items.iter().any(|s| s.id == sandbox.info().webhook_subscription));

    let info = sandbox.info();
    let (_, user_token) = info.user_tokens.first_key_value().unwrap();
    let person = Setup::new(info.url.clone(), Secret::new(user_token.clone()));
    let identity = Client::new(&person).unwrap().current_identity(&call()).await.unwrap();
    assert!(matches!(identity, Identity::User(_)), "{identity:?}");

    let reader = Setup { token: Secret::new(info.read_only_token.clone()), ..setup(&sandbox) };
    let refused = Client::new(&reader).unwrap().add_note(&call(), "Q1", None, "x").await.unwrap_err();
    assert_eq!(refused.kind, Kind::Forbidden);
    let stranger = Setup { token: Secret::new("nobody-s-token"), ..setup(&sandbox) };
    let refused = Client::new(&stranger).unwrap().abilities(&call()).await.unwrap_err();
    assert_eq!((refused.kind, refused.code), (Kind::Auth, Some(2006)));
}

/// Opens an incident by a page and returns its id and when that was.
async fn opened(client: &Client, events: &Events, key: &str) -> (String, Micros) {
    let trigger = crate::pagerduty::Trigger { dedup_key: key.to_owned(), ..super::writes::trigger() };
    events.trigger(&call(), &trigger).await.unwrap();
    let incident = client.find_incidents_by_key(&call(), key, None).await.unwrap().remove(0);
    (incident.id, incident.created_at.unwrap())
}

#[tokio::test]
async fn every_act_is_not_found_before_it_is_done_and_found_after() {
    let sandbox = sandbox(Story::None, None).await;
    let (client, events) = (Client::new(&setup(&sandbox)).unwrap(), events(&sandbox));
    let (id, since) = opened(&client, &events, "k/1").await;
    let (source, _) = opened(&client, &events, "k/2").await;
    let users = things(&client, Thing::User).await;
    // Whom the incident is not assigned to, so that a reassignment changes something.
    let assigned = client.incident(&call(), &id).await.unwrap().value.assignees;
    let user = users.iter().find(|user| assigned.iter().all(|a| a.id != user.id)).unwrap();
    let (user, from) = (user.id.as_str(), user.email.as_deref().unwrap());
    let priority = things(&client, Thing::Priority).await.remove(0).id;
    for act in [
        Act::Note { text: "調べた".into() },
        Act::Escalate { level: 2 },
        Act::Acknowledge,
        Act::Snooze { seconds: 3_600 },
        Act::Reassign { users: vec![user.to_owned()] },
        Act::Priority { to: Some(priority) },
        Act::Priority { to: None },
        Act::Merge { sources: vec![source] },
        Act::Resolve { resolution: Some("再起動した".into()) },
    ] {
        let find = async || {
            client
                .find_act(
                    &call(),
                    &Sought { incident: &id, act: &act, user, marker: "[arayashiki:act:1]", since, earlier: 0 },
                )
                .await
        };
        assert_eq!(find().await.unwrap(), None, "{act:?}");
        let acted = client.act(&call(), &id, &act, from, "[arayashiki:act:1]").await.unwrap();
        assert!(matches!(acted, Acted::Done { .. }), "{act:?}: {acted:?}");
        assert!(find().await.unwrap().is_some(), "{act:?}");
    }
    assert_eq!(client.act(&call(), &id, &Act::Acknowledge, from, "").await.unwrap(), Acted::Already);
    let snooze = client.act(&call(), &id, &Act::Snooze { seconds: 60 }, from, "").await.unwrap_err();
    assert_eq!((snooze.kind, snooze.code), (Kind::BadRequest, Some(1001)));
    let stranger =
        client.act(&call(), &id, &Act::Note { text: "x".into() }, "nobody@x.example", "[m]").await.unwrap_err();
    assert!(stranger.text.contains("From"), "{}", stranger.text);

    let (alerts, raw) = client.alerts_document(&call(), &id).await.unwrap();
    assert_eq!((alerts.len(), &alerts), (2, &facts_from_alerts(&raw, NOW).unwrap()), "those merged into it too");
}

#[tokio::test]
async fn the_mirror_of_what_is_configured_is_read_alike_live_and_later() {
    let sandbox = sandbox(Story::Past, None).await;
    let client = Client::new(&setup(&sandbox)).unwrap();
    for kind in Thing::ALL {
        let list = ListReference { kind, offset: 0, since: None, until: None };
        let answer = client.reference(&call(), &list).await.unwrap();
        assert_eq!(answer.value.items, reference_from_list(kind, &answer.raw).unwrap(), "{kind:?}");
        // Windows may be none at the moment.
        assert!(kind == Thing::MaintenanceWindow || !answer.value.items.is_empty(), "{kind:?}");
    }
    let on_calls = ListReference { kind: Thing::OnCall, offset: 0, since: None, until: None };
    let on_calls = client.reference(&call(), &on_calls).await.unwrap().value.items;
    assert!(on_calls.iter().any(|row| row.level == Some(2)) && on_calls.iter().all(|row| row.user.is_some()));

    let log = ListLogEntries { with_total: true, ..ListLogEntries::default() };
    let page = client.all_log_entries(&call(), log).await.unwrap();
    assert_eq!(page.value.items, facts_from_log_entries(&page.raw).unwrap());
    assert!(page.value.total.is_some_and(|total| total >= page.value.next_offset), "{:?}", page.value.total);
    let list = ListIncidents { with_total: true, ..ListIncidents::default() };
    assert!(client.incidents(&call(), &list).await.unwrap().value.total.is_some_and(|total| total > 0));
}

#[tokio::test]
async fn the_levels_of_keys_are_told_apart() {
    let sandbox = sandbox(Story::None, None).await;
    let info = sandbox.info();
    let level = async |token: &str, from: Option<String>| {
        let setup = Setup { token: Secret::new(token), from, ..setup(&sandbox) };
        Client::new(&setup).unwrap().token(&call()).await
    };
    let full = level(&info.token, Some(info.from.clone())).await.unwrap();
    assert_eq!(full.can_write, Some(true));
    let read_only = level(&info.read_only_token, None).await.unwrap();
    assert_eq!(read_only.can_write, Some(false));
    let setup_of = Setup { token: Secret::new(&info.read_only_token), ..setup(&sandbox) };
    let scopes = Client::new(&setup_of).unwrap().scopes(&call(), 0, usize::MAX).await.unwrap();
    assert_eq!((scopes.missing, scopes.next), (vec![], None));
    let (mail, user_token) = info.user_tokens.first_key_value().unwrap();
    let own = level(user_token, None).await.unwrap();
    assert!(matches!(own.identity, Identity::User(user) if user.email.as_ref() == Some(mail)));
    assert_eq!(own.can_write, Some(true));
    assert_eq!(level("a-wrong-key", None).await.unwrap_err().kind, Kind::Auth);
    let client = Client::new(&setup(&sandbox)).unwrap();
    let subscription = client.webhook_subscription(&call(), &info.webhook_subscription).await.unwrap();
    assert!(subscription.active && subscription.id == info.webhook_subscription);
}

/// Turns one of the sandbox's switches.
async fn control(sandbox: &Sandbox, switch: &str, body: serde_json::Value) {
    let http = Http::new(&sandbox.info().control_url, crate::http::Settings::default()).unwrap();
    let request = Request {
        method: http::Method::POST,
        path: &[switch],
        query: &[],
        headers: http::HeaderMap::new(),
        body: Some(body.to_string().into_bytes()),
    };
    let answer = http.send(request).await.unwrap();
    assert_eq!(answer.status, 200, "{switch}: {answer:?}");
}

#[tokio::test]
async fn what_a_key_lacks_and_the_region_it_is_of_are_told_exactly() {
    let sandbox = sandbox(Story::None, None).await;
    let client = Client::new(&setup(&sandbox)).unwrap();
    let deny = json!({ "token": sandbox.info().token, "deny": ["/schedules", "/oncalls"] });
    control(&sandbox, "scopes", deny).await;
    control(&sandbox, "features", json!({ "off": ["priorities"] })).await;
    let level = client.token(&call()).await.unwrap();
    let scopes = client.scopes(&call(), 0, usize::MAX).await.unwrap();
    let missing: Vec<_> = scopes.missing.iter().map(|missing| (missing.what.as_str(), missing.status)).collect();
    assert_eq!(missing, [("schedules", 403), ("oncalls", 403), ("priorities", 402)]);
    assert_eq!(level.can_write, Some(true));

    control(&sandbox, "region", json!({ "wrong": true })).await;
    let wrong = client.token(&call()).await.unwrap_err();
    assert_eq!((wrong.kind, wrong.code), (Kind::Auth, Some(2006)));
    assert!(wrong.text.contains("other region"), "{}", wrong.text);
}

#[tokio::test]
async fn a_clock_that_is_off_is_seen_in_any_answer() {
    let sandbox = sandbox(Story::None, None).await;
    let client = Client::new(&setup(&sandbox)).unwrap();
    let offset = async |seconds: i64| {
        control(&sandbox, "clock_offset", json!({ "seconds": seconds })).await;
        client.abilities(&call()).await.unwrap();
        client.clock_offset_ms().unwrap()
    };
    // The sandbox goes by the real time, which a test may not ask for; but an hour is an hour, and a test takes seconds.
    let (now, later) = (offset(0).await, offset(3_600).await);
    assert!((3_500_000..3_700_000).contains(&(later - now)), "{now} {later}");
}
