//! What *Now* and the list show on three nights.

use super::{NOW, before, named, reference};
use model::incident::{Actor, ActorKind, Change, Note, Status, Urgency};
use web::view::{
    Alarm, AlarmKind, Choices, Fed, Filters, Happening, IncidentLink, IncidentRow, IncidentsView, JobCounts, Mirror,
    NowView, OpenGroup, SavedRow,
};

fn row(id: &str, number: i64, title: &str, status: Status, opened_s: i64) -> IncidentRow {
    IncidentRow {
        id: id.into(),
        number: Some(number),
        title: title.into(),
        status,
        urgency: Urgency::High,
        service: Some("web-front".into()),
        customer: Some("青葉商事".into()),
        assignees: vec!["佐藤 花子".into()],
        taken_by: Vec::new(),
        opened_at: Some(before(opened_s)),
        acknowledged_at: None,
        resolved_at: None,
        changed_at: before(opened_s),
        is_hidden: false,
    }
}

fn rows() -> Vec<IncidentRow> {
    let (t, a) = (Status::Triggered, Status::Acknowledged);
    let mut rows = vec![
        row("Q1ABC", 48_213, "[CRITICAL] db-01: replication lag 412 s > 60 s (primary: db-00)", t, 2_470),
        row("Q2DEF", 48_214, "決済APIの応答遅延 p95 4.8秒（しきい値 1.5秒）", a, 1_510),
        row("Q3GHI", 48_216, "ディスク使用率 91% /var/log on app-07", t, 312),
        row("Q4JKL", 48_210, "Certificate for api.northline.example expires in 6 days", a, 9_300),
        row("Q5MNO", 48_217, "Queue depth of shipment-events over 10,000 for 15 min", t, 47),
        row(
            "Q6PQR",
            48_190,
            "電子カルテ連携バッチが 02:30 の予定時刻までに完了していません（ジョブ: nightly-export-kar）",
            t,
            2_590,
        ),
        row("Q7STU", 48_101, "Synthetic check: login page slow from Osaka", a, 190_000),
    ];
    rows[1].taken_by = vec!["佐藤 花子".into()];
    rows[1].acknowledged_at = Some(before(1_330));
    rows[1].service = Some("payment-gateway".into());
    rows[2].urgency = Urgency::Low;
    rows[2].assignees = Vec::new();
    for (index, customer) in [(3, "Northline Freight"), (4, "Northline Freight"), (5, "みなと病院")] {
        rows[index].customer = Some(customer.into());
    }
    rows[3].urgency = Urgency::Low;
    rows[3].service = Some("edge-proxy".into());
    rows[3].taken_by = vec!["Marek Nowak".into(), "佐藤 花子".into()];
    rows[3].acknowledged_at = Some(before(9_000));
    rows[4].service = Some("shipment-pipeline".into());
    rows[4].assignees = vec!["Marek Nowak".into()];
    rows[5].service = Some("病院連携".into());
    rows[6].is_hidden = true;
    rows[5].assignees = vec!["鈴木 一郎".into()];
    rows[6].customer = None;
    rows[6].urgency = Urgency::Low;
    rows[6].taken_by = vec!["鈴木 一郎".into()];
    rows[6].acknowledged_at = Some(before(189_700));
    rows
}

fn ended() -> Vec<IncidentRow> {
    let mut a = row("Q8VWX", 48_209, "app-03: CPU steal 34%", Status::Resolved, 14_000);
    a.assignees = Vec::new();
    a.acknowledged_at = Some(before(13_820));
    a.resolved_at = Some(before(10_800));
    let mut b = row("Q9YZA", 48_205, "バックアップ失敗: fileserver-02 (exit 12)", Status::Resolved, 61_000);
    b.assignees = Vec::new();
    b.urgency = Urgency::Low;
    b.customer = Some("みなと病院".into());
    b.resolved_at = Some(before(54_321));
    vec![a, b]
}

fn group(id: &str, name: &str, rows: &[IncidentRow]) -> OpenGroup {
    OpenGroup {
        customer: (!id.is_empty()).then(|| named(id, name)),
        total: rows.len() as u64,
        high: rows.iter().filter(|r| r.urgency == Urgency::High).count() as u64,
        rows: rows.to_vec(),
    }
}

fn user(name: &str) -> Option<Actor> {
    Some(Actor { kind: ActorKind::User, who: reference("PUSER", name) })
}

fn happening(seconds: i64, row: &IncidentRow, actor: Option<Actor>, what: Change) -> Happening {
    let incident = IncidentLink { id: row.id.clone(), number: row.number, title: row.title.clone() };
    Happening { at: before(seconds), incident, actor, what, again: false }
}

fn recent() -> Vec<Happening> {
    let (rows, ended) = (rows(), ended());
    let note = Note { id: "N1".into(), content: "レプリカの再構築を開始".into(), trimmed: false };
    vec![
        happening(47, &rows[4], None, Change::Triggered { channel: Some("events_api".into()), summary: None }),
        happening(131, &rows[0], user("佐藤 花子"), Change::Annotated(note)),
        happening(312, &rows[2], None, Change::Triggered { channel: Some("email".into()), summary: None }),
        happening(1_330, &rows[1], user("佐藤 花子"), Change::Acknowledged),
        happening(1_870, &rows[0], None, Change::Escalated { to: vec![reference("PS", "鈴木 一郎")] }),
        happening(10_800, &ended[0], user("Marek Nowak"), Change::Resolved { resolution: None }),
    ]
}

