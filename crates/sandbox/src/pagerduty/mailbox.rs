//! E-mail integrations: an address, what makes an incident of a mail, filters and parsers. Decides what a mail asks for; what
//! then happens to the service is the way of every event.

use jiff::Timestamp;
use regex::Regex;
use serde::{Deserialize, Serialize};

use crate::mail::Read;

/// The account's part of every address.
pub(crate) const DOMAIN: &str = "example.pagerduty.com";
/// Keys are cut to this.
const MAX_KEY_CHARS: usize = 255;

#[derive(Debug, Clone)]
pub(crate) struct Mailbox {
    pub id: String,
    pub name: String,
    pub service: usize,
    pub address: String,
    pub created: Timestamp,
    pub deleted: bool,
    pub rules: Rules,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Creation {
    #[default]
    OnNewEmail,
    OnNewEmailSubject,
    OnlyIfNoOpenIncidents,
    UseRules,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) enum FilterMode {
    #[default]
    #[serde(rename = "all-email")]
    All,
    #[serde(rename = "or-rules-email")]
    AnyRule,
    #[serde(rename = "and-rules-email")]
    EveryRule,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Fallback {
    #[default]
    OpenNewIncident,
    Discard,
}

/// The settings of an integration, in the vendor's words.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Rules {
    pub email_incident_creation: Creation,
    pub email_filter_mode: FilterMode,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub email_filters: Vec<Filter>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub email_parsers: Vec<Parser>,
    pub email_parsing_fallback: Fallback,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum FilterPart {
    Match,
    NoMatch,
    Always,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Filter {
    subject_mode: FilterPart,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    subject_regex: Option<String>,
    body_mode: FilterPart,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    body_regex: Option<String>,
    from_email_mode: FilterPart,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from_email_regex: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Parser {
    action: Action,
    match_predicate: Predicate,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    value_extractors: Vec<Extractor>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Action {
    Trigger,
    Resolve,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Part {
    #[default]
    Body,
    Subject,
    FromAddresses,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Test {
    All,
    Any,
    Not,
    Contains,
    Exactly,
    Regex,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Predicate {
    #[serde(rename = "type")]
    test: Test,
    #[serde(default)]
    part: Part,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    matcher: Option<String>,
    #[serde(default)]
    children: Vec<Predicate>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Cut {
    Entire,
    Regex,
    Between,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Extractor {
    #[serde(rename = "type")]
    cut: Cut,
    part: Part,
    value_name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    regex: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    starts_after: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ends_with: Option<String>,
}

/// What a mail asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Wish {
    Trigger { key: Key, values: Vec<(String, String)> },
    Resolve { key: String, values: Vec<(String, String)> },
    Nothing { became: &'static str, reason: String },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Key {
    Own(String),
    Fresh,
    /// Joins an open incident of this integration, whichever it is.
    AnyOpen,
}

fn matches(pattern: Option<&str>, text: &str) -> bool {
    pattern.is_some_and(|pattern| Regex::new(pattern).is_ok_and(|regex| regex.is_match(text)))
}

fn part(mail: &Read, part: Part) -> String {
    match part {
        Part::Body => mail.text.clone(),
        Part::Subject => mail.subject.clone(),
        Part::FromAddresses => mail.from.join(", "),
    }
}

impl Mailbox {
    pub(crate) fn new(id: String, service: usize, name: &str, created: Timestamp) -> Self {
        let address = format!("{name}@{DOMAIN}");
        Self { id, name: "Email".into(), service, address, created, deleted: false, rules: Rules::default() }
    }
}

impl Rules {
    /// What is wrong with a pattern, if anything.
    pub(crate) fn problem(&self) -> Option<String> {
        let filters = self.email_filters.iter().flat_map(|f| [&f.subject_regex, &f.body_regex, &f.from_email_regex]);
        let extractors = self.email_parsers.iter().flat_map(|p| &p.value_extractors).map(|e| &e.regex);
        let mut patterns: Vec<&str> = filters.chain(extractors).filter_map(|p| p.as_deref()).collect();
        let mut waiting: Vec<&Predicate> = self.email_parsers.iter().map(|p| &p.match_predicate).collect();
        while let Some(one) = waiting.pop() {
            waiting.extend(&one.children);
            patterns.extend(one.matcher.as_deref().filter(|_| one.test == Test::Regex));
        }
        patterns.into_iter().find_map(|p| Regex::new(p).err().map(|e| format!("{p}: {e}")))
    }

    pub(crate) fn wish(&self, mail: &Read) -> Wish {
        if !self.lets_pass(mail) {
            return Wish::Nothing { became: "filtered", reason: "no e-mail filter lets this mail pass".into() };
        }
        let fresh = |key| Wish::Trigger { key, values: Vec::new() };
        match self.email_incident_creation {
            Creation::OnNewEmail => fresh(Key::Fresh),
            Creation::OnNewEmailSubject => fresh(Key::Own(cut(&mail.subject))),
            Creation::OnlyIfNoOpenIncidents => fresh(Key::AnyOpen),
            Creation::UseRules => self.parsed(mail),
        }
    }

    fn lets_pass(&self, mail: &Read) -> bool {
        match self.email_filter_mode {
            FilterMode::All => true,
            FilterMode::AnyRule => self.email_filters.iter().any(|f| f.lets_pass(mail)),
            FilterMode::EveryRule => self.email_filters.iter().all(|f| f.lets_pass(mail)),
        }
    }

    fn parsed(&self, mail: &Read) -> Wish {
        let found = self.email_parsers.iter().find(|p| p.match_predicate.holds(mail));
        let Some(parser) = found else { return self.fallen_back("no e-mail parser fits") };
        let read = parser.value_extractors.iter().map(|e| Some((e.value_name.clone(), e.value(mail)?)));
        let Some(values) = read.collect::<Option<Vec<_>>>() else {
            return self.fallen_back("an extractor of the parser finds nothing");
        };
        let key = values.iter().find(|(name, _)| name == "incident_key").map(|(_, value)| cut(value));
        match (parser.action, key) {
            (Action::Trigger, Some(key)) => Wish::Trigger { key: Key::Own(key), values },
            (Action::Trigger, None) => Wish::Trigger { key: Key::Fresh, values },
            (Action::Resolve, Some(key)) => Wish::Resolve { key, values },
            (Action::Resolve, None) => self.fallen_back("the resolving parser has no incident_key"),
        }
    }

    fn fallen_back(&self, reason: &str) -> Wish {
        match self.email_parsing_fallback {
            Fallback::OpenNewIncident => Wish::Trigger { key: Key::Fresh, values: Vec::new() },
            Fallback::Discard => {
                Wish::Nothing { became: "unparsed", reason: format!("{reason}; the rest is discarded") }
            }
        }
    }
}

fn cut(key: &str) -> String {
    key.trim().chars().take(MAX_KEY_CHARS).collect()
}

impl Filter {
    fn lets_pass(&self, mail: &Read) -> bool {
        let holds = |mode: FilterPart, pattern: &Option<String>, text: &str| match mode {
            FilterPart::Always => true,
            FilterPart::Match => matches(pattern.as_deref(), text),
            FilterPart::NoMatch => !matches(pattern.as_deref(), text),
        };
        holds(self.subject_mode, &self.subject_regex, &mail.subject)
            && holds(self.body_mode, &self.body_regex, &mail.text)
            && holds(self.from_email_mode, &self.from_email_regex, &mail.from.join(", "))
    }
}

impl Predicate {
    fn holds(&self, mail: &Read) -> bool {
        let text = part(mail, self.part);
        let matcher = self.matcher.as_deref().unwrap_or_default();
        match self.test {
            Test::All => self.children.iter().all(|c| c.holds(mail)),
            Test::Any => self.children.iter().any(|c| c.holds(mail)),
            Test::Not => !self.children.iter().any(|c| c.holds(mail)),
            Test::Contains => text.contains(matcher),
            Test::Exactly => text.trim() == matcher,
            Test::Regex => matches(Some(matcher), &text),
        }
    }
}

impl Extractor {
    fn value(&self, mail: &Read) -> Option<String> {
        let text = part(mail, self.part);
        let value = match self.cut {
            Cut::Entire => text.trim().to_owned(),
            Cut::Regex => {
                let found = Regex::new(self.regex.as_deref()?).ok()?.captures(&text)?;
                found.get(1).or_else(|| found.get(0))?.as_str().to_owned()
            }
            Cut::Between => {
                let (_, rest) = text.split_once(self.starts_after.as_deref()?)?;
                rest.split_once(self.ends_with.as_deref()?)?.0.trim().to_owned()
            }
        };
        (!value.is_empty()).then_some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn mail(subject: &str, text: &str) -> Read {
        Read { from: vec!["zabbix@example.jp".into()], subject: subject.into(), text: text.into(), ..Read::default() }
    }

    fn rules(value: serde_json::Value) -> Rules {
        let rules: Rules = serde_json::from_value(value).expect("rules");
        assert_eq!(rules.problem(), None);
        rules
    }

    #[test]
    fn filters_let_pass_by_any_or_by_all() {
        let filters = json!([
            { "subject_mode": "match", "subject_regex": "^Problem", "body_mode": "always", "from_email_mode": "always" },
            { "subject_mode": "always", "body_mode": "no-match", "body_regex": "TEST", "from_email_mode": "match", "from_email_regex": "zabbix@" },
        ]);
        let any = rules(json!({ "email_filter_mode": "or-rules-email", "email_filters": filters }));
        let all = rules(json!({ "email_filter_mode": "and-rules-email", "email_filters": filters }));
        for (subject, text, by_any, by_all) in [
            ("Problem: disk", "x", true, true),
            ("Problem: disk", "TEST", true, false),
            ("Resolved: disk", "x", true, false),
            ("Resolved: disk", "TEST", false, false),
        ] {
            let passes = |r: &Rules| !matches!(r.wish(&mail(subject, text)), Wish::Nothing { .. });
            assert_eq!((passes(&any), passes(&all)), (by_any, by_all), "{subject} {text}");
        }
    }

    #[test]
    fn parsers_trigger_and_resolve_by_an_extracted_key() {
        let extract = json!([{ "type": "between", "part": "body", "value_name": "incident_key", "starts_after": "ID:", "ends_with": "\n" }]);
        let rules = rules(json!({
            "email_incident_creation": "use_rules", "email_parsing_fallback": "discard",
            "email_parsers": [
                { "action": "resolve", "match_predicate": { "type": "all", "part": "subject", "children": [{ "type": "regex", "part": "subject", "matcher": "^Resolved", "children": [] }] }, "value_extractors": extract },
                { "action": "trigger", "match_predicate": { "type": "contains", "part": "subject", "matcher": "Problem", "children": [] }, "value_extractors": extract },
            ],
        }));
        let own = |key: &str| vec![("incident_key".to_owned(), key.to_owned())];
        let wish = |subject: &str, text: &str| rules.wish(&mail(subject, text));
        assert_eq!(wish("Problem: a", "ID: 42\n"), Wish::Trigger { key: Key::Own("42".into()), values: own("42") });
        assert_eq!(wish("Resolved: a", "ID: 42\n"), Wish::Resolve { key: "42".into(), values: own("42") });
        assert!(matches!(wish("Hello", "ID: 42\n"), Wish::Nothing { became: "unparsed", .. }));
        assert!(matches!(wish("Problem: a", "none"), Wish::Nothing { became: "unparsed", .. }));
    }

    #[test]
    fn a_broken_pattern_is_named() {
        let filter = json!({ "subject_mode": "match", "subject_regex": "(", "body_mode": "always", "from_email_mode": "always" });
        let rules: Rules = serde_json::from_value(json!({ "email_filters": [filter] })).expect("rules");
        assert!(rules.problem().is_some_and(|p| p.contains('(')));
    }
}
