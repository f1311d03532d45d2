//! `report`: what is told of the record to people outside of the team. Reads; changes nothing.

mod outputs;
mod record;
mod told;

use super::{Failure, say};
use crate::config::Config;
use crate::{server, wiring};
use clap::{Args, Subcommand};
use evidence::{EvidenceError, Signer};
use model::chain::checkpoint::VerifierKey;
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub enum Report {
    /// Check that the record is as it was written: every capsule, act, entry, checkpoint and output, each fault named.
    #[command(after_help = "Example:\n  arayashiki report verify --store\n  \
        arayashiki report verify --store --anchor slack.txt --json\n\n\
        Exit status: 0 the record is whole; 1 something was changed, added or removed, or could not be read.")]
    Verify(Verify),
}

#[derive(Debug, Args)]
pub struct Verify {
    /// The live record. A server may run beside it.
    #[arg(long, required = true)]
    store: bool,
    /// A checkpoint that was shown outside, as a file of text: out of Slack, a mail, a bucket. May be given more than once.
    #[arg(long, value_name = "FILE")]
    anchor: Vec<PathBuf>,
    /// A public key to believe instead of those in this installation's key file. May be given more than once.
    #[arg(long, value_name = "KEY")]
    key: Vec<String>,
    /// Leave out what hosts answered: the rest is checked much faster.
    #[arg(long)]
    skip_outputs: bool,
}

pub async fn run(config: &Config, command: &Report, json: bool) -> Result<(), Failure> {
    let Report::Verify(asked) = command;
    let brought = asked.anchor.iter().map(brought).collect::<Result<Vec<_>, _>>()?;
    let given = asked.key.iter().map(|text| key(text)).collect::<Result<Vec<_>, _>>()?;
    let store = wiring::open_store(config)?;
    let check = async {
        // Before the keys: a server beside us makes its key with its first checkpoint.
        let witnesses = record::witnesses(&store).await?;
        let keys = if given.is_empty() {
            Keys::OfInstall(of_install(config, &store, !brought.is_empty()).await?)
        } else {
            Keys::Given(given)
        };
        let checked = record::check(&store, &keys, witnesses, &brought, &outputs_of(config, asked)).await?;
        Ok((checked, keys))
    };
    let checked = tokio::select! {
        checked = check => checked,
        () = server::asked_to_stop() => Err(Failure::Failed("stopped before the end: nothing is known".to_owned())),
    };
    store.close().await;
    let (checked, keys) = checked?;
    say(if json { told::as_json(&checked, &keys) } else { told::text(&checked, &keys) });
    let faults = checked.verdict.faults.len() as u64 + checked.verdict.unnamed;
    if faults == 0 {
        return Ok(());
    }
    let told = if faults == 1 { "1 fault".to_owned() } else { format!("{faults} faults") };
    Err(Failure::Failed(format!(
        "the record is not whole: {told}. Leave it as it is, copy database and evidence, and look who could write to them"
    )))
}

/// Whose signatures are believed.
pub enum Keys {
    /// All that this installation has ever signed with, whatever name they are given.
    OfInstall(Vec<[u8; 32]>),
    Given(Vec<VerifierKey>),
}

impl Keys {
    /// In the form in which such keys are handed round; `name`: how this record's checkpoints call the signer.
    pub fn named(&self, name: &str) -> Vec<VerifierKey> {
        match self {
            Self::OfInstall(keys) => {
                keys.iter().map(|key| VerifierKey { name: name.to_owned(), public: *key }).collect()
            }
            Self::Given(keys) => keys.clone(),
        }
    }
}

/// Where nothing was ever signed there is no key, and none is needed.
async fn of_install(config: &Config, store: &store::Store, is_brought: bool) -> Result<Vec<[u8; 32]>, Failure> {
    let last = store.read(|tx| Box::pin(store::chain::last_checkpoint(tx))).await?;
    let file = wiring::net::evidence(config).signing_key_file();
    match Signer::open(&file, false).await {
        Ok(signer) => Ok(signer.all_public().to_vec()),
        Err(EvidenceError::SigningKeyLost { .. }) if last.is_none() && !is_brought => Ok(Vec::new()),
        Err(error) => Err(Failure::Failed(format!("{error}; or name the public key with --key"))),
    }
}

fn outputs_of(config: &Config, asked: &Verify) -> Option<evidence::Settings> {
    (!asked.skip_outputs).then(|| wiring::net::evidence(config))
}

/// A file's name and its text.
fn brought(path: &PathBuf) -> Result<(String, String), Failure> {
    let text = std::fs::read(path).map_err(|error| Failure::Wrong(format!("--anchor {}: {error}", path.display())))?;
    Ok((path.display().to_string(), String::from_utf8_lossy(&text).into_owned()))
}

fn key(text: &str) -> Result<VerifierKey, Failure> {
    VerifierKey::parse(text).ok_or_else(|| {
        Failure::Wrong(format!("--key {text}: no key of the form NAME+ID+BASE64, as `report verify --store` prints it"))
    })
}
