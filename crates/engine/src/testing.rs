//! For tests: an engine without its loops, on a database of its own and beside a simulated PagerDuty. Jobs are done one by one, when the
//! test says so.

use crate::effects::{self, Hand};
use crate::follow::Context;
use crate::hosts::{self, Estate, Hosts, Outputs};
use crate::net::tests::{Bed, on_a_bed_with, settings};
use crate::read::ask_for_reading;
use crate::{Guard, Metrics, Outside, Settings, Shared, Wake};
use connectors::pagerduty::{Client, Setup};
use connectors::{Call, Class, Secret};
use duties::diagnose::Mode;
use duties::inventory::Inventory;
use model::action::{Outcome, Queue};
use model::host::{Endpoint, Host};
use model::redaction::Rules;
use model::signal::Origin;
use probe::Probe;
use sandbox::pagerduty::{Options, Sandbox, start};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};
use store::jobs::{self, Claim, Claimed};
use store::{Tx, Unit, dirty};

/// A service of the simulated account.
pub const SERVICE: &str = "Hoshino Foods / EC site";

const RUNBOOK: &str = "version: 1
name: looks
title: {en: Looks, ja: 参照}
class: read
when:
  - incident: {title: [disk]}
  - button
limits: {time: 1m, output: 1MB}
steps:
  - name: uptime
    title: {en: Uptime, ja: 稼働時間}
    time: 10s
    run: uptime
";

pub struct Scene<'a> {
    pub bed: &'a Bed,
    pub sandbox: Sandbox,
    pub shared: Shared,
}

/// A key that is configured, and one host.
pub fn with_key() -> Settings {
    let hosts = Some(Arc::new(hosts()));
    Settings { key_mark: "k1".into(), public_url: "https://ops.example.jp".into(), hosts, ..settings() }
}

/// `web01`, which titles name, with a runbook that is free to run. Nobody is ever connected to.
fn hosts() -> Hosts {
    let settings = hosts::Settings {
        mode: Mode::Observe,
        most_hosts: 5,
        runs_at_once: 1,
        connect_ms: 1_000,
        step_ms: 10_000,
        total_ms: 60_000,
        output_bytes: 1_000_000,
        reach_every: Duration::from_secs(86_400),
        rules: Rules::shipped(),
        language: duties::Language::En,
        zone: jiff::tz::TimeZone::UTC,
        share: BTreeMap::new(),
        passphrases: BTreeMap::new(),
        load: Arc::new(estate),
        follow: None,
    };
    Hosts::new(settings, Probe::new(probe::Settings::default(), Arc::new(|| 0)), Outputs::new(None))
}

fn estate() -> Estate {
    let at = Endpoint {
        address: "192.0.2.1".into(),
        port: 22,
        user: "ops".into(),
        logins: Vec::new(),
        key_names: Vec::new(),
    };
    let web01 = Host {
        name: "web01".into(),
        at,
        via: Vec::new(),
        customer: None,
        matches: Vec::new(),
        groups: BTreeSet::new(),
        tags: BTreeMap::new(),
        origin: model::host::Origin::Config,
    };
    let (runbooks, problems) = duties::runbooks::set([("looks.yaml", RUNBOOK)]);
    let shipped = runbooks.iter().map(|runbook| runbook.digest.clone()).collect();
    let inventory = Inventory::new(vec![web01], Vec::new(), false);
    Estate { inventory, runbooks, problems, shipped, ..Estate::default() }
}

