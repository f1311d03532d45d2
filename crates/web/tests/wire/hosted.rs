//! Beds with hosts and runbooks, runs on them and what they said.

use crate::bed::{Bed, hosted};
use model::host::{Endpoint, Host, Origin};
use model::plan::{Class, Limits, OnFailure, Plan, PlanStep, Shows, VERSION, Words};
use model::visit::{Held, Seen, Visit};
use store::runs::{self, End, Ended, New};
use store::visits;
use web::{HostsMode, HostsShown, ParameterShown, RunbookShown, StepShown};

fn host(name: &str, customer: Option<&str>) -> Host {
    Host {
        name: name.into(),
        at: Endpoint {
            address: format!("{name}.example"),
            port: 22,
            user: "ops".into(),
            logins: vec![],
            key_names: vec![],
        },
        via: vec!["gate-1".into()],
        customer: customer.map(str::to_owned),
        matches: Vec::new(),
        groups: Default::default(),
        tags: Default::default(),
        origin: Origin::Config,
    }
}

fn runbook(name: &str, class: Class, is_shipped: bool) -> RunbookShown {
    RunbookShown {
        name: name.into(),
        title: Words::new(name, name),
        class,
        digest: format!("digest-of-{name}"),
        is_shipped,
        steps: vec![StepShown { name: "load".into(), title: Words::default(), command: "uptime".into() }],
        parameters: vec![ParameterShown { name: "path".into(), kind: "path".into(), ..ParameterShown::default() }],
        ..RunbookShown::default()
    }
}

pub fn shown() -> HostsShown {
    HostsShown {
        mode: HostsMode::Run,
        hosts: vec![host("web-1", Some("aoba")), host("db-9", Some("minato")), host("lone", None)],
        runbooks: vec![
            runbook("linux", Class::Read, true),
            runbook("own", Class::Read, false),
            runbook("restart", Class::Change, false),
        ],
        ..HostsShown::default()
    }
}

/// Hosts of the customers that their names begin with.
pub async fn bed_of(names: &[&str]) -> Bed {
    let of = |name: &str| ["aoba", "minato"].into_iter().find(|customer| name.starts_with(customer));
    let hosts = names.iter().map(|name| host(name, of(name))).collect();
    hosted(|settings| settings, HostsShown { hosts, ..shown() }).await
}

pub async fn bed() -> Bed {
    hosted(|settings| settings, shown()).await
}

fn plan(host: &str) -> String {
    let limits = Limits { time_ms: 1_000, output_bytes: 1 << 20 };
    let step = |name: &str| PlanStep {
        name: name.into(),
        title: Words::new(name, name),
        class: Class::Read,
        exec: "sh -s".into(),
        stdin: Some(format!("echo {name} of {host}\n")),
        limits,
        expect: Vec::new(),
        on_failure: OnFailure::Continue,
        needs: Vec::new(),
        shows: Shows::Text,
    };
    let plan = Plan {
        version: VERSION,
        runbook: "linux".into(),
        title: Words::new("Linux of all kinds", "Linux のすべて"),
        runbook_digest: "digest-of-linux".into(),
        class: Class::Read,
        host: host.into(),
        hops: vec!["gate-1".into()],
        customer: None,
        parameters: Default::default(),
        steps: vec![step("load"), step("disk")],
        limits,
    };
    serde_json::to_string(&plan).unwrap()
}

