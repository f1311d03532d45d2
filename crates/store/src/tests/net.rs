//! What pages read of the safety net: within a scope, counted as it is told, and without the tests of routes.

use super::bed::{Bed, for_each_store};
use super::incidents::{count, incident, list, named, save};
use super::words::*;
use crate::actions::{self, Doing};
use crate::incidents::{self, Filter};
use crate::jobs::{self, Claim};
use crate::nets::{Net, Registration};
use crate::{Store, alerts, callouts, ledger, mails, nets, reference};
use model::action::{Action, Effect, Outcome, Precondition, Queue};
use model::mail::{Door, Envelope, Ledger, Reason, State, Trust};
use model::reference::{Kind, Thing};
use model::{Micros, Scope};
use std::collections::BTreeSet;

const CUSTOMERS: [Option<&str>; 3] = [None, Some("acme"), Some("bolt")];

pub fn net(id: &str, customer: Option<&str>, since: Micros) -> Net {
    Net {
        id: id.into(),
        monitor: "zabbix".into(),
        host: None,
        check: None,
        title: id.into(),
        customer: customer.map(str::to_owned),
        generation: 1,
        open_since: Some(since),
        ended_at: None,
        mails: 1,
        last_mail: None,
        incident: None,
        missing_since: Some(since),
        registration: Registration::None,
        dedup_key: None,
        asked_at: None,
        tries: 0,
        seen_at: None,
        ours: None,
        storm: None,
        called: None,
        cause: None,
        changed_at: since,
    }
}

fn mail(id: i64, customer: Option<&str>) -> mails::New {
    let name = customer.unwrap_or("nobody");
    mails::New {
        id,
        received_at: Micros(id),
        door: "mail-smtp".into(),
        message_id: None,
        sender: "a@example.jp".into(),
        subject: name.into(),
        monitor: "zabbix".into(),
        host: None,
        check: None,
        state: State::Problem,
        severity: None,
        key: name.into(),
        occurred_at: None,
        customer: customer.map(str::to_owned),
        service: None,
        trust: Trust::Trusted,
        net: Some(format!("net-{name}")),
        ledger: Ledger::Missing,
        reason: Reason::Nothing,
        due: None,
        reading: "{}".into(),
    }
}

pub fn call(name: &str, customer: Option<&str>, at: Micros) -> callouts::Callout {
    callouts::Callout {
        id: name.into(),
        subject: "call/1".into(),
        generation: 1,
        level: 1,
        person: name.into(),
        text: "{}".into(),
        customer: customer.map(str::to_owned),
        asked_at: at,
        due: None,
        sent_at: None,
        answered_at: None,
        answered_by: None,
        ended_at: None,
    }
}

/// A mail, its alert, a rule about it and a call for each customer; their words name it.
async fn seed(store: &Store) {
    let unit = store.write("test", |tx| {
        Box::pin(async move {
            let now = tx.now();
            for (n, customer) in CUSTOMERS.into_iter().enumerate() {
                let name = customer.unwrap_or("nobody");
                nets::save(tx, &net(&format!("net-{name}"), customer, now)).await?;
                mails::add(tx, &mail(n as i64 + 1, customer)).await?;
                callouts::add(tx, &call(name, customer, now)).await?;
                let rule = ledger::Rule {
                    id: format!("rule-{name}"),
                    name: name.into(),
                    monitor: "zabbix".into(),
                    net: Some(format!("net-{name}")),
                    verdict: "suppressed".into(),
                    created_by: "Sato".into(),
                    created_at: now,
                };
                ledger::add_rule(tx, &rule).await?;
            }
            Ok(())
        })
    });
    unit.await.unwrap();
}

