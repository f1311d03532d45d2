//! The promises of the fold as properties: order and repetition change nothing, a newest snapshot rules.

use super::*;
use crate::Micros;
use proptest::prelude::*;

fn person(n: u8) -> Ref {
    Ref { id: format!("PUSR{n}"), name: format!("Person {n}"), url: None }
}

pub(super) fn data(status: Status) -> IncidentData {
    IncidentData {
        id: "Q1".into(),
        number: Some(7),
        title: "disk full".into(),
        status,
        urgency: Urgency::High,
        html_url: None,
        incident_key: None,
        incident_type: None,
        created_at: Some(Micros::from_seconds(100)),
        updated_at: None,
        resolved_at: None,
        service: None,
        teams: vec![],
        assignees: vec![],
        escalation_policy: None,
        priority: None,
        acknowledgements: None,
        resolve_reason: None,
        alert_counts: None,
        conference_bridge: None,
    }
}

pub(super) fn change(source: Source, id: &str, at: Micros, what: Change, told: Option<IncidentData>) -> Fact {
    Fact {
        incident: "Q1".into(),
        source,
        source_id: id.into(),
        at,
        actor: Some(Actor { kind: ActorKind::User, who: person(1) }),
        body: FactBody::Changed { what, incident: told.map(Box::new) },
    }
}

pub(super) fn snapshot(id: &str, incident: IncidentData, taken_at: Micros) -> Fact {
    Fact {
        incident: "Q1".into(),
        source: Source::Snapshot,
        source_id: id.into(),
        at: incident.updated_at.unwrap_or(taken_at),
        actor: None,
        body: FactBody::Snapshot { incident: Box::new(incident), taken_at },
    }
}

fn any_fact() -> impl Strategy<Value = Fact> {
    (0u8..9, 100_000i64..130_000, 0u8..3, 0u32..40).prop_map(|(kind, at_ms, who, id)| {
        let at = Micros(at_ms * 1_000);
        let id = format!("{id:02}");
        let (source, what, status) = match kind {
            0 => (Source::Webhook, Change::Triggered { channel: None, summary: None }, Status::Triggered),
            1 => (Source::Webhook, Change::Acknowledged, Status::Acknowledged),
            2 => (Source::Webhook, Change::Resolved { resolution: None }, Status::Resolved),
            3 => (Source::Webhook, Change::Reassigned { to: vec![person(who)] }, Status::Triggered),
            4 => (Source::LogEntry, Change::Acknowledged, Status::Acknowledged),
            5 => (Source::LogEntry, Change::Resolved { resolution: None }, Status::Resolved),
            6 => {
                let note = Note { id: id.clone(), content: format!("note {id}"), trimmed: who == 0 };
                (Source::Webhook, Change::Annotated(note), Status::Triggered)
            }
            7 => {
                let note = Note { id: format!("log{id}"), content: format!("note {id}"), trimmed: false };
                (Source::LogEntry, Change::Annotated(note), Status::Triggered)
            }
            _ => {
                let mut seen = data(if who == 0 { Status::Acknowledged } else { Status::Resolved });
                seen.updated_at = Some(Micros::from_seconds(at.second()));
                return snapshot(&id, seen, Micros(at.0 + 5_000_000));
            }
        };
        let told = (source == Source::Webhook && !matches!(what, Change::Annotated(_))).then(|| data(status));
        let at = if source == Source::LogEntry { Micros::from_seconds(at.second()) } else { at };
        let mut fact = change(source, &format!("{}{kind}{id}{at}", source.as_str()), at, what, told);
        fact.actor = Some(Actor { kind: ActorKind::User, who: person(who) });
        fact
    })
}

fn bytes(facts: &[Fact]) -> String {
    let incident = fold(facts);
    let story = timeline(facts, incident.as_ref());
    serde_json::to_string(&(incident, story)).unwrap()
}

