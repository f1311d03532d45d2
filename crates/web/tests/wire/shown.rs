//! What stands beside a row: tries of jobs, facts of signals, merges, holders, sources, dead signals, kept counts.

use crate::bed::{Bed, bed};
use axum::http::StatusCode;
use model::Scope;
use model::incident::{Acknowledgement, Fact, FactBody, Incident, Note, Ref, ResolveReason, Source, Status};
use model::person::Role;
use model::signal::Origin;
use serde_json::json;
use store::inbox::{self, Reading};
use store::{audit, facts, incidents};

fn named(id: &str, name: &str) -> Ref {
    Ref { id: id.into(), name: name.into(), url: None }
}

/// Changes an incident as if it had been told so.
async fn change(bed: &Bed, id: &'static str, how: impl FnOnce(&mut Incident) + Send + 'static) {
    let unit = bed.store.write("test", move |tx| {
        Box::pin(async move {
            let mut whole = incidents::find(tx, &Scope::All, id).await?.expect("it is there");
            how(&mut whole.incident);
            incidents::save(tx, &whole.incident, whole.item.customer.as_deref(), 1, None).await
        })
    });
    unit.await.unwrap();
}

/// Reads a signal anew, with this outcome.
async fn read(bed: &Bed, id: i64, reading: Reading) {
    let unit = bed.store.write("test", move |tx| Box::pin(async move { inbox::mark_read(tx, id, &reading).await }));
    unit.await.unwrap();
}

fn dead(why: &str) -> Reading {
    Reading { dead: Some(why.to_owned()), ..Reading::default() }
}

