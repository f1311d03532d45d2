//! People at work and away, one person's days with everything that may be entered, rules of tickets with a look at last week.

use super::{before, hostile, named};
use duties::Mode;
use duties::hours_days::Day;
use duties::page_rules::Unread;
use duties::tickets::{End, EndWhy, Found, Hit, Kind, Outcome, Reason, Rule, Waits, When};
use model::hours::{LeaveSource, LeaveSpan, Standing, Why, Zone};
use model::mail::Severity;
use web::people::{Draft, RuleDraft, RuleWrong, Wrong};
use web::view::{
    Call, Done, EntryRow, GroupHoursView, HourDay, HoursRow, HoursView, KeptDone, PageRule, PatternDraft,
    PersonHoursView, Preview, RuleView, RulesView, SaidOfHours, Usual, VersionRow,
};

fn tokyo() -> Zone {
    Zone::parse("Asia/Tokyo").expect("a zone")
}

fn standing(is_at_work: bool, why: Why) -> Standing {
    Standing { is_at_work, why, hours_of: None, since: Some(before(3_600)), until: Some(before(-7_200)) }
}

fn row(id: &str, name: &str, standing: Standing) -> HoursRow {
    let with = vec!["運用窓口".to_owned(), "Night desk".to_owned()];
    HoursRow { id: id.into(), name: name.into(), is_own: id == "sato", with, standing }
}

fn in_hours() -> Why {
    Why::InHours {
        pattern: "night".into(),
        span: "sat,sun 20:00-08:00".into(),
        day: "2026-11-21".parse().expect("a date"),
    }
}

fn on_leave() -> Why {
    Why::Leave {
        note: String::new(),
        source: LeaveSource::Page("佐藤 花子".into()),
        from: before(86_400),
        until: before(-86_400),
    }
}

pub fn hours(is_full: bool) -> HoursView {
    if !is_full {
        return HoursView::default();
    }
    let [_, _, _, _, long, ..] = hostile();
    HoursView {
        persons: vec![
            row("sato", "佐藤 花子", standing(true, in_hours())),
            row("abe", "Abe Jiro", standing(false, on_leave())),
            row("ito", &long, standing(false, Why::NoHoursThatDay { pattern: "day".into(), next: None })),
            row("ueda", "上田 四郎", Standing { until: None, ..standing(false, Why::NoPattern) }),
        ],
        groups: vec![row("desk", "運用窓口", standing(true, in_hours()))],
        customer: Some("みなと病院".into()),
        is_configured: true,
        own: Some("sato".into()),
        edits_groups: true,
    }
}

fn days() -> Vec<HourDay> {
    let first: jiff::civil::Date = "2026-11-22".parse().expect("a date");
    let day = |n: i32, worked: Vec<(i64, i64)>, whys: Vec<Why>| {
        let date = first.checked_add(jiff::Span::new().days(n)).expect("a date");
        let at = |hour: i64| model::Micros::from_seconds(tokyo().midnight(date) + hour * 3_600);
        let worked = worked.into_iter().map(|(from, until)| (at(from), at(until))).collect();
        HourDay { day: Day { date, worked, whys }, is_today: n == 0 }
    };
    let holiday = Why::Holiday {
        name: "勤労感謝の日".into(),
        source: model::hours::HolidaySource::Computed,
        day: "2026-11-23".parse().expect("a date"),
    };
    vec![
        day(0, vec![(0, 8), (20, 24)], vec![in_hours()]),
        day(1, Vec::new(), vec![holiday]),
        day(2, vec![(9, 12), (13, 18)], vec![in_hours()]),
        day(3, Vec::new(), vec![on_leave()]),
    ]
}

fn usual(is_of_page: bool) -> Usual {
    Usual {
        name: "night".into(),
        week: "mon-thu 22:00-07:00; sat,sun 20:00-08:00".into(),
        breaks: vec!["mon-fri 12:00-13:00 昼休み".into()],
        holidays: "japan".into(),
        closed: vec!["12-29..01-03 年末年始".into()],
        zone: "Asia/Tokyo".into(),
        layer: "group",
        layer_name: "運用窓口".into(),
        is_of_page,
    }
}

fn entries() -> Vec<EntryRow> {
    let date = |text: &str| text.parse().expect("a date");
    let leave = LeaveSpan::Days { from: date("2026-12-01"), until: date("2026-12-04"), zone: tokyo() };
    let span = LeaveSpan::Time { from: before(7_200), until: before(-3_600) };
    let page = || LeaveSource::Page("佐藤 花子".into());
    let entry = |id: Option<&str>, what: SaidOfHours, note: &str| EntryRow {
        id: id.map(str::to_owned),
        what,
        note: note.into(),
        by: id.map(|_| ("佐藤 花子".to_owned(), before(86_400))),
        is_over: false,
        has_begun: false,
    };
    vec![
        EntryRow { has_begun: true, ..entry(Some("e1"), SaidOfHours::Leave(span.clone(), page()), "通院") },
        entry(Some("e2"), SaidOfHours::Day(date("2026-12-05"), "13:00-22:00".into()), &"移行作業 ".repeat(40)),
        entry(Some("e3"), SaidOfHours::Unread("{\"who\":1}".into()), ""),
        entry(None, SaidOfHours::Leave(leave.clone(), LeaveSource::Calendar("leave".into())), ""),
        entry(None, SaidOfHours::Leave(leave, LeaveSource::File), "夏季休暇"),
        EntryRow { is_over: true, ..entry(Some("e4"), SaidOfHours::Leave(span, page()), "") },
    ]
}