async fn seen(store: &Store, scope: Scope) -> Vec<(&'static str, BTreeSet<String>)> {
    let read = store.read(move |tx| {
        Box::pin(async move {
            let all = mails::Filter::default();
            let listed = mails::list(tx, &scope, &all, 9).await?;
            let every = mails::list_every(tx, &scope, None, 9).await?;
            let rules = ledger::list_rules_of(tx, &scope).await?;
            let calls = callouts::list(tx, &scope, None, 9).await?;
            let missing = nets::list_missing(tx, &scope, 9).await?;
            let counted = nets::count_missing(tx, &scope, 9).await?;
            assert_eq!(counted.lacking, missing.len() as i64);
            assert_eq!(mails::count_up_to(tx, &scope, &all, 9).await?, listed.len() as i64);
            let mut found = BTreeSet::new();
            for id in 1..=3 {
                found.extend(mails::find(tx, &scope, id).await?.map(|whole| whole.item.subject));
            }
            Ok(vec![
                ("mails", listed.into_iter().map(|mail| mail.subject).collect()),
                ("every mail", every.into_iter().map(|mail| mail.item.subject).collect()),
                ("found mails", found),
                ("rules", rules.into_iter().map(|rule| rule.name).collect()),
                ("calls", calls.into_iter().map(|call| call.person).collect()),
                ("missing", missing.into_iter().map(|net| net.id[4..].to_owned()).collect()),
            ])
        })
    });
    read.await.unwrap()
}

#[test]
fn nothing_of_another_customers_mail_is_read() {
    for_each_store(async |bed: &Bed| {
        seed(&bed.store).await;
        let some = |names: &[&str]| Scope::Customers(names.iter().map(|name| (*name).to_owned()).collect());
        for scope in [Scope::All, some(&["acme"]), some(&["acme", "bolt"]), some(&[]), some(&["stranger"]), some(&[""])]
        {
            let allowed: BTreeSet<String> = CUSTOMERS
                .into_iter()
                .filter(|customer| scope.allows(*customer))
                .map(|customer| customer.unwrap_or("nobody").to_owned())
                .collect();
            for (read, rows) in seen(&bed.store, scope.clone()).await {
                assert_eq!(rows, allowed, "{read} in {scope:?}");
            }
        }
    });
}

#[test]
fn a_storm_counts_as_its_alerts_and_what_was_registered_counts_apart() {
    for_each_store(async |bed: &Bed| {
        let unit = bed.store.write("test", |tx| {
            Box::pin(async move {
                let at = |s: i64| Micros::from_seconds(s);
                nets::save(tx, &net("lone", None, at(50))).await?;
                let seen = Net { registration: Registration::Seen, ..net("seen", None, at(10)) };
                nets::save(tx, &seen).await?;
                let storm = Net { registration: Registration::Seen, ..net("storm:z", None, at(20)) };
                nets::save(tx, &storm).await?;
                for n in 0..4 {
                    // The last came after the list that was seen.
                    let seen_at = (n < 3).then(|| at(40));
                    let one = Net { storm: Some("storm:z".into()), seen_at, ..net(&format!("m{n}"), None, at(60 + n)) };
                    nets::save(tx, &one).await?;
                }
                for (id, as_) in [("asked", Registration::Asked), ("unseen", Registration::Unseen)] {
                    nets::save(tx, &Net { registration: as_, ..net(id, None, at(60)) }).await?;
                }
                let storm = Net { registration: Registration::Asked, ..net("storm:y", None, at(40)) };
                nets::save(tx, &storm).await?;
                nets::save(tx, &Net { storm: Some("storm:y".into()), ..net("in-y", None, at(45)) }).await?;
                let over = Net { missing_since: None, ..net("over", None, at(5)) };
                nets::save(tx, &over).await?;
                nets::count_missing(tx, &Scope::All, 100).await
            })
        });
        let missing = unit.await.unwrap();
        assert_eq!((missing.lacking, missing.registering, missing.registered), (5, 4, 4));
        assert_eq!(missing.oldest, Some(Micros::from_seconds(45)));
    });
}

fn service(id: &str) -> Thing {
    Thing {
        kind: Kind::Service,
        id: id.into(),
        name: format!("service {id}"),
        url: None,
        email: None,
        status: Some("active".into()),
        user: None,
        starts_at: None,
        ends_at: None,
        level: None,
        names: Vec::new(),
    }
}