proptest! {
    #[test]
    fn any_order_and_any_repetition_give_the_same_bytes(
        facts in prop::collection::vec(any_fact(), 1..25),
        order in prop::collection::vec(any::<prop::sample::Index>(), 0..60),
    ) {
        // A source id names one content, as at the vendor.
        let mut seen = std::collections::HashSet::new();
        let facts: Vec<Fact> = facts.into_iter().filter(|f| seen.insert((f.source, f.source_id.clone()))).collect();
        let mut shuffled = facts.clone();
        shuffled.extend(order.iter().map(|i| facts[i.index(facts.len())].clone()));
        for (n, i) in order.iter().enumerate() {
            let other = i.index(shuffled.len());
            let len = shuffled.len();
            shuffled.swap(n % len, other);
        }
        prop_assert_eq!(bytes(&facts), bytes(&shuffled));
    }

    #[test]
    fn any_set_plus_a_newest_snapshot_gives_the_snapshot(
        facts in prop::collection::vec(any_fact(), 0..25),
        open in any::<bool>(),
    ) {
        let mut last = data(if open { Status::Acknowledged } else { Status::Resolved });
        last.updated_at = Some(Micros::from_seconds(1_000));
        last.title = "as the API has it".into();
        let mut facts = facts;
        facts.push(snapshot("last", last.clone(), Micros::from_seconds(1_001)));
        let folded = fold(&facts).unwrap();
        prop_assert_eq!(folded.data, last);
        prop_assert!(!folded.stale);
    }

    #[test]
    fn what_is_stored_reads_back_the_same(fact in any_fact()) {
        let text = serde_json::to_string(&fact).unwrap();
        prop_assert_eq!(serde_json::from_str::<Fact>(&text).unwrap(), fact);
    }
}

#[test]
fn a_webhook_newer_than_the_snapshot_overlays_it_and_asks_for_a_reading() {
    let mut seen = data(Status::Triggered);
    seen.updated_at = Some(Micros::from_seconds(200));
    seen.alert_counts = Some((2, 2, 0));
    let facts = [
        snapshot("s", seen, Micros::from_seconds(201)),
        change(Source::Webhook, "w", Micros(205_414_000), Change::Acknowledged, Some(data(Status::Acknowledged))),
    ];
    let folded = fold(&facts).unwrap();
    assert_eq!(folded.data.status, Status::Acknowledged);
    assert_eq!(folded.acknowledged_at, Some(Micros(205_414_000)));
    assert_eq!(folded.data.alert_counts, Some((2, 2, 0)));
    assert!(folded.stale);
}

#[test]
fn a_stale_read_never_beats_what_is_known() {
    let mut old = data(Status::Triggered);
    old.updated_at = Some(Micros::from_seconds(150));
    let mut new = data(Status::Resolved);
    new.updated_at = Some(Micros::from_seconds(200));
    // The stale answer was taken later by our clock.
    let facts = [snapshot("b", new, Micros::from_seconds(201)), snapshot("a", old, Micros::from_seconds(300))];
    assert_eq!(fold(&facts).unwrap().data.status, Status::Resolved);
}

#[test]
fn within_one_second_a_lone_log_entry_comes_after_the_exact_webhook() {
    let facts = [
        change(Source::Webhook, "w", Micros(200_100_000), Change::Acknowledged, Some(data(Status::Acknowledged))),
        change(Source::LogEntry, "l", Micros(200_000_000), Change::Resolved { resolution: None }, None),
    ];
    assert_eq!(fold(&facts).unwrap().data.status, Status::Resolved);
}

#[test]
fn webhook_and_log_entry_of_one_happening_are_one_line_with_two_tellers() {
    let facts = [
        change(Source::Webhook, "w", Micros(200_100_000), Change::Acknowledged, Some(data(Status::Acknowledged))),
        change(Source::LogEntry, "l", Micros(200_000_000), Change::Acknowledged, None),
    ];
    let story = timeline(&facts, fold(&facts).as_ref());
    assert_eq!(story.len(), 1, "{story:?}");
    assert_eq!(story[0].told_by.len(), 2);
    assert_eq!(story[0].at, Micros(200_100_000));
    assert_eq!(fold(&facts).unwrap().acknowledgements.len(), 1);
}

#[test]
fn notes_alone_make_no_incident() {
    let note = Note { id: "N1".into(), content: "looking".into(), trimmed: false };
    let facts = [change(Source::Webhook, "w", Micros(1), Change::Annotated(note), None)];
    assert!(fold(&facts).is_none());
    assert!(needs_read(None));
}