pub fn person_hours(edits: bool, wrong: Option<Wrong>) -> PersonHoursView {
    let date = |text: &str| text.parse().expect("a date");
    let done = Done { what: "said".into(), said: "e1".into(), withdrawn: String::new() };
    PersonHoursView {
        row: row("sato", "佐藤 花子", standing(true, in_hours())),
        edits,
        days: days(),
        zone: tokyo(),
        first: date("2026-11-22"),
        earlier: Some(date("2026-11-15")),
        later: Some(date("2026-11-29")),
        usual: edits.then(|| usual(false)),
        entries: if edits { entries() } else { Vec::new() },
        draft: Draft { nonce: "0123456789".into(), ..Draft::default() },
        done: (edits && wrong.is_none()).then_some(done),
        wrong,
        today: date("2026-11-22"),
    }
}

/// With one of its entries in the form.
pub fn person_hours_changing() -> PersonHoursView {
    let draft = Draft {
        kind: "leave".into(),
        replaces: "e1".into(),
        from: "2026-12-01".into(),
        until: "2026-12-03".into(),
        ..Draft::default()
    };
    PersonHoursView { draft, done: None, ..person_hours(true, None) }
}

pub fn every_wrong() -> Vec<Wrong> {
    let text = || "<b>x</b>".to_owned();
    vec![
        Wrong::NoDate { text: String::new() },
        Wrong::NoDate { text: text() },
        Wrong::NoTime { text: text() },
        Wrong::OneTime,
        Wrong::Order,
        Wrong::Past,
        Wrong::TooFar,
        Wrong::TooLong,
        Wrong::NoHours { text: text() },
        Wrong::Note { most: 200 },
        Wrong::Overlaps { with: "2026-12-01 – 2026-12-03".into() },
        Wrong::SameDay { with: "2026-12-05 off".into() },
        Wrong::TooMany { most: 200 },
        Wrong::Stale,
        Wrong::Over,
        Wrong::Kind,
    ]
}

fn whole_rule() -> Rule {
    let list = |text: &str| vec![text.to_owned()];
    Rule {
        name: "夜間の至急の依頼".into(),
        when: When::OffHours,
        spaces: list("hoshino"),
        projects: list("OPS"),
        kinds: list("障害"),
        categories: list("本番"),
        priorities: list("高"),
        keywords: vec!["至急".into(), "<b>urgent</b>".into()],
        customers: list("minato"),
        by: list("@example.com"),
        happenings: vec![Kind::Created, Kind::Commented],
        while_off: Some("desk".into()),
        done: Some(false),
        waits: Some(Waits { minutes: 120, of: duties::tickets::HoursOf::Group("desk".into()) }),
        ignore: false,
        outcome: Outcome {
            mode: Some(Mode::Page),
            severity: Some(Severity::Critical),
            channel: Some("#alerts".into()),
            tells_customer: true,
        },
    }
}

fn page_rule(name: &str, rule: Result<Rule, Unread>, is_off: bool) -> PageRule {
    PageRule {
        name: name.into(),
        version: 3,
        position: 1,
        is_off,
        said_by: "佐藤 花子".into(),
        said_at: before(7_200),
        rule,
        is_yours: name != "ほかのお客様",
    }
}

fn unread() -> Unread {
    Unread { name: "壊れたルール".into(), version: 2, why: "unknown field `keyword` at line 1 column 12".into() }
}

pub fn rules(is_full: bool) -> RulesView {
    if !is_full {
        return RulesView { nonce: "0123456789".into(), ..RulesView::default() };
    }
    let file = |name: &str, ignore: bool| Rule { name: name.into(), ignore, ..Rule::default() };
    RulesView {
        page: vec![
            page_rule("夜間の至急の依頼", Ok(whole_rule()), false),
            page_rule("使っていないルール", Ok(Rule::default()), true),
            page_rule("壊れたルール", Err(unread()), false),
            page_rule("ほかのお客様", Ok(Rule::default()), false),
        ],
        file: vec![file("迷惑メールは対象外", true), file("担当者がいない", false)],
        has_spaces: true,
        done: Some(KeptDone { what: "saved".into(), name: "夜間の至急の依頼".into(), version: 3 }),
        wrong: Some(RuleWrong::Stale),
        nonce: "0123456789".into(),
    }
}

