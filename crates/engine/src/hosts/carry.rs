//! One run, carried out: its steps in order, each begun at most once, each ended with what came back or why nothing did. A run that
//! was under way when its worker died goes on with the steps that were not begun.

use super::judged::{self, Judged};
use super::recorder::{Place, Recorded, Recorder};
use super::work::{Halt, Halting, given_back};
use super::{Hosts, reach, say};
use crate::Shared;
use crate::effects::{Done, done, later};
use model::Micros;
use model::action::{Effect, Fault, Outcome};
use model::host::eligible;
use model::plan::{Class, OnFailure, Plan, PlanStep, Words};
use probe::{Limits, Way};
use std::time::{Duration, Instant};
use store::jobs::{self, Claimed};
use store::runs::{self, Run, Step};
use store::{StoreError, capsules, crash_point};
use tokio::sync::mpsc;

/// A run whose workers died so often while it was under way is held to kill them.
const MOST_INTERRUPTED: usize = 2;
/// A host that does not answer is tried again after these.
const AGAIN_AFTER_MS: [u64; 2] = [1_000, 3_000];
/// Chunks on their way from the host to the record.
const CHUNKS: usize = 32;

/// A run in hand.
struct Hand<'a> {
    shared: &'a Shared,
    hosts: &'a Hosts,
    job: &'a Claimed,
    halting: &'a Halting,
    run: Run,
    plan: Plan,
    begun: Instant,
}

/// How the run came to its end, or that it has not.
enum Gone {
    /// All steps have ended.
    Through,
    /// The rest is not run, and why.
    Ended { state: &'static str, cause: Words },
    /// Another process goes on, or has the run already.
    Left,
}

pub async fn run(shared: &Shared, hosts: &Hosts, job: &Claimed, halting: &Halting) -> Done {
    let Effect::Run { run } = job.action.effect else {
        return (Outcome::Never { why: "this job is no run".into() }, Vec::new());
    };
    match carried(shared, hosts, job, halting, run).await {
        Ok(outcome) => (outcome, Vec::new()),
        Err(StoreError::LeaseLost(_)) => {
            halting.halt(Halt::LeaseLost);
            (done(None), Vec::new())
        }
        Err(error) => later(job.claimed_at.plus_s(5), Fault::Limit, &error.to_string()),
    }
}

async fn carried(
    shared: &Shared,
    hosts: &Hosts,
    job: &Claimed,
    halting: &Halting,
    id: i64,
) -> Result<Outcome, StoreError> {
    let Some(run) = shared.store.read(move |tx| Box::pin(runs::get(tx, id))).await? else {
        return Ok(Outcome::Skipped { why: "there is no such run".into() });
    };
    if run.ended_at.is_some() {
        return Ok(done(None));
    }
    let plan = match serde_json::from_str::<Plan>(&run.plan) {
        Ok(plan) => plan,
        Err(error) => {
            let cause = Words::new(
                format!("its plan can't be read by this program: {error}"),
                format!("このプログラムでは実行計画を読めません: {error}"),
            );
            end_without_plan(shared, job, id, &cause).await?;
            return Ok(done(None));
        }
    };
    let hand = Hand { shared, hosts, job, halting, run, plan, begun: Instant::now() };
    let gone = hand.go().await?;
    hand.end(gone).await
}

impl Hand<'_> {
    async fn go(&self) -> Result<Gone, StoreError> {
        let steps = self.take_up().await?;
        let interrupted = steps.iter().filter(|step| step.state == "interrupted").count();
        if interrupted >= MOST_INTERRUPTED {
            let cause = Words::new(
                "its worker died twice while a step was under way; it is not tried a third time",
                "ステップの実行中に、プロセスが二度停止しました。三度目は実行しません",
            );
            return Ok(Gone::Ended { state: "interrupted", cause });
        }
        if let Some(cause) = self.forbidden() {
            return Ok(Gone::Ended { state: "refused", cause });
        }
        let Some(way) = self.hosts.way(&self.run.host) else {
            let host = &self.run.host;
            let cause = Words::new(
                format!("{host} is not in the inventory any more"),
                format!("{host} はインベントリから削除されています"),
            );
            return Ok(Gone::Ended { state: "refused", cause });
        };
        for (n, step) in self.plan.steps.iter().enumerate() {
            let is_open = steps.get(n).is_some_and(|known| known.state == "queued");
            if !is_open {
                continue;
            }
            if let Some(gone) = self.halted() {
                return Ok(gone);
            }
            let n = i64::try_from(n).unwrap_or(i64::MAX);
            if let Some(gone) = self.step(n, step, &way).await? {
                return Ok(gone);
            }
        }
        Ok(Gone::Through)
    }

