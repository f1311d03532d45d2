//! Rules of tickets as leaders keep them: those of the page and of the file in the order in which they are asked, a form, and what last
//! week would have been under it.

use super::Frame;
use crate::i18n::Arg;
use crate::markup::encode;
use crate::people::{RuleDraft, RuleWrong, word};
use crate::view::Named;
use duties::page_rules::Unread;
use duties::tickets::{Found, HoursOf, Rule, words};
use model::Micros;

#[derive(Clone, Debug, Default)]
pub struct RulesView {
    /// In the order in which they are asked.
    pub page: Vec<PageRule>,
    pub file: Vec<Rule>,
    /// There is a space of tickets at all.
    pub has_spaces: bool,
    pub done: Option<KeptDone>,
    pub wrong: Option<RuleWrong>,
    pub nonce: String,
}

#[derive(Clone, Debug)]
pub struct PageRule {
    pub name: String,
    pub version: i64,
    pub position: i64,
    pub is_off: bool,
    pub said_by: String,
    pub said_at: Micros,
    /// The rule, or why it holds nothing.
    pub rule: Result<Rule, Unread>,
    /// The reader may change it: it is for customers of theirs alone.
    pub is_yours: bool,
}

/// What the last form did to a rule or to a group's hours, and the version that takes it back; 0 deletes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptDone {
    /// saved, off, on, deleted, undone.
    pub what: String,
    pub name: String,
    /// The version that it made.
    pub version: i64,
}

impl KeptDone {
    pub fn text(&self, f: &Frame) -> String {
        let name = f.short(&self.name);
        match self.what.as_str() {
            "saved" => f.t1("rules-done-saved", "name", name),
            "off" => f.t1("rules-done-off", "name", name),
            "on" => f.t1("rules-done-on", "name", name),
            "deleted" => f.t1("rules-done-deleted", "name", name),
            _ => f.t1("rules-done-undone", "name", name),
        }
    }

    pub fn before(&self) -> i64 {
        self.version.saturating_sub(1)
    }

    pub fn can_undo(&self) -> bool {
        self.what != "undone" && self.version > 0
    }
}

impl PageRule {
    pub fn edit_href(&self) -> String {
        edit_href(&self.name)
    }

    pub fn state(&self, f: &Frame) -> String {
        f.word("rule-state", self.state_word())
    }

    pub fn shape(&self) -> &'static str {
        match self.state_word() {
            "on" => "resolved",
            "off" => "unknown",
            _ => "triggered",
        }
    }

    fn state_word(&self) -> &'static str {
        match (&self.rule, self.is_off) {
            (_, true) => "off",
            (Err(_), _) => "unread",
            (Ok(_), _) => "on",
        }
    }

    pub fn says(&self, f: &Frame) -> String {
        match &self.rule {
            Ok(rule) => summary(f, rule),
            Err(unread) => unread_words(f, unread),
        }
    }

    /// The technical reason why it holds nothing, which stands in no language but English.
    pub fn detail(&self) -> Option<&str> {
        self.rule.as_ref().err().map(|unread| unread.why.as_str())
    }
}

/// That a version holds nothing; the technical reason stands beside it.
fn unread_words(f: &Frame, unread: &Unread) -> String {
    f.t1("rules-unread", "version", unread.version)
}

fn edit_href(name: &str) -> String {
    format!("/people/rules/edit?name={}", encode(name))
}

impl RulesView {
    pub fn sentence(&self, f: &Frame) -> String {
        let on = self.page.iter().filter(|row| !row.is_off && row.rule.is_ok()).count();
        let broken = self.page.iter().filter(|row| !row.is_off && row.rule.is_err()).count();
        let args = [("page", on.value()), ("file", self.file.len().value()), ("broken", broken.value())];
        match (on + self.file.len(), broken) {
            (0, 0) => f.t("rules-nobody"),
            (_, 0) => f.t_args("rules-answer", &args),
            _ => f.t_args("rules-answer-broken", &args),
        }
    }

    pub fn says(&self, f: &Frame, rule: &Rule) -> String {
        summary(f, rule)
    }
}

/// A rule in one line: what it asks for, then what follows.
pub(crate) fn summary(f: &Frame, rule: &Rule) -> String {
    let mut parts = vec![f.word("rule-when", &word(&rule.when))];
    let lists = [
        ("rule-spaces", &rule.spaces),
        ("rule-projects", &rule.projects),
        ("rule-kinds", &rule.kinds),
        ("rule-categories", &rule.categories),
        ("rule-priorities", &rule.priorities),
        ("rule-keywords", &rule.keywords),
        ("rule-customers", &rule.customers),
        ("rule-by", &rule.by),
    ];
    let some = lists.into_iter().filter(|(_, list)| !list.is_empty());
    parts.extend(some.map(|(name, list)| f.t2("rule-part", "name", f.t(name), "value", f.join(list))));
    if !rule.happenings.is_empty() {
        let kinds: Vec<String> = rule.happenings.iter().map(|kind| f.word("rule-happening", &word(kind))).collect();
        parts.push(f.t2("rule-part", "name", f.t("rule-happenings"), "value", f.join(&kinds)));
    }
    parts.extend(rule.while_off.as_ref().map(|id| f.t1("rule-while-off-is", "group", f.short(id))));
    parts.extend(rule.done.map(|done| f.word("rule-done", if done { "done" } else { "open" })));
    parts.extend(rule.waits.as_ref().map(|waits| waits_words(f, waits.minutes, &waits.of)));
    parts.extend(outcome(f, rule));
    parts.join(" · ")
}

