//! A monitor that is read by configured patterns: a home-grown script's mail. Never matches what no pattern names.

use super::pattern::{BadPattern, Pattern};
use serde::{Deserialize, Serialize};

/// The groups that a pattern may name.
const GROUPS: [&str; 6] = ["host", "check", "severity", "state", "key", "time"];

/// As they are written in the configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PatternTexts {
    /// With groups such as `(?P<host>\S+)`; host, check, severity, state, key, time.
    pub subject: Option<String>,
    /// The same, looked for in the body.
    pub body: Option<String>,
    /// In subject or body: something is wrong.
    pub problem: Option<String>,
    /// In subject or body: it is over. Looked for before `problem`.
    pub recovery: Option<String>,
    /// In subject or body: news that ask for nothing.
    pub update: Option<String>,
    /// In subject or body: a test, a notice.
    pub notice: Option<String>,
    /// In subject or body; their first group, or all of it.
    pub host: Option<String>,
    pub check: Option<String>,
    pub severity: Option<String>,
    pub key: Option<String>,
    pub time: Option<String>,
    /// As of strptime, e.g. `%Y/%m/%d %H:%M:%S`; without it the usual forms are tried.
    pub time_format: Option<String>,
}

#[derive(Clone, Debug, Default)]
pub struct Patterns {
    pub(super) subject: Option<Pattern>,
    pub(super) body: Option<Pattern>,
    pub(super) problem: Option<Pattern>,
    pub(super) recovery: Option<Pattern>,
    pub(super) update: Option<Pattern>,
    pub(super) notice: Option<Pattern>,
    pub(super) fields: Vec<(&'static str, Pattern)>,
    pub(super) time_format: Option<String>,
}

impl Patterns {
    /// `place` is where in the configuration they stand, for the error.
    pub fn parse(place: &str, texts: &PatternTexts) -> Result<Self, BadPattern> {
        let of = |name: &str, text: &Option<String>| {
            text.as_deref().map(|text| Pattern::new(&format!("{place}.{name}"), text)).transpose()
        };
        let mut fields = Vec::new();
        let singles =
            [&texts.host, &texts.check, &texts.severity, &None, &texts.key, &texts.time].into_iter().zip(GROUPS);
        for (text, name) in singles {
            fields.extend(of(name, text)?.map(|pattern| (name, pattern)));
        }
        let patterns = Self {
            subject: of("subject", &texts.subject)?,
            body: of("body", &texts.body)?,
            problem: of("problem", &texts.problem)?,
            recovery: of("recovery", &texts.recovery)?,
            update: of("update", &texts.update)?,
            notice: of("notice", &texts.notice)?,
            fields,
            time_format: texts.time_format.clone(),
        };
        patterns.checked(place, texts)
    }

    fn checked(self, place: &str, texts: &PatternTexts) -> Result<Self, BadPattern> {
        if [&self.subject, &self.body, &self.problem, &self.recovery].into_iter().all(Option::is_none) {
            let why = "none of subject, body, problem, recovery is given, so it would match no mail".into();
            return Err(BadPattern { name: place.to_owned(), text: String::new(), why });
        }
        for (name, pattern, text) in [("subject", &self.subject, &texts.subject), ("body", &self.body, &texts.body)] {
            let unknown = pattern.iter().flat_map(Pattern::names).find(|group| !GROUPS.contains(group));
            if let Some(unknown) = unknown {
                let why = format!("the group {unknown} is unknown; there are {}", GROUPS.join(", "));
                let text = text.clone().unwrap_or_default();
                return Err(BadPattern { name: format!("{place}.{name}"), text, why });
            }
        }
        Ok(self)
    }
}
