//! The judge's record: every change that came from outside, in order, on disk before its reply is written.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use serde_json::{Value, json};

use super::clock::micros;
use super::state::State;

#[derive(Debug, Default)]
pub(crate) struct Effects {
    pub all: Vec<Value>,
}

/// What a change was, apart from when.
#[derive(Debug, Default)]
pub(crate) struct Effect<'a> {
    pub kind: &'a str,
    pub via: &'a str,
    pub incident: Option<&'a str>,
    pub key: Option<&'a str>,
    pub from: Option<&'a str>,
    pub detail: Value,
}

impl State {
    /// Returns the effect's number.
    pub(crate) fn record(&mut self, effect: &Effect<'_>) -> u64 {
        let seq = self.effects.all.len() as u64 + 1;
        self.effects.all.push(json!({
            "seq": seq, "at": micros(self.now), "kind": effect.kind, "via": effect.via, "incident": effect.incident,
            "key": effect.key, "detail": effect.detail, "from": effect.from,
        }));
        seq
    }
}

/// The log's file and how many effects are safe in it.
#[derive(Debug)]
pub(crate) struct EffectsFile {
    file: Option<Mutex<File>>,
    written: AtomicUsize,
}

impl EffectsFile {
    pub(crate) fn open(path: Option<&Path>) -> std::io::Result<Self> {
        let file = path.map(|p| OpenOptions::new().create(true).append(true).open(p)).transpose()?;
        Ok(Self { file: file.map(Mutex::new), written: AtomicUsize::new(0) })
    }

    pub(crate) fn is_behind(&self, upto: usize) -> bool {
        self.file.is_some() && self.written.load(Ordering::SeqCst) < upto
    }

    /// Writes what is not written yet and waits for the disk. Callers that come together share one wait.
    pub(crate) fn persist(&self, upto: usize, state: &Mutex<State>) -> std::io::Result<()> {
        let Some(file) = &self.file else { return Ok(()) };
        let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
        if !self.is_behind(upto) {
            return Ok(());
        }
        let (text, count) = {
            let state = state.lock().unwrap_or_else(PoisonError::into_inner);
            let fresh = state.effects.all[self.written.load(Ordering::SeqCst)..].iter();
            (fresh.map(|line| format!("{line}\n")).collect::<String>(), state.effects.all.len())
        };
        file.write_all(text.as_bytes())?;
        file.sync_data()?;
        self.written.store(count, Ordering::SeqCst);
        Ok(())
    }
}
