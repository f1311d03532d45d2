//! The words, and the preview of rules on known histories.

use super::*;

fn hit_of(assignee: &str, story: &[Happening]) -> (Ticket, Hit) {
    let mut world = world();
    let reading = read(assignee, story);
    let steps = world.steps(Sighting::Read(&reading), reading.ticket.updated_at.plus_s(60));
    let Some(Step::Hit(hit)) = steps.first() else { panic!("a hit") };
    (reading.ticket, hit.clone())
}

fn in_language(language: Language) -> Settings {
    let mut settings = settings();
    settings.locale.language = language;
    settings
}

#[test]
fn a_post_says_what_is_so_since_when_by_which_rule_and_what_to_do() {
    let story = [creates("05-01 00:00", CUSTOMER), says("05-08 21:00", CUSTOMER)];
    let (ticket, hit) = hit_of(SATO, &story);
    assert_eq!(
        words::hit(&in_language(Language::En), &ticket, &hit).plain(),
        "Ticket whose assignee is away: OPS-12 web01 ディスク逼迫\n\
         山田, Fri 8 May, 21:00 +09: wrote a comment.\n\
         Sato Hanako, who has it, has gone home and is back Mon 11 May, 09:00 +09.\n\
         Rule: off hours\n\
         Whoever is on call is paged. Open the ticket and answer it, or give it to somebody.\n\
         Open the ticket: https://example.backlog.jp/view/OPS-12"
    );
    assert_eq!(
        words::hit(&in_language(Language::Ja), &ticket, &hit).plain(),
        "担当者が不在の課題: OPS-12 web01 ディスク逼迫\n\
         山田 が 5月8日(金) 21:00 +09 に行ったこと: コメント。\n\
         担当の Sato Hanako は勤務時間外です (次の勤務は 5月11日(月) 09:00 +09 から)。\n\
         ルール: off hours\n\
         PagerDuty でオンコール担当を呼び出します。課題を開き、返信するか担当者を決めてください。\n\
         課題を開く: https://example.backlog.jp/view/OPS-12"
    );
}

#[test]
fn every_message_names_the_rule_and_none_tells_why_somebody_is_on_leave() {
    let story = [creates("05-01 00:00", CUSTOMER), says("05-14 10:00", CUSTOMER)];
    let (ticket, hit) = hit_of(SATO, &story);
    let end = End { why: EndWhy::Answered, by: Some("Suzuki Jiro".into()), at: at("05-14 10:30"), happening: Some(2) };
    let again = Again {
        hit: hit.key.clone(),
        rule: hit.rule.clone(),
        reason: hit.reason.clone(),
        happening: 3,
        at: hit.at,
        by: hit.by.clone(),
    };
    for language in [Language::Ja, Language::En] {
        let settings = in_language(language);
        let page = words::page(&settings, &ticket, &hit, None);
        for text in [
            words::hit(&settings, &ticket, &hit).plain(),
            words::ended(&settings, &ticket, &hit, &end).plain(),
            words::again(&settings, &again),
            words::would_have(&settings, &ticket, &hit, &Instead::Baseline),
            words::would_have(&settings, &ticket, &hit, &Instead::Over(end.clone())),
            format!("{} {}", page.summary, page.details),
        ] {
            assert!(text.contains("off hours"), "{text}");
            assert!(!text.contains("通院"), "{text}");
        }
    }
}

#[test]
fn only_what_somebody_has_is_looked_after() {
    let (ticket, hit) = hit_of(SATO, &[creates("05-08 21:00", CUSTOMER)]);
    let status = || "Closed".to_owned();
    for (why, is_had) in [
        (EndWhy::Assigned { to: "Suzuki Jiro".into() }, true),
        (EndWhy::Answered, true),
        (EndWhy::Resolved, false),
        (EndWhy::Closed { status: status() }, false),
        (EndWhy::Done { status: status() }, false),
        (EndWhy::Moved { project: "OLD".into() }, false),
        (EndWhy::Deleted, false),
    ] {
        let end = End { why, by: None, at: at("05-08 21:30"), happening: None };
        for (language, had, gone) in [
            (Language::Ja, "対応されました", "呼び出しを終えました"),
            (Language::En, "is looked after", "no longer called for"),
        ] {
            let headline = words::ended(&in_language(language), &ticket, &hit, &end).headline;
            assert_eq!((headline.contains(had), headline.contains(gone)), (is_had, !is_had), "{headline}");
        }
    }
}

#[test]
fn the_customers_side_reads_nothing_of_how_we_work() {
    let (ticket, hit) = hit_of(SATO, &[creates("05-08 21:00", CUSTOMER)]);
    for language in [Language::Ja, Language::En] {
        let text = words::comment(&in_language(language), &ticket, &hit);
        assert!(text.contains(MARKER) && text.ends_with(']'), "{text}");
        for secret in ["Sato", SATO, "off hours", "Suzuki"] {
            assert!(!text.contains(secret), "{text}");
        }
    }
}