fn waits_words(f: &Frame, minutes: i64, of: &HoursOf) -> String {
    let of = match of {
        HoursOf::Group(id) | HoursOf::Person(id) => f.short(id),
        HoursOf::Customer => f.t("rule-of-customer"),
    };
    f.t2("rule-waits-is", "minutes", minutes, "of", of)
}

fn outcome(f: &Frame, rule: &Rule) -> Vec<String> {
    if rule.ignore {
        return vec![f.t("rule-ignores")];
    }
    let own = &rule.outcome;
    let mut parts = Vec::new();
    parts.extend(own.mode.map(|mode| f.word("rule-mode", &word(&mode))));
    parts.extend(own.severity.map(|severity| f.word("rule-severity", severity.as_str())));
    parts.extend(
        own.channel.as_ref().map(|name| f.t2("rule-part", "name", f.t("rule-channel"), "value", f.short(name))),
    );
    parts.extend(own.tells_customer.then(|| f.t("rule-tells-customer")));
    parts
}

/// The form of one rule.
#[derive(Clone, Debug, Default)]
pub struct RuleView {
    pub draft: RuleDraft,
    pub wrong: Option<RuleWrong>,
    /// It can't be read as it is kept, and why.
    pub unread: Option<Unread>,
    /// It is new: its name may be chosen.
    pub is_new: bool,
    pub groups: Vec<Named>,
    pub persons: Vec<Named>,
    pub spaces: Vec<String>,
    pub customers: Vec<Named>,
    pub whens: Vec<String>,
    pub preview: Option<Preview>,
    pub versions: Vec<VersionRow>,
    pub nonce: String,
}

pub const HAPPENINGS: [&str; 4] = ["created", "commented", "reopened", "assigned"];
pub const MODES: [&str; 3] = ["observe", "post", "page"];
pub const SEVERITIES: [&str; 4] = ["info", "warning", "error", "critical"];

#[derive(Clone, Debug)]
pub struct VersionRow {
    pub version: i64,
    pub is_off: bool,
    pub is_deleted: bool,
    pub is_last: bool,
    pub said_by: String,
    pub said_at: Micros,
    /// What it says, or the technical reason why nobody can read it.
    pub says: Result<String, String>,
}

impl VersionRow {
    pub fn state(&self, f: &Frame) -> String {
        f.word(
            "rule-state",
            match (self.is_deleted, self.is_off) {
                (true, _) => "deleted",
                (false, true) => "off",
                (false, false) => "on",
            },
        )
    }

    pub fn can_come_back(&self) -> bool {
        !self.is_last && !self.is_deleted
    }
}

impl RuleView {
    pub fn has_happening(&self, name: &str) -> bool {
        self.draft.happenings.iter().any(|held| held == name)
    }

    /// Everything that was typed, for the form that saves it after the preview.
    pub fn typed(&self) -> Vec<(&'static str, String)> {
        let d = &self.draft;
        let mut pairs = vec![
            ("name", d.name.clone()),
            ("version", d.version.to_string()),
            ("position", d.position.clone()),
            ("when", d.when.clone()),
            ("spaces", d.spaces.clone()),
            ("projects", d.projects.clone()),
            ("kinds", d.kinds.clone()),
            ("categories", d.categories.clone()),
            ("priorities", d.priorities.clone()),
            ("keywords", d.keywords.clone()),
            ("customers", d.customers.clone()),
            ("by", d.by.clone()),
            ("while_off", d.while_off.clone()),
            ("done", d.done.clone()),
            ("waits_minutes", d.waits_minutes.clone()),
            ("waits_of", d.waits_of.clone()),
            ("mode", d.mode.clone()),
            ("severity", d.severity.clone()),
            ("channel", d.channel.clone()),
        ];
        pairs.extend(d.happenings.iter().map(|kind| ("happenings", kind.clone())));
        pairs.extend(d.ignore.then(|| ("ignore", "yes".to_owned())));
        pairs.extend(d.tells_customer.then(|| ("tells_customer", "yes".to_owned())));
        pairs
    }

    pub fn waits_of_is(&self, kind: &str, id: &str) -> bool {
        self.draft.waits_of.split_once(':') == Some((kind, id))
    }
}

/// Last week under the rules as they hold and as they would.
#[derive(Clone, Debug, Default)]
pub struct Preview {
    pub from: Option<Micros>,
    /// Tickets that something happened on.
    pub tickets: usize,
    /// There were more than are looked at.
    pub is_cut: bool,
    /// They would have called, and did not.
    pub calls: Vec<Call>,
    /// They called, and would have called nobody.
    pub silent: Vec<Call>,
    /// They would have called otherwise: now, and then.
    pub otherwise: Vec<(Call, Call)>,
    pub same: usize,
    /// The duty itself calls nobody, whatever a rule says.
    pub observes: bool,
}