pub fn on_a_scene(settings: Settings, case: impl AsyncFn(&Scene<'_>)) {
    on_a_bed_with(settings, async |bed: &Bed| {
        let sandbox = start(Options { event_lag_ms: 0, ..Options::default() }).await.unwrap();
        let mut setup = Setup::new(sandbox.info().url.clone(), Secret::new(sandbox.info().token.clone()));
        setup.from = Some(sandbox.info().from.clone());
        let outside = Outside { pagerduty: Some(Client::new(&setup).unwrap()), ..Outside::default() };
        let shared = Shared {
            store: bed.store.clone(),
            settings: Arc::new(bed.settings.clone()),
            outside: Arc::new(outside),
            wake: Wake::default(),
            metrics: Arc::new(Metrics::default()),
            guard: Arc::new(Guard::new(&[])),
            trouble: Arc::default(),
            alone: Arc::default(),
            causes: Arc::default(),
        };
        let scene = Scene { bed, sandbox, shared };
        case(&scene).await;
        scene.sandbox.stop().await;
    });
}

impl Scene<'_> {
    pub fn control(&self, what: &str, body: &Value) -> Value {
        self.sandbox.control(what, body).unwrap_or_else(|error| panic!("{what} {body}: {error}"))
    }

    /// An incident in PagerDuty; nobody here knows of it yet.
    pub fn trigger(&self) -> String {
        let told = self.control("trigger", &json!({ "service": SERVICE, "title": "disk full on web01", "key": "k" }));
        told["incident"]["id"].as_str().unwrap().to_owned()
    }

    pub async fn write<T: Send + 'static>(
        &self,
        unit: impl for<'t> FnOnce(&'t mut Tx) -> Unit<'t, T> + Send + 'static,
    ) -> T {
        self.bed.write(unit).await
    }

    /// Reads an incident from PagerDuty, so that it is known here as it is there.
    pub async fn mirror(&self, incident: &str) {
        let id = incident.to_owned();
        self.write(move |tx| {
            Box::pin(async move {
                dirty::mark(tx, dirty::READ, &id, Origin::Repair).await?;
                ask_for_reading(tx, &id, None, true).await
            })
        })
        .await;
        // Others may wait to be read as well.
        while let Some(outcome) = self.act(Queue::Read).await {
            assert!(matches!(outcome, Outcome::Done { .. }), "{outcome:?}");
        }
        self.bed.read().await;
    }

    /// Does what reading has set going until nothing is due.
    pub async fn read_and_act(&self, queue: Queue) -> Vec<Outcome> {
        self.bed.read().await;
        let mut outcomes = Vec::new();
        while let Some(outcome) = self.act(queue).await {
            outcomes.push(outcome);
        }
        outcomes
    }

    /// Does the next job of a queue; `None` when nothing is due.
    pub async fn act(&self, queue: Queue) -> Option<Outcome> {
        let job = self.claim(queue).await?;
        Some(self.perform(&job).await)
    }

    pub async fn claim(&self, queue: Queue) -> Option<Claimed> {
        let terms = self.shared.settings.terms;
        let claim = self.write(move |tx| Box::pin(async move { jobs::claim(tx, queue, "w", terms).await })).await;
        match claim {
            Claim::Job(job) => Some(*job),
            Claim::Nothing => None,
            Claim::PutAside => panic!("a job was put aside"),
        }
    }

    /// Its effect, and what follows written down with its outcome.
    pub async fn perform(&self, job: &Claimed) -> Outcome {
        let (outcome, after) = self.effect(job).await;
        let (held, ended, settings) = (job.clone(), outcome.clone(), self.shared.settings.clone());
        self.write(move |tx| {
            Box::pin(async move {
                jobs::finish(tx, &held, &ended).await?;
                Context { job: &held, settings: &settings }.write(tx, after).await
            })
        })
        .await;
        outcome
    }

    /// Its effect alone, as when the process dies before the outcome is written.
    pub async fn effect(&self, job: &Claimed) -> effects::Done {
        effects::perform(&self.shared, &Hand { job, begun: Instant::now(), look_only: None }).await
    }

    /// The notes of an incident as PagerDuty has them: their ids with what they say.
    pub async fn notes(&self, incident: &str) -> Vec<(String, String)> {
        let client = self.shared.outside.pagerduty.as_ref().unwrap();
        let raw = client.notes(&Call::new(Class::Live, self.bed.clock.now()), incident).await.unwrap().raw;
        let told: Value = serde_json::from_slice(&raw).unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        told["notes"].as_array().unwrap().iter().map(|note| (text(&note["id"]), text(&note["content"]))).collect()
    }

    pub fn fault(&self, fault: &Value) {
        self.control("faults", &json!({ "faults": [fault] }));
    }
}