#[test]
fn a_long_title_is_cut_and_what_was_found_late_says_so() {
    let (mut ticket, mut hit) = hit_of(SATO, &[creates("05-08 21:00", CUSTOMER)]);
    ticket.title = "あ".repeat(5_000);
    ticket.body = "い".repeat(50_000);
    hit.found_at = at("05-11 08:00");
    let settings = in_language(Language::En);
    let page = words::page(&settings, &ticket, &hit, None);
    assert!(page.summary.chars().count() <= 1_000 && page.details.to_string().len() < 20_000);
    assert!(words::hit(&settings, &ticket, &hit).plain().contains("it was found Mon 11 May, 08:00"));
}

#[test]
fn keys_and_markers_are_of_one_ticket_and_hit() {
    let (_, hit) = hit_of(SATO, &[creates("05-08 21:00", CUSTOMER)]);
    let second = Hit { generation: 2, key: "off hours#2".into(), ..hit.clone() };
    let keys = [dedup_key("example/1", &hit), dedup_key("example/2", &hit), dedup_key("example/1", &second)];
    assert!(keys[0] != keys[1] && keys[0] != keys[2] && keys[0].len() < 100, "{keys:?}");
    assert_ne!(marker("example/1", &hit.key), marker("example/1", &second.key));
}

#[test]
fn a_preview_shows_what_other_rules_would_have_done_last_week() {
    let story = [
        creates("05-01 00:00", CUSTOMER),
        says("05-02 21:00", CUSTOMER),
        says("05-08 21:00", CUSTOMER),
        says("05-08 21:30", SUZUKI),
        says("05-08 22:00", CUSTOMER),
        sets("05-09 10:00", SATO, "未対応", "完了"),
        says("05-11 10:00", CUSTOMER),
    ];
    let reading = read(SATO, &story);
    let told = [Told { reading: &reading, customer: None }];
    let of = |settings: &Settings, from: &str| -> Vec<String> {
        let found = last_week(settings, &told, (at(from), at("05-15 00:00")), &roster());
        let line = |found: &Found| {
            let end = found.end.as_ref().map(|end| words::end_words(&settings.locale, end));
            format!("{} {} {}", found.hit.key, settings.locale.when(found.hit.found_at), end.unwrap_or_default())
        };
        found.iter().map(line).collect()
    };
    let mut settings = settings();
    assert_eq!(
        of(&settings, "05-07 00:00"),
        [
            "off hours#1 Fri 8 May, 21:00 +09 answered by Suzuki Jiro",
            "off hours#2 Fri 8 May, 22:00 +09 closed as 完了 by Sato Hanako"
        ]
    );
    let waits = Some(Waits { minutes: 60, of: HoursOf::Group("desk".into()) });
    settings.rules = vec![Rule { name: "waits".into(), waits, ..Rule::default() }];
    assert_eq!(of(&settings, "05-07 00:00"), ["waits#1 Mon 11 May, 11:00 +09 "], "closed before the desk came");
    settings.rules.clear();
    assert_eq!(of(&settings, "05-07 00:00"), Vec::<String>::new());
}

#[test]
fn what_nobody_can_read_any_more_sends_people_to_the_ticket() {
    let (ticket, _) = hit_of("", &[creates("05-08 21:00", CUSTOMER)]);
    for (language, wanted) in [
        (
            Language::En,
            "No longer called for, as what was known of it was lost: told before\nNobody knows whether it was looked after: look at the ticket itself.\n",
        ),
        (
            Language::Ja,
            "呼び出しを終えました (呼び出しの記録が失われました): told before\n対応されたかどうかは分かりません。課題そのものを確認してください。\n",
        ),
    ] {
        let told = words::lost(&in_language(language), &ticket, "told before").plain();
        assert!(told.starts_with(wanted) && told.contains(&ticket.url), "{told}");
    }
}

#[test]
fn the_group_whose_case_it_is_is_the_desk_or_the_one_whose_time_counts() {
    let (_, desk) = hit_of(DESK, &[creates("05-08 11:00", CUSTOMER)]);
    let mut settings = settings();
    assert_eq!(settings.group_of(&desk), Some("desk"));
    let waiting = |of: HoursOf| {
        let reason = Reason::Waits { since: desk.at, minutes: 30, of: "Desk".into() };
        let rule = Rule { name: "slow".into(), waits: Some(Waits { minutes: 30, of }), ..Rule::default() };
        (Hit { rule: "slow".into(), reason, ..desk.clone() }, rule)
    };
    for (of, wanted) in [
        (HoursOf::Group("night".into()), Some("night")),
        (HoursOf::Person("sato".into()), None),
        (HoursOf::Customer, None),
    ] {
        let (hit, rule) = waiting(of);
        assert_eq!(settings.group_of(&hit), None, "its rule is gone");
        settings.rules.push(rule);
        assert_eq!(settings.group_of(&hit), wanted);
        settings.rules.pop();
    }
    assert_eq!(settings.group_of(&Hit { reason: Reason::Unassigned, ..desk.clone() }), None);
}