#[derive(Clone, Debug)]
pub struct Call {
    pub found: Found,
    pub url: String,
}

impl Call {
    pub fn why(&self, f: &Frame) -> String {
        words::reason(&f.locale(), &self.found.hit.reason)
    }

    pub fn mode(&self, f: &Frame) -> String {
        f.word("rule-mode", &word(&self.found.hit.mode))
    }

    pub fn severity(&self, f: &Frame) -> String {
        f.word("rule-severity", self.found.hit.severity.as_str())
    }

    pub fn ended(&self, f: &Frame) -> Option<String> {
        self.found.end.as_ref().map(|end| words::end_words(&f.locale(), end))
    }

    pub fn link(&self) -> Option<&str> {
        super::link(&self.url)
    }
}

impl Preview {
    pub fn sentence(&self, f: &Frame) -> String {
        let args = [
            ("calls", self.calls.len().value()),
            ("silent", self.silent.len().value()),
            ("otherwise", self.otherwise.len().value()),
            ("same", self.same.value()),
            ("tickets", self.tickets.value()),
        ];
        let is_same = self.calls.is_empty() && self.silent.is_empty() && self.otherwise.is_empty();
        f.t_args(if is_same { "preview-same" } else { "preview-answer" }, &args)
    }
}

impl RuleWrong {
    pub fn text(&self, f: &Frame) -> String {
        match self {
            Self::NoName => f.t("rule-wrong-no-name"),
            Self::LongName { most } => f.t1("rule-wrong-long-name", "most", *most),
            Self::InFile => f.t("rule-wrong-in-file"),
            Self::Taken => f.t("rule-wrong-taken"),
            Self::Position { least, most } => f.t2("rule-wrong-position", "least", *least, "most", *most),
            Self::Long { field, most } => f.t2("rule-wrong-long", "field", f.word("rule", field), "most", *most),
            Self::Unknown { what, name } => {
                f.t2("rule-wrong-unknown", "what", f.word("rule-thing", what), "name", f.short(name))
            }
            Self::Minutes { most } => f.t1("rule-wrong-minutes", "most", *most),
            Self::WaitsAndIgnores => f.t("rule-wrong-waits-ignores"),
            Self::NeedsCustomer => f.t("rule-wrong-needs-customer"),
            Self::NotYours { customer } => f.t1("rule-wrong-not-yours", "customer", f.short(customer)),
            Self::Stale => f.t("rule-wrong-stale"),
            Self::NoWeek => f.t("rule-wrong-no-week"),
            Self::Unread { .. } => f.t("rule-wrong-unread"),
        }
    }

    /// The technical reason beside it, which stands in no language but English.
    pub fn detail(&self) -> Option<&str> {
        match self {
            Self::Unread { why } => Some(why),
            _ => None,
        }
    }
}

/// The hours of a group, as leaders edit them.
#[derive(Clone, Debug, Default)]
pub struct GroupHoursView {
    pub id: String,
    pub name: String,
    pub members: Vec<String>,
    pub usual: Option<super::Usual>,
    pub draft: PatternDraft,
    /// Names of lists of holidays.
    pub lists: Vec<String>,
    pub wrong: Option<RuleWrong>,
    pub unread: Option<Unread>,
    pub preview: Option<Preview>,
    /// The next days under what was typed.
    pub days: Vec<super::HourDay>,
    pub zone: model::hours::Zone,
    pub versions: Vec<VersionRow>,
    pub done: Option<KeptDone>,
    pub nonce: String,
}

/// Usual hours as a form holds them: one a line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PatternDraft {
    pub version: i64,
    pub zone: String,
    pub week: String,
    pub breaks: String,
    pub holidays: String,
    pub closed: String,
}

impl GroupHoursView {
    pub fn href(&self) -> String {
        format!("/people/groups/{}", encode(&self.id))
    }

    pub fn turn_href(&self) -> String {
        format!("{}/turn", self.href())
    }

    pub fn list_name(&self, f: &Frame, list: &str) -> String {
        match list {
            "none" | "japan" => f.word("hours-holidays", list),
            list => f.short(list),
        }
    }

    pub fn done_text(&self, f: &Frame, done: &KeptDone) -> String {
        match done.what.as_str() {
            "saved" => f.t("hours-group-saved"),
            "deleted" => f.t("hours-group-taken-back"),
            _ => f.t("hours-group-undone"),
        }
    }

    pub fn is_of_page(&self) -> bool {
        self.versions.first().is_some_and(|last| !last.is_deleted && !last.is_off)
    }

    pub fn typed(&self) -> Vec<(&'static str, String)> {
        let d = &self.draft;
        vec![
            ("version", d.version.to_string()),
            ("zone", d.zone.clone()),
            ("week", d.week.clone()),
            ("breaks", d.breaks.clone()),
            ("holidays", d.holidays.clone()),
            ("closed", d.closed.clone()),
        ]
    }
}
