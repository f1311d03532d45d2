//! The judge's record of the smaller systems: every effect from outside, in order, on disk before its reply is written.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};
use tokio::sync::watch;

use crate::clock::{micros, real_now};

#[derive(Debug)]
pub(crate) struct Journal {
    inner: Mutex<Inner>,
    changed: watch::Sender<usize>,
}

#[derive(Debug)]
struct Inner {
    file: Option<File>,
    all: Vec<Value>,
}

impl Journal {
    pub(crate) fn open(path: Option<&Path>) -> std::io::Result<Arc<Self>> {
        let file = path.map(|p| OpenOptions::new().create(true).append(true).open(p)).transpose()?;
        Ok(Arc::new(Self { inner: Mutex::new(Inner { file, all: Vec::new() }), changed: watch::Sender::new(0) }))
    }

    /// Numbers, writes and syncs. An error means that nothing is known to be safe, so the reply must be withheld.
    pub(crate) async fn keep(self: &Arc<Self>, kind: &str, detail: Value) -> std::io::Result<u64> {
        let (own, kind) = (Arc::clone(self), kind.to_owned());
        let kept = tokio::task::spawn_blocking(move || own.write(&kind, detail)).await;
        kept.unwrap_or_else(|e| Err(std::io::Error::other(e)))
    }

    fn write(&self, kind: &str, detail: Value) -> std::io::Result<u64> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let seq = inner.all.len() as u64 + 1;
        let line = json!({ "seq": seq, "at": micros(real_now()), "kind": kind, "detail": detail });
        if let Some(file) = &mut inner.file {
            file.write_all(format!("{line}\n").as_bytes())?;
            file.sync_data()?;
        }
        inner.all.push(line);
        let count = inner.all.len();
        drop(inner);
        self.changed.send_replace(count);
        Ok(seq)
    }

    pub(crate) fn all(&self) -> Vec<Value> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner).all.clone()
    }

    /// The details of one kind, each with its number and time.
    pub(crate) fn of_kind(&self, kind: &str) -> Vec<Value> {
        let own = self.all().into_iter().filter(|e| e["kind"] == kind);
        let flat = own.map(|e| {
            let mut detail = e["detail"].clone();
            detail["seq"] = e["seq"].clone();
            detail["at"] = e["at"].clone();
            detail
        });
        flat.collect()
    }

    /// Waits until there are so many effects, or for so long.
    pub(crate) async fn wait_for(&self, count: usize, wait: std::time::Duration) {
        let mut changes = self.changed.subscribe();
        // In time or not, whoever asked looks for himself.
        let _in_time = tokio::time::timeout(wait, changes.wait_for(|n| *n >= count)).await;
    }
}
