//! `replay`: reads a signal, or runs a job, once more. The running server does the work; this only asks for it.

use super::{Failure, say};
use crate::config::Config;
use crate::wiring;
use clap::Subcommand;
use model::Scope;
use store::{StoreError, Tx, audit, inbox, jobs};

#[derive(Debug, Subcommand)]
pub enum Replay {
    /// Read a signal again; its facts repeat themselves harmlessly.
    Inbox { id: i64 },
    /// Run a dead, skipped or waiting-for-a-person job again.
    Job { id: i64 },
}

pub async fn run(config: &Config, command: Replay) -> Result<(), Failure> {
    let store = wiring::open_store(config)?;
    let (id, what) = match command {
        Replay::Inbox { id } => (id, "signal"),
        Replay::Job { id } => (id, "job"),
    };
    let unit = store.write("replay", move |tx| Box::pin(async move { again(tx, what, id).await }));
    let asked = unit.await?;
    store.close().await;
    match asked {
        Asked::Again => {
            say(format_args!("{what} {id} waits for the running server"));
            Ok(())
        }
        Asked::NotThere => Err(Failure::Failed(format!(
            "there is no {what} {id} at an end: it is waiting, running, done, or was never there"
        ))),
        Asked::Theirs => Err(Failure::Failed(format!(
            "job {id} is an act that somebody asked for in their own name: that person asks for it again on the \
             incident's page"
        ))),
    }
}

enum Asked {
    Again,
    NotThere,
    /// Somebody's own act that is over: nobody else has it sent again.
    Theirs,
}

async fn again(tx: &mut Tx, what: &str, id: i64) -> Result<Asked, StoreError> {
    let (found, act) = if what == "signal" {
        (inbox::read_again(tx, id).await?, "signal.read-again")
    } else if is_theirs(tx, id).await? {
        return Ok(Asked::Theirs);
    } else {
        (jobs::retry(tx, id).await?, "job.retry")
    };
    let detail = serde_json::json!({ "found": found });
    audit::add(tx, "command line", act, &format!("{what}/{id}"), None, &detail).await?;
    Ok(if found { Asked::Again } else { Asked::NotThere })
}

/// The page's rule: what is in doubt is looked up first and may be run by anybody.
async fn is_theirs(tx: &mut Tx, id: i64) -> Result<bool, StoreError> {
    let job = jobs::find(tx, &Scope::All, id).await?;
    Ok(job.is_some_and(|job| job.effect == "act" && matches!(job.state.as_str(), "dead" | "skipped")))
}
