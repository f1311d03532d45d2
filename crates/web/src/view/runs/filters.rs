//! What a person asked the list of runs for, exactly as it stands in the address. A value that means nothing filters by nothing.

use crate::view::Asked;
use serde::Deserialize;

/// The query of `/runs`. Empty text means "any".
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct RunFilters {
    pub state: String,
    pub host: String,
    pub runbook: String,
    pub incident: String,
    /// Words in what hosts said.
    pub text: String,
    pub cursor: String,
}

impl Asked for RunFilters {
    const PATH: &'static str = "/runs";
    const BESIDES: &'static [&'static str] = &["state"];

    fn pairs(&self) -> Vec<(&'static str, &str)> {
        vec![
            ("state", &self.state),
            ("host", &self.host),
            ("runbook", &self.runbook),
            ("incident", &self.incident),
            ("text", &self.text),
            ("cursor", &self.cursor),
        ]
    }
}
