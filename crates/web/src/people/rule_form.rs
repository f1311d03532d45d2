//! A rule of tickets as the page's form holds it, and back: what was typed stays as it was typed until it can be kept. Whether the
//! rule is a good one is for the preview to show.

use super::People;
use crate::acts::Form;
use duties::Mode;
use duties::tickets::{HoursOf, Kind, Outcome, Rule, Waits, When};
use model::Scope;
use model::mail::Severity;
use serde::Serialize;
use serde::de::DeserializeOwned;

const MOST_NAME_CHARS: usize = 80;
const MOST_TEXT_CHARS: usize = 2_000;
const MOST_MINUTES: i64 = 100_000;
const FIRST: i64 = 1;
const LAST: i64 = 999;

/// The fields, by their names in the form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RuleDraft {
    pub name: String,
    /// The version that the form was made from; 0 for a new rule.
    pub version: i64,
    pub position: String,
    pub when: String,
    pub spaces: String,
    pub projects: String,
    pub kinds: String,
    pub categories: String,
    pub priorities: String,
    pub keywords: String,
    pub customers: String,
    pub by: String,
    pub happenings: Vec<String>,
    pub while_off: String,
    /// open, done or empty.
    pub done: String,
    pub waits_minutes: String,
    /// `group:desk`, `person:sato`, `customer`.
    pub waits_of: String,
    pub ignore: bool,
    pub mode: String,
    pub severity: String,
    pub channel: String,
    pub tells_customer: bool,
}

/// Why a rule can't be kept; each is a sentence of the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RuleWrong {
    NoName,
    LongName {
        most: usize,
    },
    /// The file has one of this name.
    InFile,
    /// The page has one of this name.
    Taken,
    Position {
        least: i64,
        most: i64,
    },
    Long {
        field: &'static str,
        most: usize,
    },
    Unknown {
        what: &'static str,
        name: String,
    },
    Minutes {
        most: i64,
    },
    WaitsAndIgnores,
    /// Whoever leads some customers' people says for which of them the rule is.
    NeedsCustomer,
    NotYours {
        customer: String,
    },
    /// Somebody changed or deleted it meanwhile.
    Stale,
    /// A group's hours need at least one line.
    NoWeek,
    /// Of a pattern of hours: what it says of itself.
    Unread {
        why: String,
    },
}

impl RuleDraft {
    pub(crate) fn of_form(form: &Form) -> Self {
        let text = |name: &str| form.one(name).replace("\r\n", "\n");
        let ticked = |name: &str| !form.one(name).is_empty();
        Self {
            name: text("name"),
            version: form.one("version").parse().unwrap_or(0),
            position: text("position"),
            when: text("when"),
            spaces: text("spaces"),
            projects: text("projects"),
            kinds: text("kinds"),
            categories: text("categories"),
            priorities: text("priorities"),
            keywords: text("keywords"),
            customers: text("customers"),
            by: text("by"),
            happenings: form.all("happenings"),
            while_off: text("while_off"),
            done: text("done"),
            waits_minutes: text("waits_minutes"),
            waits_of: text("waits_of"),
            ignore: ticked("ignore"),
            mode: text("mode"),
            severity: text("severity"),
            channel: text("channel"),
            tells_customer: ticked("tells_customer"),
        }
    }

    /// A rule that is kept, to be changed.
    pub(crate) fn of_rule(rule: &Rule, version: i64, position: i64) -> Self {
        let lines = |list: &[String]| list.join("\n");
        let waits_of = rule.waits.as_ref().map(|waits| match &waits.of {
            HoursOf::Group(id) => format!("group:{id}"),
            HoursOf::Person(id) => format!("person:{id}"),
            HoursOf::Customer => "customer".to_owned(),
        });
        Self {
            name: rule.name.clone(),
            version,
            position: position.to_string(),
            when: word(&rule.when),
            spaces: lines(&rule.spaces),
            projects: lines(&rule.projects),
            kinds: lines(&rule.kinds),
            categories: lines(&rule.categories),
            priorities: lines(&rule.priorities),
            keywords: lines(&rule.keywords),
            customers: lines(&rule.customers),
            by: lines(&rule.by),
            happenings: rule.happenings.iter().map(word).collect(),
            while_off: rule.while_off.clone().unwrap_or_default(),
            done: rule.done.map_or("", |done| if done { "done" } else { "open" }).to_owned(),
            waits_minutes: rule.waits.as_ref().map(|waits| waits.minutes.to_string()).unwrap_or_default(),
            waits_of: waits_of.unwrap_or_default(),
            ignore: rule.ignore,
            mode: rule.outcome.mode.as_ref().map(word).unwrap_or_default(),
            severity: rule.outcome.severity.as_ref().map(word).unwrap_or_default(),
            channel: rule.outcome.channel.clone().unwrap_or_default(),
            tells_customer: rule.outcome.tells_customer,
        }
    }

    pub(crate) fn position(&self) -> Result<i64, RuleWrong> {
        let found = self.position.trim().parse().ok().filter(|n| (FIRST..=LAST).contains(n));
        found.ok_or(RuleWrong::Position { least: FIRST, most: LAST })
    }

