//! One incident with a full story, and one made of hostile strings.

use super::{before, hostile, named, reference};
use model::Micros;
use model::incident::{
    Acknowledgement, Actor, ActorKind, Alert, Change, Entry, EntryOrigin, Incident, IncidentData, Note, Ref,
    ResolveReason, Source, Status, Urgency,
};
use serde_json::json;
use web::view::{ActProblem, IncidentLink, IncidentView, RawEvent, SignalState};

fn hanako() -> Ref {
    reference("PHANAKO", "佐藤 花子")
}

fn entry(seconds: i64, who: Option<Ref>, what: Change, sources: &[Source]) -> Entry {
    Entry {
        at: before(seconds),
        actor: who.map(|who| Actor { kind: ActorKind::User, who }),
        what,
        again: false,
        told_by: sources.iter().map(|s| EntryOrigin { source: *s, source_id: format!("01H{seconds:07}") }).collect(),
    }
}

fn note(content: &str, trimmed: bool) -> Note {
    Note { id: "PN1".into(), content: content.into(), trimmed }
}

const LONG_NOTE: &str = "レプリカ db-01 の IO スレッドが止まっていたため再開しました。\n\n1. SHOW REPLICA STATUS → Last_IO_Error 1236\n2. STOP REPLICA; CHANGE REPLICATION SOURCE TO … ; START REPLICA\n3. 遅延 412 秒 → 減少中";

/// One entry of every kind of change.
pub fn entries() -> Vec<Entry> {
    use Source::{LogEntry as L, Snapshot as S, Webhook as W};
    let suzuki = || Some(reference("PSUZUKI", "鈴木 一郎"));
    let channel = |c: &str| Change::Notified { user: Some(hanako()), channel: Some(c.into()) };
    vec![
        entry(
            90_070,
            None,
            Change::Triggered {
                channel: Some("events_api".into()),
                summary: Some("replication lag 412 s > 60 s".into()),
            },
            &[W, L],
        ),
        entry(90_060, None, channel("push_notification"), &[L]),
        entry(89_990, None, channel("phone"), &[L]),
        entry(2_470, None, Change::Escalated { to: vec![reference("PSUZUKI", "鈴木 一郎"), hanako()] }, &[W, L]),
        entry(2_400, Some(hanako()), Change::Acknowledged, &[W, L]),
        entry(2_300, Some(hanako()), Change::Annotated(note(LONG_NOTE, false)), &[W, L, Source::Note]),
        entry(2_200, Some(hanako()), Change::PriorityChanged { to: Some(reference("P1", "P1")) }, &[W]),
        entry(2_100, Some(hanako()), Change::UrgencyChanged, &[L]),
        entry(2_000, Some(hanako()), Change::Reassigned { to: suzuki().into_iter().collect() }, &[W]),
        entry(1_900, Some(hanako()), Change::Delegated { to: Some(reference("PEP", "DB 一次対応")) }, &[W]),
        entry(1_850, Some(hanako()), Change::ServiceChanged { to: Some(reference("PS", "database")) }, &[W]),
        entry(1_800, Some(hanako()), Change::TypeChanged { to: Some("major_incident".into()) }, &[W]),
        entry(1_750, Some(hanako()), Change::Snoozed { until: Some(before(-3_600)) }, &[W]),
        entry(1_700, None, Change::Unacknowledged, &[W, L]),
        entry(
            1_650,
            Some(hanako()),
            Change::StatusUpdate { message: "決済は継続中、参照系のみ遅延しています。".into() },
            &[W],
        ),
        entry(
            1_600,
            Some(hanako()),
            Change::ResponderAsked { who: suzuki(), message: Some("DB を見てください".into()) },
            &[W],
        ),
        entry(1_550, None, Change::ResponderReplied { who: suzuki(), state: "accepted".into() }, &[W]),
        entry(1_500, Some(hanako()), Change::BridgeChanged { url: Some("https://meet.example/ops".into()) }, &[W]),
        entry(
            1_450,
            Some(hanako()),
            Change::FieldsChanged { fields: vec![("影響範囲".into(), "参照系".into())] },
            &[W],
        ),
        entry(1_400, Some(hanako()), Change::RoleAssigned { role: Some("Commander".into()), who: suzuki() }, &[W]),
        entry(1_380, Some(hanako()), Change::RoleAssigned { role: Some("Scribe".into()), who: None }, &[W]),
        entry(1_350, None, Change::Task { name: "連絡".into(), state: "completed".into() }, &[W]),
        entry(
            1_300,
            None,
            Change::ActionRun { action: Some(reference("PA", "restart-replica")), state: "started".into() },
            &[W],
        ),
        entry(1_250, None, Change::Workflow { name: "Major incident".into(), state: "completed".into() }, &[W]),
        entry(
            1_200,
            None,
            Change::Other { name: "incident.brand_new".into(), summary: Some("whatever this is".into()) },
            &[W],
        ),
        entry(900, Some(hanako()), Change::Reopened, &[W]),
        entry(600, None, Change::Merged { into: Some(reference("QINTO", "db-00: disk full")) }, &[W]),
        entry(300, Some(hanako()), Change::Resolved { resolution: Some("レプリカを再構築".into()) }, &[S]),
    ]
}

