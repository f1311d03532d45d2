//! Somebody who has a mailbox followed: keeps what is handed over and waits for what should come.

use super::{Cursor, Fetched, NotTaken, Settings, Status, fake::Log, follow};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

#[derive(Clone, Debug, Default)]
pub struct Seen {
    pub fetched: Vec<Fetched>,
    pub kept: Vec<Cursor>,
    pub told: Vec<Status>,
}

impl Seen {
    pub fn uids(&self) -> Vec<u32> {
        self.fetched.iter().map(|one| one.uid).collect()
    }

    pub fn troubles(&self) -> Vec<(super::TroubleKind, String)> {
        let troubles = self.told.iter().filter_map(|status| match status {
            Status::Trouble { trouble, .. } => Some((trouble.kind, trouble.text.clone())),
            _ => None,
        });
        troubles.collect()
    }

    pub fn looks(&self) -> usize {
        self.told.iter().filter(|status| matches!(status, Status::Looked { .. })).count()
    }
}

/// What the listener refuses, so many times each.
#[derive(Clone, Debug, Default)]
pub struct Refuse {
    pub uids: BTreeSet<u32>,
    pub keeps: usize,
}

pub struct Watch {
    seen: watch::Receiver<Seen>,
    stop: CancellationToken,
    tasks: JoinSet<()>,
}

impl Watch {
    pub fn start(settings: Settings, cursor: Option<Cursor>, log: Log) -> Self {
        Self::refusing(settings, cursor, log, Refuse::default())
    }

    pub fn refusing(settings: Settings, cursor: Option<Cursor>, log: Log, refuse: Refuse) -> Self {
        let (sender, seen) = watch::channel(Seen::default());
        let sender = Arc::new(sender);
        let refuse = Arc::new(Mutex::new(refuse));
        let stop = CancellationToken::new();
        let mut tasks = JoinSet::new();
        let (of_deliver, of_keep, of_tell) = (sender.clone(), sender.clone(), sender);
        let (may_deliver, may_keep) = (refuse.clone(), refuse);
        let log_keep = log.clone();
        let of_task = stop.clone();
        let deliver = move |one: Fetched| -> super::super::Taken {
            let refused = may_deliver.lock().unwrap().uids.remove(&one.uid);
            if refused {
                return Box::pin(async { Err(NotTaken { why: "the disk is full".into() }) });
            }
            log.lock().unwrap().push(format!("deliver {}", one.uid));
            of_deliver.send_modify(|seen| seen.fetched.push(one));
            Box::pin(async { Ok(()) })
        };
        let keep = move |cursor: Cursor| -> super::super::Taken {
            let mut refuse = may_keep.lock().unwrap();
            if refuse.keeps > 0 {
                refuse.keeps -= 1;
                return Box::pin(async { Err(NotTaken { why: "the database is away".into() }) });
            }
            log_keep.lock().unwrap().push(format!("keep {}", cursor.last_uid));
            of_keep.send_modify(|seen| seen.kept.push(cursor));
            Box::pin(async { Ok(()) })
        };
        let tell = move |status| of_tell.send_modify(|seen| seen.told.push(status));
        tasks.spawn(async move { follow(settings, cursor, deliver, keep, tell, of_task).await });
        Self { seen, stop, tasks }
    }

    /// Waits until it is so; the limit only ends a test that would hang.
    pub async fn until(&self, what: &str, is_so: impl Fn(&Seen) -> bool) -> Seen {
        let mut seen = self.seen.clone();
        let waited = tokio::time::timeout(Duration::from_secs(60), seen.wait_for(|seen| is_so(seen))).await;
        match waited {
            Ok(Ok(seen)) => seen.clone(),
            _ => panic!("{what} did not come: {:#?}", self.seen.borrow()),
        }
    }

    /// The first look is done: from here on mails are new.
    pub async fn begun(&self) -> Seen {
        self.until("the first look", |seen| seen.looks() > 0).await
    }

    pub async fn fetched(&self, mails: usize) -> Seen {
        let seen = self.until("a mail", |seen| seen.fetched.len() >= mails).await;
        assert_eq!(seen.fetched.len(), mails, "{:?}", seen.uids());
        seen
    }

    /// Stops, and gives what was seen in all.
    pub async fn end(mut self) -> Seen {
        self.stop.cancel();
        let ended = tokio::time::timeout(Duration::from_secs(60), self.tasks.join_next()).await;
        ended.expect("it did not stop").unwrap().unwrap();
        self.seen.borrow().clone()
    }
}
