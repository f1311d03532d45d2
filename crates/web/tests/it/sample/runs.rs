//! Runs on hosts in every state, hosts that are reached and hosts that are not, runbooks.

use super::before;
use model::host::{Endpoint, Host, Login, Origin};
use model::plan::{Class, Level, Words};
use model::visit::{Finding, Held, Seen, Visit};
use web::view::{
    ApprovalRow, DiffLine, DiffPart, DiffView, EvidenceView, HitRow, HostRow, HostView, HostsView, IncidentLink,
    Lately, Looked, OtherCapture, Piece, ReachRow, RunFilters, RunForm, RunRow, RunShown, RunView, RunbookChoice,
    RunbookRow, RunbookView, RunbooksView, RunsView, StepDiff, StepRow, StreamRow, TrustedKey,
};
use web::{Captured, Complaint, HostsMode, ParameterShown, RunbookShown, StepShown};

pub const RUN_STATES: [&str; 7] = ["queued", "running", "done", "failed", "interrupted", "stopped", "refused"];
pub const STEP_STATES: [&str; 12] = [
    "queued",
    "running",
    "ok",
    "finding",
    "missing",
    "denied",
    "timed_out",
    "failed",
    "cut",
    "interrupted",
    "stopped",
    "not_run",
];
pub const REACHES: [&str; 19] = [
    "reached",
    "unreachable",
    "key_unknown",
    "key_changed",
    "key_revoked",
    "certificate",
    "login_refused",
    "timeout",
    "key_file",
    "agent",
    "bastion_forbids",
    "protocol",
    "busy",
    "run_refused",
    "lost",
    "no_common_algorithm",
    "cancelled",
    "no_way",
    "something_new",
];

pub fn words(en: &str, ja: &str) -> Words {
    Words::new(en, ja)
}

pub fn findings() -> Vec<Finding> {
    let found = |step: &str, level, en: &str, ja: &str, value: &str| Finding {
        step: step.into(),
        level,
        words: words(en, ja),
        value: Some(value.into()),
    };
    vec![
        found("disk", Level::Critical, "/var is 97 % full", "/var の使用率が 97 % です", "97"),
        found("units", Level::Warning, "nginx.service has failed", "nginx.service が失敗しています", "nginx.service"),
        found("kernel", Level::Info, "The kernel was updated 2 days ago", "カーネルは 2 日前に更新されました", "6.1"),
    ]
}

pub fn row(state: &str, level: Option<&str>) -> RunRow {
    let (has_begun, has_ended) = (state != "queued" && state != "refused", !matches!(state, "queued" | "running"));
    RunRow {
        id: 41,
        host: "web-1".into(),
        customer: Some("青葉商事".into()),
        runbook: "linux".into(),
        title: words("Linux: state of the machine", "Linux: マシンの状態"),
        class: "read".into(),
        reason: "incident".into(),
        asked_by: "system".into(),
        state: state.into(),
        cause: matches!(state, "failed" | "interrupted" | "refused")
            .then(|| words("the bastion gate-1 closed the connection", "踏み台 gate-1 が接続を閉じました")),
        level: level.map(str::to_owned),
        findings: if level.is_some_and(|level| !matches!(level, "ok" | "absent" | "unclear")) {
            findings()
        } else {
            Vec::new()
        },
        is_healthy: level == Some("ok"),
        exit_status: has_ended.then_some(1),
        queued_at: before(400),
        started_at: has_begun.then(|| before(398)),
        beat_at: (state == "running").then(|| before(200)),
        ended_at: has_ended.then(|| before(390)),
        stop_asked_by: (state == "stopped").then(|| "佐藤 花子".into()),
        incident: Some(IncidentLink { id: "Q1ABC".into(), number: Some(48_213), title: "web-1 disk full".into() }),
    }
}

fn text(text: &str, before: bool, after: bool) -> Captured {
    Captured::Text { text: text.into(), before, after }
}

pub fn stream(name: &'static str, shown: Captured) -> StreamRow {
    StreamRow { name, bytes: 48_213, is_cut: name == "err", sha256: Some("9f".repeat(32)), shown }
}

pub fn step(n: i64, state: &str, streams: Vec<StreamRow>) -> StepRow {
    StepRow {
        run: 41,
        n,
        name: "disk".into(),
        title: words("Disk", "ディスク"),
        state: state.into(),
        cause: (state == "cut").then(|| words("the connection ended", "接続が切れました")),
        exit_status: (state == "ok").then_some(0),
        signal: (state == "stopped").then(|| "KILL".into()),
        started_at: Some(before(398)),
        ended_at: (state != "running" && state != "queued").then(|| before(397)),
        streams,
        findings: if state == "finding" { findings() } else { Vec::new() },
        redactions: vec![("password".into(), 2), ("aws-access-key".into(), 1)],
        host_key: Some("SHA256:abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG".into()),
        capsule: Some("01JD-0004".into()),
        command: Some("sh -s".into()),
        input: Some("LC_ALL=C df -P | head -n 40\n".into()),
    }
}

