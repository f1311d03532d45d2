//! Against the sandbox's PagerDuty, which shares no type with us: what one side misreads, the other does not.

use crate::pagerduty::{Client, Events, Identity, ListIncidents, Setup, facts_from_whole, parse_webhook};
use crate::testing::{Heard, NOW, Server, call};
use crate::{Call, Class, Kind, Secret};
use model::event::Event;
use model::incident::{Change, Fact, FactBody, IncidentData, Status, fold};
use sandbox::pagerduty::{Options, Sandbox, Story, start};
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
    assert_eq!(client.find_note(&call(), id, "[ara:1]").await.unwrap(), Some(note));

    events.resolve(&call(), &trigger.dedup_key).await.unwrap();
    let resolved = client.find_incidents_by_key(&call(), &trigger.dedup_key, None).await.unwrap();
    assert_eq!((resolved.len(), resolved[0].status), (1, Status::Resolved));

    let whole = client.incident_whole(&call(), id).await.unwrap();
    assert_eq!(whole.facts, facts_from_whole(&whole.raw, NOW).unwrap());
    let incident = fold(&whole.facts).unwrap();
    assert_eq!((incident.data.status, incident.notes.len(), incident.alerts.len()), (Status::Resolved, 1, 1));
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

#[tokio::test]
async fn the_accounts_things_and_the_tokens_rights_are_read() {
    let sandbox = sandbox(Story::None, None).await;
    let client = Client::new(&setup(&sandbox)).unwrap();
    assert!(!client.services(&call(), 0).await.unwrap().value.items.is_empty());
    assert!(!client.users(&call(), 0).await.unwrap().value.items.is_empty());
    assert!(!client.teams(&call(), 0).await.unwrap().value.items.is_empty());
    assert!(!client.escalation_policies(&call(), 0).await.unwrap().value.items[0].rules.is_empty());
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