fn call(key: &str, rule: &str) -> Call {
    let hit = Hit {
        key: format!("{rule}#1"),
        rule: rule.into(),
        generation: 1,
        reason: Reason::Unassigned,
        happening: 0,
        at: before(90_000),
        by: "田中".into(),
        kinds: vec![Kind::Created],
        found_at: before(90_000),
        mode: Mode::Page,
        severity: Severity::Error,
        channel: None,
        tells_customer: false,
        last: 0,
        was_done: false,
        project: "OPS".into(),
    };
    let end = End { why: EndWhy::Answered, by: Some("佐藤".into()), at: before(80_000), happening: Some(1) };
    let found = Found {
        ticket: format!("hoshino/{key}"),
        key: key.into(),
        title: "夜間バッチが止まっています <script>".into(),
        hit,
        end: Some(end),
    };
    Call { found, url: format!("https://hoshino.backlog.jp/view/{key}") }
}

pub fn preview() -> Preview {
    Preview {
        from: Some(before(7 * 86_400)),
        tickets: 14,
        is_cut: true,
        calls: vec![call("OPS-12", "夜間の至急の依頼"), call("OPS-14", "夜間の至急の依頼")],
        silent: vec![call("OPS-9", "担当者がいない")],
        otherwise: vec![(call("OPS-7", "担当者がいない"), call("OPS-7", "夜間の至急の依頼"))],
        same: 3,
        observes: true,
    }
}

fn versions() -> Vec<VersionRow> {
    let version = |version: i64, is_off: bool, is_deleted: bool| VersionRow {
        version,
        is_off,
        is_deleted,
        is_last: version == 4,
        said_by: "佐藤 花子".into(),
        said_at: before(86_400 * (5 - version)),
        says: Ok("mon-fri 09:00-18:00; - 12:00-13:00".into()),
    };
    let unread =
        VersionRow { says: Err("unknown field `hours` at line 1 column 8".into()), ..version(0, false, false) };
    vec![unread, version(4, false, false), version(3, true, false), version(2, false, true), version(1, false, false)]
}

pub fn rule(wrong: Option<RuleWrong>, with_preview: bool) -> RuleView {
    let is_new = wrong.is_some();
    let draft = RuleDraft {
        name: "夜間の至急の依頼".into(),
        version: 4,
        position: "1".into(),
        when: "off_hours".into(),
        keywords: "至急\n緊急".into(),
        happenings: vec!["created".into()],
        waits_of: "group:desk".into(),
        ..RuleDraft::default()
    };
    RuleView {
        draft,
        unread: (!is_new && !with_preview).then(unread),
        is_new,
        wrong,
        groups: vec![named("desk", "運用窓口")],
        persons: vec![named("sato", "佐藤 花子")],
        spaces: vec!["hoshino".into(), "minato".into()],
        customers: vec![named("aoba", "青葉商事"), named("minato", "みなと病院")],
        whens: ["unassigned", "group_account", "off_hours", "assignee_unknown", "any"].map(str::to_owned).into(),
        preview: with_preview.then(preview),
        versions: if is_new { Vec::new() } else { versions() },
        nonce: "0123456789".into(),
    }
}

pub fn every_rule_wrong() -> Vec<RuleWrong> {
    vec![
        RuleWrong::NoName,
        RuleWrong::LongName { most: 80 },
        RuleWrong::InFile,
        RuleWrong::Taken,
        RuleWrong::Position { least: 1, most: 999 },
        RuleWrong::Long { field: "keywords", most: 2_000 },
        RuleWrong::Unknown { what: "group", name: "night".into() },
        RuleWrong::Minutes { most: 100_000 },
        RuleWrong::WaitsAndIgnores,
        RuleWrong::NeedsCustomer,
        RuleWrong::NotYours { customer: "aoba".into() },
        RuleWrong::Stale,
        RuleWrong::NoWeek,
        RuleWrong::Unread { why: "\"25:00-26:00\" is no span of time".into() },
    ]
}

pub fn group_hours(with_preview: bool) -> GroupHoursView {
    GroupHoursView {
        id: "desk".into(),
        name: "運用窓口".into(),
        members: vec!["佐藤 花子".into(), "Abe Jiro".into()],
        usual: Some(usual(true)),
        draft: PatternDraft {
            version: 4,
            zone: "Asia/Tokyo".into(),
            week: "mon-fri 09:00-18:00".into(),
            breaks: "mon-fri 12:00-13:00 昼休み".into(),
            holidays: "company".into(),
            closed: "12-29..01-03 年末年始".into(),
        },
        lists: vec!["none".into(), "japan".into(), "company".into()],
        wrong: None,
        unread: (!with_preview).then(unread),
        preview: with_preview.then(Preview::default),
        days: days(),
        zone: tokyo(),
        versions: versions(),
        done: (!with_preview).then(|| KeptDone { what: "saved".into(), name: "desk".into(), version: 4 }),
        nonce: "0123456789".into(),
    }
}