pub fn steps() -> Vec<StepRow> {
    let df = "Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/sda1 103080888 99988461 1030808 97% /var\npassword=[redacted:password]";
    let shown = |state: &str| match state {
        "running" => vec![stream("out", text("line 998\nline 999", true, false))],
        "failed" => vec![stream("out", Captured::Bytes { hex: "00000000  7f 45 4c 46".into(), after: true })],
        "finding" => vec![stream("out", text(df, false, true)), stream("err", text("df: /proc: denied", false, false))],
        "ok" => vec![stream("out", text(df, false, false))],
        _ => Vec::new(),
    };
    STEP_STATES.iter().enumerate().map(|(n, state)| step(n as i64, state, shown(state))).collect()
}

pub fn runs(filters: RunFilters) -> RunsView {
    let levels = [None, None, Some("critical"), None, None, None, None];
    let mut rows: Vec<RunRow> = RUN_STATES.iter().zip(levels).map(|(state, level)| row(state, level)).collect();
    rows.extend(["ok", "absent", "unclear"].map(|level| row("done", Some(level))));
    RunsView {
        lately: Lately { ever: true, live: 2, all: 40, critical: 1, warning: 3, broken: 2 },
        filters,
        hosts: vec!["web-1".into(), "db-1".into()],
        runbooks: vec!["linux".into(), "nginx".into()],
        rows,
        next_cursor: Some("abc".into()),
        hits: [(41, HitRow { n: 1, stream: "out".into(), line: "/dev/sda1 97% <b>/var</b>".into() })].into(),
        looked: Some(1_000),
    }
}

pub fn runs_none(ever: bool) -> RunsView {
    RunsView { lately: Lately { ever, ..Lately::default() }, ..RunsView::default() }
}

pub fn run(state: &str, level: Option<&str>) -> RunView {
    RunView {
        row: row(state, level),
        hops: vec!["gate-1".into(), "gate-2".into()],
        parameters: vec![("path".into(), "/var; rm -rf /\u{202E}".into())],
        plan_digest: "a1".repeat(32),
        runbook_digest: "b2".repeat(32),
        is_present: [Some(true), Some(false), None][state.len() % 3],
        steps: if state == "refused" { Vec::new() } else { steps() },
        healthy: (state == "done").then(|| (17, before(90_000))),
        may_stop: matches!(state, "queued" | "running"),
        nonce: "0123456789".into(),
        stops: state == "running",
        why_not_whole: (state == "stopped").then(|| "the store of originals does not answer".into()),
    }
}

pub fn form(hosts: usize, incident: bool) -> RunForm {
    let parameter = ParameterShown {
        name: "path".into(),
        kind: "path".into(),
        default: Some("/var".into()),
        is_required: true,
        words: words("Where to look", "調べる場所"),
    };
    let choice = |name: &str, parameters| RunbookChoice {
        name: name.into(),
        digest: "9f86d081".into(),
        title: words("Linux", "Linux"),
        parameters,
    };
    RunForm {
        may: true,
        nonce: "0123456789".into(),
        hosts: (1..=hosts).map(|n| format!("web-{n}")).collect(),
        runbooks: vec![choice("linux", vec![parameter]), choice("nginx", Vec::new())],
        incident: incident.then(|| "Q1ABC".into()),
    }
}

pub fn visit() -> Visit {
    let seen = |host: &str| Seen {
        host: host.into(),
        why: words("its name stands in the title", "名前がタイトルにあります"),
    };
    Visit {
        says: words("1 host was found: web-1", "対象のホスト: web-1"),
        hosts: vec![seen("web-1"), seen("web-2")],
        refused: vec![Seen {
            host: "db-9".into(), why: words("it is another customer's", "別のお客様のホストです")
        }],
        unknown: vec!["web-77".into()],
        hints: vec![words("Add web-77 to the inventory", "web-77 をインベントリに追加してください")],
        asked: Vec::new(),
        held_back: vec![Held {
            host: "web-1".into(),
            runbook: "nginx".into(),
            why: words("this version is not approved", "この版は承認されていません"),
        }],
    }
}

