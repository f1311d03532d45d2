//! Hosts and bastions: how each was last reached, what is known of it, which keys are trusted, and what was run there.

use super::super::Frame;
use super::words::{is_alarm, reach_shape};
use super::{RunForm, RunRow};
use crate::markup::{Markup, encode};
use crate::{Complaint, HostsMode};
use model::Micros;
use model::host::{Host, Login};

/// A clock that is off by more than this makes logs of two hosts hard to lay side by side.
const CLOCK_OFF_MS: i64 = 1_000;

#[derive(Clone, Debug, Default)]
pub struct HostsView {
    pub mode: HostsMode,
    /// By customer, in the order of their names.
    pub groups: Vec<(Option<String>, Vec<HostRow>)>,
    /// For those who see everything.
    pub bastions: Vec<HostRow>,
    pub complaints: Vec<Complaint>,
}

/// A host or a bastion in the matrix.
#[derive(Clone, Debug, Default)]
pub struct HostRow {
    pub name: String,
    /// `user@address`, with its port where that is not 22.
    pub at: String,
    pub reach: Option<ReachRow>,
    pub last: Option<RunRow>,
}

/// How it was last reached.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReachRow {
    pub state: String,
    pub since: Micros,
    pub checked_at: Micros,
    /// Which host of the way it failed at.
    pub hop: Option<String>,
    pub cause: Option<String>,
    pub elapsed_ms: Option<i64>,
    pub clock_offset_ms: Option<i64>,
    /// yes, no or unknown.
    pub sudo: Option<String>,
    pub system: Option<String>,
    pub host_key: Option<String>,
}

#[derive(Clone, Debug)]
pub struct HostView {
    pub row: HostRow,
    pub host: Host,
    /// The customer's name.
    pub customer: Option<String>,
    pub keys: Vec<TrustedKey>,
    pub runs: Vec<RunRow>,
    pub may_test: bool,
    pub nonce: String,
    pub form: RunForm,
    /// What this person asked for a moment ago.
    pub asked: Option<&'static str>,
    pub refused: Option<String>,
}

/// A host key that a person trusts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustedKey {
    pub kind: String,
    pub fingerprint: String,
    pub at: Micros,
    /// The person's name.
    pub by: String,
}

impl HostRow {
    pub fn href(&self) -> String {
        format!("/hosts/{}", encode(&self.name))
    }

    pub fn is_alarm(&self) -> bool {
        self.reach.as_ref().is_some_and(|reach| is_alarm(&reach.state))
    }

    pub fn mark(&self, f: &Frame) -> Markup {
        match &self.reach {
            Some(reach) => f.reach(&reach.state),
            None => f.mark("unknown", f.t("reach-never")),
        }
    }

    pub fn word(&self, f: &Frame) -> String {
        self.reach.as_ref().map_or_else(|| f.t("reach-never"), |reach| f.word("reach", &reach.state))
    }

    fn is_reached(&self) -> bool {
        self.reach.as_ref().is_some_and(|reach| reach.state == "reached")
    }
}

impl ReachRow {
    pub fn is_reached(&self) -> bool {
        self.state == "reached"
    }

    /// Whether commands may be run as root there.
    pub fn sudo_words(&self, f: &Frame) -> String {
        self.sudo.as_ref().map_or_else(|| f.word("sudo", "unknown"), |sudo| f.word("sudo", sudo))
    }

    /// How far its clock is off ours, with its sign.
    pub fn clock_words(&self, f: &Frame) -> Option<String> {
        let off = self.clock_offset_ms?;
        // What is shown as nothing has no sign.
        let sign = match off {
            -49..=49 => "±",
            _ if off < 0 => "−",
            _ => "+",
        };
        let by = crate::when::tenths(f.language, off.saturating_abs().saturating_mul(1_000));
        Some(format!("{sign}{by}"))
    }

    pub fn is_clock_off(&self) -> bool {
        self.clock_offset_ms.is_some_and(|off| off.abs() > CLOCK_OFF_MS)
    }
}

