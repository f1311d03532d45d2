//! The condition language as PagerDuty describes it, what is not understood, and the way of an event through sets of rules.

use super::{Event, Step, Verdict, judge, walk};
use Verdict::{CantSay, DoesNot, Matches};
use model::orchestration::{Path, Rule, RuleActions, RuleSet};
use proptest::prelude::*;

fn event() -> Event {
    Event::default()
        .with("event.summary", "[PROD] Disk space low on web01")
        .with("event.source", "web01.example.jp")
        .with("event.severity", "critical")
        .with("event.custom_details.host", "web01")
        .with("event.custom_details.from[0]", "zabbix@example.jp")
        .with("event.custom_details['system diagnosis']", "This has a newline\nin it")
        .with("event.custom_details.title", "障害：ディスク使用率９５％")
        .without("event.component")
}

fn said(condition: &str) -> Verdict {
    judge(condition, &event())
}

#[test]
fn simple_conditions_are_judged() {
    for (condition, expected) in [
        ("event.summary matches part 'prod'", Matches),
        ("event.summary matches part exactly 'prod'", DoesNot),
        ("event.summary matches part exactly '[PROD]'", Matches),
        ("event.summary matches part 'network'", DoesNot),
        ("event.severity matches 'CRITICAL'", Matches),
        ("event.severity matches exactly 'CRITICAL'", DoesNot),
        ("event.severity matches 'critical '", DoesNot),
        ("event.severity == 'critical'", Matches),
        ("event.severity == 'Critical'", DoesNot),
        ("event.source matches regex 'WEB[0-9]+\\.'", Matches),
        ("event.source matches regex exactly 'WEB[0-9]+'", DoesNot),
        ("event.source matches regex exactly '(?i)WEB[0-9]+'", Matches),
        ("event.custom_details['host'] matches 'web01'", Matches),
        ("event.custom_details.from[0] matches part 'ZABBIX@'", Matches),
        ("event.custom_details['system diagnosis'] matches regex '.in it'", Matches),
        ("event.custom_details['system diagnosis'] matches regex '^in it'", Matches),
        ("event.custom_details['system diagnosis'] matches regex '(?-s).in it'", DoesNot),
        ("event.custom_details.title matches part '障害'", Matches),
        ("event.custom_details.title matches regex 'ディスク.*率'", Matches),
        ("event.component exists", DoesNot),
        ("event.summary exists", Matches),
        ("event.component matches 'x'", DoesNot),
        ("event.component == 'x'", DoesNot),
        ("event.summary matches event.summary", Matches),
        ("'it\\'s' matches part '\\''", Matches),
        ("true", Matches),
        ("not true or false", DoesNot),
    ] {
        assert_eq!(said(condition), expected, "{condition}");
    }
}

#[test]
fn not_binds_before_and_and_before_or() {
    let (yes, no) = ("event.severity matches 'critical'", "event.severity matches 'info'");
    for (condition, expected) in [
        (format!("{no} and {no} or {yes}"), Matches),
        (format!("{no} and ({no} or {yes})"), DoesNot),
        (format!("not {yes} or {yes}"), Matches),
        (format!("not ({yes} or {yes})"), DoesNot),
        (format!("not not {yes}"), Matches),
        (format!("not {no} and not {no}"), Matches),
        (format!("((({yes})))"), Matches),
    ] {
        assert_eq!(said(&condition), expected, "{condition}");
    }
}

#[test]
fn what_is_not_known_or_understood_is_judged_around() {
    let schedule = "now in Mon,Tue,Wed,Thu,Fri 09:00:00 to 17:00:00 America/Los_Angeles";
    let (yes, no) = ("event.severity matches 'critical'", "event.severity matches 'info'");
    for (condition, expected) in [
        (schedule.to_owned(), CantSay),
        (format!("not ({schedule})"), CantSay),
        (format!("{no} and not ({schedule})"), DoesNot),
        (format!("{yes} and not ({schedule})"), CantSay),
        (format!("{schedule} or {yes}"), Matches),
        (format!("{schedule} or {no}"), CantSay),
        (format!("({yes}) == true or {yes}"), Matches),
        (format!("trigger_count over 10 seconds > 5 and {no}"), DoesNot),
        (format!("f({yes} and {no}) or {yes}"), Matches),
        ("event.class matches 'x'".to_owned(), CantSay),
        ("event.class exists".to_owned(), CantSay),
        ("event.class matches event.component".to_owned(), DoesNot),
        ("raw_event.links[0].href exists".to_owned(), CantSay),
        ("variables.host matches 'web01'".to_owned(), CantSay),
        ("event.summary does not match part 'prod'".to_owned(), CantSay),
        ("event.summary matches regex event.source".to_owned(), CantSay),
        ("event.summary matches regex '('".to_owned(), CantSay),
        ("event.custom_details.title matches regex '\\d\\d％'".to_owned(), CantSay),
        ("event.summary matches part 'prod' AND event.severity matches 'info'".to_owned(), CantSay),
        ("event.load > 5".to_owned(), CantSay),
        ("event.severity == 5".to_owned(), CantSay),
    ] {
        assert_eq!(said(&condition), expected, "{condition}");
    }
}