/// How far it has come: none, nothing, observe, running, done.
pub fn evidence(how: &str) -> EvidenceView {
    let nothing =
        Visit { says: words("No host was found", "ホストが見つかりません"), hosts: Vec::new(), ..visit() };
    let shown = |state: &str, level| RunShown {
        row: row(state, level),
        steps: steps().into_iter().filter(|step| step.state != "running" || state == "running").collect(),
    };
    EvidenceView {
        incident: "Q1ABC".into(),
        looked: (how != "none").then(|| Looked {
            visit: if how == "nothing" { nothing } else { visit() },
            mode: if how == "observe" { "observe".into() } else { "run".into() },
            at: before(40),
        }),
        runs: match how {
            "running" => vec![shown("running", None)],
            "done" => vec![shown("done", Some("critical"))],
            _ => Vec::new(),
        },
        earlier: if how == "done" { vec![row("done", Some("ok")), row("interrupted", None)] } else { Vec::new() },
        more: how == "done",
        mode: HostsMode::Run,
        has_hosts: how != "none",
        form: form(if how == "none" { 0 } else { 3 }, true),
        asked: (how == "running").then_some("run"),
        refused: (how == "nothing").then(|| "refused".into()),
    }
}

pub fn reach(state: &str) -> ReachRow {
    ReachRow {
        state: state.into(),
        since: before(90_000),
        checked_at: before(3_000),
        hop: (state != "reached").then(|| "gate-1".into()),
        cause: (state != "reached").then(|| "gate-1 did not answer within 10 s".into()),
        elapsed_ms: Some(312),
        clock_offset_ms: Some(-1_840),
        sudo: Some("no".into()),
        system: Some("Debian GNU/Linux 13".into()),
        host_key: Some("SHA256:abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG".into()),
    }
}

pub fn host_row(name: &str, state: Option<&str>) -> HostRow {
    HostRow {
        name: name.into(),
        at: "ops@10.20.1.11".into(),
        reach: state.map(reach),
        last: state.map(|_| row("done", Some("warning"))),
    }
}

pub fn hosts(all_well: bool) -> HostsView {
    let rows = |states: &[Option<&str>]| {
        states.iter().enumerate().map(|(n, state)| host_row(&format!("web-{n}"), *state)).collect()
    };
    let bad: Vec<Option<&str>> = REACHES.iter().map(|state| Some(*state)).chain([None]).collect();
    let complaint = |is_error| Complaint {
        place: "hosts.ini:12".into(),
        says: "the bastion gate-9 is not known".into(),
        remedy: "add a [[bastion]] of that name".into(),
        is_error,
    };
    HostsView {
        mode: if all_well { HostsMode::Run } else { HostsMode::Observe },
        groups: vec![
            (Some("青葉商事".into()), if all_well { rows(&[Some("reached"); 2]) } else { rows(&bad) }),
            (None, rows(&[Some("reached")])),
        ],
        bastions: vec![host_row("gate-1", Some("reached"))],
        complaints: if all_well { Vec::new() } else { vec![complaint(true), complaint(false)] },
    }
}

pub fn host(state: Option<&str>) -> HostView {
    HostView {
        row: host_row("web-1", state),
        host: Host {
            name: "web-1".into(),
            at: Endpoint {
                address: "10.20.1.11".into(),
                port: 22,
                user: "ops".into(),
                logins: vec![
                    Login::Key { file: "/etc/keys/ops".into(), certificate: None },
                    Login::Key { file: "/etc/keys/ops".into(), certificate: Some("/etc/keys/ops-cert.pub".into()) },
                    Login::Agent { socket: "/run/agent.sock".into() },
                ],
                key_names: vec!["web-1".into()],
            },
            via: vec!["gate-1".into()],
            customer: Some("aoba".into()),
            matches: vec!["shop front".into()],
            groups: ["web".to_owned()].into(),
            tags: [("role".to_owned(), "web".to_owned())].into(),
            origin: Origin::Ansible { file: "hosts.ini".into(), line: 12, group: "web".into() },
        },
        customer: Some("青葉商事".into()),
        keys: if state.is_some() {
            vec![TrustedKey {
                kind: "ssh-ed25519".into(),
                fingerprint: "SHA256:abc".into(),
                at: before(900_000),
                by: "佐藤 花子".into(),
            }]
        } else {
            Vec::new()
        },
        runs: if state.is_some() { vec![row("done", Some("ok"))] } else { Vec::new() },
        may_test: true,
        nonce: "0123456789".into(),
        form: form(1, false),
        asked: state.is_none().then_some("test"),
        refused: state.is_none().then(|| "refused".into()),
    }
}

