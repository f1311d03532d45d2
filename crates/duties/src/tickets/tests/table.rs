//! The rules as sentences.

use super::*;

type Case = (&'static str, &'static str, Vec<Happening>, &'static str);

fn check(cases: Vec<Case>) {
    for (sentence, assignee, story, wanted) in cases {
        assert_eq!(world().step_by_step(assignee, &story), wanted, "{sentence}");
    }
}

#[test]
fn the_customers_side_is_a_reason_by_who_has_the_ticket_and_when() {
    let said = |when: &str| vec![creates("05-01 00:00", CUSTOMER), says(when, CUSTOMER)];
    check(vec![
        ("at 21:00 on a ticket of Sato's, who goes home at 18:00", SATO, said("05-08 21:00"), "hit off hours#1"),
        ("at 10:00 on a ticket of Sato's, who is at work", SATO, said("05-08 10:00"), "nothing"),
        ("at 12:30, when Sato is at lunch", SATO, said("05-08 12:30"), "nothing"),
        ("at the very end of Sato's day", SATO, said("05-08 18:00"), "hit off hours#1"),
        ("on a Saturday", SATO, said("05-09 10:00"), "hit off hours#1"),
        ("on Children's Day", SATO, said("05-05 10:00"), "hit off hours#1"),
        ("while Sato is on leave", SATO, said("05-14 10:00"), "hit off hours#1"),
        ("at 21:00 on a ticket of Suzuki's, who works by night", SUZUKI, said("05-08 21:00"), "nothing"),
        ("at noon on a ticket of Suzuki's", SUZUKI, said("05-08 12:00"), "hit off hours#1"),
        ("at 21:00 on a ticket of Ito's, whose hours nobody has told", "伊藤", said("05-08 21:00"), "nothing"),
        ("on a ticket that nobody has", "", said("05-08 10:00"), "hit unassigned#1"),
        ("on a ticket of the desk's account", DESK, said("05-08 10:00"), "hit desk#1"),
        ("on a ticket of a colleague whom no [[person]] names", COLLEAGUE, said("05-08 10:00"), "hit stranger#1"),
        ("on a ticket of the customer's own", CUSTOMER, said("05-08 10:00"), "hit stranger#1"),
    ]);
}

#[test]
fn what_happened_decides_whether_rules_are_asked() {
    let begin = || creates("05-01 00:00", CUSTOMER);
    let other = |by: &str| {
        let change = Change::Other { field: "limitDate".into(), from: None, to: Some("2026-05-10".into()) };
        did("05-08 21:00", by, None, vec![change])
    };
    let marked =
        |by: &str| did("05-08 21:00", by, Some("担当窓口を呼び出しました。[arayashiki:ticket:0a]"), Vec::new());
    check(vec![
        ("a new ticket", "", vec![creates("05-08 10:00", CUSTOMER)], "hit unassigned#1"),
        ("a new ticket of ours", "", vec![creates("05-08 10:00", SATO)], "nothing"),
        ("a new ticket of a colleague's", "", vec![creates("05-08 10:00", COLLEAGUE)], "nothing"),
        ("our members' own words at night", SATO, vec![begin(), says("05-08 21:00", SUZUKI)], "nothing"),
        ("the desk's words", "", vec![begin(), says("05-08 21:00", DESK)], "nothing"),
        ("what our own tool wrote", "", vec![begin(), marked(BOT)], "nothing"),
        ("a customer who quotes what our tool wrote", "", vec![begin(), marked(CUSTOMER)], "hit unassigned#1"),
        ("a new due date", SATO, vec![begin(), other(CUSTOMER)], "nothing"),
        ("blanks for a comment", SATO, vec![begin(), did("05-08 21:00", CUSTOMER, Some(" \n"), Vec::new())], "nothing"),
        (
            "the customer's side gives it to Sato at night",
            SUZUKI,
            vec![begin(), assigns("05-08 21:00", CUSTOMER, SUZUKI, SATO)],
            "hit off hours#1",
        ),
        (
            "the customer's side takes the assignee away",
            SUZUKI,
            vec![begin(), assigns("05-08 21:00", CUSTOMER, SUZUKI, "")],
            "hit unassigned#1",
        ),
        (
            "the customer's side gives it to Suzuki at night",
            SATO,
            vec![begin(), assigns("05-08 21:00", CUSTOMER, SATO, SUZUKI)],
            "nothing",
        ),
        (
            "one of ours gives it to Sato at night",
            SUZUKI,
            vec![begin(), assigns("05-08 21:00", SUZUKI, SUZUKI, SATO)],
            "nothing",
        ),
        (
            "the customer's side opens it again at night",
            SATO,
            vec![begin(), sets("05-08 15:00", SATO, "未対応", "完了"), sets("05-08 21:00", CUSTOMER, "完了", "未対応")],
            "hit off hours#1",
        ),
        (
            "the customer's side closes it at night",
            SATO,
            vec![begin(), sets("05-08 21:00", CUSTOMER, "未対応", "完了")],
            "nothing",
        ),
        (
            "the customer's side closes it at night with thanks",
            SATO,
            vec![
                begin(),
                Happening {
                    text: Some("ありがとうございました".into()),
                    ..sets("05-08 21:00", CUSTOMER, "未対応", "完了")
                },
            ],
            "nothing",
        ),
        (
            "a word on a closed ticket is still a word",
            SATO,
            vec![begin(), sets("05-08 15:00", SATO, "未対応", "完了"), says("05-08 21:00", CUSTOMER)],
            "hit off hours#1",
        ),
    ]);
}

#[test]
fn a_hit_ends_with_what_the_history_shows() {
    let night =
        |then: Vec<Happening>| [vec![creates("05-01 00:00", CUSTOMER), says("05-08 21:00", CUSTOMER)], then].concat();
    check(vec![
        (
            "one of ours answers",
            SATO,
            night(vec![says("05-08 21:10", SUZUKI)]),
            "hit off hours#1; ended off hours#1: answered by Suzuki Jiro",
        ),
        (
            "the person comes back and answers",
            SATO,
            night(vec![says("05-11 09:10", SATO)]),
            "hit off hours#1; ended off hours#1: answered by Sato Hanako",
        ),
        (
            "somebody of ours without an entry answers",
            SATO,
            night(vec![says("05-08 21:10", COLLEAGUE)]),
            "hit off hours#1; ended off hours#1: answered by 大田",
        ),
        (
            "it is given to Suzuki",
            SATO,
            night(vec![assigns("05-08 21:10", SUZUKI, SATO, SUZUKI)]),
            "hit off hours#1; ended off hours#1: assigned to Suzuki Jiro by Suzuki Jiro",
        ),
        (
            "ours give it to Sato, who is at home: somebody has looked after it",
            "",
            night(vec![assigns("05-08 21:10", SUZUKI, "", SATO)]),
            "hit unassigned#1; ended unassigned#1: assigned to Sato Hanako by Suzuki Jiro",
        ),
        (
            "the customer's side gives it to Suzuki, who is at work",
            "",
            night(vec![assigns("05-08 21:10", CUSTOMER, "", SUZUKI)]),
            "hit unassigned#1; ended unassigned#1: assigned to Suzuki Jiro by 山田",
        ),
        (
            "the customer's side gives it to Sato, who is not",
            "",
            night(vec![assigns("05-08 21:10", CUSTOMER, "", SATO), assigns("05-08 21:20", SUZUKI, SATO, SUZUKI)]),
            "hit unassigned#1; again off hours; ended unassigned#1: assigned to Suzuki Jiro by Suzuki Jiro",
        ),
        ("the assignee is taken away", SATO, night(vec![assigns("05-08 21:10", SUZUKI, SATO, "")]), "hit off hours#1"),
        (
            "ours set it to in progress",
            SATO,
            night(vec![sets("05-08 21:10", SUZUKI, "未対応", "処理中")]),
            "hit off hours#1; ended off hours#1: set to 処理中 by Suzuki Jiro",
        ),
        (
            "the customer's side sets it to in progress",
            SATO,
            night(vec![sets("05-08 21:10", CUSTOMER, "未対応", "処理中")]),
            "hit off hours#1",
        ),
        (
            "the customer's side closes it",
            SATO,
            night(vec![sets("05-08 21:10", CUSTOMER, "未対応", "完了")]),
            "hit off hours#1; ended off hours#1: closed as 完了 by 山田",
        ),
        (
            "our tool's comment answers nobody",
            SATO,
            night(vec![did("05-08 21:01", BOT, Some("[arayashiki:ticket:0a]"), Vec::new())]),
            "hit off hours#1",
        ),
        (
            "a person who lends us the account answers by hand",
            SATO,
            night(vec![says("05-08 21:05", BOT)]),
            "hit off hours#1; ended off hours#1: answered by arayashiki-bot",
        ),
    ]);
}

#[test]
fn a_hit_is_one_until_it_ends_and_then_there_is_another_generation() {
    let begin = || creates("05-01 00:00", CUSTOMER);
    check(vec![
        (
            "more words are noted",
            SATO,
            vec![begin(), says("05-08 21:00", CUSTOMER), says("05-08 21:05", CUSTOMER)],
            "hit off hours#1; again off hours",
        ),
        (
            "another reason is noted",
            SATO,
            vec![begin(), says("05-08 21:00", CUSTOMER), assigns("05-08 21:05", CUSTOMER, SATO, "")],
            "hit off hours#1; again unassigned",
        ),
        (
            "words after an answer are a new case",
            SATO,
            vec![begin(), says("05-08 21:00", CUSTOMER), says("05-08 21:05", SUZUKI), says("05-08 21:10", CUSTOMER)],
            "hit off hours#1; ended off hours#1: answered by Suzuki Jiro; hit off hours#2",
        ),
    ]);
}

#[test]
fn several_new_happenings_in_one_reading_are_judged_in_their_order() {
    let begin = || creates("05-01 00:00", CUSTOMER);
    let cases: Vec<Case> = vec![
        (
            "two words are one hit",
            SATO,
            vec![begin(), says("05-08 21:00", CUSTOMER), says("05-08 21:05", CUSTOMER)],
            "hit off hours#1; again off hours",
        ),
        (
            "found late, and answered meanwhile",
            SATO,
            vec![begin(), says("05-08 21:00", CUSTOMER), says("05-08 21:05", SUZUKI)],
            "over off hours: answered by Suzuki Jiro",
        ),
        (
            "found late, answered, and asked again",
            SATO,
            vec![begin(), says("05-08 21:00", CUSTOMER), says("05-08 21:05", SUZUKI), says("05-08 21:10", CUSTOMER)],
            "over off hours: answered by Suzuki Jiro; hit off hours#2",
        ),
        (
            "each is judged by who had it then",
            SATO,
            vec![begin(), says("05-08 10:00", CUSTOMER), assigns("05-08 19:00", SATO, SATO, "")],
            "nothing",
        ),
    ];
    for (sentence, assignee, story, wanted) in cases {
        assert_eq!(world().soon(assignee, &story), wanted, "{sentence}");
    }
}

#[test]
fn a_rule_asks_for_what_it_names() {
    let tokens = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    let any = || Rule { name: "it".into(), ..Rule::default() };
    let story =
        [creates("05-01 00:00", CUSTOMER), did("05-08 21:00", CUSTOMER, Some("サーバーが至急ダウン"), Vec::new())];
    let cases: Vec<(&str, Rule, bool)> = vec![
        ("nothing", any(), true),
        ("the space", Rule { spaces: tokens(&["Example"]), ..any() }, true),
        ("another space", Rule { spaces: tokens(&["other"]), ..any() }, false),
        ("the project", Rule { projects: tokens(&["WEB", "ops"]), ..any() }, true),
        ("another project", Rule { projects: tokens(&["WEB"]), ..any() }, false),
        ("the issue type", Rule { kinds: tokens(&["障害"]), ..any() }, true),
        ("another issue type", Rule { kinds: tokens(&["要望"]), ..any() }, false),
        ("a category that it lacks", Rule { categories: tokens(&["網"]), ..any() }, false),
        ("the priority by name", Rule { priorities: tokens(&["高"]), ..any() }, true),
        ("the priority by number", Rule { priorities: tokens(&["2"]), ..any() }, true),
        ("another priority", Rule { priorities: tokens(&["中", "4"]), ..any() }, false),
        ("a word of the title in full width", Rule { keywords: tokens(&["ＷＥＢ０１"]), ..any() }, true),
        ("a word of the title in half width", Rule { keywords: tokens(&["ﾃﾞｨｽｸ"]), ..any() }, true),
        ("a word that was written just now", Rule { keywords: tokens(&["ダウン"]), ..any() }, true),
        ("a word that nobody wrote", Rule { keywords: tokens(&["停電"]), ..any() }, false),
        ("an empty word", Rule { keywords: tokens(&[" "]), ..any() }, false),
        ("the customer", Rule { customers: tokens(&["minato"]), ..any() }, true),
        ("another customer", Rule { customers: tokens(&["hoshino"]), ..any() }, false),
        ("who created it", Rule { by: tokens(&[CUSTOMER]), ..any() }, true),
        ("somebody else who created it", Rule { by: tokens(&["@example.com"]), ..any() }, false),
        ("comments", Rule { happenings: vec![Kind::Commented], ..any() }, true),
        ("creations alone", Rule { happenings: vec![Kind::Created], ..any() }, false),
        ("while the desk is away", Rule { while_off: Some("desk".into()), ..any() }, true),
        ("open tickets", Rule { done: Some(false), ..any() }, true),
        ("done tickets", Rule { done: Some(true), ..any() }, false),
        (
            "two things, one of which is not so",
            Rule { kinds: tokens(&["障害"]), priorities: tokens(&["低"]), ..any() },
            false,
        ),
    ];
    for (asks, rule, matches) in cases {
        let mut world = World { customer: Some("minato"), ..world() };
        world.settings.rules = vec![rule];
        let wanted = if matches { "hit it#1" } else { "nothing" };
        assert_eq!(world.soon(SATO, &story), wanted, "a rule that asks for {asks}");
    }
}

#[test]
fn while_the_desk_is_at_work_a_rule_for_its_absence_is_silent() {
    for (when, wanted) in [("05-08 10:00", "nothing"), ("05-08 18:30", "hit it#1"), ("05-05 10:00", "hit it#1")] {
        let mut world = world();
        world.settings.rules = vec![Rule { name: "it".into(), while_off: Some("desk".into()), ..Rule::default() }];
        assert_eq!(world.soon("", &[creates(when, CUSTOMER)]), wanted, "{when}");
    }
}

#[test]
fn the_first_rule_wins_and_may_be_one_that_ignores() {
    let rule = |name: &str, ignore| Rule { name: name.into(), ignore, ..Rule::default() };
    for (rules, wanted) in [
        (vec![rule("a", false), rule("b", false)], "hit a#1"),
        (vec![rule("a", true), rule("b", false)], "nothing"),
        (vec![rule("a", false), rule("b", true)], "hit a#1"),
        (vec![Rule { when: When::OffHours, ..rule("a", false) }, rule("b", false)], "hit b#1"),
    ] {
        let mut world = world();
        world.settings.rules = rules;
        assert_eq!(world.soon("", &[creates("05-08 10:00", CUSTOMER)]), wanted);
    }
}

#[test]
fn how_far_it_goes_and_how_bad_it_is_follow_from_rule_and_priority() {
    use model::mail::Severity::{Critical, Error, Info, Warning};
    let outcome = |mode, severity| Outcome { mode, severity, ..Outcome::default() };
    for (duty, outcome, priority, mode, severity) in [
        (Mode::Page, outcome(None, None), Some(2), Mode::Page, Critical),
        (Mode::Page, outcome(Some(Mode::Post), None), Some(3), Mode::Post, Error),
        (Mode::Observe, outcome(Some(Mode::Page), None), Some(4), Mode::Observe, Warning),
        (Mode::Page, outcome(None, Some(Info)), Some(2), Mode::Page, Info),
        (Mode::Page, outcome(None, None), None, Mode::Page, Error),
    ] {
        let mut world = world();
        world.settings.mode = duty;
        world.settings.rules = vec![Rule { name: "it".into(), outcome, ..Rule::default() }];
        let mut reading = read("", &[creates("05-08 10:00", CUSTOMER)]);
        reading.ticket.priority = priority.map(|id| Named { id, name: "x".into() });
        let steps = world.steps(Sighting::Read(&reading), at("05-08 10:01"));
        let Some(Step::Hit(hit)) = steps.first() else { panic!("a hit") };
        assert_eq!((hit.mode, hit.severity), (mode, severity));
    }
}

#[test]
fn the_customers_side_is_told_of_a_call_only_when_somebody_is_called() {
    for (mode, wanted) in
        [(Mode::Page, "hit it#1; comment it#1"), (Mode::Post, "hit it#1"), (Mode::Observe, "hit it#1")]
    {
        let mut world = world();
        world.settings.mode = mode;
        let outcome = Outcome { tells_customer: true, ..Outcome::default() };
        world.settings.rules = vec![Rule { name: "it".into(), outcome, ..Rule::default() }];
        assert_eq!(world.soon("", &[creates("05-08 10:00", CUSTOMER)]), wanted);
    }
}
