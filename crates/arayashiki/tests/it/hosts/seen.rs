//! What is seen of runs: by the API, in the books, in the evidence store. What one of them says, the others must say too.

use super::bed::{Bed, HOST};
use crate::outside::process::{err, out};
use crate::outside::wait;
use crate::world::Books;
use model::Scope;
use model::capsule::{Capsule, CapsuleId};
use model::chain::Hash;
use serde_json::Value;
use std::time::Duration;

/// From the first try to the last word: no run of these tests takes longer, unless it is stuck.
pub const ENDS_WITHIN: Duration = Duration::from_secs(120);

impl crate::world::Site {
    /// The items of a list that is no pages of many.
    pub fn all_of_page(&self, list: &str) -> std::io::Result<Vec<Value>> {
        Ok(self.api(list)?["items"].as_array().cloned().unwrap_or_default())
    }
}

pub fn sha256(bytes: &[u8]) -> String {
    Hash(model::signal::digest(bytes)).to_string()
}

/// The steps of a run as (name, state).
pub fn states(run: &Value) -> Vec<(&str, &str)> {
    let steps = run["steps"].as_array().unwrap_or_else(|| panic!("no steps: {run}"));
    steps.iter().map(|step| (step["name"].as_str().unwrap(), step["state"].as_str().unwrap())).collect()
}

pub fn step<'a>(run: &'a Value, name: &str) -> &'a Value {
    let steps = run["steps"].as_array().unwrap();
    steps.iter().find(|step| step["name"] == name).unwrap_or_else(|| panic!("no step {name}: {run}"))
}

/// One of a step's two streams.
pub fn stream<'a>(step: &'a Value, name: &str) -> &'a Value {
    let all = step["streams"].as_array().unwrap();
    all.iter().find(|one| one["name"] == name).unwrap_or_else(|| panic!("no stream {name}: {step}"))
}

impl Bed {
    /// All runs, the newest first.
    pub fn runs(&self) -> Vec<Value> {
        self.world.site.all("runs").unwrap()
    }

    pub fn whole(&self, run: i64) -> Value {
        self.world.site.api(&format!("runs/{run}")).unwrap()
    }

    /// Waits until a run has ended, and sees to it that all that is known of it agrees.
    pub fn ended(&self, run: i64) -> Value {
        let ended = || Some(self.whole(run)).filter(|run| !run["finished_at"].is_null());
        let found = wait::within(ENDS_WITHIN, ended);
        let run = found.unwrap_or_else(|| panic!("it does not end: {}\n{}", self.whole(run), self.world.unrest()));
        self.agrees(&run);
        run
    }

    /// Waits until a step is under way and has said something.
    pub fn until_said(&self, run: i64, name: &str, words: &str) {
        wait::until("a step to say something", || {
            let run = self.whole(run);
            let step = step(&run, name);
            (step["state"] == "running" && step.to_string().contains(words)).then_some(())
        });
    }

    /// What a step said, as the API gives it.
    pub fn download(&self, step: &Value, name: &str) -> Vec<u8> {
        let path = stream(step, name)["href"].as_str().unwrap().to_owned();
        let answer = self.world.site.authorized("GET", &path).send(self.world.site.address).unwrap();
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.body
    }

    pub fn capsule(&self, step: &Value) -> Capsule {
        let id = step["capsule"].as_str().unwrap_or_else(|| panic!("no capsule: {step}")).to_owned();
        let found = Books::of(&self.world.site).read(move |tx| {
            let id = CapsuleId(id.clone());
            Box::pin(async move { store::capsules::find(tx, &Scope::All, &id).await })
        });
        found.unwrap_or_else(|| panic!("its capsule is not kept: {step}")).capsule
    }

    /// Every step that was begun has a capsule that says the same, and the digest of what the evidence store holds is the one that
    /// both name.
    pub fn agrees(&self, run: &Value) {
        for step in run["steps"].as_array().unwrap() {
            let state = step["state"].as_str().unwrap();
            assert!(!matches!(state, "queued" | "running"), "a step of an ended run goes on: {run}");
            if state == "not_run" && step["capsule"].is_null() {
                continue;
            }
            let capsule = self.capsule(step);
            assert_eq!((capsule.judged.as_deref(), capsule.host.as_str()), (Some(state), HOST), "{step}");
            for (name, stored) in [("out", &capsule.output.out), ("err", &capsule.output.err)] {
                let Some(stored) = stored else { continue };
                let bytes = self.download(step, name);
                let seen = stream(step, name)["sha256"].as_str().unwrap();
                assert_eq!((sha256(&bytes).as_str(), bytes.len() as u64), (stored.sha256.as_str(), stored.bytes));
                assert_eq!(stored.sha256, seen, "{step}");
            }
        }
    }

    /// How a host is reached, as the API says it.
    pub fn reach(&self) -> Value {
        let all = self.world.site.all_of_page("hosts").unwrap();
        all.into_iter().find(|one| one["name"] == HOST).unwrap()["reach"].clone()
    }

    /// What a statement that counts finds in the books.
    pub fn count(&self, sql: &'static str) -> i64 {
        Books::of(&self.world.site).read(move |tx| Box::pin(async move { tx.sure(sql, &[]).await?.int(0) }))
    }

    /// The record proves itself at any moment, and in the end everything has its place in it.
    pub fn is_well_recorded(&self) {
        wait::until("everything to have its place in the record", || {
            let said = self.world.site.command(&["report", "verify", "--store", "--json"]);
            let verdict: Value = serde_json::from_str(&out(&said)).unwrap_or_else(|_| panic!("{}", err(&said)));
            assert_eq!(verdict["whole"], true, "{verdict}");
            (verdict["waiting"] == 0).then_some(())
        });
    }
}
