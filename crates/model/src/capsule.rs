//! A capsule: one thing that was asked of a host, when, what came back, and why nothing did. It is written once and never
//! changed; its canonical JSON is what the record's chain holds the digest of. Holds no output itself, only what it was.

use crate::Micros;
use crate::canonical::{self, CanonicalError};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CapsuleId(pub String);

/// The run that a capsule belongs to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RunId(pub String);

/// What a capsule tells of. Told by its name, so that later kinds need no other form.
pub mod kind {
    /// A command that was, or was to be, run on a host.
    pub const COMMAND: &str = "command";
    /// A host that could not be reached, or must not be.
    pub const REACH: &str = "reach";
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capsule {
    pub id: CapsuleId,
    /// One of [`kind`].
    pub kind: String,
    pub run: RunId,
    /// The step's name in its runbook.
    pub step: String,
    pub incident: Option<String>,
    pub customer: Option<String>,
    pub host: String,
    /// The bastions on the way, the first one first.
    pub hops: Vec<String>,
    /// The fingerprint of the key that the host showed; `None`: it was never reached.
    pub host_key: Option<String>,
    /// Exactly what was asked, redacted.
    pub command: String,
    /// Digest of the runbook that asked for it.
    pub runbook_digest: Option<String>,
    pub actor: String,
    pub asked_at: Micros,
    /// `None`: it did not begin.
    pub started_at: Option<Micros>,
    pub ended_at: Micros,
    pub ended: Ended,
    pub output: Output,
    /// How many secrets were taken out, by the rule that found them.
    pub redactions: BTreeMap<String, u64>,
    /// How it was judged, in the duty's word for it.
    pub judged: Option<String>,
}

/// How it came to its end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    Exit {
        status: i64,
    },
    Signal {
        name: String,
    },
    /// We stopped it, or the connection ended.
    Stopped {
        why: String,
    },
    NotStarted {
        why: String,
    },
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Output {
    pub out: Option<Stored>,
    pub err: Option<Stored>,
}

impl Output {
    pub fn each(&self) -> impl Iterator<Item = &Stored> {
        self.out.iter().chain(&self.err)
    }
}

/// What was captured, as it was stored: after redaction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stored {
    /// Its name in the evidence store.
    pub object: String,
    pub sha256: String,
    pub bytes: u64,
    /// The host had more to say than was kept.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_cut: bool,
}

impl Capsule {
    /// Canonical JSON: what is kept, and what is hashed.
    ///
    /// # Errors
    /// A number in it is beyond what JSON's readers agree on.
    pub fn text(&self) -> Result<String, CanonicalError> {
        Ok(String::from_utf8_lossy(&canonical::to_vec(self)?).into_owned())
    }
}

/// Where one stream of a step's output lies. A name each, so that nothing is ever written over.
pub fn object(capsule: &CapsuleId, asked_at: Micros, stream: &str) -> String {
    let day = asked_at.timestamp().to_zoned(jiff::tz::TimeZone::UTC);
    format!("output/{}/{}.{stream}", day.strftime("%Y/%m/%d"), capsule.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_text_is_canonical_and_reads_back() {
        let capsule = Capsule {
            id: CapsuleId("c1".into()),
            kind: kind::COMMAND.into(),
            run: RunId("r1".into()),
            step: "disk".into(),
            incident: Some("Q1".into()),
            customer: None,
            host: "web01".into(),
            hops: vec!["gate".into()],
            host_key: Some("SHA256:abc".into()),
            command: "df -P".into(),
            runbook_digest: None,
            actor: "system".into(),
            asked_at: Micros(1_790_000_000_000_001),
            started_at: Some(Micros(1_790_000_000_000_002)),
            ended_at: Micros(1_790_000_000_000_003),
            ended: Ended::Exit { status: 1 },
            output: Output {
                out: Some(Stored { object: "output/x".into(), sha256: "00".into(), bytes: 5, is_cut: false }),
                err: None,
            },
            redactions: BTreeMap::from([("password".to_owned(), 2)]),
            judged: Some("finding".into()),
        };
        let text = capsule.text().unwrap();
        assert!(text.starts_with(r#"{"actor":"system","asked_at":1790000000000001,"command":"df -P""#), "{text}");
        assert_eq!(serde_json::from_str::<Capsule>(&text).unwrap(), capsule);
    }

    #[test]
    fn an_object_is_named_by_its_day() {
        let name = object(&CapsuleId("c1".into()), Micros::from_seconds(1_790_000_000), "out");
        assert_eq!(name, "output/2026/09/21/c1.out");
    }
}
