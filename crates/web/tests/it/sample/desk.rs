//! Signals, jobs, accounts and the rest.

use super::before;
use model::person::Role;
use model::signal::Origin;
use web::view::*;

fn link() -> IncidentLink {
    IncidentLink {
        id: "Q1ABC".into(),
        number: Some(48_213),
        title: "[CRITICAL] db-01: replication lag 412 s > 60 s".into(),
    }
}

fn signal_row(id: u8, what: Option<&str>, state: SignalState) -> SignalRow {
    SignalRow {
        id: format!("01j9z00000000000000000000{id:03}"),
        source: if id.is_multiple_of(3) { "pagerduty-api" } else { "pagerduty" }.into(),
        what: what.map(str::to_owned),
        state,
        origin: if id.is_multiple_of(3) { Origin::Repair } else { Origin::Live },
        received_at: before(i64::from(id) * 71),
        incident: (id != 4).then(link),
        size_bytes: 812 * u64::from(id),
        why: (state == SignalState::Unreadable)
            .then(|| "the body is not JSON: expected value at line 1 column 1".into()),
    }
}

pub fn signals(empty: bool) -> InboxView {
    let rows = vec![
        signal_row(1, Some("incident.annotated"), SignalState::Waiting),
        signal_row(2, Some("incident.acknowledged"), SignalState::Done),
        signal_row(3, Some("incident"), SignalState::Done),
        signal_row(4, None, SignalState::Unreadable),
        signal_row(5, Some("incident.triggered"), SignalState::Dead),
        SignalRow { source: "slack".into(), ..signal_row(8, Some("slack.pressed.acknowledge"), SignalState::Done) },
        signal_row(7, Some("incident.triggered"), SignalState::Done),
    ];
    InboxView {
        counts: if empty {
            InboxCounts::default()
        } else {
            InboxCounts { received: 14_203, waiting: 1, unreadable: 1, dead: 1 }
        },
        state: String::new(),
        source: String::new(),
        sources: vec!["pagerduty".into(), "pagerduty-api".into()],
        next_cursor: (!empty).then(|| "c2".into()),
        rows: if empty { Vec::new() } else { rows },
    }
}

const BODY: &str = r#"{"event":{"id":"01CH754SM17TWPE2V2H4VPBRO7","event_type":"incident.annotated","resource_type":"incident","occurred_at":"2026-11-21T17:35:47.000Z","agent":{"id":"PHANAKO","type":"user_reference","summary":"佐藤 花子"},"data":{"incident":{"id":"Q1ABC"},"id":"PN1","content":"レプリカの再構築を開始 <b>","trimmed":false,"type":"incident_note"}}}"#;

/// `body` is `sealed`, `refused`, `json`, `text` or `hex`.
pub fn signal(body: &str) -> SignalView {
    let state = if body == "hex" { SignalState::Unreadable } else { SignalState::Done };
    SignalView {
        row: signal_row(2, (body != "hex").then_some("incident.annotated"), state),
        key: "9f2c6b7e0a114dd28f6f1c0b3a7d5e21".into(),
        digest: "5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef".into(),
        read_at: Some(before(140)),
        why: (body == "hex").then(|| "the body is not JSON: expected value at line 1 column 1".into()),
        facts: Some(if body == "hex" { 0 } else { 1 }),
        headers: vec![
            ("content-type".into(), "application/json".into()),
            ("x-webhook-id".into(), "2f1d5b3e-8f0c-4c43-9f0b-0d7cf9f1a111".into()),
        ],
        body: match body {
            "sealed" => SealedBody::Sealed,
            "refused" => SealedBody::Refused,
            "hex" => SealedBody::Open { bytes: (0..=255).chain(0..40).collect() },
            "text" => SealedBody::Open { bytes: super::hostile().join("\n").into_bytes() },
            _ => SealedBody::Open { bytes: BODY.into() },
        },
    }
}