#[tokio::test]
async fn a_job_shows_its_tries_on_the_page_and_in_the_api() {
    let bed = bed().await;
    let ada = bed.person("ada", Role::Viewer, Scope::All).await;
    let api = bed.token("t", Role::Viewer, Scope::All).await;
    bed.incident("Q1", 2, "the disk is full", None, Status::Triggered).await;
    let job = bed.dead_job("Q1", None).await;
    let page = bed.get("/jobs?state=dead&lang=en", &ada).await.body;
    let (_, tries) = page.split_once(&format!("<details id=\"tries-{job}\">")).expect("the tries are folded");
    let tries = tries.split("</details>").next().unwrap();
    assert!(
        tries.contains("can&#39;t work") || tries.contains("can't work") || tries.contains("can&#x27;t work"),
        "{tries}"
    );
    assert!(tries.contains("secret cause of Q1") && page.contains("the disk is full"));

    let one = bed.get(&format!("/api/v1/jobs/{job}"), &api).await.json();
    assert_eq!((&one["id"], &one["state"], &one["tries"]), (&job.into(), &"dead".into(), &1.into()));
    let attempt = &one["attempts"][0];
    assert_eq!((&attempt["outcome"], &attempt["worker"], &attempt["token"]), (&"never".into(), &"w".into(), &1.into()));
    assert_eq!(attempt["detail"], "secret cause of Q1");
    assert!(attempt["started_at"].as_str() <= attempt["ended_at"].as_str() && attempt["ended_at"].is_string());
    assert_eq!(bed.get("/api/v1/jobs", &api).await.json()["items"][0]["tries"], 1);
    assert_eq!(bed.get("/api/v1/jobs/999", &api).await.status, StatusCode::NOT_FOUND);
    assert_eq!(bed.get("/api/v1/jobs/x", &api).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_signal_says_how_many_facts_it_told() {
    let bed = bed().await;
    let ada = bed.person("ada", Role::Viewer, Scope::All).await;
    bed.incident("Q1", 2, "the disk is full", None, Status::Triggered).await;
    let (quiet, telling) = (bed.signal(b"1", "Q1", None).await, bed.signal(b"2", "Q1", None).await);
    let unit = bed.store.write("test", move |tx| {
        Box::pin(async move {
            for n in 0..3 {
                let note = Note { id: format!("P{n}"), content: "seen".into(), trimmed: false };
                let fact = Fact {
                    incident: "Q1".into(),
                    source: Source::Note,
                    source_id: note.id.clone(),
                    at: tx.now(),
                    actor: None,
                    body: FactBody::Note(note),
                };
                facts::add(tx, &fact, Origin::Live, Some(telling)).await?;
            }
            Ok(())
        })
    });
    unit.await.unwrap();
    let page = bed.get(&format!("/signals/{telling}?lang=en"), &ada).await.body;
    assert!(page.contains("told 3 facts") && page.contains("the disk is full"), "{page}");
    assert!(bed.get(&format!("/signals/{quiet}?lang=en"), &ada).await.body.contains("told nothing new"));
}

#[tokio::test]
async fn an_incident_names_what_was_merged_into_it() {
    let bed = bed().await;
    let ada = bed.person("ada", Role::Viewer, Scope::All).await;
    let hana = bed.token("hana", Role::Viewer, Scope::Customers(vec!["aoba".into()])).await;
    let api = bed.token("t", Role::Viewer, Scope::All).await;
    bed.incident("Q1", 2, "the cause", Some("aoba"), Status::Triggered).await;
    bed.incident("Q2", 3, "its shadow", Some("minato"), Status::Resolved).await;
    assert_eq!(bed.get("/api/v1/incidents/Q1", &api).await.json()["merged_from"], json!([]));
    change(&bed, "Q2", |incident| {
        let into = Some(named("Q1", "the cause"));
        incident.data.resolve_reason = Some(ResolveReason { kind: "merge_resolve_reason".into(), into });
    })
    .await;
    let page = bed.get("/incidents/Q1?lang=en", &ada).await.body;
    assert!(page.contains("Merged from") && page.contains("href=\"/incidents/Q2\"") && page.contains("its shadow"));
    let merged = bed.get("/api/v1/incidents/Q1", &api).await.json()["merged_from"].clone();
    assert_eq!(merged, json!([{ "id": "Q2", "number": 3, "title": "its shadow" }]));
    assert_eq!(bed.get("/api/v1/incidents/Q1", &hana).await.json()["merged_from"], json!([]), "another customer's");
}

#[tokio::test]
async fn lists_name_who_holds_an_incident() {
    let bed = bed().await;
    let ada = bed.person("ada", Role::Viewer, Scope::All).await;
    let api = bed.token("t", Role::Viewer, Scope::All).await;
    bed.incident("Q1", 2, "the disk is full", Some("aoba"), Status::Acknowledged).await;
    assert!(bed.get("/incidents", &ada).await.body.contains("person of aoba"));
    change(&bed, "Q1", |incident| {
        let at = incident.changed_at;
        incident.data.acknowledgements = Some(vec![Acknowledgement { at, by: named("U7", "鈴木 一郎") }]);
    })
    .await;
    for path in ["/", "/incidents"] {
        let page = bed.get(path, &ada).await.body;
        assert!(page.contains("<bdi>鈴木 一郎</bdi>") && !page.contains("<bdi>person of aoba</bdi>"), "{path}");
    }
    let item = bed.get("/api/v1/incidents", &api).await.json()["items"][0].clone();
    assert_eq!(item["taken_by"], json!([{ "id": "U7", "name": "鈴木 一郎" }]));
    assert_eq!(bed.get("/api/v1/incidents/Q1", &api).await.json()["taken_by"], item["taken_by"]);
}

#[tokio::test]
async fn a_signal_put_aside_by_our_own_fault_is_dead_everywhere_until_it_is_read_again() {
    let bed = bed().await;
    let ada = bed.person("ada", Role::Admin, Scope::All).await;
    let api = bed.token("t", Role::Admin, Scope::All).await;
    let (aside, unreadable) = (bed.signal(b"1", "Q1", None).await, bed.signal(b"2", "Q2", None).await);
    read(&bed, aside, dead("our own fault: a fold failed")).await;
    read(&bed, unreadable, Reading { unreadable: Some("no JSON".into()), ..Reading::default() }).await;

    let listed = async |state: &str| {
        let page = bed.get(&format!("/api/v1/inbox?state={state}"), &api).await.json();
        page["items"].as_array().unwrap().iter().map(|i| i["id"].as_i64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!((listed("dead").await, listed("unreadable").await), (vec![aside], vec![unreadable]));
    let account = bed.get("/api/v1/account", &api).await.json();
    assert_eq!((&account["dead_signals"], &account["unreadable"], &account["dead"]), (&1.into(), &1.into(), &0.into()));
    let metrics = bed.get("/metrics", "").await.body;
    assert!(metrics.contains("\narayashiki_inbox_dead 1\n") && metrics.contains("\narayashiki_inbox_unreadable 1\n"));

    let page = bed.get("/signals?state=dead&lang=en", &ada).await.body;
    let link = |id: i64| format!("href=\"/signals/{id}\"");
    assert!(page.contains(&link(aside)) && !page.contains(&link(unreadable)));
    let now = bed.get("/?lang=en", &ada).await.body;
    for state in ["dead", "unreadable"] {
        assert!(now.contains(&format!("<a href=\"/signals?state={state}\">1</a>")), "{state}: {now}");
    }
    let one = bed.get(&format!("/signals/{aside}?lang=en"), &ada).await.body;
    assert!(one.contains("Reading it failed for good") && one.contains("a fold failed"));
    assert_eq!(bed.post(&format!("/signals/{aside}/read-again"), &ada, "").await.status, StatusCode::SEE_OTHER);
    assert_eq!((listed("dead").await, listed("new").await), (vec![], vec![aside]));
}

#[tokio::test]
async fn only_sources_that_ever_sent_are_offered() {
    let bed = bed().await;
    let ada = bed.person("ada", Role::Viewer, Scope::All).await;
    bed.signal(b"1", "Q1", None).await;
    let chip = "href=\"/signals?source=pagerduty\"";
    assert!(!bed.get("/signals", &ada).await.body.contains(chip), "one source is no choice");
    let timer = model::signal::Signal {
        source: model::signal::source::TIMER,
        key: model::signal::Key::of("test", &[b"timer"]),
        digest: model::signal::digest(b"timer"),
        received_at: bed.clock.now(),
        origin: Origin::Live,
        raw: b"timer".to_vec(),
        headers: "{}".into(),
    };
    bed.store.accept(timer).await.unwrap();
    let page = bed.get("/signals", &ada).await.body;
    assert!(page.contains(chip) && page.contains("href=\"/signals?source=timer\""), "{page}");
    assert!(!page.contains("source=guard") && !page.contains("source=pagerduty-api"));
}

#[tokio::test]
async fn the_counts_on_pages_are_kept_for_a_moment_and_no_longer() {
    let bed = bed().await;
    let ada = bed.person("ada", Role::Viewer, Scope::All).await;
    bed.signal(b"1", "Q1", None).await;
    let begun = bed.clock.now();
    let counted = async |path: &str| {
        let page = bed.get(&format!("{path}?lang=en"), &ada).await.body;
        if path == "/" { page.contains("<a href=\"/signals\">2</a>") } else { page.contains("2 signals received") }
    };
    assert!(!counted("/").await && !counted("/signals").await);
    bed.signal(b"2", "Q1", None).await;
    let (now, signals) = (counted("/").await, counted("/signals").await);
    if bed.clock.now().since(begun) < 2_000_000 {
        assert!(!now && !signals, "they were counted again at once");
    }
    bed.clock.advance_s(2);
    assert!(counted("/").await && counted("/signals").await);
}

#[tokio::test]
async fn the_audit_record_is_filtered_by_person_and_act() {
    let bed = bed().await;
    let ada = bed.person("ada", Role::Admin, Scope::All).await;
    let ben = bed.person("ben", Role::Admin, Scope::All).await;
    let api = bed.token("poller", Role::Admin, Scope::All).await;
    let signal = bed.signal(b"1", "Q1", None).await;
    for who in [&ada, &ben] {
        bed.post(&format!("/signals/{signal}/open"), who, "").await;
    }
    bed.get(&format!("/api/v1/inbox/{signal}"), &api).await;
    bed.post(&format!("/signals/{signal}/read-again"), &ben, "").await;
    // A flood of other rows hides nothing.
    let unit = bed.store.write("test", |tx| {
        Box::pin(async move {
            for _ in 0..6_000 {
                audit::add(tx, "system", "setup.account", "x", None, &json!({})).await?;
            }
            Ok(())
        })
    });
    unit.await.unwrap();
    let rows = async |query: &str| {
        let page = bed.get(&format!("/audit?lang=en&{query}"), &ada).await.body;
        page.matches("<tr data-row>").count()
    };
    assert_eq!(rows("act=signal.open").await, 3);
    assert_eq!(rows("who=BEN").await, 2);
    assert_eq!(rows("who=ben&act=signal.open").await, 1);
    assert_eq!(rows("who=poller").await, 1);
    assert_eq!((rows("who=nobody").await, rows("act=person.role").await, rows("").await), (0, 0, 50));
    let items = async |query: &str| {
        let page = bed.get(&format!("/api/v1/audit?{query}"), &api).await.json();
        page["items"].as_array().unwrap().len()
    };
    assert_eq!(items("actor=id-ben").await, 2);
    assert_eq!(items("actor=id-ben&action=signal.open").await, 1);
    assert_eq!((items("actor=token:poller").await, items("actor=ben").await), (1, 0));
}