pub fn shown(name: &str, class: Class, is_shipped: bool) -> RunbookShown {
    let step = |name: &str, command: &str| StepShown {
        name: name.into(),
        title: words("Load", "負荷"),
        command: command.into(),
    };
    RunbookShown {
        name: name.into(),
        title: words("Linux: state of the machine", "Linux: マシンの状態"),
        description: words("What the machine does and lacks", "マシンの状態をひととおり調べます"),
        class,
        digest: "c3".repeat(32),
        is_shipped,
        steps: vec![step("load", "uptime"), step("disk", "df -P {{ path }}")],
        parameters: form(1, false).runbooks.swap_remove(0).parameters,
        when: words("for every incident", "すべてのインシデント"),
        problems: if class == Class::Change {
            vec!["odd.yaml:3:5: there is no key \"stps\"; steps is meant?".into()]
        } else {
            Vec::new()
        },
    }
}

pub fn runbooks(any: bool) -> RunbooksView {
    let row = |name, class, is_shipped, approved: Option<&str>| RunbookRow {
        shown: shown(name, class, is_shipped),
        approved: approved.map(|who| (who.to_owned(), before(9_000))),
    };
    let rows = vec![
        row("own", Class::Read, false, None),
        row("odd", Class::Change, false, Some("佐藤 花子")),
        row("linux", Class::Read, true, None),
    ];
    RunbooksView { mode: HostsMode::Run, rows: if any { rows } else { Vec::new() } }
}

pub fn runbook(index: usize) -> RunbookView {
    let withdrawn = (index == 0).then(|| ("鈴木 一郎".to_owned(), before(100)));
    RunbookView {
        row: runbooks(true).rows.swap_remove(index),
        approvals: vec![ApprovalRow {
            digest: "c3".repeat(32),
            at: before(9_000),
            by: "token:deploy".into(),
            withdrawn,
        }],
        runs: if index == 0 { Vec::new() } else { vec![row("done", Some("warning"))] },
        may_approve: index != 2,
        nonce: "0123456789".into(),
        form: form(3, false),
        asked: (index == 0).then_some("withdraw"),
    }
}

pub fn diff(how: &str) -> DiffView {
    let piece = |text: &str, is_number| Piece { text: text.into(), is_number };
    let line = |sign, pieces| DiffLine { sign, pieces };
    let lines = vec![
        line(' ', vec![piece("Filesystem Capacity", false)]),
        line('-', vec![piece("/dev/sda1 ", false), piece("41", true), piece("% /", false)]),
        line('+', vec![piece("/dev/sda1 ", false), piece("97", true), piece("% /", false)]),
        line('+', vec![piece("<script>alert(1)</script>", false)]),
    ];
    let of =
        |n, name: &str| StepDiff { n, name: name.into(), title: words("Disk", "ディスク"), ..StepDiff::default() };
    let changed = StepDiff {
        parts: vec![DiffPart::Same(12), DiffPart::Lines(lines)],
        come: 1,
        numbers: 1,
        is_cut: true,
        ..of(0, "disk")
    };
    let numbers = StepDiff { come: 0, ..changed.clone() };
    let state = StepDiff { states: Some(("ok".into(), "missing".into())), ..of(2, "units") };
    let others = [
        StepDiff { is_new: true, ..of(3, "new") },
        StepDiff { is_lost: true, ..of(4, "lost") },
        StepDiff { bytes_differ: Some(true), ..of(5, "dump") },
        StepDiff { bytes_differ: Some(false), ..of(6, "dump2") },
    ];
    let steps = vec![changed, numbers, state, of(1, "load")].into_iter().chain(others).collect();
    DiffView {
        row: row("done", Some("critical")),
        with: (how != "none").then(|| RunRow { id: 17, host: "web-2".into(), ..row("done", Some("ok")) }),
        is_healthy: how != "other",
        steps: match how {
            "some" | "other" => steps,
            "same" => vec![of(1, "load")],
            _ => Vec::new(),
        },
        others: if how == "none" {
            Vec::new()
        } else {
            vec![OtherCapture { id: 17, at: before(90_000), is_healthy: true }]
        },
    }
}

/// A run in which everything that came from outside is this text.
pub fn hostile(text: &str) -> RunView {
    let mut view = run("done", Some("critical"));
    (view.row.host, view.row.cause, view.row.asked_by) = (text.into(), Some(words(text, text)), text.into());
    view.row.title = words(text, text);
    view.hops = vec![text.into()];
    for step in &mut view.steps {
        (step.name, step.cause, step.capsule) = (text.into(), Some(words(text, text)), Some(text.into()));
        (step.title, step.command, step.host_key) = (words(text, text), Some(text.into()), Some(text.into()));
        step.redactions = vec![(text.into(), 1)];
        for stream in &mut step.streams {
            stream.shown = Captured::Text { text: text.into(), before: false, after: true };
        }
        for finding in &mut step.findings {
            finding.words = words(text, text);
        }
    }
    view.row.findings = findings().into_iter().map(|one| Finding { words: words(text, text), ..one }).collect();
    view.parameters = vec![(text.into(), text.into())];
    view
}