/// A run that is under way, with what its first step said so far; gives its number.
pub async fn run(bed: &Bed, host: &str, customer: Option<&str>, incident: Option<&str>, said: &[u8]) -> i64 {
    let (host, customer, incident) = (host.to_owned(), customer.map(str::to_owned), incident.map(str::to_owned));
    let (key, plan, said) = (web::auth::new_id(), plan(&host), said.to_vec());
    let unit = bed.store.write("test", move |tx| {
        Box::pin(async move {
            let steps = ["load".to_owned(), "disk".to_owned()];
            let new = New {
                key: &key,
                incident: incident.as_deref(),
                host: &host,
                customer: customer.as_deref(),
                runbook: "linux",
                runbook_digest: "digest-of-linux",
                class: "read",
                reason: "incident",
                asked_by: "id-hana",
                plan: &plan,
                plan_digest: "plan-digest",
                steps: &steps,
            };
            let id = runs::add(tx, &new).await?.unwrap();
            runs::begin(tx, id).await?;
            runs::begin_step(tx, id, 0).await?;
            runs::add_output(tx, id, 0, 0, "out", &said).await?;
            Ok(id)
        })
    });
    unit.await.unwrap()
}

/// Ends a run with a finding or as healthy; its first step's output lies whole under `output`.
pub async fn end(bed: &Bed, id: i64, is_healthy: bool, output: &str) {
    let output = output.to_owned();
    let found = r#"[{"step":"load","level":"critical","words":{"en":"the load is 97","ja":"負荷は 97"}}]"#;
    let unit = bed.store.write("test", move |tx| {
        let output = output.clone();
        Box::pin(async move {
            let findings = if is_healthy { "[]" } else { found };
            let ended = Ended {
                state: if is_healthy { "ok" } else { "finding" },
                exit_status: Some(3),
                out_bytes: 20,
                output: &output,
                findings,
                redactions: r#"{"password":3}"#,
                host_key: Some("SHA256:shown"),
                capsule: Some("capsule-1"),
                ..Ended::default()
            };
            runs::end_step(tx, id, 0, &ended).await?;
            runs::leave_out(tx, id, "the host was full").await?;
            let level = Some(if is_healthy { "ok" } else { "critical" });
            runs::end(tx, id, &End { state: "done", cause: None, level, findings, is_healthy }).await?;
            Ok(())
        })
    });
    unit.await.unwrap();
}

/// What looking for an incident's hosts came to.
pub async fn visit(bed: &Bed, incident: &str, customer: Option<&str>) {
    let (incident, customer) = (incident.to_owned(), customer.map(str::to_owned));
    let seen = |host: &str| Seen { host: host.into(), why: Words::new(format!("why {host}"), "理由") };
    let found = Visit {
        says: Words::new("1 host was found", "1 台"),
        hosts: vec![seen("web-1")],
        refused: vec![seen("db-9")],
        unknown: vec!["web-77".into()],
        hints: vec![Words::new("add it", "追加")],
        held_back: vec![Held {
            host: "web-1".into(),
            runbook: "own".into(),
            why: Words::new("not approved", "未承認"),
        }],
        ..Visit::default()
    };
    let json = serde_json::to_string(&found).unwrap();
    let unit = bed.store.write("test", move |tx| {
        let (json, incident, customer) = (json.clone(), incident.clone(), customer.clone());
        Box::pin(async move { visits::save(tx, &incident, customer.as_deref(), "f", &json, "observe").await })
    });
    unit.await.unwrap();
}

/// One that was asked for and never planned.
pub async fn refused(bed: &Bed, host: &'static str, customer: &'static str, cause: &'static str) -> i64 {
    let unit = bed.store.write("test", move |tx| {
        Box::pin(async move {
            let new = New {
                key: "never-planned",
                incident: None,
                host,
                customer: Some(customer),
                runbook: "gone",
                runbook_digest: "",
                class: "read",
                reason: "button",
                asked_by: "id-hana",
                plan: "{}",
                plan_digest: "",
                steps: &[],
            };
            let id = runs::add(tx, &new).await?.unwrap();
            let end = End { state: "refused", cause: Some(cause), level: None, findings: "[]", is_healthy: false };
            runs::end(tx, id, &end).await?;
            Ok(id)
        })
    });
    unit.await.unwrap()
}

/// A run that was made for another incident stands beside this one as well.
pub async fn stands_beside(bed: &Bed, run: i64, incident: &'static str) {
    bed.store.write("test", move |tx| Box::pin(runs::stand_beside(tx, run, incident))).await.unwrap();
}