#[test]
fn what_is_garbled_is_no_answer() {
    let yes = "event.severity matches 'critical'";
    for condition in [
        "",
        " ",
        "(",
        ")",
        "()",
        "not",
        "and",
        "'",
        "event",
        "event.",
        "event.summary",
        "event.summary matches",
        "障害",
        "event.summary matches 'x",
        "event.summary matches part",
        "event[",
        "event['x'",
        "event..x exists",
        "event.summary matches part regex 'x'",
    ] {
        assert_eq!(said(condition), CantSay, "{condition:?}");
    }
    for condition in [
        format!("{yes})"),
        format!("({yes}"),
        format!("{yes} and"),
        format!("{yes} or or {yes}"),
        format!("{yes} {yes}"),
        format!("{}{yes}{}", "(".repeat(65), ")".repeat(65)),
        format!("{yes} or {}", "x ".repeat(5_001)),
        "(".repeat(100_000),
    ] {
        assert_eq!(said(&condition), CantSay, "{:.80}", condition);
    }
    assert_eq!(said(&format!("{}{yes}{}", "(".repeat(64), ")".repeat(64))), Matches);
    assert_eq!(said(&format!("{}{yes}", "not ".repeat(4_000))), Matches);
}

fn condition() -> impl Strategy<Value = String> {
    let field =
        prop::sample::select(vec!["summary", "source", "severity", "component", "class", "custom_details.host"]);
    let how = prop::sample::select(vec![
        "matches",
        "matches part",
        "matches regex",
        "==",
        "matches exactly",
        "in",
        "matches twice",
    ]);
    let text = prop::sample::select(vec!["critical", "web01", "", "x", "[PROD]"]);
    let leaf = (field, how, text).prop_map(|(field, how, text)| format!("event.{field} {how} '{text}'"));
    leaf.prop_recursive(5, 40, 2, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a}) and ({b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a}) or ({b})")),
            inner.prop_map(|a| format!("not ({a})")),
        ]
    })
}

proptest! {
    #[test]
    fn nothing_panics(condition in any::<String>(), value in any::<String>()) {
        judge(&condition, &Event::default().with("event.summary", value));
    }

    #[test]
    fn no_heap_of_its_own_words_panics(words in prop::collection::vec(prop::sample::select(vec![
        "event", ".", "summary", "[", "]", "0", "'", "'x'", "\\", "matches", "part", "regex", "exactly", "exists", "=", "==", "and",
        "or", "not", "(", ")", "now", "in", "true", "障", ",", ">", "5",
    ]), 0..60)) {
        judge(&words.join(" "), &event());
        judge(&words.concat(), &event());
    }

    #[test]
    fn any_text_may_stand_in_quotes(text in any::<String>()) {
        let quoted = text.replace('\\', "\\\\").replace('\'', "\\'");
        let event = Event::default().with("event.summary", text);
        prop_assert_eq!(judge(&format!("event.summary == '{quoted}'"), &event), Matches);
        prop_assert_eq!(judge(&format!("event.summary matches part '{quoted}'"), &event), Matches);
    }

    #[test]
    fn logic_holds_around_whatever_stands_inside(a in condition(), b in condition()) {
        let (x, y) = (said(&a), said(&b));
        prop_assert_eq!(said(&format!("({a})")), x);
        prop_assert_eq!(said(&format!("not ({a})")), x.not());
        prop_assert_eq!(said(&format!("({a}) and ({b})")), x.and(y));
        prop_assert_eq!(said(&format!("({b}) or ({a})")), x.or(y));
    }

    /// Knowing more never turns a yes into a no.
    #[test]
    fn what_was_said_stands_when_more_is_known(a in condition(), class in "[a-z]{0,3}") {
        let before = said(&a);
        let after = judge(&a, &event().with("event.class", class));
        prop_assert!(before == CantSay || before == after, "{a}: {before:?} {after:?}");
    }
}

fn rule(id: &str, condition: &str, actions: RuleActions) -> Rule {
    let conditions = if condition.is_empty() { Vec::new() } else { vec![condition.to_owned()] };
    Rule { id: id.into(), label: id.into(), is_disabled: false, conditions, actions }
}

