//! Seals the originals of mails: each goes into the evidence store soon after it was read. Losing a beat loses nothing: what
//! is not sealed yet lies in the inbox.

use crate::{Shared, wake};
use evidence::{Evidence, Settings};
use model::{Micros, Scope};
use std::time::Duration;
use store::nag::{Nag, Over};
use store::{StoreError, crash_point, inbox, mails};
use tokio_util::sync::CancellationToken;

const EVERY: Duration = Duration::from_secs(2);
const AFTER_TROUBLE: Duration = Duration::from_secs(15);
const AT_ONCE: i64 = 64;

/// Where a mail's original lies.
pub fn name(id: i64, received_at: Micros) -> String {
    let at = received_at.timestamp().to_zoned(jiff::tz::TimeZone::UTC);
    format!("mail/{}/{id}.eml", at.strftime("%Y/%m/%d"))
}

pub async fn run(shared: Shared, stop: CancellationToken) {
    let Some(settings) = shared.outside.evidence.clone() else { return };
    let (mut nag, mut store) = (Nag::default(), None);
    while wake::pause(EVERY, &stop).await {
        // In a storm the doors go first.
        if shared.store.is_storm() {
            continue;
        }
        match some(&shared, &settings, &mut store).await {
            Ok(()) => {
                if let Some(Over { seconds }) = nag.over(std::time::Instant::now()) {
                    tracing::info!(seconds, "originals of mails are sealed again");
                }
            }
            Err(why) => {
                if let Some(failures) = nag.failed(std::time::Instant::now()) {
                    tracing::warn!(
                        why,
                        failures,
                        "originals of mails can't be sealed; they stay in the database and wait"
                    );
                }
                if !wake::pause(AFTER_TROUBLE, &stop).await {
                    return;
                }
            }
        }
    }
}

/// Seals what is not, until little is left.
async fn some(shared: &Shared, settings: &Settings, store: &mut Option<Evidence>) -> Result<(), String> {
    loop {
        let waiting = shared.store.read(|tx| Box::pin(async move { mails::unsealed(tx, AT_ONCE).await }));
        let waiting = waiting.await.map_err(|error| error.to_string())?;
        let count = waiting.len();
        if count == 0 {
            return Ok(());
        }
        // Opened with the first mail: who has none gets no folder and no key.
        let evidence = match store {
            Some(evidence) => evidence,
            None => store.insert(Evidence::open(settings).await.map_err(|error| error.to_string())?),
        };
        let mut sealed = Vec::with_capacity(count);
        for (id, received_at) in waiting {
            one(shared, evidence, id, received_at).await?;
            sealed.push(id);
        }
        crash_point!("seal.before_mark");
        let marked = shared.store.write("sealed", move |tx| {
            Box::pin(async move {
                crate::net::alone(tx).await?;
                for id in sealed {
                    mails::sealed(tx, id).await?;
                }
                Ok::<_, StoreError>(())
            })
        });
        marked.await.map_err(|error| error.to_string())?;
        if i64::try_from(count).unwrap_or(0) < AT_ONCE {
            return Ok(());
        }
    }
}

/// The same bytes under the same name: sealing twice changes nothing.
async fn one(shared: &Shared, evidence: &Evidence, id: i64, received_at: Micros) -> Result<(), String> {
    let row = shared.store.read(move |tx| Box::pin(async move { inbox::find(tx, &Scope::All, id).await }));
    let Some(sealed) = row.await.map_err(|error| error.to_string())? else { return Ok(()) };
    evidence.put(&name(id, received_at), &sealed.raw).await.map(|_| ()).map_err(|error| error.to_string())
}