    /// Begins or goes on; what was under way when an earlier worker died is ended with what was captured of it.
    async fn take_up(&self) -> Result<Vec<Step>, StoreError> {
        let id = self.run.id;
        let cut = self
            .write("run_begun", move |tx| {
                Box::pin(async move {
                    runs::begin(tx, id).await?;
                    runs::cut_short(tx, id).await
                })
            })
            .await?;
        for step in cut {
            let pieces = self.shared.store.read(move |tx| Box::pin(runs::pieces(tx, id, step.n))).await?;
            let judged = judged::interrupted(&pieces);
            if let Some(planned) = usize::try_from(step.n).ok().and_then(|n| self.plan.steps.get(n)) {
                self.end_step(step.n, planned, &judged, step.started_at).await?;
            }
        }
        crash_point!("run.taken_up");
        self.shared.store.read(move |tx| Box::pin(runs::steps(tx, id))).await
    }

    /// Why it must not be carried out, whatever was asked: checked again, for much may have changed since.
    fn forbidden(&self) -> Option<Words> {
        if self.plan.class != Class::Read || self.plan.steps.iter().any(|step| step.class != Class::Read) {
            return Some(Words::new(
                "it would change the host, and this program only looks",
                "ホストを変更する手順のため実行しません（参照のみ可能です）",
            ));
        }
        let estate = self.hosts.estate();
        let host = estate.inventory.host(&self.run.host)?;
        let is_same = host.customer == self.run.customer;
        // A run for an incident goes where the incident's customer is at home, and nowhere else.
        let is_its = self.run.incident.is_none()
            || eligible(host, self.plan.customer.as_deref(), estate.inventory.are_customers()).is_ok();
        (!is_same || !is_its).then(|| {
            Words::new(
                format!("{} is another customer's than when this was asked for", host.name),
                format!("{} のお客様が、依頼時から変わっています", host.name),
            )
        })
    }

    fn halted(&self) -> Option<Gone> {
        match self.halting.why()? {
            Halt::Asked(by) => Some(Gone::Ended {
                state: "stopped",
                cause: Words::new(format!("{by} stopped it"), format!("{by} が停止しました")),
            }),
            Halt::Leaving | Halt::LeaseLost => Some(Gone::Left),
        }
    }

    fn left_ms(&self) -> u64 {
        let gone = u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.plan.limits.time_ms.saturating_sub(gone)
    }

    async fn step(&self, n: i64, step: &PlanStep, way: &Way) -> Result<Option<Gone>, StoreError> {
        let left_ms = self.left_ms();
        if left_ms == 0 {
            let seconds = self.plan.limits.time_ms / 1_000;
            let cause = Words::new(
                format!("the run's {seconds} s were over"),
                format!("実行全体の制限時間 {seconds} 秒を超えました"),
            );
            return Ok(Some(Gone::Ended { state: "failed", cause }));
        }
        let id = self.run.id;
        let begun = self.write("step_begun", move |tx| Box::pin(runs::begin_step(tx, id, n))).await?;
        if !begun {
            return Ok(None);
        }
        crash_point!("run.step_begun");
        self.shared.wake.show.notify_waiters();
        let started_at = self.shared.store.clock().now();
        let (ended, recorded) = self.ask(n, step, way, left_ms).await?;
        crash_point!("run.step_came_back");
        let judged = judged::of(step, ended, recorded, self.halting.why());
        self.reached(&judged).await;
        let started_at = judged.not_reached.is_none().then_some(started_at);
        self.end_step(n, step, &judged, started_at).await?;
        crash_point!("run.step_ended");
        Ok(self.after(step, &judged))
    }

    /// Whether the steps after this one are still to be run.
    fn after(&self, step: &PlanStep, judged: &Judged) -> Option<Gone> {
        if let Some(gone) = self.halted() {
            return Some(gone);
        }
        if let Some(cause) = &judged.not_reached {
            return Some(Gone::Ended { state: "failed", cause: cause.clone() });
        }
        let is_bad = matches!(judged.state, "failed" | "timed_out" | "cut");
        (is_bad && step.on_failure == OnFailure::Stop).then(|| Gone::Ended {
            state: "failed",
            cause: Words::new(
                format!("the step {} failed, and the rest was not to be run then", step.name),
                format!("ステップ {} が失敗したため、以降は実行していません", step.name),
            ),
        })
    }

