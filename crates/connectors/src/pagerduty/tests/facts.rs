//! Facts out of raw documents: what they say, and that the same bytes always say the same.

use crate::pagerduty::{facts_from_list, facts_from_log_entries, facts_from_whole};
use crate::testing::NOW;
use model::Micros;
use model::incident::{Change, Fact, FactBody, Source, Status, fold, timeline};
use serde_json::{Value, json};

const WHOLE: &str = include_str!("../fixtures/incident_whole.json");
const LIST: &str = include_str!("../fixtures/incidents.json");

fn whole() -> Vec<Fact> {
    facts_from_whole(WHOLE.as_bytes(), NOW).unwrap()
}

fn entry(id: &str) -> Change {
    let fact = whole().into_iter().find(|fact| fact.source_id == id).unwrap();
    assert_eq!(fact.source, Source::LogEntry);
    match fact.body {
        FactBody::Changed { what, .. } => what,
        other => panic!("{other:?}"),
    }
}

fn of(source: Source) -> Vec<Fact> {
    whole().into_iter().filter(|fact| fact.source == source).collect()
}

fn edited(edit: impl FnOnce(&mut Value)) -> Vec<Fact> {
    let mut document: Value = serde_json::from_str(WHOLE).unwrap();
    edit(&mut document);
    facts_from_whole(&serde_json::to_vec(&document).unwrap(), NOW).unwrap()
}

#[test]
fn a_whole_incident_folds_to_what_the_api_showed() {
    let incident = fold(&whole()).unwrap();
    assert_eq!((incident.data.number, incident.data.status), (Some(731), Status::Acknowledged));
    assert_eq!(incident.data.alert_counts, Some((2, 1, 1)));
    assert_eq!(incident.data.conference_bridge.as_deref(), Some("+81-3-0000-0000"));
    assert_eq!(incident.data.assignees[0].name, "Mori Kaede");
    assert_eq!(incident.acknowledged_at, Micros::parse("2026-06-02T17:06:40Z"));
    assert_eq!(incident.acknowledgements.len(), 1, "snapshot and log entry tell one acknowledgement");
    assert_eq!((incident.notes.len(), incident.alerts.len()), (1, 2));
    assert_eq!(timeline(&whole(), Some(&incident)).len(), 8, "the note and its log entry are one line");
}

#[test]
fn log_entries_are_told_in_our_words() {
    let summary = Some("ディスク使用率90%超過".to_owned());
    assert_eq!(entry("RLOGA01"), Change::Triggered { channel: Some("api".into()), summary });
    assert!(matches!(entry("RLOGA02"), Change::Reassigned { to } if to[0].id == "PUSRA01"));
    assert!(matches!(entry("RLOGA03"), Change::Notified { user: Some(_), channel: Some(c) } if c == "phone"));
    assert_eq!(entry("RLOGA04"), Change::Acknowledged);
    assert_eq!(entry("RLOGA05"), Change::Snoozed { until: Micros::parse("2026-06-02T18:07:00Z") });
    assert!(matches!(entry("RLOGA06"), Change::Annotated(note) if note.content == "ログを消した"));
    assert_eq!(entry("RLOGA07"), Change::FieldsChanged { fields: vec![("env".into(), "prod".into())] });
    let other = Change::Other { name: "tea_brewed".into(), summary: Some("お茶が入りました".into()) };
    assert_eq!(entry("RLOGA08"), other);
}

#[test]
fn alerts_keep_the_monitors_words_and_only_links_that_are_links() {
    let alerts = of(Source::Alert);
    let FactBody::Alert(first) = &alerts[0].body else { panic!("not an alert") };
    assert_eq!(first.body, json!({ "host": "db07", "df": "91%", "big": 12_345_678_901_234_567_890_u64 }));
    let kinds: Vec<&str> = first.links.iter().map(|(kind, ..)| kind.as_str()).collect();
    assert_eq!(kinds, ["link", "image"]);
    assert!(first.links.iter().all(|(_, href, _)| href.starts_with("https://")));
    let FactBody::Alert(second) = &alerts[1].body else { panic!("not an alert") };
    assert_eq!((second.suppressed, &second.body), (true, &json!({ "message": "opt" })));
    assert!(alerts[1].source_id.starts_with("PALRTB2:resolved:"));
}

