//! Reads what hosts answered, each output whole, and holds it against its capsule. Makes nothing where evidence lies.

use crate::cli::Failure;
use evidence::{Evidence, EvidenceError, Settings};
use model::capsule::{Capsule, Stored};
use model::chain::verify::{Content, OutputState, Verifier};
use model::chain::{Entry, Hash, kind};
use store::{Store, capsules};

pub struct Outputs {
    /// `None`: outputs are left out.
    settings: Option<Settings>,
    /// Opened with the first output: who has none needs no key.
    evidence: Option<Evidence>,
}

impl Outputs {
    pub const fn new(settings: Option<Settings>) -> Self {
        Self { settings, evidence: None }
    }

    /// Those of the capsules among these entries. `after` is called after each.
    pub async fn of(
        &mut self,
        store: &Store,
        entries: &[(Entry, Content)],
        verifier: &mut Verifier,
        mut after: impl FnMut(),
    ) -> Result<(), Failure> {
        let Some(settings) = self.settings.clone() else { return Ok(()) };
        let are_there = entries.iter().filter(|(entry, now)| entry.kind == kind::CAPSULE && *now != Content::Missing);
        let ids: Vec<String> = are_there.map(|(entry, _)| entry.subject.clone()).collect();
        let read = store.read(move |tx| Box::pin(async move { capsules::bodies(tx, &ids).await }));
        for capsule in read.await? {
            for output in capsule.output.each() {
                let evidence = match &self.evidence {
                    Some(evidence) => evidence,
                    None => self.evidence.insert(look(&settings).await?),
                };
                let state = state(store, evidence, &capsule, output).await?;
                verifier.output(&capsule.id.0, &output.object, &state);
                after();
            }
        }
        Ok(())
    }
}

async fn look(settings: &Settings) -> Result<Evidence, Failure> {
    let told = |error| Failure::Failed(format!("{error}; --skip-outputs checks everything else"));
    Evidence::look(settings).await.map_err(told)
}

async fn state(store: &Store, evidence: &Evidence, capsule: &Capsule, output: &Stored) -> Result<OutputState, Failure> {
    match whole(evidence, output).await {
        Ok(true) => Ok(OutputState::Whole),
        Ok(false) => Ok(OutputState::Changed),
        Err(EvidenceError::NotFound { .. }) => {
            let id = capsule.id.clone();
            let expiry = store.read(move |tx| Box::pin(async move { capsules::expiry(tx, &id).await })).await?;
            Ok(expiry.map_or(OutputState::Missing, OutputState::Expired))
        }
        Err(EvidenceError::Damaged { .. }) => Ok(OutputState::Changed),
        // Whoever can't read it can't say that it was changed.
        Err(error) if error.is_temporary() => Err(Failure::Failed(format!("{}: {error}", output.object))),
        Err(error) => Ok(OutputState::Unreadable(error.to_string())),
    }
}

/// Whether it is, to its last byte, what the capsule says.
async fn whole(evidence: &Evidence, output: &Stored) -> Result<bool, EvidenceError> {
    let mut reader = evidence.reader(&output.object).await?;
    let sealed = reader.sealed().clone();
    while reader.next().await?.is_some() {}
    Ok(Hash(sealed.digest).to_string() == output.sha256 && sealed.bytes == output.bytes)
}