#[test]
fn tests_of_routes_are_in_no_list_and_make_no_service_fire() {
    for_each_store(async |bed: &Bed| {
        for (n, id) in [(1, "S1"), (2, "S2")] {
            let mut one = incident(n);
            one.data.service = Some(model::incident::Ref { name: format!("service {id}"), ..named(id) });
            save(&bed.store, one, None).await;
        }
        let now = now(&bed.store).await;
        let unit = bed.store.write("test", move |tx| {
            Box::pin(async move {
                for id in ["S1", "S2", "S3"] {
                    reference::save(tx, &service(id), now).await?;
                }
                incidents::mark_canary(tx, "Q002").await
            })
        });
        unit.await.unwrap();
        let listed = list(&bed.store, Scope::All, Filter::default(), 9).await;
        assert_eq!(listed.into_iter().map(|item| item.id).collect::<Vec<_>>(), ["Q001"]);
        assert_eq!(count(&bed.store, Scope::All, Filter::default()).await, 1);
        let worded = Filter { text: Some("title".into()), ..Filter::default() };
        assert_eq!(count(&bed.store, Scope::All, worded).await, 1);
        let read = bed.store.read(|tx| {
            Box::pin(async move {
                let every = incidents::list_every(tx, &Scope::All, None, 9).await?.len();
                let idle = incidents::list_idle_services(tx, &Scope::All, Micros(0), 9).await?;
                let own = Scope::Customers(vec!["acme".into()]);
                Ok((every, idle, incidents::list_idle_services(tx, &own, Micros(0), 9).await?))
            })
        });
        let (every, (since, idle), (_, own)) = read.await.unwrap();
        assert_eq!(every, 1);
        assert!(since.is_some() && own.is_empty());
        assert_eq!(idle.into_iter().map(|one| one.id).collect::<Vec<_>>(), ["S2", "S3"]);
    });
}

#[test]
fn how_far_a_monitors_latest_mails_are_proven_is_counted_within_a_scope() {
    for_each_store(async |bed| {
        let unit = bed.store.write("test", |tx| {
            Box::pin(async move {
                for (id, customer, trust, ledger) in [
                    (1, None, Trust::Untrusted, Ledger::Matched),
                    (2, Some("acme"), Trust::Untrusted, Ledger::Matched),
                    (3, Some("acme"), Trust::Trusted, Ledger::Matched),
                    (4, Some("acme"), Trust::Waiting, Ledger::Expected),
                    (5, Some("acme"), Trust::Untrusted, Ledger::Canary),
                    (6, Some("bolt"), Trust::Untrusted, Ledger::Missing),
                ] {
                    mails::add(tx, &mails::New { trust, ledger, reading: format!("{id}"), ..mail(id, customer) })
                        .await?;
                }
                let mut told = Vec::new();
                for (scope, since, most) in [
                    (Scope::All, 0, 100),
                    (Scope::All, 3, 100),
                    (Scope::All, 0, 3),
                    (Scope::Customers(vec!["acme".into()]), 0, 100),
                ] {
                    let proofs = mails::list_proofs(tx, &scope, &["other", "zabbix"], (Micros(since), most)).await?;
                    let proofs = &proofs["zabbix"];
                    told.push((proofs.judged, proofs.unproven, proofs.unproven_readings.join(",")));
                }
                Ok(told)
            })
        });
        let wanted = [(4, 3, "6,2,1"), (2, 1, "6"), (1, 1, "6"), (2, 1, "2")];
        let wanted: Vec<_> = wanted.into_iter().map(|(judged, not, why)| (judged, not, why.to_owned())).collect();
        assert_eq!(unit.await.unwrap(), wanted);
    });
}