    /// The rule that the form asks for, by whoever sees these customers.
    pub(crate) fn rule(&self, people: &People, scope: &Scope) -> Result<Rule, RuleWrong> {
        self.check_texts()?;
        self.position()?;
        let rule = Rule {
            name: self.name.trim().to_owned(),
            when: parsed(&self.when).unwrap_or_default(),
            spaces: list(&self.spaces),
            projects: list(&self.projects),
            kinds: list(&self.kinds),
            categories: list(&self.categories),
            priorities: list(&self.priorities),
            keywords: list(&self.keywords),
            customers: list(&self.customers),
            by: list(&self.by),
            happenings: self.happenings.iter().filter_map(|text| parsed::<Kind>(text)).collect(),
            while_off: some(&self.while_off),
            done: Some(self.done == "done").filter(|_| !self.done.is_empty()),
            waits: self.waits()?,
            ignore: self.ignore,
            outcome: self.outcome(),
        };
        self.check(&rule, people, scope).map(|()| rule)
    }

    fn outcome(&self) -> Outcome {
        Outcome {
            mode: parsed::<Mode>(&self.mode),
            severity: parsed::<Severity>(&self.severity),
            channel: some(&self.channel),
            tells_customer: self.tells_customer,
        }
    }

    fn waits(&self) -> Result<Option<Waits>, RuleWrong> {
        let text = self.waits_minutes.trim();
        if text.is_empty() || text == "0" {
            return Ok(None);
        }
        let minutes = text.parse().ok().filter(|n| (1..=MOST_MINUTES).contains(n));
        let minutes = minutes.ok_or(RuleWrong::Minutes { most: MOST_MINUTES })?;
        let of = match self.waits_of.split_once(':') {
            Some(("group", id)) => HoursOf::Group(id.to_owned()),
            Some(("person", id)) => HoursOf::Person(id.to_owned()),
            _ => HoursOf::Customer,
        };
        Ok(Some(Waits { minutes, of }))
    }

    fn check_texts(&self) -> Result<(), RuleWrong> {
        let name = self.name.trim();
        if name.is_empty() {
            return Err(RuleWrong::NoName);
        }
        if name.chars().count() > MOST_NAME_CHARS || name.chars().any(char::is_control) {
            return Err(RuleWrong::LongName { most: MOST_NAME_CHARS });
        }
        let texts = [
            ("spaces", &self.spaces),
            ("projects", &self.projects),
            ("kinds", &self.kinds),
            ("categories", &self.categories),
            ("priorities", &self.priorities),
            ("keywords", &self.keywords),
            ("customers", &self.customers),
            ("by", &self.by),
            ("channel", &self.channel),
        ];
        let long = texts.into_iter().find(|(_, text)| text.chars().count() > MOST_TEXT_CHARS);
        long.map_or(Ok(()), |(field, _)| Err(RuleWrong::Long { field, most: MOST_TEXT_CHARS }))
    }

    fn check(&self, rule: &Rule, people: &People, scope: &Scope) -> Result<(), RuleWrong> {
        let of = rule.waits.as_ref().map(|waits| &waits.of);
        let group_of = of.and_then(|of| if let HoursOf::Group(id) = of { Some(id) } else { None });
        let person_of = of.and_then(|of| if let HoursOf::Person(id) = of { Some(id) } else { None });
        let unknown = |what, name: &String| RuleWrong::Unknown { what, name: name.clone() };
        if let Some(id) = rule.while_off.iter().chain(group_of).find(|id| people.group(id).is_none()) {
            return Err(unknown("group", id));
        }
        if let Some(id) = person_of.filter(|id| people.person(id).is_none()) {
            return Err(unknown("person", id));
        }
        if let Some(name) = rule.spaces.iter().find(|name| !people.spaces.iter().any(|space| space.name == **name)) {
            return Err(unknown("space", name));
        }
        if let Some(id) = rule.customers.iter().find(|id| !people.customers.contains(*id)) {
            return Err(unknown("customer", id));
        }
        if rule.waits.is_some() && rule.ignore {
            return Err(RuleWrong::WaitsAndIgnores);
        }
        if people.spaces.iter().flat_map(|space| &space.settings.rules).any(|other| other.name == rule.name) {
            return Err(RuleWrong::InFile);
        }
        may_say(rule, scope)
    }
}

/// A leader of some customers says rules for these alone.
pub(crate) fn may_say(rule: &Rule, scope: &Scope) -> Result<(), RuleWrong> {
    let Scope::Customers(_) = scope else { return Ok(()) };
    match rule.customers.iter().find(|customer| !scope.allows(Some(customer))) {
        Some(customer) => Err(RuleWrong::NotYours { customer: customer.clone() }),
        None if rule.customers.is_empty() => Err(RuleWrong::NeedsCustomer),
        None => Ok(()),
    }
}

/// One a line, or parted by commas.
fn list(text: &str) -> Vec<String> {
    let parts = text.split(['\n', ',', '、', '，']).map(str::trim).filter(|part| !part.is_empty());
    parts.map(str::to_owned).collect()
}

