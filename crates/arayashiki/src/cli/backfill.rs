//! `backfill`: wants a span of history, then shows how far it is. A running server fetches; where none runs this process
//! does, until it is done or stopped. Whoever stops it loses nothing: the same command goes on.

mod came;
mod follow;
mod span;

pub use came::grouped;

use super::{Failure, say_on_stderr};
use crate::config::Config;
use crate::wiring;
use clap::Args;
use duties::backfill::slices;
use follow::{Ended, Follow};
use model::{Micros, Scope};
use span::Span;
use store::backfills;
use store::{Store, StoreError, Tx, audit};

const ACTOR: &str = "command line";
/// Waiting or running at once.
const MOST_LIVE: usize = 5;
/// "Until now", asked twice, differs by the time between the two.
const SAME_S: i64 = 600;

#[derive(Debug, Args)]
pub struct Backfill {
    /// From the beginning of this day in the configured time zone (2025-11-01), or from this instant (RFC 3339).
    #[arg(long, value_name = "DATE")]
    since: String,
    /// To the end of this day, or to this instant; without it until now.
    #[arg(long, value_name = "DATE")]
    until: Option<String>,
}

pub async fn run(config: &Config, asked: &Backfill, json: bool) -> Result<(), Failure> {
    let now = store::Clock::default().now();
    let span =
        Span::read(&asked.since, asked.until.as_deref(), &config.server.time_zone, now).map_err(Failure::Wrong)?;
    if config.pagerduty.token.is_none() {
        let text = "[pagerduty] token is empty: history is read through the REST API, so put a key there";
        return Err(Failure::Wrong(text.to_owned()));
    }
    let store = wiring::open_store(config)?;
    let mut follow = Follow::new(config, store.clone(), json);
    let fetched = fetch(&store, &mut follow, span).await;
    follow.stop().await;
    store.close().await;
    fetched
}

/// What was left of an earlier call is finished first, then what came after it.
async fn fetch(store: &Store, follow: &mut Follow<'_>, mut span: Span) -> Result<(), Failure> {
    loop {
        let wanted = want(store, span).await?;
        if wanted.is_known {
            say_on_stderr("This span is being fetched already: here is how far it is.");
        }
        match follow.until_the_end(&wanted.id).await? {
            Ended::Done if span.until.since(wanted.until) >= SAME_S * 1_000_000 => span.since = wanted.until,
            Ended::Done => return Ok(()),
            Ended::Interrupted => return Err(Failure::Failed(follow.goodbye().to_owned())),
        }
    }
}

/// The backfill that stands for a span.
struct Wanted {
    id: String,
    until: Micros,
    /// It was asked for before.
    is_known: bool,
}

async fn want(store: &Store, span: Span) -> Result<Wanted, StoreError> {
    let (secret, _) = web::auth::new_secret();
    let id: String = secret.chars().take(16).collect();
    store.write("ask_backfill", move |tx| Box::pin(async move { add(tx, id, span).await })).await
}

async fn add(tx: &mut Tx, id: String, span: Span) -> Result<Wanted, StoreError> {
    tx.lock(&["backfills".to_owned()]).await?;
    let live = backfills::live(tx).await?;
    let is_same = |b: &&backfills::Backfill| {
        let is_near = b.until.since(span.until).abs() < SAME_S * 1_000_000;
        b.since == span.since && (is_near || (span.is_open_ended && b.until < span.until))
    };
    if let Some(same) = live.iter().find(is_same) {
        return Ok(Wanted { id: same.id.clone(), until: same.until, is_known: true });
    }
    if live.len() >= MOST_LIVE {
        let text = format!("{MOST_LIVE} backfills wait or run already: wait for one to end, or stop one on the page");
        return Err(StoreError::Refused(text));
    }
    let (since, until) = (span.since, span.until);
    backfills::add(tx, &id, since, until, ACTOR, &slices(since, until)).await?;
    let detail = serde_json::json!({ "since": since.rfc3339(), "until": until.rfc3339() });
    audit::add(tx, ACTOR, "backfill.ask", &format!("backfill/{id}"), None, &detail).await?;
    Ok(Wanted { id, until, is_known: false })
}

/// How it is now.
async fn state(store: &Store, id: &str) -> Result<(backfills::Backfill, backfills::Progress), StoreError> {
    let id = id.to_owned();
    store
        .read(move |tx| {
            Box::pin(async move {
                let gone = || StoreError::Refused("the backfill is gone from the store: ask for the span again".into());
                let backfill = backfills::get(tx, &Scope::All, &id).await?.ok_or_else(gone)?;
                let progress = backfills::progress(tx, &Scope::All, &backfill).await?;
                Ok((backfill, progress))
            })
        })
        .await
}
