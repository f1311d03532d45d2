//! Hosts and runbooks as pages show them.

use crate::config::Config;
use duties::diagnose::Mode;
use duties::inventory::Weight;
use duties::runbooks::Runbook;
use engine::hosts::{Estate, Hosts};
use model::plan::Words;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use web::state::{Complaint, HostsMode, HostsOf, HostsShown, ParameterShown, RunbookShown, StepShown};

/// A change of a file is seen after this at the latest, where no host is configured.
const AGE: Duration = Duration::from_secs(2);

/// What was shown last, and of what.
struct Kept {
    estate: Arc<Estate>,
    read_at: Instant,
    shown: Arc<HostsShown>,
}

/// Pages show the very files that a run is planned from. Where no host is configured nothing reads them but this: runbooks are shown
/// all the same.
pub fn shown(config: &Config, hosts: Option<&Arc<Hosts>>) -> HostsOf {
    let (config, hosts) = (config.clone(), hosts.cloned());
    let mode = hosts.as_ref().map(|hosts| hosts.settings.mode).unwrap_or_default();
    let kept: Mutex<Option<Kept>> = Mutex::default();
    HostsOf(Arc::new(move || {
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        let now = hosts.as_ref().map(|hosts| hosts.estate());
        let is_as_it_was = |kept: &&Kept| match &now {
            Some(now) => Arc::ptr_eq(now, &kept.estate),
            None => kept.read_at.elapsed() < AGE,
        };
        if let Some(kept) = kept.as_ref().filter(is_as_it_was) {
            return kept.shown.clone();
        }
        let estate = now.unwrap_or_else(|| Arc::new(super::read(&config, &super::Live::default())));
        let shown = Arc::new(of(&estate, mode));
        *kept = Some(Kept { estate, read_at: Instant::now(), shown: shown.clone() });
        shown
    }))
}

fn of(estate: &Estate, mode: Mode) -> HostsShown {
    HostsShown {
        mode: match mode {
            Mode::Observe => HostsMode::Observe,
            Mode::Run => HostsMode::Run,
        },
        hosts: estate.inventory.hosts().cloned().collect(),
        bastions: estate.inventory.bastions().cloned().collect(),
        complaints: estate
            .complaints
            .iter()
            .map(|one| Complaint {
                place: one.place.clone(),
                says: one.says.clone(),
                remedy: one.remedy.clone(),
                is_error: one.weight == Weight::Error,
            })
            .collect(),
        runbooks: estate.runbooks.iter().map(|runbook| of_runbook(estate, runbook)).collect(),
    }
}

fn of_runbook(estate: &Estate, runbook: &Runbook) -> RunbookShown {
    let problems = estate.problems.iter().filter(|problem| problem.file == runbook.file);
    RunbookShown {
        name: runbook.name.clone(),
        title: runbook.title.clone(),
        description: runbook.description.clone().unwrap_or_default(),
        class: runbook.class,
        digest: runbook.digest.clone(),
        is_shipped: estate.shipped.contains(&runbook.digest),
        steps: runbook
            .steps
            .iter()
            .map(|step| StepShown { name: step.name.clone(), title: step.title.clone(), command: step.run.clone() })
            .collect(),
        parameters: runbook
            .parameters
            .iter()
            .map(|one| ParameterShown {
                name: one.name.clone(),
                kind: one.kind.told(),
                default: one.default.clone(),
                is_required: one.required,
                words: one.title.clone().unwrap_or_else(|| Words::new(&one.name, &one.name)),
            })
            .collect(),
        when: runbook.when_told(),
        problems: problems.map(ToString::to_string).collect(),
    }
}