fn some(text: &str) -> Option<String> {
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// A word of ours as data has it.
fn parsed<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_value(serde_json::Value::String(text.to_owned())).ok()
}

pub(crate) fn word<T: Serialize>(value: &T) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

/// What may be chosen for `when`.
pub(crate) fn whens() -> Vec<String> {
    [When::Unassigned, When::GroupAccount, When::OffHours, When::AssigneeUnknown, When::Any].iter().map(word).collect()
}

#[cfg(test)]
mod tests {
    use super::super::{Member, Team, TicketSpace};
    use super::*;
    use std::collections::BTreeMap;

    fn people() -> People {
        let rule = Rule { name: "of the file".into(), ..Rule::default() };
        let settings = duties::tickets::Settings { rules: vec![rule], ..duties::tickets::Settings::default() };
        People {
            persons: vec![Member { id: "sato".into(), ..Member::default() }],
            groups: vec![Team { id: "desk".into(), ..Team::default() }],
            spaces: vec![TicketSpace { name: "hoshino".into(), settings, customer: None, customers: BTreeMap::new() }],
            customers: vec!["minato".into(), "aoba".into()],
            ..People::default()
        }
    }

    fn draft() -> RuleDraft {
        RuleDraft {
            name: " 夜間の至急 ".into(),
            position: "1".into(),
            when: "off_hours".into(),
            keywords: "至急、緊急\nurgent, now".into(),
            happenings: vec!["created".into(), "commented".into(), "eaten".into()],
            done: "open".into(),
            while_off: "desk".into(),
            mode: "post".into(),
            severity: "critical".into(),
            ..RuleDraft::default()
        }
    }

    #[test]
    fn a_form_becomes_a_rule_and_back() {
        let rule = draft().rule(&people(), &Scope::All).unwrap();
        assert_eq!((rule.name.as_str(), rule.when), ("夜間の至急", When::OffHours));
        assert_eq!(rule.keywords, ["至急", "緊急", "urgent", "now"]);
        assert_eq!((rule.happenings.len(), rule.done), (2, Some(false)));
        assert_eq!((rule.outcome.mode, rule.outcome.severity), (Some(Mode::Post), Some(Severity::Critical)));
        let again = RuleDraft::of_rule(&rule, 3, 1);
        assert_eq!(again.rule(&people(), &Scope::All).unwrap(), rule);
        let waits =
            RuleDraft { waits_minutes: "120".into(), waits_of: "group:desk".into(), when: String::new(), ..draft() };
        let rule = waits.rule(&people(), &Scope::All).unwrap();
        assert_eq!(rule.waits, Some(Waits { minutes: 120, of: HoursOf::Group("desk".into()) }));
        assert_eq!(RuleDraft::of_rule(&rule, 3, 1).rule(&people(), &Scope::All).unwrap(), rule);
        for when in whens() {
            assert_eq!(word(&parsed::<When>(&when).unwrap()), when);
        }
    }

    #[test]
    fn what_is_wrong_with_a_rule_is_told() {
        let minato = Scope::Customers(vec!["minato".into()]);
        let text = |text: &str| text.to_owned();
        for (wrong, draft, scope) in [
            (RuleWrong::NoName, RuleDraft { name: text(" "), ..draft() }, Scope::All),
            (RuleWrong::LongName { most: 80 }, RuleDraft { name: "x".repeat(81), ..draft() }, Scope::All),
            (RuleWrong::InFile, RuleDraft { name: text("of the file"), ..draft() }, Scope::All),
            (RuleWrong::Position { least: 1, most: 999 }, RuleDraft { position: text("first"), ..draft() }, Scope::All),
            (
                RuleWrong::Unknown { what: "group", name: text("night") },
                RuleDraft { while_off: text("night"), ..draft() },
                Scope::All,
            ),
            (
                RuleWrong::Unknown { what: "person", name: text("abe") },
                RuleDraft { waits_minutes: text("5"), waits_of: text("person:abe"), ..draft() },
                Scope::All,
            ),
            (
                RuleWrong::Unknown { what: "space", name: text("minato") },
                RuleDraft { spaces: text("hoshino\nminato"), ..draft() },
                Scope::All,
            ),
            (RuleWrong::Minutes { most: 100_000 }, RuleDraft { waits_minutes: text("soon"), ..draft() }, Scope::All),
            (RuleWrong::WaitsAndIgnores, RuleDraft { waits_minutes: text("5"), ignore: true, ..draft() }, Scope::All),
            (RuleWrong::NeedsCustomer, draft(), minato.clone()),
            (
                RuleWrong::NotYours { customer: text("aoba") },
                RuleDraft { customers: text("minato, aoba"), ..draft() },
                minato.clone(),
            ),
            (RuleWrong::Long { field: "by", most: 2_000 }, RuleDraft { by: "x".repeat(2_001), ..draft() }, Scope::All),
        ] {
            assert_eq!(draft.rule(&people(), &scope), Err(wrong));
        }
        let own = RuleDraft { customers: "minato".into(), ..draft() };
        assert!(own.rule(&people(), &minato).is_ok());
    }
}