    async fn ask(
        &self,
        n: i64,
        step: &PlanStep,
        way: &Way,
        left_ms: u64,
    ) -> Result<(Result<probe::Outcome, probe::Error>, Recorded), StoreError> {
        let limits = Limits {
            connect_ms: self.hosts.settings.connect_ms,
            step_ms: step.limits.time_ms.min(left_ms),
            total_ms: left_ms,
            output_bytes: step.limits.output_bytes,
        };
        let mut pauses = AGAIN_AFTER_MS.into_iter();
        loop {
            let place = Place { run: self.run.id, n };
            let recorder = Recorder::new(self.shared, self.job, &self.hosts.settings.rules, place, self.run.queued_at);
            let (sender, receiver) = mpsc::channel(CHUNKS);
            let stdin = step.stdin.as_ref().map(|text| text.clone().into_bytes());
            let asked = self.hosts.probe.exec(way, &step.exec, stdin, &limits, sender, self.halting.token());
            let (ended, (recorded, is_lost)) = tokio::join!(asked, recorder.record(receiver, &self.hosts.outputs));
            if is_lost {
                return Err(StoreError::LeaseLost(self.job.id));
            }
            // Nothing was sent yet: the host may be up again in a moment.
            match (&ended, pauses.next()) {
                (Err(error), Some(pause)) if error.kind.may_pass() && self.left_ms() > pause => {
                    tokio::time::sleep(Duration::from_millis(pause)).await;
                }
                _ => return Ok((ended, recorded)),
            }
        }
    }

    async fn end_step(
        &self,
        n: i64,
        step: &PlanStep,
        judged: &Judged,
        started_at: Option<Micros>,
    ) -> Result<(), StoreError> {
        let now = self.shared.store.clock().now();
        let rules = &self.hosts.settings.rules;
        let capsule = judged::capsule(&self.run, &self.plan, (n, step), judged, (started_at, now), rules);
        let (id, judged) = (self.run.id, judged.clone());
        self.write("step_ended", move |tx| {
            let (judged, capsule) = (judged.clone(), capsule.clone());
            Box::pin(async move {
                if runs::end_step(tx, id, n, &judged.ended(&judged.rows(), &capsule.id.0)).await? {
                    capsules::add(tx, &capsule).await?;
                }
                Ok(())
            })
        })
        .await?;
        self.shared.wake.show.notify_waiters();
        Ok(())
    }

    /// What a step shows of the host's being reached is known at once, not at the next trial.
    async fn reached(&self, judged: &Judged) {
        let Some(reach) = judged.reach(&self.run) else { return };
        let settings = self.shared.settings.clone();
        let written = self.shared.store.write("host_reached", move |tx| {
            let (reach, settings) = (reach.clone(), settings.clone());
            Box::pin(async move { reach::write_down(tx, &settings, &reach).await })
        });
        if let Err(error) = written.await {
            self.shared.trouble.failed(&error, "writing down how a host was reached");
        }
    }

    async fn end(&self, gone: Gone) -> Result<Outcome, StoreError> {
        let (state, cause) = match gone {
            Gone::Left => return Ok(given_back(self.job)),
            Gone::Through => ("done", None),
            Gone::Ended { state, cause } => (state, Some(cause)),
        };
        let (run, settings) = (self.run.clone(), self.shared.settings.clone());
        self.write("run_ended", move |tx| {
            let (run, settings, cause) = (run.clone(), settings.clone(), cause.clone());
            Box::pin(async move {
                let why = cause.as_ref().map(judged::json).unwrap_or_default();
                runs::leave_out(tx, run.id, &why).await?;
                let steps = runs::steps(tx, run.id).await?;
                let end = judged::whole(&steps, state, cause.as_ref());
                if runs::end(tx, run.id, &end.as_end()).await? {
                    say::ended(tx, &settings, &run).await?;
                }
                Ok(())
            })
        })
        .await?;
        crash_point!("run.ended");
        Ok(done(None))
    }

    /// A unit of work that only whoever has the run may do; the lease is renewed with it.
    async fn write<T: Send + 'static>(
        &self,
        name: &'static str,
        unit: impl for<'t> Fn(&'t mut store::Tx) -> store::Unit<'t, T> + Send + Sync + 'static,
    ) -> Result<T, StoreError> {
        let (job, terms) = (self.job.clone(), self.shared.settings.terms);
        let unit = std::sync::Arc::new(unit);
        let fenced = self.shared.store.write(name, move |tx| {
            let (job, unit) = (job.clone(), unit.clone());
            Box::pin(async move {
                jobs::renew(tx, &job, terms).await?;
                unit(tx).await
            })
        });
        fenced.await
    }
}

async fn end_without_plan(shared: &Shared, job: &Claimed, id: i64, cause: &Words) -> Result<(), StoreError> {
    let (job, terms, cause) = (job.clone(), shared.settings.terms, judged::json(cause));
    let ended = shared.store.write("run_ended", move |tx| {
        let (job, cause) = (job.clone(), cause.clone());
        Box::pin(async move {
            jobs::renew(tx, &job, terms).await?;
            runs::leave_out(tx, id, &cause).await?;
            let end =
                runs::End { state: "failed", cause: Some(&cause), level: None, findings: "[]", is_healthy: false };
            runs::end(tx, id, &end).await.map(|_| ())
        })
    });
    ended.await
}