fn job(id: u8, effect: &str, state: JobState, cause: Option<&str>) -> JobRow {
    JobRow {
        id: format!("01j9zjob{id:04}"),
        effect: effect.into(),
        state,
        incident: Some(link()),
        duty: match effect {
            "read_incident" => "mirror",
            "show" | "respond" => "slack",
            _ => "intake_guard",
        }
        .into(),
        why: "a change is newer than the last reading".into(),
        cause: cause.map(str::to_owned),
        queue: "read".into(),
        due_at: (state == JobState::Waiting).then(|| before(-90)),
        ended_at: (state != JobState::Waiting).then(|| before(1_260)),
        spent: u32::from(id),
        attempts: vec![
            AttemptRow {
                started_at: before(1_262),
                ended_at: Some(before(1_260)),
                outcome: Some("never".into()),
                why: Some("PagerDuty answered 404: the incident is not there for this token".into()),
                worker: "work-1".into(),
            },
            AttemptRow { started_at: before(1_500), ended_at: None, outcome: None, why: None, worker: "work-2".into() },
        ],
    }
}

pub fn jobs(state: JobState, empty: bool) -> JobsView {
    let cause = "PagerDuty answered 404 to GET /incidents/Q1ABC: the token does not see this incident.";
    let rows = match state {
        _ if empty => Vec::new(),
        JobState::Dead => vec![job(3, "read_incident", state, Some(cause)), job(5, "brand_new", state, Some(cause))],
        JobState::Human => vec![job(1, "page", state, Some("Nobody can tell whether the page went out."))],
        JobState::Skipped => vec![job(0, "note", state, Some("The incident was over before its turn came."))],
        _ => vec![
            job(0, "read_incident", state, None),
            job(1, "list_incidents", state, None),
            job(2, "show", state, None),
        ],
    };
    JobsView {
        counts: if empty { JobCounts::default() } else { JobCounts { dead: 2, human: 1, waiting: 1_204, skipped: 1 } },
        causes: if empty || state != JobState::Dead {
            Vec::new()
        } else {
            vec![CauseGroup { cause: cause.into(), ids: vec![3, 5] }]
        },
        unreadable: 1,
        dead_signals: 2,
        state,
        next_cursor: (!empty).then(|| "c".into()),
        rows,
    }
}

pub fn sign_in(problem: Option<SignInProblem>) -> SignInView {
    SignInView {
        email: if problem.is_some() { "hanako@ops.example.jp".into() } else { String::new() },
        next: "/incidents/Q1ABC".into(),
        problem,
        no_account_yet: false,
    }
}

pub fn setup(state: SetupState, problems: bool) -> SetupView {
    let all = vec![
        SetupProblem::Email,
        SetupProblem::Name,
        SetupProblem::PasswordShort { min: 12 },
        SetupProblem::PasswordsDiffer,
        SetupProblem::PasswordGuessable,
    ];
    SetupView {
        state,
        token: "one/time".into(),
        email: "hanako".into(),
        name: String::new(),
        problems: if problems { all } else { Vec::new() },
    }
}

pub fn linked(person: &str) -> LinkedRow {
    LinkedRow {
        team: "T0EXAMPLE".into(),
        member: "U0HANAKO".into(),
        name: "hanako.sato".into(),
        linked_at: before(90_000),
        account: "hanako".into(),
        person: person.into(),
    }
}

/// Offered to a reader of this role, or used already.
pub fn link_slack(role: Option<Role>, is_moved: bool) -> LinkView {
    let offer = role.map(|role| Offer {
        team: "T0EXAMPLE".into(),
        member: "U0HANAKO".into(),
        name: "hanako.sato".into(),
        person: "佐藤 花子".into(),
        email: "hanako@ops.example.jp".into(),
        role,
        is_moved,
    });
    LinkView { token: "a1b2".into(), offer, lasts_s: 900 }
}

