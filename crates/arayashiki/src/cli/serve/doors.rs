//! The doors for mail: SMTP and LMTP listeners, a mailbox that is followed, Amazon SES. Each hands over to the engine, which
//! says when a mail is durable.

use super::{Failure, listen};
use crate::config::Config;
use crate::wiring::net;
use connectors::imap::{self, Cursor, Fetched, NotTaken, Status};
use engine::{Shared, post};
use futures_util::FutureExt;
use model::mail::{Door, Envelope};
use model::signal::Origin;
use smtp::{Counts, Protocol, Received, Refused};
use std::net::SocketAddr;
use std::sync::Arc;
use store::StoreError;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// Listeners for mail, bound before anything starts.
pub struct Doors {
    listeners: Vec<(TcpListener, smtp::Settings)>,
}

impl Doors {
    /// None of them without recipients.
    pub async fn open(config: &Config) -> Result<Self, Failure> {
        let mut listeners = Vec::new();
        if !config.smtp.recipients.is_empty() {
            let lmtp = config.smtp.lmtp_listen.map(|address| (address, Protocol::Lmtp));
            let doors: Vec<(SocketAddr, Protocol)> =
                std::iter::once((config.smtp.listen, Protocol::Smtp)).chain(lmtp).collect();
            for (address, protocol) in doors {
                listeners.push((listen(address).await?, net::smtp(config, protocol)?));
            }
        }
        Ok(Self { listeners })
    }

    /// Receives until told to stop.
    pub fn start(self, shared: &Shared, sockets: &mut JoinSet<()>, stop: &CancellationToken) {
        for (listener, settings) in self.listeners {
            let address = listener.local_addr().map(|address| address.to_string()).unwrap_or_default();
            tracing::info!(listen = address, protocol = ?settings.protocol, "mail is taken");
            let counts = Arc::new(Counts::default());
            let shown = counts.clone();
            shared.metrics.add_door(settings.protocol.door().source(), Box::new(move || shown.all()));
            sockets.spawn(serve(shared.clone(), listener, settings, counts, stop.clone()));
        }
    }
}

async fn serve(
    shared: Shared,
    listener: TcpListener,
    settings: smtp::Settings,
    counts: Arc<Counts>,
    stop: CancellationToken,
) {
    let deliver: smtp::Deliver = Arc::new(move |received: Received| {
        let shared = shared.clone();
        async move {
            let Received { envelope, raw } = received;
            post::take(&shared, &envelope, raw, Origin::Live).await.map_err(|error| refused(&error))
        }
        .boxed()
    });
    smtp::serve(listener, Arc::new(settings), deliver, counts, stop).await;
}

const fn refused(error: &StoreError) -> Refused {
    match error {
        StoreError::Full => Refused::Busy,
        _ => Refused::NotDurable,
    }
}

/// Follows the mailbox until told to stop.
pub async fn follow(shared: Shared, settings: imap::Settings, stop: CancellationToken) {
    let name = format!("{}@{}/{}", settings.user, settings.host, settings.mailbox);
    let cursor = loop {
        match post::cursor(&shared, &name).await {
            Ok(cursor) => break cursor.and_then(|text| serde_json::from_str::<Cursor>(&text).ok()),
            Err(error) => shared.trouble.failed(&error, "reading how far the mailbox was read"),
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(std::time::Duration::from_secs(1)) => {}
        }
    };
    let (taker, keeper, teller) = (shared.clone(), shared.clone(), shared);
    let (keep_name, tell_name) = (name.clone(), name.clone());
    let place = name;
    let deliver = move |mail: Fetched| {
        let (shared, place) = (taker.clone(), place.clone());
        async move { taken(&shared, &place, mail).await.map_err(|error| NotTaken { why: error.to_string() }) }.boxed()
    };
    let keep = move |cursor: Cursor| {
        let (shared, name) = (keeper.clone(), keep_name.clone());
        async move {
            let text = serde_json::to_string(&cursor).map_err(|error| NotTaken { why: error.to_string() })?;
            post::keep_cursor(&shared, &name, text).await.map_err(|error| NotTaken { why: error.to_string() })
        }
        .boxed()
    };
    // Told without waiting; written one after the other.
    let (said, mut heard) = tokio::sync::mpsc::unbounded_channel();
    let tell = move |status: Status| drop(said.send(status));
    let written = async {
        while let Some(status) = heard.recv().await {
            told(&teller, &tell_name, status).await;
        }
    };
    tokio::join!(imap::follow(settings, cursor, deliver, keep, tell, stop), written);
}

async fn taken(shared: &Shared, place: &str, mail: Fetched) -> Result<(), StoreError> {
    let envelope = Envelope {
        door: Door::Imap,
        from: mail.return_path,
        recipients: mail.recipient.into_iter().collect(),
        peer: None,
        helo: None,
        tls: true,
        checked: None,
        place: Some(format!("{place};UIDVALIDITY={};UID={}", mail.uid_validity, mail.uid)),
    };
    let origin = if mail.is_old { Origin::Backfill } else { Origin::Live };
    post::take(shared, &envelope, mail.raw, origin).await
}

async fn told(shared: &Shared, name: &str, status: Status) {
    let written = match status {
        Status::Connected(_) => {
            tracing::info!(mailbox = name, "the mailbox is followed");
            post::tell_mailbox(shared, name, |state, now| {
                state.connected_at = Some(now);
                (state.trouble, state.trouble_since) = (None, None);
            })
            .await
        }
        Status::Baseline { left_alone } => {
            tracing::info!(mailbox = name, left_alone, "first look: what lies there is left alone");
            post::tell_mailbox(shared, name, move |state, _| state.left_alone = left_alone).await
        }
        Status::Renumbered { new, old, left_alone } => {
            tracing::warn!(mailbox = name, new, old, left_alone, "the server has numbered its mails anew");
            Ok(())
        }
        Status::Looked { .. } => post::tell_mailbox(shared, name, |state, now| state.looked_at = Some(now)).await,
        Status::NotDone { text } => {
            tracing::warn!(mailbox = name, text, "mails are kept, and could not be flagged or moved");
            Ok(())
        }
        Status::Trouble { trouble, next_try_ms } => {
            tracing::warn!(mailbox = name, %trouble, next_try_ms, "the mailbox can't be read");
            let text = trouble.to_string();
            post::tell_mailbox(shared, name, move |state, now| {
                state.trouble_since = state.trouble_since.or(Some(now));
                state.trouble = Some(text);
            })
            .await
        }
    };
    if let Err(error) = written {
        shared.trouble.failed(&error, "writing down how the mailbox does");
    }
}