#[test]
fn the_same_bytes_give_the_same_facts_and_identity_follows_the_content() {
    assert_eq!(whole(), whole());
    let later = facts_from_whole(WHOLE.as_bytes(), NOW.plus_s(60)).unwrap();
    let ids = |facts: &[Fact]| facts.iter().map(|f| (f.source, f.source_id.clone())).collect::<Vec<_>>();
    assert_eq!(ids(&whole()), ids(&later), "when it was read is no part of what it says");
    let snapshot = &of(Source::Snapshot)[0].source_id;
    let (version, digest) = snapshot.rsplit_once(':').unwrap();
    assert_eq!((version, digest.len()), ("2026-06-02T17:06:40Z", 12));
    let renamed = edited(|d| d["incident"]["title"] = json!("別の題"));
    assert_ne!(&renamed[0].source_id, snapshot);
    let unheard = edited(|d| d["incident"]["is_mergeable"] = json!(false));
    assert_eq!(&unheard[0].source_id, snapshot, "what we don't keep makes no new fact");
}

#[test]
fn an_edited_note_is_a_new_fact_that_wins() {
    let edit = |d: &mut Value| {
        d["notes"][0]["content"] = json!("訂正");
        d["notes"][0]["updated_at"] = json!("2026-06-02T17:20:00Z");
    };
    let mut facts = edited(edit);
    facts.extend(whole());
    let notes = fold(&facts).unwrap().notes;
    assert_eq!((notes.len(), notes[0].note.content.as_str()), (1, "訂正"));
}

#[test]
fn a_page_of_the_list_gives_one_snapshot_each() {
    let facts = facts_from_list(LIST.as_bytes(), NOW).unwrap();
    assert_eq!(facts.len(), 2);
    assert!(facts.iter().all(|fact| fact.source == Source::Snapshot));
    let merged = fold(&facts[1..]).unwrap().data;
    assert_eq!((merged.status, merged.resolved_at), (Status::Resolved, Micros::parse("2026-06-02T19:00:00Z")));
    assert_eq!(merged.resolve_reason.unwrap().into.unwrap().id, "Q1WEBHOOK0001");
    assert_eq!(facts_from_whole(WHOLE.as_bytes(), NOW).unwrap()[0], facts[0], "list and whole agree");
}

#[test]
fn account_wide_entries_find_their_incident_and_those_without_one_are_left_out() {
    let document: Value = serde_json::from_str(WHOLE).unwrap();
    let mut page = json!({ "log_entries": document["log_entries"], "more": false });
    page["log_entries"][0]["incident"] = json!(null);
    let facts = facts_from_log_entries(&serde_json::to_vec(&page).unwrap()).unwrap();
    assert_eq!(facts.len(), 7);
    assert!(facts.iter().all(|fact| fact.incident == "Q1WEBHOOK0001"));
}

#[test]
fn documents_that_are_cut_or_odd_are_errors_with_a_place() {
    for cut in (0..WHOLE.trim_end().len()).step_by(97).filter(|at| WHOLE.is_char_boundary(*at)) {
        assert!(facts_from_whole(&WHOLE.as_bytes()[..cut], NOW).is_err(), "{cut}");
    }
    let error = facts_from_list(br#"{"incidents":{"id":"Q1"}}"#, NOW).unwrap_err();
    assert!(error.place.starts_with("incidents"), "{error}");
    let error = facts_from_whole(br#"{"incident":{"id":"","status":"resolved"}}"#, NOW).unwrap_err();
    assert!(error.place.starts_with("incident.id"), "{error}");
}

#[test]
fn one_odd_row_is_a_line_of_the_timeline_and_spoils_no_other() {
    let mut document: serde_json::Value = serde_json::from_str(WHOLE).unwrap();
    let before = facts_from_whole(WHOLE.as_bytes(), NOW).unwrap();
    document["alerts"].as_array_mut().unwrap().push(serde_json::json!({ "id": 7, "status": [] }));
    let facts = facts_from_whole(document.to_string().as_bytes(), NOW).unwrap();
    assert_eq!(facts.len(), before.len(), "one more, less the list of all alerts, which is not known then");
    let all = |facts: &[Fact]| facts.iter().any(|fact| matches!(fact.body, FactBody::AllAlerts { .. }));
    assert!(all(&before) && !all(&facts));
    let odd = facts.iter().find(|fact| fact.source_id.starts_with("unreadable alert:")).unwrap();
    assert!(matches!(&odd.body, FactBody::Changed { what: Change::Other { summary: Some(_), .. }, .. }));
    let is_stale = |facts: &[Fact]| fold(facts).unwrap().stale;
    assert_eq!(is_stale(&facts), is_stale(&before), "it is no news about the incident");
}

#[test]
fn one_odd_incident_of_a_page_is_asked_for_by_itself() {
    let whole: serde_json::Value = serde_json::from_str(WHOLE).unwrap();
    let page = serde_json::json!({ "incidents": [{ "id": "QODD", "status": 5 }, whole["incident"]], "more": false });
    let facts = facts_from_list(page.to_string().as_bytes(), NOW).unwrap();
    assert_eq!(facts.len(), 2);
    assert_eq!(facts[0].incident, "QODD");
    assert!(fold(&facts[..1]).is_none());
}