pub fn account(problem: bool) -> AccountView {
    let session = |id: &str, device: &str, seen, current| SessionRow {
        id: id.into(),
        device: device.into(),
        address: Some("203.0.113.8".into()),
        started_at: before(seen + 40_000),
        seen_at: before(seen),
        current,
    };
    AccountView {
        zone: "Asia/Tokyo".into(),
        zones: vec!["Asia/Tokyo".into(), "Europe/Berlin".into(), "UTC".into()],
        sessions: vec![
            session("s1", "Firefox, Linux", 2, true),
            session("s2", "Safari, iPhone", 7_200, false),
            session("s3", "Chrome, Windows", 400_000, false),
        ],
        slack: if problem { Vec::new() } else { vec![linked("佐藤 花子")] },
        notice: (!problem).then_some(AccountNotice::ZoneSet),
        password_problem: problem.then_some(PasswordProblem::Short { min: 12 }),
        unknown_zone: problem.then(|| "Asia/Tokio".into()),
    }
}

pub fn people(fresh: bool) -> PeopleView {
    let person = |id: &str, name: &str, role, own, disabled: bool| PersonRow {
        id: id.into(),
        name: name.into(),
        email: format!("{id}@ops.example.jp"),
        role,
        customers: if own { Vec::new() } else { vec!["青葉商事".into(), "みなと病院".into()] },
        seen_at: (!disabled).then(|| before(3_000)),
        disabled_at: disabled.then(|| before(900_000)),
        own,
    };
    let token = |id: &str, name: &str, revoked: bool| TokenRow {
        id: id.into(),
        name: name.into(),
        role: Role::Viewer,
        created_at: before(4_000_000),
        created_by: "佐藤 花子".into(),
        used_at: (!revoked).then(|| before(61)),
        revoked_at: revoked.then(|| before(100_000)),
    };
    PeopleView {
        people: vec![
            person("hanako", "佐藤 花子", Role::Admin, true, false),
            person("ichiro", "鈴木 一郎", Role::Responder, false, false),
            person("marek", "Marek Nowak", Role::Auditor, false, true),
        ],
        slack: if fresh { Vec::new() } else { vec![linked("佐藤 花子"), linked("鈴木 一郎")] },
        tokens: vec![token("t1", "grafana", false), token("t2", "old-export", true)],
        fresh: fresh
            .then(|| FreshToken { name: "wallboard".into(), secret: "arya_2b8Qm3tVx0n1Zp7LkC5sWdYfHg9RjEaU".into() }),
        notice: (!fresh).then(|| PeopleNotice::RoleSet { name: "鈴木 一郎".into(), role: Role::Responder }),
    }
}

pub fn audit(empty: bool) -> AuditView {
    let row = |seconds, act: &str, subject: Option<&str>, href: Option<&str>| AuditRow {
        at: before(seconds),
        who: "佐藤 花子".into(),
        door: "page".into(),
        act: act.into(),
        subject: subject.map(str::to_owned),
        href: href.map(str::to_owned),
        detail: None,
        from: Some("203.0.113.8".into()),
    };
    let rows = vec![
        row(10, "signal.open", Some("01j9z…002"), Some("/signals/01j9z")),
        row(900, "job.retry", Some("01j9zjob0003"), Some("/jobs?state=dead")),
        row(5_000, "person.role", Some("鈴木 一郎"), Some("https://evil.example/")),
        AuditRow { door: "slack".into(), ..row(6_000, "act.acknowledge", Some("Q1ABC"), Some("/incidents/Q1ABC")) },
        row(9_000, "session.sign_in", None, None),
        row(40_000_000, "setup.account", Some("佐藤 花子"), None),
    ];
    AuditView {
        rows: if empty { Vec::new() } else { rows },
        who: if empty { "nobody".into() } else { String::new() },
        act: String::new(),
        acts: vec!["signal.open".into(), "job.retry".into()],
        next_cursor: (!empty).then(|| "c".into()),
    }
}

pub fn errors() -> Vec<ErrorView> {
    [
        ErrorKind::BadRequest { detail: None },
        ErrorKind::BadRequest { detail: Some("since: 2026-13-01".into()) },
        ErrorKind::NotFound,
        ErrorKind::Forbidden,
        ErrorKind::TooMany { wait_s: 30 },
        ErrorKind::Internal,
        ErrorKind::Unavailable { wait_s: Some(5) },
        ErrorKind::Unavailable { wait_s: None },
    ]
    .into_iter()
    .map(|kind| ErrorView { kind, reference: Some("req-01j9z7".into()) })
    .collect()
}