pub fn now_busy() -> NowView {
    let rows = rows();
    NowView {
        open: 7,
        untaken: 4,
        oldest_at: Some(before(190_000)),
        groups: vec![
            group("aoba", "青葉商事", &rows[..3]),
            group("mina", "みなと病院", &rows[5..6]),
            group("kita", "Northline Freight", &rows[3..5]),
            group("", "", &rows[6..]),
        ],
        last_resolved_at: Some(before(10_800)),
        recent: recent(),
        mirror: Mirror {
            received: 14_203,
            processed: 14_198,
            waiting: 5,
            oldest_waiting_at: Some(before(3)),
            last_webhook_at: Some(before(12)),
            last_read_at: Some(before(41)),
            ..Mirror::default()
        },
        is_connected: true,
        is_demo: false,
        doubt: None,
        jobs: JobCounts { dead: 1, human: 1, waiting: 12, skipped: 3 },
        hidden: 1,
        alarms: alarms(),
        fed: Fed::default(),
    }
}

fn alarms() -> Vec<Alarm> {
    vec![
        Alarm {
            since: Some(before(1_260)),
            kind: AlarmKind::WrongSignature { subscription: "P7QXK2D".into(), refused: 18 },
        },
        Alarm { since: None, kind: AlarmKind::DeadJobs { dead: 1 } },
        Alarm { since: None, kind: AlarmKind::Hidden { n: 1 } },
    ]
}

/// Every kind of alarm, for the tests.
pub fn all_alarms() -> Vec<AlarmKind> {
    vec![
        AlarmKind::WrongSignature { subscription: "P7QXK2D".into(), refused: 1 },
        AlarmKind::ApiRefused { status: 401 },
        AlarmKind::ApiAway { failed: 7, why: "api.pagerduty.com did not answer in time".into() },
        AlarmKind::WebhooksSilent { missed: 3 },
        AlarmKind::NoToken,
        AlarmKind::Hidden { n: 2 },
        AlarmKind::DeadJobs { dead: 2 },
        AlarmKind::Lost { lost: 1 },
        AlarmKind::Other { worst: true, what: "disk".into(), remedy: "room".into() },
    ]
}

pub fn now_quiet() -> NowView {
    NowView {
        open: 0,
        untaken: 0,
        oldest_at: None,
        groups: Vec::new(),
        last_resolved_at: Some(before(10_800)),
        recent: recent().split_off(5),
        mirror: Mirror {
            received: 14_203,
            processed: 14_203,
            last_webhook_at: Some(before(612)),
            last_read_at: Some(before(41)),
            ..Mirror::default()
        },
        is_connected: true,
        is_demo: false,
        doubt: None,
        jobs: JobCounts::default(),
        hidden: 0,
        alarms: Vec::new(),
        fed: Fed::default(),
    }
}

pub fn now_never() -> NowView {
    NowView {
        last_resolved_at: None,
        recent: Vec::new(),
        mirror: Mirror::default(),
        is_connected: false,
        is_demo: false,
        alarms: vec![Alarm { since: Some(NOW), kind: AlarmKind::NoToken }],
        fed: Fed::default(),
        ..now_quiet()
    }
}

fn saved(id: &str, name: &str, query: &str, own: bool) -> SavedRow {
    SavedRow { id: id.into(), name: name.into(), href: format!("/incidents?{query}"), own, shared: !own }
}

pub fn incidents(filters: Filters, empty: bool) -> IncidentsView {
    let all: Vec<IncidentRow> = rows().into_iter().chain(ended()).collect();
    let wanted = filters.statuses();
    let shown = all.into_iter().filter(|r| wanted.as_ref().is_none_or(|w| w.contains(&r.status)));
    let rows: Vec<IncidentRow> = if empty { Vec::new() } else { shown.collect() };
    IncidentsView {
        choices: Choices {
            services: vec![named("S1", "web-front"), named("S2", "payment-gateway"), named("S3", "病院連携")],
            teams: vec![named("T1", "基盤"), named("T2", "Applications")],
            customers: vec![named("aoba", "青葉商事"), named("kita", "Northline Freight"), named("mina", "みなと病院")],
            assignees: vec![named("U1", "佐藤 花子"), named("U2", "鈴木 一郎"), named("U3", "Marek Nowak")],
        },
        total: Some(rows.len() as u64),
        total_is_least: false,
        saved: vec![
            saved("F1", "重要度高・未解決", "status=open&urgency=high", true),
            saved("F2", "Payments", "text=payment", false),
        ],
        may_share: true,
        next_cursor: (!rows.is_empty()).then(|| "eyJhIjoxfQ".into()),
        any_known: true,
        filters,
        rows,
    }
}
