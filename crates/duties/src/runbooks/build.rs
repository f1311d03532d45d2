//! From a runbook, a host and values to the plan of exactly what will be run.

use super::exec::{MOST_SCRIPT_BYTES, exec_line, script};
use super::parameter::{Refused, refused};
use super::runbook::{Runbook, Step};
use super::{shell, template, writes};
use model::plan::{Plan, PlanStep, VERSION};
use std::collections::BTreeMap;

/// Where a plan is run, and for whom.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Where {
    pub host: String,
    /// The bastions on the way, the first one first.
    pub hops: Vec<String>,
    pub customer: Option<String>,
}

impl Runbook {
    /// The plan of this runbook on this host.
    ///
    /// # Errors
    /// Every value that is wrong, missing or unknown.
    pub fn plan(&self, at: Where, given: &BTreeMap<String, String>) -> Result<Plan, Vec<Refused>> {
        let parameters = self.values(given)?;
        let steps: Vec<Result<PlanStep, Refused>> = self.steps.iter().map(|step| planned(step, &parameters)).collect();
        let wrong: Vec<Refused> = steps.iter().filter_map(|step| step.as_ref().err().cloned()).collect();
        if !wrong.is_empty() {
            return Err(wrong);
        }
        Ok(Plan {
            version: VERSION,
            runbook: self.name.clone(),
            title: self.title.clone(),
            runbook_digest: self.digest.clone(),
            class: self.class,
            host: at.host,
            hops: at.hops,
            customer: at.customer,
            parameters,
            steps: steps.into_iter().flatten().collect(),
            limits: self.limits,
        })
    }

    /// The values to run with: what was given, else the defaults.
    fn values(&self, given: &BTreeMap<String, String>) -> Result<BTreeMap<String, String>, Vec<Refused>> {
        let unknown = given.iter().filter(|(name, _)| self.parameter(name).is_none());
        let mut wrong: Vec<Refused> =
            unknown.map(|(name, value)| refused(name, value, "the runbook has no such parameter")).collect();
        let mut values = BTreeMap::new();
        for parameter in &self.parameters {
            let value = given.get(&parameter.name).or(parameter.default.as_ref());
            match value {
                Some(value) => {
                    wrong.extend(parameter.check(value).err());
                    values.insert(parameter.name.clone(), value.clone());
                }
                None if parameter.required => wrong.push(refused(&parameter.name, "", "it needs a value")),
                None => drop(values.insert(parameter.name.clone(), String::new())),
            }
        }
        if wrong.is_empty() { Ok(values) } else { Err(wrong) }
    }
}

fn planned(step: &Step, values: &BTreeMap<String, String>) -> Result<PlanStep, Refused> {
    let lexed = shell::lex(&step.run);
    let run = template::filled(&step.run, &lexed, values)?;
    let stdin = script(&run, &step.needs, step.sudo, &writes::with_sudo(&lexed));
    if stdin.len() > MOST_SCRIPT_BYTES {
        return Err(refused(&step.name, "", "the step's script is too long with these values"));
    }
    Ok(PlanStep {
        name: step.name.clone(),
        title: step.title.clone(),
        class: step.class,
        exec: exec_line(step.limits.time_ms),
        stdin: Some(stdin),
        limits: step.limits,
        expect: step.expect.clone(),
        on_failure: step.on_failure,
        needs: step.needs.clone(),
        shows: step.shows,
    })
}