fn drops() -> RuleActions {
    RuleActions { drops: true, ..RuleActions::default() }
}

fn to(set: &str) -> RuleActions {
    RuleActions { route_to: Some(set.into()), ..RuleActions::default() }
}

fn path(sets: Vec<(&str, Vec<Rule>)>) -> Path {
    let sets = sets.into_iter().map(|(id, rules)| RuleSet { id: id.into(), rules }).collect();
    let catch_all = RuleActions { suppresses: true, ..RuleActions::default() };
    Path { sets, catch_all, updated_at: None, updated_by: None }
}

/// Which rules, and whether surely; `*` is the catch-all.
fn shown(path: &Path) -> String {
    let one = |step: &Step<'_>| {
        let rule = step.rule.map_or("*", |rule| rule.id.as_str());
        format!("{}:{rule}{}", step.set, if step.is_sure { "" } else { "?" })
    };
    walk(path, &event()).iter().map(one).collect::<Vec<_>>().join(" ")
}

const YES: &str = "event.severity matches 'critical'";
const NO: &str = "event.severity matches 'info'";
const PERHAPS: &str = "event.class matches 'x'";

#[test]
fn the_first_rule_that_meets_is_the_last_that_is_asked() {
    let one = path(vec![("start", vec![rule("a", NO, drops()), rule("b", YES, drops()), rule("c", "", drops())])]);
    assert_eq!(shown(&one), "start:b");
    let none = path(vec![("start", vec![rule("a", NO, drops())])]);
    assert_eq!(shown(&none), "start:*");
    assert_eq!(shown(&path(vec![])), "");
    let any_of = Rule { conditions: vec![NO.into(), YES.into()], ..rule("a", "", drops()) };
    assert_eq!(shown(&path(vec![("start", vec![any_of])])), "start:a");
}

#[test]
fn after_a_rule_that_can_not_be_judged_nothing_is_sure() {
    let one = path(vec![("start", vec![rule("a", PERHAPS, drops()), rule("b", YES, drops())])]);
    assert_eq!(shown(&one), "start:a? start:b?");
    let two = path(vec![("start", vec![rule("a", PERHAPS, to("two"))]), ("two", vec![rule("b", "", drops())])]);
    assert_eq!(shown(&two), "start:a? two:b? start:*?");
}

#[test]
fn disabled_rules_do_nothing_and_routing_by_a_field_is_unclear() {
    let off = Rule { is_disabled: true, ..rule("a", "", drops()) };
    let by_field = rule("b", "", RuleActions { routes_by_field: true, ..RuleActions::default() });
    assert_eq!(shown(&path(vec![("start", vec![off, by_field, rule("c", NO, drops())])])), "start:b? start:*?");
}

#[test]
fn sets_are_followed_and_never_for_ever() {
    let there = path(vec![
        ("start", vec![rule("a", "", to("two"))]),
        ("two", vec![rule("b", NO, drops()), rule("c", YES, drops())]),
    ]);
    assert_eq!(shown(&there), "start:a two:c");
    let circle =
        path(vec![("start", vec![rule("a", PERHAPS, to("two"))]), ("two", vec![rule("b", PERHAPS, to("start"))])]);
    assert_eq!(shown(&circle), "start:a? two:b? two:*? start:*?");
    let router = path(vec![("start", vec![rule("a", YES, to("PSVC001"))])]);
    assert_eq!(shown(&router), "start:a");
    let sets: Vec<String> = (0..40).map(|n| if n == 0 { "start".into() } else { format!("s{n}") }).collect();
    let every = || (0..40).map(|n| rule("r", PERHAPS, to(&sets[n]))).collect::<Vec<_>>();
    let bush = path(sets.iter().map(|id| (id.as_str(), every())).collect());
    assert_eq!(walk(&bush, &event()).len(), 1_000, "a path that branches everywhere is cut");
}

#[test]
fn what_a_rule_has_rewritten_is_not_known_any_more() {
    let rewrites = |fields: &[&str], severity: Option<&str>| RuleActions {
        rewrites: fields.iter().map(|field| (*field).to_owned()).collect(),
        severity: severity.map(str::to_owned),
        ..to("two")
    };
    let part = "event.summary matches part 'prod'";
    for (actions, condition, expected) in [
        (rewrites(&["event.summary"], None), part, "start:a two:b? two:*?"),
        (rewrites(&[], Some("info")), YES, "start:a two:b? two:*?"),
        (rewrites(&["event.source"], None), part, "start:a two:b"),
    ] {
        let path = path(vec![("start", vec![rule("a", "", actions)]), ("two", vec![rule("b", condition, drops())])]);
        assert_eq!(shown(&path), expected);
    }
}
