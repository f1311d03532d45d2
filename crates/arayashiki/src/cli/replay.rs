//! `replay`: reads a signal, or runs a job, once more. The running server does the work; this only asks for it.

use super::{Failure, say};
use crate::config::Config;
use crate::wiring;
use clap::Subcommand;
use store::{audit, inbox, jobs};

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
    let found = store
        .write("replay", move |tx| {
            Box::pin(async move {
                let (found, act) = match what {
                    "signal" => (inbox::read_again(tx, id).await?, "signal.read_again"),
                    _ => (jobs::retry(tx, id).await?, "job.retry"),
                };
                let subject = format!("{what}/{id}");
                audit::add(tx, "command line", act, &subject, None, &serde_json::json!({ "found": found })).await?;
                Ok(found)
            })
        })
        .await?;
    store.close().await;
    if !found {
        return Err(Failure::Failed(format!(
            "there is no {what} {id} at an end: it is waiting, running, done, or was never there"
        )));
    }
    say(format_args!("{what} {id} waits for the running server"));
    Ok(())
}
