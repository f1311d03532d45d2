//! Scripted trouble of the connections and commands: which host, which command, at which hit, and how.

use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::watch;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Act {
    /// No route: the bastion cannot connect. A bastion's own listener ends the connection at once.
    Unreachable,
    /// Whatever is sent to it vanishes: a connection is neither made nor refused.
    Silent,
    /// A key that nobody knows.
    HostKeyChanged,
    LoginRefused,
    /// A bastion that lets nobody through.
    ForwardingForbidden,
    /// The command is taken and nothing comes of it.
    Hang,
    Delay {
        ms: u64,
    },
    Slow {
        bytes_per_s: u64,
    },
    /// The connection ends after so many bytes of output.
    Cut {
        after_bytes: u64,
    },
    /// So many bytes of lines instead of the command's output.
    Flood {
        bytes: u64,
    },
    /// So many bytes of anything, zeros and broken letters among them.
    Binary {
        bytes: u64,
    },
    /// Ended by a signal, as `KILL`.
    Signal {
        name: String,
    },
    /// The channel is closed without a status.
    NoStatus,
    /// `sudo` wants a password.
    SudoRefused,
    /// Commands that are not installed.
    Missing {
        commands: Vec<String>,
    },
    /// Nothing more can be written on the host.
    NoSpace,
}

/// Where in the life of a connection it happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Moment {
    Connect,
    Key,
    Login,
    Forward,
    Command,
}

impl Act {
    fn moment(&self) -> Moment {
        match self {
            Self::Unreachable | Self::Silent => Moment::Connect,
            Self::HostKeyChanged => Moment::Key,
            Self::LoginRefused => Moment::Login,
            Self::ForwardingForbidden => Moment::Forward,
            _ => Moment::Command,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// A host's or bastion's name; every one without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// A part of the command or of the script that is sent to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    #[serde(default = "one")]
    pub nth: u32,
    /// How often it happens; without it until the faults are cleared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u32>,
    #[serde(rename = "do")]
    pub act: Act,
    #[serde(default, skip_deserializing)]
    hits: u32,
    #[serde(default, skip_deserializing)]
    fired: u32,
}

fn one() -> u32 {
    1
}

impl Fault {
    /// On that host until the faults are cleared.
    pub fn on(host: &str, act: Act) -> Self {
        Self { host: Some(host.to_owned()), command: None, nth: 1, times: None, act, hits: 0, fired: 0 }
    }

    /// So often, and then no more.
    #[must_use]
    pub fn times(self, times: u32) -> Self {
        Self { times: Some(times), ..self }
    }

    fn is_about(&self, host: &str, moment: Moment, command: &str) -> bool {
        self.act.moment() == moment
            && self.host.as_deref().is_none_or(|own| own == host)
            && self.command.as_deref().is_none_or(|part| command.contains(part))
    }
}

#[derive(Debug, Default)]
pub(super) struct Faults {
    all: Mutex<Vec<Fault>>,
    /// Rises when the faults are cleared, so that what hangs ends.
    cleared: watch::Sender<u64>,
}

impl Faults {
    /// Everything that happens at this moment, in the order in which it was scripted.
    pub(super) fn hit(&self, host: &str, moment: Moment, command: &str) -> Vec<Act> {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        let mut acts = Vec::new();
        for fault in all.iter_mut().filter(|own| own.is_about(host, moment, command)) {
            fault.hits += 1;
            if fault.hits >= fault.nth && fault.times.is_none_or(|times| fault.fired < times) {
                fault.fired += 1;
                acts.push(fault.act.clone());
            }
        }
        acts
    }

    pub(super) fn add(&self, faults: Vec<Fault>) {
        self.all.lock().unwrap_or_else(PoisonError::into_inner).extend(faults);
    }

    pub(super) fn read(&self, body: &Value) -> Result<Value, String> {
        let faults: Vec<Fault> = serde_json::from_value(body["faults"].clone()).map_err(|e| format!("faults: {e}"))?;
        if faults.iter().any(|own| own.nth == 0 || own.times == Some(0)) {
            return Err("nth and times count from 1".into());
        }
        self.add(faults);
        Ok(self.shown())
    }

    pub(super) fn clear(&self) -> Value {
        self.all.lock().unwrap_or_else(PoisonError::into_inner).clear();
        self.cleared.send_modify(|n| *n += 1);
        self.shown()
    }

    pub(super) fn shown(&self) -> Value {
        json!({ "faults": *self.all.lock().unwrap_or_else(PoisonError::into_inner) })
    }

    /// Waits until the faults are cleared.
    pub(super) async fn hang(&self) {
        let mut cleared = self.cleared.subscribe();
        // The sender lives as long as the world.
        let _cleared = cleared.changed().await;
    }
}