#[test]
fn a_note_that_only_the_log_tells_is_a_note_and_told_by_both_it_is_one() {
    let note = |id: &str, content: &str| Note { id: id.into(), content: content.into(), trimmed: false };
    let at = Micros::from_seconds(200);
    let mut whole = data(Status::Triggered);
    whole.updated_at = Some(Micros::from_seconds(150));
    let base = snapshot("s", whole, Micros::from_seconds(400));
    let logged = change(Source::LogEntry, "R1", at, Change::Annotated(note("R1", "再起動しました")), None);
    let base_fact = logged.clone();
    let told =
        |content: &str| Fact { body: FactBody::Note(note("N1", content)), source: Source::Note, ..base_fact.clone() };
    let words = |facts: &[Fact]| -> Vec<String> {
        fold(facts).map(|i| i.notes.into_iter().map(|n| n.note.content).collect()).unwrap_or_default()
    };
    assert_eq!(words(&[base.clone(), logged.clone()]), ["再起動しました"]);
    assert_eq!(words(&[base.clone(), logged.clone(), told("再起動しました")]), ["再起動しました"]);
    assert_eq!(words(&[base.clone(), logged.clone(), told("再起動した")]), ["再起動した"], "edited since");
    let other = change(Source::LogEntry, "R2", at.plus_s(60), Change::Annotated(note("R2", "別件")), None);
    assert_eq!(words(&[base, logged, other, told("再起動しました")]).len(), 2);
}

#[test]
fn a_note_that_is_edited_again_and_again_is_one_line_of_the_story_with_its_last_words() {
    let version = |second: i64, content: &str| Fact {
        incident: "Q1".into(),
        source: Source::Note,
        source_id: format!("N1:{content}"),
        at: Micros::from_seconds(second),
        actor: None,
        body: FactBody::Note(Note { id: "N1".into(), content: content.into(), trimmed: false }),
    };
    let first = Note { id: "N1".into(), content: "one…".into(), trimmed: true };
    let webhook = change(Source::Webhook, "w", Micros::from_seconds(100), Change::Annotated(first), None);
    for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0]] {
        let all = [version(100, "one and more"), version(107, "two"), version(109, "three")];
        let mut facts: Vec<Fact> = order.iter().map(|n| all[*n].clone()).collect();
        facts.push(webhook.clone());
        let story = timeline(&facts, None);
        assert_eq!(story.len(), 1, "{story:?}");
        assert!(matches!(&story[0].what, Change::Annotated(note) if note.content == "three" && !note.trimmed));
        assert_eq!((story[0].at, story[0].told_by.len()), (Micros::from_seconds(100), 2));
    }
}

#[test]
fn history_known_from_a_snapshot_alone_still_tells_its_story() {
    let mut seen = data(Status::Resolved);
    seen.updated_at = Some(Micros::from_seconds(300));
    seen.resolved_at = Some(Micros::from_seconds(300));
    let facts = [snapshot("s", seen, Micros::from_seconds(400))];
    let story = timeline(&facts, fold(&facts).as_ref());
    let kinds: Vec<_> = story.iter().map(|e| std::mem::discriminant(&e.what)).collect();
    assert_eq!(story.len(), 2, "{kinds:?}");
}

#[test]
fn a_merge_resolves_and_is_one_line_however_it_is_told() {
    let into = Some(Ref { id: "Q2".into(), name: "the other".into(), url: None });
    let facts = [
        change(Source::Webhook, "w", Micros(200_100_000), Change::Merged { into }, Some(data(Status::Resolved))),
        change(Source::LogEntry, "l", Micros(200_000_000), Change::Resolved { resolution: None }, None),
    ];
    let folded = fold(&facts).unwrap();
    assert_eq!(folded.data.resolved_at, Some(Micros(200_100_000)));
    let story = timeline(&facts, Some(&folded));
    assert_eq!(story.len(), 1, "{story:?}");
    assert!(matches!(story[0].what, Change::Merged { .. }));
}

#[test]
fn a_trigger_told_by_integration_and_by_service_is_one_line() {
    let by = |kind, id: &str| Some(Actor { kind, who: Ref { id: id.into(), name: id.into(), url: None } });
    let what = || Change::Triggered { channel: None, summary: None };
    let mut told = change(Source::Webhook, "w", Micros(200_100_000), what(), Some(data(Status::Triggered)));
    told.actor = by(ActorKind::Integration, "PINT");
    let mut logged = change(Source::LogEntry, "l", Micros(200_000_000), what(), None);
    logged.actor = by(ActorKind::Service, "PSVC");
    let facts = [told, logged];
    assert_eq!(timeline(&facts, fold(&facts).as_ref()).len(), 1);
}