fn data() -> IncidentData {
    IncidentData {
        id: "Q1ABC".into(),
        number: Some(48_213),
        title: "[CRITICAL] db-01: replication lag 412 s > 60 s (primary: db-00)".into(),
        status: Status::Acknowledged,
        urgency: Urgency::High,
        html_url: Some("https://example.pagerduty.com/incidents/Q1ABC".into()),
        incident_key: Some("db-01/replication/lag".into()),
        incident_type: Some("base_incident".into()),
        created_at: Some(before(90_070)),
        updated_at: Some(before(2_300)),
        resolved_at: None,
        service: Some(reference("PSVC", "database")),
        teams: vec![reference("PT1", "基盤チーム")],
        assignees: vec![hanako()],
        escalation_policy: Some(reference("PEP", "基盤 24h")),
        priority: Some(reference("PP1", "P2")),
        acknowledgements: Some(vec![Acknowledgement { at: before(2_400), by: hanako() }]),
        resolve_reason: None,
        alert_counts: Some((3, 2, 1)),
        conference_bridge: Some("https://meet.example/ops".into()),
    }
}

fn alert(id: &str, title: &str, status: &str, body: serde_json::Value) -> Alert {
    Alert {
        id: id.into(),
        key: Some(format!("{id}/key")),
        title: title.into(),
        status: status.into(),
        severity: Some("critical".into()),
        suppressed: false,
        created_at: Some(before(90_070)),
        html_url: None,
        integration: None,
        body,
        links: vec![
            ("link".into(), "https://grafana.example/d/abc".into(), Some("Grafana: replication".into())),
            ("link".into(), "javascript:alert(1)".into(), Some("never a link".into())),
        ],
    }
}

fn details() -> serde_json::Value {
    let log: Vec<String> =
        (0..40).map(|i| format!("2026-11-22T02:3{}:00 mysqld[812]: [Warning] lag {}", i % 10, 300 + i)).collect();
    json!({
        "host": "db-01.dc2", "address": "10.20.4.11", "check": "replication lag", "value": "412 s", "threshold": 60,
        "monitor": {"name": "zabbix-2", "trigger": 19_233, "tags": ["db", "tier1"]},
        "事象": "レプリケーションの遅延がしきい値を超えました。", "log": log.join("\n"),
    })
}

fn raw() -> Vec<RawEvent> {
    let event = |id: &str, seconds, what: &str, state| RawEvent {
        id: id.into(),
        received_at: before(seconds),
        source: "pagerduty".into(),
        what: Some(what.into()),
        state,
        size_bytes: 2_811,
    };
    vec![
        event("01J9Z0000000000000000001", 2_300, "incident.annotated", SignalState::Waiting),
        event("01J9Z0000000000000000002", 2_400, "incident.acknowledged", SignalState::Done),
        event("01J9Z0000000000000000003", 90_070, "incident.triggered", SignalState::Done),
    ]
}