#[test]
fn who_claims_a_stand_in_that_has_gone_gets_the_alert_it_stood_for() {
    for_each_store(async |bed: &Bed| {
        let saved = |id: &str| alerts::Saved {
            id: id.into(),
            key: None,
            title: "disk".into(),
            created_at: Micros(10),
            resolved_at: None,
            is_open: true,
            suppressed: false,
            words: "disk".into(),
            hosts: Vec::new(),
            reading: None,
        };
        let claims = bed.store.write("claims", move |tx| {
            Box::pin(async move {
                let (own, mut ids) = (alerts::stand_in("Q1"), Vec::new());
                alerts::save(tx, "Q1", (None, None), &[saved(&own)]).await?;
                ids.push(alerts::claim(tx, (&own, "Q1"), 7, 90).await?);
                alerts::save(tx, "Q1", (None, None), &[saved("A1"), saved("A2")]).await?;
                ids.push(alerts::claim(tx, (&own, "Q1"), 8, 80).await?);
                ids.push(alerts::claim(tx, (&own, "Q1"), 9, 80).await?);
                let rows = alerts::near(tx, Micros(0), 10).await?;
                Ok((ids, rows.into_iter().map(|row| (row.id, row.mail)).collect::<Vec<_>>()))
            })
        });
        let (ids, mut rows) = claims.await.unwrap();
        rows.sort();
        assert_eq!(ids, [Some(alerts::stand_in("Q1")), Some("A2".into()), None]);
        assert_eq!(rows, [("A1".into(), Some(7)), ("A2".into(), Some(8))]);
    });
}

fn fetch(n: i64) -> Action {
    let envelope = Envelope {
        door: Door::Ses,
        from: None,
        recipients: vec!["zbx@example.jp".into()],
        peer: None,
        helo: None,
        tls: true,
        checked: None,
        place: None,
    };
    Action {
        key: format!("fetch/{n}"),
        duty: "safety_net".into(),
        subject: format!("signal:{n}"),
        lane: format!("fetch:{n}"),
        effect: Effect::FetchMail { envelope: Box::new(envelope), bucket: "mails".into(), object: n.to_string() },
        not_before: None,
        not_after: None,
        precondition: Precondition::None,
        why: "a test".into(),
        customer: None,
        queue: Queue::Live,
    }
}

/// What lies in a bucket was received and waits, until it is here or an alert stands in its place.
#[test]
fn a_mail_that_is_still_fetched_waits_in_the_days_balance() {
    for_each_store(async |bed: &Bed| {
        let told = bed.store.write("test", |tx| {
            Box::pin(async move {
                let now = tx.now();
                let (since, until) = (now.plus_s(-86_400), now.plus_s(86_400));
                for n in 0..3 {
                    actions::add(tx, &fetch(n), Doing::Really).await?;
                }
                let Claim::Job(first) = jobs::claim(tx, Queue::Live, "w", TERMS).await? else { panic!("no job") };
                let why = "S3 does not give it".to_owned();
                jobs::finish(tx, &first, &Outcome::Never { why: why.clone() }).await?;
                let Claim::Job(second) = jobs::claim(tx, Queue::Live, "w", TERMS).await? else { panic!("no job") };
                jobs::finish(tx, &second, &Outcome::Done { external: None }).await?;
                let before = ledger::balance(tx, &Scope::All, since, until).await?;
                ledger::close(tx, "2026-05-01", &before).await?;
                let dead = jobs::unfetched(tx, now.plus_s(-60), 10).await?;
                let late = jobs::unfetched(tx, now.plus_s(60), 10).await?;
                let stood = (jobs::stood_in(tx, first.id).await?, jobs::stood_in(tx, first.id).await?);
                let after = ledger::balance(tx, &Scope::All, since, until).await?;
                let days = ledger::list_days(tx, &Scope::All, 1).await?;
                Ok((before, after, days, dead, late, stood))
            })
        });
        let (before, after, days, dead, late, stood) = told.await.unwrap();
        let sides = |b: &ledger::Balance| (b.received, b.waiting, b.difference());
        assert_eq!((sides(&before), sides(&after)), ((2, 2, 0), (1, 1, 0)));
        assert_eq!(sides(&days[0].balance), (2, 2, 0), "a closed day says what still waited");
        assert_eq!(dead.iter().map(|one| one.object.as_str()).collect::<Vec<_>>(), ["0"], "given up: at once");
        assert_eq!(dead[0].why.as_deref(), Some("S3 does not give it"));
        assert_eq!(late.iter().map(|one| one.object.as_str()).collect::<Vec<_>>(), ["0", "2"]);
        assert_eq!(stood, (true, false));
    });
}