#[test]
fn a_snapshot_of_the_same_second_that_disagrees_with_the_last_webhook_is_stale() {
    let mut seen = data(Status::Triggered);
    seen.updated_at = Some(Micros::from_seconds(200));
    let resolved = change(
        Source::Webhook,
        "w",
        Micros(200_800_000),
        Change::Resolved { resolution: None },
        Some(data(Status::Resolved)),
    );
    assert!(fold(&[snapshot("s", seen.clone(), Micros(200_400_000)), resolved.clone()]).unwrap().stale);
    let mut after = data(Status::Resolved);
    after.updated_at = Some(Micros::from_seconds(200));
    let facts = [snapshot("s", seen, Micros(200_400_000)), resolved, snapshot("t", after, Micros(201_000_000))];
    assert!(!fold(&facts).unwrap().stale);
}

#[test]
fn what_went_into_another_incident_takes_its_alerts_along() {
    let alert = |id: &str, at_s: i64| Fact {
        incident: "Q1".into(),
        source: Source::Alert,
        source_id: format!("{id}:{at_s}"),
        at: Micros::from_seconds(at_s),
        actor: None,
        body: FactBody::Alert(Box::new(Alert {
            id: id.into(),
            key: None,
            title: id.into(),
            status: "triggered".into(),
            severity: None,
            suppressed: false,
            created_at: None,
            html_url: None,
            integration: None,
            body: serde_json::Value::Null,
            links: vec![],
        })),
    };
    let ids = |counts, facts: &[Fact]| -> Vec<String> {
        let mut seen = data(Status::Resolved);
        seen.alert_counts = counts;
        let facts: Vec<Fact> =
            [snapshot("s", seen, Micros::from_seconds(300))].into_iter().chain(facts.iter().cloned()).collect();
        fold(&facts).unwrap().alerts.into_iter().map(|alert| alert.id).collect()
    };
    let facts = [alert("before", 200), alert("after", 400)];
    let read = |ids: &[&str]| {
        let mut seen = data(Status::Triggered);
        seen.updated_at = Some(Micros::from_seconds(290));
        let at = Micros::from_seconds(300);
        let ids = ids.iter().map(|id| (*id).to_owned()).collect();
        let body = FactBody::AllAlerts { ids, version: Micros::from_seconds(290), taken_at: at };
        let all = Fact { body, source_id: "all".into(), at, ..alert("x", 300) };
        let facts = [alert("moved", 200), alert("stays", 200), alert("new", 400), snapshot("r", seen, at), all];
        fold(&facts).unwrap().alerts.into_iter().map(|alert| alert.id).collect::<Vec<_>>()
    };
    assert_eq!(read(&["stays"]), ["new", "stays"], "one was moved to another incident");
    assert_eq!(read(&["moved", "stays"]), ["moved", "new", "stays"]);
    assert_eq!(ids(Some((0, 0, 0)), &facts), ["after"]);
    assert_eq!(ids(Some((1, 0, 1)), &facts), ["after", "before"]);
    assert_eq!(ids(None, &facts), ["after", "before"]);
}

#[test]
fn the_story_begins_with_the_trigger_and_a_later_one_is_told_as_a_repeat() {
    let trigger = || Change::Triggered { channel: None, summary: None };
    let facts = [
        change(Source::Webhook, "w", Micros(200_414_000), trigger(), Some(data(Status::Triggered))),
        change(Source::LogEntry, "a", Micros(200_000_000), Change::Reassigned { to: vec![person(1)] }, None),
        change(Source::LogEntry, "n", Micros(200_000_000), Change::Notified { user: None, channel: None }, None),
        change(Source::LogEntry, "t", Micros(205_000_000), trigger(), None),
    ];
    let story = timeline(&facts, fold(&facts).as_ref());
    let told: Vec<(&str, bool)> = story.iter().map(|e| (e.told_by[0].source_id.as_str(), e.again)).collect();
    assert_eq!(told, [("w", false), ("a", false), ("n", false), ("t", true)]);
    let to = || vec![person(2)];
    let facts = [
        change(Source::LogEntry, "assigned", Micros(300_000_000), Change::Reassigned { to: to() }, None),
        change(Source::Webhook, "escalated", Micros(300_700_000), Change::Escalated { to: to() }, None),
        change(Source::LogEntry, "opened", Micros(300_000_000), trigger(), None),
    ];
    let order: Vec<String> = timeline(&facts, None).into_iter().map(|e| e.told_by[0].source_id.clone()).collect();
    assert_eq!(order, ["opened", "escalated", "assigned"], "what follows stands after what it follows from");
}