/// A middle-aged incident with everything on it.
pub fn incident(status: Status) -> IncidentView {
    let mut data = data();
    data.status = status;
    let mut timeline = entries();
    match status {
        Status::Triggered => {
            timeline.truncate(4);
            data.acknowledgements = Some(Vec::new());
        }
        Status::Acknowledged => timeline.truncate(19),
        Status::Resolved => {
            data.resolved_at = Some(before(300));
            data.assignees.clear();
            data.resolve_reason =
                Some(ResolveReason { kind: "merge".into(), into: Some(reference("QINTO", "db-00: disk full")) });
        }
    }
    let taken = status != Status::Triggered;
    IncidentView {
        hidden_at: None,
        incident: Incident {
            acknowledged_at: taken.then(|| before(2_400)),
            acknowledgements: taken.then(|| Acknowledgement { at: before(2_400), by: hanako() }).into_iter().collect(),
            notes: serde_json::from_value(
                json!([{ "note": note(LONG_NOTE, true), "at": before(2_300), "by": hanako() }]),
            )
            .expect("a note"),
            alerts: vec![
                alert("PAL1", "db-01: replication lag 412 s", "triggered", details()),
                alert("PAL2", "db-01: IO thread stopped", "resolved", json!("Last_IO_Error: 1236")),
            ],
            snapshot_at: Some(before(2_300)),
            stale: status == Status::Acknowledged,
            changed_at: before(2_300),
            data,
        },
        timeline,
        customer: Some(named("aoba", "青葉商事")),
        read_at: Some(before(12)),
        merged_from: vec![IncidentLink { id: "Q0FROM".into(), number: Some(48_212), title: "db-01: IO thread".into() }],
        raw: raw(),
        raw_more: true,
        mails: super::net::rows(),
        mails_more: true,
        is_ours: false,
        acts: super::acts::acts(status),
        evidence: super::runs::evidence("none"),
    }
}

/// The same, with this string wherever PagerDuty or a monitor may write.
pub fn hostile_incident(text: &str) -> IncidentView {
    let mut view = incident(Status::Acknowledged);
    let data = &mut view.incident.data;
    data.title = text.into();
    data.incident_key = Some(text.into());
    data.html_url = Some(text.into());
    data.conference_bridge = Some(format!("javascript:{text}"));
    for reference in data.assignees.iter_mut().chain(data.service.iter_mut()).chain(data.teams.iter_mut()) {
        reference.name = text.into();
    }
    view.incident.alerts = vec![alert(text, text, text, json!({ text: text, "n": { text: [text, text] } }))];
    view.incident.notes[0].note.content = text.into();
    view.timeline = vec![
        entry(500, Some(reference(text, text)), Change::Annotated(note(text, true)), &[Source::Webhook]),
        entry(400, None, Change::Other { name: text.into(), summary: Some(text.into()) }, &[Source::LogEntry]),
        entry(
            300,
            Some(reference("P", text)),
            Change::Reassigned { to: vec![reference("P", text)] },
            &[Source::Webhook],
        ),
    ];
    view.timeline[0].told_by[0].source_id = text.into();
    view.raw[0].what = Some(text.into());
    view.acts.as_user = Some((text.into(), text.into()));
    view.acts.users = vec![named(text, text)];
    view.acts.priorities = vec![named(text, text)];
    view.acts.levels = vec![(2, text.into())];
    for other in &mut view.acts.others {
        other.title = text.into();
        other.service = Some(text.into());
    }
    for row in &mut view.acts.asked {
        row.names = vec![text.into()];
        row.who = text.into();
        row.cause = Some(text.into());
    }
    view.acts.problem = Some(ActProblem::Field { field: "users".into(), value: text.into() });
    view.acts.draft = Some(("note".into(), text.into()));
    view.customer = Some(named(text, text));
    view
}

/// When the sample incident opened.
pub fn opened() -> Micros {
    before(90_070)
}

/// One hostile view for each hostile string.
pub fn all_hostile() -> Vec<IncidentView> {
    hostile().iter().map(|t| hostile_incident(t)).collect()
}
