//! Rules of tickets and hours of groups that leaders keep on the page, laid over those of the file. What can't be read, or names
//! what is not configured any more, holds nothing and is named. Never stores anything, and never changes the file's own.

use crate::tickets::{Rule, Settings};
use model::hours::{Pattern, Roster};
use serde::de::DeserializeOwned;

/// What the rows are called.
pub const TICKET_RULE: &str = "ticket_rule";
pub const GROUP_HOURS: &str = "group_hours";

/// A row as it is kept, in the order in which it is asked.
#[derive(Clone, Copy, Debug)]
pub struct Kept<'a> {
    pub name: &'a str,
    pub version: i64,
    pub body: &'a str,
    pub is_off: bool,
}

/// A row that holds nothing, and why: the place and the remedy in a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    pub name: String,
    pub version: i64,
    pub why: String,
}

impl Kept<'_> {
    fn unread(&self, why: &str) -> Unread {
        Unread { name: self.name.to_owned(), version: self.version, why: why.to_owned() }
    }

    pub fn read<T: DeserializeOwned>(&self) -> Result<T, Unread> {
        serde_json::from_str(self.body).map_err(|error| self.unread(&error.to_string()))
    }
}

/// How tickets are judged with the page's rules: those are asked before the file's, so that a leader's word can be an exception to it.
pub fn over_tickets(file: &Settings, kept: &[Kept<'_>]) -> (Settings, Vec<Unread>) {
    let mut all = Settings { rules: Vec::new(), ..file.clone() };
    let mut unread = Vec::new();
    for row in kept.iter().filter(|row| !row.is_off) {
        match rule(file, row) {
            Ok(rule) => all.rules.push(rule),
            Err(wrong) => unread.push(wrong),
        }
    }
    all.rules.extend(file.rules.iter().cloned());
    (all, unread)
}

/// One rule of the page, if it may be asked.
pub fn rule(file: &Settings, row: &Kept<'_>) -> Result<Rule, Unread> {
    let rule = Rule { name: row.name.to_owned(), ..row.read::<Rule>()? };
    if file.rules.iter().any(|other| other.name == rule.name) {
        return Err(row.unread("the file has a rule of that name; name one of the two otherwise"));
    }
    match file.problems_of(&rule).as_slice() {
        [] => Ok(rule),
        problems => Err(row.unread(&problems.join("; "))),
    }
}

/// Gives groups the hours that the page has for them.
pub fn over_hours(roster: &mut Roster, kept: &[Kept<'_>]) -> Vec<Unread> {
    let rows = kept.iter().filter(|row| !row.is_off);
    rows.filter_map(|row| group_hours(roster, row).err()).collect()
}

fn group_hours(roster: &mut Roster, row: &Kept<'_>) -> Result<(), Unread> {
    let pattern = Pattern { name: pattern_name(row.name), ..row.read::<Pattern>()? };
    if let Some(list) = pattern.holidays.list()
        && list != model::hours::Observed::JAPAN
        && !roster.holidays.contains_key(list)
    {
        return Err(row.unread(&format!("there is no [[holidays]] \"{list}\"; choose a list that is configured")));
    }
    let Some(group) = roster.groups.iter_mut().find(|group| group.id == row.name) else {
        return Err(row.unread("no [[group]] has this id any more; take its hours back"));
    };
    group.pattern = Some(pattern.name.clone());
    roster.patterns.retain(|known| known.name != pattern.name);
    roster.patterns.push(pattern);
    Ok(())
}

/// What the page's hours of a group are called where a sentence names the hours.
pub fn pattern_name(group: &str) -> String {
    format!("{group} (page)")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tickets::{Directory, When};
    use model::Micros;
    use model::hours::{Group, Person, standing};

    fn kept<'a>(name: &'a str, body: &'a str) -> Kept<'a> {
        Kept { name, version: 3, body, is_off: false }
    }

    fn file() -> Settings {
        let rule = |name: &str| Rule { name: name.into(), when: When::Unassigned, ..Rule::default() };
        let group = crate::tickets::Group { id: "desk".into(), ..crate::tickets::Group::default() };
        let directory = Directory { groups: vec![group], ..Directory::default() };
        Settings { rules: vec![rule("nobody"), rule("rest")], directory, ..Settings::default() }
    }

    #[test]
    fn the_pages_rules_are_asked_first_in_their_order() {
        let off = Kept { is_off: true, ..kept("c", "{}") };
        let rows = [kept("b", r#"{"name":"old name","keywords":["至急"]}"#), off, kept("a", r#"{"while_off":"desk"}"#)];
        let (all, unread) = over_tickets(&file(), &rows);
        let names: Vec<&str> = all.rules.iter().map(|rule| rule.name.as_str()).collect();
        assert_eq!(names, ["b", "a", "nobody", "rest"], "a row's name is its rule's");
        assert_eq!((all.rules[0].keywords.len(), unread), (1, Vec::new()));
    }

    #[test]
    fn a_rule_that_can_not_be_asked_is_left_out_and_named_with_its_place() {
        for (name, body, words) in [
            ("x", "{", "EOF while parsing an object at line 1 column 1"),
            ("x", r#"{"keyword":["a"]}"#, "unknown field `keyword`"),
            ("x", "", "EOF while parsing a value"),
            ("rest", "{}", "the file has a rule of that name"),
            ("x", r#"{"while_off":"night"}"#, "there is no group \"night\""),
            ("x", r#"{"waits":{"minutes":0,"of":{"group":"desk"}}}"#, "must be 1 or more"),
            ("x", r#"{"waits":{"minutes":5,"of":{"person":"sato"}}}"#, "there is no person \"sato\""),
        ] {
            let (all, unread) = over_tickets(&file(), &[kept(name, body), kept("good", "{}")]);
            assert_eq!(all.rules.len(), 3, "{body}");
            assert_eq!((unread.len(), unread[0].name.as_str(), unread[0].version), (1, name, 3));
            assert!(unread[0].why.contains(words), "{body}: {}", unread[0].why);
        }
    }

    #[test]
    fn a_group_has_the_hours_of_the_page_and_what_is_wrong_with_them_is_named() {
        let roster = || Roster {
            groups: vec![Group { id: "desk".into(), pattern: Some("day".into()) }],
            persons: vec![Person { id: "sato".into(), groups: vec!["desk".into()], pattern: None }],
            ..Roster::default()
        };
        let at = Micros::parse("2026-12-01T20:00:00Z").unwrap();
        let mut late = roster();
        let body = r#"{"name":"","zone":"UTC","week":"mon-fri 13:00-22:00"}"#;
        assert_eq!(over_hours(&mut late, &[kept("desk", body), kept("desk", body)]), Vec::new());
        assert!(standing(&late, "sato", None, at).is_at_work);
        assert_eq!(late.patterns.len(), 1);
        for (name, body, words) in [
            ("desk", r#"{"name":"","zone":"UTC","week":"25:00-26:00"}"#, "is no span of time"),
            ("desk", r#"{"name":"","zone":"Mars","week":"always"}"#, "no time zone is called"),
            ("desk", r#"{"name":"","zone":"UTC","week":"always","holidays":"bank"}"#, "no [[holidays]] \"bank\""),
            ("gone", r#"{"name":"","zone":"UTC","week":"always"}"#, "no [[group]] has this id"),
        ] {
            let mut same = roster();
            let unread = over_hours(&mut same, &[kept(name, body)]);
            assert!(unread[0].why.contains(words), "{body}: {unread:?}");
            assert_eq!(same, roster());
        }
    }
}
