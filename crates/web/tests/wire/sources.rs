//! What came in, by source and how late; and the list of asked-for history from page to page.

use crate::bed::bed;
use axum::http::StatusCode;
use model::incident::{Change, Fact, FactBody, Source};
use model::person::Role;
use model::signal::{Key, Origin, Signal, digest, source};
use model::{Micros, Scope};
use serde_json::json;
use store::facts;

#[tokio::test]
async fn what_came_in_is_told_by_source() {
    let bed = bed().await;
    let api = bed.token("t", Role::Viewer, Scope::All).await;
    let ada = bed.person("ada", Role::Viewer, Scope::All).await;
    for _ in 0..2 {
        bed.store.accept(delivery(b"1", bed.clock.now())).await.unwrap();
    }
    bed.store.accept(delivery(b"2", bed.clock.now())).await.unwrap();
    let told = bed.get("/api/v1/connections", &api).await.json();
    assert_eq!(told["sources"].as_array().unwrap().len(), 1);
    let source = &told["sources"][0];
    assert_eq!(
        (&source["source"], &source["received"], &source["duplicates"]),
        (&"pagerduty".into(), &3.into(), &1.into())
    );
    assert_eq!(told["webhooks"]["lag"], json!(null), "nothing was read yet");
    let received_at = bed.clock.now();
    let told = bed.store.write("test", move |tx| {
        Box::pin(async move {
            for (signal, late_s) in [(1, 2), (2, 30)] {
                let fact = Fact {
                    incident: "Q1".into(),
                    source: Source::Webhook,
                    source_id: format!("{signal}"),
                    at: received_at.plus_s(-late_s),
                    actor: None,
                    body: FactBody::Changed { what: Change::Acknowledged, incident: None },
                };
                facts::add(tx, &fact, Origin::Live, Some(signal)).await?;
            }
            Ok(())
        })
    });
    told.await.unwrap();
    let lag = bed.get("/api/v1/connections", &api).await.json()["webhooks"]["lag"].clone();
    let near = |field: &str, ms: i64| (lag[field].as_i64().unwrap() - ms).abs() < 1_000;
    assert!(near("median_ms", 2_000) && near("most_ms", 30_000) && lag["of"] == 2, "{lag}");
    let page = bed.get("/connections?lang=en", &ada).await.body;
    assert!(page.contains("Refused, wrong signature") && page.contains("(last 2)"), "{page}");
}

fn delivery(raw: &[u8], received_at: Micros) -> Signal {
    Signal {
        source: source::PAGERDUTY_WEBHOOK,
        key: Key::of("test", &[raw]),
        digest: digest(raw),
        received_at,
        origin: Origin::Live,
        raw: raw.to_vec(),
        headers: "{}".into(),
    }
}

#[tokio::test]
async fn the_list_of_history_goes_on_page_by_page() {
    let bed = bed().await;
    let api = bed.token("t", Role::Admin, Scope::All).await;
    for month in 1..6 {
        let span = format!(r#"{{"since":"2026-0{month}-01T00:00:00Z","until":"2026-0{month}-20T00:00:00Z"}}"#);
        assert_eq!(bed.post("/api/v1/backfills", &api, &span).await.status, StatusCode::ACCEPTED);
        bed.clock.advance_s(1);
    }
    let (mut since, mut path) = (Vec::new(), "/api/v1/backfills?limit=2".to_owned());
    loop {
        let page = bed.get(&path, &api).await.json();
        since.extend(page["items"].as_array().unwrap().iter().map(|i| i["since"].as_str().unwrap()[..7].to_owned()));
        let Some(next) = page["next_cursor"].as_str() else { break };
        path = format!("/api/v1/backfills?limit=2&cursor={next}");
    }
    assert_eq!(since, ["2026-05", "2026-04", "2026-03", "2026-02", "2026-01"]);
    for bad in ["limit=0", "cursor=AAAA", "x=1"] {
        assert_eq!(bed.get(&format!("/api/v1/backfills?{bad}"), &api).await.status, StatusCode::BAD_REQUEST, "{bad}");
    }
}