impl HostsView {
    fn rows(&self) -> impl Iterator<Item = &HostRow> {
        self.groups.iter().flat_map(|(_, rows)| rows)
    }

    pub fn is_empty(&self) -> bool {
        self.groups.is_empty() && self.bastions.is_empty()
    }

    /// Keys that changed, which somebody has to look at now.
    pub fn alarms(&self) -> Vec<&HostRow> {
        self.rows().chain(&self.bastions).filter(|row| row.is_alarm()).collect()
    }

    pub fn sentence(&self, f: &Frame) -> String {
        let (all, reached) = (self.rows().count(), self.rows().filter(|row| row.is_reached()).count());
        let tried = self.rows().filter(|row| row.reach.is_some()).count();
        match (all, tried - reached, all - tried) {
            (0, ..) => f.t("hosts-none"),
            (all, 0, 0) => f.t1("hosts-all-reached", "n", all),
            (all, 0, untried) => f.t2("hosts-untried", "n", all, "untried", untried),
            (all, lost, _) => f.t2("hosts-some-lost", "n", all, "lost", lost),
        }
    }

    pub fn state(&self) -> &'static str {
        let worst = |shape: &str| {
            self.rows()
                .chain(&self.bastions)
                .any(|row| row.reach.as_ref().map_or("unknown", |reach| reach_shape(&reach.state)) == shape)
        };
        let shapes = ["triggered", "missing", "acknowledged", "unknown"];
        shapes.into_iter().find(|shape| worst(shape)).unwrap_or(if self.rows().count() == 0 {
            "unknown"
        } else {
            "resolved"
        })
    }

    pub fn mode_words(&self, f: &Frame) -> Option<String> {
        (self.mode == HostsMode::Observe && self.rows().count() > 0).then(|| f.t("evidence-observe"))
    }
}

impl HostView {
    /// How it is, in a sentence.
    pub fn sentence(&self, f: &Frame) -> String {
        match &self.row.reach {
            None => f.t("host-never-tried"),
            Some(reach) if reach.is_reached() => f.t1("host-is-reached", "span", f.between(&reach.since, &f.now)),
            Some(reach) => {
                f.t2("host-is-lost", "why", f.word("reach", &reach.state), "span", f.between(&reach.since, &f.now))
            }
        }
    }

    pub fn shape(&self) -> &'static str {
        self.row.reach.as_ref().map_or("unknown", |reach| reach_shape(&reach.state))
    }

    pub fn remedy(&self, f: &Frame) -> Option<String> {
        let reach = self.row.reach.as_ref()?;
        f.reach_remedy(&reach.state, reach.hop.as_deref().unwrap_or(&self.row.name))
    }

    pub fn trust_command(&self) -> String {
        format!("arayashiki host trust {}", self.row.name)
    }

    pub fn logins(&self, f: &Frame) -> Vec<String> {
        self.host.at.logins.iter().map(|login| login_words(f, login)).collect()
    }

    pub fn tags(&self) -> Vec<(&String, &String)> {
        self.host.tags.iter().collect()
    }

    pub fn groups(&self, f: &Frame) -> String {
        f.join(&self.host.groups.iter().cloned().collect::<Vec<_>>())
    }

    pub fn origin(&self, f: &Frame) -> String {
        match &self.host.origin {
            model::host::Origin::Config => f.t("host-origin-config"),
            other => f.brief(&other.to_string()),
        }
    }

    pub fn asked_words(&self, f: &Frame) -> Option<String> {
        self.asked.map(|what| f.word("run-asked", what))
    }
}

fn login_words(f: &Frame, login: &Login) -> String {
    match login {
        Login::Key { file, certificate: Some(certificate) } => {
            f.t2("host-login-certificate", "file", f.brief(file), "certificate", f.brief(certificate))
        }
        Login::Key { file, certificate: None } => f.t1("host-login-key", "file", f.brief(file)),
        Login::Agent { socket } => f.t1("host-login-agent", "socket", f.brief(socket)),
    }
}
